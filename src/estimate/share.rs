//! A proportion over replications: events among trials that are correlated inside a replication.

use super::Estimate;
use super::moments::sum;
use super::ratio::ratio;
use super::student::{TAIL, beta_quantile, t_quantile};

/// Below that many effective events, or effective non-events, the exact bound takes the jackknife's place.
const FEW: f64 = 8.0;

/// Share of events among trials, from (events, trials) of each replication. The point is total over total.
///
/// With enough events the interval is the ratio's. With few or none it is Clopper-Pearson's exact bound on the *effective*
/// number of trials n* = n / inflation (Korn & Graubard 1998, "Confidence intervals for proportions with small expected
/// number of positive counts estimated from survey data", Survey Methodology 24): never a bare 0, nor a bare 1.
#[must_use]
pub fn share(counts: &[(u64, u64)]) -> Estimate {
    let replications = counts.len();
    let trials: u64 = counts.iter().map(|c| c.1).sum();
    let events: u64 = counts.iter().map(|c| c.0).sum();
    if trials == 0 {
        return Estimate::none(replications);
    }
    let point = events as f64 / trials as f64;
    if replications < 2 {
        return Estimate::point(point, replications);
    }
    let effective = effective_trials(counts, events, trials);
    if effective * point.min(1.0 - point) < FEW {
        // On the rarer side, where the beta quantiles keep their digits.
        let common = events > trials - events;
        let (lo, hi) = clopper_pearson(effective * point.min(1.0 - point), effective);
        let (lo, hi) = if common { (1.0 - hi, 1.0 - lo) } else { (lo, hi) };
        return Estimate::interval(point, lo, hi, replications);
    }
    let totals: Vec<(f64, f64)> = counts.iter().map(|c| (c.0 as f64, c.1 as f64)).collect();
    ratio(&totals).clamped(0.0, 1.0)
}

/// Trials divided by the measured inflation, that is the variance of the share between replications over the binomial's, at
/// least 1; then by (t / z)^2, for the inflation is itself measured on few replications.
fn effective_trials(counts: &[(u64, u64)], events: u64, trials: u64) -> f64 {
    let (n, r) = (trials as f64, counts.len() as f64);
    let p = events as f64 / n;
    // Variance of a ratio by linearisation (Cochran 1977, eq. 6.13), against p (1 - p) / n.
    let squares = sum(counts.iter().map(|c| {
        let residual = c.0 as f64 - p * c.1 as f64;
        residual * residual
    }));
    let binomial = n * p * (1.0 - p);
    let inflation = if binomial > 0.0 { (squares * r / (r - 1.0) / binomial).max(1.0) } else { 1.0 };
    let t_over_z = t_quantile(counts.len() - 1) / Z;
    n / inflation / (t_over_z * t_over_z)
}

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Exact bounds for a binomial share (Clopper & Pearson 1934), continued to real counts by the beta distribution.
fn clopper_pearson(events: f64, trials: f64) -> (f64, f64) {
    let others = trials - events;
    let lo = if events <= 0.0 { 0.0 } else { beta_quantile(events, others + 1.0, TAIL) };
    let hi = if others <= 0.0 { 1.0 } else { beta_quantile(events + 1.0, others, 1.0 - TAIL) };
    (lo, hi)
}
