//! How a function comes back after an event: the time from the event's end until the share of bad attempts is back to what
//! it was before, replication by replication. Where some recover and some do not, the two are never averaged.

use super::result::{Mode, Recovery};
use crate::engine::{Bin, FunctionTally, Replication};
use crate::estimate::Estimate;
use crate::estimate::moments::mean;
use crate::estimate::share::{share, share_of_independent};
use crate::scenario::{Callee, Change, Event, Scenario};
use crate::units::SimTime;

/// Bins in a row that must look as before.
const IN_A_ROW: usize = 3;
/// Margin over the share before the event, so that a rare error does not count as an outage.
const MARGIN: f64 = 0.01;
/// Attempts are counted against requests over this long: shorter, a handful of requests decides.
const MINUTE_NS: i64 = 60_000_000_000;

pub(super) fn recovery(scenario: &Scenario, replications: &[Replication]) -> Vec<Recovery> {
    scenario.events.iter().map(|event| of_event(scenario, event, replications)).collect()
}

fn of_event(scenario: &Scenario, event: &Event, replications: &[Replication]) -> Recovery {
    let function = match event.change {
        Change::Traffic { source, .. } => scenario.traffic[source].function,
        Change::Function { function, .. } => function,
        // The first function that depends on it.
        Change::Dependency { dependency, .. } => {
            let calls_it = |f: &crate::scenario::Function| f.calls.iter().any(|c| c.to == Callee::Dependency(dependency));
            scenario.functions.iter().position(calls_it).unwrap_or(0)
        }
    };
    let name = event.name.clone();
    let of = scenario.functions[function].name.clone();
    if event.at + event.duration >= SimTime(scenario.simulation.horizon.0) {
        // Nothing after it was simulated.
        let none = Estimate::none(replications.len());
        return Recovery { event: name, function: of, seconds: none, recovered: none, modes: Vec::new() };
    }
    let times: Vec<Option<f64>> = replications.iter().map(|r| seconds(&r.functions[function], r.bin_ns, event)).collect();
    let recovered: Vec<f64> = times.iter().flatten().copied().collect();
    let bin_s = replications.first().map_or(0.0, |r| r.bin_ns as f64 / 1e9);
    let mode = |state: &'static str, is_back: bool| {
        let pairs = replications.iter().zip(&times);
        let some: Vec<&Replication> = pairs.filter(|(_, time)| time.is_some() == is_back).map(|(r, _)| r).collect();
        (!some.is_empty()).then(|| Mode {
            state,
            replications: some.len() as u32,
            share: share_of_independent(some.len(), times.len()),
            availability: share(&some.iter().map(|r| after(&r.functions[function], r.bin_ns, event)).collect::<Vec<_>>()),
            amplification: mean(&some.iter().map(|r| amplification(r, scenario, event.at.0)).collect::<Vec<_>>()),
        })
    };
    Recovery {
        event: name,
        function: of,
        seconds: time(&recovered, replications.len(), bin_s),
        recovered: share_of_independent(recovered.len(), times.len()),
        modes: [mode("recovered", true), mode("down", false)].into_iter().flatten().collect(),
    }
}

/// The mean time to recovery of those that recovered, of `n`. Each is known to a bin only: it was over within the bin before.
pub(super) fn time(recovered: &[f64], n: usize, bin_s: f64) -> Estimate {
    if recovered.is_empty() {
        return Estimate::none(n);
    }
    let estimate = mean(recovered);
    Estimate { lo: estimate.lo.map(|lo| (lo - bin_s).max(0.0)), ..estimate }
}

/// Requests that arrived after the event's end and ended `ok`, and all that did.
fn after(tally: &FunctionTally, bin_ns: i64, event: &Event) -> (u64, u64) {
    let bins = tally.bins.iter().skip(first_after(bin_ns, event));
    bins.fold((0, 0), |(ok, all), bin| (ok + bin.ok, all + bin.requests))
}

/// The first bin that begins when the event is over.
fn first_after(bin_ns: i64, event: &Event) -> usize {
    let end = (event.at + event.duration).0;
    (end.max(0) + bin_ns - 1).div_euclid(bin_ns) as usize
}

/// Seconds from the end of the event to the first bin from which on things look as before; `None` if that never comes.
pub(super) fn seconds(tally: &FunctionTally, bin_ns: i64, event: &Event) -> Option<f64> {
    let end = (event.at + event.duration).0;
    let before = &tally.bins[..((event.at.0.max(0) / bin_ns) as usize).min(tally.bins.len())];
    let (bad, ended) = before.iter().fold((0, 0), |(bad, ended), b| (bad + b.bad, ended + b.ended));
    let usual = if ended > 0 { bad as f64 / ended as f64 } else { 0.0 };
    let first = first_after(bin_ns, event);
    let after = tally.bins.get(first..)?;
    let calm = |b: &Bin| b.bad as f64 <= allowed(usual, b.ended as f64);
    let bin = (0..after.len()).find(|i| after[*i..].iter().take(IN_A_ROW).all(calm))?;
    let whole = after.len() - bin >= IN_A_ROW.min(after.len());
    whole.then(|| ((first + bin) as i64 * bin_ns - end).max(0) as f64 / 1e9)
}

/// Most bad attempts among `ended` that still look as before: the usual share, the margin, and two standard deviations.
fn allowed(usual: f64, ended: f64) -> f64 {
    let p = usual + MARGIN;
    ended * p + 2.0 * (ended * p).sqrt()
}

/// Most attempts on all functions for each request from outside, in a minute from `from` on.
pub(super) fn amplification(replication: &Replication, scenario: &Scenario, from: i64) -> f64 {
    // Of a function that others call as well, the same share of each bin's requests is taken to be from outside.
    let outside: Vec<f64> = replication
        .functions
        .iter()
        .enumerate()
        .map(|(f, tally)| {
            let sources = scenario.traffic.iter().zip(&replication.sources).filter(|(source, _)| source.function == f);
            let requests: u64 = sources.map(|(_, tally)| tally.requests).sum();
            if tally.requests > 0 { (requests as f64 / tally.requests as f64).min(1.0) } else { 0.0 }
        })
        .collect();
    let bins = replication.functions.first().map_or(0, |tally| tally.bins.len());
    let group = (MINUTE_NS / replication.bin_ns.max(1)).max(1) as usize;
    let first = (from.max(0) / replication.bin_ns.max(1)) as usize;
    let ratio = |start: usize| {
        let count = |figure: &dyn Fn(usize, &Bin) -> f64| -> f64 {
            let of = |(f, tally): (usize, &FunctionTally)| -> f64 {
                tally.bins.iter().skip(start).take(group).map(|bin| figure(f, bin)).sum()
            };
            replication.functions.iter().enumerate().map(of).sum()
        };
        let attempts = count(&|_, bin| bin.ended as f64);
        let requests = count(&|f, bin| bin.requests as f64 * outside.get(f).copied().unwrap_or(0.0));
        if requests > 0.0 { attempts / requests } else { 0.0 }
    };
    (first..bins).step_by(group).map(ratio).fold(0.0, f64::max)
}
