//! `[dependencies.NAME]`: what functions call that is no function: a database, a payment API.

use super::account::LIMIT;
use super::explain::Origin;
use super::key::{Key, Kind, Unit, key, must};
use super::naming;
use super::quantities;
use super::reader::Reader;
use super::{Limit, law};
use crate::units::{Probability, Span};
use crate::workload::distribution::Distribution;

/// Keys of a dependency.
pub(super) const KEYS: &[Key] = &[
    key("capacity", LIMIT, "calls that it serves at once"),
    must("latency", Kind::Law(Unit::Time), "time that it takes to serve a call"),
    key("error", Kind::Share, "probability that a call fails, at its end"),
    key("rate", Kind::Rate, "calls that it takes over time; the others are refused"),
    key("burst", Kind::Number, "calls beyond that rate that it takes at once; left out: those of one second"),
    key("wait", Kind::Lasting, "how long a call waits while all of the capacity is in use, before it is refused"),
    key(
        "abandoned",
        Kind::Word(&["finished", "cancelled"]),
        "what becomes of a call whose caller gave up: served all the same, or taken out",
    ),
];

/// `[dependencies.NAME]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// Unique name, also among the functions.
    pub name: String,
    /// Calls served at once.
    pub capacity: Limit,
    /// Time to serve a call, seconds.
    pub latency: Distribution,
    /// Probability that a call fails at its end.
    pub error: Probability,
    /// A token bucket of calls: refill a second and capacity, full at the start.
    pub rate: Option<CallRate>,
    /// How long a call waits for capacity; calls are served first come, first served.
    pub wait: Span,
    /// Whether a call whose caller gave up frees its place at once; else it waits on and is served.
    pub cancels_abandoned: bool,
}

/// A limit on the rate of calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallRate {
    /// Calls a second.
    pub rate: f64,
    /// Calls at once.
    pub burst: f64,
}

/// Reads all dependencies.
pub(super) fn read(root: &Reader<'_>, functions: &[&str]) -> Vec<Dependency> {
    let opened = root.named("dependencies");
    opened.iter().filter_map(|(name, r)| dependency(name, r, functions)).collect()
}

fn dependency(name: &str, r: &Reader<'_>, functions: &[&str]) -> Option<Dependency> {
    if let Some(problem) = naming::refused(name) {
        r.error("", "bad-name", problem, naming::REMEDY);
    }
    if functions.contains(&name) {
        r.error("", "conflict", format!("`{name}` is a function too"), "Calls name either: give it another name.");
    }
    let capacity = r.read("capacity", quantities::limit);
    let capacity = r.or("capacity", capacity, Limit::Unlimited, Origin::own(""));
    let latency = law::read(r, "latency", Unit::Time);
    let error = r.share("error");
    let error = r.or_shown("error", error, "0%", Probability::ZERO, Origin::own(""));
    let (rate, burst) = (r.rate("rate"), r.number("burst"));
    let burst = r.within("burst", burst, |burst| (1.0..=1e9).contains(burst), "from 1 to 1e9");
    if r.has("burst") && !r.has("rate") {
        r.error("burst", "conflict", "is for a dependency with a `rate`", "Add `rate`, or leave `burst` out.");
    }
    let rate = rate.map(|rate| CallRate { rate: rate.get(), burst: burst.unwrap_or_else(|| rate.get().max(1.0)) });
    let wait = r.lasting("wait");
    let wait = r.or("wait", wait, Span::ZERO, Origin::own("refused at once"));
    let cancels = r.word("abandoned").map(|word| word == "cancelled");
    let cancels_abandoned = r.or_shown("abandoned", cancels, "finished", false, Origin::own("most servers do not notice"));
    Some(Dependency { name: name.to_owned(), capacity, latency: latency?, error, rate, wait, cancels_abandoned })
}
