//! `${…}` in texts: where references stand, and a tree in which they are replaced. What a reference means is the business of the
//! kind of file; that it ends, and does not grow without bound, is cared for here.

use super::document::{DEEPEST, Entry, MOST_BYTES, MOST_NODES, Node, Place, Value};
use super::literal::cut;
use super::notes::Notes;

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'t> {
    /// Text that stands for itself.
    Text(&'t str),
    /// What is between `${` and its `}`.
    Reference(&'t str),
}

/// Cuts a text at its references. Braces inside a reference are counted; one that does not end is plain text.
#[must_use]
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let inside = &rest[at + 2..];
        let mut depth = 1_usize;
        let end = inside.char_indices().find(|(_, c)| {
            depth = match c {
                '{' => depth + 1,
                '}' => depth - 1,
                _ => depth,
            };
            depth == 0
        });
        let Some((end, _)) = end else { break };
        if at > 0 {
            found.push(Part::Text(&rest[..at]));
        }
        found.push(Part::Reference(&inside[..end]));
        rest = &inside[end + 1..];
    }
    if !rest.is_empty() || found.is_empty() {
        found.push(Part::Text(rest));
    }
    found
}

/// Levels of references that refer to others.
const LONGEST: usize = 30;

/// Replaces references in a tree.
pub struct Resolver<'r> {
    /// The value that a reference stands for, which may have references itself; `None` if it is not known.
    look: &'r dyn Fn(&str) -> Option<Node>,
    open: Vec<String>,
    depth: usize,
    nodes: usize,
    bytes: usize,
    /// A value that refers to itself, or that grows too large: nothing can be made of the file.
    trouble: Option<(Place, String)>,
}

impl<'r> Resolver<'r> {
    /// A resolver that looks references up with `look`.
    #[must_use]
    pub fn new(look: &'r dyn Fn(&str) -> Option<Node>) -> Self {
        Self { look, open: Vec::new(), depth: 0, nodes: 0, bytes: 0, trouble: None }
    }

    /// Says what is wrong with the references as a whole, if anything: then nothing can be made of the file.
    pub fn report(&self, notes: &Notes) {
        if let Some((place, message)) = &self.trouble {
            notes.error(*place, "", message.clone(), "Let references end at values.");
        }
    }

    /// The tree with its references replaced. A text of which a part is not known, that refers to itself or grows too large is
    /// unknown as a whole; it keeps its place.
    pub fn resolve(&mut self, node: &Node) -> Node {
        self.nodes += 1;
        if self.nodes > MOST_NODES || self.bytes > MOST_BYTES || self.depth > 2 * DEEPEST {
            let message = "references make too much of the file".to_owned();
            self.trouble.get_or_insert((node.place, message));
            return Node::unknown_at(node.place, "too large");
        }
        self.depth += 1;
        let resolved = self.inside(node);
        self.depth -= 1;
        resolved
    }

    fn inside(&mut self, node: &Node) -> Node {
        let value = match &node.value {
            Value::Scalar { text, .. } if text.contains("${") => return self.text(node, text),
            Value::List(items) => Value::List(items.iter().map(|item| self.resolve(item)).collect()),
            Value::Map(entries) => {
                let entry = |entry: &Entry| Entry { node: self.resolve(&entry.node), ..entry.clone_key() };
                Value::Map(entries.iter().map(entry).collect())
            }
            other => other.clone(),
        };
        Node { place: node.place, value }
    }

    fn text(&mut self, node: &Node, text: &str) -> Node {
        let parts = parts(text);
        if let [Part::Reference(reference)] = parts.as_slice() {
            return self
                .reference(node.place, reference)
                .map_or_else(|| Node::unknown_at(node.place, text), |found| Node { place: node.place, value: found.value });
        }
        let mut out = String::new();
        let mut known = true;
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Reference(reference) => match self.reference(node.place, reference) {
                    Some(Node { value: Value::Scalar { text, .. }, .. }) => out.push_str(&text),
                    // What is known is put in all the same: the rest is easier to read then.
                    _ => {
                        known = false;
                        out.push_str("${");
                        out.push_str(reference);
                        out.push('}');
                    }
                },
            }
        }
        self.bytes += out.len();
        if known { Node::text_at(node.place, out) } else { Node::unknown_at(node.place, out) }
    }

    fn reference(&mut self, place: Place, reference: &str) -> Option<Node> {
        let name = reference.trim().to_owned();
        if self.open.contains(&name) || self.open.len() >= LONGEST {
            self.trouble.get_or_insert((place, format!("`${{{}}}` refers to itself, over others", cut(&name, 60))));
            return None;
        }
        let found = (self.look)(&name)?;
        self.open.push(name);
        let resolved = self.resolve(&found);
        self.open.pop();
        (!matches!(resolved.value, Value::Unknown(_))).then_some(resolved)
    }
}

impl Entry {
    /// The key, with nothing as its value.
    fn clone_key(&self) -> Self {
        Self { key: self.key.clone(), place: self.place, node: Node { place: self.node.place, value: Value::Null } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::document;

    #[test]
    fn texts_are_cut_at_references() {
        assert_eq!(parts("a${b}c"), [Part::Text("a"), Part::Reference("b"), Part::Text("c")]);
        assert_eq!(parts("${env('X', '${y}')}"), [Part::Reference("env('X', '${y}')")]);
        assert_eq!(parts("a${b"), [Part::Text("a${b")]);
        assert_eq!(parts(""), [Part::Text("")]);
    }

    #[test]
    fn what_refers_to_itself_is_unknown() {
        let root = document::read("a: ${b}\nb: x${a}\nc: ${d}\nd: [1, '${e}']\ne: 2\nf: y${d}\n", "f").unwrap();
        let look = |name: &str| root.get(name).cloned();
        let mut resolver = Resolver::new(&look);
        let resolved = resolver.resolve(&root);
        assert_eq!(resolver.trouble, Some((Place { line: 1, column: 4 }, "`${b}` refers to itself, over others".into())));
        assert_eq!(resolved.get("a").map(|a| a.value.clone()), Some(Value::Unknown("${b}".into())));
        assert_eq!(resolved.get("c").and_then(|c| c.list()?[1].whole()), Some(2));
        assert_eq!(resolved.get("f").map(|f| f.value.clone()), Some(Value::Unknown("y${d}".into())));
    }

    #[test]
    fn references_that_double_at_every_step_end() {
        let lines: Vec<String> =
            (1..60).map(|n| format!("a{n}: ['${{a{}}}', '${{a{}}}', '${{a{}}}']", n - 1, n - 1, n - 1)).collect();
        let root = document::read(&format!("a0: x\n{}\n", lines.join("\n")), "f").unwrap();
        let look = |name: &str| root.get(name).cloned();
        let mut resolver = Resolver::new(&look);
        let _ = resolver.resolve(&root);
        assert!(resolver.nodes < 3 * MOST_NODES, "{}", resolver.nodes);
    }
}
