//! Templates of CloudFormation and of Alibaba Cloud's ROS: parameters, mappings, conditions and functions are evaluated as far
//! as the template and the user know their values. What only the deployment knows stays readable: `${Table.Arn}`.

mod condition;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::Options;
use super::document::{Entry, MOST_BYTES, MOST_NODES, Node, Place, Value};
use super::notes::Notes;
use super::references::{Part, parts};

/// A template being evaluated.
pub(super) struct Template<'t> {
    root: &'t Node,
    options: &'t Options,
    notes: Notes,
    /// Conditions that have been decided, or are being decided (`None`).
    decided: RefCell<BTreeMap<String, Option<Decision>>>,
    /// Conditions that are being decided.
    deciding: Cell<usize>,
    nodes: Cell<usize>,
    bytes: Cell<usize>,
}

/// Whether a condition holds; `None` if that is not known before deployment.
type Decision = Option<bool>;

/// Prefix of names that the provider defines.
const PSEUDO: [&str; 2] = ["AWS::", "ALIYUN::"];

impl<'t> Template<'t> {
    pub(super) fn new(root: &'t Node, options: &'t Options, notes: &Notes) -> Self {
        let (notes, decided) = (notes.clone(), RefCell::default());
        Self { root, options, notes, decided, deciding: Cell::new(0), nodes: Cell::new(0), bytes: Cell::new(0) }
    }

    /// The tree with its functions evaluated. `AWS::NoValue` becomes nothing.
    pub(super) fn evaluate(&self, node: &Node) -> Node {
        self.nodes.set(self.nodes.get() + 1);
        if self.nodes.get() > MOST_NODES || self.bytes.get() > MOST_BYTES {
            let hint = "Give large values where they are used once.";
            self.notes.error(node.place, "", "the functions of the template make too much of it", hint);
            return Node::unknown_at(node.place, "too large");
        }
        let value = match &node.value {
            Value::List(items) => {
                Value::List(items.iter().map(|item| self.evaluate(item)).filter(|item| !item.is_null()).collect())
            }
            Value::Map(entries) => match entries.as_slice() {
                [only] if only.key == "Ref" || only.key.starts_with("Fn::") => {
                    return self.call(node.place, &only.key, &only.node);
                }
                entries => Value::Map(entries.iter().map(|entry| self.entry(entry)).collect()),
            },
            other => other.clone(),
        };
        Node { place: node.place, value }
    }

    fn entry(&self, entry: &Entry) -> Entry {
        Entry { key: entry.key.clone(), place: entry.place, node: self.evaluate(&entry.node) }
    }

    /// The value of a function.
    fn call(&self, place: Place, function: &str, argument: &Node) -> Node {
        let found = match function {
            "Ref" => argument.text().map(|name| self.reference(place, name)),
            "Fn::Sub" => self.substitute(place, argument),
            "Fn::Join" => self.join(place, argument),
            "Fn::Select" => self.select(argument),
            "Fn::Split" => self.split(place, argument),
            "Fn::FindInMap" => self.find_in_map(argument),
            "Fn::If" => self.choose(place, argument),
            "Fn::GetAtt" => self.attribute(place, argument),
            // A list of zones and the like.
            _ => None,
        };
        let mut found = found.unwrap_or_else(|| {
            let what = argument.text().map_or_else(String::new, |text| format!(" {text}"));
            Node::unknown_at(place, format!("!{}{what}", function.trim_start_matches("Fn::")))
        });
        // A value stands where its function stands: that is where it would be changed.
        found.place = place;
        if let Value::Scalar { text, .. } | Value::Unknown(text) = &found.value {
            self.bytes.set(self.bytes.get() + text.len());
        }
        found
    }

    /// A parameter or a name of the provider; a resource stays `${Name}`.
    fn reference(&self, place: Place, name: &str) -> Node {
        if name.ends_with("::NoValue") {
            return Node { place, value: Value::Null };
        }
        if let Some(given) = self.options.parameter(name) {
            return self.typed(place, name, given);
        }
        if name == "AWS::Partition" {
            return Node::text_at(place, "aws");
        }
        let parameter = self.root.at(&["Parameters", name]);
        let kind = parameter.and_then(|parameter| parameter.get("Type")?.text()).unwrap_or_default();
        // The default of such a parameter is the name under which its value is kept elsewhere.
        if kind.starts_with("AWS::SSM::Parameter::Value") {
            return Node::unknown_at(place, format!("${{{name}}}"));
        }
        match parameter.and_then(|parameter| parameter.get("Default")) {
            Some(default) => match default.text() {
                Some(text) => self.typed(place, name, text),
                None if default.list().is_some() => Node { place, value: default.value.clone() },
                None => Node::unknown_at(place, format!("${{{name}}}")),
            },
            None => Node::unknown_at(place, format!("${{{name}}}")),
        }
    }

    /// The value of a parameter by its type: lists are written with commas.
    fn typed(&self, place: Place, name: &str, text: &str) -> Node {
        let kind = self.root.at(&["Parameters", name, "Type"]).and_then(Node::text).unwrap_or_default();
        if kind == "CommaDelimitedList" || kind.starts_with("List<") {
            let item = |part: &str| Node::text_at(place, part.trim());
            let items: Vec<Node> = text.split(',').map(item).collect();
            self.nodes.set(self.nodes.get() + items.len());
            return Node { place, value: Value::List(items) };
        }
        Node::text_at(place, text)
    }

    /// `${Name}` in a text, with values of its own in the long form.
    fn substitute(&self, place: Place, argument: &Node) -> Option<Node> {
        let (text, own) = match argument.list() {
            Some([text, own, ..]) => (text.text()?, Some(own)),
            Some([text]) => (text.text()?, None),
            _ => (argument.text()?, None),
        };
        let mut out = String::new();
        let mut known = true;
        for part in parts(text) {
            match part {
                Part::Text(text) => out.push_str(text),
                // `${!Name}` is written as `${Name}`, and means that text.
                Part::Reference(name) if name.starts_with('!') => out.push_str(&format!("${{{}}}", &name[1..])),
                Part::Reference(name) => {
                    let value = match own.and_then(|own| own.get(name)) {
                        Some(own) => self.evaluate(own),
                        None => self.reference(place, name.trim()),
                    };
                    known &= text_of(&value, &mut out);
                }
            }
            if out.len() > MOST_BYTES {
                return None;
            }
        }
        Some(if known { Node::text_at(place, out) } else { Node::unknown_at(place, out) })
    }

    fn join(&self, place: Place, argument: &Node) -> Option<Node> {
        let [separator, list] = argument.list()? else { return None };
        let (separator, list) = (separator.text()?, self.evaluate(list));
        let mut out = String::new();
        let mut known = true;
        for (index, item) in list.list()?.iter().enumerate() {
            out.push_str(if index > 0 { separator } else { "" });
            known &= text_of(item, &mut out);
        }
        Some(if known { Node::text_at(place, out) } else { Node::unknown_at(place, out) })
    }

    fn select(&self, argument: &Node) -> Option<Node> {
        let [index, list] = argument.list()? else { return None };
        let (index, list) = (self.evaluate(index).whole()?, self.evaluate(list));
        list.list()?.get(usize::try_from(index).ok()?).cloned()
    }

    fn split(&self, place: Place, argument: &Node) -> Option<Node> {
        let [separator, text] = argument.list()? else { return None };
        let (separator, text) = (separator.text().filter(|s| !s.is_empty())?, self.evaluate(text));
        let items = text.text()?.split(separator).map(|part| Node::text_at(place, part)).collect();
        Some(Node { place, value: Value::List(items) })
    }

    fn find_in_map(&self, argument: &Node) -> Option<Node> {
        let [map, first, second, ..] = argument.list()? else { return None };
        let (map, first, second) = (self.evaluate(map), self.evaluate(first), self.evaluate(second));
        self.root.at(&["Mappings", map.text()?, first.text()?, second.text()?]).cloned()
    }

    fn choose(&self, place: Place, argument: &Node) -> Option<Node> {
        let [condition, yes, no] = argument.list()? else { return None };
        let name = condition.text()?;
        match self.holds(name, condition.place) {
            Some(true) => Some(self.evaluate(yes)),
            Some(false) => Some(self.evaluate(no)),
            None => Some(Node::unknown_at(place, format!("!If [{name}, …]"))),
        }
    }

    /// An attribute of a resource, which exists only after deployment.
    fn attribute(&self, place: Place, argument: &Node) -> Option<Node> {
        let name = match argument.list() {
            Some(parts) => {
                let texts: Vec<String> = parts.iter().map(|part| self.evaluate(part).text().unwrap_or("?").to_owned()).collect();
                texts.join(".")
            }
            None => argument.text()?.to_owned(),
        };
        Some(Node::unknown_at(place, format!("${{{name}}}")))
    }
}

/// Adds the text of a value, also of one that is not known; whether it is known.
fn text_of(value: &Node, out: &mut String) -> bool {
    match &value.value {
        Value::Scalar { text, .. } => {
            out.push_str(text);
            true
        }
        Value::Unknown(text) => {
            out.push_str(text);
            false
        }
        _ => {
            out.push('…');
            false
        }
    }
}

/// The resource that a value refers to: the first `${Name}` or `${Name.Attribute}` of it that is no name of the provider.
pub(super) fn resource(node: &Node) -> Option<&str> {
    let Value::Unknown(text) = &node.value else { return None };
    parts(text).into_iter().find_map(|part| match part {
        Part::Reference(name) if !PSEUDO.iter().any(|pseudo| name.starts_with(pseudo)) => {
            Some(name.split('.').next().unwrap_or(name).trim())
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests;
