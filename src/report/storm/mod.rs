//! A table of storms, as text, rows, JSON, Markdown and a document.

mod words;

use serde_json::Value;

use super::charts;
use super::check::wrapped;
use super::document::{Basis, Block, Card, Cell as Set, Document, Section, Table};
use super::format::{self, Unit};
use super::listing::{Listing, names};
use crate::estimate::Estimate;
use crate::study::storm::{Cell, Level, Prevention, Remedy, Storm};
use words::{calm, change, of_cell};
pub(super) use words::{calm_in_short, in_short, size, times};

/// A row a load, a column without a trigger and one for each size of it.
fn table(s: &Storm, first: &str, calm: impl Fn(&Level) -> String, cell: impl Fn(&Level, &Cell) -> String) -> Listing {
    let mut columns = names(&["traffic", first]);
    columns.extend(s.pulses.iter().map(|pulse| size(s, *pulse)));
    let row = |level: &Level| {
        let mut row = vec![times(level.load), calm(level)];
        row.extend(level.cells.iter().map(|one| cell(level, one)));
        row
    };
    Listing { columns, rows: s.loads.iter().map(row).collect() }
}

/// What becomes of each load under each trigger.
#[must_use]
pub fn states(s: &Storm) -> Listing {
    table(s, "no trigger", calm, of_cell)
}

/// What an hour costs.
fn money(s: &Storm) -> Listing {
    let money = |e: &Estimate| format::mean(e, Unit::Count);
    table(s, "no trigger", |level| money(&level.hour), |_, cell| money(&cell.worst_hour))
}

/// Attempts for each request.
fn attempts(s: &Storm) -> Listing {
    let count = |e: &Estimate| format::mean(e, Unit::Count);
    table(s, "no trigger", |level| count(&level.amplification), |_, cell| count(&cell.amplification))
}

/// What is left at the end.
fn late(s: &Storm) -> Listing {
    let share = |e: &Estimate| format::mean(e, Unit::Share);
    table(s, "no trigger", |level| share(&level.availability), |_, cell| share(&cell.availability))
}

/// Remedies, today's settings first.
fn remedies(p: &Prevention) -> Listing {
    let row = |r: &Remedy| {
        vec![
            r.name.clone(),
            back(r),
            format::mean(&r.availability, Unit::Share),
            change(&r.fee),
            format::mean(&r.calm_availability, Unit::Share),
            change(&r.calm_fee),
        ]
    };
    let columns = names(&["with", "comes back", "availability", "fee", "availability, calm", "fee, calm"]);
    Listing { columns, rows: std::iter::once(&p.today).chain(&p.remedies).map(row).collect() }
}

/// Replications that come back, of how many.
fn back(r: &Remedy) -> String {
    if r.overloaded {
        return "overloaded".to_owned();
    }
    let n = r.recovered.n;
    r.recovered.mean.map_or_else(|| format::NONE.to_owned(), |share| format!("{:.0}/{n}", share * f64::from(n)))
}

/// The options of each remedy that brings more back than today's settings do.
fn options(p: &Prevention) -> Vec<String> {
    p.helping().map(|r| format!("{}: {}", r.name, set(r))).collect()
}

fn set(r: &Remedy) -> String {
    r.settings
        .iter()
        .map(|(key, value)| format!("--set {}", words::shell(&format!("{key}={value}"))))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Why remedies were not tried.
fn left_out(p: &Prevention) -> Vec<String> {
    p.left_out.iter().map(|(name, reason)| format!("{name}: {reason}")).collect()
}

const NOTE: &str = "Back: until things look as before the trigger, counted from its end. Down: not before the horizon ended; where \
                    some replications came back and others did not, all other figures are of those that did not.";
const MONEY: &str =
    "Without a trigger: the mean; with one: at the rate of the dearest tenth of the horizon, or of its dearest hour.";
const CHANGES: &str =
    "All on the same traffic and luck. Fees against today's settings, of this horizon with the trigger, and without (calm).";

fn title(p: &Prevention, s: &Storm) -> String {
    format!("What would prevent it, at {} of the traffic and {}", times(p.load), size(s, p.pulse))
}

/// For a terminal.
#[must_use]
pub fn text(s: &Storm, width: usize) -> String {
    let wrapped = |text: &str| wrapped(text, "", width) + "\n";
    let mut out =
        format!("{}{}\n{}\n{}", wrapped(&words::trigger(s)), wrapped(&words::answer(s)), states(s).text(width), wrapped(NOTE));
    out.push_str(&format!("\nAn hour at the worst, {}:\n{}{}", s.currency, money(s).text(width), wrapped(MONEY)));
    out.push_str(&format!("\nMost attempts for each request, in a minute:\n{}", attempts(s).text(width)));
    out.push_str(&format!("\nShare of the requests that end ok in the last tenth of the horizon:\n{}", late(s).text(width)));
    if let Some(p) = &s.prevention {
        out.push_str(&format!("\n{}:\n{}{}", title(p, s), remedies(p).text(width), wrapped(CHANGES)));
        options(p).iter().for_each(|line| out.push_str(&format!("  {line}\n")));
        left_out(p).iter().for_each(|line| out.push_str(&format!("  not tried, {line}\n")));
    }
    out
}

/// For a document.
#[must_use]
pub fn markdown(s: &Storm) -> String {
    let mut out = format!(
        "### faascast storm: {}\n\n{}\n\n**{}**\n\n{}\n{NOTE}\n\nAn hour at the worst, {}:\n\n{}\n{MONEY}\n",
        s.scenario,
        words::trigger(s),
        words::answer(s),
        states(s).markdown(),
        s.currency,
        money(s).markdown()
    );
    if let Some(p) = &s.prevention {
        out.push_str(&format!("\n{}:\n\n{}\n{CHANGES}\n\n", title(p, s), remedies(p).markdown()));
        p.helping().for_each(|r| out.push_str(&format!("- {}: `{}`\n", r.name, set(r))));
    }
    out
}

/// A row a cell, numbers as they are.
#[must_use]
pub fn listing(s: &Storm) -> Listing {
    let columns = names(&[
        "load",
        "pulse",
        "down",
        "recovered",
        "recovered_lo",
        "recovered_hi",
        "seconds",
        "availability",
        "amplification",
        "worst_hour",
        "calm_hour",
        "calm_availability",
    ]);
    let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
    let row = |level: &Level, cell: &Cell| {
        vec![
            level.load.to_string(),
            cell.pulse.to_string(),
            cell.down.to_string(),
            number(cell.recovered.mean),
            number(cell.recovered.lo),
            number(cell.recovered.hi),
            number(cell.seconds.mean),
            number(cell.availability.mean),
            number(cell.amplification.mean),
            number(cell.worst_hour.mean),
            number(level.hour.mean),
            number(level.availability.mean),
        ]
    };
    let rows = s.loads.iter().flat_map(|level| level.cells.iter().map(move |cell| row(level, cell)));
    Listing { columns, rows: rows.collect() }
}

/// For programs.
///
/// # Errors
/// Never for such a table; the writer's error is passed on.
pub fn json(s: &Storm) -> Result<Value, serde_json::Error> {
    serde_json::to_value(s)
}

/// The report with its charts.
#[must_use]
pub fn document(s: &Storm, basis: &Basis) -> Document {
    let mut sections = vec![
        Section::warnings(&basis.warnings),
        Section::charts(charts::storm::charts(s)),
        Section::new("What stays down", vec![Block::Table(as_table(states(s))), Block::Note(NOTE.to_owned())]),
        Section::new(
            "What it costs",
            vec![
                Block::Heading(format!("An hour, {}", s.currency)),
                Block::Table(as_table(money(s))),
                Block::Note(MONEY.to_owned()),
                Block::Heading("Most attempts for each request, in a minute".to_owned()),
                Block::Table(as_table(attempts(s))),
                Block::Heading("Requests that end ok in the last tenth of the horizon".to_owned()),
                Block::Table(as_table(late(s))),
            ],
        ),
    ];
    if let Some(p) = &s.prevention {
        let mut blocks = vec![Block::Table(as_table(remedies(p))), Block::Note(CHANGES.to_owned())];
        let lines: Vec<String> = p.helping().map(|r| format!("{}: `{}`", r.name, set(r))).collect();
        blocks.extend((!lines.is_empty()).then_some(Block::List(lines)));
        let reasons = left_out(p);
        if !reasons.is_empty() {
            blocks.extend([Block::Heading("Not tried".to_owned()), Block::List(reasons)]);
        }
        sections.push(Section { title: title(p, s), blocks });
    }
    sections.push(Section::assumptions(&basis.assumptions));
    Document {
        scenario: s.scenario.clone(),
        kind: "storm",
        setting: format!(
            "{}, horizon {}, {} replications of each cell, seed {}",
            basis.place(),
            format::span(s.horizon_s),
            s.replications,
            s.seed
        ),
        banner: None,
        question:
            "How much traffic and how large a disturbance does it take until the system stays down after the disturbance, what \
                   does that cost, and what would prevent it?"
                .to_owned(),
        answer: words::answer(s),
        cards: cards(s),
        sections,
        reproduce: basis.reproduce(format!("faascast {}, format {}, seed {}.", s.faascast, s.format_version, s.seed)),
    }
}

/// A listing whose first column names the rows.
fn as_table(listing: Listing) -> Table {
    let cell = |(column, text): (usize, String)| if column == 0 { Set::Head(text) } else { Set::Figure(text) };
    let rows = listing.rows.into_iter().map(|row| row.into_iter().enumerate().map(cell).collect()).collect();
    Table { head: listing.columns, rows }
}

fn cards(s: &Storm) -> Vec<Card> {
    let card = |label: &str, value: String, more: String| Card { label: label.to_owned(), value, more: vec![more] };
    let lowest = s.lowest().map_or_else(|| "none".to_owned(), times);
    let mut cards = vec![card("Lowest traffic that stays down", lowest, words::trigger(s))];
    let money = Unit::Money(&s.currency);
    if let Some((level, cell)) = words::example(s) {
        let calm = format!("without a trigger: {}", format::mean(&level.hour, money));
        cards.push(card("An hour of it", format::mean(&cell.worst_hour, money), calm));
        let requests = format!("{} of the requests end ok", format::mean(&cell.availability, Unit::Share));
        cards.push(card("Attempts for each request", format::mean(&cell.amplification, Unit::Count), requests));
    }
    if let Some(best) = s.prevention.as_ref().and_then(words::best) {
        cards.push(card("What prevents it best", best.name.clone(), format!("comes back: {}", back(best))));
    }
    cards
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::decisions::basis;
    use crate::report::sample::storms::storms;

    #[test]
    fn a_table_says_which_load_stays_down() {
        let text = text(&storms(), 120);
        for expected in ["3/5 down", "back in 90 s", "down 5/5", "overloaded", "--set traffic.web.retry.attempts=1", "-43 %"] {
            assert!(text.contains(expected), "no {expected} in\n{text}");
        }
        assert_eq!(listing(&storms()).rows.len(), storms().loads.len() * 2);
    }

    #[test]
    fn a_report_has_the_answer_and_the_remedy() {
        let document = document(&storms(), &basis());
        assert!(document.answer.contains("no retries"), "{}", document.answer);
        assert!(document.sections.iter().any(|section| section.title.starts_with("What would prevent it")));
    }
}
