//! The Serverless Framework: `serverless.yml`. What the provider says for all functions, a function may say for itself.

mod access;
mod aws;
mod events;
mod others;
mod source;
mod variables;

use std::collections::BTreeSet;

use super::Options;
use super::document::{Entry, Node, Value};
use super::draft::{Draft, Origin};
use super::merge::{Lists, merged};
use super::notes::{Notes, Why};
use super::table::{Field, Table, join};
use super::template::Template;
use variables::Variables;

/// Keys of the file that change neither cost nor capacity.
const NO_EFFECT: &[&str] = &[
    "service",
    "frameworkVersion",
    "configValidationMode",
    "variablesResolutionMode",
    "deprecationNotificationMode",
    "unresolvedVariablesNotificationMode",
    "disabledDeprecations",
    "useDotenv",
    "app",
    "org",
    "tenant",
    "console",
    "dashboard",
    "build",
    "package",
    "outputs",
    "licenseKey",
];

/// Keys that hold values for variables, or that are read by themselves.
const READ: &[&str] = &["provider", "functions", "custom", "params", "stages", "resources", "plugins"];

/// Whether a file is one: a provider, and a service or functions.
pub(super) fn recognises(root: &Node) -> bool {
    let other = ["apiVersion", "AWSTemplateFormatVersion", "terraform_version"].iter().any(|key| root.get(key).is_some());
    let provider = root.get("provider").is_some_and(|node| node.text().is_some() || node.entries().is_some());
    provider && !other && (root.get("functions").is_some() || root.get("service").is_some())
}

/// A function with what its provider says for all.
pub(super) struct Declared<'n> {
    /// Its name in the file.
    name: &'n str,
    /// Where it stands.
    origin: Origin,
    /// Its own settings, with those of the provider where it has none.
    settings: Node,
}

/// Reads all functions.
pub(super) fn read(root: &Node, options: &Options, draft: &mut Draft) {
    let notes = draft.notes.clone();
    let variables = Variables::new(root, options, &notes);
    let Some(top) = Table::open(root, "", &notes) else { return };
    top.no_effect(NO_EFFECT);
    READ.iter().for_each(|key| drop(top.get(key)));
    let nothing = Node { place: root.place, value: Value::Map(Vec::new()) };
    let resources = root.get("resources").unwrap_or(&nothing);
    let template = Template::new(resources, options, &notes);
    let evaluated = |node: &Node| template.evaluate(&variables.resolve(node));
    let provider = root.get("provider").map_or_else(|| nothing.clone(), evaluated);
    let name = provider.get("name").unwrap_or(&provider);
    let kind = name.text().unwrap_or("aws").to_ascii_lowercase();
    // The provider alone, as `provider: aws`.
    let provider = if provider.entries().is_some() { provider } else { nothing.clone() };
    let functions: Vec<Node> = match root.get("functions") {
        Some(Node { value: Value::List(items), .. }) => items.iter().map(evaluated).collect(),
        Some(node) => vec![evaluated(node)],
        None => Vec::new(),
    };
    surroundings(root, &notes);
    let Some(table) = Table::open(&provider, "provider", &notes) else { return };
    let _ = table.get("name");
    let shared = if kind == "aws" { aws::SHARED } else { others::SHARED };
    let base = common(&provider, &table, shared);
    let mut declared = Vec::new();
    for functions in &functions {
        let path = Field::at(functions, "functions", &notes);
        let Some(functions) = path.table() else { continue };
        for (name, field) in functions.all() {
            // A function of another file: only its name is known.
            if field.node.entries().is_none() && !field.node.is_null() {
                let _ = field.table();
                continue;
            }
            let settings = if field.node.is_null() { base.clone() } else { merged(field.node, &base, Lists::Replaced) };
            declared.push(Declared { name, origin: field.origin(), settings });
        }
    }
    match kind.as_str() {
        "aws" => {
            let service = aws::Service { provider: &provider, base: &base, resources, evaluated: &evaluated, notes: &notes };
            aws::read(&declared, &table, &service, draft);
        }
        other => others::read(other, &declared, &table, &base, draft),
    }
}

/// The settings of the provider that are those of every function. They count as read.
fn common(provider: &Node, table: &Table<'_>, shared: &[&str]) -> Node {
    let entries = provider.entries().unwrap_or_default();
    let shared: Vec<Entry> = entries.iter().filter(|entry| shared.contains(&entry.key.as_str())).cloned().collect();
    shared.iter().for_each(|entry| drop(table.get(&entry.key)));
    Node { place: provider.place, value: Value::Map(shared) }
}

/// What is beside the functions: resources, plugins, and values that no variable asks for.
fn surroundings(root: &Node, notes: &Notes) {
    for part in root.get("resources").into_iter().flat_map(parts) {
        for entry in part.get("Resources").and_then(Node::entries).unwrap_or_default() {
            let kind = entry.node.get("Type").and_then(Node::text).unwrap_or(&entry.key);
            notes.left(Why::NoFunction, kind, entry.place);
        }
        if part.text().is_some() {
            let hint = "No other file is opened: import the template by itself if it has functions.";
            notes.note(part.place, "resources", format!("resources of another file: {}", part.shown()), hint);
        }
    }
    if let Some(plugins) = root.get("plugins") {
        let modules = plugins.get("modules").unwrap_or(plugins);
        let names: Vec<String> = parts(modules).iter().map(|plugin| plugin.shown()).collect();
        let hint = "What one adds, such as functions, warm-up calls or scaling, is yours to add.";
        notes.note(plugins.place, "plugins", format!("plugins are not run: {}", names.join(", ")), hint);
    }
    let mut asked = BTreeSet::new();
    asked_for(root, &mut asked);
    for entry in root.get("custom").and_then(Node::entries).unwrap_or_default() {
        if !asked.contains(entry.key.as_str()) && !asked.contains("") {
            notes.left(Why::NotRead, &join("custom", &entry.key), entry.place);
        }
    }
}

/// The elements of a list; a value that is none is one of itself.
fn parts(node: &Node) -> Vec<&Node> {
    node.list().map_or_else(|| vec![node], |items| items.iter().collect())
}

/// The keys of `custom` that variables ask for; the empty text stands for all.
fn asked_for<'n>(node: &'n Node, asked: &mut BTreeSet<&'n str>) {
    match &node.value {
        Value::Scalar { text, .. } => {
            for rest in text.split("self:custom").skip(1) {
                let rest = rest.strip_prefix('.').unwrap_or("");
                let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
                asked.insert(&rest[..end]);
            }
        }
        Value::List(items) => items.iter().for_each(|item| asked_for(item, asked)),
        Value::Map(entries) => entries.iter().for_each(|entry| asked_for(&entry.node, asked)),
        Value::Null | Value::Unknown(_) => {}
    }
}
