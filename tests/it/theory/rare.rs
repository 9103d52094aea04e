//! Throttling that is rare, by splitting: against Erlang B, and against plain runs where those see enough.

use faascast::engine::splitting::{self, Level, Split};
use faascast::scenario::{KeepAlive, Limit, Scenario};
use faascast::units::Span;
use faascast::workload::arrivals::{Arrivals, MmppState};
use faascast::workload::distribution::Distribution;

use super::reference::{erlang_b, exponential};
use super::{agrees, run_in, throttled, totals};
use crate::loss::{self, Loss};
use crate::support::{function, probability, rate, replicate, scenario, secs};

fn split(s: &Scenario, levels: &[(u64, u32)], n: u64) -> Vec<Split> {
    let levels: Vec<Level> = levels.iter().map(|(busy, copies)| Level { busy: *busy, copies: *copies }).collect();
    (0..n).map(|i| splitting::run(s, i, &levels, u64::MAX, &|| false).unwrap()).collect()
}

fn shares(splits: &[Split]) -> Vec<(f64, f64)> {
    splits.iter().map(|split| (split.all_throttled(), split.requests)).collect()
}

/// B(11, 2) = 6.9e-6, whatever the service law, at levels chosen by hand.
#[test]
fn erlang_b_at_1e_5_for_three_service_laws() {
    let exact = erlang_b(11, 2.0);
    assert!((1e-6..1e-5).contains(&exact), "{exact}");
    for law in loss::laws(0.1) {
        let mut f = function("loss", law.1);
        f.max_instances = Limit::At(11);
        f.keep_alive = KeepAlive::Constant(Span::FOREVER);
        let mut s = scenario(f, Arrivals::Poisson(rate(20.0)), 1_000.0);
        run_in(&mut s, 20.0);
        s.traffic[0].name = law.0.to_owned();
        let splits = split(&s, &[(5, 6), (7, 9), (8, 3), (9, 4), (10, 5)], 40);
        agrees(&format!("B(11, 2) {}", law.0), &shares(&splits), exact, 0.4);
        // All that is weighted adds up to what a plain run sees.
        let requests: Vec<(f64, f64)> = splits.iter().map(|split| (split.requests, 1_000.0)).collect();
        agrees("requests a second", &requests, 20.0, 0.05);
        assert!(splits.iter().all(|split| !split.cut && split.throttled[1..].iter().all(|x| *x == 0.0)));
    }
}

/// Everything that a function of the fast path can do, where plain runs see throttling too: both must say the same of every
/// cause. The splitting knows nothing of the mechanisms but what the fast path does.
#[test]
fn as_plain_runs_with_every_mechanism() {
    let mut f = function("all", Distribution::lognormal_mean_cv(0.2, 1.5).unwrap());
    f.max_instances = Limit::At(9);
    f.timeout = secs(1.0);
    f.cold_start = exponential(0.3);
    f.keep_alive = KeepAlive::Drawn(Distribution::uniform(1.0, 4.0).unwrap());
    f.max_age = secs(30.0);
    f.faults.error = probability(0.05);
    f.faults.hang = probability(0.01);
    f.faults.crash = probability(0.05);
    f.faults.init_failure = probability(0.05);
    let state = |r: f64, seconds: f64| MmppState { rate: rate(r), mean_time: secs(seconds) };
    let bursts = Arrivals::Mmpp(vec![state(30.0, 4.0), state(8.0, 6.0)]);
    for (name, arrivals) in [("poisson", Arrivals::Poisson(rate(18.0))), ("mmpp", bursts)] {
        let mut s = scenario(f.clone(), arrivals, 300.0);
        s.account.scaling = faascast::scenario::Scaling::Bucket { burst: 4.0, rate: 2.0 };
        s.traffic[0].name = name.to_owned();
        run_in(&mut s, 20.0);
        let plain = replicate(&s, 200);
        let splits = split(&s, &[(5, 2), (7, 3), (9, 2)], 100);
        let (a, b) = (totals(&plain, throttled), shares(&splits));
        same(&format!("{name}, all causes"), &a, &b);
        for cause in [0, 2] {
            let a = totals(&plain, |t| (t.throttled_by[cause] as f64, t.requests as f64));
            let b: Vec<(f64, f64)> = splits.iter().map(|split| (split.throttled[cause], split.requests)).collect();
            same(&format!("{name}, cause {cause}"), &a, &b);
        }
    }
}

/// Two ratios that differ by less than four standard errors, which are small.
fn same(label: &str, a: &[(f64, f64)], b: &[(f64, f64)]) {
    let ratio = |x: &[(f64, f64)]| {
        let n = x.len() as f64;
        let (top, bottom) = x.iter().fold((0.0, 0.0), |(top, bottom), t| (top + t.0, bottom + t.1));
        let squares: f64 = x.iter().map(|t| (t.0 - top / bottom * t.1) * (t.0 - top / bottom * t.1)).sum();
        (top / bottom, (squares * n / (n - 1.0)).sqrt() / bottom)
    };
    let ((a, a_error), (b, b_error)) = (ratio(a), ratio(b));
    let error = (a_error * a_error + b_error * b_error).sqrt();
    println!("{label}: plain {a:.6} +- {a_error:.6}, split {b:.6} +- {b_error:.6}");
    assert!((a - b).abs() < 4.0 * error, "{label}: {a} is not {b}, {error}");
    assert!(error < 0.15 * a, "{label}: {error} tells nothing of {a}");
}

/// The whole study, with levels found by its pilots, at 1e-8.
#[test]
fn erlang_b_at_1e_8() {
    let loss = Loss { servers: 11, load: 1.0, law: "\"100ms\"", horizon: "300s", wanted: "20%" };
    let estimate = loss.estimate(1);
    let (exact, e) = (loss.exact(), estimate.throttled["f"]);
    println!("B(11, 1) = {exact:.3e}: {e:?}, {} requests", estimate.effort);
    assert!((5e-9..2e-8).contains(&exact) && e.lo.unwrap() < exact && exact < e.hi.unwrap(), "{exact} {e:?}");
    assert!(e.half_width().unwrap() < 0.25 * exact, "{e:?}");
    assert!(estimate.effort < 50_000_000);
}

/// The same bytes for any number of threads.
#[test]
fn the_same_for_any_number_of_threads() {
    let loss = Loss { servers: 7, load: 1.0, law: "{ exponential = \"100ms\" }", horizon: "100s", wanted: "30%" };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        serde_json::to_string(&pool.install(|| loss.estimate(3))).unwrap()
    };
    assert_eq!(on(1), on(3));
}

/// Of 40 studies with seeds of their own, at least 35 hold the exact value: fewer come by chance once in 300 times.
#[test]
fn intervals_cover() {
    let loss =
        Loss { servers: 7, load: 1.0, law: "{ lognormal = { mean = \"100ms\", cv = 1.0 } }", horizon: "100s", wanted: "25%" };
    let held = (0..40).filter(|seed| loss.covers(&loss.estimate(100 + seed))).count();
    println!("{held} of 40 intervals hold B(7, 1) = {:.2e}", loss.exact());
    assert!(held >= 35, "{held}");
}

/// What cannot be split is said, and what would help where it could be.
#[test]
fn warnings_say_what_is_in_the_way() {
    let code = |change: &[(&str, &str)]| {
        let result =
            loss::result(&Loss { servers: 7, load: 1.0, law: "\"100ms\"", horizon: "100s", wanted: "30%" }.text(1), change);
        (result.rare.is_some(), result.warnings.into_iter().map(|w| (w.code, w.cause)).collect::<Vec<_>>())
    };
    let says = |change: &[(&str, &str)], words: &str| {
        let (found, warnings) = code(change);
        assert!(!found && warnings.iter().any(|(code, cause)| code == "rare-not-split" && cause.contains(words)), "{warnings:?}");
    };
    says(&[("functions.f.max_instances", "unlimited")], "finite quota");
    says(&[("functions.f.instance_concurrency", "4"), ("functions.f.max_instances", "3")], "instance_concurrency = 1");
    says(&[("traffic.f.retry.attempts", "3")], "do not retry");
    let (found, warnings) = code(&[("simulation.rare", "off")]);
    assert!(!found && warnings.iter().any(|(code, _)| code == "throttling-rarely-seen"), "{warnings:?}");
    // No more than 70 instances were ever busy, in a share of the time that is as good as none.
    let (found, warnings) = code(&[("functions.f.max_instances", "700")]);
    assert!(!found && warnings.iter().any(|(code, _)| code == "rare-out-of-reach"), "{warnings:?}");
}

/// An objective on throttling is judged by the better estimate.
#[test]
fn an_objective_is_judged_by_splitting() {
    let loss = Loss { servers: 9, load: 1.0, law: "\"100ms\"", horizon: "100s", wanted: "30%" };
    let exact = loss.exact();
    for (factor, verdict) in [(3.0, "Met"), (0.3, "Missed")] {
        let text = format!("{}\n[objectives]\nthrottled = {}\n", loss.text(1), factor * exact);
        let result = loss::result(&text, &[]);
        assert_eq!(format!("{:?}", result.objectives[0].verdict), verdict, "{:?}", result.objectives);
    }
}
