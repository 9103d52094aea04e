//! `provisioned`: instances kept warm: always the same number, by a weekly schedule, or so many that a share of them is used.

use super::Provisioned;
use super::clock::{self, WEEK};
use super::explain::Origin;
use super::key::{Key, Kind, key, must};
use super::quantities::{self, Wrong};
use super::reader::Reader;
use crate::units::Span;

/// A number or a list of windows.
pub(super) const KIND: Kind = Kind::Either(&[Kind::Whole, Kind::Table(TRACKING), Kind::Tables(WINDOW)]);

const TRACKING: &[Key] = &[
    must("target", Kind::Share, "wanted use of the instances kept warm: invocations in flight among those that they could take"),
    key("min", Kind::Whole, "smallest number of instances kept warm"),
    must("max", Kind::Whole, "largest number of instances kept warm"),
];

const WINDOW: &[Key] = &[
    must("from", Kind::WeekTime, "start, such as \"Mon 08:00\""),
    must("to", Kind::WeekTime, "end; one before the start lies in the next week"),
    must("instances", Kind::Whole, "instances kept warm in this window"),
];

/// Most provisioned instances: more is a slip of the keyboard.
const MOST: u64 = 10_000_000;

pub(super) fn read(r: &Reader<'_>) -> Provisioned {
    match r.get("provisioned") {
        Some(node) if node.list().is_some() => Provisioned::Weekly(weekly(r)),
        Some(node) if node.entries().is_some() => {
            let t = r.table("provisioned");
            let (target, min, max) = (t.share("target"), t.whole("min"), t.whole("max"));
            let target = t.within("target", target, |target| target.get() > 0.0, "more than 0");
            let max = t.within("max", max, |n| (1..=MOST).contains(n), "from 1 to 10000000");
            let min = t.within("min", min, |n| max.is_none_or(|max| *n <= max), "at most `max`");
            let min = t.or("min", min, 0, Origin::own(""));
            match (target, max) {
                (Some(target), Some(max)) => Provisioned::Tracking { target: target.get(), min, max },
                _ => Provisioned::Constant(0),
            }
        }
        _ => {
            let read = r.read("provisioned", |node| {
                let or_windows = |wrong: Wrong| Wrong { expected: format!("{}, or a list of windows", wrong.expected), ..wrong };
                quantities::whole(node).map_err(or_windows)
            });
            let read = r.within("provisioned", read, |n| *n <= MOST, "at most 10000000");
            Provisioned::Constant(r.or("provisioned", read, 0, Origin::own("")))
        }
    }
}

fn weekly(r: &Reader<'_>) -> Vec<(Span, Span, u64)> {
    let tables = r.tables("provisioned");
    let mut windows = Vec::new();
    for t in &tables {
        let (from, to) = (t.read("from", clock::week_time), t.read("to", clock::week_time));
        let instances = t.whole("instances");
        let instances = t.within("instances", instances, |n| *n <= MOST, "at most 10000000");
        if let (Some(from), Some(to), Some(instances)) = (from, to, instances) {
            if from == to {
                t.error(
                    "to",
                    "out-of-range",
                    "the window ends where it starts",
                    "The whole week is \"Mon 00:00\" to \"Sun 24:00\".",
                );
            }
            windows.push((from, to, instances));
        }
    }
    unwrapped(&windows, Span::ZERO)
}

/// The most that are kept warm at one time, over all functions given: schedules that do not overlap do not add up.
pub(super) fn peak<'p>(all: impl Iterator<Item = &'p Provisioned>) -> u64 {
    let mut always = 0_u64;
    let mut changes: Vec<(Span, i128)> = Vec::new();
    for provisioned in all {
        match provisioned {
            Provisioned::Constant(instances) | Provisioned::Tracking { max: instances, .. } => {
                always = always.saturating_add(*instances);
            }
            Provisioned::Weekly(windows) => {
                changes.extend(windows.iter().flat_map(|(from, to, n)| [(*from, i128::from(*n)), (*to, -i128::from(*n))]));
            }
        }
    }
    // At the same time the falls come first: a window that begins where another ends takes its place.
    changes.sort_unstable();
    let (mut now, mut most) = (0, 0);
    for (_, change) in changes {
        now += change;
        most = most.max(now);
    }
    always.saturating_add(u64::try_from(most).unwrap_or(u64::MAX))
}

impl Provisioned {
    /// Counts a schedule from clock 0, which lies `since_monday` after Monday 00:00.
    pub(super) fn shift(&mut self, since_monday: Span) {
        if let Self::Weekly(windows) = self {
            *windows = unwrapped(windows, since_monday);
        }
    }
}

/// Windows as times since clock 0 modulo a week, when clock 0 lies `shift` after Monday 00:00; those over the week's end are
/// cut in two. Sorted by start.
fn unwrapped(windows: &[(Span, Span, u64)], shift: Span) -> Vec<(Span, Span, u64)> {
    let mut cut = Vec::new();
    for (from, to, instances) in windows {
        let length = (to.0 - from.0).rem_euclid(WEEK.0);
        let length = if length == 0 { WEEK.0 } else { length };
        let start = (from.0 - shift.0).rem_euclid(WEEK.0);
        let end = start + length;
        cut.push((Span(start), Span(end.min(WEEK.0)), *instances));
        if end > WEEK.0 {
            cut.push((Span::ZERO, Span(end - WEEK.0), *instances));
        }
    }
    cut.sort_unstable();
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    #[test]
    fn the_peak_is_of_what_is_warm_at_one_time() {
        let weekly =
            |from: i64, to: i64, n: u64| Provisioned::Weekly(vec![(Span::from_secs(from * HOUR), Span::from_secs(to * HOUR), n)]);
        let (day, night, always) = (weekly(8, 20, 50), weekly(20, 24, 70), Provisioned::Constant(5));
        assert_eq!(peak([&day, &night, &always].into_iter()), 75);
        assert_eq!(peak([&day, &weekly(19, 24, 70), &always].into_iter()), 125);
        assert_eq!(peak([].into_iter()), 0);
    }

    #[test]
    fn windows_over_the_end_of_the_week_are_cut_in_two() {
        let hours = |h: i64| Span::from_secs(h * HOUR);
        // Fri 20:00 to Mon 08:00.
        let weekend = [(hours(116), hours(8), 5)];
        assert_eq!(unwrapped(&weekend, Span::ZERO), [(hours(0), hours(8), 5), (hours(116), hours(168), 5)]);
        // Clock 0 on Tuesday 00:00: the window begins 92 h later and ends 152 h later, whole.
        assert_eq!(unwrapped(&weekend, hours(24)), [(hours(92), hours(152), 5)]);
        // The whole week stays whole.
        assert_eq!(unwrapped(&[(hours(0), hours(168), 3)], Span::ZERO), [(hours(0), hours(168), 3)]);
    }
}
