//! Reads a mapping key by key. Keys that nobody asked for are noted when the reader is done, so none is dropped silently.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::document::{Entry, Node, Place, Value};
use super::draft::Origin;
use super::notes::{Notes, Why};

/// A mapping being read.
#[derive(Debug)]
pub struct Table<'n> {
    entries: &'n [Entry],
    notes: Notes,
    taken: RefCell<BTreeSet<&'n str>>,
    /// Where the mapping begins.
    pub place: Place,
    /// Its key path in the file, such as `Resources.Web.Properties`.
    pub path: String,
    /// A mapping that was merged into this one, and its path: its values are named by that.
    base: Option<(&'n Node, &'static str)>,
}

/// A value that was asked for, with its key path.
#[derive(Clone, Debug)]
pub struct Field<'n> {
    /// The value.
    pub node: &'n Node,
    /// Where its key stands.
    pub place: Place,
    /// Its key path in the file.
    pub path: String,
    notes: Notes,
}

impl<'n> Table<'n> {
    /// Opens a mapping. A value that is none is noted; `None` then, and for nothing at all.
    #[must_use]
    pub fn open(node: &'n Node, path: impl Into<String>, notes: &Notes) -> Option<Self> {
        let path = path.into();
        Field { node, place: node.place, path, notes: notes.clone() }.table()
    }

    fn new(entries: &'n [Entry], place: Place, path: String, notes: Notes) -> Self {
        Self { entries, notes, taken: RefCell::default(), place, path, base: None }
    }

    /// Says which mapping was merged into this one: values that stand there are named by its path.
    #[must_use]
    pub const fn also(mut self, base: &'n Node, path: &'static str) -> Self {
        self.base = Some((base, path));
        self
    }

    /// The value of a key, if it is there and not nothing. It counts as read. Tools of one provider write the same
    /// key as `memorySize`, `MemorySize` or `memory_size`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Field<'n>> {
        let entry = self.entries.iter().find(|entry| same(&entry.key, key))?;
        self.taken.borrow_mut().insert(&entry.key);
        if entry.node.is_null() {
            return None;
        }
        Some(self.field(entry))
    }

    /// The value of the first of these keys that is there: files of different versions name the same thing differently.
    #[must_use]
    pub fn first(&self, keys: &[&str]) -> Option<Field<'n>> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// The mapping at a key.
    #[must_use]
    pub fn table(&self, key: &str) -> Option<Self> {
        self.get(key)?.table()
    }

    /// All values with their keys, for mappings with names of the user's choice. They count as read.
    #[must_use]
    pub fn all(&self) -> Vec<(&'n str, Field<'n>)> {
        self.taken.borrow_mut().extend(self.entries.iter().map(|entry| entry.key.as_str()));
        self.entries.iter().map(|entry| (entry.key.as_str(), self.field(entry))).collect()
    }

    /// Keys that change neither cost nor capacity: they are named as such.
    pub fn no_effect(&self, keys: &[&str]) {
        for entry in self.entries.iter().filter(|entry| keys.iter().any(|key| same(&entry.key, key))) {
            if self.taken.borrow_mut().insert(&entry.key) {
                self.notes.left(Why::NoEffect, &entry.key, entry.place);
            }
        }
    }

    /// Keys that nobody asked for change neither cost nor capacity, whatever they are.
    pub fn rest_without_effect(&self) {
        for entry in self.entries.iter().filter(|entry| !entry.node.is_null()) {
            if self.taken.borrow_mut().insert(&entry.key) {
                self.notes.left(Why::NoEffect, &entry.key, entry.place);
            }
        }
    }

    /// Adds a note at this mapping.
    pub fn note(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.notes.note(self.place, &self.path, message, hint);
    }

    /// Adds a warning at this mapping.
    pub fn warn(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.notes.warn(self.place, &self.path, message, hint);
    }

    /// Where this mapping is from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::new(self.place, &self.path)
    }

    fn field(&self, entry: &'n Entry) -> Field<'n> {
        let from_base = |(base, path): (&Node, &'static str)| {
            let entries = base.entries()?;
            entries.iter().any(|other| other.key == entry.key && other.place == entry.place).then_some(path)
        };
        let path = self.base.and_then(from_base).unwrap_or(&self.path);
        Field { node: &entry.node, place: entry.place, path: join(path, &entry.key), notes: self.notes.clone() }
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        let taken = self.taken.borrow();
        for entry in self.entries.iter().filter(|entry| !taken.contains(entry.key.as_str())) {
            self.notes.left(Why::NotRead, &entry.key, entry.place);
        }
    }
}

impl<'n> Field<'n> {
    /// A value at a path, for what is no entry of a mapping that is read.
    #[must_use]
    pub fn at(node: &'n Node, path: &str, notes: &Notes) -> Self {
        Self { node, place: node.place, path: path.to_owned(), notes: notes.clone() }
    }

    /// Where the value is from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::new(self.place, &self.path)
    }

    /// A text, number or flag as it was written. What cannot be evaluated, or is something else, is noted.
    #[must_use]
    pub fn text(&self) -> Option<&'n str> {
        self.expect("a text", self.node.text())
    }

    /// A text, with what cannot be evaluated as it was written: for names that only identify something.
    #[must_use]
    pub fn loose(&self) -> Option<String> {
        match &self.node.value {
            Value::Unknown(what) => Some(what.clone()),
            _ => self.text().map(str::to_owned),
        }
    }

    /// A number.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        self.expect("a number", self.node.number())
    }

    /// A whole number that is not negative.
    #[must_use]
    pub fn whole(&self) -> Option<u64> {
        self.expect("a whole number that is not negative", self.node.whole())
    }

    /// A flag.
    #[must_use]
    pub fn flag(&self) -> Option<bool> {
        self.expect("true or false", self.node.flag())
    }

    /// The elements of a list, each with its path; a single value is a list of one.
    #[must_use]
    pub fn items(&self) -> Vec<Self> {
        let item = |(index, node): (usize, &'n Node)| Self {
            node,
            place: node.place,
            path: format!("{}[{index}]", self.path),
            notes: self.notes.clone(),
        };
        match &self.node.value {
            Value::List(items) => items.iter().enumerate().map(item).filter(|field| !field.node.is_null()).collect(),
            Value::Null => Vec::new(),
            _ => vec![self.clone()],
        }
    }

    /// The mapping that the value is.
    #[must_use]
    pub fn table(&self) -> Option<Table<'n>> {
        if self.node.is_null() {
            return None;
        }
        let entries = self.expect("a mapping", self.node.entries())?;
        Some(Table::new(entries, self.place, self.path.clone(), self.notes.clone()))
    }

    /// Adds a warning at this value.
    pub fn warn(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.notes.warn(self.node.place, &self.path, message, hint);
    }

    /// Adds a note at this value.
    pub fn note(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.notes.note(self.node.place, &self.path, message, hint);
    }

    fn expect<T>(&self, what: &str, read: Option<T>) -> Option<T> {
        match &self.node.value {
            _ if read.is_some() => {}
            Value::Unknown(expression) => self.warn(
                format!("not known before deployment: {}", super::literal::cut(expression, 80)),
                "If it is a parameter or an environment variable, give it: --parameter NAME=VALUE.",
            ),
            _ => self.warn(format!("expected {what}, found {}", self.node.shown()), "It was left out: add it to the scenario."),
        }
        read
    }
}

/// A text as it was written, also of what is known after deployment only.
#[must_use]
pub fn words(node: &Node) -> String {
    match &node.value {
        Value::Unknown(text) | Value::Scalar { text, .. } => text.clone(),
        _ => String::new(),
    }
}

/// Whether a key of a file is the one that is asked for: tools of one provider write `memorySize`, `MemorySize` and `memory_size`.
fn same(key: &str, asked: &str) -> bool {
    key == asked || letters(key).eq(letters(asked))
}

fn letters(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(|letter| *letter != b'_').map(|letter| letter.to_ascii_lowercase())
}

/// The path of a key below another path.
#[must_use]
pub fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
