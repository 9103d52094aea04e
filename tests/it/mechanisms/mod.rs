//! One exact case for each mechanism: small scenarios whose counts can be worked out by hand.

mod asynchronous;
mod background;
mod backoff;
mod callers;
mod keep_alive;
mod limits;
mod memory;
mod routing;

use std::sync::Arc;

use faascast::engine::{self, AttemptOutcome, FunctionTally, Replication};
use faascast::platform::meter::HourMeter;
use faascast::scenario::{Function, Scenario};
use faascast::units::Span;
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;
use faascast::workload::trace::Trace;

use super::support::{function, scenario, secs};

/// A second in nanoseconds.
const S: u64 = 1_000_000_000;

/// Always this many seconds (or bytes).
const fn fixed(value: f64) -> Distribution {
    Distribution::Constant(value)
}

/// Requests at these seconds.
fn at(seconds: &[f64]) -> Arrivals {
    let times = seconds.iter().map(|s| secs(*s).0).collect();
    Arrivals::Trace(Arc::new(Trace::from_timestamps(times, vec![], false, None).unwrap()))
}

/// Requests at these seconds, each with its own duration; the function must have `work.from_trace`.
fn lasting(rows: &[(f64, f64)]) -> Arrivals {
    let (times, durations): (Vec<i64>, Vec<Span>) = rows.iter().map(|(t, d)| (secs(*t).0, secs(*d))).unzip();
    Arrivals::Trace(Arc::new(Trace::from_timestamps(times, durations, false, None).unwrap()))
}

/// A function that waits `io` seconds.
fn waits(io: f64) -> Function {
    function("f", fixed(io))
}

/// A function whose requests bring their durations with them.
fn recorded() -> Function {
    let mut f = waits(0.0);
    f.work.from_trace = true;
    f
}

fn run(scenario: &Scenario) -> Replication {
    engine::run(scenario, scenario.simulation.seed, 0)
}

/// Counts of the first function.
fn count(scenario: &Scenario) -> FunctionTally {
    run(scenario).functions.swap_remove(0)
}

/// Counts of one function under these arrivals.
fn counts(function: Function, arrivals: Arrivals, horizon: f64) -> FunctionTally {
    count(&scenario(function, arrivals, horizon))
}

/// Attempts that ended so, as the caller saw them.
const fn ended(tally: &FunctionTally, outcome: AttemptOutcome) -> u64 {
    tally.attempt_outcomes[outcome as usize]
}

/// Usage of the whole horizon.
fn used(tally: &FunctionTally) -> HourMeter {
    let mut sum = HourMeter::default();
    tally.hours.iter().for_each(|hour| sum.add(hour));
    sum
}

/// Longest latency of requests that ended `ok`, nanoseconds.
fn slowest(tally: &FunctionTally) -> i64 {
    tally.latency.max().unwrap().0
}

/// Longest latency of the others.
fn slowest_failed(tally: &FunctionTally) -> i64 {
    tally.latency_failed.max().unwrap().0
}

/// Whether a count of successes of `n` trials lies within four standard deviations of what probability `p` gives.
fn plausible(count: u64, n: u64, p: f64) -> bool {
    let (mean, sd) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
    (count as f64 - mean).abs() <= 4.0 * sd
}
