//! Synchronous callers: retry policies, budgets, and callers that give up.

use faascast::engine::AttemptOutcome::{Error, Ok, Timeout};
use faascast::platform::meter::Waste;
use faascast::scenario::{Limit, RetryBudget, Scenario};

use super::{S, at, count, ended, slowest, slowest_failed, used, waits};
use crate::support::{probability, scenario, secs};

/// Requests 1000 s apart that always fail, with a budget.
fn budgeted(requests: u32, ratio: f64, burst: f64) -> Scenario {
    let mut f = waits(0.0);
    f.faults.error = probability(1.0);
    let mut s = scenario(f, at(&(0..requests).map(|k| f64::from(k) * 1000.0).collect::<Vec<_>>()), 1000.0 * f64::from(requests));
    s.traffic[0].retry.attempts = Limit::At(10);
    s.traffic[0].retry.budget = Some(RetryBudget { ratio, burst });
    s
}

/// Full at first: 2 retries; then half a token a request: every other request has one retry.
#[test]
fn a_retry_takes_a_token_and_a_request_earns_its_ratio() {
    let t = count(&budgeted(5, 0.5, 2.0));
    assert_eq!((t.attempts, t.failed), (3 + 1 + 2 + 1 + 2, 5));
}

/// Ten tenths are one, also in binary.
#[test]
fn ten_tenths_of_a_token_are_a_token() {
    assert_eq!(count(&budgeted(21, 0.1, 1.0)).attempts, 21 + 3);
}

#[test]
fn only_the_listed_outcomes_are_retried() {
    let mut s = budgeted(1, 1.0, 100.0);
    s.traffic[0].retry.budget = None;
    assert_eq!(count(&s).attempts, 10);
    s.traffic[0].retry.on[Error as usize] = false;
    assert_eq!(count(&s).attempts, 1);
}

/// Two attempts of 5 s, given up after 2 s each: 0..5 and 3..8.
fn impatient(concurrency: u32, horizon: f64) -> Scenario {
    let mut f = waits(5.0);
    f.instance_concurrency = concurrency;
    let mut s = scenario(f, at(&[0.0]), horizon);
    s.traffic[0].client_timeout = Some(secs(2.0));
    s.traffic[0].retry.attempts = Limit::At(2);
    s
}

#[test]
fn what_the_caller_gave_up_runs_on_and_is_billed() {
    for concurrency in [1, 2] {
        let t = count(&impatient(concurrency, 100.0));
        assert_eq!((t.failed, t.attempts, ended(&t, Timeout), t.invocations), (1, 2, 2, 2));
        // The platform saw two good invocations.
        assert_eq!(t.invocation_outcomes[Ok as usize], 2);
        assert_eq!((t.billed_ns, t.waste_ns[Waste::Abandoned as usize]), (10 * S, 10 * S));
        assert_eq!(t.shared_out_ns, 10 * S);
        let ends = slowest_failed(&t) - 5 * S as i64;
        assert!((0..=2).contains(&ends), "given up {ends} ns after 5 s");
        assert_eq!(t.starts, if concurrency == 1 { 2 } else { 1 });
    }
}

/// The horizon ends before the invocations do: they started in it, so they are on its bill.
#[test]
fn what_the_caller_gave_up_is_followed_to_its_end() {
    for concurrency in [1, 2] {
        let t = count(&impatient(concurrency, 4.0));
        assert_eq!((t.failed, t.in_flight, t.invocations, t.invocation_outcomes[Ok as usize]), (1, 0, 2, 2));
        assert_eq!((used(&t).active_ns, used(&t).invocations, t.billed_ns), (10 * S, 2, 10 * S));
    }
}

/// As long as the caller waits is not longer than it waits; for every way on which the end comes about.
#[test]
fn an_answer_at_the_last_moment_counts() {
    for (concurrency, cpu) in [(1, 0.0), (2, 0.0), (1, 2.0), (2, 2.0)] {
        let mut s = impatient(concurrency, 100.0);
        s.functions[0].work.io = super::fixed(2.0 - cpu);
        s.functions[0].work.cpu = super::fixed(cpu);
        let t = count(&s);
        assert_eq!((t.ok, t.attempts, slowest(&t)), (1, 1, 2 * S as i64), "concurrency {concurrency}, cpu {cpu}");
        // A nanosecond less.
        s.traffic[0].client_timeout = Some(secs(1.999_999_999));
        assert_eq!((count(&s).ok, ended(&count(&s), Timeout)), (0, 2));
    }
}

/// The caller's clock starts anew with each attempt.
#[test]
fn a_later_attempt_may_be_answered() {
    let mut s = impatient(1, 100.0);
    // The cold start makes the first attempt slow; the retry at 3 finds the first instance busy and starts another; the
    // third, at 5 + 2 = 7, finds the first one warm.
    s.functions[0].cold_start = super::fixed(4.0);
    s.functions[0].work.io = super::fixed(1.0);
    s.traffic[0].retry.attempts = Limit::At(3);
    let t = count(&s);
    assert_eq!((t.ok, t.attempts, ended(&t, Timeout), t.cold_starts), (1, 3, 2, 2));
    assert_eq!(slowest(&t), 8 * S as i64);
    assert_eq!(t.waste_ns[Waste::Abandoned as usize], 10 * S);
}
