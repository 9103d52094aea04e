//! Cloud Functions and Cloud Run services in a plan.

use super::super::cloud_run::{self, denied};
use super::super::document::Node;
use super::super::draft::{Call, Draft, Function, Written};
use super::super::literal::Literal;
use super::super::schedule::{Dialect, rate};
use super::super::table::{Field, Table, words};
use super::{Estate, Resource};

const NO_EFFECT: &[&str] = &[
    "id",
    "name",
    "project",
    "description",
    "labels",
    "terraform_labels",
    "effective_labels",
    "effective_annotations",
    "annotations",
    "timeouts",
    "deletion_protection",
    "traffic",
    "client",
    "client_version",
    "launch_stage",
    "kms_key_name",
    "environment",
    "state",
    "uid",
    "uri",
    "url",
    "etag",
    "generation",
    "entry_point",
    "source_archive_bucket",
    "source_archive_object",
    "https_trigger_url",
    "https_trigger_security_level",
    "trigger_http",
    "autogenerate_revision_name",
    "binary_authorization",
    "default_uri_disabled",
    "custom_audiences",
    "iap_enabled",
];

/// How a service is billed: by request, or by instance where its CPU is never taken away.
pub(super) fn billed(resource: &Resource) -> &'static str {
    let values = &resource.values;
    let old = values.at(&["template", "metadata", "annotations", "run.googleapis.com/cpu-throttling"]);
    let containers = values.at(&["template", "containers"]);
    let each: Vec<&Node> = match containers {
        Some(node) => node.list().map_or_else(|| vec![node], |items| items.iter().collect()),
        None => Vec::new(),
    };
    // The provider's documentation: left out, `cpu_idle` is true, but false where `resources` is there without it.
    let always =
        |container: &&Node| container.get("resources").is_some_and(|r| r.get("cpu_idle").and_then(Node::flag) != Some(true));
    if denied(old) || each.iter().any(always) { "gcp-cloud-run-instances" } else { "gcp-cloud-run" }
}

/// Reads a function or service into the last one of the draft.
pub(super) fn function(t: &Table<'_>, resource: &Resource, draft: &mut Draft) {
    t.no_effect(NO_EFFECT);
    if let Some(field) = t.first(&["location", "region"])
        && let Some(region) = field.text()
    {
        draft.region(region, field.origin());
    }
    match resource.kind.as_str() {
        "google_cloud_run_service" => cloud_run::service(t, draft),
        "google_cloud_run_v2_service" => service(t, draft),
        "google_cloudfunctions2_function" => second(t, draft),
        _ => first(t, draft),
    }
}

fn count(t: &Table<'_>, f: &mut Function, key: &str, path: &str) {
    if let Some(field) = t.get(key)
        && let Some(number) = field.whole()
    {
        f.set(path, Literal::whole(number), field.origin());
    }
}

/// A time such as `300s`, or a number of seconds.
fn seconds(t: &Table<'_>, f: &mut Function, key: &str) {
    let Some(field) = t.get(key) else { return };
    let text = field.node.text().unwrap_or_default();
    match field.node.number().or_else(|| text.strip_suffix('s')?.parse().ok().filter(|number: &f64| number.is_finite())) {
        Some(seconds) => f.set("timeout", Literal::seconds(seconds), field.origin()),
        None => drop(field.number()),
    }
}

fn inside(t: &Table<'_>, f: &mut Function, key: &str) {
    if let Some(field) = t.get(key)
        && let Some(text) = field.text()
    {
        let internal = text.to_ascii_uppercase().contains("INTERNAL");
        f.set("deployment.vpc", Literal::flag(internal), field.origin());
    }
}

fn variables(t: &Table<'_>, f: &mut Function, key: &str) {
    let Some(variables) = t.table(key) else { return };
    for (name, field) in variables.all() {
        if let Some(value) = field.loose() {
            f.variable(name, &value, field.origin());
        }
    }
}

fn service(t: &Table<'_>, draft: &mut Draft) {
    let Some(f) = draft.functions.last_mut() else { return };
    inside(t, f, "ingress");
    if let Some(field) = t.get("invoker_iam_disabled")
        && field.node.flag() == Some(true)
    {
        f.push("deployment.triggers", http(Some("anonymous")), field.origin());
        f.push("deployment.invokers", Literal::text("allUsers"), field.origin());
    }
    let Some(template) = t.table("template") else { return };
    template.no_effect(&[
        "labels",
        "annotations",
        "revision",
        "session_affinity",
        "execution_environment",
        "encryption_key",
        "vpc_access",
        "gpu_zonal_redundancy_disabled",
        "health_check_disabled",
    ]);
    for scaling in [t.table("scaling"), template.table("scaling")].into_iter().flatten() {
        scaling.no_effect(&["scaling_mode"]);
        count(&scaling, f, "min_instance_count", "provisioned");
        count(&scaling, f, "manual_instance_count", "provisioned");
        count(&scaling, f, "max_instance_count", "max_instances");
    }
    match template.get("max_instance_request_concurrency") {
        // 0 stands for the platform's default.
        Some(field) if field.node.whole() == Some(0) => {}
        _ => count(&template, f, "max_instance_request_concurrency", "instance_concurrency"),
    }
    seconds(&template, f, "timeout");
    if let Some(account) = template.get("service_account") {
        account.note("what the service account may do is not looked at", "Add it as `deployment.role`, for `faascast check`.");
    }
    let volumes = cloud_run::volumes(&template);
    if let Some(field) = template.get("containers") {
        cloud_run::containers(&field, f, &volumes);
    }
    cloud_run::triggers(f);
}

/// A function of the second generation: a service with the defaults of functions.
fn second(t: &Table<'_>, draft: &mut Draft) {
    let Some(f) = draft.functions.last_mut() else { return };
    if let Some(build) = t.table("build_config") {
        build.no_effect(&[
            "entry_point",
            "environment_variables",
            "docker_repository",
            "worker_pool",
            "service_account",
            "build",
            "automatic_update_policy",
            "on_deploy_update_policy",
        ]);
        runtime(&build, f);
        let object = build.table("source").and_then(|source| source.table("storage_source"));
        if let Some(object) = object {
            object.no_effect(&["generation"]);
            let text = |key: &str| object.get(key).and_then(|field| field.loose()).unwrap_or_default();
            let address = format!("gs://{}/{}", text("bucket"), text("object"));
            f.push("deployment.code", Literal::text(&address), object.origin());
        }
    }
    // What a function has that says nothing else (Cloud Functions documentation, second generation).
    let origin = t.origin().remark("the default of functions");
    f.set("timeout", Literal::seconds(60.0), origin.clone());
    f.set("memory", Literal::mebibytes(256.0), origin.clone());
    f.set("instance_concurrency", Literal::whole(1), origin);
    if let Some(config) = t.table("service_config") {
        config.no_effect(&[
            "service",
            "uri",
            "gcf_uri",
            "all_traffic_on_latest_revision",
            "secret_environment_variables",
            "secret_volumes",
            "binary_authorization_policy",
            "vpc_connector",
            "vpc_connector_egress_settings",
        ]);
        count(&config, f, "min_instance_count", "provisioned");
        count(&config, f, "max_instance_count", "max_instances");
        count(&config, f, "max_instance_request_concurrency", "instance_concurrency");
        seconds(&config, f, "timeout_seconds");
        inside(&config, f, "ingress_settings");
        variables(&config, f, "environment_variables");
        if let Some(field) = config.get("available_memory")
            && let (Some(size), origin) = cloud_run::read_memory(&field)
        {
            f.set("memory", Literal::mebibytes(size), origin);
        }
        if let Some(field) = config.get("available_cpu")
            && let Some(cpu) = cloud_run::read_cpu(&field)
        {
            f.set("vcpu", Literal::number(cpu), field.origin());
        }
        if let Some(account) = config.get("service_account_email") {
            account
                .note("what the service account may do is not looked at", "Add it as `deployment.role`, for `faascast check`.");
        }
    }
    event(t, f);
}

/// A function of the first generation.
fn first(t: &Table<'_>, draft: &mut Draft) {
    t.note("a function of the first generation", "It has prices of its own; the forecast is that of Cloud Run functions.");
    let Some(f) = draft.functions.last_mut() else { return };
    runtime(t, f);
    let origin = t.origin().remark("of the first generation");
    f.set("instance_concurrency", Literal::whole(1), origin.clone());
    f.set("memory", Literal::mebibytes(256.0), origin.clone().remark("the default of functions"));
    f.set("timeout", Literal::seconds(60.0), origin.remark("the default of functions"));
    if let Some(field) = t.get("available_memory_mb")
        && let Some(size) = field.number()
    {
        f.set("memory", Literal::mebibytes(size), field.origin());
    }
    seconds(t, f, "timeout");
    count(t, f, "min_instances", "provisioned");
    count(t, f, "max_instances", "max_instances");
    inside(t, f, "ingress_settings");
    variables(t, f, "environment_variables");
    event(t, f);
}

fn runtime(t: &Table<'_>, f: &mut Function) {
    if let Some(field) = t.get("runtime")
        && let Some(runtime) = field.text()
    {
        f.set("runtime", Literal::text(runtime), field.origin());
    }
}

/// What calls a function: events, else HTTP.
fn event(t: &Table<'_>, f: &mut Function) {
    let Some(trigger) = t.table("event_trigger") else { return cloud_run::triggers(f) };
    trigger.no_effect(&["trigger", "trigger_region", "service_account_email", "event_filters"]);
    if let Some(policy) = trigger.first(&["retry_policy", "failure_policy"]) {
        policy.note("retries of the event source", "Set `async.retries` to what it comes to.");
    }
    let kind = trigger.get("event_type").and_then(|field| field.text()).unwrap_or_default();
    let kind = ["pubsub", "storage", "firestore", "scheduler"].iter().find(|word| kind.contains(**word)).unwrap_or(&"eventarc");
    let source = trigger.first(&["pubsub_topic", "resource"]).map(|field| words(field.node));
    let literal = Literal::table(&[("kind", Some(Literal::text(kind))), ("source", source.as_deref().map(Literal::text))]);
    f.push("deployment.triggers", literal, trigger.origin());
    f.called(Call::Async, *kind, None, trigger.origin());
}

fn http(auth: Option<&str>) -> Literal {
    Literal::table(&[("kind", Some(Literal::text("http"))), ("auth", auth.map(Literal::text))])
}

/// Reads what refers to functions; whether it is something of the kind.
pub(super) fn other(resource: &Resource, estate: &Estate<'_>, draft: &mut Draft) -> bool {
    let invoker = resource.kind.ends_with("_iam_member") || resource.kind.ends_with("_iam_binding");
    let keys: &[&str] = match resource.kind.as_str() {
        kind if invoker && (kind.contains("cloud_run") || kind.contains("cloudfunctions")) => {
            &["service", "cloud_function", "name"]
        }
        "google_cloud_scheduler_job" => &["http_target"],
        "google_pubsub_subscription" => &["push_config"],
        "google_eventarc_trigger" => &["destination"],
        _ => return false,
    };
    let Some(t) = estate.open(resource) else { return true };
    t.no_effect(&["id", "location", "region", "project", "etag", "condition", "timeouts"]);
    let Some(field) = t.first(keys) else { return unread(&t) };
    let meant = match resource.kind.as_str() {
        "google_cloud_scheduler_job" => field.node.get("uri"),
        "google_pubsub_subscription" => field.node.get("push_endpoint"),
        "google_eventarc_trigger" => field.node.at(&["cloud_run_service", "service"]),
        _ => Some(field.node),
    };
    let Some(index) = meant.and_then(|node| estate.function(node, resource)) else { return unread(&t) };
    let Some(f) = draft.functions.get_mut(index) else { return true };
    if invoker {
        let role = t.get("role").map(|field| words(field.node)).unwrap_or_default();
        if role.ends_with("invoker") {
            let members: Vec<Field<'_>> = t.first(&["member", "members"]).map(|field| field.items()).unwrap_or_default();
            members.iter().for_each(|member| invoked_by(member, f));
        }
        return true;
    }
    let (kind, source, rated) = match resource.kind.as_str() {
        "google_cloud_scheduler_job" => {
            t.no_effect(&["name", "description", "time_zone", "attempt_deadline"]);
            // Five fields, as in Unix: with the second 0 before them.
            let schedule = t.get("schedule").and_then(|field| field.text().map(str::to_owned));
            ("timer", None, schedule.and_then(|text| rate(&format!("0 {text}"), Dialect::WithSeconds)))
        }
        "google_pubsub_subscription" => ("pubsub", t.get("topic").map(|field| words(field.node)), None),
        _ => ("eventarc", None, None),
    };
    let literal = Literal::table(&[("kind", Some(Literal::text(kind))), ("source", source.as_deref().map(Literal::text))]);
    f.push("deployment.triggers", literal, t.origin());
    f.called(Call::Async, kind, rated, t.origin());
    true
}

/// A resource that is of no function is named as a whole.
fn unread(t: &Table<'_>) -> bool {
    let _ = t.all();
    false
}

/// Somebody who may call: if it is everybody, the way in over HTTP is open.
fn invoked_by(member: &Field<'_>, f: &mut Function) {
    let Some(name) = member.loose() else { return };
    if name == "allUsers" {
        let closed = http(None);
        for setting in f.settings.iter_mut().filter(|s| s.table == "deployment" && s.key == "triggers") {
            if let Written::Items(items) = &mut setting.value {
                for item in items.iter_mut().filter(|item| item.value == closed) {
                    item.value = http(Some("anonymous"));
                    item.origin = member.origin();
                }
            }
        }
    }
    f.push("deployment.invokers", Literal::text(&name), member.origin());
}
