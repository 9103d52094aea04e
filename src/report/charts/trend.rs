//! A figure over a setting, or over months, with its bands.

use super::Hue;
use crate::estimate::Estimate;
use crate::report::format::Unit;

/// Lines with bands over one horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// Heading of the panel.
    pub title: String,
    /// Unit of the vertical axis' ticks.
    pub unit: Unit<'static>,
    /// The horizontal axis.
    pub x: Steps,
    /// Whether the vertical axis is logarithmic: for shares over several powers of ten.
    pub log: bool,
    /// The lines.
    pub lines: Vec<Line>,
    /// Values to compare with, with what they are.
    pub levels: Vec<(f64, String)>,
    /// Places on the horizontal axis to point at, with what is there.
    pub marks: Vec<(f64, String)>,
}

/// Places along an axis, with their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    /// Name of the axis; empty where another panel's stands for it.
    pub name: String,
    /// Place and label of each step, rising.
    pub ticks: Vec<(f64, String)>,
    /// Whether equal factors are equal distances.
    pub log: bool,
    /// Whether there is something between two steps, so that a line may join them.
    pub joined: bool,
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is; empty where the heading says it.
    pub label: String,
    /// Its colour.
    pub hue: Hue,
    /// The points, from left to right.
    pub points: Vec<Reading>,
}

/// A point of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Where it is on the horizontal axis.
    pub x: f64,
    /// The figure.
    pub mean: f64,
    /// Its interval: the dark band.
    pub interval: Option<(f64, f64)>,
    /// Where single cases fall: the light band.
    pub range: Option<(f64, f64)>,
}

impl Reading {
    /// An estimate at a place; `None` without a figure.
    pub(super) fn of(x: f64, e: &Estimate, range: Option<(f64, f64)>) -> Option<Self> {
        let mean = e.mean.filter(|mean| mean.is_finite())?;
        let finite = |(lo, hi): &(f64, f64)| lo.is_finite() && hi.is_finite();
        Some(Self { x, mean, interval: e.lo.zip(e.hi).filter(finite), range: range.filter(finite) })
    }

    /// The least and the most of it.
    #[must_use]
    pub fn ends(&self) -> (f64, f64) {
        let bands = self.interval.into_iter().chain(self.range);
        bands.fold((self.mean, self.mean), |(low, high), (lo, hi)| (low.min(lo), high.max(hi)))
    }
}
