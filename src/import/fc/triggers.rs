//! Triggers: what calls the function, how callers prove who they are, and how often timers fire.

use super::super::draft::{Call, Function};
use super::super::literal::Literal;
use super::super::schedule::{Dialect, rate};
use super::super::table::{Field, Table};

/// Reads a list of triggers; the names of their keys differ by version.
pub(in crate::import) fn read(field: &Field<'_>, f: &mut Function) {
    f.declare("deployment.triggers", field.origin());
    for trigger in field.items() {
        if let Some(trigger) = trigger.table() {
            one(&trigger, f);
        }
    }
}

/// Reads one trigger.
pub(in crate::import) fn one(t: &Table<'_>, f: &mut Function) {
    t.no_effect(&["description", "qualifier", "invocationRole", "role"]);
    let name = t.first(&["triggerName", "name"]).and_then(|field| field.loose()).unwrap_or_default();
    let Some(kind) = t.first(&["triggerType", "type"]).and_then(|field| field.text()) else { return };
    let source = t.get("sourceArn").and_then(|field| field.loose());
    let config = t.first(&["triggerConfig", "config"]).and_then(|field| field.table());
    trigger(f, &name, kind, source, config.as_ref(), t);
}

/// A trigger of a kind, with its settings. `t` is where it stands.
pub(in crate::import) fn trigger(
    f: &mut Function,
    name: &str,
    kind: &str,
    source: Option<String>,
    config: Option<&Table<'_>>,
    t: &Table<'_>,
) {
    let kind = kind.to_ascii_lowercase();
    let flag = |key: &str| config.and_then(|config| config.get(key)).and_then(|field| field.flag());
    let on = flag("enable").or_else(|| flag("triggerEnable")).unwrap_or(true);
    let mut rated = None;
    let mut auth = None;
    let mut source = source;
    let mut call = call(&kind);
    if let Some(config) = config {
        config.no_effect(&["methods", "payload", "filter", "filterTag", "notifyContentFormat", "eventVersion", "notes"]);
        auth = config.get("authType").and_then(|field| field.text()).map(str::to_ascii_lowercase);
        // The keys and rules of a token; that there is one is what counts.
        config.no_effect(&["authConfig"]);
        if let Some(bucket) = config.get("bucketName").and_then(|field| field.loose()) {
            source = source.or_else(|| Some(format!("oss:{bucket}")));
        }
        if let Some(topic) = config.get("topicName").and_then(|field| field.loose()) {
            source = source.or_else(|| Some(format!("mns:{topic}")));
        }
        if let Some(cron) = config.get("cronExpression") {
            rated = cron.text().and_then(|text| rate(text, Dialect::WithSeconds));
            if rated.is_none() {
                cron.note("a schedule whose rate is not known", "Write the rate of its traffic yourself.");
            }
        }
        if kind == "log" {
            rated = interval(config);
            config.no_effect(&["logConfig", "functionParameter"]);
            if let Some(store) = config.table("sourceConfig").and_then(|source| source.get("logstore")?.loose()) {
                source = source.or_else(|| Some(format!("logstore:{store}")));
            }
        }
        if kind == "eventbridge" {
            call = event_source(config, &mut source);
        }
    }
    if !on {
        t.note(format!("the {kind} trigger is switched off"), "It sends nothing and is left out.");
        return;
    }
    let trigger = Literal::table(&[
        ("kind", Some(Literal::text(&kind))),
        ("auth", auth.as_deref().map(Literal::text)),
        ("source", source.as_deref().map(Literal::text)),
    ]);
    let origin = t.origin();
    f.push("deployment.triggers", trigger, if name.is_empty() { origin.clone() } else { origin.clone().remark(name) });
    let origin = match kind.as_str() {
        "log" if rated.is_some() => origin.remark("for each shard, while there are logs"),
        _ => origin,
    };
    f.called(call, format!("{kind} {name}").trim(), rated, origin);
}

/// How a kind of trigger calls (Function Compute documentation, overview of triggers).
fn call(kind: &str) -> Call {
    match kind {
        "timer" | "oss" | "mns_topic" | "eventbridge" => Call::Async,
        "log" | "tablestore" => Call::Queue,
        _ => Call::Sync,
    }
}

/// Log Service calls once in an interval for each shard.
fn interval(config: &Table<'_>) -> Option<String> {
    let job = config.table("jobConfig")?;
    let every = job.get("triggerInterval")?.number()?;
    if let Some(retries) = job.get("maxRetryTime") {
        retries.note("Log Service retries by a rule of its own", "It is not simulated.");
    }
    rate(&format!("@every {every}s"), Dialect::WithSeconds)
}

/// EventBridge passes on events of a bus, or polls a queue.
fn event_source(config: &Table<'_>, source: &mut Option<String>) -> Call {
    config.no_effect(&["eventRuleFilterPattern", "eventSinkConfig", "asyncInvocationType"]);
    let Some(from) = config.table("eventSourceConfig") else { return Call::Async };
    from.no_effect(&["eventSourceParameters"]);
    let kind = from.get("eventSourceType").and_then(|field| field.text()).unwrap_or_default();
    if source.is_none() {
        *source = Some(format!("eventbridge:{kind}"));
    }
    if kind.eq_ignore_ascii_case("default") { Call::Async } else { Call::Queue }
}
