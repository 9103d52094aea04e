//! Storms: feedback that outlives its cause, against exact conditions.

use faascast::engine::{Replication, run};
use faascast::scenario::{Callee, Change, Dependency, Event, Jitter, Limit, Outgoing, Scenario, Shape};
use faascast::units::{SimTime, Span};
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;

use super::{call, dependency, waits};
use crate::support::{backoff, function, rate, scenario, secs};

fn event(at: f64, length: f64, change: Change) -> Event {
    Event { name: "event".into(), at: SimTime(secs(at).0), duration: secs(length), shape: Shape::Step, change }
}

/// Share of the requests that arrive in the last part of the horizon and end well.
fn late(r: &Replication, share: f64) -> f64 {
    let bins = &r.functions[0].bins;
    let from = (bins.len() as f64 * (1.0 - share)) as usize;
    let (ok, all) = bins[from..].iter().fold((0, 0), |(ok, all), b| (ok + b.ok, all + b.requests));
    ok as f64 / all as f64
}

/// A server with a line, first come first served, that does late work all the same, and callers that try once more at their
/// timeout. It stands still for a while. In the fluid limit it never comes back if it stood for longer than
/// t [1 + p (1 - p)^2 / (p^2 - (2 p - 1) (1 - p))], p the load.
fn recovers(load: f64, outage: f64) -> bool {
    const TIMEOUT: f64 = 10.0;
    const SERVICE: f64 = 0.02;
    let mut front = waits("front", 0.0);
    let mut outgoing = call(Callee::Dependency(0));
    outgoing.timeout = Some(secs(TIMEOUT));
    outgoing.retry.attempts = Limit::At(2);
    outgoing.retry.backoff.base = Span::ZERO;
    front.calls = vec![outgoing];
    let mut s = scenario(front, Arrivals::Constant(rate(load / SERVICE)), 800.0);
    s.dependencies = vec![Dependency { wait: Span::FOREVER, ..dependency(1, Distribution::Constant(SERVICE)) }];
    let stands = Change::Dependency { dependency: 0, outage: false, capacity: Some(0), error: None, slower: 1.0 };
    s.events = vec![event(20.0, outage * TIMEOUT, stands)];
    let ok = late(&run(&s, 1, 0), 0.1);
    assert!(!(0.2..=0.99).contains(&ok), "neither up nor down: {ok}");
    ok > 0.99
}

#[test]
fn a_line_with_retries_comes_back_below_the_threshold_and_never_above() {
    for p in [0.6, 0.7, 0.8_f64] {
        let exact = 1.0 + p * (1.0 - p) * (1.0 - p) / (p * p - (2.0 * p - 1.0) * (1.0 - p));
        assert!(recovers(p, 0.95 * exact), "load {p}: down after {}", 0.95 * exact);
        assert!(!recovers(p, 1.05 * exact), "load {p}: up after {}", 1.05 * exact);
    }
    // Below one half any outage passes.
    assert!(recovers(0.45, 6.0));
}

/// One instance that shares its processor, constant demand, a timeout of 80 times that which discards the work, three retries.
fn shared(load: f64, pulse: bool) -> Replication {
    const DEMAND: f64 = 0.1;
    let mut f = function("f", Distribution::Constant(0.0));
    f.work.cpu = Distribution::Constant(DEMAND);
    f.timeout = secs(80.0 * DEMAND);
    f.instance_concurrency = 100;
    f.max_instances = Limit::At(1);
    let mut s: Scenario = scenario(f, Arrivals::Poisson(rate(load / DEMAND)), 3_600.0);
    s.traffic[0].retry.attempts = Limit::At(4);
    s.traffic[0].retry.backoff = backoff(Jitter::Full);
    if pulse {
        s.events = vec![event(600.0, 60.0, Change::Traffic { source: 0, factor: 20.0 })];
    }
    run(&s, 1, 0)
}

/// Two stable states exactly if 1 / (1 + r) < load < 1 and slots x demand > timeout (fluid limit): with r = 3 at load 0.8 the
/// storm outlives its pulse, at load 0.2 it does not, and without a pulse there is none.
#[test]
fn a_shared_processor_with_retries_has_two_stable_states() {
    assert!(late(&shared(0.8, false), 0.5) > 0.999);
    assert!(late(&shared(0.8, true), 0.5) < 0.05);
    assert!(late(&shared(0.2, true), 0.5) > 0.999);
}

/// Just below 1 / (1 + r) it comes back; well above it does not. (Between, chance ends a storm sooner or later: the fluid limit
/// knows none.)
#[test]
fn the_edge_of_the_storm() {
    assert!(late(&shared(0.22, true), 0.3) > 0.99);
    assert!(late(&shared(0.5, true), 0.3) < 0.2);
}

/// An outage that every caller survives by waiting leaves nothing behind but late answers.
#[test]
fn patience_without_retries_brings_no_storm() {
    let mut front = waits("front", 0.0);
    front.calls = vec![Outgoing { ..call(Callee::Dependency(0)) }];
    let mut s = scenario(front, Arrivals::Constant(rate(80.0)), 600.0);
    s.dependencies = vec![Dependency { wait: Span::FOREVER, ..dependency(1, Distribution::Constant(0.01)) }];
    let stands = Change::Dependency { dependency: 0, outage: false, capacity: Some(0), error: None, slower: 1.0 };
    s.events = vec![event(20.0, 30.0, stands)];
    let r = run(&s, 1, 0);
    // 2,400 wait, and are worked off at 100 - 80 a second: within two minutes.
    assert_eq!(r.functions[0].ok, r.functions[0].requests);
    assert!((2_399..=2_402).contains(&r.dependencies[0].waiting_peak), "{}", r.dependencies[0].waiting_peak);
    assert_eq!(r.dependencies[0].bins[170..].iter().map(|b| b.busy_ns).max(), Some(800_000_000));
}
