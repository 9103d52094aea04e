//! Figures on all replications and without each in turn: what differences between configurations are made of.

use super::bill::Bill;
use super::figures::{excess, quantiles};
use crate::engine::{AttemptOutcome, FunctionTally, Replication};
use crate::estimate::Estimate;
use crate::estimate::paired::LeaveOneOut;
use crate::estimate::share::share_of_sampled;
use crate::histogram::{Histogram, quantile_of};
use crate::scenario::Scenario;
use crate::units::Span;

/// The figures that configurations are compared by, in the order of reports.
pub const FIGURES: [&str; 8] = ["fee", "availability", "throttled", "cold_start_rate", "mean_latency", "p50", "p95", "p99"];

/// A figure with its estimate.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    pub(super) figure: &'static str,
    /// Function of a latency where there are several; empty for figures of the whole scenario.
    pub(super) function: String,
    pub(super) estimate: Estimate,
    /// `None` without an event: 0/0.
    pub(super) values: Option<LeaveOneOut>,
}

/// Whether a figure is a share in 0..=1.
pub(super) fn is_share(figure: &str) -> bool {
    matches!(figure, "availability" | "throttled" | "cold_start_rate")
}

/// All figures of a configuration.
pub(super) fn spreads(scenario: &Scenario, bill: &Bill<'_>, replications: &[Replication]) -> Vec<Spread> {
    let whole = |figure, estimate, values| Spread { figure, function: String::new(), estimate, values };
    let shares = |figure, events: &dyn Fn(&FunctionTally) -> u64, trials: &dyn Fn(&FunctionTally) -> u64| {
        let total = |r: &Replication, figure: &dyn Fn(&FunctionTally) -> u64| r.functions.iter().map(figure).sum::<u64>();
        let counts: Vec<(u64, u64)> = replications.iter().map(|r| (total(r, events), total(r, trials))).collect();
        whole(figure, share_of_sampled(&counts, excess(replications)), share_without(&counts))
    };
    let mut found = vec![
        whole("fee", bill.fee(replications), Some(bill.fee_without(replications))),
        availability(replications),
        shares("throttled", &|f| f.attempt_outcomes[AttemptOutcome::Throttled as usize], &|f| f.attempts),
        shares("cold_start_rate", &|f| f.cold_starts, &|f| f.invocations),
    ];
    for (f, spec) in scenario.functions.iter().enumerate() {
        if !scenario.traffic.iter().any(|source| source.function == f) {
            continue;
        }
        let function = if scenario.functions.len() > 1 { spec.name.clone() } else { String::new() };
        let tallies: Vec<&FunctionTally> = replications.iter().map(|r| &r.functions[f]).collect();
        let latencies: Vec<&Histogram> = tallies.iter().map(|t| &t.latency).collect();
        let q = quantiles(&tallies, |t| &t.latency);
        let mut pool = Histogram::new();
        latencies.iter().for_each(|latency| pool.merge(latency));
        let quantile = |p| quantile_without(&pool, &latencies, p);
        found.extend([
            Spread { figure: "mean_latency", function: function.clone(), estimate: q.mean, values: mean_without(&latencies) },
            Spread { figure: "p50", function: function.clone(), estimate: q.p50, values: quantile(0.5) },
            Spread { figure: "p95", function: function.clone(), estimate: q.p95, values: quantile(0.95) },
            Spread { figure: "p99", function, estimate: q.p99, values: quantile(0.99) },
        ]);
    }
    found
}

/// Of the requests from outside.
fn availability(replications: &[Replication]) -> Spread {
    let counts: Vec<(u64, u64)> = replications.iter().map(Replication::requests).map(|(requests, ok)| (ok, requests)).collect();
    Spread {
        figure: "availability",
        function: String::new(),
        estimate: share_of_sampled(&counts, excess(replications)),
        values: share_without(&counts),
    }
}

fn share_without(counts: &[(u64, u64)]) -> Option<LeaveOneOut> {
    let (events, trials) = counts.iter().fold((0, 0), |(e, t), (events, trials)| (e + events, t + trials));
    let of = |events: u64, trials: u64| (trials > 0).then(|| events as f64 / trials as f64);
    let without: Option<Vec<f64>> = counts.iter().map(|(e, t)| of(events - e, trials - t)).collect();
    Some(LeaveOneOut { all: of(events, trials)?, without: without? })
}

fn mean_without(histograms: &[&Histogram]) -> Option<LeaveOneOut> {
    let sum: f64 = histograms.iter().map(|h| h.sum_secs()).sum();
    let count: u64 = histograms.iter().map(|h| h.count()).sum();
    let of = |sum: f64, count: u64| (count > 0).then(|| sum / count as f64);
    let without: Option<Vec<f64>> = histograms.iter().map(|h| of(sum - h.sum_secs(), count - h.count())).collect();
    Some(LeaveOneOut { all: of(sum, count)?, without: without? })
}

/// `pool` holds all of the histograms.
fn quantile_without(pool: &Histogram, histograms: &[&Histogram], q: f64) -> Option<LeaveOneOut> {
    let of = |minus: &[&Histogram]| quantile_of(&[pool], minus, q).map(Span::as_secs_f64);
    let without: Option<Vec<f64>> = histograms.iter().map(|h| of(&[h])).collect();
    Some(LeaveOneOut { all: of(&[])?, without: without? })
}
