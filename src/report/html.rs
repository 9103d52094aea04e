//! One self-contained page: no network, no script.

use crate::study::result::RunResult;

/// The page.
#[must_use]
pub fn page(_r: &RunResult, _scenario_text: &str, _command: &str) -> String {
    String::new()
}
