//! Coverage: over 2,000 studies with fixed seeds, how often a 95 % interval holds the exact value. The generators are not the
//! engine but laws whose exact value is known; what one replication yields is correlated inside, as in a real run.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test; what it measured is printed with --nocapture")]

use faascast::estimate::replicate::next_checkpoint;
use faascast::estimate::stopping::{Stopping, Target};
use faascast::estimate::{self, Estimate};
use faascast::histogram::Histogram;
use faascast::random::{Key, Stream};
use faascast::units::Span;
use rand_distr::{Distribution, Exp1, Gamma, StandardNormal};

const STUDIES: u64 = 2_000;

/// Share of studies whose interval holds the exact value. A study without an interval counts as a miss.
fn coverage(name: &str, exact: f64, study: impl Fn(&mut Stream) -> Estimate) -> f64 {
    let (mut below, mut above, mut absent) = (0, 0, 0);
    for i in 0..STUDIES {
        let e = study(&mut Key::new(2026, i).name(name).stream());
        match (e.lo, e.hi) {
            (Some(lo), _) if lo > exact => below += 1,
            (_, Some(hi)) if hi < exact => above += 1,
            (Some(_), Some(_)) => (),
            _ => absent += 1,
        }
    }
    let covered = 1.0 - f64::from(below + above + absent) / STUDIES as f64;
    println!("{name}: {:.2} % ({below} below, {above} above, {absent} absent)", 100.0 * covered);
    covered
}

/// The bars: 93.5 to 96.5 %.
fn holds(name: &str, exact: f64, study: impl Fn(&mut Stream) -> Estimate) {
    let covered = coverage(name, exact, study);
    assert!((0.935..=0.965).contains(&covered), "{name}: {covered}");
}

/// The bar of a rare share: at least 93.5 %; an exact bound is wider than need be.
fn at_least(name: &str, exact: f64, study: impl Fn(&mut Stream) -> Estimate) {
    let covered = coverage(name, exact, study);
    assert!(covered >= 0.935, "{name}: {covered}");
}

fn gamma(shape: f64) -> Gamma<f64> {
    Gamma::new(shape, 1.0 / shape).unwrap()
}

fn normal(stream: &mut Stream) -> f64 {
    StandardNormal.sample(stream)
}

#[test]
fn a_mean() {
    // One replication is the mean of 20 gamma observations of shape 1/2, so a gamma of shape 10; or, harder, of shape 4 or 1.
    for (n, shape) in [(10, 10.0), (20, 10.0), (30, 10.0), (10, 4.0), (20, 4.0), (10, 1.0), (20, 1.0)] {
        let law = gamma(shape);
        let study = |s: &mut Stream| estimate::mean(&(0..n).map(|_| law.sample(s)).collect::<Vec<f64>>());
        holds(&format!("mean of {n} replications, gamma of shape {shape}"), 1.0, study);
    }
    holds("mean of 15 normal replications around 0", 0.0, |s| estimate::mean(&(0..15).map(|_| normal(s)).collect::<Vec<f64>>()));
}

#[test]
fn a_ratio() {
    // Invocations I ~ gamma, billed time b ~ I (1 + 0.3 Z): total over total is 0.2.
    for n in [10, 20] {
        let law = gamma(5.0);
        let study = |s: &mut Stream| {
            let one = |s: &mut Stream| {
                let trials = 1000.0 * law.sample(s);
                (0.2 * trials * (1.0 + 0.3 * normal(s)).max(0.0), trials)
            };
            estimate::ratio(&(0..n).map(|_| one(s)).collect::<Vec<_>>())
        };
        // E max(0, 1 + 0.3 Z) = Phi(1 / 0.3) + 0.3 phi(1 / 0.3) = 0.999570 + 0.000463
        holds(&format!("ratio over {n} replications"), 0.2 * 1.000_033, study);
    }
}

/// Trials that a two-state Markov chain throttles: stationary share p, lag-1 correlation rho.
fn throttled(s: &mut Stream, trials: u64, p: f64, rho: f64) -> (u64, u64) {
    let mut on = s.uniform() < p;
    let mut events = 0;
    for _ in 0..trials {
        events += u64::from(on);
        if s.uniform() >= rho {
            on = s.uniform() < p;
        }
    }
    (events, trials)
}

#[test]
fn a_correlated_share() {
    for (n, p, rho) in [
        (10, 0.1, 0.9),
        (20, 0.1, 0.9),
        (20, 0.1, 0.98),
        (10, 0.02, 0.9),
        (20, 0.02, 0.9),
        (30, 0.3, 0.95),
        (15, 0.95, 0.9),
        (10, 0.1, 0.0),
    ] {
        let study = |s: &mut Stream| estimate::share(&(0..n).map(|_| throttled(s, 500, p, rho)).collect::<Vec<_>>());
        holds(&format!("share {p}, correlation {rho}, {n} replications"), p, study);
    }
}

#[test]
fn a_share_that_varies_between_replications() {
    for (n, p, between) in [(10, 0.2, 0.1), (20, 0.2, 0.1), (20, 0.05, 0.1), (20, 0.05, 0.02), (30, 0.05, 0.1), (20, 0.5, 0.2)] {
        let scale = 1.0 / between - 1.0;
        let (a, b) = (Gamma::new(p * scale, 1.0).unwrap(), Gamma::new((1.0 - p) * scale, 1.0).unwrap());
        let one = |s: &mut Stream| {
            let (x, y) = (a.sample(s), b.sample(s));
            ((0..200).filter(|_| s.uniform() < x / (x + y)).count() as u64, 200)
        };
        let study = |s: &mut Stream| estimate::share(&(0..n).map(|_| one(s)).collect::<Vec<_>>());
        holds(&format!("beta-binomial share {p}, correlation {between}, {n} replications"), p, study);
    }
}

/// Events of one replication: a Poisson number of bursts, each geometric with that mean size.
fn bursts(s: &mut Stream, expected: f64, burst: f64) -> u64 {
    let mut clock: f64 = Exp1.sample(s);
    let mut events = 0;
    while clock < expected / burst {
        events += 1;
        while s.uniform() >= 1.0 / burst {
            events += 1;
        }
        let gap: f64 = Exp1.sample(s);
        clock += gap;
    }
    events
}

#[test]
fn a_rare_share() {
    const TRIALS: u64 = 10_000;
    for n in [2, 10, 20, 30] {
        for burst in [1.0, 3.0, 10.0] {
            for expected in [0.5, 1.0, 2.0] {
                let p = expected / (n * TRIALS) as f64;
                let study = |s: &mut Stream| {
                    let one = |s: &mut Stream| (bursts(s, expected / n as f64, burst), TRIALS);
                    estimate::share(&(0..n).map(|_| one(s)).collect::<Vec<_>>())
                };
                at_least(&format!("{expected} events expected in bursts of {burst}, {n} replications"), p, study);
            }
        }
    }
}

/// Standard normal quantiles (any table).
const Z: [(f64, f64); 3] = [(0.5, 0.0), (0.95, 1.644_853_627), (0.99, 2.326_347_874)];

/// Typical time in seconds: short, so that a histogram is small and the studies are quick.
const TIME: f64 = 100e-6;

fn record(n: u32, mut draw: impl FnMut() -> f64) -> Histogram {
    let mut h = Histogram::new();
    (0..n).for_each(|_| h.record(Span::from_secs_f64(draw())));
    h
}

#[test]
fn a_quantile() {
    for (q, z) in Z {
        for (n, m, between) in [(10, 300, 0.0), (20, 100, 0.0), (10, 300, 0.1), (20, 200, 0.3), (30, 500, 0.3), (15, 500, 0.2)] {
            // Log-normal times with sigma 1 around a median that is itself log-normal between replications.
            let exact = TIME * libm::exp(z * (1.0_f64 + between * between).sqrt());
            let study = |s: &mut Stream| {
                let runs: Vec<Histogram> = (0..n)
                    .map(|_| {
                        let median = TIME * libm::exp(between * normal(s));
                        record(m, || median * libm::exp(normal(s)))
                    })
                    .collect();
                estimate::quantile(&runs.iter().collect::<Vec<_>>(), q)
            };
            holds(&format!("p{} of {n} x {m} log-normal times, {between} between replications", q * 100.0), exact, study);
        }
    }
}

#[test]
fn a_quantile_of_exponential_times() {
    for q in [0.5, 0.95, 0.99] {
        let exact = -TIME * libm::log(1.0 - q);
        let study = |s: &mut Stream| {
            let mut time = || -> f64 { Exp1.sample(s) };
            let runs: Vec<Histogram> = (0..15).map(|_| record(300, || TIME * time())).collect();
            estimate::quantile(&runs.iter().collect::<Vec<_>>(), q)
        };
        holds(&format!("p{} of 15 x 300 exponential times", q * 100.0), exact, study);
    }
}

/// What one replication gives: events of a share, or a value of a mean.
type Run = (u64, f64);

#[test]
fn after_sequential_stopping() {
    let stop = |s: &mut Stream, target: Target, one: &dyn Fn(&mut Stream) -> Run, figure: &dyn Fn(&[Run]) -> Estimate| {
        let (mut runs, mut rule) = (Vec::new(), Stopping::default());
        loop {
            (runs.len()..next_checkpoint(runs.len())).for_each(|_| runs.push(one(s)));
            let e = figure(&runs);
            if rule.checkpoint(target.met(&e)) || runs.len() >= 2_000 {
                return e;
            }
        }
    };
    let mean = |runs: &[Run]| estimate::mean(&runs.iter().map(|r| r.1).collect::<Vec<_>>());
    for (shape, target) in [(10.0, 0.2), (10.0, 0.1), (10.0, 0.05), (4.0, 0.2), (4.0, 0.1), (1.0, 0.2)] {
        let law = gamma(shape);
        let study = |s: &mut Stream| stop(s, Target::Relative(target), &|s| (0, law.sample(s)), &mean);
        holds(&format!("mean to {target}, gamma of shape {shape}"), 1.0, study);
    }
    let share = |runs: &[Run]| estimate::share(&runs.iter().map(|r| (r.0, 500)).collect::<Vec<_>>());
    for (p, target) in [(0.1, 0.3), (0.1, 0.1), (0.02, 0.3)] {
        let study = |s: &mut Stream| stop(s, Target::RelativeShare(target), &|s| (throttled(s, 500, p, 0.9).0, 0.0), &share);
        holds(&format!("share {p} to {target}"), p, study);
    }
}
