//! Names of the user's choice: they go into reports, tables for spreadsheets and terminals.

/// What a name must not be, in words; `None` if it is fine. A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@`
/// for a formula (OWASP, "CSV injection"), and control characters can rewrite what a terminal shows.
#[must_use]
pub(crate) fn refused(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        return Some("a name must not be empty");
    }
    if name.starts_with(['=', '+', '-', '@']) {
        return Some("a name must not begin with `=`, `+`, `-` or `@`, which spreadsheets take for a formula");
    }
    name.contains(char::is_control).then_some("a name must not have control characters such as tabs or line ends")
}

/// The remedy.
pub(crate) const REMEDY: &str = "Begin it with a letter or a digit, and keep it on one line.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_control_characters_are_no_names() {
        for name in ["thumbnail", "a-b", "my function", "größe", "4", "_x", "a=b", "\"quoted\", with comma"] {
            assert_eq!(refused(name), None, "{name:?}");
        }
        for name in ["=1+1", "+x", "-x", "@SUM(A1)", "\t=1", "a\nb", "a\u{1b}[2J", "", " "] {
            assert!(refused(name).is_some(), "{name:?}");
        }
    }
}
