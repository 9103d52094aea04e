//! Keep-alive, bounded from both sides by which instances were used again and which were not.

use std::collections::BTreeMap;

use super::figure::{Figure, Place, Unit, quantity};
use super::records::Invocation;
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
    /// Times that an instance was used again.
    pub gaps: usize,
}

/// Times in logs are rounded: one that ended so shortly before may still have been busy.
const CLOCK: i64 = NANOS / 100;

/// Bounds from invocations with instances and times. An instance's first invocation is a cold start unless the log says
/// otherwise, and except for the first instance of all.
#[must_use]
pub fn bounds(invocations: &[&Invocation]) -> Bounds {
    let mut runs: BTreeMap<u64, Vec<(i64, i64)>> = BTreeMap::new();
    let mut colds = Vec::new();
    for i in invocations {
        let (Some(instance), Some(at), Some(end)) = (i.instance, i.at, i.end()) else { continue };
        runs.entry(instance).or_default().push((at, end));
        if i.cold == Some(true) {
            colds.push(at);
        }
    }
    let mut found = Bounds { instances: runs.len(), ..Bounds::default() };
    let mut last = Vec::new();
    for run in runs.values_mut() {
        run.sort_unstable();
        let mut until = run.first().map_or(0, |first| first.1);
        for (at, end) in run.iter().skip(1) {
            if *at > until {
                found.gaps += 1;
                let idle = (at - until) as f64 / NANOS as f64;
                found.reused = Some(found.reused.map_or(idle, |most| most.max(idle)));
            }
            until = until.max(*end);
        }
        last.push(until);
    }
    last.sort_unstable();
    for cold in colds {
        // The instance that was last used most recently among those that are never used again: the others were longer idle.
        let before = last.partition_point(|end| *end < cold - CLOCK);
        if let Some(end) = before.checked_sub(1).map(|at| last[at]) {
            let idle = (cold - end) as f64 / NANOS as f64;
            found.gone = Some(found.gone.map_or(idle, |least| least.min(idle)));
        }
    }
    found
}

/// How far apart the bounds may be for their middle to be a figure.
const CLOSE: f64 = 1.5;

/// The figure: a value where the bounds are close, else what is known.
#[must_use]
pub fn figure(invocations: &[&Invocation]) -> Option<Figure> {
    let b = bounds(invocations);
    let write = |x: Option<f64>| x.map_or_else(|| "none".to_owned(), |x| quantity(x, Unit::Seconds));
    let said =
        format!("longest idle time reused {}, shortest not reused {}, {} instances", write(b.reused), write(b.gone), b.instances);
    let make = |key, value, estimate| Figure::new("keep-alive", Place::Function, key, value, estimate, Unit::Seconds);
    let only = |why: &str| Some(make("", String::new(), Estimate::none(b.gaps)).saying(said.clone()).saying(why));
    match (b.reused, b.gone) {
        (Some(low), Some(high)) if low < high && high <= CLOSE * low => {
            // A bound holds for sure; between them nothing is known.
            let middle = (low * high).sqrt();
            Some(
                make(
                    "keep_alive",
                    format!("\"{}\"", quantity(middle, Unit::Seconds)),
                    Estimate::interval(middle, low, high, b.gaps),
                )
                .saying(said),
            )
        }
        (Some(low), Some(high)) if low >= high => only(
            "the bounds contradict one keep-alive for all: it is drawn anew, or an idle instance was passed over; the platform's default stays",
        ),
        (None, None) => None,
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
    fn bounds_that_contradict_give_no_value() {
        let log = [at(0, 1, true), at(500, 1, false), at(600, 2, true)];
        assert_eq!(figure(&log.iter().collect::<Vec<_>>()).unwrap().key, "");
        assert!(figure(&[]).is_none());
    }
}
