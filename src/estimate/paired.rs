//! Differences of two configurations on common random numbers: replication i of one has the same traffic, work and luck as
//! replication i of the other, so what they share cancels.

use super::Estimate;
use super::moments::{Moments, around};
use super::student::t_quantile;

/// A figure on all replications, and without each of them in turn.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaveOneOut {
    /// On all of them.
    pub all: f64,
    /// Without replication 0, 1, 2, …
    pub without: Vec<f64>,
}

impl LeaveOneOut {
    /// Tukey's pseudo-values n f - (n - 1) f(-i): as if each replication had brought a value of its own.
    #[must_use]
    pub fn pseudo_values(&self) -> Vec<f64> {
        let n = self.without.len() as f64;
        self.without.iter().map(|x| n * self.all - (n - 1.0) * x).collect()
    }
}

/// The difference of two figures, the second less the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The difference with its 95 % interval.
    pub estimate: Estimate,
    /// Correlation of the two over replications; absent where one of them does not vary, or they are not paired.
    pub correlation: Option<f64>,
    /// How many times as wide the interval would be without pairing.
    pub narrowed: Option<f64>,
}

/// Difference of two figures on the same numbers of replications, replication i against replication i: Student's t on the
/// differences of the pseudo-values (Law, Simulation Modeling and Analysis, section 10.2: paired t).
#[must_use]
pub fn paired(a: &LeaveOneOut, b: &LeaveOneOut) -> Difference {
    let (x, y) = (a.pseudo_values(), b.pseudo_values());
    let n = x.len().min(y.len());
    let differences: Vec<f64> = x.iter().zip(&y).map(|(x, y)| less(*y, *x)).collect();
    let point = less(b.all, a.all);
    let estimate = if n < 2 { Estimate::point(point, n) } else { around(point, &differences) };
    let both = unpaired(a, b).estimate.half_width();
    let narrowed = estimate.half_width().zip(both).filter(|(paired, _)| *paired > 0.0).map(|(paired, both)| both / paired);
    Difference { estimate, correlation: correlation(&x, &y), narrowed }
}

/// Difference of two figures of independent replications (Welch 1938: unequal variances).
#[must_use]
pub fn unpaired(a: &LeaveOneOut, b: &LeaveOneOut) -> Difference {
    let ((va, na), (vb, nb)) = (variance(a), variance(b));
    let (point, n) = (b.all - a.all, na.min(nb));
    let estimate = if n < 2 {
        Estimate::point(point, n)
    } else if va + vb > 0.0 {
        let half = t_quantile(welch(a, b)) * (va + vb).sqrt();
        Estimate::interval(point, point - half, point + half, n)
    } else {
        Estimate::interval(point, point, point, n)
    };
    Difference { estimate, correlation: None, narrowed: None }
}

/// Variance of a figure, and its number of replications.
fn variance(x: &LeaveOneOut) -> (f64, usize) {
    (square(Moments::of(&x.pseudo_values()).standard_error()), x.without.len())
}

/// Degrees of freedom of a difference (Welch and Satterthwaite).
fn welch(a: &LeaveOneOut, b: &LeaveOneOut) -> f64 {
    let ((va, na), (vb, nb)) = (variance(a), variance(b));
    let freedom = |v: f64, n: usize| v * v / (n as f64 - 1.0);
    square(va + vb) / (freedom(va, na) + freedom(vb, nb))
}

/// Difference of two shares of independent replications, the second less the first, from each one's own interval by squaring and
/// adding (Newcombe 1998, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17,
/// method 10): where an event was never seen there is a bound, never an interval without width. Each one's own interval is as
/// wide as its own replications make it uncertain; together they know their spread better, by Welch's degrees of freedom.
#[must_use]
pub fn unpaired_shares(a: (&Estimate, &LeaveOneOut), b: (&Estimate, &LeaveOneOut)) -> Estimate {
    let ((a, of_a), (b, of_b)) = (a, b);
    let (Some(x), Some(y)) = (a.mean, b.mean) else { return Estimate::none(a.n.min(b.n) as usize) };
    let (point, n) = (y - x, a.n.min(b.n) as usize);
    let (Some(a_lo), Some(a_hi), Some(b_lo), Some(b_hi)) = (a.lo, a.hi, b.lo, b.hi) else { return Estimate::point(point, n) };
    // Where one shows no event there is a bound, and no spread to know better.
    let known = variance(of_a).0 > 0.0 && variance(of_b).0 > 0.0;
    let narrower = if known { t_quantile(welch(of_a, of_b)) / t_quantile(n as f64 - 1.0) } else { 1.0 };
    let apart = |p: f64, q: f64| narrower * (p * p + q * q).sqrt();
    Estimate::interval(point, point - apart(y - b_lo, a_hi - x), point + apart(b_hi - y, x - a_lo), n)
}

/// The first less the second; what rounding leaves of equal values is no difference.
fn less(x: f64, y: f64) -> f64 {
    if (x - y).abs() <= ROUNDING * x.abs().max(y.abs()) { 0.0 } else { x - y }
}

/// Pseudo-values are n times a figure less n - 1 times one that is nearly the same: that is what is left of 16 digits.
const ROUNDING: f64 = 1e-12;

fn square(x: f64) -> f64 {
    x * x
}

/// Pearson's correlation; `None` where one side does not vary.
fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len().min(y.len());
    let mean = |v: &[f64]| v.iter().sum::<f64>() / n as f64;
    let (mx, my) = (mean(x), mean(y));
    let sum = |f: &dyn Fn(f64, f64) -> f64| x.iter().zip(y).map(|(x, y)| f(x - mx, y - my)).sum::<f64>();
    let (xx, yy, xy) = (sum(&|x, _| x * x), sum(&|_, y| y * y), sum(&|x, y| x * y));
    // What rounding leaves of a constant is no variation.
    let varies = |squares: f64, mean: f64| squares > square(mean * 1e-12) * n as f64;
    (n > 1 && varies(xx, mx) && varies(yy, my)).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of some values, as a figure.
    fn mean_of(values: &[f64]) -> LeaveOneOut {
        let (n, sum) = (values.len() as f64, values.iter().sum::<f64>());
        LeaveOneOut { all: sum / n, without: values.iter().map(|x| (sum - x) / (n - 1.0)).collect() }
    }

    #[test]
    fn a_paired_t_by_hand() {
        // Differences 1, 2, 3: mean 2, standard error 1/sqrt(3), t(0.975; 2) = 4.3027.
        let d = paired(&mean_of(&[1.0, 5.0, 9.0]), &mean_of(&[2.0, 7.0, 12.0]));
        let half = 4.302_652_7 / 3.0_f64.sqrt();
        assert!((d.estimate.mean.unwrap() - 2.0).abs() < 1e-12 && (d.estimate.half_width().unwrap() - half).abs() < 1e-6);
        assert!((d.correlation.unwrap() - 1.0).abs() < 1e-9 && d.narrowed.unwrap() > 4.0);
    }

    #[test]
    fn welch_by_hand() {
        // Variances 16 and 25 of 3 each: standard error sqrt(41 / 3); freedom 41^2 / (16^2 / 2 + 25^2 / 2) = 3.816.
        let d = unpaired(&mean_of(&[1.0, 5.0, 9.0]), &mean_of(&[2.0, 7.0, 12.0])).estimate;
        let half = t_quantile(1681.0 / 440.5) * (41.0_f64 / 3.0).sqrt();
        assert!((d.half_width().unwrap() - half).abs() < 1e-9);
    }

    #[test]
    fn shares_by_squares() {
        // 0.8 - 0.6, the ends 0.1 and 0.1 away below, 0.06 and 0.1 above.
        let (a, b) = (Estimate::interval(0.6, 0.5, 0.7, 9), Estimate::interval(0.8, 0.7, 0.86, 9));
        let flat = mean_of(&[0.0; 9]);
        let d = unpaired_shares((&a, &flat), (&b, &flat));
        let close = |x: Option<f64>, y: f64| assert!((x.unwrap() - y).abs() < 1e-9, "{d:?}");
        close(d.mean, 0.2);
        close(d.lo, 0.2 - 0.02_f64.sqrt());
        close(d.hi, 0.2 + (0.06_f64 * 0.06 + 0.01).sqrt());
        // Of the same spread: 16 degrees of freedom in place of 8.
        let spread = mean_of(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
        let lo = unpaired_shares((&a, &spread), (&b, &spread)).lo.unwrap();
        assert!((lo - (0.2 - 0.02_f64.sqrt() * t_quantile(16.0) / t_quantile(8.0))).abs() < 1e-9, "{lo}");
        // Nothing seen on either side is not nothing.
        let none = Estimate::interval(0.0, 0.0, 0.001, 9);
        assert!((unpaired_shares((&none, &flat), (&none, &flat)).hi.unwrap() - 0.001).abs() < 1e-12);
        assert_eq!(unpaired_shares((&Estimate::point(0.1, 1), &flat), (&none, &flat)).lo, None);
    }

    #[test]
    fn the_same_thing_differs_by_nothing() {
        let a = mean_of(&[0.1, 0.7, 0.35]);
        assert_eq!(paired(&a, &a).estimate, Estimate::interval(0.0, 0.0, 0.0, 3));
        assert_eq!(paired(&mean_of(&[2.0, 2.0]), &mean_of(&[2.0, 3.0])).correlation, None);
    }

    /// Independent samples of the same law: the interval of their difference contains 0 in 95 % of the studies. A difference of
    /// two half-widths is found in nearly all of them.
    #[test]
    fn coverage_and_power() {
        use rand_distr::{Distribution, Exp1};
        let mut rng = crate::random::Key::new(7, 1).stream();
        let mut draw = |n: usize, shift: f64| -> LeaveOneOut {
            let values: Vec<f64> = (0..n).map(|_| shift + Distribution::<f64>::sample(&Exp1, &mut rng)).collect();
            mean_of(&values)
        };
        let (mut covered, mut found) = (0, 0);
        for _ in 0..2_000 {
            let (a, b) = (draw(20, 0.0), draw(20, 0.0));
            let e = unpaired(&a, &b).estimate;
            covered += u32::from(e.lo.unwrap() <= 0.0 && e.hi.unwrap() >= 0.0);
            let shifted = unpaired(&a, &draw(20, 2.0 * e.half_width().unwrap())).estimate;
            found += u32::from(shifted.lo.unwrap() > 0.0);
        }
        assert!((1_870..=1_930).contains(&covered), "{covered}");
        assert!(found >= 1_800, "{found}");
    }
}
