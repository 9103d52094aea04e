//! Reading files.

use std::fs;
use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use crate::diagnostic::Diagnostic;
use crate::scenario::Files;

/// The text of a file. `what` it is, such as `scenario`, goes into the error.
pub(super) fn text(path: &Path, what: &str) -> Result<String, Failure> {
    let bytes = fs::read(path).map_err(|error| {
        Failure::io(&format!("cannot read the {what}"), path, reason(&error), "Check the path and the permissions.")
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let finding = Diagnostic::error("not-text", "", format!("the {what} is not text in UTF-8"));
        let hint = "Save it as UTF-8, and check that it is the file you mean.";
        Failure::one(Exit::Usage, finding.at(&path.display().to_string(), line).hint(hint))
    })
}

/// An input/output error in words, without the number that the system gives it.
pub(super) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Files named in a scenario, relative to its folder.
pub(super) struct Beside(PathBuf);

impl Beside {
    /// The folder of a scenario.
    pub(super) fn scenario(file: &Path) -> Self {
        Self(file.parent().unwrap_or_else(|| Path::new("")).to_owned())
    }

    /// Where a file named in the scenario is.
    pub(super) fn path(&self, named: &str) -> PathBuf {
        self.0.join(named)
    }
}

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.path(path)).map_err(|error| reason(&error))
    }
}
