//! Every effective value of a scenario and where it came from.

use std::fmt;

use crate::platform::{Confidence, Row};

/// A value that is in effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// Key path, such as `functions.thumbnail.timeout`.
    pub path: String,
    /// The value as a scenario file would say it.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// The scenario file.
    File {
        /// Line, counted from 1.
        line: usize,
    },
    /// `--set` on the command line.
    Set,
    /// Left out in the file: a fact about the platform, or the program's own default.
    Default {
        /// Where the default is from.
        source: String,
        /// The source's own date; empty where it has none.
        as_of: String,
        /// How well it is supported.
        confidence: Confidence,
        /// What else to know; may be empty.
        note: String,
    },
    /// Left out in the file, and computed from other values.
    Computed {
        /// How.
        rule: String,
    },
}

impl Origin {
    /// The program's own default, with the reason if there is one to give.
    #[must_use]
    pub fn own(note: &str) -> Self {
        Self::Default { source: "faascast".into(), as_of: String::new(), confidence: Confidence::High, note: note.into() }
    }

    /// A computed value.
    #[must_use]
    pub fn computed(rule: impl Into<String>) -> Self {
        Self::Computed { rule: rule.into() }
    }

    /// A fact about the platform.
    #[must_use]
    pub fn row(row: &Row) -> Self {
        Self::Default { source: row.source.clone(), as_of: row.as_of.clone(), confidence: row.confidence, note: row.note.clone() }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { line } => write!(f, "line {line}"),
            Self::Set => f.write_str("--set"),
            Self::Computed { rule } => write!(f, "computed: {rule}"),
            Self::Default { source, as_of, confidence, note } => {
                write!(f, "default: {source}")?;
                if !as_of.is_empty() {
                    write!(f, ", {as_of}")?;
                }
                if *confidence < Confidence::High {
                    write!(f, ", {} confidence", confidence.as_str())?;
                }
                if note.is_empty() { Ok(()) } else { write!(f, " ({note})") }
            }
        }
    }
}

impl fmt::Display for Effective {
    /// One line: `functions.f.timeout = 30s  # line 7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}  # {}", self.path, self.value, self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_value_and_origin() {
        let line = |origin| Effective { path: "functions.f.timeout".into(), value: "60s".into(), origin }.to_string();
        assert_eq!(line(Origin::File { line: 7 }), "functions.f.timeout = 60s  # line 7");
        let fact = Origin::Default {
            source: "a page".into(),
            as_of: "2026-08-09".into(),
            confidence: Confidence::Low,
            note: "measured elsewhere".into(),
        };
        assert_eq!(line(fact), "functions.f.timeout = 60s  # default: a page, 2026-08-09, low confidence (measured elsewhere)");
        assert_eq!(line(Origin::own("")), "functions.f.timeout = 60s  # default: faascast");
    }
}
