//! `[functions.NAME.deployment]`: how the function is deployed, for `check`. Nothing here changes a simulation. What is left
//! out is not known; an empty table or list says that there is none.

use super::key::{Key, Kind, key, must};
use super::node::Node;
use super::quantities;
use super::reader::Reader;
use crate::units::{Bytes, Span};

/// Keys of `deployment`.
pub(super) const KEYS: &[Key] = &[
    key("code", Kind::Texts, "addresses or paths that the code is fetched from"),
    key("layers", Kind::Tables(LAYER), "layers of the package"),
    key("role", Kind::Table(ROLE), "what the execution role allows; empty for no role"),
    key("uses", Kind::Texts, "actions that the code uses, such as oss:GetObject"),
    key("triggers", Kind::Tables(TRIGGER), "what calls the function"),
    key("files", Kind::Size, "what an invocation writes to its disk"),
    key("vpc", Kind::Flag, "whether the function may be called from its private network only"),
    key("public_egress", Kind::Flag, "whether the function reaches the public network"),
    key("egress_needed", Kind::Flag, "whether the code calls anything on the public network"),
    key("mounts", Kind::Tables(MOUNT), "mounted file systems"),
    key("invokers", Kind::Texts, "who may call it, by the resource policy"),
    key("maintainers", Kind::Texts, "who may update it or pass its role"),
    key("log_environment", Kind::Flag, "whether environment variables are written to the log"),
    key("log_payload", Kind::Flag, "whether requests or responses are written to the log"),
    key("idempotent", Kind::Flag, "whether handling an event twice does no harm"),
    key("scanned", Kind::Flag, "whether code and libraries are scanned for known weaknesses"),
];

const LAYER: &[Key] = &[
    must("name", Kind::Text, "name or address of the layer"),
    key("size", Kind::Size, "size of the layer"),
    key("version", Kind::Text, "version of the layer"),
];
const ROLE: &[Key] = &[
    key("actions", Kind::Texts, "allowed actions"),
    key("resources", Kind::Texts, "resources that they are allowed on"),
    key("policies", Kind::Texts, "managed policies by name"),
];
const TRIGGER: &[Key] = &[
    must("kind", Kind::Text, "such as http, api-gateway-rest, alb, oss, sqs"),
    key("auth", Kind::Text, "how callers prove who they are; anonymous for not at all"),
    key("source", Kind::Text, "what may call, such as a bucket; * for anything"),
    key("visibility_timeout", Kind::Span, "visibility timeout of the queue"),
];
const MOUNT: &[Key] =
    &[must("path", Kind::Text, "where it is mounted"), key("encrypted", Kind::Flag, "whether it is encrypted in transit")];

/// How a function is deployed, as far as the file says; `None` is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deployment {
    /// Code package or image.
    pub package: Option<Bytes>,
    /// Environment variables in the order of the file.
    pub environment: Option<Vec<(String, String)>>,
    /// Addresses or paths that the code is fetched from.
    pub code: Option<Vec<String>>,
    /// Layers of the package.
    pub layers: Option<Vec<Layer>>,
    /// What the execution role allows.
    pub role: Option<Role>,
    /// Actions that the code uses.
    pub uses: Option<Vec<String>>,
    /// What calls the function.
    pub triggers: Option<Vec<Trigger>>,
    /// What an invocation writes to its disk.
    pub files: Option<Bytes>,
    /// Whether the function may be called from its private network only.
    pub vpc: Option<bool>,
    /// Whether the function reaches the public network.
    pub public_egress: Option<bool>,
    /// Whether the code calls anything on the public network.
    pub egress_needed: Option<bool>,
    /// Mounted file systems.
    pub mounts: Option<Vec<Mount>>,
    /// Who may call it.
    pub invokers: Option<Vec<String>>,
    /// Who may update it or pass its role.
    pub maintainers: Option<Vec<String>>,
    /// Whether environment variables are written to the log.
    pub log_environment: Option<bool>,
    /// Whether requests or responses are written to the log.
    pub log_payload: Option<bool>,
    /// Whether handling an event twice does no harm.
    pub idempotent: Option<bool>,
    /// Whether code and libraries are scanned for known weaknesses.
    pub scanned: Option<bool>,
    /// Line of the function's table, counted from 1; 0 if it was given on the command line.
    pub line: usize,
}

/// A layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// Name or address.
    pub name: String,
    /// Size.
    pub size: Option<Bytes>,
    /// Version.
    pub version: Option<String>,
}

/// An execution role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Allowed actions.
    pub actions: Vec<String>,
    /// Resources that they are allowed on.
    pub resources: Vec<String>,
    /// Managed policies.
    pub policies: Vec<String>,
}

/// A trigger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trigger {
    /// Such as `http`.
    pub kind: String,
    /// How callers prove who they are.
    pub auth: Option<String>,
    /// What may call.
    pub source: Option<String>,
    /// Visibility timeout of the queue.
    pub visibility_timeout: Option<Span>,
}

/// A mounted file system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount {
    /// Where it is mounted.
    pub path: String,
    /// Whether it is encrypted in transit.
    pub encrypted: Option<bool>,
}

fn texts(t: &Reader<'_>, key: &'static str) -> Option<Vec<String>> {
    t.read(key, |node| quantities::list(node, "a list of texts", quantities::text))
}

/// Reads what is known of the deployment of the function whose table `r` is. `package` and `environment` stand beside it.
pub(super) fn read(r: &Reader<'_>) -> Deployment {
    let variables = |node: &Node| -> Option<Vec<(String, String)>> {
        node.entries()?.iter().map(|e| Some((e.key.clone(), e.node.text()?.to_owned()))).collect()
    };
    let t = r.table("deployment");
    let text = |t: &Reader<'_>, key: &'static str| t.read(key, quantities::text);
    let layer =
        |t: Reader<'_>| Layer { name: text(&t, "name").unwrap_or_default(), size: t.size("size"), version: text(&t, "version") };
    let trigger = |t: Reader<'_>| Trigger {
        kind: text(&t, "kind").unwrap_or_default(),
        auth: text(&t, "auth"),
        source: text(&t, "source"),
        visibility_timeout: t.span("visibility_timeout"),
    };
    let mount = |t: Reader<'_>| Mount { path: text(&t, "path").unwrap_or_default(), encrypted: t.flag("encrypted") };
    let role = |t: &Reader<'_>| Role {
        actions: texts(t, "actions").unwrap_or_default(),
        resources: texts(t, "resources").unwrap_or_default(),
        policies: texts(t, "policies").unwrap_or_default(),
    };
    Deployment {
        package: r.get("package").and_then(|node| quantities::size(node).ok()),
        environment: r.get("environment").and_then(variables),
        code: texts(&t, "code"),
        layers: t.has("layers").then(|| t.tables("layers").into_iter().map(layer).collect()),
        role: t.table_if("role").map(|t| role(&t)),
        uses: texts(&t, "uses"),
        triggers: t.has("triggers").then(|| t.tables("triggers").into_iter().map(trigger).collect()),
        files: t.size("files"),
        vpc: t.flag("vpc"),
        public_egress: t.flag("public_egress"),
        egress_needed: t.flag("egress_needed"),
        mounts: t.has("mounts").then(|| t.tables("mounts").into_iter().map(mount).collect()),
        invokers: texts(&t, "invokers"),
        maintainers: texts(&t, "maintainers"),
        log_environment: t.flag("log_environment"),
        log_payload: t.flag("log_payload"),
        idempotent: t.flag("idempotent"),
        scanned: t.flag("scanned"),
        line: match r.place {
            super::node::Place::Line(line) => line,
            super::node::Place::Set => 0,
        },
    }
}
