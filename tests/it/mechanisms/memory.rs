//! Memory: base + need of each running invocation + growth per invocation; above the configured memory the instance dies.

use faascast::engine::AttemptOutcome::{Crash, Ok};
use faascast::scenario::Function;
use faascast::units::Bytes;

use super::{S, at, counts, ended, fixed, waits};

fn with_memory(io: f64, configured: u64, base: u64, need: f64, growth: u64) -> Function {
    let mut f = waits(io);
    f.memory = Bytes(configured);
    f.work.base_memory = Bytes(base);
    f.work.memory = fixed(need);
    f.work.memory_growth = Bytes(growth);
    f
}

/// 400 + 100 (k - 1) + 100 bytes at invocation k: the sixth fits exactly into 1000, the seventh does not.
#[test]
fn growth_kills_at_the_seventh_invocation() {
    let f = with_memory(0.5, 1000, 400, 100.0, 100);
    let t = counts(f, at(&(0..20).map(f64::from).collect::<Vec<_>>()), 100.0);
    assert_eq!((ended(&t, Ok), ended(&t, Crash)), (18, 2));
    // Replaced after 7 and after 14; the crash comes before any work.
    assert_eq!((t.cold_starts, t.starts, t.reused), (3, 3, 17));
    assert_eq!(t.billed_ns, 18 * S / 2);
}

#[test]
fn a_crash_takes_the_others_on_the_instance_with_it() {
    let mut f = with_memory(1.0, 999, 400, 200.0, 0);
    f.instance_concurrency = 3;
    let t = counts(f.clone(), at(&[0.0, 0.1, 0.2, 5.0]), 10.0);
    assert_eq!((ended(&t, Crash), ended(&t, Ok), t.starts), (3, 1, 2));
    // 0.2 s, 0.1 s and nothing before the crash; 1 s on the new instance.
    assert_eq!(t.billed_ns, 13 * S / 10);
    f.memory = Bytes(1000);
    let t = counts(f, at(&[0.0, 0.1, 0.2, 5.0]), 10.0);
    assert_eq!((ended(&t, Ok), t.starts), (4, 1));
}

/// What an invocation used is free again once it has ended.
#[test]
fn memory_of_an_ended_invocation_is_free() {
    let mut f = with_memory(1.0, 1000, 0, 500.0, 0);
    f.instance_concurrency = 3;
    let t = counts(f, at(&[0.0, 0.5, 1.2, 1.8]), 10.0);
    assert_eq!((ended(&t, Ok), t.starts), (4, 1));
}

#[test]
fn base_and_need_above_the_memory_crash_every_invocation_on_a_new_instance() {
    let t = counts(with_memory(1.0, 1000, 600, 401.0, 0), at(&[0.0, 2.0, 4.0]), 10.0);
    assert_eq!((ended(&t, Crash), t.failed, t.cold_starts, t.instance_ns), (3, 3, 3, 0));
}
