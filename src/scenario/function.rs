//! `[functions.NAME]`: the settings of one function, checked against what the platform allows.

use super::account::LIMIT;
use super::cold_start;
use super::explain::Origin;
use super::facts::Facts;
use super::invoked;
use super::key::{Key, Kind, Unit, key, must};
use super::law;
use super::provisioned;
use super::quantities;
use super::reader::Reader;
use super::work;
use super::{Function, Gpu, KeepAlive, Limit, PendingQueue, Routing};
use crate::platform::limits::Spec;
use crate::platform::runtime::Provider;
use crate::units::{Bytes, Span, Vcpu};

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
    key("gpu", Kind::Table(GPU), "GPU card"),
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
    super::key::later("calls"),
];

const ROUTING: &[&str] = &["most-recently-used", "newest", "least-recently-used", "random", "least-loaded"];
const GPU: &[Key] = &[must("card", Kind::Text, "card id such as tesla.1"), must("memory", Kind::Size, "GPU memory")];
const PENDING: &[Key] =
    &[key("max", LIMIT, "attempts that may wait"), must("timeout", Kind::Span, "longest wait")];

/// Reads one function. The platform's limits are checked unless `limited` is off (unknown platform or region).
pub(super) fn read(name: &str, r: &Reader<'_>, facts: &Facts<'_>, idle_release: Option<bool>, limited: bool) -> Function {
    if name.trim().is_empty() {
        r.error("", "bad-value", "expected a name that is not empty", "");
    }
    let (platform, region) = (facts.platform, facts.region);
    let runtime = r.read("runtime", quantities::text).unwrap_or_default();
    let runtime_facts = platform.runtime(&runtime);
    if limited && !runtime.is_empty() {
        warn_runtime(r, facts, &runtime, runtime_facts.as_ref().map(|known| known.provider));
    }
    let memory = r.size("memory");
    let memory = r.within("memory", memory, |bytes| bytes.0 > 0, "more than 0");
    let default = platform.bytes(region, "defaults.memory").unwrap_or(Bytes::from_mib(128));
    let memory = r.or("memory", memory, default, facts.origin("defaults.memory"));
    let vcpu = vcpu(r, facts, memory);
    let timeout = r.span("timeout");
    let timeout = r.within("timeout", timeout, |span| span.0 > 0, "more than 0");
    let timeout = facts.or_span(r, "timeout", timeout, "defaults.timeout");
    let concurrency = r.whole("instance_concurrency");
    let concurrency = r.within("instance_concurrency", concurrency, |n| (1..=1_000_000).contains(n), "from 1 to 1000000");
    let default = platform.count(region, "defaults.instance_concurrency").unwrap_or(1);
    let origin = facts.origin("defaults.instance_concurrency");
    let instance_concurrency = r.or("instance_concurrency", concurrency, default, origin) as u32;
    let package = r.size("package");
    let default = platform.bytes(region, "defaults.disk").unwrap_or_default();
    let disk = r.size("disk");
    let disk = r.or("disk", disk, default, facts.origin("defaults.disk"));
    let gpu = r.table_if("gpu").and_then(|t| {
        let (card, memory) = (t.read("card", quantities::text), t.size("memory"));
        Some(Gpu { card: card?, memory: memory? })
    });
    r.read("environment", |node| match node.entries() {
        Some(entries) if entries.iter().all(|entry| entry.node.text().is_some()) => Ok(()),
        _ => Err(quantities::Wrong::expected("a table of texts")),
    });
    let provider = runtime_facts.as_ref().map(|known| known.provider);
    let spec = Spec {
        memory: Some(memory),
        vcpu: Some(vcpu),
        disk: r.has("disk").then_some(disk),
        package: package.filter(|_| runtime_facts.as_ref().is_none_or(|known| known.language != "container")),
        timeout: Some(timeout),
        instance_concurrency: Some(instance_concurrency),
        built_in_runtime: matches!(provider, Some(Provider::BuiltIn | Provider::Retired)),
        gpu: r.has("gpu"),
    };
    if limited {
        check_limits(r, facts, &spec, package);
    }
    let single = r.flag("single_threaded");
    let by_runtime = runtime_facts.as_ref().map_or_else(|| single_by_name(&runtime), |known| known.single_threaded);
    let single_threaded = r.or("single_threaded", single, by_runtime, Origin::computed(thread_rule(&runtime)));
    let quota = |key: &'static str| {
        let read = r.read(key, quantities::limit);
        r.or(key, read, Limit::Unlimited, Origin::own("the account's limit holds"))
    };
    let work = work::read(&r.table("work"));
    let cold_start = cold_start::read(r, facts, runtime_facts.as_ref(), package, vcpu);
    Function {
        name: name.to_owned(),
        runtime,
        memory,
        vcpu,
        single_threaded,
        timeout,
        instance_concurrency,
        disk,
        gpu,
        reserved: r.whole("reserved"),
        max_instances: quota("max_instances"),
        max_concurrency: quota("max_concurrency"),
        provisioned: provisioned::read(r),
        keep_alive: keep_alive(r, facts),
        max_age: max_age(r, facts),
        routing: routing(r),
        cold_start,
        init_timeout: init_timeout(r, facts),
        pending_queue: r.table_if("pending_queue").map(|t| pending_queue(&t)),
        work,
        faults: work::faults(&r.table("faults")),
        asynchronous: invoked::read(&r.table("async"), facts, limited),
        rules: platform.instance_rules(region),
        billing: platform.billing_rule(region, instance_concurrency, r.has("gpu"), idle_release),
    }
}

fn warn_runtime(r: &Reader<'_>, facts: &Facts<'_>, runtime: &str, provider: Option<Provider>) {
    match provider {
        Some(Provider::Retired) => r.warn(
            "runtime",
            "runtime",
            format!("`{runtime}` is retired on {}: new functions are refused", facts.platform.name),
            "Move to a newer runtime.",
        ),
        None => {
            let near = crate::platform::fields::nearest(runtime, facts.platform.runtime_ids());
            let hint = near.map_or_else(|| "`faascast platforms` lists them.".to_owned(), |near| format!("Did you mean `{near}`?"));
            r.warn("runtime", "runtime", format!("`{runtime}` is not known for {}: taken as a custom one", facts.platform.name), hint);
        }
        Some(Provider::BuiltIn | Provider::Custom) => {}
    }
}

/// Whether a runtime that the platform does not know runs one thread of user code, by its name.
fn single_by_name(runtime: &str) -> bool {
    ["nodejs", "python"].iter().any(|language| runtime.starts_with(language))
}

fn thread_rule(runtime: &str) -> String {
    if runtime.is_empty() { "no runtime given".into() } else { format!("runtime {runtime}") }
}

fn vcpu(r: &Reader<'_>, facts: &Facts<'_>, memory: Bytes) -> Vcpu {
    let read = r.number("vcpu");
    let read = r.within("vcpu", read, |vcpu| *vcpu > 0.0 && *vcpu <= 1024.0, "more than 0 and at most 1024");
    let default = facts.platform.vcpu_for(facts.region, memory);
    let origin = match (facts.platform.text(facts.region, "vcpu.rule"), facts.platform.bytes(facts.region, "vcpu.memory_per_vcpu")) {
        (Some("memory"), Some(per_vcpu)) => {
            let confidence = match facts.origin("vcpu.rule") {
                Origin::Default { confidence, .. } => confidence.as_str(),
                _ => "high",
            };
            Origin::computed(format!("memory / {per_vcpu}, rounded up to the platform's step; {confidence} confidence"))
        }
        _ => facts.origin("vcpu.constant"),
    };
    r.or_shown("vcpu", read.and_then(Vcpu::new), default.get().to_string(), default, origin)
}

fn check_limits(r: &Reader<'_>, facts: &Facts<'_>, spec: &Spec, package: Option<Bytes>) {
    for violation in facts.platform.violations(facts.region, spec) {
        r.error(violation.setting, "limit", violation.message.clone(), violation.because());
    }
    // An image has its own limit.
    if let (None, Some(image)) = (spec.package, package) {
        if facts.platform.bytes(facts.region, "limits.image").is_some_and(|max| image > max) {
            facts.refuse(r, "package", "limits.image", format!("an image of {image} is too large and never starts"));
        }
    }
}

fn keep_alive(r: &Reader<'_>, facts: &Facts<'_>) -> KeepAlive {
    if r.get("keep_alive").is_some_and(|node| node.entries().is_some()) {
        let drawn = law::read(r, "keep_alive", Unit::Time);
        return drawn.map_or(KeepAlive::Constant(Span::ZERO), KeepAlive::Drawn);
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

fn pending_queue(t: &Reader<'_>) -> PendingQueue {
    let max = t.read("max", quantities::limit);
    let timeout = t.span("timeout");
    PendingQueue { max: t.or("max", max, Limit::Unlimited, Origin::own("")), timeout: timeout.unwrap_or(Span::ZERO) }
}
