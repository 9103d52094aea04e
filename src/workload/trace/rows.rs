//! Rows of a CSV file with their line numbers, and a look ahead at the first ones.

use std::collections::VecDeque;
use std::io::BufRead;

use csv::StringRecord;

use super::TraceError;

/// A row and its line.
pub(super) type Row = (u64, StringRecord);

/// Rows in the order of the file; empty lines and lines that begin with `#` are passed over.
pub(super) struct Rows<R> {
    reader: csv::Reader<R>,
    ahead: VecDeque<Row>,
}

impl<R: BufRead> Rows<R> {
    pub(super) fn new(input: R) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(input);
        Self { reader, ahead: VecDeque::new() }
    }

    /// Up to `n` rows that `next` will give.
    pub(super) fn peek(&mut self, n: usize) -> Result<&VecDeque<Row>, TraceError> {
        while self.ahead.len() < n {
            match self.read()? {
                Some(row) => self.ahead.push_back(row),
                None => break,
            }
        }
        Ok(&self.ahead)
    }

    /// The next row; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Row>, TraceError> {
        match self.ahead.pop_front() {
            Some(row) => Ok(Some(row)),
            None => self.read(),
        }
    }

    fn read(&mut self) -> Result<Option<Row>, TraceError> {
        let mut record = StringRecord::new();
        let line = self.reader.position().line();
        match self.reader.read_record(&mut record) {
            Ok(true) => {
                if record.get(0).is_some_and(|field| field.starts_with('\u{feff}')) {
                    record = record.iter().map(|field| field.trim_start_matches('\u{feff}')).collect();
                }
                Ok(Some((record.position().map_or(line, csv::Position::line), record)))
            }
            Ok(false) => Ok(None),
            Err(error) => Err(TraceError::new(
                error.position().map_or(line, csv::Position::line),
                cause(&error),
                "Save the trace as a UTF-8 CSV file.",
            )),
        }
    }
}

fn cause(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "the row is not UTF-8 text".into(),
        csv::ErrorKind::Io(error) => format!("the file cannot be read: {error}"),
        _ => format!("the row cannot be read: {error}"),
    }
}

/// A row must have as many columns as the first one.
pub(super) fn check_columns(row: &Row, expected: usize) -> Result<(), TraceError> {
    if row.1.len() == expected {
        return Ok(());
    }
    let message = format!("expected {expected} columns as in the first row, but found {}", row.1.len());
    Err(TraceError::new(row.0, message, "Complete the row or remove it; a header names the columns: timestamp,duration"))
}

/// A field of a row that must be there.
pub(super) fn field<'a>(row: &'a Row, index: usize, what: &str) -> Result<&'a str, TraceError> {
    row.1.get(index).filter(|field| !field.is_empty()).ok_or_else(|| {
        TraceError::new(
            row.0,
            format!("expected {what} in column {}, but the row has {} columns or an empty field there", index + 1, row.1.len()),
            "Fill it in, or remove the row.",
        )
    })
}
