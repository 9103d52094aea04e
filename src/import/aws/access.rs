//! What the execution role of a function allows.

use super::super::document::Node;
use super::super::draft::Function;
use super::super::policies::Policies;
use super::super::table::{Field, Table};
use super::super::template::resource;
use super::Stack;

/// Reads the role: of the template, written out with the function (SAM), or somewhere else.
pub(super) fn role(t: &Table<'_>, f: &mut Function, stack: &Stack, sam: bool) {
    let own = t.get("Policies");
    if let Some(field) = t.get("Role") {
        if let Some(own) = &own {
            own.note("not looked at: the function has a role", "SAM does so too.");
        }
        match resource(field.node).and_then(|id| of_role(id, stack)) {
            Some(policies) => policies.set(f, &field.origin()),
            None => field.note("what the role allows is not in the file", "Add it as `deployment.role`, for `faascast check`."),
        }
        return;
    }
    if !sam {
        return;
    }
    // The role that SAM makes (AWS SAM specification, managed policies by property and event).
    let mut policies = Policies::default();
    let durable = t.get("DurableConfig").is_some();
    policies.managed(if durable { "AWSLambdaBasicDurableExecutionRolePolicy" } else { "AWSLambdaBasicExecutionRole" });
    if t.get("Tracing").is_some() {
        policies.managed("AWSXrayWriteOnlyAccess");
    }
    if t.get("VpcConfig").is_some() {
        policies.managed("AWSLambdaVPCAccessExecutionRole");
    }
    for event in t.get("Events").and_then(|field| field.node.entries()).unwrap_or_default() {
        match event.node.get("Type").and_then(Node::text) {
            Some("SQS") => policies.managed("AWSLambdaSQSQueueExecutionRole"),
            Some("DynamoDB") => policies.managed("AWSLambdaDynamoDBExecutionRole"),
            Some("Kinesis") => policies.managed("AWSLambdaKinesisExecutionRole"),
            Some("MSK") => policies.managed("AWSLambdaMSKExecutionRole"),
            _ => {}
        }
    }
    if let Some(queue) = t.table("DeadLetterQueue") {
        let topic = queue.get("Type").is_some_and(|field| field.node.text() == Some("SNS"));
        let action = if topic { "sns:Publish" } else { "sqs:SendMessage" };
        policies.allow(vec![action.to_owned()], queue.get("TargetArn").and_then(|field| field.loose()).into_iter().collect());
    }
    let origin = own.as_ref().map_or_else(|| f.origin.clone().remark("the role that SAM makes"), Field::origin);
    for policy in own.iter().flat_map(Field::items) {
        one(&policy, &mut policies, stack);
    }
    policies.set(f, &origin);
}

/// A policy: by name or address, a document, a policy of the template, or a template of SAM.
fn one(policy: &Field<'_>, policies: &mut Policies, stack: &Stack) {
    if let Some(id) = resource(policy.node) {
        match stack.resource(id).map(|found| &found.properties) {
            Some(properties) => {
                stack.used.borrow_mut().insert(id.to_owned());
                document(properties.get("PolicyDocument"), policies, stack);
            }
            None => policies.managed(id),
        }
        return;
    }
    match policy.node.entries() {
        Some([template]) if template.key != "Statement" => policies.managed(&template.key),
        Some(_) => document(Some(policy.node), policies, stack),
        None => {
            if let Some(name) = policy.loose() {
                policies.managed(&name);
            }
        }
    }
}

/// The statements of a document.
fn document(document: Option<&Node>, policies: &mut Policies, stack: &Stack) {
    let Some(table) = document.and_then(|document| Table::open(document, "PolicyDocument", &stack.notes)) else { return };
    table.no_effect(&["Version", "Id"]);
    for statement in table.get("Statement").map(|field| field.items()).unwrap_or_default() {
        policies.statement(&statement);
    }
}

/// What a role of the template allows, with the policies that are attached to it; `None` if there is no such role.
fn of_role(id: &str, stack: &Stack) -> Option<Policies> {
    let role = stack.resource(id).filter(|found| found.kind == "AWS::IAM::Role")?;
    let mut policies = Policies::default();
    stack.used.borrow_mut().insert(id.to_owned());
    let t = Table::open(&role.properties, format!("Resources.{id}.Properties"), &stack.notes)?;
    t.no_effect(&["AssumeRolePolicyDocument", "RoleName", "Path", "Description", "Tags", "MaxSessionDuration"]);
    let items = |key: &str| t.get(key).map(|field| field.items()).unwrap_or_default();
    for policy in items("ManagedPolicyArns") {
        match resource(policy.node).and_then(|id| stack.resource(id)) {
            Some(found) => {
                stack.used.borrow_mut().insert(found.id.clone());
                document(found.properties.get("PolicyDocument"), &mut policies, stack);
            }
            None => policies.managed(&super::super::table::words(policy.node)),
        }
    }
    for policy in items("Policies") {
        document(policy.node.get("PolicyDocument"), &mut policies, stack);
    }
    let attaches = |node: &Node| {
        node.get("Roles").and_then(Node::list).is_some_and(|roles| roles.iter().any(|role| resource(role) == Some(id)))
    };
    let attached =
        stack.resources.iter().filter(|found| matches!(found.kind.as_str(), "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy"));
    for policy in attached.filter(|found| attaches(&found.properties)) {
        stack.used.borrow_mut().insert(policy.id.clone());
        document(policy.properties.get("PolicyDocument"), &mut policies, stack);
    }
    Some(policies)
}
