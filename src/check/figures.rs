//! Figures from a short simulation: what a finding costs a month under this traffic.

use super::rules;
use crate::estimate::Estimate;
use crate::platform::Platform;
use crate::scenario::{Kind, Scenario, Stopping};
use crate::study::result::RunResult;
use crate::study::{self, Context, StudyError};
use crate::units::{Bytes, Span};

/// Replications of the short simulation: enough for a figure's order, not for its interval.
const REPLICATIONS: u32 = 2;
/// Its longest horizon.
const HORIZON: Span = Span::from_secs(86_400);
/// About as many requests a replication: a review is to take a second.
const REQUESTS: f64 = 2e6;
/// Its shortest horizon, in seconds: instances come and go within it.
const HOUR: f64 = 3600.0;

/// One function's figures; counts and money are for a month (730 h).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Invocations.
    pub invocations: f64,
    /// Invocations that waited for a new instance.
    pub cold_starts: f64,
    /// Share of invocations that found a used environment; absent without invocations.
    pub reused: Option<f64>,
    /// Attempts beyond the first of each request.
    pub retries: f64,
    /// Events delivered twice.
    pub duplicates: f64,
    /// Share of the background work that is lost with its instance.
    pub background_lost: f64,
    /// 99 % quantile of the latency in seconds; absent without a request that ended well.
    pub p99_s: Option<f64>,
    /// Fee of the function.
    pub fee: f64,
    /// Money spent on invocations that ran into the timeout, of all functions.
    pub timeout_waste: f64,
    /// Fee of all functions.
    pub bill: f64,
    /// Currency of all money.
    pub currency: String,
    /// Fee of the function with the smallest memory that has room above its need; absent if that is no less than now.
    pub fee_right_sized: Option<f64>,
    /// The most that the whole account can be billed an hour and a day, as text without the currency; `None` if nothing
    /// limits it.
    pub ceiling: Option<(String, String)>,
}

/// Runs a scenario briefly. `today` is `YYYY-MM-DD`; `stop` ends it early.
///
/// # Errors
/// As `study::run`.
pub fn figures(
    scenario: &Scenario,
    platform: &Platform,
    today: &str,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Figures>, StudyError> {
    let short = shortened(scenario);
    let context = Context { platform, assumptions: Vec::new(), today: today.to_owned(), stop, progress: &|_| () };
    let result = study::run(&short, &context)?;
    let smaller = right_sized(&short, platform);
    let fees = smaller.map(|smaller| study::run(&smaller, &context)).transpose()?;
    let fee = |name: &str| fees.as_ref()?.functions.get(name)?.fee.mean;
    Ok(scenario.functions.iter().map(|f| Figures { fee_right_sized: fee(&f.name), ..of(&result, &f.name) }).collect())
}

/// The same scenario, as short as a figure's order allows.
fn shortened(scenario: &Scenario) -> Scenario {
    let mut short = scenario.clone();
    short.simulation.stopping = Stopping::Fixed(REPLICATIONS);
    short.simulation.kind = Kind::Finite;
    // An event is in the horizon that its author chose.
    if short.events.is_empty() {
        let rate: f64 = short.traffic.iter().map(|source| source.arrivals.mean_rate()).sum();
        let bounded = if rate > 0.0 { Span::from_secs_f64((REQUESTS / rate).max(HOUR)) } else { HORIZON };
        short.simulation.horizon = short.simulation.horizon.min(HORIZON).min(bounded);
    }
    short
}

/// The scenario with every memory that is far above its need made smaller; `None` if there is none.
fn right_sized(scenario: &Scenario, platform: &Platform) -> Option<Scenario> {
    let mut smaller = scenario.clone();
    let mut changed = false;
    for f in &mut smaller.functions {
        let need = Bytes((f.work.memory.quantile(0.999) + f.work.base_memory.0 as f64) as u64);
        let wanted = rules::sizing::right_size(platform, &scenario.region, need);
        if wanted >= f.memory {
            continue;
        }
        // CPU that came with the memory goes with it; CPU that was asked for stays.
        if f.vcpu == platform.vcpu_for(&scenario.region, f.memory) {
            f.vcpu = platform.vcpu_for(&scenario.region, wanted);
        }
        f.memory = wanted;
        changed = true;
    }
    changed.then_some(smaller)
}

fn of(result: &RunResult, name: &str) -> Figures {
    let Some(f) = result.functions.get(name) else { return Figures::default() };
    let month = result.fee.month_factor;
    let mean = |e: Estimate| e.mean.unwrap_or(0.0);
    let invocations = mean(f.invocations) * month;
    let ceiling = &result.ceiling;
    Figures {
        invocations,
        cold_starts: mean(f.cold_start_rate) * invocations,
        reused: f.reused_rate.mean,
        retries: (mean(f.attempts) - mean(f.requests)).max(0.0) * month,
        duplicates: f.asynchronous.as_ref().map_or(0.0, |a| mean(a.duplicates) * month),
        background_lost: f.background.as_ref().map_or(0.0, |b| mean(b.lost)),
        p99_s: f.latency_s.p99.mean,
        fee: mean(f.fee),
        fee_right_sized: None,
        timeout_waste: result.fee.waste.get("timeouts").map_or(0.0, |e| mean(*e)),
        bill: mean(result.fee.month),
        currency: result.fee.currency.clone(),
        ceiling: (ceiling.hour != "unlimited").then(|| (ceiling.hour.clone(), ceiling.day.clone())),
    }
}
