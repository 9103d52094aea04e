//! Dependencies: what they serve, refuse and let wait.

use faascast::engine::{DependencyTally, Replication, run};
use faascast::scenario::{CallRate, Callee, Change, Dependency, Event, Limit, Scenario, Shape};
use faascast::units::{SimTime, Span};
use faascast::workload::distribution::Distribution;

use super::{call, dependency, system, waits};
use crate::support::{probability, replicate, secs};
use crate::theory::reference::{erlang_b, exponential};
use crate::theory::{agrees, run_in};

fn calling(per_second: f64, horizon: f64, dependency: Dependency) -> Scenario {
    let mut front = waits("front", 0.0);
    front.calls = vec![call(Callee::Dependency(0))];
    system(front, vec![], vec![dependency], per_second, horizon)
}

fn pairs(r: &[Replication], pair: impl Fn(&DependencyTally) -> (f64, f64)) -> Vec<(f64, f64)> {
    r.iter().map(|r| pair(&r.dependencies[0])).collect()
}

/// A pool of connections that refuses when full is a loss system: Erlang B, whatever the latency's law.
#[test]
fn a_full_pool_refuses_by_erlang_b() {
    for latency in [exponential(0.5), Distribution::Constant(0.5)] {
        let mut s = calling(10.0, 2_000.0, dependency(6, latency));
        run_in(&mut s, 20.0);
        let r = replicate(&s, 20);
        let exact = erlang_b(6, 5.0);
        agrees("refused", &pairs(&r, |d| (d.refused[0] as f64, d.attempts as f64)), exact, 0.05);
        agrees("served at once", &pairs(&r, |d| (d.busy_ns as f64 / 1e9, 2_000.0)), 5.0 * (1.0 - exact), 0.02);
        // A refused call fails its function.
        assert!(r.iter().all(|r| r.functions[0].failed == r.dependencies[0].refused[0]));
    }
}

/// One connection and a line: M/M/1. In line rho^2 / (1 - rho), latency 1 / (mu - lambda), which the function is billed for.
#[test]
fn a_line_before_one_connection_is_m_m_1() {
    let mut s = calling(7.0, 4_000.0, Dependency { wait: Span::FOREVER, ..dependency(1, exponential(0.1)) });
    run_in(&mut s, 200.0);
    let r = replicate(&s, 20);
    agrees("in line", &pairs(&r, |d| (d.waiting_ns as f64 / 1e9, 4_000.0)), 0.49 / 0.3, 0.1);
    agrees("served", &pairs(&r, |d| (d.busy_ns as f64 / 1e9, 4_000.0)), 0.7, 0.02);
    let held: Vec<(f64, f64)> = r.iter().map(|r| (r.functions[0].concurrency_ns as f64 / 1e9, 4_000.0)).collect();
    agrees("in flight", &held, 0.7 / 0.3, 0.1);
}

/// A rate of calls: what comes faster is refused, beyond the burst.
#[test]
fn a_rate_limit_lets_so_many_through() {
    let limit = CallRate { rate: 4.0, burst: 10.0 };
    let r = run(
        &calling(50.0, 1_000.0, Dependency { rate: Some(limit), ..dependency(u64::MAX, Distribution::Constant(0.01)) }),
        1,
        0,
    );
    let passed = r.dependencies[0].ok as f64;
    assert!((passed - (4.0 * 1_000.0 + 10.0)).abs() <= 1.0, "{passed}");
    assert_eq!(r.dependencies[0].refused[1] + r.dependencies[0].ok, r.dependencies[0].attempts);
}

fn event(at: f64, length: f64, change: (bool, Option<u64>, Option<f64>, f64)) -> Event {
    let (outage, capacity, error, slower) = change;
    let change = Change::Dependency { dependency: 0, outage, capacity, error: error.map(probability), slower };
    Event { name: "event".into(), at: SimTime(secs(at).0), duration: secs(length), shape: Shape::Step, change }
}

/// An outage fails the calls that are made in it, all of them and no other.
#[test]
fn an_outage_fails_what_comes_in_it() {
    let mut s = calling(20.0, 1_000.0, dependency(u64::MAX, Distribution::Constant(0.1)));
    s.events = vec![event(400.0, 100.0, (true, None, None, 1.0))];
    let r = run(&s, 1, 0);
    let failed_outside: u64 =
        r.functions[0].bins.iter().enumerate().filter(|(i, _)| !(400..500).contains(i)).map(|(_, b)| b.requests - b.ok).sum();
    let ok_inside: u64 = (400..500).map(|i| r.functions[0].bins[i].ok).sum();
    assert_eq!((r.bin_ns, failed_outside, ok_inside), (1_000_000_000, 0, 0));
    assert_eq!(r.functions[0].failed, r.dependencies[0].refused[2]);
    assert!(r.functions[0].failed > 1_500);
}

/// Slower, with errors, and with less capacity, for a while.
#[test]
fn an_event_slows_fails_and_narrows() {
    let bad = |change| {
        let mut s = calling(10.0, 1_000.0, dependency(100, Distribution::Constant(0.1)));
        s.events = vec![event(0.0, 1_000.0, change)];
        let r = run(&s, 1, 0);
        (
            r.functions[0].failed as f64 / r.functions[0].requests as f64,
            r.functions[0].billed_ns as f64 / 1e9 / r.functions[0].requests as f64,
        )
    };
    let (failed, held) = bad((false, None, None, 5.0));
    assert!(failed == 0.0 && (held - 0.5).abs() < 1e-9, "{failed} {held}");
    let (failed, _) = bad((false, None, Some(0.3), 1.0));
    assert!((failed - 0.3).abs() < 0.02, "{failed}");
    let (failed, _) = bad((false, Some(1), None, 1.0));
    assert!((failed - erlang_b(1, 1.0)).abs() < 0.03, "{failed}");
}

/// With no capacity at all calls wait for the event's end, and are served then.
#[test]
fn what_waits_is_served_when_capacity_comes_back() {
    let mut s = calling(1.0, 100.0, Dependency { wait: Span::FOREVER, ..dependency(50, Distribution::Constant(0.1)) });
    s.events = vec![event(10.0, 40.0, (false, Some(0), None, 1.0))];
    let r = run(&s, 1, 0);
    assert_eq!((r.functions[0].failed, r.functions[0].ok), (0, r.functions[0].requests));
    assert!(r.dependencies[0].waiting_peak > 20);
}

/// A caller that gives up after a second: the call is served to its end all the same, or taken out.
#[test]
fn an_abandoned_call_is_finished_or_cancelled() {
    for (cancels, busy) in [(false, 3.0), (true, 1.0)] {
        let slow = Dependency { cancels_abandoned: cancels, ..dependency(u64::MAX, Distribution::Constant(3.0)) };
        let mut s = calling(2.0, 1_000.0, slow);
        s.functions[0].calls[0].timeout = Some(secs(1.0));
        s.functions[0].calls[0].retry.attempts = Limit::At(1);
        let r = replicate(&s, 10);
        assert!(r.iter().all(|r| r.functions[0].failed == r.functions[0].requests));
        assert!(r.iter().all(|r| r.dependencies[0].given_up == r.dependencies[0].attempts));
        agrees("served", &pairs(&r, |d| (d.busy_ns as f64 / 1e9, 1_000.0)), 2.0 * busy, 0.06);
    }
}
