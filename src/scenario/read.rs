//! From text to a scenario: all tables in turn, then what concerns several of them.

use super::explain::{Effective, Origin};
use super::facts::Facts;
use super::key::{Key, Kind, key, must};
use super::node::{Node, Place};
use super::quantities;
use super::reader::{Context, Reader};
use super::uncertainty::Uncertain;
use super::{Deployment, Function, Kind as Study, Scenario, Simulation, Start};
use super::{
    account, calls, consistency, dependency, deployment, events, function, objectives, run_in, set, simulation, traffic,
    uncertainty,
};
use crate::diagnostic::{Diagnostic, Severity};
use crate::platform::{Platform, Unknown};
use crate::units::Span;

/// How files that a scenario names are read: traces, measured values, price rows.
pub trait Files {
    /// The bytes of a file, its path as in the scenario, relative to the scenario's folder.
    ///
    /// # Errors
    /// Why it cannot be read, in words.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// A scenario that was read.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The scenario, valid, with every default filled in.
    pub scenario: Scenario,
    /// Its platform, for the account's site, with the user's own rows: what prices and limits are looked up in.
    pub platform: Platform,
    /// How each function is deployed, as far as the file says, in the order of the functions.
    pub deployments: Vec<Deployment>,
    /// Values that are not known exactly, in the order of the file.
    pub uncertainty: Vec<Uncertain>,
    /// Warnings and notes.
    pub warnings: Vec<Diagnostic>,
    /// Every value in effect.
    pub explain: Vec<Effective>,
}

/// Keys of the whole file.
pub(super) const KEYS: &[Key] = &[
    must("platform", Kind::Text, "platform whose prices, limits and defaults hold"),
    key("region", Kind::Text, "region; left out: the platform's default"),
    key("site", Kind::Text, "site of the account, such as china or international; left out: the region's"),
    key("prices", Kind::Text, "file of rows that override the price book, relative to the scenario's folder"),
    key("simulation", Kind::Table(simulation::KEYS), "horizon, start and replications"),
    key("account", Kind::Table(account::KEYS), "limits of the whole account"),
    key("billing", Kind::Table(account::BILLING), "switches of the bill"),
    key("functions", Kind::Named(function::KEYS), "functions by name"),
    key("traffic", Kind::Tables(traffic::KEYS), "sources of requests"),
    key("events", Kind::Tables(events::KEYS), "what changes for a while"),
    key("objectives", Kind::Table(objectives::KEYS), "what shall hold"),
    key("uncertainty", Kind::Named(uncertainty::KEYS), "how well values are known, by their paths"),
    key("sweep", Kind::Any, "settings and their values, for `sweep`"),
    key("dependencies", Kind::Named(dependency::KEYS), "what functions call that is no function, by name"),
];

/// Reads a scenario. `file` is its name for messages, `sets` are the `--set KEY=VALUE` options in order.
///
/// # Errors
/// All errors of the file and the options, in the order of the file, with its warnings among them.
pub fn read(text: &str, file: &str, sets: &[(String, String)], files: &dyn Files) -> Result<Resolved, Vec<Diagnostic>> {
    let mut document = Node::document(text, file)?;
    let context = Context::new(file, files);
    for (key, value) in sets {
        if let Err(finding) = set::apply(&mut document, key, value) {
            context.add(Place::Set, *finding);
        }
    }
    let read = resolve(&context, &document);
    let failed = context.failed();
    let (findings, explain) = context.finish();
    match read {
        Some((scenario, platform, deployments, uncertainty)) if !failed => {
            Ok(Resolved { scenario, platform, deployments, uncertainty, warnings: findings, explain })
        }
        _ => Err(findings),
    }
}

/// Every value in effect, in the order of reading.
#[must_use]
pub fn explain(resolved: &Resolved) -> &[Effective] {
    &resolved.explain
}

/// A scenario and what else its file says.
type Whole = (Scenario, Platform, Vec<Deployment>, Vec<Uncertain>);

pub(super) fn resolve(context: &Context<'_>, document: &Node) -> Option<Whole> {
    let root = Reader::new(context, document.entries()?, String::new(), KEYS, document.place);
    let place = platform(&root)?;
    let known = place.known;
    let region = place.platform.region(&place.region).ok().cloned()?;
    let facts = Facts { platform: &place.platform, region: &region.id };
    let (mut simulation, shift) = simulation::read(&root.table("simulation"));
    let account = account::read(&root.table("account"), &facts);
    let (mut billing, idle_release) = account::billing(&root.table("billing"), &facts, &region.currency);
    billing.prices = place.prices;
    if root.get("functions").is_none_or(|node| node.entries().is_some_and(<[_]>::is_empty)) {
        root.error(
            "functions",
            "missing-key",
            "there are no functions",
            "Add one, such as [functions.NAME] with memory and timeout.",
        );
    }
    let opened = root.named("functions");
    let mut functions: Vec<Function> =
        opened.iter().map(|(name, r)| function::read(name, r, &facts, idle_release, known)).collect();
    let deployments = opened.iter().map(|(_, r)| deployment::read(r)).collect();
    functions.iter_mut().for_each(|function| function.provisioned.shift(shift));
    // Functions that are no tables have been reported; their names still count.
    let entries = root.get("functions").and_then(Node::entries).unwrap_or_default();
    let broken = entries.iter().filter(|entry| entry.node.entries().is_none()).map(|entry| entry.key.as_str());
    let callable: Vec<&str> = opened.iter().map(|(name, _)| name.as_str()).chain(broken).collect();
    let dependencies = dependency::read(&root, &callable);
    // Those with errors are missing from `dependencies`; their names still count.
    let named = root.get("dependencies").and_then(Node::entries).unwrap_or_default();
    let depended: Vec<&str> = named.iter().map(|entry| entry.key.as_str()).collect();
    let callees: Vec<&str> = callable.iter().chain(&depended).copied().collect();
    for ((_, r), function) in opened.iter().zip(&mut functions) {
        function.calls = calls::read(r, &callees, callable.len());
    }
    let timeouts: Vec<Span> = functions.iter().map(|function| function.timeout).collect();
    let sources = traffic::read(&root, &callable, &timeouts, &facts, shift);
    // Sources with errors are missing from `sources`; their names still count.
    let items = root.get("traffic").and_then(Node::list).unwrap_or_default();
    let names = traffic::names(items, traffic::default_name);
    let events = events::read(&root, &callable, &names, &depended, simulation.horizon);
    let objectives = objectives::read(&root.table("objectives"), &region.currency, &billing.exchange);
    sweep(&root);
    let called = consistency::called(&functions);
    let uncertain = uncertainty::read(&root, document);
    for (index, ((_, r), function)) in opened.iter().zip(&mut functions).enumerate() {
        let called = called.contains(&index);
        consistency::work(&root, r, function, index, &sources, called);
        consistency::quota(r, function, &facts, &account);
        consistency::provisioned(r, function);
    }
    consistency::dependencies(&root, &dependencies, &functions);
    consistency::loops(&opened, &functions, &sources, &account);
    consistency::rates(&root, &sources, &events);
    consistency::shares(&opened, &functions, &account);
    if !context.failed() {
        rules(&facts, &functions, context);
    }
    fill_run_in(&root, &mut simulation, &functions);
    let scenario = Scenario {
        name: title(context.file),
        platform: place.platform.id.clone(),
        region: region.id.clone(),
        simulation,
        account,
        billing,
        functions,
        dependencies,
        traffic: sources,
        events,
        objectives,
    };
    Some((scenario, place.platform, deployments, uncertain))
}

/// The run-in where the file does not say it.
fn fill_run_in(root: &Reader<'_>, simulation: &mut Simulation, functions: &[Function]) {
    let given = root.get("simulation").is_some_and(|node| node.get("run_in").is_some());
    let run_in = match (simulation.kind, simulation.start) {
        _ if given => None,
        (Study::SteadyState, _) => Some(("found by the run".to_owned(), run_in::STEADY_RULE)),
        (Study::Finite, Start::Warm) => {
            simulation.run_in = run_in::default(functions);
            Some((simulation.run_in.to_string(), run_in::RULE))
        }
        (Study::Finite, Start::Cold) => None,
    };
    if let Some((value, rule)) = run_in {
        root.context.effective("simulation.run_in".into(), value, Origin::computed(rule));
    }
}

/// Facts that hold though no key of the scenario states them: how instances behave, hard limits, meters and prices.
fn rules(facts: &Facts<'_>, functions: &[Function], context: &Context<'_>) {
    const PARTS: [&str; 7] =
        ["instance.join", "instance.timeout", "limits.payload.", "limits.package", "billing.", "meter.", "price."];
    let gpu = functions.iter().any(|function| function.gpu.is_some());
    let applies = |key: &str| PARTS.iter().any(|part| key.starts_with(part)) && (gpu || !key.contains(".gpu"));
    for row in facts.platform.rows(facts.region).filter(|row| applies(&row.key)) {
        context.effective(format!("platform.{}", row.key), crate::platform::listing::show(&row.value), Origin::row(row));
    }
}

/// The file's name without folder and ending.
fn title(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem }).to_owned()
}

/// The platform of the scenario.
struct At {
    platform: Platform,
    region: String,
    prices: Option<String>,
    known: Known,
}

/// Whether platform and region are those of the file; what depends on one that is not known is not checked.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) platform: bool,
    pub(super) region: bool,
}

/// Where a platform or region is not known, reading goes on with `generic`, so that the rest of the file is checked too.
fn platform(root: &Reader<'_>) -> Option<At> {
    let refuse = |key: &'static str, unknown: Unknown| root.error(key, "unknown-name", unknown.to_string(), unknown.hint());
    let id = root.read("platform", quantities::text);
    let region = root.read("region", quantities::text);
    let site = root.read("site", quantities::text);
    let own = root.file("prices");
    let found = id.as_deref().map(Platform::find);
    let (mut platform, mut known) = match found {
        Some(Ok(platform)) => (platform.clone(), Known { platform: true, region: true }),
        other => {
            if let Some(Err(unknown)) = other {
                refuse("platform", unknown);
            }
            let platform = Platform::find("generic").ok()?.clone();
            return Some(At { platform, region: String::new(), prices: None, known: Known { platform: false, region: false } });
        }
    };
    if let (true, Some(region)) = (platform.default_region.is_empty(), &region) {
        root.warn(
            "region",
            "no-effect",
            format!("`{}` has no regions; `{region}` is not looked at", platform.id),
            "Leave it out.",
        );
    }
    let region = region.filter(|_| !platform.default_region.is_empty());
    let mut id = root.or_shown(
        "region",
        region.clone(),
        platform.default_region.clone(),
        platform.default_region.clone(),
        Origin::own("the platform's default"),
    );
    if let Err(unknown) = platform.region(&id) {
        refuse("region", unknown);
        id.clone_from(&platform.default_region);
        known.region = false;
    }
    if let Some(site) = site {
        match platform.with_site(&id, &site) {
            Ok(there) => platform = there,
            Err(unknown) => refuse("site", unknown),
        }
    }
    let mut prices = None;
    if let Some((path, bytes)) = own {
        let text = String::from_utf8(bytes).map_err(|_| vec![Diagnostic::error("bad-file", "", "not a text file").at(&path, 0)]);
        match text.and_then(|text| platform.override_with(&text, &path)) {
            Ok(with) => platform = with,
            Err(found) => found.into_iter().for_each(|finding| root.context.push(finding)),
        }
        prices = Some(path);
    }
    Some(At { platform, region: id, prices, known })
}

fn sweep(root: &Reader<'_>) {
    if let Some(node) = root.get("sweep") {
        if node.entries().is_none() {
            root.wrong("sweep".into(), node, quantities::Wrong::expected("a table of settings and their values"));
        }
        let mut note = Diagnostic::warning("sweep", "sweep", "is used by `faascast sweep` and not looked at here");
        note.severity = Severity::Note;
        root.context.add(root.place_of("sweep"), note);
    }
}
