//! Parquet files as the text that the other readers take: a line of names, then a line a row. One row group is in memory at a time.

use std::collections::VecDeque;
use std::io::{self, Read};

use parquet::file::reader::{ChunkReader, FileReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};

use super::super::TraceError;

/// The rows of a file as lines of CSV.
struct Lines {
    rows: RowIter<'static>,
    pending: VecDeque<u8>,
}

/// The text of a Parquet file.
///
/// # Errors
/// It is no whole Parquet file, or compressed in a way that this build does not know.
pub fn parquet_text<R: ChunkReader + 'static>(file: R) -> Result<impl Read, TraceError> {
    let broken = |error: parquet::errors::ParquetError| {
        let hint = "Copy it again, or write it anew with snappy, gzip or no compression; or as CSV.";
        TraceError::new(0, format!("the Parquet file cannot be read: {error}"), hint)
    };
    let reader = SerializedFileReader::new(file).map_err(broken)?;
    let names: Vec<String> =
        reader.metadata().file_metadata().schema().get_fields().iter().map(|field| quoted(field.name())).collect();
    let pending = format!("{}\n", names.join(",")).into_bytes().into();
    Ok(Lines { rows: RowIter::from_file_into(Box::new(reader)), pending })
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.pending.len() < buffer.len() {
            match self.rows.next() {
                Some(Ok(row)) => self.pending.extend(line(&row).into_bytes()),
                Some(Err(error)) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
                None => break,
            }
        }
        self.pending.read(buffer)
    }
}

fn line(row: &Row) -> String {
    let cells: Vec<String> = row.get_column_iter().map(|(_, field)| cell(field)).collect();
    cells.join(",") + "\n"
}

/// A value as text; times in seconds, as traces have them.
fn cell(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => quoted(text),
        Field::Bytes(bytes) => quoted(&String::from_utf8_lossy(bytes.data())),
        Field::Double(value) => value.to_string(),
        Field::Float(value) => value.to_string(),
        Field::TimestampMillis(millis) => seconds(*millis, 1_000),
        Field::TimestampMicros(micros) => seconds(*micros, 1_000_000),
        other => quoted(&other.to_string()),
    }
}

fn seconds(count: i64, a_second: i64) -> String {
    (count as f64 / a_second as f64).to_string()
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    fn file(rows: usize) -> Vec<u8> {
        let schema = "message trace { REQUIRED BYTE_ARRAY app (UTF8); REQUIRED DOUBLE end_timestamp; REQUIRED DOUBLE duration; }";
        let mut bytes = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut bytes, Arc::new(parse_message_type(schema).unwrap()), Default::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let apps: Vec<ByteArray> = (0..rows).map(|i| ByteArray::from(format!("app,{i}").into_bytes())).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&apps, None, None).unwrap();
        column.close().unwrap();
        for scale in [1.5, 0.25] {
            let values: Vec<f64> = (0..rows).map(|i| i as f64 * scale).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<DoubleType>().write_batch(&values, None, None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        writer.close().unwrap();
        bytes
    }

    #[test]
    fn rows_become_lines() {
        let mut text = String::new();
        parquet_text(bytes::Bytes::from(file(3))).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "app,end_timestamp,duration\n\"app,0\",0,0\n\"app,1\",1.5,0.25\n\"app,2\",3,0.5\n");
    }

    #[test]
    fn half_a_file_is_refused() {
        let whole = file(100);
        let half = bytes::Bytes::copy_from_slice(&whole[..whole.len() / 2]);
        let error = parquet_text(half).map(|_| ()).unwrap_err();
        assert!(error.message.starts_with("the Parquet file cannot be read"), "{}", error.message);
    }
}
