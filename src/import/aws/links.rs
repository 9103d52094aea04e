//! Resources of CloudFormation that belong to functions: versions, aliases, event sources, permissions, rules.

use super::super::document::Node;
use super::super::draft::{Call, Draft, Function, Origin, Written};
use super::super::literal::Literal;
use super::super::schedule::{Dialect, rate};
use super::super::table::{Field, Table, words};
use super::super::template::resource;
use super::{Stack, events, function, loose};

/// Whether a kind of resource is read.
pub(super) fn is_read(kind: &str) -> bool {
    matches!(
        kind,
        "AWS::Lambda::Version"
            | "AWS::Lambda::Alias"
            | "AWS::Lambda::EventInvokeConfig"
            | "AWS::Lambda::EventSourceMapping"
            | "AWS::Lambda::Url"
            | "AWS::Lambda::Permission"
            | "AWS::Events::Rule"
            | "AWS::SNS::Subscription"
    )
}

/// Reads a resource into the function that it refers to.
pub(super) fn read(kind: &str, t: &Table<'_>, stack: &Stack, draft: &mut Draft) {
    match kind {
        "AWS::Events::Rule" => return rule(t, stack, draft),
        "AWS::SNS::Subscription" => return subscription(t, stack, draft),
        _ => {}
    }
    let Some(target) = t.first(&["FunctionName", "TargetFunctionArn"]) else { return };
    let Some(index) = stack.function(target.node) else {
        target.note("a function of another file", "Import that file too.");
        return;
    };
    let Some(f) = draft.functions.get_mut(index) else { return };
    match kind {
        "AWS::Lambda::EventInvokeConfig" => function::asynchronous(t, f),
        "AWS::Lambda::Url" => events::address(t, f),
        "AWS::Lambda::EventSourceMapping" => mapping(t, f, stack),
        "AWS::Lambda::Permission" => permission(t, f, stack),
        _ => {
            t.no_effect(&["Description", "FunctionVersion", "Name", "CodeSha256", "RoutingConfig", "RuntimePolicy"]);
            function::provisioned(t, f);
            if let Some(field) = t.get("FunctionScalingConfig") {
                field.note("the scaling of managed instances", "The forecast is that of an ordinary function.");
            }
        }
    }
}

/// What polls a queue or a stream for the function.
fn mapping(t: &Table<'_>, f: &mut Function, stack: &Stack) {
    t.no_effect(&["StartingPosition", "StartingPositionTimestamp", "FilterCriteria", "Topics", "Tags", "KmsKeyArn"]);
    if t.get("Enabled").and_then(|field| field.flag()) == Some(false) {
        t.note("the event source is switched off", "It sends nothing and is left out.");
        return;
    }
    let source = t.first(&["EventSourceArn", "SelfManagedEventSource"]);
    let kind = source.as_ref().map_or("queue", |source| polled(source.node, stack));
    let literal =
        Literal::table(&[("kind", Some(Literal::text(kind))), ("source", source.as_ref().and_then(|field| loose(field.node)))]);
    f.push("deployment.triggers", literal, t.origin());
    f.called(Call::Queue, kind, None, t.origin());
}

/// The kind of a source that is polled, by its resource or its address.
fn polled(source: &Node, stack: &Stack) -> &'static str {
    let of = resource(source).and_then(|id| stack.resource(id)).map(|found| found.kind.clone());
    let text = of.unwrap_or_else(|| words(source)).to_ascii_lowercase();
    let kinds =
        [("sqs", "sqs"), ("kinesis", "kinesis"), ("dynamodb", "dynamodb"), ("rds", "documentdb"), ("docdb", "documentdb")];
    let more = [("amazonmq", "mq"), ("msk", "msk"), ("kafka", "msk")];
    kinds.iter().chain(&more).find(|(part, _)| text.contains(part)).map_or("kafka", |(_, kind)| *kind)
}

/// A permission says who invokes the function, and so what triggers it.
fn permission(t: &Table<'_>, f: &mut Function, stack: &Stack) {
    t.no_effect(&[
        "Action",
        "SourceAccount",
        "EventSourceToken",
        "PrincipalOrgID",
        "FunctionUrlAuthType",
        "InvokedViaFunctionUrl",
    ]);
    let source = t.get("SourceArn");
    let Some(principal) = t.get("Principal").and_then(|field| field.loose()) else { return };
    invoker(f, &principal, t.origin());
    let named = source.as_ref().and_then(|field| loose(field.node));
    let (kind, call) = match caller(&principal) {
        Some(("api-gateway", call)) => (api(source.as_ref(), stack), call),
        Some(known) => known,
        None => return,
    };
    let gateway = kind.starts_with("api-gateway");
    // Who may call through a gateway is written there, and what calls is not its path.
    let named = named.filter(|_| !gateway);
    let literal = Literal::table(&[("kind", Some(Literal::text(kind))), ("source", named)]);
    f.push("deployment.triggers", literal, t.origin().remark(PERMITTED));
    f.called(call, kind, None, t.origin().remark(PERMITTED));
}

/// The kind of trigger that a service which may invoke a function is, and how it calls. Another service, an account, or anybody:
/// that it may call says nothing of traffic.
pub(in crate::import) fn caller(principal: &str) -> Option<(&'static str, Call)> {
    Some(match principal.split('.').next().unwrap_or_default() {
        "apigateway" => ("api-gateway", Call::Sync),
        "elasticloadbalancing" => ("alb", Call::Sync),
        "cognito-idp" => ("cognito", Call::Sync),
        "alexa-appkit" | "alexa-connectedhome" => ("alexa", Call::Sync),
        "s3" => ("s3", Call::Async),
        "sns" => ("sns", Call::Async),
        "iot" => ("iot", Call::Async),
        "logs" => ("cloudwatch-logs", Call::Async),
        "events" | "scheduler" => ("eventbridge", Call::Async),
        _ => return None,
    })
}

/// The remark on what is known of a caller by a permission only.
pub(in crate::import) const PERMITTED: &str = "may invoke it";

fn api(source: Option<&Field<'_>>, stack: &Stack) -> &'static str {
    let of = source.and_then(|field| resource(field.node)).and_then(|id| stack.resource(id));
    match of.map(|found| found.kind.as_str()) {
        Some("AWS::ApiGatewayV2::Api" | "AWS::Serverless::HttpApi") => "api-gateway-http",
        Some(_) => "api-gateway-rest",
        None => "api-gateway",
    }
}

/// Adds a caller, once.
pub(in crate::import) fn invoker(f: &mut Function, who: &str, origin: Origin) {
    let literal = Literal::text(who);
    let known = f.setting("deployment.invokers").is_some_and(|setting| match &setting.value {
        Written::Items(items) => items.iter().any(|item| item.value == literal),
        Written::Value(_) => true,
    });
    if !known {
        f.push("deployment.invokers", literal, origin);
    }
}

/// A rule of EventBridge with functions as its targets.
fn rule(t: &Table<'_>, stack: &Stack, draft: &mut Draft) {
    t.no_effect(&["Name", "Description", "EventPattern", "RoleArn"]);
    let off = t.get("State").and_then(|field| field.text()) == Some("DISABLED");
    let bus = t.get("EventBusName").and_then(|field| loose(field.node));
    let schedule = t.get("ScheduleExpression");
    let rated = schedule.as_ref().and_then(|field| rate(field.text()?, Dialect::Aws));
    let kind = if schedule.is_some() { "timer" } else { "eventbridge" };
    for target in t.get("Targets").map(|field| field.items()).unwrap_or_default() {
        let Some(address) = target.node.get("Arn") else { continue };
        let Some(f) = stack.function(address).and_then(|index| draft.functions.get_mut(index)) else { continue };
        if off {
            t.note("the rule is switched off", "It sends nothing and is left out.");
            continue;
        }
        let literal = Literal::table(&[("kind", Some(Literal::text(kind))), ("source", bus.clone())]);
        f.push("deployment.triggers", literal, t.origin());
        f.called(Call::Async, kind, rated.clone(), t.origin());
    }
}

fn subscription(t: &Table<'_>, stack: &Stack, draft: &mut Draft) {
    t.no_effect(&["FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "Region"]);
    if t.get("Protocol").and_then(|field| field.text()) != Some("lambda") {
        return;
    }
    let topic = t.get("TopicArn").and_then(|field| loose(field.node));
    let Some(endpoint) = t.get("Endpoint") else { return };
    let Some(f) = stack.function(endpoint.node).and_then(|index| draft.functions.get_mut(index)) else { return };
    let literal = Literal::table(&[("kind", Some(Literal::text("sns"))), ("source", topic)]);
    f.push("deployment.triggers", literal, t.origin());
    f.called(Call::Async, "sns", None, t.origin());
}

/// A permission for what is known in more detail is no second trigger, and one for each stage of an API is the same trigger.
pub(in crate::import) fn settle(f: &mut Function) {
    let label = |label: &str| label.split(' ').next().unwrap_or_default().to_owned();
    let permitted = |origin: &Origin| origin.remark.as_deref() == Some(PERMITTED);
    let same = |kind: &str, other: &str| kind == other || (kind == "eventbridge" && other == "timer");
    let detailed: Vec<String> = f.traffic.iter().filter(|t| !permitted(&t.origin)).map(|t| label(&t.label)).collect();
    let mut seen: Vec<String> = Vec::new();
    f.traffic.retain(|traffic| {
        let kind = label(&traffic.label);
        let keep = !permitted(&traffic.origin) || !(seen.contains(&kind) || detailed.iter().any(|other| same(&kind, other)));
        seen.push(kind);
        keep
    });
    let kept: Vec<Origin> = f.traffic.iter().map(|traffic| traffic.origin.clone()).collect();
    let triggers = f.settings.iter_mut().find(|setting| setting.table == "deployment" && setting.key == "triggers");
    if let Some(setting) = triggers
        && let Written::Items(items) = &mut setting.value
    {
        items.retain(|item| !permitted(&item.origin) || kept.contains(&item.origin));
    }
}
