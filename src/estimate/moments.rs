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
    /// Excess kurtosis: 0 for a normal law, positive for one with heavy tails; 0 where all values are equal.
    pub kurtosis: f64,
}

impl Moments {
    /// Two passes: the second sums squares around the mean, so nothing cancels.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let n = values.len();
        let mean = if n == 0 { 0.0 } else { sum(values.iter().copied()) / n as f64 };
        let squares = sum(values.iter().map(|x| (x - mean) * (x - mean)));
        let fourths = sum(values.iter().map(|x| (x - mean) * (x - mean) * (x - mean) * (x - mean)));
        let variance = if n < 2 { 0.0 } else { squares / (n - 1) as f64 };
        let kurtosis = if squares > 0.0 { n as f64 * fourths / (squares * squares) - 3.0 } else { 0.0 };
        Self { n, mean, variance, kurtosis }
    }

    /// Degrees of freedom of the variance: n - 1, fewer where heavy tails make it less certain, by matching a chi-square law
    /// (Satterthwaite 1946) to its variance, sigma^4 (2 / (n - 1) + kurtosis / n) (Box 1953).
    #[must_use]
    pub fn freedom(&self) -> f64 {
        let n = self.n as f64;
        2.0 / (2.0 / (n - 1.0) + self.kurtosis.max(0.0) / n)
    }

    /// Half-width of the 95 % interval of Student's t.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        t_quantile(self.freedom()) * self.standard_error()
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
    let half = Moments::of(values).half_width();
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
    fn an_outlier_costs_degrees_of_freedom() {
        // 9 zeros and a 10: mean 1, squares 90, fourths 9 + 6561, kurtosis 65700 / 8100 - 3 = 5.111
        let mut x = [0.0; 10];
        x[3] = 10.0;
        assert!((Moments::of(&x).freedom() - 2.0 / (2.0 / 9.0 + 0.511_11)).abs() < 1e-4);
    }

    #[test]
    fn large_offsets_do_not_cancel() {
        let m = Moments::of(&[1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0]);
        assert_eq!((m.mean, m.variance), (1e9 + 2.0, 1.0));
        assert_eq!(m.freedom(), 2.0);
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100]), 2.0);
    }
}
