//! A TOML document as an owned tree in which every value knows where it was written.

use std::fmt;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use crate::diagnostic::Diagnostic;

/// Where a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Line of the scenario file, counted from 1.
    Line(usize),
    /// `--set` on the command line.
    Set,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// A TOML value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// `None` where it does not fit into 128 bits.
    Integer(Option<i128>),
    Float(f64),
    Flag(bool),
    /// A date or time, as written.
    Date(String),
    List(Vec<Node>),
    /// In the order of the file.
    Table(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Where the key was written.
    pub(super) place: Place,
    pub(super) node: Node,
}

impl Node {
    /// The table of a whole document, with all syntax errors: nothing of a broken file is interpreted.
    pub(super) fn document(text: &str, file: &str) -> Result<Self, Vec<Diagnostic>> {
        let lines = Lines::new(text);
        let (document, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok(Self { place: Place::Line(1), value: table(document.get_ref(), &|at| Place::Line(lines.of(at))) });
        }
        // One slip often makes the parser stumble several times on its line; the first finding says it best.
        let finding = |error: &toml::de::Error| {
            let line = lines.of(error.span().map_or(0, |span| span.start));
            let message = format!("not valid TOML: {}", error.message().trim_end_matches('.').replace('\n', ", "));
            let hint = "Texts are in quotes, every key stands once in its table, and what is opened is closed: see toml.io.";
            Diagnostic::error("syntax", "", message).at(file, line).hint(hint)
        };
        let mut found: Vec<Diagnostic> = errors.iter().map(finding).collect();
        found.sort_by_key(|finding| finding.line);
        found.dedup_by_key(|finding| finding.line);
        Err(found)
    }

    /// A value given on the command line: TOML if it parses as such, else a plain text.
    pub(super) fn argument(text: &str) -> Self {
        let value =
            DeValue::parse(text.trim()).map_or_else(|_| Value::Text(text.to_owned()), |v| value(v.get_ref(), &|_| Place::Set));
        Self { place: Place::Set, value }
    }

    /// The entries of a table.
    pub(super) fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The elements of a list.
    pub(super) fn list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a string.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a key, if this is a table.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }
}

/// Finds line numbers by byte offset.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    fn of(&self, offset: usize) -> usize {
        self.0.partition_point(|newline| *newline < offset) + 1
    }
}

fn value(from: &DeValue<'_>, place: &dyn Fn(usize) -> Place) -> Value {
    match from {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) => Value::Integer(integer(number)),
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item, place)).collect()),
        DeValue::Table(entries) => table(entries, place),
    }
}

fn integer(number: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(number.as_str(), number.radix()).ok()
}

fn node(from: &Spanned<DeValue<'_>>, place: &dyn Fn(usize) -> Place) -> Node {
    Node { place: place(from.span().start), value: value(from.get_ref(), place) }
}

/// The parser keeps tables by name; here they are put back into the order of the file.
fn table(from: &DeTable<'_>, place: &dyn Fn(usize) -> Place) -> Value {
    let mut entries: Vec<_> = from.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, item): (&Spanned<_>, &Spanned<DeValue<'_>>)| -> Entry {
        let key: &Spanned<std::borrow::Cow<'_, str>> = key;
        Entry { key: key.get_ref().clone().into_owned(), place: place(key.span().start), node: node(item, place) }
    };
    Value::Table(entries.into_iter().map(entry).collect())
}

/// A key as TOML writes it: bare where it can be, else quoted.
pub(super) fn quoted(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if bare { key.to_owned() } else { toml::Value::String(key.to_owned()).to_string() }
}

/// A key path of which the last part is quoted where needed.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { quoted(key) } else { format!("{path}.{}", quoted(key)) }
}

impl fmt::Display for Node {
    /// As TOML, on one line; a text alone is shown without quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Text(text) => f.write_str(text),
            _ => self.inner(f),
        }
    }
}

impl Node {
    fn inner(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Text(text) => write!(f, "{text:?}"),
            Value::Integer(Some(number)) => write!(f, "{number}"),
            Value::Integer(None) => f.write_str("a number of more than 38 digits"),
            Value::Float(number) => write!(f, "{number:?}"),
            Value::Flag(flag) => write!(f, "{flag}"),
            Value::Date(date) => f.write_str(date),
            Value::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    f.write_str(if index > 0 { ", " } else { "" })?;
                    item.inner(f)?;
                }
                f.write_str("]")
            }
            Value::Table(entries) => {
                f.write_str("{")?;
                for (index, entry) in entries.iter().enumerate() {
                    write!(f, "{} {} = ", if index > 0 { "," } else { "" }, quoted(&entry.key))?;
                    entry.node.inner(f)?;
                }
                f.write_str(" }")
            }
        }
    }
}

/// A value as messages show it: texts in quotes, long ones cut.
pub(super) fn shown(node: &Node) -> String {
    let text = match &node.value {
        Value::Text(text) => format!("{text:?}"),
        Value::Table(_) => "a table".to_owned(),
        Value::List(_) => "a list".to_owned(),
        _ => node.to_string(),
    };
    if text.chars().count() > 60 { text.chars().take(57).chain("…".chars()).collect() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_keep_the_order_of_the_file_and_values_their_lines() {
        let document = Node::document("z = 1\n[b]\nx = 0x10\n[a]\ny = \"t\"\nl = [\n 1.5,\n true]\n", "f").unwrap();
        let keys: Vec<_> = document.entries().unwrap().iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["z", "b", "a"]);
        let list = document.get("a").and_then(|a| a.get("l")).unwrap();
        assert_eq!(list.list().unwrap()[1].place, Place::Line(8));
        assert_eq!(document.to_string(), "{ z = 1, b = { x = 16 }, a = { y = \"t\", l = [1.5, true] } }");
    }

    #[test]
    fn syntax_errors_have_their_lines() {
        let found = Node::document("a = 1\nb = = 2\nc = 3\nd = [1,,]\n", "f").unwrap_err();
        assert_eq!(found.iter().map(|d| (d.code, d.line)).collect::<Vec<_>>(), [("syntax", 2), ("syntax", 4)]);
    }

    #[test]
    fn arguments_are_toml_if_they_can_be() {
        assert!(matches!(Node::argument("3").value, Value::Integer(Some(3))));
        assert!(matches!(Node::argument("true").value, Value::Flag(true)));
        assert!(matches!(Node::argument("[1, 2]").value, Value::List(_)));
        assert!(matches!(Node::argument("{ a = 1 }").value, Value::Table(_)));
        for text in ["40/s", "30s", "512 MiB", "'", "a = 1\nb = 2", "", "unlimited"] {
            assert_eq!(Node::argument(text).text(), Some(text));
        }
        assert_eq!(Node::argument("\"40/s\"").text(), Some("40/s"));
    }
}
