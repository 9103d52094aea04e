//! Facts about providers: price books, limits, runtimes, billing rules. Data, not code: every row of `data/*.toml` has a
//! source, a date and a confidence.

pub mod catalog;
pub(crate) mod fields;
pub mod keys;
pub mod limits;
pub mod listing;
pub mod meter;
mod rows;
mod rules;
pub mod runtime;
pub mod support;

pub use catalog::{Platform, Region, Unknown};

use crate::units::Span;

/// How instances behave on a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceRules {
    /// Whether a timed-out invocation takes its instance with it; the other invocations on it end `crash`.
    pub timeout_kills: bool,
    /// Whether invocations may join an instance that is still starting.
    pub join_starting: bool,
    /// Whether the function's timeout runs from the start of initialisation instead of the handler's start.
    pub timeout_includes_init: bool,
    /// Largest request body in bytes for synchronous and asynchronous calls, largest response, largest headers.
    pub max_sync_request: u64,
    /// See `max_sync_request`.
    pub max_async_request: u64,
    /// See `max_sync_request`.
    pub max_response: u64,
    /// See `max_sync_request`.
    pub max_headers: u64,
    /// Synchronous requests a second for each invocation at once that the quota allows; `None` = as many as it can handle.
    pub requests_per_second: Option<u64>,
}

/// How a platform meters execution time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BillingRule {
    /// One bill for an instance's busy period when invocations share it, or one for each invocation.
    pub unit: BillingUnit,
    /// Billed time is rounded up to a multiple of this; at least 1 ns.
    pub granule: Span,
    /// Least billed time of one unit.
    pub minimum: Span,
    /// Whether the cold start is billed.
    pub init_billed: bool,
    /// Whether a failed cold start is billed.
    pub init_failure_billed: bool,
    /// Whether invocations that ended in `error`, `timeout` or `crash` are billed.
    pub error_billed: bool,
    /// See `error_billed`.
    pub timeout_billed: bool,
    /// See `error_billed`.
    pub crash_billed: bool,
    /// Idle on-demand instances are billed at the idle rate for up to this long after each invocation; 0 = never.
    pub idle_release: Span,
}

/// What one bill is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillingUnit {
    /// Each invocation by itself (Lambda, Azure Consumption; FC with instance concurrency 1).
    Invocation,
    /// The union of the busy intervals of an instance (FC with more, Cloud Run, Azure Flex).
    BusyPeriod,
}

/// How well a fact is supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// General knowledge or conflicting sources: a default that must be shown as such.
    Low,
    /// One secondary or ageing source.
    Medium,
    /// Vendor text or two agreeing sources.
    High,
}

impl Confidence {
    /// `low`, `medium` or `high`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One fact: a row of `data/*.toml` or of a user's price file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Dotted key such as `limits.memory.min`.
    pub key: String,
    /// The value as written: a number, a text with its unit, a list.
    pub value: toml::Value,
    /// Regions it is for; empty = all.
    pub regions: Vec<String>,
    /// Site it is for; empty = all.
    pub site: String,
    /// Where it is from, its short name expanded.
    pub source: String,
    /// The source's own date, `YYYY-MM-DD`; empty in a user's file that gives none.
    pub as_of: String,
    /// How well it is supported.
    pub confidence: Confidence,
    /// Anything a user should know; may be empty.
    pub note: String,
}
