//! `[account]` and `[billing]`: limits of the whole account, and switches of the bill.

use super::explain::Origin;
use super::facts::Facts;
use super::key::{Key, Kind, key};
use super::quantities;
use super::reader::Reader;
use super::{Account, BillingOptions, Limit, Scaling};
use crate::units::Span;

/// Whole number or `"unlimited"`.
pub(super) const LIMIT: Kind = Kind::Either(&[Kind::Whole, Kind::Word(&["unlimited"])]);

/// Keys of `[account]`.
pub(super) const KEYS: &[Key] = &[
    key("max_instances", LIMIT, "most instances of all functions together; 0 throttles all"),
    key("max_concurrency", LIMIT, "most invocations in flight of all functions together"),
    key("scaling", Kind::Either(&[Kind::Word(&["unlimited"]), Kind::Table(SCALING)]), "how fast instances may be started"),
    key("recursion_limit", LIMIT, "invocations of one function in a chain of calls, after which the chain is stopped"),
];

const SCALING: &[Key] = &[
    key("kind", Kind::Word(&["bucket", "window", "ceiling"]), "token bucket, starts a window, or a rising ceiling of instances"),
    key("burst", Kind::Number, "instances that may start at once"),
    key("rate", Kind::Rate, "further instance starts"),
    key("starts", Kind::Whole, "instance starts a window"),
    key("every", Kind::Span, "length of a window"),
];

/// Keys of `[billing]`.
pub(super) const BILLING: &[Key] = &[
    key("free_tier", Kind::Flag, "whether the monthly free tier is deducted"),
    key("cycle_rounding", Kind::Flag, "whether each function-hour is rounded up to a whole unit (FC)"),
    key("minimum_charge", Kind::Flag, "whether the minimum charge of a function-hour applies (FC)"),
    key("idle_release", Kind::Flag, "whether idle instances are billed at the idle rate until their delayed release (FC)"),
    key("provisioned_idle", Kind::Flag, "whether provisioned instances cost the idle rate while idle (FC)"),
    key("committed", Kind::Share, "discount by committed use or a resource plan, a share of the list price"),
    key("exchange", Kind::NumberByName, "what one unit of another currency is worth in the price book's, such as { USD = 7.1 }"),
];

/// Reads `[account]`.
pub(super) fn read(r: &Reader<'_>, facts: &Facts<'_>) -> Account {
    let limit = |key: &'static str, fact: &str| {
        let default = facts.platform.count(facts.region, fact).map_or(Limit::Unlimited, limit_of);
        let read = r.read(key, quantities::limit);
        r.or(key, read, default, facts.origin(fact))
    };
    Account {
        max_instances: limit("max_instances", "limits.instances"),
        max_concurrency: limit("max_concurrency", "limits.concurrency"),
        scaling: scaling(r, facts),
        scaling_per_function: facts.platform.text(facts.region, "limits.scaling.scope") == Some("function"),
        recursion_limit: recursion_limit(r, facts),
    }
}

/// Most platforms detect no recursion.
fn recursion_limit(r: &Reader<'_>, facts: &Facts<'_>) -> Limit {
    const FACT: &str = "limits.recursion";
    let read = r.read("recursion_limit", quantities::limit);
    let read = r.within("recursion_limit", read, |limit| limit.get() >= 1, "at least 1");
    match facts.platform.count(facts.region, FACT) {
        Some(count) => r.or("recursion_limit", read, limit_of(count), facts.origin(FACT)),
        None => r.or("recursion_limit", read, Limit::Unlimited, Origin::own("the platform stops no recursion")),
    }
}

/// `u64::MAX` stands for no limit in the platform's facts.
const fn limit_of(count: u64) -> Limit {
    if count == u64::MAX { Limit::Unlimited } else { Limit::At(count) }
}

fn scaling(r: &Reader<'_>, facts: &Facts<'_>) -> Scaling {
    let default = default_scaling(facts);
    if r.get("scaling").is_some_and(|node| node.entries().is_none()) {
        let read = r.read("scaling", |node| {
            quantities::word(node, &["unlimited"]).map_err(|wrong| quantities::Wrong {
                expected: "\"unlimited\", or a table such as { burst = 300, rate = \"300/min\" }".into(),
                ..wrong
            })
        });
        return read.map_or(default, |_| Scaling::Unlimited);
    }
    let Some(t) = r.table_if("scaling") else {
        return r.or_shown("scaling", None, show(default), default, facts.origin("limits.scaling.kind"));
    };
    let windowed = ["starts", "every"].iter().any(|key| t.has(key));
    let kind = t.word("kind");
    let implied = if windowed { "window" } else { "bucket" };
    let kind = t.or("kind", kind, implied, Origin::own("by the keys given"));
    let (burst, rate, starts, every) = (t.number("burst"), t.rate("rate"), t.whole("starts"), t.span("every"));
    let burst = t.within("burst", burst, |b| (0.0..=1e9).contains(b), "from 0 to 1e9");
    let every = t.within("every", every, |span| span.0 > 0, "more than 0");
    let (needed, other) =
        if kind == "window" { (["starts", "every"], ["burst", "rate"]) } else { (["burst", "rate"], ["starts", "every"]) };
    for key in needed.into_iter().filter(|key| !t.has(key)) {
        let example = if kind == "window" { "{ starts = 1000, every = \"10s\" }" } else { "{ burst = 300, rate = \"300/min\" }" };
        t.error(key, "missing-key", format!("the key `{key}` is missing for the kind `{kind}`"), format!("Such as {example}."));
    }
    for key in other.into_iter().filter(|key| t.has(key)) {
        t.error(key, "conflict", format!("is not for the kind `{kind}`"), format!("It has `{}` and `{}`.", needed[0], needed[1]));
    }
    let made = match kind {
        "window" => starts.zip(every).map(|(starts, every)| Scaling::Window { starts, every }),
        "ceiling" => burst.zip(rate).map(|(burst, rate)| Scaling::Ceiling { burst, rate: rate.get() }),
        _ => burst.zip(rate).map(|(burst, rate)| Scaling::Bucket { burst, rate: rate.get() }),
    };
    made.unwrap_or(default)
}

/// The platform's scaling rate. A window is stated by its starts (`burst`) and their rate.
fn default_scaling(facts: &Facts<'_>) -> Scaling {
    let burst = facts.platform.number(facts.region, "limits.scaling.burst").unwrap_or(f64::INFINITY);
    let rate = facts.platform.rate(facts.region, "limits.scaling.rate").map_or(0.0, |rate| rate.get());
    match facts.platform.text(facts.region, "limits.scaling.kind") {
        Some("bucket") => Scaling::Bucket { burst, rate },
        Some("ceiling") => Scaling::Ceiling { burst, rate },
        Some("window") => Scaling::Window { starts: burst as u64, every: Span::from_secs_f64(burst / rate) },
        _ => Scaling::Unlimited,
    }
}

fn show(scaling: Scaling) -> String {
    let per_minute = |rate: f64| format!("{}/min", (rate * 60.0 * 1e6).round() / 1e6);
    match scaling {
        Scaling::Unlimited => "unlimited".into(),
        Scaling::Bucket { burst, rate } => format!("{{ burst = {burst}, rate = \"{}\" }}", per_minute(rate)),
        Scaling::Window { starts, every } => format!("{{ starts = {starts}, every = \"{every}\", kind = \"window\" }}"),
        Scaling::Ceiling { burst, rate } => format!("{{ burst = {burst}, rate = \"{}\", kind = \"ceiling\" }}", per_minute(rate)),
    }
}

/// Reads `[billing]`. `currency` is the price book's.
pub(super) fn billing(r: &Reader<'_>, facts: &Facts<'_>, currency: &str) -> (BillingOptions, Option<bool>) {
    let flag = |key: &'static str, fact: &str, shown: &dyn Fn() -> Option<bool>| {
        let read = r.flag(key);
        if let Some(default) = shown() {
            r.or(key, read, default, facts.origin(fact));
        }
        read
    };
    let fact = |key: &'static str| move || facts.platform.flag(facts.region, key);
    let stated = |key: &'static str| move || Some(facts.platform.row(facts.region, key).is_some());
    let options = BillingOptions {
        free_tier: flag("free_tier", "billing.free_tier", &fact("billing.free_tier")),
        cycle_rounding: flag("cycle_rounding", "billing.cycle_rounding", &stated("billing.cycle_rounding")),
        minimum_charge: flag("minimum_charge", "billing.minimum_charge", &stated("billing.minimum_charge")),
        provisioned_idle: flag("provisioned_idle", "billing.provisioned_idle", &fact("billing.provisioned_idle")),
        committed: r.share("committed"),
        exchange: exchange(r, currency),
        prices: None,
    };
    let release = || Some(facts.span("billing.idle_release").0 > 0);
    let idle_release = flag("idle_release", "billing.idle_release", &release);
    (options, idle_release)
}

fn exchange(r: &Reader<'_>, currency: &str) -> Vec<(String, f64)> {
    let Some(node) = r.get("exchange") else { return Vec::new() };
    let mut rates = Vec::new();
    let read =
        r.read("exchange", |node| node.entries().ok_or_else(|| quantities::Wrong::expected("a table such as { USD = 7.1 }")));
    for entry in read.unwrap_or_default() {
        let path = format!("{}.{}", r.path_of("exchange"), super::node::quoted(&entry.key));
        let code = entry.key.len() == 3 && entry.key.chars().all(|c| c.is_ascii_uppercase());
        match quantities::number(&entry.node) {
            Ok(rate) if code && rate > 0.0 && rate <= 1e12 => rates.push((entry.key.clone(), rate)),
            Ok(_) if !code => {
                r.wrong(path, &entry.node, quantities::Wrong::range("a currency's code of three capital letters as the key"));
            }
            Ok(_) => r.wrong(path, &entry.node, quantities::Wrong::range("a rate above 0 and at most 1e12")),
            Err(wrong) => r.wrong(path, &entry.node, wrong),
        }
    }
    if node.get(currency).is_some() {
        r.warn("exchange", "no-effect", format!("the price book is in {currency} itself"), "Leave this rate out.");
    }
    rates.retain(|(code, _)| code != currency);
    rates
}
