//! A deployment file, YAML or JSON, as one tree in which every value knows its line and column. The parser builds nothing by
//! itself: depth, size and what aliases repeat are limited here.

mod build;
mod syntax;

use crate::diagnostic::Diagnostic;

/// Where a value stands in the file, both counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub value: Value,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A text, number or flag as it was written: what it is depends on who asks, since `"512"`, `512` and `3.10` are written
    /// for one another in deployment files.
    Scalar {
        /// The text, without quotes.
        text: String,
        /// Whether it was in quotes or a block: then it is a text, whatever it looks like.
        quoted: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
    /// An expression that only the deployment can evaluate, such as an attribute of another resource.
    Unknown(String),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// The value.
    pub node: Node,
}

/// Levels that a file may nest. Real ones have less than 30.
pub(super) const DEEPEST: usize = 100;
/// Values that a file may have, those repeated by aliases and references included.
pub(super) const MOST_NODES: usize = 200_000;
/// Bytes that the texts of a file may have, those repeated by aliases and references included.
pub(super) const MOST_BYTES: usize = 64 << 20;

/// Reads a file of one YAML document, or JSON. Tags in the short form of CloudFormation become the long form: `!Ref a` is
/// `{ Ref: a }`, `!Sub a` is `{ Fn::Sub: a }`.
///
/// # Errors
/// What is wrong with the file as such, with line and column.
pub fn read(text: &str, file: &str) -> Result<Node, Vec<Diagnostic>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    syntax::plausible(text, file).map_err(|finding| vec![*finding])?;
    build::tree(text, file).map_err(|finding| vec![*finding])
}

impl Node {
    /// A text made of others.
    #[must_use]
    pub fn text_at(place: Place, text: impl Into<String>) -> Self {
        Self { place, value: Value::Scalar { text: text.into(), quoted: true } }
    }

    /// An expression that cannot be evaluated.
    #[must_use]
    pub fn unknown_at(place: Place, what: impl Into<String>) -> Self {
        Self { place, value: Value::Unknown(what.into()) }
    }

    /// The entries of a mapping.
    #[must_use]
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The elements of a list.
    #[must_use]
    pub fn list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value of a key, if this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The value at the end of a path of keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// A text, number or flag, as it was written.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// A finite number, also one in quotes.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        let text = self.text()?.trim();
        let plain = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        text.parse().ok().filter(|number: &f64| plain && number.is_finite())
    }

    /// A whole number that is not negative, also one in quotes; `3.0` is one.
    #[must_use]
    pub fn whole(&self) -> Option<u64> {
        // Above 2^53 a float is no longer exact.
        self.number().filter(|n| *n >= 0.0 && n.fract() == 0.0 && *n <= 9e15).map(|n| n as u64)
    }

    /// A flag, also one in quotes.
    #[must_use]
    pub fn flag(&self) -> Option<bool> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        }
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The value in a few words, for messages and comments.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Scalar { text, .. } => super::literal::cut(text, 60),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Map(_) => "a mapping".to_owned(),
            Value::Unknown(what) => super::literal::cut(what, 60),
        }
    }
}

#[cfg(test)]
mod tests;
