//! The findings of `check` as text, rows, JSON, Markdown and SARIF.

mod sarif;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

pub use sarif::sarif;

use super::listing::{Listing, names};
use crate::check::{Finding, Severity, rules};

/// Version of the JSON form.
const FORMAT: &str = "1.0";

/// How many findings there are of each severity: `2 errors, 1 warning, 0 notes, 12 questions`.
fn summary(findings: &[Finding]) -> String {
    let of = |severity: Severity, one: &str, many: &str| {
        let n = findings.iter().filter(|finding| finding.severity == severity).count();
        format!("{n} {}", if n == 1 { one } else { many })
    };
    [
        of(Severity::Error, "error", "errors"),
        of(Severity::Warning, "warning", "warnings"),
        of(Severity::Note, "note", "notes"),
        of(Severity::Checklist, "question", "questions"),
    ]
    .join(", ")
}

/// Questions that are the same for several functions are asked once: rule, message, remedy and the functions.
fn questions(findings: &[Finding]) -> Vec<(&Finding, Vec<&str>)> {
    let mut asked: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut questions: Vec<(&Finding, Vec<&str>)> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Checklist) {
        let at = *asked.entry((finding.rule, &finding.message)).or_insert_with(|| {
            questions.push((finding, Vec::new()));
            questions.len() - 1
        });
        if let Some((_, functions)) = questions.get_mut(at) {
            functions.push(&finding.function);
        }
    }
    questions
}

/// For reading: the findings, worst first, then what could not be read from the file.
#[must_use]
pub fn text(findings: &[Finding], width: usize, color: bool) -> String {
    let mut out = String::new();
    for f in findings.iter().filter(|finding| finding.severity != Severity::Checklist) {
        let word = painted(f.severity, color);
        _ = writeln!(out, "{word}[{}] {}:{}:{}: {}", f.rule, f.file, f.line, f.column, f.path);
        for line in [&f.message, &f.effect, &f.remedy].into_iter().filter(|line| !line.is_empty()) {
            _ = writeln!(out, "{}", wrapped(&sentence(line), "  ", width));
        }
        _ = writeln!(out, "{}\n", wrapped(&format!("Source: {}.", f.source), "  ", width));
    }
    let questions = questions(findings);
    if !questions.is_empty() {
        out.push_str("Not in the file; answer for yourself, or say it there:\n");
    }
    for (finding, functions) in questions {
        let line = format!("[{}] {} ({})", finding.rule, finding.message, functions.join(", "));
        _ = writeln!(out, "{}", wrapped(&line, "  ", width).replacen("  ", "? ", 1));
    }
    _ = writeln!(out, "{}{}.", if findings.is_empty() { "" } else { "\n" }, summary(findings));
    out
}

fn painted(severity: Severity, color: bool) -> String {
    let code = match severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Note | Severity::Checklist => "1;36",
    };
    let word = severity.as_str();
    if color { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word.to_owned() }
}

/// With a capital letter in front and a full stop behind.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    // A key in quotation marks or a number stays as it is.
    let start: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    if start.ends_with(['.', '?', ')']) { start } else { format!("{start}.") }
}

/// Lines of at most `width` characters, broken between words, each with a margin.
pub(super) fn wrapped(text: &str, margin: &str, width: usize) -> String {
    let mut lines = vec![margin.to_owned()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        let begun = line.len() > margin.len();
        if begun && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(format!("{margin}{word}"));
        } else {
            line.push_str(if begun { " " } else { "" });
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// One row a finding.
#[must_use]
pub fn listing(findings: &[Finding]) -> Listing {
    let row = |f: &Finding| {
        let place = [f.file.clone(), f.line.to_string(), f.column.to_string()];
        let said = [f.message.clone(), f.effect.clone(), f.remedy.clone(), f.source.to_owned()];
        let names = [f.severity.as_str().to_owned(), f.rule.to_owned(), f.function.clone(), f.path.clone()];
        [names.as_slice(), place.as_slice(), said.as_slice()].concat()
    };
    Listing {
        columns: names(&[
            "severity", "rule", "function", "path", "file", "line", "column", "message", "effect", "remedy", "source",
        ]),
        rows: findings.iter().map(row).collect(),
    }
}

/// For programs: the findings with how many there are of each severity.
#[must_use]
pub fn json(findings: &[Finding], file: &str, today: &str) -> Value {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    json!({
        "format_version": FORMAT,
        "faascast": env!("CARGO_PKG_VERSION"),
        "file": file,
        "date": today,
        "rules": rules::all().count(),
        "summary": {
            "error": count(Severity::Error),
            "warning": count(Severity::Warning),
            "note": count(Severity::Note),
            "checklist": count(Severity::Checklist),
        },
        "findings": findings,
    })
}

/// For a comment: a table of findings, then a list of questions with boxes to tick.
#[must_use]
pub fn markdown(findings: &[Finding]) -> String {
    let mut out = format!("### faascast check: {}\n\n", summary(findings));
    let found = findings.iter().filter(|finding| finding.severity != Severity::Checklist);
    let rows: Vec<Vec<String>> = found
        .map(|f| {
            let words = [&f.message, &f.effect].into_iter().filter(|text| !text.is_empty()).map(|text| sentence(text));
            let what = words.collect::<Vec<_>>().join(" ");
            vec![f.severity.as_str().into(), f.rule.into(), format!("{}:{}", f.file, f.line), what, f.remedy.clone()]
        })
        .collect();
    if !rows.is_empty() {
        out.push_str(&Listing { columns: names(&["severity", "rule", "place", "finding", "remedy"]), rows }.markdown());
        out.push('\n');
    }
    let questions = questions(findings);
    if !questions.is_empty() {
        out.push_str("Not in the file:\n\n");
    }
    for (finding, functions) in questions {
        let said = super::listing::escape(&format!("{} ({})", finding.message, functions.join(", ")));
        _ = writeln!(out, "- [ ] `{}` {said}", finding.rule);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &'static str, severity: Severity, function: &str) -> Finding {
        Finding {
            rule,
            severity,
            function: function.into(),
            file: "a b.toml".into(),
            line: 3,
            column: 1,
            path: format!("functions.{function}.timeout"),
            message: "the timeout is 60s".into(),
            effect: "It costs money.".into(),
            remedy: "Shorten it.".into(),
            source: "a page",
        }
    }

    #[test]
    fn the_same_question_is_asked_once() {
        let found = [finding("a/b", Severity::Checklist, "f"), finding("a/b", Severity::Checklist, "g")];
        let text = text(&found, 100, false);
        assert!(text.contains("? [a/b] the timeout is 60s (f, g)\n"), "{text}");
        assert!(text.ends_with("0 errors, 0 warnings, 0 notes, 2 questions.\n"), "{text}");
    }

    #[test]
    fn a_finding_says_place_effect_remedy_and_source() {
        let text = text(&[finding("a/b", Severity::Error, "f")], 100, false);
        let expected = "error[a/b] a b.toml:3:1: functions.f.timeout\n  The timeout is 60s.\n  It costs money.\n  Shorten it.\n  Source: a page.\n";
        assert!(text.starts_with(expected), "{text}");
        assert!(markdown(&[finding("a/b", Severity::Note, "f")]).contains("| note | a/b | a b.toml:3 |"));
        assert!(super::text(&[], 80, false).starts_with("0 errors"));
    }

    #[test]
    fn long_lines_are_broken_between_words() {
        assert_eq!(wrapped("one two three", "  ", 9), "  one two\n  three");
    }
}
