//! The questions: run, compare, sweep (and later tune, plan). A study runs replications, turns their counts into estimates and
//! their meters into money.

mod advice;
pub mod assumed;
mod bill;
mod ceiling;
pub mod compare;
mod figures;
pub mod fleet;
pub mod input;
pub mod live;
pub mod logs;
pub mod plan;
mod rare;
mod recovery;
pub mod result;
pub mod sampling;
pub mod spread;
pub mod storm;
pub mod sweep;
mod systems;
mod targets;
mod timeline;
pub mod tune;

use thiserror::Error;

use crate::billing::book::{BookError, PriceBook};
use crate::engine::{self, Replication};
use crate::estimate::replicate::{Plan, Replications, replicate};
use crate::estimate::stopping::Stopping as Rule;
use crate::estimate::warmup::mser5;
use crate::platform::Platform;
use crate::scenario::{Kind, Scenario, Start, Stopping};
use crate::units::Span;
use bill::Bill;
use result::{Assumption, RunResult, Warning};
use sampling::{Course, Effort};

/// Why a study could not be done.
#[derive(Debug, Error)]
pub enum StudyError {
    /// The price book does not fit the scenario.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The two bills are in different currencies.
    #[error("one bill is in {0} and the other in {1}")]
    Currencies(String, String),
    /// Every combination to choose from is refused.
    #[error("every combination is refused; the first one: {0}")]
    Refused(String),
    /// More calls were under way at once than can be kept.
    #[error("more than {most} calls are under way at once, {at} after the start", most = engine::MOST_CALLS)]
    Overrun {
        /// Simulated time when there were too many.
        at: Span,
    },
    /// Interrupted before the first replication was done.
    #[error("stopped before the first replication was done")]
    Nothing,
}

/// What a study needs besides the scenario.
pub struct Context<'a> {
    /// Facts and prices, with the user's own rows.
    pub platform: &'a Platform,
    /// Defaults and model choices, to be shown with the result.
    pub assumptions: Vec<Assumption>,
    /// Today as `YYYY-MM-DD`, to tell old price rows; the study looks at no clock itself.
    pub today: String,
    /// Asked before each replication and every few milliseconds in it; once true, the study ends with the finished ones.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told how many replications are done.
    pub progress: &'a (dyn Fn(usize) + Sync),
}

/// Longest run-in: arrival processes with a memory are drawn from this long before clock 0.
const LONGEST_RUN_IN: Span = Span::from_secs(2 * 3_600);
/// Replications of the pilot that finds the transient of a steady-state study; their draws are not used again.
const PILOTS: u64 = 5;
const PILOT_NUMBERS: u64 = 1 << 40;

/// Simulates a scenario and answers what it costs, throttles and delivers.
///
/// The same scenario, seed and number of replications give the same result for any number of threads.
///
/// # Errors
/// The price book does not fit, or the study was stopped before its first replication was done.
pub fn run(scenario: &Scenario, context: &Context<'_>) -> Result<RunResult, StudyError> {
    run_with(scenario, context, &Effort::default())
}

/// The same with a say in what is sampled.
///
/// # Errors
/// As `run`.
pub fn run_with(scenario: &Scenario, context: &Context<'_>, effort: &Effort) -> Result<RunResult, StudyError> {
    let book = PriceBook::new(context.platform, &scenario.region, &scenario.billing)?;
    let bill = Bill::new(&book, scenario)?;
    let mut warnings = Vec::new();
    let scenario = settled(scenario, context.stop, &mut warnings)?;
    let course = Course::of(&scenario, bill.by_the_hour(), effort);
    warnings.extend(course.warning());
    let out = replicated(&scenario, &bill, context, &course)?;
    let rare = if out.complete { rare::rare(&scenario, context, &mut warnings) } else { None };
    let mut result = report(&scenario, context, &bill, &out.results, !out.complete, warnings);
    result.sampling = course.sampled();
    // One function: its share is that of the whole scenario.
    if let Some(throttled) = rare.as_ref().and_then(|rare| rare.throttled.values().find(|e| e.hi.is_some())) {
        targets::rejudge(&mut result.objectives, *throttled);
    }
    result.rare = rare;
    Ok(result)
}

/// What a reader must know of a scenario before anything is simulated: old prices, no limit, events that repeat. `today` is
/// `YYYY-MM-DD`.
#[must_use]
pub fn foreseen(scenario: &Scenario, platform: &Platform, today: &str) -> Vec<Warning> {
    let Ok(book) = PriceBook::new(platform, &scenario.region, &scenario.billing) else { return Vec::new() };
    Bill::new(&book, scenario).map_or_else(|_| Vec::new(), |bill| advice::foreseen(scenario, &bill, today))
}

/// The scenario with a run-in as long as the transient, if it is a study of the steady state.
fn settled(scenario: &Scenario, stop: &(dyn Fn() -> bool + Sync), warnings: &mut Vec<Warning>) -> Result<Scenario, StudyError> {
    let mut scenario = scenario.clone();
    if scenario.simulation.kind == Kind::SteadyState {
        remove_transient(&mut scenario, stop, warnings)?;
    }
    Ok(scenario)
}

/// Runs the replications that the scenario asks for, at least one.
fn simulate(scenario: &Scenario, bill: &Bill<'_>, context: &Context<'_>) -> Result<Replications<Replication>, StudyError> {
    replicated(scenario, bill, context, &Course::of(scenario, bill.by_the_hour(), &Effort::default()))
}

fn replicated(
    scenario: &Scenario,
    bill: &Bill<'_>,
    context: &Context<'_>,
    course: &Course,
) -> Result<Replications<Replication>, StudyError> {
    let (plan, wanted) = match &scenario.simulation.stopping {
        Stopping::Fixed(n) => (Plan::Fixed(*n as usize), &[][..]),
        Stopping::Precision { targets, max_replications, .. } => (Plan::UpTo(*max_replications as usize), &targets[..]),
    };
    let mut rule = Rule::default();
    let done = |results: &[Replication]| rule.checkpoint(targets::all_met(wanted, scenario, bill, results));
    let out = replicate(plan, |i| course.run(scenario, i, &context.stop), done, context.stop, context.progress);
    if out.results.is_empty() {
        return Err(StudyError::Nothing);
    }
    kept(&out.results)?;
    Ok(out)
}

/// Whether all of the replications came to their end.
fn kept(replications: &[Replication]) -> Result<(), StudyError> {
    replications.iter().find_map(|replication| replication.overrun).map_or(Ok(()), |at| Err(StudyError::Overrun { at }))
}

/// Everything a reader wants to know about the replications.
fn report(
    scenario: &Scenario,
    context: &Context<'_>,
    bill: &Bill<'_>,
    replications: &[Replication],
    incomplete: bool,
    mut warnings: Vec<Warning>,
) -> RunResult {
    let money = bill.rated(replications);
    let mut functions: std::collections::BTreeMap<_, _> = scenario
        .functions
        .iter()
        .enumerate()
        .map(|(f, spec)| (spec.name.clone(), figures::function(bill, f, replications)))
        .collect();
    for (f, spec) in scenario.functions.iter().enumerate() {
        if let Some(function) = functions.get_mut(&spec.name) {
            (function.fee, function.fee_per_million_ok) = money.function(f, replications);
        }
    }
    let traffic = scenario
        .traffic
        .iter()
        .enumerate()
        .map(|(s, spec)| (spec.name.clone(), figures::source(scenario, s, replications, &money)));
    let wanted = match &scenario.simulation.stopping {
        Stopping::Fixed(_) => &[][..],
        Stopping::Precision { targets, .. } => &targets[..],
    };
    let precision = targets::precision(wanted, scenario, bill, replications);
    warnings.extend(advice::warnings(scenario, context, bill, replications, &precision));
    RunResult {
        format_version: "1.0",
        faascast: env!("CARGO_PKG_VERSION"),
        scenario: scenario.name.clone(),
        platform: scenario.platform.clone(),
        region: scenario.region.clone(),
        seed: scenario.simulation.seed,
        replications: replications.len() as u32,
        horizon_s: scenario.simulation.horizon.as_secs_f64(),
        run_in_s: scenario.simulation.run_in.as_secs_f64(),
        incomplete,
        traffic: traffic.collect(),
        calls: systems::calls(scenario, replications),
        dependencies: systems::dependencies(scenario, replications),
        fee: money.fee(scenario, replications),
        ceiling: ceiling::ceiling(bill, replications),
        recovery: recovery::recovery(scenario, replications),
        objectives: targets::objectives(scenario, bill, replications),
        precision,
        timeline: timeline::timeline(scenario, replications, &money),
        warnings,
        assumptions: context.assumptions.clone(),
        sampling: None,
        input_uncertainty: None,
        rare: None,
        latency_curves: scenario
            .functions
            .iter()
            .enumerate()
            .map(|(f, spec)| (spec.name.clone(), figures::latency_curve(f, replications)))
            .collect(),
        functions,
    }
}

/// Finds the transient of a steady-state study with pilots that start cold, and makes it the run-in.
fn remove_transient(
    scenario: &mut Scenario,
    stop: &(dyn Fn() -> bool + Sync),
    warnings: &mut Vec<Warning>,
) -> Result<(), StudyError> {
    let mut pilot = scenario.clone();
    pilot.simulation.start = Start::Cold;
    pilot.simulation.run_in = Span::ZERO;
    let runs = replicate(
        Plan::Fixed(PILOTS as usize),
        |i| engine::run_until(&pilot, pilot.simulation.seed, PILOT_NUMBERS + i, &stop),
        |_| true,
        stop,
        &|_| (),
    );
    if !runs.complete {
        return Err(StudyError::Nothing);
    }
    let bins = runs.results.iter().flat_map(|r| &r.functions).map(|f| f.bins.len()).max().unwrap_or(0);
    // Instances over time, averaged over the pilots: the slowest to settle of what is observed.
    let series: Vec<f64> = (0..bins)
        .map(|b| {
            runs.results.iter().flat_map(|r| &r.functions).map(|f| f.bins.get(b).map_or(0.0, |bin| bin.instance_ns as f64)).sum()
        })
        .collect();
    let truncation = mser5(&series);
    let bin_ns = runs.results.first().map_or(0, |r| r.bin_ns);
    let transient = Span(bin_ns.saturating_mul(truncation.delete as i64));
    if !truncation.settled || transient > LONGEST_RUN_IN {
        warnings.push(Warning {
            code: "transient-not-over".into(),
            cause: format!("the pilots had not settled after {transient} of {}", scenario.simulation.horizon),
            effect: "the figures still contain the start".into(),
            remedy: "lengthen `simulation.horizon`, or study the finite horizon as it is (`kind = \"finite\"`)".into(),
        });
    }
    scenario.simulation.start = Start::Warm;
    scenario.simulation.run_in = transient.min(LONGEST_RUN_IN);
    Ok(())
}
