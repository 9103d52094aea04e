//! AWS Lambda Power Tuning: the mean duration at each memory size.

use serde_json::Value;

use crate::calibrate::records::{Records, Sized};

/// The list of sizes in an answer, however deep the state machine put it.
pub(super) fn stats(root: &Value) -> Option<&Vec<Value>> {
    let is_stats = |value: &&Vec<Value>| value.first().is_some_and(is_stat);
    [&root["stats"], &root["output"]["stats"]].iter().find_map(|value| value.as_array().filter(is_stats))
}

/// Whether an object is the result at one size.
pub(super) fn is_stat(value: &Value) -> bool {
    (value.get("averageDuration").is_some() || value.get("duration").is_some())
        && (value.get("value").is_some() || value.get("power").is_some())
}

/// The result at one size.
pub(super) fn stat(records: &mut Records, number: usize, value: &Value) {
    let read =
        |names: [&str; 2]| names.iter().find_map(|name| value[*name].as_f64().or_else(|| value[*name].as_str()?.parse().ok()));
    match (read(["value", "power"]), read(["averageDuration", "duration"])) {
        (Some(mib), Some(ms)) if (1.0..1e6).contains(&mib) && ms >= 0.0 && ms.is_finite() => {
            let function = records.function("");
            records.sizes.push(Sized { function, memory: (mib * 1_048_576.0) as u64, seconds: ms / 1e3 });
        }
        _ => records.broken(
            number,
            "a result has no memory size or no duration",
            "Each has `value` in MB and `averageDuration` in ms.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read() {
        let root = serde_json::json!({ "power": 512, "stats": [{ "value": 128, "averageDuration": 800.5, "averagePrice": 1e-6 }, { "value": "256", "averageDuration": 400.25 }, { "value": 512 }] });
        let mut records = Records::default();
        for (number, one) in (1..).zip(stats(&root).unwrap()) {
            stat(&mut records, number, one);
        }
        assert_eq!((records.sizes.len(), records.broken), (2, 1));
        assert_eq!(records.sizes[1], Sized { function: 0, memory: 256 << 20, seconds: 0.400_25 });
    }
}
