//! Memory, CPU, timeout and the other sizes of a function, checked against what the platform allows.

use super::Gpu;
use super::explain::Origin;
use super::facts::Facts;
use super::key::{Key, Kind, must};
use super::quantities;
use super::reader::Reader;
use crate::platform::limits::Spec;
use crate::platform::runtime::{Provider, RuntimeFacts};
use crate::units::{Bytes, Span, Vcpu};

/// Keys of `gpu`.
pub(super) const GPU: &[Key] = &[must("card", Kind::Text, "card id such as tesla.1"), must("memory", Kind::Size, "GPU memory")];

/// What an instance of a function has.
pub(super) struct Sizes {
    pub(super) memory: Bytes,
    pub(super) vcpu: Vcpu,
    pub(super) timeout: Span,
    pub(super) instance_concurrency: u32,
    pub(super) package: Option<Bytes>,
    pub(super) disk: Bytes,
    pub(super) gpu: Option<Gpu>,
}

/// Reads the sizes. The platform's limits are checked unless `limited` is off (unknown platform or region).
pub(super) fn read(r: &Reader<'_>, facts: &Facts<'_>, runtime: Option<&RuntimeFacts>, limited: bool) -> Sizes {
    let (platform, region) = (facts.platform, facts.region);
    let memory = r.size("memory");
    let memory_given = r.within("memory", memory, |bytes| bytes.0 > 0, "more than 0");
    let default = platform.bytes(region, "defaults.memory").unwrap_or(Bytes::from_mib(128));
    let memory = r.or("memory", memory_given, default, facts.origin("defaults.memory"));
    let vcpu = vcpu(r, facts, memory);
    let timeout = r.span("timeout");
    let timeout = r.within("timeout", timeout, |span| span.0 > 0, "more than 0");
    let timeout = facts.or_span(r, "timeout", timeout, "defaults.timeout");
    let concurrency = r.whole("instance_concurrency");
    let concurrency = r.within("instance_concurrency", concurrency, |n| (1..=1_000_000).contains(n), "from 1 to 1000000");
    let below_one = "limits.instance_concurrency.below_one_vcpu";
    let most = platform.count(region, below_one).filter(|_| vcpu.get() < 1.0);
    if let (Some(most), Some(given)) = (most, concurrency)
        && given > most
        && limited
    {
        facts.refuse(r, "instance_concurrency", below_one, format!("{given} invocations at once need one vCPU or more"));
    }
    let key = if most.is_some() { below_one } else { "defaults.instance_concurrency" };
    let default = most.or_else(|| platform.count(region, "defaults.instance_concurrency")).unwrap_or(1);
    let origin = facts.origin(key);
    let instance_concurrency = r.or("instance_concurrency", concurrency, default, origin) as u32;
    let package = r.size("package");
    let default = platform.bytes(region, "defaults.disk").unwrap_or_default();
    let disk = r.size("disk");
    let disk = r.or("disk", disk, default, facts.origin("defaults.disk"));
    let gpu = r.table_if("gpu").and_then(|t| {
        let (card, memory) = (t.read("card", quantities::text), t.size("memory"));
        Some(Gpu { card: card?, memory: memory? })
    });
    // A memory that was refused is not there: the default in its place would be refused for another reason.
    let spec = Spec {
        memory: memory_given.or_else(|| (!r.has("memory")).then_some(memory)),
        vcpu: Some(vcpu),
        disk: r.has("disk").then_some(disk),
        package: package.filter(|_| runtime.is_none_or(|known| known.language != "container")),
        timeout: Some(timeout),
        instance_concurrency: Some(instance_concurrency),
        built_in_runtime: runtime.is_some_and(|known| matches!(known.provider, Provider::BuiltIn | Provider::Retired)),
        gpu: r.has("gpu"),
    };
    if limited {
        check_limits(r, facts, &spec, package);
    }
    Sizes { memory, vcpu, timeout, instance_concurrency, package, disk, gpu }
}

fn vcpu(r: &Reader<'_>, facts: &Facts<'_>, memory: Bytes) -> Vcpu {
    let read = r.number("vcpu");
    let read = r.within("vcpu", read, |vcpu| *vcpu > 0.0 && *vcpu <= 1024.0, "more than 0 and at most 1024");
    let default = facts.platform.vcpu_for(facts.region, memory);
    let origin =
        match (facts.platform.text(facts.region, "vcpu.rule"), facts.platform.bytes(facts.region, "vcpu.memory_per_vcpu")) {
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
    let over = |image: &Bytes| facts.platform.bytes(facts.region, "limits.image").is_some_and(|max| *image > max);
    if let (None, Some(image)) = (spec.package, package.filter(over)) {
        facts.refuse(r, "package", "limits.image", format!("an image of {} is too large and never starts", image.exact()));
    }
}
