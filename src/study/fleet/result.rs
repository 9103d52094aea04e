//! What a fleet costs, and who causes it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::rating::{Month, Rating};
use super::row::{Counts, Row};
use super::{Fleet, choices};
use crate::estimate::{Estimate, mean, share};
use crate::study::result::{Assumption, Warning};
use crate::units::Span;

/// A fleet that was simulated.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FleetResult {
    /// Version of this format; the first number changes when a reader would break.
    pub format_version: &'static str,
    /// Version of the program.
    pub faascast: &'static str,
    /// Names of the traces, in the order given.
    pub traces: Vec<String>,
    /// Id of the platform.
    pub platform: String,
    /// Id of the region; empty for a platform without.
    pub region: String,
    /// Seed of all draws.
    pub seed: u64,
    /// Replications of every function.
    pub replications: u32,
    /// Seconds recorded, of all traces together.
    pub recorded_s: f64,
    /// Whether it was interrupted before all functions were done.
    pub incomplete: bool,
    /// Functions in the traces that were simulated.
    pub functions: u64,
    /// Of these, those without any request.
    pub silent: u64,
    /// Requests read from the traces.
    pub requests_read: u64,
    /// Requests simulated.
    pub requests: Estimate,
    /// Share of requests that ended `ok`.
    pub availability: Estimate,
    /// Share of invocations that waited for a new instance.
    pub cold_start_rate: Estimate,
    /// Share of attempts that were throttled.
    pub throttled: Estimate,
    /// The bill of a month.
    pub fee: FleetFee,
    /// How few functions make how much of the fee.
    pub pareto: Vec<Dominance>,
    /// Share of the fee of the n dearest functions, n rising: for the chart.
    pub concentration: Vec<(u64, f64)>,
    /// What the groups are: `trigger`, or `app`.
    pub grouped_by: &'static str,
    /// Groups of functions, the dearest first.
    pub groups: Vec<Group>,
    /// The dearest functions, the dearest first.
    pub top: Vec<TopFunction>,
    /// What a reader must know before trusting the figures.
    pub warnings: Vec<Warning>,
    /// What the figures rest on.
    pub assumptions: Vec<Assumption>,
}

/// The bill of a month.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FleetFee {
    /// Currency of every amount.
    pub currency: String,
    /// The bill.
    pub month: Estimate,
    /// The same to the last coin, as an invoice has it.
    pub invoice: String,
    /// By priced item.
    pub by_item: BTreeMap<String, Estimate>,
    /// Date of the oldest price row.
    pub prices_as_of: String,
}

/// The n dearest functions have this share of the fee, or a little more.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Dominance {
    /// Share of the fee.
    pub share_of_fee: f64,
    /// The fewest functions with that share.
    pub functions: u64,
}

/// Functions with the same trigger, or of the same application.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Group {
    /// The trigger or application; empty where the trace does not say.
    pub name: String,
    /// How many functions.
    pub functions: u64,
    /// Their requests in the trace.
    pub requests_read: u64,
    /// Their fee a month.
    pub fee: Estimate,
    /// Share of invocations that waited for a new instance.
    pub cold_start_rate: Estimate,
    /// Share of attempts that were throttled.
    pub throttled: Estimate,
}

/// One of the dearest functions.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TopFunction {
    /// Its name in the trace.
    pub name: String,
    /// Its application; empty where the trace names none.
    pub app: String,
    /// Its trigger; empty where the trace does not say.
    pub trigger: String,
    /// Its memory in MiB.
    pub memory_mib: f64,
    /// Its requests in the trace.
    pub requests_read: u64,
    /// Its fee a month.
    pub fee: Estimate,
    /// Its share of the fleet's fee.
    pub share_of_fee: f64,
    /// Share of invocations that waited for a new instance.
    pub cold_start_rate: Estimate,
    /// Share of attempts that were throttled.
    pub throttled: Estimate,
}

/// Shares of the fee that are looked for.
const SHARES: [f64; 4] = [0.5, 0.8, 0.95, 0.99];

pub(super) fn result(fleet: &Fleet<'_>, traces: Vec<String>, top: usize) -> FleetResult {
    let (n, columns) = (fleet.replications, fleet.book.items().len() + 1);
    let hours = fleet.recorded.as_secs_f64() / 3_600.0;
    let month = |rows: &mut dyn Iterator<Item = &Row>| Month::of(rows, n, columns, hours);
    let rating = Rating::new(&fleet.book, month(&mut fleet.rows.values()));
    // Sorting is stable, so equal fees stay in the order of names.
    let mut dearest: Vec<(&str, &Row, f64)> =
        fleet.rows.iter().map(|(name, row)| (name.as_str(), row, rating.fee(row, hours))).collect();
    dearest.sort_by(|a, b| b.2.total_cmp(&a.2));
    let total: f64 = dearest.iter().map(|(.., fee)| fee).sum();
    let (pareto, concentration) = concentrated(dearest.iter().map(|(.., fee)| *fee), total);
    let all = Tallied::of(fleet.rows.values(), n);
    let scenario = &fleet.scenario;
    let top = dearest.iter().take(top).map(|(name, row, fee)| {
        let tallied = Tallied::of([*row].into_iter(), n);
        TopFunction {
            name: (*name).to_owned(),
            app: row.app.to_string(),
            trigger: row.trigger.to_string(),
            memory_mib: row.memory.as_mib(),
            requests_read: row.read,
            fee: rating.estimate(&month(&mut [*row].into_iter())),
            share_of_fee: if total > 0.0 { fee / total } else { 0.0 },
            cold_start_rate: tallied.share(|c| (c.cold_starts, c.invocations)),
            throttled: tallied.share(|c| (c.throttled, c.attempts)),
        }
    });
    let (grouped_by, groups) = groups(fleet, &rating, hours);
    FleetResult {
        format_version: "1.0",
        faascast: env!("CARGO_PKG_VERSION"),
        traces,
        platform: scenario.platform.clone(),
        region: scenario.region.clone(),
        seed: scenario.simulation.seed,
        replications: n as u32,
        recorded_s: fleet.recorded.as_secs_f64(),
        incomplete: fleet.incomplete,
        functions: fleet.rows.len() as u64,
        silent: fleet.rows.values().filter(|row| row.read == 0).count() as u64,
        requests_read: fleet.rows.values().map(|row| row.read).sum(),
        requests: mean(&all.0.iter().map(|c| c.requests as f64).collect::<Vec<_>>()),
        availability: all.share(|c| (c.ok, c.requests)),
        cold_start_rate: all.share(|c| (c.cold_starts, c.invocations)),
        throttled: all.share(|c| (c.throttled, c.attempts)),
        fee: FleetFee {
            currency: fleet.book.currency.to_string(),
            month: rating.estimate(&rating.month),
            invoice: rating.month.fee(&fleet.book).to_string(),
            by_item: rating.by_item().into_iter().collect(),
            prices_as_of: fleet.book.prices_as_of.clone(),
        },
        pareto,
        concentration,
        grouped_by,
        groups,
        top: top.collect(),
        warnings: warnings(fleet),
        assumptions: choices::assumptions().into_iter().chain(fleet.context.assumptions.iter().cloned()).collect(),
    }
}

/// Counts of each replication, of some functions together.
struct Tallied(Vec<Counts>);

impl Tallied {
    fn of<'r>(rows: impl Iterator<Item = &'r Row>, replications: usize) -> Self {
        let mut sums = vec![Counts::default(); replications];
        rows.for_each(|row| sums.iter_mut().zip(&row.counts).for_each(|(sum, counts)| *sum = sum.plus(counts)));
        Self(sums)
    }

    fn share(&self, figure: impl Fn(&Counts) -> (u64, u64)) -> Estimate {
        share(&self.0.iter().map(figure).collect::<Vec<_>>())
    }
}

/// How few functions have how much of the fee, and the shares of the 1, 2, 3, 5, 10, … dearest.
fn concentrated(dearest: impl Iterator<Item = f64>, total: f64) -> (Vec<Dominance>, Vec<(u64, f64)>) {
    let (mut pareto, mut curve) = (Vec::new(), Vec::new());
    if total <= 0.0 {
        return (pareto, curve);
    }
    let (mut sum, mut at) = (0.0, 1);
    let mut last = (0, 0.0);
    for (fee, n) in dearest.zip(1_u64..) {
        sum += fee;
        let reached = (sum / total).min(1.0);
        last = (n, reached);
        // What rounding takes from the sum does not ask for one more function.
        while let Some(share) = SHARES.get(pareto.len()).filter(|share| reached + 1e-12 >= **share) {
            pareto.push(Dominance { share_of_fee: *share, functions: n });
        }
        if n == at {
            curve.push(last);
            at = (at + at / 4).max(at + 1);
        }
    }
    if curve.last() != Some(&last) {
        curve.push(last);
    }
    (pareto, curve)
}

/// By trigger where the traces say it, else by application; the dearest first, of applications the 20 dearest.
fn groups(fleet: &Fleet<'_>, rating: &Rating<'_>, hours: f64) -> (&'static str, Vec<Group>) {
    const MOST: usize = 20;
    let by_trigger = fleet.rows.values().any(|row| !row.trigger.is_empty());
    let mut members: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in fleet.rows.values() {
        members.entry(if by_trigger { &row.trigger } else { &row.app }).or_default().push(row);
    }
    let fee = |rows: &[&Row]| rows.iter().map(|row| rating.fee(row, hours)).sum::<f64>();
    let mut dearest: Vec<(&str, Vec<&Row>, f64)> =
        members.into_iter().map(|(name, rows)| (name, fee(&rows), rows)).map(|(name, fee, rows)| (name, rows, fee)).collect();
    dearest.sort_by(|a, b| b.2.total_cmp(&a.2));
    let (n, columns) = (fleet.replications, fleet.book.items().len() + 1);
    let group = |(name, rows, _): (&str, Vec<&Row>, f64)| {
        let tallied = Tallied::of(rows.iter().copied(), n);
        Group {
            name: name.to_owned(),
            functions: rows.len() as u64,
            requests_read: rows.iter().map(|row| row.read).sum(),
            fee: rating.estimate(&Month::of(rows.iter().copied(), n, columns, hours)),
            cold_start_rate: tallied.share(|c| (c.cold_starts, c.invocations)),
            throttled: tallied.share(|c| (c.throttled, c.attempts)),
        }
    };
    (if by_trigger { "trigger" } else { "app" }, dearest.into_iter().take(MOST).map(group).collect())
}

fn warnings(fleet: &Fleet<'_>) -> Vec<Warning> {
    let refused = |(reason, n): (&String, &u64)| Warning {
        code: "functions-refused".to_owned(),
        cause: format!("{n} functions are left out: {reason}"),
        effect: "the fee is too low by theirs".to_owned(),
        remedy: "Give all functions the same memory with `--memory`, or choose another platform.".to_owned(),
    };
    let mut warnings: Vec<Warning> = fleet.refused.iter().map(refused).collect();
    let cut = fleet.rows.values().filter(|row| row.counts.iter().any(|c| c.timeouts > 0)).count();
    if cut > 0 {
        warnings.push(Warning {
            code: "durations-cut".to_owned(),
            cause: format!("{cut} functions have invocations that were recorded longer than the timeout"),
            effect: "they are cut and billed at the timeout, and count as failed".to_owned(),
            remedy: "Raise `timeout` if the platform allows it; else these functions do not fit it.".to_owned(),
        });
    }
    if fleet.recorded < Span::from_secs(3_600) {
        warnings.push(Warning {
            code: "short-recording".to_owned(),
            cause: format!("{} of traffic stand for a month", fleet.recorded),
            effect: "hours of the day, and what is billed by the hour, are not in them".to_owned(),
            remedy: "Give a day or more if there is one.".to_owned(),
        });
    }
    if fleet.incomplete {
        warnings.push(Warning {
            code: "incomplete".to_owned(),
            cause: "it was interrupted before all functions were simulated".to_owned(),
            effect: "the figures are those of the first functions of the trace".to_owned(),
            remedy: "Let it run to its end.".to_owned(),
        });
    }
    warnings
}
