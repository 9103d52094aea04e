//! Attempts of the same request: the same id again.

use std::collections::BTreeMap;

use super::figure::{Figure, Place, Unit};
use super::records::{Ending, Invocation};
use crate::estimate::Estimate;

/// Whether each invocation is the first attempt of its request, in the order of the invocations; those without an id are.
#[must_use]
pub(super) fn first_attempts(invocations: &[&Invocation]) -> Vec<bool> {
    let mut first: BTreeMap<u64, (i64, usize)> = BTreeMap::new();
    for (i, invocation) in invocations.iter().enumerate() {
        if let Some(id) = invocation.request {
            let at = invocation.at.unwrap_or(i as i64);
            let earliest = first.entry(id).or_insert((at, i));
            if at < earliest.0 {
                *earliest = (at, i);
            }
        }
    }
    (0..invocations.len()).map(|i| invocations[i].request.is_none_or(|id| first[&id].1 == i)).collect()
}

/// Retries of failed attempts: how many follow, and the most of one request.
#[must_use]
pub(super) fn figure(invocations: &[&Invocation]) -> Option<Figure> {
    let mut attempts: BTreeMap<u64, Vec<&Invocation>> = BTreeMap::new();
    for invocation in invocations {
        if let Some(id) = invocation.request {
            attempts.entry(id).or_default().push(invocation);
        }
    }
    let most = attempts.values().map(Vec::len).max().filter(|most| *most > 1)?;
    let again = attempts.values().filter(|tries| tries.len() > 1).count();
    let failed = attempts.values().filter(|tries| tries.iter().any(|i| i.ending != Ending::Ok)).count();
    let value = (most - 1).to_string();
    Some(
        Figure::new("retries", Place::Async, "retries", value, Estimate::point((most - 1) as f64, attempts.len()), Unit::Count)
            .saying(format!(
                "{again} requests have the same id in several attempts, at most {most}; {failed} had a failed attempt"
            ))
            .saying("only the platform's retries keep the id: for those of a caller set `retry` of the traffic"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_attempt_is_an_arrival() {
        let one = |id, at, ending| Invocation { request: id, at: Some(at), ending, ..Invocation::default() };
        let log =
            [one(Some(1), 5, Ending::Ok), one(Some(1), 2, Ending::Error), one(Some(2), 3, Ending::Ok), one(None, 4, Ending::Ok)];
        let log: Vec<&Invocation> = log.iter().collect();
        assert_eq!(first_attempts(&log), [false, true, true, true]);
        assert_eq!(figure(&log).unwrap().value, "1");
        assert!(figure(&log[2..]).is_none());
    }
}
