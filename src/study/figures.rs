//! Figures of functions and sources, from counts to estimates.

use std::collections::BTreeMap;

use super::bill::{Bill, Money};
use super::result::{
    AsyncResult, Background, Billed, FunctionResult, Instances, LatencyCurve, ProvisionedResult, Quantiles, SourceResult,
};
use super::systems;
use crate::billing::book::{FunctionRates, PriceBook};
use crate::billing::break_even::break_even;
use crate::engine::{ATTEMPT_OUTCOMES, FunctionTally, Replication, SourceTally, THROTTLE_CAUSES};
use crate::estimate::Estimate;
use crate::estimate::moments::mean;
use crate::estimate::quantile::quantile;
use crate::estimate::ratio::ratio;
use crate::estimate::share::share_of_sampled;
use crate::histogram::Histogram;
use crate::platform::BillingUnit;
use crate::platform::meter::HourMeter;
use crate::scenario::{Callee, Invoke, Outgoing, Provisioned, Scenario};

/// A mean over replications of something counted.
pub(super) fn count<T>(tallies: &[&T], figure: impl Fn(&T) -> f64) -> Estimate {
    mean(&tallies.iter().map(|t| figure(t)).collect::<Vec<f64>>())
}

/// How many others a counted request stands for, on average over replications: 0 where all were simulated.
pub(super) fn excess(replications: &[Replication]) -> f64 {
    replications.iter().map(|r| r.excess).sum::<f64>() / replications.len().max(1) as f64
}

/// A share of something counted among something else.
pub(super) fn part<T>(excess: f64, tallies: &[&T], events: impl Fn(&T) -> u64, trials: impl Fn(&T) -> u64) -> Estimate {
    share_of_sampled(&tallies.iter().map(|t| (events(t), trials(t))).collect::<Vec<(u64, u64)>>(), excess)
}

pub(super) fn per<T>(tallies: &[&T], top: impl Fn(&T) -> f64, bottom: impl Fn(&T) -> f64) -> Estimate {
    ratio(&tallies.iter().map(|t| (top(t), bottom(t))).collect::<Vec<(f64, f64)>>())
}

pub(super) fn quantiles<T>(tallies: &[&T], histogram: impl Fn(&T) -> &Histogram) -> Quantiles {
    let histograms: Vec<&Histogram> = tallies.iter().map(|t| histogram(t)).collect();
    let q = |p| quantile(&histograms, p);
    let seen: Vec<f64> = histograms.iter().filter_map(|h| h.max()).map(crate::units::Span::as_secs_f64).collect();
    Quantiles {
        mean: per(tallies, |t| histogram(t).sum_secs(), |t| histogram(t).count() as f64),
        p50: q(0.5),
        p90: q(0.9),
        p95: q(0.95),
        p99: q(0.99),
        p99_9: q(0.999),
        max: if seen.is_empty() { Estimate::none(tallies.len()) } else { mean(&seen) },
    }
}

/// All figures of a function but its fee.
pub(super) fn function(bill: &Bill<'_>, index: usize, replications: &[Replication]) -> FunctionResult {
    let Bill { scenario, book, rates, .. } = bill;
    let rates = &rates[index];
    let tallies: Vec<&FunctionTally> = replications.iter().map(|r| &r.functions[index]).collect();
    let t = &tallies[..];
    let excess = excess(replications);
    let horizon = scenario.simulation.horizon.0 as f64;
    let spec = &scenario.functions[index];
    let average = |figure: fn(&FunctionTally) -> u128| count(t, |f| figure(f) as f64 / horizon);
    let called_async = |call: &Outgoing| call.to == Callee::Function(index) && call.invoke == Invoke::Async;
    let is_async = scenario.traffic.iter().any(|s| s.function == index && s.invoke != Invoke::Sync)
        || scenario.functions.iter().any(|f| f.calls.iter().any(called_async));
    FunctionResult {
        requests: count(t, |f| f.requests as f64),
        attempts: count(t, |f| f.attempts as f64),
        invocations: count(t, |f| f.invocations as f64),
        attempts_per_request: per(t, |f| f.attempts as f64, |f| f.requests as f64),
        availability: part(excess, t, |f| f.ok, |f| f.requests),
        outcomes: request_outcomes(excess, t),
        attempt_outcomes: named(&ATTEMPT_OUTCOMES, |i| part(excess, t, |f| f.attempt_outcomes[i], |f| f.attempts)),
        invocation_outcomes: named(&ATTEMPT_OUTCOMES, |i| {
            part(excess, t, |f| f.invocation_outcomes[i], |f| f.invocation_outcomes.iter().sum())
        }),
        throttled_by: named(&THROTTLE_CAUSES, |i| part(excess, t, |f| f.throttled_by[i], |f| f.attempts)),
        first_attempt_throttled: part(excess, t, |f| f.first_attempt_throttled, |f| f.requests),
        cold_start_rate: part(excess, t, |f| f.cold_starts, |f| f.invocations),
        reused_rate: part(excess, t, |f| f.reused, |f| f.invocations),
        // A window's instances are no older than its run-in.
        reused_age_s: if excess > 0.0 {
            Estimate::none(t.len())
        } else {
            per(t, |f| f.reused_age_ns as f64 / 1e9, |f| f.reused as f64)
        },
        latency_s: quantiles(t, |f| &f.latency),
        latency_failed_s: quantiles(t, |f| &f.latency_failed),
        duration_s: quantiles(t, |f| &f.duration),
        billed_s: billed(t, spec.billing.unit),
        instances: Instances {
            mean: average(|f| f.instance_ns),
            busy_mean: average(|f| f.busy_ns),
            idle_mean: average(|f| f.instance_ns - f.busy_ns),
            peak: count(t, |f| f.instances_peak as f64),
            concurrency_mean: average(|f| f.concurrency_ns),
        },
        asynchronous: is_async.then(|| AsyncResult {
            backlog_mean: average(|f| f.backlog_ns),
            backlog_peak: count(t, |f| f.backlog_peak as f64),
            age_s: quantiles(t, |f| &f.async_age),
            duplicates: count(t, |f| f.duplicates as f64),
            dead_letters: count(t, |f| f.dead_letters as f64),
            redeliveries: count(t, |f| f.redeliveries as f64),
        }),
        background: (!spec.work.background.is_zero()).then(|| {
            let all = |f: &FunctionTally| f.background.iter().sum();
            let [finished, late, lost] = [0, 1, 2].map(|i| part(excess, t, |f| f.background[i], all));
            Background { finished, late, lost }
        }),
        provisioned: (spec.provisioned != Provisioned::Constant(0)).then(|| provisioned(t, rates, book)),
        fee: Estimate::default(),
        fee_per_million_ok: Estimate::default(),
    }
}

fn provisioned(t: &[&FunctionTally], rates: &FunctionRates, book: &PriceBook) -> ProvisionedResult {
    let sum = |f: &FunctionTally, ns: fn(&HourMeter) -> u64| f.hours.iter().map(|h| ns(h) as f64).sum::<f64>();
    let active = |f: &FunctionTally| sum(f, |h| h.provisioned_active_ns);
    let break_even = break_even(book, rates);
    ProvisionedResult {
        utilization: per(t, active, |f| active(f) + sum(f, |h| h.provisioned_idle_ns)),
        break_even: break_even.is_finite().then_some(break_even),
    }
}

fn request_outcomes(excess: f64, t: &[&FunctionTally]) -> BTreeMap<&'static str, Estimate> {
    type Count = fn(&FunctionTally) -> u64;
    let outcomes: [(&'static str, Count); 4] =
        [("ok", |f| f.ok), ("failed", |f| f.failed), ("dropped", |f| f.dropped), ("in_flight", |f| f.in_flight)];
    outcomes.into_iter().map(|(name, events)| (name, part(excess, t, events, |f| f.requests))).collect()
}

pub(super) fn named(names: &[&'static str], estimate: impl Fn(usize) -> Estimate) -> BTreeMap<&'static str, Estimate> {
    names.iter().enumerate().map(|(i, name)| (*name, estimate(i))).collect()
}

/// Billed seconds: of each invocation by itself from the horizon's requests; of busy periods from the meters.
fn billed(t: &[&FunctionTally], unit: BillingUnit) -> Billed {
    let metered = |f: &FunctionTally| f.hours.iter().map(|h| (h.active_ns + h.provisioned_active_ns) as f64 / 1e9).sum::<f64>();
    match unit {
        BillingUnit::Invocation => Billed {
            total: count(t, |f| f.billed_ns as f64 / 1e9),
            per_invocation: per(t, |f| f.billed_ns as f64 / 1e9, |f| f.invocations as f64),
        },
        BillingUnit::BusyPeriod => Billed {
            total: count(t, metered),
            per_invocation: per(t, metered, |f| f.hours.iter().map(|h| h.invocations as f64).sum()),
        },
    }
}

/// Figures of a source.
pub(super) fn source(scenario: &Scenario, index: usize, replications: &[Replication], money: &Money<'_>) -> SourceResult {
    let tallies: Vec<&SourceTally> = replications.iter().map(|r| &r.sources[index]).collect();
    let (fee, fee_per_million_ok) = money.source(scenario, index, replications);
    SourceResult {
        function: scenario.functions[scenario.traffic[index].function].name.clone(),
        requests: count(&tallies, |s| s.requests as f64),
        availability: part(excess(replications), &tallies, |s| s.ok, |s| s.requests),
        fee,
        fee_per_million_ok,
        amplification: systems::amplification(scenario, index, replications),
    }
}

/// Points of the latency distribution for a chart: enough for a smooth curve, dense in the upper tail.
pub(super) fn latency_curve(index: usize, replications: &[Replication]) -> LatencyCurve {
    let mut pool = Histogram::new();
    replications.iter().for_each(|r| pool.merge(&r.functions[index].latency));
    let total = pool.count();
    // 1 % steps, then the upper tail in tenths of a decade as far as there are observations.
    let body = (0..100).map(|i| f64::from(i) / 100.0);
    let tail = (1..=50).map(|i| 1.0 - 0.01 * libm::pow(10.0, -f64::from(i) / 10.0));
    let shares = body.chain(tail).filter(|q| (1.0 - q) * total as f64 >= 1.0);
    LatencyCurve { cdf: shares.filter_map(|q| Some((pool.quantile(q)?.as_secs_f64(), q))).collect() }
}
