//! `counts`: one row an interval, a count alone or after the interval's start.

use std::io::BufRead;

use super::clock::{self, Zero};
use super::reader::{Columns, TraceOptions};
use super::rows::{Row, Rows, check_columns, field};
use super::{Trace, TraceError};
use crate::units::Span;

/// Most intervals: a minute's counts for 19 years; more is a wrong time column.
const MOST: i64 = 10_000_000;

pub(super) fn read<R: BufRead>(rows: &mut Rows<R>, columns: &Columns, options: &TraceOptions) -> Result<Trace, TraceError> {
    let Some(column) = columns.count else {
        return Err(TraceError::new(1, "found no column of counts", "Name it `count` in the header, or give the counts alone."));
    };
    if columns.timed { timed(rows, columns, column, options) } else { plain(rows, columns, column, options) }
}

fn plain<R: BufRead>(rows: &mut Rows<R>, columns: &Columns, column: usize, options: &TraceOptions) -> Result<Trace, TraceError> {
    let every = options.every.unwrap_or(Span::from_secs(60));
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        check_columns(&row, columns.expected)?;
        counts.push(whole(field(&row, column, "a count")?, row.0)?);
    }
    Trace::from_counts(every, counts, options.repeat)
}

/// Rows with the start of their interval. Clock 0 is the first row's start; intervals without a row have no arrivals.
fn timed<R: BufRead>(rows: &mut Rows<R>, columns: &Columns, column: usize, options: &TraceOptions) -> Result<Trace, TraceError> {
    let mut every = options.every.map(|every| every.0);
    let mut counts = Vec::new();
    let (mut zero, mut start) = (Zero::default(), None);
    while let Some(row) = rows.next()? {
        check_columns(&row, columns.expected)?;
        let written = clock::parse(field(&row, columns.time, "a time")?, row.0)?;
        let at = zero.relative(written, row.0)?;
        let at = at - *start.get_or_insert(at);
        let count = whole(field(&row, column, "a count")?, row.0)?;
        if at != 0 || !counts.is_empty() {
            let interval = next_interval(at, *every.get_or_insert(at), counts.len() as i64, &row)?;
            counts.resize(interval, 0);
        }
        counts.push(count);
    }
    let Some(every) = every else {
        let message = "a single row does not tell the length of its interval";
        return Err(TraceError::new(0, message, "Give it: every = \"1min\""));
    };
    Trace::from_counts(Span(every), counts, options.repeat)
}

fn next_interval(at: i64, every: i64, next: i64, row: &Row) -> Result<usize, TraceError> {
    let interval = if every > 0 && at % every == 0 { at / every } else { -1 };
    if interval >= next && interval < MOST {
        return Ok(interval as usize);
    }
    let (message, hint) = if every > 0 && at > 0 && at % every != 0 {
        (
            format!("expected a multiple of the interval {} after the first row, but found {}", Span(every), Span(at)),
            "Check `every`.",
        )
    } else if interval >= MOST {
        (format!("expected at most {MOST} intervals, but this row begins interval {interval}"), "Check the time column.")
    } else {
        ("times must rise from row to row".into(), "Sort the file by its time column, with one row an interval.")
    };
    Err(TraceError::new(row.0, message, hint))
}

/// A count: a whole number, which may be written as `94.0`.
pub(super) fn whole(text: &str, line: u64) -> Result<u32, TraceError> {
    let value: f64 = text.parse().map_err(|_| {
        TraceError::new(line, format!("expected a count, but found `{text}`"), "Counts are whole numbers, such as 94.")
    })?;
    if value >= 0.0 && value <= f64::from(u32::MAX) && value == value.floor() {
        return Ok(value as u32);
    }
    let message = format!("expected a count (a whole number from 0 to {}), but found `{text}`", u32::MAX);
    Err(TraceError::new(line, message, "Rates must be multiplied by the interval first."))
}
