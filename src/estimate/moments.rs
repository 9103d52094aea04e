//! Mean of one value a replication, with its interval.

use super::Estimate;
use super::jackknife::jackknife;
use super::student::t_quantile;

/// Sample moments of a list, summed in its order, so equal for any thread count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Values.
    pub n: usize,
    /// Mean; 0 for an empty list.
    pub mean: f64,
    /// Unbiased sample variance (divisor n - 1); 0 for fewer than two values.
    pub variance: f64,
}

impl Moments {
    /// Two passes: the second sums squares around the mean, so nothing cancels.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let n = values.len();
        let mean = if n == 0 { 0.0 } else { sum(values.iter().copied()) / n as f64 };
        let squares = sum(values.iter().map(|x| (x - mean) * (x - mean)));
        Self { n, mean, variance: if n < 2 { 0.0 } else { squares / (n - 1) as f64 } }
    }

    /// Standard error of the mean.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        (self.variance / self.n as f64).sqrt()
    }
}

/// A compensated sum (Neumaier 1974): the rounding errors are added up beside it.
#[must_use]
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for x in values {
        let next = sum + x;
        lost += if sum.abs() >= x.abs() { (sum - next) + x } else { (x - next) + sum };
        sum = next;
    }
    sum + lost
}

/// Mean over replications, one value each; `None` for an empty list, no interval for a single value. Values that cannot be
/// negative get the jackknife's interval on the logarithmic scale, others Student's t on the plain one.
#[must_use]
pub fn mean(values: &[f64]) -> Estimate {
    if values.is_empty() {
        return Estimate::none(0);
    }
    let (n, total) = (values.len(), sum(values.iter().copied()));
    if values.iter().any(|x| *x < 0.0) {
        return around(total / n as f64, values);
    }
    jackknife(n, |out| out.map_or(total / n as f64, |i| (total - values[i]) / (n - 1) as f64))
}

/// The t interval around a point, from the spread of one value a replication.
pub(super) fn around(point: f64, values: &[f64]) -> Estimate {
    let n = values.len();
    if n < 2 {
        return Estimate::point(point, n);
    }
    let half = t_quantile(n - 1) * Moments::of(values).standard_error();
    Estimate::interval(point, point - half, point + half, n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_interval_of_four_values() {
        // -1, 0, 1, 2: mean 0.5, s = 1.2909944, t(0.975; 3) = 3.1824463, half-width 2.0542
        let e = mean(&[-1.0, 0.0, 1.0, 2.0]);
        assert_eq!(e.mean, Some(0.5));
        assert!((e.half_width().unwrap() - 3.182_446_3 * 1.290_994_4 / 2.0).abs() < 1e-6);
        assert!((e.lo.unwrap() + e.hi.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_mean_that_cannot_be_negative_has_no_negative_end() {
        let e = mean(&[0.1, 3.0, 0.2, 9.0, 0.4]);
        assert!(e.lo.unwrap() >= 0.0 && e.hi.unwrap() - e.mean.unwrap() > e.mean.unwrap() - e.lo.unwrap());
        assert_eq!(mean(&[0.0, 0.0, 4.0]).lo, Some(0.0));
    }

    #[test]
    fn one_value_gives_no_interval_and_none_gives_no_mean() {
        assert_eq!(mean(&[7.0]), Estimate { mean: Some(7.0), lo: None, hi: None, n: 1 });
        assert_eq!(mean(&[]), Estimate::none(0));
        assert_eq!(mean(&[1.0, f64::NAN]).mean, None);
    }

    #[test]
    fn large_offsets_do_not_cancel() {
        let m = Moments::of(&[1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0]);
        assert_eq!((m.mean, m.variance), (1e9 + 2.0, 1.0));
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100]), 2.0);
    }
}
