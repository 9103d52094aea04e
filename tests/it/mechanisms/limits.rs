//! Hard limits met at run time: payload, headers, response; and what leaves the platform.

use faascast::engine::AttemptOutcome::{Ok, Rejected};
use faascast::platform::meter::Waste;
use faascast::workload::distribution::Distribution;

use super::{S, at, counts, ended, fixed, plausible, used, waits};
use crate::support::rate;

#[test]
fn a_request_over_the_limit_is_rejected_before_anything_starts() {
    let mut f = waits(1.0);
    f.rules.max_sync_request = 100;
    f.rules.max_async_request = 10;
    f.work.request_bytes = fixed(100.0);
    assert_eq!(counts(f.clone(), at(&[0.0]), 10.0).ok, 1);
    f.work.request_bytes = fixed(101.0);
    let t = counts(f, at(&[0.0]), 10.0);
    assert_eq!((t.failed, t.attempts, ended(&t, Rejected), t.invocations, t.starts), (1, 1, 1, 0, 0));
    assert_eq!(used(&t).invocations, 0);
}

#[test]
fn headers_over_the_limit_are_rejected() {
    let mut f = waits(1.0);
    f.rules.max_headers = 100;
    f.work.header_bytes = fixed(100.0);
    assert_eq!(counts(f.clone(), at(&[0.0]), 10.0).ok, 1);
    f.work.header_bytes = fixed(100.5);
    assert_eq!(ended(&counts(f, at(&[0.0]), 10.0), Rejected), 1);
}

#[test]
fn a_response_over_the_limit_is_rejected_after_the_work() {
    let mut f = waits(1.0);
    f.rules.max_response = 100;
    f.work.response_bytes = fixed(101.0);
    let t = counts(f, at(&[0.0]), 10.0);
    assert_eq!((t.failed, ended(&t, Rejected), t.invocations, t.invocation_outcomes[Rejected as usize]), (1, 1, 1, 1));
    assert_eq!((used(&t).active_ns, used(&t).invocations, used(&t).egress_bytes), (S, 1, 0));
    assert_eq!(t.waste_ns[Waste::Error as usize], S);
}

/// The share over the limit is that of the distribution, and only what was sent leaves.
#[test]
fn sizes_are_drawn_for_each_request() {
    let mut f = waits(0.0);
    f.rules.max_response = 800;
    f.work.response_bytes = Distribution::Uniform { min: 0.0, max: 1000.0 };
    let t = counts(f, faascast::workload::arrivals::Arrivals::Constant(rate(10.0)), 1000.0);
    assert!(plausible(ended(&t, Rejected), 10_000, 0.2), "{}", ended(&t, Rejected));
    // Uniform on 0..800: mean 400, standard deviation 231 (half a byte is lost to truncation).
    let mean = used(&t).egress_bytes as f64 / ended(&t, Ok) as f64;
    assert!((mean - 399.5).abs() < 4.0 * 231.0 / 8_000_f64.sqrt(), "{mean}");
}

#[test]
fn egress_is_what_answered_requests_sent() {
    let mut f = waits(1.0);
    f.work.response_bytes = fixed(1234.0);
    assert_eq!(used(&counts(f, at(&[0.0, 1.0, 5.0]), 10.0)).egress_bytes, 3 * 1234);
}

/// Ten requests a second for each of two invocations at once: 20 at once, then 20 a second. Work of a microsecond never fills the
/// quota itself.
#[test]
fn short_requests_meet_the_rate_of_an_instance() {
    use faascast::engine::ThrottleCause::{Function, InstanceRate};
    use faascast::scenario::Limit;
    use faascast::workload::arrivals::Arrivals;
    let mut f = waits(1e-6);
    f.rules.requests_per_second = Some(10);
    f.max_concurrency = Limit::At(2);
    let every = |per_second: f64| Arrivals::Constant(rate(per_second));
    let t = counts(f.clone(), every(50.0), 10.0);
    // 500 arrive; a full bucket of 20 and 20 a second for 10 s let 220 in, or one less at the edge.
    assert!((219..=220).contains(&t.invocations), "{}", t.invocations);
    assert_eq!((t.throttled_by[InstanceRate as usize], t.throttled_by[Function as usize]), (500 - t.invocations, 0));
    // At exactly that rate nothing is refused, and without the rule nothing ever is.
    assert_eq!(counts(f.clone(), every(20.0), 10.0).ok, 200);
    f.rules.requests_per_second = None;
    assert_eq!(counts(f.clone(), every(50.0), 10.0).ok, 500);
    // Quotas come first: work of a second leaves two a second, however many the rate would let in.
    f.rules.requests_per_second = Some(10);
    f.work.io = fixed(1.0);
    let t = counts(f, every(50.0), 10.0);
    assert_eq!(t.throttled_by[InstanceRate as usize], 0);
    assert!(t.throttled_by[Function as usize] > 450);
}
