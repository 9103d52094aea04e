//! Functions of Function Compute in a plan: 3.0 (`alicloud_fcv3_…`) and 2.0 (`alicloud_fc_…`).

use super::super::document;
use super::super::draft::{Draft, Function};
use super::super::fc::{self, provision, triggers};
use super::super::literal::Literal;
use super::super::notes::Why;
use super::super::table::Table;
use super::{Estate, Resource, access};

const NO_EFFECT: &[&str] = &[
    "id",
    "name",
    "function_id",
    "function_arn",
    "create_time",
    "last_modified_time",
    "last_modified",
    "last_update_status",
    "state",
    "code_checksum",
    "code_size",
    "timeouts",
    "log_config",
    "resource_group_id",
    "service",
];

/// Reads a function into the last one of the draft.
pub(super) fn function(t: &Table<'_>, estate: &Estate<'_>, draft: &mut Draft) {
    estate.region(t, "region", "alicloud", draft);
    let Some(f) = draft.functions.last_mut() else { return };
    t.no_effect(NO_EFFECT);
    fc::settings(t, f);
    fc::surroundings(t, f);
    fc::role(t, f);
    if let Some(field) = t.get("idle_timeout")
        && let Some(seconds) = field.node.number().filter(|seconds| *seconds > 0.0)
    {
        f.set("keep_alive", Literal::seconds(seconds), field.origin());
    }
    if let Some(path) = t.get("filename").and_then(|field| Some((field.loose()?, field.origin()))) {
        f.push("deployment.code", Literal::text(&path.0), path.1);
    }
}

/// Reads what refers to functions; whether it is something of the kind.
pub(super) fn other(resource: &Resource, estate: &Estate<'_>, draft: &mut Draft) -> bool {
    let key = match resource.kind.as_str() {
        "alicloud_fcv3_provision_config"
        | "alicloud_fcv3_concurrency_config"
        | "alicloud_fcv3_async_invoke_config"
        | "alicloud_fcv3_trigger"
        | "alicloud_fcv3_vpc_binding"
        | "alicloud_fcv3_scaling_config"
        | "alicloud_fc_function_async_invoke_config" => "function_name",
        "alicloud_fc_trigger" => "function",
        "alicloud_fcv3_alias" | "alicloud_fcv3_function_version" | "alicloud_fcv3_layer_version" => {
            estate.notes.left(Why::NoEffect, &resource.kind, resource.place);
            return true;
        }
        _ => return false,
    };
    let Some(t) = estate.open(resource) else { return true };
    t.no_effect(&["id", "function_arn", "create_time", "last_modified_time", "timeouts", "service", "service_name"]);
    let Some(field) = t.get(key) else { return true };
    let Some(index) = estate.target(&field, resource) else { return true };
    let mut always = None;
    if let Some(f) = draft.functions.get_mut(index) {
        match resource.kind.as_str() {
            "alicloud_fcv3_provision_config" => always = provision::config(&t, f),
            "alicloud_fcv3_scaling_config" => provision::scaled(&t, f),
            "alicloud_fcv3_concurrency_config" => fc::whole(&t, f, &["reserved_concurrency"], "reserved"),
            "alicloud_fcv3_vpc_binding" => {
                t.no_effect(&["vpc_id"]);
                f.set("deployment.vpc", Literal::flag(true), t.origin());
            }
            "alicloud_fcv3_trigger" | "alicloud_fc_trigger" => trigger(&t, f, estate),
            _ => {
                fc::events(&t, f);
                fc::whole(&t, f, &["maximum_retry_attempts"], "async.retries");
                fc::number(&t, f, &["maximum_event_age_in_seconds"], "async.max_event_age", Literal::seconds);
            }
        }
    }
    provision::idle_rate(draft, always);
    true
}

/// A trigger; its settings are JSON in a text.
fn trigger(t: &Table<'_>, f: &mut Function, estate: &Estate<'_>) {
    t.no_effect(&["qualifier", "invocation_role", "role", "description", "trigger_id", "http_trigger", "status"]);
    let name = t.first(&["trigger_name", "name"]).and_then(|field| field.loose()).unwrap_or_default();
    let Some(kind) = t.first(&["trigger_type", "type"]).and_then(|field| field.text()) else { return };
    let source = t.get("source_arn").and_then(|field| field.loose());
    let written = t.first(&["trigger_config", "config"]).or_else(|| t.get("config_mns"));
    let config = written.as_ref().and_then(|field| {
        let read = document::read(field.text().filter(|text| !text.is_empty())?, "");
        if read.is_err() {
            field.warn("the settings of the trigger are not JSON", "Give them as `jsonencode({ … })`.");
        }
        let mut config = read.ok()?;
        access::moved(&mut config, field.place);
        Some(config)
    });
    let path = written.as_ref().map(|field| field.path.clone()).unwrap_or_default();
    let config = config.as_ref().and_then(|config| Table::open(config, path, &estate.notes));
    triggers::trigger(f, &name, kind, source, config.as_ref(), t);
}
