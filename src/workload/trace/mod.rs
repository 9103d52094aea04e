//! Recorded traffic: arrival times, or counts an interval.
//!
//! Clock 0 of a trace: a file of numbers below 1e8 is taken as seconds from clock 0, as written; larger numbers (seconds since
//! 1970) and dates are relative to the first row; `azure-2021` rows are as written. A trace that does not repeat is silent
//! before clock 0 and after its end; one that does goes on in both directions.

mod azure;
mod clock;
mod counts;
mod reader;
mod rows;
pub mod stream;
mod timestamps;

pub use reader::{Format, TraceOptions, read};

use std::fmt;

use crate::units::Span;

/// A trace that cannot be read: the place, what was expected and found, and a remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct TraceError {
    /// Line of the file, counted from 1; 0 where there is none.
    pub line: u64,
    /// What is wrong: one lower-case sentence without a full stop.
    pub message: String,
    /// What to do about it: a sentence; empty where there is nothing to say.
    pub hint: String,
}

impl TraceError {
    fn new(line: u64, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { line, message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.message)
    }
}

/// What was recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Records {
    /// One entry an arrival.
    Timestamps {
        /// Nanoseconds from clock 0: not negative, not falling.
        times: Vec<i64>,
        /// How long each took: as many as `times`, or none.
        durations: Vec<Span>,
    },
    /// One entry an interval; arrivals are spread inside it uniformly at random.
    Counts {
        /// Length of an interval, more than 0.
        every: Span,
        /// Arrivals in each interval from clock 0 on.
        counts: Vec<u32>,
    },
}

/// A recorded trace; valid by construction.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    records: Records,
    /// Time after which a repeated trace starts again; 0 if it does not repeat.
    period: i64,
    total: u64,
}

/// Densest trace, arrivals a second: ten million. Denser ones are a wrong unit of time.
const DENSEST: f64 = 1e7;

/// Longest trace: 100 years.
const LONGEST: i64 = 100 * 365 * 86_400 * crate::units::NANOS;

impl Trace {
    /// From sorted arrival times and their durations (as many, or none). A repeated trace starts again one mean gap after its
    /// last arrival, or after `length` where that is given.
    pub fn from_timestamps(
        times: Vec<i64>,
        durations: Vec<Span>,
        repeat: bool,
        length: Option<Span>,
    ) -> Result<Self, TraceError> {
        let (Some(&first), Some(&last)) = (times.first(), times.last()) else {
            return Err(TraceError::new(0, "the trace has no rows", "Give a file with at least one arrival."));
        };
        if last > LONGEST {
            let message = format!("the last arrival is {} after clock 0, but a trace lasts at most 100 years", Span(last));
            return Err(TraceError::new(0, message, "Check the time column."));
        }
        if first < 0 || !times.is_sorted() || !(durations.is_empty() || durations.len() == times.len()) {
            return Err(TraceError::new(0, "times must rise from 0 on, each with its duration or none", ""));
        }
        let period = match (repeat, length) {
            (false, _) => 0,
            (true, Some(length)) if length.0 > last && length.0 <= LONGEST => length.0,
            (true, Some(length)) => {
                let message =
                    format!("the trace's length {length} must be more than its last time {}, and at most 100 years", Span(last));
                return Err(TraceError::new(0, message, "Raise the length, or leave it out."));
            }
            (true, None) if last > first => last + ((last - first) / (times.len() as i64 - 1)).max(1),
            (true, None) => {
                let message = "a trace with a single time cannot repeat: it has no gap to repeat after";
                return Err(TraceError::new(0, message, "Use `arrivals = { constant = … }`, or leave out `repeat`."));
            }
        };
        let total = times.len() as u64;
        if period > 0 {
            check_density(total, period)?;
        }
        Ok(Self { records: Records::Timestamps { times, durations }, period, total })
    }

    /// From counts, one an interval of length `every`.
    pub fn from_counts(every: Span, counts: Vec<u32>, repeat: bool) -> Result<Self, TraceError> {
        if counts.is_empty() {
            return Err(TraceError::new(0, "the trace has no rows", "Give a file with at least one count."));
        }
        let length = (counts.len() as i64).checked_mul(every.0).filter(|length| every.0 > 0 && *length <= LONGEST);
        let Some(length) = length else {
            let message = format!("{} intervals of {every} are not between 0 and 100 years", counts.len());
            return Err(TraceError::new(0, message, "Check `every`."));
        };
        check_density(counts.iter().copied().max().map_or(0, u64::from), every.0)?;
        let total = counts.iter().map(|count| u64::from(*count)).sum();
        Ok(Self { records: Records::Counts { every, counts }, period: if repeat { length } else { 0 }, total })
    }

    /// What was recorded.
    #[must_use]
    pub const fn records(&self) -> &Records {
        &self.records
    }

    /// Arrivals in one turn of the trace.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Time after which a repeated trace starts again; `None` if it does not repeat.
    #[must_use]
    pub fn period(&self) -> Option<Span> {
        (self.period > 0).then_some(Span(self.period))
    }

    /// Time from clock 0 to the last arrival, or to the end of the last interval.
    #[must_use]
    pub fn end(&self) -> Span {
        match &self.records {
            Records::Timestamps { times, .. } => Span(times.last().copied().unwrap_or(0)),
            Records::Counts { every, counts } => Span(every.0 * counts.len() as i64),
        }
    }

    /// Whether each arrival has a recorded duration.
    #[must_use]
    pub fn has_durations(&self) -> bool {
        matches!(&self.records, Records::Timestamps { durations, .. } if !durations.is_empty())
    }

    /// Position, counted on over turns, of the last record before `time` (the first one if there is none), or of the interval
    /// that holds it.
    pub(super) fn seek(&self, time: i64) -> i64 {
        let (turn, rest) = if self.period > 0 { (time.div_euclid(self.period), time.rem_euclid(self.period)) } else { (0, time) };
        let position = match &self.records {
            Records::Timestamps { times, .. } => turn * times.len() as i64 + times.partition_point(|t| *t < rest) as i64 - 1,
            Records::Counts { every, counts } => turn * counts.len() as i64 + rest.div_euclid(every.0),
        };
        if self.period > 0 { position } else { position.max(0) }
    }

    /// Start of the turn and index in it of a position; `None` past the end of a trace that does not repeat.
    pub(super) fn turn(&self, position: i64, len: usize) -> Option<(i64, usize)> {
        let len = len as i64;
        if self.period > 0 {
            Some((position.div_euclid(len).checked_mul(self.period)?, position.rem_euclid(len) as usize))
        } else {
            (0..len).contains(&position).then_some((0, position as usize))
        }
    }
}

fn check_density(arrivals: u64, nanos: i64) -> Result<(), TraceError> {
    if arrivals as f64 * 1e9 <= DENSEST * nanos as f64 {
        return Ok(());
    }
    let message = format!("{arrivals} arrivals in {} are more than {DENSEST} a second", Span(nanos));
    Err(TraceError::new(0, message, "Check the unit of the times, or `every`."))
}

#[cfg(test)]
mod tests;
