//! Functions of AWS Lambda in a plan, and the resources that refer to them.

use super::super::aws::function::{asynchronous, settings, whole};
use super::super::aws::links::{PERMITTED, caller, invoker};
use super::super::draft::{Call, Draft, Function};
use super::super::literal::Literal;
use super::super::notes::Why;
use super::super::schedule::{Dialect, rate};
use super::super::table::{Field, Table, words};
use super::{Estate, Resource, access};

const NO_EFFECT: &[&str] = &[
    "arn",
    "id",
    "invoke_arn",
    "response_streaming_invoke_arn",
    "qualified_arn",
    "qualified_invoke_arn",
    "last_modified",
    "version",
    "publish",
    "publish_to",
    "source_code_hash",
    "source_code_size",
    "code_sha256",
    "s3_object_version",
    "source_kms_key_arn",
    "signing_job_arn",
    "signing_profile_version_arn",
    "skip_destroy",
    "replace_security_groups_on_destroy",
    "replacement_security_group_ids",
    "logging_config",
    "tracing_config",
    "tags_all",
    "timeouts",
];

/// Resources that are read where others refer to them.
pub(super) const PASSIVE: &[&str] =
    &["aws_iam_role", "aws_iam_policy", "aws_iam_role_policy", "aws_iam_role_policy_attachment", "aws_cloudwatch_event_rule"];

/// Reads a function into the last one of the draft.
pub(super) fn function(t: &Table<'_>, resource: &Resource, estate: &Estate<'_>, draft: &mut Draft) {
    estate.region(t, "region", "aws", draft);
    let Some(f) = draft.functions.last_mut() else { return };
    t.no_effect(NO_EFFECT);
    settings(t, f);
    let text = |key: &str| t.get(key).and_then(|field| Some((field.loose()?, field.origin())));
    match (text("filename"), text("s3_bucket"), text("s3_key")) {
        (Some((path, origin)), ..) => f.push("deployment.code", Literal::text(&path), origin),
        (None, Some((bucket, origin)), key) => {
            let address = format!("s3://{bucket}/{}", key.map(|(key, _)| key).unwrap_or_default());
            f.push("deployment.code", Literal::text(&address), origin);
        }
        _ => {}
    }
    for system in t.get("file_system_config").map(|field| field.items()).unwrap_or_default() {
        let Some(table) = system.table() else { continue };
        table.no_effect(&["arn"]);
        if let Some(path) = table.get("local_mount_path").and_then(|field| field.loose()) {
            f.push("deployment.mounts", Literal::table(&[("path", Some(Literal::text(&path)))]), system.origin());
        }
    }
    if let Some(role) = t.get("role") {
        access::role(&role, f, resource, estate);
    }
}

/// Reads what refers to functions; whether it is something of the kind.
pub(super) fn other(resource: &Resource, estate: &Estate<'_>, draft: &mut Draft) -> bool {
    let target = match resource.kind.as_str() {
        "aws_lambda_provisioned_concurrency_config"
        | "aws_lambda_function_event_invoke_config"
        | "aws_lambda_event_source_mapping"
        | "aws_lambda_function_url"
        | "aws_lambda_permission"
        | "aws_lambda_alias" => "function_name",
        "aws_cloudwatch_event_target" => "arn",
        "aws_sns_topic_subscription" => "endpoint",
        "aws_scheduler_schedule" => "target",
        "aws_s3_bucket_notification" => "lambda_function",
        "aws_lambda_layer_version" | "aws_lambda_code_signing_config" => {
            estate.notes.left(Why::NoEffect, &resource.kind, resource.place);
            return true;
        }
        // Those that functions and targets refer to were read with them, or will be.
        kind => return PASSIVE.contains(&kind),
    };
    let Some(t) = estate.open(resource) else { return true };
    t.no_effect(&["id", "arn", "region", "timeouts", "tags", "tags_all", "function_arn"]);
    let Some(field) = t.get(target) else { return true };
    let mut linked = false;
    for one in field.items() {
        let meant = match resource.kind.as_str() {
            "aws_scheduler_schedule" => one.node.get("arn"),
            "aws_s3_bucket_notification" => one.node.get("lambda_function_arn"),
            "aws_sns_topic_subscription" if t.get("protocol").is_none_or(|field| field.node.text() != Some("lambda")) => None,
            _ => Some(one.node),
        };
        let Some(meant) = meant else { continue };
        let meant = Field::at(meant, &one.path, &estate.notes);
        // Rules and schedules have targets of many kinds.
        let mixed = matches!(target, "arn" | "target");
        let index = if mixed { estate.function(meant.node, resource) } else { estate.target(&meant, resource) };
        if let Some(f) = index.and_then(|index| draft.functions.get_mut(index)) {
            link(resource, &t, f, estate);
            linked = true;
        } else if !mixed {
            // It has been said.
            linked = true;
        }
    }
    if !linked {
        let _ = t.all();
    }
    linked
}

fn link(resource: &Resource, t: &Table<'_>, f: &mut Function, estate: &Estate<'_>) {
    match resource.kind.as_str() {
        "aws_lambda_provisioned_concurrency_config" => {
            t.no_effect(&["qualifier", "skip_destroy"]);
            whole(t, f, "provisioned_concurrent_executions", "provisioned");
        }
        "aws_lambda_function_event_invoke_config" => {
            asynchronous(t, f);
            t.no_effect(&["qualifier"]);
        }
        "aws_lambda_event_source_mapping" => mapping(t, f),
        "aws_lambda_function_url" => address(t, f),
        "aws_lambda_permission" => permission(t, f),
        "aws_cloudwatch_event_target" => target(resource, t, f, estate),
        "aws_sns_topic_subscription" => {
            t.no_effect(&["filter_policy", "filter_policy_scope", "raw_message_delivery", "endpoint_auto_confirms"]);
            called(t, f, "sns", t.get("topic_arn").as_ref(), Call::Async, None);
        }
        "aws_s3_bucket_notification" => called(t, f, "s3", t.get("bucket").as_ref(), Call::Async, None),
        "aws_scheduler_schedule" => {
            t.no_effect(&[
                "name",
                "name_prefix",
                "group_name",
                "description",
                "flexible_time_window",
                "schedule_expression_timezone",
            ]);
            if t.get("state").is_some_and(|field| field.node.text() == Some("DISABLED")) {
                t.note("the schedule is switched off", "It sends nothing and is left out.");
                return;
            }
            let rated = t.get("schedule_expression").and_then(|field| rate(field.text()?, Dialect::Aws));
            called(t, f, "timer", None, Call::Async, rated);
        }
        _ => t.no_effect(&["name", "description", "function_version", "invoke_arn", "routing_config"]),
    }
}

fn called(t: &Table<'_>, f: &mut Function, kind: &str, source: Option<&Field<'_>>, call: Call, rated: Option<String>) {
    let source = source.map(|field| words(field.node)).filter(|text| !text.is_empty());
    let literal = Literal::table(&[("kind", Some(Literal::text(kind))), ("source", source.as_deref().map(Literal::text))]);
    f.push("deployment.triggers", literal, t.origin());
    f.called(call, kind, rated, t.origin());
}

/// What polls a queue or a stream.
fn mapping(t: &Table<'_>, f: &mut Function) {
    t.no_effect(&["starting_position", "starting_position_timestamp", "filter_criteria", "uuid", "state", "kms_key_arn"]);
    if t.get("enabled").is_some_and(|field| field.node.flag() == Some(false)) {
        t.note("the event source is switched off", "It sends nothing and is left out.");
        return;
    }
    let source = t.first(&["event_source_arn", "self_managed_event_source"]);
    let text = source.as_ref().map(|field| words(field.node).to_ascii_lowercase()).unwrap_or_default();
    let kinds = ["sqs", "kinesis", "dynamodb", "mq", "kafka", "docdb"];
    let kind = kinds.iter().find(|kind| text.contains(**kind)).map_or("queue", |kind| match *kind {
        "docdb" => "documentdb",
        other => other,
    });
    called(t, f, kind, source.as_ref(), Call::Queue, None);
}

/// An address of the function itself.
fn address(t: &Table<'_>, f: &mut Function) {
    t.no_effect(&["cors", "invoke_mode", "qualifier", "function_url", "url_id"]);
    let auth = t.get("authorization_type").and_then(|field| field.text());
    let auth = auth.map(|auth| if auth == "NONE" { "anonymous" } else { "iam" });
    let literal = Literal::table(&[("kind", Some(Literal::text("url"))), ("auth", auth.map(Literal::text))]);
    f.push("deployment.triggers", literal, t.origin());
    if auth == Some("anonymous") {
        invoker(f, "*", t.origin());
    }
    f.called(Call::Sync, "url", None, t.origin());
}

/// A permission says who invokes the function, and so what triggers it.
fn permission(t: &Table<'_>, f: &mut Function) {
    t.no_effect(&[
        "action",
        "statement_id",
        "statement_id_prefix",
        "qualifier",
        "source_account",
        "event_source_token",
        "function_url_auth_type",
        "invoked_via_function_url",
        "principal_org_id",
    ]);
    let source = t.get("source_arn");
    let Some(principal) = t.get("principal").and_then(|field| field.loose()) else { return };
    invoker(f, &principal, t.origin());
    let Some((kind, call)) = caller(&principal) else { return };
    // Who may call through a gateway is written there, and what calls is not its path.
    let source = source.filter(|_| kind != "api-gateway").map(|field| words(field.node));
    let literal = Literal::table(&[("kind", Some(Literal::text(kind))), ("source", source.as_deref().map(Literal::text))]);
    f.push("deployment.triggers", literal, t.origin().remark(PERMITTED));
    f.called(call, kind, None, t.origin().remark(PERMITTED));
}

/// The target of a rule of EventBridge; the rule says how often.
fn target(resource: &Resource, t: &Table<'_>, f: &mut Function, estate: &Estate<'_>) {
    t.no_effect(&[
        "target_id",
        "input",
        "input_path",
        "input_transformer",
        "retry_policy",
        "dead_letter_config",
        "force_destroy",
    ]);
    let bus = t.get("event_bus_name");
    let rule = t.get("rule").map(|field| words(field.node)).unwrap_or_default();
    let named = |other: &&Resource| {
        let same = other.kind == "aws_cloudwatch_event_rule" && other.module == resource.module;
        let name = other.values.get("name").and_then(|node| node.text());
        same && (name == Some(rule.as_str()) || rule.starts_with(&format!("${{{}.", other.local())))
    };
    let Some(rule_of) = estate.resources.iter().find(named) else {
        return called(t, f, "eventbridge", bus.as_ref(), Call::Async, None);
    };
    let Some(rule) = estate.open(rule_of) else { return };
    estate.used(rule_of.address.as_str());
    let off = rule.get("state").is_some_and(|field| field.node.text() == Some("DISABLED"))
        || rule.get("is_enabled").is_some_and(|field| field.node.flag() == Some(false));
    if off {
        rule.note("the rule is switched off", "It sends nothing and is left out.");
        return;
    }
    let expression = rule.get("schedule_expression");
    rule.rest_without_effect();
    match expression.and_then(|field| field.text().map(str::to_owned)).filter(|text| !text.is_empty()) {
        Some(text) => called(t, f, "timer", None, Call::Async, rate(&text, Dialect::Aws)),
        None => called(t, f, "eventbridge", bus.as_ref(), Call::Async, None),
    }
}
