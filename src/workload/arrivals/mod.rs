//! Arrival processes, drawn block by block ahead of the event loop.
//!
//! A [`Generator`] gives the arrivals of one source cell by cell. Every arrival is a function of the key, the cell and the
//! index in the cell, so that the start of the run-in, the size of a block and an event in another cell change nothing.

mod constant;
mod generator;
mod mmpp;
mod operational;
mod points;
mod poisson;
mod recorded;
mod renewal;
mod time_change;

pub use generator::Generator;
pub use points::{Place, Points};

use std::sync::Arc;

use super::distribution::Distribution;
use super::trace::Trace;
use crate::random::CELL_NANOS;
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
#[derive(Clone, Debug, PartialEq)]
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

#[cfg(test)]
mod tests;
