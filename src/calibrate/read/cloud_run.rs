//! Google Cloud Run and Cloud Run functions: request logs of Cloud Logging.

use serde_json::Value;

use super::fields::time;
use crate::calibrate::records::{Ending, Invocation, Records, identity};

/// Whether an object is a request of a service.
pub(super) fn is_request(event: &Value) -> bool {
    event.get("httpRequest").is_some()
}

/// A request: its latency holds what it waited for, too.
pub(super) fn request(records: &mut Records, number: usize, event: &Value) {
    let http = &event["httpRequest"];
    let labels = &event["resource"]["labels"];
    let number_of = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    let latency = http["latency"].as_str().and_then(|text| text.trim_end_matches('s').parse::<f64>().ok());
    let (Some(duration), Some(at)) = (latency.filter(|x| *x >= 0.0), event["timestamp"].as_str().and_then(time)) else {
        let message = "the request has no `httpRequest.latency` such as `0.162s`, or no `timestamp`";
        records.broken(number, message, "Export the entries of the log `run.googleapis.com/requests` as JSON.");
        return;
    };
    let function = records.function(labels["service_name"].as_str().or(labels["function_name"].as_str()).unwrap_or_default());
    let instance = event["labels"]["instanceId"].as_str().filter(|id| !id.is_empty()).map(identity);
    records.invocations.push(Invocation {
        function,
        at: Some(at),
        duration: Some(duration),
        response: number_of(&http["responseSize"]).filter(|x| *x >= 0.0).map(|bytes| bytes as u64),
        ending: match number_of(&http["status"]).unwrap_or(200.0) as u32 {
            // Refused before it reached an instance; one that an instance itself refuses is its answer.
            429 if instance.is_none() => Ending::Throttled,
            504 => Ending::Timeout,
            500..=599 => Ending::Error,
            _ => Ending::Ok,
        },
        request: None,
        instance,
        ..Invocation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read() {
        let mut records = Records::default();
        let event = |latency: &str, status: u32| {
            serde_json::json!({ "httpRequest": { "status": status, "responseSize": "188", "latency": latency },
                "resource": { "labels": { "service_name": "f" } }, "timestamp": "2025-05-12T21:45:32.338627Z", "labels": { "instanceId": "i" } })
        };
        for (latency, status) in [("0.162307150s", 200), ("300s", 504), ("soon", 200)] {
            request(&mut records, 1, &event(latency, status));
        }
        assert_eq!((records.len(), records.broken), (2, 1));
        assert_eq!((records.invocations[0].duration, records.invocations[0].response), (Some(0.162_307_15), Some(188)));
        assert_eq!(records.invocations[1].ending, Ending::Timeout);
    }
}
