//! `[functions.NAME.work]` and `.faults`: what each invocation does, and what goes wrong.

use super::explain::Origin;
use super::key::{Key, Kind, Unit, key};
use super::law;
use super::reader::Reader;
use super::{Faults, Work};
use crate::units::{Bytes, Probability};
use crate::workload::distribution::Distribution;

/// Keys of `work`.
pub(super) const KEYS: &[Key] = &[
    key("cpu", Kind::Law(Unit::Time), "CPU demand, seconds at one full vCPU"),
    key("io", Kind::Law(Unit::Time), "time waiting for others"),
    key("memory", Kind::Law(Unit::Size), "memory of a running invocation"),
    key("base_memory", Kind::Size, "memory of an instance without invocations"),
    key("memory_growth", Kind::Size, "what each finished invocation leaves behind in its instance"),
    key("request_bytes", Kind::Law(Unit::Size), "request body"),
    key("response_bytes", Kind::Law(Unit::Size), "response body"),
    key("header_bytes", Kind::Law(Unit::Size), "request headers"),
    key("background", Kind::Law(Unit::Time), "work left running after the response"),
    key("warm_benefit", Kind::Table(BENEFIT), "what a used instance saves"),
];

const BENEFIT: &[Key] =
    &[key("cpu", Kind::Share, "share of the CPU demand saved"), key("io", Kind::Share, "share of the wait saved")];

/// Keys of `faults`, in the order in which they are drawn.
pub(super) const FAULTS: &[Key] = &[
    key("init_failure", Kind::Share, "probability that a cold start fails"),
    key("crash", Kind::Share, "probability that the instance dies in the middle of the work"),
    key("hang", Kind::Share, "probability that an invocation hangs until its timeout"),
    key("error", Kind::Share, "probability that the handler fails after all of the work"),
];

/// Reads `work`; `from_trace` is set when the traffic is known.
pub(super) fn read(r: &Reader<'_>) -> Work {
    let of = |key: &'static str, unit: Unit| {
        let shown = if unit == Unit::Time { "0s" } else { "0 B" };
        let read = law::read(r, key, unit);
        r.or_shown(key, read, shown, Distribution::Constant(0.0), Origin::own(""))
    };
    let size = |key: &'static str| {
        let read = r.size(key);
        r.or(key, read, Bytes(0), Origin::own(""))
    };
    let benefit = r.table("warm_benefit");
    Work {
        cpu: of("cpu", Unit::Time),
        io: of("io", Unit::Time),
        memory: of("memory", Unit::Size),
        base_memory: size("base_memory"),
        memory_growth: size("memory_growth"),
        request_bytes: of("request_bytes", Unit::Size),
        response_bytes: of("response_bytes", Unit::Size),
        header_bytes: of("header_bytes", Unit::Size),
        background: of("background", Unit::Time),
        warm_benefit_cpu: benefit.share("cpu").unwrap_or_default(),
        warm_benefit_io: benefit.share("io").unwrap_or_default(),
        from_trace: false,
    }
}

/// Reads `faults`.
pub(super) fn faults(r: &Reader<'_>) -> Faults {
    let of = |key: &'static str| {
        let read = r.share(key);
        r.or_shown(key, read, "0%", Probability::ZERO, Origin::own(""))
    };
    Faults { init_failure: of("init_failure"), crash: of("crash"), hang: of("hang"), error: of("error") }
}
