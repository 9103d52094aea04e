//! Metrics: CloudWatch (`get-metric-statistics`, `get-metric-data`) and Prometheus (range queries), as JSON.

use serde_json::Value;

use super::fields::{epoch, time};
use crate::calibrate::records::{Count, Measure, Records};
use crate::units::NANOS;

/// Whether an object is a metric's answer.
pub(super) fn is_metrics(root: &Value) -> bool {
    ["Datapoints", "MetricDataResults"].iter().any(|key| root[*key].is_array()) || root["data"]["result"].is_array()
}

/// What a metric's name or label says it measures, and what its values are to be multiplied by.
fn measure(name: &str) -> Option<(Measure, f64)> {
    let name = name.to_ascii_lowercase();
    let has = |part: &str| name.contains(part);
    Some(match () {
        () if has("throttle") => (Measure::Throttles, 1.0),
        () if has("error") => (Measure::Errors, 1.0),
        () if has("duration") || has("latenc") => (Measure::Duration, if has("seconds") { 1.0 } else { 1e-3 }),
        () if has("invocation") || has("request") => (Measure::Requests, 1.0),
        () => return None,
    })
}

/// An answer with one or several metrics.
pub(super) fn read(records: &mut Records, root: &Value) {
    if let Some(points) = root["Datapoints"].as_array() {
        statistics(records, root["Label"].as_str().unwrap_or_default(), points);
    }
    for result in root["MetricDataResults"].as_array().into_iter().flatten() {
        let name = [&result["Label"], &result["Id"]].map(|text| text.as_str().unwrap_or_default()).join(" ");
        let times = result["Timestamps"].as_array().map_or(&[][..], Vec::as_slice);
        let values = result["Values"].as_array().map_or(&[][..], Vec::as_slice);
        let function = records.function(result["Label"].as_str().and_then(function_of).unwrap_or_default());
        let Some((measure, factor)) = measure(&name) else {
            records.broken(0, format!("the metric `{name}` is none that is known"), KNOWN);
            continue;
        };
        for (at, value) in times.iter().zip(values) {
            point(records, function, measure, at, value.as_f64().map(|value| value * factor), 0);
        }
    }
    for result in root["data"]["result"].as_array().into_iter().flatten() {
        prometheus(records, result);
    }
}

const KNOWN: &str = "Known are those with invocations, requests, errors, throttles or duration in their names.";

fn statistics(records: &mut Records, label: &str, points: &[Value]) {
    let Some((measure, factor)) = measure(label) else {
        records.broken(0, format!("the metric `{label}` is none that is known"), KNOWN);
        return;
    };
    let function = records.function("");
    for (number, one) in points.iter().enumerate() {
        let value = if measure == Measure::Duration { &one["Average"] } else { &one["Sum"] };
        if value.is_null() {
            let wanted = if measure == Measure::Duration { "Average" } else { "Sum" };
            records.broken(0, format!("data point {} of `{label}` has no `{wanted}`", number + 1), "Ask for that statistic.");
            continue;
        }
        point(records, function, measure, &one["Timestamp"], value.as_f64().map(|value| value * factor), 0);
    }
}

/// A series of a range query: rates a second, or increases.
fn prometheus(records: &mut Records, result: &Value) {
    let labels = &result["metric"];
    let name = labels["__name__"].as_str().unwrap_or("requests");
    let Some((measure, factor)) = measure(name) else {
        records.broken(0, format!("the metric `{name}` is none that is known"), KNOWN);
        return;
    };
    let label = ["function", "function_name", "service", "job"].iter().find_map(|key| labels[*key].as_str());
    let function = records.function(label.unwrap_or_default());
    let single = result["value"].as_array().map(|pair| vec![Value::Array(pair.clone())]).unwrap_or_default();
    for pair in result["values"].as_array().unwrap_or(&single) {
        let value = pair[1].as_str().and_then(|text| text.parse::<f64>().ok()).or(pair[1].as_f64());
        point(records, function, measure, &pair[0], value.map(|value| value * factor), 0);
    }
}

fn point(records: &mut Records, function: usize, measure: Measure, at: &Value, value: Option<f64>, every: i64) {
    let at = at.as_str().map_or_else(|| at.as_f64().and_then(epoch), time);
    match (at, value.filter(|value| *value >= 0.0 && value.is_finite())) {
        (Some(at), Some(value)) => records.counts.push(Count { function, at, every, measure, value }),
        _ => records.broken(0, "a data point has no time, or no value that is at least 0", "Each has both."),
    }
}

fn function_of(label: &str) -> Option<&str> {
    let (name, _) = label.rsplit_once(' ')?;
    (!name.is_empty() && !name.contains(' ')).then_some(name)
}

/// Gives each interval its length: the shortest distance between two of its metric, a minute where there is one only.
pub(super) fn intervals(counts: &mut [Count]) {
    counts.sort_by_key(|count| (count.function, count.measure as u8, count.at));
    let same = |a: &Count, b: &Count| (a.function, a.measure) == (b.function, b.measure);
    let mut from = 0;
    while from < counts.len() {
        let to = from + counts[from..].iter().take_while(|count| same(count, &counts[from])).count();
        let distances = counts[from..to].windows(2).map(|pair| pair[1].at - pair[0].at).filter(|d| *d > 0);
        let every = distances.min().unwrap_or(60 * NANOS);
        counts[from..to].iter_mut().filter(|count| count.every == 0).for_each(|count| count.every = every);
        from = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_both_systems_are_read() {
        let mut records = Records::default();
        let cloudwatch = serde_json::json!({ "Label": "Invocations", "Datapoints": [
            { "Timestamp": "2025-05-12T20:25:00Z", "Sum": 50.0 }, { "Timestamp": "2025-05-12T20:20:00Z", "Sum": 40.0 }, { "Timestamp": "2025-05-12T20:30:00Z" } ] });
        let data = serde_json::json!({ "MetricDataResults": [{ "Id": "d", "Label": "web Duration",
            "Timestamps": ["2025-05-12T20:25:00Z"], "Values": [120.0] }] });
        let prometheus = serde_json::json!({ "status": "success", "data": { "resultType": "matrix", "result": [
            { "metric": { "__name__": "gateway_requests_total", "function": "web" }, "values": [[1_747_081_440, "5"], [1_747_081_500, "7"]] } ] } });
        for root in [&cloudwatch, &data, &prometheus] {
            assert!(is_metrics(root));
            read(&mut records, root);
        }
        intervals(&mut records.counts);
        assert_eq!((records.counts.len(), records.broken), (5, 1));
        assert_eq!((records.counts[0].value, records.counts[0].every), (40.0, 300 * NANOS));
        let duration = records.counts.iter().find(|count| count.measure == Measure::Duration).unwrap();
        assert_eq!(duration.value, 0.12);
        assert_eq!(records.functions, ["", "web"]);
    }
}
