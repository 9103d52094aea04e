//! `sweep`: every combination of settings, all on common random numbers. Draws are keyed by what they are for, so that all
//! combinations see the same traffic, work and luck; those that differ in settings alone are fed from the same draws, and those
//! that differ in nothing that the engine reads (prices, discounts, objectives) are simulated once and rated each.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bill::Bill;
use super::result::{Charge, Verdict};
use super::spread::{Spread, spreads};
use super::{StudyError, kept, settled, targets};
use crate::billing::book::PriceBook;
use crate::engine::{self, Replication, draw_alike, read_by_engine};
use crate::estimate::Estimate;
use crate::estimate::replicate::{Plan, next_checkpoint, replicate};
use crate::estimate::stopping::Stopping as Rule;
use crate::platform::Platform;
use crate::scenario::{Scenario, Simulation, Stopping};

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

/// Simulations that go through the same draws side by side: more share a draw's cost among more, but an interrupt loses more,
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
    /// Number of its simulation among those of the group: configurations of the same number have the same replications.
    simulation: usize,
}

/// Configurations that draw the same and replicate as often.
#[derive(Default)]
struct Group<'a> {
    members: Vec<Candidate<'a>>,
    /// Different simulations among them.
    simulations: usize,
}

impl Group<'_> {
    fn suits(&self, scenario: &Scenario) -> bool {
        let like = |c: &Candidate<'_>| {
            c.scenario.simulation.stopping == scenario.simulation.stopping && draw_alike(c.scenario, scenario)
        };
        self.members.first().is_some_and(like)
    }
}

/// Those that can be simulated, in groups.
fn groups<'a>(configurations: &'a [Configuration], indices: &[usize]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    // Group and number of the simulations there are, by what the engine reads.
    let mut known: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for index in indices {
        let Some(Configuration { settings, scenario: Ok((scenario, platform)) }) = configurations.get(*index) else { continue };
        let suits = |groups: &[Group<'_>], at: usize| groups.get(at).is_some_and(|group| group.suits(scenario));
        let places = known.entry(read_by_engine(scenario)).or_default();
        let (at, simulation) = match places.iter().find(|(at, _)| suits(&groups, *at)) {
            Some(place) => *place,
            None => {
                let at = open.iter().copied().find(|at| suits(&groups, *at)).unwrap_or_else(|| {
                    open.push(groups.len());
                    groups.push(Group::default());
                    groups.len() - 1
                });
                let simulation = groups.get(at).map_or(0, |group| group.simulations);
                places.push((at, simulation));
                (at, simulation)
            }
        };
        if let Some(group) = groups.get_mut(at) {
            group.simulations = group.simulations.max(simulation + 1);
            group.members.push(Candidate { index: *index, settings, scenario, platform, simulation });
            if group.simulations >= SIDE_BY_SIDE {
                open.retain(|other| *other != at);
            }
        }
    }
    groups
}

/// Those of a group that could be finished.
fn simulated(group: &Group<'_>, context: &Sweep<'_>) -> Vec<(usize, Row)> {
    let mut rows = Vec::new();
    let mut ready: Vec<Ready<'_>> = Vec::new();
    for candidate in &group.members {
        let before = ready.iter().find(|r| r.simulation == candidate.simulation).map(|r| &r.scenario.simulation);
        match Ready::new(candidate, before, context) {
            Ok(found) => ready.extend(found),
            Err(error) => rows.push((candidate.index, Row::refused(candidate.settings, error.to_string()))),
        }
    }
    let mut studies: Vec<Study<'_>> = Vec::new();
    for r in &ready {
        match Bill::new(&r.book, &r.scenario) {
            Ok(bill) => studies.push(Study { ready: r, bill, replications: 0, rule: Rule::default(), enough: false }),
            Err(error) => rows.push((r.index, Row::refused(r.settings, error.to_string()))),
        }
    }
    if let Some(results) = replicated(&mut studies, context) {
        let row = |study: &Study<'_>| match kept(study.of(&results)) {
            Ok(()) => study.row(study.of(&results)),
            Err(error) => Row::refused(study.ready.settings, error.to_string()),
        };
        rows.extend(studies.iter().map(|study| (study.ready.index, row(study))));
    }
    rows
}

/// A configuration with its price book.
struct Ready<'a> {
    index: usize,
    settings: &'a [(String, String)],
    scenario: Scenario,
    simulation: usize,
    book: PriceBook,
}

impl<'a> Ready<'a> {
    /// `None` if it was stopped while it looked for the transient, which is known if the same simulation was looked at
    /// `before`.
    fn new(candidate: &Candidate<'a>, before: Option<&Simulation>, context: &Sweep<'_>) -> Result<Option<Self>, StudyError> {
        let &Candidate { index, settings, scenario, platform, simulation } = candidate;
        let book = PriceBook::new(platform, &scenario.region, &scenario.billing)?;
        let scenario = match before {
            Some(known) => {
                let mut scenario = scenario.clone();
                (scenario.simulation.start, scenario.simulation.run_in) = (known.start, known.run_in);
                scenario
            }
            None => match settled(scenario, context.stop, &mut Vec::new()) {
                Err(StudyError::Nothing) => return Ok(None),
                found => found?,
            },
        };
        Ok(Some(Self { index, settings, scenario, simulation, book }))
    }
}

/// A configuration, and how many replications of its simulation it asked for.
struct Study<'a> {
    ready: &'a Ready<'a>,
    bill: Bill<'a>,
    replications: usize,
    rule: Rule,
    enough: bool,
}

/// Replications by the number of their simulation.
type Results = BTreeMap<usize, Vec<Replication>>;

/// Replicates all of them until each has enough; `None` if it was stopped before.
fn replicated(studies: &mut [Study<'_>], context: &Sweep<'_>) -> Option<Results> {
    let mut results = Results::new();
    let Some(first) = studies.first() else { return Some(results) };
    let (most, wanted) = match &first.ready.scenario.simulation.stopping {
        Stopping::Fixed(n) => (*n as usize, &[][..]),
        Stopping::Precision { targets, max_replications, .. } => (*max_replications as usize, &targets[..]),
    };
    let mut from = 0;
    while studies.iter().any(|study| !study.enough) {
        let to = if wanted.is_empty() { most } else { next_checkpoint(from).min(most) };
        let lacking = || studies.iter().filter(|s| !s.enough);
        let waiting = lacking().count() as u64;
        // One for each simulation that any of them lacks.
        let lacking: BTreeMap<usize, &Scenario> = lacking().map(|s| (s.ready.simulation, &s.ready.scenario)).collect();
        let scenarios: Vec<&Scenario> = lacking.values().copied().collect();
        let run = |i: u64| {
            let replications = engine::run_together(&scenarios, from as u64 + i, &context.stop)?;
            (context.progress)(waiting);
            Some(replications)
        };
        let out = replicate(Plan::Fixed(to - from), run, |_| true, context.stop, &|_| ());
        if !out.complete {
            return None;
        }
        for replications in out.results {
            for (simulation, replication) in lacking.keys().zip(replications) {
                results.entry(*simulation).or_default().push(replication);
            }
        }
        for study in studies.iter_mut().filter(|study| !study.enough) {
            study.replications = to;
            let met = targets::all_met(wanted, &study.ready.scenario, &study.bill, study.of(&results));
            study.enough = to >= most || study.rule.checkpoint(met);
            if study.enough {
                (context.progress)((most - to) as u64);
            }
        }
        from = to;
    }
    Some(results)
}

impl Study<'_> {
    /// Its replications among those of all simulations.
    fn of<'r>(&self, results: &'r Results) -> &'r [Replication] {
        results.get(&self.ready.simulation).and_then(|all| all.get(..self.replications)).unwrap_or_default()
    }

    fn row(&self, replications: &[Replication]) -> Row {
        let figure = |s: Spread| Figure { figure: s.figure.to_owned(), function: s.function, estimate: s.estimate };
        let objectives = targets::objectives(&self.ready.scenario, &self.bill, replications);
        let judged =
            objectives.into_iter().map(|o| Judged { figure: o.name, function: o.function, target: o.target, verdict: o.verdict });
        Row {
            settings: self.ready.settings.to_vec(),
            refused: None,
            currency: self.ready.book.currency.to_string(),
            figures: spreads(&self.ready.scenario, &self.bill, replications).into_iter().map(figure).collect(),
            objectives: judged.collect(),
            charges: self.bill.rated(replications).charges(),
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
