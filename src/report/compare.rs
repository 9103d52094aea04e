//! A comparison as text, rows, JSON and Markdown.

use serde_json::Value;

use super::format::{self, Unit};
use super::listing::{Listing, names};
use super::view::unit_of;
use crate::estimate::Estimate;
use crate::study::compare::{Compared, Comparison, Judgement};

/// One row a figure.
#[must_use]
pub fn listing(c: &Comparison) -> Listing {
    let row = |f: &Compared| {
        let unit = unit_of(&f.figure, &c.currency);
        vec![
            name(f),
            format::estimate(&f.a, unit),
            format::estimate(&f.b, unit),
            difference(&f.difference, unit),
            words(f.verdict).to_owned(),
            pairing(f),
        ]
    };
    Listing { columns: names(&["figure", "a", "b", "b less a", "verdict", "pairing"]), rows: c.figures.iter().map(row).collect() }
}

/// The verdict, then the table.
#[must_use]
pub fn text(c: &Comparison, width: usize) -> String {
    format!("{}\n\n{}\n{}\n", heading(c), listing(c).text(width), footer(c))
}

/// For a comment on a change.
#[must_use]
pub fn markdown(c: &Comparison) -> String {
    format!("### faascast compare: {}\n\n{}\n{}\n", summary(c), listing(c).markdown(), footer(c))
}

/// For programs.
///
/// # Errors
/// Never for a comparison; the writer's error is passed on.
pub fn json(c: &Comparison) -> Result<Value, serde_json::Error> {
    serde_json::to_value(c)
}

fn heading(c: &Comparison) -> String {
    format!("a: {}\nb: {}\n{}", c.a, c.b, summary(c))
}

/// Which figures are worse, better, undecided.
fn summary(c: &Comparison) -> String {
    let of = |verdict: Judgement| -> Vec<String> { c.figures.iter().filter(|f| f.verdict == verdict).map(name).collect() };
    let part = |what: &str, names: Vec<String>| (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")));
    let parts =
        [part("worse", of(Judgement::Worse)), part("better", of(Judgement::Better)), part("undecided", of(Judgement::Undecided))];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "no difference that matters".to_owned() } else { parts.join("; ") }
}

fn footer(c: &Comparison) -> String {
    let pairing = if c.paired {
        "both on the same traffic and luck, replication against replication"
    } else {
        "with different seeds, so not paired"
    };
    let cut = if c.incomplete { " INCOMPLETE: interrupted." } else { "" };
    format!(
        "{} replications of each, {pairing}. Intervals: 95 %. Pairing: how much wider the \
         interval would be without it, and the correlation r over replications. A difference matters from {} on (of a share: of its rarer side, and \
         0.01 percentage points at least).{cut}",
        c.replications,
        format::estimate(&Estimate::point(c.tolerance, 1), Unit::Share).replace(" (no interval)", "")
    )
}

fn name(f: &Compared) -> String {
    if f.function.is_empty() { f.figure.clone() } else { format!("{} of {}", f.figure, f.function) }
}

const fn words(verdict: Judgement) -> &'static str {
    match verdict {
        Judgement::Better => "better",
        Judgement::Worse => "WORSE",
        Judgement::NoDifference => "no difference that matters",
        Judgement::Undecided => "undecided",
    }
}

fn pairing(f: &Compared) -> String {
    match (f.correlation, f.narrowed) {
        (Some(correlation), Some(narrowed)) => format!("{narrowed:.1}x narrower, r = {correlation:.2}"),
        (Some(correlation), None) => format!("r = {correlation:.2}"),
        _ => String::new(),
    }
}

/// With its sign, and no more digits than its interval supports.
pub(super) fn difference(e: &Estimate, unit: Unit<'_>) -> String {
    let Some(mean) = e.mean else { return format::NONE.to_owned() };
    let (factor, symbol) = match unit {
        Unit::Money(currency) => (1.0, format!(" {currency}")),
        Unit::Share => (100.0, " pp".to_owned()),
        Unit::Seconds => (1000.0, " ms".to_owned()),
        Unit::Count => (1.0, String::new()),
    };
    let half = e.half_width().unwrap_or(0.0) * factor;
    let size = if half > 0.0 { half } else { (mean * factor).abs() };
    // Two digits of the half-width, none for a plain zero.
    let decimals = if size > 0.0 { (1.0 - libm::log10(size).floor()).clamp(0.0, 6.0) as usize } else { 0 };
    let shown = |x: f64| {
        let x = x * factor;
        let text = format::grouped(x.abs(), decimals);
        let zero = text.chars().all(|c| matches!(c, '0' | '.' | ','));
        let sign = if zero {
            ""
        } else if x < 0.0 {
            "-"
        } else {
            "+"
        };
        format!("{sign}{text}")
    };
    match (e.lo, e.hi) {
        (Some(lo), Some(hi)) if hi > lo => format!("{}{symbol} ({} to {})", shown(mean), shown(lo), shown(hi)),
        (Some(_), Some(_)) => format!("{}{symbol}", shown(mean)),
        _ => format!("{}{symbol} (no interval)", shown(mean)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_have_their_sign() {
        let money = |mean, lo, hi| difference(&Estimate::interval(mean, lo, hi, 20), Unit::Money("CNY"));
        assert_eq!(money(-1376.2, -1380.0, -1372.0), "-1,376.2 CNY (-1,380.0 to -1,372.0)");
        assert_eq!(money(0.0, 0.0, 0.0), "0 CNY");
        assert_eq!(difference(&Estimate::interval(0.0012, 0.001, 0.0014, 20), Unit::Share), "+0.120 pp (+0.100 to +0.140)");
        assert_eq!(difference(&Estimate::point(0.25, 1), Unit::Seconds), "+250 ms (no interval)");
    }
}
