//! `--set KEY=VALUE`: a dotted path into the scenario, applied to the document before it is read.

use toml::de::{DeTable, DeValue};

use super::key::{Key, Kind, find};
use super::node::{Entry, Node, Place, Value, join};
use super::read::KEYS;
use super::{arrivals, events, traffic};
use crate::diagnostic::Diagnostic;
use crate::platform::fields::nearest;

/// Sets the value at a path. Tables on the way are made where the file leaves them out; functions, traffic entries and events
/// must be there. A process of `arrivals` or a law of a distribution takes the place of another one.
pub(super) fn apply(document: &mut Node, path: &str, value: &str) -> Done {
    let segments = segments(path).ok_or_else(|| {
        Diagnostic::error("bad-path", path, "expected a dotted path such as `functions.thumbnail.memory`")
            .hint("A name with other characters than letters, digits, `-` and `_` is quoted: functions.\"my function\".memory.")
    })?;
    let walk = Walk { segments: &segments, value: Node::argument(value) };
    // Tables are made on the way: of a path that leads nowhere they must not stay.
    let mut changed = document.clone();
    walk.table(&mut changed, Kind::Table(KEYS), 0)?;
    *document = changed;
    Ok(())
}

/// A list whose entries are addressed by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListName {
    /// `[[traffic]]`.
    Traffic,
    /// `[[events]]`.
    Events,
}

/// Where in a list of a scenario's text the entry of a name stands; `None` if there is none, or the text cannot be read.
#[must_use]
pub fn position(text: &str, list: ListName, name: &str) -> Option<usize> {
    let document = Node::document(text, "").ok()?;
    let of = |key: &str| document.get(key).and_then(Node::list);
    let names = match list {
        ListName::Traffic => traffic::names(of("traffic")?, traffic::default_name),
        ListName::Events => traffic::names(of("events")?, events::default_name),
    };
    names.iter().position(|known| known == name)
}

/// The parts of a dotted path, read as TOML reads the key of an assignment.
pub(super) fn segments(path: &str) -> Option<Vec<String>> {
    let assignment = format!("{path} = 0");
    let document = DeTable::parse(&assignment).ok()?;
    let mut segments = Vec::new();
    let mut table = document.get_ref();
    loop {
        let mut entries = table.iter();
        let (Some((key, value)), None) = (entries.next(), entries.next()) else { return None };
        segments.push(key.get_ref().clone().into_owned());
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            // The 0 above, and not one of the path's own before a comment.
            DeValue::Integer(_) if value.span().end == assignment.len() => return Some(segments),
            _ => return None,
        }
    }
}

struct Walk<'a> {
    segments: &'a [String],
    value: Node,
}

/// Boxed, since a finding is large.
type Done = Result<(), Box<Diagnostic>>;

impl Walk<'_> {
    /// The path up to and with a segment.
    fn path(&self, upto: usize) -> String {
        self.segments[..=upto].iter().fold(String::new(), |path, segment| join(&path, segment))
    }

    fn last(&self, at: usize) -> bool {
        at + 1 == self.segments.len()
    }

    /// Sets below a table with declared keys.
    fn table(&self, node: &mut Node, kind: Kind, at: usize) -> Done {
        let name = &self.segments[at];
        let Some(keys) = kind.keys() else { return Err(Box::new(self.no_keys(at - 1))) };
        let Some(key) = find(keys, name) else { return Err(Box::new(self.unknown(keys, at))) };
        let entries = table_of(node);
        make_room(entries, kind, name);
        match key.kind {
            _ if self.last(at) => {
                put(entries, name, self.value.clone());
                Ok(())
            }
            kind => self.below(entry(entries, name), kind, at),
        }
    }

    /// Sets below the value of the key at segment `at`.
    fn below(&self, node: &mut Node, kind: Kind, at: usize) -> Done {
        match kind {
            Kind::Named(keys) => {
                let names: Vec<String> = node.entries().unwrap_or_default().iter().map(|e| e.key.clone()).collect();
                let index = self.named(&names, at + 1)?;
                let Value::Table(entries) = &mut node.value else { return Err(Box::new(self.no_keys(at))) };
                self.element(&mut entries[index].node, keys, at + 1)
            }
            Kind::Tables(keys) => {
                let names = self.names(node, at);
                let index = self.named(&names, at + 1)?;
                let Value::List(items) = &mut node.value else { return Err(Box::new(self.no_keys(at))) };
                self.element(&mut items[index], keys, at + 1)
            }
            Kind::TextByName | Kind::NumberByName | Kind::Any if self.last(at + 1) => {
                put(table_of(node), &self.segments[at + 1], self.value.clone());
                Ok(())
            }
            // Of a list or a table, what is there decides; a table is made where nothing is.
            Kind::Either(kinds) => {
                match kinds.iter().find(|kind| kind.keys().is_some() && matches!(kind, Kind::Tables(_)) == node.list().is_some())
                {
                    Some(kind) => self.below(node, *kind, at),
                    None => Err(Box::new(self.no_keys(at))),
                }
            }
            kind => self.table(node, kind, at + 1),
        }
    }

    /// Sets an element of a list, or below it.
    fn element(&self, node: &mut Node, keys: &'static [Key], at: usize) -> Done {
        if self.last(at) {
            *node = self.value.clone();
            return Ok(());
        }
        self.table(node, Kind::Table(keys), at + 1)
    }

    /// Names of the elements of a list: of traffic and events their own, else numbers from 1.
    fn names(&self, node: &Node, at: usize) -> Vec<String> {
        let items = node.list().unwrap_or_default();
        match (at, self.segments[at].as_str()) {
            (0, "traffic") => traffic::names(items, traffic::default_name),
            (0, "events") => traffic::names(items, events::default_name),
            (2, "calls") => traffic::names(items, traffic::default_name),
            _ => (1..=items.len()).map(|number| number.to_string()).collect(),
        }
    }

    fn named(&self, names: &[String], at: usize) -> Result<usize, Box<Diagnostic>> {
        let name = &self.segments[at];
        names.iter().position(|known| known == name).ok_or_else(|| {
            let finding = Diagnostic::error("unknown-path", self.path(at), format!("the scenario has no `{}`", self.path(at)));
            let around = if at > 0 { self.path(at - 1) } else { String::new() };
            Box::new(match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => finding.hint(format!("Did you mean `{}`?", join(&around, near))),
                None if names.is_empty() => {
                    finding.hint(format!("`{around}` has no entries to change: write them into the file."))
                }
                None => finding.hint(format!("There is: {}.", names.join(", "))),
            })
        })
    }

    fn unknown(&self, keys: &'static [Key], at: usize) -> Diagnostic {
        let name = &self.segments[at];
        let around = if at > 0 { self.path(at - 1) } else { String::new() };
        let finding = Diagnostic::error("unknown-path", self.path(at), "there is no such key");
        let known = || keys.iter().map(|key| key.name);
        if let Some(near) = nearest(name, known()) {
            return finding.hint(format!("Did you mean `{}`?", join(&around, near)));
        }
        // A key of a table one level down, such as `seed` for `simulation.seed`.
        let inner = keys.iter().find(|key| matches!(key.kind, Kind::Table(inner) if find(inner, name).is_some()));
        match inner {
            Some(table) => finding.hint(format!("Did you mean `{}`?", join(&join(&around, table.name), name))),
            None => finding.hint(format!("Known keys here: {}.", known().collect::<Vec<_>>().join(", "))),
        }
    }

    fn no_keys(&self, at: usize) -> Diagnostic {
        let finding = Diagnostic::error("unknown-path", self.path(at), "is a value and has no keys of its own");
        // An unquoted p99.9 arrives as two segments.
        let whole = self.segments[at..].join(".");
        if whole == "p99.9" {
            return finding.hint("Quote the name: \"p99.9\".");
        }
        finding.hint(format!("Set it as a whole: {}=….", self.path(at)))
    }
}

/// The entries of a table; another value is replaced by an empty table.
fn table_of(node: &mut Node) -> &mut Vec<Entry> {
    if node.entries().is_none() {
        *node = Node { place: Place::Set, value: Value::Table(Vec::new()) };
    }
    match &mut node.value {
        Value::Table(entries) => entries,
        #[expect(clippy::unreachable, reason = "what was no table was replaced by one in the lines above")]
        _ => unreachable!("made a table above"),
    }
}

/// Where one of several keys stands alone, setting another of them removes the one that is there, with its options.
fn make_room(entries: &mut Vec<Entry>, kind: Kind, name: &str) {
    let alone = match kind {
        Kind::Law(_) | Kind::Nested => true,
        Kind::Arrivals => arrivals::PROCESSES.contains(&name),
        _ => false,
    };
    if alone && !entries.iter().any(|entry| entry.key == name) {
        entries.clear();
    }
}

fn entry<'e>(entries: &'e mut Vec<Entry>, name: &str) -> &'e mut Node {
    let index = entries.iter().position(|entry| entry.key == name).unwrap_or_else(|| {
        let node = Node { place: Place::Set, value: Value::Table(Vec::new()) };
        entries.push(Entry { key: name.to_owned(), place: Place::Set, node });
        entries.len() - 1
    });
    &mut entries[index].node
}

fn put(entries: &mut Vec<Entry>, name: &str, value: Node) {
    match entries.iter_mut().find(|entry| entry.key == name) {
        Some(entry) => *entry = Entry { key: name.to_owned(), place: Place::Set, node: value },
        None => entries.push(Entry { key: name.to_owned(), place: Place::Set, node: value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        platform = "generic"
        [functions.thumbnail]
        memory = "512 MiB"
        work.cpu = { lognormal = { mean = "1s", cv = 0.5 } }
        [functions."odd name"]
        [[traffic]]
        to = "thumbnail"
        arrivals = { trace = "f.csv", repeat = true }
        [[traffic]]
        to = "thumbnail"
        arrivals = { poisson = "1/s" }
        [[events]]
        name = "outage"
    "#;

    /// The document after the option, or the error's path and hint.
    fn set(path: &str, value: &str) -> Result<String, String> {
        let mut document = Node::document(FILE, "f").unwrap();
        match apply(&mut document, path, value) {
            Ok(()) => Ok(document.to_string()),
            Err(finding) => Err(format!("{}: {}", finding.path, finding.hints.join(" "))),
        }
    }

    #[test]
    fn values_are_put_where_the_path_says() {
        for (path, value, expected) in [
            ("functions.thumbnail.memory", "1 GiB", "thumbnail = { memory = \"1 GiB\","),
            ("functions.\"odd name\".timeout", "5s", "\"odd name\" = { timeout = \"5s\" }"),
            ("simulation.seed", "7", "simulation = { seed = 7 }"),
            ("traffic.thumbnail-2.arrivals.poisson", "40/s", "arrivals = { poisson = \"40/s\" } }], events"),
            ("traffic.thumbnail.arrivals.poisson", "40/s", "to = \"thumbnail\", arrivals = { poisson = \"40/s\" } }, {"),
            ("traffic.thumbnail.arrivals.every", "1min", "{ trace = \"f.csv\", repeat = true, every = \"1min\" }"),
            ("traffic.thumbnail.retry.attempts", "3", "retry = { attempts = 3 }"),
            ("functions.thumbnail.work.cpu.exponential", "2s", "cpu = { exponential = \"2s\" }"),
            ("functions.thumbnail.work.cpu.lognormal.cv", "0.1", "cpu = { lognormal = { mean = \"1s\", cv = 0.1 } }"),
            ("functions.thumbnail.work.cpu", "{ exponential = \"3s\" }", "cpu = { exponential = \"3s\" }"),
            ("functions.thumbnail.environment.MODE", "fast", "environment = { MODE = \"fast\" }"),
            ("events.outage.for", "10min", "{ name = \"outage\", for = \"10min\" }"),
            ("billing.exchange.USD", "7.1", "exchange = { USD = 7.1 }"),
            ("objectives.\"p99.9\"", "2s", "objectives = { \"p99.9\" = \"2s\" }"),
        ] {
            let document = set(path, value).unwrap();
            assert!(document.contains(expected), "{path}: {document}");
        }
    }

    #[test]
    fn paths_that_do_not_exist_name_the_nearest() {
        for (path, expected) in [
            ("functions.thumbnial.memory", "functions.thumbnial: Did you mean `functions.thumbnail`?"),
            ("functions.thumbnail.memry", "functions.thumbnail.memry: Did you mean `functions.thumbnail.memory`?"),
            ("traffic.thumbnail-3.arrivals.poisson", "traffic.thumbnail-3: Did you mean `traffic.thumbnail-2`?"),
            ("seed", "seed: Did you mean `simulation.seed`?"),
            ("functions.thumbnail.memory.size", "functions.thumbnail.memory: Set it as a whole: functions.thumbnail.memory=…."),
            ("objectives.p99.9", "objectives.p99: Quote the name: \"p99.9\"."),
            ("dependencies.db.capacity", "dependencies.db: `dependencies` has no entries to change: write them into the file."),
        ] {
            assert_eq!(set(path, "1"), Err(expected.to_owned()), "{path}");
        }
        for path in ["", "a b", "a = 1\nb", "a.", ".a", "a = 1 #"] {
            assert!(set(path, "1").unwrap_err().contains("is quoted"), "{path:?}");
        }
    }
}
