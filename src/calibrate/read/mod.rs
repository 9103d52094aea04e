//! Logs, metrics and traces to [`Records`]: the kind is detected from the content; lines are read one at a time; broken ones
//! are counted and the first of them shown; nothing is ever taken for a duplicate.

mod azure;
mod cloud_run;
mod fc_lines;
mod fields;
mod json;
mod lines;
mod logs_insights;
mod metrics;
mod power_tuning;
mod report_lines;
mod web_access;

use std::io::BufRead;

use self::json::Sink;
use self::lines::{LONGEST, Line};
use self::logs_insights::Table;
use self::report_lines::Lambda;
use super::records::Records;
use crate::diagnostic::Diagnostic;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Log of AWS Lambda as text.
    ReportLines,
    /// Lines of Alibaba Cloud Function Compute.
    FcLines,
    /// Access log of a web server.
    WebAccess,
    /// JSON: CloudWatch events, Cloud Run requests, request metrics of FC, metrics, power tuning; each element tells.
    Json,
    /// A table with a row an invocation: Logs Insights and the like.
    Table,
    /// A trace: times, counts, Azure Functions 2019 or 2021.
    Trace,
}

impl Kind {
    /// All kinds, with their names.
    pub const ALL: [(&'static str, Self); 6] = [
        ("report-lines", Self::ReportLines),
        ("fc-lines", Self::FcLines),
        ("web-access", Self::WebAccess),
        ("json", Self::Json),
        ("table", Self::Table),
        ("trace", Self::Trace),
    ];

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// Reads a file into the records. `file` is its name for messages; `function` chooses the rows of a trace.
///
/// # Errors
/// The file is none of the kinds, or nothing in it can be used; what was read before stays.
pub fn read(
    records: &mut Records,
    input: &mut dyn BufRead,
    file: &str,
    kind: Option<Kind>,
    function: Option<&str>,
) -> Result<(), Vec<Diagnostic>> {
    let io = |error: std::io::Error| vec![Diagnostic::error("io", "", format!("cannot read `{file}`: {error}"))];
    if input.fill_buf().map_err(io)?.starts_with(b"\xef\xbb\xbf") {
        input.consume(3);
    }
    let start = input.fill_buf().map_err(io)?.to_vec();
    let kind = match kind.or_else(|| detect(&start)) {
        Some(kind) => kind,
        None => return Err(vec![unknown(&start, file)]),
    };
    records.begin(file, kind.name());
    let (before, broken, found) = (records.len(), records.broken, records.findings.len());
    match kind {
        Kind::ReportLines | Kind::FcLines | Kind::WebAccess => text(records, input, kind).map_err(io)?,
        Kind::Json => {
            records.rounded(report_lines::STEP, report_lines::TICK);
            whole_or_lines(records, input, &start, file)?;
        }
        Kind::Table => table(records, input, file)?,
        Kind::Trace => azure::read(records, input, file, function)?,
    }
    if records.len() > before || records.emulated > 0 {
        metrics::intervals(&mut records.counts);
        return Ok(());
    }
    // Nothing can be used: what was only shown before is the reason now.
    let mut reasons: Vec<Diagnostic> = records.findings.drain(found..).collect();
    reasons.iter_mut().for_each(|finding| finding.severity = crate::diagnostic::Severity::Error);
    if reasons.is_empty() {
        let message = format!("no invocation in it, taken for `{}`", kind.name());
        reasons.push(
            Diagnostic::error("no-records", "", message).at(file, 0).hint(format!("Name its kind with `--kind`: {}.", names())),
        );
    } else if records.broken - broken > reasons.len() as u64 {
        let more = records.broken - broken - reasons.len() as u64;
        reasons.push(
            Diagnostic::error("no-records", "", format!("{more} more lines cannot be read, and none can be used")).at(file, 0),
        );
    }
    Err(reasons)
}

fn names() -> String {
    Kind::ALL.map(|(name, _)| name).join(", ")
}

fn unknown(start: &[u8], file: &str) -> Diagnostic {
    if start.is_empty() {
        return Diagnostic::error("empty-file", "", "the file is empty").at(file, 0).hint("Export the log again.");
    }
    if let Err(error) = std::str::from_utf8(start)
        && error.error_len().is_some()
    {
        let at = error.valid_up_to();
        let line = start[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = format!("the file is not text in UTF-8: byte {at} is 0x{:02x}", start[at]);
        return Diagnostic::error("not-text", "", message)
            .at(file, line)
            .hint("Export the log again as text; unpack it if it is packed.");
    }
    let hint = format!("Name its kind with `--kind`: {}.", names());
    Diagnostic::error("unknown-kind", "", "the file is no log, metric or trace that is known").at(file, 1).hint(hint)
}

/// The kind by the beginning of a file.
fn detect(start: &[u8]) -> Option<Kind> {
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start();
    let next = |open: char| text.strip_prefix(open).map(|rest| rest.trim_start().chars().next());
    match (next('['), next('{')) {
        (Some(None | Some('{' | '[' | ']')), _) | (_, Some(None | Some('"' | '}'))) => return Some(Kind::Json),
        _ => {}
    }
    let has = |part: &str| text.contains(part);
    let first = text.lines().next().unwrap_or_default();
    let cells = || first.split(',').map(|cell| cell.trim().trim_matches('"'));
    if Table::new(cells()).is_some() && first.contains(',') && !first.contains("RequestId: ") && !trace_header(first) {
        return Some(Kind::Table);
    }
    if has("REPORT RequestId:") || has("START RequestId:") {
        return Some(Kind::ReportLines);
    }
    if has("Billed Duration:") || has("FC Invoke ") {
        return Some(Kind::FcLines);
    }
    if text.lines().take(20).any(web_access::is_access) {
        return Some(Kind::WebAccess);
    }
    let number = |cell: &str| cell.parse::<f64>().is_ok() || fields::time(cell).is_some();
    (trace_header(first) || cells().next().is_some_and(number)).then_some(Kind::Trace)
}

/// Headers of traces: those of Azure, and a time with a value, count or duration.
fn trace_header(first: &str) -> bool {
    let first = first.to_ascii_lowercase();
    let starts = |names: &[&str]| names.iter().any(|name| first.starts_with(name));
    starts(&["hashowner,hashapp", "app,func,end_timestamp", "timestamp,value", "timestamp,count", "timestamp,duration"])
        || ["timestamp", "time", "count", "value", "arrival"].contains(&first.trim())
}

/// Lines of text.
fn text(records: &mut Records, input: &mut dyn BufRead, kind: Kind) -> std::io::Result<()> {
    match kind {
        Kind::ReportLines => {
            records.of("aws-lambda");
            records.rounded(report_lines::STEP, report_lines::TICK);
        }
        Kind::FcLines => {
            records.of("alibaba-fc");
            records.rounded(report_lines::STEP, report_lines::TICK);
        }
        _ => records.rounded(0.0, web_access::TICK),
    }
    let mut lambda = Lambda::default();
    lines::each(input, |number, line| match line {
        Line::Text(text) => match kind {
            Kind::ReportLines => lambda.line(records, number, text),
            Kind::FcLines => fc_lines::line(records, number, text),
            _ => web_access::line(records, number, text),
        },
        other => unusable(records, number, &other),
    })
}

fn unusable(records: &mut Records, number: usize, line: &Line<'_>) {
    match line {
        Line::TooLong(length) => records.broken(
            number,
            format!("the line has {length} bytes, and a log line at most {LONGEST}"),
            "Export the log again with one entry a line.",
        ),
        Line::NotText(at) => {
            records.broken(number, format!("the line is not UTF-8 from byte {} on", at + 1), "Export the log again as UTF-8.");
        }
        Line::Text(_) => {}
    }
}

/// JSON with an object a line, or lists and objects over many lines.
fn whole_or_lines(records: &mut Records, input: &mut dyn BufRead, start: &[u8], file: &str) -> Result<(), Vec<Diagnostic>> {
    let first = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let more = start.len() > first.len() + 1;
    let an_object_a_line = more && serde_json::from_slice::<serde_json::Value>(first).is_ok_and(|value| value.is_object());
    let mut sink = Sink { records, lambda: Lambda::default(), number: 0 };
    if !an_object_a_line {
        return json::read(&mut sink, input, file);
    }
    let read = lines::each(input, |number, line| match line {
        Line::Text(text) => match serde_json::from_str(text) {
            Ok(value) => {
                sink.number = number - 1;
                sink.element(&value);
            }
            Err(_) => sink.records.broken(
                number,
                format!("`{}` is no whole JSON value", fields::shown(text)),
                "Each line is an object.",
            ),
        },
        other => unusable(sink.records, number, &other),
    });
    read.map_err(|error| vec![Diagnostic::error("io", "", format!("cannot read `{file}`: {error}"))])
}

/// A table with a header.
fn table(records: &mut Records, input: &mut dyn BufRead, file: &str) -> Result<(), Vec<Diagnostic>> {
    records.rounded(report_lines::STEP, report_lines::TICK);
    let mut rows = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(input);
    let (mut record, mut table, mut lambda) = (csv::ByteRecord::new(), None, Lambda::default());
    loop {
        match rows.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => return Err(vec![Diagnostic::error("bad-table", "", error.to_string()).at(file, 0)]),
        }
        let line = record.position().map_or(0, |position| position.line() as usize);
        let cells: Result<Vec<&str>, usize> =
            record.iter().enumerate().map(|(i, cell)| std::str::from_utf8(cell).map_err(|_| i)).collect();
        let cells = match cells {
            Ok(cells) => cells,
            Err(cell) => {
                records.broken(line, format!("cell {} is not UTF-8", cell + 1), "Export the table again as UTF-8.");
                continue;
            }
        };
        if let Some(long) = cells.iter().find(|cell| cell.len() > LONGEST) {
            records.broken(line, format!("a cell has {} bytes", long.len()), "Check the quotation marks.");
            continue;
        }
        match &table {
            None => match Table::new(cells.iter().map(|cell| cell.trim_start_matches('\u{feff}'))) {
                Some(read) => table = Some(read),
                None => {
                    let hint = "Name the columns as a REPORT line does: RequestId, Duration, Billed Duration, Memory Size, …";
                    return Err(vec![
                        Diagnostic::error("bad-table", "", "the header has no column with durations").at(file, line).hint(hint),
                    ]);
                }
            },
            Some(table) => table.row(records, &mut lambda, line, &cells),
        }
    }
    records.of("aws-lambda");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_bytes(bytes: &[u8]) -> (Records, Result<(), Vec<Diagnostic>>) {
        let mut records = Records::default();
        let done = read(&mut records, &mut &bytes[..], "log", None, None);
        (records, done)
    }

    #[test]
    fn the_kind_is_seen_from_the_content() {
        for (text, kind) in [
            ("REPORT RequestId: a Duration: 1 ms", Kind::ReportLines),
            ("2025-05-12T20:24:06Z x START RequestId: a", Kind::ReportLines),
            ("Duration: 1.07 ms, Billed Duration: 100 ms, Memory Size: 1024 MB", Kind::FcLines),
            ("1.2.3.4 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 5", Kind::WebAccess),
            ("[\n  {\"a\": 1}]", Kind::Json),
            ("{\"a\": 1}", Kind::Json),
            ("@timestamp,@duration\n", Kind::Table),
            ("Function,Memory Size,Max Memory Used,Duration,Billed Duration,RequestId\n", Kind::Table),
            ("app,func,end_timestamp,duration\n", Kind::Trace),
            ("timestamp,value\n2014-04-10 00:04:00,94.0\n", Kind::Trace),
            ("0.5\n1.5\n", Kind::Trace),
        ] {
            assert_eq!(detect(text.as_bytes()), Some(kind), "{text}");
        }
        assert_eq!(detect(b"[ERROR] hello"), None);
    }

    #[test]
    fn what_cannot_be_used_is_an_error_with_its_place() {
        let cut = b"[\n{\"timestamp\": 1, \"message\": \"REPORT Requ";
        let cases: [(&[u8], &str, usize); 5] = [
            (b"", "empty-file", 0),
            (b"\xff\xfeabc", "not-text", 1),
            (b"hello\nworld", "unknown-kind", 1),
            (cut, "bad-json", 2),
            (b"REPORT RequestId: a Duration: x ms", "broken-line", 1),
        ];
        for (bytes, code, line) in cases {
            let findings = read_bytes(bytes).1.unwrap_err();
            assert_eq!((findings[0].code, findings[0].line), (code, line), "{findings:?}");
            assert_eq!(findings[0].severity, crate::diagnostic::Severity::Error);
        }
    }

    #[test]
    fn events_may_be_a_list_an_object_or_lines() {
        let event =
            r#"{"timestamp":1747081446310,"message":"REPORT RequestId: a\tDuration: 155.51 ms\tBilled Duration: 156 ms"}"#;
        for text in [
            format!("[{event},\n{event}]"),
            format!("{{\"events\":[{event},{event}],\"nextToken\":\"x\"}}"),
            format!("{event}\n{event}\n{{\"cut"),
        ] {
            let (records, done) = read_bytes(text.as_bytes());
            assert_eq!((done, records.len()), (Ok(()), 2), "{text}");
            assert_eq!(records.broken, u64::from(text.ends_with("cut")));
        }
    }
}
