//! The JSON Schema of the scenario file, for editors: made of the same declarations as the reader.

use serde_json::{Map, Value, json};

use super::key::{Key, Kind, Unit};
use super::{arrivals, law, read};

/// A number as quantities write it.
const NUMBER: &str = r"\+?[0-9._]+([eE][+-]?[0-9]+)?";
const TIME: &str = "(ns|us|µs|ms|s|sec|min|m|h|d|day|days|weeks|w)";
const SIZE: &str = "(B|KiB|MiB|GiB|TiB|kB|KB|MB|GB|TB|bytes|byte)";

/// The JSON Schema (draft 2020-12) of a scenario, read from TOML.
#[must_use]
pub fn schema() -> Value {
    let mut root = table(read::KEYS, Unit::Time);
    if let Value::Object(root) = &mut root {
        root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        root.insert("title".into(), json!("faascast scenario"));
        root.insert("$defs".into(), definitions());
    }
    root
}

fn definitions() -> Value {
    let pattern =
        |body: String, about: &str| json!({ "type": "string", "pattern": format!("^\\s*{body}\\s*$"), "description": about });
    let law = |own: &str, unit: Unit| {
        let mut laws = table(law::KEYS, unit);
        if let Value::Object(laws) = &mut laws {
            laws.insert("minProperties".into(), json!(1));
            laws.insert("maxProperties".into(), json!(1));
        }
        json!({ "anyOf": [reference(own), laws] })
    };
    json!({
        "time": pattern(format!("{NUMBER}\\s*{TIME}"), "a time with its unit, such as \"30s\""),
        "lasting": pattern(format!("({NUMBER}\\s*{TIME}|forever)"), "a time with its unit, or \"forever\""),
        "size": pattern(format!("{NUMBER}\\s*{SIZE}"), "a size with its unit, such as \"512 MiB\""),
        "rate": pattern(format!("{NUMBER}\\s*/\\s*{TIME}"), "a rate with its unit of time, such as \"20/s\""),
        "share": { "anyOf": [
            pattern(format!("{NUMBER}\\s*%?"), "a share such as \"1%\""),
            { "type": "number", "minimum": 0, "maximum": 1 },
        ] },
        "width": pattern(format!("{NUMBER}\\s*(%|pp)"), "a half-width such as \"1%\" or \"0.01pp\""),
        "growth": pattern(format!("-?{NUMBER}\\s*%\\s*/\\s*(month|year)"), "growth such as \"8%/month\""),
        "money": pattern(format!("{NUMBER}\\s*[A-Z]{{3}}"), "money with its currency, such as \"3500 CNY\""),
        "week-time": pattern("([Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at|[Ss]un) +[0-2][0-9]:[0-5][0-9]".into(), "a time of the week, such as \"Mon 08:00\""),
        "date-time": pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+(Z|[+-][0-9:]+)?)?".into(), "a date and time, such as \"2026-11-23 08:00\""),
        "times": law("time", Unit::Time),
        "sizes": law("size", Unit::Size),
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// The schema of a table with these keys, all others refused.
fn table(keys: &[Key], unit: Unit) -> Value {
    let available = || keys.iter();
    let mut properties = Map::new();
    for key in available() {
        let mut schema = kind(key.kind, unit);
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".into(), json!(key.about));
        }
        properties.insert(key.name.into(), schema);
    }
    let required: Vec<&str> = available().filter(|key| key.required).map(|key| key.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn kind(kind: Kind, unit: Unit) -> Value {
    let list = |items: Value| json!({ "type": "array", "items": items, "minItems": 1 });
    let pair = |first: Value, second: Value| {
        list(json!({ "type": "array", "prefixItems": [first, second], "minItems": 2, "maxItems": 2 }))
    };
    let by_name = |values: Value| json!({ "type": "object", "additionalProperties": values });
    let own = || reference(if unit == Unit::Time { "time" } else { "size" });
    match kind {
        Kind::Span => reference("time"),
        Kind::Lasting => reference("lasting"),
        Kind::Size => reference("size"),
        Kind::Rate => reference("rate"),
        Kind::Share => reference("share"),
        Kind::Width => reference("width"),
        Kind::Growth => reference("growth"),
        Kind::Money => reference("money"),
        Kind::WeekTime => reference("week-time"),
        Kind::DateTime => reference("date-time"),
        Kind::Whole => json!({ "type": "integer", "minimum": 0 }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Text => json!({ "type": "string", "minLength": 1 }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Own => own(),
        Kind::Law(Unit::Time) => reference("times"),
        Kind::Law(Unit::Size) => reference("sizes"),
        Kind::Nested => reference(if unit == Unit::Time { "times" } else { "sizes" }),
        Kind::Texts => list(json!({ "type": "string", "minLength": 1 })),
        Kind::Words(words) => list(json!({ "enum": words })),
        Kind::Spans => list(reference("time")),
        Kind::Numbers(n) => json!({ "type": "array", "items": { "type": "number" }, "minItems": n, "maxItems": n }),
        Kind::TimePoints => pair(reference("time"), json!({ "type": "number" })),
        Kind::QuantilePoints => pair(reference("share"), own()),
        Kind::Table(keys) => table(keys, unit),
        Kind::Arrivals => table(arrivals::KEYS, unit),
        Kind::Named(keys) => by_name(table(keys, unit)),
        Kind::Tables(keys) => json!({ "type": "array", "items": table(keys, unit) }),
        Kind::TextByName => by_name(json!({ "type": "string" })),
        Kind::NumberByName => by_name(json!({ "type": "number" })),
        Kind::Any => json!({ "type": "object" }),
        Kind::Either(kinds) => json!({ "anyOf": kinds.iter().map(|one| self::kind(*one, unit)).collect::<Vec<_>>() }),
    }
}
