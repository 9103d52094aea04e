//! Strict reading of TOML tables: every finding has its line, an unknown key names the nearest known one, and one pass
//! finds all errors.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Diagnostic;

/// A file being read, with what was found wrong in it so far.
pub(crate) struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    /// Findings in the order in which they were made.
    pub(crate) problems: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    /// `file` is the name the user gave it.
    pub(crate) const fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, problems: Vec::new() }
    }

    /// Parses the whole text; syntax errors become findings, and what could be read is returned.
    pub(crate) fn document(&mut self) -> Spanned<DeTable<'a>> {
        let (document, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let at = error.span().unwrap_or(0..0);
            let message = format!("not valid TOML: {}", error.message().trim_end_matches('.').replace('\n', ", "));
            let hint = "Texts are in quotes, every key stands once in its table, and what is opened is closed: see toml.io.";
            self.add(&at, Diagnostic::error("syntax", "", message).hint(hint));
        }
        document
    }

    /// Adds an error at a byte range of the text, and gives it back for hints.
    pub(crate) fn error(&mut self, at: &Range<usize>, code: &'static str, path: &str, message: String) {
        let diagnostic = Diagnostic::error(code, path, message);
        self.add(at, diagnostic);
    }

    /// Adds a finding at a byte range of the text.
    pub(crate) fn add(&mut self, at: &Range<usize>, diagnostic: Diagnostic) {
        let before = &self.text.as_bytes()[..at.start.min(self.text.len())];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        self.problems.push(diagnostic.at(self.file, line));
    }
}

/// One table of the file and its key path.
#[derive(Clone)]
pub(crate) struct Fields<'t, 'i> {
    table: &'t DeTable<'i>,
    /// Byte range of the table, for findings about what it lacks.
    pub(crate) at: Range<usize>,
    /// Dotted path of the table; empty at the top.
    pub(crate) path: String,
}

impl<'t, 'i> Fields<'t, 'i> {
    /// A table at `path`.
    pub(crate) fn new(table: &'t DeTable<'i>, at: Range<usize>, path: impl Into<String>) -> Self {
        Self { table, at, path: path.into() }
    }

    /// The path of a key of this table.
    pub(crate) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.table.get(key)
    }

    /// The keys that are there.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'t str> {
        self.table.keys().map(|key| -> &'t str { key.get_ref() })
    }

    /// Refuses keys that are not among `known`.
    pub(crate) fn only(&self, known: &[&str], reader: &mut Reader<'_>) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let mut found = Diagnostic::error("unknown-key", self.path_of(name), "unknown key");
            found = match nearest(name, known.iter().copied()) {
                Some(near) => found.hint(format!("Did you mean `{near}`?")),
                None => found.hint(format!("Known keys here: {}.", known.join(", "))),
            };
            reader.add(&key.span(), found);
        }
    }

    /// Reads a key with `parse`, which says what was expected; `None` if absent or wrong.
    pub(crate) fn read<T>(
        &self,
        key: &str,
        reader: &mut Reader<'_>,
        parse: impl Fn(&DeValue<'i>) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.get(key)?;
        match parse(value.get_ref()) {
            Ok(parsed) => Some(parsed),
            Err(expected) => {
                let message = format!("expected {expected}, found {}", found(value.get_ref()));
                reader.error(&value.span(), "bad-value", &self.path_of(key), message);
                None
            }
        }
    }

    /// As `read`, but the key must be there.
    pub(crate) fn need<T>(
        &self,
        key: &str,
        reader: &mut Reader<'_>,
        parse: impl Fn(&DeValue<'i>) -> Result<T, String>,
    ) -> Option<T> {
        if self.get(key).is_none() {
            let finding = Diagnostic::error("missing-key", self.path_of(key), format!("the key `{key}` is missing"));
            reader.add(&self.at, finding.hint(format!("Add it: {key} = …")));
        }
        self.read(key, reader, parse)
    }

    /// The tables of an array of tables (`[[key]]`), each with its path; empty if absent.
    pub(crate) fn tables(&self, key: &str, reader: &mut Reader<'_>) -> Vec<Self> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let path = self.path_of(key);
        let Some(array) = value.get_ref().as_array() else {
            reader.error(&value.span(), "bad-value", &path, format!("expected tables, found {}", found(value.get_ref())));
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(array.len());
        for (index, item) in array.iter().enumerate() {
            match item.get_ref().as_table() {
                Some(table) => tables.push(Fields::new(table, item.span(), format!("{path}[{}]", index + 1))),
                None => {
                    reader.error(&item.span(), "bad-value", &path, format!("expected a table, found {}", found(item.get_ref())));
                }
            }
        }
        tables
    }

    /// The table at a key; `None` if absent or not a table.
    pub(crate) fn table(&self, key: &str, reader: &mut Reader<'_>) -> Option<Self> {
        let value = self.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            reader.error(
                &value.span(),
                "bad-value",
                &self.path_of(key),
                format!("expected a table, found {}", found(value.get_ref())),
            );
            return None;
        };
        Some(Fields::new(table, value.span(), self.path_of(key)))
    }
}

/// A value as it is shown in a message.
fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("\"{text}\""),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// Reads a text.
pub(crate) fn text(value: &DeValue<'_>) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| "a text in quotes".to_owned())
}

/// Reads `true` or `false`.
pub(crate) fn flag(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "true or false".to_owned())
}

/// Reads a list of texts.
pub(crate) fn texts(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let expected = || "a list of texts".to_owned();
    value.as_array().ok_or_else(expected)?.iter().map(|item| text(item.get_ref()).map_err(|_| expected())).collect()
}

/// The candidate that `name` was most likely meant to be: at most a third of its letters differ (one in short names).
#[must_use]
pub(crate) fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let allowed = (name.chars().count() / 3).max(1);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}
