//! What reports rest on besides their figures: the command, the file, its warnings, its assumptions.

use crate::cli::args::{self, Month};
use crate::report::document::Basis;
use crate::report::focus::Place;
use crate::scenario::Resolved;
use crate::study;
pub(super) use crate::study::assumed::{assumptions, warning};
use crate::study::result::Warning;

/// The basis of a report on a scenario and its variants. `varied` are the keys that were varied: no assumption rests on them.
pub(super) fn basis(resolved: &Resolved, scenario_text: &str, varied: &[&str]) -> Basis {
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
        command: command(),
        scenario_text: scenario_text.to_owned(),
        warnings,
        assumptions,
        today: varied.iter().filter_map(value).collect(),
    }
}

/// Where the fee would be billed, for cost data. Without a month of the user's it is that of clock 0, if the file says when that is.
pub(super) fn place(resolved: &Resolved, month: Option<Month>) -> Place {
    let scenario = &resolved.scenario;
    let of_clock = || args::month(scenario.simulation.start_time.as_ref()?.get(..7)?).ok();
    Place {
        provider: resolved.platform.provider.clone(),
        service: resolved.platform.name.clone(),
        region: scenario.region.clone(),
        month: month.or_else(of_clock).map(|Month(year, month)| (year, month)),
        committed: scenario.billing.committed.is_some_and(|share| share.get() > 0.0),
    }
}

/// A key as it is without the quotation marks that odd names need.
fn unquoted(key: &str) -> String {
    key.replace('"', "")
}

/// Options that change nothing of a result; those with a value first.
const ASIDE: [&str; 5] = ["--format", "--output", "--threads", "--color", "--checkpoint"];
const ASIDE_FLAGS: [&str; 3] = ["--quiet", "-q", "--fail-on-objective"];

/// The command line that gives the same result again: the process's own, without the options that do not change it.
pub(super) fn command() -> String {
    written(std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()))
}

fn written(arguments: impl Iterator<Item = String>) -> String {
    let mut words = vec!["faascast".to_owned()];
    let mut skip_value = false;
    for word in arguments {
        if std::mem::take(&mut skip_value) || ASIDE_FLAGS.contains(&word.as_str()) {
            continue;
        }
        match ASIDE.iter().find_map(|option| word.strip_prefix(option)) {
            Some("") => skip_value = true,
            Some(rest) if rest.starts_with('=') => {}
            _ => words.push(shell_word(&word)),
        }
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
    use super::*;

    #[test]
    fn a_command_says_what_matters_only() {
        let words = [
            "tune",
            "a.toml",
            "--set",
            "f.memory=512 MiB",
            "-q",
            "--output",
            "x",
            "--format=json",
            "--threads",
            "2",
            "--seed",
            "5",
        ];
        assert_eq!(written(words.map(str::to_owned).into_iter()), "faascast tune a.toml --set 'f.memory=512 MiB' --seed 5");
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(shell_word("a.b=10s"), "a.b=10s");
        assert_eq!(shell_word("a=512 MiB"), "'a=512 MiB'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }
}
