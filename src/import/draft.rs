//! The draft of a scenario: what a deployment file says, setting by setting, each with the place that it is from.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Place;
use super::literal::{Literal, name};
use super::notes::Notes;
use crate::scenario::naming;

/// Where a setting is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Line and column in the deployment file.
    pub place: Place,
    /// Key path in the file.
    pub path: String,
    /// What else to say in the comment, such as how the value was computed.
    pub remark: Option<String>,
}

impl Origin {
    /// The place of a value and its key path.
    #[must_use]
    pub fn new(place: Place, path: &str) -> Self {
        Self { place, path: path.to_owned(), remark: None }
    }

    /// Adds a remark.
    #[must_use]
    pub fn remark(mut self, remark: impl Into<String>) -> Self {
        self.remark = Some(remark.into());
        self
    }
}

/// One line of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Table below the function, such as `async` or `deployment`; empty for the function itself.
    pub table: String,
    /// Key in the table.
    pub key: String,
    /// The value, or the elements of a list that stand on lines of their own.
    pub value: Written,
    /// Where it is from.
    pub origin: Origin,
    /// Why the scenario cannot have it: it is written as a comment then.
    pub refused: Option<String>,
}

/// How a value is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// On the line of its key.
    Value(Literal),
    /// A list, an element a line.
    Items(Vec<Item>),
}

/// An element of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The element.
    pub value: Literal,
    /// Where it is from.
    pub origin: Origin,
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// The caller waits.
    Sync,
    /// The platform queues the event.
    Async,
    /// The platform polls a queue or a stream and delivers batches.
    Queue,
}

/// Traffic that a trigger brings.
#[derive(Clone, Debug, PartialEq)]
pub struct Traffic {
    /// How the function is called.
    pub call: Call,
    /// The trigger, such as `http trigger httpTrigger`.
    pub label: String,
    /// The rate where the trigger says it, such as `24/d`; else a placeholder.
    pub rate: Option<String>,
    /// Where it is from.
    pub origin: Origin,
}

/// What is known of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name in the scenario.
    pub name: String,
    /// Where it is from.
    pub origin: Origin,
    /// Settings in the order in which they were read.
    pub settings: Vec<Setting>,
    /// What calls it.
    pub traffic: Vec<Traffic>,
    /// Why the scenario cannot have any of it.
    pub refused: Option<String>,
    /// Names of its environment variables: there may be many.
    variables: BTreeSet<String>,
}

/// What is known of a deployment.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Id of the platform.
    pub platform: &'static str,
    /// Settings of the whole scenario, such as `region`; `[account]` and `[billing]` are tables of these.
    pub settings: Vec<Setting>,
    /// The functions, in the order of the file.
    pub functions: Vec<Function>,
    /// What is said about the file.
    pub notes: Notes,
    /// Names of functions, and from which number on a name is free.
    names: BTreeMap<String, u32>,
}

/// Replaces a setting, or adds it. `path` is a key, or a table and a key.
fn put(settings: &mut Vec<Setting>, path: &str, value: Written, origin: Origin) {
    let (table, key) = path.rsplit_once('.').unwrap_or(("", path));
    put_at(settings, table, key, value, origin);
}

fn put_at(settings: &mut Vec<Setting>, table: &str, key: &str, value: Written, origin: Origin) {
    let new = Setting { table: table.to_owned(), key: key.to_owned(), value, origin, refused: None };
    match settings.iter_mut().find(|setting| setting.table == table && setting.key == key) {
        Some(old) => *old = new,
        None => settings.push(new),
    }
}

impl Function {
    /// Sets a key of the function, such as `memory` or `async.retries`. The last value wins.
    pub fn set(&mut self, path: &str, value: Literal, origin: Origin) {
        put(&mut self.settings, path, Written::Value(value), origin);
    }

    /// Adds an environment variable. The last value of a name wins.
    pub fn variable(&mut self, variable: &str, value: &str, origin: Origin) {
        let value = Written::Value(Literal::text(value));
        if self.variables.insert(variable.to_owned()) {
            let (table, key) = ("environment".to_owned(), variable.to_owned());
            self.settings.push(Setting { table, key, value, origin, refused: None });
        } else {
            put_at(&mut self.settings, "environment", variable, value, origin);
        }
    }

    /// Says that a list is known, even if it has no elements, such as `deployment.triggers`.
    pub fn declare(&mut self, path: &str, origin: Origin) {
        if !self.has(path) {
            put(&mut self.settings, path, Written::Items(Vec::new()), origin);
        }
    }

    /// Adds an element to a list such as `deployment.triggers`.
    pub fn push(&mut self, path: &str, value: Literal, origin: Origin) {
        self.declare(path, origin.clone());
        let (table, key) = path.rsplit_once('.').unwrap_or(("", path));
        let list = self.settings.iter_mut().find(|setting| setting.table == table && setting.key == key);
        if let Some(Setting { value: Written::Items(items), .. }) = list {
            let item = Item { value, origin };
            if !items.contains(&item) {
                items.push(item);
            }
        }
    }

    /// Says that something calls the function. `rate` is such as `24/d` where the trigger says it.
    pub fn called(&mut self, call: Call, label: impl Into<String>, rate: Option<String>, origin: Origin) {
        self.traffic.push(Traffic { call, label: label.into(), rate, origin });
    }

    /// Whether a key has been set.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.setting(path).is_some()
    }

    /// A setting.
    #[must_use]
    pub fn setting(&self, path: &str) -> Option<&Setting> {
        let (table, key) = path.rsplit_once('.').unwrap_or(("", path));
        self.settings.iter().find(|setting| setting.table == table && setting.key == key)
    }
}

impl Draft {
    /// A draft for a platform.
    #[must_use]
    pub fn new(platform: &'static str) -> Self {
        Self { platform, settings: Vec::new(), functions: Vec::new(), notes: Notes::default(), names: BTreeMap::new() }
    }

    /// Sets a key of the whole scenario, such as `region` or `account.max_instances`.
    pub fn set(&mut self, path: &str, value: Literal, origin: Origin) {
        put(&mut self.settings, path, Written::Value(value), origin);
    }

    /// Sets the region. A scenario has one: functions elsewhere are noted.
    pub fn region(&mut self, region: &str, origin: Origin) {
        let value = Written::Value(Literal::text(region));
        match self.settings.iter().find(|setting| setting.key == "region") {
            Some(first) if first.value != value => {
                let message =
                    format!("`{region}` is a second region: the scenario is of that in line {}", first.origin.place.line);
                let hint = "Make a scenario for each region; prices and limits may differ.";
                self.notes.warn(origin.place, &origin.path, message, hint);
            }
            Some(_) => {}
            None => self.set("region", Literal::text(region), origin),
        }
    }

    /// Adds a function, under a name that no other has and that a scenario may have, and gives it back to be filled.
    pub fn function(&mut self, wanted: &str, origin: Origin) -> &mut Function {
        let clean: String = wanted.chars().map(|c| if c.is_control() { '-' } else { c }).collect();
        let clean = clean.trim().trim_start_matches(['=', '+', '-', '@']);
        let base = if clean.is_empty() || naming::refused(clean).is_some() { "function" } else { clean };
        let mut name = base.to_owned();
        while self.names.contains_key(&name) {
            let next = self.names.entry(base.to_owned()).or_insert(1);
            *next += 1;
            name = format!("{base}-{next}");
        }
        self.names.insert(name.clone(), 1);
        let index = self.functions.len();
        let (settings, traffic, variables) = (Vec::new(), Vec::new(), BTreeSet::new());
        self.functions.push(Function { name, origin, settings, traffic, refused: None, variables });
        &mut self.functions[index]
    }
}

/// The heading of a table of a function, such as `functions.web.async`.
pub(super) fn heading(function: &str, table: &str) -> String {
    let parts = table.split('.').filter(|part| !part.is_empty()).map(name);
    ["functions".to_owned(), name(function)].into_iter().chain(parts).collect::<Vec<_>>().join(".")
}
