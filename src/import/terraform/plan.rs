//! The resources of a plan, with what only the deployment knows as a reference to where it will come from.

use std::collections::BTreeMap;

use super::super::Options;
use super::super::document::{Entry, Node, Place, Value};

/// A resource that the plan makes or keeps.
#[derive(Debug)]
pub(super) struct Resource {
    /// Its address, such as `module.api.aws_lambda_function.web[0]`.
    pub(super) address: String,
    /// The address of its module; empty for the root.
    pub(super) module: String,
    /// Its type, such as `aws_lambda_function`.
    pub(super) kind: String,
    /// Its name without the index.
    pub(super) name: String,
    /// The index among those of `count` and `for_each`, as it is written; empty if there is none.
    pub(super) index: String,
    /// Where it stands.
    pub(super) place: Place,
    /// Its values: blocks that stand once are mappings, and what is empty is left out.
    pub(super) values: Node,
}

impl Resource {
    /// The address without indexes, as expressions name it: within its module.
    pub(super) fn local(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }
}

/// A plan, or the state that `terraform show -json` prints.
pub(super) struct Plan<'p> {
    root: &'p Node,
    options: &'p Options,
    /// Changes by address.
    changes: BTreeMap<&'p str, &'p Node>,
    /// Expressions by address without indexes.
    expressions: BTreeMap<String, &'p Node>,
}

impl<'p> Plan<'p> {
    pub(super) fn new(root: &'p Node, options: &'p Options) -> Self {
        let listed = root.get("resource_changes").and_then(Node::list).unwrap_or_default();
        let changes = listed.iter().filter_map(|change| Some((change.get("address")?.text()?, change))).collect();
        let mut plan = Self { root, options, changes, expressions: BTreeMap::new() };
        if let Some(module) = root.at(&["configuration", "root_module"]) {
            plan.expressions_of(module, "");
        }
        plan
    }

    fn expressions_of(&mut self, module: &'p Node, prefix: &str) {
        for resource in module.get("resources").and_then(Node::list).unwrap_or_default() {
            let named = resource.get("address").and_then(Node::text);
            if let (Some(address), Some(expressions)) = (named, resource.get("expressions")) {
                self.expressions.insert(format!("{prefix}{address}"), expressions);
            }
        }
        for call in module.get("module_calls").and_then(Node::entries).unwrap_or_default() {
            if let Some(inner) = call.node.get("module") {
                self.expressions_of(inner, &format!("{prefix}module.{}.", call.key));
            }
        }
    }

    /// All managed resources, in the order of the file.
    pub(super) fn resources(&self) -> Vec<Resource> {
        let mut found = Vec::new();
        let roots = [self.root.at(&["planned_values", "root_module"]), self.root.at(&["values", "root_module"])];
        for module in roots.into_iter().flatten() {
            self.module(module, &mut found);
        }
        if found.is_empty() {
            found.extend(self.changes.values().filter_map(|change| self.changed(change)));
            found.sort_by_key(|resource: &Resource| resource.place);
        }
        found
    }

    fn module(&self, module: &Node, found: &mut Vec<Resource>) {
        for resource in module.get("resources").and_then(Node::list).unwrap_or_default() {
            let change = resource.get("address").and_then(|address| self.changes.get(address.text()?)).copied();
            found.extend(self.resource(resource, resource.get("values"), change, resource.get("sensitive_values")));
        }
        for child in module.get("child_modules").and_then(Node::list).unwrap_or_default() {
            self.module(child, found);
        }
    }

    /// A resource of which only the change is known, if it is there afterwards.
    fn changed(&self, change: &Node) -> Option<Resource> {
        let after = change.at(&["change", "after"]).filter(|after| after.entries().is_some())?;
        self.resource(change, Some(after), Some(change), change.at(&["change", "after_sensitive"]))
    }

    fn resource(&self, node: &Node, values: Option<&Node>, change: Option<&Node>, sensitive: Option<&Node>) -> Option<Resource> {
        let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        if text("mode").is_some_and(|mode| mode != "managed") {
            return None;
        }
        let (address, kind) = (text("address")?, text("type")?);
        let index = node.get("index").map(|index| index.text().unwrap_or_default().to_owned()).unwrap_or_default();
        let local = without_indexes(&address);
        let unknown = change.and_then(|change| change.at(&["change", "after_unknown"]));
        let expressions = self.expressions.get(&local).copied();
        let nothing = Node { place: node.place, value: Value::Map(Vec::new()) };
        let marks = Marks { unknown, sensitive, expressions, options: self.options };
        let mut values = marks.applied(values.unwrap_or(&nothing)).filter(|values| values.entries().is_some()).unwrap_or(nothing);
        if let Value::Map(entries) = &mut values.value {
            entries.retain(|entry| !unset(entry));
        }
        let name = text("name").unwrap_or_else(|| local.rsplit('.').next().unwrap_or_default().to_owned());
        // The module is what stands before the type.
        let module = address.find(&format!("{kind}.")).map_or("", |at| address[..at].trim_end_matches('.')).to_owned();
        Some(Resource { address, module, kind, name, index, place: node.place, values })
    }

    /// The value of an argument of a provider, such as the region of `aws`: a constant, or a variable with a value.
    pub(super) fn provider(&self, provider: &str, argument: &str) -> Option<&'p Node> {
        let configured = self.root.at(&["configuration", "provider_config"])?.entries()?;
        let of = |entry: &&Entry| entry.node.get("name").and_then(Node::text).unwrap_or(&entry.key) == provider;
        // The one without an alias is that of resources that name none.
        let mut found: Vec<&Entry> = configured.iter().filter(of).collect();
        found.sort_by_key(|entry| entry.node.get("alias").is_some());
        let expression = found.first()?.node.at(&["expressions", argument])?;
        let variable = || {
            let reference = expression.get("references")?.list()?.first()?.text()?;
            self.root.at(&["variables", reference.strip_prefix("var.")?, "value"])
        };
        expression.get("constant_value").or_else(variable)
    }
}

/// An address without indexes: `module.a["x"].b.c[0]` is `module.a.b.c`.
fn without_indexes(address: &str) -> String {
    let (mut depth, mut quoted) = (0_usize, false);
    let outside = |c: &char| {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    };
    address.chars().filter(outside).collect()
}

/// What is said about a value beside it.
#[derive(Clone, Copy)]
struct Marks<'p> {
    /// `true` where only the deployment knows the value.
    unknown: Option<&'p Node>,
    /// `true` where the value is secret.
    sensitive: Option<&'p Node>,
    /// What the configuration says.
    expressions: Option<&'p Node>,
    /// What the user says.
    options: &'p Options,
}

impl<'p> Marks<'p> {
    fn below(self, step: impl Fn(&'p Node) -> Option<&'p Node>) -> Self {
        let flag = |node: &'p Node| if node.flag() == Some(true) { Some(node) } else { step(node) };
        Self {
            unknown: self.unknown.and_then(flag),
            sensitive: self.sensitive.and_then(flag),
            expressions: self.expressions.and_then(step),
            options: self.options,
        }
    }

    /// The value as a reader of settings wants it; `None` for what is not set.
    fn applied(self, node: &Node) -> Option<Node> {
        let yes = |mark: Option<&Node>| mark.and_then(Node::flag) == Some(true);
        let value = match &node.value {
            Value::Map(entries) => Value::Map(self.entries(node.place, entries)),
            Value::List(items) => return self.list(node.place, items),
            Value::Null if yes(self.unknown) => return self.expressions.map(|expressions| self.later(node.place, expressions)),
            Value::Null => return None,
            Value::Scalar { .. } if yes(self.sensitive) => Value::Unknown("(sensitive)".to_owned()),
            other => other.clone(),
        };
        Some(Node { place: node.place, value })
    }

    fn entries(self, place: Place, entries: &[Entry]) -> Vec<Entry> {
        let of = |entry: &Entry| {
            let node = self.below(|node| node.get(&entry.key)).applied(&entry.node)?;
            Some(Entry { key: entry.key.clone(), place: entry.place, node })
        };
        let mut found: Vec<Entry> = entries.iter().filter_map(of).collect();
        // What the configuration sets, and only the deployment knows, is not among the values.
        for entry in self.unknown.and_then(Node::entries).unwrap_or_default() {
            let there = found.iter().any(|known| known.key == entry.key);
            let set = self.expressions.and_then(|expressions| expressions.get(&entry.key));
            if let (false, Some(true), Some(expressions)) = (there, entry.node.flag(), set) {
                found.push(Entry { key: entry.key.clone(), place, node: self.later(place, expressions) });
            }
        }
        found
    }

    /// A value that is known after the deployment: given by the user, else a reference to where it will come from.
    fn later(self, place: Place, expressions: &Node) -> Node {
        let reference = expressions.get("references").and_then(|list| list.list()?.first()?.text());
        let Some(reference) = reference else { return Node::unknown_at(place, "(known after apply)") };
        match self.options.parameter(reference) {
            Some(given) => Node { place, value: Value::Scalar { text: given.to_owned(), quoted: false } },
            None => Node::unknown_at(place, format!("${{{reference}}}")),
        }
    }

    fn list(self, place: Place, items: &[Node]) -> Option<Node> {
        let at = |index: usize| {
            // The expressions of a list of values stand once, those of blocks for each.
            let step = move |node: &'p Node| node.list().map_or(Some(node), |items| items.get(index));
            self.below(step)
        };
        let mut found: Vec<Node> = items.iter().enumerate().filter_map(|(index, item)| at(index).applied(item)).collect();
        match found.as_slice() {
            [] => None,
            [only] if only.entries().is_some() => found.pop(),
            _ => Some(Node { place, value: Value::List(found) }),
        }
    }
}

/// Whether a value stands for none: functions of Lambda have no share of their own with -1.
fn unset(entry: &Entry) -> bool {
    entry.key == "reserved_concurrent_executions" && entry.node.number() == Some(-1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_indexes() {
        assert_eq!(without_indexes("module.a[\"x.y]\"].b.c[0]"), "module.a.b.c");
        assert_eq!(without_indexes("a.b"), "a.b");
        assert_eq!(without_indexes("a.b["), "a.b");
    }
}
