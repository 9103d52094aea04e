//! AWS Lambda: `START`, `REPORT` and what stands between them, as text or inside events.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::{quantity, shown, time, word};
use crate::calibrate::records::{Ending, Invocation, Records, identity};

/// Step of `Duration` in seconds.
pub(super) const STEP: f64 = 1e-5;
/// Step of a line's time in seconds.
pub(super) const TICK: f64 = 1e-3;

const HINT: &str = "A line reads `REPORT RequestId: … Duration: 12.34 ms Billed Duration: 13 ms Memory Size: 128 MB …`.";

/// How far back a finding about an invocation may stand after its `REPORT`.
const BACK: usize = 1_000;

/// What is known of an invocation before its `REPORT`.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    start: Option<i64>,
    failed: Option<Ending>,
}

/// Where a line comes from, as far as the text around it says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around<'a> {
    /// Its time in nanoseconds since 1970.
    pub(super) time: Option<i64>,
    /// Its log stream, which is its instance.
    pub(super) stream: Option<&'a str>,
    /// Its log group or function.
    pub(super) function: &'a str,
}

/// Invocations whose `REPORT` is still to come.
#[derive(Debug, Default)]
pub(super) struct Lambda {
    open: BTreeMap<u64, Open>,
}

impl Lambda {
    /// A line of a text file: its time and stream may stand before it.
    pub(super) fn line(&mut self, records: &mut Records, number: usize, text: &str) {
        let mut around = Around::default();
        let mut rest = text.trim_start();
        if let Some((first, after)) = rest.split_once([' ', '\t'])
            && let Some(at) = time(first)
        {
            (around.time, rest) = (Some(at), after.trim_start());
        }
        if let Some((first, after)) = rest.split_once([' ', '\t'])
            && first.contains("[$")
        {
            (around.stream, rest) = (Some(first), after.trim_start());
        }
        self.message(records, number, rest, &around);
    }

    /// A message, however it was carried.
    pub(super) fn message(&mut self, records: &mut Records, number: usize, text: &str, around: &Around<'_>) {
        let text = text.trim();
        if text.starts_with('{') && text.contains("platform.") {
            return self.structured(records, number, text, around);
        }
        let id = || word(text, "RequestId:").map(identity);
        if text.starts_with("START ") {
            if let Some(id) = id() {
                self.open.insert(id, Open { start: around.time, failed: None });
            }
            records.other += 1;
        } else if text.starts_with("REPORT ") {
            match Report::parse(text) {
                Ok(report) => self.report(records, &report, around),
                Err(message) => records.broken(number, message, HINT),
            }
        } else {
            self.other(records, text);
        }
    }

    /// Any other line: some say how an invocation failed.
    fn other(&mut self, records: &mut Records, text: &str) {
        records.other += 1;
        let timed_out = text.contains("Task timed out after");
        let failed =
            text.contains("\tERROR\tInvoke Error") || text.contains("ERROR\tUncaught Exception") || text.starts_with("[ERROR]");
        if !timed_out && !failed {
            return;
        }
        let is_id = |word: &&str| word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4;
        let Some(id) = text.split([' ', '\t']).find(is_id).map(identity) else { return };
        let ending = if timed_out { Ending::Timeout } else { Ending::Error };
        if let Some(open) = self.open.get_mut(&id) {
            open.failed = Some(ending);
        } else if let Some(done) = records.invocations.iter_mut().rev().take(BACK).find(|i| i.request == Some(id)) {
            done.ending = ending;
        }
    }

    fn report(&mut self, records: &mut Records, report: &Report, around: &Around<'_>) {
        if report.emulated {
            records.emulated += 1;
            return;
        }
        let open = report.request.and_then(|id| self.open.remove(&id)).unwrap_or_default();
        let nanos = |seconds: f64| (seconds * 1e9).round() as i64;
        // `START` is written after the initialisation, `REPORT` after the handler.
        let started = open.start.or_else(|| around.time.map(|at| at - nanos(report.duration)));
        let function = records.function(name(around.function));
        records.invocations.push(Invocation {
            function,
            at: started.map(|at| at - nanos(report.init.unwrap_or(0.0))),
            duration: Some(report.duration),
            billed: report.billed,
            memory: report.memory,
            used: report.used,
            init: report.init,
            cold: Some(report.init.is_some()),
            ending: open.failed.unwrap_or(report.ending),
            request: report.request,
            instance: around.stream.map(identity),
            response: None,
        });
    }

    /// A line of the JSON log format: `platform.start`, `platform.report` and others.
    fn structured(&mut self, records: &mut Records, number: usize, text: &str, around: &Around<'_>) {
        let Ok(event) = serde_json::from_str::<Value>(text) else {
            records.broken(number, format!("`{}` is no whole JSON object", shown(text)), HINT);
            return;
        };
        let record = &event["record"];
        let id = record["requestId"].as_str().map(identity);
        let at = event["time"].as_str().and_then(time);
        match (event["type"].as_str(), id) {
            (Some("platform.start"), Some(id)) => {
                self.open.insert(id, Open { start: at, failed: None });
                records.other += 1;
            }
            (Some("platform.report"), request) => {
                let metric = |name: &str| record["metrics"][name].as_f64().filter(|x| *x >= 0.0);
                let Some(duration) = metric("durationMs") else {
                    records.broken(number, "`platform.report` has no `metrics.durationMs`", HINT);
                    return;
                };
                let mib = |name: &str| metric(name).map(|mib| (mib * 1_048_576.0) as u64);
                let report = Report {
                    request,
                    duration: duration / 1e3,
                    billed: metric("billedDurationMs").map(|ms| ms / 1e3),
                    memory: mib("memorySizeMB"),
                    used: mib("maxMemoryUsedMB"),
                    init: metric("initDurationMs").or(metric("restoreDurationMs")).map(|ms| ms / 1e3),
                    ending: ending(record["status"].as_str().unwrap_or_default()),
                    emulated: false,
                };
                self.report(records, &report, &Around { time: at.or(around.time), ..*around });
            }
            _ => records.other += 1,
        }
    }
}

/// The function of a log group: `/aws/lambda/NAME`, possibly after an account.
pub(super) fn name(group: &str) -> &str {
    group.split("/aws/lambda/").last().unwrap_or(group)
}

fn ending(status: &str) -> Ending {
    match status {
        "timeout" => Ending::Timeout,
        "error" | "failure" => Ending::Error,
        _ => Ending::Ok,
    }
}

/// A `REPORT` line.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Report {
    request: Option<u64>,
    duration: f64,
    billed: Option<f64>,
    memory: Option<u64>,
    used: Option<u64>,
    init: Option<f64>,
    ending: Ending,
    emulated: bool,
}

impl Report {
    fn parse(text: &str) -> Result<Self, String> {
        let seconds = |label| quantity(text, label);
        let bytes = |label| quantity(text, label).map(|x| x.map(|bytes| bytes as u64));
        let duration = seconds("Duration:")?.ok_or("the REPORT line has no `Duration:`")?;
        let init = seconds("Init Duration:")?.or(seconds("Restore Duration:")?);
        // The cloud writes the initialisation last; the emulator first.
        let at = |label: &str| text.find(label);
        let emulated = at("Init Duration:").is_some_and(|init| at("Billed Duration:").is_some_and(|billed| init < billed));
        Ok(Self {
            request: word(text, "RequestId:").map(identity),
            duration,
            billed: seconds("Billed Duration:")?,
            memory: bytes("Memory Size:")?,
            used: bytes("Max Memory Used:")?,
            init,
            ending: ending(word(text, "Status:").unwrap_or_default()),
            emulated,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Records {
        let (mut records, mut lambda) = (Records::default(), Lambda::default());
        records.begin("log", "");
        (1..).zip(lines).for_each(|(number, line)| lambda.line(&mut records, number, line));
        records
    }

    #[test]
    fn every_form_of_a_report_is_read() {
        let records = read(&[
            "REPORT RequestId: a\tDuration: 155.51 ms\tBilled Duration: 156 ms\tMemory Size: 1769 MB\tMax Memory Used: 40 MB\t",
            "REPORT RequestId: b Duration: 2.84 ms\tBilled Duration: 100 msMemory Size: 1024 MB\tMax Memory Used: 29 MB",
            "REPORT RequestId: c\\tDuration: 1.35 ms\\tBilled Duration: 2 ms\\tMemory Size: 128 MB\\tMax Memory Used: 37 MB\\tInit Duration: 105.23 ms\\t\\n\",",
            "REPORT RequestId: d Duration: 3000.00 ms Billed Duration: 3100 ms Memory Size: 128 MB Max Memory Used: 9 MB Init Duration: 99.5 ms Status: timeout",
            "REPORT RequestId: e Duration: 5 ms Billed Duration: 6 ms Memory Size: 128 MB Max Memory Used: 9 MB Restore Duration: 250 ms Billed Restore Duration: 3 ms",
        ]);
        assert_eq!((records.broken, records.invocations.len()), (0, 5));
        let of = |i: usize| records.invocations[i];
        assert_eq!((of(0).billed, of(0).memory, of(0).cold), (Some(0.156), Some(1769 << 20), Some(false)));
        assert_eq!((of(1).billed, of(1).memory), (Some(0.1), Some(1024 << 20)));
        assert_eq!((of(2).init, of(2).request), (Some(0.105_23), Some(identity("c"))));
        assert_eq!((of(3).ending, of(3).cold), (Ending::Timeout, Some(true)));
        assert_eq!(of(4).init, Some(0.25));
    }

    #[test]
    fn emulated_lines_are_left_out_and_broken_ones_counted() {
        let records = read(&[
            "REPORT RequestId: a  Init Duration: 0.10 ms  Duration: 112.94 ms  Billed Duration: 113 ms Memory Size: 128 MB",
            "REPORT RequestId: b  Billed Duration: 113 ms",
            "REPORT RequestId: c  Duration: NaN ms",
            "hello",
        ]);
        assert_eq!((records.emulated, records.broken, records.other, records.len()), (1, 2, 1, 0));
        assert_eq!(records.findings[0].line, 2);
    }

    #[test]
    fn the_arrival_is_before_the_initialisation() {
        let id = "94f4a28a-dbe3-4114-9f2b-0b3ae40f4dbc";
        let records = read(&[
            &format!("2025-05-12T20:24:06.500Z 2025/05/12/[$LATEST]5b START RequestId: {id} Version: $LATEST"),
            &format!("2025-05-12T20:24:06.600Z 2025/05/12/[$LATEST]5b [ERROR] 2025-05-12T20:24:06.600Z {id} no"),
            &format!(
                "2025-05-12T20:24:06.700Z 2025/05/12/[$LATEST]5b REPORT RequestId: {id} Duration: 200 ms Billed Duration: 200 ms Init Duration: 300 ms"
            ),
            &format!("2025-05-12T20:24:06.700Z {id} Task timed out after 3.00 seconds"),
        ]);
        let only = records.invocations[0];
        assert_eq!(only.at, time("2025-05-12T20:24:06.200Z"));
        assert_eq!(only.end(), time("2025-05-12T20:24:06.700Z"));
        assert_eq!((only.ending, only.instance), (Ending::Timeout, Some(identity("2025/05/12/[$LATEST]5b"))));
    }

    #[test]
    fn the_json_form_is_read_too() {
        let records = read(&[
            r#"{"time":"2025-05-12T20:24:06.500Z","type":"platform.start","record":{"requestId":"x"}}"#,
            r#"{"time":"2025-05-12T20:24:06.700Z","type":"platform.report","record":{"requestId":"x","metrics":{"durationMs":200.5,"billedDurationMs":201,"memorySizeMB":128,"maxMemoryUsedMB":66},"status":"error"}}"#,
            r#"{"type":"platform.report","record":{}}"#,
        ]);
        let only = records.invocations[0];
        assert_eq!((only.duration, only.ending, only.at), (Some(0.200_5), Ending::Error, time("2025-05-12T20:24:06.500Z")));
        assert_eq!(records.broken, 1);
    }
}
