//! `timestamps`: one row an arrival, a time and optionally a duration in seconds.

use std::io::BufRead;

use super::clock::{self, Zero};
use super::reader::{Columns, TraceOptions};
use super::rows::{Rows, check_columns, field};
use super::{Trace, TraceError};
use crate::units::Span;

pub(super) fn read<R: BufRead>(rows: &mut Rows<R>, columns: &Columns, options: &TraceOptions) -> Result<Trace, TraceError> {
    let (mut times, mut durations) = (Vec::<i64>::new(), Vec::new());
    let mut zero = Zero::default();
    while let Some(row) = rows.next()? {
        check_columns(&row, columns.expected)?;
        let written = clock::parse(field(&row, columns.time, "a time")?, row.0)?;
        let time = zero.relative(written, row.0)?;
        if let Some(&before) = times.last()
            && time < before
        {
            let message = format!("times must not fall, but {} s follows {} s", time as f64 / 1e9, before as f64 / 1e9);
            return Err(TraceError::new(row.0, message, "Sort the file by its time column."));
        }
        times.push(time);
        if let Some(column) = columns.duration {
            durations.push(Span(clock::seconds(field(&row, column, "a duration")?, row.0, "a duration")?));
        }
    }
    Trace::from_timestamps(times, durations, options.repeat, options.length)
}
