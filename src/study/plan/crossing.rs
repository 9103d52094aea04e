//! When quotas, objectives and price tiers are crossed.

use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::{AttemptOutcome, FunctionTally, Replication, ThrottleCause};
use crate::histogram::Histogram;
use crate::scenario::{Limit, Objective, Scenario};
use crate::study::bill::Bill;
use crate::units::Span;

/// When something is crossed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Crossing {
    /// A quota, an objective or a price tier: `quota` (any of them), and where there are several `quota of the account` and
    /// `quota of` each function; the name of the objective's figure; `price tier of` an item.
    pub what: String,
    /// The first month in which at least half of the replications cross it; absent if none does.
    pub month: Option<u32>,
    /// Share of the replications that cross it, by month.
    pub probability: Vec<f64>,
}

/// What is watched.
enum Watch {
    AnyQuota,
    AccountQuota,
    FunctionQuota(usize),
    Objective(Objective),
    /// Found when it is first seen, in the month of that position.
    Tier(usize),
}

/// Something that is watched, with what became of it so far.
pub(super) struct Watched(Watch, Crossing);

impl Watched {
    fn new(watch: Watch, what: String) -> Self {
        Self(watch, Crossing { what, month: None, probability: Vec::new() })
    }
}

/// What is watched in a scenario: its quotas, each by itself where there are several, and its objectives.
pub(super) fn watched(scenario: &Scenario) -> Vec<Watched> {
    let unlimited = |limits: [Limit; 2]| limits.iter().all(|limit| *limit == Limit::Unlimited);
    let mut quotas = Vec::new();
    if !unlimited([scenario.account.max_instances, scenario.account.max_concurrency]) {
        quotas.push(Watched::new(Watch::AccountQuota, "quota of the account".to_owned()));
    }
    for (f, function) in scenario.functions.iter().enumerate() {
        if function.reserved.is_some() || !unlimited([function.max_instances, function.max_concurrency]) {
            quotas.push(Watched::new(Watch::FunctionQuota(f), format!("quota of {}", function.name)));
        }
    }
    // One quota needs no second name.
    if quotas.len() < 2 {
        quotas.clear();
    }
    let objectives = scenario.objectives.iter().map(|o| Watched::new(Watch::Objective(o.clone()), o.figure.clone()));
    std::iter::once(Watched::new(Watch::AnyQuota, "quota".to_owned())).chain(quotas).chain(objectives).collect()
}

/// Notes in how many replications of a month each thing is crossed; `month` counts from 1.
pub(super) fn record(watched: &mut Vec<Watched>, month: u32, replications: &[Replication], bill: &Bill<'_>) {
    for (what, _) in replications.first().map(|r| bill.tiers(r)).unwrap_or_default() {
        if !watched.iter().any(|known| known.1.what == what) {
            watched.push(Watched::new(Watch::Tier(month as usize - 1), what));
        }
    }
    for Watched(watch, crossing) in watched {
        let probability = match watch {
            Watch::AnyQuota => by_any_quota(replications),
            Watch::AccountQuota => share(replications, |r| r.functions.iter().any(|f| refused(f, &[ThrottleCause::Account]))),
            Watch::FunctionQuota(f) => {
                share(replications, |r| r.functions.get(*f).is_some_and(|f| refused(f, &[ThrottleCause::Function])))
            }
            Watch::Objective(objective) => share(replications, |r| misses(objective, r, bill)),
            Watch::Tier(_) => {
                share(replications, |r| bill.tiers(r).iter().any(|(tier, beyond)| *tier == crossing.what && *beyond))
            }
        };
        if let Watch::Tier(since) = watch
            && crossing.probability.is_empty()
        {
            crossing.probability.resize(*since, 0.0);
        }
        if probability >= 0.5 {
            crossing.month.get_or_insert(month);
        }
        crossing.probability.push(probability);
    }
}

/// In the order of the first month; those that are never crossed come last.
pub(super) fn in_order(watched: Vec<Watched>) -> Vec<Crossing> {
    let mut all: Vec<Crossing> = watched.into_iter().map(|Watched(_, crossing)| crossing).collect();
    all.sort_by_key(|crossing| crossing.month.unwrap_or(u32::MAX));
    all
}

/// Share of the replications in which a quota refused anything: not the scaling rate, nor the rate of an instance.
pub(super) fn by_any_quota(replications: &[Replication]) -> f64 {
    let quota = [ThrottleCause::Account, ThrottleCause::Function];
    share(replications, |r| r.functions.iter().any(|f| refused(f, &quota)))
}

fn refused(f: &FunctionTally, causes: &[ThrottleCause]) -> bool {
    causes.iter().any(|cause| f.throttled_by[*cause as usize] > 0)
}

fn share(replications: &[Replication], crosses: impl Fn(&Replication) -> bool) -> f64 {
    replications.iter().filter(|r| crosses(r)).count() as f64 / replications.len().max(1) as f64
}

/// Whether a replication by itself misses an objective.
fn misses(objective: &Objective, r: &Replication, bill: &Bill<'_>) -> bool {
    let sum = |count: &dyn Fn(&FunctionTally) -> u64| r.functions.iter().map(count).sum::<u64>() as f64;
    let share = |events: f64, trials: f64| if trials > 0.0 { events / trials } else { 0.0 };
    let latency = |of: &dyn Fn(&Histogram) -> Option<f64>| r.functions.iter().filter_map(|f| of(&f.latency)).fold(0.0, f64::max);
    let quantile = |p: f64| latency(&|h| h.quantile(p).map(Span::as_secs_f64));
    let value = match objective.figure.as_str() {
        "fee" => bill.fee(std::slice::from_ref(r)).mean.unwrap_or(0.0),
        "availability" => {
            let (requests, ok) = r.requests();
            return requests > 0 && share(ok as f64, requests as f64) < objective.target;
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
