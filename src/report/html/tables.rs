//! The tables of the page.

use std::fmt::Write;

use super::escape;
use crate::report::format::{self, Unit};
use crate::report::view;
use crate::study::result::{Quantiles, RunResult};

/// How a cell is set.
enum Cell {
    /// Names the row.
    Head(String),
    /// A number that should not be broken over lines.
    Figure(String),
    /// Words that may be broken anywhere.
    Long(String),
    /// A verdict, with its class.
    Verdict(String),
}

pub(super) fn objectives(r: &RunResult) -> String {
    if r.objectives.is_empty() {
        return String::new();
    }
    let rows = r.objectives.iter().map(|o| {
        let [name, target, estimate, verdict] = view::objective(o, &r.fee.currency);
        vec![Cell::Head(name), Cell::Figure(target), Cell::Figure(estimate), Cell::Verdict(verdict)]
    });
    format!("<section>\n<h2>Objectives</h2>\n{}</section>", table(&["Objective", "Target", "Estimate", "Verdict"], rows))
}

/// Key figures of all functions, then their latencies and durations.
pub(super) fn figures(r: &RunResult) -> String {
    let mut head = vec![""];
    head.extend(r.functions.keys().map(String::as_str));
    let rows = view::key_figures(r).into_iter().map(|(label, cells)| {
        std::iter::once(Cell::Head(label.trim_start().to_owned())).chain(cells.into_iter().map(Cell::Figure)).collect()
    });
    let mut out = table(&head, rows);
    let _ = writeln!(out, "<p class=\"note\">{}</p>", escape(&view::intervals(r)));
    for (name, f) in &r.functions {
        let kinds: [(&str, &Quantiles); 4] = [
            ("Latency, ok", &f.latency_s),
            ("Latency, not ok", &f.latency_failed_s),
            ("Duration", &f.duration_s),
            ("Event age", f.asynchronous.as_ref().map_or(&NO_QUANTILES, |a| &a.age_s)),
        ];
        let rows: Vec<Vec<Cell>> = kinds
            .iter()
            .filter(|(_, q)| q.mean.mean.is_some())
            .map(|(label, q)| {
                let all = [&q.mean, &q.p50, &q.p90, &q.p95, &q.p99, &q.p99_9, &q.max];
                let cells = all.into_iter().map(|e| Cell::Figure(format::mean(e, Unit::Seconds)));
                std::iter::once(Cell::Head((*label).to_owned())).chain(cells).collect()
            })
            .collect();
        if !rows.is_empty() {
            let _ = writeln!(out, "<h3>Times of {}</h3>", escape(name));
            out.push_str(&table(&["", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"], rows.into_iter()));
        }
    }
    out
}

const NO_QUANTILES: Quantiles = {
    const E: crate::estimate::Estimate = crate::estimate::Estimate { mean: None, lo: None, hi: None, n: 0 };
    Quantiles { mean: E, p50: E, p90: E, p95: E, p99: E, p99_9: E, max: E }
};

/// The bill, its parts, what is wasted, and each function's part.
pub(super) fn bill(r: &RunResult) -> String {
    let unit = Unit::Money(&r.fee.currency);
    let rows =
        view::money(r).into_iter().map(|(label, value)| vec![Cell::Head(label.trim_start().to_owned()), Cell::Long(value)]);
    let mut out = table(&["", ""], rows);
    for (title, map) in [("Part of the fee", &r.fee.by_component), ("Wasted on", &r.fee.waste)] {
        let parts = view::dearest_first(map);
        if !parts.is_empty() {
            let row = |(name, e): (&String, _)| vec![Cell::Head(view::words(name)), Cell::Figure(format::estimate(e, unit))];
            out.push_str(&table(&[title, "A month"], parts.into_iter().map(row)));
        }
    }
    let factor = format::value(r.fee.month_factor, Unit::Count);
    let as_of = if r.fee.prices_as_of.is_empty() { String::new() } else { format!(" Oldest price row: {}.", r.fee.prices_as_of) };
    let _ = writeln!(
        out,
        "<p class=\"note\">A month is 730 h: the horizon's usage times {factor}, then free tier and price tiers.{}</p>",
        escape(&as_of)
    );
    out
}

/// Fees by function and traffic source, where there is more than one.
pub(super) fn traffic(r: &RunResult) -> String {
    if r.traffic.len() < 2 {
        return String::new();
    }
    let unit = Unit::Money(&r.fee.currency);
    let rows = r.traffic.iter().map(|(name, s)| {
        vec![
            Cell::Head(name.clone()),
            Cell::Long(s.function.clone()),
            Cell::Figure(format::mean(&s.requests, Unit::Count)),
            Cell::Figure(format::estimate(&s.availability, Unit::Share)),
            Cell::Figure(format::estimate(&s.fee, unit)),
            Cell::Figure(format::mean(&s.fee_per_million_ok, unit)),
        ]
    });
    let head = ["Source", "Function", "Requests", "Availability", "Fee a month", "Fee per million ok"];
    format!("<section>\n<h2>Traffic sources</h2>\n{}</section>", table(&head, rows))
}

pub(super) fn assumptions(r: &RunResult) -> String {
    if r.assumptions.is_empty() {
        return "<p>None recorded.</p>".to_owned();
    }
    let mut sorted: Vec<_> = r.assumptions.iter().collect();
    let rank = |confidence: &str| ["low", "model", "medium"].iter().position(|c| *c == confidence).unwrap_or(3);
    sorted.sort_by_key(|a| rank(&a.confidence));
    let rows = sorted.into_iter().map(|a| {
        vec![
            Cell::Long(a.key.clone()),
            Cell::Long(a.value.clone()),
            Cell::Figure(a.confidence.clone()),
            Cell::Long(a.source.clone()),
            Cell::Figure(if a.as_of.is_empty() { format::NONE.to_owned() } else { a.as_of.clone() }),
        ]
    });
    let note = "<p class=\"note\">Defaults and model choices that the figures rest on, the least certain first.</p>\n";
    note.to_owned() + &table(&["Key", "Value", "Confidence", "Source", "Date"], rows)
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> String {
    let mut out = "<div class=\"scroll\"><table>\n".to_owned();
    if head.iter().any(|title| !title.is_empty()) {
        let cells: String = head.iter().map(|title| format!("<th scope=\"col\">{}</th>", escape(title))).collect();
        let _ = writeln!(out, "<thead><tr>{cells}</tr></thead>");
    }
    out.push_str("<tbody>\n");
    for row in rows {
        let cells: String = row.into_iter().map(cell).collect();
        let _ = writeln!(out, "<tr>{cells}</tr>");
    }
    out + "</tbody></table></div>\n"
}

fn cell(cell: Cell) -> String {
    match cell {
        Cell::Head(text) => format!("<th scope=\"row\">{}</th>", escape(&text)),
        Cell::Figure(text) => format!("<td class=\"figure\">{}</td>", escape(&text)),
        Cell::Long(text) => format!("<td class=\"long\">{}</td>", escape(&text)),
        Cell::Verdict(text) => format!("<td class=\"{}\">{}</td>", text.to_lowercase(), escape(&text)),
    }
}
