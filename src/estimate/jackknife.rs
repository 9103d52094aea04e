//! The jackknife: an interval for any smooth function of all replications together, such as a fee with tiers.

use super::Estimate;
use super::moments::around;

/// Estimate of a function of n replications. `figure(None)` is its value on all of them and is the point reported;
/// `figure(Some(i))` its value without replication i. The interval is Student's t on the pseudo-values
/// n f - (n - 1) f(-i) (Tukey 1958; Miller 1974, "The jackknife: a review", Biometrika 61).
#[must_use]
pub fn jackknife(n: usize, figure: impl Fn(Option<usize>) -> f64) -> Estimate {
    if n == 0 {
        return Estimate::none(0);
    }
    let all = figure(None);
    if n == 1 {
        return Estimate::point(all, 1);
    }
    let pseudo: Vec<f64> = (0..n).map(|i| n as f64 * all - (n - 1) as f64 * figure(Some(i))).collect();
    around(all, &pseudo)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::mean;

    #[test]
    fn of_a_mean_it_is_the_t_interval() {
        let x = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0];
        let without = |out: Option<usize>| {
            let kept: Vec<f64> = x.iter().enumerate().filter(|(i, _)| Some(*i) != out).map(|(_, x)| *x).collect();
            kept.iter().sum::<f64>() / kept.len() as f64
        };
        let (a, b) = (jackknife(x.len(), without), mean(&x));
        assert!((a.lo.unwrap() - b.lo.unwrap()).abs() < 1e-9 && (a.hi.unwrap() - b.hi.unwrap()).abs() < 1e-9);
        assert_eq!(a.mean, b.mean);
    }

    #[test]
    fn one_replication_gives_no_interval() {
        assert_eq!(jackknife(1, |_| 2.0), Estimate::point(2.0, 1));
        assert_eq!(jackknife(0, |_| 2.0), Estimate::none(0));
    }
}
