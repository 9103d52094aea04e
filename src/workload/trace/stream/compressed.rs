//! Files as they are kept: plain, or compressed with gzip, told apart by their first bytes.

use std::io::{BufRead, BufReader};

use flate2::bufread::MultiGzDecoder;

use super::super::TraceError;

/// Bytes read from a decoder at once.
const AHEAD: usize = 1 << 16;

/// Formats that are not read, by their first bytes, and what to do.
const OTHERS: [(&[u8], &str, &str); 6] = [
    (b"PK\x03\x04", "a zip archive", "Unpack it first: unzip FILE"),
    (b"Rar!", "a rar archive", "Unpack it first: unrar x FILE"),
    (b"\xfd7zXZ", "compressed with xz", "Unpack it first: xz -d FILE, or tar xf FILE"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "Unpack it first: zstd -d FILE"),
    (b"BZh", "compressed with bzip2", "Unpack it first: bzip2 -d FILE"),
    (b"PAR1", "a Parquet file", "Build with `--features parquet`, or write it as CSV first."),
];

/// The text of a file, unpacked if need be.
///
/// # Errors
/// It is compressed in a way that is not read here, or cannot be read at all.
pub fn decoded<'a>(mut input: impl BufRead + Send + 'a) -> Result<Box<dyn BufRead + Send + 'a>, TraceError> {
    let first = input.fill_buf().map_err(|error| {
        TraceError::new(0, format!("the trace cannot be read: {error}"), "Check the path and the permissions.")
    })?;
    if let Some((_, what, remedy)) = OTHERS.iter().find(|(magic, ..)| first.starts_with(magic)) {
        return Err(TraceError::new(0, format!("the trace is {what}"), *remedy));
    }
    if first.starts_with(b"\x1f\x8b") {
        return Ok(Box::new(BufReader::with_capacity(AHEAD, MultiGzDecoder::new(input))));
    }
    Ok(Box::new(input))
}
