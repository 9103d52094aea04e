//! What is asked of the functions: sources of requests, their callers' retries, and events that change either side.

use std::sync::Arc;

use super::{Backoff, Limit, QueueSource};
use crate::units::{Probability, SimTime, Span};
use crate::workload::arrivals::Arrivals;
use crate::workload::profile::Profile;

/// `[[traffic]]`.
#[derive(Clone, Debug)]
pub struct Source {
    /// Unique name.
    pub name: String,
    /// Index of the function in `Scenario::functions`.
    pub function: usize,
    /// How the function is called.
    pub invoke: Invoke,
    /// The arrival process.
    pub arrivals: Arrivals,
    /// The shape over the day and week; mean 1.
    pub profile: Arc<Profile>,
    /// Growth a month (730 h): the factor at t is (1 + growth)^(t / 730 h).
    pub growth_per_month: f64,
    /// The caller gives up on an attempt this long after sending it.
    pub client_timeout: Option<Span>,
    /// The caller's retry policy (synchronous callers only).
    pub retry: Retry,
    /// The queue, where there is one.
    pub queue: Option<QueueSource>,
}

/// How a source calls its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invoke {
    /// The caller waits.
    Sync,
    /// The platform queues the event.
    Async,
    /// Messages wait in a queue, from which pollers bring them.
    Queue,
}

/// A caller's retry policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// All tries of a request, 1 = no retry.
    pub attempts: Limit,
    /// Outcomes that are retried, in the order ok, error, timeout, crash, init failure, throttled, rejected
    /// (`AttemptOutcome as usize`).
    pub on: [bool; 7],
    /// Delay between tries.
    pub backoff: Backoff,
    /// No retry starts later than this after the first attempt.
    pub deadline: Option<Span>,
    /// Retries are allowed while tokens last.
    pub budget: Option<RetryBudget>,
}

/// A retry budget: each request adds `ratio` tokens up to `burst`, each retry takes one. Full at the start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryBudget {
    /// Tokens a request.
    pub ratio: f64,
    /// Most tokens.
    pub burst: f64,
}

/// `[[events]]`: something changes from `at` for `duration`.
#[derive(Clone, Debug)]
pub struct Event {
    /// Unique name.
    pub name: String,
    /// Start.
    pub at: SimTime,
    /// Length.
    pub duration: Span,
    /// How the change sets in. `Step`: at once; `Ramp`: linear from none at the start to full at the end;
    /// `Spike`: linear up to full at the middle and down again.
    pub shape: Shape,
    /// What changes.
    pub change: Change,
}

/// Course of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Full strength throughout.
    Step,
    /// Grows linearly to full strength at the end.
    Ramp,
    /// Grows linearly to full strength at the middle and falls back.
    Spike,
}

/// What an event changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Multiplies a source's rate.
    Traffic {
        /// Index of the source.
        source: usize,
        /// Factor at full strength; 0 is an outage of the callers.
        factor: f64,
    },
    /// Changes a function's faults and speed.
    Function {
        /// Index of the function.
        function: usize,
        /// Probability of an error in place of the function's own.
        error: Option<Probability>,
        /// Probability of a hang in place of the function's own.
        hang: Option<Probability>,
        /// Probability of a crash in place of the function's own.
        crash: Option<Probability>,
        /// Probability of an init failure in place of the function's own.
        init_failure: Option<Probability>,
        /// CPU demand and I/O wait are multiplied by this at full strength.
        slower: f64,
    },
    /// Changes a dependency.
    Dependency {
        /// Index of the dependency.
        dependency: usize,
        /// Whether it refuses every call that comes (as long as the event lasts, whatever its shape).
        outage: bool,
        /// Calls served at once, in place of its own (likewise).
        capacity: Option<u64>,
        /// Probability that a call fails in place of its own.
        error: Option<Probability>,
        /// Its latency is multiplied by this at full strength.
        slower: f64,
    },
}
