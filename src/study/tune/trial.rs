//! A candidate with the replications that it has had so far.

use std::ops::AddAssign;

use rayon::prelude::*;

use crate::billing::book::PriceBook;
use crate::engine::{self, Replication};
use crate::estimate::paired::LeaveOneOut;
use crate::platform::Platform;
use crate::scenario::{Kind, Scenario};
use crate::study::StudyError;
use crate::study::bill::Bill;
use crate::study::result::ObjectiveResult;
use crate::study::spread::{Spread, spreads};
use crate::study::{kept, settled, targets};

/// Replications of the pilot of a steady-state study, which `settled` runs.
const PILOTS: u64 = crate::study::PILOTS;

/// What was simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) replications: u64,
    /// Events of the clock and arrivals, run-in and drain included.
    pub(super) events: u64,
}

impl AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        self.replications += other.replications;
        self.events += other.events;
    }
}

/// A candidate.
pub(super) struct Trial {
    /// Key and value of each setting.
    pub(super) settings: Vec<(String, String)>,
    pub(super) scenario: Scenario,
    pub(super) book: PriceBook,
    pub(super) replications: Vec<Replication>,
}

impl Trial {
    /// # Errors
    /// The price book does not fit.
    pub(super) fn new(settings: Vec<(String, String)>, scenario: Scenario, platform: &Platform) -> Result<Self, StudyError> {
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

    /// The same candidate with a run-in as long as its own transient, if the study is of the steady state, and what that cost; the
    /// pilots' events are taken to be as many as those of `like` many events a replication.
    pub(super) fn settled(&self, like: u64, stop: &(dyn Fn() -> bool + Sync)) -> Result<(Self, Work), StudyError> {
        let mut fresh = self.fresh();
        if fresh.scenario.simulation.kind != Kind::SteadyState {
            return Ok((fresh, Work::default()));
        }
        fresh.scenario = settled(&fresh.scenario, stop, &mut Vec::new())?;
        Ok((fresh, Work { replications: PILOTS, events: PILOTS * like }))
    }

    pub(super) fn bill(&self) -> Result<Bill<'_>, StudyError> {
        Ok(Bill::new(&self.book, &self.scenario)?)
    }

    /// Fee of a month on the first `n` replications and without each of them.
    pub(super) fn fee_on(&self, n: usize) -> Result<LeaveOneOut, StudyError> {
        Ok(self.bill()?.fee_without(self.replications.get(..n).unwrap_or(&self.replications)))
    }

    /// Fee of a month on all replications and without each.
    pub(super) fn fee(&self) -> Result<LeaveOneOut, StudyError> {
        self.fee_on(self.replications.len())
    }

    pub(super) fn figures(&self) -> Result<Vec<Spread>, StudyError> {
        Ok(spreads(&self.scenario, &self.bill()?, &self.replications))
    }

    pub(super) fn objectives(&self) -> Result<Vec<ObjectiveResult>, StudyError> {
        self.objectives_on(&self.replications)
    }

    /// The same on some replications of this candidate.
    pub(super) fn objectives_on(&self, replications: &[Replication]) -> Result<Vec<ObjectiveResult>, StudyError> {
        Ok(targets::objectives(&self.scenario, &self.bill()?, replications))
    }

    /// Events of one replication, on average; 0 without any.
    pub(super) fn mean_events(&self) -> u64 {
        self.events() / self.replications.len().max(1) as u64
    }

    pub(super) fn events(&self) -> u64 {
        self.replications.iter().map(|replication| replication.events).sum()
    }
}

/// Candidates that go through the same draws side by side: enough to share their cost, few enough to leave work for every thread.
const SIDE_BY_SIDE: usize = 4;

/// Brings each of these trials to `to` replications, the numbers counted from `from`: replication i of one has the same traffic and
/// luck as replication i of all others. What was run.
pub(super) fn replicate(
    trials: &mut [&mut Trial],
    to: usize,
    from: u64,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Work, StudyError> {
    let lacking = |i: usize| {
        let all: Vec<usize> = (0..trials.len()).filter(|index| trials[*index].replications.len() <= i).collect();
        all.chunks(SIDE_BY_SIDE).map(|some| (i, some.to_vec())).collect::<Vec<_>>()
    };
    // By number, so that each candidate's replications come in their order.
    let tasks: Vec<(usize, Vec<usize>)> = (0..to).flat_map(lacking).collect();
    let scenarios: Vec<&Scenario> = trials.iter().map(|trial| &trial.scenario).collect();
    let run = |(i, some): &(usize, Vec<usize>)| {
        let some: Vec<&Scenario> = some.iter().map(|index| scenarios[*index]).collect();
        engine::run_together(&some, from + *i as u64, &stop).filter(|_| !stop())
    };
    let done: Vec<Option<Vec<Replication>>> = tasks.par_iter().map(run).collect();
    let mut work = Work::default();
    for ((_, some), results) in tasks.into_iter().zip(done) {
        let results = results.ok_or(StudyError::Nothing)?;
        kept(&results)?;
        for (index, replication) in some.into_iter().zip(results) {
            work += Work { replications: 1, events: replication.events };
            trials[index].replications.push(replication);
        }
    }
    Ok(work)
}
