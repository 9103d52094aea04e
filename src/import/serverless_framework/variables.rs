//! Variables of the Serverless Framework: `${self:custom.memory, 512}`. They are looked up in the file and in what the user
//! gives; no other file, environment or account is asked. What is not known falls back to the next source, and that is said.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::source::{Literal, Source, split};
use crate::import::Options;
use crate::import::document::{DEEPEST, Entry, MOST_BYTES, MOST_NODES, Node, Place, Value};
use crate::import::literal::cut;
use crate::import::notes::Notes;
use crate::import::references::{Part, parts};

/// Variables that refer to others, in a row. Real files have less than 10.
const LONGEST: usize = 30;
/// The stage and the region where nothing else is said (Serverless Framework, provider properties).
const STAGE: &str = "dev";
const REGION: &str = "us-east-1";

/// Replaces variables in parts of a file.
pub(super) struct Variables<'r> {
    root: &'r Node,
    options: &'r Options,
    notes: Notes,
    /// Addresses that are being looked up: one that comes again would never end.
    open: RefCell<Vec<String>>,
    depth: Cell<usize>,
    nodes: Cell<usize>,
    bytes: Cell<usize>,
    /// Variables that something has been said about.
    said: RefCell<BTreeSet<String>>,
}

/// What a `${…}` turns out to be.
enum Found {
    Value(Node),
    /// A variable whose value is not known.
    Unknown,
    /// No variable of the framework, such as `${AWS::Region}`.
    Foreign,
}

impl<'r> Variables<'r> {
    /// The variables of a file.
    pub(super) fn new(root: &'r Node, options: &'r Options, notes: &Notes) -> Self {
        Self {
            root,
            options,
            notes: notes.clone(),
            open: RefCell::default(),
            depth: Cell::new(0),
            nodes: Cell::new(0),
            bytes: Cell::new(0),
            said: RefCell::default(),
        }
    }

    /// The tree with its variables replaced. A text with a part that is not known is unknown as a whole.
    pub(super) fn resolve(&self, node: &Node) -> Node {
        self.nodes.set(self.nodes.get() + 1);
        if self.nodes.get() > MOST_NODES || self.bytes.get() > MOST_BYTES || self.depth.get() > 2 * DEEPEST {
            self.once("", || {
                self.notes.error(node.place, "", "variables make too much of the file", "Let them end at values.");
            });
            return Node::unknown_at(node.place, "too large");
        }
        self.depth.set(self.depth.get() + 1);
        let resolved = self.inside(node);
        self.depth.set(self.depth.get() - 1);
        resolved
    }

    fn inside(&self, node: &Node) -> Node {
        let value = match &node.value {
            Value::Scalar { text, .. } if text.contains("${") => return self.text(node.place, text),
            Value::List(items) => Value::List(items.iter().map(|item| self.resolve(item)).collect()),
            Value::Map(entries) => {
                let entry = |entry: &Entry| Entry { key: entry.key.clone(), place: entry.place, node: self.resolve(&entry.node) };
                Value::Map(entries.iter().map(entry).collect())
            }
            other => other.clone(),
        };
        Node { place: node.place, value }
    }

    /// The value of a text with variables. A text that is one variable may be anything.
    fn text(&self, place: Place, text: &str) -> Node {
        let parts = parts(text);
        if let [Part::Reference(reference)] = parts.as_slice() {
            return match self.reference(place, reference) {
                Found::Value(node) => Node { place, value: node.value },
                Found::Unknown => Node::unknown_at(place, text),
                Found::Foreign => Node::text_at(place, text),
            };
        }
        let (mut out, mut known) = (String::new(), true);
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Reference(reference) => match self.reference(place, reference) {
                    Found::Value(Node { value: Value::Scalar { text, .. }, .. }) => out.push_str(&text),
                    Found::Foreign => out.push_str(&format!("${{{reference}}}")),
                    Found::Value(_) | Found::Unknown => {
                        known = false;
                        out.push_str(&format!("${{{reference}}}"));
                    }
                },
            }
        }
        self.bytes.set(self.bytes.get() + out.len());
        if known { Node::text_at(place, out) } else { Node::unknown_at(place, out) }
    }

    /// The value of what stands between `${` and `}`: the first of its sources that has one.
    fn reference(&self, place: Place, reference: &str) -> Found {
        let sources = split(reference);
        if !sources.first().is_some_and(|first| Source::begins(first)) {
            return Found::Foreign;
        }
        // Braces in braces are counted by every level again.
        self.bytes.set(self.bytes.get() + reference.len());
        let mut skipped: Vec<Cow<'_, str>> = Vec::new();
        let nothing = sources.last().is_some_and(|last| *last == "null");
        for source in sources {
            let Some(written) = self.written(place, source) else {
                skipped.push(Cow::Borrowed(source));
                continue;
            };
            let found = match &written.value {
                Value::Scalar { text, quoted: true } => match Literal::read(text) {
                    Some(literal) => Some(literal.node(place)),
                    None => self.look(place, text),
                },
                // The source was a variable itself, and this is its value.
                Value::Null | Value::Unknown(_) => None,
                _ => Some(written.clone()),
            };
            match found.filter(|node| !node.is_null()) {
                Some(node) => {
                    self.fallen_back(place, reference, &skipped, &node);
                    return Found::Value(node);
                }
                None => skipped.push(written.text().map_or(Cow::Borrowed(source), |text| Cow::Owned(text.to_owned()))),
            }
        }
        if nothing { Found::Value(Node { place, value: Value::Null }) } else { Found::Unknown }
    }

    /// A source with the variables in it replaced: as a text that is still to be looked up (quoted), or, if it was a variable
    /// as a whole, as the value of that. `None` if a part is not known.
    fn written(&self, place: Place, source: &str) -> Option<Node> {
        if !source.contains("${") || Literal::read(source).is_some_and(|literal| !literal.has_variables()) {
            return Some(Node::text_at(place, source));
        }
        let resolved = self.resolve(&Node::text_at(place, source));
        let whole = matches!(parts(source).as_slice(), [Part::Reference(_)]);
        match resolved.value {
            Value::Unknown(_) => None,
            // A text stays one: it must not be taken for an address.
            Value::Scalar { text, .. } if whole => Some(Node { place, value: Value::Scalar { text, quoted: false } }),
            value => Some(Node { place, value }),
        }
    }

    /// The value of one source, such as `self:custom.memory`.
    fn look(&self, place: Place, text: &str) -> Option<Node> {
        if let Some(given) = self.options.parameter(text) {
            return Some(Node { place, value: Value::Scalar { text: given.to_owned(), quoted: false } });
        }
        let given = |name: &str| {
            let text = self.options.parameter(name)?.to_owned();
            Some(Node { place, value: Value::Scalar { text, quoted: false } })
        };
        match Source::read(text)? {
            Source::Own("") | Source::Elsewhere => None,
            Source::Own(address) => self.own(place, address).or_else(|| self.default(place, address)),
            Source::Option(name) | Source::Environment(name) => given(name),
            Source::Stage => Some(Node::text_at(place, self.stage(place))),
            Source::Parameter(name) => given(name).or_else(|| self.parameter(place, name)),
            Source::Region => given("region").or_else(|| self.own(place, "provider.region")).or_else(|| given("AWS::Region")),
            Source::Flag(text) => match text {
                "true" | "1" => Some(Literal::Other("true").node(place)),
                "false" | "0" => Some(Literal::Other("false").node(place)),
                _ => None,
            },
        }
    }

    /// The stage: given, of the file, or the framework's default.
    pub(super) fn stage(&self, place: Place) -> String {
        let of_file = || self.own(place, "provider.stage").and_then(|node| node.text().map(str::to_owned));
        let given = self.options.parameter("stage").map(str::to_owned);
        given.or_else(of_file).unwrap_or_else(|| STAGE.to_owned())
    }

    /// A parameter of the stage, else of all stages; the keys differ by version.
    fn parameter(&self, place: Place, name: &str) -> Option<Node> {
        let stage = self.stage(place);
        let addresses = [&stage, "default"].map(|stage| [format!("stages.{stage}.params"), format!("params.{stage}")]);
        addresses.iter().flatten().find_map(|address| self.own(place, &format!("{address}.{name}")))
    }

    /// What the framework takes where the file has nothing.
    fn default(&self, place: Place, address: &str) -> Option<Node> {
        match address {
            "provider.stage" => Some(Node::text_at(place, self.stage(place))),
            "provider.region" => Some(Node::text_at(place, self.options.parameter("region").unwrap_or(REGION))),
            _ => None,
        }
    }

    /// The value at an address of the file, such as `custom.sizes.0`.
    fn own(&self, place: Place, address: &str) -> Option<Node> {
        let mut open = self.open.borrow_mut();
        if open.iter().any(|known| known == address) || open.len() >= LONGEST {
            drop(open);
            self.once(address, || {
                let message = format!("`${{self:{}}}` refers to itself, over others", cut(address, 60));
                self.notes.warn(place, "", message, "Let it end at a value.");
            });
            return None;
        }
        open.push(address.to_owned());
        drop(open);
        let found = self.walk(address);
        self.open.borrow_mut().pop();
        found.filter(|node| !matches!(node.value, Value::Unknown(_)))
    }

    fn walk(&self, address: &str) -> Option<Node> {
        let mut at = Cow::Borrowed(self.root);
        for key in address.split('.') {
            if at.text().is_some_and(|text| text.contains("${")) {
                at = Cow::Owned(self.resolve(&at));
            }
            at = match at {
                Cow::Borrowed(node) => Cow::Borrowed(child(node, key)?),
                Cow::Owned(node) => Cow::Owned(child(&node, key)?.clone()),
            };
        }
        Some(self.resolve(&at))
    }

    /// Says that a value is not that of the first source.
    fn fallen_back(&self, place: Place, reference: &str, skipped: &[Cow<'_, str>], node: &Node) {
        let asked: Vec<&str> =
            skipped.iter().map(AsRef::as_ref).filter(|source| !source.starts_with("self:") && !source.is_empty()).collect();
        let Some(last) = asked.first() else { return };
        self.once(reference, || {
            let message = format!("`${{{}}}` is taken as `{}`", cut(reference, 60), node.shown());
            let name = match Source::read(last) {
                Some(Source::Option(name) | Source::Environment(name) | Source::Parameter(name)) => name,
                _ => last,
            };
            let hint = format!("Give another value with --parameter '{}=VALUE'.", cut(name, 60));
            match Source::read(last) {
                Some(Source::Elsewhere) => self.notes.warn(place, "", message, format!("No other file is opened. {hint}")),
                _ => self.notes.note(place, "", message, hint),
            }
        });
    }

    fn once(&self, what: &str, say: impl FnOnce()) {
        if self.said.borrow_mut().insert(what.to_owned()) {
            say();
        }
    }
}

/// The value of a key, or the element of a list by its number.
fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match node.list() {
        Some(items) => items.get(key.parse::<usize>().ok()?),
        None => node.get(key),
    }
}

#[cfg(test)]
mod tests;
