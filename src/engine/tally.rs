//! What one replication counts. Requests that arrived in the horizon are followed to their end; times and meters are over the
//! horizon.

use crate::histogram::Histogram;
use crate::platform::meter::{HourMeter, WASTE_CLASSES};
use crate::units::Span;

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "design section 2 defines the words")]
#[repr(u8)]
pub enum AttemptOutcome {
    Ok,
    Error,
    Timeout,
    Crash,
    InitFailure,
    Throttled,
    Rejected,
}

/// Names of the outcomes of an attempt, by `AttemptOutcome as usize`.
pub const ATTEMPT_OUTCOMES: [&str; 7] = ["ok", "error", "timeout", "crash", "init_failure", "throttled", "rejected"];

/// What refused an attempt, in the order in which the limits are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "design section 11 defines the causes")]
#[repr(u8)]
pub enum ThrottleCause {
    Function,
    Account,
    ScalingRate,
    InstanceRate,
}

/// Names of the causes, by `ThrottleCause as usize`.
pub const THROTTLE_CAUSES: [&str; 4] = ["function", "account", "scaling_rate", "instance_rate"];

/// One replication's counts.
#[derive(Clone, Debug)]
pub struct Replication {
    /// By function, in the order of the scenario.
    pub functions: Vec<FunctionTally>,
    /// By traffic source, in the order of the scenario.
    pub sources: Vec<SourceTally>,
    /// By entry of `calls`, function by function, in the order of the scenario.
    pub calls: Vec<SourceTally>,
    /// By dependency, in the order of the scenario.
    pub dependencies: Vec<DependencyTally>,
    /// What each source caused in each function, with all that its requests called: function by function within a source.
    /// Empty where no function calls anything: then a source causes what is its own.
    pub caused: Vec<Caused>,
    /// Length of a timeline bin in nanoseconds.
    pub bin_ns: i64,
    /// How many others a counted request stands for, on average over requests: 0 where all were simulated.
    pub excess: f64,
    /// Events of the clock and arrivals handled, run-in and drain included: the work done.
    pub events: u64,
    /// When the run was given up because more calls were under way than can be kept; its counts are then of no use.
    pub overrun: Option<Span>,
}

impl Replication {
    /// Memory that it takes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let function = |f: &FunctionTally| {
            let histograms = [&f.latency, &f.latency_failed, &f.duration, &f.async_age].map(Histogram::bytes);
            let (hours, bins) = (f.hours.capacity() * size_of::<HourMeter>(), f.bins.capacity() * size_of::<Bin>());
            size_of::<FunctionTally>() + hours + bins + histograms.iter().sum::<usize>()
        };
        let others = self.sources.len() + self.calls.len() + self.dependencies.len() + self.caused.len();
        self.functions.iter().map(function).sum::<usize>() + others * 1024
    }

    /// Requests from outside, and those of them that ended `ok`: what availability is made of. Calls between functions are no
    /// requests of their own here.
    #[must_use]
    pub fn requests(&self) -> (u64, u64) {
        self.sources.iter().fold((0, 0), |(requests, ok), source| (requests + source.requests, ok + source.ok))
    }
}

/// Counts of one function.
#[derive(Clone, Debug, Default)]
pub struct FunctionTally {
    /// Requests that arrived in the horizon.
    pub requests: u64,
    /// Their attempts that ended, as the caller saw them.
    pub attempts: u64,
    /// Their admitted attempts.
    pub invocations: u64,
    /// Requests that ended `ok`.
    pub ok: u64,
    /// Requests that exhausted attempts, deadline or budget.
    pub failed: u64,
    /// Asynchronous requests that exhausted retries or age.
    pub dropped: u64,
    /// Requests that had not ended when the run stopped.
    pub in_flight: u64,
    /// Attempts by outcome, as the caller saw them.
    pub attempt_outcomes: [u64; 7],
    /// Invocations by outcome, as the platform saw them.
    pub invocation_outcomes: [u64; 7],
    /// Throttled attempts by cause.
    pub throttled_by: [u64; 4],
    /// Requests whose first attempt was throttled.
    pub first_attempt_throttled: u64,
    /// Invocations that waited for a new instance.
    pub cold_starts: u64,
    /// Invocations that found a used environment.
    pub reused: u64,
    /// Sum of the ages of those environments, nanoseconds.
    pub reused_age_ns: u128,
    /// Requests that ended `ok`, first attempt to end.
    pub latency: Histogram,
    /// Requests that ended otherwise.
    pub latency_failed: Histogram,
    /// Invocations, cold start included.
    pub duration: Histogram,
    /// Age of asynchronous events when admitted.
    pub async_age: Histogram,
    /// Billed time of the horizon's requests, after rounding, nanoseconds (each invocation by itself).
    pub billed_ns: u64,
    /// Share of billed time by class of waste, nanoseconds.
    pub waste_ns: [u64; WASTE_CLASSES],
    /// Billed invocations of the horizon's requests.
    pub billed_invocations: u64,
    /// Billed invocations by class of waste.
    pub waste_invocations: [u64; WASTE_CLASSES],
    /// Billed time shared out to invocations, nanoseconds: what `waste_ns` and the sources' parts are shares of.
    pub shared_out_ns: u64,
    /// Instances over the horizon: sum over time in nanoseconds.
    pub instance_ns: u128,
    /// Busy (or starting) instances over the horizon.
    pub busy_ns: u128,
    /// Invocations in flight over the horizon.
    pub concurrency_ns: u128,
    /// Most instances at once in the horizon.
    pub instances_peak: u64,
    /// Instance starts in the horizon.
    pub starts: u64,
    /// Asynchronous events waiting, sum over time.
    pub backlog_ns: u128,
    /// Most events waiting at once.
    pub backlog_peak: u64,
    /// Duplicate deliveries.
    pub duplicates: u64,
    /// Events sent to a dead-letter target.
    pub dead_letters: u64,
    /// Redeliveries after a throttle.
    pub redeliveries: u64,
    /// Background work that finished without a freeze, after one, or was lost.
    pub background: [u64; 3],
    /// Usage by clock hour of the horizon.
    pub hours: Vec<HourMeter>,
    /// By timeline bin.
    pub bins: Vec<Bin>,
}

impl FunctionTally {
    /// An attempt has ended as its caller saw it; `cause` says what refused one that was throttled.
    pub(super) fn attempt(&mut self, outcome: AttemptOutcome, cause: ThrottleCause) {
        self.attempts += 1;
        self.attempt_outcomes[outcome as usize] += 1;
        if outcome == AttemptOutcome::Throttled {
            self.throttled_by[cause as usize] += 1;
        }
    }
}

/// Counts of one source.
#[derive(Clone, Debug, Default)]
pub struct SourceTally {
    /// Requests that arrived in the horizon.
    pub requests: u64,
    /// Those that ended `ok`.
    pub ok: u64,
    /// Billed invocations of the horizon's requests.
    pub billed_invocations: u64,
    /// Billed invocations by class of waste.
    pub waste_invocations: [u64; WASTE_CLASSES],
    /// Billed time shared out to its invocations, nanoseconds.
    pub billed_ns: u64,
    /// Its invocations that were billed in the horizon.
    pub invocations: u64,
    /// Calls that were refused because their chain had become too long.
    pub stopped: u64,
}

/// What a traffic source caused in one function.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caused {
    /// Attempts, refused ones included.
    pub attempts: u64,
    /// Billed invocations.
    pub invocations: u64,
    /// Billed time shared out to them, nanoseconds.
    pub billed_ns: u64,
}

/// Why a dependency refused a call.
pub const REFUSALS: [&str; 3] = ["full", "rate", "outage"];

/// Counts of one dependency. Calls are those made for requests of the horizon; times are over the horizon.
#[derive(Clone, Debug, Default)]
pub struct DependencyTally {
    /// Calls wanted, each tried once or more.
    pub requests: u64,
    /// Those that ended `ok`.
    pub ok: u64,
    /// Tries.
    pub attempts: u64,
    /// Tries that failed at their end.
    pub errors: u64,
    /// Tries that their callers gave up.
    pub given_up: u64,
    /// Tries that were refused, by `REFUSALS`.
    pub refused: [u64; 3],
    /// Calls served at once, sum over time in nanoseconds.
    pub busy_ns: u128,
    /// Calls that wait for capacity, sum over time.
    pub waiting_ns: u128,
    /// Most calls served at once.
    pub busy_peak: u64,
    /// Most calls waiting at once.
    pub waiting_peak: u64,
    /// Tries that ended `ok`, wait included.
    pub latency: Histogram,
    /// By timeline bin.
    pub bins: Vec<DependencyBin>,
}

/// One bin of the timeline of a dependency.
#[derive(Clone, Copy, Debug, Default)]
pub struct DependencyBin {
    /// Tries sent.
    pub attempts: u64,
    /// Tries that ended otherwise than `ok`.
    pub bad: u64,
    /// Calls served at once, sum over time in nanoseconds.
    pub busy_ns: u64,
}

/// One bin of the timeline of one function.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bin {
    /// Requests that arrived.
    pub requests: u64,
    /// Of these, ended `ok`.
    pub ok: u64,
    /// Attempts refused in the bin, redeliveries included.
    pub throttled: u64,
    /// Attempts that ended in the bin, as callers saw them.
    pub ended: u64,
    /// Of these, those that were not `ok`.
    pub bad: u64,
    /// Instances, sum over time in nanoseconds.
    pub instance_ns: u64,
    /// Billed time that ended in the bin, nanoseconds.
    pub billed_ns: u64,
}

impl Bin {
    /// An attempt ends in it.
    pub(super) const fn ends(&mut self, outcome: AttemptOutcome) {
        self.ended += 1;
        self.bad += (outcome as u64 != AttemptOutcome::Ok as u64) as u64;
    }
}
