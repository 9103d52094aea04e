//! `sweep`: every combination of settings, all on common random numbers. Draws are keyed by what they are for, so that all
//! combinations see the same traffic, work and luck; those that differ in settings alone are fed from the same draws.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bill::Bill;
use super::result::{Charge, Verdict};
use super::spread::{Spread, spreads};
use super::{StudyError, settled, targets};
use crate::billing::book::PriceBook;
use crate::engine::{self, Replication, draw_alike};
use crate::estimate::Estimate;
use crate::estimate::replicate::{Plan, next_checkpoint, replicate};
use crate::estimate::stopping::Stopping as Rule;
use crate::platform::Platform;
use crate::scenario::{Scenario, Stopping};

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
    /// The lines of the bill: by function, then component; they add up to the fee.
    pub charges: Vec<Charge>,
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

/// Told the indices of configurations that are done, with their rows.
pub type Done<'a> = dyn Fn(&[(usize, Row)]) + Sync + 'a;

/// What all configurations share.
pub struct Sweep<'a> {
    /// Asked before each replication; once true, what is done is the result.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told how many replications of configurations have been run since it was last told.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Told the indices of configurations that are done, with their rows.
    pub done: &'a Done<'a>,
}

/// Configurations that go through the same draws side by side: more share a draw's cost among more, but an interrupt loses more,
/// and beyond some dozens there is little left to share.
const SIDE_BY_SIDE: usize = 16;

/// Simulates the configurations of these indices, in parallel. Rows come in the order of the indices; those that were not begun
/// or not finished when it stopped are left out.
#[must_use]
pub fn sweep(configurations: &[Configuration], indices: &[usize], context: &Sweep<'_>) -> Vec<(usize, Row)> {
    let refused = |index: &usize| {
        let Configuration { settings, scenario: Err(reason) } = configurations.get(*index)? else { return None };
        Some((*index, Row::refused(settings, reason.clone())))
    };
    let mut rows: Vec<(usize, Row)> = indices.iter().filter_map(refused).collect();
    (context.done)(&rows);
    let groups = groups(configurations, indices);
    let next = AtomicUsize::new(0);
    let simulated: Vec<Vec<(usize, Row)>> = groups
        .par_iter()
        // In order: an interrupt leaves the later ones.
        .map(|_| groups.get(next.fetch_add(1, Ordering::Relaxed)))
        .flatten()
        .filter(|_| !(context.stop)())
        .map(|group| {
            let rows = simulated(group, context);
            (context.done)(&rows);
            rows
        })
        .collect();
    rows.extend(simulated.into_iter().flatten());
    rows.sort_unstable_by_key(|(index, _)| *index);
    rows
}

/// A configuration that can be simulated.
struct Candidate<'a> {
    index: usize,
    settings: &'a [(String, String)],
    scenario: &'a Scenario,
    platform: &'a Platform,
}

/// Those that can be simulated, in groups that draw the same and replicate as often.
fn groups<'a>(configurations: &'a [Configuration], indices: &[usize]) -> Vec<Vec<Candidate<'a>>> {
    let mut groups: Vec<Vec<Candidate<'a>>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for index in indices {
        let Some(Configuration { settings, scenario: Ok((scenario, platform)) }) = configurations.get(*index) else { continue };
        let candidate = Candidate { index: *index, settings, scenario, platform };
        let fits = |at: &usize| {
            let first = groups.get(*at).and_then(|group: &Vec<Candidate<'_>>| group.first());
            first.is_some_and(|c| {
                c.scenario.simulation.stopping == scenario.simulation.stopping && draw_alike(c.scenario, scenario)
            })
        };
        match open.iter().copied().find(|at| fits(at)) {
            Some(at) => {
                if let Some(group) = groups.get_mut(at) {
                    group.push(candidate);
                    if group.len() >= SIDE_BY_SIDE {
                        open.retain(|other| *other != at);
                    }
                }
            }
            None => {
                open.push(groups.len());
                groups.push(vec![candidate]);
            }
        }
    }
    groups
}

/// Those of a group that could be finished.
fn simulated(group: &[Candidate<'_>], context: &Sweep<'_>) -> Vec<(usize, Row)> {
    let mut rows = Vec::new();
    let mut ready = Vec::new();
    for candidate in group {
        match Ready::new(candidate, context) {
            Ok(found) => ready.extend(found),
            Err(error) => rows.push((candidate.index, Row::refused(candidate.settings, error.to_string()))),
        }
    }
    let mut studies: Vec<Study<'_>> = Vec::new();
    for r in &ready {
        match Bill::new(&r.book, &r.scenario) {
            Ok(bill) => studies.push(Study { ready: r, bill, results: Vec::new(), rule: Rule::default(), enough: false }),
            Err(error) => rows.push((r.index, Row::refused(r.settings, error.to_string()))),
        }
    }
    if replicated(&mut studies, context) {
        rows.extend(studies.iter().map(|study| (study.ready.index, study.row())));
    }
    rows
}

/// A configuration with its price book.
struct Ready<'a> {
    index: usize,
    settings: &'a [(String, String)],
    scenario: Scenario,
    book: PriceBook,
}

impl<'a> Ready<'a> {
    /// `None` if it was stopped while it looked for the transient.
    fn new(candidate: &Candidate<'a>, context: &Sweep<'_>) -> Result<Option<Self>, StudyError> {
        let book = PriceBook::new(candidate.platform, &candidate.scenario.region, &candidate.scenario.billing)?;
        let scenario = match settled(candidate.scenario, context.stop, &mut Vec::new()) {
            Err(StudyError::Nothing) => return Ok(None),
            found => found?,
        };
        Ok(Some(Self { index: candidate.index, settings: candidate.settings, scenario, book }))
    }
}

/// A configuration with the replications that it has had.
struct Study<'a> {
    ready: &'a Ready<'a>,
    bill: Bill<'a>,
    results: Vec<Replication>,
    rule: Rule,
    enough: bool,
}

/// Replicates all of them until each has enough; whether that was reached before it was stopped.
fn replicated(studies: &mut [Study<'_>], context: &Sweep<'_>) -> bool {
    let Some(first) = studies.first() else { return true };
    let (most, wanted) = match &first.ready.scenario.simulation.stopping {
        Stopping::Fixed(n) => (*n as usize, &[][..]),
        Stopping::Precision { targets, max_replications, .. } => (*max_replications as usize, &targets[..]),
    };
    let mut from = 0;
    while studies.iter().any(|study| !study.enough) {
        let to = if wanted.is_empty() { most } else { next_checkpoint(from).min(most) };
        let scenarios: Vec<&Scenario> = studies.iter().filter(|s| !s.enough).map(|s| &s.ready.scenario).collect();
        let run = |i: u64| {
            let replications = engine::run_together(&scenarios, from as u64 + i, &context.stop)?;
            (context.progress)(scenarios.len() as u64);
            Some(replications)
        };
        let out = replicate(Plan::Fixed(to - from), run, |_| true, context.stop, &|_| ());
        if !out.complete {
            return false;
        }
        for replications in out.results {
            for (study, replication) in studies.iter_mut().filter(|s| !s.enough).zip(replications) {
                study.results.push(replication);
            }
        }
        for study in studies.iter_mut().filter(|study| !study.enough) {
            let met = targets::all_met(wanted, &study.ready.scenario, &study.bill, &study.results);
            study.enough = to >= most || study.rule.checkpoint(met);
            if study.enough {
                (context.progress)((most - to) as u64);
            }
        }
        from = to;
    }
    true
}

impl Study<'_> {
    fn row(&self) -> Row {
        let figure = |s: Spread| Figure { figure: s.figure.to_owned(), function: s.function, estimate: s.estimate };
        let objectives = targets::objectives(&self.ready.scenario, &self.bill, &self.results);
        let judged =
            objectives.into_iter().map(|o| Judged { figure: o.name, function: o.function, target: o.target, verdict: o.verdict });
        Row {
            settings: self.ready.settings.to_vec(),
            refused: None,
            currency: self.ready.book.currency.to_string(),
            figures: spreads(&self.ready.scenario, &self.bill, &self.results).into_iter().map(figure).collect(),
            objectives: judged.collect(),
            charges: self.bill.rated(&self.results).charges(),
        }
    }
}

impl Row {
    fn refused(settings: &[(String, String)], reason: String) -> Self {
        let settings = settings.to_vec();
        Self {
            settings,
            refused: Some(reason),
            currency: String::new(),
            figures: Vec::new(),
            objectives: Vec::new(),
            charges: Vec::new(),
        }
    }

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
