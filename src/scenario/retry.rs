//! `retry` of a traffic source, and backoffs.

use super::account::LIMIT;
use super::explain::Origin;
use super::key::{Key, Kind, key, must};
use super::quantities;
use super::reader::Reader;
use super::{Backoff, Jitter, Limit, Retry, RetryBudget};
use crate::units::Span;

/// Keys of `retry`.
pub(super) const KEYS: &[Key] = &[
    must("attempts", LIMIT, "number of tries of a request, the first included; 1 = no retry"),
    key("on", Kind::Words(OUTCOMES), "outcomes that are retried"),
    key("backoff", Kind::Table(BACKOFF), "delay before each retry"),
    key("deadline", Kind::Span, "no retry starts later than this after the first attempt"),
    key("budget", Kind::Table(BUDGET), "retries are allowed while tokens last"),
];

/// Outcomes of an attempt in the order of `Retry::on`; `ok` is never retried.
pub(super) const OUTCOMES: &[&str] = &["error", "timeout", "crash", "init_failure", "throttled", "rejected"];

/// Keys of a backoff.
pub(super) const BACKOFF: &[Key] = &[
    key("base", Kind::Span, "first delay"),
    key("factor", Kind::Number, "growth of the delay with each retry, at least 1"),
    key("cap", Kind::Span, "longest delay"),
    key("jitter", Kind::Word(&["none", "full", "equal", "exponential"]), "how the delay is spread"),
];

const BUDGET: &[Key] = &[
    must("ratio", Kind::Share, "tokens that each request adds; a retry takes one"),
    must("burst", Kind::Number, "most tokens, and those at the start; at least 1"),
];

/// Most attempts that may follow each other at the same instant: against a full system they all fail.
const MOST_AT_ONCE: u64 = 1_000;

/// Values of a backoff that are left out, with their origin.
pub(super) struct Defaults {
    pub(super) base: (Span, Origin),
    pub(super) factor: (f64, Origin),
    pub(super) cap: (Span, Origin),
    pub(super) jitter: Jitter,
}

/// No retry: what a source without `retry` does.
pub(super) const fn none() -> Retry {
    let backoff = Backoff { base: Span::ZERO, factor: 1.0, cap: Span::ZERO, jitter: Jitter::None };
    Retry { attempts: Limit::At(1), on: [false; 7], backoff, deadline: None, budget: None }
}

/// Reads `retry`. Left out: all outcomes but `rejected`, whose cause does not pass; backoff 100 ms doubling to 20 s, full jitter.
pub(super) fn read(r: &Reader<'_>) -> Retry {
    let attempts = r.read("attempts", quantities::limit);
    let attempts = r.within("attempts", attempts, |n| n.get() >= 1, "at least 1 (1 is one try and no retry)");
    let on = r.read("on", |node| {
        let mut on = [false; 7];
        for outcome in quantities::list(node, "a list of outcomes", |item| quantities::word(item, OUTCOMES))? {
            // `ok` is outcome 0.
            on[1 + OUTCOMES.iter().position(|known| *known == outcome).unwrap_or(0)] = true;
        }
        Ok(on)
    });
    let shown = "[\"error\", \"timeout\", \"crash\", \"init_failure\", \"throttled\"]";
    let on = r.or_shown("on", on, shown, [false, true, true, true, true, true, false], Origin::own("all that may pass"));
    let own = || Origin::own("as cloud SDKs do");
    let defaults = Defaults {
        base: (Span::from_millis(100), own()),
        factor: (2.0, own()),
        cap: (Span::from_secs(20), own()),
        jitter: Jitter::Full,
    };
    let backoff = backoff(&r.table("backoff"), &defaults);
    let deadline = r.span("deadline");
    let deadline = r.within("deadline", deadline, |span| span.0 > 0, "more than 0");
    let budget = r.table_if("budget").and_then(|t| {
        let (ratio, burst) = (t.share("ratio"), t.number("burst"));
        let rule = "from 1 to 1e9, since a retry takes a whole token";
        let burst = t.within("burst", burst, |burst| (1.0..=1e9).contains(burst), rule);
        Some(RetryBudget { ratio: ratio?.get(), burst: burst? })
    });
    let attempts = attempts.unwrap_or(Limit::At(1));
    if attempts.get() > MOST_AT_ONCE && budget.is_none() && backoff.base.min(backoff.cap) == Span::ZERO {
        let expected = format!("expected at most {MOST_AT_ONCE} attempts where the retries have no delay between them");
        r.error("attempts", "endless", expected, "Set `backoff.base` and `backoff.cap` above 0, or a `budget`.");
    }
    Retry { attempts, on, backoff, deadline, budget }
}

/// Reads a backoff.
pub(super) fn backoff(r: &Reader<'_>, default: &Defaults) -> Backoff {
    let (base, cap) = (r.span("base"), r.span("cap"));
    let factor = r.number("factor");
    let factor = r.within("factor", factor, |f| (1.0..=1e6).contains(f), "from 1 to 1000000");
    let jitter = r.word("jitter").map(|word| match word {
        "none" => Jitter::None,
        "equal" => Jitter::Equal,
        "exponential" => Jitter::Exponential,
        _ => Jitter::Full,
    });
    let shown = if default.jitter == Jitter::Full { "full" } else { "none" };
    let backoff = Backoff {
        base: r.or("base", base, default.base.0, default.base.1.clone()),
        factor: r.or("factor", factor, default.factor.0, default.factor.1.clone()),
        cap: r.or("cap", cap, default.cap.0, default.cap.1.clone()),
        jitter: r.or_shown("jitter", jitter, shown, default.jitter, Origin::own("")),
    };
    if r.has("cap") && base.is_some_and(|base| backoff.cap < base) {
        r.warn(
            "cap",
            "cap",
            format!("the cap {} is below the first delay {}", backoff.cap, backoff.base),
            "All delays are the cap.",
        );
    }
    backoff
}
