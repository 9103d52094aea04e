//! `[[events]]`: what changes for a while.

use super::explain::Origin;
use super::key::{Key, Kind, key, must};
use super::node::Node;
use super::quantities;
use super::reader::Reader;
use super::traffic::{index_of, open};
use super::{Change, Event, Shape};
use crate::units::{SimTime, Span};

/// Keys of `[[events]]`.
pub(super) const KEYS: &[Key] = &[
    key("name", Kind::Text, "name of the event; left out: event, event-2, …"),
    must("at", Kind::Span, "start, from clock 0"),
    must("for", Kind::Span, "length"),
    key("shape", Kind::Word(&["step", "ramp", "spike"]), "at once, growing to the end, or up to the middle and back"),
    key("traffic", Kind::Table(TRAFFIC), "multiplies the rate of a source"),
    key("function", Kind::Table(FUNCTION), "changes the faults and the speed of a function"),
    key("dependency", Kind::Table(DEPENDENCY), "changes a dependency"),
];

const DEPENDENCY: &[Key] = &[
    must("name", Kind::Text, "name of the dependency"),
    key("outage", Kind::Flag, "whether it refuses all calls"),
    key("capacity", Kind::Whole, "calls served at once, in place of its own"),
    key("error", Kind::Share, "probability that a call fails, in place of its own"),
    key("slower", Kind::Number, "factor on its latency at full strength"),
];

const TRAFFIC: &[Key] = &[
    must("name", Kind::Text, "name of the source"),
    must("factor", Kind::Number, "factor on the rate at full strength; 0 silences the source"),
];

const FUNCTION: &[Key] = &[
    must("name", Kind::Text, "name of the function"),
    key("error", Kind::Share, "probability of an error in place of the function's own"),
    key("hang", Kind::Share, "probability of a hang in place of the function's own"),
    key("crash", Kind::Share, "probability of a crash in place of the function's own"),
    key("init_failure", Kind::Share, "probability of a failed cold start in place of the function's own"),
    key("slower", Kind::Number, "factor on CPU demand and waits at full strength"),
];

/// The default name of an event.
pub(super) fn default_name(_: &Node) -> String {
    "event".to_owned()
}

/// Reads all events.
pub(super) fn read(
    root: &Reader<'_>,
    functions: &[&str],
    sources: &[String],
    dependencies: &[&str],
    horizon: Span,
) -> Vec<Event> {
    if root.get("events").is_some_and(|node| node.entries().is_some()) {
        root.error("events", "bad-value", "expected a list of tables, found a table", "Write [[events]] with two brackets.");
        return Vec::new();
    }
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let opened = open(root, "events", default_name);
    let names = Names { functions, sources: &sources, dependencies };
    opened.iter().filter_map(|(name, table)| event(name, table, &names, horizon)).collect()
}

/// What an event may name.
struct Names<'a> {
    functions: &'a [&'a str],
    sources: &'a [&'a str],
    dependencies: &'a [&'a str],
}

fn event(name: &str, r: &Reader<'_>, names: &Names<'_>, horizon: Span) -> Option<Event> {
    r.read("name", quantities::text);
    let (at, length) = (r.span("at"), r.span("for"));
    let length = r.within("for", length, |span| span.0 > 0, "more than 0");
    let shape = r.word("shape").map(|word| match word {
        "ramp" => Shape::Ramp,
        "spike" => Shape::Spike,
        _ => Shape::Step,
    });
    let shape = r.or_shown("shape", shape, "step", Shape::Step, Origin::own(""));
    let changes = [
        r.table_if("traffic").map(|t| traffic(&t, names.sources)),
        r.table_if("function").map(|t| function(&t, names.functions)),
        r.table_if("dependency").map(|t| dependency(&t, names.dependencies)),
    ];
    let given = changes.iter().flatten().count();
    if given == 0 {
        let hint = "Such as traffic = { name = \"…\", factor = 20 }.";
        r.error("", "missing-key", "expected what changes: `traffic`, `function` or `dependency`", hint);
    } else if given > 1 {
        let found = ["traffic", "function", "dependency"].into_iter().zip(&changes).filter(|(_, change)| change.is_some());
        let found: Vec<String> = found.map(|(key, _)| format!("`{key}`")).collect();
        r.error("", "conflict", format!("expected one change, found {}", found.join(" and ")), "Make them events of their own.");
    }
    let change = changes.into_iter().flatten().next().flatten();
    within(r, at, length, horizon);
    Some(Event { name: name.to_owned(), at: SimTime(at?.0), duration: length?, shape, change: change? })
}

/// An event must begin before the horizon ends; one that goes on after it is cut there.
fn within(r: &Reader<'_>, at: Option<Span>, length: Option<Span>, horizon: Span) {
    match (at, length) {
        (Some(at), _) if at >= horizon => {
            let message = format!("never happens: it begins at {}, and the horizon ends at {}", at.exact(), horizon.exact());
            r.error("at", "out-of-range", message, "Let it begin earlier, or raise `simulation.horizon`.");
        }
        (Some(at), Some(length)) if at + length > horizon => {
            let message = format!(
                "ends at {}, after the horizon of {}: what follows it is not seen",
                (at + length).exact(),
                horizon.exact()
            );
            r.warn("for", "beyond-horizon", message, "Shorten it, or raise `simulation.horizon`.");
        }
        _ => {}
    }
}

fn traffic(t: &Reader<'_>, sources: &[&str]) -> Option<Change> {
    let source = index_of(t, "name", "traffic source", sources);
    let factor = t.number("factor");
    let factor = t.within("factor", factor, |factor| (0.0..=1e6).contains(factor), "from 0 to 1000000");
    Some(Change::Traffic { source: source?, factor: factor? })
}

fn function(t: &Reader<'_>, functions: &[&str]) -> Option<Change> {
    let function = index_of(t, "name", "function", functions);
    let slower = t.number("slower");
    let slower = t.within("slower", slower, |factor| *factor > 0.0 && *factor <= 1e6, "above 0 and at most 1000000");
    let (error, hang, crash) = (t.share("error"), t.share("hang"), t.share("crash"));
    let init_failure = t.share("init_failure");
    if t.entries().iter().all(|entry| entry.key == "name") {
        t.error("", "missing-key", "expected what changes: `error`, `hang`, `crash`, `init_failure` or `slower`", "");
    }
    Some(Change::Function { function: function?, error, hang, crash, init_failure, slower: slower.unwrap_or(1.0) })
}

fn dependency(t: &Reader<'_>, dependencies: &[&str]) -> Option<Change> {
    let dependency = index_of(t, "name", "dependency", dependencies);
    let outage = t.flag("outage").unwrap_or(false);
    let (capacity, error) = (t.whole("capacity"), t.share("error"));
    let slower = t.number("slower");
    let slower = t.within("slower", slower, |factor| *factor > 0.0 && *factor <= 1e6, "above 0 and at most 1000000");
    if t.entries().iter().all(|entry| entry.key == "name") {
        t.error("", "missing-key", "expected what changes: `outage`, `capacity`, `error` or `slower`", "");
    }
    Some(Change::Dependency { dependency: dependency?, outage, capacity, error, slower: slower.unwrap_or(1.0) })
}
