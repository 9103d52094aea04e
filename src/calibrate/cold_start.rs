//! Cold starts: how long they take, and how often they happen.

use super::figure::{Figure, Place, Unit};
use super::fit;
use super::records::Invocation;
use crate::random::Key;

/// Figures of the cold starts whose time the log has, and of their share where it says which they are.
#[must_use]
pub fn figures(invocations: &[&Invocation], step: f64, key: Key) -> Vec<Figure> {
    let mut figures = Vec::new();
    let times: Vec<f64> = invocations.iter().filter_map(|i| i.init).collect();
    if let Some(fitted) = fit::law(&times, step, key) {
        figures.push(
            Figure::law("cold start", Place::Function, "cold_start", &fitted, &times, Unit::Seconds)
                .saying("the initialisation alone: what the platform needs before it is in no log"),
        );
    }
    let known: Vec<bool> = invocations.iter().filter_map(|i| i.cold).collect();
    if !known.is_empty() {
        let cold = known.iter().filter(|cold| **cold).count() as u64;
        figures.push(
            Figure::share("share of cold starts", Place::Function, "", cold, known.len() as u64)
                .saying("not set but found again by a run: it follows from arrivals, durations and keep-alive"),
        );
    }
    figures
}

/// Invocations that were the first of their instance, where the log says of none whether it was cold: such a one is a cold
/// start unless its instance was there before the log began. All instances that are seen within `early` of the first arrival are
/// taken to be older.
#[must_use]
pub fn firsts(invocations: &[&Invocation], early: i64) -> Vec<bool> {
    let mut seen = std::collections::BTreeSet::new();
    let begin = invocations.iter().filter_map(|i| i.at).min().unwrap_or(0);
    let mut order: Vec<usize> = (0..invocations.len()).collect();
    order.sort_by_key(|i| invocations[*i].at);
    let mut first = vec![false; invocations.len()];
    for i in order {
        if let (Some(instance), Some(at)) = (invocations[i].instance, invocations[i].at) {
            first[i] = seen.insert(instance) && at - begin > early;
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_times_are_apart() {
        let one = |cold, init| Invocation { cold, init, ..Invocation::default() };
        let log = [one(Some(true), Some(0.3)), one(Some(false), None), one(Some(false), None), one(None, None)];
        let found = figures(&log.iter().collect::<Vec<_>>(), 1e-5, Key::new(1, 1));
        assert_eq!((found[0].value.as_str(), found[1].estimate.mean), ("\"300ms\"", Some(1.0 / 3.0)));
    }

    #[test]
    fn instances_that_were_there_before_the_log_are_not_cold() {
        let one = |at: i64, instance| Invocation { at: Some(at), instance: Some(instance), ..Invocation::default() };
        let log = [one(0, 1), one(5, 2), one(100, 3), one(101, 1), one(102, 3)];
        assert_eq!(firsts(&log.iter().collect::<Vec<_>>(), 10), [false, false, true, false, false]);
    }
}
