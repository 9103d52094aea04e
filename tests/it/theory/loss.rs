//! Loss systems: a full quota refuses, and nobody tries again.

use std::sync::Arc;

use faascast::scenario::{KeepAlive, Limit, Scenario};
use faascast::units::Span;
use faascast::workload::arrivals::{Arrivals, MmppState};
use faascast::workload::distribution::Distribution;

use super::reference::{erlang_b, exponential};
use super::{agrees, run_in, throttled, totals};
use crate::support::{function, rate, replicate, scenario, source};

const MEAN: f64 = 0.1;

/// Service laws with mean 0.1 s, from no spread to a squared coefficient of variation of several.
fn laws() -> Vec<(&'static str, Distribution)> {
    vec![
        ("exponential", exponential(MEAN)),
        ("constant", Distribution::constant(MEAN).unwrap()),
        ("log-normal", Distribution::lognormal_mean_cv(MEAN, 1.5).unwrap()),
        ("Pareto", Distribution::pareto(0.06, 2.5).unwrap()),
        ("hyperexponential", Distribution::mixture(vec![(0.9, exponential(0.05)), (0.1, exponential(0.55))]).unwrap()),
    ]
}

fn quota(arrivals: Arrivals, service: Distribution, servers: u64) -> Scenario {
    let name = format!("{service:?} on {servers}");
    let mut f = function("loss", service);
    f.max_instances = Limit::At(servers);
    f.keep_alive = KeepAlive::Constant(Span::FOREVER);
    let mut s = scenario(f, arrivals, 450.0);
    // Draws go by the source's name: each case sees traffic of its own.
    s.traffic[0].name = name;
    run_in(&mut s, 60.0);
    s
}

/// M/G/N/N: blocked share B(N, a) whatever the service law (Erlang 1917; insensitivity: Sevastyanov 1957). By the quota of
/// instances, which are then kept forever. The carried load is a (1 - B), the busy mean.
#[test]
fn erlang_b_by_max_instances_for_five_service_laws() {
    let (load, servers) = (6.0, 8);
    let exact = erlang_b(servers, load);
    for (name, law) in laws() {
        let s = quota(Arrivals::Poisson(rate(load / MEAN)), law, servers.into());
        let r = replicate(&s, 32);
        agrees(&format!("B(8, 6) {name}"), &totals(&r, throttled), exact, 0.05);
        let carried = totals(&r, |t| (t.busy_ns as f64 / 1e9, 450.0));
        agrees(&format!("carried load {name}"), &carried, load * (1.0 - exact), 0.02);
        assert!(r.iter().all(|r| r.functions[0].throttled_by[0] == r.functions[0].attempt_outcomes[5]));
        assert!(r.iter().all(|r| r.functions[0].instances_peak == u64::from(servers)));
    }
}

/// The same by the quota of invocations in flight, with instances that end at once when idle.
#[test]
fn erlang_b_by_max_concurrency_for_five_service_laws() {
    let (load, servers) = (11.0, 12);
    for (name, law) in laws() {
        let mut s = quota(Arrivals::Poisson(rate(load / MEAN)), law, 1);
        s.functions[0].max_instances = Limit::Unlimited;
        s.functions[0].max_concurrency = Limit::At(servers);
        s.functions[0].keep_alive = KeepAlive::Constant(Span::ZERO);
        s.simulation.horizon = Span::from_secs(225);
        agrees(&format!("B(12, 11) {name}"), &totals(&replicate(&s, 32), throttled), erlang_b(12, load), 0.05);
    }
}

/// Two functions under one account limit: their Poisson streams add up and each is refused B(N, a1 + a2) of its attempts
/// (PASTA, Wolff 1982), although one of them has ten times the other's service time.
#[test]
fn erlang_b_for_two_functions_under_one_account_quota() {
    let mut s = quota(Arrivals::Poisson(rate(30.0)), Distribution::lognormal_mean_cv(0.1, 1.0).unwrap(), 1);
    s.functions[0].max_instances = Limit::Unlimited;
    let mut slow = s.functions[0].clone();
    slow.name = "slow".into();
    slow.work.io = exponential(1.0);
    s.functions.push(slow);
    let mut second = source(1, Arrivals::Poisson(rate(4.0)));
    second.name = "second".into();
    s.traffic.push(second);
    s.account.max_instances = Limit::At(9);
    s.simulation.horizon = Span::from_secs(1_500);
    let r = replicate(&s, 32);
    let exact = erlang_b(9, 30.0 * 0.1 + 4.0 * 1.0);
    for f in 0..2 {
        let totals: Vec<(f64, f64)> = r.iter().map(|r| throttled(&r.functions[f])).collect();
        agrees(&format!("B(9, 7) of function {f}"), &totals, exact, 0.06);
        assert!(r.iter().all(|r| r.functions[f].throttled_by[1] == r.functions[f].attempt_outcomes[5]));
    }
}

/// GI/M/N/N with gaps of Laplace-Stieltjes transform phi: 1/B = sum over k of C(N, k) prod_{j=1..k} (1 - phi(j mu)) / phi(j mu)
/// (Takacs 1962, "Introduction to the theory of queues", chapter 4; Cohen 1957).
fn renewal_loss(servers: u32, mu: f64, phi: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..=servers {
        let f = phi(f64::from(k) * mu);
        term *= f64::from(servers - k + 1) / f64::from(k) * (1.0 - f) / f;
        sum += term;
    }
    1.0 / sum
}

#[test]
fn renewal_loss_is_erlang_b_for_poisson() {
    assert!((renewal_loss(8, 10.0, |s| 60.0 / (60.0 + s)) - erlang_b(8, 6.0)).abs() < 1e-12);
}

/// D/M/N/N: phi(s) = exp(-s / rate).
#[test]
fn constant_arrivals_at_an_exponential_server_group() {
    for (servers, per_second) in [(6, 50.0), (1, 12.5)] {
        let s = quota(Arrivals::Constant(rate(per_second)), exponential(MEAN), u64::from(servers));
        let exact = renewal_loss(servers, 1.0 / MEAN, |x| libm::exp(-x / per_second));
        agrees(&format!("D/M/{servers}/{servers}"), &totals(&replicate(&s, 32), throttled), exact, 0.05);
    }
}

/// Gamma gaps, smoother and rougher than Poisson: phi(s) = (1 + scale s)^-shape. Gaps of two values: phi = (e^-as + e^-bs) / 2.
#[test]
fn renewal_arrivals_at_an_exponential_server_group() {
    for cv in [0.5, 2.0] {
        let gap = Distribution::gamma_mean_cv(0.02, cv).unwrap();
        let (shape, scale) = (1.0 / (cv * cv), 0.02 * cv * cv);
        let s = quota(Arrivals::Renewal(gap), exponential(MEAN), 6);
        let exact = renewal_loss(6, 1.0 / MEAN, |x| libm::pow(1.0 + scale * x, -shape));
        agrees(&format!("GI/M/6/6, cv {cv}"), &totals(&replicate(&s, 32), throttled), exact, 0.05);
    }
    let s = quota(Arrivals::Renewal(Distribution::Empirical(Arc::new([0.002, 0.05]))), exponential(MEAN), 4);
    let exact = renewal_loss(4, 1.0 / MEAN, |x| 0.5 * (libm::exp(-0.002 * x) + libm::exp(-0.05 * x)));
    agrees("GI/M/4/4, two gaps", &totals(&replicate(&s, 32), throttled), exact, 0.05);
}

/// Reserved capacity parts the account: B(r, a1) for the function that has it, B(N - r, a2) for the other; counted in instances,
/// or in invocations.
#[test]
fn a_reservation_parts_the_account() {
    for by_instances in [true, false] {
        let mut s = quota(Arrivals::Poisson(rate(30.0)), exponential(MEAN), 1);
        s.functions[0].max_instances = Limit::Unlimited;
        let mut other = s.functions[0].clone();
        other.name = "other".into();
        s.functions.push(other);
        s.functions[0].reserved = Some(3);
        let mut second = source(1, Arrivals::Poisson(rate(50.0)));
        second.name = "second".into();
        s.traffic.push(second);
        let limit = Limit::At(9);
        if by_instances {
            s.account.max_instances = limit;
        } else {
            s.account.max_concurrency = limit;
        }
        let r = replicate(&s, 32);
        for (f, servers, load) in [(0, 3, 3.0), (1, 6, 5.0)] {
            let totals: Vec<(f64, f64)> = r.iter().map(|r| throttled(&r.functions[f])).collect();
            agrees(&format!("B({servers}, {load})"), &totals, erlang_b(servers, load), 0.05);
            // What is reserved is the function's own limit.
            assert!(r.iter().all(|r| r.functions[f].throttled_by[f] == r.functions[f].attempt_outcomes[5]));
        }
    }
}

/// Three instances of four slots each, for work that only waits, are twelve servers: an instance with a free slot is always
/// found.
#[test]
fn slots_of_shared_instances_are_servers() {
    use faascast::scenario::Routing::{LeastLoaded, LeastRecentlyUsed, MostRecentlyUsed, Newest, Random};
    for routing in [MostRecentlyUsed, Newest, LeastRecentlyUsed, Random, LeastLoaded] {
        let mut s = quota(Arrivals::Poisson(rate(100.0)), Distribution::lognormal_mean_cv(MEAN, 1.0).unwrap(), 3);
        s.functions[0].instance_concurrency = 4;
        s.functions[0].routing = routing;
        s.traffic[0].name = format!("{routing:?}");
        let r = replicate(&s, 32);
        agrees(&format!("B(12, 10) {routing:?}"), &totals(&r, throttled), erlang_b(12, 10.0), 0.05);
        let carried = totals(&r, |t| (t.concurrency_ns as f64 / 1e9, 450.0));
        agrees("invocations in flight", &carried, 10.0 * (1.0 - erlang_b(12, 10.0)), 0.02);
    }
}

/// A Poisson source that is switched on and off for exponential times is a renewal process with phi(s) = lambda (s + w) /
/// (s^2 + (lambda + g + w) s + lambda w), g the rate out of "on" and w out of "off" (Kuczura 1973, "The interrupted Poisson
/// process as an overflow process", Bell System Technical Journal 52).
#[test]
fn an_interrupted_poisson_source_at_an_exponential_server_group() {
    let (lambda, on, off) = (80.0, 0.5, 0.25);
    let state = |r: f64, seconds: f64| MmppState { rate: rate(r), mean_time: Span::from_secs_f64(seconds) };
    let s = quota(Arrivals::Mmpp(vec![state(lambda, on), state(0.0, off)]), exponential(MEAN), 7);
    let (g, w) = (1.0 / on, 1.0 / off);
    let exact = renewal_loss(7, 1.0 / MEAN, |x| lambda * (x + w) / (x * x + (lambda + g + w) * x + lambda * w));
    agrees("IPP/M/7/7", &totals(&replicate(&s, 32), throttled), exact, 0.05);
}
