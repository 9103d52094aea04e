//! Figures of calls between functions and of dependencies.

use std::collections::BTreeMap;

use super::figures::{count, named, part, per, quantiles};
use super::result::{CallResult, DependencyResult};
use crate::engine::{Caused, DependencyTally, REFUSALS, Replication, SourceTally};
use crate::estimate::Estimate;
use crate::scenario::{Callee, Scenario};

/// Every entry of `calls`, by `FUNCTION.NAME`.
pub(super) fn calls(scenario: &Scenario, replications: &[Replication]) -> BTreeMap<String, CallResult> {
    let entries = scenario.functions.iter().flat_map(|function| function.calls.iter().map(move |call| (function, call)));
    let figures = |(index, (function, call)): (usize, (&crate::scenario::Function, &crate::scenario::Outgoing))| {
        let tallies: Vec<&SourceTally> = replications.iter().map(|r| &r.calls[index]).collect();
        let to = match call.to {
            Callee::Function(f) => scenario.functions[f].name.clone(),
            Callee::Dependency(d) => scenario.dependencies[d].name.clone(),
        };
        let result = CallResult {
            from: function.name.clone(),
            to,
            requests: count(&tallies, |t| t.requests as f64),
            availability: part(0.0, &tallies, |t| t.ok, |t| t.requests),
            stopped: count(&tallies, |t| t.stopped as f64),
        };
        (format!("{}.{}", function.name, call.name), result)
    };
    entries.enumerate().map(figures).collect()
}

/// Every dependency, by name.
pub(super) fn dependencies(scenario: &Scenario, replications: &[Replication]) -> BTreeMap<String, DependencyResult> {
    let horizon = scenario.simulation.horizon.0 as f64;
    let figures = |(index, dependency): (usize, &crate::scenario::Dependency)| {
        let tallies: Vec<&DependencyTally> = replications.iter().map(|r| &r.dependencies[index]).collect();
        let t = &tallies[..];
        let busy = |t: &DependencyTally| t.busy_ns as f64 / horizon;
        let capacity = dependency.capacity.get();
        let result = DependencyResult {
            requests: count(t, |t| t.requests as f64),
            attempts: count(t, |t| t.attempts as f64),
            attempts_per_request: per(t, |t| t.attempts as f64, |t| t.requests as f64),
            availability: part(0.0, t, |t| t.ok, |t| t.requests),
            errors: part(0.0, t, |t| t.errors, |t| t.attempts),
            given_up: part(0.0, t, |t| t.given_up, |t| t.attempts),
            refused_by: named(&REFUSALS, |i| part(0.0, t, |t| t.refused[i], |t| t.attempts)),
            latency_s: quantiles(t, |t| &t.latency),
            busy_mean: count(t, busy),
            busy_peak: count(t, |t| t.busy_peak as f64),
            waiting_mean: count(t, |t| t.waiting_ns as f64 / horizon),
            waiting_peak: count(t, |t| t.waiting_peak as f64),
            utilization: (capacity > 0 && capacity < u64::MAX).then(|| count(t, |t| busy(t) / capacity as f64)),
        };
        (dependency.name.clone(), result)
    };
    scenario.dependencies.iter().enumerate().map(figures).collect()
}

/// Attempts on all functions for each request of a source: its own and those that they cause. Absent where no function calls
/// anything.
pub(super) fn amplification(scenario: &Scenario, source: usize, replications: &[Replication]) -> Option<Estimate> {
    let functions = scenario.functions.len();
    let attempts = |r: &Replication| -> Option<f64> {
        let own = r.caused.get(source * functions..(source + 1) * functions)?;
        Some(own.iter().map(|caused: &Caused| caused.attempts as f64).sum())
    };
    let pairs: Option<Vec<(f64, f64)>> =
        replications.iter().map(|r| Some((attempts(r)?, r.sources[source].requests as f64))).collect();
    Some(crate::estimate::ratio::ratio(&pairs?))
}
