//! The scaling rate under overload: nothing ever ends, so the number of instances is what was let in.

use faascast::engine::{self, FunctionTally};
use faascast::scenario::{Scaling, Scenario};
use faascast::units::Span;
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;

use super::{agrees, totals};
use crate::support::{function, rate, replicate, scenario};

/// Seconds.
const HORIZON: f64 = 60.0;
/// An arrival every 10 ms.
const GAP: i64 = 10_000_000;

fn overload(scaling: Scaling) -> Scenario {
    let f = function("ramp", Distribution::constant(800.0).unwrap());
    let mut s = scenario(f, Arrivals::Constant(rate(100.0)), HORIZON);
    s.account.scaling = scaling;
    s
}

/// Runs the ramp and compares with the rule `allowed(i)`: instances that may exist after arrival i. Every instance start,
/// every refusal and the instances of every second of the timeline follow from it.
fn check(scaling: Scaling, allowed: impl Fn(i64) -> u64) -> FunctionTally {
    let t = engine::run(&overload(scaling), 1, 0).functions.remove(0);
    let arrivals = (HORIZON * 1e9) as i64 / GAP;
    let mut existing = 0;
    let mut instance_ns = vec![0_u64; HORIZON as usize];
    for i in 0..arrivals {
        existing += u64::from(existing < allowed(i));
        instance_ns[(i * GAP / 1_000_000_000) as usize] += existing * GAP as u64;
    }
    assert_eq!(t.starts, existing);
    assert_eq!(t.cold_starts, existing);
    assert_eq!(t.instances_peak, existing);
    assert_eq!(t.attempts, arrivals as u64);
    assert_eq!(t.throttled_by, [0, 0, arrivals as u64 - existing, 0]);
    for (second, (bin, expected)) in t.bins.iter().zip(&instance_ns).enumerate() {
        assert_eq!(bin.instance_ns, *expected, "in second {second}");
    }
    t
}

/// Token bucket, full at the start: by time t, floor(burst + rate t) starts, one an arrival. The clock of the refill runs from
/// the first start, at 0.
#[test]
fn a_bucket_lets_in_burst_plus_rate_times_time() {
    let t = check(Scaling::Bucket { burst: 10.0, rate: 2.0 }, |i| 10 + i as u64 / 50);
    assert_eq!(t.starts, 10 + 119);
    // A fraction of a token is kept: 0.3 a second is one every 3.33 s.
    check(Scaling::Bucket { burst: 3.0, rate: 0.3 }, |i| 3 + (i as u64 * 3) / 1_000);
    // Without refill the burst is all.
    assert_eq!(check(Scaling::Bucket { burst: 25.0, rate: 0.0 }, |_| 25).starts, 25);
}

/// Windows aligned to clock 0, nothing carried over: n in each.
#[test]
fn a_window_lets_in_a_number_each() {
    let t = check(Scaling::Window { starts: 5, every: Span::from_secs(10) }, |i| 5 * (1 + i as u64 / 1_000));
    assert_eq!(t.starts, 30);
    check(Scaling::Window { starts: 7, every: Span::from_secs(7) }, |i| 7 * (1 + i as u64 / 700));
}

/// Instances at most burst + rate x time since the load rose above the burst, here with arrival `burst` (counted from 0).
#[test]
fn a_ceiling_rises_from_the_burst() {
    check(Scaling::Ceiling { burst: 10.0, rate: 2.0 }, |i| 10 + (i - 10).max(0) as u64 / 50);
    check(Scaling::Ceiling { burst: 4.0, rate: 0.5 }, |i| 4 + (i - 4).max(0) as u64 / 200);
}

/// Poisson overload: all but burst + rate x horizon of the requests are refused.
#[test]
fn poisson_overload_refuses_the_rest() {
    let mut s = overload(Scaling::Bucket { burst: 10.0, rate: 2.0 });
    s.traffic[0].arrivals = Arrivals::Poisson(rate(400.0));
    let r = replicate(&s, 20);
    // The last token comes within the mean gap, 2.5 ms, of the end.
    assert!(r.iter().all(|r| r.functions[0].starts == 129));
    agrees("let in", &totals(&r, |t| (t.cold_starts as f64, t.requests as f64)), 129.0 / (400.0 * HORIZON), 0.03);
}

/// Below its rate the bucket refuses what finds it empty. Work of no time that is never kept: every arrival is a start, and
/// tokens are those of a leaky bucket with fluid refill, in which a token takes 1/rate to come back: arrivals 0.4 s apart
/// against one token a second, burst 2, are let in at tokens 2, 1.4, 0.8 (no), 1.2, 0.6 (no), 1.0, ...: 2 of 5 in the long run.
#[test]
fn a_steady_overload_gets_the_rate() {
    let mut s = overload(Scaling::Bucket { burst: 2.0, rate: 1.0 });
    s.functions[0].work.io = Distribution::constant(0.0).unwrap();
    s.functions[0].keep_alive = faascast::scenario::KeepAlive::Constant(Span::ZERO);
    s.traffic[0].arrivals = Arrivals::Constant(rate(2.5));
    s.simulation.horizon = Span::from_secs(4_000);
    let t = engine::run(&s, 1, 0).functions.remove(0);
    // Tokens at the last arrival: those of the burst and one a second since 0, none left but a fraction.
    let last = 0.4 * 9_999.0;
    assert_eq!(t.starts, (2.0_f64 + last).floor() as u64);
    assert_eq!(t.throttled_by[2], 10_000 - t.starts);
}
