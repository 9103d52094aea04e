//! The keys that platform data may have, what kind of value each takes, and what it means. A row with another key is an
//! error in embedded data and in a user's file alike.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::units::{Bytes, parse};

/// Kind of value of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A number that is not negative, or `"unlimited"`; decimals are written as text (`"0.05"`) so that they stay exact.
    Number,
    /// A length of time: `"60s"`, or `"forever"`.
    Span,
    /// A size: `"128 MiB"`, or `"unlimited"`.
    Size,
    /// A rate: `"300/min"`.
    Rate,
    /// A list of sizes.
    Sizes,
    /// A list of lengths of time, not empty.
    Spans,
    /// Points of a distribution of times `[["0.5", "300s"], ["1", "360s"]]`: the share that is at or below.
    Quantiles,
    /// Rising rows of memory and vCPU `[["128 MiB", "0.083"], …]`.
    VcpuTable,
    /// Price tiers `[["0", "0.00011"], ["200000000", "0.0001"]]`: units of the month above the first figure cost the second.
    Tiers,
    /// How many units of a priced item one unit of usage is: `"0.15 cu"`.
    Meter,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `built-in`, `custom` or `retired`, and the language: `"built-in python"`.
    Runtime,
    /// Any text.
    Text,
}

/// A known key; `*` stands for one or more characters.
#[derive(Clone, Copy, Debug)]
pub struct KeyInfo {
    /// The dotted key or pattern.
    pub key: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// Whether every platform must say it for every region.
    pub required: bool,
    /// What it means, in a few words.
    pub meaning: &'static str,
}

const fn must(key: &'static str, kind: Kind, meaning: &'static str) -> KeyInfo {
    KeyInfo { key, kind, required: true, meaning }
}

const fn may(key: &'static str, kind: Kind, meaning: &'static str) -> KeyInfo {
    KeyInfo { key, kind, required: false, meaning }
}

/// Every key, in the order of listings.
pub const KEYS: &[KeyInfo] = &[
    must("defaults.memory", Kind::Size, "memory of a function that states none"),
    must("defaults.disk", Kind::Size, "disk of a function that states none"),
    must("defaults.timeout", Kind::Span, "timeout of a function that states none"),
    must("defaults.instance_concurrency", Kind::Number, "invocations at once on one instance"),
    must("limits.memory.min", Kind::Size, "least memory"),
    must("limits.memory.max", Kind::Size, "most memory"),
    must("limits.memory.step", Kind::Size, "memory is a multiple of this"),
    must("limits.vcpu.min", Kind::Number, "least vCPU"),
    must("limits.vcpu.max", Kind::Number, "most vCPU"),
    must("limits.vcpu.step", Kind::Number, "vCPU is a multiple of this; 0 = any"),
    may("limits.memory_per_vcpu.min", Kind::Size, "least memory for each vCPU"),
    may("limits.memory_per_vcpu.max", Kind::Size, "most memory for each vCPU"),
    may("limits.disk.choices", Kind::Sizes, "sizes of disk that exist"),
    must("limits.package", Kind::Size, "largest code package"),
    may("limits.image", Kind::Size, "largest container image"),
    must("limits.timeout.min", Kind::Span, "shortest timeout"),
    must("limits.timeout.max", Kind::Span, "longest timeout"),
    must("limits.instance_concurrency.custom", Kind::Number, "most invocations at once on an instance, custom runtimes"),
    must("limits.instance_concurrency.built_in", Kind::Number, "most invocations at once on an instance, built-in runtimes"),
    may("limits.instance_concurrency.below_one_vcpu", Kind::Number, "the same with less than one vCPU"),
    must("limits.instances", Kind::Number, "instances of the account in a region"),
    must("limits.concurrency", Kind::Number, "invocations in flight of the account in a region"),
    may("limits.function_share", Kind::Number, "largest share of the account's instances for one function's quota"),
    must("limits.scaling.kind", Kind::Word(&["unlimited", "bucket", "window", "ceiling"]), "how instance starts are limited"),
    may("limits.scaling.burst", Kind::Number, "instances that may start at once"),
    may("limits.scaling.rate", Kind::Rate, "further instance starts"),
    may("limits.instance_rate", Kind::Number, "synchronous requests a second for each invocation at once that the quota allows"),
    may("limits.scaling.scope", Kind::Word(&["account", "function"]), "what has this rate to itself; left out: the account"),
    must("limits.payload.sync_request", Kind::Size, "largest synchronous request body"),
    must("limits.payload.async_request", Kind::Size, "largest asynchronous request body"),
    must("limits.payload.response", Kind::Size, "largest response body"),
    must("limits.payload.headers", Kind::Size, "largest request headers"),
    may("limits.environment", Kind::Size, "all environment variables together"),
    may("limits.pool.vcpu", Kind::Number, "vCPU of the account in a region, all instances together"),
    may("limits.pool.memory", Kind::Size, "memory of the account in a region"),
    may("limits.pool.vcpu_per_minute", Kind::Number, "vCPU by which the account can grow in a minute"),
    may("limits.pool.memory_per_minute", Kind::Size, "memory by which the account can grow in a minute"),
    may("limits.layers", Kind::Number, "layers of a function"),
    may("limits.caller.*", Kind::Span, "how long a caller of this kind waits for the answer"),
    may("queue.pollers.start", Kind::Number, "batches of a queue in flight to begin with"),
    may("queue.pollers.rate", Kind::Rate, "by how many more while messages wait"),
    may("queue.pollers.max", Kind::Number, "most batches of a queue in flight"),
    may("limits.recursion", Kind::Number, "invocations of one function in a chain of calls, after which the platform stops it"),
    may("limits.async.retries", Kind::Number, "most retries of an asynchronous event"),
    may("limits.async.event_age.min", Kind::Span, "shortest maximum event age"),
    may("limits.async.event_age.max", Kind::Span, "longest maximum event age"),
    must("vcpu.rule", Kind::Word(&["constant", "memory", "table"]), "vCPU of a function that states none"),
    may("vcpu.constant", Kind::Number, "vCPU by the rule `constant`"),
    may("vcpu.table", Kind::VcpuTable, "vCPU by memory by the rule `table`; a memory between two rows has the larger one's"),
    may("vcpu.memory_per_vcpu", Kind::Size, "memory that brings one vCPU by the rule `memory`"),
    must("instance.keep_alive", Kind::Span, "an idle instance is kept this long"),
    may("instance.keep_alive.quantiles", Kind::Quantiles, "the same as measured: the share that has ended by then"),
    must("instance.max_age", Kind::Span, "instances end at this age"),
    must("instance.init_timeout", Kind::Span, "a longer cold start fails"),
    must("instance.timeout_kills", Kind::Flag, "a timeout ends the instance"),
    must("instance.join_starting", Kind::Flag, "invocations may join an instance that is starting"),
    must("instance.timeout_includes_init", Kind::Flag, "the timeout runs from the start of initialisation"),
    may("instance.pending_queue.max", Kind::Number, "requests that wait before any is throttled"),
    may("instance.pending_queue.timeout", Kind::Span, "how long they wait at most"),
    must("cold_start.placement", Kind::Span, "time until an instance is placed"),
    may("cold_start.fetch_per_second", Kind::Size, "package fetched in a second"),
    may("language.*.start", Kind::Span, "cold start part of the language's runtime"),
    may("language.*.single_threaded", Kind::Flag, "one thread at a time runs user code"),
    may("runtime.*", Kind::Runtime, "a runtime id (`*` at its end: any id that begins so)"),
    must("async.retries", Kind::Number, "retries of an asynchronous event after errors"),
    must("async.delays", Kind::Spans, "delay before each retry; the last one repeats"),
    must("async.throttle_backoff.base", Kind::Span, "first delay after a throttle"),
    must("async.throttle_backoff.factor", Kind::Number, "growth of the delay"),
    must("async.throttle_backoff.cap", Kind::Span, "longest delay"),
    must("async.max_event_age", Kind::Span, "older events are dropped"),
    must("billing.unit", Kind::Word(&["invocation", "busy-period"]), "what is billed where invocations share an instance"),
    must("billing.granule", Kind::Span, "on-demand time is rounded up to a multiple"),
    may("billing.granule.gpu", Kind::Span, "the same for GPU functions"),
    must("billing.granule.provisioned", Kind::Span, "provisioned time is rounded up to a multiple"),
    must("billing.minimum", Kind::Span, "least billed time"),
    must("billing.init_billed", Kind::Flag, "the cold start is billed"),
    must("billing.init_failure_billed", Kind::Flag, "a failed cold start is billed"),
    must("billing.error_billed", Kind::Flag, "handler errors are billed"),
    must("billing.timeout_billed", Kind::Flag, "timeouts are billed"),
    must("billing.crash_billed", Kind::Flag, "crashes are billed"),
    must("billing.idle_release", Kind::Span, "an idle instance is billed at the idle rate for this long"),
    must("billing.provisioned_idle", Kind::Flag, "provisioned instances cost the idle rate while idle"),
    may("billing.cycle_rounding", Kind::Text, "priced item that is rounded up to a whole unit each function-hour"),
    may("billing.minimum_charge", Kind::Number, "least money for a function-hour with usage"),
    must("billing.free_tier", Kind::Flag, "free units recur each month"),
    may("price.*.tiers", Kind::Tiers, "price of a unit, by units of the month"),
    may("price.*.free", Kind::Number, "free units a month"),
    may("plan.*", Kind::Number, "price of a resource plan: item, its units and period are in the key"),
    may("meter.invocation", Kind::Meter, "units of an invocation"),
    may("meter.egress_gib", Kind::Meter, "units of a GiB of response"),
    may("meter.free_disk", Kind::Size, "disk that costs nothing"),
    may("meter.memory_step", Kind::Size, "memory is billed in multiples of this"),
    may("meter.active.vcpu", Kind::Meter, "units of a second of a vCPU"),
    may("meter.active.memory", Kind::Meter, "units of a second of a GiB of memory"),
    may("meter.active.disk", Kind::Meter, "units of a second of a GiB of disk"),
    may("meter.gpu.active.*", Kind::Meter, "the same for GPU functions; of GPU memory by card"),
    may("meter.arm.*", Kind::Meter, "the same as without `arm`, for functions on arm64"),
    may("meter.idle.vcpu", Kind::Meter, "units of a second of a vCPU"),
    may("meter.idle.memory", Kind::Meter, "units of a second of a GiB of memory"),
    may("meter.idle.disk", Kind::Meter, "units of a second of a GiB of disk"),
    may("meter.gpu.idle.*", Kind::Meter, "the same for GPU functions; of GPU memory by card"),
    may("meter.provisioned_active.vcpu", Kind::Meter, "units of a second of a vCPU"),
    may("meter.provisioned_active.memory", Kind::Meter, "units of a second of a GiB of memory"),
    may("meter.provisioned_active.disk", Kind::Meter, "units of a second of a GiB of disk"),
    may("meter.gpu.provisioned_active.*", Kind::Meter, "the same for GPU functions; of GPU memory by card"),
    may("meter.provisioned_idle.vcpu", Kind::Meter, "units of a second of a vCPU"),
    may("meter.provisioned_idle.memory", Kind::Meter, "units of a second of a GiB of memory"),
    may("meter.provisioned_idle.disk", Kind::Meter, "units of a second of a GiB of disk"),
    may("meter.gpu.provisioned_idle.*", Kind::Meter, "the same for GPU functions; of GPU memory by card"),
];

/// The information about a key, by its own name first, then by pattern.
#[must_use]
pub fn info(key: &str) -> Option<&'static KeyInfo> {
    KEYS.iter().find(|info| info.key == key).or_else(|| KEYS.iter().find(|info| matches(info.key, key)))
}

/// Whether a key fits a pattern with one `*`.
fn matches(pattern: &str, key: &str) -> bool {
    let Some((prefix, suffix)) = pattern.split_once('*') else { return false };
    key.len() > prefix.len() + suffix.len() && key.starts_with(prefix) && key.ends_with(suffix)
}

impl Kind {
    /// Whether a value is of this kind.
    ///
    /// # Errors
    /// What was expected, in words.
    pub fn check(self, value: &toml::Value) -> Result<(), String> {
        let text = value.as_str();
        let strings = |parse: &dyn Fn(&str) -> bool| {
            value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(|v| v.as_str().is_some_and(parse)))
        };
        let (fits, expected) = match self {
            Self::Flag => (value.is_bool(), "true or false".to_owned()),
            Self::Number => (number(value).is_some(), "a number that is not negative, or \"unlimited\"".to_owned()),
            Self::Span => (text.is_some_and(|t| parse::span(t).is_ok()), "a time with its unit, such as \"60s\"".to_owned()),
            Self::Size => (
                text.is_some_and(|t| t == "unlimited" || parse::bytes(t).is_ok()),
                "a size with its unit, such as \"128 MiB\"".to_owned(),
            ),
            Self::Rate => (text.is_some_and(|t| parse::rate(t).is_ok()), "a rate, such as \"300/min\"".to_owned()),
            Self::Sizes => (strings(&|t| parse::bytes(t).is_ok()), "a list of sizes".to_owned()),
            Self::Spans => (strings(&|t| parse::span(t).is_ok()), "a list of times".to_owned()),
            Self::Quantiles => {
                (quantiles(value).is_some(), "points [[\"share\", \"time\"], …] that rise to a share of 1".to_owned())
            }
            Self::VcpuTable => (vcpu_table(value).is_some(), "rows [[\"memory\", \"vCPU\"], …] that rise".to_owned()),
            Self::Tiers => (
                tiers(value).is_some(),
                "tiers [[\"0\", \"price\"], [\"units above\", \"price\"], …] in rising order from 0".to_owned(),
            ),
            Self::Meter => {
                (text.is_some_and(|t| meter(t).is_some()), "a number and a priced item, such as \"0.15 cu\"".to_owned())
            }
            Self::Word(words) => (text.is_some_and(|t| words.contains(&t)), format!("one of {}", words.join(", "))),
            Self::Runtime => {
                (text.is_some_and(|t| super::runtime::parse(t).is_some()), "\"built-in|custom|retired LANGUAGE\"".to_owned())
            }
            Self::Text => (text.is_some(), "a text".to_owned()),
        };
        if fits { Ok(()) } else { Err(expected) }
    }
}

/// A number that is not negative, exact; `None` within `Some` stands for `"unlimited"`.
pub(crate) fn number(value: &toml::Value) -> Option<Option<Decimal>> {
    let number = match value {
        toml::Value::Integer(n) => Decimal::from(*n),
        toml::Value::Float(x) => x.to_string().parse().ok()?,
        toml::Value::String(text) if text == "unlimited" => return Some(None),
        toml::Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    (!number.is_sign_negative() || number.is_zero()).then_some(Some(number))
}

/// Price tiers as (units above, price of a unit): the first begins at 0, the others rise.
pub(crate) fn tiers(value: &toml::Value) -> Option<Vec<(Decimal, Decimal)>> {
    let mut tiers: Vec<(Decimal, Decimal)> = Vec::new();
    for tier in value.as_array()? {
        let [over, price] = tier.as_array()?.as_slice() else { return None };
        let (over, price) = (number(over)??, number(price)??);
        if tiers.last().map_or(!over.is_zero(), |(before, _)| over <= *before) {
            return None;
        }
        tiers.push((over, price));
    }
    (!tiers.is_empty()).then_some(tiers)
}

/// Points of a distribution as (share at or below, seconds), both rising, the last share 1.
pub(crate) fn quantiles(value: &toml::Value) -> Option<Vec<(f64, f64)>> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for point in value.as_array()? {
        let [share, time] = point.as_array()?.as_slice() else { return None };
        let point = (number(share)??.to_f64()?, parse::span(time.as_str()?).ok()?.as_secs_f64());
        if points.last().is_some_and(|before| point.0 <= before.0 || point.1 < before.1) {
            return None;
        }
        points.push(point);
    }
    points.last().is_some_and(|last| last.0 == 1.0).then_some(points)
}

/// Rows of memory and vCPU, the memory rising.
pub(crate) fn vcpu_table(value: &toml::Value) -> Option<Vec<(Bytes, f64)>> {
    let mut rows: Vec<(Bytes, f64)> = Vec::new();
    for row in value.as_array()? {
        let [memory, vcpu] = row.as_array()?.as_slice() else { return None };
        let row = (parse::bytes(memory.as_str()?).ok()?, number(vcpu)??.to_f64()?);
        if rows.last().is_some_and(|before| row.0 <= before.0) {
            return None;
        }
        rows.push(row);
    }
    (!rows.is_empty()).then_some(rows)
}

/// Splits `"0.15 cu"` into units and the item's name.
pub(crate) fn meter(text: &str) -> Option<(Decimal, &str)> {
    let (units, item) = text.trim().split_once(' ')?;
    let units: Decimal = units.parse().ok()?;
    let item = item.trim();
    (!units.is_sign_negative() && !item.is_empty() && !item.contains(' ')).then_some((units, item))
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::Value;

    #[test]
    fn keys_are_found_by_name_before_pattern() {
        assert_eq!(info("meter.free_disk").map(|i| i.kind), Some(Kind::Size));
        assert_eq!(info("meter.active.vcpu").map(|i| i.kind), Some(Kind::Meter));
        assert_eq!(info("runtime.python3.12").map(|i| i.kind), Some(Kind::Runtime));
        assert!(info("meter.active.vpcu").is_none() && info("meter.gpu.idle.tesla.1").is_some());
        assert!(info("runtime.").is_none() && info("limits.memory").is_none());
    }

    #[test]
    fn tiers_begin_at_zero_and_rise() {
        let parse = |text: &str| toml::from_str::<toml::Table>(text).ok().and_then(|t| tiers(&t["t"]));
        assert_eq!(parse("t = [['0', '0.5'], ['10', '0.25']]").map(|t| t.len()), Some(2));
        for bad in ["t = []", "t = [['1', '1']]", "t = [['0', '1'], ['0', '2']]", "t = [['0', '-1']]", "t = [['0']]", "t = 3"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn values_of_the_wrong_kind_are_refused() {
        assert!(Kind::Number.check(&Value::Integer(-1)).is_err());
        assert!(Kind::Number.check(&Value::Float(f64::NAN)).is_err());
        assert!(Kind::Number.check(&Value::String("unlimited".into())).is_ok());
        assert!(Kind::Span.check(&Value::Integer(60)).is_err());
        assert!(Kind::Meter.check(&Value::String("0.15".into())).is_err());
        assert!(Kind::Spans.check(&Value::Array(Vec::new())).is_err());
    }
}
