//! Whether a text can be a deployment file at all, and what is said if it is not.

use super::Place;
use crate::diagnostic::Diagnostic;

const HINT: &str = "Check the file with the tool that deploys it, or restore it from where it came from.";

/// The finding about a text that is not valid.
pub(super) fn broken(file: &str, place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("syntax", "", message).at(file, place.line).column(place.column)
}

/// Refuses what is no text at all, and JSON that ends too early or has a slip: a parser of YAML would say it less well.
pub(super) fn plausible(text: &str, file: &str) -> Result<(), Box<Diagnostic>> {
    if let Some(at) = text.find('\0') {
        let place = place_of(text, at);
        let finding = broken(file, place, "this is not a text file: it has a byte of zero");
        return Err(Box::new(finding.hint("Name the deployment file itself, not a package or a program.")));
    }
    if text.trim().is_empty() {
        let finding = broken(file, Place { line: 1, column: 1 }, "the file is empty");
        return Err(Box::new(finding.hint("Name the file that describes the deployment, such as s.yaml or template.yaml.")));
    }
    if !is_json(text) {
        return Ok(());
    }
    let read: Result<serde::de::IgnoredAny, _> = serde_json::from_str(text);
    match read {
        // A mapping in braces may be YAML after all: the parser of YAML has the last word.
        Err(error) if text.contains('"') => {
            let (message, place) = (error.to_string(), Place { line: error.line(), column: error.column() });
            let message = message.split(" at line ").next().unwrap_or_default();
            if super::build::tree(text, file).is_ok() {
                return Ok(());
            }
            Err(Box::new(broken(file, place, format!("not valid JSON: {message}")).hint(HINT)))
        }
        _ => Ok(()),
    }
}

/// Whether a text begins like JSON.
pub(super) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Line and column of a byte offset.
fn place_of(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}

/// The finding about what the parser refuses. `place` may lie behind the end of the text.
pub(super) fn refused(text: &str, file: &str, place: Place, reason: &str) -> Diagnostic {
    let lines = text.lines().count().max(1);
    let place = if place.line > lines {
        Place { line: lines, column: text.lines().last().unwrap_or_default().chars().count() + 1 }
    } else {
        place
    };
    let hint = match reason {
        _ if reason.contains("tabs") => "YAML is indented with spaces, never with tabs.",
        _ if reason.contains("unknown anchor") => "An alias such as `*name` needs an anchor `&name` before it.",
        _ if reason.contains("recursion") => "It nests too deep for a deployment file.",
        _ => HINT,
    };
    broken(file, place, format!("not valid YAML: {reason}")).hint(hint)
}
