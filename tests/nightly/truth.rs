//! Every candidate of a grid with many replications of another seed: as near to the truth as it gets.

use crate::cases::Case;
use crate::reading::NoFiles;
use faascast::engine;
use faascast::scenario;
use faascast::study::sweep::{Configuration, Row, Sweep, combinations, sweep};

/// A combination of a case under a seed.
pub(crate) fn configuration(case: &Case, seed: u64, replications: u32, settings: &[(String, String)]) -> Configuration {
    let own = [("simulation.seed", seed.to_string()), ("simulation.replications", replications.to_string())];
    let own = own.map(|(key, value)| (key.to_owned(), value));
    let sets: Vec<(String, String)> = own.into_iter().chain(settings.iter().cloned()).collect();
    let read = scenario::read(case.text, "case.toml", &sets, &NoFiles);
    let reason = |findings: Vec<faascast::diagnostic::Diagnostic>| findings[0].message.clone();
    Configuration { settings: settings.to_vec(), scenario: read.map(|r| (r.scenario, r.platform)).map_err(reason) }
}

/// The candidates that are not refused.
pub(crate) struct Truth {
    rows: Vec<Row>,
    /// Share of what is allowed that a figure may be off either way.
    tolerance: f64,
    /// Mean simulated events of a replication, over all candidates.
    pub(crate) mean_events: f64,
}

impl Truth {
    pub(crate) fn of(case: &Case, replications: u32, tolerance: f64) -> Self {
        let all: Vec<Configuration> = combinations(&case.dimensions())
            .iter()
            .map(|settings| configuration(case, 1_000_003, replications, settings))
            .filter(|one| one.scenario.is_ok())
            .collect();
        let indices: Vec<usize> = (0..all.len()).collect();
        let context = Sweep { stop: &|| false, progress: &|_| (), done: &|_| () };
        let rows = sweep(&all, &indices, &context).into_iter().map(|(_, row)| row).collect();
        let events = all.iter().filter_map(|one| one.scenario.as_ref().ok()).map(|(s, _)| engine::run(s, 1_000_003, 0).events);
        let mean_events = events.sum::<u64>() as f64 / all.len() as f64;
        Self { rows, tolerance, mean_events }
    }

    pub(crate) fn candidates(&self) -> usize {
        self.rows.len()
    }

    fn row(&self, settings: &[(String, String)]) -> &Row {
        let sorted = |settings: &[(String, String)]| {
            let mut settings = settings.to_vec();
            settings.sort();
            settings
        };
        self.rows.iter().find(|row| sorted(&row.settings) == sorted(settings)).unwrap()
    }

    pub(crate) fn fee(&self, settings: &[(String, String)]) -> f64 {
        fee(self.row(settings))
    }

    /// By how much the worst objective is missed, in shares of what is allowed; negative inside.
    pub(crate) fn beyond(&self, settings: &[(String, String)]) -> f64 {
        beyond(self.row(settings))
    }

    /// The least fee of those that meet every objective by more than the tolerance: whose feasibility is beyond doubt.
    pub(crate) fn best(&self) -> f64 {
        self.cheapest(-self.tolerance)
    }

    /// The least fee of those that meet every objective at all, by their point estimates.
    pub(crate) fn strictly_best(&self) -> f64 {
        self.cheapest(0.0)
    }

    fn cheapest(&self, most: f64) -> f64 {
        self.rows.iter().filter(|row| beyond(row) <= most).map(fee).fold(f64::INFINITY, f64::min)
    }

    /// Candidates that meet every objective, and those within the tolerance either way.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let count = |wanted: &dyn Fn(f64) -> bool| self.rows.iter().filter(|row| wanted(beyond(row))).count();
        (count(&|x| x <= 0.0), count(&|x| x.abs() <= self.tolerance))
    }
}

fn fee(row: &Row) -> f64 {
    row.figure("fee").and_then(|fee| fee.mean).unwrap_or(f64::INFINITY)
}

fn beyond(row: &Row) -> f64 {
    let one = |judged: &faascast::study::sweep::Judged| {
        let figure = row.figures.iter().find(|f| f.figure == judged.figure && f.function == judged.function);
        let Some(mean) = figure.and_then(|figure| figure.estimate.mean) else { return f64::INFINITY };
        if judged.figure == "availability" {
            (judged.target - mean) / (1.0 - judged.target)
        } else {
            (mean - judged.target) / judged.target
        }
    };
    row.objectives.iter().map(one).fold(f64::NEG_INFINITY, f64::max)
}
