//! Plans of Terraform and OpenTofu, as `terraform show -json` prints them. Configuration in HCL is not read: only the tool knows
//! what its variables, modules and loops come to.

mod access;
mod alibaba;
mod aws;
mod azure;
mod google;
mod plan;

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::Options;
use super::document::{Node, Place, Value};
use super::draft::{Draft, Origin};
use super::literal::cut;
use super::notes::{Notes, Why};
use super::table::{Field, Table};
use crate::diagnostic::Diagnostic;
use plan::{Plan, Resource};

/// What to run instead.
const HINT: &str = "Run `terraform plan -out=tf.plan`, then `terraform show -json tf.plan > plan.json`, and import that file.";

/// Whether a text is Terraform's own language, or a page that shows some.
pub(super) fn is_configuration(text: &str) -> bool {
    text.lines().any(|line| {
        let mut words = line.split_whitespace();
        let block = matches!(words.next(), Some("resource" | "module" | "provider" | "variable" | "data" | "output"));
        block && line.ends_with('{') && words.next().is_some_and(|word| word.starts_with('"'))
    })
}

/// The finding about such a text.
pub(super) fn configuration(file: &str) -> Diagnostic {
    let message = "this is configuration in Terraform's own language, which only the tool can evaluate";
    Diagnostic::error("not-a-plan", "", message).at(file, 1).hint(HINT)
}

/// Whether a file is a plan, or something of Terraform that is none.
pub(super) fn recognises(root: &Node) -> bool {
    let has = |key: &str| root.get(key).is_some();
    let shown = has("planned_values") || has("resource_changes") || (has("values") && has("format_version"));
    shown || is_state(root) || is_json_configuration(root)
}

/// The file in which Terraform keeps its state.
fn is_state(root: &Node) -> bool {
    root.get("terraform_version").is_some() && root.get("serial").is_some()
}

/// Configuration written as JSON, `main.tf.json`: resources by type, then by name.
fn is_json_configuration(root: &Node) -> bool {
    let blocks = root.get("resource").and_then(Node::entries).unwrap_or_default();
    blocks.iter().any(|block| block.key.contains('_') && block.node.entries().is_some())
}

/// The platform of a function; `None` for other resources.
fn platform(resource: &Resource) -> Option<&'static str> {
    match resource.kind.as_str() {
        "aws_lambda_function" => Some("aws-lambda"),
        "alicloud_fcv3_function" => Some("alibaba-fc"),
        "alicloud_fc_function" => Some("alibaba-fc2"),
        "google_cloudfunctions2_function" | "google_cloudfunctions_function" => Some("gcp-cloud-run"),
        "google_cloud_run_v2_service" | "google_cloud_run_service" => Some(google::billed(resource)),
        "azurerm_linux_function_app" | "azurerm_windows_function_app" | "azurerm_function_app" => Some("azure-functions"),
        "azurerm_function_app_flex_consumption" => Some("azure-functions-flex"),
        _ => None,
    }
}

/// What readers of resources share.
struct Estate<'e> {
    plan: &'e Plan<'e>,
    resources: &'e [Resource],
    /// Index of the resource and of the function in the draft.
    functions: Vec<(usize, usize)>,
    /// Addresses of resources that were read with another one.
    used: RefCell<BTreeSet<String>>,
    notes: Notes,
}

/// Reads the functions of one platform, and what refers to them.
pub(super) fn read(root: &Node, options: &Options, draft: &mut Draft) {
    let notes = draft.notes.clone();
    if is_state(root) || is_json_configuration(root) {
        let what = if is_state(root) { "a state file" } else { "configuration" };
        notes.error(root.place, "", format!("this is {what} of Terraform, and no plan that it shows"), HINT);
        return;
    }
    let Some(top) = Table::open(root, "", &notes) else { return };
    // The other keys of a plan describe what is read here once more.
    let _ = top.all();
    if root.get("errored").and_then(Node::flag) == Some(true) {
        notes.warn(root.place, "errored", "the plan ended with an error: it may lack resources", "Plan again.");
    }
    let plan = Plan::new(root, options);
    let resources = plan.resources();
    let Some(chosen) = choose(&resources, options, root.place, &notes) else { return };
    draft.platform = chosen;
    let mut estate =
        Estate { plan: &plan, resources: &resources, functions: Vec::new(), used: RefCell::default(), notes: notes.clone() };
    for (index, resource) in resources.iter().enumerate().filter(|(_, resource)| platform(resource) == Some(chosen)) {
        let Some(table) = estate.open(resource) else { continue };
        let named = ["function_name", "name"].iter().find_map(|key| table.get(key)).and_then(|field| field.node.text());
        let wanted = named.map_or_else(|| format!("{}{}", resource.name, resource.index), str::to_owned);
        estate.functions.push((index, draft.functions.len()));
        draft.function(&wanted, Origin::new(resource.place, &resource.address));
        match chosen {
            "aws-lambda" => aws::function(&table, resource, &estate, draft),
            "alibaba-fc" | "alibaba-fc2" => alibaba::function(&table, &estate, draft),
            "gcp-cloud-run" | "gcp-cloud-run-instances" => google::function(&table, resource, draft),
            _ => azure::function(&table, resource, &estate, draft),
        }
    }
    for resource in resources.iter().filter(|resource| platform(resource).is_none()) {
        let read = match chosen {
            "aws-lambda" => aws::other(resource, &estate, draft),
            "alibaba-fc" | "alibaba-fc2" => alibaba::other(resource, &estate, draft),
            "gcp-cloud-run" | "gcp-cloud-run-instances" => google::other(resource, &estate, draft),
            _ => azure::other(resource, &estate),
        };
        if !read {
            notes.left(Why::NoFunction, &cut(&resource.kind, 60), resource.place);
        }
    }
    if chosen == "aws-lambda" {
        let used = estate.used.borrow();
        let passive = |resource: &&Resource| aws::PASSIVE.contains(&resource.kind.as_str());
        for resource in resources.iter().filter(passive).filter(|resource| !used.contains(&resource.address)) {
            notes.left(Why::NoFunction, &cut(&resource.kind, 60), resource.place);
        }
        draft.functions.iter_mut().for_each(super::aws::links::settle);
    }
}

/// The platform of the scenario: the one that is asked for, else that with most functions. The functions of others are named.
fn choose(resources: &[Resource], options: &Options, place: Place, notes: &Notes) -> Option<&'static str> {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for platform in resources.iter().filter_map(platform) {
        match counts.iter_mut().find(|(known, _)| *known == platform) {
            Some((_, count)) => *count += 1,
            None => counts.push((platform, 1)),
        }
    }
    let asked = options.platform.as_deref();
    let most = counts.iter().map(|(_, count)| *count).max();
    let found = counts.iter().find(|(platform, count)| asked.map_or(Some(*count) == most, |asked| asked == *platform));
    let listed = |but: Option<&str>| -> String {
        let others = counts.iter().filter(|(platform, _)| Some(*platform) != but);
        let named = |(platform, count): &(&str, usize)| format!("{count} of {platform}");
        others.map(named).collect::<Vec<_>>().join(", ")
    };
    match (found, asked) {
        (None, Some(asked)) if !counts.is_empty() => {
            let message = format!("the plan has no functions of {}, but {}", cut(asked, 40), listed(None));
            notes.error(place, "", message, "Give one of these as --platform, or none.");
        }
        (Some((platform, _)), _) if counts.len() > 1 => {
            let message = format!("functions of other platforms are left out: {}", listed(Some(platform)));
            notes.warn(place, "", message, "A scenario has one platform: import each with --platform.");
        }
        _ => {}
    }
    found.map(|(platform, _)| *platform)
}

impl Estate<'_> {
    /// Remembers that a resource was read with another one.
    fn used(&self, address: &str) {
        self.used.borrow_mut().insert(address.to_owned());
    }

    /// The values of a resource.
    fn open<'r>(&self, resource: &'r Resource) -> Option<Table<'r>> {
        Table::open(&resource.values, resource.address.clone(), &self.notes).map(|mut table| {
            table.place = resource.place;
            table
        })
    }

    /// The function in the draft that a value of a resource means: its name, its address, or a reference to it.
    fn function(&self, node: &Node, from: &Resource) -> Option<usize> {
        let found = match &node.value {
            Value::Unknown(text) => self.referred(text, from),
            _ => self.named(node.text()?),
        };
        let index = found?;
        self.functions.iter().find(|(known, _)| *known == index).map(|(_, of_draft)| *of_draft)
    }

    /// The function of a value that must be one; else that is said.
    fn target(&self, field: &Field<'_>, from: &Resource) -> Option<usize> {
        let found = self.function(field.node, from);
        if found.is_none() {
            let what = field.node.shown();
            field.note(format!("which function is meant is not in the plan: {what}"), "Add what it says to the scenario.");
        }
        found
    }

    fn named(&self, text: &str) -> Option<usize> {
        let last = text.split_once(":function:").map_or(text, |(_, rest)| rest);
        let name = last.rsplit('/').next().unwrap_or(last).split(':').next().unwrap_or(last);
        let has = |resource: &Resource| {
            ["function_name", "name"].iter().any(|key| resource.values.get(key).and_then(Node::text) == Some(name))
        };
        let known = |(index, _): &&(usize, usize)| self.resources.get(*index).is_some_and(has);
        self.functions.iter().find(known).map(|(index, _)| *index)
    }

    /// The resource that `${aws_lambda_function.web.arn}` means, seen from another one.
    fn referred(&self, text: &str, from: &Resource) -> Option<usize> {
        let reference = text.strip_prefix("${")?.strip_suffix('}')?;
        let mut parts = reference.split('.');
        let first = parts.next()?;
        let second = parts.next()?.split('[').next()?;
        let of = |(index, _): &&(usize, usize)| {
            let Some(resource) = self.resources.get(*index) else { return false };
            if first == "module" {
                let module = resource.module.strip_prefix(from.module.as_str()).unwrap_or("").trim_start_matches('.');
                return module.split('.').nth(1).and_then(|name| name.split('[').next()) == Some(second);
            }
            resource.kind == first && resource.name == second && resource.module == from.module
        };
        let found: Vec<usize> = self.functions.iter().filter(of).map(|(index, _)| *index).collect();
        match found.as_slice() {
            [only] => Some(*only),
            // One of several by `count` or `for_each`: that of the same index.
            several => several.iter().copied().find(|index| {
                let same = |resource: &Resource| !from.index.is_empty() && resource.index == from.index;
                self.resources.get(*index).is_some_and(same)
            }),
        }
    }

    /// Sets the region by what the provider is told, unless a resource says it itself.
    fn region(&self, t: &Table<'_>, key: &str, provider: &str, draft: &mut Draft) {
        if let Some(field) = t.get(key) {
            if let Some(region) = field.text() {
                draft.region(region, field.origin());
            }
        } else if let Some(node) = self.plan.provider(provider, "region")
            && let Some(region) = node.text()
        {
            draft.region(region, Origin::new(node.place, &format!("provider.{provider}.region")));
        }
    }
}
