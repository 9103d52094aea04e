//! What can be changed of a configuration: a control for each setting that matters, with values around the one in effect.

use serde::Serialize;

use crate::scenario::Resolved;

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
    /// The one in effect.
    pub(super) value: String,
    pub(super) origin: From,
    pub(super) unit: String,
}

/// How a control is shown.
#[expect(dead_code, reason = "no control is derived yet")]
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
#[expect(dead_code, reason = "no control is derived yet")]
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

/// The controls of a configuration.
pub(super) fn controls(resolved: &Resolved) -> Controls {
    let scenario = &resolved.scenario;
    let currency = resolved.platform.region(&scenario.region).map_or_else(|_| String::new(), |region| region.currency.clone());
    Controls {
        groups: Vec::new(),
        currency,
        horizon: scenario.simulation.horizon.exact(),
        source: format!("{} prices", resolved.platform.id),
    }
}
