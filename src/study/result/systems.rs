//! What functions do together: calls, dependencies, and how they come back after an event.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Quantiles;
use crate::estimate::Estimate;

/// Figures of one entry of `calls`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct CallResult {
    /// Name of the function that calls.
    pub from: String,
    /// Name of the function or dependency that is called.
    pub to: String,
    /// Calls made in the horizon's requests, retries not counted.
    pub requests: Estimate,
    /// Share that ended `ok`.
    pub availability: Estimate,
    /// Calls refused by the recursion limit.
    pub stopped: Estimate,
}

/// Figures of one dependency, over the horizon and its requests.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct DependencyResult {
    /// Calls wanted.
    pub requests: Estimate,
    /// Tries of them.
    pub attempts: Estimate,
    /// Tries a call.
    pub attempts_per_request: Estimate,
    /// Share of the calls that ended `ok`.
    pub availability: Estimate,
    /// Share of the tries that failed at their end.
    pub errors: Estimate,
    /// Share of the tries that their callers gave up.
    pub given_up: Estimate,
    /// Shares of the tries that were refused: `full`, `rate`, `outage`.
    pub refused_by: BTreeMap<&'static str, Estimate>,
    /// Tries that ended `ok`, their wait included.
    pub latency_s: Quantiles,
    /// Calls served at once, on average.
    pub busy_mean: Estimate,
    /// Most calls served at once.
    pub busy_peak: Estimate,
    /// Calls waiting, on average.
    pub waiting_mean: Estimate,
    /// Most calls waiting.
    pub waiting_peak: Estimate,
    /// Share of the capacity in use; absent without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utilization: Option<Estimate>,
}

/// How a function came back after an event.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Recovery {
    /// Name of the event.
    pub event: String,
    /// Function observed.
    pub function: String,
    /// From the end of the event until the share of bad requests is back to what it was before; over the replications
    /// that recovered.
    pub seconds: Estimate,
    /// Share of replications that recovered within the horizon.
    pub recovered: Estimate,
    /// What it was like in each state that was seen, `recovered` or `down`: the two are never averaged. Empty where the event
    /// outlasts the horizon.
    pub modes: Vec<Mode>,
}

/// Replications that ended in the same state after an event.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Mode {
    /// `recovered` or `down`.
    pub state: &'static str,
    /// How many they are.
    pub replications: u32,
    /// Their share.
    pub share: Estimate,
    /// Share of the function's requests after the event's end that ended `ok`.
    pub availability: Estimate,
    /// Most attempts on all functions for each request from outside, in a minute from the event's start on.
    pub amplification: Estimate,
}
