//! `[simulation]`: horizon, start, seed and replications.

use super::clock;
use super::explain::Origin;
use super::key::{Key, Kind, key};
use super::node::Node;
use super::quantities::{Parsed, Wrong};
use super::reader::Reader;
use super::{HalfWidth, Kind as Study, PrecisionTarget, RareEvents, Sampling, Simulation, Start, Stopping};
use crate::units::{Span, parse};

/// Keys of `[simulation]`.
pub(super) const KEYS: &[Key] = &[
    key("kind", Kind::Word(&["finite", "steady-state"]), "whether the horizon is simulated as it is, or the transient removed"),
    key("horizon", Kind::Span, "length of simulated time, at most 10 years"),
    key("start", Kind::Word(&["cold", "warm"]), "state at clock 0: no instances, or after a run-in of the same traffic"),
    key("run_in", Kind::Span, "length of the run-in of a warm start, at most 2 h"),
    key("seed", Kind::Whole, "seed of all random draws"),
    key("replications", Kind::Whole, "number of independent runs"),
    key("precision", Kind::Table(PRECISION), "wanted half-widths of the intervals, in place of a number of replications"),
    key("max_replications", Kind::Whole, "most replications with `precision`"),
    key("max_time", Kind::Span, "most computing time with `precision`"),
    key(
        "sampling",
        Kind::Word(&["auto", "full"]),
        "whether windows of a long horizon may stand for the whole of it, or all of it is replayed",
    ),
    key(
        "rare",
        Kind::Word(&["off", "splitting"]),
        "whether throttling too rare for the replications is estimated by splitting runs",
    ),
    key("rare_precision", Kind::Width, "wanted half-width of that estimate, as a share of the value"),
    key("rare_effort", Kind::Whole, "most requests to simulate for that estimate, about"),
    key("start_time", Kind::DateTime, "date and time of clock 0: local, or with an offset"),
    key("timezone", Kind::Text, "time zone of `start_time`, of profiles and of schedules; left out: UTC"),
];

const SHARE: &str = "half-width: a share of the value, or percentage points such as \"0.01pp\"";
const VALUE: &str = "half-width as a share of the value, such as \"1%\"";

/// Keys of `precision`: the figures that can be a target.
const PRECISION: &[Key] = &[
    key("fee", Kind::Width, VALUE),
    key("availability", Kind::Width, SHARE),
    key("throttled", Kind::Width, SHARE),
    key("cold_start_rate", Kind::Width, SHARE),
    key("p50", Kind::Width, VALUE),
    key("p90", Kind::Width, VALUE),
    key("p95", Kind::Width, VALUE),
    key("p99", Kind::Width, VALUE),
    key("p99.9", Kind::Width, VALUE),
    key("mean_latency", Kind::Width, VALUE),
];

/// Figures that are proportions, for which percentage points make sense.
const PROPORTIONS: [&str; 3] = ["availability", "throttled", "cold_start_rate"];

/// The longest horizon: 10 years.
const LONGEST: Span = Span::from_secs(10 * 365 * 86_400);
/// The longest run-in; also that of the default rule.
pub(super) const LONGEST_RUN_IN: Span = Span::from_secs(2 * 3_600);

/// Reads the table; also gives how far clock 0 lies after Monday 00:00. The run-in is the user's or `Span::ZERO`: the default
/// needs the functions, see `run_in`.
pub(super) fn read(r: &Reader<'_>) -> (Simulation, Span) {
    let kind = match r.word("kind") {
        Some("steady-state") => Study::SteadyState,
        read => r.or_shown("kind", read.map(|_| Study::Finite), "finite", Study::Finite, Origin::own("")),
    };
    let horizon = r.span("horizon");
    let horizon = r.within("horizon", horizon, |h| h.0 > 0 && *h <= LONGEST, "more than 0 and at most 10 years");
    // With a horizon that was refused, no event is said to lie after it.
    let default = if r.has("horizon") { LONGEST } else { Span::from_secs(86_400) };
    let horizon = r.or("horizon", horizon, default, Origin::own("one day"));
    let start = r.word("start").map(|word| if word == "cold" { Start::Cold } else { Start::Warm });
    let start = r.or_shown("start", start, "warm", Start::Warm, Origin::own("a deployment that is in use"));
    let run_in = r.span("run_in");
    let run_in = r.within("run_in", run_in, |span| *span <= LONGEST_RUN_IN, "at most 2h");
    if kind == Study::SteadyState {
        for key in ["start", "run_in"].into_iter().filter(|key| r.has(key)) {
            let message = "has no effect on a steady-state study: it finds and removes its own transient";
            r.warn(key, "no-effect", message, "Leave it out, or use `kind = \"finite\"`.");
        }
    } else if start == Start::Cold && r.has("run_in") {
        let message = "has no effect on a cold start, which has no run-in";
        r.warn("run_in", "no-effect", message, "Use `start = \"warm\"`, or leave `run_in` out.");
    }
    let seed = r.whole("seed");
    let sampling = r.word("sampling").map(|word| if word == "full" { Sampling::Full } else { Sampling::Auto });
    let source = "replications of more than 20 million requests are sampled where the past does not matter for long";
    let sampling = r.or_shown("sampling", sampling, "auto", Sampling::Auto, Origin::own(source));
    let (label, since_monday) = start_time(r, horizon);
    let simulation = Simulation {
        kind,
        horizon,
        start,
        run_in: if start == Start::Cold { Span::ZERO } else { run_in.unwrap_or(Span::ZERO) },
        seed: r.or("seed", seed, 1, Origin::own("any number will do; the same gives the same result")),
        stopping: stopping(r),
        sampling,
        start_time: label,
        rare: rare(r),
    };
    (simulation, since_monday)
}

/// Estimation of what is rare.
fn rare(r: &Reader<'_>) -> Option<RareEvents> {
    let read = r.word("rare").map(|word| word == "splitting");
    let on = r.or_shown("rare", read.filter(|on| *on), "off", false, Origin::own(""));
    let half_width = r.read("rare_precision", |node| width(node, false)).map(|width| match width {
        HalfWidth::Relative(x) | HalfWidth::Absolute(x) => x,
    });
    let effort = r.whole("rare_effort");
    let effort = r.within("rare_effort", effort, |n| (1..=1_000_000_000_000).contains(n), "from 1 to 1000000000000");
    if !on {
        for key in ["rare_precision", "rare_effort"].into_iter().filter(|key| r.has(key)) {
            r.warn(key, "no-effect", "has no effect without `rare`", "Add `rare = \"splitting\"`, or leave it out.");
        }
        return None;
    }
    Some(RareEvents {
        half_width: r.or_shown("rare_precision", half_width, "10%", 0.1, Origin::own("")),
        effort: r.or("rare_effort", effort, 1_000_000_000, Origin::own("about a minute of one processor")),
    })
}

fn stopping(r: &Reader<'_>) -> Stopping {
    let counted = |key: &'static str| {
        let read = r.whole(key);
        let read = r.within(key, read, |n| (1..=1_000_000).contains(n), "from 1 to 1000000");
        // In range, so the cast keeps the value.
        read.map(|n| n as u32)
    };
    let fixed = counted("replications");
    let most = counted("max_replications");
    let max_time = r.span("max_time");
    let max_time = r.within("max_time", max_time, |span| span.0 > 0, "more than 0");
    let Some(precision) = r.table_if("precision") else {
        for key in ["max_replications", "max_time"].into_iter().filter(|key| r.has(key)) {
            r.warn(key, "no-effect", "has no effect without `precision`", "Add `precision = { fee = \"1%\" }`, or leave it out.");
        }
        return Stopping::Fixed(r.or("replications", fixed, 20, Origin::own("")));
    };
    if r.has("replications") {
        r.error("replications", "conflict", "expected either `replications` or `precision`, found both", "Keep one of them.");
    }
    let target = |key: &Key| {
        let half_width = precision.read(key.name, |node| width(node, PROPORTIONS.contains(&key.name)))?;
        Some(PrecisionTarget { figure: key.name.into(), half_width })
    };
    let targets: Vec<_> = PRECISION.iter().filter_map(target).collect();
    if targets.is_empty() && precision.entries().is_empty() {
        r.error("precision", "missing-key", "expected at least one figure", "Such as `precision = { fee = \"1%\" }`.");
    }
    let max_replications = r.or("max_replications", most, 1_000, Origin::own(""));
    Stopping::Precision { targets, max_replications, max_time }
}

fn width(node: &Node, proportion: bool) -> Parsed<HalfWidth> {
    let expected =
        || Wrong::expected("a share of the value such as \"1%\"; for a proportion also percentage points such as \"0.01pp\"");
    let (number, unit) = node.text().and_then(parse::split).ok_or_else(expected)?;
    let width = number / 100.0;
    if !(width > 0.0 && width < 10.0) {
        return Err(Wrong::range("a half-width above 0 and below 1000%"));
    }
    match unit {
        "%" => Ok(HalfWidth::Relative(width)),
        "pp" if proportion => Ok(HalfWidth::Absolute(width)),
        "pp" => Err(Wrong::range("a share of the value: percentage points are for proportions")),
        _ => Err(expected()),
    }
}

/// Clock 0 as a label, and how far it lies after Monday 00:00.
fn start_time(r: &Reader<'_>, horizon: Span) -> (Option<String>, Span) {
    let zone = r.read("timezone", clock::zone);
    let Some(written) = r.read("start_time", clock::date_time) else {
        if zone.is_some() && !r.has("start_time") {
            let message = "has no effect without `start_time`: clock 0 is Monday 00:00 of the traffic's own clock";
            r.warn("timezone", "no-effect", message, "Add `start_time`, or leave it out.");
        }
        return (None, Span::ZERO);
    };
    match clock::start(written, zone.as_ref()) {
        Ok(start) => {
            if let Some((_, day)) = start.next_change.as_ref().filter(|(after, _)| *after < horizon) {
                let message = format!("the clocks are changed on {day}, in the horizon: profiles and schedules go on without it");
                r.note(
                    "timezone",
                    "clock-change",
                    message,
                    "From then on they are an hour off; end the horizon before, or ignore it.",
                );
            }
            (Some(start.label), start.since_monday)
        }
        Err(reason) => {
            r.error("start_time", "out-of-range", reason, "Take a time an hour later, or write the offset with it.");
            (None, Span::ZERO)
        }
    }
}
