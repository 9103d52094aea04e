//! Output analysis: estimates with intervals from replications. Knows no engine and no prices.

use schemars::JsonSchema;
use serde::Serialize;

/// A figure with its 95 % interval. One replication gives no interval; no event gives no mean where it would be 0/0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Estimate {
    /// The point estimate.
    pub mean: Option<f64>,
    /// Lower end of the 95 % interval.
    pub lo: Option<f64>,
    /// Upper end of the 95 % interval.
    pub hi: Option<f64>,
    /// Replications it rests on.
    pub n: u32,
}
