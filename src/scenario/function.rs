//! `[functions.NAME]`: the settings of one function.

use super::account::LIMIT;
use super::calls;
use super::cold_start;
use super::deployment;
use super::explain::Origin;
use super::facts::Facts;
use super::invoked;
use super::key::{Key, Kind, Unit, key, must};
use super::law;
use super::naming;
use super::provisioned;
use super::quantities;
use super::read::Known;
use super::reader::Reader;
use super::sizes;
use super::work;
use super::{Architecture, Function, KeepAlive, Limit, PendingQueue, Routing};
use crate::platform::fields::nearest;
use crate::platform::runtime::Provider;
use crate::units::Span;
use crate::workload::distribution::Distribution;

/// Keys of `[functions.NAME]`.
pub(super) const KEYS: &[Key] = &[
    key("runtime", Kind::Text, "runtime id such as python3.12; decides threads and cold start"),
    key("memory", Kind::Size, "configured memory"),
    key("vcpu", Kind::Number, "CPU share of an instance; left out: by the platform's rule"),
    key("timeout", Kind::Span, "an invocation is cut after this time"),
    key("instance_concurrency", Kind::Whole, "invocations at once on one instance"),
    key("single_threaded", Kind::Flag, "whether one thread at a time runs user code; left out: by the runtime"),
    key("package", Kind::Size, "code package or image"),
    key("init", Kind::Span, "user initialisation in a cold start, seconds at one full vCPU"),
    key("disk", Kind::Size, "ephemeral disk"),
    key("gpu", Kind::Table(sizes::GPU), "GPU card"),
    key("architecture", Kind::Word(&["x86_64", "arm64"]), "processor, where the platform has prices for both"),
    key("environment", Kind::TextByName, "environment variables; looked at by `check` only"),
    key("reserved", Kind::Whole, "share of the account's limit that this function has to itself"),
    key("max_instances", LIMIT, "most instances of this function; 0 throttles all"),
    key("max_concurrency", LIMIT, "most invocations of this function in flight"),
    key("provisioned", provisioned::KIND, "instances kept warm: a number, or a weekly schedule"),
    key("keep_alive", Kind::Either(&[Kind::Lasting, Kind::Law(Unit::Time)]), "how long an idle instance is kept"),
    key("max_age", Kind::Lasting, "instances end at this age"),
    key("routing", Kind::Word(ROUTING), "order among warm instances"),
    key("cold_start", Kind::Law(Unit::Time), "time of a whole cold start; left out: from package, runtime and memory"),
    key("init_timeout", Kind::Lasting, "a cold start that takes longer fails"),
    key("pending_queue", Kind::Table(PENDING), "attempts wait here before they are throttled"),
    key("work", Kind::Table(work::KEYS), "what each invocation does"),
    key("faults", Kind::Table(work::FAULTS), "what goes wrong"),
    key("async", Kind::Table(invoked::KEYS), "the platform's asynchronous settings for this function"),
    key("deployment", Kind::Table(deployment::KEYS), "how it is deployed; looked at by `check` only"),
    key("calls", Kind::Tables(calls::KEYS), "what it calls in its I/O phase"),
];

const ROUTING: &[&str] = &["most-recently-used", "newest", "least-recently-used", "random", "least-loaded"];
const PENDING: &[Key] = &[key("max", LIMIT, "attempts that may wait"), must("timeout", Kind::Span, "longest wait")];

/// Reads one function. Its runtime is checked where the platform is known, its limits where the region is.
pub(super) fn read(name: &str, r: &Reader<'_>, facts: &Facts<'_>, idle_release: Option<bool>, known: Known) -> Function {
    if let Some(problem) = naming::refused(name) {
        r.error("", "bad-name", problem, naming::REMEDY);
    }
    let (platform, region) = (facts.platform, facts.region);
    let runtime = r.read("runtime", quantities::text).unwrap_or_default();
    let runtime_facts = platform.runtime(&runtime);
    if known.platform && !runtime.is_empty() {
        check_runtime(r, facts, &runtime, runtime_facts.as_ref().map(|known| known.provider));
    }
    let limited = known.region;
    let sizes = sizes::read(r, facts, runtime_facts.as_ref(), limited);
    r.read("environment", |node| match node.entries() {
        Some(entries) if entries.iter().all(|entry| entry.node.text().is_some()) => Ok(()),
        _ => Err(quantities::Wrong::expected("a table of texts")),
    });
    let single = r.flag("single_threaded");
    let by_runtime = runtime_facts.as_ref().map_or_else(|| single_by_name(&runtime), |known| known.single_threaded);
    let single_threaded = r.or("single_threaded", single, by_runtime, Origin::computed(thread_rule(&runtime)));
    let quota = |key: &'static str| {
        let read = r.read(key, quantities::limit);
        r.or(key, read, Limit::Unlimited, Origin::own("the account's limit holds"))
    };
    let work = work::read(&r.table("work"));
    let cold_start = cold_start::read(r, facts, runtime_facts.as_ref(), sizes.package, sizes.vcpu);
    Function {
        name: name.to_owned(),
        runtime,
        memory: sizes.memory,
        vcpu: sizes.vcpu,
        single_threaded,
        timeout: sizes.timeout,
        instance_concurrency: sizes.instance_concurrency,
        disk: sizes.disk,
        gpu: sizes.gpu,
        architecture: architecture(r, facts),
        reserved: r.whole("reserved"),
        max_instances: quota("max_instances"),
        max_concurrency: quota("max_concurrency"),
        provisioned: provisioned::read(r),
        keep_alive: keep_alive(r, facts),
        max_age: max_age(r, facts),
        routing: routing(r),
        cold_start,
        init_timeout: init_timeout(r, facts),
        pending_queue: r.table_if("pending_queue").map(|t| pending_queue(&t)).or_else(|| platform_queue(r, facts)),
        work,
        faults: work::faults(&r.table("faults")),
        // Read when the names of all functions and dependencies are known.
        calls: Vec::new(),
        asynchronous: invoked::read(&r.table("async"), facts, limited),
        rules: platform.instance_rules(region),
        billing: platform.billing_rule(region, sizes.instance_concurrency, r.has("gpu"), idle_release),
    }
}

/// A runtime of a language that the platform has is taken as a version that is newer than the facts, anything else is refused.
fn check_runtime(r: &Reader<'_>, facts: &Facts<'_>, runtime: &str, provider: Option<Provider>) {
    match provider {
        Some(Provider::Retired) => r.warn(
            "runtime",
            "runtime",
            format!("`{runtime}` is retired on {}: new functions are refused", facts.platform.name),
            "Move to a newer runtime.",
        ),
        None => {
            let ids = || facts.platform.runtime_ids().map(|id| id.trim_end_matches('*'));
            let message = format!("`{runtime}` is no known runtime of {}", facts.platform.name);
            let custom = ids().find(|id| id.starts_with("custom"));
            let listed = format!("`faascast platforms {}` lists them", facts.platform.id);
            let own = custom.map_or_else(String::new, |id| format!("; a runtime of your own is `{id}`"));
            // Where all versions of a language are known, the language is what was misspelt.
            let version = || &runtime[language(runtime).len()..];
            let languages = facts.platform.runtime_ids().filter_map(|id| id.strip_suffix('*'));
            let misspelt = || nearest(language(runtime), languages).map(|near| format!("{near}{}", version()));
            let hint = match nearest(runtime, ids()).map(str::to_owned).or_else(misspelt) {
                Some(near) => format!("Did you mean `{near}`? {}{own}.", capital(&listed)),
                None => format!("{}{own}.", capital(&listed)),
            };
            if ids().any(|id| language(id) == language(runtime)) {
                r.warn("runtime", "runtime", format!("{message}: taken as a custom one of its language"), hint);
            } else {
                r.error("runtime", "unknown-name", message, hint);
            }
        }
        Some(Provider::BuiltIn | Provider::Custom) => {}
    }
}

/// The letters that a runtime id begins with.
fn language(runtime: &str) -> &str {
    runtime.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Whether a version that the platform does not know runs one thread of user code, by its language.
fn single_by_name(runtime: &str) -> bool {
    ["nodejs", "python", "php", "ruby"].contains(&language(runtime))
}

fn thread_rule(runtime: &str) -> String {
    if runtime.is_empty() { "no runtime given".into() } else { format!("runtime {runtime}") }
}

fn architecture(r: &Reader<'_>, facts: &Facts<'_>) -> Architecture {
    let arm = r.word("architecture") == Some("arm64");
    if arm && facts.platform.row(facts.region, "meter.arm.active.memory").is_none() {
        let found = format!("{} has no prices for arm64 here", facts.platform.name);
        r.error("architecture", "bad-value", found, "Leave it out.");
    }
    if arm { Architecture::Arm } else { Architecture::X86 }
}

/// The platform's measured distribution is the default where there is one.
fn keep_alive(r: &Reader<'_>, facts: &Facts<'_>) -> KeepAlive {
    if r.get("keep_alive").is_some_and(|node| node.entries().is_some()) {
        let drawn = law::read(r, "keep_alive", Unit::Time);
        return drawn.map_or(KeepAlive::Constant(Span::ZERO), KeepAlive::Drawn);
    }
    let points = facts.platform.quantiles(facts.region, "instance.keep_alive.quantiles");
    let measured = points.and_then(|points| Distribution::quantiles(&points).ok());
    if let (Some(measured), false) = (measured, r.has("keep_alive")) {
        let shown = format!("{:.0}s on average, drawn", measured.mean());
        r.or_shown("keep_alive", None, shown, (), facts.origin("instance.keep_alive.quantiles"));
        return KeepAlive::Drawn(measured);
    }
    let read = r.lasting("keep_alive");
    KeepAlive::Constant(facts.or_span(r, "keep_alive", read, "instance.keep_alive"))
}

fn max_age(r: &Reader<'_>, facts: &Facts<'_>) -> Span {
    let read = r.lasting("max_age");
    let read = r.within("max_age", read, |span| span.0 > 0, "more than 0");
    facts.or_span(r, "max_age", read, "instance.max_age")
}

fn init_timeout(r: &Reader<'_>, facts: &Facts<'_>) -> Span {
    let read = r.lasting("init_timeout");
    let read = r.within("init_timeout", read, |span| span.0 > 0, "more than 0");
    facts.or_span(r, "init_timeout", read, "instance.init_timeout")
}

fn routing(r: &Reader<'_>) -> Routing {
    let routing = r.word("routing").map(|word| match word {
        "newest" => Routing::Newest,
        "least-recently-used" => Routing::LeastRecentlyUsed,
        "random" => Routing::Random,
        "least-loaded" => Routing::LeastLoaded,
        _ => Routing::MostRecentlyUsed,
    });
    let origin = Origin::own("not published by most platforms; it moves the cold start share");
    r.or_shown("routing", routing, "most-recently-used", Routing::MostRecentlyUsed, origin)
}

/// The queue that the platform has.
fn platform_queue(r: &Reader<'_>, facts: &Facts<'_>) -> Option<PendingQueue> {
    let timeout = facts.platform.span(facts.region, "instance.pending_queue.timeout")?;
    let max = facts.platform.count(facts.region, "instance.pending_queue.max").unwrap_or(u64::MAX);
    let max = if max == u64::MAX { Limit::Unlimited } else { Limit::At(max) };
    r.or_shown("pending_queue", None, format!("up to {timeout}"), (), facts.origin("instance.pending_queue.timeout"));
    Some(PendingQueue { max, timeout })
}

fn pending_queue(t: &Reader<'_>) -> PendingQueue {
    let max = t.read("max", quantities::limit);
    let timeout = t.span("timeout");
    PendingQueue { max: t.or("max", max, Limit::Unlimited, Origin::own("")), timeout: timeout.unwrap_or(Span::ZERO) }
}
