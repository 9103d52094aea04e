//! Arrival processes, drawn block by block ahead of the event loop.
//!
//! A [`Generator`] gives the arrivals of one source cell by cell. Every arrival is a function of the key, the cell and the
//! index in the cell, so that the start of the run-in, the size of a block and an event in another cell change nothing.

mod constant;
mod poisson;
mod time_change;

use std::sync::Arc;

use self::constant::Constant;
use self::poisson::Poisson;
use self::time_change::TimeChange;
use super::distribution::Distribution;
use super::intensity::{Intensity, Segment};
use super::trace::Trace;
use crate::random::{CELL_NANOS, Key, Purpose};
use crate::units::{Rate, SimTime, Span};

/// Most arrivals in a block.
pub const BLOCK: usize = 1024;

/// An arrival process before profile, growth and events.
#[derive(Clone, Debug)]
pub enum Arrivals {
    /// One arrival every 1/rate, the first at clock 0 (and backwards into the run-in).
    Constant(Rate),
    /// Poisson.
    Poisson(Rate),
    /// Markov-modulated Poisson: states visited in order, exponential stays.
    Mmpp(Vec<MmppState>),
    /// Independent gaps in seconds.
    Renewal(Distribution),
    /// Recorded.
    Trace(Arc<Trace>),
}

/// A state of a Markov-modulated Poisson process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MmppState {
    /// Arrivals a second in this state.
    pub rate: Rate,
    /// Mean stay in this state.
    pub mean_time: Span,
}

/// Arrivals of one source in one stretch of one time cell.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// The time cell: clock time divided by `CELL_NANOS`, rounded down.
    pub cell: i64,
    /// Index in the cell of the first arrival here.
    pub first: u32,
    /// Arrival times, not falling.
    pub times: Vec<SimTime>,
    /// Durations recorded in a trace, as many as `times`; empty for all other sources.
    pub durations: Vec<Span>,
    /// All arrivals before this time are in this block or an earlier one.
    pub end: SimTime,
}

/// Where a generator stands: the cell, and how many of its arrivals were given.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    cell: i64,
    index: u32,
}

impl Cursor {
    const fn cell_start(&self) -> i64 {
        self.cell * CELL_NANOS
    }

    const fn cell_end(&self) -> i64 {
        (self.cell + 1) * CELL_NANOS
    }
}

#[derive(Clone, Debug)]
enum Process {
    Silent,
    Constant { rate: f64, state: Constant },
    Poisson { rate: f64, state: Poisson },
}

/// The arrivals of one source, block by block.
#[derive(Clone, Debug)]
pub struct Generator {
    process: Process,
    intensity: Intensity,
    key: Key,
    from: SimTime,
    cursor: Cursor,
    /// Whether the cell's segments and the process's state are those of the cell.
    begun: bool,
    segments: Vec<Segment>,
    change: TimeChange,
    operational: OperationalTime,
}

impl Generator {
    /// A generator of all arrivals at or after `from`, which is at most clock 0. `key` holds seed, replication and source.
    #[must_use]
    pub fn new(arrivals: &Arrivals, intensity: Intensity, key: Key, from: SimTime) -> Self {
        let process = match arrivals {
            Arrivals::Constant(rate) if rate.get() > 0.0 => Process::Constant { rate: rate.get(), state: Constant::default() },
            Arrivals::Poisson(rate) if rate.get() > 0.0 => {
                Process::Poisson { rate: rate.get(), state: Poisson::new(key.stream()) }
            }
            _ => Process::Silent,
        };
        let cell = from.0.div_euclid(CELL_NANOS);
        let mut segments = Vec::new();
        let operational = OperationalTime::new(&intensity, cell, &mut segments);
        let cursor = Cursor { cell, index: 0 };
        Self { process, intensity, key, from, cursor, begun: false, segments, change: TimeChange::default(), operational }
    }

    /// The next arrivals, at most `BLOCK`, all of one time cell; none if the rest of the cell has none. `block.end` is the
    /// cell's end, or the last arrival's time if more of the cell may follow. Allocates nothing once buffers have grown.
    pub fn fill(&mut self, block: &mut Block) {
        loop {
            if !self.begun {
                self.begin_cell();
            }
            block.times.clear();
            block.durations.clear();
            block.cell = self.cursor.cell;
            block.first = self.cursor.index;
            let exhausted = self.draw(block);
            self.cursor.index += block.times.len() as u32;
            let (cell_start, cell_end) = (self.cursor.cell_start(), self.cursor.cell_end());
            block.end = if exhausted { SimTime(cell_end) } else { block.times.last().copied().unwrap_or(SimTime(cell_start)) };
            if exhausted {
                self.cursor = Cursor { cell: self.cursor.cell + 1, index: 0 };
                self.begun = false;
            }
            if cell_start < self.from.0 {
                skip(block, self.from);
            }
            // Blocks that lie before `from` as a whole are not shown.
            if exhausted || !block.times.is_empty() {
                return;
            }
        }
    }

    fn begin_cell(&mut self) {
        self.begun = true;
        let cell = self.cursor.cell;
        let stream = || self.key.with(cell as u64).purpose(Purpose::Arrival).stream();
        self.change.clear();
        match &mut self.process {
            Process::Silent => {}
            Process::Poisson { rate, state } => {
                self.intensity.cell(cell, &mut self.segments);
                self.segments.iter().for_each(|segment| self.change.push(segment, *rate));
                *state = Poisson::new(stream());
            }
            Process::Constant { rate, state } if self.intensity.is_flat() => *state = Constant::flat(&self.cursor, *rate),
            Process::Constant { rate, state } => {
                self.intensity.cell(cell, &mut self.segments);
                self.segments.iter().for_each(|segment| self.change.push(segment, 1.0));
                self.operational.enter(cell, self.change.total());
                *state = Constant::moving(*rate, self.operational.before, self.operational.after);
            }
        }
    }

    /// Appends arrivals of the cell to the block; returns whether the cell is exhausted.
    fn draw(&mut self, block: &mut Block) -> bool {
        match &mut self.process {
            Process::Silent => true,
            Process::Poisson { state, .. } => state.draw(&self.change, &self.cursor, &mut block.times),
            Process::Constant { rate, state } if self.intensity.is_flat() => state.draw_flat(*rate, &mut block.times),
            Process::Constant { rate, state } => {
                state.draw_moving(*rate, self.operational.before, &self.change, &self.cursor, &mut block.times)
            }
        }
    }
}

/// Drops the arrivals before `from`; they keep their indices.
fn skip(block: &mut Block, from: SimTime) {
    let before = block.times.partition_point(|time| *time < from);
    block.times.drain(..before);
    block.durations.drain(..before.min(block.durations.len()));
    block.first += before as u32;
}

/// Operational time: seconds of mean rate since clock 0, negative before it. It is summed cell by cell away from clock 0, so
/// that a cell's value does not depend on where a run starts.
#[derive(Clone, Debug)]
struct OperationalTime {
    /// Values at the starts of cells -1, -2, ….
    run_in: Vec<f64>,
    before: f64,
    after: f64,
}

impl OperationalTime {
    fn new(intensity: &Intensity, first_cell: i64, segments: &mut Vec<Segment>) -> Self {
        let mut sum = 0.0;
        let backwards = |cell| {
            sum -= intensity.cell_area(cell, segments);
            sum
        };
        let run_in = if intensity.is_flat() { Vec::new() } else { (first_cell..0).rev().map(backwards).collect() };
        Self { run_in, before: 0.0, after: 0.0 }
    }

    /// Moves to a cell, one after the other; `area` is the integral of the factor over it.
    fn enter(&mut self, cell: i64, area: f64) {
        let at = |cell: i64| self.run_in.get((-1 - cell) as usize).copied();
        (self.before, self.after) = match cell {
            0 => (0.0, area),
            ..0 => (at(cell).unwrap_or(0.0), if cell == -1 { 0.0 } else { at(cell + 1).unwrap_or(0.0) }),
            _ => (self.after, self.after + area),
        };
    }
}

#[cfg(test)]
mod tests;
