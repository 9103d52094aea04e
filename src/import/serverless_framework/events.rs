//! Events of a function on AWS: what calls it, and how callers prove who they are.

use super::super::aws::links::invoker;
use super::super::document::Node;
use super::super::draft::{Call, Function, Origin};
use super::super::literal::Literal;
use super::super::schedule::{Dialect, rate};
use super::super::table::{Field, Table, words};

/// A kind of event: its name in the file, the kind of trigger, how it calls, the keys of its source, and who invokes the
/// function.
type Known = (&'static str, &'static str, Call, &'static [&'static str], &'static str);

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    ("http", "api-gateway-rest", Call::Sync, &[], "apigateway.amazonaws.com"),
    ("httpApi", "api-gateway-http", Call::Sync, &[], "apigateway.amazonaws.com"),
    ("websocket", "api-gateway-websocket", Call::Sync, &[], "apigateway.amazonaws.com"),
    ("alb", "alb", Call::Sync, &["listenerArn"], "elasticloadbalancing.amazonaws.com"),
    ("schedule", "timer", Call::Async, &[], "events.amazonaws.com"),
    ("s3", "s3", Call::Async, &["bucket"], "s3.amazonaws.com"),
    ("sns", "sns", Call::Async, &["arn", "topicName"], "sns.amazonaws.com"),
    ("sqs", "sqs", Call::Queue, &["arn"], ""),
    ("stream", "kinesis", Call::Queue, &["arn"], ""),
    ("msk", "msk", Call::Queue, &["arn"], ""),
    ("kafka", "kafka", Call::Queue, &["bootstrapServers", "topic"], ""),
    ("activemq", "mq", Call::Queue, &["arn"], ""),
    ("rabbitmq", "mq", Call::Queue, &["arn"], ""),
    ("eventBridge", "eventbridge", Call::Async, &["eventBus"], "events.amazonaws.com"),
    ("cloudwatchEvent", "eventbridge", Call::Async, &["event"], "events.amazonaws.com"),
    ("cloudwatchLog", "cloudwatch-logs", Call::Async, &["logGroup"], "logs.amazonaws.com"),
    ("iot", "iot", Call::Async, &["sql"], "iot.amazonaws.com"),
    ("iotFleetProvisioning", "iot", Call::Sync, &["templateName"], "iot.amazonaws.com"),
    ("cognitoUserPool", "cognito", Call::Sync, &["pool"], "cognito-idp.amazonaws.com"),
    ("alexaSkill", "alexa", Call::Sync, &["appId"], "alexa-appkit.amazon.com"),
    ("alexaSmartHome", "alexa", Call::Sync, &["appId"], "alexa-connectedhome.amazon.com"),
    ("cloudFront", "cloudfront", Call::Sync, &["origin"], "edgelambda.amazonaws.com"),
];

/// Keys of events that change neither cost nor capacity here.
const NO_EFFECT: &[&str] = &[
    "path",
    "method",
    "cors",
    "request",
    "response",
    "operationId",
    "payload",
    "integration",
    "connectionId",
    "connectionType",
    "connectionMode",
    "schema",
    "schemas",
    "route",
    "routeResponseSelectionExpression",
    "priority",
    "conditions",
    "healthCheck",
    "multiValueHeaders",
    "name",
    "description",
    "input",
    "inputPath",
    "inputTransformer",
    "timezone",
    "rules",
    "existing",
    "forceDeploy",
    "filterPolicy",
    "filterPolicyScope",
    "filterPatterns",
    "filter",
    "displayName",
    "startingPosition",
    "startingPositionTimestamp",
    "pattern",
    "sqlVersion",
    "trigger",
    "eventType",
    "isDefaultOrigin",
    "pathPattern",
    "includeBody",
    "roleArn",
    "consumerGroupId",
    "swagger",
    "documentation",
    "summary",
    "tags",
];

/// Reads the events, and the address of the function.
pub(super) fn read(t: &Table<'_>, f: &mut Function) {
    f.declare("deployment.triggers", t.get("events").map_or_else(|| t.origin().remark("no events"), |field| field.origin()));
    if let Some(url) = t.get("url") {
        address(&url, f);
    }
    let Some(events) = t.get("events") else { return };
    for event in events.items() {
        match event.node.entries() {
            Some(entries) => {
                let Some(table) = event.table() else { continue };
                let known = |name: &str| KNOWN.iter().any(|(known, ..)| *known == name);
                let kind = entries.iter().find(|entry| known(&entry.key)).or(entries.first());
                let Some(kind) = kind else { continue };
                // `- http:` has no settings, and is an event all the same.
                let empty = || table.all().into_iter().find(|(key, _)| *key == kind.key).map(|(_, field)| field);
                if let Some(field) = table.get(&kind.key).or_else(empty) {
                    one(&kind.key, &field, f);
                }
            }
            // `- alexaSkill`.
            None => {
                if let Some(kind) = event.text() {
                    one(kind, &event, f);
                }
            }
        }
    }
}

/// An address of the function itself: `url: true`, or with settings.
fn address(field: &Field<'_>, f: &mut Function) {
    if field.node.flag() == Some(false) {
        return;
    }
    let table = field.node.entries().and_then(|_| field.table());
    let signed = table.as_ref().and_then(|table| {
        table.no_effect(&["cors", "invokeMode"]);
        table.get("authorizer")
    });
    let auth = if signed.is_some() { "iam" } else { "anonymous" };
    trigger(f, "url", Some(auth), None, field.origin());
    if signed.is_none() {
        invoker(f, "*", field.origin());
    }
    f.called(Call::Sync, "url", None, field.origin());
}

fn trigger(f: &mut Function, kind: &str, auth: Option<&str>, source: Option<&str>, origin: Origin) {
    let literal = Literal::table(&[
        ("kind", Some(Literal::text(kind))),
        ("auth", auth.map(Literal::text)),
        ("source", source.map(Literal::text)),
    ]);
    f.push("deployment.triggers", literal, origin);
}

fn one(name: &str, field: &Field<'_>, f: &mut Function) {
    let Some((_, kind, call, source, who)) = KNOWN.iter().find(|(known, ..)| *known == name) else {
        field.note(format!("an event of the kind `{name}`, which is not known"), "Write its traffic and its trigger yourself.");
        return;
    };
    let table = field.node.entries().and_then(|_| field.table());
    let (mut kind, mut call) = (*kind, *call);
    let mut from = if source.is_empty() || table.is_some() || field.node.is_null() {
        None
    } else {
        field.loose().filter(|text| text != name)
    };
    let (mut auth, mut rates) = (None, Vec::new());
    if let Some(table) = &table {
        table.no_effect(NO_EFFECT);
        if ["enabled", "state"].iter().any(|key| table.get(key).is_some_and(|field| off(field.node))) {
            table.note("the event is switched off", "It sends nothing and is left out.");
            let _ = table.all();
            return;
        }
        from = source.iter().find_map(|key| table.get(key)).map(|field| shown(field.node)).filter(|text| !text.is_empty());
        if table.get("async").is_some_and(|field| field.node.flag() == Some(true)) {
            call = Call::Async;
        }
        if table.get("private").is_some_and(|field| field.node.flag() == Some(true)) {
            auth = Some("api-key".to_owned());
        }
        if let Some(of_stream) = table.get("type").and_then(|field| field.text())
            && name == "stream"
            && of_stream == "dynamodb"
        {
            kind = "dynamodb";
        }
    }
    if name == "stream" && from.as_ref().is_some_and(|address| address.contains(":dynamodb:")) {
        kind = "dynamodb";
    }
    if matches!(name, "http" | "httpApi" | "alb" | "websocket") {
        let authorizer = table.as_ref().and_then(|table| table.get("authorizer"));
        auth = authorizer.map(|field| proof(field.node)).or(auth);
        // What a balancer checks stands with its listener; a gateway that is open says so by naming no authorizer.
        if auth.is_none() && name != "alb" {
            auth = Some("anonymous".to_owned());
        }
    }
    let schedule = match name {
        "schedule" => table.as_ref().map_or_else(|| Some(field.clone()), |table| table.get("rate")),
        "eventBridge" => table.as_ref().and_then(|table| table.get("schedule")),
        _ => None,
    };
    if let Some(schedule) = schedule {
        kind = "timer";
        rates = schedule.items().iter().filter_map(|one| Some((one.clone(), one.text()?.to_owned()))).collect();
    }
    if name == "cloudFront" {
        let hint = "The forecast is that of an ordinary function: functions at the edge have prices of their own.";
        field.warn("the function runs at the edge (Lambda@Edge)", hint);
    }
    trigger(f, kind, auth.as_deref(), from.as_deref(), field.origin());
    if !who.is_empty() {
        invoker(f, who, field.origin());
    }
    if auth.as_deref() == Some("anonymous") && name == "alb" {
        invoker(f, "*", field.origin());
    }
    let label = label(name, field.node);
    if rates.is_empty() {
        f.called(call, format!("{kind} {label}").trim(), None, field.origin());
    }
    for (at, text) in rates {
        let rated = rate(&text, Dialect::Aws);
        if rated.is_none() {
            at.note("a schedule whose rate is not known", "Write the rate of its traffic yourself.");
        }
        f.called(call, format!("{kind} {label}").trim(), rated, field.origin());
    }
}

/// Whether an event is switched off: `enabled: false`, `state: DISABLED`.
fn off(node: &Node) -> bool {
    node.flag() == Some(false) || node.text() == Some("DISABLED")
}

/// How callers prove who they are, by an authorizer: its type, or its name.
fn proof(node: &Node) -> String {
    let named = ["type", "name", "arn", "id"].iter().find_map(|key| node.get(key)).unwrap_or(node);
    let text = words(named);
    match text.to_ascii_lowercase().as_str() {
        "aws_iam" | "iam" => "iam".to_owned(),
        "" => "authorizer".to_owned(),
        _ => text,
    }
}

/// A source as a text: its address, or what is known of it.
fn shown(node: &Node) -> String {
    match node.entries() {
        Some(_) => node.get("arn").or_else(|| node.get("name")).map(words).unwrap_or_default(),
        None if node.list().is_some() => node.list().unwrap_or_default().iter().map(words).collect::<Vec<_>>().join(", "),
        None => words(node),
    }
}

/// What tells events of one kind apart: method and path.
fn label(name: &str, node: &Node) -> String {
    match name {
        "http" | "httpApi" | "alb" => {
            let one = |key: &str| node.get(key).map(shown).unwrap_or_default();
            let text = node.text().map_or_else(|| format!("{} {}", one("method"), one("path")), str::to_owned);
            super::super::literal::cut(&text, 40)
        }
        _ => String::new(),
    }
}
