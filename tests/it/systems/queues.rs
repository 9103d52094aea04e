//! Queue sources: batches, visibility, redelivery, pollers; and provisioned instances that track a target.

use std::sync::Arc;

use faascast::engine::{AttemptOutcome, FunctionTally, run};
use faascast::platform::meter::Waste;
use faascast::scenario::{Invoke, Limit, Pollers, Provisioned, QueueSource, Scenario};
use faascast::units::{NANOS, Span};
use faascast::workload::arrivals::Arrivals;
use faascast::workload::trace::Trace;

use super::waits;
use crate::support::{probability, rate, replicate, scenario, secs};
use crate::theory::{agrees, run_in};

const S: u64 = NANOS as u64;

fn queue(work: f64, arrivals: Arrivals, horizon: f64) -> Scenario {
    let mut s = scenario(waits("worker", work), arrivals, horizon);
    s.traffic[0].invoke = Invoke::Queue;
    s.traffic[0].queue = Some(QueueSource {
        batch_size: 1,
        batch_window: Span::ZERO,
        max_concurrency: Limit::Unlimited,
        pollers: Pollers { start: 1_000_000, rate: 0.0, max: Limit::Unlimited },
        visibility_timeout: secs(3_600.0),
        max_receives: Limit::Unlimited,
        partitions: None,
        partial_batch_failure: false,
    });
    s
}

fn spec(s: &mut Scenario) -> &mut QueueSource {
    s.traffic[0].queue.as_mut().unwrap()
}

fn at(seconds: &[f64]) -> Arrivals {
    let times = seconds.iter().map(|s| secs(*s).0).collect();
    Arrivals::Trace(Arc::new(Trace::from_timestamps(times, vec![], false, None).unwrap()))
}

fn count(s: &Scenario) -> FunctionTally {
    run(s, s.simulation.seed, 0).functions.swap_remove(0)
}

/// One batch at a time of constant work is M/D/1: mean wait rho d / (2 (1 - rho)) (Pollaczek and Khinchin).
#[test]
fn one_poller_of_constant_work_is_m_d_1() {
    let mut s = queue(0.1, Arrivals::Poisson(rate(7.0)), 4_000.0);
    spec(&mut s).max_concurrency = Limit::At(1);
    run_in(&mut s, 200.0);
    let r = replicate(&s, 20);
    let waits: Vec<(f64, f64)> =
        r.iter().map(|r| (r.functions[0].async_age.sum_secs(), r.functions[0].async_age.count() as f64)).collect();
    agrees("wait", &waits, 0.7 * 0.1 / (2.0 * 0.3), 0.05);
    let waiting: Vec<(f64, f64)> = r.iter().map(|r| (r.functions[0].backlog_ns as f64 / 1e9, 4_000.0)).collect();
    agrees("backlog", &waiting, 7.0 * 0.7 * 0.1 / (2.0 * 0.3), 0.05);
}

/// Batches of several servers, message by message, against a loop that does nothing else.
#[test]
fn batches_go_as_in_a_simple_loop() {
    // Nanoseconds, so that what is due at the same instant is so here too.
    let milli = 1_000_000_i64;
    let mut times: Vec<i64> = (0..400).map(|i| (i * i % 97 * 900 + i * 50) * milli).collect();
    times.sort_unstable();
    for (size, pollers) in [(1, 1), (4, 2), (10, 3)] {
        let arrivals = Arrivals::Trace(Arc::new(Trace::from_timestamps(times.clone(), vec![], false, None).unwrap()));
        let mut s = queue(0.5, arrivals, 1_000.0);
        (spec(&mut s).batch_size, spec(&mut s).max_concurrency) = (size, Limit::At(pollers));
        let t = count(&s);
        // Each poller that is free takes what waits, oldest first, up to the size; a batch takes the sum of its work.
        let (mut free, mut next, mut ages, mut batches) = (vec![0_i64; pollers as usize], 0, 0, 0_u64);
        while next < times.len() {
            free.sort_unstable();
            let start = free[0].max(times[next]);
            // What ends at an instant ends before anything arrives: that is then taken by itself.
            let taken = if free[0] <= times[next] {
                1
            } else {
                times[next..].iter().take(size as usize).filter(|time| **time < start).count()
            };
            ages += times[next..next + taken].iter().map(|time| start - time).sum::<i64>();
            free[0] = start + 500 * milli * taken as i64;
            next += taken;
            batches += 1;
        }
        assert_eq!((t.ok, t.invocations), (400, batches), "size {size}");
        let ages = ages as f64 / 1e9;
        assert!((t.async_age.sum_secs() - ages).abs() < 1e-6 * ages.max(1.0), "{} {ages}", t.async_age.sum_secs());
    }
}

/// A window lets a batch fill: ten messages a second apart, three in a batch, or what 1.5 s bring.
#[test]
fn a_window_lets_batches_fill() {
    let mut s = queue(0.0, at(&(0..10).map(f64::from).collect::<Vec<_>>()), 100.0);
    (spec(&mut s).batch_size, spec(&mut s).batch_window) = (3, secs(60.0));
    assert_eq!(count(&s).invocations, 4);
    spec(&mut s).batch_window = secs(1.5);
    assert_eq!(count(&s).invocations, 5);
}

/// A visibility timeout of 30 s on a function of 60 s: the message comes back and is worked on twice.
#[test]
fn a_short_visibility_timeout_does_the_work_twice() {
    let mut s = queue(60.0, at(&[0.0]), 1_000.0);
    spec(&mut s).visibility_timeout = secs(30.0);
    let t = count(&s);
    assert_eq!((t.requests, t.ok, t.invocations, t.redeliveries, t.duplicates), (1, 1, 2, 1, 1));
    assert_eq!((t.billed_ns, t.waste_ns[Waste::Duplicate as usize]), (120 * S, 60 * S));
    // Work of 100 s is received at 0, 30, 60 and 90: four times.
    let mut s = queue(100.0, at(&[0.0]), 1_000.0);
    spec(&mut s).visibility_timeout = secs(30.0);
    assert_eq!((count(&s).invocations, count(&s).duplicates), (4, 3));
    // Just long enough: once.
    spec(&mut s).visibility_timeout = secs(100.0);
    assert_eq!((count(&s).invocations, count(&s).duplicates), (1, 0));
}

/// What always fails is received so often, then goes to the dead-letter queue.
#[test]
fn poison_goes_to_the_dead_letter_queue() {
    let mut s = queue(1.0, at(&[0.0, 5.0]), 1_000.0);
    s.functions[0].faults.error = probability(1.0);
    (spec(&mut s).visibility_timeout, spec(&mut s).max_receives) = (secs(20.0), Limit::At(3));
    let t = count(&s);
    assert_eq!((t.dropped, t.dead_letters, t.invocations, t.redeliveries, t.ok, t.in_flight), (2, 2, 6, 4, 0, 0));
    assert_eq!(t.attempt_outcomes[AttemptOutcome::Error as usize], 6);
    assert!((t.latency_failed.max().unwrap().as_secs_f64() - 60.0).abs() < 0.06);
}

/// With partial batch failure each message is tried until it passes: geometric. Without, one bad message brings all ten back.
#[test]
fn a_failed_batch_brings_back_some_or_all() {
    let tries = |partial: bool| {
        let mut s = queue(0.01, Arrivals::Poisson(rate(50.0)), 2_000.0);
        s.functions[0].faults.error = probability(0.2);
        *spec(&mut s) = QueueSource {
            batch_size: 10,
            max_concurrency: Limit::At(8),
            batch_window: secs(5.0),
            visibility_timeout: secs(10.0),
            partial_batch_failure: partial,
            ..spec(&mut s).clone()
        };
        replicate(&s, 8).iter().map(|r| (r.functions[0].attempts as f64, r.functions[0].requests as f64)).collect::<Vec<_>>()
    };
    agrees("tries a message", &tries(true), 1.25, 0.02);
    let whole = tries(false).iter().fold((0.0, 0.0), |(a, r), pair| (a + pair.0, r + pair.1));
    assert!(whole.0 / whole.1 > 2.0, "{whole:?}");
}

/// Four partitions, each with one batch in flight, are four M/D/1 of a quarter of the messages each.
#[test]
fn partitions_are_as_many_single_servers() {
    let mut s = queue(0.1, Arrivals::Poisson(rate(28.0)), 4_000.0);
    spec(&mut s).partitions = Some(4);
    run_in(&mut s, 200.0);
    let r = replicate(&s, 20);
    let waits: Vec<(f64, f64)> =
        r.iter().map(|r| (r.functions[0].async_age.sum_secs(), r.functions[0].async_age.count() as f64)).collect();
    agrees("wait", &waits, 0.7 * 0.1 / (2.0 * 0.3), 0.05);
}

/// In a partition nothing overtakes what fails: tries at 0, 2 and 5 s of the first message, after pauses of 1 and 2 s, then
/// those of the second from 6 s on.
#[test]
fn poison_holds_its_partition_up() {
    let mut s = queue(1.0, at(&[0.0, 0.0]), 1_000.0);
    s.functions[0].faults.error = probability(1.0);
    (spec(&mut s).partitions, spec(&mut s).max_receives) = (Some(1), Limit::At(3));
    let t = count(&s);
    assert_eq!((t.dead_letters, t.invocations, t.redeliveries, t.instances_peak), (2, 6, 4, 1));
    let ends = |t: &FunctionTally| (t.latency_failed.sum_secs(), t.latency_failed.max().unwrap().as_secs_f64());
    assert!((ends(&t).0 - 18.0).abs() < 0.02 && (ends(&t).1 - 12.0).abs() < 0.02, "{:?}", ends(&t));
}

/// A batch of a partition comes back from its first message that failed on: with k of n left to do, the same is true of those.
#[test]
fn a_partition_goes_on_from_what_failed() {
    let mut s = queue(0.01, at(&[0.0; 10]), 10_000.0);
    s.functions[0].faults.error = probability(0.2);
    *spec(&mut s) = QueueSource {
        batch_size: 10,
        batch_window: secs(1.0),
        partitions: Some(1),
        partial_batch_failure: true,
        ..spec(&mut s).clone()
    };
    let r = replicate(&s, 1_000);
    // Of a batch of n, message i is done if none up to it failed: a batch has 1 + (number of failures met at the head) tries,
    // and each message fails at the head 0.2 / 0.8 times before it passes.
    let batches: Vec<(f64, f64)> = r.iter().map(|r| (r.functions[0].invocations as f64, 1.0)).collect();
    agrees("batches", &batches, 1.0 + 10.0 * 0.25, 0.1);
    assert!(r.iter().all(|r| r.functions[0].ok == 10));
}

/// A backlog of 1,000 at two pollers, a second each: drained after 500 s.
#[test]
fn a_backlog_drains_at_the_pollers_pace() {
    let mut s = queue(1.0, at(&vec![0.0; 1_000]), 1_000.0);
    spec(&mut s).pollers = Pollers { start: 2, rate: 0.0, max: Limit::Unlimited };
    let t = count(&s);
    assert_eq!((t.ok, t.instances_peak, t.backlog_peak), (1_000, 2, 998));
    assert!((t.latency.max().unwrap().as_secs_f64() - 500.0).abs() < 0.6);
}

/// Five pollers at first, and 300 a minute more while messages wait: 5 + 5 t after t seconds.
#[test]
fn pollers_grow_while_messages_wait() {
    let peak = |horizon: f64, max: u64| {
        let mut s = queue(10_000.0, at(&vec![0.0; 1_000]), horizon);
        s.functions[0].timeout = secs(20_000.0);
        spec(&mut s).visibility_timeout = secs(20_000.0);
        spec(&mut s).pollers = Pollers { start: 5, rate: 5.0, max: Limit::At(max) };
        count(&s).instances_peak
    };
    assert_eq!((peak(0.1, 1_000), peak(10.1, 1_000), peak(60.1, 1_000), peak(60.1, 100)), (5, 55, 305, 100));
}

/// A throttled batch stays with its poller, which tries again: nothing is received a second time before its visibility timeout.
#[test]
fn a_throttled_batch_is_tried_again_by_its_poller() {
    let mut s = queue(10.0, at(&[0.0, 0.0]), 1_000.0);
    s.functions[0].max_instances = Limit::At(1);
    let t = count(&s);
    // Tries at 0, 1, 3, 7 and 15 s.
    assert_eq!((t.ok, t.invocations, t.redeliveries), (2, 2, 0));
    assert!((t.latency.max().unwrap().as_secs_f64() - 25.0).abs() < 0.03);
    spec(&mut s).visibility_timeout = secs(12.0);
    let t = count(&s);
    // Given back at 12 s, and received again at once.
    assert_eq!((t.ok, t.invocations, t.redeliveries, t.attempt_outcomes[AttemptOutcome::Throttled as usize]), (2, 2, 1, 1));
    assert!((t.latency.max().unwrap().as_secs_f64() - 22.0).abs() < 0.03);
}

/// Ten invocations in flight at a target of one half keep twenty instances warm, whatever the start.
#[test]
fn target_tracking_keeps_twice_what_is_used() {
    let mut s = scenario(waits("f", 1.0), Arrivals::Constant(rate(10.0)), 7_200.0);
    s.functions[0].provisioned = Provisioned::Tracking { target: 0.5, min: 1, max: 100 };
    let warm = |s: &Scenario| {
        let hour = &count(s).hours[1];
        (hour.provisioned_active_ns + hour.provisioned_idle_ns) as f64 / 3.6e12
    };
    assert!((warm(&s) - 20.0).abs() < 0.5, "{}", warm(&s));
    // At most, and at least.
    s.functions[0].provisioned = Provisioned::Tracking { target: 0.5, min: 1, max: 12 };
    assert!((warm(&s) - 12.0).abs() < 1e-9);
    s.functions[0].provisioned = Provisioned::Tracking { target: 0.5, min: 40, max: 100 };
    assert!((warm(&s) - 40.0).abs() < 1e-9);
}
