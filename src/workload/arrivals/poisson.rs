//! Poisson arrivals: unit exponentials mapped through the inverse of the cell's cumulative intensity. They restart in each
//! cell, which is exact because the process has no memory.

use super::time_change::TimeChange;
use super::{BLOCK, Cursor};
use crate::random::{CELL_NANOS, Stream};
use crate::units::SimTime;
use crate::workload::ziggurat::Layers;

/// Where a Poisson source stands in its cell.
#[derive(Clone, Debug)]
pub(super) struct Poisson {
    stream: Stream,
    /// Sum of the unit exponentials so far.
    sum: f64,
    piece: usize,
}

impl Poisson {
    /// At the start of a cell, with the stream of that cell.
    pub(super) const fn new(stream: Stream) -> Self {
        Self { stream, sum: 0.0, piece: 0 }
    }

    /// Appends up to a block of arrivals; returns whether the cell is exhausted.
    pub(super) fn draw(&mut self, rate: &TimeChange, cursor: &Cursor, times: &mut Vec<SimTime>) -> bool {
        let total = rate.total();
        if total <= 0.0 {
            return true;
        }
        match rate.steady() {
            Some(steady) => self.draw_with(total, cursor, times, |x, _| x / steady),
            None => self.draw_with(total, cursor, times, |x, piece| rate.invert(x, piece)),
        }
    }

    #[inline(always)]
    fn draw_with(
        &mut self,
        total: f64,
        cursor: &Cursor,
        times: &mut Vec<SimTime>,
        place: impl Fn(f64, &mut usize) -> f64,
    ) -> bool {
        let layers = Layers::exponential();
        // Locals, so that they stay in registers.
        let (mut stream, mut sum, mut piece) = (self.stream.clone(), self.sum, self.piece);
        let start = cursor.cell_start();
        let mut drawn = 0;
        let mut exhausted = false;
        // Room for what the rest of the cell will give, nearly always: clearing a whole block is dear where arrivals are rare.
        times.resize(BLOCK.min(((total - sum) * 1.1) as usize + 32), SimTime(0));
        for slot in times.iter_mut() {
            sum += layers.draw_exponential(&mut stream);
            if sum >= total {
                exhausted = true;
                break;
            }
            *slot = SimTime(start + (place(sum, &mut piece) as i64).min(CELL_NANOS - 1));
            drawn += 1;
        }
        times.truncate(drawn);
        (self.stream, self.sum, self.piece) = (stream, sum, piece);
        exhausted
    }
}
