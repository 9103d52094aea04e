//! What is said about a file while it is read: findings, and the keys that nobody asked for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::document::Place;
use super::literal::cut;
use crate::diagnostic::{Diagnostic, Severity};

/// A handle on the notes about one file; copies write into the same notes.
#[derive(Clone, Debug, Default)]
pub struct Notes(Rc<Kept>);

#[derive(Debug, Default)]
struct Kept {
    findings: RefCell<Vec<(Place, Diagnostic)>>,
    /// Place, path and message of each finding: none is said twice.
    said: RefCell<BTreeSet<(Place, String, String)>>,
    left: RefCell<BTreeSet<Left>>,
}

/// A key that was not carried over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Left {
    why: Why,
    key: String,
    place: Place,
}

/// Why a key was not carried over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It changes neither cost nor capacity.
    NoEffect,
    /// It may matter, and a scenario has nothing for it, or this version does not read it.
    NotRead,
    /// A whole resource that is no function.
    NoFunction,
}

impl Why {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NoEffect => ("no-effect", "without effect on cost and capacity"),
            Self::NotRead => ("not-carried-over", "not carried over"),
            Self::NoFunction => ("not-carried-over", "resources that are no functions"),
        }
    }
}

/// A key is named with at most so many of its places.
const MOST_PLACES: usize = 6;

impl Notes {
    /// Says that something has no meaning for a scenario, or is taken in another way than it stands.
    pub fn note(&self, place: Place, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        let finding = Diagnostic { severity: Severity::Note, ..Diagnostic::warning("import", path, message) };
        self.add(place, finding.hint(hint));
    }

    /// Says that a value could not be read, so that the scenario lacks something that the deployment has.
    pub fn warn(&self, place: Place, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.add(place, Diagnostic::warning("import", path, message).hint(hint));
    }

    /// Says that the file cannot be meant so: nothing is made of it.
    pub fn error(&self, place: Place, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.add(place, Diagnostic::error("import", path, message).hint(hint));
    }

    /// Whether anything is an error.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.0.findings.borrow().iter().any(|(_, finding)| finding.severity == Severity::Error)
    }

    /// Adds a finding.
    pub fn add(&self, place: Place, finding: Diagnostic) {
        if self.0.said.borrow_mut().insert((place, finding.path.clone(), finding.message.clone())) {
            self.0.findings.borrow_mut().push((place, finding));
        }
    }

    /// Remembers a key that is not carried over.
    pub fn left(&self, why: Why, key: &str, place: Place) {
        self.0.left.borrow_mut().insert(Left { why, key: key.to_owned(), place });
    }

    /// All findings in the order of the file, then a note for each reason why keys are not carried over.
    #[must_use]
    pub fn finish(&self, file: &str) -> Vec<Diagnostic> {
        let mut findings = self.0.findings.borrow().clone();
        findings.sort_by_key(|(place, finding)| (*place, finding.path.clone()));
        let mut all: Vec<Diagnostic> =
            findings.into_iter().map(|(place, finding)| finding.at(file, place.line).column(place.column)).collect();
        for why in [Why::NotRead, Why::NoFunction, Why::NoEffect] {
            all.extend(self.group(why, file));
        }
        all
    }

    fn group(&self, why: Why, file: &str) -> Option<Diagnostic> {
        let left = self.0.left.borrow();
        let mut keys: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for left in left.iter().filter(|left| left.why == why) {
            keys.entry(&left.key).or_default().push(left.place.line);
        }
        let named = |(key, lines): (&&str, &mut Vec<usize>)| {
            lines.sort_unstable();
            lines.dedup();
            let shown: Vec<String> = lines.iter().take(MOST_PLACES).map(usize::to_string).collect();
            let more = if lines.len() > MOST_PLACES { ", …" } else { "" };
            let what = if lines.len() > 1 { "lines" } else { "line" };
            format!("`{}` ({what} {}{more})", cut(key, 60), shown.join(", "))
        };
        let (code, words) = why.words();
        let listed: Vec<String> = keys.iter_mut().map(named).collect();
        let first = left.iter().filter(|left| left.why == why).map(|left| left.place).min()?;
        let finding = Diagnostic::warning(code, "", format!("{words}: {}", listed.join(", ")));
        Some(Diagnostic { severity: Severity::Note, ..finding }.at(file, first.line).column(first.column))
    }
}
