//! Arrival processes, drawn block by block ahead of the event loop.

use std::sync::Arc;

use super::distribution::Distribution;
use super::trace::Trace;
use crate::units::{Rate, SimTime, Span};

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
