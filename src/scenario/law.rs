//! Distributions as the file writes them: a bare value, or a table with one law and its parameters.

use super::key::{Key, Kind, Unit, key, must};
use super::node::{Node, Value};
use super::quantities::{self, Parsed, Wrong};
use super::reader::Reader;
use crate::units::parse;
use crate::workload::distribution::{Distribution, ParameterError};

const CV: Key = key("cv", Kind::Number, "coefficient of variation: standard deviation / mean");
const MEAN: Key = key("mean", Kind::Own, "mean");
const SHAPE: Key = must("shape", Kind::Number, "shape; smaller is a heavier tail");

/// The laws; exactly one stands in a table.
pub(super) const KEYS: &[Key] = &[
    key("exponential", Kind::Own, "exponential with this mean"),
    key(
        "lognormal",
        Kind::Table(&[MEAN, CV, key("median", Kind::Own, "median"), key("p95", Kind::Own, "95 % are at or below")]),
        "log-normal by mean and cv, or by median and p95",
    ),
    key("gamma", Kind::Table(&[must("mean", Kind::Own, "mean"), must("cv", Kind::Number, CV.about)]), "gamma by mean and cv"),
    key("weibull", Kind::Table(&[must("mean", Kind::Own, "mean"), SHAPE]), "Weibull by mean and shape"),
    key("pareto", Kind::Table(&[must("min", Kind::Own, "smallest value"), SHAPE]), "Pareto by smallest value and shape"),
    key(
        "uniform",
        Kind::Table(&[must("min", Kind::Own, "smallest value"), must("max", Kind::Own, "largest value")]),
        "uniform between two values",
    ),
    key("quantiles", Kind::QuantilePoints, "points of the quantile function, linear between them"),
    key("empirical", Kind::Text, "file of measured values, one a line, in seconds or bytes where they have no unit"),
    key("mixture", Kind::Tables(MIXTURE), "one of several distributions, by weight"),
];

const MIXTURE: &[Key] = &[must("weight", Kind::Number, "relative weight"), must("of", Kind::Nested, "distribution of this part")];

/// A quantity of the distribution's unit, as seconds or bytes.
fn own(node: &Node, unit: Unit) -> Parsed<f64> {
    match unit {
        Unit::Time => quantities::span(node).map(|span| span.as_secs_f64()),
        Unit::Size => quantities::size(node).map(|size| size.0 as f64),
    }
}

/// Reads the distribution at a key.
pub(super) fn read(reader: &Reader<'_>, key: &'static str, unit: Unit) -> Option<Distribution> {
    match reader.get(key).map(|node| &node.value) {
        Some(Value::Table(_)) => table(&reader.table(key), unit),
        _ => reader.read(key, |node| own(node, unit).map(Distribution::Constant).map_err(or_a_law)),
    }
}

fn or_a_law(wrong: Wrong) -> Wrong {
    let expected = format!("{}, or a distribution such as {{ exponential = … }}", wrong.expected);
    Wrong { expected, ..wrong }
}

fn table(law: &Reader<'_>, unit: Unit) -> Option<Distribution> {
    let given: Vec<&str> = KEYS.iter().map(|key| key.name).filter(|name| law.has(name)).collect();
    let [name] = given.as_slice() else {
        let known = || KEYS.iter().map(|key| key.name).collect::<Vec<_>>().join(", ");
        match given.as_slice() {
            // An unknown key has been reported and says it better.
            [] if !law.entries().is_empty() => {}
            [] => law.error("", "bad-value", "expected a distribution, found an empty table", format!("One of: {}.", known())),
            _ => {
                let message = format!("expected one distribution, found {}", given.join(" and "));
                law.error("", "conflict", message, "Keep one of them.");
                // What else is wrong with them is said too.
                given.iter().for_each(|name| drop(one(law, name, unit)));
            }
        }
        return None;
    };
    one(law, name, unit)
}

/// Reads one of the laws.
fn one(law: &Reader<'_>, name: &str, unit: Unit) -> Option<Distribution> {
    let of = |table: &Reader<'_>, key: &'static str| table.read(key, |node| own(node, unit));
    let made = match name {
        "exponential" => Distribution::exponential(of(law, "exponential")?),
        "lognormal" => lognormal(&law.table("lognormal"), unit)?,
        "gamma" => {
            let t = law.table("gamma");
            let (mean, cv) = (of(&t, "mean"), t.number("cv"));
            Distribution::gamma_mean_cv(mean?, cv?)
        }
        "weibull" => {
            let t = law.table("weibull");
            let (mean, shape) = (of(&t, "mean"), t.number("shape"));
            Distribution::weibull_mean_shape(mean?, shape?)
        }
        "pareto" => {
            let t = law.table("pareto");
            let (min, shape) = (of(&t, "min"), t.number("shape"));
            Distribution::pareto(min?, shape?)
        }
        "uniform" => {
            let t = law.table("uniform");
            let (min, max) = (of(&t, "min"), of(&t, "max"));
            Distribution::uniform(min?, max?)
        }
        "quantiles" => Distribution::quantiles(&law.read("quantiles", |node| quantiles(node, unit))?),
        "empirical" => empirical(law, unit)?,
        _ => Distribution::mixture(mixture(law, unit)?),
    };
    checked(law, made)
}

/// Turns a violated inequality into an error at the law.
fn checked(law: &Reader<'_>, made: Result<Distribution, ParameterError>) -> Option<Distribution> {
    made.map_err(|error| law.error("", "out-of-range", error.to_string(), "")).ok()
}

fn lognormal(t: &Reader<'_>, unit: Unit) -> Option<Result<Distribution, ParameterError>> {
    let of = |key: &'static str| t.read(key, |node| own(node, unit));
    let (mean, cv, median, p95) = (of("mean"), t.number("cv"), of("median"), of("p95"));
    let has = |keys: [&str; 2]| keys.iter().filter(|key| t.has(key)).count();
    match (has(["mean", "cv"]), has(["median", "p95"])) {
        (2, 0) => Some(Distribution::lognormal_mean_cv(mean?, cv?)),
        (0, 2) => Some(Distribution::lognormal_median_p95(median?, p95?)),
        _ => {
            let code = if t.entries().len() > 2 { "conflict" } else { "missing-key" };
            t.error("", code, "expected either `mean` and `cv`, or `median` and `p95`", "");
            None
        }
    }
}

fn quantiles(node: &Node, unit: Unit) -> Parsed<Vec<(f64, f64)>> {
    let example = if unit == Unit::Time { "[[0.5, \"80ms\"], [0.99, \"1s\"]]" } else { "[[0.5, \"1 MiB\"], [0.99, \"8 MiB\"]]" };
    let point = |item| {
        let probability = |node: &Node| quantities::share(node).map(|share| share.get());
        quantities::pair(item, "a pair of a probability and a value", probability, |node| own(node, unit))
    };
    quantities::list(node, &format!("points such as {example}"), point)
}

fn mixture(law: &Reader<'_>, unit: Unit) -> Option<Vec<(f64, Distribution)>> {
    let parts = law.tables("mixture");
    if law.get("mixture").is_some_and(|node| node.list().is_some_and(<[Node]>::is_empty)) {
        law.error("mixture", "missing-key", "expected at least one part", "");
        return None;
    }
    // All parts are read before any is judged, so that all errors are found.
    let parts: Vec<_> = parts.iter().map(|part| (part.number("weight"), read(part, "of", unit))).collect();
    parts.into_iter().map(|(weight, of)| Some((weight?, of?))).collect()
}

/// Measured values from a file: the first column of a CSV, with or without header.
fn empirical(law: &Reader<'_>, unit: Unit) -> Option<Result<Distribution, ParameterError>> {
    let (path, bytes) = law.file("empirical")?;
    let fail = |message: String| law.error("empirical", "bad-file", format!("`{path}`: {message}"), "One value a line.");
    let Ok(text) = String::from_utf8(bytes) else {
        fail("not a text file".into());
        return None;
    };
    let mut values = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let field = line.split(',').next().unwrap_or_default().trim().trim_matches('"');
        if field.is_empty() || field.starts_with('#') {
            continue;
        }
        match value(field, unit) {
            Some(value) => values.push(value),
            // A first line that is no number names the column.
            None if values.is_empty() && number == 1 && !field.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {}
            None => {
                let what = if unit == Unit::Time { "a time" } else { "a size" };
                fail(format!("line {number}: expected {what} that is not negative, found `{field}`"));
                return None;
            }
        }
    }
    Some(Distribution::empirical(values))
}

fn value(field: &str, unit: Unit) -> Option<f64> {
    let value = match (field.parse::<f64>(), unit) {
        (Ok(value), _) => value,
        (Err(_), Unit::Time) => parse::span(field).ok().filter(|span| !span.is_forever())?.as_secs_f64(),
        (Err(_), Unit::Size) => parse::bytes(field).ok()?.0 as f64,
    };
    (value >= 0.0 && value.is_finite()).then_some(value)
}
