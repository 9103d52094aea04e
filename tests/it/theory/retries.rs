//! Retries of independent failures: geometric attempts.

use std::sync::Arc;

use faascast::scenario::{Backoff, Invoke, Jitter, Limit, Scenario};
use faascast::units::{NANOS, Span};
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;
use faascast::workload::trace::Trace;

use super::{agrees, totals};
use crate::support::{function, probability, rate, replicate, scenario, secs};

const WORK: f64 = 0.1;

fn failing(p: f64, attempts: u64, backoff: Backoff) -> Scenario {
    let mut f = function("failing", Distribution::constant(WORK).unwrap());
    f.faults.error = probability(p);
    let mut s = scenario(f, Arrivals::Poisson(rate(50.0)), 500.0);
    s.traffic[0].name = format!("{p} {attempts}");
    s.traffic[0].retry.attempts = Limit::At(attempts);
    s.traffic[0].retry.backoff = backoff;
    s
}

fn constant(seconds: f64) -> Backoff {
    Backoff { base: secs(seconds), factor: 1.0, cap: secs(seconds), jitter: Jitter::None }
}

fn power(p: f64, n: u64) -> f64 {
    libm::pow(p, n as f64)
}

/// Each of at most n attempts fails with probability p, independently: attempts a request (1 - p^n) / (1 - p), failed p^n.
/// Those that succeed do so at attempt k with probability p^(k-1) (1 - p) / (1 - p^n), after k w + (k - 1) d seconds.
#[test]
fn attempts_are_truncated_geometric() {
    for (p, n, delay) in [(0.3, 3, 0.5), (0.6, 5, 0.25), (0.5, 2, 2.0)] {
        let r = replicate(&failing(p, n, constant(delay)), 32);
        let attempts = (1.0 - power(p, n)) / (1.0 - p);
        agrees("attempts", &totals(&r, |t| (t.attempts as f64, t.requests as f64)), attempts, 0.02);
        agrees("failed", &totals(&r, |t| (t.failed as f64, t.requests as f64)), power(p, n), 0.06);
        let latency: f64 =
            (1..=n).map(|k| power(p, k - 1) * (1.0 - p) / (1.0 - power(p, n)) * (k as f64 * WORK + (k - 1) as f64 * delay)).sum();
        agrees("latency", &totals(&r, |t| (t.latency.sum_secs(), t.ok as f64)), latency, 0.02);
        // Who fails has waited for all of it, no more and no less.
        let patience = secs(n as f64 * WORK + (n - 1) as f64 * delay);
        assert!(r.iter().all(|r| r.functions[0].latency_failed.max() == Some(patience)));
        let failed = totals(&r, |t| (t.latency_failed.sum_secs(), t.failed as f64));
        assert!(failed.iter().all(|(sum, count)| (sum / count - patience.as_secs_f64()).abs() < 1e-9));
    }
}

/// Unlimited attempts are geometric: 1 / (1 - p) a request, and nobody fails. Delays double up to a cap: d, 2d, 4d, 4d, ...
#[test]
fn unlimited_attempts_with_a_capped_exponential_backoff() {
    let (p, d) = (0.5, 0.2);
    let mut s = failing(p, 1, Backoff { base: secs(d), factor: 2.0, cap: secs(4.0 * d), jitter: Jitter::None });
    s.traffic[0].retry.attempts = Limit::Unlimited;
    let r = replicate(&s, 32);
    agrees("attempts", &totals(&r, |t| (t.attempts as f64, t.requests as f64)), 1.0 / (1.0 - p), 0.02);
    assert!(r.iter().all(|r| r.functions[0].failed == 0 && r.functions[0].ok == r.functions[0].requests));
    // Retry k happens with probability p^k: waits of d, 2d and then 4d each.
    let waits = p * d + p * p * 2.0 * d + power(p, 3) / (1.0 - p) * 4.0 * d;
    agrees("latency", &totals(&r, |t| (t.latency.sum_secs(), t.ok as f64)), WORK / (1.0 - p) + waits, 0.02);
}

/// Mean delay by jitter: none d, full d/2, equal 3d/4, exponential d; p of the requests wait once (two attempts).
#[test]
fn jitters_have_their_means() {
    let (p, d) = (0.4, 1.0);
    for (jitter, mean) in [(Jitter::None, 1.0), (Jitter::Full, 0.5), (Jitter::Equal, 0.75), (Jitter::Exponential, 1.0)] {
        let r = replicate(&failing(p, 2, Backoff { jitter, ..constant(d) }), 32);
        let all = totals(&r, |t| (t.latency.sum_secs() + t.latency_failed.sum_secs(), t.requests as f64));
        agrees(&format!("{jitter:?}"), &all, WORK * (1.0 + p) + p * d * mean, 0.02);
    }
}

/// No retry starts after the deadline: with a delay d and work w, retry k starts at k (w + d), so the deadline D allows
/// floor(D / (w + d)) retries; one at exactly D is still allowed.
#[test]
fn a_deadline_truncates_the_attempts() {
    let (p, delay) = (0.5, 0.4);
    for (deadline, attempts) in [(1.0, 3), (1.499_999_999, 3), (1.5, 4)] {
        let mut s = failing(p, 100, constant(delay));
        s.traffic[0].retry.deadline = Some(secs(deadline));
        let r = replicate(&s, 32);
        agrees("failed", &totals(&r, |t| (t.failed as f64, t.requests as f64)), power(p, attempts), 0.04);
    }
}

/// A retry budget of `ratio` tokens a request: with more failures than that, retries a request are exactly the tokens earned.
/// An outage of the function turns every request into one attempt and 0.2 retries.
#[test]
fn a_budget_caps_the_retries() {
    let mut s = failing(1.0, 10, constant(0.5));
    s.traffic[0].retry.budget = Some(faascast::scenario::RetryBudget { ratio: 0.2, burst: 10.0 });
    for r in replicate(&s, 4) {
        let t = &r.functions[0];
        let retries = (t.attempts - t.requests) as f64;
        // The bucket starts full with 10 and ends with less than one, but the last retries may come after the horizon.
        assert!((retries - (10.0 + 0.2 * t.requests as f64)).abs() <= 10.0, "{retries} of {}", t.requests);
        assert_eq!(t.failed, t.requests);
    }
}

/// Asynchronous events: r retries after errors, so r + 1 attempts; dropped p^(r+1).
#[test]
fn asynchronous_retries_are_truncated_geometric() {
    let (p, retries) = (0.6, 2);
    let mut s = failing(p, 1, constant(1.0));
    s.traffic[0].invoke = Invoke::Async;
    s.functions[0].asynchronous.retries = retries;
    s.functions[0].asynchronous.delays = vec![secs(1.0), secs(5.0)];
    let r = replicate(&s, 32);
    let n = u64::from(retries) + 1;
    agrees("attempts", &totals(&r, |t| (t.attempts as f64, t.requests as f64)), (1.0 - power(p, n)) / (1.0 - p), 0.02);
    agrees("dropped", &totals(&r, |t| (t.dropped as f64, t.requests as f64)), power(p, n), 0.05);
    let latency = |k: u64| k as f64 * WORK + [0.0, 1.0, 6.0][k as usize - 1];
    let mean: f64 = (1..=n).map(|k| power(p, k - 1) * (1.0 - p) / (1.0 - power(p, n)) * latency(k)).sum();
    agrees("latency", &totals(&r, |t| (t.latency.sum_secs(), t.ok as f64)), mean, 0.02);
}

/// A traced request takes its recorded time at every attempt: with p = 1 and n attempts, n times as long in all.
#[test]
fn retries_of_a_traced_request_take_its_recorded_time() {
    let seconds = [2_i64, 3, 7];
    for invoke in [Invoke::Sync, Invoke::Async] {
        let mut s = failing(1.0, 3, constant(1.0));
        let times = (0..3).map(|i| i * 50 * NANOS).collect();
        let trace = Trace::from_timestamps(times, seconds.map(Span::from_secs).to_vec(), false, None).unwrap();
        s.traffic[0].arrivals = Arrivals::Trace(Arc::new(trace));
        s.traffic[0].invoke = invoke;
        s.functions[0].asynchronous.retries = 2;
        s.functions[0].work.from_trace = true;
        s.functions[0].work.io = Distribution::constant(0.0).unwrap();
        let t = replicate(&s, 1).remove(0).functions.remove(0);
        assert_eq!((t.attempts, t.billed_ns), (9, 3 * 12 * NANOS as u64), "{invoke:?}");
    }
}
