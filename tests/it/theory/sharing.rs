//! Processor sharing on one instance, and the bill of its busy periods.

use faascast::engine::Replication;
use faascast::platform::BillingUnit;
use faascast::scenario::{KeepAlive, Limit, Scenario};
use faascast::units::{Span, Vcpu};
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;

use super::reference::{BirthDeath, exponential};
use super::{agrees, run_in, throttled, totals};
use crate::support::{function, rate, replicate, scenario};

const HORIZON: f64 = 1_000.0;

/// One instance with K slots, warm for ever; what finds it full is refused.
fn one_instance(per_second: f64, cpu: Distribution, slots: u32, vcpu: f64) -> Scenario {
    let mut f = function("shared", Distribution::constant(0.0).unwrap());
    f.work.cpu = cpu;
    f.instance_concurrency = slots;
    f.max_instances = Limit::At(1);
    f.vcpu = Vcpu::new(vcpu).unwrap();
    f.keep_alive = KeepAlive::Constant(Span::FOREVER);
    let mut s = scenario(f, Arrivals::Poisson(rate(per_second)), HORIZON);
    s.traffic[0].name = format!("{:?} {slots} {vcpu}", s.functions[0].work.cpu);
    run_in(&mut s, 60.0);
    s
}

fn laws(mean: f64) -> Vec<Distribution> {
    vec![
        exponential(mean),
        Distribution::constant(mean).unwrap(),
        Distribution::lognormal_mean_cv(mean, 2.0).unwrap(),
        Distribution::uniform(0.0, 2.0 * mean).unwrap(),
    ]
}

/// Stationary law of the number at a processor-sharing station of v vCPUs with at most K: pi_n is proportional to
/// a^n / prod_{i <= n} min(i, v), a = rate x mean demand, whatever the law of the demand (Cohen 1979, "The multiple phase
/// service network with generalized processor sharing", Acta Informatica 12; v = 1 is rho^n (1 - rho) / (1 - rho^(K+1))).
fn processor_sharing(load: f64, slots: u32, vcpu: f64) -> Vec<f64> {
    normalised(&weights(load, slots, vcpu))
}

fn weights(load: f64, slots: u32, vcpu: f64) -> Vec<f64> {
    let mut p = vec![1.0];
    (1..=slots).for_each(|n| p.push(p[n as usize - 1] * load / f64::from(n).min(vcpu)));
    p
}

fn normalised(weights: &[f64]) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    weights.iter().map(|w| w / total).collect()
}

fn mean(pi: &[f64]) -> f64 {
    pi.iter().enumerate().map(|(n, p)| n as f64 * p).sum()
}

/// Refused pi_K (PASTA), mean number in flight, share of time with work 1 - pi_0, and by Little's law the mean duration.
fn check(label: &str, r: &[Replication], per_second: f64, pi: &[f64], resolution: f64) {
    let full = pi[pi.len() - 1];
    agrees(&format!("{label}: refused"), &totals(r, throttled), full, 2.0 * resolution);
    let in_flight = totals(r, |t| (t.concurrency_ns as f64 / 1e9, HORIZON));
    agrees(&format!("{label}: in flight"), &in_flight, mean(pi), resolution);
    agrees(&format!("{label}: busy"), &totals(r, |t| (t.busy_ns as f64 / 1e9, HORIZON)), 1.0 - pi[0], resolution);
    let duration = totals(r, |t| (t.duration.sum_secs(), t.invocations as f64));
    agrees(&format!("{label}: duration"), &duration, mean(pi) / (per_second * (1.0 - full)), resolution);
}

#[test]
fn processor_sharing_of_one_vcpu() {
    for law in laws(0.1) {
        let s = one_instance(8.0, law, 5, 1.0);
        check("M/G/1/5 PS", &replicate(&s, 40), 8.0, &processor_sharing(0.8, 5, 1.0), 0.05);
    }
}

/// A single job never runs faster than one vCPU, so n of them get min(n, 4); and half a vCPU doubles the demand.
#[test]
fn processor_sharing_of_more_and_of_less_than_one_vcpu() {
    for law in laws(0.1) {
        let s = one_instance(32.0, law.clone(), 9, 4.0);
        check("four vCPUs", &replicate(&s, 40), 32.0, &processor_sharing(3.2, 9, 4.0), 0.05);
        let s = one_instance(24.0, law.clone(), 7, 2.5);
        check("two and a half", &replicate(&s, 40), 24.0, &processor_sharing(2.4, 7, 2.5), 0.05);
        let s = one_instance(5.0, law, 4, 0.5);
        check("half a vCPU", &replicate(&s, 40), 5.0, &processor_sharing(1.0, 4, 1.0), 0.05);
    }
}

/// A runtime that runs one thread of user code at a time gains nothing from four vCPUs: the same run, event for event.
#[test]
fn a_single_threaded_runtime_uses_one_vcpu() {
    let mut four = one_instance(8.0, Distribution::lognormal_mean_cv(0.1, 2.0).unwrap(), 5, 4.0);
    four.functions[0].single_threaded = true;
    let mut one = four.clone();
    one.functions[0].vcpu = Vcpu::ONE;
    one.functions[0].single_threaded = false;
    let (four, one) = (replicate(&four, 2), replicate(&one, 2));
    for (a, b) in four.iter().zip(&one) {
        assert_eq!(format!("{a:?}"), format!("{b:?}"));
    }
    assert!(four.iter().all(|r| r.functions[0].attempts > 7_000));
}

/// A CPU phase, then an I/O wait that nobody slows: processor sharing and an infinite server with K places in all have
/// pi(n, m) proportional to a^n / prod min(i, v) x b^m / m! for n + m <= K, whatever the two laws (Baskett, Chandy, Muntz &
/// Palacios 1975, "Open, closed, and mixed networks of queues with different classes of customers", J. ACM 22; losses keep the
/// form as the truncated network is reversible in its total: Lam 1977, "Queuing networks with population size constraints").
#[test]
fn a_cpu_phase_and_an_io_wait() {
    let (per_second, slots) = (12.0, 8);
    for (vcpu, single) in [(1.0, false), (2.0, false), (4.0, true)] {
        let (a, b) = (per_second * 0.07, per_second * 0.25);
        let cpu = weights(a, slots, if single { 1.0 } else { vcpu });
        let io = weights(b, slots, f64::INFINITY);
        let by_total = |k: usize| (0..=k).map(|n| cpu[n] * io[k - n]).sum::<f64>();
        let pi = normalised(&(0..=slots as usize).map(by_total).collect::<Vec<f64>>());
        let waits =
            [exponential(0.25), Distribution::constant(0.25).unwrap(), Distribution::lognormal_mean_cv(0.25, 1.0).unwrap()];
        for (law, wait) in laws(0.07).into_iter().zip(waits) {
            let mut s = one_instance(per_second, law, slots, vcpu);
            s.functions[0].single_threaded = single;
            s.functions[0].work.io = wait;
            check(&format!("{vcpu} vCPU and I/O"), &replicate(&s, 40), per_second, &pi, 0.04);
        }
    }
}

/// One bill for the instance: it is billed while it has work, a share 1 - pi_0 of the time, whatever the service law. Rounded up
/// to granules, each busy period costs g P(B > k g) summed over k; they begin at the rate lambda pi_0, and B is the passage from
/// one to none of the birth-death chain (exponential demand; Cohen 1982, "The single server queue", part III).
#[test]
fn busy_periods_are_billed_once() {
    let (per_second, slots) = (8.0, 5);
    let pi = processor_sharing(0.8, slots, 1.0);
    for law in [Distribution::lognormal_mean_cv(0.1, 2.0).unwrap(), exponential(0.1)] {
        let s = billed_by_busy_period(one_instance(per_second, law, slots, 1.0), Span(1));
        let r = replicate(&s, 40);
        agrees("billed share of the time", &active(&r), 1.0 - pi[0], 0.02);
        for r in &r {
            let t = &r.functions[0];
            // To the nanosecond what the busy level says.
            assert_eq!(t.hours.iter().map(|h| u128::from(h.active_ns)).sum::<u128>(), t.busy_ns);
        }
        // Shared out in equal parts, it adds up to the bill, but for what straddles the ends of the horizon.
        let shares = totals(&r, |t| (t.shared_out_ns as f64 / 1e9, HORIZON));
        agrees("shared out", &shares, 1.0 - pi[0], 0.02);
    }
    let granule = 0.1;
    let s = billed_by_busy_period(one_instance(per_second, exponential(0.1), slots, 1.0), Span::from_millis(100));
    let n = slots as usize;
    let chain = BirthDeath { birth: (1..=n).map(|i| if i < n { per_second } else { 0.0 }).collect(), death: vec![10.0; n] };
    let times: Vec<f64> = (0..400).map(|k| f64::from(k) * granule).collect();
    let survival = chain.survival(0, &times);
    assert!(survival[399] < 1e-9);
    let exact = per_second * pi[0] * granule * survival.iter().sum::<f64>();
    agrees("billed by 100 ms", &active(&replicate(&s, 40)), exact, 0.02);
}

fn billed_by_busy_period(mut s: Scenario, granule: Span) -> Scenario {
    s.functions[0].billing.unit = BillingUnit::BusyPeriod;
    s.functions[0].billing.granule = granule;
    s
}

fn active(r: &[Replication]) -> Vec<(f64, f64)> {
    totals(r, |t| (t.hours.iter().map(|h| h.active_ns).sum::<u64>() as f64 / 1e9, HORIZON))
}

/// The idle release: idle time within the first d seconds of each idle period is billed at the idle rate. An idle period ends
/// with the next arrival, so it costs E min(gap, d) = (1 - e^(-lambda d)) / lambda; they begin at the rate lambda pi_0.
#[test]
fn the_idle_release_is_metered() {
    let (per_second, slots, release) = (8.0, 5, 0.08);
    let pi = processor_sharing(0.8, slots, 1.0);
    let mut s = billed_by_busy_period(one_instance(per_second, exponential(0.1), slots, 1.0), Span(1));
    s.functions[0].billing.idle_release = Span::from_secs_f64(release);
    let r = replicate(&s, 40);
    let idle = totals(&r, |t| (t.hours.iter().map(|h| h.idle_ns).sum::<u64>() as f64 / 1e9, HORIZON));
    agrees("idle release", &idle, -pi[0] * libm::expm1(-per_second * release), 0.04);
}

/// A timeout in a shared CPU phase: with a constant demand and one slot more than one job fills, a job alone takes x, and two
/// that overlap slow each other. K = 2, demand D, timeout T with D < T < 2D: two that come at the same instant each have had T/2
/// of CPU time at T, so both are cut at exactly T; one alone is not.
#[test]
fn a_timeout_counts_wall_time_in_a_shared_cpu_phase() {
    let mut s = one_instance(1.0, Distribution::constant(0.4).unwrap(), 2, 1.0);
    s.functions[0].timeout = Span::from_millis(600);
    s.traffic[0].arrivals = Arrivals::Constant(rate(1.0));
    s.simulation.run_in = Span::ZERO;
    let alone = replicate(&s, 1).remove(0).functions.remove(0);
    assert_eq!((alone.attempt_outcomes[0], alone.attempt_outcomes[2]), (1_000, 0));
    assert_eq!(alone.duration.max(), Some(Span::from_millis(400)));
    let mut twin = s.traffic[0].clone();
    twin.name = "twin".into();
    s.traffic.push(twin);
    let both = replicate(&s, 1).remove(0).functions.remove(0);
    assert_eq!((both.attempt_outcomes[0], both.attempt_outcomes[2]), (0, 2_000));
    assert_eq!(both.duration.max(), Some(Span::from_millis(600)));
    assert!((both.duration.sum_secs() / 2_000.0 - 0.6).abs() < 1e-9);
}

/// An initialisation of 3 s that is not billed is left out of the busy period, shared instance or not; else it is part of it.
#[test]
fn an_initialisation_is_billed_by_the_rule() {
    for (slots, billed) in [(1, true), (1, false), (4, true), (4, false)] {
        let mut s =
            billed_by_busy_period(one_instance(1.0, Distribution::constant(0.0).unwrap(), slots, 1.0), Span::from_millis(1));
        s.simulation.run_in = Span::ZERO;
        s.functions[0].work.io = Distribution::constant(1.0).unwrap();
        s.functions[0].cold_start = Distribution::constant(3.0).unwrap();
        s.functions[0].keep_alive = KeepAlive::Constant(Span::ZERO);
        s.functions[0].billing.init_billed = billed;
        s.traffic[0].arrivals = Arrivals::Constant(rate(0.1));
        let per_request = if billed { 4.0 } else { 1.0 };
        assert_eq!(active(&replicate(&s, 1)), [(per_request * HORIZON / 10.0, HORIZON)], "{slots} {billed}");
    }
}
