//! What a scenario's figures rest on besides what the user gave.

use super::result::{Assumption, Warning};
use crate::diagnostic::Diagnostic;
use crate::scenario::{Effective, Origin, Resolved};

/// What the values rest on that the user did not give.
#[must_use]
pub fn assumptions(resolved: &Resolved) -> Vec<Assumption> {
    resolved.explain.iter().filter_map(assumption).collect()
}

/// What is odd about the scenario.
#[must_use]
pub fn warning(found: &Diagnostic) -> Warning {
    let place = if found.path.is_empty() { String::new() } else { format!("`{}`: ", found.path) };
    let remedy = found.hints.join(" ");
    Warning { code: found.code.into(), cause: format!("{place}{}", found.message), effect: String::new(), remedy }
}

/// What a value that the user did not give rests on.
fn assumption(e: &Effective) -> Option<Assumption> {
    let (source, as_of, confidence) = match &e.origin {
        Origin::File { .. } | Origin::Set => return None,
        Origin::Computed { rule } => (rule.clone(), String::new(), "model"),
        Origin::Default { source, as_of, confidence, note } => {
            let source = if note.is_empty() { source.clone() } else { format!("{source}: {note}") };
            (source, as_of.clone(), confidence.as_str())
        }
    };
    Some(Assumption { key: e.path.clone(), value: e.value.clone(), source, as_of, confidence: confidence.to_owned() })
}
