//! Serverless Devs: `s.yaml` with components for Function Compute 3.0 (`resources`) and 2.0 (`services`).

mod expression;

use super::Options;
use super::document::{Entry, Node, Value};
use super::draft::Draft;
use super::fc::{self, provision, triggers};
use super::literal::Literal;
use super::merge::{Lists, merged};
use super::notes::{Notes, Why};
use super::references::Resolver;
use super::table::{Table, join};

/// Whether a file is one: modules under `resources` or `services`, each with a component.
pub(super) fn recognises(root: &Node) -> bool {
    let modules = ["resources", "services"].iter().filter_map(|key| root.get(key)?.entries()).flatten();
    modules.into_iter().any(|module| module.node.get("component").is_some() && root.get("Resources").is_none())
}

/// Reads all functions of all modules.
pub(super) fn read(root: &Node, options: &Options, draft: &mut Draft) {
    let look = |reference: &str| expression::value(reference, root, options);
    let notes = draft.notes.clone();
    let mut resolver = Resolver::new(&look);
    let root = resolver.resolve(root);
    resolver.report(&notes);
    let Some(top) = Table::open(&root, "", &notes) else { return };
    top.no_effect(&["edition", "name", "access", "vars", "template", "actions"]);
    let templates = top.get("template").map(|field| field.node);
    for key in ["resources", "services"] {
        let Some(modules) = top.table(key) else { continue };
        for (name, field) in modules.all() {
            let extended = extended(field.node, templates);
            let Some(module) = Table::open(&extended, join(key, name), &notes) else { continue };
            module_at(name, &module, draft, &notes);
        }
    }
}

/// A module with the properties of the template that it extends; its own go before.
fn extended(module: &Node, templates: Option<&Node>) -> Node {
    let template = || templates?.get(module.at(&["extend", "name"])?.text()?);
    let Some(template) = template() else { return module.clone() };
    let Some(entries) = module.entries() else { return module.clone() };
    let own = module.get("props").cloned().unwrap_or_else(|| Node { place: module.place, value: Value::Map(Vec::new()) });
    let props = merged(&own, template, Lists::Replaced);
    let others = entries.iter().filter(|entry| entry.key != "props" && entry.key != "extend").cloned();
    let props = Entry { key: "props".to_owned(), place: own.place, node: props };
    Node { place: module.place, value: Value::Map(others.chain([props]).collect()) }
}

fn module_at(name: &str, module: &Table<'_>, draft: &mut Draft, notes: &Notes) {
    module.no_effect(&["access", "actions"]);
    let component = module.get("component").and_then(|field| field.node.text().map(str::to_owned));
    let Some(props) = module.get("props") else { return };
    // A path to the component says nothing: what it is for shows in its properties.
    let old = props.node.get("function").is_some();
    let new = ["runtime", "code", "handler"].iter().any(|key| props.node.get(key).is_some());
    let named = component.as_deref().map(|name| name.rsplit('/').next().unwrap_or(name).split('@').next().unwrap_or(name));
    let compute = named.is_none_or(|name| name.starts_with("fc") || name.starts_with("${") || name.starts_with('.'));
    if !(compute && (old || new)) {
        notes.left(Why::NoFunction, &format!("{name}: {}", component.unwrap_or_default()), module.place);
        // What is inside is not looked at, and not listed either.
        return;
    }
    let Some(props) = props.table() else { return };
    if old { compute_2(name, &props, draft) } else { compute_3(name, &props, draft) }
}

/// Function Compute 3.0: everything stands with the function.
fn compute_3(name: &str, t: &Table<'_>, draft: &mut Draft) {
    region(t, draft);
    let named = t.get("functionName").and_then(|field| field.node.text().map(str::to_owned));
    let f = draft.function(named.as_deref().unwrap_or(name), t.origin());
    fc::settings(t, f);
    fc::surroundings(t, f);
    fc::role(t, f);
    if !f.has("deployment.vpc") {
        f.set("deployment.vpc", Literal::flag(false), t.origin().remark("no vpcBinding"));
    }
    if let Some(field) = t.get("triggers") {
        triggers::read(&field, f);
    }
    if let Some(domain) = t.get("customDomain") {
        custom_domain(&domain.items(), f);
    }
    let always = provision::read(t, f);
    provision::idle_rate(draft, always);
}

/// Function Compute 2.0: network, storage and role stand with the service.
fn compute_2(name: &str, t: &Table<'_>, draft: &mut Draft) {
    draft.platform = "alibaba-fc2";
    region(t, draft);
    let Some(function) = t.table("function") else { return };
    let named = function.get("name").and_then(|field| field.node.text().map(str::to_owned));
    let f = draft.function(named.as_deref().unwrap_or(name), function.origin());
    fc::settings(&function, f);
    fc::number(&function, f, &["initializationTimeout"], "init_timeout", Literal::seconds);
    function.no_effect(&["initializer"]);
    if let Some(service) = t.table("service") {
        service.no_effect(&["name", "description", "tracingConfig"]);
        fc::surroundings(&service, f);
        fc::role(&service, f);
    }
    if let Some(field) = t.get("triggers") {
        triggers::read(&field, f);
    }
    if let Some(domains) = t.get("customDomains") {
        custom_domain(&domains.items(), f);
    }
}

fn region(t: &Table<'_>, draft: &mut Draft) {
    if let Some(field) = t.get("region")
        && let Some(region) = field.text()
    {
        draft.region(region, field.origin());
    }
}

/// A domain of one's own is another way in over HTTP.
fn custom_domain(domains: &[super::table::Field<'_>], f: &mut super::draft::Function) {
    for domain in domains.iter().filter_map(super::table::Field::table) {
        domain.no_effect(&["protocol", "route", "routeConfigs", "certConfig", "tlsConfig", "certId"]);
        let name = domain.get("domainName").and_then(|field| field.loose());
        let auth = domain.table("authConfig").and_then(|auth| {
            auth.no_effect(&["authInfo"]);
            auth.get("authType")?.text()
        });
        let trigger = Literal::table(&[
            ("kind", Some(Literal::text("http"))),
            ("auth", auth.map(Literal::text)),
            ("source", name.as_deref().map(Literal::text)),
        ]);
        f.push("deployment.triggers", trigger, domain.origin().remark("custom domain"));
        if !f.traffic.iter().any(|traffic| traffic.label.starts_with("http")) {
            f.called(super::draft::Call::Sync, "http over a custom domain", None, domain.origin());
        }
    }
}
