//! Lines of a file with their numbers, cut into fields. A line that does not end is an error, not a full memory.

use std::io::BufRead;

use super::super::TraceError;

/// Longest line in bytes. A day of counts takes a few thousand.
const LONGEST: usize = 1 << 20;

/// Reads lines; the last one read can be looked at.
pub(super) struct Lines<R> {
    input: R,
    /// Number of the last line read.
    pub(super) line: u64,
    text: String,
    /// Where the fields begin and end in the text.
    fields: Vec<(u32, u32)>,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(input: R) -> Self {
        Self { input, line: 0, text: String::new(), fields: Vec::new() }
    }

    /// Goes to the next line that is neither empty nor a comment; whether there is one.
    pub(super) fn next(&mut self) -> Result<bool, TraceError> {
        loop {
            let mut bytes = std::mem::take(&mut self.text).into_bytes();
            bytes.clear();
            let more = self.fill(&mut bytes)?;
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
            if memchr::memchr(b'\r', &bytes).is_some() {
                let hint = "Convert the line ends: tr '\\r' '\\n' < old.csv > new.csv";
                return Err(self.wrong("the line holds a carriage return that does not end it: line ends are mixed", hint));
            }
            self.text = String::from_utf8(bytes).map_err(|_| {
                self.wrong("the row is not UTF-8 text", "Save it as UTF-8, and check that it is the file you mean.")
            })?;
            if self.line == 1 && self.text.starts_with('\u{feff}') {
                self.text.drain(..'\u{feff}'.len_utf8());
            }
            if !self.text.trim().is_empty() && !self.text.starts_with('#') {
                self.split()?;
                return Ok(true);
            }
            if !more {
                return Ok(false);
            }
        }
    }

    /// The bytes of a line without its end; whether there is anything after it, or in it.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> Result<bool, TraceError> {
        self.line += 1;
        loop {
            let ahead = match self.input.fill_buf() {
                Ok(ahead) => ahead,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(broken(self.line, &error)),
            };
            let end = memchr::memchr(b'\n', ahead);
            let part = &ahead[..end.unwrap_or(ahead.len())];
            if bytes.len() + part.len() > LONGEST {
                let message = format!("the line is longer than {LONGEST} bytes");
                return Err(TraceError::new(self.line, message, "Check that it is a trace with one row a line."));
            }
            let at_end = ahead.is_empty();
            bytes.extend_from_slice(part);
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            if at_end || end.is_some() {
                return Ok(!at_end);
            }
        }
    }

    fn split(&mut self) -> Result<(), TraceError> {
        self.fields.clear();
        if memchr::memchr(b'"', self.text.as_bytes()).is_some() {
            return self.unquote();
        }
        let mut from = 0;
        for at in memchr::memchr_iter(b',', self.text.as_bytes()) {
            self.fields.push((from, at as u32));
            from = at as u32 + 1;
        }
        self.fields.push((from, self.text.len() as u32));
        Ok(())
    }

    /// A line with quoted fields, which may hold commas and quotation marks but no line ends.
    fn unquote(&mut self) -> Result<(), TraceError> {
        // A field that is still open at the end of the line swallows what is added to it.
        let probe = format!("{}\n,", self.text);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(probe.as_bytes());
        let mut record = csv::StringRecord::new();
        let whole = reader.read_record(&mut record).is_ok() && !record.iter().any(|field| field.contains('\n'));
        if !whole {
            let message = "a quoted field does not end on its line";
            return Err(self.wrong(message, "Write a quotation mark inside a field twice, and no line end into it."));
        }
        let mut text = String::with_capacity(self.text.len());
        for field in &record {
            let from = text.len() as u32;
            text.push_str(field);
            self.fields.push((from, text.len() as u32));
        }
        self.text = text;
        Ok(())
    }

    /// How many fields the line has.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// A field without blanks around it; empty if there is none.
    pub(super) fn get(&self, index: usize) -> &str {
        let Some((from, to)) = self.fields.get(index) else { return "" };
        self.text.get(*from as usize..*to as usize).unwrap_or_default().trim_ascii()
    }

    /// All fields, in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// The line must have as many fields as the header.
    pub(super) fn expect(&self, columns: usize) -> Result<(), TraceError> {
        if self.len() == columns {
            return Ok(());
        }
        let message = format!("expected {columns} columns as in the first row, but found {}", self.len());
        Err(self.wrong(&message, "Is the row cut off, or a field with a comma not quoted?"))
    }

    /// An error of this line.
    pub(super) fn wrong(&self, message: &str, hint: &str) -> TraceError {
        TraceError::new(self.line, message, hint)
    }

    /// The line as it was read, and what follows it.
    pub(super) fn into_parts(self) -> (String, R) {
        (self.text + "\n", self.input)
    }
}

/// A file that cannot be read on.
fn broken(line: u64, error: &std::io::Error) -> TraceError {
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        UnexpectedEof => {
            let hint = "Copy or download the file again; `gzip -t` tells whether it is whole.";
            TraceError::new(line, "the compressed data end too early", hint)
        }
        InvalidData | InvalidInput => {
            let hint = "Copy or download the file again; `gzip -t` tells whether it is whole.";
            TraceError::new(line, format!("the compressed data are broken: {error}"), hint)
        }
        _ => TraceError::new(line, format!("the trace cannot be read on: {error}"), "Check the disk, and the permissions."),
    }
}
