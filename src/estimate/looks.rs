//! Intervals that are looked at more than once, as replications come in.

use super::Estimate;
use super::student::{TAIL, t_quantile, t_quantile_at};

/// How many times as far the ends of a 95 % interval lie when the chance of being outside on a side, 2.5 %, is shared out among
/// that many looks (Bonferroni), by the ratio of Student's quantiles with n - 1 degrees of freedom.
fn stretch(n: u32, looks: usize) -> f64 {
    let freedom = f64::from(n.saturating_sub(1));
    if freedom < 1.0 { f64::INFINITY } else { t_quantile_at(freedom, 1.0 - TAIL / looks.max(1) as f64) / t_quantile(freedom) }
}

/// The interval of a figure that cannot be negative, so wide that over `looks` looks together it is left on a side with a
/// probability of 2.5 %. On the logarithmic scale; a bound on what was never seen by the same factor (that of an exact bound,
/// ln(0.025 / 4) / ln(0.025) = 1.38 for four looks, is between those for 9 replications and 15).
#[must_use]
pub fn widened(estimate: &Estimate, looks: usize) -> Estimate {
    let (Some(mean), Some(lo), Some(hi)) = (estimate.mean, estimate.lo, estimate.hi) else { return *estimate };
    let by = stretch(estimate.n, looks);
    let end = |end: f64| match () {
        () if mean > 0.0 && end > 0.0 => mean * libm::pow(end / mean, by),
        () if mean > 0.0 => 0.0,
        () => end * by,
    };
    Estimate::interval(mean, end(lo), end(hi), estimate.n as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn four_looks_by_hand() {
        // t(0.99375; 7) = 3.3353, t(0.975; 7) = 2.3646; ln 1.21 = 2 ln 1.1.
        let wide = widened(&Estimate::interval(1.0, 1.0 / 1.1, 1.1, 8), 4);
        let by = 3.335_3 / 2.364_6;
        assert!((wide.hi.unwrap() - libm::pow(1.1, by)).abs() < 2e-4, "{wide:?}");
        assert!((wide.lo.unwrap() * wide.hi.unwrap() - 1.0).abs() < 1e-9);
        // One look is the interval itself; nothing seen has a bound.
        assert_eq!(widened(&Estimate::interval(2.0, 1.0, 3.0, 9), 1).hi, Some(3.0));
        let none = widened(&Estimate::interval(0.0, 0.0, 0.01, 8), 4);
        assert!(none.lo == Some(0.0) && (none.hi.unwrap() / 0.01 - by).abs() < 1e-3);
        assert_eq!(widened(&Estimate::point(1.0, 1), 4), Estimate::point(1.0, 1));
    }

    /// Means of normal replications, looked at after 8, 16, 32 and 64: at most 2.5 % are ever above the truth.
    #[test]
    fn all_looks_together_keep_the_level() {
        let mut above = 0;
        for study in 0..4_000 {
            let mut stream = Key::new(29, study).stream();
            let values: Vec<f64> =
                (0..64).map(|_| 100.0 + 5.0 * Distribution::<f64>::sample(&StandardNormal, &mut stream)).collect();
            let ever =
                [8, 16, 32, 64].iter().any(|n| widened(&super::super::mean(&values[..*n]), 4).lo.is_some_and(|lo| lo > 100.0));
            above += u32::from(ever);
        }
        assert!((40..=100).contains(&above), "{above} of 4000");
    }
}
