//! Memory against the need.

use super::{fine, money};
use crate::check::{Fact, Rule, Subject, Verdict};
use crate::units::Bytes;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "memory/above-need",
        responsibility: "memory",
        about: "Memory above the peak need by more than a step of price.",
        source: "the scenario's `work.memory` against its memory; a short simulation with the smaller one",
        judge: above,
    },
    Rule {
        id: "memory/below-need",
        responsibility: "memory",
        about: "Memory at the peak need or below it.",
        source: "the scenario's `work.memory` against its memory",
        judge: below,
    },
];

/// Room above the peak need that is not called waste.
const ROOM: f64 = 1.25;
/// Platforms that take any MiB have no step worth a finding below this one.
const LEAST_STEP: Bytes = Bytes::from_mib(64);

fn need(s: &Subject<'_>) -> Result<(Bytes, Bytes), Vec<Verdict>> {
    match s.demand.memory {
        Fact::Known(need) => Ok((s.memory, need)),
        Fact::Unknown => Err(Verdict::ask("work.memory", "How much memory does an invocation need at its peak?")),
    }
}

/// The smallest memory that the platform has with room above the need.
#[must_use]
pub(in crate::check) fn right_size(platform: &crate::platform::Platform, region: &str, need: Bytes) -> Bytes {
    let step = platform.bytes(region, "limits.memory.step").unwrap_or(LEAST_STEP).max(LEAST_STEP);
    let least = platform.bytes(region, "limits.memory.min").unwrap_or(step);
    let steps = (need.0 as f64 * ROOM / step.0 as f64).ceil() as u64;
    Bytes(steps.saturating_mul(step.0)).max(least)
}

fn above(s: &Subject<'_>) -> Vec<Verdict> {
    let (memory, need) = match need(s) {
        Ok(known) => known,
        Err(question) => return question,
    };
    let smaller = right_size(s.platform, &s.region, need);
    let step = s.platform.bytes(&s.region, "limits.memory.step").unwrap_or(LEAST_STEP).max(LEAST_STEP);
    if memory.0 <= smaller.0.saturating_add(step.0) {
        return fine();
    }
    let now = s.figures.as_ref().map_or(0.0, |f| f.fee);
    let change = s.figures.as_ref().and_then(|f| Some((f, f.fee_right_sized?)));
    let effect = match change {
        // Where CPU comes with memory, less memory can cost more: the work takes longer.
        Some((_, fee)) if fee >= now => return fine(),
        Some((f, fee)) => {
            let (now, then) = (money(f.fee, &f.currency), money(fee, &f.currency));
            format!("{smaller} would cost {then} a month instead of {now}, and the vCPU that comes with it may be less.")
        }
        None => format!("{smaller} would do; what it saves was not simulated."),
    };
    vec![
        Verdict::warning("memory", format!("{memory} of memory for a peak need of {need}"))
            .effect(effect)
            .remedy(format!("Set `memory` to {smaller}, and look at the latency: `faascast run FILE --set`.")),
    ]
}

fn below(s: &Subject<'_>) -> Vec<Verdict> {
    let (memory, need) = match need(s) {
        Ok(known) => known,
        Err(question) => return question,
    };
    if need < memory {
        return fine();
    }
    let smaller = right_size(s.platform, &s.region, need);
    vec![
        Verdict::error("memory", format!("{memory} of memory for a peak need of {need}"))
            .effect("At least one in 1,000 invocations crashes its instance, and all that run on it fail.")
            .remedy(format!("Set `memory` to {smaller}.")),
    ]
}
