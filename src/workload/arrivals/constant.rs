//! Constant arrivals: arrival k, of any sign, at the time k/rate, mapped through the inverse of the cumulative intensity. Each
//! time is computed from k, so nothing accumulates.

use super::time_change::TimeChange;
use super::{BLOCK, Cursor};
use crate::random::CELL_NANOS;
use crate::units::SimTime;

/// Where a constant source stands in its cell.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Constant {
    next: i64,
    end: i64,
    piece: usize,
}

/// Time of arrival k at a flat rate: k/rate to the nearest nanosecond. Whole-nanosecond gaps are exact for any k.
fn time(k: i64, rate: f64) -> i64 {
    let gap = 1e9 / rate;
    if gap == gap.floor() && gap < 9e15 { k.saturating_mul(gap as i64) } else { (k as f64 * 1e9 / rate).round() as i64 }
}

/// The first k whose flat time is not before `start`.
fn first_from(start: i64, rate: f64) -> i64 {
    let mut k = (start as f64 / 1e9 * rate).ceil() as i64;
    while time(k - 1, rate) >= start {
        k -= 1;
    }
    while time(k, rate) < start {
        k += 1;
    }
    k
}

impl Constant {
    /// At the start of a cell with a flat intensity.
    pub(super) fn flat(cursor: &Cursor, rate: f64) -> Self {
        let start = cursor.cell_start();
        Self { next: first_from(start, rate), end: first_from(start + CELL_NANOS, rate), piece: 0 }
    }

    /// At the start of a cell over which the operational time (seconds of mean rate since clock 0) runs from `before` to
    /// `after`.
    pub(super) fn moving(rate: f64, before: f64, after: f64) -> Self {
        Self { next: (before * rate).ceil() as i64, end: (after * rate).ceil() as i64, piece: 0 }
    }

    /// Appends up to a block of arrivals of a flat intensity; returns whether the cell is exhausted.
    pub(super) fn draw_flat(&mut self, rate: f64, times: &mut Vec<SimTime>) -> bool {
        let end = self.end.min(self.next + BLOCK as i64);
        times.extend((self.next..end).map(|k| SimTime(time(k, rate))));
        self.next = end;
        self.next >= self.end
    }

    /// The same through the time change of the cell, in which the operational time starts at `before`.
    pub(super) fn draw_moving(
        &mut self,
        rate: f64,
        before: f64,
        change: &TimeChange,
        cursor: &Cursor,
        times: &mut Vec<SimTime>,
    ) -> bool {
        let end = self.end.min(self.next + BLOCK as i64);
        for k in self.next..end {
            // `ceil` in `moving` and this quotient may round apart by a bit: kept inside of the cell.
            let x = (k as f64 / rate - before).clamp(0.0, change.total());
            times.push(SimTime(cursor.cell_start() + (change.invert(x, &mut self.piece) as i64).min(CELL_NANOS - 1)));
        }
        self.next = end;
        self.next >= self.end
    }
}
