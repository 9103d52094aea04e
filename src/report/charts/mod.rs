//! Charts: what to draw (plain data, [`requests`]) apart from how ([`draw`]).

mod cold_starts;
pub mod draw;
pub mod effect;
mod fee;
pub mod fleet;
pub mod heat_map;
mod latency;
mod outcomes;
pub mod pareto;
pub mod plan;
pub mod space;
pub mod storm;
pub mod sweep;
#[cfg(test)]
mod tests;
mod timeline;
pub mod tornado;
pub mod trend;
pub mod tune;

use crate::estimate::Estimate;
use crate::report::format::{self, Unit};
use crate::study::result::{FunctionResult, RunResult};

/// A picture: panels below each other under one title.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Name of its file, without ending.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// How to read it, for the text below it.
    pub caption: String,
    /// Its message in words, for those who can't see it.
    pub alt: String,
    /// From top to bottom.
    pub panels: Vec<Panel>,
}

/// A part of a chart with axes of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Panel {
    /// Horizontal bars with intervals.
    Bars(Bars),
    /// Horizontal bars cut into parts.
    Stack(Stack),
    /// How many requests are slower than x.
    Curves(Curves),
    /// A figure over time.
    Course(Course),
    /// A figure over two settings.
    Heat(heat_map::Heat),
    /// Configurations by two figures.
    Scatter(pareto::Scatter),
    /// Bars from a base to both sides.
    Tornado(tornado::Tornado),
    /// A figure over a setting or over months, with bands.
    Trend(trend::Trend),
    /// Nothing to draw, and why.
    Empty(String),
}

/// Horizontal bars with intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// Heading of the panel.
    pub title: String,
    /// Label of the value axis.
    pub axis: String,
    /// Unit of the axis' ticks.
    pub unit: Unit<'static>,
    /// Logarithmic value axis, for shares from one in a million to all.
    pub log: bool,
    /// Where the axis ends at least, so that two panels share a scale.
    pub at_least: f64,
    /// From top to bottom.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is.
    pub label: String,
    /// Its length.
    pub mean: f64,
    /// Ends of its interval, if it has one.
    pub interval: Option<(f64, f64)>,
    /// The value in figures.
    pub text: String,
    /// Its colour.
    pub color: Hue,
}

/// Horizontal bars cut into parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// Heading of the panel.
    pub title: String,
    /// Label of the value axis.
    pub axis: String,
    /// Unit of the axis' ticks.
    pub unit: Unit<'static>,
    /// Name and colour of each part, in the order of the values.
    pub parts: Vec<(String, Hue)>,
    /// Label and values of each bar.
    pub rows: Vec<(String, Vec<f64>)>,
}

/// Share of requests that are slower than x, both axes logarithmic.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// Label of the x axis.
    pub axis: String,
    /// Label of the y axis.
    pub share: String,
    /// One curve a function.
    pub curves: Vec<Curve>,
    /// Name and share of each quantile to mark: `("p99", 0.01)`.
    pub marks: Vec<(&'static str, f64)>,
}

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What it is.
    pub label: String,
    /// (seconds, share of requests that took longer), x rising.
    pub points: Vec<(f64, f64)>,
}

/// A figure over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// Heading of the panel, with its unit.
    pub title: String,
    /// Unit of the axis' ticks.
    pub unit: Unit<'static>,
    /// Length of a bin in seconds.
    pub bin_s: f64,
    /// One value a bin; `None` where there is none.
    pub values: Vec<Option<f64>>,
    /// Whether the axis starts at 0; else it is zoomed to the values and ends at the largest possible.
    pub from_zero: bool,
    /// A dashed line to compare with; the title says what it is.
    pub reference: Option<f64>,
    /// Its colour.
    pub color: Hue,
}

/// Shapes of points: told apart without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the shapes")]
pub enum Marker {
    Circle,
    Ring,
    Cross,
    Triangle,
    Diamond,
    Star,
}

/// Colours that people with colour-vision deficiency tell apart (Okabe and Ito, "Color Universal Design", 2008).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the colours")]
pub enum Hue {
    Black,
    Orange,
    SkyBlue,
    Green,
    Yellow,
    Blue,
    Vermilion,
    Purple,
    Grey,
}

impl Hue {
    /// Colours for things without a meaning of their own, in this order, repeated.
    #[must_use]
    pub fn nth(i: usize) -> Self {
        const ORDER: [Hue; 6] = [Hue::Blue, Hue::Vermilion, Hue::Green, Hue::Purple, Hue::Orange, Hue::SkyBlue];
        ORDER[i % ORDER.len()]
    }
}

/// All charts of a run, in the order of the report.
#[must_use]
pub fn requests(r: &RunResult) -> Vec<Chart> {
    vec![fee::chart(r), outcomes::chart(r), latency::chart(r), cold_starts::chart(r), timeline::chart(r)]
}

/// Functions drawn side by side; more can't be read.
const MOST_FUNCTIONS: usize = 20;

/// The functions with the most requests, at most `most`, by name; and a sentence on the others.
fn busiest(r: &RunResult, most: usize) -> (Vec<(&String, &FunctionResult)>, String) {
    let mut all: Vec<(&String, &FunctionResult)> = r.functions.iter().collect();
    let hidden = all.len().saturating_sub(most);
    all.sort_by(|a, b| b.1.requests.mean.unwrap_or(0.0).total_cmp(&a.1.requests.mean.unwrap_or(0.0)));
    all.truncate(most);
    all.sort_by_key(|(name, _)| *name);
    let note = if hidden > 0 { format!(" {hidden} functions with fewer requests are left out.") } else { String::new() };
    (all, note)
}

/// A bar for an estimate; `None` if there is no figure.
fn bar(label: String, e: &Estimate, unit: Unit, color: Hue) -> Option<Bar> {
    let mean = e.mean.filter(|m| m.is_finite())?;
    let interval = e.lo.zip(e.hi).filter(|(lo, hi)| lo.is_finite() && hi.is_finite());
    Some(Bar { label, mean, interval, text: format::mean(e, unit), color })
}
