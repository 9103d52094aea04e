//! Quantiles of Student's t and of the beta distribution at the one level used, 95 % two-sided.

use statrs::distribution::{Beta, ContinuousCDF, StudentsT};

/// Confidence level of every interval.
pub const LEVEL: f64 = 0.95;
/// Probability outside on each side.
pub const TAIL: f64 = (1.0 - LEVEL) / 2.0;

/// Bits of the mantissa kept of a quantile: statrs calls the machine's `exp` and `ln`, whose last bits differ.
const KEPT_BITS: u32 = 28;

/// Rounds a positive number to 28 significant bits (relative error below 2e-9), so that intervals are the same bytes
/// everywhere.
fn steady(x: f64) -> f64 {
    let dropped = f64::MANTISSA_DIGITS - KEPT_BITS;
    let half = 1_u64 << (dropped - 1);
    if x.is_finite() { f64::from_bits((x.to_bits() + half) >> dropped << dropped) } else { x }
}

/// The 97.5 % quantile of Student's t with that many degrees of freedom; infinite with none.
#[must_use]
pub fn t_quantile(degrees_of_freedom: f64) -> f64 {
    t_quantile_at(degrees_of_freedom, 1.0 - TAIL)
}

/// The p-quantile (above a half) of Student's t with that many degrees of freedom; infinite with none.
#[must_use]
pub fn t_quantile_at(degrees_of_freedom: f64, p: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees_of_freedom).map_or(f64::INFINITY, |t| steady(t.inverse_cdf(p)))
}

/// The p-quantile of the beta distribution with a small `a`, by bisection of its cdf: the approximate start of the usual
/// inversion (AS 109) is far off, and stays so, where b is a million trials.
#[must_use]
pub fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    if b > LARGEST_B {
        // -ln(1 - x) scales as 1/b: exactly so for a = 1, within a / b otherwise. Computed at b itself, the cdf would lose
        // digits to the difference of two logarithms of gamma.
        return steady(-libm::expm1(libm::log1p(-beta_quantile(a, LARGEST_B, p)) * LARGEST_B / b));
    }
    let Ok(beta) = Beta::new(a, b) else { return f64::NAN };
    // Bracket from the mean outwards, then halve.
    let mut lo = a / (a + b);
    let mut hi = lo;
    while lo > f64::MIN_POSITIVE && beta.cdf(lo) > p {
        hi = lo;
        lo /= 2.0;
    }
    while hi < 1.0 && beta.cdf(hi) < p {
        lo = hi;
        hi = (2.0 * hi).min(1.0);
    }
    while hi - lo > ACCURACY * hi {
        let mid = lo + (hi - lo) / 2.0;
        if beta.cdf(mid) < p { lo = mid } else { hi = mid }
    }
    steady(hi)
}

/// Above that many trials the quantile is scaled.
const LARGEST_B: f64 = 1e6;
/// Relative width at which bisection ends.
const ACCURACY: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of the t distribution (for example NIST/SEMATECH e-Handbook, 1.3.6.7.2), with more digits from R's `qt`.
    #[test]
    fn t_quantiles_match_tables() {
        for (df, expected) in [(1.0, 12.706_204_736), (9.0, 2.262_157_163), (19.0, 2.093_024_054), (119.0, 1.980_099_876)] {
            assert!((t_quantile(df) / expected - 1.0).abs() < 1e-8, "df {df}: {}", t_quantile(df));
        }
        assert_eq!(t_quantile(0.0), f64::INFINITY);
    }

    #[test]
    fn beta_quantiles_match_closed_forms() {
        for n in [1.0_f64, 20.0, 1e4, 1e6, 1e9] {
            // Beta(1, n) has cdf 1 - (1 - x)^n.
            for p in [0.025, 0.5, 0.975] {
                let exact = -libm::expm1(libm::log1p(-p) / n);
                let got = beta_quantile(1.0, n, p);
                assert!((got / exact - 1.0).abs() < 1e-6, "n {n} p {p}: {got} {exact}");
            }
        }
        // Chi-square tables by Poisson's limit: 2 n x is chi-square with 2a degrees of freedom (2.5 %: 0.484 419 with 4 of them).
        assert!((2e8 * beta_quantile(2.0, 1e8, 0.025) - 0.484_419).abs() < 1e-5);
        // By hand: the median of Beta(2, 2) is 1/2.
        assert!((beta_quantile(2.0, 2.0, 0.5) - 0.5).abs() < 1e-8);
    }
}
