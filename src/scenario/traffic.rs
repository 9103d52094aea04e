//! `[[traffic]]`: sources of requests.

use std::sync::Arc;

use super::arrivals;
use super::explain::Origin;
use super::facts::Facts;
use super::key::{Key, Kind, key, must};
use super::naming;
use super::node::{Node, Value, join};
use super::profile;
use super::quantities;
use super::queue_source;
use super::reader::Reader;
use super::retry;
use super::{Invoke, Source};
use crate::diagnostic::Diagnostic;
use crate::platform::fields::nearest;
use crate::units::Span;
use crate::workload::arrivals::Arrivals;

/// Keys of `[[traffic]]`.
pub(super) const KEYS: &[Key] = &[
    key("name", Kind::Text, "name of the source; left out: the function's, then with -2, -3"),
    must("to", Kind::Text, "function that is called"),
    key(
        "invoke",
        Kind::Word(&["sync", "async", "queue"]),
        "whether the caller waits, the platform queues the event, or it waits in a queue",
    ),
    must("arrivals", Kind::Arrivals, "arrival process"),
    key("profile", profile::KIND, "shape over the day and week, with mean 1"),
    key("growth", Kind::Growth, "growth of the rate over time"),
    key("client_timeout", Kind::Span, "the caller gives up on an attempt after this time"),
    key("retry", Kind::Table(retry::KEYS), "the caller's retry policy"),
    queue_source::KEYS[0],
    queue_source::KEYS[1],
    queue_source::KEYS[2],
    queue_source::KEYS[3],
    queue_source::KEYS[4],
    queue_source::KEYS[5],
    queue_source::KEYS[6],
    queue_source::KEYS[7],
];

/// The entries of `[[traffic]]` (or another list) with their names: given, or `default` with -2, -3 for the next ones.
pub(super) fn names(items: &[Node], default: impl Fn(&Node) -> String) -> Vec<String> {
    let given: Vec<Option<&str>> = items.iter().map(|item| item.get("name").and_then(Node::text)).collect();
    let mut names: Vec<String> = Vec::with_capacity(items.len());
    for (item, given_name) in items.iter().zip(&given) {
        let name = given_name.map_or_else(
            || {
                let base = default(item);
                let free = |name: &String| !names.contains(name) && !given.contains(&Some(name.as_str()));
                let numbered = (2..).map(|n: u32| format!("{base}-{n}"));
                std::iter::once(base.clone()).chain(numbered).find(free).unwrap_or(base)
            },
            str::to_owned,
        );
        names.push(name);
    }
    names
}

/// The default name of a traffic entry: its function's.
pub(super) fn default_name(item: &Node) -> String {
    item.get("to").and_then(Node::text).unwrap_or("traffic").to_owned()
}

/// Opens the tables of a list whose entries have names; the same name twice is an error.
pub(super) fn open<'a>(root: &Reader<'a>, list: &'static str, default: impl Fn(&Node) -> String) -> Vec<(String, Reader<'a>)> {
    let names = root.get(list).and_then(Node::list).map(|items| names(items, default)).unwrap_or_default();
    let paths: Vec<String> = names.iter().map(|name| join(&root.path_of(list), name)).collect();
    let mut open: Vec<(String, Reader<'a>)> = Vec::new();
    for table in root.tables_at(list, |_| paths.clone()) {
        // An element that is no table has been reported and is not among them.
        let name = paths.iter().position(|path| *path == table.path).map_or_else(String::new, |index| names[index].clone());
        if open.iter().any(|(other, _)| *other == name) {
            table.error("name", "conflict", format!("the name `{name}` is taken by an earlier entry"), "Names are unique.");
        }
        if let Some(problem) = table.get("name").and_then(Node::text).and_then(naming::refused) {
            table.error("name", "bad-name", problem, naming::REMEDY);
        }
        open.push((name, table));
    }
    open
}

/// Index of the function or source that a key names.
pub(super) fn index_of(r: &Reader<'_>, key: &'static str, what: &str, names: &[&str]) -> Option<usize> {
    let name = r.read(key, quantities::text)?;
    let index = names.iter().position(|known| *known == name);
    if index.is_none() {
        let hint = match nearest(&name, names.iter().copied()) {
            Some(near) => format!("Did you mean `{near}`?"),
            // Entries whose own name is empty have been reported: they are no help here.
            None if names.iter().all(|name| name.is_empty()) => format!("There is no {what} at all: add one of that name."),
            None => {
                let named: Vec<&str> = names.iter().copied().filter(|name| !name.is_empty()).collect();
                format!("There is: {}.", named.join(", "))
            }
        };
        r.error(key, "unknown-name", format!("there is no {what} `{name}`"), hint);
    }
    index
}

/// Reads all sources.
pub(super) fn read(root: &Reader<'_>, functions: &[&str], timeouts: &[Span], facts: &Facts<'_>, shift: Span) -> Vec<Source> {
    if !root.get("traffic").is_some_and(|node| !matches!(&node.value, Value::List(items) if items.is_empty())) {
        let finding = Diagnostic::error("missing-key", "traffic", "there is no traffic");
        let hint = "Add one, such as [[traffic]] with to = \"NAME\" and arrivals = { poisson = \"20/s\" }.";
        root.context.add(root.place_of("traffic"), finding.hint(hint));
    }
    if root.get("traffic").is_some_and(|node| node.entries().is_some()) {
        root.error("traffic", "bad-value", "expected a list of tables, found a table", "Write [[traffic]] with two brackets.");
        return Vec::new();
    }
    let opened = open(root, "traffic", default_name);
    let read: Vec<Option<Source>> =
        opened.iter().map(|(name, table)| source(name, table, functions, timeouts, facts, shift)).collect();
    let is_silent = |source: &Option<Source>| source.as_ref().is_some_and(|source| silent(&source.arrivals));
    let nothing = read.iter().all(is_silent);
    for ((_, table), _) in opened.iter().zip(&read).filter(|(_, source)| is_silent(source)) {
        if nothing {
            let message = "the rate is 0, and nothing else sends anything: there is nothing to simulate";
            table.error("arrivals", "no-traffic", message, "Give it a rate; `faascast price` bills usage without traffic.");
        } else {
            table.warn("arrivals", "no-traffic", "the rate is 0: this source sends nothing", "Give it a rate, or leave it out.");
        }
    }
    read.into_iter().flatten().collect()
}

fn source(name: &str, r: &Reader<'_>, functions: &[&str], timeouts: &[Span], facts: &Facts<'_>, shift: Span) -> Option<Source> {
    r.read("name", quantities::text);
    let function = index_of(r, "to", "function", functions);
    let invoke = invoke(r);
    let arrivals = arrivals::read(&r.table("arrivals"));
    let profile = profile::read(r).shifted(shift);
    let growth = r.read("growth", quantities::growth).unwrap_or(0.0);
    let client_timeout = r.span("client_timeout");
    let client_timeout = r.within("client_timeout", client_timeout, |span| span.0 > 0, "more than 0");
    let retry = r.table_if("retry").map(|table| retry::read(&table));
    if invoke != Invoke::Sync {
        for key in ["client_timeout", "retry"].into_iter().filter(|key| r.has(key)) {
            let hint = "The platform retries asynchronous events: see `functions.NAME.async`; a queue brings its messages back by itself.";
            r.warn(key, "no-effect", "has no effect: the caller of an asynchronous function does not wait", hint);
        }
    }
    let timeout = function.and_then(|function| timeouts.get(function).copied());
    let queue = queue_source::read(r, invoke, facts, timeout);
    let arrivals = arrivals?;
    Some(Source {
        name: name.to_owned(),
        function: function?,
        invoke,
        arrivals,
        profile: Arc::new(profile),
        growth_per_month: growth,
        client_timeout: client_timeout.filter(|_| invoke == Invoke::Sync),
        retry: retry.filter(|_| invoke == Invoke::Sync).unwrap_or_else(retry::none),
        queue,
    })
}

fn invoke(r: &Reader<'_>) -> Invoke {
    let invoke = r.word("invoke").map(|word| match word {
        "async" => Invoke::Async,
        "queue" => Invoke::Queue,
        _ => Invoke::Sync,
    });
    r.or_shown("invoke", invoke, "sync", Invoke::Sync, Origin::own(""))
}

fn silent(arrivals: &Arrivals) -> bool {
    match arrivals {
        Arrivals::Constant(rate) | Arrivals::Poisson(rate) => rate.get() == 0.0,
        Arrivals::Mmpp(states) => states.iter().all(|state| state.rate.get() == 0.0),
        Arrivals::Renewal(_) => false,
        Arrivals::Trace(trace) => trace.total() == 0,
    }
}
