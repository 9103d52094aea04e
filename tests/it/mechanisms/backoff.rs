//! Backoff and jitter, seen through the latency of requests that fail at once and are retried.

use faascast::engine::FunctionTally;
use faascast::scenario::{Jitter, Limit, Scenario};
use faascast::units::Span;
use faascast::workload::arrivals::Arrivals;

use super::{S, at, count, slowest_failed, waits};
use crate::support::{backoff, probability, rate, scenario, secs};

fn retried(attempts: u64, jitter: Jitter, arrivals: Arrivals, horizon: f64) -> Scenario {
    let mut f = waits(0.0);
    f.faults.error = probability(1.0);
    let mut s = scenario(f, arrivals, horizon);
    s.traffic[0].retry.attempts = Limit::At(attempts);
    s.traffic[0].retry.backoff = backoff(jitter);
    s
}

/// 10,000 requests, each failed after its first retry: their latency is the delay.
fn delays(jitter: Jitter) -> FunctionTally {
    let t = count(&retried(2, jitter, Arrivals::Constant(rate(10.0)), 1000.0));
    assert_eq!((t.attempts, t.failed), (20_000, 10_000));
    t
}

/// Kolmogorov-Smirnov distance on a fine grid against the bound of the 0.1 % level.
fn follows(jitter: Jitter, law: impl Fn(f64) -> f64) {
    let t = delays(jitter);
    let distance = |x: f64| (t.latency_failed.count_below(Span::from_secs_f64(x)) / 10_000.0 - law(x)).abs();
    let worst = (1..1000).map(|k| distance(f64::from(k) * 0.01)).fold(0.0, f64::max);
    assert!(worst < 1.95 / 100.0, "{jitter:?}: {worst}");
}

#[test]
fn no_jitter_is_the_delay_itself() {
    let t = delays(Jitter::None);
    assert_eq!((t.latency_failed.mean(), slowest_failed(&t)), (Some(1.0), S as i64));
}

#[test]
fn each_jitter_follows_its_law() {
    follows(Jitter::Full, |x| x.min(1.0));
    follows(Jitter::Equal, |x| (2.0 * x - 1.0).clamp(0.0, 1.0));
    follows(Jitter::Exponential, |x| 1.0 - libm::exp(-x));
}

/// Uniform on 0..1, then on 0..2, independent: mean 1.5, variance 1/12 + 4/12.
#[test]
fn each_retry_draws_its_own_jitter() {
    let t = count(&retried(3, Jitter::Full, Arrivals::Constant(rate(10.0)), 1000.0));
    let mean = t.latency_failed.mean().unwrap();
    assert!((mean - 1.5).abs() < 4.0 * (5.0_f64 / 12.0 / 1e4).sqrt(), "{mean}");
    // P(sum < 1): area of the triangle over 2; P = 0.25 if independent, and 1/3 if the same number served twice.
    let below = t.latency_failed.count_below(secs(1.0)) as u64;
    assert!(super::plausible(below, 10_000, 0.25), "{below}");
}

#[test]
fn delays_grow_by_the_factor_up_to_the_cap() {
    let mut s = retried(8, Jitter::None, at(&[0.0]), 10.0);
    s.traffic[0].retry.backoff.cap = secs(10.0);
    let t = count(&s);
    assert_eq!((t.attempts, slowest_failed(&t)), (8, (1 + 2 + 4 + 8 + 10 + 10 + 10) * S as i64));
    s.traffic[0].retry.backoff.factor = 1.0;
    assert_eq!(slowest_failed(&count(&s)), 7 * S as i64);
}

/// Without a first delay there is none later.
#[test]
fn nothing_grows_from_nothing() {
    let mut s = retried(2_000, Jitter::None, at(&[0.0]), 10.0);
    s.traffic[0].retry.backoff.base = Span::ZERO;
    let t = count(&s);
    assert_eq!((t.attempts, slowest_failed(&t)), (2_000, 0));
}

/// Retries at 1, 3, 7 and, exactly at the deadline, 15; the next would start at 31.
#[test]
fn no_retry_starts_after_the_deadline() {
    let mut s = retried(100, Jitter::None, at(&[0.0]), 10.0);
    s.traffic[0].retry.deadline = Some(secs(15.0));
    let t = count(&s);
    assert_eq!((t.attempts, t.failed, slowest_failed(&t)), (5, 1, 15 * S as i64));
    s.traffic[0].retry.deadline = Some(secs(14.999_999_999));
    assert_eq!(count(&s).attempts, 4);
}
