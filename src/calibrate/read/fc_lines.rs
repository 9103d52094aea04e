//! Alibaba Cloud Function Compute: the summary line of an invocation, and the request metrics of its log store (JSON).

use serde_json::Value;

use super::fields::{epoch, quantity, time, word};
use crate::calibrate::records::{Ending, Invocation, Records, identity};

const HINT: &str = "A line reads `… RequestId: …, Duration: 1.07 ms, Billed Duration: 2 ms, Memory Size: 128 MB, …`.";

/// A line: a time and an instance may stand before the summary.
pub(super) fn line(records: &mut Records, number: usize, text: &str) {
    if !text.contains("Billed Duration:") {
        records.other += 1;
        return;
    }
    match parse(text) {
        Ok(mut invocation) => {
            invocation.function = records.function(word(text, "Function:").unwrap_or_default());
            records.invocations.push(invocation);
        }
        Err(message) => records.broken(number, message, HINT),
    }
}

fn parse(text: &str) -> Result<Invocation, String> {
    let mut words = text.split([' ', '\t']);
    let ended = words.next().and_then(time);
    let instance = words.next().filter(|word| ended.is_some() && word.starts_with("c-"));
    let seconds = |label| quantity(text, label);
    let bytes = |label| quantity(text, label).map(|x| x.map(|bytes| bytes as u64));
    let duration = seconds("Duration:")?.ok_or("the line has no `Duration:`")?;
    let init = seconds("Init Duration:")?;
    let whole = duration + init.unwrap_or(0.0);
    Ok(Invocation {
        function: 0,
        at: ended.map(|at| at - (whole * 1e9).round() as i64),
        duration: Some(duration),
        billed: seconds("Billed Duration:")?,
        memory: bytes("Memory Size:")?,
        used: bytes("Max Memory Used:")?,
        init,
        // The line says an initialisation only where there was one; the short form never does.
        cold: (init.is_some() || instance.is_some()).then_some(init.is_some()),
        response: None,
        ending: ending(word(text, "Status:").unwrap_or_default()),
        request: word(text, "RequestId:").or_else(|| word(text, "Request ID:")).map(identity),
        instance: instance.map(identity),
    })
}

fn ending(status: &str) -> Ending {
    match status {
        "timeout" => Ending::Timeout,
        "error" => Ending::Error,
        _ => Ending::Ok,
    }
}

/// Whether an object is a row of request metrics.
pub(super) fn is_metrics(event: &Value) -> bool {
    event.get("durationMs").is_some() && (event.get("isColdStart").is_some() || event.get("invocationStartTimestamp").is_some())
}

/// A row of request metrics; log stores write numbers as texts.
pub(super) fn metrics(records: &mut Records, number: usize, event: &Value) {
    let read =
        |name: &str| event[name].as_f64().or_else(|| event[name].as_str()?.trim().parse().ok()).filter(|x: &f64| *x >= 0.0);
    let text = |name: &str| event[name].as_str().filter(|text| !text.is_empty());
    let truth = |name: &str| event[name].as_bool().or_else(|| text(name)?.parse().ok());
    let Some(whole) = read("durationMs") else {
        records.broken(
            number,
            "`durationMs` is not a number that is at least 0",
            "It is the time of the invocation in milliseconds.",
        );
        return;
    };
    let mib = |name: &str| read(name).map(|mib| (mib * 1_048_576.0) as u64);
    let init = read("coldStartLatencyMs").filter(|ms| *ms > 0.0 && truth("isColdStart") != Some(false)).map(|ms| ms / 1e3);
    let kind = text("errorType").unwrap_or_default().to_ascii_lowercase();
    let failed = truth("hasFunctionError") == Some(true) || read("statusCode").is_some_and(|code| code >= 500.0);
    let function = records.function(text("functionName").unwrap_or_default());
    records.invocations.push(Invocation {
        function,
        at: read("invocationStartTimestamp").and_then(epoch),
        duration: Some(whole / 1e3),
        billed: None,
        memory: mib("memoryMB"),
        used: mib("memoryUsageMB"),
        init,
        cold: truth("isColdStart"),
        response: None,
        ending: match () {
            () if read("statusCode") == Some(429.0) => Ending::Throttled,
            () if kind.contains("timeout") || kind.contains("timedout") => Ending::Timeout,
            () if failed => Ending::Error,
            () => Ending::Ok,
        },
        request: text("requestId").map(identity),
        instance: text("instanceID").or(text("instanceId")).map(identity),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_lines_are_read() {
        let mut records = Records::default();
        line(&mut records, 1, "Duration: 2.64 ms, Billed Duration: 3 ms, Memory Size: 128 MB, Max Memory Used: 10.77 MB");
        line(
            &mut records,
            2,
            "2026-11-23T00:00:01.500Z c-1 Function: web FC Invoke End RequestId: r, Duration: 400 ms, Billed Duration: 1000 ms, Memory Size: 512 MB, Max Memory Used: 10 MB, Init Duration: 600 ms",
        );
        line(&mut records, 3, "FC Invoke Start RequestId: r");
        line(&mut records, 4, "Duration: ms, Billed Duration: 3 ms");
        assert_eq!((records.len(), records.other, records.broken), (2, 1, 1));
        let [short, long] = records.invocations[..] else { panic!("two") };
        assert_eq!((short.duration, short.memory, short.cold), (Some(0.002_64), Some(128 << 20), None));
        assert_eq!((long.at, long.init, long.cold), (time("2026-11-23T00:00:00.500Z"), Some(0.6), Some(true)));
        assert_eq!(records.functions, ["", "web"]);
    }

    #[test]
    fn request_metrics_are_read() {
        let mut records = Records::default();
        let event = serde_json::json!({ "functionName": "f", "durationMs": "20.5", "isColdStart": "true", "coldStartLatencyMs": 300,
            "memoryMB": 512, "invocationStartTimestamp": 1_747_081_446_154_u64, "hasFunctionError": true, "requestId": "r", "instanceID": "c-1" });
        assert!(is_metrics(&event));
        metrics(&mut records, 1, &event);
        let only = records.invocations[0];
        assert_eq!((only.duration, only.init, only.ending), (Some(0.020_5), Some(0.3), Ending::Error));
        assert_eq!(only.at, Some(1_747_081_446_154_000_000));
    }
}
