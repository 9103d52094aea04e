//! JSON of any of the kinds: lists element by element, so that no file has to fit into memory.

use std::io::BufRead;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::logs_insights::Table;
use super::report_lines::{Around, Lambda};
use super::{cloud_run, fc_lines, metrics, power_tuning};
use crate::calibrate::records::Records;
use crate::diagnostic::Diagnostic;

/// Where elements go.
pub(super) struct Sink<'r> {
    pub(super) records: &'r mut Records,
    pub(super) lambda: Lambda,
    /// Elements so far; line of the file instead, where there is an element a line.
    pub(super) number: usize,
}

impl Sink<'_> {
    /// An element of a list, or an object a line.
    pub(super) fn element(&mut self, event: &Value) {
        self.number += 1;
        let (records, number) = (&mut *self.records, self.number);
        if let Some(message) = event["message"].as_str() {
            records.of("aws-lambda");
            let text = |names: [&str; 2]| names.iter().find_map(|name| event[*name].as_str());
            let around = Around {
                time: event["timestamp"]
                    .as_f64()
                    .and_then(super::fields::epoch)
                    .or_else(|| event["timestamp"].as_str().and_then(super::fields::time)),
                stream: text(["logStreamName", "logStream"]),
                function: text(["logGroupName", "logGroup"]).unwrap_or_default(),
            };
            self.lambda.message(records, number, message, &around);
        } else if cloud_run::is_request(event) {
            records.of("gcp-cloud-run");
            cloud_run::request(records, number, event);
        } else if fc_lines::is_metrics(event) {
            records.of("alibaba-fc");
            fc_lines::metrics(records, number, event);
        } else if power_tuning::is_stat(event) {
            records.of("aws-lambda");
            power_tuning::stat(records, number, event);
        } else if metrics::is_metrics(event) {
            metrics::read(records, event);
        } else if event["type"].as_str().is_some_and(|kind| kind.starts_with("platform.")) {
            records.of("aws-lambda");
            self.lambda.message(records, number, &event.to_string(), &Around::default());
        } else if let Some(cells) = event.as_array().filter(|cells| cells.iter().all(|cell| cell["field"].is_string())) {
            // Logs Insights gives a row as a list of fields and values.
            let row: Map<String, Value> =
                cells.iter().map(|cell| (cell["field"].as_str().unwrap_or_default().to_owned(), cell["value"].clone())).collect();
            if Table::object(records, &mut self.lambda, number, &Value::Object(row)).is_none() {
                records.other += 1;
            }
        } else if Table::object(records, &mut self.lambda, number, event).is_some() {
            records.of("aws-lambda");
        } else {
            records.other += 1;
        }
    }

    /// What else an object has than its list.
    fn rest(&mut self, rest: Map<String, Value>) {
        let root = Value::Object(rest);
        match power_tuning::stats(&root) {
            Some(stats) => stats.iter().for_each(|stat| self.element(stat)),
            None => self.element(&root),
        }
    }
}

/// Reads one or several values: a list of elements, or an object with one (`events`, `entries`, `results`).
///
/// # Errors
/// Where the text stops being JSON.
pub(super) fn read(sink: &mut Sink<'_>, input: &mut dyn BufRead, file: &str) -> Result<(), Vec<Diagnostic>> {
    let mut reader = serde_json::Deserializer::from_reader(input);
    loop {
        // White space is passed over; nothing after it is the end.
        if reader.end().is_ok() {
            return Ok(());
        }
        (&mut *sink).deserialize(&mut reader).map_err(|error| vec![broken(&error, file)])?;
    }
}

fn broken(error: &serde_json::Error, file: &str) -> Diagnostic {
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    let cut = error.is_eof();
    let message = if cut { format!("the JSON ends too early: {reason}") } else { format!("the JSON is broken: {reason}") };
    let hint = if cut { "Export the log again, whole." } else { "Export the log again as JSON in UTF-8." };
    let place = format!("{message}, column {}", error.column());
    Diagnostic::error("bad-json", "", place).at(file, error.line()).hint(hint)
}

/// Lists that hold the records of an object.
const LISTS: [&str; 4] = ["events", "entries", "results", "logEvents"];

impl<'de> DeserializeSeed<'de> for &mut Sink<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Sink<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<Value>()? {
            self.element(&element);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut rest, mut listed) = (Map::new(), false);
        while let Some(key) = map.next_key::<String>()? {
            if LISTS.contains(&key.as_str()) {
                listed = true;
                map.next_value_seed(&mut *self)?;
            } else {
                rest.insert(key, map.next_value()?);
            }
        }
        if !listed {
            self.rest(rest);
        }
        Ok(())
    }
}
