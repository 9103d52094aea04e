//! A quantile of all observations pooled over replications.

use super::Estimate;
use super::share::share_of_weights;
use crate::histogram::Histogram;
use crate::units::Span;

/// The q-quantile in seconds of the pool of all replications, with its interval. `None` if nothing was observed.
///
/// Woodruff's interval (1952, "Confidence intervals for medians and other position measures", J. Am. Stat. Assoc. 47): the
/// share of observations below the pooled quantile has an interval over replications, [`super::share()`]'s; its ends, taken
/// as quantiles of the pool, are the ends here. A jackknife of the quantile itself needs the quantile to be smooth, which
/// p99 of a few hundred observations is not. Where there are so few observations that the data cannot bound the
/// quantile (the interval of the share reaches the largest one), there is no interval.
#[must_use]
pub fn quantile(replications: &[&Histogram], q: f64) -> Estimate {
    let mut pool = Histogram::new();
    replications.iter().for_each(|h| pool.merge(h));
    quantile_of_pool(&pool, replications, q)
}

/// The same for several quantiles of one pool, which is the sum of the replications.
#[must_use]
pub fn quantile_of_pool(pool: &Histogram, replications: &[&Histogram], q: f64) -> Estimate {
    let n = replications.len();
    let Some(point) = pool.quantile(q) else { return Estimate::none(n) };
    let below: Vec<(f64, f64)> = replications.iter().map(|h| (h.count_below(point), h.count() as f64)).collect();
    let share = share_of_weights(&below);
    let (Some(p), Some(lo), Some(hi)) = (share.mean, share.lo, share.hi) else { return Estimate::point(point.as_secs_f64(), n) };
    // Half an observation from the end there is nothing left to read a quantile from.
    let edge = 0.5 / pool.count() as f64;
    let end = |at: f64| if at > edge && at < 1.0 - edge { pool.quantile(at).map_or(f64::NAN, Span::as_secs_f64) } else { f64::NAN };
    Estimate::interval(point.as_secs_f64(), end(q + lo - p), end(q + hi - p), n)
}
