//! A candidate with the replications that it has had so far.

use rayon::prelude::*;

use crate::billing::book::{BookError, PriceBook};
use crate::engine::{self, Replication};
use crate::estimate::paired::LeaveOneOut;
use crate::platform::Platform;
use crate::scenario::Scenario;
use crate::study::StudyError;
use crate::study::bill::Bill;
use crate::study::result::{ObjectiveResult, Verdict};
use crate::study::spread::{Spread, spreads};
use crate::study::targets;

/// A point estimate this close to its target, relative to it, is not held against a candidate while it is screened.
const NEAR: f64 = 0.05;

/// A candidate.
pub(super) struct Trial {
    /// Key and value of each setting.
    pub(super) settings: Vec<(String, String)>,
    pub(super) scenario: Scenario,
    pub(super) book: PriceBook,
    pub(super) replications: Vec<Replication>,
}

impl Trial {
    pub(super) fn new(settings: Vec<(String, String)>, scenario: Scenario, platform: &Platform) -> Result<Self, BookError> {
        let book = PriceBook::new(platform, &scenario.region, &scenario.billing)?;
        Bill::new(&book, &scenario)?;
        Ok(Self { settings, scenario, book, replications: Vec::new() })
    }

    /// The same candidate without its replications.
    pub(super) fn fresh(&self) -> Self {
        Self {
            settings: self.settings.clone(),
            scenario: self.scenario.clone(),
            book: self.book.clone(),
            replications: Vec::new(),
        }
    }

    fn bill(&self) -> Result<Bill<'_>, StudyError> {
        Ok(Bill::new(&self.book, &self.scenario)?)
    }

    /// Fee of a month on all replications and without each.
    pub(super) fn fee(&self) -> Result<LeaveOneOut, StudyError> {
        Ok(self.bill()?.fee_without(&self.replications))
    }

    pub(super) fn figures(&self) -> Result<Vec<Spread>, StudyError> {
        Ok(spreads(&self.scenario, &self.bill()?, &self.replications))
    }

    pub(super) fn objectives(&self) -> Result<Vec<ObjectiveResult>, StudyError> {
        Ok(targets::objectives(&self.scenario, &self.bill()?, &self.replications))
    }

    /// Whether all objectives hold, by their intervals.
    pub(super) fn verdict(&self) -> Result<Verdict, StudyError> {
        let objectives = self.objectives()?;
        let any = |verdict| objectives.iter().any(|o| o.verdict == verdict);
        Ok(match () {
            () if any(Verdict::Missed) => Verdict::Missed,
            () if any(Verdict::Undecided) => Verdict::Undecided,
            () => Verdict::Met,
        })
    }

    /// Whether a point estimate is beyond its objective by more than the noise of few replications: two standard deviations of a
    /// count, for a share; a twentieth for the others.
    pub(super) fn is_clearly_short(&self) -> Result<bool, StudyError> {
        let requests: u64 = self.replications.iter().flat_map(|r| &r.functions).map(|f| f.requests).sum();
        let noise = |o: &ObjectiveResult| {
            let allowed = match o.name.as_str() {
                "availability" => 1.0 - o.target,
                "throttled" | "cold_start_rate" => o.target,
                _ => return NEAR,
            };
            NEAR.max(2.0 / (allowed * requests as f64).max(1.0).sqrt())
        };
        Ok(self.objectives()?.iter().any(|o| violation(o) > noise(o)))
    }
}

/// How far a point estimate is beyond its target: of an availability, in shares of what may fail.
pub(super) fn violation(o: &ObjectiveResult) -> f64 {
    let Some(mean) = o.estimate.mean else { return f64::INFINITY };
    let beyond = if o.name == "availability" {
        ((1.0 - mean) - (1.0 - o.target)) / (1.0 - o.target).max(1e-9)
    } else {
        (mean - o.target) / o.target.max(1e-12)
    };
    beyond.max(0.0)
}

/// Brings each of these trials to `to` replications, the numbers counted from `from`: replication i of one has the same traffic and
/// luck as replication i of all others. How many were run.
pub(super) fn replicate(
    trials: &mut [Trial],
    which: &[usize],
    to: usize,
    from: u64,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<u64, StudyError> {
    let missing = |index: &usize| trials.get(*index).map_or(to, |trial| trial.replications.len())..to;
    let tasks: Vec<(usize, usize)> = which.iter().flat_map(|index| missing(index).map(move |i| (*index, i))).collect();
    let run = |(index, i): &(usize, usize)| {
        let scenario = &trials.get(*index)?.scenario;
        let replication = engine::run_until(scenario, scenario.simulation.seed, from + *i as u64, &stop)?;
        Some((*index, replication))
    };
    let done: Vec<Option<(usize, Replication)>> = tasks.par_iter().map(run).collect();
    for result in done {
        let (index, replication) = result.ok_or(StudyError::Nothing)?;
        if let Some(trial) = trials.get_mut(index) {
            trial.replications.push(replication);
        }
    }
    Ok(tasks.len() as u64)
}
