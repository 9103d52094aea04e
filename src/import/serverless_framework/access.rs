//! The execution role: the one that the framework makes, or one of the resources.

use super::super::document::Node;
use super::super::draft::Function;
use super::super::policies::Policies;
use super::super::table::{Field, Table, words};
use super::super::template::resource;
use super::aws::Service;

/// Reads the role of a function.
pub(super) fn role(t: &Table<'_>, f: &mut Function, service: &Service<'_>) {
    let own = t.get("iamRoleStatements");
    let (inherit, _) = (t.get("iamRoleStatementsInherit"), t.get("iamRoleStatementsName"));
    if let Some(field) = t.get("role").or_else(|| provided(service)) {
        return named(&field, f, service);
    }
    // The role that the framework makes (Serverless Framework, "IAM Permissions for Functions").
    let mut policies = Policies::default();
    let logs = ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:TagResource", "logs:PutLogEvents"];
    policies.allow(logs.map(str::to_owned).to_vec(), vec!["arn:aws:logs:*:*:log-group:/aws/lambda/*".to_owned()]);
    if t.get("vpc").is_some() {
        policies.managed("AWSLambdaVPCAccessExecutionRole");
    }
    for event in t.get("events").map(|field| field.items()).unwrap_or_default() {
        polled(event.node, &mut policies);
    }
    let mut origin = t.origin().remark("the role that the framework makes");
    if let Some(own) = &own {
        // A plugin gives each function a role of its own.
        own.items().iter().for_each(|statement| policies.statement(statement));
        origin = own.origin();
    }
    let inherited = inherit.and_then(|field| field.flag()).unwrap_or(false);
    if own.is_none() || inherited {
        shared(service, &mut policies);
    }
    policies.set(f, &origin);
}

/// What the framework allows a function for the queues and streams that it is fed from.
fn polled(event: &Node, policies: &mut Policies) {
    let [entry] = event.entries().unwrap_or_default() else { return };
    let source = words(entry.node.get("arn").unwrap_or(&entry.node));
    let actions: &[&str] = match entry.key.as_str() {
        "sqs" => &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        "stream" if source.contains(":dynamodb:") || entry.node.get("type").and_then(Node::text) == Some("dynamodb") => {
            &["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"]
        }
        "stream" => &["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListStreams"],
        _ => return,
    };
    let resources = if source.is_empty() { Vec::new() } else { vec![source] };
    policies.allow(actions.iter().map(|action| (*action).to_owned()).collect(), resources);
}

/// The role that the provider names for all functions.
fn provided<'s>(service: &'s Service<'_>) -> Option<Field<'s>> {
    let field = |node: &'s Node, path: &str| Some(Field::at(node, path, service.notes));
    let role = service.provider.at(&["iam", "role"]);
    match role {
        Some(node) if node.entries().is_none() && !node.is_null() => field(node, "provider.iam.role"),
        _ => service.provider.get("role").filter(|node| !node.is_null()).and_then(|node| field(node, "provider.role")),
    }
}

/// Statements and policies of the provider, for the role of all functions.
fn shared(service: &Service<'_>, policies: &mut Policies) {
    let provider = service.provider;
    let lists = [
        ("provider.iam.role.statements", provider.at(&["iam", "role", "statements"])),
        ("provider.iamRoleStatements", provider.get("iamRoleStatements")),
    ];
    for (path, node) in lists.into_iter().filter_map(|(path, node)| Some((path, node?))) {
        Field::at(node, path, service.notes).items().iter().for_each(|statement| policies.statement(statement));
    }
    for node in [provider.at(&["iam", "role", "managedPolicies"]), provider.get("iamManagedPolicies")].into_iter().flatten() {
        node.list().unwrap_or_default().iter().for_each(|policy| policies.managed(&words(policy)));
    }
}

/// A role by its address, or a resource of the file.
fn named(field: &Field<'_>, f: &mut Function, service: &Service<'_>) {
    let of_address = resource(field.node).map(str::to_owned);
    let id = of_address.or_else(|| field.node.text().map(|name| name.split('.').next().unwrap_or(name).to_owned()));
    let parts = super::parts(service.resources);
    let found = id.and_then(|id| parts.into_iter().find_map(|part| part.at(&["Resources", &id, "Properties"])));
    let Some(role) = found else {
        field.note("what the role allows is not in the file", "Add it as `deployment.role`, for `faascast check`.");
        return;
    };
    let role = (service.evaluated)(role);
    let mut policies = Policies::default();
    for policy in role.get("ManagedPolicyArns").and_then(Node::list).unwrap_or_default() {
        policies.managed(&words(policy));
    }
    for policy in role.get("Policies").and_then(Node::list).unwrap_or_default() {
        let Some(statements) = policy.at(&["PolicyDocument", "Statement"]) else { continue };
        let statements = Field::at(statements, "resources.Resources", service.notes);
        statements.items().iter().for_each(|statement| policies.statement(statement));
    }
    policies.set(f, &field.origin());
}
