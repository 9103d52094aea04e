//! A fleet, as text, rows, JSON, Markdown and a document.

use serde_json::Value;

use super::charts;
use super::document::{Basis, Block, Card, Cell, Document, Section, Table};
use super::format::{self, Unit};
use super::listing::{Listing, names};
use super::run::card;
use super::text::capital;
use super::view;
use crate::study::fleet::FleetResult;
use crate::study::fleet::result::{Group, TopFunction};

/// A name with its long hexadecimal parts cut to eight digits.
#[must_use]
pub fn short(name: &str) -> String {
    let part = |part: &str| {
        let is_hash = part.len() > 16 && part.bytes().all(|b| b.is_ascii_hexdigit());
        if is_hash { format!("{}…", &part[..8]) } else { part.to_owned() }
    };
    name.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The dearest functions, one a row.
#[must_use]
pub fn listing(f: &FleetResult) -> Listing {
    let row = |t: &TopFunction| {
        vec![
            short(&t.name),
            if t.trigger.is_empty() { short(&t.app) } else { t.trigger.clone() },
            format!("{} MiB", format::value(t.memory_mib, Unit::Count)),
            format::grouped(t.requests_read as f64, 0),
            format::mean(&t.fee, Unit::Money(&f.fee.currency)),
            percent(t.share_of_fee),
            format::mean(&t.cold_start_rate, Unit::Share),
            format::mean(&t.throttled, Unit::Share),
        ]
    };
    let columns =
        names(&["function", f.grouped_by, "memory", "requests", "fee a month", "of the fee", "cold starts", "throttled"]);
    Listing { columns, rows: f.top.iter().map(row).collect() }
}

/// The groups, one a row.
fn groups(f: &FleetResult) -> Listing {
    let row = |g: &Group| {
        vec![
            if g.name.is_empty() { "not named".to_owned() } else { short(&g.name) },
            format::grouped(g.functions as f64, 0),
            format::grouped(g.requests_read as f64, 0),
            format::mean(&g.fee, Unit::Money(&f.fee.currency)),
            format::mean(&g.cold_start_rate, Unit::Share),
            format::mean(&g.throttled, Unit::Share),
        ]
    };
    let columns = names(&[f.grouped_by, "functions", "requests", "fee a month", "cold starts", "throttled"]);
    Listing { columns, rows: f.groups.iter().map(row).collect() }
}

/// All numbers of the dearest functions as CSV rows: names in full, means and both ends of their intervals.
#[must_use]
pub fn figures(f: &FleetResult) -> Listing {
    let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
    let row = |t: &TopFunction| {
        let mut row = vec![
            t.name.clone(),
            t.app.clone(),
            t.trigger.clone(),
            t.memory_mib.to_string(),
            t.requests_read.to_string(),
            t.share_of_fee.to_string(),
        ];
        for e in [t.fee, t.cold_start_rate, t.throttled] {
            row.extend([e.mean, e.lo, e.hi].map(number));
        }
        row
    };
    let columns = names(&[
        "function",
        "app",
        "trigger",
        "memory_mib",
        "requests",
        "share_of_fee",
        "fee",
        "fee_lo",
        "fee_hi",
        "cold_start_rate",
        "cold_start_rate_lo",
        "cold_start_rate_hi",
        "throttled",
        "throttled_lo",
        "throttled_hi",
    ]);
    Listing { columns, rows: f.top.iter().map(row).collect() }
}

/// `1 function`, `1,200 functions`.
fn functions(n: u64) -> String {
    format!("{} function{}", format::grouped(n as f64, 0), if n == 1 { "" } else { "s" })
}

fn percent(share: f64) -> String {
    format::value(share, Unit::Share)
}

/// What the fleet costs and how few functions make it, in two sentences.
fn answer(f: &FleetResult) -> String {
    let fee = format::estimate(&f.fee.month, Unit::Money(&f.fee.currency));
    let all = format::grouped(f.functions as f64, 0);
    let dominance = f.pareto.iter().find(|d| d.share_of_fee == 0.8).map(|d| {
        let verb = if d.functions == 1 { "is" } else { "are" };
        format!(" {} of {all} functions {verb} 80 % of the fee.", format::grouped(d.functions as f64, 0))
    });
    format!("The fleet of {} costs {fee} a month.{}", functions(f.functions), dominance.unwrap_or_default())
}

/// Label and value of the figures of the whole fleet.
fn facts(f: &FleetResult) -> Vec<(String, String)> {
    let money = Unit::Money(&f.fee.currency);
    let row = |label: &str, value: String| (label.to_owned(), value);
    let mut rows = vec![row("Fee a month", format::estimate(&f.fee.month, money))];
    rows.extend(f.fee.by_item.iter().map(|(item, fee)| row(&format!("  {item}"), format::estimate(fee, money))));
    rows.push(row("Requests read", format::grouped(f.requests_read as f64, 0)));
    rows.push(row("Requests simulated", format::estimate(&f.requests, Unit::Count)));
    rows.push(row("Availability", format::estimate(&f.availability, Unit::Share)));
    rows.push(row("Cold starts", format::estimate(&f.cold_start_rate, Unit::Share)));
    rows.push(row("Throttled", format::estimate(&f.throttled, Unit::Share)));
    rows.push(row("Functions", {
        let silent = format::grouped(f.silent as f64, 0);
        format!("{}, of which {silent} without a request", format::grouped(f.functions as f64, 0))
    }));
    for d in &f.pareto {
        let label = format!("{} of the fee", percent(d.share_of_fee));
        rows.push(row(&label, functions(d.functions)));
    }
    rows
}

fn setting(f: &FleetResult) -> String {
    let place = if f.region.is_empty() { f.platform.clone() } else { format!("{} {}", f.platform, f.region) };
    let runs = if f.replications == 1 { "1 replication".to_owned() } else { format!("{} replications", f.replications) };
    format!("{place}, {} recorded, {runs} of each function, seed {}", format::span(f.recorded_s), f.seed)
}

fn assumed(f: &FleetResult) -> Vec<String> {
    let own = f.assumptions.iter().filter(|a| a.key.starts_with("fleet."));
    own.map(|a| format!("{}: {} ({})", a.key.trim_start_matches("fleet."), a.value, a.source)).collect()
}

fn warned(f: &FleetResult) -> Vec<String> {
    let line = |w| {
        let (cause, rest) = view::warning_parts(w);
        format!("{}{rest}", capital(&cause))
    };
    f.warnings.iter().map(line).collect()
}

/// For a terminal.
#[must_use]
pub fn text(f: &FleetResult, width: usize) -> String {
    use std::fmt::Write;
    let mut out = format!("{}\n{}\n\n", setting(f), answer(f));
    let longest = facts(f).iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    for (label, value) in facts(f) {
        let _ = writeln!(out, "{label:longest$}  {value}");
    }
    let _ = write!(
        out,
        "\nBy {}\n{}\nThe dearest functions (with intervals: --format json)\n{}",
        f.grouped_by,
        groups(f).text(width),
        listing(f).text(width)
    );
    for (title, lines) in [("Warnings", warned(f)), ("Assumed", assumed(f))] {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n{title}");
            lines.iter().for_each(|line| out.push_str(&format!("- {line}\n")));
        }
    }
    out
}

/// For a document.
#[must_use]
pub fn markdown(f: &FleetResult) -> String {
    let pairs = Listing {
        columns: names(&["figure", "value"]),
        rows: facts(f).into_iter().map(|(label, value)| vec![label.trim().to_owned(), value]).collect(),
    };
    let list = |lines: Vec<String>| lines.into_iter().map(|line| format!("- {line}\n")).collect::<String>();
    format!(
        "### faascast fleet: {}\n\n{}\n\n{}\n\n{}\n{}\n{}\n{}\n{}",
        f.traces.join(", "),
        answer(f),
        setting(f),
        pairs.markdown(),
        groups(f).markdown(),
        listing(f).markdown(),
        list(warned(f)),
        list(assumed(f)),
    )
}

/// For programs.
///
/// # Errors
/// Never for a fleet; the writer's error is passed on.
pub fn json(f: &FleetResult) -> Result<Value, serde_json::Error> {
    serde_json::to_value(f)
}

/// The report with its charts.
#[must_use]
pub fn document(f: &FleetResult, basis: &Basis) -> Document {
    let rows = facts(f).into_iter().map(|(label, value)| vec![Cell::Head(label.trim().to_owned()), Cell::Figure(value)]);
    Document {
        scenario: f.traces.join(", "),
        kind: "fleet",
        setting: setting(f),
        banner: f.incomplete.then(|| "INCOMPLETE: the run was interrupted before all functions were simulated".to_owned()),
        question: "What do all functions of this trace cost together, and which of them make the bill?".to_owned(),
        answer: answer(f),
        cards: cards(f),
        sections: vec![
            Section::warnings(&f.warnings),
            Section::charts(charts::fleet::charts(f)),
            Section::new("Figures", vec![Block::Table(Table { head: vec![String::new(), String::new()], rows: rows.collect() })]),
            Section::new(&format!("By {}", f.grouped_by), vec![Block::Table(as_table(groups(f)))]),
            Section::new("The dearest functions", vec![Block::Table(as_table(listing(f)))]),
            Section::assumptions(&f.assumptions),
        ],
        reproduce: basis.reproduce(format!("faascast {}, format {}, seed {}.", f.faascast, f.format_version, f.seed)),
    }
}

fn cards(f: &FleetResult) -> Vec<Card> {
    let all = format::grouped(f.functions as f64, 0);
    let mut cards = vec![card("Fee a month", &f.fee.month, Unit::Money(&f.fee.currency), String::new())];
    cards.extend(f.pareto.iter().filter(|d| d.share_of_fee == 0.8).map(|d| Card {
        label: "Make 80 % of the fee".to_owned(),
        value: functions(d.functions),
        more: vec![format!("of {all}")],
    }));
    cards.push(card("Cold starts", &f.cold_start_rate, Unit::Share, "of all invocations".to_owned()));
    cards.push(card("Throttled", &f.throttled, Unit::Share, "of all attempts".to_owned()));
    cards
}

/// A listing whose first column names the rows.
fn as_table(listing: Listing) -> Table {
    let cell = |(column, text): (usize, String)| if column == 0 { Cell::Head(text) } else { Cell::Figure(text) };
    let rows = listing.rows.into_iter().map(|row| row.into_iter().enumerate().map(cell).collect()).collect();
    Table { head: listing.columns, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_cut_and_names_stay() {
        let hash = "7b2c43a2bc30f6bb438074df88b603d2cb982d3e7961de05270735055950a568";
        assert_eq!(short(&format!("{hash}/{hash}")), "7b2c43a2…/7b2c43a2…");
        assert_eq!(short("image_rotate-ef378c59f7a@6"), "image_rotate-ef378c59f7a@6");
    }
}
