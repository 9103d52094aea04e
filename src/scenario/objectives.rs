//! `[objectives]`: what the user wants to hold.

use super::Objective;
use super::key::{Key, Kind, key};
use super::quantities;
use super::reader::Reader;

const AT_MOST: &str = "at most this time, of requests that end ok";

/// Keys of `[objectives]`.
pub(super) const KEYS: &[Key] = &[
    key("availability", Kind::Share, "at least this share of requests ends ok"),
    key("throttled", Kind::Share, "at most this share of attempts is throttled"),
    key("cold_start_rate", Kind::Share, "at most this share of invocations waits for a new instance"),
    key("p50", Kind::Span, AT_MOST),
    key("p90", Kind::Span, AT_MOST),
    key("p95", Kind::Span, AT_MOST),
    key("p99", Kind::Span, AT_MOST),
    key("p99.9", Kind::Span, AT_MOST),
    key("mean_latency", Kind::Span, AT_MOST),
    key("fee", Kind::Money, "at most this much a month"),
];

/// Reads the targets in the order of the file. `currency` is the price book's, `exchange` what others are worth in it.
pub(super) fn read(r: &Reader<'_>, currency: &str, exchange: &[(String, f64)]) -> Vec<Objective> {
    if r.get("p99").is_some_and(|node| node.get("9").is_some()) {
        // Without quotes TOML reads p99.9 as the key 9 of a table p99.
        r.error("p99", "bad-value", "expected a time, found a table", "Write the key in quotes: \"p99.9\" = \"2s\".");
    }
    let target = |key: &Key| {
        let target = match key.kind {
            _ if r.get(key.name).is_some_and(|node| node.entries().is_some() && node.get("9").is_some()) => return None,
            Kind::Share => r.share(key.name)?.get(),
            Kind::Span => r.span(key.name)?.as_secs_f64(),
            _ => fee(r, key.name, currency, exchange)?,
        };
        Some(Objective { figure: key.name.into(), target, at_least: key.name == "availability" })
    };
    let mut targets: Vec<Objective> = KEYS.iter().filter_map(target).collect();
    let position = |objective: &Objective| r.entries().iter().position(|entry| entry.key == objective.figure);
    targets.sort_by_key(position);
    targets
}

fn fee(r: &Reader<'_>, key: &'static str, currency: &str, exchange: &[(String, f64)]) -> Option<f64> {
    let (amount, code) = r.read(key, quantities::money)?;
    if code == currency {
        return Some(amount);
    }
    let rate = exchange.iter().find(|(known, _)| *known == code).map(|(_, rate)| amount * rate);
    if rate.is_none() {
        let hint =
            format!("Give it in {currency}, or add [billing] exchange = {{ {code} = … }}: the worth of 1 {code} in {currency}.");
        r.error(key, "currency", format!("the price book is in {currency}, and there is no exchange rate for {code}"), hint);
    }
    rate
}
