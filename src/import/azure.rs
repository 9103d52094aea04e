//! Azure Functions: `host.json` (settings of the whole app, which is what is scaled and billed) and `function.json` (bindings of
//! one function).

use super::Options;
use super::document::Node;
use super::draft::{Call, Draft, Function, Origin};
use super::literal::Literal;
use super::schedule::{Dialect, rate};
use super::table::{Field, Table, words};

/// Whether a file is `host.json`.
pub(super) fn recognises_host(root: &Node) -> bool {
    let version = root.get("version").and_then(Node::text).is_some_and(|version| version.starts_with(['1', '2']));
    let keys =
        ["extensions", "extensionBundle", "functionTimeout", "managedDependency", "concurrency", "customHandler", "logging"];
    version && keys.iter().any(|key| root.get(key).is_some()) && root.get("provider").is_none()
}

/// Whether a file is `function.json`.
pub(super) fn recognises_function(root: &Node) -> bool {
    let bindings = root.get("bindings").and_then(Node::list).unwrap_or_default();
    bindings.iter().any(|binding| binding.get("type").is_some() && root.get("functions").is_none())
}

/// The platform: Consumption, or the plan that is asked for.
fn platform(options: &Options, draft: &mut Draft) {
    if options.platform.as_deref() == Some("azure-functions-flex") {
        draft.platform = "azure-functions-flex";
    }
}

/// Reads `host.json`.
pub(super) fn host(root: &Node, options: &Options, draft: &mut Draft) {
    platform(options, draft);
    let (flex, notes) = (draft.platform == "azure-functions-flex", draft.notes.clone());
    let Some(t) = Table::open(root, "", &notes) else { return };
    t.no_effect(&[
        "version",
        "extensionBundle",
        "watchDirectories",
        "watchFiles",
        "healthMonitor",
        "logging",
        "managedDependency",
        "customHandler",
        "telemetryMode",
        "fileWatchingEnabled",
        "aggregator",
        "tracing",
        "id",
    ]);
    if let Some(singleton) = t.get("singleton") {
        singleton.note("locks between instances", "A scenario has no locks.");
    }
    let f = draft.function("app", Origin::new(root.place, "host.json"));
    if let Some(field) = t.get("functionTimeout") {
        timeout(&field, f);
    }
    if let Some(concurrency) = t.get("concurrency") {
        concurrency.note("concurrency that the platform finds by itself", "Set `instance_concurrency` to what it comes to.");
    }
    if let Some(retry) = t.table("retry") {
        self::retry(&retry, f);
    }
    // Version 1 has the extensions on the first level.
    let extensions = t.table("extensions");
    let e = extensions.as_ref().unwrap_or(&t);
    e.no_effect(&["sendGrid", "twilio", "signalR", "applicationInsights", "cosmosDB", "blobs"]);
    if let Some(http) = e.table("http") {
        http.no_effect(&["routePrefix", "customHeaders", "hsts", "dynamicThrottlesEnabled"]);
        if let Some(field) = http.get("maxConcurrentRequests") {
            concurrent(&field, f, flex);
        }
        if let Some(field) = http.get("maxOutstandingRequests") {
            let hint = "Requests beyond it get 429 from the instance, which is not simulated.";
            field.note("requests that may wait at an instance", hint);
        }
    }
    if let Some(queues) = e.table("queues") {
        queues.no_effect(&["maxPollingInterval", "messageEncoding"]);
        for key in ["batchSize", "newBatchThreshold"] {
            if let Some(field) = queues.get(key) {
                field.note(
                    "messages that an instance takes at once",
                    "Write it as `invoke = \"queue\"` with `batch_size` to simulate batches.",
                );
            }
        }
        received(&queues, f, "maxDequeueCount", "visibilityTimeout");
    }
    for (key, inside) in [("serviceBus", "messageHandlerOptions"), ("eventHubs", "eventProcessorOptions")] {
        let Some(source) = e.table(key) else { continue };
        let options = source.table(inside);
        for t in [Some(&source), options.as_ref()].into_iter().flatten() {
            t.no_effect(&["prefetchCount", "batchCheckpointFrequency", "autoComplete", "maxAutoRenewDuration", "transportType"]);
            for key in ["maxConcurrentCalls", "maxConcurrentSessions", "maxBatchSize", "maxEventBatchSize", "maxMessageBatchSize"]
            {
                if let Some(field) = t.get(key) {
                    field.note(
                        "messages that an instance takes at once",
                        "Write it as `invoke = \"queue\"` with `batch_size` to simulate batches.",
                    );
                }
            }
        }
    }
    let hint = "Import the function.json of each function, or write its traffic and trigger yourself.";
    t.note("the functions of the app are not in this file: one stands for all", hint);
}

/// How many requests run on an instance at once. On Consumption each execution is billed by itself, and the scenario has one.
fn concurrent(field: &Field<'_>, f: &mut Function, flex: bool) {
    if flex {
        match field.node.number() {
            // -1 stands for no limit.
            Some(number) if number < 0.0 => {}
            _ => {
                if let Some(number) = field.whole() {
                    f.set("instance_concurrency", Literal::whole(number), field.origin());
                }
            }
        }
    } else {
        let hint = "Import with --platform azure-functions-flex if the app is on that plan.";
        field.note("on the Consumption plan each execution is simulated and billed by itself", hint);
    }
}

/// `00:05:00`, or -1 for no limit.
fn timeout(field: &Field<'_>, f: &mut Function) {
    match field.text() {
        Some("-1") => field.note("no timeout", "Set `timeout` to the longest run that you expect."),
        Some(text) => match span(text) {
            Some(seconds) if seconds > 0.0 => f.set("timeout", Literal::seconds(seconds), field.origin()),
            _ => field.warn(format!("not a time: {}", field.node.shown()), "Write it as hh:mm:ss, such as 00:05:00."),
        },
        None => {}
    }
}

/// A time as .NET writes it, `[d.]hh:mm:ss`, in seconds.
fn span(text: &str) -> Option<f64> {
    let (days, rest) = match text.split_once(':')?.0.split_once('.') {
        Some((days, _)) => (days.parse::<u32>().ok()?, text.split_once('.')?.1),
        None => (0, text),
    };
    let parts: Vec<&str> = rest.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return None };
    let (hours, minutes) = (hours.parse::<u32>().ok()?, minutes.parse::<u32>().ok()?);
    let seconds = seconds.parse::<f64>().ok().filter(|seconds| (0.0..60.0).contains(seconds))?;
    (minutes < 60).then(|| f64::from(days) * 86_400.0 + f64::from(hours) * 3_600.0 + f64::from(minutes) * 60.0 + seconds)
}

/// Retries of events: so many more tries, with a delay.
fn retry(t: &Table<'_>, f: &mut Function) {
    t.no_effect(&["strategy"]);
    if let Some(field) = t.get("maxRetryCount") {
        match field.node.number() {
            Some(number) if number < 0.0 => field.note("retries without end", "Set `async.retries` to what you expect."),
            _ => {
                if let Some(count) = field.whole() {
                    f.set("async.retries", Literal::whole(count), field.origin());
                }
            }
        }
    }
    let of = |key: &str| t.get(key).and_then(|field| Some((span(field.text()?)?, field.origin())));
    let (fixed, least, most) = (of("delayInterval"), of("minimumInterval"), of("maximumInterval"));
    if let Some((seconds, origin)) = fixed {
        f.set("async.delays", Literal::list([Literal::seconds(seconds)]), origin);
    } else if let (Some((least, origin)), most) = (least, most) {
        // Each delay is twice the one before, up to the longest.
        let most = most.map_or(least, |(most, _)| most).max(least);
        let delays = std::iter::successors(Some(least), |delay| (*delay > 0.0 && *delay < most).then(|| (delay * 2.0).min(most)));
        f.set("async.delays", Literal::list(delays.take(16).map(Literal::seconds)), origin.remark("doubling"));
    }
}

/// A queue's messages are received so many times, and come back after a time; then they go to a poison queue.
fn received(t: &Table<'_>, f: &mut Function, count: &str, delay: &str) {
    if let Some(field) = t.get(count)
        && let Some(number) = field.whole().filter(|number| *number > 0)
    {
        let origin = field.origin().remark("receives of a message, the first among them");
        f.set("async.retries", Literal::whole(number - 1), origin.clone());
        f.set("async.dead_letter", Literal::flag(true), origin.remark("the poison queue"));
    }
    if let Some(field) = t.get(delay) {
        match field.text().and_then(span) {
            Some(seconds) => f.set("async.delays", Literal::list([Literal::seconds(seconds)]), field.origin()),
            None => field.warn(format!("not a time: {}", field.node.shown()), "Write it as hh:mm:ss, such as 00:00:30."),
        }
    }
}

/// A kind of binding: its name, the kind of trigger, how it calls, and the key of its source.
const KNOWN: &[(&str, &str, Call, &str)] = &[
    ("httpTrigger", "http", Call::Sync, ""),
    ("manualTrigger", "manual", Call::Sync, ""),
    ("timerTrigger", "timer", Call::Async, ""),
    ("queueTrigger", "queue", Call::Queue, "queueName"),
    ("serviceBusTrigger", "servicebus-queue", Call::Queue, "queueName"),
    ("eventHubTrigger", "eventhub", Call::Queue, "eventHubName"),
    ("kafkaTrigger", "kafka", Call::Queue, "topic"),
    ("rabbitMQTrigger", "rabbitmq", Call::Queue, "queueName"),
    ("cosmosDBTrigger", "cosmosdb", Call::Queue, "containerName"),
    ("blobTrigger", "blob", Call::Async, "path"),
    ("eventGridTrigger", "eventgrid", Call::Async, "topicEndpointUri"),
    ("signalRTrigger", "signalr", Call::Sync, "hubName"),
    ("activityTrigger", "durable", Call::Async, ""),
    ("orchestrationTrigger", "durable", Call::Async, ""),
    ("entityTrigger", "durable", Call::Async, ""),
    ("warmupTrigger", "warmup", Call::Sync, ""),
];

/// Reads `function.json`.
pub(super) fn function(root: &Node, options: &Options, draft: &mut Draft) {
    platform(options, draft);
    let notes = draft.notes.clone();
    let Some(t) = Table::open(root, "", &notes) else { return };
    t.no_effect(&["scriptFile", "entryPoint", "configurationSource", "generatedBy", "excluded", "$schema", "$return"]);
    let name = ["entryPoint", "functionName"].iter().find_map(|key| root.get(key)?.text());
    let name = name.map_or("function", |name| name.rsplit('.').next().unwrap_or(name));
    let f = draft.function(name, Origin::new(root.place, "function.json"));
    if let Some(retry) = t.table("retry") {
        self::retry(&retry, f);
    }
    if t.get("disabled").is_some_and(|field| field.node.flag() == Some(true)) {
        t.note("the function is switched off", "Its traffic is a placeholder as if it were on.");
    }
    let Some(bindings) = t.get("bindings") else { return };
    f.declare("deployment.triggers", bindings.origin());
    for binding in bindings.items() {
        if let Some(binding) = binding.table() {
            bound(&binding, f);
        }
    }
}

fn bound(t: &Table<'_>, f: &mut Function) {
    let Some(kind) = t.get("type").and_then(|field| field.text()) else { return };
    let trigger = kind.to_ascii_lowercase().ends_with("trigger");
    if !trigger {
        // What the code reads and writes by itself.
        t.note(format!("the binding `{}` is part of the work", super::literal::cut(kind, 40)), "Count its time in `work.io`.");
        let _ = t.all();
        return;
    }
    t.no_effect(&[
        "direction",
        "name",
        "methods",
        "route",
        "connection",
        "dataType",
        "webHookType",
        "runOnStartup",
        "useMonitor",
    ]);
    let Some((_, trigger, call, source)) = KNOWN.iter().find(|(known, ..)| known.eq_ignore_ascii_case(kind)) else {
        let kind = super::literal::cut(kind, 40);
        t.note(format!("a trigger of the kind `{kind}`, which is not known"), "Write its traffic and its trigger yourself.");
        return;
    };
    let text = |key: &str| t.get(key).map(|field| words(field.node)).filter(|text| !text.is_empty());
    // A queue of Service Bus, or a subscription of a topic.
    let source = if source.is_empty() { None } else { text(source).or_else(|| text("topicName")) };
    let auth = text("authLevel").map(|auth| auth.to_ascii_lowercase());
    let auth = auth.or_else(|| (*trigger == "http").then(|| "function".to_owned()));
    let rated = t.get("schedule").and_then(|field| {
        // `%NAME%` is an application setting.
        let found = field.text().and_then(|text| rate(text, Dialect::WithSeconds));
        if found.is_none() {
            field.note("a schedule whose rate is not known", "Write the rate of its traffic yourself.");
        }
        found
    });
    let literal = Literal::table(&[
        ("kind", Some(Literal::text(trigger))),
        ("auth", auth.as_deref().map(Literal::text)),
        ("source", source.as_deref().map(Literal::text)),
    ]);
    f.push("deployment.triggers", literal, t.origin());
    f.called(*call, *trigger, rated, t.origin());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_dotnet_are_seconds() {
        let found = ["00:05:00", "1.00:00:00", "00:00:10", "00:00:00.5", "10:00:00"].map(span);
        assert_eq!(found, [Some(300.0), Some(86_400.0), Some(10.0), Some(0.5), Some(36_000.0)]);
        for wrong in ["", "5", "00:05", "00:61:00", "aa:00:00", "-00:05:00", "00:00:60", "1.2.3:00:00"] {
            assert_eq!(span(wrong), None, "{wrong}");
        }
    }
}
