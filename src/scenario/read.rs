//! From text to a scenario: all tables in turn, then what concerns several of them.

use super::explain::{Effective, Origin};
use super::facts::Facts;
use super::key::{Key, Kind, key, later, must};
use super::node::{Node, Place};
use super::quantities;
use super::reader::{Context, Reader};
use super::{account, events, function, objectives, run_in, set, simulation, traffic};
use super::{Change, Function, Limit, Provisioned, Scenario, Source, Start};
use crate::diagnostic::{Diagnostic, Severity};
use crate::platform::{Platform, Unknown};
use crate::units::{Bytes, Span};
use crate::workload::arrivals::Arrivals;

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
    key("sweep", Kind::Any, "settings and their values, for `sweep`"),
    later("dependencies"),
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
            context.add(Place::Set, finding);
        }
    }
    let read = resolve(&context, &document);
    let failed = context.failed();
    let (findings, explain) = context.finish();
    match read {
        Some((scenario, platform)) if !failed => Ok(Resolved { scenario, platform, warnings: findings, explain }),
        _ => Err(findings),
    }
}

/// Every value in effect, in the order of reading.
#[must_use]
pub fn explain(resolved: &Resolved) -> &[Effective] {
    &resolved.explain
}

fn resolve(context: &Context<'_>, document: &Node) -> Option<(Scenario, Platform)> {
    let root = Reader::new(context, document.entries()?, String::new(), KEYS, document.place);
    let place = platform(&root)?;
    let known = place.known;
    let region = place.platform.region(&place.region).ok().cloned()?;
    let facts = Facts { platform: &place.platform, region: &region.id };
    let mut simulation = simulation::read(&root.table("simulation"));
    let shift = {
        // Read again without a second entry in `explain`.
        let clock = root.get("simulation").and_then(|node| node.get("start_time")).and_then(|node| super::clock::date_time(node).ok());
        clock.map_or(Span::ZERO, |(_, since_monday)| since_monday)
    };
    let account = account::read(&root.table("account"), &facts);
    let (mut billing, idle_release) = account::billing(&root.table("billing"), &facts, &region.currency);
    billing.prices = place.prices;
    if root.get("functions").is_none_or(|node| node.entries().is_some_and(<[_]>::is_empty)) {
        root.error("functions", "missing-key", "there are no functions", "Add one, such as [functions.NAME] with memory and timeout.");
    }
    let opened = root.tables("functions");
    let mut functions: Vec<Function> =
        opened.iter().map(|(name, r)| function::read(name, r, &facts, idle_release, known)).collect();
    for function in &mut functions {
        if let Provisioned::Weekly(windows) = &mut function.provisioned {
            *windows = super::provisioned::unwrapped(windows, shift);
        }
    }
    let sources = traffic::read(&root, &functions, shift);
    // Sources with errors are missing from `sources`; their names still count.
    let items = root.get("traffic").and_then(Node::list).unwrap_or_default();
    let names = traffic::names(items, traffic::default_name);
    let events = events::read(&root, &functions, &names, simulation.horizon);
    let objectives = objectives::read(&root.table("objectives"), &region.currency, &billing.exchange);
    sweep(&root);
    for (index, (_, r)) in opened.iter().enumerate() {
        if let Some(function) = functions.get_mut(index) {
            check_work(r, function, index, &sources);
            check_quota(r, function, &facts, &account);
        }
    }
    check_rates(&root, &sources, &events);
    check_reserved(&root, &functions, account.max_instances.get().min(account.max_concurrency.get()));
    if simulation.start == Start::Warm && root.get("simulation").is_none_or(|node| node.get("run_in").is_none()) {
        simulation.run_in = run_in::default(&functions);
        context.effective("simulation.run_in".into(), simulation.run_in.to_string(), Origin::computed(run_in::RULE));
    }
    let scenario = Scenario {
        name: title(context.file),
        platform: place.platform.id.clone(),
        region: region.id.clone(),
        simulation,
        account,
        billing,
        functions,
        traffic: sources,
        events,
        objectives,
    };
    Some((scenario, place.platform))
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
    /// Whether platform and region are those of the file; if not, limits are not checked.
    known: bool,
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
        Some(Ok(platform)) => (platform.clone(), true),
        other => {
            if let Some(Err(unknown)) = other {
                refuse("platform", unknown);
            }
            let platform = Platform::find("generic").ok()?.clone();
            return Some(At { platform, region: String::new(), prices: None, known: false });
        }
    };
    if let (true, Some(region)) = (platform.default_region.is_empty(), &region) {
        root.warn("region", "no-effect", format!("`{}` has no regions; `{region}` is not looked at", platform.id), "Leave it out.");
    }
    let region = region.filter(|_| !platform.default_region.is_empty());
    let mut id = root.or_shown("region", region.clone(), platform.default_region.clone(), platform.default_region.clone(), Origin::own("the platform's default"));
    if let Err(unknown) = platform.region(&id) {
        refuse("region", unknown);
        id.clone_from(&platform.default_region);
        known = false;
    }
    if let Some(site) = site {
        match platform.with_site(&id, &site) {
            Ok(there) => platform = there,
            Err(unknown) => refuse("site", unknown),
        }
    }
    let mut prices = None;
    if let Some((path, bytes)) = own {
        match String::from_utf8(bytes).map_err(|_| vec![Diagnostic::error("bad-file", "", "not a text file").at(&path, 0)]) {
            Ok(text) => match platform.override_with(&text, &path) {
                Ok(with) => platform = with,
                Err(found) => found.into_iter().for_each(|finding| root.context.push(finding)),
            },
            Err(found) => found.into_iter().for_each(|finding| root.context.push(finding)),
        }
        prices = Some(path);
    }
    Some(At { platform, region: id, prices, known })
}

fn sweep(root: &Reader<'_>) {
    root.read("sweep", |_| Ok(()));
    if root.has("sweep") {
        let mut note = Diagnostic::warning("sweep", "sweep", "is used by `faascast sweep` and not looked at here");
        note.severity = Severity::Note;
        root.context.add(root.place_of("sweep"), note);
    }
}

/// A function must have work, from its own keys or from its traces.
fn check_work(r: &Reader<'_>, function: &mut Function, index: usize, sources: &[Source]) {
    let durations = |source: &Source| matches!(&source.arrivals, Arrivals::Trace(trace) if trace.has_durations());
    let mut own = sources.iter().filter(|source| source.function == index);
    function.work.from_trace = own.clone().any(durations);
    let given = |key: &str| r.get("work").is_some_and(|work| work.get(key).is_some());
    let called = own.clone().next().is_some();
    if !given("cpu") && !given("io") && !(called && own.all(durations)) {
        let hint = "Add `cpu` or `io`, such as cpu = { lognormal = { mean = \"120ms\", cv = 0.5 } }; \"0s\" is allowed.";
        r.error("work", "missing-key", "there is neither `cpu` nor `io`: the work is not known", hint);
    }
    if !called && !r.context.failed() {
        r.warn("", "no-traffic", "no traffic goes to this function", "Add a [[traffic]] with `to`, or leave the function out.");
    }
    let need = function.work.memory.is_constant().unwrap_or(0.0) + function.work.base_memory.0 as f64;
    if need > function.memory.0 as f64 {
        let message = format!("work needs {} and the function has {}: every invocation crashes", Bytes(need as u64), function.memory);
        r.warn("memory", "memory", message, "Raise `memory`.");
    }
}

/// FC lets one function have at most a share of the account's instances.
fn check_quota(r: &Reader<'_>, function: &Function, facts: &Facts<'_>, account: &super::Account) {
    let share = facts.platform.number(facts.region, "limits.function_share");
    if let (Limit::At(own), Limit::At(all), Some(share)) = (function.max_instances, account.max_instances, share) {
        if own as f64 > share * all as f64 {
            let message = format!("{own} of {all} instances is more than the platform lets one function have");
            r.warn("max_instances", "limit", message, format!("At most {:.0}%, that is {:.0}.", share * 100.0, (share * all as f64).floor()));
        }
    }
}

/// A source's rate times its events must stay below what can be simulated.
fn check_rates(root: &Reader<'_>, sources: &[Source], events: &[super::Event]) {
    for (index, source) in sources.iter().enumerate() {
        let rate = match &source.arrivals {
            Arrivals::Constant(rate) | Arrivals::Poisson(rate) => rate.get(),
            Arrivals::Mmpp(states) => states.iter().map(|state| state.rate.get()).fold(0.0, f64::max),
            Arrivals::Renewal(_) | Arrivals::Trace(_) => continue,
        };
        for event in events {
            match event.change {
                Change::Traffic { source, factor } if source == index && rate * factor >= 1e7 => {
                    let finding = Diagnostic::error("out-of-range", format!("events.{}.traffic.factor", super::node::quoted(&event.name)), "the rate with this factor must stay below 10000000/s");
                    root.context.add(root.place_of("events"), finding);
                }
                _ => {}
            }
        }
    }
}

fn check_reserved(root: &Reader<'_>, functions: &[Function], limit: u64) {
    let total = functions.iter().filter_map(|function| function.reserved).fold(0, u64::saturating_add);
    if total > limit {
        let message = format!("{total} are reserved in all, more than the account's {limit}");
        root.error("functions", "conflict", message, "Lower `reserved`, or raise the account's limit.");
    }
}
