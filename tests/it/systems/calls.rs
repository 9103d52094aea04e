//! Calls between functions.

use std::sync::Arc;

use faascast::engine::{AttemptOutcome, Replication, run};
use faascast::platform::meter::Waste;
use faascast::scenario::{Callee, Invoke, Limit, Outgoing, Scenario};
use faascast::units::NANOS;
use faascast::workload::arrivals::Arrivals;
use faascast::workload::trace::Trace;

use super::{call, system, waits};
use crate::support::{probability, replicate, scenario, secs};
use crate::theory::{agrees, run_in};

const S: u64 = NANOS as u64;

fn once(front: Outgoing, front_io: f64, back_io: f64) -> Scenario {
    let mut f = waits("front", front_io);
    f.calls = vec![front];
    let one = Arrivals::Trace(Arc::new(Trace::from_timestamps(vec![0], vec![], false, None).unwrap()));
    let mut s = scenario(f, one, 100.0);
    s.functions.push(waits("back", back_io));
    s
}

fn of(r: &Replication, function: usize, outcome: AttemptOutcome) -> u64 {
    r.functions[function].attempt_outcomes[outcome as usize]
}

/// The caller waits and is billed while it does: 0.3 s of its own and 0.7 s of the callee.
#[test]
fn the_caller_waits_and_is_billed() {
    let r = run(&once(call(Callee::Function(1)), 0.3, 0.7), 1, 0);
    assert_eq!((r.functions[0].billed_ns, r.functions[1].billed_ns), (S, 7 * S / 10));
    assert_eq!((r.functions[0].ok, r.functions[1].ok, r.functions[1].requests), (1, 1, 1));
    assert_eq!((r.sources[0].requests, r.calls[0].requests, r.calls[0].ok), (1, 1, 1));
    // All of it is caused by the one source.
    let caused: Vec<(u64, u64, u64)> = r.caused.iter().map(|c| (c.attempts, c.invocations, c.billed_ns)).collect();
    assert_eq!(caused, [(1, 1, S), (1, 1, 7 * S / 10)]);
}

/// Three in a row take three times as long; three at once, async, none of the caller's time.
#[test]
fn one_after_the_other_or_all_at_once() {
    let r = run(&once(Outgoing { times: 3, ..call(Callee::Function(1)) }, 0.1, 0.5), 1, 0);
    assert_eq!((r.functions[0].billed_ns, r.functions[1].invocations, r.functions[1].instances_peak), (16 * S / 10, 3, 1));
    let r = run(&once(Outgoing { times: 3, invoke: Invoke::Async, ..call(Callee::Function(1)) }, 0.1, 0.5), 1, 0);
    assert_eq!((r.functions[0].billed_ns, r.functions[1].invocations, r.functions[1].instances_peak), (S / 10, 3, 3));
}

/// The caller's timeout strikes while it waits: the callee runs on, for nothing.
#[test]
fn a_timeout_leaves_the_callee_behind() {
    let mut s = once(call(Callee::Function(1)), 0.5, 5.0);
    s.functions[0].timeout = secs(1.0);
    let r = run(&s, 1, 0);
    assert_eq!((of(&r, 0, AttemptOutcome::Timeout), r.functions[0].failed, r.functions[0].billed_ns), (1, 1, S));
    assert_eq!((of(&r, 1, AttemptOutcome::Timeout), r.functions[1].failed), (1, 1));
    assert_eq!(r.functions[1].invocation_outcomes[AttemptOutcome::Ok as usize], 1);
    assert_eq!((r.functions[1].billed_ns, r.functions[1].waste_ns[Waste::Abandoned as usize]), (5 * S, 5 * S));
}

/// The same on a shared instance, and when it is the call that has the timeout: the caller fails, or goes on.
#[test]
fn a_call_that_fails_fails_its_caller_unless_that_is_ignored() {
    for (concurrency, fails) in [(1, true), (1, false), (4, true), (4, false)] {
        let mut s = once(Outgoing { timeout: Some(secs(1.0)), fails, ..call(Callee::Function(1)) }, 0.5, 5.0);
        s.functions[0].instance_concurrency = concurrency;
        let r = run(&s, 1, 0);
        let outcome = if fails { AttemptOutcome::Error } else { AttemptOutcome::Ok };
        assert_eq!((of(&r, 0, outcome), r.functions[0].billed_ns), (1, 15 * S / 10), "{concurrency} {fails}");
        assert_eq!(r.functions[1].waste_ns[Waste::Abandoned as usize], 5 * S);
    }
}

/// Two retries on the way: the callee fails thrice, the caller once, and both are billed for it.
#[test]
fn a_function_retries_its_callee() {
    let mut outgoing = call(Callee::Function(1));
    outgoing.retry.attempts = Limit::At(3);
    let mut s = once(outgoing, 0.0, 1.0);
    s.functions[1].faults.error = probability(1.0);
    let r = run(&s, 1, 0);
    // Waits of 1 s and 2 s between the tries.
    assert_eq!((r.functions[1].attempts, r.functions[0].billed_ns, r.functions[0].failed), (3, 6 * S, 1));
    assert_eq!((r.calls[0].requests, r.calls[0].ok), (1, 0));
}

/// Tandem of two functions that only wait: by Little's law each has rate times time in flight, the first one the second's time too.
#[test]
fn a_tandem_by_littles_law() {
    let mut front = waits("front", 0.1);
    front.calls = vec![call(Callee::Function(1))];
    let mut s = system(front, vec![waits("back", 0.25)], vec![], 40.0, 600.0);
    run_in(&mut s, 10.0);
    let r = replicate(&s, 20);
    for (f, exact) in [(0, 40.0 * 0.35), (1, 40.0 * 0.25)] {
        let pairs: Vec<(f64, f64)> = r.iter().map(|r| (r.functions[f].concurrency_ns as f64 / 1e9, 600.0)).collect();
        agrees("in flight", &pairs, exact, 0.02);
        let billed: Vec<(f64, f64)> = r.iter().map(|r| (r.functions[f].billed_ns as f64 / 1e9, 600.0)).collect();
        agrees("billed", &billed, exact, 0.02);
    }
    // The fee is what was billed: each request 0.35 s and 0.25 s, exactly.
    assert!(r.iter().all(|r| r.functions[0].billed_ns == r.functions[0].requests * 35 * S / 100));
    assert!(r.iter().all(|r| r.functions[1].requests == r.functions[0].requests));
}

/// A fan-out of n brings n times the requests.
#[test]
fn a_fan_out_of_seven() {
    let mut front = waits("front", 0.05);
    front.calls = vec![Outgoing { times: 7, invoke: Invoke::Async, ..call(Callee::Function(1)) }];
    let mut s = system(front, vec![waits("back", 0.2)], vec![], 10.0, 600.0);
    run_in(&mut s, 10.0);
    let r = replicate(&s, 20);
    assert!(r.iter().all(|r| r.functions[1].requests == 7 * r.functions[0].requests && r.functions[0].requests > 5_000));
    let pairs: Vec<(f64, f64)> = r.iter().map(|r| (r.functions[1].concurrency_ns as f64 / 1e9, 600.0)).collect();
    agrees("in flight", &pairs, 10.0 * 7.0 * 0.2, 0.02);
}

fn recursion(q: f64, limit: Limit) -> Scenario {
    let mut f = waits("f", 0.2);
    f.calls = vec![Outgoing { invoke: Invoke::Async, probability: probability(q), ..call(Callee::Function(0)) }];
    let mut s = system(f, vec![], vec![], 5.0, 600.0);
    s.account.recursion_limit = limit;
    s
}

/// A recursion that goes on with probability q makes 1 / (1 - q) invocations of each request.
#[test]
fn a_recursion_is_geometric() {
    for q in [0.3, 0.8] {
        let r = replicate(&recursion(q, Limit::Unlimited), 20);
        let pairs: Vec<(f64, f64)> =
            r.iter().map(|r| (r.functions[0].invocations as f64, r.sources[0].requests as f64)).collect();
        agrees("invocations a request", &pairs, 1.0 / (1.0 - q), 0.03);
        assert!(r.iter().all(|r| r.caused[0].invocations == r.functions[0].invocations));
    }
}

/// A limit of n lets n invocations through, (1 - q^n) / (1 - q) on average, and stops the next one.
#[test]
fn a_recursion_is_stopped_by_the_limit() {
    let r = run(&recursion(1.0, Limit::At(16)), 1, 0);
    let roots = r.sources[0].requests;
    assert!(roots > 2_000);
    assert_eq!((r.functions[0].invocations, r.calls[0].stopped), (16 * roots, roots));
    assert_eq!(of(&r, 0, AttemptOutcome::Rejected), roots);
    let r = replicate(&recursion(0.8, Limit::At(4)), 20);
    let pairs: Vec<(f64, f64)> = r.iter().map(|r| (r.functions[0].invocations as f64, r.sources[0].requests as f64)).collect();
    agrees("invocations a request", &pairs, (1.0 - 0.8_f64 * 0.8 * 0.8 * 0.8) / 0.2, 0.02);
}

/// Around a loop of two functions the limit counts the invocations of each.
#[test]
fn a_loop_of_two_is_stopped_when_each_has_had_its_number() {
    let mut front = waits("front", 0.1);
    front.calls = vec![Outgoing { invoke: Invoke::Async, ..call(Callee::Function(1)) }];
    let mut back = waits("back", 0.1);
    back.calls = vec![Outgoing { invoke: Invoke::Async, ..call(Callee::Function(0)) }];
    let mut s = system(front, vec![back], vec![], 1.0, 600.0);
    s.account.recursion_limit = Limit::At(5);
    let r = run(&s, 1, 0);
    let roots = r.sources[0].requests;
    assert_eq!((r.functions[0].invocations, r.functions[1].invocations), (5 * roots, 5 * roots));
}

/// A function that reserves nothing is starved by a fan-out that fills the account's quota; reserving protects it.
#[test]
fn a_noisy_neighbour_takes_the_quota() {
    let build = |reserved: Option<u64>| {
        let mut noisy = waits("noisy", 0.1);
        noisy.calls = vec![Outgoing { times: 30, invoke: Invoke::Async, ..call(Callee::Function(1)) }];
        let mut checkout = waits("checkout", 0.2);
        checkout.reserved = reserved;
        let mut s = system(noisy, vec![waits("worker", 1.0), checkout], vec![], 0.5, 600.0);
        let mut own = s.traffic[0].clone();
        (own.name, own.function) = ("shop".into(), 2);
        own.arrivals = Arrivals::Poisson(crate::support::rate(5.0));
        s.traffic.push(own);
        s.account.max_instances = Limit::At(20);
        s
    };
    let refused = |s: &Scenario| {
        let t = &run(s, 1, 0).functions[2];
        t.attempt_outcomes[AttemptOutcome::Throttled as usize] as f64 / t.attempts as f64
    };
    assert!(refused(&build(None)) > 0.2 && refused(&build(Some(8))) < 0.002);
}

/// The log of a system has the calls between its functions too, and changes no count.
#[test]
fn a_system_is_logged() {
    let s = once(Outgoing { times: 3, ..call(Callee::Function(1)) }, 0.1, 0.5);
    let (r, log) = faascast::engine::run_logged(&s, 1, 0);
    assert_eq!(log.iter().map(|entry| entry.function).collect::<Vec<_>>(), [1, 1, 1, 0]);
    assert_eq!((r.functions[1].invocations, r.functions[0].billed_ns), (3, 16 * S / 10));
    // Each call is a request of its own.
    assert!(log[0].request != log[1].request && log[1].request != log[2].request);
}

/// What calls itself twice has more calls under way than can be kept before the minute is over, whatever the limits of time.
#[test]
fn what_doubles_without_end_is_given_up() {
    let mut s = recursion(1.0, Limit::Unlimited);
    s.functions[0].calls[0].times = 2;
    let r = run(&s, 1, 0);
    assert!(r.overrun.is_some_and(|at| at < secs(60.0)), "{:?}", r.overrun);
    assert!(run(&recursion(0.5, Limit::Unlimited), 1, 0).overrun.is_none());
}
