//! The result as tidy CSV: one row a figure, and the timeline in a file of its own.
//!
//! Rows are read off the JSON form, so that a figure has the same name in both and none can be forgotten.

use csv::Writer;
use serde_json::Value;

use crate::study::result::{RunResult, Timeline};

/// `scope,name,figure,mean,lo,hi,n`: one row a figure. Scope is `function`, `traffic`, `call`, `dependency`, `rare`, `fee`,
/// `recovery` or `objective`; an empty cell means that there is no such number.
///
/// # Errors
/// Never for a well-formed result; the serialiser's error is passed on.
pub fn figures(result: &RunResult) -> Result<String, csv::Error> {
    let mut out = Writer::from_writer(Vec::new());
    out.write_record(["scope", "name", "figure", "mean", "lo", "hi", "n"])?;
    for (name, f) in &result.functions {
        rows(&mut out, "function", name, &to_value(f)?)?;
    }
    for (name, source) in &result.traffic {
        rows(&mut out, "traffic", name, &to_value(source)?)?;
    }
    for (name, call) in &result.calls {
        rows(&mut out, "call", name, &to_value(call)?)?;
    }
    for (name, dependency) in &result.dependencies {
        rows(&mut out, "dependency", name, &to_value(dependency)?)?;
    }
    if let Some(rare) = &result.rare {
        rows(&mut out, "rare", "", &to_value(rare)?)?;
    }
    rows(&mut out, "fee", "", &to_value(&result.fee)?)?;
    for r in &result.recovery {
        rows(&mut out, "recovery", &format!("{}/{}", r.event, r.function), &to_value(r)?)?;
    }
    for o in &result.objectives {
        let name = if o.function.is_empty() { o.name.clone() } else { format!("{}/{}", o.function, o.name) };
        rows(&mut out, "objective", &name, &to_value(o)?)?;
    }
    finish(out)
}

/// `start_s,requests,throttled,instances,availability,fee`: one row a bin, `start_s` from the start of the horizon.
///
/// # Errors
/// Never for a well-formed result; the serialiser's error is passed on.
pub fn timeline(t: &Timeline) -> Result<String, csv::Error> {
    let mut out = Writer::from_writer(Vec::new());
    out.write_record(["start_s", "requests", "throttled", "instances", "availability", "fee"])?;
    let cell = |x: Option<f64>| x.filter(|x| x.is_finite()).map_or_else(String::new, |x| x.to_string());
    for (i, requests) in t.requests.iter().enumerate() {
        out.write_record([
            (i as f64 * t.bin_s).to_string(),
            cell(Some(*requests)),
            cell(t.throttled.get(i).copied()),
            cell(t.instances.get(i).copied()),
            cell(t.availability.get(i).copied().flatten()),
            cell(t.fee.get(i).copied()),
        ])?;
    }
    finish(out)
}

/// Walks an object: an estimate or a plain number becomes a row, everything else is descended into or (text) left out.
fn rows(out: &mut Writer<Vec<u8>>, scope: &str, name: &str, value: &Value) -> Result<(), csv::Error> {
    let mut open = vec![(String::new(), value)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Number(number) => out.write_record([scope, name, &path, &number.to_string(), "", "", ""])?,
            Value::Object(fields) if fields.contains_key("n") && fields.contains_key("lo") => {
                let cell = |key: &str| fields.get(key).filter(|v| v.is_number()).map_or_else(String::new, Value::to_string);
                out.write_record([scope, name, &path, &cell("mean"), &cell("lo"), &cell("hi"), &cell("n")])?;
            }
            Value::Object(fields) => {
                // The stack reverses, so push in reverse to keep the order.
                for (key, field) in fields.iter().rev() {
                    open.push((if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, field));
                }
            }
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) => {}
        }
    }
    Ok(())
}

fn to_value(part: impl serde::Serialize) -> Result<Value, csv::Error> {
    serde_json::to_value(part).map_err(|error| csv::Error::from(std::io::Error::other(error)))
}

fn finish(out: Writer<Vec<u8>>) -> Result<String, csv::Error> {
    let bytes = out.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn read(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn figures_come_back_exactly() {
        let result = sample::run_result();
        let rows = read(&figures(&result).unwrap());
        let find = |scope: &str, name: &str, figure: &str| {
            let row = rows.iter().find(|r| (r[0].as_str(), r[1].as_str(), r[2].as_str()) == (scope, name, figure));
            row.unwrap_or_else(|| panic!("no row {scope} {name} {figure}")).clone()
        };
        let row = find("function", "thumbnail", "latency_s.p99");
        let expected = result.functions["thumbnail"].latency_s.p99;
        assert_eq!(row[3].parse::<f64>().ok(), expected.mean);
        assert_eq!(row[4].parse::<f64>().ok(), expected.lo);
        assert_eq!(row[5].parse::<f64>().ok(), expected.hi);
        assert_eq!(row[6], "20");
        assert_eq!(find("fee", "", "range.p5")[3], "3398.0");
        assert_eq!(find("function", "mail", "async.backlog_peak")[3], "412.0");
        assert_eq!(find("objective", "thumbnail/p99", "target")[3], "2.0");
        assert_eq!(find("recovery", "store-outage/thumbnail", "recovered")[4], "0.8316");
    }

    #[test]
    fn missing_numbers_are_empty_cells() {
        for result in [sample::single(), sample::no_requests()] {
            let text = figures(&result).unwrap();
            assert!(!text.contains("NaN") && !text.contains("null"), "{text}");
        }
        let rows = read(&figures(&sample::single()).unwrap());
        assert!(rows.iter().filter(|r| r[6] == "1").all(|r| r[4].is_empty() && r[5].is_empty()));
    }

    #[test]
    fn names_with_commas_and_quotes_survive() {
        let mut result = sample::run_result();
        let f = result.functions.remove("mail").unwrap();
        result.functions.insert("a,\"b\"\nc".into(), f);
        assert!(read(&figures(&result).unwrap()).iter().any(|r| r[1] == "a,\"b\"\nc"));
    }

    #[test]
    fn the_timeline_has_one_row_a_bin() {
        let mut t = sample::run_result().timeline;
        t.availability[2] = None;
        let rows = read(&timeline(&t).unwrap());
        assert_eq!(rows.len(), t.requests.len());
        assert_eq!((rows[2][0].as_str(), rows[2][4].as_str()), ("600", ""));
        assert_eq!(rows[144][2], "2300");
    }
}
