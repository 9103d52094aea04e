//! A sweep as text, tidy CSV, JSON, Markdown and a document.

use serde::Serialize;

use super::charts;
use super::charts::space::Space;
use super::document::{Basis, Block, Card, Cell, Document, Section, Table};
use super::format::{self, Unit};
use super::listing::Listing;
use super::run::card;
use super::view::{listed, unit_of, verdict};
use crate::study::result::{Verdict, Warning};
use crate::study::spread::FIGURES;
use crate::study::sweep::{Dimension, Row};

/// Figures of the table, with their headings; the CSV and the JSON have all.
const SHOWN: [(&str, &str); 5] = [
    ("fee", "fee a month"),
    ("availability", "availability"),
    ("throttled", "throttled"),
    ("cold_start_rate", "cold starts"),
    ("p99", "p99"),
];

/// A finished sweep, for programs.
#[derive(Clone, Debug, Serialize)]
pub struct Swept {
    /// Version of this form.
    pub format_version: &'static str,
    /// Version of the program.
    pub faascast: &'static str,
    /// The scenario's name.
    pub scenario: String,
    /// Seed of all draws.
    pub seed: u64,
    /// Whether it was interrupted: combinations are missing.
    pub incomplete: bool,
    /// What was varied.
    pub dimensions: Vec<Dimension>,
    /// One a combination, the last dimension varying fastest.
    pub rows: Vec<Row>,
}

/// The shortest names that tell the settings of a sweep apart.
pub(super) fn short(dimensions: &[Dimension]) -> Vec<String> {
    short_names(&dimensions.iter().map(|d| d.key.as_str()).collect::<Vec<_>>())
}

/// Last parts of keys that are no names of settings by themselves.
const BARE: [&str; 21] = [
    "attempts",
    "base",
    "cap",
    "constant",
    "cv",
    "exponential",
    "factor",
    "gamma",
    "lognormal",
    "max",
    "mean",
    "median",
    "min",
    "mmpp",
    "p95",
    "pareto",
    "poisson",
    "shape",
    "target",
    "uniform",
    "weibull",
];

/// The last parts of dotted keys, as many as tell them apart.
pub(super) fn short_names(keys: &[&str]) -> Vec<String> {
    let tail = |key: &str, count: usize| {
        let all = parts(key);
        // A parameter or the name of a law says nothing without what it is of: `arrivals.poisson`, `cpu.lognormal.mean`.
        let bare = all.iter().rev().take_while(|part| BARE.contains(&part.as_str())).count();
        all[all.len().saturating_sub(count.max(bare + 1))..].join(".")
    };
    let deepest = keys.iter().map(|key| parts(key).len()).max().unwrap_or(1);
    let distinct = |count: usize| {
        let mut names: Vec<String> = keys.iter().map(|key| tail(key, count)).collect();
        names.sort_unstable();
        names.windows(2).all(|pair| pair[0] != pair[1])
    };
    let count = (1..=deepest).find(|count| distinct(*count)).unwrap_or(deepest);
    keys.iter().map(|key| tail(key, count)).collect()
}

/// The parts of a dotted key; a name in quotation marks is one, without them.
fn parts(key: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for c in key.chars() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(std::mem::take(&mut part)),
            _ => part.push(c),
        }
    }
    parts.push(part);
    parts
}

/// Headings and cells; a refused combination says why in place of its figures.
fn table(swept: &Swept) -> (Vec<String>, Vec<Vec<String>>) {
    let objectives = swept.rows.iter().any(|row| !row.objectives.is_empty());
    let mut headings = short(&swept.dimensions);
    headings.extend(SHOWN.iter().map(|(_, heading)| (*heading).to_owned()));
    headings.extend(objectives.then(|| "objectives".to_owned()));
    let reasons = reasons(swept);
    let cells = |row: &Row| {
        let mut cells: Vec<String> = row.settings.iter().map(|(_, value)| plain(value)).collect();
        if let Some(reason) = &row.refused {
            cells.push(format!("refused [{}]", reasons.iter().position(|known| *known == reason).map_or(0, |at| at + 1)));
            cells.resize(headings.len(), String::new());
            return cells;
        }
        cells.extend(SHOWN.iter().map(|(figure, _)| {
            let unit = unit_of(figure, &row.currency);
            row.figure(figure).map_or_else(
                || format::NONE.to_owned(),
                |estimate| {
                    if *figure == "fee" { format::estimate(estimate, unit) } else { format::mean(estimate, unit) }
                },
            )
        }));
        cells.extend(objectives.then(|| row.verdict().map_or_else(String::new, |v| verdict(v).to_owned())));
        cells
    };
    let rows = swept.rows.iter().map(cells).collect();
    (headings, rows)
}

/// Each reason for a refusal once, in the order of the rows: the table points at them.
fn reasons(swept: &Swept) -> Vec<&String> {
    let mut reasons: Vec<&String> = Vec::new();
    for reason in swept.rows.iter().filter_map(|row| row.refused.as_ref()) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// A value without the quotation marks that a file needs.
pub(super) fn plain(value: &str) -> String {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value).to_owned()
}

fn listing(swept: &Swept) -> Listing {
    let (columns, rows) = table(swept);
    Listing { columns, rows }
}

/// The table, and what the rows rest on.
#[must_use]
pub fn text(swept: &Swept, width: usize) -> String {
    format!("{}\n{}\n", listing(swept).text(width), footer(swept))
}

/// For a document.
#[must_use]
pub fn markdown(swept: &Swept) -> String {
    format!("{}\n{}\n", listing(swept).markdown(), footer(swept))
}

fn footer(swept: &Swept) -> String {
    let n = replications(swept);
    let lines = reasons(swept).into_iter().enumerate().map(|(at, reason)| format!("\nRefused [{}]: {reason}.", at + 1));
    let refused: String = lines.collect();
    let cut = if swept.incomplete { " INCOMPLETE: interrupted." } else { "" };
    format!(
        "{} combinations, {n} replications of each on the same traffic and luck (seed {}). Intervals: 95 %.{refused}{cut}",
        swept.rows.len(),
        swept.seed
    )
}

/// The page's tables end here; the data has all.
const MOST_ROWS: usize = 300;

/// The report with its charts.
#[must_use]
pub fn document(swept: &Swept, basis: &Basis) -> Document {
    let space = Space::of_sweep(swept, &basis.today);
    let varied: Vec<String> = space.settings.iter().map(|s| format!("{} ({} values)", s.name, s.values.len())).collect();
    let runs = replications(swept);
    Document {
        scenario: swept.scenario.clone(),
        kind: "sweep",
        setting: format!(
            "{}, {} combinations, {runs} replications of each, seed {}",
            basis.place(),
            swept.rows.len(),
            swept.seed
        ),
        banner: swept.incomplete.then(|| "INCOMPLETE: the sweep was interrupted, combinations are missing".to_owned()),
        question: format!("What do {} do to the fee, and to what fails?", listed(&varied)),
        answer: answer(&space),
        cards: cards(swept, &space),
        sections: vec![
            Section::warnings(&warnings(swept, basis)),
            Section::charts(charts::sweep::charts(swept, &basis.today)),
            combinations(swept),
            Section::assumptions(&basis.assumptions),
        ],
        reproduce: basis.reproduce(format!("faascast {}, format {}, seed {}.", swept.faascast, swept.format_version, swept.seed)),
    }
}

/// Those of the file, and that few replications say little about their own spread.
fn warnings(swept: &Swept, basis: &Basis) -> Vec<Warning> {
    const FEW: u32 = 10;
    let n = replications(swept);
    let few = (n < FEW).then(|| Warning {
        code: "few-replications".into(),
        cause: format!("each combination had {n} replications"),
        effect: if n < 2 { "no figure has an interval" } else { "intervals are wide and themselves uncertain" }.into(),
        remedy: "raise `simulation.replications` (20 is the default)".into(),
    });
    basis.warnings.iter().cloned().chain(few).collect()
}

fn replications(swept: &Swept) -> u32 {
    swept.rows.iter().flat_map(|row| &row.figures).map(|figure| figure.estimate.n).max().unwrap_or(0)
}

/// The cheapest combination that meets the objectives, and what the file's own costs.
fn answer(space: &Space) -> String {
    let judged = space.points.iter().any(|point| point.verdict.is_some());
    let all: Vec<usize> = (0..space.settings.len()).collect();
    let fee = |point: &charts::space::Point| {
        point.figure("fee").map_or_else(String::new, |e| format::estimate(e, Unit::Money(&space.currency)))
    };
    let today = space.marked.as_ref().filter(|(_, name)| *name == "today").and_then(|(at, _)| space.point(at));
    let today = today.filter(|point| !point.refused);
    let own = today.map_or_else(String::new, |point| format!(" Today's settings cost {}.", fee(point)));
    match (space.cheapest(), judged) {
        (Some(best), _) if today == Some(best) => {
            format!("No combination that meets the objectives is cheaper than today's settings: {}.", fee(best))
        }
        (Some(best), _) => format!(
            "The cheapest that meets the objectives by its intervals: {}, at {} a month.{own}",
            space.words(&best.at, &all),
            fee(best)
        ),
        (None, true) => format!("No combination is known to meet the objectives.{own}"),
        (None, false) => String::new(),
    }
}

fn cards(swept: &Swept, space: &Space) -> Vec<Card> {
    let money = Unit::Money(&space.currency);
    let plain = |label: &str, value: String, more: String| Card { label: label.to_owned(), value, more: vec![more] };
    let all: Vec<usize> = (0..space.settings.len()).collect();
    let mut cards = Vec::new();
    if let Some(best) = space.cheapest()
        && let Some(fee) = best.figure("fee")
    {
        cards.push(card("Cheapest that meets the objectives", fee, money, space.words(&best.at, &all)));
    }
    if let Some((at, name)) = &space.marked
        && let Some(fee) = space.point(at).and_then(|point| point.figure("fee"))
    {
        cards.push(card(if *name == "today" { "Today" } else { "Base" }, fee, money, space.words(at, &all)));
    }
    let refused = swept.rows.iter().filter(|row| row.refused.is_some()).count();
    let more = if refused > 0 { format!("{refused} refused by the platform") } else { String::new() };
    cards.push(plain("Combinations", swept.rows.len().to_string(), more));
    let count = |verdict: Verdict| swept.rows.iter().filter(|row| row.verdict() == Some(verdict)).count();
    if swept.rows.iter().any(|row| row.verdict().is_some()) {
        let more = format!("{} miss one, {} undecided", count(Verdict::Missed), count(Verdict::Undecided));
        cards.push(plain("Meet all objectives", count(Verdict::Met).to_string(), more));
    }
    cards
}

/// The table of the text report, as far as a page has room.
fn combinations(swept: &Swept) -> Section {
    let (head, rows) = table(swept);
    let settings = swept.dimensions.len();
    let judged = head.len() > settings + SHOWN.len();
    let cell = |(column, text): (usize, String)| match column {
        c if c < settings => Cell::Head(text),
        c if judged && c + 1 == head.len() => Cell::Verdict(text),
        _ => Cell::Figure(text),
    };
    let cells = |row: Vec<String>| row.into_iter().enumerate().map(cell).collect();
    let left_out = rows.len().saturating_sub(MOST_ROWS);
    let rows = rows.into_iter().take(MOST_ROWS).map(cells).collect();
    let mut blocks = vec![Block::Table(Table { head: head.clone(), rows }), Block::Note(footer(swept))];
    if judged {
        let luck = "The cheapest of many is partly so by luck: `faascast tune` chooses with a stated guarantee.";
        blocks.push(Block::Note(luck.to_owned()));
    }
    if left_out > 0 {
        blocks.push(Block::Note(format!("{left_out} more combinations are in `sweep.csv` and `sweep.json`.")));
    }
    Section::new("Combinations", blocks)
}

/// Tidy: one row a combination and figure. Empty cells where there is no figure.
///
/// # Errors
/// Never for rows as long as the heading; the writer's error is passed on.
pub fn csv(swept: &Swept) -> Result<String, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut heading = vec!["configuration".to_owned()];
    heading.extend(swept.dimensions.iter().map(|d| d.key.clone()));
    heading.extend(["figure", "function", "unit", "mean", "lo", "hi", "n", "refused"].map(str::to_owned));
    out.write_record(&heading)?;
    let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
    for (index, row) in swept.rows.iter().enumerate() {
        let mut start = vec![(index + 1).to_string()];
        start.extend(row.settings.iter().map(|(_, value)| harmless(&plain(value))));
        if let Some(reason) = &row.refused {
            let mut record = start.clone();
            record.extend(["", "", "", "", "", "", ""].map(str::to_owned));
            record.push(reason.clone());
            out.write_record(&record)?;
        }
        for name in FIGURES {
            for figure in row.figures.iter().filter(|figure| figure.figure == name) {
                let e = figure.estimate;
                let unit = match name {
                    "fee" => row.currency.as_str(),
                    "availability" | "throttled" | "cold_start_rate" => "1",
                    _ => "s",
                };
                let mut record = start.clone();
                record.extend([name.to_owned(), figure.function.clone(), unit.to_owned()]);
                record.extend([number(e.mean), number(e.lo), number(e.hi), e.n.to_string(), String::new()]);
                out.write_record(&record)?;
            }
        }
    }
    let bytes = out.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A cell that a spreadsheet would take for a formula gets a quotation mark in front.
pub(super) fn harmless(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::Estimate;
    use crate::study::sweep::Figure;

    fn swept() -> Swept {
        let dimension = |key: &str| Dimension { key: key.into(), values: vec!["\"5s\"".into()] };
        let settings = vec![("functions.a.timeout".to_owned(), "\"5s\"".to_owned()), ("functions.b.timeout".into(), "1s".into())];
        let fee = Figure { figure: "fee".into(), function: String::new(), estimate: Estimate::interval(10.0, 9.0, 11.0, 20) };
        let row =
            Row { settings, refused: None, currency: "USD".into(), figures: vec![fee], objectives: vec![], charges: vec![] };
        let refused = Row { refused: Some("too long".into()), figures: vec![], ..row.clone() };
        Swept {
            format_version: "1.0",
            faascast: "0",
            scenario: "s".into(),
            seed: 1,
            incomplete: false,
            dimensions: vec![dimension("functions.a.timeout"), dimension("functions.b.timeout")],
            rows: vec![row, refused],
        }
    }

    #[test]
    fn names_are_as_long_as_they_must_be() {
        assert_eq!(short(&swept().dimensions), ["a.timeout", "b.timeout"]);
        assert_eq!(short(&swept().dimensions[..1]), ["timeout"]);
        assert_eq!(short_names(&["traffic.f.arrivals.poisson"]), ["arrivals.poisson"]);
        assert_eq!(short_names(&["functions.f.work.cpu.lognormal.mean"]), ["cpu.lognormal.mean"]);
        assert_eq!(short_names(&["functions.\"a.b\".memory", "functions.c.memory"]), ["a.b.memory", "c.memory"]);
    }

    #[test]
    fn a_row_a_figure() {
        let csv = csv(&swept()).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[0], "configuration,functions.a.timeout,functions.b.timeout,figure,function,unit,mean,lo,hi,n,refused");
        assert_eq!(lines[1], "1,5s,1s,fee,,USD,10,9,11,20,");
        assert_eq!(lines[2], "2,5s,1s,,,,,,,,too long");
    }

    #[test]
    fn what_was_refused_says_why() {
        let text = text(&swept(), 120);
        assert!(
            text.contains("refused [1]") && text.contains("2 combinations") && text.contains("Refused [1]: too long."),
            "{text}"
        );
    }
}
