//! The settings of a function of AWS Lambda: SAM and CloudFormation name most of them alike.

use super::super::draft::Function;
use super::super::literal::Literal;
use super::super::table::{Field, Table};

const NO_EFFECT: &[&str] = &[
    "Description",
    "Handler",
    "Tags",
    "PackageType",
    "PermissionsBoundary",
    "KmsKeyArn",
    "SourceKMSKeyArn",
    "VersionDescription",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "VersionDeletionPolicy",
    "DeploymentPreference",
    "RuntimeManagementConfig",
    "RecursiveLoop",
    "CodeSigningConfigArn",
    "RolePath",
    "PropagateTags",
    "AssumeRolePolicyDocument",
    "PublishToLatestPublished",
    "FunctionName",
    "ImageConfig",
];

/// Reads the settings.
pub(in crate::import) fn settings(t: &Table<'_>, f: &mut Function) {
    t.no_effect(NO_EFFECT);
    if let Some(field) = t.get("Runtime")
        && let Some(runtime) = field.text()
    {
        f.set("runtime", Literal::text(runtime), field.origin());
    }
    number(t, f, "MemorySize", "memory", Literal::mebibytes);
    number(t, f, "Timeout", "timeout", Literal::seconds);
    if let Some(storage) = t.table("EphemeralStorage") {
        number(&storage, f, "Size", "disk", Literal::mebibytes);
    }
    architecture(t, f);
    whole(t, f, "ReservedConcurrentExecutions", "reserved");
    provisioned(t, f);
    variables(t, f);
    code(t, f);
    layers(t, f);
    network(t, f);
    dead_letter(t, f);
    if let Some(config) = t.table("EventInvokeConfig") {
        asynchronous(&config, f);
    }
    managed_instances(t);
    if let Some(mode) = t.first(&["SnapStart"]).filter(|field| field.node.get("ApplyOn").and_then(|n| n.text()) != Some("None")) {
        mode.note("SnapStart shortens cold starts, and is not simulated", "Set `cold_start` to what you measure with it.");
    }
}

/// Sets a key to a number of the file.
pub(in crate::import) fn number(t: &Table<'_>, f: &mut Function, key: &str, path: &str, literal: impl Fn(f64) -> Literal) {
    if let Some(field) = t.get(key)
        && let Some(number) = field.number()
    {
        f.set(path, literal(number), field.origin());
    }
}

/// Sets a key to a whole number of the file.
pub(in crate::import) fn whole(t: &Table<'_>, f: &mut Function, key: &str, path: &str) {
    if let Some(field) = t.get(key)
        && let Some(number) = field.whole()
    {
        f.set(path, Literal::whole(number), field.origin());
    }
}

/// The last one: SAM adds the function's own list to that of all functions.
fn architecture(t: &Table<'_>, f: &mut Function) {
    if let Some(field) = t.get("Architectures")
        && let Some(name) = field.items().last().and_then(Field::text)
    {
        f.set("architecture", Literal::text(name), field.origin());
    }
}

/// Provisioned concurrency: it stands with the function in SAM, with a version or an alias in CloudFormation.
pub(in crate::import) fn provisioned(t: &Table<'_>, f: &mut Function) {
    for key in ["ProvisionedConcurrencyConfig", "ProvisionedConcurrencyConfiguration"] {
        if let Some(config) = t.table(key) {
            whole(&config, f, "ProvisionedConcurrentExecutions", "provisioned");
        }
    }
}

fn variables(t: &Table<'_>, f: &mut Function) {
    let Some(variables) = t.table("Environment").and_then(|environment| environment.table("Variables")) else { return };
    for (name, field) in variables.all() {
        if let Some(value) = field.loose() {
            f.variable(name, &value, field.origin());
        }
    }
}

/// Where the code is from: an object of a bucket, a folder, an image, or the template itself.
fn code(t: &Table<'_>, f: &mut Function) {
    for key in ["CodeUri", "Code", "ImageUri", "InlineCode"] {
        let Some(field) = t.get(key) else { continue };
        let push = |f: &mut Function, address: &str| f.push("deployment.code", Literal::text(address), field.origin());
        if key == "InlineCode" {
            push(f, "in the template");
        } else if field.node.entries().is_some() {
            let Some(code) = field.table() else { continue };
            code.no_effect(&["SourceKMSKeyArn", "S3ObjectVersion", "Version"]);
            let text = |keys: &[&str]| code.first(keys).and_then(|field| field.loose());
            match (text(&["S3Bucket", "Bucket"]), text(&["S3Key", "Key"]), text(&["ImageUri"])) {
                (Some(bucket), key, _) => push(f, &format!("s3://{bucket}/{}", key.unwrap_or_default())),
                (None, _, Some(image)) => push(f, &image),
                _ if code.get("ZipFile").is_some() => push(f, "in the template"),
                _ => {}
            }
        } else if let Some(address) = field.loose() {
            push(f, &address);
        }
    }
}

/// Layers by their address, `arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION`.
pub(in crate::import) fn layers(t: &Table<'_>, f: &mut Function) {
    let Some(field) = t.get("Layers") else { return };
    f.declare("deployment.layers", field.origin());
    for layer in field.items() {
        if let Some(address) = layer.loose() {
            let version = address.rsplit(':').next().filter(|last| last.bytes().all(|b| b.is_ascii_digit()) && !last.is_empty());
            let table = Literal::table(&[("name", Some(Literal::text(&address))), ("version", version.map(Literal::text))]);
            f.push("deployment.layers", table, layer.origin());
        }
    }
}

/// Without a network of its own a function reaches the public one; with one, that depends on routes.
fn network(t: &Table<'_>, f: &mut Function) {
    match t.get("VpcConfig") {
        None => f.set("deployment.public_egress", Literal::flag(true), f.origin.clone().remark("no VpcConfig")),
        Some(field) => {
            field.note(
                "whether the function reaches the public network depends on routes",
                "Say so in `deployment.public_egress`, for `faascast check`.",
            );
        }
    }
    let Some(systems) = t.get("FileSystemConfigs") else { return };
    for system in systems.items() {
        let Some(table) = system.table() else { continue };
        table.no_effect(&["Arn"]);
        if let Some(path) = table.get("LocalMountPath").and_then(|field| field.loose()) {
            f.push("deployment.mounts", Literal::table(&[("path", Some(Literal::text(&path)))]), system.origin());
        }
    }
}

fn dead_letter(t: &Table<'_>, f: &mut Function) {
    for key in ["DeadLetterQueue", "DeadLetterConfig"] {
        if let Some(config) = t.table(key) {
            config.no_effect(&["Type"]);
            if let Some(target) = config.get("TargetArn") {
                f.set("async.dead_letter", Literal::flag(true), target.origin());
            }
        }
    }
}

/// Retries, age and target of asynchronous events.
pub(in crate::import) fn asynchronous(t: &Table<'_>, f: &mut Function) {
    t.no_effect(&["Qualifier"]);
    whole(t, f, "MaximumRetryAttempts", "async.retries");
    number(t, f, "MaximumEventAgeInSeconds", "async.max_event_age", Literal::seconds);
    let Some(targets) = t.table("DestinationConfig") else { return };
    targets.no_effect(&["OnSuccess"]);
    if let Some(target) = targets.get("OnFailure") {
        f.set("async.dead_letter", Literal::flag(true), target.origin());
    }
}

/// Managed instances are rented machines: none of the prices and rules of a function holds for them.
fn managed_instances(t: &Table<'_>) {
    if let Some(field) = t.get("CapacityProviderConfig") {
        let hint = "The forecast is that of an ordinary function.";
        field.warn("the function runs on managed instances, whose prices and concurrency are not known here", hint);
    }
    if let Some(field) = t.get("FunctionScalingConfig") {
        field.note("the scaling of managed instances", "The forecast is that of an ordinary function.");
    }
}
