//! Functions of Alibaba Cloud Function Compute: the same properties stand in files of Serverless Devs, in ROS and in Fun
//! templates, under names that differ by the case of their first letter.

pub(super) mod provision;
pub(super) mod triggers;

use super::draft::Function;
use super::literal::Literal;
use super::policies::Policies;
use super::table::{Field, Table};

/// Keys that change neither cost nor capacity.
const NO_EFFECT: &[&str] =
    &["description", "handler", "tags", "functionName", "serviceName", "caPort", "tracingConfig", "customDNS"];

/// Reads what FC 3.0 and FC 2.0 have in common.
pub(super) fn settings(t: &Table<'_>, f: &mut Function) {
    t.no_effect(NO_EFFECT);
    if let Some(field) = t.get("runtime")
        && let Some(runtime) = field.text()
    {
        f.set("runtime", Literal::text(runtime), field.origin());
    }
    number(t, f, &["memorySize"], "memory", Literal::mebibytes);
    number(t, f, &["cpu"], "vcpu", Literal::number);
    number(t, f, &["timeout"], "timeout", Literal::seconds);
    number(t, f, &["diskSize"], "disk", Literal::mebibytes);
    whole(t, f, &["instanceConcurrency"], "instance_concurrency");
    code(t, f);
    gpu(t, f);
    environment(t, f);
    layers(t, f);
    containers(t, f);
    if let Some(lifecycle) = t.table("instanceLifecycleConfig")
        && let Some(initializer) = lifecycle.table("initializer")
    {
        initializer.no_effect(&["handler"]);
        number(&initializer, f, &["timeout"], "init_timeout", Literal::seconds);
    }
    if let Some(asynchronous) = t.first(&["asyncInvokeConfig", "asyncConfiguration"]).and_then(|field| field.table()) {
        events(&asynchronous, f);
    }
}

/// Sets a key to a number of the file.
pub(super) fn number(t: &Table<'_>, f: &mut Function, keys: &[&str], path: &str, literal: impl Fn(f64) -> Literal) {
    if let Some(field) = t.first(keys)
        && let Some(number) = field.number()
    {
        f.set(path, literal(number), field.origin());
    }
}

/// Sets a key to a whole number of the file.
pub(super) fn whole(t: &Table<'_>, f: &mut Function, keys: &[&str], path: &str) {
    if let Some(field) = t.first(keys)
        && let Some(number) = field.whole()
    {
        f.set(path, Literal::whole(number), field.origin());
    }
}

/// Where the code is from: a path, or an object of a bucket.
fn code(t: &Table<'_>, f: &mut Function) {
    if let Some(field) = t.first(&["code", "codeUri"]) {
        match field.node.entries() {
            Some(_) => {
                let Some(code) = field.table() else { return };
                let text = |keys: &[&str]| code.first(keys).and_then(|field| field.loose());
                match (text(&["ossBucketName", "bucket"]), text(&["ossObjectName", "object"]), text(&["src"])) {
                    (Some(bucket), object, _) => {
                        let address = format!("oss://{bucket}/{}", object.unwrap_or_default());
                        f.push("deployment.code", Literal::text(&address), field.origin());
                    }
                    (None, _, Some(path)) => f.push("deployment.code", Literal::text(&path), field.origin()),
                    _ => {}
                }
            }
            None => {
                if let Some(path) = field.loose() {
                    f.push("deployment.code", Literal::text(&path), field.origin());
                }
            }
        }
    }
    if let Some(bucket) = t.get("ossBucket") {
        let object = t.get("ossKey").and_then(|field| field.loose()).unwrap_or_default();
        let address = format!("oss://{}/{object}", bucket.loose().unwrap_or_default());
        f.push("deployment.code", Literal::text(&address), bucket.origin());
    }
}

/// The card by its name in the price book: `fc.gpu.ada.1` is `ada.1` there.
fn gpu(t: &Table<'_>, f: &mut Function) {
    let table = t.table("gpuConfig");
    let source = table.as_ref().unwrap_or(t);
    let kind = source.first(&["gpuType", "instanceType"]);
    let memory = source.get("gpuMemorySize");
    let Some(kind) = kind else { return };
    let Some(name) = kind.text() else { return };
    match (name.strip_prefix("fc.gpu."), memory.as_ref().and_then(Field::number)) {
        (Some(card), Some(memory)) => {
            f.set("gpu.card", Literal::text(card), kind.origin());
            let origin = source.get("gpuMemorySize").map_or_else(|| kind.origin(), |field| field.origin());
            f.set("gpu.memory", Literal::mebibytes(memory), origin);
        }
        (Some(_), None) => kind.warn("a GPU without its memory", "Give `gpuMemorySize`."),
        (None, _) if table.is_some() => {
            kind.warn(format!("`{name}` is no GPU that is known"), "Known are such as fc.gpu.tesla.1 and fc.gpu.ada.1.");
        }
        // `e1` and `c1` of FC 2.0: elastic and performance instances, told apart by their memory.
        (None, _) => kind.note(format!("the instance type `{name}` has no price of its own"), "Its memory decides the price."),
    }
}

fn environment(t: &Table<'_>, f: &mut Function) {
    let Some(variables) = t.table("environmentVariables") else { return };
    for (name, field) in variables.all() {
        if let Some(value) = field.loose() {
            f.variable(name, &value, field.origin());
        }
    }
}

/// Layers by their address, `acs:fc:REGION:ACCOUNT:layers/NAME/versions/N`.
fn layers(t: &Table<'_>, f: &mut Function) {
    let Some(field) = t.get("layers") else { return };
    f.declare("deployment.layers", field.origin());
    for layer in field.items() {
        if let Some(name) = layer.loose() {
            let version =
                name.rsplit_once("/versions/").or_else(|| name.rsplit_once('#')).map(|(_, version)| Literal::text(version));
            let table = Literal::table(&[("name", Some(Literal::text(&name))), ("version", version)]);
            f.push("deployment.layers", table, layer.origin());
        }
    }
}

/// The image of a container; how it is started changes nothing.
fn containers(t: &Table<'_>, f: &mut Function) {
    for key in ["customContainerConfig", "customRuntimeConfig"] {
        let Some(config) = t.table(key) else { continue };
        config.no_effect(&["command", "args", "entrypoint", "port", "healthCheckConfig", "webServerMode", "acrInstanceId"]);
        if let Some(image) = config.get("image")
            && let Some(address) = image.loose()
        {
            f.push("deployment.code", Literal::text(&address), image.origin());
        }
    }
}

/// Retries, age and dead-letter target of asynchronous events.
pub(super) fn events(t: &Table<'_>, f: &mut Function) {
    t.no_effect(&["qualifier", "asyncTask", "statefulInvocation"]);
    whole(t, f, &["maxAsyncRetryAttempts"], "async.retries");
    number(t, f, &["maxAsyncEventAgeInSeconds"], "async.max_event_age", Literal::seconds);
    let Some(targets) = t.first(&["destinationConfig", "destination"]).and_then(|field| field.table()) else { return };
    targets.no_effect(&["onSuccess"]);
    if let Some(target) = targets.get("onFailure") {
        f.set("async.dead_letter", Literal::flag(true), target.origin());
    }
}

/// Network and storage: they stand with the function in FC 3.0, with its service in FC 2.0.
pub(super) fn surroundings(t: &Table<'_>, f: &mut Function) {
    if let Some(field) = t.get("internetAccess")
        && let Some(access) = field.flag()
    {
        f.set("deployment.public_egress", Literal::flag(access), field.origin());
    }
    if let Some(binding) = t.table("vpcBinding") {
        let vpcs = binding.get("vpcIds").map_or(0, |ids| ids.items().len());
        f.set("deployment.vpc", Literal::flag(vpcs > 0), binding.origin());
    }
    for (key, point) in [("nasConfig", "mountPoints"), ("ossMountConfig", "mountPoints")] {
        let Some(field) = t.get(key) else { continue };
        if field.node.text().is_some() {
            field.note("a mount that the tool chooses", "Add `deployment.mounts` once it is deployed.");
            continue;
        }
        let Some(config) = field.table() else { continue };
        config.no_effect(&["userId", "groupId"]);
        let Some(points) = config.get(point) else { continue };
        f.declare("deployment.mounts", points.origin());
        for point in points.items() {
            let Some(point) = point.table() else { continue };
            point.no_effect(&["serverAddr", "nasDir", "bucketName", "bucketPath", "endpoint", "readOnly"]);
            let path = point.first(&["mountDir", "fcDir"]).and_then(|field| field.loose());
            let encrypted = point.get("enableTLS").and_then(|field| field.flag()).map(Literal::flag);
            if let Some(path) = path {
                let mount = Literal::table(&[("path", Some(Literal::text(&path))), ("encrypted", encrypted)]);
                f.push("deployment.mounts", mount, point.origin());
            }
        }
    }
}

/// The execution role: its policies where the file has them. The address of a role says nothing about what it allows.
pub(super) fn role(t: &Table<'_>, f: &mut Function) {
    if let Some(field) = t.get("role") {
        match field.node.entries() {
            Some(_) => {
                if let Some(role) = field.table() {
                    role.no_effect(&["name"]);
                    if let Some(policies) = role.get("policies") {
                        self::policies(&policies, f);
                    }
                }
            }
            None if field.node.text() == Some("") => {
                f.set("deployment.role", Literal::table(&[]), field.origin().remark("no role"));
            }
            None => field.note("what the role allows is not in the file", "Add it as `deployment.role`, for `faascast check`."),
        }
    }
    if let Some(policies) = t.get("policies") {
        self::policies(&policies, f);
    }
}

/// Policies by name, or written out as statements.
fn policies(field: &Field<'_>, f: &mut Function) {
    let mut all = Policies::default();
    for policy in field.items() {
        match policy.node.entries() {
            Some(_) => {
                let Some(policy) = policy.table() else { continue };
                policy.no_effect(&["name", "version"]);
                for statement in policy.get("statement").map(|field| field.items()).unwrap_or_default() {
                    all.statement(&statement);
                }
            }
            None => all.names.extend(policy.loose()),
        }
    }
    all.set(f, &field.origin());
}
