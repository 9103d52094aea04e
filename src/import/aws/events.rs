//! Events of a function in SAM, and its address: what calls it, and how callers prove who they are.

use super::super::document::Node;
use super::super::draft::{Call, Function};
use super::super::literal::Literal;
use super::super::schedule::{Dialect, rate};
use super::super::table::{Field, Table};
use super::super::template::resource;
use super::{Apis, loose};

/// A kind of event: its name in SAM, the kind of trigger, how it calls, the key of its source, and who invokes the function.
type Known = (&'static str, &'static str, Call, &'static str, &'static str);

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    ("Api", "api-gateway-rest", Call::Sync, "", "apigateway.amazonaws.com"),
    ("HttpApi", "api-gateway-http", Call::Sync, "", "apigateway.amazonaws.com"),
    ("S3", "s3", Call::Async, "Bucket", "s3.amazonaws.com"),
    ("SNS", "sns", Call::Async, "Topic", "sns.amazonaws.com"),
    ("SQS", "sqs", Call::Queue, "Queue", ""),
    ("Kinesis", "kinesis", Call::Queue, "Stream", ""),
    ("DynamoDB", "dynamodb", Call::Queue, "Stream", ""),
    ("DocumentDB", "documentdb", Call::Queue, "Cluster", ""),
    ("MSK", "msk", Call::Queue, "Stream", ""),
    ("MQ", "mq", Call::Queue, "Broker", ""),
    ("SelfManagedKafka", "kafka", Call::Queue, "Topics", ""),
    ("Schedule", "timer", Call::Async, "", "events.amazonaws.com"),
    ("ScheduleV2", "timer", Call::Async, "", ""),
    ("EventBridgeRule", "eventbridge", Call::Async, "EventBusName", "events.amazonaws.com"),
    ("CloudWatchEvent", "eventbridge", Call::Async, "EventBusName", "events.amazonaws.com"),
    ("CloudWatchLogs", "cloudwatch-logs", Call::Async, "LogGroupName", "logs.amazonaws.com"),
    ("IoTRule", "iot", Call::Async, "Sql", "iot.amazonaws.com"),
    ("Cognito", "cognito", Call::Sync, "UserPool", "cognito-idp.amazonaws.com"),
    ("AlexaSkill", "alexa", Call::Sync, "SkillId", "alexa-appkit.amazon.com"),
];

/// Keys of events that change neither cost nor capacity here.
const NO_EFFECT: &[&str] = &[
    "Path",
    "Method",
    "Events",
    "Filter",
    "FilterCriteria",
    "FilterPolicy",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Name",
    "Description",
    "Input",
    "InputPath",
    "RequestParameters",
    "RequestModel",
    "PayloadFormatVersion",
    "Pattern",
    "Target",
    "RuleName",
    "Trigger",
    "InputTransformer",
    "TimeoutInMillis",
    "RouteSettings",
    "RoleArn",
    "Variables",
];

/// Reads events and the address.
pub(super) fn read(t: &Table<'_>, f: &mut Function, apis: &Apis<'_>) {
    if let Some(config) = t.table("FunctionUrlConfig") {
        address(&config, f);
    }
    let Some(events) = t.table("Events") else { return };
    for (name, field) in events.all() {
        if let Some(event) = field.table() {
            one(name, &event, &field, f, apis);
        }
    }
}

/// An address of the function itself.
pub(super) fn address(t: &Table<'_>, f: &mut Function) {
    t.no_effect(&["Cors", "InvokeMode", "Qualifier"]);
    let auth = t.get("AuthType").and_then(|field| field.text()).map(|auth| if auth == "NONE" { "anonymous" } else { "iam" });
    let trigger = Literal::table(&[("kind", Some(Literal::text("url"))), ("auth", auth.map(Literal::text))]);
    f.push("deployment.triggers", trigger, t.origin());
    if auth == Some("anonymous") {
        f.push("deployment.invokers", Literal::text("*"), t.origin());
    }
    f.called(Call::Sync, "url", None, t.origin());
}

fn one(name: &str, event: &Table<'_>, field: &Field<'_>, f: &mut Function, apis: &Apis<'_>) {
    let Some(kind) = event.get("Type").and_then(|field| field.text()) else { return };
    let properties = event.table("Properties");
    let Some((_, trigger, call, source, invoker)) = KNOWN.iter().find(|(known, ..)| *known == kind) else {
        event.note(format!("an event of the kind `{kind}`, which is not known"), "Write its traffic and its trigger yourself.");
        return;
    };
    let properties = properties.as_ref();
    if let Some(properties) = properties {
        properties.no_effect(NO_EFFECT);
    }
    let of = |key: &str| properties.and_then(|properties| properties.get(key)).and_then(|field| loose(field.node));
    let from = if source.is_empty() { None } else { of(source) };
    let auth = match *trigger {
        "api-gateway-rest" | "api-gateway-http" => authorizer(kind, properties, apis),
        _ => None,
    };
    let mut rated = None;
    if let Some(properties) = properties {
        if let Some(schedule) = properties.first(&["Schedule", "ScheduleExpression"]) {
            rated = schedule.text().and_then(|text| rate(text, Dialect::Aws));
        }
        let off = properties.get("Enabled").and_then(|field| field.flag()) == Some(false)
            || properties.get("State").and_then(|field| field.text()) == Some("DISABLED");
        if off {
            event.note("the event is switched off", "It sends nothing and is left out.");
            return;
        }
    }
    let literal =
        Literal::table(&[("kind", Some(Literal::text(trigger))), ("auth", auth.as_deref().map(Literal::text)), ("source", from)]);
    f.push("deployment.triggers", literal, field.origin().remark(name));
    if !invoker.is_empty() {
        super::links::invoker(f, invoker, field.origin());
    }
    f.called(*call, format!("{trigger} {name}"), rated, field.origin());
}

/// How callers of an API prove who they are: by the event, else by its API, else by what is said for all APIs. An API described
/// in another file is not known.
fn authorizer(kind: &str, properties: Option<&Table<'_>>, apis: &Apis<'_>) -> Option<String> {
    let (id_key, global) = if kind == "Api" { ("RestApiId", "Api") } else { ("ApiId", "HttpApi") };
    let named = |auth: &Node, key: &str| {
        auth.get(key).and_then(Node::text).map(|name| if name == "NONE" { "anonymous" } else { name }.to_owned())
    };
    if let Some(auth) = properties.and_then(|properties| properties.get("Auth")) {
        if let Some(own) = named(auth.node, "Authorizer") {
            return Some(own);
        }
        if auth.node.get("ApiKeyRequired").and_then(Node::flag) == Some(true) {
            return Some("api-key".to_owned());
        }
    }
    let id = properties.and_then(|properties| properties.get(id_key));
    let own = id.as_ref().map(|field| resource(field.node).and_then(|id| apis.stack.resource(id)));
    let api = match own {
        // The API that SAM makes by itself.
        None => None,
        Some(Some(found)) if found.kind.starts_with("AWS::Serverless::") => Some(&found.properties),
        Some(_) => return None,
    };
    if api.is_some_and(|api| ["DefinitionBody", "DefinitionUri"].iter().any(|key| api.get(key).is_some())) {
        return None;
    }
    let global = apis.globals.and_then(|globals| globals.at(&[global, "Auth"]));
    let auth = api.and_then(|api| api.get("Auth")).or(global);
    match auth {
        Some(auth) => named(auth, "DefaultAuthorizer").or_else(|| Some("anonymous".to_owned())),
        None => Some("anonymous".to_owned()),
    }
}
