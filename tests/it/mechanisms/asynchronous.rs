//! Asynchronous events: retries, redeliveries, age, duplicates, dead letters.

use faascast::engine::AttemptOutcome::{Error, Ok, Rejected, Throttled};
use faascast::platform::meter::Waste;
use faascast::scenario::{Change, Event, Function, Invoke, Limit, Scenario, Shape};
use faascast::units::SimTime;
use faascast::workload::arrivals::Arrivals;

use super::{S, at, count, ended, fixed, plausible, slowest, slowest_failed, used, waits};
use crate::support::{probability, rate, scenario, secs};

fn events(f: Function, arrivals: Arrivals, horizon: f64) -> Scenario {
    let mut s = scenario(f, arrivals, horizon);
    s.traffic[0].invoke = Invoke::Async;
    s
}

fn failing() -> Function {
    let mut f = waits(1.0);
    f.faults.error = probability(1.0);
    f.asynchronous.retries = 2;
    f.asynchronous.delays = vec![secs(10.0), secs(20.0)];
    f.asynchronous.dead_letter = true;
    f
}

#[test]
fn retried_after_its_delays_then_dropped_to_the_dead_letters() {
    let t = count(&events(failing(), at(&[0.0]), 100.0));
    // 0..1, 11..12, 32..33.
    assert_eq!((t.attempts, ended(&t, Error), t.invocations), (3, 3, 3));
    assert_eq!((t.ok, t.failed, t.dropped, t.dead_letters), (0, 0, 1, 1));
    assert_eq!(slowest_failed(&t), 33 * S as i64);
    assert_eq!((t.backlog_ns, t.backlog_peak), (30 * u128::from(S), 1));
    assert_eq!(t.async_age.max().unwrap().0, 32 * S as i64);
}

#[test]
fn the_last_delay_repeats_and_no_dead_letter_target_means_none() {
    let mut f = failing();
    f.asynchronous.retries = 4;
    f.asynchronous.dead_letter = false;
    let t = count(&events(f, at(&[0.0]), 1000.0));
    assert_eq!((t.attempts, t.dropped, t.dead_letters), (5, 1, 0));
    assert_eq!(slowest_failed(&t), (5 + 10 + 3 * 20) * S as i64);
}

#[test]
fn ok_after_an_outage() {
    let mut s = events(failing(), at(&[0.0]), 100.0);
    s.functions[0].faults.error = probability(0.0);
    let change =
        Change::Function { function: 0, error: Some(probability(1.0)), hang: None, crash: None, init_failure: None, slower: 1.0 };
    s.events.push(Event { name: "outage".into(), at: SimTime(0), duration: secs(5.0), shape: Shape::Step, change });
    let t = count(&s);
    assert_eq!((t.ok, t.dropped, t.attempts, ended(&t, Ok)), (1, 0, 2, 1));
    assert_eq!(slowest(&t), 12 * S as i64);
}

/// Refused at 0, 1, 3, 7; the next would be at 15, but the event ends at its age of 10.
#[test]
fn redelivered_after_throttles_until_exactly_its_age() {
    let mut f = waits(1.0);
    f.max_instances = Limit::At(0);
    f.asynchronous.max_event_age = secs(10.0);
    f.asynchronous.retries = 5;
    let t = count(&events(f, at(&[0.0]), 100.0));
    assert_eq!((t.redeliveries, t.attempts, ended(&t, Throttled), t.invocations), (3, 1, 1, 0));
    assert_eq!((t.first_attempt_throttled, t.throttled_by), (1, [1, 0, 0, 0]));
    assert_eq!(t.bins.iter().map(|b| b.throttled).sum::<u64>(), 4);
    assert_eq!((t.dropped, slowest_failed(&t)), (1, 10 * S as i64));
}

#[test]
fn a_redelivery_that_is_admitted_is_one_attempt() {
    let mut f = waits(2.5);
    f.max_instances = Limit::At(1);
    let t = count(&events(f, at(&[0.0, 0.0]), 100.0));
    // The second event is refused at 0 and 1 and admitted at 3.
    assert_eq!((t.ok, t.attempts, t.invocations, t.redeliveries), (2, 2, 2, 2));
    assert_eq!((ended(&t, Throttled), t.first_attempt_throttled), (0, 1));
    assert_eq!((slowest(&t), t.async_age.max().unwrap().0), (55 * S as i64 / 10, 3 * S as i64));
}

/// A retry that comes due beyond the age never starts.
#[test]
fn a_retry_beyond_the_age_is_not_started() {
    let mut f = failing();
    f.asynchronous.max_event_age = secs(20.0);
    let t = count(&events(f, at(&[0.0]), 100.0));
    assert_eq!((t.attempts, t.dropped, t.dead_letters, slowest_failed(&t)), (2, 1, 1, 20 * S as i64));
}

#[test]
fn a_duplicate_is_delivered_and_billed_and_changes_no_request() {
    let mut f = waits(1.0);
    f.asynchronous.duplicate = probability(1.0);
    let t = count(&events(f, at(&[0.0, 50.0]), 100.0));
    assert_eq!((t.requests, t.ok, t.duplicates, t.attempts, t.invocations), (2, 2, 2, 4, 4));
    assert_eq!((t.shared_out_ns, t.waste_ns[Waste::Duplicate as usize]), (4 * S, 2 * S));
    assert_eq!((used(&t).invocations, used(&t).active_ns), (4, 4 * S));
}

/// Ok when any delivery is: 1 - 0.5 x 0.5.
#[test]
fn a_request_is_ok_when_any_delivery_is() {
    let mut f = waits(0.001);
    f.asynchronous.duplicate = probability(1.0);
    f.faults.error = probability(0.5);
    let t = count(&events(f.clone(), Arrivals::Constant(rate(100.0)), 100.0));
    assert_eq!(t.ok + t.dropped, 10_000);
    assert!(plausible(t.ok, 10_000, 0.75), "{}", t.ok);
    f.asynchronous.duplicate = probability(0.2);
    let t = count(&events(f, Arrivals::Constant(rate(100.0)), 100.0));
    assert!(plausible(t.duplicates, 10_000, 0.2) && plausible(t.ok, 10_000, 0.8 * 0.5 + 0.2 * 0.75), "{} {}", t.duplicates, t.ok);
    assert_eq!(t.invocations, 10_000 + t.duplicates);
}

/// The second delivery waits for the only instance and runs on past the end of its request: it is followed and billed, too.
#[test]
fn the_second_delivery_is_followed_to_its_end() {
    let mut f = waits(1.0);
    f.asynchronous.duplicate = probability(1.0);
    f.max_instances = Limit::At(1);
    let t = count(&events(f, at(&[0.0]), 0.5));
    assert_eq!((t.ok, t.attempts, t.invocations, t.invocation_outcomes.iter().sum::<u64>()), (1, 2, 2, 2));
    assert_eq!(t.shared_out_ns, 2 * S);
}

/// A hard limit is no error of the handler: the event is dropped without a retry.
#[test]
fn a_rejected_event_is_not_retried() {
    let mut f = failing();
    f.work.request_bytes = fixed(101.0);
    f.rules.max_async_request = 100;
    let t = count(&events(f, at(&[0.0]), 100.0));
    assert_eq!((t.attempts, ended(&t, Rejected), t.dropped, t.dead_letters, t.invocations), (1, 1, 1, 1, 0));
}
