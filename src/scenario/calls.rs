//! `[[functions.NAME.calls]]`: what a function calls in its I/O phase.

use super::explain::Origin;
use super::key::{Key, Kind, key, must};
use super::node::{Node, Value};
use super::quantities;
use super::reader::Reader;
use super::retry;
use super::traffic::{default_name, index_of, open};
use super::{Invoke, Retry};
use crate::units::{Probability, Span};

/// Keys of `calls`.
pub(super) const KEYS: &[Key] = &[
    key("name", Kind::Text, "name of the call; left out: the callee's, then with -2, -3"),
    must("to", Kind::Text, "function or dependency that is called"),
    key("invoke", Kind::Word(&["sync", "async"]), "whether the function waits for the answer"),
    key("times", Kind::Whole, "how often: one after the other if sync, all at once if async"),
    key("probability", Kind::Share, "probability that an invocation makes each of these calls"),
    key("timeout", Kind::Span, "the function gives up on an attempt after this time"),
    key("retry", Kind::Table(retry::KEYS), "the function's retry policy towards the callee"),
    key("on_failure", Kind::Word(&["error", "ignore"]), "whether the invocation fails with a call that failed, or goes on"),
];

/// Most calls of one entry that an invocation makes.
const MOST_TIMES: u64 = 10_000;

/// One entry of `calls`. An invocation makes its calls after its own I/O wait, entry by entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Unique within the function.
    pub name: String,
    /// What is called.
    pub to: Callee,
    /// Whether the function waits, and is billed while it does.
    pub invoke: Invoke,
    /// How often.
    pub times: u32,
    /// Probability of each of them.
    pub probability: Probability,
    /// The function gives up on an attempt this long after sending it.
    pub timeout: Option<Span>,
    /// The function's retries.
    pub retry: Retry,
    /// Whether the invocation fails at once with a call that failed.
    pub fails: bool,
}

/// What a function calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// Index in `Scenario::functions`.
    Function(usize),
    /// Index in `Scenario::dependencies`.
    Dependency(usize),
}

/// Reads the calls of one function. `callees` are the names of all functions, then of all dependencies.
pub(super) fn read(r: &Reader<'_>, callees: &[&str], functions: usize) -> Vec<Outgoing> {
    if matches!(r.get("calls"), Some(Node { value: Value::Table(_), .. })) {
        r.error(
            "calls",
            "bad-value",
            "expected a list of tables, found a table",
            "Write [[functions.NAME.calls]] with two brackets.",
        );
        return Vec::new();
    }
    open(r, "calls", default_name).iter().filter_map(|(name, table)| outgoing(name, table, callees, functions)).collect()
}

fn outgoing(name: &str, r: &Reader<'_>, callees: &[&str], functions: usize) -> Option<Outgoing> {
    r.read("name", quantities::text);
    let to = index_of(r, "to", "function or dependency", callees);
    let to = to.map(|i| if i < functions { Callee::Function(i) } else { Callee::Dependency(i - functions) });
    let invoke = r.word("invoke").map(|word| if word == "async" { Invoke::Async } else { Invoke::Sync });
    let invoke = r.or_shown("invoke", invoke, "sync", Invoke::Sync, Origin::own(""));
    let times = r.whole("times");
    let times = r.within("times", times, |n| (1..=MOST_TIMES).contains(n), "from 1 to 10000");
    let times = r.or("times", times, 1, Origin::own(""));
    let probability = r.share("probability");
    let probability = r.or_shown("probability", probability, "100%", Probability::ONE, Origin::own(""));
    let timeout = r.span("timeout");
    let timeout = r.within("timeout", timeout, |span| span.0 > 0, "more than 0");
    let retry = r.table_if("retry").map_or_else(retry::none, |table| retry::read(&table));
    let fails = r.word("on_failure").map(|word| word == "error");
    let fails = r.or_shown("on_failure", fails, "error", true, Origin::own(""));
    if invoke == Invoke::Async {
        if matches!(to, Some(Callee::Dependency(_))) {
            let hint = "Leave `invoke` out; what nobody waits for is a function that is called async.";
            r.error("invoke", "bad-value", "a dependency is waited for", hint);
        }
        for key in ["timeout", "retry", "on_failure"].into_iter().filter(|key| r.has(key)) {
            let hint = "The platform retries asynchronous events: see `async` of the function that is called.";
            r.warn(key, "no-effect", "has no effect: the caller of an asynchronous function does not wait", hint);
        }
    }
    let waits = invoke == Invoke::Sync;
    Some(Outgoing {
        name: name.to_owned(),
        to: to?,
        invoke,
        times: times as u32,
        probability,
        timeout: timeout.filter(|_| waits),
        retry: if waits { retry } else { retry::none() },
        fails: fails && waits,
    })
}
