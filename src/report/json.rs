//! The result as JSON (design section 7) and its schema.

use schemars::generate::SchemaSettings;

use crate::study::result::RunResult;

/// Pretty-printed JSON with a final newline.
///
/// # Errors
/// Never for a well-formed result; the serialiser's error is passed on.
pub fn result(result: &RunResult) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(result).map(|text| text + "\n")
}

/// The JSON Schema (draft 2020-12) of what [`result`] prints.
#[must_use]
pub fn result_schema() -> serde_json::Value {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<RunResult>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_result_is_valid_by_its_schema() {
        let validator = jsonschema::validator_for(&result_schema()).unwrap();
        for sample in [sample::run_result(), sample::single(), sample::no_requests()] {
            let value: serde_json::Value = serde_json::from_str(&result(&sample).unwrap()).unwrap();
            let errors: Vec<String> = validator.iter_errors(&value).map(|e| format!("{e} at {}", e.instance_path())).collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
    }

    #[test]
    fn the_schema_refuses_a_wrong_figure() {
        let validator = jsonschema::validator_for(&result_schema()).unwrap();
        let mut value = serde_json::to_value(sample::run_result()).unwrap();
        value["fee"]["month"]["mean"] = "dear".into();
        assert!(!validator.is_valid(&value));
        value.as_object_mut().unwrap().remove("fee");
        assert!(!validator.is_valid(&value));
    }

    #[test]
    fn names_and_nulls_are_as_documented() {
        let value = serde_json::to_value(sample::single()).unwrap();
        let thumbnail = &value["functions"]["thumbnail"];
        assert_eq!(thumbnail["latency_s"]["p99.9"]["n"], 1);
        assert!(thumbnail["latency_s"]["p99.9"]["lo"].is_null());
        assert!(thumbnail.get("async").is_none());
        assert!(value["functions"]["mail"].get("async").is_some());
        assert_eq!(value["objectives"][0]["verdict"], "undecided");
        assert!(value.get("latency_curves").is_none());
    }
}
