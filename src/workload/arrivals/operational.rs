//! The clock on which constant and renewal sources are regular.

use crate::random::CELL_NANOS;
use crate::workload::intensity::{Intensity, Segment};

/// Operational time: seconds of mean rate since clock 0, negative before it. It is summed cell by cell away from clock 0, so
/// that a cell's value does not depend on where a run starts.
#[derive(Clone, Debug)]
pub(super) struct OperationalTime {
    /// Values at the starts of cells -1, -2, …; empty where the factor is always 1.
    run_in: Vec<f64>,
    /// Values at the start and the end of the current cell.
    bounds: (f64, f64),
}

impl OperationalTime {
    pub(super) fn new(intensity: &Intensity, first_cell: i64, segments: &mut Vec<Segment>) -> Self {
        let mut sum = 0.0;
        let backwards = |cell| {
            sum -= intensity.cell_area(cell, segments);
            sum
        };
        let run_in = if intensity.is_flat() { Vec::new() } else { (first_cell..0).rev().map(backwards).collect() };
        Self { run_in, bounds: (0.0, 0.0) }
    }

    /// Value at the start of a cell at or before clock 0.
    pub(super) fn at_start_of(&self, cell: i64) -> f64 {
        let flat = (cell * CELL_NANOS) as f64 / 1e9;
        if cell == 0 { 0.0 } else { self.run_in.get((-1 - cell) as usize).copied().unwrap_or(flat) }
    }

    /// Moves to a cell, one after the other from a first one at or before clock 0; `area` is the integral of the factor over
    /// it.
    pub(super) fn enter(&mut self, cell: i64, area: f64) -> (f64, f64) {
        self.bounds = if cell < 0 {
            (self.at_start_of(cell), self.at_start_of(cell + 1))
        } else {
            let before = if cell == 0 { 0.0 } else { self.bounds.1 };
            (before, before + area)
        };
        self.bounds
    }

    /// Values at the start and the end of the current cell.
    pub(super) const fn bounds(&self) -> (f64, f64) {
        self.bounds
    }
}
