//! Output analysis: estimates with intervals from replications. Knows no engine and no prices.
//!
//! The replications are independent and identically distributed, whatever happens inside one: so every interval here rests
//! on how a figure varies *between* them, never on counts inside one as if those were independent.

pub mod jackknife;
pub mod looks;
pub mod moments;
pub mod paired;
pub mod quantile;
pub mod ratio;
pub mod replicate;
pub mod selection;
pub mod share;
pub mod stopping;
pub mod student;
pub mod surface;
pub mod warmup;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use jackknife::jackknife;
pub use moments::mean;
pub use quantile::quantile;
pub use ratio::ratio;
pub use share::share;

/// A figure with its 95 % interval. One replication gives no interval; no event gives no mean where it would be 0/0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// The point estimate.
    pub mean: Option<f64>,
    /// Lower end of the 95 % interval.
    pub lo: Option<f64>,
    /// Upper end of the 95 % interval.
    pub hi: Option<f64>,
    /// Replications it rests on.
    pub n: u32,
}

impl Estimate {
    /// Nothing was observed: 0/0, or a figure that is not a finite number.
    #[must_use]
    pub fn none(n: usize) -> Self {
        Self { mean: None, lo: None, hi: None, n: count(n) }
    }

    /// A point without an interval, as from one replication.
    #[must_use]
    pub fn point(mean: f64, n: usize) -> Self {
        if mean.is_finite() { Self { mean: Some(mean), ..Self::none(n) } } else { Self::none(n) }
    }

    /// A point with its interval, which contains it whatever rounding did. Where an end is not finite the interval is left out: it is whole or absent.
    #[must_use]
    pub fn interval(mean: f64, lo: f64, hi: f64, n: usize) -> Self {
        let point = Self::point(mean, n);
        let whole = point.mean.is_some() && lo.is_finite() && hi.is_finite();
        if whole { Self { lo: Some(lo.min(mean)), hi: Some(hi.max(mean)), ..point } } else { point }
    }

    /// Half the width of the interval.
    #[must_use]
    pub fn half_width(&self) -> Option<f64> {
        Some((self.hi? - self.lo?) / 2.0)
    }

    /// The figure in another unit. A negative factor swaps the ends.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let [mean, lo, hi] = [self.mean, self.lo, self.hi].map(|x| x.map(|x| x * factor));
        if factor < 0.0 { Self { mean, lo: hi, hi: lo, n: self.n } } else { Self { mean, lo, hi, n: self.n } }
    }

    /// The interval cut to a range that the figure cannot leave, such as 0..=1 for a share.
    #[must_use]
    pub fn clamped(self, min: f64, max: f64) -> Self {
        Self { lo: self.lo.map(|x| x.max(min)), hi: self.hi.map(|x| x.min(max)), ..self }
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_whole_or_absent() {
        assert_eq!(Estimate::interval(1.0, f64::NEG_INFINITY, 2.0, 3), Estimate::point(1.0, 3));
        assert_eq!(Estimate::interval(f64::NAN, 0.0, 2.0, 3), Estimate::none(3));
        assert_eq!(Estimate::interval(1.0, 0.0, 3.0, 3).half_width(), Some(1.5));
    }

    #[test]
    fn scaling_by_a_negative_number_keeps_lo_below_hi() {
        assert_eq!(Estimate::interval(1.0, 0.5, 3.0, 2).scaled(-2.0), Estimate::interval(-2.0, -6.0, -1.0, 2));
    }
}
