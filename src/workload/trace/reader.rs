//! One entry for all formats: the format as given, or as the first rows show it.

use std::collections::VecDeque;
use std::io::BufRead;

use super::rows::{Row, Rows};
use super::{Trace, TraceError, azure, clock, counts, timestamps};
use crate::units::Span;

/// Rows looked at to detect the format.
const LOOK: usize = 100;

/// How a trace is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A time a row, and optionally its duration.
    Timestamps,
    /// A count a row, alone or after its time.
    Counts,
    /// Azure Functions 2019: a function a row, a count a minute.
    Azure2019,
    /// Azure Functions 2021: an invocation a row.
    Azure2021,
}

impl Format {
    /// All formats with their names in the scenario.
    pub const ALL: [(&'static str, Self); 4] = [
        ("timestamps", Self::Timestamps),
        ("counts", Self::Counts),
        ("azure-2019", Self::Azure2019),
        ("azure-2021", Self::Azure2021),
    ];

    /// The format of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }
}

/// How to read a trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TraceOptions {
    /// Detected when left out.
    pub format: Option<Format>,
    /// Length of an interval of counts; 1 min when left out, or the distance of the rows' times.
    pub every: Option<Span>,
    /// Names, or their beginnings, of the functions (and for `azure-2021` apps) to take; all if empty.
    pub functions: Vec<String>,
    /// Whether the trace starts again at its end.
    pub repeat: bool,
    /// Time after which a repeated trace of timestamps starts again.
    pub length: Option<Span>,
}

/// What the columns of a file of timestamps or counts hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) time: usize,
    /// Whether there is a time column.
    pub(super) timed: bool,
    pub(super) duration: Option<usize>,
    pub(super) count: Option<usize>,
    /// How many columns a row should have.
    pub(super) expected: usize,
}

/// Reads a trace.
///
/// ```
/// # use faascast::workload::trace::{read, TraceOptions};
/// let trace = read("timestamp\n0.5\n1.25\n".as_bytes(), &TraceOptions::default())?;
/// assert_eq!(trace.total(), 2);
/// # Ok::<(), faascast::workload::trace::TraceError>(())
/// ```
pub fn read(input: impl BufRead, options: &TraceOptions) -> Result<Trace, TraceError> {
    if let Some(every) = options.every.filter(|every| every.0 <= 0 || every.is_forever()) {
        return Err(TraceError::new(0, format!("`every` must be more than 0 and finite, but is {every}"), ""));
    }
    let mut rows = Rows::new(input);
    let ahead = rows.peek(LOOK)?;
    let Some((_, first)) = ahead.front() else {
        return Err(TraceError::new(0, "the trace is empty", "Give a file with at least one row."));
    };
    let format = match options.format {
        Some(format) => format,
        None if azure::is_2019(first) => Format::Azure2019,
        None if azure::is_2021(first) => Format::Azure2021,
        None => detect(ahead, options)?,
    };
    match format {
        Format::Azure2019 => return azure::read_2019(&mut rows, options),
        Format::Azure2021 => return azure::read_2021(&mut rows, options),
        Format::Timestamps | Format::Counts if !options.functions.is_empty() => {
            let message = "`functions` chooses rows of the azure formats only";
            return Err(TraceError::new(0, message, "Leave it out for this file."));
        }
        Format::Timestamps | Format::Counts => {}
    }
    let (columns, header) = columns(first, format);
    if header {
        rows.next()?;
    }
    if format == Format::Counts {
        counts::read(&mut rows, &columns, options)
    } else {
        timestamps::read(&mut rows, &columns, options)
    }
}

/// Whether the first row names the columns.
fn is_header(first: &csv::StringRecord) -> bool {
    first.get(0).is_some_and(|field| !clock::is_time(field))
}

/// Whether a header names a column of counts.
fn names_counts(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["count", "value", "request", "invocation", "hits", "sum"].iter().any(|part| name.contains(part))
}

fn names_duration(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["duration", "latency", "elapsed"].iter().any(|part| name.contains(part))
}

fn names_time(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["time", "date", "arrival", "start"].iter().any(|part| name.contains(part))
}

/// The columns of a file of timestamps or counts, and whether its first row is a header.
fn columns(first: &csv::StringRecord, format: Format) -> (Columns, bool) {
    let header = is_header(first);
    let find = |names: fn(&str) -> bool| if header { first.iter().position(names) } else { None };
    let two = first.len() >= 2;
    let duration = find(names_duration).or((!header && two && format == Format::Timestamps).then_some(1));
    let time = find(|name| names_time(name) && !names_duration(name));
    let timed = if header { time.is_some() && two } else { two };
    let count = find(names_counts).or(if timed && two { Some(1) } else { Some(0) });
    (Columns { time: time.unwrap_or(0), timed, duration, count, expected: first.len() }, header)
}

/// Timestamps or counts? By the header's names; without a header by the numbers: fractions and strictly rising columns are
/// times, falling whole numbers are counts. What fits both is refused rather than guessed.
fn detect(ahead: &VecDeque<Row>, options: &TraceOptions) -> Result<Format, TraceError> {
    let Some((line, first)) = ahead.front() else { return Ok(Format::Timestamps) };
    if is_header(first) {
        let counted = first.iter().any(|name| names_counts(name) && !names_duration(name) && !names_time(name));
        let timed = first.iter().any(names_time);
        return match (counted, timed) {
            (true, _) => Ok(Format::Counts),
            (false, true) => Ok(Format::Timestamps),
            (false, false) => {
                let message = format!("cannot tell the format from the header `{}`", first.iter().collect::<Vec<_>>().join(","));
                Err(TraceError::new(*line, message, "Give it: format = \"timestamps\" or \"counts\"."))
            }
        };
    }
    let column =
        |i: usize| -> Vec<Option<f64>> { ahead.iter().map(|(_, row)| row.get(i).and_then(|text| text.parse().ok())).collect() };
    let whole = |values: &[Option<f64>]| values.iter().all(|value| value.is_none_or(|value| value == value.floor()));
    let numbers = column(0);
    if options.every.is_some() {
        return Ok(Format::Counts);
    }
    if first.len() >= 2 {
        let durations = column(1);
        return if whole(&durations) && durations.iter().all(Option::is_some) {
            Err(unclear(*line))
        } else {
            Ok(Format::Timestamps)
        };
    }
    if numbers[0].is_none() || !whole(&numbers) {
        return Ok(Format::Timestamps);
    }
    if numbers.windows(2).any(|pair| pair[1] < pair[0] && pair[1].is_some()) {
        return Ok(Format::Counts);
    }
    let rising = numbers.len() >= 3 && numbers.windows(2).all(|pair| pair[1] > pair[0]);
    if rising { Ok(Format::Timestamps) } else { Err(unclear(*line)) }
}

fn unclear(line: u64) -> TraceError {
    let hint = "Give it: format = \"timestamps\" or \"counts\", or begin the file with a header such as timestamp or count.";
    TraceError::new(line, "cannot tell whether these numbers are times or counts", hint)
}
