//! What the traffic takes without a quota, and the smallest quota that holds it.

use schemars::JsonSchema;
use serde::Serialize;

use super::crossing::by_any_quota;
use crate::billing::book::PriceBook;
use crate::engine::{Replication, ThrottleCause};
use crate::estimate::share::share_of_sampled;
use crate::estimate::{Estimate, mean};
use crate::scenario::{Invoke, Limit, Scenario};
use crate::study::bill::Bill;
use crate::study::figures::excess;
use crate::study::{Context, StudyError, simulate, timeline};

/// Attempts that a lasting quota may throttle, as a share, where no objective says it.
const FEW_THROTTLED: f64 = 0.001;

/// Instances that a month's traffic takes where no quota holds it back.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Needed {
    /// Mean over the horizon.
    pub mean: Estimate,
    /// Most at once, its mean over replications; an upper bound where there are several functions.
    pub peak: Estimate,
    /// Where the peak of one horizon falls, 5 % and 95 % of the replications; absent with one replication.
    pub peak_range: Option<(f64, f64)>,
}

/// Quotas for the month with the most traffic.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Quota {
    /// The month with the most traffic.
    pub month: u32,
    /// Instances at once in 95 % of its replications, without any quota; an upper bound where there are several functions.
    pub instances: u64,
    /// The account's limit on instances or concurrency as it is.
    pub now: Option<u64>,
    /// The tightest limit on all instances together, the functions' own included; absent without one.
    pub line: Option<u64>,
    /// What a quota of the account counts: `instances`, or `invocations` in flight.
    pub counts: String,
    /// The smallest quota that lasts.
    pub lasting: Lasting,
}

/// The smallest quota of the account that lasts, found by simulating the month with the most traffic under quotas, the functions'
/// own lifted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Lasting {
    /// The quota.
    pub quota: u64,
    /// Most attempts that may be throttled by it, as a share: the objective's, or 0.1 %.
    pub limit: f64,
    /// Attempts that are throttled by it in that month, as a share.
    pub throttled: Estimate,
    /// The same with a quota one smaller, which no longer lasts; absent where there is none.
    pub one_less: Option<Estimate>,
    /// Whether the whole interval is within the limit, not only its middle.
    pub sure: bool,
}

/// The fields of a request for a higher quota.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct QuotaRequest {
    /// The function.
    pub function: String,
    /// Mean requests a second.
    pub average_rps: f64,
    /// Requests a second in the busiest bin of the horizon.
    pub peak_rps: f64,
    /// Mean duration of an invocation, seconds.
    pub duration_s: Option<f64>,
    /// Configured memory, MiB.
    pub memory_mib: f64,
    /// `synchronous`, `asynchronous`, or both.
    pub invocation: String,
}

/// What a month's traffic takes. Where a quota held it back it is simulated again without: else it is known already.
pub(super) fn needed(
    month: &Scenario,
    replications: &[Replication],
    book: &PriceBook,
    context: &Context<'_>,
) -> Result<Needed, StudyError> {
    // At the limit of the account a function takes the place of another's idle instance, and nothing is throttled.
    let at_limit = replications.iter().any(|r| peak(r) >= month.account.max_instances.get());
    if by_any_quota(replications) > 0.0 || at_limit {
        return Ok(taken(month, &replicated(&unlimited(month), book, context)?));
    }
    Ok(taken(month, replications))
}

fn taken(month: &Scenario, replications: &[Replication]) -> Needed {
    let horizon = month.simulation.horizon.0 as f64;
    let means: Vec<f64> =
        replications.iter().map(|r| r.functions.iter().map(|f| f.instance_ns as f64).sum::<f64>() / horizon).collect();
    let peaks: Vec<f64> = replications.iter().map(|r| peak(r) as f64).collect();
    let range = (peaks.len() > 1).then(|| (ranked(replications, 0.05) as f64, ranked(replications, 0.95) as f64));
    Needed { mean: mean(&means), peak: mean(&peaks), peak_range: range }
}

/// Most instances at once, of all functions: the sum of their peaks.
fn peak(r: &Replication) -> u64 {
    r.functions.iter().map(|f| f.instances_peak).sum()
}

/// The peak that this share of the replications does not exceed.
fn ranked(replications: &[Replication], share: f64) -> u64 {
    let mut peaks: Vec<u64> = replications.iter().map(peak).collect();
    peaks.sort_unstable();
    let at = ((peaks.len() as f64 * share).ceil() as usize).clamp(1, peaks.len().max(1)) - 1;
    peaks.get(at).copied().unwrap_or(0)
}

fn unlimited(scenario: &Scenario) -> Scenario {
    let mut free = scenario.clone();
    (free.account.max_instances, free.account.max_concurrency) = (Limit::Unlimited, Limit::Unlimited);
    for f in &mut free.functions {
        (f.max_instances, f.max_concurrency, f.reserved) = (Limit::Unlimited, Limit::Unlimited, None);
    }
    free
}

fn replicated(scenario: &Scenario, book: &PriceBook, context: &Context<'_>) -> Result<Vec<Replication>, StudyError> {
    let out = simulate(scenario, &Bill::new(book, scenario)?, context)?;
    if out.complete { Ok(out.results) } else { Err(StudyError::Nothing) }
}

/// How many instances a month takes, the smallest quota that holds it, and what a request for more would say.
pub(super) fn of_month(
    month: &Scenario,
    number: u32,
    book: &PriceBook,
    context: &Context<'_>,
) -> Result<(Quota, Vec<QuotaRequest>), StudyError> {
    let account = &month.account;
    let now = account.max_instances.get().min(account.max_concurrency.get());
    let by_invocations = account.max_instances == Limit::Unlimited && account.max_concurrency != Limit::Unlimited;
    let free = unlimited(month);
    let replications = replicated(&free, book, context)?;
    let quota = Quota {
        month: number,
        instances: ranked(&replications, 0.95),
        now: (now < u64::MAX).then_some(now),
        line: timeline::quota(month).or((now < u64::MAX).then_some(now)),
        counts: if by_invocations { "invocations" } else { "instances" }.to_owned(),
        lasting: lasting(&free, &replications, by_invocations, month, (book, context))?,
    };
    Ok((quota, requests(&free, &replications)))
}

/// Narrows the range between a quota that lasts and one that does not, until they are neighbours.
fn lasting(
    free: &Scenario,
    replications: &[Replication],
    by_invocations: bool,
    month: &Scenario,
    (book, context): (&PriceBook, &Context<'_>),
) -> Result<Lasting, StudyError> {
    let asked = month.objectives.iter().find(|o| o.figure == "throttled").map(|o| o.target);
    let limit = asked.unwrap_or(FEW_THROTTLED);
    let slots =
        if by_invocations { free.functions.iter().map(|f| u64::from(f.instance_concurrency)).max().unwrap_or(1) } else { 1 };
    // With as many as were ever there at once nothing is refused.
    let mut lasts = replications.iter().map(peak).max().unwrap_or(0).saturating_mul(slots).max(1);
    let mut known = throttled(replications);
    let figure = |e: &Estimate, whole: bool| if whole { e.hi.or(e.mean) } else { e.mean };
    let within = |e: &Estimate, whole: bool| figure(e, whole).is_none_or(|share| share <= limit);
    // So little traffic that even nothing throttled could be more than the limit: then the middle has to do.
    let whole = within(&known, true);
    let (mut short, mut one_less) = (0, None);
    let mut step = 0;
    while lasts - short > 1 {
        step += 1;
        let share = |e: &Estimate| figure(e, whole).filter(|share| *share > 0.0);
        let ends = one_less.as_ref().and_then(share).zip(share(&known));
        let quota = match ends.filter(|_| step % 3 != 0) {
            Some((less, enough)) => crossing(short, lasts, libm::log(less / limit), libm::log(enough / limit)),
            None => short + (lasts - short) / 2,
        };
        let mut under = free.clone();
        let slot = if by_invocations { &mut under.account.max_concurrency } else { &mut under.account.max_instances };
        *slot = Limit::At(quota);
        let found = throttled(&replicated(&under, book, context)?);
        if within(&found, whole) {
            (lasts, known) = (quota, found);
        } else {
            (short, one_less) = (quota, Some(found));
        }
    }
    let sure = known.hi.is_some_and(|hi| hi <= limit);
    Ok(Lasting { quota: lasts, limit, throttled: known, one_less, sure })
}

/// Where a line through `above` the limit at `short` and below it at `lasts` crosses it: the logarithm of what is throttled
/// falls with the quota almost like a line. Never an end.
fn crossing(short: u64, lasts: u64, above: f64, below: f64) -> u64 {
    let part = (above / (above - below)).clamp(0.0, 1.0);
    let at = short + libm::ceil(part * (lasts - short) as f64) as u64;
    at.clamp(short + 1, lasts - 1)
}

/// Share of attempts that a quota refused.
fn throttled(replications: &[Replication]) -> Estimate {
    let count = |r: &Replication| {
        let by_quota = |f: &crate::engine::FunctionTally| {
            f.throttled_by[ThrottleCause::Account as usize] + f.throttled_by[ThrottleCause::Function as usize]
        };
        (r.functions.iter().map(by_quota).sum(), r.functions.iter().map(|f| f.attempts).sum())
    };
    share_of_sampled(&replications.iter().map(count).collect::<Vec<(u64, u64)>>(), excess(replications))
}

/// What a request for a higher quota says of each function with traffic.
fn requests(free: &Scenario, replications: &[Replication]) -> Vec<QuotaRequest> {
    let horizon = free.simulation.horizon.as_secs_f64();
    let n = replications.len().max(1) as f64;
    let with_traffic = free.functions.iter().enumerate().filter(|(f, _)| free.traffic.iter().any(|s| s.function == *f));
    let request = |(f, spec): (usize, &crate::scenario::Function)| {
        let tallies = || replications.iter().map(|r| &r.functions[f]);
        let bin_s = replications.first().map_or(1.0, |r| r.bin_ns as f64 / 1e9);
        let bins = tallies().map(|t| t.bins.len()).max().unwrap_or(0);
        let peak =
            (0..bins).map(|b| tallies().filter_map(|t| t.bins.get(b)).map(|bin| bin.requests as f64).sum::<f64>() / n / bin_s);
        let count: u64 = tallies().map(|t| t.duration.count()).sum();
        let total: f64 = tallies().map(|t| t.duration.sum_secs()).sum();
        let uses = |invoke| free.traffic.iter().any(|s| s.function == f && s.invoke == invoke);
        let invocation = match (uses(Invoke::Sync), uses(Invoke::Async) || uses(Invoke::Queue)) {
            (true, true) => "synchronous and asynchronous",
            (false, true) => "asynchronous",
            _ => "synchronous",
        };
        QuotaRequest {
            function: spec.name.clone(),
            average_rps: tallies().map(|t| t.requests as f64).sum::<f64>() / n / horizon,
            peak_rps: peak.fold(0.0, f64::max),
            duration_s: (count > 0).then(|| total / count as f64),
            memory_mib: spec.memory.as_mib(),
            invocation: invocation.to_owned(),
        }
    };
    with_traffic.map(request).collect()
}
