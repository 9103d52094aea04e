//! Providers other than AWS in the Serverless Framework: their plugins know fewer settings.

use super::super::aws::function::{number, whole};
use super::super::document::Node;
use super::super::draft::{Call, Draft, Function};
use super::super::literal::Literal;
use super::super::schedule::{Dialect, rate};
use super::super::table::{Field, Table, words};
use super::Declared;

/// Settings of the provider that hold for every function.
pub(super) const SHARED: &[&str] = &["memorySize", "timeout", "runtime", "environment"];

const NO_EFFECT: &[&str] = &["handler", "name", "description", "labels", "tags", "package", "role", "entryPoint", "bindings"];

/// Settings of the provider that change neither cost nor capacity.
const PROVIDER_NO_EFFECT: &[&str] = &[
    "stage",
    "project",
    "credentials",
    "labels",
    "tags",
    "subscriptionId",
    "resourceGroup",
    "appId",
    "tenantId",
    "prefix",
    "deployment",
    "apim",
    "os",
    "armTemplate",
    "functionApp",
    "storageAccount",
    "appInsights",
    "environment",
];

/// A provider: its name in the file, its platform, and how it writes `cron`.
type Known = (&'static str, &'static str, &'static str);

const KNOWN: &[Known] = &[
    ("google", "gcp-cloud-run", "functions of the first generation have prices of their own, and one request an instance"),
    ("azure", "azure-functions", "taken as the Consumption plan"),
    ("aliyun", "alibaba-fc", "taken as Function Compute 3.0"),
];

/// Reads the functions.
pub(super) fn read(provider: &str, declared: &[Declared<'_>], t: &Table<'_>, base: &Node, draft: &mut Draft) {
    let (platform, remark) = KNOWN
        .iter()
        .find(|(name, ..)| *name == provider)
        .map_or(("generic", "no platform that is known: plain prices, and no limits"), |(_, platform, remark)| {
            (*platform, *remark)
        });
    draft.platform = platform;
    t.note(format!("provider `{}`: {remark}", super::super::literal::cut(provider, 40)), "Change `platform` if it is another.");
    t.no_effect(PROVIDER_NO_EFFECT);
    if let Some(field) = t.get("type") {
        // Elastic Premium and dedicated plans rent machines.
        field.note("a plan of its own", "The forecast is that of the platform above; rented machines are not simulated.");
    }
    if let Some(field) = t.get("region")
        && let Some(region) = field.text()
        && platform != "generic"
    {
        // Azure's own tools take both spellings, `West US 2` and `westus2`.
        let region = if provider == "azure" { region.replace(' ', "").to_ascii_lowercase() } else { region.to_owned() };
        draft.region(&region, field.origin());
    }
    let notes = draft.notes.clone();
    for function in declared {
        let Some(t) = Table::open(&function.settings, function.origin.path.as_str(), &notes) else { continue };
        let mut t = t.also(base, "provider");
        t.place = function.origin.place;
        let f = draft.function(function.name, function.origin.clone());
        settings(&t, f, provider);
        events(&t, f, provider);
    }
}

fn settings(t: &Table<'_>, f: &mut Function, provider: &str) {
    t.no_effect(NO_EFFECT);
    if let Some(field) = t.get("runtime")
        && let Some(runtime) = field.text()
    {
        f.set("runtime", Literal::text(runtime), field.origin());
    }
    number(t, f, "memorySize", "memory", Literal::mebibytes);
    if let Some(field) = t.get("timeout") {
        // Google's plugin writes `60s`.
        let text = field.node.text().unwrap_or_default();
        match field.node.number().or_else(|| text.strip_suffix('s')?.parse().ok().filter(|number: &f64| number.is_finite())) {
            Some(seconds) => f.set("timeout", Literal::seconds(seconds), field.origin()),
            None => drop(field.number()),
        }
    }
    whole(t, f, "minInstances", "provisioned");
    whole(t, f, "maxInstances", "max_instances");
    whole(t, f, "instanceConcurrency", "instance_concurrency");
    if provider == "google" {
        f.set("instance_concurrency", Literal::whole(1), t.origin().remark("of the first generation"));
    }
    if let Some(variables) = t.table("environment") {
        for (name, field) in variables.all() {
            if let Some(value) = field.loose() {
                f.variable(name, &value, field.origin());
            }
        }
    }
}

/// What a word in the kind of an event says about it: the kind of trigger, and how it calls.
const EVENTS: &[(&str, &str, Call)] = &[
    ("http", "http", Call::Sync),
    ("schedule", "timer", Call::Async),
    ("timer", "timer", Call::Async),
    ("queue", "queue", Call::Queue),
    ("servicebus", "servicebus-queue", Call::Queue),
    ("eventhub", "eventhub", Call::Queue),
    ("cosmosdb", "cosmosdb", Call::Queue),
    ("blob", "blob", Call::Async),
    ("oss", "oss", Call::Async),
    ("eventgrid", "eventgrid", Call::Async),
    ("event", "event", Call::Async),
];

fn events(t: &Table<'_>, f: &mut Function, provider: &str) {
    let Some(events) = t.get("events") else {
        f.declare("deployment.triggers", t.origin().remark("no events"));
        return;
    };
    f.declare("deployment.triggers", events.origin());
    for event in events.items() {
        let (kind, config) = match event.node.entries() {
            Some([first, others @ ..]) => {
                let table = event.table();
                let field = table.as_ref().and_then(|table| table.get(&first.key));
                if others.iter().any(|other| other.key == "x-azure-settings")
                    && let Some(table) = &table
                {
                    table.note("settings of Azure", "Their names are not read: add the source of the trigger yourself.");
                    let _ = table.all();
                }
                (first.key.as_str(), field)
            }
            Some([]) => continue,
            None => (event.text().unwrap_or_default(), None),
        };
        let lower = kind.to_ascii_lowercase();
        let Some((_, trigger, call)) = EVENTS.iter().find(|(word, ..)| lower.contains(word)) else {
            event.note(
                format!("an event of the kind `{}`, which is not known", super::super::literal::cut(kind, 40)),
                "Write its traffic and its trigger yourself.",
            );
            continue;
        };
        let table = config.as_ref().filter(|field| field.node.entries().is_some()).and_then(|field| field.table());
        let of = |key: &str| table.as_ref()?.get(key).map(|field| words(field.node)).filter(|text| !text.is_empty());
        let source = ["resource", "name", "queueName", "sourceArn", "bucketName"].iter().find_map(|key| of(key));
        let source = source.filter(|_| *trigger != "http");
        let auth = ["authLevel", "authType"].iter().find_map(|key| of(key)).map(|auth| auth.to_ascii_lowercase());
        let dialect = if provider == "google" { Dialect::Aws } else { Dialect::WithSeconds };
        let every = ["schedule", "cronExpression"].iter().find_map(|key| of(key));
        let every = every.or_else(|| config.as_ref()?.node.text().map(str::to_owned).filter(|_| *trigger == "timer"));
        if let Some(table) = &table {
            table.no_effect(&["path", "method", "methods", "eventType", "triggerConfig", "name", "filter", "qualifier"]);
        }
        let literal = Literal::table(&[
            ("kind", Some(Literal::text(trigger))),
            ("auth", auth.as_deref().map(Literal::text)),
            ("source", source.as_deref().map(Literal::text)),
        ]);
        let origin = Field::origin(&event);
        f.push("deployment.triggers", literal, origin.clone());
        f.called(*call, *trigger, every.and_then(|text| rate(&text, dialect)), origin);
    }
}
