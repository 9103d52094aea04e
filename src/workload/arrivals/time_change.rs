//! Inverse of the cumulative intensity inside a time cell: unit-rate points become arrivals of a moving rate.

use crate::workload::intensity::Segment;

/// A segment of the cell over which the rate is `rate + slope x s`, with s in nanoseconds from its start.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Nanoseconds from the cell's start.
    start: f64,
    /// Points a nanosecond at the start.
    rate: f64,
    slope: f64,
    /// Points expected in the cell before the end of this piece.
    until: f64,
}

/// The cumulative intensity of one time cell: quadratic in each piece, so that its inverse is exact.
#[derive(Clone, Debug, Default)]
pub(super) struct TimeChange {
    pieces: Vec<Piece>,
}

impl TimeChange {
    pub(super) fn clear(&mut self) {
        self.pieces.clear();
    }

    /// Takes over the segments of a cell, their factors times `rate` points a second.
    pub(super) fn set(&mut self, segments: &[Segment], rate: f64) {
        self.clear();
        segments.iter().for_each(|segment| self.push(segment, rate));
    }

    /// Appends a segment whose factor is taken times `rate` points a second.
    pub(super) fn push(&mut self, segment: &Segment, rate: f64) {
        let length = (segment.end - segment.start) as f64;
        let (first, last) = (segment.first * rate * 1e-9, segment.last * rate * 1e-9);
        let until = self.total() + 0.5 * (first + last) * length;
        self.pieces.push(Piece { start: segment.start as f64, rate: first, slope: (last - first) / length, until });
    }

    /// Points expected in the cell.
    pub(super) fn total(&self) -> f64 {
        self.pieces.last().map_or(0.0, |piece| piece.until)
    }

    /// The rate if it is the same over the whole cell: points a nanosecond.
    pub(super) fn steady(&self) -> Option<f64> {
        match self.pieces[..] {
            [Piece { rate, slope: 0.0, .. }] => Some(rate),
            _ => None,
        }
    }

    /// Nanoseconds from the cell's start at which `x` points are expected, 0 <= x < total. `cursor` starts at 0 and must go
    /// with rising `x`.
    #[inline]
    pub(super) fn invert(&self, x: f64, cursor: &mut usize) -> f64 {
        while *cursor + 1 < self.pieces.len() && x >= self.pieces[*cursor].until {
            *cursor += 1;
        }
        let before = if *cursor == 0 { 0.0 } else { self.pieces[*cursor - 1].until };
        let piece = &self.pieces[*cursor];
        let y = x - before;
        if piece.slope == 0.0 {
            return piece.start + y / piece.rate;
        }
        // rate s + slope s^2 / 2 = y, in the form that does not cancel when the slope is near 0.
        let root = (piece.rate * piece.rate + 2.0 * piece.slope * y).max(0.0).sqrt();
        let s = 2.0 * y / (piece.rate + root);
        // 0/0 at the very start of a piece whose rate rises from 0.
        piece.start + if s > 0.0 { s } else { 0.0 }
    }
}
