//! What is seen of one cell: whether it came back and when, how it is at the end, what it costs at the worst.

use crate::engine::{FunctionTally, Replication};
use crate::estimate::Estimate;
use crate::estimate::moments::mean;
use crate::estimate::paired::LeaveOneOut;
use crate::estimate::share::{share, share_of_independent};
use crate::scenario::{Event, Scenario};
use crate::study::bill::Bill;
use crate::study::recovery;

/// The last part of the horizon, and the longest stretch that an hour's rate is taken from: one in so many.
const PARTS: usize = 10;
const HOUR_NS: f64 = 3_600e9;

/// Figures of one cell. Where some replications stay down, all figures of the cell's state are of those.
pub(super) struct Observed {
    pub(super) down: u32,
    pub(super) recovered: Estimate,
    pub(super) seconds: Estimate,
    /// Share of the requests of the last tenth of the horizon that end `ok`.
    pub(super) late: Estimate,
    pub(super) amplification: Estimate,
    pub(super) worst_hour: Estimate,
    pub(super) mean_hour: Estimate,
    /// Of all requests of all replications.
    pub(super) availability: Estimate,
    /// Of all replications, for differences.
    pub(super) fee: LeaveOneOut,
}

/// `trigger` runs from the start of what disturbs to its end; absent where there is none, or it does not end within the horizon.
/// `None` without a replication.
pub(super) fn observe(
    scenario: &Scenario,
    bill: &Bill<'_>,
    trigger: Option<&Event>,
    replications: Vec<Replication>,
) -> Option<Observed> {
    let entries = entries(scenario);
    let times: Option<Vec<Option<f64>>> =
        trigger.map(|event| replications.iter().map(|r| came_back(r, &entries, event)).collect());
    let fee = bill.fee_without(&replications);
    let requests: Vec<(u64, u64)> = replications.iter().map(Replication::requests).map(|(all, ok)| (ok, all)).collect();
    let from = trigger.map_or(0, |event| event.at.0);
    let n = replications.len();
    let back: Vec<f64> = times.iter().flatten().flatten().copied().collect();
    let down = times.as_ref().map_or(0, |times| times.iter().filter(|time| time.is_none()).count());
    // Only one of the two states: that which is asked about.
    let stays = |i: usize| times.as_ref().is_none_or(|times| down == 0 || times.get(i).is_none_or(Option::is_none));
    let kept: Vec<Replication> = replications.into_iter().enumerate().filter(|(i, _)| stays(*i)).map(|(_, r)| r).collect();
    if kept.is_empty() {
        return None;
    }
    let prices = bill.rated(&kept).per_billed_ns(&kept);
    let spent: Vec<Vec<f64>> = kept.iter().map(|r| spent(r, &prices)).collect();
    let bin_ns = kept.first().map_or(1, |r| r.bin_ns) as f64;
    let horizon = scenario.simulation.horizon.0 as f64;
    let hours = |money: f64, ns: f64| money * HOUR_NS / ns;
    let longest = (((horizon / PARTS as f64).min(HOUR_NS) / bin_ns) as usize).max(1);
    Some(Observed {
        down: down as u32,
        recovered: times.as_ref().map_or_else(|| Estimate::none(n), |all| share_of_independent(back.len(), all.len())),
        seconds: recovery::time(&back, n, bin_ns / 1e9),
        late: share(&kept.iter().map(|r| late(r, &entries)).collect::<Vec<_>>()),
        amplification: mean(&kept.iter().map(|r| recovery::amplification(r, scenario, from)).collect::<Vec<_>>()),
        worst_hour: mean(&spent.iter().map(|bins| hours(dearest(bins, longest), longest as f64 * bin_ns)).collect::<Vec<_>>()),
        mean_hour: mean(&spent.iter().map(|bins| hours(bins.iter().sum(), horizon)).collect::<Vec<_>>()),
        availability: share(&requests),
        fee,
    })
}

/// Functions that requests from outside arrive at.
fn entries(scenario: &Scenario) -> Vec<usize> {
    let mut entries: Vec<usize> = scenario.traffic.iter().map(|source| source.function).collect();
    entries.sort_unstable();
    entries.dedup();
    entries
}

/// Seconds until the last of these functions is as before; `None` if one never is.
fn came_back(replication: &Replication, entries: &[usize], trigger: &Event) -> Option<f64> {
    let tallies = entries.iter().filter_map(|function| replication.functions.get(*function));
    tallies
        .map(|tally| recovery::seconds(tally, replication.bin_ns, trigger))
        .try_fold(0.0, |last, time| Some(f64::max(last, time?)))
}

/// Requests of the last tenth that end `ok`, and all of them.
fn late(replication: &Replication, entries: &[usize]) -> (u64, u64) {
    let of = |tally: &FunctionTally| {
        let from = tally.bins.len() - tally.bins.len().div_ceil(PARTS);
        tally.bins.iter().skip(from).fold((0, 0), |(ok, all), bin| (ok + bin.ok, all + bin.requests))
    };
    let tallies = entries.iter().filter_map(|function| replication.functions.get(*function));
    tallies.map(of).fold((0, 0), |(ok, all), (o, a)| (ok + o, all + a))
}

/// Money by bin.
fn spent(replication: &Replication, prices: &[f64]) -> Vec<f64> {
    let bins = replication.functions.first().map_or(0, |tally| tally.bins.len());
    let at = |bin: usize| -> f64 {
        let functions = replication.functions.iter().zip(prices);
        functions.map(|(tally, price)| tally.bins.get(bin).map_or(0.0, |bin| bin.billed_ns as f64 * price)).sum()
    };
    (0..bins).map(at).collect()
}

/// Most money in so many bins in a row.
fn dearest(bins: &[f64], length: usize) -> f64 {
    bins.windows(length.min(bins.len()).max(1)).map(|window| window.iter().sum()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dearest_stretch_may_begin_anywhere() {
        assert_eq!(dearest(&[1.0, 0.0, 2.0, 3.0, 1.0], 2), 5.0);
        assert_eq!(dearest(&[1.0, 2.0], 5), 3.0);
        assert_eq!(dearest(&[], 3), 0.0);
    }
}
