//! What stays of a function when it has been simulated.

use crate::engine::{AttemptOutcome, Replication};
use crate::units::Bytes;
use crate::workload::trace::stream::FunctionTrace;

/// Counts of one replication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) requests: u64,
    pub(super) ok: u64,
    pub(super) attempts: u64,
    pub(super) throttled: u64,
    pub(super) timeouts: u64,
    pub(super) invocations: u64,
    pub(super) cold_starts: u64,
}

impl Counts {
    /// Those of all functions of a replication.
    pub(super) fn of(replication: &Replication) -> Self {
        replication.functions.iter().fold(Self::default(), |sum, f| {
            sum.plus(&Self {
                requests: f.requests,
                ok: f.ok,
                attempts: f.attempts,
                throttled: f.attempt_outcomes[AttemptOutcome::Throttled as usize],
                timeouts: f.attempt_outcomes[AttemptOutcome::Timeout as usize],
                invocations: f.invocations,
                cold_starts: f.cold_starts,
            })
        })
    }

    pub(super) const fn plus(self, other: &Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            ok: self.ok + other.ok,
            attempts: self.attempts + other.attempts,
            throttled: self.throttled + other.throttled,
            timeouts: self.timeouts + other.timeouts,
            invocations: self.invocations + other.invocations,
            cold_starts: self.cold_starts + other.cold_starts,
        }
    }
}

/// A function: who it is, what was read of it, and what each replication counted and metered.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) app: Box<str>,
    pub(super) trigger: Box<str>,
    pub(super) memory: Bytes,
    /// Requests in the trace.
    pub(super) read: u64,
    /// By replication.
    pub(super) counts: Box<[Counts]>,
    /// Units of each priced item, and the minimum charge in money, of a month times the hours recorded; by replication.
    units: Box<[f64]>,
    columns: usize,
}

impl Row {
    /// Without any count yet.
    pub(super) fn new(recorded: &FunctionTrace, replications: usize, items: usize) -> Self {
        let columns = items + 1;
        Self {
            app: recorded.app.as_str().into(),
            trigger: recorded.trigger.as_str().into(),
            memory: Bytes::default(),
            read: recorded.trace.as_ref().map_or(0, |trace| trace.total()),
            counts: vec![Counts::default(); replications].into(),
            units: vec![0.0; replications * columns].into(),
            columns,
        }
    }

    /// Fills in a replication.
    pub(super) fn set(&mut self, i: usize, counts: Counts, units: impl Iterator<Item = f64>) {
        self.counts[i] = counts;
        self.units[i * self.columns..].iter_mut().zip(units).for_each(|(mine, units)| *mine = units);
    }

    /// Units of a replication: one a priced item, and the minimum charge.
    pub(super) fn units(&self, i: usize) -> &[f64] {
        &self.units[i * self.columns..(i + 1) * self.columns]
    }

    /// Adds what another trace has of the same function, such as its next day.
    pub(super) fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.memory = self.memory.max(other.memory);
        self.counts.iter_mut().zip(&other.counts).for_each(|(mine, theirs)| *mine = mine.plus(theirs));
        self.units.iter_mut().zip(&other.units).for_each(|(mine, theirs)| *mine += theirs);
    }
}
