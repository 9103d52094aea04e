//! What the user asks: a scenario file read once into valid types. Nothing downstream checks these values again.

mod account;
mod arrivals;
mod calls;
mod clock;
mod cold_start;
mod consistency;
mod demand;
mod dependency;
mod deployment;
mod events;
mod explain;
mod facts;
mod function;
mod invoked;
mod key;
mod law;
pub(crate) mod naming;
mod node;
mod objectives;
mod profile;
mod provisioned;
mod quantities;
mod queue_source;
pub mod range;
mod read;
mod reader;
mod retry;
mod run_in;
mod schema;
mod set;
mod simulation;
mod sizes;
#[cfg(test)]
mod tests;
mod traffic;
mod uncertainty;
mod work;

pub use calls::{Callee, Outgoing};
pub use demand::{Change, Event, Invoke, Retry, RetryBudget, Shape, Source};
pub use dependency::{CallRate, Dependency};
pub use deployment::{Deployment, Layer, Mount, Role, Trigger};
pub use explain::{Effective, Origin};
pub use queue_source::{Pollers, QueueSource};
pub use read::{Files, Resolved, explain, read};
pub use schema::schema;
pub use set::{ListName, position};
pub use uncertainty::Uncertain;

use std::fmt;

use crate::platform::{BillingRule, InstanceRules};
use crate::units::{Bytes, Probability, Span, Vcpu};
use crate::workload::distribution::Distribution;

/// A count that may be without limit (`"unlimited"` in the file).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// No limit.
    Unlimited,
    /// At most this many.
    At(u64),
}

impl Limit {
    /// The limit as a number, `u64::MAX` for none.
    #[must_use]
    pub const fn get(self) -> u64 {
        match self {
            Self::Unlimited => u64::MAX,
            Self::At(n) => n,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => f.write_str("unlimited"),
            Self::At(n) => write!(f, "{n}"),
        }
    }
}

/// A whole scenario, valid and with every default filled in.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file's name without folder and ending; the title of reports.
    pub name: String,
    /// Id of the platform, such as `alibaba-fc`.
    pub platform: String,
    /// Region id; empty for `generic`.
    pub region: String,
    /// The simulation's own settings.
    pub simulation: Simulation,
    /// Limits of the whole account.
    pub account: Account,
    /// Switches of the bill.
    pub billing: BillingOptions,
    /// Functions in the order of the file. Sources, events and results refer to them by index.
    pub functions: Vec<Function>,
    /// Dependencies in the order of the file.
    pub dependencies: Vec<Dependency>,
    /// Traffic sources in the order of the file.
    pub traffic: Vec<Source>,
    /// Scheduled events in the order of the file.
    pub events: Vec<Event>,
    /// What the user wants to hold.
    pub objectives: Vec<Objective>,
}

/// `[simulation]`.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// `finite` or `steady-state`.
    pub kind: Kind,
    /// Length of the horizon; more than zero.
    pub horizon: Span,
    /// Whether a run-in precedes the horizon.
    pub start: Start,
    /// Length of the run-in (0 for a cold start), at most 2 h, already computed by the rule of design section 11.
    pub run_in: Span,
    /// Seed of all draws.
    pub seed: u64,
    /// A fixed number of replications, or a target precision.
    pub stopping: Stopping,
    /// Whether parts of a long horizon may stand for the whole.
    pub sampling: Sampling,
    /// Clock 0 as local date, time and zone, for labels; `None` = Monday 00:00 UTC. Profiles and schedules are of that local
    /// time and have been shifted to clock 0.
    pub start_time: Option<String>,
    /// What is to be estimated beside the replications because it is rare; `None` for nothing.
    pub rare: Option<RareEvents>,
}

/// How throttling is estimated that plain replications are too few to see: by splitting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RareEvents {
    /// Wanted half-width of the interval, as a part of the figure.
    pub half_width: f64,
    /// Most requests to simulate for it, about.
    pub effort: u64,
}

/// Whether the study is of a finite horizon or of the steady state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As the user says, from the start state on.
    Finite,
    /// The transient is removed (MSER-5).
    SteadyState,
}

/// State at clock 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// No instance exists.
    Cold,
    /// A run-in of the same traffic is simulated before clock 0 and thrown away.
    Warm,
}

/// Whether parts of a long horizon may be simulated in place of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// Where the horizon has very many requests and the past does not matter for long.
    Auto,
    /// Never.
    Full,
}

/// When to stop replicating.
#[derive(Clone, Debug, PartialEq)]
pub enum Stopping {
    /// Exactly this many.
    Fixed(u32),
    /// Until each target's half-width is reached, or the budget is spent.
    Precision {
        /// The targets.
        targets: Vec<PrecisionTarget>,
        /// At most this many replications.
        max_replications: u32,
        /// At most this much wall time (the edges watch the clock).
        max_time: Option<Span>,
    },
}

/// A figure's wanted half-width.
#[derive(Clone, Debug, PartialEq)]
pub struct PrecisionTarget {
    /// Name of the figure: `fee`, `availability`, `throttled`, `cold_start_rate`, `p50` … `p99.9`, `mean_latency`.
    pub figure: String,
    /// How wide the interval may be.
    pub half_width: HalfWidth,
}

/// How a half-width is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HalfWidth {
    /// Share of the value; for a proportion p, of min(p, 1 - p).
    Relative(f64),
    /// In the figure's own unit; `"0.01pp"` is 0.0001.
    Absolute(f64),
}

/// `[account]`.
#[derive(Clone, Debug)]
pub struct Account {
    /// Instances of all functions together: starting, busy, idle and provisioned.
    pub max_instances: Limit,
    /// Invocations in flight of all functions together.
    pub max_concurrency: Limit,
    /// How fast instances may be started.
    pub scaling: Scaling,
    /// Whether each function has that rate to itself, not all together.
    pub scaling_per_function: bool,
    /// A chain of calls between functions is stopped when one function is invoked for more than this many times in it.
    pub recursion_limit: Limit,
}

/// Processor architecture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Architecture {
    /// `x86_64`.
    #[default]
    X86,
    /// `arm64`, at prices of its own.
    Arm,
}

/// The scaling rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scaling {
    /// As fast as asked.
    Unlimited,
    /// Token bucket: full at the start, capacity `burst`, continuous refill, one token an instance start.
    Bucket {
        /// Capacity in instances.
        burst: f64,
        /// Refill in instances a second.
        rate: f64,
    },
    /// At most `starts` in each window of this length, no carry-over (AWS Lambda). Windows are aligned to clock 0.
    Window {
        /// Instance starts a window.
        starts: u64,
        /// Length of the window.
        every: Span,
    },
    /// Instances at most burst + rate x time since the load rose above the burst.
    Ceiling {
        /// Instances at once.
        burst: f64,
        /// Further instances a second.
        rate: f64,
    },
}

/// `[billing]`: switches of the bill. What they mean in money is `billing`'s business.
#[derive(Clone, Debug, Default)]
pub struct BillingOptions {
    /// Whether the platform's free tier applies; `None` = the platform's default.
    pub free_tier: Option<bool>,
    /// Whether billing-cycle totals are rounded up (FC: each function-hour to a whole CU).
    pub cycle_rounding: Option<bool>,
    /// Whether the minimum charge of a billing cycle applies (FC).
    pub minimum_charge: Option<bool>,
    /// Whether provisioned instances are billed at the idle rate while idle (FC "idle mode").
    pub provisioned_idle: Option<bool>,
    /// Committed-use or resource-plan discount, a share of the list price.
    pub committed: Option<Probability>,
    /// Exchange rates: currency code and how much of the price book's currency one unit of it is worth.
    pub exchange: Vec<(String, f64)>,
    /// Path of the user's own price rows.
    pub prices: Option<String>,
}

/// `[functions.NAME]`.
#[derive(Clone, Debug)]
pub struct Function {
    /// Unique name.
    pub name: String,
    /// Runtime id such as `python3.12`; empty if not given.
    pub runtime: String,
    /// Configured memory.
    pub memory: Bytes,
    /// CPU share of an instance.
    pub vcpu: Vcpu,
    /// Whether one thread at a time runs user code (Node.js event loop, Python GIL).
    pub single_threaded: bool,
    /// The invocation is cut here.
    pub timeout: Span,
    /// Invocations at once on one instance; at least 1.
    pub instance_concurrency: u32,
    /// Disk (ephemeral storage).
    pub disk: Bytes,
    /// GPU card and its memory, where the function has one.
    pub gpu: Option<Gpu>,
    /// Processor.
    pub architecture: Architecture,
    /// Reserved for this function: it has this much to itself, is capped by it, and does not draw on the account's rest.
    /// Counted in instances or invocations as the account limit is.
    pub reserved: Option<u64>,
    /// This function's own quota of instances.
    pub max_instances: Limit,
    /// This function's own quota of invocations in flight.
    pub max_concurrency: Limit,
    /// Instances kept warm, by time: sorted by start, the first at or before the run-in. `(from, count)`, repeated weekly
    /// if it comes from a schedule.
    pub provisioned: Provisioned,
    /// How long an idle instance is kept.
    pub keep_alive: KeepAlive,
    /// Instances end at this age (when idle next); forever if not limited.
    pub max_age: Span,
    /// Order among warm instances.
    pub routing: Routing,
    /// Time of a cold start in seconds, all parts added up.
    pub cold_start: Distribution,
    /// A start that takes longer fails at this time.
    pub init_timeout: Span,
    /// Wait here before being throttled, where the platform does so.
    pub pending_queue: Option<PendingQueue>,
    /// What each invocation does.
    pub work: Work,
    /// What goes wrong.
    pub faults: Faults,
    /// What it calls, in this order.
    pub calls: Vec<Outgoing>,
    /// Asynchronous settings.
    pub asynchronous: Asynchronous,
    /// How instances behave on this platform.
    pub rules: InstanceRules,
    /// How usage is metered on this platform.
    pub billing: BillingRule,
}

/// A GPU card.
#[derive(Clone, Debug, PartialEq)]
pub struct Gpu {
    /// Card id such as `tesla.1`.
    pub card: String,
    /// GPU memory.
    pub memory: Bytes,
}

/// Provisioned instances over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Provisioned {
    /// The same number always.
    Constant(u64),
    /// A weekly schedule: windows from..to as spans since clock 0, repeated each week (clock 0 is Monday 00:00 unless the
    /// scenario has a `start_time`, which is accounted for); outside of all, none. Overlaps add up.
    Weekly(Vec<(Span, Span, u64)>),
    /// As many as keep their use at a target, looked at each minute: the rule of FC's target tracking.
    Tracking {
        /// Wanted share of their slots that is in use; more than 0.
        target: f64,
        /// Fewest.
        min: u64,
        /// Most.
        max: u64,
    },
}

/// Keep-alive of idle instances.
#[derive(Clone, Debug)]
pub enum KeepAlive {
    /// The same for all; idle for exactly this long is still warm. `Span::FOREVER` = never ends.
    Constant(Span),
    /// Drawn anew for each idle period, in seconds.
    Drawn(Distribution),
}

/// Order among warm instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routing {
    /// The idle instance that ended an invocation last.
    MostRecentlyUsed,
    /// The youngest idle instance.
    Newest,
    /// The idle instance that ended an invocation longest ago.
    LeastRecentlyUsed,
    /// Any idle instance with equal probability.
    Random,
    /// Fewest running invocations first, then most recently used.
    LeastLoaded,
}

/// Where attempts wait before they are throttled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingQueue {
    /// Attempts that may wait.
    pub max: Limit,
    /// Longest wait.
    pub timeout: Span,
}

/// `[functions.NAME.work]`: times in seconds, sizes in bytes.
#[derive(Clone, Debug)]
pub struct Work {
    /// CPU demand in seconds at one full vCPU.
    pub cpu: Distribution,
    /// I/O wait in seconds.
    pub io: Distribution,
    /// Memory need of a running invocation, bytes.
    pub memory: Distribution,
    /// Memory of an instance without invocations.
    pub base_memory: Bytes,
    /// What each finished invocation leaves behind in its instance.
    pub memory_growth: Bytes,
    /// Request body, bytes.
    pub request_bytes: Distribution,
    /// Response body, bytes.
    pub response_bytes: Distribution,
    /// Request headers, bytes.
    pub header_bytes: Distribution,
    /// Work left running after the response, seconds.
    pub background: Distribution,
    /// Share of the CPU demand that a used instance saves.
    pub warm_benefit_cpu: Probability,
    /// Share of the I/O wait that a used instance saves.
    pub warm_benefit_io: Probability,
    /// Whether the duration of each request comes from the trace (added to the I/O wait).
    pub from_trace: bool,
}

/// `[functions.NAME.faults]`, exclusive, drawn in the order of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    /// A cold start fails at its end.
    pub init_failure: Probability,
    /// The instance dies at a uniform fraction of the work.
    pub crash: Probability,
    /// Does its CPU phase, then holds its slot until the timeout.
    pub hang: Probability,
    /// The handler fails after all of the work.
    pub error: Probability,
}

/// `[functions.NAME.async]`.
#[derive(Clone, Debug)]
pub struct Asynchronous {
    /// Retries after errors, timeouts and crashes.
    pub retries: u32,
    /// Delay before retry 1, 2, …; the last one repeats. Never empty.
    pub delays: Vec<Span>,
    /// Backoff of redeliveries after a throttle.
    pub throttle_backoff: Backoff,
    /// Events older than this are dropped.
    pub max_event_age: Span,
    /// Probability that an event is delivered twice.
    pub duplicate: Probability,
    /// Whether dropped events go to a dead-letter target.
    pub dead_letter: bool,
}

/// A backoff: delay before retry k is min(cap, base x factor^(k-1)), jittered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// First delay.
    pub base: Span,
    /// Growth a retry; at least 1.
    pub factor: f64,
    /// Longest delay.
    pub cap: Span,
    /// How the delay is spread.
    pub jitter: Jitter,
}

/// How a backoff delay d is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// d itself.
    None,
    /// Uniform in 0..d.
    Full,
    /// Uniform in d/2..d.
    Equal,
    /// Exponential with mean d.
    Exponential,
}

/// `[objectives]`: one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// Name of the figure, as in `PrecisionTarget`.
    pub figure: String,
    /// The target in the figure's unit: a share, seconds, or money of the price book's currency.
    pub target: f64,
    /// Whether the figure must be at least (availability) or at most (all others) the target.
    pub at_least: bool,
}
