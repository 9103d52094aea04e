//! What can be changed of a configuration: a control for each setting that matters, with values around the one in effect. Every
//! value is written as the scenario's reader takes it.
//!
//! - `ladder`: the values; `function`, `demand`: the settings of functions, and of traffic and events

mod demand;
mod function;
mod ladder;

use serde::Serialize;

use crate::scenario::{Effective, Limit, Origin, Resolved};

/// All controls of a configuration.
#[derive(Debug, Serialize)]
pub(super) struct Controls {
    pub(super) groups: Vec<Group>,
    /// Currency of the bill.
    pub(super) currency: String,
    /// Length of simulated time.
    pub(super) horizon: String,
    /// Where the prices are from.
    pub(super) source: String,
}

/// Controls that belong together.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    pub(super) title: String,
    pub(super) controls: Vec<Control>,
}

/// A setting that can be changed.
#[derive(Debug, Serialize)]
pub(super) struct Control {
    /// Dotted path, as for `--set`.
    pub(super) key: String,
    pub(super) label: String,
    /// What it means, in one line.
    pub(super) help: String,
    pub(super) kind: Kind,
    /// The values to choose from; the one in effect is among them.
    pub(super) values: Vec<String>,
    /// The one in effect; empty where the setting is not made.
    pub(super) value: String,
    pub(super) origin: From,
    pub(super) unit: String,
}

/// How a control is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A slider over the values, beside a field that takes any value.
    Steps,
    /// A field alone.
    Number,
    /// A choice of the values, and no other.
    Choice,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum From {
    /// The scenario's text.
    File,
    /// The platform's or the program's default.
    Default,
    /// Computed from other values.
    Computed,
    /// The page.
    Changed,
}

/// The controls of a configuration: of its functions, the account, its traffic and its events.
pub(super) fn controls(resolved: &Resolved) -> Controls {
    let scenario = &resolved.scenario;
    let maker = Maker { resolved };
    let functions = scenario.functions.iter().enumerate().map(|(index, f)| (f.name.clone(), function::controls(&maker, index)));
    let sources = scenario.traffic.iter().map(|source| (format!("Traffic: {}", source.name), demand::source(&maker, source)));
    let events = scenario.events.iter().map(|event| (format!("Event: {}", event.name), demand::event(&maker, event)));
    let groups = functions.chain([("Account".to_owned(), account(&maker))]).chain(sources).chain(events);
    let groups = groups.map(|(title, controls)| Group { title, controls }).filter(|group| !group.controls.is_empty());
    let currency = resolved.platform.region(&scenario.region).map_or_else(|_| String::new(), |region| region.currency.clone());
    Controls { groups: groups.collect(), currency, horizon: scenario.simulation.horizon.exact(), source: source(resolved) }
}

/// The platform, and the date of its newest row of prices.
fn source(resolved: &Resolved) -> String {
    let rows = resolved.platform.rows(&resolved.scenario.region).filter(|row| row.key.starts_with("price."));
    match rows.map(|row| row.as_of.as_str()).max() {
        Some(date) if !date.is_empty() => format!("{} prices of {date}", resolved.platform.id),
        _ => format!("{} prices", resolved.platform.id),
    }
}

/// The account's quota, counted as the platform counts.
fn account(maker: &Maker<'_>) -> Vec<Control> {
    let account = &maker.resolved.scenario.account;
    let (name, label, limit) = if maker.by_concurrency() {
        ("max_concurrency", "Account: most invocations at once", account.max_concurrency)
    } else {
        ("max_instances", "Account: most instances", account.max_instances)
    };
    let about = "Quota of all functions together; above it requests are throttled.";
    vec![maker.steps(format!("account.{name}"), label, about, &limit.to_string(), ladder::limits(limit), "")]
}

/// Makes controls of what is known of a configuration.
struct Maker<'a> {
    resolved: &'a Resolved,
}

impl Maker<'_> {
    fn effective(&self, key: &str) -> Option<&Effective> {
        self.resolved.explain.iter().rev().find(|effective| effective.path == key)
    }

    /// The value that the file or the page gives, as it is written there.
    fn written(&self, key: &str) -> Option<&str> {
        let given = |e: &&Effective| matches!(e.origin, Origin::File { .. } | Origin::Set);
        self.effective(key).filter(given).map(|e| e.value.trim_matches('"'))
    }

    /// Whether the account limits invocations at once, not instances; also where that limit was just lifted.
    fn by_concurrency(&self) -> bool {
        let account = &self.resolved.scenario.account;
        let said = || self.written("account.max_concurrency").is_some();
        account.max_instances == Limit::Unlimited && (account.max_concurrency != Limit::Unlimited || said())
    }

    /// A control with a slider. `now` is the value in effect, and `values` are in order; the one in effect is put among them as
    /// the file writes it.
    fn steps(&self, key: String, label: &str, help: &str, now: &str, values: Vec<String>, unit: &str) -> Control {
        let written = self.written(&key).map(str::to_owned);
        let value = written.unwrap_or_else(|| now.to_owned());
        let values = values.into_iter().map(|other| if other == now { value.clone() } else { other }).collect();
        self.control(key, label, help, (Kind::Steps, values), value, unit)
    }

    /// A control of words.
    fn choice(&self, key: String, label: &str, help: &str, words: &[&str], now: &str) -> Control {
        self.control(key, label, help, (Kind::Choice, words.iter().map(|word| (*word).to_owned()).collect()), now.to_owned(), "")
    }

    /// A control for a setting that is not made: a field without a value.
    fn unset(&self, key: String, label: &str, help: &str) -> Control {
        self.control(key, label, help, (Kind::Number, Vec::new()), String::new(), "")
    }

    fn control(
        &self,
        key: String,
        label: &str,
        help: &str,
        (kind, values): (Kind, Vec<String>),
        value: String,
        unit: &str,
    ) -> Control {
        let origin = match self.effective(&key).map(|effective| &effective.origin) {
            Some(Origin::File { .. }) => From::File,
            Some(Origin::Set) => From::Changed,
            Some(Origin::Computed { .. }) => From::Computed,
            Some(Origin::Default { .. }) | None => From::Default,
        };
        Control { key, label: label.to_owned(), help: help.to_owned(), kind, values, value, origin, unit: unit.to_owned() }
    }
}

/// A name as a part of a dotted path.
fn part(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if bare { name.to_owned() } else { format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::serve::configuration::Configuration;
    use crate::serve::files::Known;
    use crate::serve::gallery::GALLERY;

    fn read(toml: &str, set: &[(&str, &str)]) -> Result<Resolved, String> {
        let set: BTreeMap<String, String> = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Configuration { toml: toml.to_owned(), set }.read(&Known::default()).map_err(|problem| problem.errors[0].message.clone())
    }

    /// Whatever stands on a slider can be set, unless the platform refuses the combination; and what is in effect stays so.
    #[test]
    fn every_value_of_every_control_is_taken() {
        let mut tried = 0;
        for exhibit in GALLERY {
            let resolved = read(exhibit.toml, &[]).unwrap();
            for control in controls(&resolved).groups.iter().flat_map(|group| &group.controls) {
                let place = format!("{} {}", exhibit.id, control.key);
                if control.kind != Kind::Number {
                    assert!(control.values.contains(&control.value), "{place}: {} of {:?}", control.value, control.values);
                    assert!(control.values.len() > 1, "{place}: nothing to choose");
                }
                for value in &control.values {
                    match read(exhibit.toml, &[(&control.key, value)]) {
                        Ok(changed) => {
                            tried += 1;
                            let again = controls(&changed);
                            let same = again.groups.iter().flat_map(|g| &g.controls).find(|c| c.key == control.key);
                            let (shown, origin) = same.map(|c| (c.value.as_str(), c.origin)).unwrap_or_else(|| panic!("{place}"));
                            assert_eq!((shown, origin), (value.as_str(), From::Changed), "{place}");
                        }
                        // A limit of the platform, or of what stands beside it.
                        Err(refused) => assert!(
                            !refused.contains("expected") && !refused.contains("no such key"),
                            "{place} = {value}: {refused}"
                        ),
                    }
                }
                // One attempt is no retry, whatever is said of retries.
                let is_one = control.key.ends_with(".retry.attempts") && control.value == "1";
                if control.kind != Kind::Number && !is_one {
                    let same = read(exhibit.toml, &[(&control.key, &control.value)]);
                    let without_origin = |resolved: Resolved| format!("{:?}", resolved.scenario);
                    assert_eq!(same.map(without_origin), Ok(without_origin(resolved.clone())), "{place} = {}", control.value);
                }
            }
        }
        assert!(tried > 1_000, "{tried}");
    }

    #[test]
    fn odd_names_are_quoted() {
        let toml = "platform = 'generic'\n[functions.\"my function\"]\nwork.io = '1s'\n[[traffic]]\nto = \"my function\"\narrivals = { poisson = '1/s' }\n";
        let keys: Vec<String> =
            controls(&read(toml, &[]).unwrap()).groups.into_iter().flat_map(|g| g.controls).map(|c| c.key).collect();
        assert!(keys.contains(&"functions.\"my function\".memory".to_owned()), "{keys:?}");
        assert!(keys.contains(&"traffic.\"my function\".arrivals.poisson".to_owned()), "{keys:?}");
    }

    #[test]
    fn memory_is_in_the_platforms_steps() {
        let resolved = read(GALLERY[0].toml, &[]).unwrap();
        let found = controls(&resolved);
        let memory = found.groups[0].controls.iter().find(|control| control.label == "Memory").unwrap();
        assert_eq!((memory.value.as_str(), memory.origin), ("512 MiB", From::File));
        assert!(
            memory.values.contains(&"128 MiB".to_owned()) && memory.values.contains(&"1 GiB".to_owned()),
            "{:?}",
            memory.values
        );
        assert!(found.source.starts_with("alibaba-fc prices of 2026-"), "{}", found.source);
        assert_eq!(found.currency, "CNY");
    }
}
