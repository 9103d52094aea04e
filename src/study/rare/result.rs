//! What a run says of rare throttling.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::estimate::Estimate;

/// Throttling estimated by runs that are split where it is near.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Rare {
    /// How it was estimated: `splitting`.
    pub method: &'static str,
    /// Share of the requests that were throttled, by function.
    pub throttled: BTreeMap<String, Estimate>,
    /// The same by function and cause, of the causes that were seen.
    pub throttled_by: BTreeMap<String, BTreeMap<&'static str, Estimate>>,
    /// Where runs were split.
    pub levels: Vec<RareLevel>,
    /// Replications of the split simulation.
    pub replications: u32,
    /// Requests simulated, pilots included.
    pub effort: u64,
    /// Those of the pilots, which chose the levels.
    pub pilot_effort: u64,
}

/// A level at which runs were split.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RareLevel {
    /// Busy instances.
    pub busy: u64,
    /// Runs that went on from there.
    pub copies: u32,
}
