//! Renewal arrivals: independent gaps in operational time, that is seconds of mean rate, mapped through the inverse of the
//! cumulative intensity. The path begins with a gap at a fixed anchor, wherever the run-in begins.

use super::time_change::TimeChange;
use super::{BLOCK, Cursor};
use crate::random::{CELL_NANOS, Stream};
use crate::units::SimTime;
use crate::workload::distribution::Distribution;

/// Gaps drawn at once.
const GAPS: usize = 128;

/// Where a renewal source stands.
#[derive(Clone, Debug)]
pub(super) struct Renewal {
    gap: Distribution,
    stream: Stream,
    gaps: Vec<f64>,
    used: usize,
    /// Operational time of the next arrival.
    next: f64,
    piece: usize,
}

impl Renewal {
    /// A path that begins at the operational time `anchor`.
    pub(super) fn new(gap: &Distribution, stream: Stream, anchor: f64) -> Self {
        let mut renewal = Self { gap: gap.clone(), stream, gaps: vec![0.0; GAPS], used: GAPS, next: anchor, piece: 0 };
        renewal.advance();
        renewal
    }

    #[inline]
    fn advance(&mut self) {
        if self.used == GAPS {
            self.gap.fill(&mut self.stream, &mut self.gaps);
            self.used = 0;
        }
        self.next += self.gaps[self.used];
        self.used += 1;
    }

    /// At the start of a cell with this operational time; passes over what lies before it.
    pub(super) fn enter(&mut self, before: f64) {
        self.piece = 0;
        while self.next < before {
            self.advance();
        }
    }

    /// Appends up to a block of arrivals of the cell whose operational time runs from `before` to `after`; returns whether the
    /// cell is exhausted.
    pub(super) fn draw(
        &mut self,
        (before, after): (f64, f64),
        change: &TimeChange,
        cursor: &Cursor,
        times: &mut Vec<SimTime>,
    ) -> bool {
        while self.next < after {
            if times.len() == BLOCK {
                return false;
            }
            // The two sums may differ by rounding: kept inside of the cell.
            let x = (self.next - before).min(change.total());
            times.push(SimTime(cursor.cell_start() + (change.invert(x, &mut self.piece) as i64).min(CELL_NANOS - 1)));
            self.advance();
        }
        true
    }
}
