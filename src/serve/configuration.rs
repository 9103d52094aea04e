//! A configuration as the page knows it: the text of a scenario, and the values that were changed.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::files::Known;
use super::problem::Problem;
use crate::scenario::{self, Resolved};

/// Name of the page's scenario in messages.
const NAME: &str = "scenario.toml";

/// Text and changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) struct Configuration {
    /// The scenario's text.
    pub(super) toml: String,
    /// Values by dotted path, as for `--set`. In the order of the paths, so that a whole comes before its parts.
    #[serde(default)]
    pub(super) set: BTreeMap<String, String>,
}

impl Configuration {
    /// Memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        self.toml.len() + self.set.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>()
    }

    /// The scenario with all defaults, or all that is wrong with it.
    pub(super) fn read(&self, files: &Known) -> Result<Resolved, Problem> {
        let sets: Vec<(String, String)> = self.set.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        scenario::read(&self.toml, NAME, &sets, files).map_err(|findings| Problem::scenario(&findings))
    }
}
