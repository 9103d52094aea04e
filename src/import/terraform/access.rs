//! What the execution role of a function allows: the role, its policies and what is attached to it.

use super::super::document::{self, Node, Value};
use super::super::draft::Function;
use super::super::policies::Policies;
use super::super::table::{Field, words};
use super::{Estate, Resource};

/// Reads the role that a function names.
pub(super) fn role(field: &Field<'_>, f: &mut Function, of: &Resource, estate: &Estate<'_>) {
    let text = words(field.node);
    let is_role = |resource: &&Resource| resource.kind == "aws_iam_role" && meant(&text, resource, of);
    let Some(role) = estate.resources.iter().find(is_role) else {
        field.note("what the role allows is not in the plan", "Add it as `deployment.role`, for `faascast check`.");
        return;
    };
    estate.used(&role.address);
    let mut policies = Policies::default();
    let mut opaque = false;
    for policy in items(role.values.get("inline_policy")) {
        opaque |= !document(policy.get("policy"), estate, &mut policies);
    }
    for address in items(role.values.get("managed_policy_arns")) {
        policies.managed(&words(address));
    }
    let attached = |resource: &&Resource| {
        let to = resource.values.get("role").map(words).unwrap_or_default();
        matches!(resource.kind.as_str(), "aws_iam_role_policy" | "aws_iam_role_policy_attachment") && meant(&to, role, resource)
    };
    for resource in estate.resources.iter().filter(attached) {
        estate.used(&resource.address);
        if resource.kind == "aws_iam_role_policy" {
            opaque |= !document(resource.values.get("policy"), estate, &mut policies);
            continue;
        }
        let address = resource.values.get("policy_arn").map(words).unwrap_or_default();
        let own = estate.resources.iter().find(|other| other.kind == "aws_iam_policy" && meant(&address, other, resource));
        match own {
            Some(own) => {
                estate.used(&own.address);
                opaque |= !document(own.values.get("policy"), estate, &mut policies);
            }
            None => policies.managed(&address),
        }
    }
    if opaque {
        let hint = "Plan again when the resources that it names exist, or complete `deployment.role` yourself.";
        field.note("a policy of the role is known after deployment only", hint);
    }
    policies.set(f, &field.origin());
}

/// Whether a text means a resource: by a reference from its own module, by name, or by address.
fn meant(text: &str, resource: &Resource, from: &Resource) -> bool {
    match text.strip_prefix("${") {
        Some(reference) => {
            let rest = reference.strip_prefix(resource.local().as_str());
            let whole = rest.is_some_and(|rest| rest.starts_with(['.', '[', '}']));
            let same = resource.index.is_empty() || from.index.is_empty() || resource.index == from.index;
            whole && same && resource.module == from.module
        }
        None => {
            let name = resource.values.get("name").and_then(Node::text);
            !text.is_empty() && name == Some(text.rsplit('/').next().unwrap_or(text))
        }
    }
}

/// The elements of a block that may stand more than once.
fn items(node: Option<&Node>) -> Vec<&Node> {
    match node.map(|node| &node.value) {
        Some(Value::List(items)) => items.iter().collect(),
        Some(_) => node.into_iter().collect(),
        None => Vec::new(),
    }
}

/// Adds a policy that is written as JSON in a text; whether it is known.
fn document(policy: Option<&Node>, estate: &Estate<'_>, policies: &mut Policies) -> bool {
    let Some(text) = policy.and_then(Node::text) else { return policy.is_none() };
    let Ok(read) = document::read(text, "") else { return false };
    let Some(statements) = read.get("Statement") else { return true };
    let mut statements = statements.clone();
    // Places inside of the text are not those of the file.
    moved(&mut statements, policy.map(|node| node.place).unwrap_or_default());
    Field::at(&statements, "policy.Statement", &estate.notes).items().iter().for_each(|one| policies.statement(one));
    true
}

/// Gives a whole tree one place.
pub(super) fn moved(node: &mut Node, place: document::Place) {
    node.place = place;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| moved(item, place)),
        Value::Map(entries) => {
            for entry in entries {
                entry.place = place;
                moved(&mut entry.node, place);
            }
        }
        _ => {}
    }
}
