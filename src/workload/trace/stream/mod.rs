//! Traces of many functions, read in memory that does not grow with their length: one function after the other.
//!
//! What a file holds is seen from its header:
//!
//! - numbered columns are counts, a function a row: Azure Functions 2019 and what was made of it, such as FaaSRail's
//!   specifications, whose columns are ranges of minutes and whose `avg` is a duration in milliseconds;
//! - a column of times is an invocation a row, in any order: Azure Functions 2021, or any CSV with a function's name, a time
//!   and perhaps a duration. These are sorted, in chunks that go to a store of the caller's if they are too many for memory;
//! - anything else is the traffic of a single function, in one of the formats of [`super::read`].
//!
//! Nothing here opens a file: the caller gives readers, and a store that can be read again.

mod beside;
mod compressed;
mod fields;
mod lines;
#[cfg(feature = "parquet")]
mod parquet;
mod rows;
mod sort;
#[cfg(test)]
mod tests;
mod wide;

pub use beside::{durations, memories};
pub use compressed::decoded;
#[cfg(feature = "parquet")]
pub use parquet::parquet_text;

use std::io::{BufRead, Cursor, Read, Seek, Write};

use super::{Trace, TraceError, TraceOptions};
use crate::units::{NANOS, Span};
use crate::workload::distribution::Distribution;
use lines::Lines;
use rows::Merged;
use wide::Wide;

/// What a trace says of one function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionTrace {
    /// Its name, unique in the file.
    pub name: String,
    /// The application that it belongs to; empty where the file names none.
    pub app: String,
    /// What calls it, such as `http`; empty where the file does not say.
    pub trigger: String,
    /// Its arrivals, repeated after the end of the recording; `None` if it has none.
    pub trace: Option<Trace>,
    /// Its durations in seconds, where the row has one for all invocations.
    pub duration: Option<Distribution>,
}

/// What a file of many functions does not say itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamOptions {
    /// Length of a column of counts; one minute when left out.
    pub every: Option<Span>,
    /// How long the recording of invocations lasted; up to the minute after the last arrival when left out.
    pub length: Option<Span>,
    /// Invocations sorted in memory at once; a million when left out.
    pub chunk: Option<usize>,
}

/// The functions of a trace, one after the other.
pub struct Stream<R, S>(Kind<R, S>);

enum Kind<R, S> {
    Wide(Box<Wide<R>>),
    Merged(Box<Merged<S>>),
    Single(Span, Option<Box<FunctionTrace>>),
}

/// Looks at the header of a trace and reads what must be known first: all of it, if it is an invocation a row. `name` is the
/// function's where the file names none; `store` holds what does not fit into memory.
///
/// ```
/// # use faascast::workload::trace::stream::{open, StreamOptions};
/// let file = "HashOwner,HashApp,HashFunction,Trigger,1,2\no,a,f,http,3,0\no,a,g,timer,1,1\n";
/// let mut functions = open(file.as_bytes(), "day", &StreamOptions::default(), std::io::Cursor::new(Vec::new()))?;
/// let first = functions.next()?.expect("there are two");
/// assert_eq!((first.name.as_str(), first.trigger.as_str(), first.trace.map(|t| t.total())), ("f", "http", Some(3)));
/// # Ok::<(), faascast::workload::trace::TraceError>(())
/// ```
///
/// # Errors
/// The place in the file, what is wrong and what to do about it.
pub fn open<R: BufRead, S: Read + Write + Seek>(
    input: R,
    name: &str,
    options: &StreamOptions,
    store: S,
) -> Result<Stream<R, S>, TraceError> {
    let mut lines = Lines::new(input);
    if !lines.next()? {
        return Err(TraceError::new(0, "the trace is empty", "Give a file with at least one row."));
    }
    let header = fields::Header::of(&lines);
    if header.counts().next().is_some() && header.is_named() {
        return Ok(Stream(Kind::Wide(Box::new(Wide::new(lines, &header, options)?))));
    }
    if header.has_invocations() {
        return Ok(Stream(Kind::Merged(Box::new(rows::read(lines, &header, name, options, store)?))));
    }
    single(lines, name, options)
}

/// A file with the traffic of one function.
fn single<R: BufRead, S>(lines: Lines<R>, name: &str, options: &StreamOptions) -> Result<Stream<R, S>, TraceError> {
    let (first, rest) = lines.into_parts();
    let whole = Cursor::new(first).chain(rest);
    let trace = super::read(whole, &TraceOptions { every: options.every, ..TraceOptions::default() })?;
    let (length, trace) = match trace.records() {
        super::Records::Counts { every, counts } => (trace.end(), Trace::from_counts(*every, counts.clone(), true)?),
        super::Records::Timestamps { times, durations } => {
            let length = recorded(trace.end().0, options)?;
            (length, Trace::from_timestamps(times.clone(), durations.clone(), true, Some(length))?)
        }
    };
    let (app, trigger) = (String::new(), String::new());
    let function = FunctionTrace { name: name.to_owned(), app, trigger, trace: Some(trace), duration: None };
    Ok(Stream(Kind::Single(length, Some(Box::new(function)))))
}

/// How long a recording lasted whose last arrival is known.
fn recorded(last: i64, options: &StreamOptions) -> Result<Span, TraceError> {
    const MINUTE: i64 = 60 * NANOS;
    let Some(length) = options.length else {
        return Ok(Span(last.saturating_add(MINUTE) / MINUTE * MINUTE));
    };
    if length.0 > last {
        return Ok(length);
    }
    let message = format!("the recording lasts {length}, but an invocation arrives {} after its start", Span(last));
    Err(TraceError::new(0, message, "Raise the length of the recording, or leave it out."))
}

impl<R: BufRead, S: Read + Seek> Stream<R, S> {
    /// How long was recorded.
    #[must_use]
    pub fn length(&self) -> Span {
        match &self.0 {
            Kind::Wide(wide) => wide.length(),
            Kind::Merged(merged) => merged.length(),
            Kind::Single(length, _) => *length,
        }
    }

    /// The next function; `None` at the end of the file.
    ///
    /// # Errors
    /// The place in the file, what is wrong and what to do about it.
    #[expect(clippy::should_implement_trait, reason = "an error ends it, which an iterator's items do not say")]
    pub fn next(&mut self) -> Result<Option<FunctionTrace>, TraceError> {
        match &mut self.0 {
            Kind::Wide(wide) => wide.next(),
            Kind::Merged(merged) => merged.next(),
            Kind::Single(_, function) => Ok(function.take().map(|function| *function)),
        }
    }
}
