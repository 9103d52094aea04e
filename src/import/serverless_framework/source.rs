//! The sources of a variable: `self:custom.memory`, `opt:stage`, `'a text'`.

use crate::import::document::{Node, Place, Value};

/// Where a value is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source<'t> {
    /// An address in the file.
    Own(&'t str),
    /// An option of the command line.
    Option(&'t str),
    /// An environment variable.
    Environment(&'t str),
    /// A parameter of a stage.
    Parameter(&'t str),
    /// The stage.
    Stage,
    /// The region.
    Region,
    /// A text that stands for true or false.
    Flag(&'t str),
    /// Another file, another stack, a store of parameters: not asked.
    Elsewhere,
}

impl<'t> Source<'t> {
    /// Whether a text begins like a source: `name:` or `name(`, but not `name::`.
    pub(super) fn begins(text: &str) -> bool {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        let named = rest.len() < text.len() && text.starts_with(|c: char| c.is_ascii_alphabetic());
        named && (rest.starts_with('(') || (rest.starts_with(':') && !rest.starts_with("::")))
    }

    /// Reads a source; `None` if it is none.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        if !Self::begins(text) {
            return None;
        }
        if let Some(inside) = text.strip_prefix("strToBool(").and_then(|rest| rest.strip_suffix(')')) {
            return Some(Self::Flag(inside.trim()));
        }
        Some(match text.split_once(':') {
            Some(("self", address)) => Self::Own(address),
            Some(("opt", name)) => Self::Option(name),
            Some(("env", name)) => Self::Environment(name),
            Some(("param", name)) => Self::Parameter(name),
            Some(("sls", "stage")) => Self::Stage,
            Some(("aws", "region")) => Self::Region,
            _ => Self::Elsewhere,
        })
    }
}

/// A value that stands for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Literal<'t> {
    /// In quotation marks.
    Text(&'t str),
    /// A number, `true`, `false`.
    Other(&'t str),
    /// `null`.
    Nothing,
}

impl<'t> Literal<'t> {
    /// Reads a literal; `None` if it is none.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let quoted = ['\'', '"'].iter().find_map(|mark| text.strip_prefix(*mark)?.strip_suffix(*mark));
        match (quoted, text) {
            (Some(inside), _) => Some(Self::Text(inside)),
            (None, "null" | "") => Some(Self::Nothing),
            (None, "true" | "false") => Some(Self::Other(text)),
            (None, _) if text.parse::<f64>().is_ok_and(f64::is_finite) => Some(Self::Other(text)),
            _ => None,
        }
    }

    /// Whether there are variables in it.
    pub(super) fn has_variables(&self) -> bool {
        matches!(self, Self::Text(text) if text.contains("${"))
    }

    /// The value.
    pub(super) fn node(&self, place: Place) -> Node {
        let value = match self {
            Self::Text(text) => Value::Scalar { text: (*text).to_owned(), quoted: true },
            Self::Other(text) => Value::Scalar { text: (*text).to_owned(), quoted: false },
            Self::Nothing => Value::Null,
        };
        Node { place, value }
    }
}

/// Sources at the commas outside of quotation marks, parentheses and braces.
pub(super) fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut start) = (0_usize, None, 0);
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        match (c, quote) {
            (c, Some(mark)) if c == mark => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quote = Some(c),
            ('(' | '{', None) => depth += 1,
            (')' | '}', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                found.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(text[start..].trim());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart_from_what_others_mean_by_braces() {
        assert_eq!(Source::read("self:custom.a"), Some(Source::Own("custom.a")));
        assert_eq!(Source::read("sls:stage"), Some(Source::Stage));
        assert_eq!(Source::read("file(./a.yml):b"), Some(Source::Elsewhere));
        assert_eq!(Source::read("ssm(us-east-1):/a/b"), Some(Source::Elsewhere));
        assert_eq!(Source::read("strToBool(true)"), Some(Source::Flag("true")));
        for foreign in ["AWS::Region", "stageVariables.bucket", "", ":a", "a", "1:b", "MyTable.Arn"] {
            assert_eq!(Source::read(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn commas_inside_of_texts_and_calls_separate_nothing() {
        assert_eq!(split("opt:a, 'b, c', ${self:d, 'e'}"), ["opt:a", "'b, c'", "${self:d, 'e'}"]);
        assert_eq!(split("file(a,b):c , 1"), ["file(a,b):c", "1"]);
        assert_eq!(Literal::read("'it'"), Some(Literal::Text("it")));
        assert_eq!(Literal::read("-0.5"), Some(Literal::Other("-0.5")));
        assert_eq!(Literal::read("inf"), None);
        assert_eq!(Literal::read("'"), None);
    }
}
