//! `compare`: two configurations on common random numbers.

use schemars::JsonSchema;
use serde::Serialize;

use super::bill::Bill;
use super::figures::excess;
use super::spread::{Spread, is_share, spreads};
use super::{Context, StudyError, settled, simulate};
use crate::billing::book::PriceBook;
use crate::engine::{FunctionTally, Replication, draw_alike, read_by_engine};
use crate::estimate::Estimate;
use crate::estimate::paired::{Difference, paired, unpaired, unpaired_shares};
use crate::estimate::share::share_of_sampled;
use crate::scenario::Scenario;

/// Differences of shares below this one matter to nobody, whatever the tolerance says of them: 0.01 percentage points.
const LEAST_SHARE: f64 = 1e-4;

/// What two configurations differ by.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Comparison {
    /// Version of this form.
    pub format_version: &'static str,
    /// Version of the program.
    pub faascast: &'static str,
    /// The first one, which the second is compared with.
    pub a: String,
    /// The second one.
    pub b: String,
    /// Replications of each.
    pub replications: u32,
    /// Whether both saw the same traffic and luck; not so with different seeds.
    pub paired: bool,
    /// Currency of fees.
    pub currency: String,
    /// Relative difference from which on it matters.
    pub tolerance: f64,
    /// Whether not all replications were done.
    pub incomplete: bool,
    /// The figures.
    pub figures: Vec<Compared>,
}

/// A figure of both.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Compared {
    /// Name: `fee`, `availability`, `throttled`, `cold_start_rate`, `mean_latency`, `p50`, `p95`, `p99`.
    pub figure: String,
    /// Function of a latency where there are several; else empty.
    pub function: String,
    /// Of the first.
    pub a: Estimate,
    /// Of the second.
    pub b: Estimate,
    /// The second less the first.
    pub difference: Estimate,
    /// From which difference on it matters, in the figure's unit.
    pub matters_from: f64,
    /// Correlation of the two over replications; null where one does not vary.
    pub correlation: Option<f64>,
    /// How many times as wide the interval would be without pairing; null where it has no width.
    pub narrowed: Option<f64>,
    /// What the interval says.
    pub verdict: Judgement,
}

/// What the interval of a difference says, given from where on it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// All of it is better by more than what matters.
    Better,
    /// All of it is worse by more than what matters.
    Worse,
    /// None of it matters.
    NoDifference,
    /// It holds both; more replications would tell.
    Undecided,
}

/// Simulates both, the second as often and with the same draws as the first, unless their seeds differ.
///
/// # Errors
/// As `run`; the currencies differ.
pub fn compare(
    (a, context_a): (&Scenario, &Context<'_>),
    (b, context_b): (&Scenario, &Context<'_>),
    tolerance: f64,
) -> Result<Comparison, StudyError> {
    let book_a = PriceBook::new(context_a.platform, &a.region, &a.billing)?;
    let book_b = PriceBook::new(context_b.platform, &b.region, &b.billing)?;
    let mut warnings = Vec::new();
    let (a, b) = (&settled(a, context_a.stop, &mut warnings)?, &settled(b, context_b.stop, &mut warnings)?);
    let (bill_a, bill_b) = (Bill::new(&book_a, a)?, Bill::new(&book_b, b)?);
    if book_a.currency != book_b.currency {
        return Err(StudyError::Currencies(book_a.currency.to_string(), book_b.currency.to_string()));
    }
    let first = simulate(a, &bill_a, context_a)?;
    let again = if simulate_alike(a, b) && bill_a.by_the_hour() == bill_b.by_the_hour() {
        // They differ in prices at most, and sample the same windows: the first one's replications, rated anew.
        (1..=first.results.len()).for_each(context_b.progress);
        None
    } else {
        let mut same = b.clone();
        same.simulation.stopping = crate::scenario::Stopping::Fixed(first.results.len() as u32);
        Some(simulate(&same, &bill_b, context_b)?)
    };
    let second = again.as_ref().unwrap_or(&first);
    // After an interrupt the second has fewer.
    let n = first.results.len().min(second.results.len());
    let (x, y) = (&first.results[..n], &second.results[..n]);
    let is_paired = a.simulation.seed == b.simulation.seed;
    let pairing = if is_paired { Pairing::Paired([a, b], x) } else { Pairing::Unpaired };
    let figures = figures(&spreads(a, &bill_a, x), &spreads(b, &bill_b, y), &pairing, tolerance);
    Ok(Comparison {
        format_version: "1.0",
        faascast: env!("CARGO_PKG_VERSION"),
        a: a.name.clone(),
        b: b.name.clone(),
        replications: n as u32,
        paired: is_paired,
        currency: book_a.currency.to_string(),
        tolerance,
        incomplete: !(first.complete && second.complete),
        figures,
    })
}

/// Whether the two have the same replications.
fn simulate_alike(a: &Scenario, b: &Scenario) -> bool {
    draw_alike(a, b) && read_by_engine(a) == read_by_engine(b)
}

/// The figures that both have, compared.
pub(super) fn figures(left: &[Spread], right: &[Spread], pairing: &Pairing<'_>, tolerance: f64) -> Vec<Compared> {
    let other = |s: &Spread| right.iter().find(|r| r.figure == s.figure && r.function == s.function);
    left.iter().filter_map(|l| compared(l, other(l)?, pairing, tolerance)).collect()
}

/// How the replications of two configurations belong together.
pub(super) enum Pairing<'a> {
    /// On the same traffic and luck: the two scenarios, and the first one's replications.
    Paired([&'a Scenario; 2], &'a [Replication]),
    /// With different seeds.
    Unpaired,
}

/// Whether two scenarios are one but for their names: whatever they do, they do not differ.
pub(super) fn is_the_same(a: &Scenario, b: &Scenario) -> bool {
    let arrive_alike = || a.traffic.iter().zip(&b.traffic).all(|(x, y)| x.arrivals == y.arrivals);
    a.traffic.len() == b.traffic.len() && arrive_alike() && settings_of(a) == settings_of(b)
}

/// All of a scenario but its name and its arrivals, which may be a long trace.
fn settings_of(scenario: &Scenario) -> String {
    let Scenario {
        name: _,
        platform,
        region,
        simulation,
        account,
        billing,
        functions,
        dependencies,
        traffic,
        events,
        objectives,
    } = scenario;
    let sources: Vec<_> = traffic
        .iter()
        .map(|s| (&s.name, s.function, s.invoke, &s.profile, s.growth_per_month, s.client_timeout, &s.retry, &s.queue))
        .collect();
    format!("{:?}", (platform, region, simulation, account, billing, functions, dependencies, sources, events, objectives))
}

/// The difference of a figure.
fn difference(a: &Spread, b: &Spread, pairing: &Pairing<'_>) -> Option<Difference> {
    let (x, y) = (a.values.as_ref()?, b.values.as_ref()?);
    Some(match pairing {
        Pairing::Paired([one, other], replications) => {
            let found = paired(x, y);
            let Difference { estimate, .. } = found;
            let flat = is_share(a.figure) && estimate.lo.is_some() && estimate.lo == estimate.hi;
            if flat && !is_the_same(one, other) {
                Difference { estimate: unseen(a.figure, &estimate, replications), ..found }
            } else {
                found
            }
        }
        Pairing::Unpaired if is_share(a.figure) => {
            Difference { estimate: unpaired_shares((&a.estimate, x), (&b.estimate, y)), correlation: None, narrowed: None }
        }
        Pairing::Unpaired => unpaired(x, y),
    })
}

/// The interval of a difference of shares where no replication showed any: it is at most the share of the events that ended
/// otherwise, of which none was seen, and that has a bound.
fn unseen(figure: &str, estimate: &Estimate, replications: &[Replication]) -> Estimate {
    let trials = |f: &FunctionTally| match figure {
        "availability" => f.requests,
        "throttled" => f.attempts,
        _ => f.invocations,
    };
    let counts: Vec<(u64, u64)> = replications.iter().map(|r| (0, r.functions.iter().map(trials).sum())).collect();
    let (mean, bound) = (estimate.mean.unwrap_or(0.0), share_of_sampled(&counts, excess(replications)).hi.unwrap_or(0.0));
    Estimate::interval(mean, mean - bound, mean + bound, replications.len())
}

/// `None` where neither has such a figure.
fn compared(a: &Spread, b: &Spread, pairing: &Pairing<'_>, tolerance: f64) -> Option<Compared> {
    let Difference { estimate, correlation, narrowed } = difference(a, b, pairing)?;
    let x = a.values.as_ref()?;
    let matters_from = matters_from(a.figure, x.all, tolerance);
    Some(Compared {
        figure: a.figure.to_owned(),
        function: a.function.clone(),
        a: a.estimate,
        b: b.estimate,
        difference: estimate,
        matters_from,
        correlation,
        narrowed,
        verdict: judge(&estimate, matters_from, a.figure == "availability"),
    })
}

/// For a share the tolerance is relative to the rarer side: of 99.9 % available it is the 0.1 % that counts.
pub(super) fn matters_from(figure: &str, value: f64, tolerance: f64) -> f64 {
    if is_share(figure) { (tolerance * value.min(1.0 - value)).max(LEAST_SHARE) } else { tolerance * value.abs() }
}

/// Judges a difference. `more_is_better`: for availability alone.
pub(super) fn judge(difference: &Estimate, matters_from: f64, more_is_better: bool) -> Judgement {
    let (Some(lo), Some(hi)) = (difference.lo, difference.hi) else { return Judgement::Undecided };
    let (up, down) = if more_is_better { (Judgement::Better, Judgement::Worse) } else { (Judgement::Worse, Judgement::Better) };
    match () {
        () if lo >= -matters_from && hi <= matters_from => Judgement::NoDifference,
        () if lo > matters_from => up,
        () if hi < -matters_from => down,
        () => Judgement::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_interval_decides() {
        let of = |lo: f64, hi: f64| Estimate::interval(f64::midpoint(lo, hi), lo, hi, 20);
        assert_eq!(judge(&of(1.1, 2.0), 1.0, false), Judgement::Worse);
        assert_eq!(judge(&of(1.1, 2.0), 1.0, true), Judgement::Better);
        assert_eq!(judge(&of(-2.0, -1.1), 1.0, false), Judgement::Better);
        assert_eq!(judge(&of(-1.0, 1.0), 1.0, false), Judgement::NoDifference);
        assert_eq!(judge(&of(0.5, 1.5), 1.0, false), Judgement::Undecided);
        assert_eq!(judge(&of(0.0, 0.0), 0.0, false), Judgement::NoDifference);
        assert_eq!(judge(&Estimate::point(5.0, 1), 1.0, false), Judgement::Undecided);
    }

    #[test]
    fn of_a_share_the_rarer_side_counts() {
        assert!((matters_from("availability", 0.9, 0.05) - 0.005).abs() < 1e-12);
        assert!((matters_from("availability", 0.999_99, 0.05) - 1e-4).abs() < 1e-12);
        assert!((matters_from("fee", 200.0, 0.01) - 2.0).abs() < 1e-12);
    }
}
