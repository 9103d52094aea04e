//! From the parser's events to the tree.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::syntax::{broken, refused};
use super::{DEEPEST, Entry, MOST_BYTES, MOST_NODES, Node, Place, Value};
use crate::diagnostic::Diagnostic;

type Built<T> = Result<T, Box<Diagnostic>>;

/// A list or mapping that is not closed yet.
struct Open {
    place: Place,
    anchor: usize,
    tag: Option<String>,
    /// Keys and values in turn for a mapping, elements for a list.
    nodes: Vec<Node>,
    mapping: bool,
}

struct Builder<'t> {
    file: &'t str,
    open: Vec<Open>,
    /// Finished values with an anchor, and how many values and bytes each has.
    anchors: BTreeMap<usize, (Node, Size)>,
    size: Size,
    root: Option<Node>,
}

/// How much a value holds.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
    /// Levels below and with the value.
    depth: usize,
}

/// The tree of a text.
pub(super) fn tree(text: &str, file: &str) -> Built<Node> {
    let paired = super::syntax::is_json(text).then(|| pairs(text)).flatten();
    let text = paired.as_deref().unwrap_or(text);
    let mut builder = Builder { file, open: Vec::new(), anchors: BTreeMap::new(), size: Size::default(), root: None };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((Event::StreamEnd, _)) => break,
            Ok((event, span)) => builder.event(event, span)?,
            Err(error) => {
                let place = Place { line: error.marker().line(), column: error.marker().col() + 1 };
                return Err(Box::new(refused(text, file, place, error.info())));
            }
        }
    }
    let nothing = || {
        let finding = broken(file, Place { line: 1, column: 1 }, "the file has no values, only comments");
        Box::new(finding.hint("Name the file that describes the deployment."))
    };
    builder.root.ok_or_else(nothing)
}

/// JSON writes a character beyond 16 bits as two escapes, which YAML does not know: they become its own escape.
fn pairs(text: &str) -> Option<String> {
    if !text.contains("\\ud") && !text.contains("\\uD") {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let unit = |from: usize| u32::from_str_radix(escape.get(from..from + 4)?, 16).ok();
        let pair = match (escape.get(..2), escape.get(6..8)) {
            (Some("\\u"), Some("\\u")) => unit(2).zip(unit(8)),
            _ => None,
        };
        let length = match pair {
            Some((high @ 0xD800..=0xDBFF, low @ 0xDC00..=0xDFFF)) => {
                out.push_str(&format!("\\U{:08x}", 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
                12
            }
            // The character after a backslash belongs to it.
            _ => {
                let length = 1 + escape.chars().nth(1).map_or(0, char::len_utf8);
                out.push_str(&escape[..length]);
                length
            }
        };
        rest = &escape[length..];
    }
    out.push_str(rest);
    Some(out)
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Built<()> {
        let place = Place { line: span.start.line(), column: span.start.col() + 1 };
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                let finding = broken(self.file, place, "there is more than one document (`---`) in the file");
                Err(Box::new(finding.hint("Keep one document a file, and import each by itself.")))
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(place, text.len())?;
                let quoted = style != ScalarStyle::Plain;
                let null = !quoted && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
                let tag = tag.as_deref().and_then(function);
                let value = if null && tag.is_none() { Value::Null } else { Value::Scalar { text: text.into_owned(), quoted } };
                let node = tagged(Node { place, value }, tag);
                self.done(anchor, node)
            }
            Event::SequenceStart(anchor, tag) => self.begin(place, anchor, tag.as_deref(), false),
            Event::MappingStart(anchor, tag) => self.begin(place, anchor, tag.as_deref(), true),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.alias(place, anchor),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, place: Place, anchor: usize, tag: Option<&Tag>, mapping: bool) -> Built<()> {
        self.count(place, 0)?;
        if self.open.len() >= DEEPEST {
            return Err(self.too_deep(place));
        }
        self.open.push(Open { place, anchor, tag: tag.and_then(function), nodes: Vec::new(), mapping });
        Ok(())
    }

    fn too_deep(&self, place: Place) -> Box<Diagnostic> {
        let finding = broken(self.file, place, format!("nested more than {DEEPEST} levels deep"));
        Box::new(finding.hint("No deployment file needs that: check how it was generated."))
    }

    fn end(&mut self) -> Built<()> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = if open.mapping { self.mapping(open.nodes)? } else { Value::List(open.nodes) };
        let node = tagged(Node { place: open.place, value }, open.tag);
        self.done(open.anchor, node)
    }

    /// Puts a finished value where it belongs.
    fn done(&mut self, anchor: usize, node: Node) -> Built<()> {
        if anchor > 0 {
            // A copy for each anchor: it counts as if it were written again.
            let size = size(&node);
            self.more(node.place, size)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut() {
            Some(open) => open.nodes.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }

    fn alias(&mut self, place: Place, anchor: usize) -> Built<()> {
        let Some((_, size)) = self.anchors.get(&anchor) else {
            let finding = broken(self.file, place, "an alias to the value that it stands in: it would never end");
            return Err(Box::new(finding.hint("Refer to a value that is complete before the alias.")));
        };
        let size = *size;
        self.more(place, size)?;
        if self.open.len() + size.depth > DEEPEST {
            return Err(self.too_deep(place));
        }
        let node = self.anchors.get(&anchor).map_or_else(|| Node::text_at(place, ""), |(node, _)| Node { place, ..node.clone() });
        self.done(0, node)
    }

    /// Pairs of keys and values become entries. The keys of a merge (`<<`) come last, and only where there are none yet.
    fn mapping(&self, nodes: Vec<Node>) -> Built<Value> {
        let mut entries: Vec<Entry> = Vec::with_capacity(nodes.len() / 2);
        let mut places: BTreeMap<String, Place> = BTreeMap::new();
        let mut merged = Vec::new();
        let mut nodes = nodes.into_iter();
        while let (Some(key), Some(node)) = (nodes.next(), nodes.next()) {
            let Some(name) = key.text().map(str::to_owned).or_else(|| key.is_null().then(String::new)) else {
                let finding = broken(self.file, key.place, "a key of a mapping must be a text");
                return Err(Box::new(finding.hint("Put values in braces or brackets in quotes.")));
            };
            if name == "<<" && !matches!(key.value, Value::Scalar { quoted: true, .. }) {
                merged.push(node);
                continue;
            }
            if let Some(first) = places.insert(name.clone(), key.place) {
                let name = crate::import::literal::cut(&name, 60);
                let message = format!("the key `{name}` stands twice in its mapping, first in line {}", first.line);
                return Err(Box::new(broken(self.file, key.place, message).hint("Keep one of the two.")));
            }
            entries.push(Entry { key: name, place: key.place, node });
        }
        for source in merged {
            let sources = match source.value {
                Value::List(items) => items,
                _ => vec![source],
            };
            for entry in sources.into_iter().filter_map(into_entries).flatten() {
                if places.insert(entry.key.clone(), entry.place).is_none() {
                    entries.push(entry);
                }
            }
        }
        Ok(Value::Map(entries))
    }

    fn count(&mut self, place: Place, bytes: usize) -> Built<()> {
        self.more(place, Size { nodes: 1, bytes, depth: 1 })
    }

    fn more(&mut self, place: Place, more: Size) -> Built<()> {
        self.size = Size { nodes: self.size.nodes + more.nodes, bytes: self.size.bytes + more.bytes, depth: 0 };
        if self.size.nodes <= MOST_NODES && self.size.bytes <= MOST_BYTES {
            return Ok(());
        }
        let message = format!("more than {MOST_NODES} values or {} MiB, aliases written out", MOST_BYTES >> 20);
        let finding = broken(self.file, place, message);
        Err(Box::new(finding.hint("Take out what repeats, or import the parts of the deployment one by one.")))
    }
}

fn into_entries(node: Node) -> Option<Vec<Entry>> {
    match node.value {
        Value::Map(entries) => Some(entries),
        _ => None,
    }
}

fn size(node: &Node) -> Size {
    let one = |bytes: usize| Size { nodes: 1, bytes, depth: 1 };
    let with = |sum: Size, part: Size| Size {
        nodes: sum.nodes + part.nodes,
        bytes: sum.bytes + part.bytes,
        depth: sum.depth.max(part.depth + 1),
    };
    match &node.value {
        Value::Null => one(0),
        Value::Scalar { text, .. } | Value::Unknown(text) => one(text.len()),
        Value::List(items) => items.iter().map(size).fold(one(0), with),
        Value::Map(entries) => {
            let bytes = entries.iter().map(|entry| entry.key.len()).sum();
            entries.iter().map(|entry| size(&entry.node)).fold(one(bytes), with)
        }
    }
}

/// The function that a tag in short form stands for; `None` for tags of YAML itself.
fn function(tag: &Tag) -> Option<String> {
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", "") => None,
        ("!", name @ ("Ref" | "Condition")) => Some(name.to_owned()),
        ("!", name) => Some(format!("Fn::{name}")),
        _ => None,
    }
}

fn tagged(node: Node, tag: Option<String>) -> Node {
    let Some(key) = tag else { return node };
    let place = node.place;
    Node { place, value: Value::Map(vec![Entry { key, place, node }]) }
}
