//! `[[events]]`: what changes for a while.

use super::explain::Origin;
use super::key::{Key, Kind, key, later, must};
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
    later("dependency"),
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
pub(super) fn read(root: &Reader<'_>, functions: &[&str], sources: &[String], horizon: Span) -> Vec<Event> {
    if root.get("events").is_some_and(|node| node.entries().is_some()) {
        root.error("events", "bad-value", "expected a list of tables, found a table", "Write [[events]] with two brackets.");
        return Vec::new();
    }
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let opened = open(root, "events", default_name);
    opened.iter().filter_map(|(name, table)| event(name, table, functions, &sources, horizon)).collect()
}

fn event(name: &str, r: &Reader<'_>, functions: &[&str], sources: &[&str], horizon: Span) -> Option<Event> {
    r.read("name", quantities::text);
    let (at, length) = (r.span("at"), r.span("for"));
    let length = r.within("for", length, |span| span.0 > 0, "more than 0");
    let shape = r.word("shape").map(|word| match word {
        "ramp" => Shape::Ramp,
        "spike" => Shape::Spike,
        _ => Shape::Step,
    });
    let shape = r.or_shown("shape", shape, "step", Shape::Step, Origin::own(""));
    let change = match (r.table_if("traffic"), r.table_if("function")) {
        (Some(t), None) => traffic(&t, sources),
        (None, Some(t)) => function(&t, functions),
        (None, None) => {
            // An event of a later mechanism has been reported.
            if !r.has("dependency") {
                r.error(
                    "",
                    "missing-key",
                    "expected what changes: `traffic` or `function`",
                    "Such as traffic = { name = \"…\", factor = 20 }.",
                );
            }
            None
        }
        (Some(t), Some(f)) => {
            r.error("", "conflict", "expected one change, found `traffic` and `function`", "Make them two events.");
            traffic(&t, sources).and(function(&f, functions)).and(None)
        }
    };
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
