//! The one front of all arrival processes: cell by cell, block by block.

use super::constant::Constant;
use super::mmpp::Phases;
use super::operational::OperationalTime;
use super::poisson::Poisson;
use super::recorded::Recorded;
use super::renewal::Renewal;
use super::time_change::TimeChange;
use super::{ANCHOR, Arrivals, Block, Cursor};
use crate::random::{CELL_NANOS, Key, Purpose};
use crate::units::SimTime;
use crate::workload::intensity::{Intensity, Segment};

/// What a source is and where it stands.
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
    /// A generator of all arrivals at or after `from`. `key` holds seed, replication and source.
    #[must_use]
    pub fn new(arrivals: &Arrivals, intensity: Intensity, key: Key, from: SimTime) -> Self {
        let cell = from.0.div_euclid(CELL_NANOS);
        let mut segments = Vec::new();
        // Only these look back; the others begin anew in each cell.
        let regular = matches!(arrivals, Arrivals::Constant(_) | Arrivals::Renewal(_));
        let first = if regular { cell.min(ANCHOR / CELL_NANOS) } else { 0 };
        let operational = OperationalTime::new(&intensity, first, &mut segments);
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
        let change = TimeChange::default();
        let mut generator = Self { process, intensity, key, from, cursor, begun: false, segments, change, operational };
        if regular && cell > 0 && !generator.intensity.is_flat() {
            generator.pass_over(0..cell);
        }
        generator
    }

    /// Adds up the operational time of cells from clock 0 on, as one after the other would.
    fn pass_over(&mut self, cells: std::ops::Range<i64>) {
        for cell in cells {
            self.intensity.cell(cell, &mut self.segments);
            self.change.set(&self.segments, 1.0);
            self.operational.enter(cell, self.change.total());
        }
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
        let (cursor, change, bounds) = (&self.cursor, &self.change, self.operational.bounds());
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
