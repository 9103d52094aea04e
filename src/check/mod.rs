//! `check`: the part of security and configuration that a platform leaves to its user. Rules look at a [`Subject`], which a
//! scenario fills (an importer of deployment files can fill it too). What is not known is asked, never silently passed.

pub mod figures;
pub mod rules;
pub mod subject;

use serde::Serialize;

pub use figures::{Figures, figures};
pub use subject::{Fact, Subject, subjects};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file does not say: a question for its author.
    Checklist,
    /// Worth knowing.
    Note,
    /// Costs money or breaks under some conditions.
    Warning,
    /// Open to misuse, or sure to break.
    Error,
}

impl Severity {
    /// `error`, `warning`, `note` or `checklist`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checklist => "checklist",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A finding of a rule, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable id of the rule, such as `identity/long-lived-key`.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Name of the function.
    pub function: String,
    /// The file as the user named it.
    pub file: String,
    /// Line, counted from 1; that of the function where the key is left out.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// Key path, such as `functions.web.timeout`.
    pub path: String,
    /// What is so, or for a checklist item the question.
    pub message: String,
    /// What it costs or breaks, with a figure where there is one.
    pub effect: String,
    /// What to do.
    pub remedy: String,
    /// What the rule rests on.
    pub source: &'static str,
}

/// A rule: one thing to find.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Stable id.
    pub id: &'static str,
    /// The responsibility of the user that it belongs to.
    pub responsibility: &'static str,
    /// What it looks for, in one sentence.
    pub about: &'static str,
    /// What it rests on.
    pub source: &'static str,
    /// Judges a function.
    pub judge: fn(&Subject<'_>) -> Vec<Verdict>,
}

/// What a rule says about a function; nothing if all is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    severity: Severity,
    key: &'static str,
    message: String,
    effect: String,
    remedy: String,
}

impl Verdict {
    /// Something to mend. `key` is relative to the function; empty for the function itself.
    fn new(severity: Severity, key: &'static str, message: impl Into<String>) -> Self {
        Self { severity, key, message: message.into(), effect: String::new(), remedy: String::new() }
    }

    fn error(key: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, key, message)
    }

    fn warning(key: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, key, message)
    }

    fn note(key: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, key, message)
    }

    /// A question, with the key that would answer it.
    fn ask(key: &'static str, question: impl Into<String>) -> Vec<Self> {
        let remedy = if key.is_empty() { String::new() } else { format!("Say it in the file with `{key}`.") };
        vec![Self { remedy, ..Self::new(Severity::Checklist, key, question) }]
    }

    fn effect(mut self, effect: impl Into<String>) -> Self {
        self.effect = effect.into();
        self
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }
}

/// Judges every function by every rule: the worst first, then in the order of the file.
#[must_use]
pub fn review(subjects: &[Subject<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    for subject in subjects {
        for rule in rules::all() {
            for verdict in (rule.judge)(subject) {
                let (line, column) = subject.place(verdict.key);
                let dot = if verdict.key.is_empty() { "" } else { "." };
                found.push(Finding {
                    rule: rule.id,
                    severity: verdict.severity,
                    function: subject.name.clone(),
                    file: subject.file.clone(),
                    line,
                    column,
                    path: format!("functions.{}{dot}{}", subject.name, verdict.key),
                    message: verdict.message,
                    effect: verdict.effect,
                    remedy: verdict.remedy,
                    source: rule.source,
                });
            }
        }
    }
    found.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.line));
    found
}
