//! What reports rest on besides their figures: the command, the file, its warnings, its assumptions.

use std::path::Path;

use crate::cli::args::Global;
use crate::report::document::Basis;
use crate::scenario::{Effective, Origin, Resolved};
use crate::study;
use crate::study::result::{Assumption, Warning};

/// The basis of a report on a scenario and its variants. `varied` are the keys that were varied: no assumption rests on them.
pub(super) fn basis(resolved: &Resolved, scenario_text: &str, command: String, varied: &[&str]) -> Basis {
    let keys: Vec<String> = varied.iter().map(|key| unquoted(key)).collect();
    let value = |key: &&str| {
        let wanted = unquoted(key);
        let found = resolved.explain.iter().find(|e| unquoted(&e.path) == wanted)?;
        Some(((*key).to_owned(), found.value.clone()))
    };
    let scenario = &resolved.scenario;
    let mut warnings: Vec<Warning> = resolved.warnings.iter().map(warning).collect();
    warnings.extend(study::foreseen(scenario, &resolved.platform, &super::today()));
    let mut assumptions = assumptions(resolved);
    assumptions.retain(|a| !keys.contains(&unquoted(&a.key)));
    Basis {
        platform: scenario.platform.clone(),
        region: scenario.region.clone(),
        command,
        scenario_text: scenario_text.to_owned(),
        warnings,
        assumptions,
        today: varied.iter().filter_map(value).collect(),
    }
}

/// A key as it is without the quotation marks that odd names need.
fn unquoted(key: &str) -> String {
    key.replace('"', "")
}

/// What the values rest on that the user did not give.
pub(super) fn assumptions(resolved: &Resolved) -> Vec<Assumption> {
    resolved.explain.iter().filter_map(assumption).collect()
}

/// What is odd about the scenario.
pub(super) fn warning(found: &crate::diagnostic::Diagnostic) -> Warning {
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

/// The command line that gives the same result again: options that do not change it are left out. `own` are words of the
/// command's own options.
pub(super) fn command(name: &str, file: &Path, own: &[String], global: &Global) -> String {
    let mut words = vec!["faascast".to_owned(), name.to_owned(), shell_word(&file.display().to_string())];
    words.extend(own.iter().map(|word| shell_word(word)));
    for (key, value) in super::sets(global) {
        words.extend(["--set".to_owned(), shell_word(&format!("{key}={value}"))]);
    }
    words.join(" ")
}

/// A word as a shell reads it.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,%+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(shell_word("a.b=10s"), "a.b=10s");
        assert_eq!(shell_word("a=512 MiB"), "'a=512 MiB'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }
}
