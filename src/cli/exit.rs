//! How the program ends.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use crate::diagnostic::{Diagnostic, Severity};

/// The exit codes; they are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done.
    Done = 0,
    /// A file could not be read or written, or an internal error.
    Unfinished = 1,
    /// Wrong usage or invalid input.
    Usage = 2,
    /// An objective was missed or a finding made, and that was to be an error.
    ObjectiveMissed = 99,
    /// Interrupted from the keyboard.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    /// At least one error.
    pub(super) findings: Vec<Diagnostic>,
}

/// Code of findings about files that can't be read or written.
const IO: &str = "io";

impl Failure {
    /// Findings about an input. If all that is wrong is that files can't be read, it is not the input that is invalid.
    pub(super) fn input(findings: Vec<Diagnostic>) -> Self {
        let only_io = findings.iter().filter(|f| f.severity == Severity::Error).all(|f| f.code == IO);
        Self { exit: if only_io { Exit::Unfinished } else { Exit::Usage }, findings }
    }

    /// A file or folder that can't be read or written. `doing` is such as "cannot read the scenario".
    pub(super) fn io(doing: &str, path: &Path, reason: impl Display, hint: &str) -> Self {
        Self::one(Exit::Unfinished, Diagnostic::error(IO, "", format!("{doing} `{}`: {reason}", path.display())).hint(hint))
    }

    /// Wrong usage that clap can't see.
    pub(super) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::one(Exit::Usage, Diagnostic::error("usage", "", message).hint(hint))
    }

    /// Something that should not happen.
    pub(super) fn internal(error: impl Display) -> Self {
        let hint = "This is a defect of faascast: please report it with the scenario.";
        Self::one(Exit::Unfinished, Diagnostic::error("internal", "", error.to_string()).hint(hint))
    }

    pub(super) fn one(exit: Exit, finding: Diagnostic) -> Self {
        Self { exit, findings: vec![finding] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_files_are_not_invalid_input() {
        let error = |code| Diagnostic::error(code, "a", "b");
        assert_eq!(Failure::input(vec![error("io"), Diagnostic::warning("unused", "a", "b")]).exit, Exit::Unfinished);
        assert_eq!(Failure::input(vec![error("io"), error("bad-value")]).exit, Exit::Usage);
    }
}
