//! Reads tables key by key: collects every error with its place and goes on, refuses keys that are not declared, and notes
//! every value in effect.

use std::cell::RefCell;

use super::Files;
use super::explain::{Effective, Origin};
use super::key::{Key, Kind, find};
use super::node::{Entry, Node, Place, Value, join, shown};
use super::quantities::{self, Wrong};
use crate::diagnostic::{Diagnostic, Severity};
use crate::platform::fields::nearest;
use crate::units::{Bytes, Probability, Rate, Span};

/// What all readers of one scenario share.
pub(super) struct Context<'a> {
    pub(super) file: &'a str,
    pub(super) files: &'a dyn Files,
    findings: RefCell<Vec<Diagnostic>>,
    effective: RefCell<Vec<Effective>>,
    /// Which declared keys the readers asked for, by the names of all keys of their table.
    #[cfg(test)]
    pub(super) asked: RefCell<std::collections::BTreeSet<(Vec<&'static str>, &'static str)>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(file: &'a str, files: &'a dyn Files) -> Self {
        Self {
            file,
            files,
            findings: RefCell::default(),
            effective: RefCell::default(),
            #[cfg(test)]
            asked: RefCell::default(),
        }
    }

    /// Adds a finding at a place.
    pub(super) fn add(&self, place: Place, finding: Diagnostic) {
        let finding = match place {
            Place::Line(line) => finding.at(self.file, line),
            Place::Set => finding.at("--set", 0),
        };
        self.push(finding);
    }

    /// Adds a finding that has its place.
    pub(super) fn push(&self, finding: Diagnostic) {
        self.findings.borrow_mut().push(finding);
    }

    pub(super) fn effective(&self, path: String, value: String, origin: Origin) {
        self.effective.borrow_mut().push(Effective { path, value, origin });
    }

    /// Everything found, in the order of the file, and every value in effect.
    pub(super) fn finish(self) -> (Vec<Diagnostic>, Vec<Effective>) {
        let mut findings = self.findings.into_inner();
        findings.sort_by_key(|finding| (finding.file == "--set", finding.line));
        (findings, self.effective.into_inner())
    }

    pub(super) fn failed(&self) -> bool {
        self.findings.borrow().iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// One table being read.
pub(super) struct Reader<'a> {
    pub(super) context: &'a Context<'a>,
    entries: &'a [Entry],
    /// Key path of the table.
    pub(super) path: String,
    keys: &'static [Key],
    /// Where the table was written, or the one around it if this one is left out.
    pub(super) place: Place,
}

impl<'a> Reader<'a> {
    /// Opens a table: keys that are not declared, or not available yet, are errors.
    pub(super) fn new(context: &'a Context<'a>, entries: &'a [Entry], path: String, keys: &'static [Key], place: Place) -> Self {
        let reader = Self { context, entries, path, keys, place };
        for entry in entries {
            match find(keys, &entry.key) {
                Some(_) => {}
                None => reader.unknown(entry),
            }
        }
        for key in keys.iter().filter(|key| key.required && reader.get(key.name).is_none()) {
            let message = format!("the key `{}` is missing", key.name);
            let about = format!("It is the {}.", key.about);
            context.add(place, Diagnostic::error("missing-key", reader.path_of(key.name), message).hint(about));
        }
        reader
    }

    fn unknown(&self, entry: &Entry) {
        let known = || self.keys.iter().map(|key| key.name);
        let hint = match nearest(&entry.key, known()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("Known keys here: {}.", known().collect::<Vec<_>>().join(", ")),
        };
        self.context.add(entry.place, Diagnostic::error("unknown-key", self.path_of(&entry.key), "unknown key").hint(hint));
    }

    /// The path of a key of this table.
    pub(super) fn path_of(&self, key: &str) -> String {
        join(&self.path, key)
    }

    fn declared(&self, key: &'static str) -> &'static Key {
        #[cfg(test)]
        self.context.asked.borrow_mut().insert((self.keys.iter().map(|key| key.name).collect(), key));
        static NONE: Key = super::key::key("", Kind::Any, "");
        let declared = find(self.keys, key);
        debug_assert!(declared.is_some(), "`{key}` is not declared in `{}`", self.path);
        declared.unwrap_or(&NONE)
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// All entries, for tables with names of the user's choice.
    pub(super) const fn entries(&self) -> &'a [Entry] {
        self.entries
    }

    /// Where a key's value was written; the table's place if it is left out.
    pub(super) fn place_of(&self, key: &str) -> Place {
        self.get(key).map_or(self.place, |node| node.place)
    }

    /// Adds an error at a key.
    pub(super) fn error(&self, key: &str, code: &'static str, message: impl Into<String>, hint: impl Into<String>) {
        let mut finding = Diagnostic::error(code, if key.is_empty() { self.path.clone() } else { self.path_of(key) }, message);
        let hint = hint.into();
        if !hint.is_empty() {
            finding = finding.hint(hint);
        }
        self.context.add(self.place_of(key), finding);
    }

    /// Adds a warning at a key.
    pub(super) fn warn(&self, key: &str, code: &'static str, message: impl Into<String>, hint: impl Into<String>) {
        let finding = Diagnostic::warning(code, if key.is_empty() { self.path.clone() } else { self.path_of(key) }, message);
        self.context.add(self.place_of(key), finding.hint(hint));
    }

    /// Adds a note at a key.
    pub(super) fn note(&self, key: &str, code: &'static str, message: impl Into<String>, hint: impl Into<String>) {
        let finding = Diagnostic { severity: Severity::Note, ..Diagnostic::warning(code, self.path_of(key), message) };
        self.context.add(self.place_of(key), finding.hint(hint));
    }

    /// Reads a key with `parse`; `None` if it is left out or wrong.
    pub(super) fn read<T>(&self, key: &'static str, parse: impl FnOnce(&'a Node) -> Result<T, Wrong>) -> Option<T> {
        self.declared(key);
        let node = self.get(key)?;
        match parse(node) {
            Ok(value) => {
                self.given(key, node);
                Some(value)
            }
            Err(wrong) => {
                self.wrong(self.path_of(key), node, wrong);
                None
            }
        }
    }

    /// Adds the error of a value.
    pub(super) fn wrong(&self, path: String, node: &Node, wrong: Wrong) {
        let mut finding = Diagnostic::error(wrong.code, path, format!("expected {}, found {}", wrong.expected, shown(node)));
        finding.hints = wrong.hint.into_iter().collect();
        // A list or table on the command line that is not TOML has become a text.
        if node.place == Place::Set && node.text().is_some_and(|text| text.starts_with(['[', '{'])) {
            finding = finding.hint("Lists and tables are written as in TOML, texts in quotes: [\"1s\", \"2s\"].");
        }
        self.context.add(node.place, finding);
    }

    fn given(&self, key: &str, node: &Node) {
        let origin = match node.place {
            Place::Line(line) => Origin::File { line },
            Place::Set => Origin::Set,
        };
        self.context.effective(self.path_of(key), node.to_string(), origin);
    }

    /// The value read, or the default, which is noted as being in effect if the key is left out.
    pub(super) fn or<T: ToString>(&self, key: &'static str, read: Option<T>, default: T, origin: Origin) -> T {
        self.or_shown(key, read, default.to_string(), default, origin)
    }

    /// As `or`, for values that do not show themselves.
    pub(super) fn or_shown<T>(
        &self,
        key: &'static str,
        read: Option<T>,
        shown: impl Into<String>,
        default: T,
        origin: Origin,
    ) -> T {
        if read.is_none() && !self.has(key) {
            self.context.effective(self.path_of(key), shown.into(), origin);
        }
        read.unwrap_or(default)
    }

    /// Passes a value on if a rule holds, else adds the error `key must be RULE, but is VALUE`.
    pub(super) fn within<T>(&self, key: &'static str, value: Option<T>, holds: impl FnOnce(&T) -> bool, rule: &str) -> Option<T> {
        let value = value?;
        if holds(&value) {
            return Some(value);
        }
        let found = self.get(key).map_or_else(String::new, |node| format!(", but is {node}"));
        self.error(key, "out-of-range", format!("must be {rule}{found}"), "");
        None
    }

    /// The table at a key; an empty one if it is left out (or not a table, which is an error).
    pub(super) fn table(&self, key: &'static str) -> Self {
        let keys = self.declared(key).kind.keys().unwrap_or_default();
        let path = self.path_of(key);
        match self.get(key) {
            Some(Node { place, value: Value::Table(entries) }) => Self::new(self.context, entries, path, keys, *place),
            other => {
                if let Some(node) = other {
                    self.wrong(path.clone(), node, Wrong::table());
                }
                Self { context: self.context, entries: &[], path, keys, place: self.place_of(key) }
            }
        }
    }

    /// The table at a key, if it is there.
    pub(super) fn table_if(&self, key: &'static str) -> Option<Self> {
        self.declared(key);
        self.has(key).then(|| self.table(key))
    }

    /// The tables of a list.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Self> {
        let of = |items: &[Node]| (1..=items.len()).map(|number| format!("{}[{number}]", self.path_of(key))).collect();
        self.tables_at(key, of)
    }

    /// The tables of a list, each with the path that `paths` gives it.
    pub(super) fn tables_at(&self, key: &'static str, paths: impl FnOnce(&'a [Node]) -> Vec<String>) -> Vec<Self> {
        let keys = self.declared(key).kind.element_keys().unwrap_or_default();
        let Some(node) = self.get(key) else { return Vec::new() };
        let Some(items) = node.list() else {
            self.wrong(self.path_of(key), node, Wrong::expected("a list of tables"));
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(items.len());
        for (item, path) in items.iter().zip(paths(items)) {
            match item.entries() {
                Some(entries) => tables.push(Self::new(self.context, entries, path, keys, item.place)),
                None => self.wrong(path, item, Wrong::table()),
            }
        }
        tables
    }

    /// The tables that stand in a table under names of the user's choice.
    pub(super) fn named(&self, key: &'static str) -> Vec<(String, Self)> {
        let keys = self.declared(key).kind.keys().unwrap_or_default();
        let Some(node) = self.get(key) else { return Vec::new() };
        let Some(entries) = node.entries() else {
            self.wrong(self.path_of(key), node, Wrong::table());
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(entries.len());
        for entry in entries {
            let path = join(&self.path_of(key), &entry.key);
            match entry.node.entries() {
                Some(inner) => tables.push((entry.key.clone(), Self::new(self.context, inner, path, keys, entry.place))),
                None => self.wrong(path, &entry.node, Wrong::table()),
            }
        }
        tables
    }

    /// Reads a file that a key names, relative to the scenario's folder.
    pub(super) fn file(&self, key: &'static str) -> Option<(String, Vec<u8>)> {
        let path = self.read(key, quantities::text)?;
        match self.context.files.read(&path) {
            Ok(bytes) => Some((path, bytes)),
            Err(reason) => {
                let hint = "Paths are relative to the scenario's folder.";
                self.error(key, "io", format!("cannot read the file `{path}`: {reason}"), hint);
                None
            }
        }
    }

    pub(super) fn span(&self, key: &'static str) -> Option<Span> {
        self.read(key, quantities::span)
    }

    pub(super) fn lasting(&self, key: &'static str) -> Option<Span> {
        self.read(key, quantities::lasting)
    }

    pub(super) fn size(&self, key: &'static str) -> Option<Bytes> {
        self.read(key, quantities::size)
    }

    pub(super) fn rate(&self, key: &'static str) -> Option<Rate> {
        self.read(key, quantities::rate)
    }

    pub(super) fn share(&self, key: &'static str) -> Option<Probability> {
        self.read(key, quantities::share)
    }

    pub(super) fn whole(&self, key: &'static str) -> Option<u64> {
        self.read(key, quantities::whole)
    }

    pub(super) fn number(&self, key: &'static str) -> Option<f64> {
        self.read(key, quantities::number)
    }

    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        self.read(key, quantities::flag)
    }

    /// One of the words that the key is declared with, as its index in the declaration.
    pub(super) fn word(&self, key: &'static str) -> Option<&'static str> {
        let words = match self.declared(key).kind {
            Kind::Word(words) => words,
            _ => &[],
        };
        self.read(key, |node| quantities::word(node, words))
    }
}
