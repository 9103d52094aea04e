//! Which warm instance takes the next request: constructed so that each rule picks another one.

use faascast::engine;
use faascast::scenario::{Function, Routing};

use super::{S, count, counts, lasting, recorded};
use crate::support::scenario;

/// Instances a, b and c start at 0, 0.5 and 0.6 s and end their work at 2, 1 and 1.5 s; the probe comes at 5 s.
const THREE: [(f64, f64); 4] = [(0.0, 2.0), (0.5, 0.5), (0.6, 0.9), (5.0, 0.1)];

fn routed(routing: Routing, concurrency: u32) -> Function {
    let mut f = recorded();
    f.routing = routing;
    f.instance_concurrency = concurrency;
    f
}

/// Age in tenths of a second of the instance that the probe finds.
fn age(routing: Routing) -> u128 {
    let t = counts(routed(routing, 1), lasting(&THREE), 6.0);
    assert_eq!((t.cold_starts, t.reused), (3, 1));
    t.reused_age_ns / u128::from(S / 10)
}

#[test]
fn each_rule_picks_its_own_idle_instance() {
    assert_eq!(age(Routing::MostRecentlyUsed), 50);
    assert_eq!(age(Routing::LeastRecentlyUsed), 45);
    assert_eq!(age(Routing::Newest), 44);
    assert_eq!(age(Routing::LeastLoaded), 50);
}

#[test]
fn random_picks_each_one_equally_often() {
    let s = scenario(routed(Routing::Random, 1), lasting(&THREE), 6.0);
    let ages = (0..3_000).map(|i| engine::run(&s, 1, i).functions[0].reused_age_ns / u128::from(S / 10));
    let mut chosen = [0_u64; 3];
    for age in ages {
        chosen[[50, 45, 44].iter().position(|a| *a == age).unwrap()] += 1;
    }
    assert!(chosen.iter().all(|n| super::plausible(*n, 3_000, 1.0 / 3.0)), "{chosen:?}");
}

/// At 3 s instance a (started at 0) runs two invocations, b (0.5) one, of three each.
#[test]
fn shared_instances_are_filled_fullest_first_or_least_loaded_first() {
    let rows = [(0.0, 10.0), (0.0, 10.0), (0.0, 2.0), (0.5, 9.5), (3.0, 1.0)];
    for routing in [Routing::MostRecentlyUsed, Routing::Newest, Routing::LeastRecentlyUsed, Routing::Random] {
        let t = counts(routed(routing, 3), lasting(&rows), 20.0);
        assert_eq!((t.cold_starts, t.reused_age_ns), (2, 3 * u128::from(S)), "{routing:?}");
    }
    let t = counts(routed(Routing::LeastLoaded, 3), lasting(&rows), 20.0);
    assert_eq!((t.cold_starts, t.reused_age_ns), (2, 25 * u128::from(S / 10)));
}

/// At 3 s instance a (0) runs one invocation of two, b (0.5) is idle.
#[test]
fn a_busy_instance_with_a_free_slot_goes_before_an_idle_one_except_under_least_loaded() {
    let rows = [(0.0, 10.0), (0.0, 1.0), (0.5, 0.3), (3.0, 1.0)];
    let age = |routing| counts(routed(routing, 2), lasting(&rows), 20.0).reused_age_ns / u128::from(S / 10);
    assert_eq!(age(Routing::MostRecentlyUsed), 30);
    assert_eq!(age(Routing::LeastRecentlyUsed), 30);
    assert_eq!(age(Routing::LeastLoaded), 25);
}

/// With `most-recently-used` the older of two instances starves and goes; with `least-recently-used` both stay.
#[test]
fn the_rule_decides_how_many_instances_stay() {
    let rows: Vec<(f64, f64)> =
        [(0.0, 1.0), (0.0, 1.0)].into_iter().chain((1..40).map(|k| (f64::from(k) * 400.0, 1.0))).collect();
    let kept = |routing| {
        let t = count(&scenario(routed(routing, 1), lasting(&rows), 16_000.0));
        assert_eq!((t.cold_starts, t.instances_peak), (2, 2));
        t.instance_ns / u128::from(S)
    };
    // The one that is not used ends 600 s (keep-alive) after its only invocation.
    assert_eq!(kept(Routing::MostRecentlyUsed), 16_000 + 601);
    // 800 s between turns is more than 600 s: the second ends, too, once the first was taken.
    assert_eq!(kept(Routing::LeastRecentlyUsed), 16_000 + 601);
    let mut f = routed(Routing::LeastRecentlyUsed, 1);
    f.keep_alive = faascast::scenario::KeepAlive::Constant(crate::support::secs(800.0));
    assert_eq!(count(&scenario(f.clone(), lasting(&rows), 16_000.0)).instance_ns / u128::from(S), 32_000);
    f.routing = Routing::MostRecentlyUsed;
    assert_eq!(count(&scenario(f, lasting(&rows), 16_000.0)).instance_ns / u128::from(S), 16_000 + 801);
}
