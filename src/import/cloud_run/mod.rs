//! Services of Cloud Run: the YAML of Knative that `gcloud run services describe --format export` prints, and the blocks of
//! Terraform that follow it.

pub(super) mod quantity;

use super::Options;
use super::document::{Node, Value};
use super::draft::{Call, Draft, Function, Origin};
use super::literal::Literal;
use super::table::{Field, Table};
use quantity::{mebibytes, vcpus};

/// What a container has that says nothing else (Cloud Run documentation, CPU and memory limits of services).
pub(super) const MEMORY: f64 = 512.0;
pub(super) const CPU: f64 = 1.0;

/// Whether a file is a service.
pub(super) fn recognises(root: &Node) -> bool {
    let version = root.get("apiVersion").and_then(Node::text).unwrap_or_default();
    version.starts_with("serving.knative.dev/") || version.starts_with("run.googleapis.com/")
}

/// Reads the service.
pub(super) fn read(root: &Node, _: &Options, draft: &mut Draft) {
    let notes = draft.notes.clone();
    let Some(top) = Table::open(root, "", &notes) else { return };
    top.no_effect(&["apiVersion", "status"]);
    if let Some(kind) = top.get("kind")
        && kind.node.text() != Some("Service")
    {
        let message = format!("a `{}` is no service", kind.node.shown());
        notes.error(kind.place, "kind", message, "Jobs and worker pools are not simulated: import a Service.");
        return;
    }
    let metadata = top.get("metadata");
    let name = metadata.as_ref().and_then(|metadata| metadata.node.get("name")?.text()).unwrap_or("service");
    let origin = metadata.as_ref().map_or_else(|| top.origin(), Field::origin);
    draft.function(name, origin);
    service(&top, draft);
}

/// Reads a service into the last function of the draft.
pub(super) fn service(top: &Table<'_>, draft: &mut Draft) {
    if let Some(metadata) = top.table("metadata") {
        metadata.no_effect(&["name", "namespace", "generation", "selfLink", "uid", "resourceVersion", "creationTimestamp"]);
        if let Some(labels) = metadata.table("labels") {
            if let Some(region) = labels.get("cloud.googleapis.com/location")
                && let Some(text) = region.text()
            {
                draft.region(text, region.origin());
            }
            labels.rest_without_effect();
        }
        if let Some(annotations) = metadata.table("annotations") {
            self::annotations(&annotations, draft);
        }
    }
    let Some(spec) = top.first(&["spec", "template"]).and_then(|field| field.table()) else { return };
    // Terraform has the template on the level of its service.
    let nested = spec.table("template");
    let template = nested.as_ref().unwrap_or(&spec);
    spec.no_effect(&["traffic"]);
    if let Some(metadata) = template.table("metadata") {
        metadata.no_effect(&["name", "labels", "namespace", "generation"]);
        if let Some(annotations) = metadata.table("annotations") {
            self::annotations(&annotations, draft);
        }
    }
    let inner = if nested.is_some() { template.table("spec") } else { spec.table("spec") };
    let Some(f) = draft.functions.last_mut() else { return };
    if let Some(spec) = inner {
        revision(&spec, f);
    }
    triggers(f);
}

/// A way in over HTTP, whoever may use it.
pub(super) fn triggers(f: &mut Function) {
    let origin = f.origin.clone();
    if !f.has("deployment.triggers") {
        f.push("deployment.triggers", Literal::table(&[("kind", Some(Literal::text("http")))]), origin.clone());
    }
    f.called(Call::Sync, "http", None, origin);
}

/// Annotations without effect on cost and capacity, by the end of their names.
const NO_EFFECT: &[&str] = &[
    "launch-stage",
    "description",
    "client-name",
    "client-version",
    "container-dependencies",
    "operation-id",
    "ingress-status",
    "urls",
    "creator",
    "lastModifier",
    "user-image",
    "encryption-key",
    "network-interfaces",
    "vpc-access-connector",
    "binary-authorization",
    "cloudsql-instances",
    "sessionAffinity",
    "execution-environment",
    "custom-audiences",
    "default-url-disabled",
    "secrets",
    "build-enable-automatic-updates",
];

/// Annotations: scaling, billing, and who may call.
fn annotations(t: &Table<'_>, draft: &mut Draft) {
    for (key, field) in t.all() {
        let Some(f) = draft.functions.last_mut() else { return };
        let name = key.rsplit_once('/').map_or(key, |(_, name)| name);
        match name {
            "minScale" | "manualInstanceCount" => count(&field, f, "provisioned"),
            "maxScale" => count(&field, f, "max_instances"),
            "cpu-throttling" => {
                if field.flag() == Some(false) {
                    draft.platform = "gcp-cloud-run-instances";
                }
            }
            "ingress" => {
                let inside = field.text().map(|text| text.starts_with("internal"));
                if let Some(inside) = inside {
                    f.set("deployment.vpc", Literal::flag(inside), field.origin());
                }
            }
            "invoker-iam-disabled" if field.node.flag() == Some(true) => {
                let literal =
                    Literal::table(&[("kind", Some(Literal::text("http"))), ("auth", Some(Literal::text("anonymous")))]);
                f.push("deployment.triggers", literal, field.origin());
                f.push("deployment.invokers", Literal::text("allUsers"), field.origin());
            }
            "vpc-access-egress" => {
                field.note(
                    "how the service reaches the network",
                    "Say in `deployment.public_egress` whether it reaches the public one.",
                );
            }
            "startup-cpu-boost" if field.node.flag() == Some(true) => {
                field.note("more CPU while starting is not simulated", "Set `cold_start` to what you measure with it.");
            }
            "startup-cpu-boost" | "invoker-iam-disabled" | "scalingMode" => {}
            _ => {
                let why = if NO_EFFECT.contains(&name) { super::notes::Why::NoEffect } else { super::notes::Why::NotRead };
                draft.notes.left(why, key, field.place);
            }
        }
    }
}

fn count(field: &Field<'_>, f: &mut Function, path: &str) {
    if let Some(number) = field.whole() {
        f.set(path, Literal::whole(number), field.origin());
    }
}

/// A revision: what an instance is, and how many requests it takes.
fn revision(t: &Table<'_>, f: &mut Function) {
    t.no_effect(&["enableServiceLinks", "serviceAccount", "nodeSelector", "servingState"]);
    if let Some(account) = t.get("serviceAccountName") {
        account.note("what the service account may do is not in the file", "Add it as `deployment.role`, for `faascast check`.");
    }
    match t.get("containerConcurrency") {
        Some(field) if field.node.whole() == Some(0) => {
            field.note("0 stands for the platform's default", "Set `instance_concurrency` if it is known.");
        }
        Some(field) => count(&field, f, "instance_concurrency"),
        None => {}
    }
    if let Some(field) = t.get("timeoutSeconds")
        && let Some(seconds) = field.number()
    {
        f.set("timeout", Literal::seconds(seconds), field.origin());
    }
    let volumes = volumes(t);
    if let Some(field) = t.get("containers") {
        containers(&field, f, &volumes);
    }
}

/// Names of the volumes that are file systems on a network. Secrets are files, but nothing that is mounted.
pub(super) fn volumes(t: &Table<'_>) -> Vec<String> {
    let mut mounted = Vec::new();
    for volume in t.get("volumes").map(|field| field.items()).unwrap_or_default() {
        if ["emptyDir", "empty_dir"].iter().any(|key| volume.node.get(key).is_some()) {
            volume.note("a volume in memory", "Its files count as memory: add them to `work.base_memory`.");
        }
        let name = volume.node.get("name").and_then(Node::text);
        if let (Some(name), true) = (name, ["nfs", "csi", "gcs"].iter().any(|key| volume.node.get(key).is_some())) {
            mounted.push(name.to_owned());
        }
    }
    mounted
}

/// All containers of an instance: it has the CPU and memory of all together.
pub(super) fn containers(field: &Field<'_>, f: &mut Function, volumes: &[String]) {
    let (mut cpu, mut memory) = (Vec::new(), Vec::new());
    for container in field.items() {
        let Some(t) = container.table() else { continue };
        one(&t, f, volumes);
        let resources = t.table("resources");
        let limits = resources.as_ref().and_then(|resources| {
            resources.no_effect(&["requests", "startupCpuBoost", "cpuIdle"]);
            resources.table("limits")
        });
        let of = |key: &str| limits.as_ref().and_then(|limits| limits.get(key));
        if let Some(gpu) = of("nvidia.com/gpu") {
            gpu.warn("a GPU has no price here", "The forecast is that without it.");
        }
        cpu.push(of("cpu").map_or_else(|| (Some(CPU), default(&container)), |field| (read_cpu(&field), field.origin())));
        memory.push(of("memory").map_or_else(|| (Some(MEMORY), default(&container)), |field| read_memory(&field)));
    }
    total(&cpu, f, "vcpu", Literal::number);
    total(&memory, f, "memory", Literal::mebibytes);
}

fn default(container: &Field<'_>) -> Origin {
    container.origin().remark("Cloud Run's default")
}

pub(super) fn read_cpu(field: &Field<'_>) -> Option<f64> {
    let found = vcpus(field.text()?);
    if found.is_none() {
        field.warn("not an amount of CPU", "Write it as 2 or 500m.");
    }
    found
}

pub(super) fn read_memory(field: &Field<'_>) -> (Option<f64>, Origin) {
    let Some(text) = field.text() else { return (None, field.origin()) };
    match mebibytes(text) {
        Some((size, None)) => (Some(size), field.origin()),
        Some((size, Some(remark))) => (Some(size), field.origin().remark(remark)),
        None => {
            field.warn("not an amount of memory", "Write it as 512Mi or 2Gi.");
            (None, field.origin())
        }
    }
}

/// The sum over containers, where all of them are known.
fn total(parts: &[(Option<f64>, Origin)], f: &mut Function, path: &str, literal: impl Fn(f64) -> Literal) {
    let Some((_, first)) = parts.first() else { return };
    let Some(sum) = parts.iter().map(|(part, _)| *part).sum::<Option<f64>>() else { return };
    // Thousandths of a CPU: without the noise of binary sums.
    let sum = (sum * 1e6).round() / 1e6;
    let origin = if parts.len() > 1 {
        let shown: Vec<String> = parts.iter().filter_map(|(part, _)| Some(part.as_ref()?.to_string())).collect();
        first.clone().remark(format!("{} containers: {}", parts.len(), shown.join(" + ")))
    } else {
        first.clone()
    };
    f.set(path, literal(sum), origin);
}

/// What is said of a container beside its size.
fn one(t: &Table<'_>, f: &mut Function, volumes: &[String]) {
    t.no_effect(&[
        "name",
        "ports",
        "command",
        "args",
        "startupProbe",
        "livenessProbe",
        "readinessProbe",
        "workingDir",
        "dependsOn",
        "securityContext",
        "imagePullPolicy",
        "buildInfo",
        "baseImageUri",
    ]);
    if let Some(image) = t.get("image")
        && let Some(address) = image.loose()
    {
        f.push("deployment.code", Literal::text(&address), image.origin());
    }
    for variable in t.get("env").map(|field| field.items()).unwrap_or_default() {
        let Some(t) = variable.table() else { continue };
        let Some(name) = t.get("name").and_then(|field| field.text()) else { continue };
        // A secret is fetched when an instance starts: it is no text of the file.
        t.no_effect(&["valueFrom", "valueSource"]);
        if let Some(value) = t.get("value").and_then(|field| field.loose()) {
            f.variable(name, &value, variable.origin());
        }
    }
    for mount in t.get("volumeMounts").map(|field| field.items()).unwrap_or_default() {
        let Some(t) = mount.table() else { continue };
        t.no_effect(&["readOnly", "subPath"]);
        let name = t.get("name").and_then(|field| field.node.text()).unwrap_or_default();
        if !volumes.iter().any(|volume| volume == name) {
            t.no_effect(&["mountPath"]);
        } else if let Some(path) = t.get("mountPath").and_then(|field| field.loose()) {
            f.push("deployment.mounts", Literal::table(&[("path", Some(Literal::text(&path)))]), mount.origin());
        }
    }
}

/// Whether a value is there and says no, such as `cpu_idle = false`.
pub(super) fn denied(node: Option<&Node>) -> bool {
    node.is_some_and(|node| !matches!(node.value, Value::Null) && node.flag() == Some(false))
}
