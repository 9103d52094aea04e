//! Findings about an input: what is wrong, where, what was expected, and what to do about it.

use std::fmt;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Note,
    /// The run goes on; its result may mislead.
    Warning,
    /// The input is refused.
    Error,
}

/// One finding about an input file or option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable short name of the kind of finding, such as `unknown-key`.
    pub code: &'static str,
    /// The file as the user named it, or `--set`.
    pub file: String,
    /// Line, counted from 1; 0 where there is none.
    pub line: usize,
    /// Column, counted from 1; 0 where it is not known.
    pub column: usize,
    /// The key path, such as `functions.thumbnail.memory`; empty where there is none.
    pub path: String,
    /// What is wrong: one lower-case sentence without a full stop.
    pub message: String,
    /// What to do about it, each a sentence of its own.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// An error without a place; the reader of the file adds it.
    #[must_use]
    pub fn error(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            file: String::new(),
            line: 0,
            column: 0,
            path: path.into(),
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// A warning without a place.
    #[must_use]
    pub fn warning(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, path, message) }
    }

    /// Adds a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, file: &str, line: usize) -> Self {
        file.clone_into(&mut self.file);
        self.line = line;
        self
    }

    /// Adds the column.
    #[must_use]
    pub const fn column(mut self, column: usize) -> Self {
        self.column = column;
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}[{}]: ", self.code)?;
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        f.write_str(&visible(&self.message))?;
        if !self.file.is_empty() {
            write!(f, "\n  --> {}", self.file)?;
            if self.line > 0 {
                write!(f, ":{}", self.line)?;
                if self.column > 0 {
                    write!(f, ":{}", self.column)?;
                }
            }
        }
        for hint in &self.hints {
            write!(f, "\n  hint: {}", visible(hint))?;
        }
        Ok(())
    }
}

/// Names from a file may hold anything: what could steer a terminal is shown as its escape.
fn visible(text: &str) -> String {
    let escape = |c: char| if c.is_control() { c.escape_default().collect() } else { String::from(c) };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_never_steers_the_terminal() {
        let finding = Diagnostic::error("unknown-name", "a", "there is no `\u{1b}[2J`").at("f.toml", 3).hint("Not\r`\u{7}`.");
        let shown = "error[unknown-name]: `a`: there is no `\\u{1b}[2J`\n  --> f.toml:3\n  hint: Not\\r`\\u{7}`.";
        assert_eq!(finding.to_string(), shown);
    }
}
