//! How a function comes back after an event: the time from the event's end until the share of bad attempts is back to what
//! it was before, replication by replication. Where some recover and some do not, the two are never averaged.

use super::result::Recovery;
use crate::engine::{Bin, FunctionTally, Replication};
use crate::estimate::Estimate;
use crate::estimate::moments::mean;
use crate::estimate::share::share_of_independent;
use crate::scenario::{Callee, Change, Event, Scenario};
use crate::units::SimTime;

/// Bins in a row that must look as before.
const IN_A_ROW: usize = 3;
/// Margin over the share before the event, so that a rare error does not count as an outage.
const MARGIN: f64 = 0.01;

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
        return Recovery { event: name, function: of, seconds: none, recovered: none };
    }
    let times: Vec<Option<f64>> = replications.iter().map(|r| seconds(&r.functions[function], r.bin_ns, event)).collect();
    let recovered: Vec<f64> = times.iter().flatten().copied().collect();
    Recovery {
        event: name,
        function: of,
        seconds: if recovered.is_empty() { Estimate::none(replications.len()) } else { mean(&recovered) },
        recovered: share_of_independent(recovered.len(), times.len()),
    }
}

/// Seconds from the end of the event to the first bin from which on things look as before; `None` if that never comes.
pub(super) fn seconds(tally: &FunctionTally, bin_ns: i64, event: &Event) -> Option<f64> {
    let end = (event.at + event.duration).0;
    let before = &tally.bins[..((event.at.0.max(0) / bin_ns) as usize).min(tally.bins.len())];
    let (bad, ended) = before.iter().fold((0, 0), |(bad, ended), b| (bad + b.bad, ended + b.ended));
    let usual = if ended > 0 { bad as f64 / ended as f64 } else { 0.0 };
    let first = (end.max(0) + bin_ns - 1).div_euclid(bin_ns) as usize;
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
