//! A proportion over replications: events among trials that are correlated inside a replication.

use super::Estimate;
use super::jackknife::half_width;
use super::moments::sum;
use super::student::{TAIL, beta_quantile, t_quantile};

/// Below that many effective events, or effective non-events, the exact bound takes the jackknife's place.
const FEW: f64 = 5.0;

/// Degrees of freedom that the measured inflation has beyond one for each replication with an event.
const BASE_FREEDOM: usize = 3;

/// Share of events among trials, from (events, trials) of each replication. The point is total over total.
///
/// With enough events the interval is the jackknife's on the logit scale. With few or none it is Clopper & Pearson's exact
/// bound on the *effective* number of trials, n / inflation: never a bare 0, nor a bare 1.
#[must_use]
pub fn share(counts: &[(u64, u64)]) -> Estimate {
    share_of_sampled(counts, 0.0)
}

/// The same where each trial that was made stands for `excess` others that were not: what was seen is that much less.
#[must_use]
pub fn share_of_sampled(counts: &[(u64, u64)], excess: f64) -> Estimate {
    let totals: Vec<(f64, f64)> = counts.iter().map(|c| (c.0 as f64 / (1.0 + excess), c.1 as f64 / (1.0 + excess))).collect();
    share_of_weights(&totals)
}

/// Share of events among independent trials, with Clopper & Pearson's exact interval.
#[must_use]
pub fn share_of_independent(events: usize, trials: usize) -> Estimate {
    if trials == 0 {
        return Estimate::none(0);
    }
    let (events, all) = (events as f64, trials as f64);
    let (lo, hi) = clopper_pearson(events, all);
    if trials < 2 { Estimate::point(events, 1) } else { Estimate::interval(events / all, lo, hi, trials) }
}

/// `share` of counts that are not whole, such as a histogram's below a point inside a bucket.
pub(super) fn share_of_weights(counts: &[(f64, f64)]) -> Estimate {
    let n = counts.len();
    let trials = sum(counts.iter().map(|c| c.1));
    let events = sum(counts.iter().map(|c| c.0));
    if trials <= 0.0 {
        return Estimate::none(n);
    }
    let point = events / trials;
    if n < 2 {
        return Estimate::point(point, n);
    }
    // The rarer side counts, and there the beta quantiles keep their digits.
    let rarer: Vec<(f64, f64)> = counts.iter().map(|c| if point > 0.5 { (c.1 - c.0, c.1) } else { *c }).collect();
    let (lo, hi) = interval(&rarer, if point > 0.5 { trials - events } else { events }, trials);
    let (lo, hi) = if point > 0.5 { (1.0 - hi, 1.0 - lo) } else { (lo, hi) };
    Estimate::interval(point, lo, hi, n)
}

/// The interval of a share of at most a half.
fn interval(counts: &[(f64, f64)], events: f64, trials: f64) -> (f64, f64) {
    let point = events / trials;
    let effective = effective_trials(counts, events, trials);
    let logit = |p: f64| libm::log(p / (1.0 - p));
    let without: Vec<f64> = counts.iter().map(|c| (events - c.0) / (trials - c.1)).collect();
    match half_width(point, &without, logit) {
        Some(half) if effective * point >= FEW => {
            let back = |x: f64| 1.0 / (1.0 + libm::exp(-x));
            (back(logit(point) - half), back(logit(point) + half))
        }
        _ => clopper_pearson(effective * point, effective),
    }
}

/// Trials divided by the measured inflation: the variance of the share between replications over the binomial's, at least 1.
///
/// The inflation is itself measured, so the trials are further divided by (t / z)^2 (Korn & Graubard 1998, "Confidence
/// intervals for proportions with small expected number of positive counts estimated from survey data", Survey Methodology
/// 24). They take the replications' degrees of freedom; but events come in bursts (throttles, timeouts, crashes), and how
/// large a burst is only the replications that had one can tell: so these count here, on top of `BASE_FREEDOM`. With no
/// event at all that divides the trials by 2.6. A burst much larger than that, never seen, no bound from the data covers.
fn effective_trials(counts: &[(f64, f64)], events: f64, trials: f64) -> f64 {
    let (replications, p) = (counts.len() as f64, events / trials);
    // Variance of a ratio by linearisation (Cochran 1977, "Sampling techniques", section 6.4) against p (1 - p) / n.
    let squares = sum(counts.iter().map(|c| (c.0 - p * c.1) * (c.0 - p * c.1)));
    let binomial = trials * p * (1.0 - p);
    let inflation = if binomial > 0.0 { (squares * replications / (replications - 1.0) / binomial).max(1.0) } else { 1.0 };
    let with_events = counts.iter().filter(|c| c.0 > 0.0).count();
    let freedom = (counts.len() - 1).min(with_events + BASE_FREEDOM).max(BASE_FREEDOM);
    let t_over_z = t_quantile(freedom as f64) / Z;
    trials / inflation / (t_over_z * t_over_z)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clopper_pearson_matches_published_bounds() {
        // 0 of 20: 1 - 0.025^(1/20). 3 of 20: 3.207 % and 37.893 % (binom.test(3, 20) of R).
        let (lo, hi) = clopper_pearson(0.0, 20.0);
        assert!(lo == 0.0 && (hi - 0.168_433).abs() < 1e-6, "{hi}");
        let (lo, hi) = clopper_pearson(3.0, 20.0);
        assert!((lo - 0.032_071).abs() < 1e-5 && (hi - 0.378_927).abs() < 1e-5, "{lo} {hi}");
    }

    #[test]
    fn ten_of_ten() {
        // 0.025^(1/10) = 0.6915
        let all = share_of_independent(10, 10);
        assert!((all.lo.unwrap() - 0.691_5).abs() < 1e-4 && all.hi == Some(1.0));
        assert_eq!(share_of_independent(0, 0), Estimate::none(0));
    }

    #[test]
    fn no_event_gives_a_bound_and_so_does_no_miss() {
        let none = share(&[(0, 1000); 20]);
        assert_eq!((none.mean, none.lo), (Some(0.0), Some(0.0)));
        // 3.69 (0.025 = exp(-3.69)) times (t(3) / z)^2 = 2.636 over 20,000 trials.
        assert!((none.hi.unwrap() * 20_000.0 / (3.689 * 2.636) - 1.0).abs() < 1e-3);
        let all = share(&[(1000, 1000); 20]);
        assert_eq!((all.mean, all.hi), (Some(1.0), Some(1.0)));
        assert!((all.lo.unwrap() + none.hi.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_was_not_simulated_bounds_nothing() {
        let (all, some) = (share(&[(0, 1000); 20]), share_of_sampled(&[(0, 100_000); 20], 99.0));
        assert!(all.hi.is_some_and(|hi| (hi / some.hi.unwrap() - 1.0).abs() < 1e-9));
        // With many events their spread between replications tells how much was seen.
        let counts = [(3_000, 100_000), (2_000, 90_000), (4_100, 110_000), (3_200, 100_000)];
        let (all, some) = (share(&counts), share_of_sampled(&counts, 9.0));
        assert!((all.hi.unwrap() / some.hi.unwrap() - 1.0).abs() < 1e-9 && all.mean == some.mean);
    }

    #[test]
    fn a_share_and_its_complement_mirror_each_other() {
        for counts in [[(3, 100), (0, 90), (1, 110), (2, 100)], [(30, 100), (20, 90), (41, 110), (32, 100)]] {
            let (a, b) = (share(&counts), share(&counts.map(|(k, n)| (n - k, n))));
            assert!((a.lo.unwrap() + b.hi.unwrap() - 1.0).abs() < 1e-12 && (a.hi.unwrap() + b.lo.unwrap() - 1.0).abs() < 1e-12);
            assert!(a.lo < a.mean && a.mean < a.hi);
        }
    }

    #[test]
    fn bursts_widen_the_bound() {
        let mut spread = [(0, 1000); 20];
        spread[..10].fill((1, 1000));
        let mut burst = [(0, 1000); 20];
        burst[7] = (10, 1000);
        let (spread, burst) = (share(&spread), share(&burst));
        assert_eq!(spread.mean, burst.mean);
        assert!(burst.hi.unwrap() > 3.0 * spread.hi.unwrap() && burst.lo.unwrap() < spread.lo.unwrap() / 3.0);
    }

    #[test]
    fn one_replication_and_nothing() {
        assert_eq!(share(&[(2, 8)]), Estimate::point(0.25, 1));
        assert_eq!(share(&[(0, 0), (0, 0)]), Estimate::none(2));
        // All trials in one replication: the rest tells nothing about the spread.
        assert!(share(&[(500, 1000), (0, 0)]).hi.is_some_and(|hi| hi > 0.5 && hi <= 1.0));
    }
}
