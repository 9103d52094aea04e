//! The result of a run: what `--format json` prints, and all that reports and charts draw from.

mod systems;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::rare::result::{Rare, RareLevel};
use super::sampling::Sampled;
use crate::estimate::Estimate;
pub use systems::{CallResult, DependencyResult, Mode, Recovery};

/// A finished (or interrupted) run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RunResult {
    /// Version of this format; the first number changes when a reader would break.
    pub format_version: &'static str,
    /// Version of the program.
    pub faascast: &'static str,
    /// Name of the scenario.
    pub scenario: String,
    /// Platform id and region, for titles.
    pub platform: String,
    /// See `platform`.
    pub region: String,
    /// Seed of all draws.
    pub seed: u64,
    /// Replications done.
    pub replications: u32,
    /// Length of the horizon in seconds.
    pub horizon_s: f64,
    /// Length of the run-in in seconds.
    pub run_in_s: f64,
    /// Whether the run was interrupted before it was done.
    pub incomplete: bool,
    /// By function name.
    pub functions: BTreeMap<String, FunctionResult>,
    /// By source name.
    pub traffic: BTreeMap<String, SourceResult>,
    /// Calls between functions and to dependencies, by `FUNCTION.NAME`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub calls: BTreeMap<String, CallResult>,
    /// By name of the dependency.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<String, DependencyResult>,
    /// The bill of a month.
    pub fee: Fee,
    /// The most this configuration can be billed.
    pub ceiling: Ceiling,
    /// One entry an event and affected function.
    pub recovery: Vec<Recovery>,
    /// In the order of the file.
    pub objectives: Vec<ObjectiveResult>,
    /// Precision targets, met or not; empty with a fixed number of replications.
    pub precision: Vec<PrecisionResult>,
    /// The course over the horizon.
    pub timeline: Timeline,
    /// What a reader must know before trusting the figures.
    pub warnings: Vec<Warning>,
    /// Defaults and model choices the figures rest on.
    pub assumptions: Vec<Assumption>,
    /// Which windows stood for the whole horizon; absent where all of it was replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampled>,
    /// What not knowing the scenario's values adds; absent unless it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_uncertainty: Option<InputUncertainty>,
    /// Throttling that is too rare for the replications; absent unless it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rare: Option<Rare>,
    /// For the latency chart, by function; not part of the JSON.
    #[serde(skip)]
    #[schemars(skip)]
    pub latency_curves: BTreeMap<String, LatencyCurve>,
}

/// Figures with their bands, split into what the simulation's luck and what the uncertain input contribute.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InputUncertainty {
    /// Samples of the uncertain values that were simulated.
    pub samples: usize,
    /// Paths of the uncertain values.
    pub varied: Vec<String>,
    /// The figures.
    pub figures: Vec<SplitFigure>,
}

/// A figure and its two sources of uncertainty.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SplitFigure {
    /// Its name, such as `fee` or `p99`.
    pub figure: String,
    /// Its function; empty for the whole bill.
    pub function: String,
    /// The figure as the scenario stands, with the 95 % band of both sources together.
    pub estimate: Estimate,
    /// Standard deviation by the simulation's luck: of the mean over the replications.
    pub simulation_sd: f64,
    /// Standard deviation by the uncertain input.
    pub input_sd: f64,
    /// Part of the variance that is the input's, in 0..=1; absent where there is no variance.
    pub input_share: Option<f64>,
}

/// Latency distribution of requests that ended `ok`, pooled over replications.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LatencyCurve {
    /// (upper edge in seconds, share of requests at or below it), rising.
    pub cdf: Vec<(f64, f64)>,
}

/// Latencies or durations in seconds.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Quantiles {
    /// Mean.
    pub mean: Estimate,
    /// Median.
    pub p50: Estimate,
    /// 90 % are at or below.
    pub p90: Estimate,
    /// 95 % are at or below.
    pub p95: Estimate,
    /// 99 % are at or below.
    pub p99: Estimate,
    /// 99.9 % are at or below.
    #[serde(rename = "p99.9")]
    pub p99_9: Estimate,
    /// Largest, averaged over replications.
    pub max: Estimate,
}

/// Figures of one function. Counts are for one horizon; rates are shares in 0..=1.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct FunctionResult {
    /// Requests that arrived in the horizon.
    pub requests: Estimate,
    /// Their attempts.
    pub attempts: Estimate,
    /// Their admitted attempts.
    pub invocations: Estimate,
    /// Attempts a request.
    pub attempts_per_request: Estimate,
    /// Share of requests that ended `ok`.
    pub availability: Estimate,
    /// Shares of requests: `ok`, `failed`, `dropped`, `in_flight` (not ended when the run stopped).
    pub outcomes: BTreeMap<&'static str, Estimate>,
    /// Shares of attempts, as the caller saw them.
    pub attempt_outcomes: BTreeMap<&'static str, Estimate>,
    /// Shares of invocations, as the platform saw them.
    pub invocation_outcomes: BTreeMap<&'static str, Estimate>,
    /// Shares of attempts by cause: `account`, `function`, `scaling_rate`, `instance_rate`.
    pub throttled_by: BTreeMap<&'static str, Estimate>,
    /// Share of requests whose first attempt was throttled.
    pub first_attempt_throttled: Estimate,
    /// Share of invocations that waited for a new instance.
    pub cold_start_rate: Estimate,
    /// Share of invocations that found a used environment.
    pub reused_rate: Estimate,
    /// Mean age in seconds of the environments they found.
    pub reused_age_s: Estimate,
    /// What the caller of an `ok` request saw, from first attempt to end.
    pub latency_s: Quantiles,
    /// The same for requests that did not end `ok`.
    pub latency_failed_s: Quantiles,
    /// One invocation's time, its cold start included.
    pub duration_s: Quantiles,
    /// Billed time.
    pub billed_s: Billed,
    /// Instances over time.
    pub instances: Instances,
    /// The platform's queue; absent without asynchronous traffic.
    #[serde(rename = "async", skip_serializing_if = "Option::is_none")]
    pub asynchronous: Option<AsyncResult>,
    /// Work left running after the response; absent without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// Instances that are kept warm; absent without them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned: Option<ProvisionedResult>,
    /// Fee of this function for a month.
    pub fee: Estimate,
    /// Fee a million `ok` requests.
    pub fee_per_million_ok: Estimate,
}

/// Whether provisioned instances pay in money alone (they also spare cold starts).
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct ProvisionedResult {
    /// Share of their time that they are at work.
    pub utilization: Estimate,
    /// The share from which on they cost less than instances on demand, at the first tier's prices; absent if they never do.
    pub break_even: Option<f64>,
}

/// Figures of one traffic source.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct SourceResult {
    /// Name of its function.
    pub function: String,
    /// Requests that arrived in the horizon.
    pub requests: Estimate,
    /// Share that ended `ok`.
    pub availability: Estimate,
    /// Its part of the fee for a month, by billed time; with what its requests caused in the functions that they call.
    pub fee: Estimate,
    /// Fee a million `ok` requests.
    pub fee_per_million_ok: Estimate,
    /// Attempts on all functions for each of its requests; absent where no function calls anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amplification: Option<Estimate>,
}

/// Billed seconds.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Billed {
    /// In the horizon, after rounding.
    pub total: Estimate,
    /// An invocation, after rounding.
    pub per_invocation: Estimate,
}

/// Time averages over the horizon.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Instances {
    /// All instances.
    pub mean: Estimate,
    /// With at least one invocation, or starting.
    pub busy_mean: Estimate,
    /// The others.
    pub idle_mean: Estimate,
    /// Most at once.
    pub peak: Estimate,
    /// Mean invocations in flight (not attempts that wait).
    pub concurrency_mean: Estimate,
}

/// The platform's queue of asynchronous events.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct AsyncResult {
    /// Events waiting, time average.
    pub backlog_mean: Estimate,
    /// Most waiting at once.
    pub backlog_peak: Estimate,
    /// Age of events when an attempt is admitted.
    pub age_s: Quantiles,
    /// Duplicate deliveries in one horizon.
    pub duplicates: Estimate,
    /// Events sent to a dead-letter target in one horizon.
    pub dead_letters: Estimate,
    /// Redeliveries after a throttle in one horizon.
    pub redeliveries: Estimate,
}

/// Shares of background work.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Background {
    /// Finished without a freeze.
    pub finished: Estimate,
    /// Finished after a freeze, on a later invocation.
    pub late: Estimate,
    /// Lost with the instance.
    pub lost: Estimate,
}

/// The bill of a month (730 h) of this traffic.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Fee {
    /// Currency code.
    pub currency: String,
    /// After free tier and price tiers.
    pub month: Estimate,
    /// Where one real month falls: 5 % and 95 % quantiles; absent with one replication.
    pub range: Option<MonthRange>,
    /// The parts of the fee; they add up to it.
    pub by_component: BTreeMap<String, Estimate>,
    /// Money spent on what gave no `ok` result, by class.
    pub waste: BTreeMap<String, Estimate>,
    /// What the horizon was multiplied by to give a month, re-weighted by the profile.
    pub month_factor: f64,
    /// Date of the oldest price row used, `YYYY-MM-DD`.
    pub prices_as_of: String,
    /// The lines of the bill: by function, then component; they add up to the fee.
    pub charges: Vec<Charge>,
}

/// A line of the bill of a month.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Charge {
    /// The function.
    pub function: String,
    /// The part of the fee, as in `by_component`.
    pub component: String,
    /// The priced item that it is counted in, such as `cu`; empty for the minimum charge, which is money.
    pub item: String,
    /// Units of the item, in the mean month.
    pub units: f64,
    /// What was metered for them: invocations, seconds of instances, or GiB; absent for what no usage causes, such as rounding.
    pub metered: Option<f64>,
    /// Money.
    pub amount: Estimate,
    /// Money at list prices: without the discount for a commitment, with free tier and price tiers.
    pub list: f64,
}

/// Quantiles of one month's bill.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub struct MonthRange {
    /// One month in twenty is below.
    pub p5: f64,
    /// One month in twenty is above.
    pub p95: f64,
}

/// The most this configuration can be billed, whatever the traffic.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Ceiling {
    /// Money in an hour, as decimal text; `unlimited` without a quota.
    pub hour: String,
    /// Money in a day.
    pub day: String,
    /// Money in a month of 730 h.
    pub month: String,
    /// The setting that limits it.
    pub limited_by: String,
    /// Hours at that rate until the fee objective is spent; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objective_hours: Option<f64>,
    /// The quota that lowers it most when it is halved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lever: Option<Lever>,
}

/// A quota, halved.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Lever {
    /// The setting.
    pub setting: String,
    /// Its value now; `unlimited` where it is not set.
    pub from: String,
    /// Half of what it allows.
    pub to: u64,
    /// The ceiling of an hour then.
    pub hour: String,
}

/// An objective and whether it holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ObjectiveResult {
    /// Name of the figure.
    pub name: String,
    /// Function it is measured on; empty for the whole scenario.
    pub function: String,
    /// The target.
    pub target: f64,
    /// The figure.
    pub estimate: Estimate,
    /// Whether the interval lies on the right side.
    pub verdict: Verdict,
}

/// Whether an objective holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The whole interval meets the target.
    Met,
    /// The whole interval misses it.
    Missed,
    /// The interval straddles it, or there is none.
    Undecided,
}

/// A precision target after the run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PrecisionResult {
    /// Name of the figure.
    pub figure: String,
    /// Wanted half-width, in the measure of the target.
    pub wanted: f64,
    /// Reached half-width in the same measure; absent without an interval.
    pub reached: Option<f64>,
    /// Whether it was reached.
    pub met: bool,
}

/// The course over the horizon, means over replications by bin.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Timeline {
    /// Length of a bin in seconds.
    pub bin_s: f64,
    /// Requests that arrived.
    pub requests: Vec<f64>,
    /// Attempts throttled.
    pub throttled: Vec<f64>,
    /// Mean instances.
    pub instances: Vec<f64>,
    /// Share of the requests that arrived in the bin and ended `ok`; null where none arrived.
    pub availability: Vec<Option<f64>>,
    /// Money spent, at the month's average rates.
    pub fee: Vec<f64>,
    /// The tightest quota on instances, for a line in the chart; absent if unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<u64>,
}

/// A warning: cause, effect and remedy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Warning {
    /// Stable short name, such as `price-row-old`.
    pub code: String,
    /// What is so.
    pub cause: String,
    /// What follows for the figures.
    pub effect: String,
    /// What to do.
    pub remedy: String,
}

/// A default or model choice that the figures rest on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Assumption {
    /// Key or mechanism.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where it comes from.
    pub source: String,
    /// The source's date; empty for model choices.
    pub as_of: String,
    /// `high`, `medium`, `low`, or `model`.
    pub confidence: String,
}
