//! A run as a document.

use super::charts;
use super::document::{Block, Card, Cell, Document, Reproduce, Section, table};
use super::format::{self, Unit};
use super::{systems as grids, view};
use crate::estimate::Estimate;
use crate::study::result::{FunctionResult, Quantiles, RunResult};

/// The report of a run. `scenario_text` is the scenario file as it was read, `command` the command line that repeats the run.
#[must_use]
pub fn document(r: &RunResult, scenario_text: &str, command: &str) -> Document {
    let versions = format!(
        "faascast {}, format {}, seed {}, {} replications, run-in {}.",
        r.faascast,
        r.format_version,
        r.seed,
        r.replications,
        format::span(r.run_in_s)
    );
    Document {
        scenario: r.scenario.clone(),
        kind: "forecast",
        setting: view::setting(r),
        banner: view::incomplete(r),
        question: String::new(),
        answer: String::new(),
        cards: cards(r),
        sections: vec![
            objectives(r),
            Section::warnings(&r.warnings),
            Section::list("Precision not reached", view::precision(r)),
            Section::list("Recovery", view::recovery(r)),
            Section::list("Sampled", view::sampling(r)),
            Section::list("Rare throttling", super::rare::lines(r)),
            Section::list("Uncertain input", super::input::lines(r)),
            Section::charts(charts::requests(r)),
            figures(r),
            bill(r),
            traffic(r),
            systems(r),
            Section::assumptions(&r.assumptions),
        ],
        reproduce: Reproduce { command: command.to_owned(), versions, scenario_text: scenario_text.to_owned() },
    }
}

/// The figures to read first. With several functions, the worst one speaks.
fn cards(r: &RunResult) -> Vec<Card> {
    let money = Unit::Money(&r.fee.currency);
    let range = r.fee.range.map_or_else(String::new, |range| {
        format!("one real month: {} to {}", format::value(range.p5, Unit::Count), format::value(range.p95, Unit::Count))
    });
    let mut cards = vec![card("Fee a month", &r.fee.month, money, range)];
    let figures: [(&str, Figure, bool, Unit); 4] = [
        ("Availability", |f| Some(f.availability), false, Unit::Share),
        ("Throttled attempts", |f| f.attempt_outcomes.get("throttled").copied(), true, Unit::Share),
        ("Latency p99", |f| Some(f.latency_s.p99), true, Unit::Seconds),
        ("Cold starts", |f| Some(f.cold_start_rate), true, Unit::Share),
    ];
    for (label, figure, high_is_bad, unit) in figures {
        if let Some((name, e)) = worst(r, figure, high_is_bad) {
            let more = if r.functions.len() > 1 { format!("{name}, the worst") } else { String::new() };
            cards.push(card(label, &e, unit, more));
        }
    }
    let (value, more) = view::ceiling_parts(r);
    cards.push(Card { label: "Ceiling".to_owned(), value, more: vec![more] });
    cards
}

/// An estimate of a function.
type Figure = fn(&FunctionResult) -> Option<Estimate>;

fn worst(r: &RunResult, figure: Figure, high_is_bad: bool) -> Option<(&String, Estimate)> {
    let known = r.functions.iter().filter_map(|(name, f)| figure(f).filter(|e| e.mean.is_some()).map(|e| (name, e)));
    let badness = |e: &Estimate| e.mean.unwrap_or(0.0) * if high_is_bad { 1.0 } else { -1.0 };
    known.max_by(|a, b| badness(&a.1).total_cmp(&badness(&b.1)))
}

/// An estimate, its interval on a line of its own.
pub(super) fn card(label: &str, e: &Estimate, unit: Unit, more: String) -> Card {
    let text = format::estimate(e, unit);
    let (value, interval) = text.split_once(" (").map_or((text.as_str(), ""), |(v, i)| (v, i.trim_end_matches(')')));
    Card { label: label.to_owned(), value: value.to_owned(), more: vec![interval.to_owned(), more] }
}

fn objectives(r: &RunResult) -> Section {
    let rows = r.objectives.iter().map(|o| {
        let [name, target, estimate, verdict] = view::objective(o, &r.fee.currency);
        vec![Cell::Head(name), Cell::Figure(target), Cell::Figure(estimate), Cell::Verdict(verdict)]
    });
    let table = (!r.objectives.is_empty()).then(|| table(&["Objective", "Target", "Estimate", "Verdict"], rows));
    Section::new("Objectives", table.into_iter().collect())
}

/// Key figures of all functions, then their latencies and durations.
fn figures(r: &RunResult) -> Section {
    let mut head = vec![""];
    head.extend(r.functions.keys().map(String::as_str));
    let rows = view::key_figures(r).into_iter().map(|(label, cells)| {
        std::iter::once(Cell::Head(label.trim_start().to_owned())).chain(cells.into_iter().map(Cell::Figure)).collect()
    });
    let mut blocks = vec![table(&head, rows), Block::Note(view::intervals(r))];
    for (name, f) in &r.functions {
        let age = f.asynchronous.as_ref().map(|a| &a.age_s);
        let kinds: [(&str, Option<&Quantiles>); 4] = [
            ("Latency, ok", Some(&f.latency_s)),
            ("Latency, not ok", Some(&f.latency_failed_s)),
            ("Duration", Some(&f.duration_s)),
            ("Event age", age),
        ];
        let known = kinds.into_iter().filter_map(|(label, q)| Some((label, q.filter(|q| q.mean.mean.is_some())?)));
        let rows: Vec<Vec<Cell>> = known
            .map(|(label, q)| {
                let all = [&q.mean, &q.p50, &q.p90, &q.p95, &q.p99, &q.p99_9, &q.max];
                let cells = all.into_iter().map(|e| Cell::Figure(format::mean(e, Unit::Seconds)));
                std::iter::once(Cell::Head(label.to_owned())).chain(cells).collect()
            })
            .collect();
        if !rows.is_empty() {
            blocks.push(Block::Heading(format!("Times of {name}")));
            blocks.push(table(&["", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"], rows.into_iter()));
        }
    }
    Section::new("Figures", blocks)
}

/// The bill, its parts, what is wasted, and each function's part.
fn bill(r: &RunResult) -> Section {
    let unit = Unit::Money(&r.fee.currency);
    let rows =
        view::money(r).into_iter().map(|(label, value)| vec![Cell::Head(label.trim_start().to_owned()), Cell::Long(value)]);
    let mut blocks = vec![table(&["", ""], rows)];
    for (title, map) in [("Part of the fee", &r.fee.by_component), ("Wasted on", &r.fee.waste)] {
        let parts = view::dearest_first(map);
        if !parts.is_empty() {
            let row = |(name, e): (&String, _)| vec![Cell::Head(view::words(name)), Cell::Figure(format::estimate(e, unit))];
            blocks.push(table(&[title, "A month"], parts.into_iter().map(row)));
        }
    }
    let factor = format::value(r.fee.month_factor, Unit::Count);
    let as_of = if r.fee.prices_as_of.is_empty() { String::new() } else { format!(" Oldest price row: {}.", r.fee.prices_as_of) };
    let note =
        format!("A month is 730 h: the horizon's usage times {factor}, then free tier and price tiers.{}{as_of}", view::month(r));
    blocks.push(Block::Note(note));
    Section::new("Bill of a month", blocks)
}

/// Calls between functions and dependencies.
fn systems(r: &RunResult) -> Section {
    let mut blocks = Vec::new();
    for grid in grids::grids(r) {
        let rows = grid.rows.into_iter().map(|row| {
            let mut cells = row.into_iter();
            cells.next().map(Cell::Head).into_iter().chain(cells.map(Cell::Figure)).collect()
        });

        blocks.push(table(grid.head, rows));
    }
    Section::new("Calls and dependencies", blocks)
}

/// Fees by function and traffic source, where there is more than one.
fn traffic(r: &RunResult) -> Section {
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
    // Where functions call others, the sources are in the section on that.
    let table = (r.traffic.len() > 1 && r.calls.is_empty()).then(|| table(&head, rows));
    Section::new("Traffic sources", table.into_iter().collect())
}
