//! `cold_start`: as the user says, or put together from the platform's parts.

use super::explain::Origin;
use super::facts::Facts;
use super::key::Unit;
use super::law;
use super::reader::Reader;
use crate::platform::runtime::RuntimeFacts;
use crate::units::{Bytes, Span, Vcpu};
use crate::workload::distribution::Distribution;

/// Time of a whole cold start in seconds. Left out, it is the sum of placement, package / fetch rate, the runtime's start and
/// the user's `init` at the CPU share, a constant: no platform publishes its spread.
pub(super) fn read(
    r: &Reader<'_>,
    facts: &Facts<'_>,
    runtime: Option<&RuntimeFacts>,
    package: Option<Bytes>,
    vcpu: Vcpu,
) -> Distribution {
    let init = r.span("init");
    if r.has("cold_start") {
        if r.has("init") {
            r.warn("init", "no-effect", "`cold_start` is the whole time and holds the initialisation", "Leave one of them out.");
        }
        return law::read(r, "cold_start", Unit::Time).unwrap_or(Distribution::Constant(0.0));
    }
    let placement = facts.span("cold_start.placement");
    let mut rule = format!("placement {placement}");
    let mut total = placement.as_secs_f64();
    let per_second = facts.platform.bytes(facts.region, "cold_start.fetch_per_second").filter(|rate| rate.0 > 0);
    if let (Some(package), Some(rate)) = (package, per_second) {
        total += package.0 as f64 / rate.0 as f64;
        rule.push_str(&format!(" + package {package} at {rate}/s"));
    }
    let start = runtime.map_or_else(|| facts.platform.span(facts.region, "language.custom.start"), |runtime| Some(runtime.start));
    if let Some(start) = start.filter(|start| start.0 > 0) {
        total += start.as_secs_f64();
        let language = runtime.map_or("custom", |runtime| &runtime.language);
        rule.push_str(&format!(" + start of {language} {start}"));
    }
    if let Some(init) = init {
        let share = vcpu.get().min(1.0);
        total += init.as_secs_f64() / share;
        rule.push_str(&format!(" + init {init} at {share} vCPU"));
    }
    rule.push_str("; low confidence, without spread: give a distribution where it matters");
    r.or_shown("cold_start", None, Span::from_secs_f64(total).to_string(), Distribution::Constant(total), Origin::computed(rule))
}
