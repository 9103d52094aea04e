//! `plan`: growth and seasons over months: when quotas and objectives are crossed, and what it costs.

use schemars::JsonSchema;
use serde::Serialize;

use super::bill::Bill;
use super::spread::{Spread, spreads};
use super::{Context, StudyError, settled, simulate};
use crate::billing::book::PriceBook;
use crate::engine::{AttemptOutcome, Replication, ThrottleCause};
use crate::estimate::Estimate;
use crate::histogram::Histogram;
use crate::scenario::{Change, Event, Invoke, Limit, Objective, Scenario, Shape};
use crate::units::{SimTime, Span};

/// The traffic of each month, as a factor on today's.
#[derive(Clone, Debug, PartialEq)]
pub struct Course(Vec<f64>);

impl Course {
    /// Growth a month (0.08 = 8 %) for so many months, the first at today's level; times the seasons, which repeat.
    ///
    /// ```
    /// # use faascast::study::plan::Course;
    /// let course = Course::growing(1.0, 3, &[1.0, 0.5]);
    /// assert_eq!(course.factors(), [1.0, 1.0, 4.0]);
    /// ```
    #[must_use]
    pub fn growing(growth: f64, months: usize, seasons: &[f64]) -> Self {
        let season = |month: usize| seasons.get(month % seasons.len().max(1)).copied().unwrap_or(1.0);
        Self((0..months).map(|month| libm::pow(1.0 + growth, month as f64) * season(month)).collect())
    }

    /// These factors.
    #[must_use]
    pub const fn curve(factors: Vec<f64>) -> Self {
        Self(factors)
    }

    /// One a month.
    #[must_use]
    pub fn factors(&self) -> &[f64] {
        &self.0
    }
}

/// The answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Planned {
    /// Version of this form.
    pub format_version: &'static str,
    /// Version of the program.
    pub faascast: &'static str,
    /// The scenario's name.
    pub scenario: String,
    /// Seed of all draws.
    pub seed: u64,
    /// Replications of each month.
    pub replications: u32,
    /// Currency of fees.
    pub currency: String,
    /// The months in order.
    pub months: Vec<Month>,
    /// Quotas and objectives in the order of the first month in which they are crossed; those that never are come last.
    pub crossings: Vec<Crossing>,
    /// Instances that hold the busiest month.
    pub quota: Quota,
    /// What a request for a higher quota asks for, of the busiest month, by function.
    pub request: Vec<QuotaRequest>,
}

/// A month.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Month {
    /// 1 is today's level.
    pub month: u32,
    /// Traffic, as a factor on today's.
    pub factor: f64,
    /// Fee, with the interval of its mean.
    pub fee: Estimate,
    /// Where one real month's fee falls, 5 % and 95 %.
    pub fee_range: Option<(f64, f64)>,
    /// Figures by name.
    pub figures: Vec<(String, Estimate)>,
    /// Share of the replications in which something was throttled by a quota.
    pub throttled: f64,
}

/// When something is crossed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Crossing {
    /// A quota, an objective or a price tier, such as `quota`, `availability`.
    pub what: String,
    /// The first month in which at least half of the replications cross it; absent if none does.
    pub month: Option<u32>,
    /// Share of the replications that cross it, by month.
    pub probability: Vec<f64>,
}

/// The smallest quota that lasts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Quota {
    /// The month with the most traffic.
    pub month: u32,
    /// Instances at once in 95 % of its replications, without any quota; an upper bound where there are several functions.
    pub instances: u64,
    /// The account's limit on instances or concurrency as it is.
    pub now: Option<u64>,
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

impl Crossing {
    fn record(&mut self, month: u32, probability: f64) {
        if probability >= 0.5 {
            self.month.get_or_insert(month);
        }
        self.probability.push(probability);
    }
}

/// Simulates each month of a course. A month is the scenario with the traffic of all sources multiplied.
///
/// # Errors
/// As `run`.
pub fn plan(scenario: &Scenario, course: &Course, context: &Context<'_>) -> Result<Planned, StudyError> {
    let book = PriceBook::new(context.platform, &scenario.region, &scenario.billing)?;
    let scenario = &settled(scenario, context.stop, &mut Vec::new())?;
    let mut months = Vec::with_capacity(course.0.len());
    let mut crossed: Vec<Crossing> = std::iter::once("quota".to_owned())
        .chain(scenario.objectives.iter().map(|objective| objective.figure.clone()))
        .map(|what| Crossing { what, month: None, probability: Vec::new() })
        .collect();
    let mut replications = 0;
    for (index, factor) in course.0.iter().enumerate() {
        let scaled = scaled(scenario, *factor);
        let bill = Bill::new(&book, &scaled)?;
        let out = simulate(&scaled, &bill, context)?;
        if !out.complete {
            return Err(StudyError::Nothing);
        }
        replications = out.results.len() as u32;
        let number = index as u32 + 1;
        let share = |crosses: &dyn Fn(&Replication) -> bool| {
            out.results.iter().filter(|r| crosses(r)).count() as f64 / out.results.len().max(1) as f64
        };
        let throttled = share(&by_quota);
        for (at, crossing) in crossed.iter_mut().take(1 + scenario.objectives.len()).enumerate() {
            let objective = at.checked_sub(1).and_then(|at| scenario.objectives.get(at));
            let p = objective.map_or(throttled, |objective| share(&|r| misses(objective, r, &bill)));
            crossing.record(number, p);
        }
        for (what, _) in out.results.first().map(|r| bill.tiers(r)).unwrap_or_default() {
            let p = share(&|r| bill.tiers(r).iter().any(|(tier, beyond)| *tier == what && *beyond));
            let known = crossed.iter().position(|crossing| crossing.what == what);
            let at = known.unwrap_or_else(|| {
                crossed.push(Crossing { what, month: None, probability: Vec::new() });
                crossed.len() - 1
            });
            if let Some(crossing) = crossed.get_mut(at) {
                crossing.record(number, p);
            }
        }
        let money = bill.rated(&out.results).fee(&scaled, &out.results);
        let name =
            |s: &Spread| if s.function.is_empty() { s.figure.to_owned() } else { format!("{} of {}", s.figure, s.function) };
        let figures = spreads(&scaled, &bill, &out.results).iter().map(|s| (name(s), s.estimate)).collect();
        let fee_range = money.range.as_ref().map(|range| (range.p5, range.p95));
        months.push(Month { month: number, factor: *factor, fee: money.month, fee_range, figures, throttled });
    }
    crossed.sort_by_key(|crossing| crossing.month.unwrap_or(u32::MAX));
    let busiest = (0..course.0.len()).max_by(|a, b| course.0[*a].total_cmp(&course.0[*b])).unwrap_or(0);
    let (quota, request) = without_quota(scenario, busiest, course.0.get(busiest).copied().unwrap_or(1.0), &book, context)?;
    Ok(Planned {
        format_version: "1.0",
        faascast: env!("CARGO_PKG_VERSION"),
        scenario: scenario.name.clone(),
        seed: scenario.simulation.seed,
        replications,
        currency: book.currency.to_string(),
        months,
        crossings: crossed,
        quota,
        request,
    })
}

/// The scenario with the traffic of all sources multiplied, run-in and drain included.
fn scaled(scenario: &Scenario, factor: f64) -> Scenario {
    let mut scaled = scenario.clone();
    let long = Span(scaled.simulation.horizon.0.saturating_mul(8).saturating_add(Span::from_secs(8 * 86_400).0));
    // Longer before clock 0 than any run-in, and than arrivals with a memory are drawn.
    let at = SimTime(-scaled.simulation.run_in.0 - Span::from_secs(86_400).0);
    for source in 0..scaled.traffic.len() {
        scaled.traffic[source].growth_per_month = 0.0;
        let change = Change::Traffic { source, factor };
        scaled.events.push(Event { name: format!("month-{source}"), at, duration: long, shape: Shape::Step, change });
    }
    scaled
}

/// Whether a quota refused anything: not the scaling rate, nor the rate of an instance.
fn by_quota(r: &Replication) -> bool {
    r.functions
        .iter()
        .any(|f| f.throttled_by[ThrottleCause::Account as usize] + f.throttled_by[ThrottleCause::Function as usize] > 0)
}

/// Whether a replication by itself misses an objective.
fn misses(objective: &Objective, r: &Replication, bill: &Bill<'_>) -> bool {
    let sum = |count: &dyn Fn(&crate::engine::FunctionTally) -> u64| r.functions.iter().map(count).sum::<u64>() as f64;
    let share = |events: f64, trials: f64| if trials > 0.0 { events / trials } else { 0.0 };
    let latency = |of: &dyn Fn(&Histogram) -> Option<f64>| r.functions.iter().filter_map(|f| of(&f.latency)).fold(0.0, f64::max);
    let quantile = |p: f64| latency(&|h| h.quantile(p).map(Span::as_secs_f64));
    let value = match objective.figure.as_str() {
        "fee" => bill.fee(std::slice::from_ref(r)).mean.unwrap_or(0.0),
        "availability" => {
            let requests = sum(&|f| f.requests);
            return requests > 0.0 && share(sum(&|f| f.ok), requests) < objective.target;
        }
        "throttled" => share(sum(&|f| f.attempt_outcomes[AttemptOutcome::Throttled as usize]), sum(&|f| f.attempts)),
        "cold_start_rate" => share(sum(&|f| f.cold_starts), sum(&|f| f.invocations)),
        "p50" => quantile(0.5),
        "p90" => quantile(0.9),
        "p95" => quantile(0.95),
        "p99" => quantile(0.99),
        "p99.9" => quantile(0.999),
        _ => latency(&Histogram::mean),
    };
    value > objective.target
}

/// The busiest month without quotas: how many instances it takes, and what a request for more would say.
fn without_quota(
    scenario: &Scenario,
    month: usize,
    factor: f64,
    book: &PriceBook,
    context: &Context<'_>,
) -> Result<(Quota, Vec<QuotaRequest>), StudyError> {
    let mut free = scaled(scenario, factor);
    let account = &scenario.account;
    let now = account.max_instances.get().min(account.max_concurrency.get());
    (free.account.max_instances, free.account.max_concurrency) = (Limit::Unlimited, Limit::Unlimited);
    for f in &mut free.functions {
        (f.max_instances, f.max_concurrency, f.reserved) = (Limit::Unlimited, Limit::Unlimited, None);
    }
    let bill = Bill::new(book, &free)?;
    let out = simulate(&free, &bill, context)?;
    let mut peaks: Vec<u64> = out.results.iter().map(|r| r.functions.iter().map(|f| f.instances_peak).sum()).collect();
    peaks.sort_unstable();
    let at = ((peaks.len() as f64 * 0.95).ceil() as usize).clamp(1, peaks.len().max(1)) - 1;
    let horizon = free.simulation.horizon.as_secs_f64();
    let n = out.results.len().max(1) as f64;
    let request =
        free.functions.iter().enumerate().filter(|(f, _)| free.traffic.iter().any(|s| s.function == *f)).map(|(f, spec)| {
            let tallies = || out.results.iter().map(|r| &r.functions[f]);
            let bin_s = out.results.first().map_or(1.0, |r| r.bin_ns as f64 / 1e9);
            let bins = tallies().map(|t| t.bins.len()).max().unwrap_or(0);
            let peak = (0..bins)
                .map(|b| tallies().filter_map(|t| t.bins.get(b)).map(|bin| bin.requests as f64).sum::<f64>() / n / bin_s);
            let count: u64 = tallies().map(|t| t.duration.count()).sum();
            let total: f64 = tallies().map(|t| t.duration.sum_secs()).sum();
            let uses = |invoke| free.traffic.iter().any(|s| s.function == f && s.invoke == invoke);
            let invocation = match (uses(Invoke::Sync), uses(Invoke::Async)) {
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
        });
    let quota =
        Quota { month: month as u32 + 1, instances: peaks.get(at).copied().unwrap_or(0), now: (now < u64::MAX).then_some(now) };
    Ok((quota, request.collect()))
}
