//! `[functions.NAME.async]`: the platform's queue of asynchronous events.

use super::explain::Origin;
use super::facts::Facts;
use super::key::{Key, Kind, key};
use super::quantities;
use super::reader::Reader;
use super::retry;
use super::{Asynchronous, Jitter};
use crate::units::{Probability, Span};

/// Keys of `async`.
pub(super) const KEYS: &[Key] = &[
    key("retries", Kind::Whole, "retries after errors, timeouts and crashes"),
    key("delays", Kind::Spans, "delay before each retry; the last one repeats"),
    key("throttle_backoff", Kind::Table(retry::BACKOFF), "backoff of redeliveries after a throttle"),
    key("max_event_age", Kind::Span, "older events are dropped"),
    key("duplicate", Kind::Share, "probability that an event is delivered twice"),
    key("dead_letter", Kind::Flag, "whether dropped events go to a dead-letter target"),
];

/// Reads the table.
pub(super) fn read(r: &Reader<'_>, facts: &Facts<'_>, limited: bool) -> Asynchronous {
    let (platform, region) = (facts.platform, facts.region);
    let retries = r.whole("retries");
    let retries = r.within("retries", retries, |n| *n <= 100_000, "at most 100000");
    let most = platform.count(region, "limits.async.retries").filter(|_| limited).unwrap_or(u64::MAX);
    if let Some(retries) = retries.filter(|retries| *retries > most) {
        facts.refuse(r, "retries", "limits.async.retries", format!("{retries} retries are too many"));
    }
    let default = platform.count(region, "async.retries").unwrap_or(0);
    let retries = r.or("retries", retries, default, facts.origin("async.retries")) as u32;
    let delays = r.read("delays", |node| quantities::list(node, "a list of times", quantities::span));
    let default = platform.spans(region, "async.delays").unwrap_or_else(|| vec![Span::ZERO]);
    let shown = format!("[{}]", default.iter().map(|span| format!("\"{span}\"")).collect::<Vec<_>>().join(", "));
    let delays = r.or_shown("delays", delays, shown, default, facts.origin("async.delays"));
    let default = retry::Defaults {
        base: (facts.span("async.throttle_backoff.base"), facts.origin("async.throttle_backoff.base")),
        factor: (
            platform.number(region, "async.throttle_backoff.factor").unwrap_or(2.0),
            facts.origin("async.throttle_backoff.factor"),
        ),
        cap: (facts.span("async.throttle_backoff.cap"), facts.origin("async.throttle_backoff.cap")),
        jitter: Jitter::None,
    };
    let throttle_backoff = retry::backoff(&r.table("throttle_backoff"), &default);
    if throttle_backoff.base.min(throttle_backoff.cap) == Span::ZERO {
        let expected = "expected a delay above 0: a throttled event would come back at the same instant, without end";
        r.error("throttle_backoff", "endless", expected, "Set `base` and `cap`.");
    }
    let age = r.span("max_event_age");
    let age = r.within("max_event_age", age, |span| span.0 > 0, "more than 0");
    if let (Some(age), true) = (age, limited) {
        let (min, max) = ("limits.async.event_age.min", "limits.async.event_age.max");
        if platform.span(region, min).is_some_and(|least| age < least) {
            facts.refuse(r, "max_event_age", min, format!("a maximum event age of {} is too short", age.exact()));
        }
        if platform.span(region, max).is_some_and(|most| age > most) {
            facts.refuse(r, "max_event_age", max, format!("a maximum event age of {} is too long", age.exact()));
        }
    }
    let (duplicate, dead_letter) = (r.share("duplicate"), r.flag("dead_letter"));
    Asynchronous {
        retries,
        delays,
        throttle_backoff,
        max_event_age: facts.or_span(r, "max_event_age", age, "async.max_event_age"),
        duplicate: r.or_shown("duplicate", duplicate, "0%", Probability::ZERO, Origin::own("")),
        dead_letter: r.or("dead_letter", dead_letter, false, Origin::own("")),
    }
}
