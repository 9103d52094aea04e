//! Timeouts cut the work: truncated means and what is billed for them.

use faascast::scenario::Scenario;
use faascast::units::Span;
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;

use super::reference::{exponential, normal_cdf};
use super::{agrees, totals};
use crate::support::{function, rate, replicate, scenario, secs};

fn timed(work: Distribution, timeout: f64) -> Scenario {
    let mut f = function("timed", work);
    f.timeout = secs(timeout);
    let mut s = scenario(f, Arrivals::Poisson(rate(100.0)), 500.0);
    s.traffic[0].name = format!("{:?} cut at {timeout}", s.functions[0].work.io);
    s
}

/// E ceil(min(X, T) / g) g, at least `minimum` (a multiple of g): every granule that is begun is billed, so it is the sum of
/// g P(X > k g) over all k g < T (from the minimum on; below it all are billed). Exact for any law and any T.
fn billed(law: &Distribution, timeout: f64, granule: f64, minimum: f64) -> f64 {
    let granules = (timeout / granule - 1e-9).ceil() as u32;
    let begun = |k: u32| {
        let at = f64::from(k) * granule;
        if at < minimum - 1e-9 { 1.0 } else { 1.0 - law.cdf(at) }
    };
    (0..granules).map(|k| granule * begun(k)).sum()
}

/// E min(X, T) of a log-normal: e^(mu + sigma^2/2) Phi(z - sigma) + T (1 - Phi(z)), z = (ln T - mu) / sigma; of an
/// exponential: m (1 - e^(-T/m)) (Johnson, Kotz & Balakrishnan 1994, "Continuous univariate distributions" 1, chapters 14, 19).
fn truncated_mean(law: &Distribution, timeout: f64) -> f64 {
    match law {
        Distribution::LogNormal { mu, sigma } => {
            let z = (libm::log(timeout) - mu) / sigma;
            law.mean() * normal_cdf(z - sigma) + timeout * normal_cdf(-z)
        }
        Distribution::Exponential { mean } => -mean * libm::expm1(-timeout / mean),
        _ => panic!("no formula for {law:?}"),
    }
}

#[test]
fn truncated_means_and_their_bill() {
    let laws = [exponential(0.8), Distribution::lognormal_mean_cv(0.5, 1.2).unwrap()];
    // 1.23 s is no multiple of 100 ms: the last granule is billed whole.
    for (law, timeout) in laws.iter().flat_map(|law| [(law, 1.0), (law, 1.23)]) {
        for (granule, minimum) in [(1, 0), (100, 0), (100, 300)] {
            let mut s = timed(law.clone(), timeout);
            s.functions[0].billing.granule = Span::from_millis(granule);
            s.functions[0].billing.minimum = Span::from_millis(minimum);
            let r = replicate(&s, 32);
            let exact = billed(law, timeout, granule as f64 / 1e3, minimum as f64 / 1e3);
            let per_invocation = totals(&r, |t| (t.billed_ns as f64 / 1e9, t.invocations as f64));
            agrees(&format!("billed by {granule} ms, at least {minimum} ms"), &per_invocation, exact, 0.01);
            if granule == 100 {
                continue;
            }
            let duration = totals(&r, |t| (t.duration.sum_secs(), t.invocations as f64));
            agrees("duration", &duration, truncated_mean(law, timeout), 0.01);
            let cut = totals(&r, |t| (t.attempt_outcomes[2] as f64, t.attempts as f64));
            agrees("timeouts", &cut, 1.0 - law.cdf(timeout), 0.03);
            assert!(r.iter().all(|r| r.functions[0].duration.max() == Some(secs(timeout))));
        }
    }
}

/// Two independent sums of the same: CPU demand x at a share v of a vCPU takes x / v, then the I/O wait. With exponential
/// parts of means a != b, P(X > t) = (a e^(-t/a) - b e^(-t/b)) / (a - b).
#[test]
fn cpu_at_a_share_and_a_wait_against_the_timeout() {
    let (cpu, vcpu, wait, timeout) = (0.1, 0.4, 0.5, 2.0);
    let mut s = timed(exponential(wait), timeout);
    s.functions[0].work.cpu = exponential(cpu);
    s.functions[0].vcpu = faascast::units::Vcpu::new(vcpu).unwrap();
    let r = replicate(&s, 32);
    let (a, b) = (cpu / vcpu, wait);
    let exact = (a * libm::exp(-timeout / a) - b * libm::exp(-timeout / b)) / (a - b);
    agrees("timeouts of a sum", &totals(&r, |t| (t.attempt_outcomes[2] as f64, t.attempts as f64)), exact, 0.05);
}

/// A hang holds its slot until the timeout: mean duration p T + (1 - p) E min(X, T), timeouts p + (1 - p) P(X > T).
#[test]
fn hangs_are_billed_to_the_timeout() {
    let (law, timeout, p) = (exponential(0.2), 3.0, 0.04);
    let mut s = timed(law.clone(), timeout);
    s.functions[0].faults.hang = crate::support::probability(p);
    let r = replicate(&s, 32);
    let exact = p * timeout + (1.0 - p) * truncated_mean(&law, timeout);
    agrees("duration", &totals(&r, |t| (t.duration.sum_secs(), t.invocations as f64)), exact, 0.03);
    let cut = p + (1.0 - p) * (1.0 - law.cdf(timeout));
    agrees("timeouts", &totals(&r, |t| (t.attempt_outcomes[2] as f64, t.attempts as f64)), cut, 0.05);
}

/// A caller who gives up at c sees timeouts P(X > c), while the platform bills E X: the rest is waste. Of the billed time
/// E [X; X > c] = (c + m) e^(-c/m) is spent on what was given up (exponential law, no granule).
#[test]
fn what_callers_gave_up_is_billed_in_full() {
    let (mean, patience) = (0.5, 0.8);
    let mut s = timed(exponential(mean), 900.0);
    s.functions[0].billing.granule = Span(1);
    s.traffic[0].client_timeout = Some(secs(patience));
    let r = replicate(&s, 32);
    let late = libm::exp(-patience / mean);
    agrees("given up", &totals(&r, |t| (t.attempt_outcomes[2] as f64, t.attempts as f64)), late, 0.02);
    agrees("billed", &totals(&r, |t| (t.billed_ns as f64 / 1e9, t.invocations as f64)), mean, 0.01);
    let waste = totals(&r, |t| (t.waste_ns[1] as f64 / 1e9, t.invocations as f64));
    agrees("abandoned", &waste, (patience + mean) * late, 0.03);
    assert!(r.iter().all(|r| r.functions[0].invocation_outcomes[2] == 0));
}
