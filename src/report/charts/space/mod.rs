//! Configurations by their settings: what the charts of decisions draw, whether a sweep or a search found them.

mod search;
mod sweep;

use crate::estimate::Estimate;
use crate::report::sweep::{plain, short};
use crate::study::result::Verdict;
use crate::study::sweep::Dimension;
use crate::units::parse;

/// Configurations and what was varied.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// Currency of fees.
    pub currency: String,
    /// What was varied.
    pub settings: Vec<Setting>,
    /// The configurations.
    pub points: Vec<Point>,
    /// Figure, function and target of each objective.
    pub objectives: Vec<Target>,
    /// The scenario as it is today, where it was simulated apart from the configurations.
    pub today: Option<Point>,
    /// The configuration to point at, and what to call it: the scenario as it is today where it is among them, or what stands
    /// for it.
    pub marked: Option<(Vec<usize>, &'static str)>,
    /// The configuration that others are compared with, in values of the settings: of a sweep the file's own, of a search the
    /// recommended one.
    pub base: Vec<usize>,
    /// What the base is, in words.
    pub base_name: String,
}

/// A setting that was varied.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Dotted path.
    pub key: String,
    /// The shortest name that tells it apart.
    pub name: String,
    /// Its values: rising if all of them are quantities, else as they were given.
    pub values: Vec<Value>,
}

/// A value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// As it is written.
    pub text: String,
    /// As a number, if it is a quantity.
    pub number: Option<f64>,
}

/// What shall hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Name of the figure, with its function where there are several.
    pub figure: String,
    /// What was asked for.
    pub target: f64,
}

/// A configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Position of its value of each setting.
    pub at: Vec<usize>,
    /// Figures by name, with the function of a latency where there are several.
    pub figures: Vec<(String, Estimate)>,
    /// Whether all objectives hold; `None` without objectives.
    pub verdict: Option<Verdict>,
    /// Figures whose objective is missed.
    pub missed: Vec<String>,
    /// Whether the platform refuses it; then there are no figures.
    pub refused: bool,
    /// Whether it is the answer of a search.
    pub recommended: bool,
    /// Whether a search dropped it early, on few replications: its verdict says little.
    pub screened: bool,
}

impl Point {
    /// A figure that has a value.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<&Estimate> {
        let found = self.figures.iter().find(|(figure, _)| figure == name || figure.strip_prefix(name).is_some_and(of_one));
        found.map(|(_, estimate)| estimate).filter(|e| e.mean.is_some_and(f64::is_finite))
    }

    /// Mean fee.
    #[must_use]
    pub fn fee(&self) -> Option<f64> {
        self.figure("fee")?.mean
    }

    /// Share of requests that do not end ok: of 99.9 % and 99.0 % one sees a difference there.
    #[must_use]
    pub fn failed(&self) -> Option<Estimate> {
        self.figure("availability").map(complement)
    }
}

/// Whether what follows a figure's name is the function that it is of.
fn of_one(rest: &str) -> bool {
    rest.starts_with(" of ")
}

/// One less a share.
#[must_use]
pub fn complement(e: &Estimate) -> Estimate {
    let of = |x: Option<f64>| x.map(|x| 1.0 - x);
    Estimate { mean: of(e.mean), lo: of(e.hi), hi: of(e.lo), n: e.n }
}

impl Setting {
    /// A setting with the positions that its values as given have in its own order.
    fn new(dimension: &Dimension, name: String) -> (Self, Vec<usize>) {
        let given: Vec<Value> =
            dimension.values.iter().map(|text| Value { text: plain(text), number: number(&plain(text)) }).collect();
        let mut order: Vec<usize> = (0..given.len()).collect();
        if given.iter().all(|value| value.number.is_some()) {
            order.sort_by(|a, b| given[*a].number.unwrap_or(0.0).total_cmp(&given[*b].number.unwrap_or(0.0)));
        }
        let place = |i: usize| order.iter().position(|o| *o == i).unwrap_or(0);
        let places = (0..given.len()).map(place).collect();
        (Self { key: dimension.key.clone(), name, values: order.iter().map(|i| given[*i].clone()).collect() }, places)
    }

    /// Whether all values are quantities: then they have distances.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.values.iter().all(|value| value.number.is_some())
    }

    /// Position of a value as it is written, or of the nearest quantity; and whether it is the very value.
    fn nearest(&self, text: &str) -> (usize, bool) {
        let text = plain(text);
        let wanted = number(&text);
        let same = |value: &Value| value.text == text || (wanted.is_some() && value.number == wanted);
        if let Some(place) = self.values.iter().position(same) {
            return (place, true);
        }
        // Twice as much is as far as half as much.
        let far = |value: &Value| match (value.number, wanted) {
            (Some(a), Some(b)) if a > 0.0 && b > 0.0 => libm::fabs(libm::log(a / b)),
            (Some(a), Some(b)) => (a - b).abs(),
            _ => f64::MAX,
        };
        let nearest = (0..self.values.len()).min_by(|a, b| far(&self.values[*a]).total_cmp(&far(&self.values[*b])));
        (nearest.unwrap_or(0), false)
    }
}

/// A quantity as a number: a time in seconds, a size in bytes, a rate a second, a share, or a plain number.
fn number(text: &str) -> Option<f64> {
    let span = || parse::span(text).ok().filter(|span| !span.is_forever()).map(crate::units::Span::as_secs_f64);
    let size = || parse::bytes(text).ok().map(|bytes| bytes.0 as f64);
    let rate = || parse::rate(text).ok().map(crate::units::Rate::get);
    let share = || text.strip_suffix('%').and_then(|number| number.trim().parse().ok()).map(|x: f64| x / 100.0);
    let plain = || text.parse().ok().filter(|x: &f64| x.is_finite());
    plain().or_else(share).or_else(span).or_else(size).or_else(rate)
}

impl Space {
    /// The configuration with these values.
    #[must_use]
    pub fn point(&self, at: &[usize]) -> Option<&Point> {
        self.points.iter().find(|point| point.at == at)
    }

    /// The configurations in which one setting varies and the others have the base's values, by its value.
    #[must_use]
    pub fn along(&self, setting: usize) -> Vec<Option<&Point>> {
        let count = self.settings.get(setting).map_or(0, |s| s.values.len());
        let at = |value: usize| {
            let mut at = self.base.clone();
            if let Some(place) = at.get_mut(setting) {
                *place = value;
            }
            at
        };
        (0..count).map(|value| self.point(&at(value)).filter(|point| !point.refused)).collect()
    }

    /// How far the mean fee moves over the values of a setting, all else as it comes: its main effect.
    #[must_use]
    pub fn effect(&self, setting: usize) -> f64 {
        let count = self.settings.get(setting).map_or(0, |s| s.values.len());
        let mean = |value: usize| {
            let fees: Vec<f64> =
                self.points.iter().filter(|p| p.at.get(setting) == Some(&value)).filter_map(Point::fee).collect();
            (!fees.is_empty()).then(|| fees.iter().sum::<f64>() / fees.len() as f64)
        };
        let means: Vec<f64> = (0..count).filter_map(mean).collect();
        let (low, high) = means.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), m| (l.min(*m), h.max(*m)));
        if high >= low { high - low } else { 0.0 }
    }

    /// The settings, the one with the largest effect on the fee first.
    #[must_use]
    pub fn by_effect(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.settings.len()).collect();
        order.sort_by(|a, b| self.effect(*b).total_cmp(&self.effect(*a)));
        order
    }

    /// The target of a figure, if it is an objective.
    #[must_use]
    pub fn target(&self, figure: &str) -> Option<f64> {
        let found = self.objectives.iter().find(|o| o.figure == figure || o.figure.strip_prefix(figure).is_some_and(of_one));
        found.map(|o| o.target)
    }

    /// The cheapest configuration that meets the objectives by its intervals; without objectives there is none.
    #[must_use]
    pub fn cheapest(&self) -> Option<&Point> {
        let met = self.points.iter().filter(|point| point.verdict == Some(Verdict::Met) && point.fee().is_some());
        met.min_by(|a, b| a.fee().unwrap_or(f64::MAX).total_cmp(&b.fee().unwrap_or(f64::MAX)))
    }

    /// The values of some settings of a configuration, named: `memory 512 MiB, timeout 10s`.
    #[must_use]
    pub fn words(&self, at: &[usize], which: &[usize]) -> String {
        let word = |d: &usize| {
            let setting = self.settings.get(*d)?;
            Some(format!("{} {}", setting.name, setting.values.get(*at.get(*d)?)?.text))
        };
        which.iter().filter_map(word).collect::<Vec<_>>().join(", ")
    }
}

fn settings(dimensions: &[Dimension]) -> (Vec<Setting>, Vec<Vec<usize>>) {
    dimensions.iter().zip(short(dimensions)).map(|(dimension, name)| Setting::new(dimension, name)).unzip()
}

/// A figure's name, with its function where there are several.
pub(super) fn named(figure: &str, function: &str) -> String {
    if function.is_empty() { figure.to_owned() } else { format!("{figure} of {function}") }
}

fn target(figure: &str, function: &str, target: f64) -> Target {
    Target { figure: named(figure, function), target }
}
