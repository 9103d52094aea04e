//! How the rate of a source moves: profile x growth x scheduled events, as linear segments a time cell.

use std::sync::Arc;

use super::profile::Profile;
use crate::random::CELL_NANOS;
use crate::units::{NANOS, SimTime};

/// A month in the growth formula, nanoseconds (730 h).
const MONTH: f64 = 730.0 * 3600.0 * 1e9;
/// Pieces into which a segment is cut where two or more factors move at once: their product is a curve, and its chords over an
/// eighth miss it by 1/64 of what one chord would (which is below 0.1 % for events of a minute and more).
const CUTS: i64 = 8;

/// Course of a scheduled change of traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateShape {
    /// Full strength throughout.
    Step,
    /// Grows linearly from none to full strength at the end.
    Ramp,
    /// Grows linearly to full strength at the middle and falls back.
    Spike,
}

/// A scheduled change of a source's rate in `at..end`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateEvent {
    /// Start.
    pub at: SimTime,
    /// End; the rate is as before from here on.
    pub end: SimTime,
    /// How the change sets in.
    pub shape: RateShape,
    /// Factor at full strength, finite and at least 0.
    pub factor: f64,
}

impl RateEvent {
    /// Factors at both ends of a stretch that no edge of the event cuts.
    fn over(&self, from: SimTime, to: SimTime) -> (f64, f64) {
        if to <= self.at || from >= self.end {
            return (1.0, 1.0);
        }
        (self.inside(from), self.inside(to))
    }

    /// Factor at a time in at..=end.
    fn inside(&self, time: SimTime) -> f64 {
        let strength = match self.shape {
            RateShape::Step => 1.0,
            RateShape::Ramp => ratio(time.0 - self.at.0, self.end.0 - self.at.0),
            RateShape::Spike if time <= self.middle() => ratio(time.0 - self.at.0, self.middle().0 - self.at.0),
            RateShape::Spike => ratio(self.end.0 - time.0, self.end.0 - self.middle().0),
        };
        1.0 + (self.factor - 1.0) * strength
    }

    const fn middle(&self) -> SimTime {
        SimTime(self.at.0 + (self.end.0 - self.at.0) / 2)
    }

    const fn edges(&self) -> [SimTime; 3] {
        [self.at, self.middle(), self.end]
    }
}

/// A part of a whole; all of it where the whole is nothing (the flank of a spike of one nanosecond).
fn ratio(part: i64, whole: i64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// A stretch of a time cell over which the factor is linear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Nanoseconds from the cell's start.
    pub start: i64,
    /// Nanoseconds from the cell's start; more than `start`.
    pub end: i64,
    /// Factor at the start.
    pub first: f64,
    /// Factor just before the end.
    pub last: f64,
}

impl Segment {
    /// To be completed by `close` and with its factors.
    const fn starting(start: i64) -> Self {
        Self { start, end: CELL_NANOS, first: 1.0, last: 1.0 }
    }

    /// The part between two times, which lie inside.
    #[must_use]
    pub fn part(&self, start: i64, end: i64) -> Self {
        let at = |time| self.first + (self.last - self.first) * ratio(time - self.start, self.end - self.start);
        Self { start, end, first: at(start), last: at(end) }
    }

    /// Integral of the factor over the segment, in seconds.
    #[must_use]
    pub fn area(&self) -> f64 {
        0.5 * (self.first + self.last) * ((self.end - self.start) as f64 / NANOS as f64)
    }
}

/// The factor on a source's mean rate over time: profile x (1 + growth)^(t / 730 h) x events (which multiply where they
/// overlap).
#[derive(Clone, Debug)]
pub struct Intensity {
    profile: Arc<Profile>,
    growth_per_month: f64,
    events: Arc<[RateEvent]>,
    steady: bool,
}

impl Intensity {
    /// `growth_per_month` is more than -1 (0.08 = 8 % a month).
    #[must_use]
    pub fn new(profile: Arc<Profile>, growth_per_month: f64, events: impl Into<Arc<[RateEvent]>>) -> Self {
        let steady = profile.is_flat() && growth_per_month == 0.0;
        Self { profile, growth_per_month, events: events.into(), steady }
    }

    /// Always 1.
    #[must_use]
    pub fn flat() -> Self {
        Self::new(Arc::new(Profile::flat()), 0.0, [])
    }

    /// Whether the factor is 1 at all times.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.steady && self.events.is_empty()
    }

    /// The factor at a clock time; at the edge of an event, its value from there on.
    #[must_use]
    pub fn at(&self, time: SimTime) -> f64 {
        let events: f64 = self.events.iter().filter(|e| e.at <= time && time < e.end).map(|e| e.inside(time)).product();
        self.smooth(time) * events
    }

    /// Profile x growth.
    fn smooth(&self, time: SimTime) -> f64 {
        if self.steady { 1.0 } else { self.profile.at(time) * self.growth(time) }
    }

    fn growth(&self, time: SimTime) -> f64 {
        if self.growth_per_month == 0.0 { 1.0 } else { libm::pow(1.0 + self.growth_per_month, time.0 as f64 / MONTH) }
    }

    /// Writes the segments of a time cell to `out`, in order and without gaps. Growth is linear inside a cell: over a minute
    /// its curve departs from the chord by less than 1e-9 at 100 % a month.
    pub fn cell(&self, cell: i64, out: &mut Vec<Segment>) {
        let (from, to) = (SimTime(cell * CELL_NANOS), SimTime((cell + 1) * CELL_NANOS));
        out.clear();
        let touched = self.events.iter().any(|e| e.at < to && from < e.end);
        if self.steady && !touched {
            out.push(Segment::starting(0));
            return;
        }
        let at = |time: SimTime| Segment::starting(time.0 - from.0);
        out.push(at(from));
        out.extend(self.profile.breaks(from, to).map(at));
        out.extend(self.events.iter().flat_map(RateEvent::edges).filter(|time| from < *time && *time < to).map(at));
        close(out);
        self.cut(from, out);
        for segment in out.iter_mut() {
            let (start, end) = (SimTime(from.0 + segment.start), SimTime(from.0 + segment.end));
            (segment.first, segment.last) = (self.smooth(start), self.smooth(end));
            for event in self.events.iter() {
                let (first, last) = event.over(start, end);
                segment.first *= first;
                segment.last *= last;
            }
        }
    }

    /// Cuts the segments in which more than one factor moves.
    fn cut(&self, from: SimTime, out: &mut Vec<Segment>) {
        for i in 0..out.len() {
            let Segment { start, end, .. } = out[i];
            let (first, last) = (SimTime(from.0 + start), SimTime(from.0 + end));
            let moving = self.events.iter().map(|e| e.over(first, last)).filter(|(a, b)| a != b).count();
            if moving + usize::from(!self.steady) > 1 && end - start >= CUTS {
                out.extend((1..CUTS).map(|k| Segment::starting(start + (end - start) / CUTS * k)));
            }
        }
        close(out);
    }

    /// Integral of the factor over a time cell, in seconds.
    #[must_use]
    pub fn cell_area(&self, cell: i64, scratch: &mut Vec<Segment>) -> f64 {
        self.cell(cell, scratch);
        scratch.iter().map(Segment::area).sum()
    }
}

/// Sorts segments by start and ends each where the next one starts.
fn close(segments: &mut Vec<Segment>) {
    segments.sort_unstable_by_key(|segment| segment.start);
    segments.dedup_by_key(|segment| segment.start);
    for i in 0..segments.len() {
        segments[i].end = segments.get(i + 1).map_or(CELL_NANOS, |next| next.start);
    }
}
