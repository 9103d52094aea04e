//! How the rate of a source moves: profile x growth x scheduled events, as linear segments a time cell.

use std::sync::Arc;

use super::profile::Profile;
use crate::random::CELL_NANOS;
use crate::units::{NANOS, SimTime};

/// A month in the growth formula, nanoseconds (730 h).
const MONTH: f64 = 730.0 * 3600.0 * 1e9;
/// Pieces into which a segment is cut where two or more factors move at once: their product is a curve, and chords over a 32nd
/// miss its area by 1/1024 of what one chord would. Two ramps to 3 over the same minute are met within 0.02 %.
const CUTS: i64 = 32;

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
#[derive(Clone, Debug, PartialEq)]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    const fn event(at: i64, end: i64, shape: RateShape, factor: f64) -> RateEvent {
        RateEvent { at: SimTime(at * NANOS), end: SimTime(end * NANOS), shape, factor }
    }

    fn area(intensity: &Intensity, cells: std::ops::Range<i64>) -> f64 {
        let mut scratch = Vec::new();
        cells.map(|cell| intensity.cell_area(cell, &mut scratch)).sum()
    }

    #[test]
    fn segments_tile_the_cell_and_meet_the_factor() {
        let events =
            [event(70, 100, RateShape::Step, 3.0), event(80, 130, RateShape::Spike, 0.0), event(-20, 65, RateShape::Ramp, 20.0)];
        let profile = Profile::from_points(&[(Span(0), 1.0), (Span::from_secs(50), 4.0)], Span::from_secs(130)).unwrap();
        let intensity = Intensity::new(Arc::new(profile), 0.5, events);
        let mut segments = Vec::new();
        for cell in -2..4 {
            intensity.cell(cell, &mut segments);
            assert_eq!((segments[0].start, segments[segments.len() - 1].end), (0, CELL_NANOS));
            assert!(segments.windows(2).all(|w| w[0].end == w[1].start) && segments.iter().all(|s| s.start < s.end));
            for s in &segments {
                // Just inside, where steps are not in doubt.
                let inside = intensity.at(SimTime(cell * CELL_NANOS + s.start));
                assert!((s.first - inside).abs() < 1e-9 * inside.max(1.0), "cell {cell}: {} is not {inside}", s.first);
                // Between the ends the chord stands for a curve.
                let middle = intensity.at(SimTime(cell * CELL_NANOS + (s.start + s.end) / 2));
                assert!((0.5 * (s.first + s.last) - middle).abs() < 1e-3 * middle.max(1.0), "cell {cell}: chord off at {middle}");
            }
        }
    }

    #[test]
    fn areas_of_events_are_exact() {
        let with = |events: &[RateEvent]| Intensity::new(Arc::new(Profile::flat()), 0.0, events);
        // Ten minutes at full strength add (factor - 1) x 600 s; a ramp and a spike half of that.
        for (shape, share) in [(RateShape::Step, 1.0), (RateShape::Ramp, 0.5), (RateShape::Spike, 0.5)] {
            let seconds = area(&with(&[event(90, 690, shape, 20.0)]), 0..20);
            assert!((seconds - (1200.0 + 19.0 * 600.0 * share)).abs() < 1e-6, "{shape:?}: {seconds}");
        }
        // Overlapping events multiply.
        let both = [event(0, 60, RateShape::Step, 3.0), event(30, 90, RateShape::Step, 0.5)];
        assert!((area(&with(&both), 0..2) - (90.0 + 45.0 + 15.0 + 30.0)).abs() < 1e-9);
        // A quadratic: two ramps from 1 to 3 over the same minute, integral of (1 + 2s)^2 = 13/3.
        let ramps = [event(0, 60, RateShape::Ramp, 3.0), event(0, 60, RateShape::Ramp, 3.0)];
        assert!((area(&with(&ramps), 0..1) / (60.0 * 13.0 / 3.0) - 1.0).abs() < 2e-4);
        assert!(!with(&ramps).is_flat() && with(&[]).is_flat());
    }

    #[test]
    fn growth_doubles_in_a_month_at_100_percent() {
        let intensity = Intensity::new(Arc::new(Profile::flat()), 1.0, []);
        assert!((intensity.at(SimTime(730 * 3600 * NANOS)) - 2.0).abs() < 1e-12);
        // Integral of 2^(t/T) over the first month: T / ln 2.
        let exact = 730.0 * 3600.0 / std::f64::consts::LN_2;
        assert!((area(&intensity, 0..730 * 60) / exact - 1.0).abs() < 1e-9);
    }
}
