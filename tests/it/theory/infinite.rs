//! M/G/infinity: no quota, every arrival runs at once.

use faascast::estimate::share;
use faascast::scenario::{Change, Event, KeepAlive, Scenario, Shape};
use faascast::units::{NANOS, SimTime, Span};
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;

use super::reference::{BirthDeath, exponential, poisson};
use super::{agrees, run_in, totals};
use crate::support::{function, rate, replicate, scenario};

fn unlimited(per_second: f64, service: Distribution, horizon: f64) -> Scenario {
    let mut f = function("infinite", service);
    f.keep_alive = KeepAlive::Constant(Span::ZERO);
    let mut s = scenario(f, Arrivals::Poisson(rate(per_second)), horizon);
    run_in(&mut s, 60.0);
    s
}

/// Mean number busy = rate x mean service time (Little 1961), whatever the law; the cold start time is part of it.
#[test]
fn the_busy_mean_is_rate_times_mean() {
    for law in [Distribution::lognormal_mean_cv(0.4, 2.0).unwrap(), Distribution::pareto(0.2, 2.2).unwrap(), exponential(0.3)] {
        let s = unlimited(40.0, law.clone(), 600.0);
        let r = replicate(&s, 20);
        agrees("busy mean", &totals(&r, |t| (t.busy_ns as f64 / 1e9, 600.0)), 40.0 * law.mean(), 0.05);
        assert!(r.iter().all(|r| r.functions[0].busy_ns == r.functions[0].concurrency_ns));
    }
    let mut s = unlimited(20.0, exponential(0.3), 600.0);
    s.functions[0].cold_start = Distribution::uniform(0.1, 0.3).unwrap();
    let r = replicate(&s, 20);
    // Nothing is kept: every invocation is cold and takes its cold start and its work.
    agrees("busy mean, all cold", &totals(&r, |t| (t.busy_ns as f64 / 1e9, 600.0)), 20.0 * 0.5, 0.02);
    agrees("duration", &totals(&r, |t| (t.duration.sum_secs(), t.invocations as f64)), 0.5, 0.02);
}

/// The number busy at one instant is Poisson with mean rate x mean, whatever the law (Benes 1957; Takacs 1962). Instances
/// that are not kept are the busy ones, and the peak of a horizon of a microsecond is the number at clock 0.
#[test]
fn the_number_busy_is_poisson() {
    for law in [Distribution::lognormal_mean_cv(0.4, 1.0).unwrap(), Distribution::constant(0.4).unwrap()] {
        let mut s = unlimited(20.0, law, 1e-6);
        s.simulation.run_in = Span::from_secs(20);
        let peaks: Vec<u64> = replicate(&s, 3_000).iter().map(|r| r.functions[0].instances_peak).collect();
        for (k, p) in poisson(8.0, 16).into_iter().enumerate().skip(2) {
            let hits: Vec<(f64, f64)> = peaks.iter().map(|&n| (f64::from(u8::from(n == k as u64)), 1.0)).collect();
            agrees(&format!("P(busy = {k})"), &hits, p, 1.5);
        }
        let mean: Vec<(f64, f64)> = peaks.iter().map(|&n| (n as f64, 1.0)).collect();
        agrees("mean busy at 0", &mean, 8.0, 0.03);
        let variance: Vec<(f64, f64)> = peaks.iter().map(|&n| ((n as f64 - 8.0) * (n as f64 - 8.0), 1.0)).collect();
        agrees("variance of busy at 0", &variance, 8.0, 0.15);
    }
}

/// Peak over 5 s of M/M/infinity: P(peak <= n) is the chance that the birth-death chain, begun from its Poisson law cut at n,
/// has not left 0..=n by then (Keilson 1979, "Markov chain models: rarity and exponentiality").
#[test]
fn the_peak_is_a_first_passage() {
    let (lambda, mean, horizon) = (10.0, 0.5, 5.0);
    let s = unlimited(lambda, exponential(mean), horizon);
    let peaks: Vec<u64> = replicate(&s, 2_000).iter().map(|r| r.functions[0].instances_peak).collect();
    for n in 7..=12_usize {
        let chain = BirthDeath { birth: vec![lambda; n + 1], death: (0..=n).map(|i| i as f64 / mean).collect() };
        let exact: f64 = chain.transient(&poisson(lambda * mean, n), &[horizon]).remove(0).iter().sum();
        let hits: Vec<(u64, u64)> = peaks.iter().map(|&p| (u64::from(p <= n as u64), 1)).collect();
        let pairs: Vec<(f64, f64)> = hits.iter().map(|h| (h.0 as f64, 1.0)).collect();
        agrees(&format!("P(peak <= {n})"), &pairs, exact, 0.5);
        // The product's own interval for shares, at its own level: the 95 % interval of the middle value.
        let e = share(&hits);
        assert!(n != 9 || (e.lo.unwrap() < exact && exact < e.hi.unwrap()), "{e:?} {exact}");
    }
}

/// Traffic that jumps: the mean number busy at t is the integral of rate(t - u) P(S > u), for any law; after a step by the factor
/// f at t0 it is lambda (m + (f - 1) E min(S, t - t0)) until the step ends (Eick, Massey & Whitt 1993, "The physics of the
/// M_t/G/infinity queue", Operations Research 41). Second by second through the timeline.
#[test]
fn the_busy_mean_follows_a_step_of_the_traffic() {
    let (lambda, mean, factor, at, length) = (20.0, 4.0, 3.0, 30_i64, 20_i64);
    let mut s = unlimited(lambda, exponential(mean), 80.0);
    s.events.push(Event {
        name: "step".into(),
        at: SimTime(at * NANOS),
        duration: Span::from_secs(length),
        shape: Shape::Step,
        change: Change::Traffic { source: 0, factor },
    });
    let r = replicate(&s, 400);
    // E min(S, x) of an exponential, integrated once more over the second from x to x + 1; none before the step.
    let risen = |x: f64| if x < 0.0 { 0.0 } else { mean - mean * mean * (libm::exp(-x / mean) - libm::exp(-(x + 1.0) / mean)) };
    for second in (0..80).step_by(3) {
        let since = (second - at) as f64;
        let exact = lambda * (mean + (factor - 1.0) * (risen(since) - risen(since - length as f64)));
        let busy: Vec<(f64, f64)> =
            r.iter().map(|r| (r.functions[0].bins[second as usize].instance_ns as f64 / 1e9, 1.0)).collect();
        agrees(&format!("busy in second {second}"), &busy, exact, 0.05);
    }
}
