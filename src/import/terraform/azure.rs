//! Function apps of Azure in a plan: the unit that is scaled and billed is the app, whatever functions are in it.

use super::super::document::Node;
use super::super::draft::{Call, Draft, Function};
use super::super::literal::Literal;
use super::super::notes::Why;
use super::super::table::{Field, Table, words};
use super::{Estate, Resource};

const NO_EFFECT: &[&str] = &[
    "id",
    "name",
    "resource_group_name",
    "storage_account_name",
    "storage_account_access_key",
    "storage_uses_managed_identity",
    "storage_container_type",
    "storage_container_endpoint",
    "storage_authentication_type",
    "storage_access_key",
    "storage_user_assigned_identity_id",
    "functions_extension_version",
    "builtin_logging_enabled",
    "client_certificate_enabled",
    "client_certificate_mode",
    "client_certificate_exclusion_paths",
    "content_share_force_disabled",
    "https_only",
    "enabled",
    "kind",
    "tags",
    "timeouts",
    "version",
    "os_type",
    "default_hostname",
    "ftp_publish_basic_authentication_enabled",
    "webdeploy_publish_basic_authentication_enabled",
    "vnet_image_pull_enabled",
    "connection_string",
    "sticky_settings",
    "backup",
    "zip_deploy_file",
    "daily_memory_time_quota",
];

/// Reads an app into the last function of the draft.
pub(super) fn function(t: &Table<'_>, resource: &Resource, estate: &Estate<'_>, draft: &mut Draft) {
    t.no_effect(NO_EFFECT);
    if let Some(field) = t.get("location")
        && let Some(region) = field.text()
    {
        // The provider takes both spellings, `West Europe` and `westeurope`.
        draft.region(&region.replace(' ', "").to_ascii_lowercase(), field.origin());
    }
    let Some(f) = draft.functions.last_mut() else { return };
    if let Some(plan) = t.first(&["service_plan_id", "app_service_plan_id"]) {
        sku(&plan, resource, estate);
    }
    if let Some(settings) = t.table("app_settings") {
        for (name, field) in settings.all() {
            if let Some(value) = field.loose() {
                f.variable(name, &value, field.origin());
            }
        }
    }
    if let Some(access) = t.get("public_network_access_enabled").and_then(|field| Some((field.flag()?, field.origin()))) {
        f.set("deployment.vpc", Literal::flag(!access.0), access.1);
    }
    if let Some(identity) = t.get("identity") {
        identity.note("what the identity may do is not looked at", "Add it as `deployment.role`, for `faascast check`.");
    }
    if let Some(network) = t.get("virtual_network_subnet_id") {
        network.note("the network of the app", "Say in `deployment.public_egress` whether it reaches the public one.");
    }
    flex(t, f);
    if let Some(config) = t.table("site_config") {
        site(&config, f);
    }
    f.called(Call::Sync, "http", None, t.origin().remark("what calls the app is not in the plan"));
    let hint = "Import its host.json for timeout and concurrency, and add `deployment.triggers`.";
    t.note("the functions inside of the app are not in the plan", hint);
}

/// What an app of the Flex Consumption plan says itself.
fn flex(t: &Table<'_>, f: &mut Function) {
    let text = |key: &str| t.get(key).map(|field| (words(field.node), field.origin()));
    if let Some((name, origin)) = text("runtime_name") {
        let version = text("runtime_version").map(|(version, _)| version).unwrap_or_default();
        f.set("runtime", Literal::text(&runtime_id(&name, &version)), origin);
    }
    let whole = |f: &mut Function, key: &str, path: &str| {
        if let Some(field) = t.get(key)
            && let Some(number) = field.whole()
        {
            f.set(path, Literal::whole(number), field.origin());
        }
    };
    whole(f, "maximum_instance_count", "max_instances");
    whole(f, "http_concurrency", "instance_concurrency");
    if let Some(field) = t.get("instance_memory_in_mb")
        && let Some(size) = field.number()
    {
        f.set("memory", Literal::mebibytes(size), field.origin());
    }
    if let Some(ready) = t.get("always_ready") {
        let count = |group: &Field<'_>| {
            let group = group.table()?;
            group.no_effect(&["name"]);
            group.get("instance_count")?.whole()
        };
        let all: u64 = ready.items().iter().filter_map(count).fold(0, u64::saturating_add);
        f.set("provisioned", Literal::whole(all), ready.origin().remark("always ready, all groups together"));
    }
}

/// Runtime and scale of the other plans.
fn site(t: &Table<'_>, f: &mut Function) {
    for key in ["app_scale_limit", "elastic_instance_minimum"] {
        let path = if key == "app_scale_limit" { "max_instances" } else { "provisioned" };
        // 0 stands for no limit, and for no minimum.
        if let Some(field) = t.get(key)
            && let Some(number) = field.whole().filter(|number| *number > 0)
        {
            f.set(path, Literal::whole(number), field.origin());
        }
    }
    let Some(stack) = t.table("application_stack") else { return t.rest_without_effect() };
    stack.no_effect(&["use_dotnet_isolated_runtime", "use_custom_runtime"]);
    for (key, field) in stack.all() {
        let Some(language) = key.strip_suffix("_version") else { continue };
        let version = words(field.node);
        if !version.is_empty() {
            f.set("runtime", Literal::text(&runtime_id(language, &version)), field.origin());
        }
    }
    // Settings of web servers, certificates and addresses.
    t.rest_without_effect();
}

/// The id of a runtime on the platform: `nodejs20`, `python3.11`, `dotnet8`.
fn runtime_id(language: &str, version: &str) -> String {
    let language = match language {
        "node" => "nodejs",
        "powershell_core" => "powershell",
        "dotnet-isolated" => "dotnet",
        other => other,
    };
    let version = version.trim_start_matches(['v', '~']);
    let version = if matches!(language, "dotnet" | "java" | "nodejs") { version.trim_end_matches(".0") } else { version };
    format!("{language}{version}")
}

/// Plans that rent machines have neither the prices nor the scaling of Consumption.
fn sku(plan: &Field<'_>, resource: &Resource, estate: &Estate<'_>) {
    let reference = words(plan.node);
    let named = |other: &&Resource| {
        let kind = matches!(other.kind.as_str(), "azurerm_service_plan" | "azurerm_app_service_plan");
        let name = other.values.get("name").and_then(Node::text).is_some_and(|name| reference.ends_with(&format!("/{name}")));
        kind && (name || (other.module == resource.module && reference.starts_with(&format!("${{{}.", other.local()))))
    };
    let found = estate.resources.iter().find(named);
    let sku = found.and_then(|found| found.values.get("sku_name").or_else(|| found.values.at(&["sku", "size"])));
    match sku.map(words).as_deref() {
        Some("Y1" | "FC1") => {}
        Some(name) if !name.is_empty() => {
            let name = super::cut(name, 20);
            let hint = "Elastic Premium and dedicated plans rent machines, which are not simulated.";
            plan.warn(format!("the plan `{name}` is not Consumption: the forecast is as if it were"), hint);
        }
        _ => {
            plan.note("which plan this is, is not in the file: taken as Consumption", "Import with --platform if it is another.");
        }
    }
}

/// Whether something belongs to apps; no resource adds settings to them.
pub(super) fn other(resource: &Resource, estate: &Estate<'_>) -> bool {
    let plan = matches!(resource.kind.as_str(), "azurerm_service_plan" | "azurerm_app_service_plan");
    if plan {
        estate.notes.left(Why::NoEffect, &resource.address, resource.place);
    }
    plan
}
