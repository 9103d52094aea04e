//! Tables with a row an invocation: CloudWatch Logs Insights (`@duration`, `@initDuration`, …), and tables whose columns are
//! named as the fields of a `REPORT` line.

use serde_json::Value;

use super::fields::{epoch, time};
use super::report_lines::{Around, Lambda, name};
use crate::calibrate::records::{Ending, Invocation, Records, identity};

/// A column by what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    /// When the handler started, or when the row was logged.
    Start,
    Logged,
    Duration,
    Billed,
    Memory,
    Used,
    Init,
    Cold,
    Request,
    Instance,
    Function,
    Message,
    Status,
}

/// Names of columns, in small letters and without anything but letters.
const NAMES: [(&str, Column); 34] = [
    ("timestamp", Column::Logged),
    ("ingestiontime", Column::Logged),
    ("starttime", Column::Start),
    ("invocationtimestamp", Column::Start),
    ("duration", Column::Duration),
    ("durationms", Column::Duration),
    ("awsduration", Column::Duration),
    ("billedduration", Column::Billed),
    ("billeddurationms", Column::Billed),
    ("awsbilledduration", Column::Billed),
    ("memorysize", Column::Memory),
    ("memorymb", Column::Memory),
    ("memorysizemb", Column::Memory),
    ("maxmemoryused", Column::Used),
    ("maxmemoryusedmb", Column::Used),
    ("awsmaxmem", Column::Used),
    ("memoryusagemb", Column::Used),
    ("initduration", Column::Init),
    ("initdurationms", Column::Init),
    ("restoreduration", Column::Init),
    ("coldstartlatencyms", Column::Init),
    ("iscold", Column::Cold),
    ("iscoldstart", Column::Cold),
    ("requestid", Column::Request),
    ("logstream", Column::Instance),
    ("logstreamname", Column::Instance),
    ("instanceid", Column::Instance),
    ("existid", Column::Instance),
    ("function", Column::Function),
    ("functionname", Column::Function),
    ("log", Column::Function),
    ("loggroup", Column::Function),
    ("message", Column::Message),
    ("status", Column::Status),
];

/// Decimal megabytes: Logs Insights gives bytes that are a million for each MB of the setting.
const DECIMAL_FROM: f64 = 1e6;

/// The columns of a table.
#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: Vec<Option<Column>>,
    lambda_messages: bool,
}

impl Table {
    /// The columns by a header; `None` if it has neither durations nor messages.
    pub(super) fn new<'a>(header: impl Iterator<Item = &'a str>) -> Option<Self> {
        let column = |title: &str| {
            let plain: String = title.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
            NAMES.iter().find(|(known, _)| *known == plain).map(|(_, column)| *column)
        };
        let columns: Vec<_> = header.map(column).collect();
        let has = |wanted| columns.contains(&Some(wanted));
        let lambda_messages = has(Column::Message) && !has(Column::Duration);
        (has(Column::Duration) || has(Column::Message)).then_some(Self { columns, lambda_messages })
    }

    /// A row.
    pub(super) fn row(&self, records: &mut Records, lambda: &mut Lambda, line: usize, cells: &[&str]) {
        let cell = |wanted: Column| {
            let at = self.columns.iter().position(|column| *column == Some(wanted))?;
            cells.get(at).map(|text| text.trim()).filter(|text| !text.is_empty())
        };
        let when = |wanted| cell(wanted).and_then(|text| time(text).or_else(|| epoch(text.parse().ok()?)));
        let function = name(cell(Column::Function).unwrap_or_default());
        if self.lambda_messages {
            let around = Around { time: when(Column::Logged), stream: cell(Column::Instance), function };
            return lambda.message(records, line, cell(Column::Message).unwrap_or_default(), &around);
        }
        let Some(duration) = cell(Column::Duration) else {
            // Insights gives a row for every line of the log: those without a duration are of other kinds.
            records.other += 1;
            return;
        };
        let number = |text: &str| text.parse::<f64>().ok().filter(|x| *x >= 0.0 && x.is_finite());
        let Some(duration) = number(duration).map(|ms| ms / 1e3) else {
            records.broken(
                line,
                format!("the duration `{duration}` is not a number that is at least 0"),
                "It is in milliseconds.",
            );
            return;
        };
        let size = |wanted| {
            let value = cell(wanted).and_then(number)?;
            Some(((if value >= DECIMAL_FROM { value / 1e6 } else { value }) * 1_048_576.0) as u64)
        };
        let init = cell(Column::Init).and_then(number).map(|ms| ms / 1e3);
        let truth = |text: &str| text.eq_ignore_ascii_case("true") || text == "1";
        let nanos = |seconds: f64| (seconds * 1e9).round() as i64;
        let at = when(Column::Start)
            .or_else(|| when(Column::Logged).map(|logged| logged - nanos(duration)))
            .map(|at| at - nanos(init.unwrap_or(0.0)));
        // A table that has the column says of each row whether it was cold.
        let says = self.columns.contains(&Some(Column::Init));
        let function = records.function(function);
        records.invocations.push(Invocation {
            function,
            at,
            duration: Some(duration),
            billed: cell(Column::Billed).and_then(number).map(|ms| ms / 1e3),
            memory: size(Column::Memory),
            used: size(Column::Used),
            init,
            cold: cell(Column::Cold).map(truth).or(says.then_some(init.is_some())),
            response: None,
            ending: match cell(Column::Status) {
                Some("timeout") => Ending::Timeout,
                Some("error") => Ending::Error,
                _ => Ending::Ok,
            },
            request: cell(Column::Request).map(identity),
            instance: cell(Column::Instance).map(identity),
        });
    }

    /// A row that is an object: the same columns by name. `None` if it has none of them.
    pub(super) fn object(records: &mut Records, lambda: &mut Lambda, number: usize, event: &Value) -> Option<()> {
        let object = event.as_object()?;
        let table = Self::new(object.keys().map(String::as_str))?;
        let texts: Vec<String> = object
            .values()
            .map(|value| {
                value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
            })
            .collect();
        let cells: Vec<&str> = texts.iter().map(String::as_str).collect();
        table.row(records, lambda, number, &cells);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(header: &str, rows: &[&str]) -> Records {
        let (mut records, mut lambda) = (Records::default(), Lambda::default());
        let table = Table::new(header.split(',')).unwrap();
        for (line, row) in (2..).zip(rows) {
            table.row(&mut records, &mut lambda, line, &row.split(',').collect::<Vec<_>>());
        }
        records
    }

    #[test]
    fn insights_rows_are_read() {
        let records = table(
            "@timestamp,@requestId,@duration,@billedDuration,@memorySize,@maxMemoryUsed,@initDuration,@logStream",
            &[
                "2025-05-12 20:24:06.700,r,200.5,201,1.28E8,6.6E7,100,s",
                "2025-05-12 20:24:07.700,,,,,,,s",
                "2025-05-12 20:24:08.700,q,x,,,,,s",
            ],
        );
        let only = records.invocations[0];
        assert_eq!((only.memory, only.used, only.init, only.cold), (Some(128 << 20), Some(66 << 20), Some(0.1), Some(true)));
        assert_eq!(only.at, time("2025-05-12T20:24:06.399500Z"));
        assert_eq!((records.other, records.broken, records.findings[0].line), (1, 1, 4));
    }

    #[test]
    fn messages_are_read_as_lines() {
        let records = table(
            "@timestamp,@message",
            &["2025-05-12 20:24:06.700,REPORT RequestId: r\tDuration: 200 ms\tBilled Duration: 200 ms\tMemory Size: 128 MB"],
        );
        assert_eq!(records.invocations[0].at, time("2025-05-12T20:24:06.500Z"));
    }

    #[test]
    fn other_tables_are_refused() {
        assert!(Table::new("timestamp,value".split(',')).is_none());
    }
}
