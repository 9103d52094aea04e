//! Recorded arrivals. Where profile, growth or events change the rate by a factor f, each recorded arrival becomes floor(f) or
//! ceil(f) arrivals, f on average, spread evenly up to the next recorded one; which of the two is drawn by the arrival's
//! identity in the trace.

use std::sync::Arc;

use super::{BLOCK, Block, Cursor};
use crate::random::{Key, Purpose, Stream};
use crate::units::{SimTime, Span};
use crate::workload::intensity::Intensity;
use crate::workload::trace::{Records, Trace};
use crate::workload::ziggurat;

/// One arrival of the trace on the simulated clock.
#[derive(Clone, Copy, Debug)]
struct Base {
    time: i64,
    duration: Span,
    /// Identity: the trace's turn times its records (or the interval), and the index in the interval.
    identity: (i64, u64),
    /// Copies stay before this time.
    bound: i64,
}

/// Where a recorded source stands in its trace.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    trace: Arc<Trace>,
    key: Key,
    /// Record or interval that comes next, counted on over the turns of a repeated trace.
    position: i64,
    /// Order statistics of the interval that is being spread.
    spread: Option<Spread>,
    current: Option<Base>,
    upcoming: Option<Base>,
    copy: i64,
    copies: i64,
}

/// Sorted uniform points, one after the other: of m points left on (u, 1), the first is at u + (1-u)(1 - V^(1/m)), where V is
/// uniform and so V^(1/m) is exp(-E/m) with a unit exponential E.
#[derive(Clone, Debug)]
struct Spread {
    interval: i64,
    given: u64,
    left: u64,
    u: f64,
    stream: Stream,
}

impl Recorded {
    /// At the start of a cell.
    pub(super) fn new(trace: &Arc<Trace>, key: Key, intensity: &Intensity, cell_start: i64) -> Self {
        let position = trace.seek(cell_start);
        let mut recorded =
            Self { trace: Arc::clone(trace), key, position, spread: None, current: None, upcoming: None, copy: 0, copies: 0 };
        recorded.upcoming = recorded.next_base();
        recorded.step(intensity);
        recorded
    }

    /// Appends up to a block of arrivals of the cell; returns whether the cell is exhausted.
    pub(super) fn draw(&mut self, intensity: &Intensity, cursor: &Cursor, block: &mut Block) -> bool {
        while let Some(base) = self.current {
            if self.copy == self.copies {
                self.step(intensity);
                continue;
            }
            let until = self.upcoming.map_or(base.time, |next| next.time).clamp(base.time, base.bound);
            let time = base.time + (i128::from(until - base.time) * i128::from(self.copy) / i128::from(self.copies)) as i64;
            if time >= cursor.cell_end() {
                return true;
            }
            if block.times.len() == BLOCK {
                return false;
            }
            self.copy += 1;
            if time >= cursor.cell_start() {
                block.times.push(SimTime(time));
                if self.trace.has_durations() {
                    block.durations.push(base.duration);
                }
            }
        }
        true
    }

    fn step(&mut self, intensity: &Intensity) {
        self.current = self.upcoming;
        self.upcoming = self.next_base();
        (self.copy, self.copies) = (0, 1);
        if let Some(base) = self.current
            && !intensity.is_flat()
        {
            let u = self.key.with(base.identity.0 as u64).with(base.identity.1).purpose(Purpose::Duplicate).uniform();
            self.copies = (intensity.at(SimTime(base.time)) + u) as i64;
        }
    }

    fn next_base(&mut self) -> Option<Base> {
        match self.trace.records() {
            Records::Timestamps { times, durations } => {
                let (turn, i) = self.trace.turn(self.position, times.len())?;
                let duration = durations.get(i).copied().unwrap_or(Span::ZERO);
                self.position += 1;
                Some(Base { time: turn.saturating_add(times[i]), duration, identity: (self.position, 0), bound: i64::MAX })
            }
            Records::Counts { every, .. } => self.next_spread(every.0),
        }
    }

    fn next_spread(&mut self, every: i64) -> Option<Base> {
        let Records::Counts { counts, .. } = self.trace.records() else { return None };
        loop {
            if let Some(spread) = &mut self.spread
                && spread.left > 0
            {
                spread.u -= (1.0 - spread.u) * libm::expm1(-ziggurat::exponential(&mut spread.stream) / spread.left as f64);
                spread.left -= 1;
                spread.given += 1;
                let start = spread.interval * every;
                let time = start + ((spread.u * every as f64) as i64).min(every - 1);
                let identity = (spread.interval, spread.given);
                return Some(Base { time, duration: Span::ZERO, identity, bound: start + every });
            }
            let (_, i) = self.trace.turn(self.position, counts.len())?;
            let stream = self.key.with(self.position as u64).purpose(Purpose::Arrival).stream();
            self.spread = Some(Spread { interval: self.position, given: 0, left: u64::from(counts[i]), u: 0.0, stream });
            self.position += 1;
        }
    }
}
