//! Arrival processes, drawn block by block ahead of the event loop.
//!
//! A [`Generator`] gives the arrivals of one source cell by cell. Every arrival is a function of the key, the cell and the
//! index in the cell, so that the start of the run-in, the size of a block and an event in another cell change nothing.

mod constant;
mod mmpp;
mod poisson;
mod recorded;
mod renewal;
mod time_change;

use std::sync::Arc;

use self::constant::Constant;
use self::mmpp::Phases;
use self::poisson::Poisson;
use self::recorded::Recorded;
use self::renewal::Renewal;
use self::time_change::TimeChange;
use super::distribution::Distribution;
use super::intensity::{Intensity, Segment};
use super::trace::Trace;
use crate::random::{CELL_NANOS, Key, Purpose};
use crate::units::{Rate, SimTime, Span};

/// Most arrivals in a block.
pub const BLOCK: usize = 1024;

/// Fastest source.
const MOST_PER_SECOND: f64 = 1e7;
/// Shortest mean stay in a state: shorter ones cannot be told from one state with the mean rate.
const SHORTEST_STAY: Span = Span::from_millis(1);

/// Clock time at which the paths of sources with a memory begin: the start of the longest run-in (2 h), so that the length of
/// the run-in moves none of their arrivals.
const ANCHOR: i64 = -120 * CELL_NANOS;

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

impl Arrivals {
    /// Refuses what cannot be simulated: more than ten million arrivals a second, gaps without length, states without stay.
    /// The error says what must hold and what was given.
    pub fn check(&self) -> Result<(), String> {
        let fast = |rate: &Rate| rate.get() > MOST_PER_SECOND;
        match self {
            Self::Constant(rate) | Self::Poisson(rate) if fast(rate) => {
                Err(format!("the rate must be at most {MOST_PER_SECOND} a second, but is {}", rate.get()))
            }
            Self::Mmpp(states) if states.is_empty() => Err("mmpp must have at least one state".into()),
            Self::Mmpp(states) => states.iter().try_for_each(|state| match state {
                MmppState { rate, .. } if fast(rate) => {
                    Err(format!("the rate of a state must be at most {MOST_PER_SECOND} a second, but is {}", rate.get()))
                }
                MmppState { mean_time, .. } if *mean_time < SHORTEST_STAY || mean_time.is_forever() => {
                    Err(format!("the mean time in a state must be finite and at least {SHORTEST_STAY}, but is {mean_time}"))
                }
                _ => Ok(()),
            }),
            Self::Renewal(gap) if gap.mean() < 1.0 / MOST_PER_SECOND => {
                Err(format!("the mean gap must be at least {} s, but is {} s", 1.0 / MOST_PER_SECOND, gap.mean()))
            }
            _ => Ok(()),
        }
    }

    /// Arrivals a second in the long run, before profile, growth and events. A trace that does not repeat has the mean rate up
    /// to its end.
    #[must_use]
    pub fn mean_rate(&self) -> f64 {
        match self {
            Self::Constant(rate) | Self::Poisson(rate) => rate.get(),
            Self::Mmpp(states) => {
                let time: f64 = states.iter().map(|state| state.mean_time.as_secs_f64()).sum();
                states.iter().map(|state| state.rate.get() * state.mean_time.as_secs_f64()).sum::<f64>() / time
            }
            Self::Renewal(gap) => 1.0 / gap.mean(),
            Self::Trace(trace) => trace.total() as f64 / trace.period().unwrap_or(trace.end()).as_secs_f64(),
        }
    }
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
    Mmpp { phases: Phases, state: Poisson },
    Renewal(Renewal),
    Trace(Recorded),
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
        let cell = from.0.div_euclid(CELL_NANOS);
        let mut segments = Vec::new();
        let operational = OperationalTime::new(&intensity, cell.min(ANCHOR / CELL_NANOS), &mut segments);
        let idle = || Poisson::new(key.stream());
        let process = match arrivals {
            Arrivals::Constant(rate) if rate.get() > 0.0 => Process::Constant { rate: rate.get(), state: Constant::default() },
            Arrivals::Poisson(rate) if rate.get() > 0.0 => Process::Poisson { rate: rate.get(), state: idle() },
            Arrivals::Mmpp(states) if !states.is_empty() => Process::Mmpp { phases: Phases::new(states, key), state: idle() },
            Arrivals::Renewal(gap) if gap.mean() > 0.0 => {
                let stream = key.purpose(Purpose::Arrival).stream();
                Process::Renewal(Renewal::new(gap, stream, operational.at_start_of(ANCHOR / CELL_NANOS)))
            }
            Arrivals::Trace(trace) if trace.total() > 0 => {
                Process::Trace(Recorded::new(trace, key, &intensity, cell * CELL_NANOS))
            }
            _ => Process::Silent,
        };
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
            self.cursor.index = self.cursor.index.wrapping_add(block.times.len() as u32);
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
        let flat = self.intensity.is_flat();
        if !matches!(self.process, Process::Silent | Process::Trace(_)) {
            self.intensity.cell(cell, &mut self.segments);
        }
        match &mut self.process {
            Process::Silent | Process::Trace(_) => {}
            Process::Poisson { rate, state } => {
                self.change.set(&self.segments, *rate);
                *state = Poisson::new(stream());
            }
            Process::Mmpp { phases, state } => {
                self.change.clear();
                phases.rate(&self.cursor, &self.segments, &mut self.change);
                *state = Poisson::new(stream());
            }
            Process::Constant { rate, state } if flat => *state = Constant::flat(&self.cursor, *rate),
            Process::Constant { rate, state } => {
                self.change.set(&self.segments, 1.0);
                let (before, after) = self.operational.enter(cell, self.change.total());
                *state = Constant::moving(*rate, before, after);
            }
            Process::Renewal(state) => {
                self.change.set(&self.segments, 1.0);
                state.enter(self.operational.enter(cell, self.change.total()).0);
            }
        }
    }

    /// Appends arrivals of the cell to the block; returns whether the cell is exhausted.
    fn draw(&mut self, block: &mut Block) -> bool {
        let (cursor, change, bounds) = (&self.cursor, &self.change, self.operational.bounds);
        match &mut self.process {
            Process::Silent => true,
            Process::Poisson { state, .. } | Process::Mmpp { state, .. } => state.draw(change, cursor, &mut block.times),
            Process::Constant { rate, state } if self.intensity.is_flat() => state.draw_flat(*rate, &mut block.times),
            Process::Constant { rate, state } => state.draw_moving(*rate, bounds.0, change, cursor, &mut block.times),
            Process::Renewal(state) => state.draw(bounds, change, cursor, &mut block.times),
            Process::Trace(state) => state.draw(&self.intensity, cursor, block),
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
    /// Values at the starts of cells -1, -2, …; empty where the factor is always 1.
    run_in: Vec<f64>,
    /// Values at the start and the end of the current cell.
    bounds: (f64, f64),
}

impl OperationalTime {
    fn new(intensity: &Intensity, first_cell: i64, segments: &mut Vec<Segment>) -> Self {
        let mut sum = 0.0;
        let backwards = |cell| {
            sum -= intensity.cell_area(cell, segments);
            sum
        };
        let run_in = if intensity.is_flat() { Vec::new() } else { (first_cell..0).rev().map(backwards).collect() };
        Self { run_in, bounds: (0.0, 0.0) }
    }

    /// Value at the start of a cell at or before clock 0.
    fn at_start_of(&self, cell: i64) -> f64 {
        let flat = (cell * CELL_NANOS) as f64 / 1e9;
        if cell == 0 { 0.0 } else { self.run_in.get((-1 - cell) as usize).copied().unwrap_or(flat) }
    }

    /// Moves to a cell, one after the other from a first one at or before clock 0; `area` is the integral of the factor over
    /// it.
    fn enter(&mut self, cell: i64, area: f64) -> (f64, f64) {
        self.bounds = if cell < 0 {
            (self.at_start_of(cell), self.at_start_of(cell + 1))
        } else {
            let before = if cell == 0 { 0.0 } else { self.bounds.1 };
            (before, before + area)
        };
        self.bounds
    }
}

#[cfg(test)]
mod tests;
