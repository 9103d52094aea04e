//! A queue as a source: messages wait in it, and pollers bring them to the function in batches.

use super::account::LIMIT;
use super::explain::Origin;
use super::facts::Facts;
use super::key::{Key, Kind, key};
use super::quantities;
use super::reader::Reader;
use super::{Invoke, Limit};
use crate::units::Span;

/// Keys of a traffic entry that are for `invoke = "queue"`.
pub(super) const KEYS: [Key; 8] = [
    key("batch_size", Kind::Whole, "queue: most messages that one invocation gets"),
    key("batch_window", Kind::Span, "queue: how long a poller waits for a batch to fill"),
    key("max_concurrency", LIMIT, "queue: most batches in flight"),
    key("pollers", Kind::Table(POLLERS), "queue: how the number of batches in flight may grow"),
    key("visibility_timeout", Kind::Span, "queue: a message that was received and not deleted comes back after this time"),
    key("max_receives", LIMIT, "queue: a message that was received so often goes to the dead-letter queue"),
    key("partitions", Kind::Whole, "queue: parts of a log that are each read in order, one batch at a time (Kafka, Kinesis)"),
    key("partial_batch_failure", Kind::Flag, "queue: whether only the messages that failed come back, not their whole batch"),
];

const POLLERS: &[Key] = &[
    key("start", Kind::Whole, "batches in flight to begin with"),
    key("rate", Kind::Rate, "by how many more while messages wait"),
    key("max", LIMIT, "most of them"),
];

/// How messages of a queue reach the function.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSource {
    /// Most messages of a batch; at least 1.
    pub batch_size: u32,
    /// A batch that is not full is sent when its first message has waited for this long.
    pub batch_window: Span,
    /// Most batches in flight.
    pub max_concurrency: Limit,
    /// How that many are reached.
    pub pollers: Pollers,
    /// A received message that was not deleted is visible again this long after it was received.
    pub visibility_timeout: Span,
    /// A message that was received so often is not received again: it goes to the dead-letter queue.
    pub max_receives: Limit,
    /// Parts of a log, each read in order: one batch in flight, and what fails is tried again before all that follows. Absent
    /// for a queue, from which many take at once.
    pub partitions: Option<u32>,
    /// Whether a failed batch brings back only the messages that failed; in a partition, those from the first that failed on.
    pub partial_batch_failure: bool,
}

/// Batches in flight: so many at once when the backlog begins, and more by and by while it lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pollers {
    /// To begin with.
    pub start: u64,
    /// More a second.
    pub rate: f64,
    /// At most.
    pub max: Limit,
}

/// Reads the keys of a queue; for another `invoke` they are errors.
pub(super) fn read(r: &Reader<'_>, invoke: Invoke, facts: &Facts<'_>, timeout: Option<Span>) -> Option<QueueSource> {
    if invoke != Invoke::Queue {
        for key in KEYS.iter().filter(|key| r.has(key.name)) {
            r.error(key.name, "conflict", "is for `invoke = \"queue\"`", "Set `invoke`, or leave it out.");
        }
        return None;
    }
    let batch_size = r.whole("batch_size");
    let batch_size = r.within("batch_size", batch_size, |n| (1..=10_000).contains(n), "from 1 to 10000");
    let batch_size = r.or("batch_size", batch_size, 10, Origin::own("as queues deliver at most at once"));
    let window = r.span("batch_window");
    let batch_window = r.or("batch_window", window, Span::ZERO, Origin::own("a batch is sent as it is found"));
    let most = r.read("max_concurrency", quantities::limit);
    let most = r.within("max_concurrency", most, |limit| limit.get() >= 1, "at least 1");
    let max_concurrency = r.or("max_concurrency", most, Limit::Unlimited, Origin::own("the function's own limits hold"));
    let visibility = r.span("visibility_timeout");
    let visibility = r.within("visibility_timeout", visibility, |span| span.0 > 0, "more than 0");
    let default = Span::from_secs(30);
    let visibility_timeout = r.or("visibility_timeout", visibility, default, Origin::own("the default of SQS and MNS"));
    let partitions = r.whole("partitions");
    let partitions = r.within("partitions", partitions, |n| (1..=10_000).contains(n), "from 1 to 10000").map(|n| n as u32);
    if partitions.is_some() {
        for key in ["visibility_timeout", "max_concurrency", "pollers"].into_iter().filter(|key| r.has(key)) {
            let why = "has no effect with `partitions`: each has one batch in flight, which nobody else can receive";
            r.error(key, "conflict", why, "Leave one of the two out.");
        }
    } else if let Some(timeout) = timeout.filter(|timeout| visibility_timeout < *timeout) {
        let message = format!("{} is shorter than the function's timeout of {}", visibility_timeout.exact(), timeout.exact());
        r.warn("visibility_timeout", "visibility", message, "Messages come back while they are worked on: make it longer.");
    }
    let receives = r.read("max_receives", quantities::limit);
    let receives = r.within("max_receives", receives, |limit| limit.get() >= 1, "at least 1");
    let max_receives = r.or("max_receives", receives, Limit::Unlimited, Origin::own("no dead-letter queue"));
    let partial = r.flag("partial_batch_failure");
    Some(QueueSource {
        batch_size: batch_size as u32,
        batch_window,
        max_concurrency,
        pollers: pollers(r, facts),
        visibility_timeout,
        max_receives,
        partitions,
        partial_batch_failure: r.or("partial_batch_failure", partial, false, Origin::own("")),
    })
}

fn pollers(r: &Reader<'_>, facts: &Facts<'_>) -> Pollers {
    let count = |key: &str| facts.platform.count(facts.region, key);
    let known = count("queue.pollers.start");
    let own = || Origin::own("the platform publishes no rule");
    let origin = |key: &str| if known.is_some() { facts.origin(key) } else { own() };
    let t = r.table("pollers");
    let (start, rate, max) = (t.whole("start"), t.rate("rate"), t.read("max", quantities::limit));
    let start = t.within("start", start, |n| *n >= 1, "at least 1");
    let by_rule = facts.platform.rate(facts.region, "queue.pollers.rate").map_or(0.0, |rate| rate.get());
    let most = count("queue.pollers.max").map_or(Limit::Unlimited, Limit::At);
    Pollers {
        start: t.or("start", start, known.unwrap_or(u64::from(u32::MAX)), origin("queue.pollers.start")),
        rate: rate.map_or_else(
            || t.or_shown("rate", None, format!("{by_rule}/s"), by_rule, origin("queue.pollers.rate")),
            |rate| rate.get(),
        ),
        max: t.or("max", max, most, origin("queue.pollers.max")),
    }
}
