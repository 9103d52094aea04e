//! AWS SAM and CloudFormation: templates whose resources are functions of AWS Lambda and what surrounds them.

mod access;
mod events;
pub(super) mod function;
pub(super) mod links;

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::Options;
use super::document::{Node, Place};
use super::draft::{Draft, Origin};
use super::literal::{Literal, cut};
use super::merge::{Lists, merged};
use super::notes::{Notes, Why};
use super::table::{Table, join};
use super::template::{Template, resource};

/// A resource of the template, its properties evaluated.
struct Resource {
    id: String,
    kind: String,
    place: Place,
    properties: Node,
}

/// All resources that are made, and the index of the function in the draft that each stands for.
struct Stack {
    resources: Vec<Resource>,
    /// Logical id, name and index of each function.
    functions: Vec<(String, String, usize)>,
    /// Roles and policies that functions have.
    used: RefCell<BTreeSet<String>>,
    notes: Notes,
}

/// Whether a file is a template of SAM.
pub(super) fn recognises_sam(root: &Node) -> bool {
    let of_sam = |node: &Node| node.text().is_some_and(|text| text.starts_with("AWS::Serverless"));
    let transform = root.get("Transform");
    let transformed = transform.is_some_and(|node| of_sam(node) || node.list().is_some_and(|list| list.iter().any(of_sam)));
    transformed || kinds(root).any(|kind| kind.starts_with("AWS::Serverless"))
}

/// Whether a file is a template of CloudFormation.
pub(super) fn recognises(root: &Node) -> bool {
    root.get("AWSTemplateFormatVersion").is_some() || kinds(root).any(|kind| kind.starts_with("AWS::"))
}

fn kinds(root: &Node) -> impl Iterator<Item = &str> {
    let resources = root.get("Resources").and_then(Node::entries).unwrap_or_default();
    resources.iter().filter_map(|entry| entry.node.get("Type")?.text())
}

/// Reads all functions, then what refers to them.
pub(super) fn read(root: &Node, options: &Options, draft: &mut Draft) {
    let notes = draft.notes.clone();
    let template = Template::new(root, options, &notes);
    let Some(top) = Table::open(root, "", &notes) else { return };
    top.no_effect(&["AWSTemplateFormatVersion", "Description", "Metadata", "Outputs", "Rules"]);
    for used in ["Transform", "Parameters", "Mappings", "Conditions", "Globals", "Resources"] {
        let _ = top.get(used);
    }
    if let Some(region) = options.parameter("AWS::Region") {
        draft.region(region, Origin::new(Place::default(), "AWS::Region").remark("given as a parameter"));
    }
    let globals = root.get("Globals").map(|globals| template.evaluate(globals));
    let mut stack =
        Stack { resources: resources(root, &template, &notes), functions: Vec::new(), used: RefCell::default(), notes };
    functions(&mut stack, globals.as_ref(), draft);
    others(&stack, draft);
    for f in &mut draft.functions {
        links::settle(f);
    }
}

/// The resources that are made, as far as their conditions are known.
fn resources(root: &Node, template: &Template<'_>, notes: &Notes) -> Vec<Resource> {
    let mut found = Vec::new();
    for entry in root.get("Resources").and_then(Node::entries).unwrap_or_default() {
        let path = join("Resources", &entry.key);
        let Some(kind) = entry.node.get("Type").and_then(Node::text) else {
            notes.warn(entry.place, &path, "a resource without a type", "Give its `Type`; it was not read.");
            continue;
        };
        if let Some(condition) = entry.node.get("Condition")
            && let Some(name) = condition.text()
        {
            match template.holds(name, condition.place) {
                Some(true) => {}
                Some(false) => {
                    notes.note(
                        entry.place,
                        &path,
                        format!("not made: `{name}` does not hold"),
                        "Give other parameters to have it.",
                    );
                    continue;
                }
                None => {
                    notes.note(entry.place, &path, format!("taken as made: `{name}` is not known"), "Give it with --parameter.");
                }
            }
        }
        let properties = entry.node.get("Properties").map_or_else(
            || Node { place: entry.place, value: super::document::Value::Map(Vec::new()) },
            |properties| template.evaluate(properties),
        );
        found.push(Resource { id: entry.key.clone(), kind: kind.to_owned(), place: entry.place, properties });
    }
    found
}

/// Reads the functions. What is said for all functions of a SAM template is theirs too.
fn functions(stack: &mut Stack, globals: Option<&Node>, draft: &mut Draft) {
    let mut named = Vec::new();
    for resource in &stack.resources {
        let sam = resource.kind == "AWS::Serverless::Function";
        if !sam && resource.kind != "AWS::Lambda::Function" {
            continue;
        }
        let base = globals.and_then(|globals| globals.get("Function")).filter(|_| sam);
        let properties =
            base.map_or_else(|| resource.properties.clone(), |base| merged(&resource.properties, base, Lists::Joined));
        let path = format!("Resources.{}.Properties", resource.id);
        let Some(table) = Table::open(&properties, path, &stack.notes) else { continue };
        let table = match base {
            Some(base) => table.also(base, "Globals.Function"),
            None => table,
        };
        let name = table.get("FunctionName").and_then(|field| field.node.text().map(str::to_owned));
        let index = draft.functions.len();
        let origin = Origin::new(resource.place, &format!("Resources.{}", resource.id));
        let f = draft.function(name.as_deref().unwrap_or(&resource.id), origin);
        named.push((resource.id.clone(), f.name.clone(), index));
        function::settings(&table, f);
        if sam {
            events::read(&table, f, &Apis { stack, globals });
        }
        access::role(&table, f, stack, sam);
    }
    stack.functions = named;
}

/// What else a template has: versions, aliases, mappings, permissions; and what is no part of a forecast.
fn others(stack: &Stack, draft: &mut Draft) {
    for resource in &stack.resources {
        let path = format!("Resources.{}.Properties", resource.id);
        let open = || Table::open(&resource.properties, path.clone(), &stack.notes);
        match resource.kind.as_str() {
            "AWS::Serverless::Function" | "AWS::Lambda::Function" => {}
            // Roles and policies have been read with the functions that have them.
            "AWS::IAM::Role" | "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" if stack.used.borrow().contains(&resource.id) => {}
            kind if links::is_read(kind) => {
                if let Some(mut table) = open() {
                    table.place = resource.place;
                    links::read(kind, &table, stack, draft);
                }
            }
            kind => stack.notes.left(Why::NoFunction, &cut(kind, 80), resource.place),
        }
    }
}

impl Stack {
    /// The function that a value refers to: by reference, name or address.
    fn function(&self, node: &Node) -> Option<usize> {
        if let Some(id) = resource(node) {
            return self.functions.iter().find(|(known, _, _)| known == id).map(|(_, _, index)| *index);
        }
        let text = node.text()?;
        let name = text.split_once(":function:").map_or(text, |(_, rest)| rest).split(':').next().unwrap_or(text);
        self.functions.iter().find(|(id, known, _)| known == name || id == name).map(|(_, _, index)| *index)
    }

    /// A resource by its logical id.
    fn resource(&self, id: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.id == id)
    }
}

/// The APIs of a SAM template, for who may call their functions.
struct Apis<'s> {
    stack: &'s Stack,
    globals: Option<&'s Node>,
}

/// A text literal of a value, also of one that is known after deployment only.
fn loose(node: &Node) -> Option<Literal> {
    match &node.value {
        super::document::Value::Unknown(text) => Some(Literal::text(text)),
        _ => node.text().map(Literal::text),
    }
}
