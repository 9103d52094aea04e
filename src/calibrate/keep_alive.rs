//! Keep-alive, bounded from both sides by which instances were used again and which were not.

use std::collections::{BTreeMap, BTreeSet};

use super::figure::{Figure, Place, Unit, quantity};
use super::records::{Ending, Invocation};
use crate::estimate::Estimate;
use crate::units::NANOS;

/// Bounds of the keep-alive in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// Longest time idle after which an instance was used again.
    pub reused: Option<f64>,
    /// Shortest time since an instance was last used when a cold start happened though it was not busy: it was gone.
    pub gone: Option<f64>,
    /// Instances seen.
    pub instances: usize,
    /// Times that an instance was used again, and cold starts that found one gone.
    pub times: (usize, usize),
    /// Of these, those that no keep-alive between the bounds explains.
    pub against: usize,
}

/// Times in logs are rounded: one that ended so shortly before may still have been busy.
const CLOCK: i64 = NANOS / 100;

/// Start and end of each invocation, by instance, in order.
fn runs(invocations: &[&Invocation]) -> BTreeMap<u64, Vec<(i64, i64)>> {
    let mut runs: BTreeMap<u64, Vec<(i64, i64)>> = BTreeMap::new();
    for i in invocations {
        if let (Some(instance), Some(at), Some(end)) = (i.instance, i.at, i.end()) {
            runs.entry(instance).or_default().push((at, end));
        }
    }
    runs.values_mut().for_each(|run| run.sort_unstable());
    runs
}

/// Share of invocations that began while another one ran on their instance.
pub(super) fn overlapping(invocations: &[&Invocation]) -> f64 {
    let (mut all, mut over) = (0, 0);
    for run in runs(invocations).values() {
        let mut until = i64::MIN;
        for (at, end) in run {
            all += 1;
            over += usize::from(*at + CLOCK < until);
            until = until.max(*end);
        }
    }
    over as f64 / f64::from(all.max(1))
}

/// Bounds from invocations with instances, times and cold starts.
#[must_use]
pub fn bounds(invocations: &[&Invocation]) -> Bounds {
    let seconds = |nanos: i64| nanos as f64 / NANOS as f64;
    let runs = runs(invocations);
    let (mut reused, mut gone, mut last) = (Vec::new(), Vec::new(), Vec::new());
    // An instance that ended with what ran on it, at a timeout or a crash, was never idle after that.
    let failed = invocations.iter().filter(|i| i.ending != Ending::Ok).filter_map(|i| Some((i.instance?, i.end()?)));
    let failed: BTreeSet<(u64, i64)> = failed.collect();
    for (instance, run) in &runs {
        let mut until = run.first().map_or(0, |first| first.1);
        for (at, end) in run.iter().skip(1) {
            if *at > until {
                reused.push(seconds(at - until));
            }
            until = until.max(*end);
        }
        if !failed.contains(&(*instance, until)) {
            last.push(until);
        }
    }
    last.sort_unstable();
    for cold in invocations.iter().filter(|i| i.cold == Some(true) && i.instance.is_some()).filter_map(|i| i.at) {
        // The instance that was last used most recently among those that are never used again: the others were longer idle.
        let before = last.partition_point(|end| *end < cold - CLOCK);
        if let Some(end) = before.checked_sub(1).map(|at| last[at]) {
            gone.push(seconds(cold - end));
        }
    }
    reused.sort_by(f64::total_cmp);
    gone.sort_by(f64::total_cmp);
    // The time that the fewest observations speak against: those reused after longer, and those gone earlier.
    let against = |keep: f64| reused.len() - reused.partition_point(|t| *t <= keep) + gone.partition_point(|t| *t < keep);
    let best = reused.iter().chain(&gone).copied().min_by_key(|keep| against(*keep)).unwrap_or(0.0);
    let below = reused.partition_point(|t| *t <= best);
    Bounds {
        reused: below.checked_sub(1).map(|at| reused[at]),
        gone: gone.get(gone.partition_point(|t| *t < best)).copied(),
        instances: runs.len(),
        times: (reused.len(), gone.len()),
        against: against(best),
    }
}

/// How far apart the bounds may be for their middle to be a figure.
const CLOSE: f64 = 1.5;

/// The figure: a value where the bounds are close and hardly anything speaks against it, else what is known.
#[must_use]
pub fn figure(invocations: &[&Invocation]) -> Option<Figure> {
    let b = bounds(invocations);
    let n = b.times.0 + b.times.1;
    if n == 0 {
        return None;
    }
    let write = |x: Option<f64>| x.map_or_else(|| "none".to_owned(), |x| quantity(x, Unit::Seconds));
    let said = format!(
        "longest idle time reused {}, shortest not reused {}; {} reused and {} gone of {} instances, {} of them against it",
        write(b.reused),
        write(b.gone),
        b.times.0,
        b.times.1,
        b.instances,
        b.against
    );
    let make = |key, value, estimate| Figure::new("keep-alive", Place::Function, key, value, estimate, Unit::Seconds);
    let only = |why: &str| Some(make("", String::new(), Estimate::none(n)).saying(said.clone()).saying(why));
    match (b.reused, b.gone) {
        // Instances also end by their age, and a cold start may pass over an idle one.
        _ if b.against * 4 > b.times.1 => only("too much speaks against one keep-alive for all: the platform's default stays"),
        (Some(low), Some(high)) if low <= high && high <= CLOSE * low => {
            // Between the bounds nothing is known.
            let middle = (low * high).sqrt();
            let value = format!("\"{}\"", quantity(middle, Unit::Seconds));
            Some(make("keep_alive", value, Estimate::interval(middle, low, high, n)).saying(said))
        }
        _ => only("the bounds are too far apart, or one is missing: the platform's default stays"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64, instance: u64, cold: bool) -> Invocation {
        Invocation {
            at: Some(second * NANOS),
            duration: Some(1.0),
            cold: Some(cold),
            instance: Some(instance),
            ..Invocation::default()
        }
    }

    #[test]
    fn both_bounds_are_found() {
        let log = [at(0, 1, true), at(100, 1, false), at(391, 1, false), at(712, 2, true), at(1_300, 3, true)];
        let found = bounds(&log.iter().collect::<Vec<_>>());
        assert_eq!((found.reused, found.gone), (Some(290.0), Some(320.0)));
        let figure = figure(&log.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(figure.key, "keep_alive");
        assert_eq!((figure.estimate.lo, figure.estimate.hi), (Some(290.0), Some(320.0)));
    }

    #[test]
    fn an_instance_that_failed_was_not_idle() {
        let mut log = [at(0, 1, true), at(100, 1, false), at(391, 1, false), at(712, 2, true), at(1_300, 3, true)];
        log[3].ending = Ending::Timeout;
        assert_eq!(bounds(&log.iter().collect::<Vec<_>>()).gone, Some(320.0));
        log[2].ending = Ending::Timeout;
        assert_eq!(bounds(&log.iter().collect::<Vec<_>>()).gone, None);
    }

    #[test]
    fn bounds_that_contradict_give_no_value() {
        let log = [at(0, 1, true), at(500, 1, false), at(600, 2, true)];
        assert_eq!(figure(&log.iter().collect::<Vec<_>>()).unwrap().key, "");
        assert!(figure(&[]).is_none());
    }
}
