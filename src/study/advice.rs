//! Warnings: what a reader must know before trusting the figures, each with its cause, its effect and its remedy.

use super::Context;
use super::bill::Bill;
use super::result::{PrecisionResult, Warning};
use crate::billing::usage::MonthFactor;
use crate::engine::{Replication, splitting};
use crate::scenario::{Limit, Scenario, Stopping};

/// Fewer replications say little about their own spread.
const FEW_REPLICATIONS: usize = 10;
/// Requests that did not end, as a share, from which on they are worth a warning.
const MANY_IN_FLIGHT: f64 = 1e-4;
/// Throttled requests, from which on their share is known well enough.
const FEW_THROTTLED: u64 = 10;
/// Part of the quota that the instances must have reached for throttling to be near.
const NEAR: f64 = 0.8;
/// A horizon whose traffic differs by more from the month's, hour for hour, is worth a warning: a workday may stand for the
/// week, a night may not.
const OTHER_LOAD: f64 = 0.5;

pub(super) fn warnings(
    scenario: &Scenario,
    context: &Context<'_>,
    bill: &Bill<'_>,
    replications: &[Replication],
    precision: &[PrecisionResult],
) -> Vec<Warning> {
    let checks = [
        few_replications(replications.len()),
        old_prices(bill.book.old_rows(&context.today)),
        no_quota(scenario),
        unfinished(replications),
        no_traffic(replications),
        rare_throttling(scenario, replications),
        events_in_each(scenario, bill.month_factor.clock),
        part_of_a_period(bill.month_factor),
    ];
    checks.into_iter().flatten().chain(precision.iter().filter(|p| !p.met).map(imprecise)).collect()
}

/// Those that need no replication.
pub(super) fn foreseen(scenario: &Scenario, bill: &Bill<'_>, today: &str) -> Vec<Warning> {
    let factor = bill.month_factor;
    let checks = [
        old_prices(bill.book.old_rows(today)),
        no_quota(scenario),
        events_in_each(scenario, factor.clock),
        part_of_a_period(factor),
    ];
    checks.into_iter().flatten().collect()
}

fn warning(code: &str, cause: String, effect: &str, remedy: &str) -> Warning {
    Warning { code: code.into(), cause, effect: effect.into(), remedy: remedy.into() }
}

fn few_replications(n: usize) -> Option<Warning> {
    let effect = if n < 2 { "no figure has an interval" } else { "intervals are wide and themselves uncertain" };
    let remedy = "raise `simulation.replications` (20 is the default), or set `precision`";
    (n < FEW_REPLICATIONS).then(|| warning("few-replications", format!("only {n} replications were done"), effect, remedy))
}

fn old_prices(found: Option<String>) -> Option<Warning> {
    let remedy = "compare with the platform's price page, and override rows with `prices = \"FILE\"`";
    found.map(|cause| warning("price-row-old", cause, "the fee may be out of date", remedy))
}

fn no_quota(scenario: &Scenario) -> Option<Warning> {
    let open = |f: &crate::scenario::Function| {
        f.max_instances == Limit::Unlimited && f.max_concurrency == Limit::Unlimited && f.reserved.is_none()
    };
    let account = scenario.account.max_instances == Limit::Unlimited && scenario.account.max_concurrency == Limit::Unlimited;
    let remedy = "set `max_instances` of the function or of the account";
    (account && scenario.functions.iter().any(open)).then(|| {
        warning(
            "no-quota",
            "nothing limits the number of instances".into(),
            "a retry loop or an attack has no ceiling in money",
            remedy,
        )
    })
}

fn unfinished(replications: &[Replication]) -> Option<Warning> {
    let functions = || replications.iter().flat_map(|r| &r.functions);
    let (left, all) = functions().fold((0, 0), |(l, a), f| (l + f.in_flight, a + f.requests));
    let share = left as f64 / all.max(1) as f64;
    let cause = format!("{:.3} % of the requests had not ended when the run gave up on them", share * 100.0);
    let remedy = "limit the retries (`attempts`, `deadline`), or lengthen the horizon past the event";
    (share > MANY_IN_FLIGHT).then(|| {
        warning("unfinished-requests", cause, "they count neither as ok nor as failed; latencies lack the longest", remedy)
    })
}

fn no_traffic(replications: &[Replication]) -> Option<Warning> {
    let none = replications.iter().flat_map(|r| &r.functions).all(|f| f.requests == 0);
    none.then(|| {
        warning(
            "no-traffic",
            "no request arrived in the horizon".into(),
            "shares and latencies have no value",
            "check `arrivals`, the profile and the horizon",
        )
    })
}

/// Throttling matters where an objective or a target speaks of it, or where the instances come near the quota.
fn rare_throttling(scenario: &Scenario, replications: &[Replication]) -> Option<Warning> {
    let full = splitting::full(scenario).ok().filter(|_| scenario.simulation.rare.is_none())?;
    let functions = || replications.iter().flat_map(|r| &r.functions);
    let throttled: u64 = functions().flat_map(|f| f.throttled_by).sum();
    let requests: u64 = functions().map(|f| f.requests).sum();
    let peak = functions().map(|f| f.instances_peak).max().unwrap_or(0);
    let aimed_at = matches!(&scenario.simulation.stopping, Stopping::Precision { targets, .. } if targets.iter().any(|t| t.figure == "throttled"))
        || scenario.objectives.iter().any(|o| o.figure == "throttled");
    let matters = aimed_at || peak as f64 >= NEAR * full as f64;
    (matters && throttled < FEW_THROTTLED && requests > 0).then(|| {
        let requests = throttled_of(throttled, requests);
        warning(
            "throttling-rarely-seen",
            requests,
            "the throttled share is known by a bound, or roughly",
            "add `rare = \"splitting\"` to `[simulation]`: it estimates shares down to 1e-8 and less",
        )
    })
}

fn throttled_of(throttled: u64, requests: u64) -> String {
    match throttled {
        0 => format!("none of {requests} simulated requests was throttled"),
        1 => format!("1 of {requests} simulated requests was throttled"),
        n => format!("{n} of {requests} simulated requests were throttled"),
    }
}

/// Events happen once a horizon, and the month is made of horizons.
fn events_in_each(scenario: &Scenario, horizons: f64) -> Option<Warning> {
    let event = scenario.events.first()?;
    let more = if scenario.events.len() > 1 { " and the other events" } else { "" };
    (horizons > 1.0).then(|| {
        warning(
            "event-repeated",
            format!("a month has {horizons:.1} of these horizons, each with `{}`{more}", event.name),
            "the fee is that of a month in which it happens so often",
            "for one event a month, make the horizon 730h, or compare with a run without it",
        )
    })
}

/// Usage is scaled to the month's traffic, but what does not grow in step with it is that of the horizon.
fn part_of_a_period(factor: MonthFactor) -> Option<Warning> {
    let busier = factor.traffic / factor.clock;
    ((busier - 1.0).abs() > OTHER_LOAD).then(|| {
        warning(
            "part-of-a-period",
            format!("by its profile a month has {busier:.3} times the traffic of this horizon, hour for hour"),
            "the fee is scaled to the month's traffic; cold starts, throttling, latency and the use of provisioned instances \
             stay those of the horizon",
            "make the horizon whole periods of the profile, such as 1d or 7d",
        )
    })
}

fn imprecise(p: &PrecisionResult) -> Warning {
    let reached = p.reached.map_or("no interval".to_owned(), |r| format!("{r:.4}"));
    warning(
        "precision-not-reached",
        format!("`{}` was wanted to {}, reached: {reached}", p.figure, p.wanted),
        "its interval is wider than asked for",
        "raise `max_replications` or `max_time`, or lengthen the horizon",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_does_not_stand_for_the_month_and_a_workday_may() {
        let warned = |traffic: f64| part_of_a_period(MonthFactor { traffic, clock: 730.0 }).map(|w| w.code);
        assert_eq!(warned(730.0), None);
        assert_eq!(warned(0.78 * 730.0), None);
        assert_eq!(warned(10.9 * 730.0).as_deref(), Some("part-of-a-period"));
        assert_eq!(warned(0.4 * 730.0).as_deref(), Some("part-of-a-period"));
    }
}
