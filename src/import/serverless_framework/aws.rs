//! Functions of AWS Lambda in the Serverless Framework.

use super::super::aws::function::{layers, number, whole};
use super::super::document::Node;
use super::super::draft::{Draft, Function};
use super::super::literal::Literal;
use super::super::notes::Notes;
use super::super::table::{Field, Table};
use super::{Declared, access, events};

/// Settings of the provider that hold for every function.
pub(super) const SHARED: &[&str] =
    &["memorySize", "timeout", "runtime", "architecture", "environment", "vpc", "layers", "ephemeralStorageSize", "snapStart"];

/// Settings of the provider that change neither cost nor capacity.
const PROVIDER_NO_EFFECT: &[&str] = &[
    "profile",
    "stackName",
    "stackTags",
    "stackParameters",
    "stackPolicy",
    "tags",
    "deploymentBucket",
    "deploymentPrefix",
    "deploymentMethod",
    "disableRollback",
    "rollbackConfiguration",
    "notificationArns",
    "versionFunctions",
    "lambdaHashingVersion",
    "logRetentionInDays",
    "logDataProtectionPolicy",
    "logs",
    "endpointType",
    "apiName",
    "websocketsApiName",
    "websocketsApiRouteSelectionExpression",
    "websocketsDescription",
    "kmsKeyArn",
    "cfnRole",
    "build",
    "eventBridge",
    "runtimeManagement",
    "ecr",
    "s3",
    "resolver",
    "alb",
    "tracing",
    "apiKeys",
    "resourcePolicy",
    "rolePermissionsBoundary",
];

const NO_EFFECT: &[&str] = &[
    "handler",
    "name",
    "description",
    "tags",
    "tracing",
    "kmsKeyArn",
    "disableLogs",
    "logRetentionInDays",
    "logDataProtectionPolicy",
    "logs",
    "condition",
    "dependsOn",
    "versionFunction",
    "runtimeManagement",
    "build",
];

/// What the framework sets where the file does not (its documentation, "Functions").
const MEMORY: f64 = 1024.0;
const TIMEOUT: f64 = 6.0;
const REGION: &str = "us-east-1";

/// What all functions of the file share.
pub(super) struct Service<'s> {
    /// The provider, evaluated.
    pub(super) provider: &'s Node,
    /// Its settings that are those of every function.
    pub(super) base: &'s Node,
    /// `resources` as it stands in the file.
    pub(super) resources: &'s Node,
    /// Replaces variables and references.
    pub(super) evaluated: &'s dyn Fn(&Node) -> Node,
    /// What is said about the file.
    pub(super) notes: &'s Notes,
}

/// Reads the functions.
pub(super) fn read(declared: &[Declared<'_>], provider: &Table<'_>, service: &Service<'_>, draft: &mut Draft) {
    provider.no_effect(PROVIDER_NO_EFFECT);
    // The role is read with each function, the stage by variables.
    for used in ["role", "iamRoleStatements", "iamManagedPolicies", "stage"] {
        let _ = provider.get(used);
    }
    if let Some(iam) = provider.table("iam") {
        iam.no_effect(&["deploymentRole"]);
        if let Some(role) = iam.get("role").filter(|role| role.node.entries().is_some()).and_then(|role| role.table()) {
            role.no_effect(&["name", "path", "permissionsBoundary", "permissionBoundary", "tags"]);
            let _ = (role.get("statements"), role.get("managedPolicies"));
        }
    }
    match provider.get("region") {
        Some(field) => {
            if let Some(region) = field.text() {
                draft.region(region, field.origin());
            }
        }
        None => draft.region(REGION, provider.origin().remark("the framework's default")),
    }
    for function in declared {
        let Some(t) = Table::open(&function.settings, function.origin.path.as_str(), service.notes) else { continue };
        let mut t = t.also(service.base, "provider");
        t.place = function.origin.place;
        let f = draft.function(function.name, function.origin.clone());
        settings(&t, f, function);
        access::role(&t, f, service);
        events::read(&t, f);
    }
}

fn settings(t: &Table<'_>, f: &mut Function, function: &Declared<'_>) {
    t.no_effect(NO_EFFECT);
    if let Some(field) = t.get("runtime")
        && let Some(runtime) = field.text()
    {
        f.set("runtime", Literal::text(runtime), field.origin());
    }
    number(t, f, "memorySize", "memory", Literal::mebibytes);
    number(t, f, "timeout", "timeout", Literal::seconds);
    for (key, in_file, literal) in
        [("memory", "memorySize", Literal::mebibytes(MEMORY)), ("timeout", "timeout", Literal::seconds(TIMEOUT))]
    {
        if function.settings.get(in_file).is_none_or(Node::is_null) {
            f.set(key, literal, function.origin.clone().remark("the framework's default"));
        }
    }
    number(t, f, "ephemeralStorageSize", "disk", Literal::mebibytes);
    if let Some(field) = t.get("architecture")
        && let Some(name) = field.text()
    {
        f.set("architecture", Literal::text(name), field.origin());
    }
    whole(t, f, "reservedConcurrency", "reserved");
    whole(t, f, "provisionedConcurrency", "provisioned");
    variables(t, f);
    code(t, f);
    layers(t, f);
    network(t, f);
    asynchronous(t, f);
    if let Some(field) = t.get("snapStart").filter(|field| field.node.flag() == Some(true)) {
        field.note("SnapStart shortens cold starts, and is not simulated", "Set `cold_start` to what you measure with it.");
    }
}

fn variables(t: &Table<'_>, f: &mut Function) {
    let Some(variables) = t.table("environment") else { return };
    for (name, field) in variables.all() {
        if let Some(value) = field.loose() {
            f.variable(name, &value, field.origin());
        }
    }
}

/// An image, a package that was built before, or the folder of the file.
fn code(t: &Table<'_>, f: &mut Function) {
    if let Some(image) = t.get("image") {
        let address = match image.node.entries() {
            Some(_) => image.table().and_then(|image| {
                image.no_effect(&["command", "entryPoint", "workingDirectory"]);
                image.first(&["uri", "name"])?.loose()
            }),
            None => image.loose(),
        };
        if let Some(address) = address {
            f.push("deployment.code", Literal::text(&address), image.origin());
        }
    }
    if let Some(package) = t.table("package") {
        package.no_effect(&["individually", "patterns", "include", "exclude", "excludeDevDependencies"]);
        if let Some(artifact) = package.get("artifact")
            && let Some(path) = artifact.loose()
        {
            f.push("deployment.code", Literal::text(&path), artifact.origin());
        }
    }
}

/// Without a network of its own a function reaches the public one; with one, that depends on routes.
fn network(t: &Table<'_>, f: &mut Function) {
    match t.get("vpc") {
        None => f.set("deployment.public_egress", Literal::flag(true), t.origin().remark("no vpc")),
        Some(field) => field.note(
            "the network of the function",
            "Say in `deployment.public_egress` whether its routes lead to the public network.",
        ),
    }
    for system in t.get("fileSystemConfig").map(|field| field.items()).unwrap_or_default() {
        let Some(table) = system.table() else { continue };
        table.no_effect(&["arn"]);
        if let Some(path) = table.get("localMountPath").and_then(|field| field.loose()) {
            f.push("deployment.mounts", Literal::table(&[("path", Some(Literal::text(&path)))]), system.origin());
        }
    }
}

/// Retries, age and targets of asynchronous events.
fn asynchronous(t: &Table<'_>, f: &mut Function) {
    whole(t, f, "maximumRetryAttempts", "async.retries");
    number(t, f, "maximumEventAge", "async.max_event_age", Literal::seconds);
    let failed = t.table("destinations").and_then(|targets| {
        targets.no_effect(&["onSuccess"]);
        targets.get("onFailure")
    });
    let dead_letter = t.get("onError");
    if let Some(target) = failed.as_ref().or(dead_letter.as_ref()) {
        f.set("async.dead_letter", Literal::flag(true), Field::origin(target));
    }
}
