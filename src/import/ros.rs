//! Templates of Alibaba Cloud: ROS with resources of Function Compute 3.0 and 2.0, and the older form of the tool Fun, in which
//! functions stand in their service.

use super::Options;
use super::document::{Entry, Node, Place};
use super::draft::{Draft, Function, Origin};
use super::fc::{self, provision, triggers};
use super::literal::{Literal, cut};
use super::notes::{Notes, Why};
use super::policies::Policies;
use super::table::{Table, join};
use super::template::{Template, resource};

const SERVICE: &str = "Aliyun::Serverless::Service";
const FUNCTION: &str = "Aliyun::Serverless::Function";

/// Whether a file is one.
pub(super) fn recognises(root: &Node) -> bool {
    let kinds = root.get("Resources").and_then(Node::entries).unwrap_or_default();
    let of_fc = |kind: &str| ["ALIYUN::", "Aliyun::Serverless", "DATASOURCE::"].iter().any(|part| kind.starts_with(part));
    root.get("ROSTemplateFormatVersion").is_some()
        || kinds.iter().any(|entry| entry.node.get("Type").and_then(Node::text).is_some_and(of_fc))
}

/// A resource with what refers to it by.
struct Resource<'n> {
    id: &'n str,
    kind: &'n str,
    place: Place,
    /// With the properties evaluated.
    node: &'n Node,
}

/// Reads all functions, then what refers to them.
pub(super) fn read(root: &Node, options: &Options, draft: &mut Draft) {
    let notes = draft.notes.clone();
    let template = Template::new(root, options, &notes);
    let Some(top) = Table::open(root, "", &notes) else { return };
    top.no_effect(&["ROSTemplateFormatVersion", "Transform", "Description", "Metadata", "Outputs", "Workspace", "Rules"]);
    for used in ["Parameters", "Mappings", "Conditions", "Resources", "Globals"] {
        let _ = top.get(used);
    }
    draft.platform = "alibaba-fc2";
    if let Some(region) = options.parameter("ALIYUN::Region") {
        draft.region(region, Origin::new(Place::default(), "ALIYUN::Region").remark("given as a parameter"));
    }
    let Some(entries) = root.get("Resources").and_then(Node::entries) else { return };
    let made: Vec<Entry> =
        entries.iter().filter(|entry| made(entry, &template, &notes)).map(|entry| evaluated(entry, &template)).collect();
    let resources: Vec<Resource<'_>> = made
        .iter()
        .filter_map(|entry| {
            let kind = entry.node.get("Type").and_then(Node::text);
            if kind.is_none() {
                let path = join("Resources", &entry.key);
                notes.warn(entry.place, &path, "a resource without a type", "Give its `Type`; it was not read.");
            }
            Some(Resource { id: &entry.key, kind: kind?, place: entry.place, node: &entry.node })
        })
        .collect();
    let mut functions: Vec<(String, usize)> = Vec::new();
    for found in &resources {
        match found.kind {
            SERVICE => fun_service(found, draft, &notes),
            "ALIYUN::FC::Function" | "ALIYUN::FC3::Function" => {
                functions
                    .extend(function(found, &resources, draft, &notes).into_iter().map(|index| (found.id.to_owned(), index)));
            }
            _ => {}
        }
    }
    for found in &resources {
        attached(found, &functions, draft, &notes);
    }
}

/// Whether a resource is made, as far as its condition is known.
fn made(entry: &Entry, template: &Template<'_>, notes: &Notes) -> bool {
    let Some(condition) = entry.node.get("Condition") else { return true };
    let Some(name) = condition.text() else { return true };
    let holds = template.holds(name, condition.place);
    if holds == Some(false) {
        let path = join("Resources", &entry.key);
        notes.note(entry.place, &path, format!("not made: `{name}` does not hold"), "Give other parameters to have it.");
    }
    holds != Some(false)
}

fn evaluated(entry: &Entry, template: &Template<'_>) -> Entry {
    Entry { key: entry.key.clone(), place: entry.place, node: template.evaluate(&entry.node) }
}

/// A function of ROS; its index in the draft.
fn function(found: &Resource<'_>, resources: &[Resource<'_>], draft: &mut Draft, notes: &Notes) -> Option<usize> {
    let properties = found.node.get("Properties")?;
    let t = Table::open(properties, format!("Resources.{}.Properties", found.id), notes)?;
    let new = found.kind == "ALIYUN::FC3::Function";
    if new {
        draft.platform = "alibaba-fc";
    }
    let index = draft.functions.len();
    let name = t.get("FunctionName").and_then(|field| field.node.text().map(str::to_owned));
    let f = draft.function(name.as_deref().unwrap_or(found.id), Origin::new(found.place, &join("Resources", found.id)));
    fc::settings(&t, f);
    fc::surroundings(&t, f);
    fc::role(&t, f);
    t.no_effect(&["Initializer"]);
    fc::number(&t, f, &["InitializationTimeout"], "init_timeout", Literal::seconds);
    let service = t.get("ServiceName");
    let of = |field: &super::table::Field<'_>| {
        let id = resource(field.node).map(str::to_owned);
        let named = field.node.text().map(str::to_owned);
        resources.iter().find(|other| {
            other.kind == "ALIYUN::FC::Service"
                && (id.as_deref() == Some(other.id)
                    || named.is_some() && other.node.at(&["Properties", "ServiceName"]).and_then(Node::text) == named.as_deref())
        })
    };
    if let Some(service) = service.as_ref().and_then(of)
        && let Some(properties) = service.node.get("Properties")
        && let Some(t) = Table::open(properties, format!("Resources.{}.Properties", service.id), notes)
    {
        t.no_effect(&["ServiceName", "Description", "TracingConfig", "DeletionForce", "Tags"]);
        fc::surroundings(&t, f);
        fc::role(&t, f);
    }
    let always = provision::read(&t, f);
    provision::idle_rate(draft, always);
    Some(index)
}

/// What refers to a function: triggers, instances kept warm, settings of events.
fn attached(found: &Resource<'_>, functions: &[(String, usize)], draft: &mut Draft, notes: &Notes) {
    let kind = found.kind.rsplit("::").next().unwrap_or_default();
    let of_fc = found.kind.starts_with("ALIYUN::FC::") || found.kind.starts_with("ALIYUN::FC3::");
    match kind {
        "Function" | "Service" if of_fc || found.kind == SERVICE => return,
        "Trigger" | "ProvisionConfig" | "ConcurrencyConfig" | "AsyncInvokeConfig" | "FunctionInvoker" if of_fc => {}
        _ => {
            notes.left(Why::NoFunction, &cut(found.kind, 80), found.place);
            return;
        }
    }
    let Some(properties) = found.node.get("Properties") else { return };
    let Some(t) = Table::open(properties, format!("Resources.{}.Properties", found.id), notes) else { return };
    t.no_effect(&["ServiceName", "Qualifier"]);
    let Some(target) = t.get("FunctionName") else { return };
    let index = match resource(target.node) {
        Some(id) => functions.iter().find(|(known, _)| known == id).map(|(_, index)| *index),
        None => target.node.text().and_then(|name| draft.functions.iter().position(|f| f.name == name)),
    };
    let Some(f) = index.and_then(|index| draft.functions.get_mut(index)) else {
        target.note("a function of another file", "Import that file too.");
        return;
    };
    let mut always = None;
    match kind {
        "Trigger" => triggers::one(&t, f),
        "AsyncInvokeConfig" => fc::events(&t, f),
        "ConcurrencyConfig" => fc::whole(&t, f, &["ReservedConcurrency"], "reserved"),
        "ProvisionConfig" => always = provision::config(&t, f),
        _ => {}
    }
    provision::idle_rate(draft, always);
}

/// A service of Fun: its functions stand in it, beside its properties.
fn fun_service(found: &Resource<'_>, draft: &mut Draft, notes: &Notes) {
    let path = join("Resources", found.id);
    let Some(service) = Table::open(found.node, path.clone(), notes) else { return };
    let _ = service.get("Type");
    for (key, field) in service.all() {
        if key == "Type" || key == "Properties" {
            continue;
        }
        let kind = field.node.get("Type").and_then(Node::text);
        if kind != Some(FUNCTION) {
            notes.left(Why::NoFunction, &cut(kind.unwrap_or(key), 80), field.place);
            continue;
        }
        let Some(entry) = field.table() else { continue };
        let _ = entry.get("Type");
        let f = draft.function(key, Origin::new(field.place, &field.path));
        if let Some(properties) = entry.table("Properties") {
            fc::settings(&properties, f);
            properties.no_effect(&["Initializer"]);
            fc::number(&properties, f, &["InitializationTimeout"], "init_timeout", Literal::seconds);
        }
        if let Some(events) = entry.table("Events") {
            fun_events(&events, f);
        }
        service_properties(found.node, &path, f, notes);
    }
}

/// What a service says for all of its functions.
fn service_properties(node: &Node, path: &str, f: &mut Function, notes: &Notes) {
    let Some(properties) = node.get("Properties") else { return };
    let Some(t) = Table::open(properties, join(path, "Properties"), notes) else { return };
    t.no_effect(&["Description", "Name", "TracingConfig"]);
    fc::surroundings(&t, f);
    let mut policies = Policies::default();
    let field = t.get("Policies");
    for policy in field.iter().flat_map(super::table::Field::items) {
        match policy.node.entries() {
            Some(_) => {
                let Some(policy) = policy.table() else { continue };
                policy.no_effect(&["Version"]);
                for statement in policy.get("Statement").map(|field| field.items()).unwrap_or_default() {
                    policies.statement(&statement);
                }
            }
            None => policies.names.extend(policy.loose()),
        }
    }
    if let Some(field) = field {
        policies.set(f, &field.origin());
    }
    if t.get("Role").is_some() && !f.has("deployment.role.policies") {
        t.note("what the role allows is not in the file", "Add it as `deployment.role`, for `faascast check`.");
    }
}

/// Events of Fun: the kinds have other names there.
fn fun_events(events: &Table<'_>, f: &mut Function) {
    for (name, field) in events.all() {
        let Some(event) = field.table() else { continue };
        let Some(kind) = event.get("Type").and_then(|field| field.text()) else { continue };
        let kind = match kind {
            "MNSTopic" => "mns_topic".to_owned(),
            "TableStore" => "tablestore".to_owned(),
            "CDN" => "cdn_events".to_owned(),
            other => other.to_ascii_lowercase(),
        };
        let properties = event.table("Properties");
        triggers::trigger(f, name, &kind, None, properties.as_ref(), &event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{document, draft::Written};

    #[test]
    fn resources_of_ros_are_put_together() {
        let text = "
ROSTemplateFormatVersion: '2015-09-01'
Parameters: {Memory: {Type: Number, Default: 512}}
Resources:
  S: {Type: 'ALIYUN::FC::Service', Properties: {ServiceName: s, InternetAccess: false}}
  F:
    Type: ALIYUN::FC::Function
    Properties: {ServiceName: !GetAtt S.ServiceName, FunctionName: web, Runtime: python3.9, MemorySize: !Ref Memory}
  T:
    Type: ALIYUN::FC::Trigger
    Properties:
      FunctionName: !GetAtt F.FunctionName
      TriggerName: t
      TriggerType: timer
      TriggerConfig: {CronExpression: '@every 5m', Enable: true}
  P: {Type: 'ALIYUN::FC::ProvisionConfig', Properties: {FunctionName: web, Target: 3, Qualifier: LATEST}}
  Q: {Type: 'ALIYUN::MNS::Queue', Properties: {}}
";
        let root = document::read(text, "t").unwrap();
        let mut draft = Draft::new("alibaba-fc");
        read(&root, &Options::default(), &mut draft);
        let f = &draft.functions[0];
        let value = |path: &str| match &f.setting(path).map(|setting| &setting.value) {
            Some(Written::Value(value)) => value.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!((draft.platform, f.name.as_str()), ("alibaba-fc2", "web"));
        assert_eq!((value("memory").as_str(), value("provisioned").as_str()), ("\"512 MiB\"", "3"));
        assert_eq!(value("deployment.public_egress"), "false");
        assert_eq!(f.traffic[0].rate.as_deref(), Some("12/h"));
        let notes: Vec<String> = draft.notes.finish("t").iter().map(ToString::to_string).collect();
        assert!(notes.iter().any(|note| note.contains("`ALIYUN::MNS::Queue`")), "{notes:?}");
    }
}
