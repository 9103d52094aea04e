//! Keep-alive and maximum age.

use faascast::scenario::KeepAlive;
use faascast::units::Span;
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;

use super::{S, at, counts, fixed, lasting, recorded, waits};
use crate::support::{rate, secs};

#[test]
fn idle_for_exactly_the_keep_alive_is_warm_and_a_nanosecond_more_is_gone() {
    let mut f = waits(1.0);
    f.keep_alive = KeepAlive::Constant(secs(2.0));
    // Idle 1..3, then 4..6 and one nanosecond.
    let t = counts(f.clone(), at(&[0.0, 3.0, 6.000_000_001]), 7.0);
    assert_eq!((t.cold_starts, t.reused, t.reused_age_ns), (2, 1, 3 * u128::from(S)));
    f.keep_alive = KeepAlive::Drawn(fixed(2.0));
    let drawn = counts(f, at(&[0.0, 3.0, 6.000_000_001]), 7.0);
    assert_eq!((drawn.cold_starts, drawn.reused, drawn.instance_ns), (2, 1, t.instance_ns));
    // Both instances: 0..6 and a nanosecond, then from there to the horizon.
    assert_eq!(t.instance_ns, 7 * u128::from(S));
}

#[test]
fn forever_and_nothing_are_keep_alives() {
    let mut f = waits(1.0);
    f.keep_alive = KeepAlive::Constant(Span::FOREVER);
    let t = counts(f.clone(), at(&[0.0, 90_000.0]), 100_000.0);
    assert_eq!((t.cold_starts, t.instance_ns), (1, 100_000 * u128::from(S)));
    f.keep_alive = KeepAlive::Constant(Span::ZERO);
    // The next request comes at the very instant at which the first ends: still warm.
    let t = counts(f, at(&[0.0, 1.0, 2.000_000_001]), 10.0);
    assert_eq!((t.cold_starts, t.reused), (2, 1));
}

/// Each idle period draws its own keep-alive: with gaps of 5 s and a uniform law on 0..10 s half of the instances are gone.
#[test]
fn a_drawn_keep_alive_is_drawn_for_each_idle_period() {
    let mut f = waits(0.0);
    f.keep_alive = KeepAlive::Drawn(Distribution::Uniform { min: 0.0, max: 10.0 });
    let t = counts(f, Arrivals::Constant(rate(0.2)), 50_000.0);
    assert!(super::plausible(t.cold_starts, 10_000, 0.5), "{} of 10,000", t.cold_starts);
    // An idle time lasts min(uniform(0, 10), 5) s: 3.75 s on average, variance 25/12 + ... < 2.9.
    let mean = t.instance_ns as f64 / 1e9 / 10_000.0;
    assert!((mean - 3.75).abs() < 4.0 * (2.9_f64 / 10_000.0).sqrt(), "{mean}");
}

#[test]
fn an_idle_instance_ends_at_its_age() {
    let mut f = waits(1.0);
    f.max_age = secs(10.0);
    let t = counts(f.clone(), at(&[0.0, 5.0]), 20.0);
    assert_eq!((t.cold_starts, t.instance_ns), (1, 10 * u128::from(S)));
    let t = counts(f, at(&[0.0, 5.0, 10.0]), 20.0);
    assert_eq!((t.cold_starts, t.instance_ns), (2, 20 * u128::from(S)));
}

#[test]
fn a_busy_instance_outlives_its_age_until_it_is_idle() {
    let mut f = waits(1.0);
    f.max_age = secs(10.0);
    let t = counts(f, at(&[0.0, 5.0, 9.5, 11.0]), 20.0);
    // 0..10.5 and 11..20.
    assert_eq!((t.cold_starts, t.ok), (2, 4));
    assert_eq!(t.instance_ns, 195 * u128::from(S) / 10);
}

#[test]
fn a_shared_instance_beyond_its_age_takes_no_more_work() {
    let mut f = recorded();
    f.instance_concurrency = 2;
    f.max_age = secs(10.0);
    let t = counts(f, lasting(&[(0.0, 4.0), (3.0, 4.0), (6.0, 4.0), (9.0, 4.0), (12.0, 1.0)]), 20.0);
    // 0..13 draining from 12 on, and 12..20.
    assert_eq!((t.cold_starts, t.ok, t.instances_peak), (2, 5, 2));
    assert_eq!(t.instance_ns, 21 * u128::from(S));
}
