//! Work left after the response goes on only while another invocation runs on the instance.

use faascast::engine::FunctionTally;
use faascast::scenario::{Function, KeepAlive};

use super::{at, counts, fixed, waits};
use crate::support::secs;

const FINISHED_LATE_LOST: fn(&FunctionTally) -> [u64; 3] = |t| t.background;

fn leaves(io: f64, background: f64) -> Function {
    let mut f = waits(io);
    f.work.background = fixed(background);
    f.keep_alive = KeepAlive::Constant(secs(10.0));
    f
}

#[test]
fn alone_on_an_instance_it_waits_for_the_next_invocation_or_is_lost() {
    let t = counts(leaves(1.0, 0.5), at(&[0.0, 2.0, 4.0, 60.0]), 100.0);
    assert_eq!(FINISHED_LATE_LOST(&t), [0, 2, 2]);
}

/// It needs 1.5 s of running time: two invocations of a second each.
#[test]
fn it_may_need_several_invocations() {
    let t = counts(leaves(1.0, 1.5), at(&[0.0, 2.0, 4.0]), 100.0);
    assert_eq!(FINISHED_LATE_LOST(&t), [0, 1, 2]);
}

#[test]
fn beside_another_invocation_it_goes_on() {
    let mut f = leaves(1.0, 0.1);
    f.instance_concurrency = 2;
    // The first leaves its work at 1.0, done at 1.1; the second's freezes at 1.2.
    assert_eq!(FINISHED_LATE_LOST(&counts(f.clone(), at(&[0.0, 0.2]), 100.0)), [1, 0, 1]);
    assert_eq!(FINISHED_LATE_LOST(&counts(f, at(&[0.0, 0.2, 5.0]), 100.0)), [1, 1, 1]);
}

/// Done by the end of the run is done, though nothing happened on the instance since.
#[test]
fn what_is_done_when_the_run_ends_is_counted() {
    let mut f = leaves(1.0, 0.1);
    f.instance_concurrency = 2;
    // Requests after the horizon keep the instance busy: at 1.9 the first one's work was done 0.8 s ago.
    let t = counts(f, at(&[0.0, 0.9, 1.6]), 1.5);
    assert_eq!(FINISHED_LATE_LOST(&t), [1, 0, 0]);
}

#[test]
fn a_timeout_leaves_nothing_running() {
    let mut f = leaves(2.0, 0.5);
    f.timeout = secs(1.0);
    assert_eq!(FINISHED_LATE_LOST(&counts(f, at(&[0.0, 2.0]), 100.0)), [0, 0, 0]);
}
