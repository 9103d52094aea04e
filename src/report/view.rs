//! What every report says, as labels and formatted values: the terminal, Markdown and HTML only arrange it.

use std::collections::BTreeMap;

use crate::estimate::Estimate;
use crate::report::format::{self, NONE, Unit};
use crate::report::text::capital;
use crate::study::result::{Assumption, FunctionResult, ObjectiveResult, RunResult, Verdict, Warning};

/// A label and its value.
pub(super) type Row = (String, String);

/// Platform, region, horizon, replications and seed in one line.
pub(super) fn setting(r: &RunResult) -> String {
    let place = if r.region.is_empty() { r.platform.clone() } else { format!("{} {}", r.platform, r.region) };
    let runs = if r.replications == 1 { "1 replication".to_owned() } else { format!("{} replications", r.replications) };
    format!("{place}, horizon {}, {runs}, seed {}", format::span(r.horizon_s), r.seed)
}

/// A line for a run that was interrupted.
pub(super) fn incomplete(r: &RunResult) -> Option<String> {
    r.incomplete.then(|| format!("INCOMPLETE: the run was interrupted, the figures rest on {} replications", r.replications))
}

/// The bill: fee, the range of one month, its parts, what is wasted, the ceiling.
pub(super) fn money(r: &RunResult) -> Vec<Row> {
    let fee = &r.fee;
    let unit = Unit::Money(&fee.currency);
    let mut rows = vec![row("Fee a month", format::estimate(&fee.month, unit))];
    if let Some(range) = &fee.range {
        let high = format::value(range.p95, unit);
        rows.push(row(
            "One real month",
            format!("{} to {high} in 9 months of 10", amount(&format::value(range.p5, unit), &fee.currency)),
        ));
    }
    let parts = parts(&fee.by_component, &fee.currency);
    if !parts.is_empty() {
        rows.push(row("  of which", parts.join(", ")));
    }
    let wasted: f64 = fee.waste.values().filter_map(|e| e.mean).sum();
    if let (true, Some(month)) = (wasted > 0.0, fee.month.mean.filter(|m| *m > 0.0)) {
        let share = format::value(wasted / month, Unit::Share);
        let classes = self::parts(&fee.waste, &fee.currency).join(", ");
        rows.push(row("  wasted", format!("{} ({share}): {classes}", format::value(wasted, unit))));
    }
    rows.push(row("Ceiling", ceiling(r)));
    rows.extend(ceiling_more(r));
    if let Some(quota) = r.timeline.quota {
        rows.push(row("Tightest quota", format!("{} instances", format::grouped(quota as f64, 0))));
    }
    rows
}

/// The most that can be billed: the amount, and a day's amount with what limits it.
pub(super) fn ceiling_parts(r: &RunResult) -> (String, String) {
    let c = &r.ceiling;
    let limited = if c.limited_by.is_empty() { String::new() } else { format!("limited by {}", c.limited_by) };
    match (c.hour.parse::<f64>(), c.day.parse::<f64>()) {
        (Ok(hour), Ok(day)) => {
            let unit = Unit::Money(&r.fee.currency);
            let more = format!("{} a day, {limited}", format::value(day, unit));
            (format!("{} an hour", format::value(hour, unit)), more.trim_end_matches(", ").to_owned())
        }
        _ if c.hour.is_empty() => (NONE.to_owned(), limited),
        _ => (c.hour.clone(), limited),
    }
}

/// How soon the ceiling spends the fee objective, and what lowers it most.
fn ceiling_more(r: &RunResult) -> Vec<Row> {
    let money =
        |text: &str| text.parse::<f64>().map_or_else(|_| text.to_owned(), |m| format::value(m, Unit::Money(&r.fee.currency)));
    let spent = r.ceiling.objective_hours.map(|hours| {
        let month =
            if r.ceiling.month.is_empty() { String::new() } else { format!("; a month of it: {}", money(&r.ceiling.month)) };
        let time = if hours < 72.0 { format!("{hours:.1} h") } else { format!("{:.1} days", hours / 24.0) };
        row("  at that rate", format!("the fee objective is spent in {time}{month}"))
    });
    let lever = r.ceiling.lever.as_ref().map(|lever| {
        let to = format!("{} an hour with {} = {}", money(&lever.hour), lever.setting, format::grouped(lever.to as f64, 0));
        row("  lowered to", format!("{to} (now {})", lever.from))
    });
    spent.into_iter().chain(lever).collect()
}

fn ceiling(r: &RunResult) -> String {
    let (amount, more) = ceiling_parts(r);
    if more.is_empty() { amount } else { format!("{amount}, {more}") }
}

/// Amounts of money, dearest first, without those that are nothing.
pub(super) fn dearest_first(map: &BTreeMap<String, Estimate>) -> Vec<(&String, &Estimate)> {
    let mut parts: Vec<(&String, &Estimate)> = map.iter().filter(|(_, e)| e.mean.is_some_and(|m| m > 0.0)).collect();
    parts.sort_by(|a, b| b.1.mean.unwrap_or(0.0).total_cmp(&a.1.mean.unwrap_or(0.0)));
    parts
}

/// `name amount`, dearest first.
fn parts(map: &BTreeMap<String, Estimate>, currency: &str) -> Vec<String> {
    let text = |e: &Estimate| amount(&format::mean(e, Unit::Money(currency)), currency);
    dearest_first(map).into_iter().map(|(name, e)| format!("{} {}", words(name), text(e))).collect()
}

/// Money without its currency.
fn amount(money: &str, currency: &str) -> String {
    money.strip_suffix(currency).map_or(money, str::trim_end).to_owned()
}

/// A key as words.
pub(super) fn words(key: &str) -> String {
    key.replace('_', " ")
}

/// How a figure is written for one function; `None` if the function has no such figure.
pub(super) type Figure = fn(&FunctionResult, &str) -> Option<String>;

/// Label of the row that lists throttling by cause.
pub(super) const CAUSES: &str = "  by cause";

/// The figures of a function that a planner looks at first, in reading order.
pub(super) const KEY_FIGURES: [(&str, Figure); 24] = [
    ("Requests", |f, _| Some(format::mean(&f.requests, Unit::Count))),
    ("Fee a month", |f, currency| Some(format::estimate(&f.fee, Unit::Money(currency)))),
    ("Availability", |f, _| share(&f.availability)),
    ("Dropped", |f, _| f.outcomes.get("dropped").filter(|_| f.asynchronous.is_some()).and_then(share)),
    ("Attempts/request", |f, _| some(&f.attempts_per_request, Unit::Count)),
    ("Throttled", |f, _| f.attempt_outcomes.get("throttled").and_then(share)),
    (CAUSES, |f, _| causes(f)),
    ("Timed out", |f, _| f.attempt_outcomes.get("timeout").and_then(share)),
    ("Errors", |f, _| happened(f, "error")),
    ("Crashed", |f, _| happened(f, "crash")),
    ("Failed to start", |f, _| happened(f, "init_failure")),
    ("Rejected", |f, _| happened(f, "rejected")),
    ("Latency p50", |f, _| some(&f.latency_s.p50, Unit::Seconds)),
    ("Latency p95", |f, _| some(&f.latency_s.p95, Unit::Seconds)),
    ("Latency p99", |f, _| some(&f.latency_s.p99, Unit::Seconds)),
    ("Cold starts", |f, _| share(&f.cold_start_rate)),
    ("Instances, mean", |f, _| some(&f.instances.mean, Unit::Count)),
    ("  of them busy", |f, _| some(&f.instances.busy_mean, Unit::Count)),
    ("Instances, peak", |f, _| some(&f.instances.peak, Unit::Count)),
    ("Provisioned in use", |f, _| f.provisioned.as_ref().and_then(|p| share(&p.utilization))),
    ("  pays from", |f, _| f.provisioned.as_ref().map(pays_from)),
    ("Queue, peak", |f, _| f.asynchronous.as_ref().and_then(|a| some(&a.backlog_peak, Unit::Count))),
    ("Dead letters", |f, _| f.asynchronous.as_ref().and_then(|a| some(&a.dead_letters, Unit::Count))),
    ("Background lost", |f, _| f.background.as_ref().and_then(|b| share(&b.lost))),
];

/// From which use on provisioned instances cost less than instances on demand.
fn pays_from(provisioned: &crate::study::result::ProvisionedResult) -> String {
    match provisioned.break_even {
        Some(share) if share < 1.0 => format!("{} use", format::value(share, Unit::Share)),
        Some(_) => "full use".to_owned(),
        None => "never".to_owned(),
    }
}

/// For scenarios with more functions than fit side by side: one short cell a figure.
pub(super) const SHORT_FIGURES: [(&str, Figure); 7] = [
    ("Fee/month", |f, currency| Some(format::mean(&f.fee, Unit::Money(currency)))),
    ("Available", |f, _| Some(format::mean(&f.availability, Unit::Share))),
    ("Throttled", |f, _| f.attempt_outcomes.get("throttled").map(|e| format::mean(e, Unit::Share))),
    ("p50", |f, _| Some(format::mean(&f.latency_s.p50, Unit::Seconds))),
    ("p99", |f, _| Some(format::mean(&f.latency_s.p99, Unit::Seconds))),
    ("Cold", |f, _| Some(format::mean(&f.cold_start_rate, Unit::Share))),
    ("Peak", |f, _| Some(format::mean(&f.instances.peak, Unit::Count))),
];

/// The table of key figures: a label, then one cell a function. Figures that no function has are left out.
pub(super) fn key_figures(r: &RunResult) -> Vec<(&'static str, Vec<String>)> {
    let currency = &r.fee.currency;
    let mut rows = Vec::new();
    for (label, figure) in KEY_FIGURES {
        let cells: Vec<Option<String>> = r.functions.values().map(|f| figure(f, currency)).collect();
        // With one function its fee is the fee above.
        if cells.iter().any(Option::is_some) && !(label == "Fee a month" && cells.len() == 1) {
            rows.push((label, cells.into_iter().map(|c| c.unwrap_or_else(|| NONE.to_owned())).collect()));
        }
    }
    rows
}

fn some(e: &Estimate, unit: Unit) -> Option<String> {
    e.mean.map(|_| format::estimate(e, unit))
}

fn share(e: &Estimate) -> Option<String> {
    some(e, Unit::Share)
}

/// Share of attempts with this outcome, if there were any.
fn happened(f: &FunctionResult, outcome: &str) -> Option<String> {
    f.attempt_outcomes.get(outcome).filter(|e| e.mean.is_some_and(|m| m > 0.0)).and_then(share)
}

/// Throttling by cause, without the causes that never bound.
fn causes(f: &FunctionResult) -> Option<String> {
    let causes = f.throttled_by.iter().filter(|(_, e)| e.mean.is_some_and(|m| m > 0.0));
    let text: Vec<String> = causes.map(|(name, e)| format!("{} {}", words(name), format::mean(e, Unit::Share))).collect();
    (!text.is_empty()).then(|| text.join(", "))
}

/// Name, target, estimate and verdict of an objective.
pub(super) fn objective(o: &ObjectiveResult, currency: &str) -> [String; 4] {
    let unit = unit_of(&o.name, currency);
    let name = if o.function.is_empty() { words(&o.name) } else { format!("{} of {}", words(&o.name), o.function) };
    let sign = if o.name == "availability" { "≥" } else { "≤" };
    let target = format!("{sign} {}", format::value(o.target, unit));
    [name, target, format::estimate(&o.estimate, unit), verdict(o.verdict).to_owned()]
}

/// The unit of an objective or precision target by its name.
pub(super) fn unit_of<'a>(figure: &str, currency: &'a str) -> Unit<'a> {
    match figure {
        "fee" => Unit::Money(currency),
        "availability" | "throttled" | "cold_start_rate" => Unit::Share,
        _ => Unit::Seconds,
    }
}

/// A verdict as a word that needs no colour.
pub(super) fn verdict(v: Verdict) -> &'static str {
    match v {
        Verdict::Met => "met",
        Verdict::Missed => "MISSED",
        Verdict::Undecided => "undecided",
    }
}

/// One sentence an event: how long until things were normal again.
pub(super) fn recovery(r: &RunResult) -> Vec<String> {
    let state = |mode: &crate::study::result::Mode| {
        format!(
            "{} ({} of {} replications): availability from the event's end on {}, in the worst minute {} attempts a request",
            mode.state,
            mode.replications,
            r.replications,
            format::estimate(&mode.availability, Unit::Share),
            format::estimate(&mode.amplification, Unit::Count),
        )
    };
    let sentence = |r: &crate::study::result::Recovery| {
        let whom = format!("{} after {}", r.function, r.event);
        match (r.seconds.mean, r.recovered.mean) {
            (_, None) => format!("{whom}: no figure"),
            (None, _) => format!("{whom}: not recovered within the horizon"),
            (Some(s), Some(share)) => {
                let time = if s <= 0.0 && r.seconds.hi.is_none_or(|hi| hi <= 0.0) {
                    "normal at once".to_owned()
                } else {
                    format!("normal after {}", format::estimate(&r.seconds, Unit::Seconds))
                };
                let all = if share >= 1.0 {
                    "in every replication".to_owned()
                } else {
                    format!("in {} of the replications, not within the horizon in the others", format::value(share, Unit::Share))
                };
                format!("{whom}: {time}, {all}")
            }
        }
    };
    r.recovery.iter().flat_map(|r| std::iter::once(sentence(r)).chain(r.modes.iter().map(state))).collect()
}

/// One sentence a precision target that was not met.
pub(super) fn precision(r: &RunResult) -> Vec<String> {
    let missed = r.precision.iter().filter(|p| !p.met);
    let sentence = |p: &crate::study::result::PrecisionResult| {
        let reached =
            p.reached.map_or_else(|| "no interval".to_owned(), |x| format!("half-width {}", format::value(x, Unit::Count)));
        format!("{}: {reached}, wanted {}", words(&p.figure), format::value(p.wanted, Unit::Count))
    };
    missed.map(sentence).collect()
}

/// A warning in one line.
pub(super) fn warning(w: &Warning) -> String {
    let (cause, rest) = warning_parts(w);
    cause + &rest
}

/// The cause of a warning, and the rest of its line.
pub(super) fn warning_parts(w: &Warning) -> (String, String) {
    let effect = if w.effect.is_empty() { String::new() } else { format!(": {}", w.effect) };
    let remedy = if w.remedy.is_empty() { String::new() } else { format!(" {}.", capital(w.remedy.trim_end_matches('.'))) };
    (w.cause.clone(), format!("{effect}.{remedy}"))
}

/// Assumptions of low confidence.
pub(super) fn weak_assumptions(r: &RunResult) -> Vec<&Assumption> {
    r.assumptions.iter().filter(|a| a.confidence == "low").collect()
}

/// What was simulated in place of the whole horizon, and what that means for the figures.
pub(super) fn sampling(r: &RunResult) -> Vec<String> {
    let Some(s) = &r.sampling else { return Vec::new() };
    let span = format::span;
    vec![
        format!(
            "Windows of {} simulated in each replication: {} of {}, one of each of {} strata and {} always; each after a run-in of {}.",
            span(s.window_s),
            s.simulated,
            s.windows,
            s.strata,
            s.certain,
            span(s.run_in_s)
        ),
        format!("That is {} of the horizon's requests. The intervals include it.", format::value(s.share, Unit::Share)),
        "Peaks and maxima are those of the windows that were simulated.".to_owned(),
    ]
}

/// Sentence on the figures' intervals, for the end of a report.
pub(super) fn intervals(r: &RunResult) -> String {
    if r.replications <= 1 {
        "One replication gives no interval: use more to know how sure the figures are.".to_owned()
    } else {
        format!("In brackets: 95 % intervals over {} replications.", r.replications)
    }
}

/// What the horizon is multiplied by to give a month, where that is not the time alone; begins with a blank.
pub(super) fn month(r: &RunResult) -> String {
    let even = 730.0 * 3600.0 / r.horizon_s;
    let reweighted = (r.fee.month_factor / even - 1.0).abs() > 1e-3;
    if !reweighted {
        return String::new();
    }
    let factor = format::value(r.fee.month_factor, Unit::Count);
    let even = format::value(even, Unit::Count);
    format!(" By the profile a month has the traffic of {factor} of these horizons, not of {even}.")
}

fn row(label: &str, value: String) -> Row {
    (label.to_owned(), value)
}

/// `a, b and c`.
pub(super) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
