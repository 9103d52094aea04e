//! Cold starts: when is an instance still there?

use faascast::engine::{self, FunctionTally};
use faascast::platform::meter::HourMeter;
use faascast::scenario::{KeepAlive, Limit, Provisioned, Routing, Scenario};
use faascast::units::Span;
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;

use super::reference::{BirthDeath, erlang_b, exponential, poisson, simpson};
use super::{agrees, cold, run_in, totals};
use crate::support::{function, rate, replicate, scenario, secs};

fn sparse(per_second: f64, keep_alive: KeepAlive) -> Scenario {
    let mut f = function("sparse", Distribution::constant(0.0).unwrap());
    f.keep_alive = keep_alive;
    let mut s = scenario(f, Arrivals::Poisson(rate(per_second)), 1e6);
    s.traffic[0].name = format!("{:?}", s.functions[0].keep_alive);
    run_in(&mut s, 7_200.0);
    s
}

/// Work that takes no time: a start is cold if the gap since the last arrival exceeds the keep-alive, exp(-rate x keep-alive).
#[test]
fn sparse_traffic_is_cold_by_the_gap() {
    for keep_alive in [20.0, 60.0, 180.0] {
        let s = sparse(0.01, KeepAlive::Constant(secs(keep_alive)));
        let r = replicate(&s, 20);
        agrees("exp(-rate x keep-alive)", &totals(&r, cold), libm::exp(-0.01 * keep_alive), 0.05);
        // One instance at most, and it lives for min(gap, keep-alive) after each arrival.
        let mean = totals(&r, |t| (t.instance_ns as f64 / 1e9, 1e6));
        agrees("instances", &mean, -libm::expm1(-0.01 * keep_alive), 0.05);
    }
}

/// A keep-alive drawn anew for each idle period, D: the share is E exp(-rate x D), the transform of its law:
/// 1 / (1 + rate x mean) for an exponential one, (1 - exp(-rate x b)) / (rate x b) for a uniform one in 0..b.
#[test]
fn sparse_traffic_with_a_drawn_keep_alive() {
    let s = sparse(0.01, KeepAlive::Drawn(exponential(150.0)));
    agrees("1 / (1 + 1.5)", &totals(&replicate(&s, 20), cold), 1.0 / 2.5, 0.05);
    let s = sparse(0.01, KeepAlive::Drawn(Distribution::uniform(0.0, 90.0).unwrap()));
    agrees("uniform", &totals(&replicate(&s, 20), cold), -libm::expm1(-0.9) / 0.9, 0.05);
}

/// What `upcrossings` works out.
struct Upcrossings {
    /// Share of arrivals that are cold.
    cold: f64,
    /// Mean number of idle instances.
    idle: f64,
    /// Share of arrivals refused.
    refused: f64,
}

/// Cold starts of M/M/infinity (`servers` = None) or M/M/N/N under most-recently-used routing. Idle instances form a stack, so
/// an arrival that raises the busy count from k - 1 to k finds the instance that the last fall from k to k - 1 left: it is
/// cold exactly if that is longer ago than the keep-alive, that is if the first passage T_k from k - 1 to k took longer.
/// Cold = sum pi_(k-1) P(T_k > keep-alive); idle = rate x sum pi_(k-1) E min(T_k, keep-alive), by Little's law. (First passages
/// of birth-death chains: Keilson 1979, "Markov chain models: rarity and exponentiality".)
fn upcrossings(lambda: f64, mean: f64, keep_alive: f64, servers: Option<usize>) -> Upcrossings {
    let load = lambda * mean;
    let most = servers.unwrap_or((load + 12.0 * load.sqrt() + 20.0) as usize);
    let mut pi = poisson(load, most);
    let total: f64 = pi.iter().sum();
    pi.iter_mut().for_each(|p| *p /= total);
    let times: Vec<f64> = (0..=40).map(|i| keep_alive * f64::from(i) / 40.0).collect();
    let (mut cold, mut idle) = (0.0, 0.0);
    for k in 1..=most {
        let chain = BirthDeath { birth: vec![lambda; k], death: (0..k).map(|i| i as f64 / mean).collect() };
        let survival = chain.survival(k - 1, &times);
        cold += pi[k - 1] * survival[40];
        idle += lambda * pi[k - 1] * simpson(&survival, keep_alive / 40.0);
    }
    let refused = if servers.is_some() { pi[most] } else { 0.0 };
    Upcrossings { cold: cold / (1.0 - refused), idle, refused }
}

#[test]
fn most_recently_used_routing_is_cold_by_first_passage() {
    for (lambda, mean, keep_alive) in [(3.0, 1.0, 2.0), (20.0, 0.2, 0.5), (0.05, 4.0, 30.0)] {
        let exact = upcrossings(lambda, mean, keep_alive, None);
        let mut f = function("mru", exponential(mean));
        f.keep_alive = KeepAlive::Constant(secs(keep_alive));
        let horizon = 30_000.0 / lambda;
        let mut s = scenario(f, Arrivals::Poisson(rate(lambda)), horizon);
        s.traffic[0].name = format!("{lambda}");
        run_in(&mut s, 40.0 * (mean + keep_alive));
        let r = replicate(&s, 32);
        agrees("cold", &totals(&r, cold), exact.cold, 0.05);
        let idle = totals(&r, |t| ((t.instance_ns - t.busy_ns) as f64 / 1e9, horizon));
        agrees("idle instances", &idle, exact.idle, 0.05);
    }
}

#[test]
fn most_recently_used_routing_under_a_quota() {
    let exact = upcrossings(3.0, 1.0, 2.0, Some(4));
    let mut f = function("quota", exponential(1.0));
    f.keep_alive = KeepAlive::Constant(secs(2.0));
    f.max_instances = Limit::At(4);
    let mut s = scenario(f, Arrivals::Poisson(rate(3.0)), 10_000.0);
    run_in(&mut s, 100.0);
    let r = replicate(&s, 32);
    agrees("cold under a quota", &totals(&r, cold), exact.cold, 0.05);
    agrees("idle under a quota", &totals(&r, |t| ((t.instance_ns - t.busy_ns) as f64 / 1e9, 10_000.0)), exact.idle, 0.05);
    agrees("refused under a quota", &totals(&r, super::throttled), exact.refused, 0.05);
}

/// Provisioned instances are chosen first and on-demand ones, not kept, are always cold: what overflows from p provisioned
/// instances is Erlang's B(p, a), for any service law; they carry a (1 - B) and are idle for the rest.
#[test]
fn what_overflows_from_provisioned_instances_is_cold() {
    let (lambda, mean, provisioned) = (30.0, 0.1, 4);
    let mut f = function("provisioned", Distribution::lognormal_mean_cv(mean, 1.5).unwrap());
    f.keep_alive = KeepAlive::Constant(Span::ZERO);
    f.provisioned = Provisioned::Constant(provisioned);
    let mut s = scenario(f, Arrivals::Poisson(rate(lambda)), 1_800.0);
    run_in(&mut s, 60.0);
    let r = replicate(&s, 32);
    let b = erlang_b(provisioned as u32, lambda * mean);
    agrees("overflow B(4, 3)", &totals(&r, cold), b, 0.03);
    let hours = |r: &FunctionTally, part: fn(&HourMeter) -> u64| (r.hours.iter().map(part).sum::<u64>() as f64 / 1e9, 1_800.0);
    agrees("provisioned, busy", &totals(&r, |t| hours(t, |h| h.provisioned_active_ns)), 3.0 * (1.0 - b), 0.02);
    agrees("provisioned, idle", &totals(&r, |t| hours(t, |h| h.provisioned_idle_ns)), 4.0 - 3.0 * (1.0 - b), 0.04);
}

/// Constant arrivals, one at a time: an arrival is idle time after the last end, cold if that exceeds the keep-alive by as
/// little as a nanosecond, and warm at exactly the threshold.
#[test]
fn constant_arrivals_against_keep_alive() {
    let cold_of = |gap: f64, work: f64, keep_alive: Span, routing: Routing| {
        let mut f = function("deterministic", Distribution::constant(work).unwrap());
        f.keep_alive = KeepAlive::Constant(keep_alive);
        f.routing = routing;
        let t = engine::run(&scenario(f, Arrivals::Constant(rate(1.0 / gap)), 100.0 * gap), 1, 0).functions.remove(0);
        assert_eq!((t.requests, t.invocations, t.ok), (100, 100, 100));
        t.cold_starts
    };
    use Routing::*;
    for routing in [MostRecentlyUsed, Newest, LeastRecentlyUsed, Random, LeastLoaded] {
        // One instance: idle for gap - work = 90 s.
        let threshold = Span::from_secs(90);
        assert_eq!(cold_of(100.0, 10.0, Span(threshold.0 - 1), routing), 100);
        assert_eq!(cold_of(100.0, 10.0, threshold, routing), 1);
        assert_eq!(cold_of(100.0, 10.0, Span(threshold.0 + 1), routing), 1);
        // What ends at the instant of an arrival serves it, even if nothing is kept.
        assert_eq!(cold_of(10.0, 10.0, Span::ZERO, routing), 1);
        // Two instances in turns, each idle for 2 x gap - work = 5 s.
        assert_eq!(cold_of(10.0, 15.0, Span(Span::from_secs(5).0 - 1), routing), 100);
        assert_eq!(cold_of(10.0, 15.0, Span::from_secs(5), routing), 2);
    }
}

/// The same against a drawn keep-alive of two values, 40 s and 80 s, at a gap of 60 s without work: each arrival is cold with
/// probability 1/2, independently.
#[test]
fn constant_arrivals_against_a_drawn_keep_alive() {
    let s = {
        let mut f = function("drawn", Distribution::constant(0.0).unwrap());
        f.keep_alive = KeepAlive::Drawn(Distribution::Empirical([40.0, 80.0].into()));
        scenario(f, Arrivals::Constant(rate(1.0 / 60.0)), 600_000.0)
    };
    let r = replicate(&s, 20);
    // The first arrival of a cold start is cold for sure.
    agrees("1/2", &totals(&r, |t| (t.cold_starts as f64 - 1.0, t.invocations as f64 - 1.0)), 0.5, 0.03);
}
