//! When enough replications were run: precision targets, tested at fixed checkpoints only.

use super::Estimate;

/// How precise a figure is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// Half-width at most this part of the figure.
    Relative(f64),
    /// Half-width at most this part of the share or of its complement, whichever is smaller.
    RelativeShare(f64),
    /// Half-width at most this, in the unit of the figure.
    Absolute(f64),
}

impl Target {
    /// The half-width wanted, in the measure of the target.
    #[must_use]
    pub const fn wanted(self) -> f64 {
        match self {
            Self::Relative(x) | Self::RelativeShare(x) | Self::Absolute(x) => x,
        }
    }

    /// The half-width reached, in the same measure; `None` without an interval, or relative to nothing.
    #[must_use]
    pub fn reached(self, estimate: &Estimate) -> Option<f64> {
        let (half, mean) = (estimate.half_width()?, estimate.mean?);
        let unit = match self {
            Self::Relative(_) => mean.abs(),
            Self::RelativeShare(_) => mean.min(1.0 - mean),
            Self::Absolute(_) => 1.0,
        };
        // A figure that is exactly known, a fee of 0 for example, meets any target.
        if half == 0.0 { Some(0.0) } else { Some(half / unit).filter(|x| x.is_finite()) }
    }

    /// Whether the estimate is as precise as wanted.
    #[must_use]
    pub fn met(self, estimate: &Estimate) -> bool {
        self.reached(estimate).is_some_and(|reached| reached <= self.wanted())
    }
}

/// Checkpoints in a row at which every target must be met. Stopping at the first one picks the moments when the spread
/// happens to look small, so the intervals would cover less than they say.
pub const IN_A_ROW: u32 = 2;

/// Counts the checkpoints in a row at which all targets were met.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stopping {
    in_a_row: u32,
}

impl Stopping {
    /// Takes the answer of one checkpoint; true when it is time to stop.
    pub fn checkpoint(&mut self, all_met: bool) -> bool {
        self.in_a_row = if all_met { self.in_a_row + 1 } else { 0 };
        self.in_a_row >= IN_A_ROW
    }
}
