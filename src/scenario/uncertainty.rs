//! `[uncertainty]`: how well values of the scenario are known, by their paths; and new values drawn from that.

use super::key::{Key, Kind, key};
use super::node::{Node, Value};
use super::reader::Reader;
use super::set;
use super::{events, traffic};
use crate::random;
use crate::units::parse;
use crate::workload::distribution::Distribution;

/// Keys of an entry.
pub(super) const KEYS: &[Key] = &[
    key("error", Kind::Number, "standard error of the value's logarithm, that is a share of the value"),
    key("with", Kind::Text, "path of another uncertain value that errs together with this one"),
    key("correlation", Kind::Number, "correlation with that one, from -1 to 1"),
    key("events", Kind::Whole, "for a share: how often it happened"),
    key("of", Kind::Whole, "for a share: among how many"),
];

/// A value that is not known exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncertain {
    /// Its path, as for `--set`.
    pub path: String,
    /// Its number in the file.
    value: f64,
    /// What stands after the number there.
    unit: String,
    /// How well it is known.
    how: How,
}

#[derive(Clone, Debug, PartialEq)]
enum How {
    /// Log-normal around the value; with another one's path and the correlation with it.
    Error { error: f64, with: Option<(String, f64)> },
    /// A share that was counted: beta by Jeffreys' prior.
    Counted { events: f64, of: f64 },
}

impl Uncertain {
    /// Another value that the data would allow as well, as a `--set` option. `key` is the sample's identity: values that are
    /// correlated share a draw.
    #[must_use]
    pub fn draw(&self, key: random::Key) -> (String, String) {
        let normal = |path: &str| {
            let unit = Distribution::LogNormal { mu: 0.0, sigma: 1.0 };
            libm::log(unit.sample(&mut key.name(path).stream()))
        };
        let value = match &self.how {
            How::Error { error, with: None } => self.value * libm::exp(error * normal(&self.path)),
            How::Error { error, with: Some((other, correlation)) } => {
                let own = (1.0 - correlation * correlation).max(0.0).sqrt();
                self.value * libm::exp(error * (correlation * normal(other) + own * normal(&self.path)))
            }
            How::Counted { events, of } => {
                let mut stream = key.name(&self.path).stream();
                let mut gamma = |shape: f64| Distribution::Gamma { shape, scale: 1.0 }.sample(&mut stream);
                let (yes, no) = (gamma(events + 0.5), gamma(of - events + 0.5));
                return (self.path.clone(), format!("{}", yes / (yes + no)));
            }
        };
        let written = if self.unit.is_empty() { format!("{value}") } else { format!("\"{value} {}\"", self.unit) };
        (self.path.clone(), written)
    }
}

/// Reads the table.
pub(super) fn read(root: &Reader<'_>, document: &Node) -> Vec<Uncertain> {
    let entries = root.named("uncertainty");
    let paths: Vec<&str> = entries.iter().map(|(path, _)| path.as_str()).collect();
    entries.iter().filter_map(|(path, r)| entry(path, r, document, &paths)).collect()
}

fn entry(path: &str, r: &Reader<'_>, document: &Node, paths: &[&str]) -> Option<Uncertain> {
    let error = r.number("error");
    let error = r.within("error", error, |error| (0.0..=2.0).contains(error), "from 0 to 2");
    let with = r.read("with", super::quantities::text);
    let correlation = r.number("correlation");
    let correlation = r.within("correlation", correlation, |c| (-1.0..=1.0).contains(c), "from -1 to 1");
    let (events, of) = (r.whole("events"), r.whole("of"));
    let of = r.within("of", of, |of| *of > 0 && events.is_none_or(|events| events <= *of), "more than 0, and at least `events`");
    if let Some(other) = with.as_deref().filter(|other| !paths.contains(other) || *other == path) {
        r.error("with", "unknown-path", format!("`{other}` is no other entry of `[uncertainty]`"), "Name one, or leave it out.");
        return None;
    }
    let counted = r.has("events") || r.has("of");
    if r.has("error") == counted {
        let message = "expected either `error`, or `events` and `of`";
        r.error(
            "",
            if counted { "conflict" } else { "missing-key" },
            message,
            "Such as { error = 0.02 } or { events = 3, of = 500 }.",
        );
        return None;
    }
    let how = if counted {
        if r.has("events") != r.has("of") {
            r.error("", "missing-key", "expected both `events` and `of`", "Such as { events = 3, of = 500 }.");
        }
        How::Counted { events: events? as f64, of: of? as f64 }
    } else {
        How::Error { error: error?, with: with.map(|with| (with, correlation.unwrap_or(0.0))) }
    };
    let Some(node) = lookup(document, path) else {
        r.error(
            "",
            "unknown-path",
            "the scenario has no such value",
            "Write the path as for `--set`, of a value that stands in the file.",
        );
        return None;
    };
    let read = match &node.value {
        Value::Text(text) => parse::split(text).map(|(number, unit)| (number, unit.to_owned())),
        Value::Integer(number) => number.map(|number| (number as f64, String::new())),
        Value::Float(number) => Some((*number, String::new())),
        _ => None,
    };
    let Some((value, unit)) = read else {
        r.error(
            "",
            "bad-value",
            format!("expected the path of a number, but {node} stands there"),
            "Name a number or a quantity.",
        );
        return None;
    };
    Some(Uncertain { path: path.to_owned(), value, unit, how })
}

/// The value at a path as `--set` writes it.
fn lookup<'n>(document: &'n Node, path: &str) -> Option<&'n Node> {
    let segments = set::segments(path)?;
    segments.iter().enumerate().try_fold(document, |node, (at, segment)| match &node.value {
        Value::List(items) => {
            let names = match (at, segments[0].as_str()) {
                (1, "traffic") => traffic::names(items, traffic::default_name),
                (1, "events") => traffic::names(items, events::default_name),
                _ => (1..=items.len()).map(|number| number.to_string()).collect(),
            };
            items.get(names.iter().position(|name| name == segment)?)
        }
        _ => node.get(segment),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;
    use crate::scenario::{Files, Resolved, read};

    struct NoFiles;

    impl Files for NoFiles {
        fn read(&self, path: &str) -> Result<Vec<u8>, String> {
            Err(path.to_owned())
        }
    }

    fn good(text: &str, sets: &[(String, String)]) -> Resolved {
        read(text, "f.toml", sets, &NoFiles).unwrap()
    }

    const TEXT: &str = r#"
        platform = "generic"
        [functions.f]
        memory = "1 GiB"
        timeout = "1min"
        work.io = { lognormal = { mean = "100ms", cv = 0.5 } }
        faults.error = "2%"
        [[traffic]]
        to = "f"
        arrivals = { mmpp = [{ rate = "20/s", mean_time = "10s" }, { rate = "2/s", mean_time = "20s" }] }
        [uncertainty]
        "functions.f.work.io.lognormal.mean" = { error = 0.1, with = "functions.f.work.io.lognormal.cv", correlation = 0.8 }
        "functions.f.work.io.lognormal.cv" = { error = 0.2 }
        "functions.f.faults.error" = { events = 20, of = 1000 }
        "traffic.f.arrivals.mmpp.1.rate" = { error = 0.05 }
    "#;

    #[test]
    fn drawn_values_are_spread_as_said_and_can_be_set() {
        let resolved = good(TEXT, &[]);
        let n = 4_000;
        let drawn: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                let values = resolved.uncertainty.iter().map(|u| u.draw(Key::new(1, i)).1);
                values.map(|text| parse::split(text.trim_matches('"')).unwrap().0).collect()
            })
            .collect();
        let column = |c: usize| drawn.iter().map(|row| row[c]).collect::<Vec<f64>>();
        let logs = |c: usize, of: f64| column(c).iter().map(|x| libm::log(x / of)).collect::<Vec<f64>>();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() / n as f64;
        let (mean, cv) = (logs(0, 100.0), logs(1, 0.5));
        assert!((product(&mean, &mean).sqrt() / 0.1 - 1.0).abs() < 0.05 && (product(&cv, &cv).sqrt() / 0.2 - 1.0).abs() < 0.05);
        assert!((product(&mean, &cv) / 0.02 - 0.8).abs() < 0.05);
        // Beta(20.5, 980.5): mean 0.02048.
        let share = column(2).iter().sum::<f64>() / n as f64;
        assert!((share / 0.020_48 - 1.0).abs() < 0.02, "{share}");
        let sets: Vec<(String, String)> = resolved.uncertainty.iter().map(|u| u.draw(Key::new(1, 0))).collect();
        assert_ne!(good(TEXT, &sets).scenario.traffic[0].arrivals, resolved.scenario.traffic[0].arrivals);
    }

    #[test]
    fn paths_and_errors_are_checked() {
        for (entry, code) in [
            ("\"functions.g.memory\" = { error = 0.1 }", "unknown-path"),
            ("\"functions.f.work\" = { error = 0.1 }", "bad-value"),
            ("\"functions.f.timeout\" = { error = 3 }", "out-of-range"),
            ("\"functions.f.timeout\" = { error = 0.1, with = \"x\" }", "unknown-path"),
            ("\"functions.f.timeout\" = { error = 0.1, events = 3, of = 5 }", "conflict"),
            ("\"functions.f.timeout\" = { events = 3 }", "missing-key"),
            ("\"functions.f.timeout\" = { events = 3, of = 2 }", "out-of-range"),
            ("\"functions.f.timeout\" = {}", "missing-key"),
        ] {
            let findings = read(&format!("{TEXT}\n{entry}"), "f.toml", &[], &NoFiles).unwrap_err();
            assert_eq!((findings.len(), findings[0].code), (1, code), "{entry}: {findings:?}");
            assert_eq!(findings[0].line, 17);
        }
    }
}
