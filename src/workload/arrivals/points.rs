//! Poisson and Markov-modulated Poisson arrivals one by one, from any place on: what is to come depends on what has been through
//! the place alone, so a path can be set back and go on with draws of its own.

use super::Arrivals;
use crate::random::{CELL_NANOS, Stream};
use crate::workload::intensity::{Intensity, Segment};
use crate::workload::ziggurat;

/// A source whose future has no memory but for where it stands.
#[derive(Clone, Debug)]
pub struct Points {
    /// Points a nanosecond, and mean stay in nanoseconds; one state that never ends for a Poisson source.
    states: Vec<(f64, f64)>,
    intensity: Intensity,
    /// The segments of one cell.
    cell: i64,
    segments: Vec<Segment>,
}

/// Where a path of points stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    cell: i64,
    segment: usize,
    /// Nanoseconds from the cell's start, not rounded.
    at: f64,
    state: usize,
    /// Clock time at which the stay in the state ends.
    until: i64,
}

impl Points {
    /// `None` for arrivals that remember more than a place.
    #[must_use]
    pub fn new(arrivals: &Arrivals, intensity: Intensity) -> Option<Self> {
        let states = match arrivals {
            Arrivals::Poisson(rate) => vec![(rate.get() * 1e-9, f64::INFINITY)],
            Arrivals::Mmpp(states) if !states.is_empty() => {
                states.iter().map(|state| (state.rate.get() * 1e-9, state.mean_time.0 as f64)).collect()
            }
            _ => return None,
        };
        Some(Self { states, intensity, cell: i64::MIN, segments: Vec::new() })
    }

    /// A place at a clock time, in a state drawn from the stationary law.
    pub fn begin(&self, at: i64, stream: &mut Stream) -> Place {
        let mut state = 0;
        if self.states.len() > 1 {
            let mut u = stream.uniform() * self.states.iter().map(|(_, stay)| stay).sum::<f64>();
            while state + 1 < self.states.len() && u >= self.states[state].1 {
                u -= self.states[state].1;
                state += 1;
            }
        }
        let cell = at.div_euclid(CELL_NANOS);
        let mut place = Place { cell, segment: 0, at: (at - cell * CELL_NANOS) as f64, state, until: i64::MAX };
        self.renew(&mut place, stream);
        place
    }

    /// Draws anew what is left of the stay in the current state: exponential whatever has passed of it.
    pub fn renew(&self, place: &mut Place, stream: &mut Stream) {
        place.until = self.stay(place.state, place.cell * CELL_NANOS + place.at as i64, stream);
    }

    /// When a stay that is under way at `from` ends, more than a nanosecond later.
    fn stay(&self, state: usize, from: i64, stream: &mut Stream) -> i64 {
        let mean = self.states[state].1;
        if mean.is_infinite() { i64::MAX } else { from.saturating_add(((mean * ziggurat::exponential(stream)) as i64).max(2)) }
    }

    /// Clock time of the next point; `None` if there is none before `end`.
    #[inline]
    pub fn next(&mut self, place: &mut Place, stream: &mut Stream, end: i64) -> Option<i64> {
        let mut left = ziggurat::exponential(stream);
        loop {
            let start = place.cell * CELL_NANOS;
            if self.cell != place.cell {
                if start >= end {
                    return None;
                }
                self.cell = place.cell;
                self.intensity.cell(place.cell, &mut self.segments);
            }
            let Some(segment) = self.segments.get(place.segment) else {
                (place.cell, place.segment, place.at) = (place.cell + 1, 0, 0.0);
                continue;
            };
            let stay_ends = place.until.saturating_sub(start) as f64;
            let to = (segment.end as f64).min(stay_ends);
            let rate = self.states[place.state].0;
            let length = (segment.end - segment.start) as f64;
            let slope = rate * (segment.last - segment.first) / length;
            let now = rate * segment.first + slope * (place.at - segment.start as f64);
            let span = (to - place.at).max(0.0);
            let expected = span * (now + 0.5 * slope * span);
            if left < expected {
                place.at += within(left, now, slope);
                let time = start + (place.at as i64).min(CELL_NANOS - 1);
                return (time < end).then_some(time);
            }
            left -= expected;
            place.at = place.at.max(to);
            if to == stay_ends {
                place.state = (place.state + 1) % self.states.len();
                place.until = self.stay(place.state, place.until, stream);
            }
            if to == segment.end as f64 {
                place.segment += 1;
            }
        }
    }
}

/// How long a rate that moves linearly from `now` takes to give `left` points. In the form that does not cancel when the slope is
/// near 0; 0/0 at the very start of a rate that rises from 0.
fn within(left: f64, now: f64, slope: f64) -> f64 {
    if slope == 0.0 {
        return left / now;
    }
    let s = 2.0 * left / (now + (now * now + 2.0 * slope * left).max(0.0).sqrt());
    if s > 0.0 { s } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::random::Key;
    use crate::units::{NANOS, Rate, SimTime, Span};
    use crate::workload::arrivals::MmppState;
    use crate::workload::intensity::{RateEvent, RateShape};
    use crate::workload::profile::Profile;

    fn moving() -> Intensity {
        let event =
            |at: i64, end: i64, shape, factor| RateEvent { at: SimTime(at * NANOS), end: SimTime(end * NANOS), shape, factor };
        let events = [
            event(100, 130, RateShape::Ramp, 3.0),
            event(150, 170, RateShape::Step, 0.0),
            event(200, 260, RateShape::Spike, 5.0),
        ];
        let profile = Profile::from_points(&[(Span(0), 1.0), (Span::from_secs(50), 4.0)], Span::from_secs(130)).unwrap();
        Intensity::new(Arc::new(profile), 0.0, events)
    }

    /// Counts in parts of the time against the integral of the rate, with paths that are set back and go on otherwise.
    #[test]
    fn counts_follow_the_intensity() {
        let per_second = 50.0;
        let mut points = Points::new(&Arrivals::Poisson(Rate::per_second(per_second).unwrap()), moving()).unwrap();
        let mut counted = [0.0_f64; 30];
        let runs = 400;
        for run in 0..runs {
            let mut stream = Key::new(3, run).stream();
            let mut place = points.begin(-30 * NANOS, &mut stream);
            let mut others = 0;
            while let Some(time) = points.next(&mut place, &mut stream, 300 * NANOS) {
                if time >= 0 {
                    counted[(time / (10 * NANOS)) as usize] += 1.0;
                }
                // A detour: its place and stream are of no account to the path.
                let (mut detour, mut other) = (place, Key::new(4, run).with(others).stream());
                others += 1;
                for _ in 0..others % 3 {
                    points.next(&mut detour, &mut other, 300 * NANOS);
                }
            }
        }
        let intensity = moving();
        for (part, counted) in counted.into_iter().enumerate() {
            let steps = 20_000;
            let at = |i: i64| intensity.at(SimTime(part as i64 * 10 * NANOS + (2 * i + 1) * 10 * NANOS / (2 * steps)));
            let exact = (0..steps).map(at).sum::<f64>() * 10.0 / steps as f64 * per_second * runs as f64;
            assert!((counted - exact).abs() <= 4.5 * exact.sqrt() + 0.001 * exact, "part {part}: {counted} is not {exact}");
        }
    }

    /// The mean rate of a modulated source is that of its stationary law, also where the stay is drawn anew at every point.
    #[test]
    fn stays_have_no_memory() {
        let state = |rate: f64, seconds: f64| MmppState {
            rate: Rate::per_second(rate).unwrap(),
            mean_time: Span::from_secs_f64(seconds),
        };
        let arrivals = Arrivals::Mmpp(vec![state(40.0, 2.0), state(5.0, 6.0)]);
        let mut points = Points::new(&arrivals, Intensity::flat()).unwrap();
        let horizon = 400;
        let counts: Vec<f64> = (0..400)
            .map(|run| {
                let mut stream = Key::new(5, run).stream();
                let mut place = points.begin(0, &mut stream);
                let mut count = 0.0;
                while points.next(&mut place, &mut stream, horizon * NANOS).is_some() {
                    count += 1.0;
                    points.renew(&mut place, &mut stream);
                }
                count / horizon as f64
            })
            .collect();
        let mean = counts.iter().sum::<f64>() / 400.0;
        let sd = (counts.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 399.0).sqrt();
        let exact = (40.0 * 2.0 + 5.0 * 6.0) / 8.0;
        assert!((mean - exact).abs() < 4.0 * sd / 20.0 && sd / 20.0 < 0.01 * exact, "{mean} +- {}", sd / 20.0);
    }

    #[test]
    fn only_what_has_no_memory() {
        assert!(Points::new(&Arrivals::Constant(Rate::per_second(1.0).unwrap()), Intensity::flat()).is_none());
        let mut silent = Points::new(&Arrivals::Poisson(Rate::per_second(0.0).unwrap()), Intensity::flat()).unwrap();
        let mut stream = Key::new(1, 1).stream();
        let mut place = silent.begin(-5, &mut stream);
        assert_eq!(silent.next(&mut place, &mut stream, 200 * NANOS), None);
    }
}
