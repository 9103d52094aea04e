//! `sweep`: every combination of settings, all on common random numbers. Draws are keyed by what they are for, so that two
//! combinations see the same traffic, work and luck without sharing anything else.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bill::Bill;
use super::result::Verdict;
use super::spread::{Spread, spreads};
use super::{Context, StudyError, settled, simulate, targets};
use crate::billing::book::PriceBook;
use crate::estimate::Estimate;
use crate::platform::Platform;
use crate::scenario::Scenario;

/// A setting that is varied: its dotted path, and its values as they are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dimension {
    /// Dotted path.
    pub key: String,
    /// Values, in the order given.
    pub values: Vec<String>,
}

/// Every combination, the last dimension varying fastest.
#[must_use]
pub fn combinations(dimensions: &[Dimension]) -> Vec<Vec<(String, String)>> {
    dimensions.iter().fold(vec![Vec::new()], |before, dimension| {
        let with = |combination: &Vec<(String, String)>, value: &String| {
            let mut more = combination.clone();
            more.push((dimension.key.clone(), value.clone()));
            more
        };
        before.iter().flat_map(|combination| dimension.values.iter().map(move |value| with(combination, value))).collect()
    })
}

/// A combination to be simulated, or why the platform or the file refuses it.
pub struct Configuration {
    /// Key and value of each dimension.
    pub settings: Vec<(String, String)>,
    /// The scenario with its platform, or the reason.
    pub scenario: Result<(Scenario, Platform), String>,
}

/// A combination's figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Key and value of each dimension.
    pub settings: Vec<(String, String)>,
    /// Why it was refused; then there are no figures.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refused: Option<String>,
    /// Currency of its fee.
    pub currency: String,
    /// Figures by name.
    pub figures: Vec<Figure>,
    /// Objectives in the order of the file.
    pub objectives: Vec<Judged>,
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// Name: `fee`, `availability`, `throttled`, `cold_start_rate`, `mean_latency`, `p50`, `p95`, `p99`.
    pub figure: String,
    /// Function of a latency where there are several; else empty.
    pub function: String,
    /// The figure.
    pub estimate: Estimate,
}

/// An objective and whether it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// Name of its figure.
    pub figure: String,
    /// Function of a latency where there are several; else empty.
    pub function: String,
    /// What was asked for.
    pub target: f64,
    /// Whether it holds.
    pub verdict: Verdict,
}

/// What all configurations share.
pub struct Sweep<'a> {
    /// Today as `YYYY-MM-DD`.
    pub today: String,
    /// Asked before each replication; once true, what is done is the result.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told the index of each configuration that is done, with its row.
    pub done: &'a (dyn Fn(usize, &Row) + Sync),
}

/// Simulates the configurations of these indices, in parallel. Rows come in the order of the indices; those that were not begun
/// or not finished when it stopped are left out.
#[must_use]
pub fn sweep(configurations: &[Configuration], indices: &[usize], context: &Sweep<'_>) -> Vec<(usize, Row)> {
    let next = AtomicUsize::new(0);
    let mut rows: Vec<(usize, Row)> = indices
        .par_iter()
        // In order: an interrupt leaves the later ones.
        .map(|_| indices.get(next.fetch_add(1, Ordering::Relaxed)).copied())
        .flatten()
        .filter(|_| !(context.stop)())
        .filter_map(|index| {
            let row = row(configurations.get(index)?, context)?;
            (context.done)(index, &row);
            Some((index, row))
        })
        .collect();
    rows.sort_unstable_by_key(|(index, _)| *index);
    rows
}

/// `None` if it was stopped.
fn row(configuration: &Configuration, sweep: &Sweep<'_>) -> Option<Row> {
    let refused = |reason: String| Row {
        settings: configuration.settings.clone(),
        refused: Some(reason),
        currency: String::new(),
        figures: Vec::new(),
        objectives: Vec::new(),
    };
    let (scenario, platform) = match &configuration.scenario {
        Ok(found) => found,
        Err(reason) => return Some(refused(reason.clone())),
    };
    let context = Context { platform, assumptions: Vec::new(), today: sweep.today.clone(), stop: sweep.stop, progress: &|_| () };
    match simulated(scenario, &context) {
        Ok(Some((currency, figures, objectives))) => {
            Some(Row { settings: configuration.settings.clone(), refused: None, currency, figures, objectives })
        }
        Ok(None) | Err(StudyError::Nothing) => None,
        Err(error) => Some(refused(error.to_string())),
    }
}

type Found = (String, Vec<Figure>, Vec<Judged>);

/// `None` where not all replications were done: figures of different numbers are not compared.
fn simulated(scenario: &Scenario, context: &Context<'_>) -> Result<Option<Found>, StudyError> {
    let book = PriceBook::new(context.platform, &scenario.region, &scenario.billing)?;
    let scenario = &settled(scenario, context.stop, &mut Vec::new())?;
    let bill = Bill::new(&book, scenario)?;
    let out = simulate(scenario, &bill, context)?;
    if !out.complete {
        return Ok(None);
    }
    let figure = |s: Spread| Figure { figure: s.figure.to_owned(), function: s.function, estimate: s.estimate };
    let objectives = targets::objectives(scenario, &bill, &out.results);
    let judged =
        objectives.into_iter().map(|o| Judged { figure: o.name, function: o.function, target: o.target, verdict: o.verdict });
    let figures = spreads(scenario, &bill, &out.results).into_iter().map(figure).collect();
    Ok(Some((book.currency.to_string(), figures, judged.collect())))
}

impl Row {
    /// The estimate of a figure; of the first function, for a latency of several.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<&Estimate> {
        self.figures.iter().find(|figure| figure.figure == name).map(|figure| &figure.estimate)
    }

    /// Met if all objectives are, missed if any is; `None` without objectives.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let any = |verdict| self.objectives.iter().any(|o| o.verdict == verdict);
        match () {
            () if self.objectives.is_empty() => None,
            () if any(Verdict::Missed) => Some(Verdict::Missed),
            () if any(Verdict::Undecided) => Some(Verdict::Undecided),
            () => Some(Verdict::Met),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_dimension_varies_fastest() {
        let dimension =
            |key: &str, values: &[&str]| Dimension { key: key.into(), values: values.iter().map(|v| (*v).to_owned()).collect() };
        let all = combinations(&[dimension("a", &["1", "2"]), dimension("b", &["x", "y", "z"])]);
        let shown: Vec<String> = all.iter().map(|c| format!("{}{}", c[0].1, c[1].1)).collect();
        assert_eq!(shown, ["1x", "1y", "1z", "2x", "2y", "2z"]);
        assert_eq!(combinations(&[]), [vec![]]);
    }
}
