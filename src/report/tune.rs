//! What `tune` found, as text, JSON, Markdown and a document.

use std::fmt::Write as _;

use serde_json::Value;

use super::charts;
use super::compare::difference;
use super::document::{Basis, Block, Card, Cell, Document, Section, Table};
use super::format::{self, Unit};
use super::listing::{Listing, names};
use super::run::card;
use super::sweep::{plain, short_names};
use super::view::{self, listed, unit_of, verdict};
use crate::study::result::{Verdict, Warning};
use crate::study::tune::{Choice, Explored, Fate, Tuned};

/// For a terminal.
#[must_use]
pub fn text(t: &Tuned, width: usize) -> String {
    let mut out = format!("{}\n\n{}", recommendation(t), choices(t).text(width));
    if let Some(steps) = steps(t) {
        _ = write!(out, "\nOne step from it:\n{}", steps.text(width));
    }
    _ = write!(out, "\n{}\n", footer(t));
    out
}

/// For a comment or a document.
#[must_use]
pub fn markdown(t: &Tuned) -> String {
    let mut out = format!("### faascast tune: {}\n\n{}\n\n{}", t.scenario, recommendation(t), choices(t).markdown());
    if let Some(steps) = steps(t) {
        _ = write!(out, "\nOne step from it:\n\n{}", steps.markdown());
    }
    _ = write!(out, "\n{}\n", footer(t));
    out
}

/// For programs.
///
/// # Errors
/// Never for an answer; the writer's error is passed on.
pub fn json(t: &Tuned) -> Result<Value, serde_json::Error> {
    serde_json::to_value(t)
}

/// The settings of a choice, each by the shortest name that tells it apart; today's are the file's own.
fn settings(choice: &Choice) -> String {
    words(&choice.settings)
}

fn words(settings: &[(String, String)]) -> String {
    let keys: Vec<&str> = settings.iter().map(|(key, _)| key.as_str()).collect();
    let parts = short_names(&keys).into_iter().zip(settings).map(|(name, (_, value))| format!("{name} {}", plain(value)));
    parts.collect::<Vec<_>>().join(", ")
}

/// Candidates in the page's table; the data has all.
const MOST_ROWS: usize = 300;

/// The report with its charts.
#[must_use]
pub fn document(t: &Tuned, basis: &Basis) -> Document {
    let mut chosen = choices(t);
    if let Some(cell) = chosen.rows.first_mut().and_then(|row| row.get_mut(1)) {
        *cell = words(&basis.today);
    }
    let mut found = vec![Block::Table(as_table(chosen, &[0]))];
    found.extend(notes(t).into_iter().map(Block::Text));
    if let Some(steps) = steps(t) {
        found.push(Block::Heading("One step from it".to_owned()));
        found.push(Block::Table(as_table(steps, &[0])));
    }
    found.push(Block::Note(footer(t)));
    let runs = t.winner.as_ref().or(Some(&t.today)).map_or(0, |choice| choice.fee.n);
    Document {
        scenario: t.scenario.clone(),
        kind: "tuning",
        setting: format!(
            "{}, {} candidates, {runs} fresh replications of what is reported, seed {}",
            basis.place(),
            t.candidates,
            t.seed
        ),
        banner: None,
        question: question(t),
        answer: sentence(t),
        cards: cards(t, basis),
        sections: vec![
            Section::warnings(&warnings(t, basis)),
            Section::new("Result", found),
            Section::charts(charts::tune::charts(t, &basis.today)),
            candidates(t),
            Section::assumptions(&basis.assumptions),
        ],
        reproduce: basis.reproduce(format!("faascast {}, format {}, seed {}.", t.faascast, t.format_version, t.seed)),
    }
}

/// Those of the file, and what the search itself could not make sure of.
fn warnings(t: &Tuned, basis: &Basis) -> Vec<Warning> {
    let warning = |code: &str, cause: String, effect: &str, remedy: &str| Warning {
        code: code.into(),
        cause,
        effect: effect.into(),
        remedy: remedy.into(),
    };
    let open = (t.winner.is_some() && !t.guaranteed).then(|| {
        let remedy = "lengthen the horizon, take fewer candidates, or a greater `--tolerance`";
        warning("not-guaranteed", t.shortfalls.join("; "), "another candidate may be cheaper", remedy)
    });
    let undecided = (t.undecided > 0).then(|| {
        let cause = format!("{} cheaper candidates stayed undecided on their objectives", t.undecided);
        warning("undecided-candidates", cause, "one of them may be the better choice", "lengthen `simulation.horizon`")
    });
    basis.warnings.iter().cloned().chain(open).chain(undecided).collect()
}

/// A listing as a table: these columns name the row, verdicts are set as such.
fn as_table(listing: Listing, heads: &[usize]) -> Table {
    let cell = |(column, text): (usize, String)| match text.as_str() {
        _ if heads.contains(&column) => Cell::Head(text),
        "met" | "MISSED" | "undecided" => Cell::Verdict(text),
        _ if text.chars().count() > 40 => Cell::Long(text),
        _ => Cell::Figure(text),
    };
    let rows = listing.rows.into_iter().map(|row| row.into_iter().enumerate().map(cell).collect()).collect();
    Table { head: listing.columns, rows }
}

/// What was asked.
fn question(t: &Tuned) -> String {
    let varied =
        t.explored.first().map(|e| e.settings.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>()).unwrap_or_default();
    let objectives: Vec<String> = t
        .today
        .objectives
        .iter()
        .map(|o| {
            let [name, target, ..] = view::objective(o, &t.currency);
            format!("{name} {target}")
        })
        .collect();
    format!("Which {} cost least while {}?", listed(&short_names(&varied)), listed(&objectives))
}

/// The recommendation with its confidence in one sentence.
fn sentence(t: &Tuned) -> String {
    let money = Unit::Money(&t.currency);
    let Some(winner) = &t.winner else { return recommendation(t) };
    let saved = t.saved.as_ref().map_or_else(String::new, |saved| match (saved.lo, saved.hi) {
        (Some(lo), _) if lo > 0.0 => format!(", which saves {} a month", format::estimate(saved, money)),
        (_, Some(hi)) if hi < 0.0 => {
            format!(", which costs {} a month more than today", format::estimate(&saved.scaled(-1.0), money))
        }
        _ => ", whose fee cannot be told from today's".to_owned(),
    });
    let within = format::value(t.indifference, money);
    let sure = if t.guaranteed {
        let share = format::value(t.confidence, Unit::Share);
        format!("with {share} confidence none of the {} compared to the end is cheaper by more than {within}", t.compared)
    } else {
        format!("{}, so another may be cheaper by more than {within}", t.shortfalls.join("; "))
    };
    let keys: Vec<&str> = winner.settings.iter().map(|(key, _)| key.as_str()).collect();
    let to = |(name, (_, value)): (String, &(String, String))| format!("{name} to {}", plain(value));
    let set: Vec<String> = short_names(&keys).into_iter().zip(&winner.settings).map(to).collect();
    format!("Set {}: {} a month{saved}; {sure}.", listed(&set), format::estimate(&winner.fee, money))
}

/// What else there is to say of it.
fn notes(t: &Tuned) -> Vec<String> {
    let binds = match (&t.winner, &t.binding) {
        (Some(_), Some(objective)) => format!("What stands in the way of a cheaper one: {objective}."),
        (Some(_), None) => "No cheaper candidate was found: no objective binds.".to_owned(),
        (None, _) => return t.notes.clone(),
    };
    let mut notes = vec![binds];
    notes.extend(ends(t));
    notes.extend(t.notes.iter().cloned());
    notes
}

/// Settings that may be better beyond their values.
fn ends(t: &Tuned) -> Option<String> {
    let parts: Vec<String> = t.at_an_end.iter().map(|setting| words(std::slice::from_ref(setting))).collect();
    (!parts.is_empty()).then(|| format!("At an end of its values, beyond which may be better: {}.", parts.join(", ")))
}

fn cards(t: &Tuned, basis: &Basis) -> Vec<Card> {
    let money = Unit::Money(&t.currency);
    let mut cards = Vec::new();
    if let Some(winner) = &t.winner {
        cards.push(card("Recommended, a month", &winner.fee, money, settings(winner)));
    }
    cards.push(card("Today, a month", &t.today.fee, money, words(&basis.today)));
    if let (Some(_), Some(saved)) = (&t.winner, &t.saved) {
        cards.push(card("Saved a month", saved, money, "on the same traffic and luck".to_owned()));
    }
    let shown = t.winner.as_ref().or(t.nearest_miss.as_ref()).unwrap_or(&t.today);
    for o in shown.objectives.iter().filter(|o| o.name != "fee").take(2) {
        let [name, target, _, judged] = view::objective(o, &t.currency);
        cards.push(card(&titled(&name), &o.estimate, unit_of(&o.name, &t.currency), format!("{target}: {judged}")));
    }
    let more = format!("{} met the objectives and were compared to the end, {} refused by the platform", t.compared, t.refused);
    cards.push(Card { label: "Candidates".to_owned(), value: t.candidates.to_string(), more: vec![more] });
    cards
}

/// With a capital, unless it is the name of a quantile.
fn titled(name: &str) -> String {
    if name.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) { name.to_owned() } else { super::text::capital(name) }
}

/// Every candidate and why the search went no further with it, the cheapest first.
fn candidates(t: &Tuned) -> Section {
    let fee = |e: &Explored| e.figures.iter().find(|(name, _)| name == "fee").map(|(_, fee)| *fee).unwrap_or_default();
    let mut sorted: Vec<&Explored> = t.explored.iter().collect();
    sorted.sort_by(|a, b| fee(a).mean.unwrap_or(f64::MAX).total_cmp(&fee(b).mean.unwrap_or(f64::MAX)));
    // What was asked for, and what every reader looks for.
    let mut shown: Vec<&str> = vec!["availability", "p99"];
    let asked = t.today.objectives.iter().map(|o| o.name.as_str()).filter(|name| *name != "fee");
    asked.for_each(|name| {
        if !shown.contains(&name) {
            shown.push(name);
        }
    });
    let figure = |e: &Explored, name: &str| {
        let found = e.figures.iter().find(|(figure, _)| figure == name || figure.starts_with(&format!("{name} of ")));
        found.map_or_else(|| format::NONE.to_owned(), |(_, e)| format::mean(e, unit_of(name, &t.currency)))
    };
    let row = |e: &&Explored| {
        let mut cells = vec![Cell::Head(words(&e.settings)), Cell::Figure(format::estimate(&fee(e), Unit::Money(&t.currency)))];
        cells.extend(shown.iter().map(|name| Cell::Figure(figure(e, name))));
        cells.push(Cell::Figure(e.replications.to_string()));
        cells.push(Cell::Verdict(verdict(e.verdict).to_owned()));
        cells.push(Cell::Long(fate(e).to_owned()));
        cells
    };
    let mut head = names(&["settings", "fee a month"]);
    head.extend(shown.iter().map(|name| view::words(name)));
    head.extend(names(&["replications", "objectives", "what became of it"]));
    let table = Table { head, rows: sorted.iter().take(MOST_ROWS).map(row).collect() };
    let note = "Figures on the replications that the search spent on each; those of the result above are fresh ones.";
    let left_out = sorted.len().saturating_sub(MOST_ROWS);
    let mut blocks = vec![Block::Table(table), Block::Note(note.to_owned())];
    if left_out > 0 {
        blocks.push(Block::Note(format!("{left_out} dearer candidates are in `tune.json`.")));
    }
    Section::new("Candidates", blocks)
}

const fn fate(e: &Explored) -> &'static str {
    match (e.fate, e.verdict) {
        (Fate::Recommended, _) => "recommended",
        (Fate::Dearer, _) => "dearer",
        (Fate::Missed, _) => "misses an objective",
        (Fate::Undecided, _) => "stayed undecided",
        (Fate::ScreenedOut, Verdict::Met) => "screened out: others rank before it",
        (Fate::ScreenedOut, _) => "screened out",
    }
}

/// The answer in a sentence or two.
fn recommendation(t: &Tuned) -> String {
    let money = Unit::Money(&t.currency);
    let Some(winner) = &t.winner else {
        let reach = if t.out_of_reach.is_empty() {
            "each objective is met by some candidate, but none meets all of them at once".to_owned()
        } else {
            format!("out of reach of every candidate: {}", t.out_of_reach.join(", "))
        };
        let nearest = t.nearest_miss.as_ref().map_or_else(String::new, |c| format!(" The nearest miss: {}.", settings(c)));
        let unsure = if t.shortfalls.is_empty() { String::new() } else { format!(" NOT SURE: {}.", t.shortfalls.join("; ")) };
        return format!("No settings were found to meet the objectives; {reach}.{nearest}{unsure}");
    };
    let is_today = t.winner.as_ref().is_some_and(|winner| winner.settings == t.today_values);
    let saved = t.saved.as_ref().filter(|_| !is_today).map_or_else(String::new, |saved| {
        let sure = saved.lo.is_some_and(|lo| lo > 0.0);
        let dearer = saved.hi.is_some_and(|hi| hi < 0.0);
        match () {
            () if sure => format!(" It saves {} a month.", format::estimate(saved, money)),
            () if dearer => format!(" It costs {} a month more than today.", format::estimate(&saved.scaled(-1.0), money)),
            () => format!(" It differs from today's fee by {}, which is not sure.", difference(&saved.scaled(-1.0), money)),
        }
    });
    let within = format::value(t.indifference, money);
    let sure = if t.guaranteed && t.compared < 2 {
        format!(" It alone meets the objectives of the {} that were judged.", t.survivors)
    } else if t.guaranteed {
        let share = format::value(t.confidence, Unit::Share);
        format!(" With {share} confidence no other of the {} compared to the end is cheaper by more than {within}.", t.compared)
    } else {
        format!(" NOT GUARANTEED: {}; another may be cheaper by more than {within}.", t.shortfalls.join("; "))
    };
    let as_now = if is_today { " As it is today." } else { "" };
    format!("Recommended: {}.{as_now}{saved}{sure} {}", settings(winner), notes(t).join(" "))
}

fn choices(t: &Tuned) -> Listing {
    let named = [
        ("today", Some(&t.today)),
        ("recommended", t.winner.as_ref()),
        ("runner-up", t.runner_up.as_ref()),
        ("nearest miss", t.nearest_miss.as_ref()),
    ];
    let row = |(name, choice): (&str, &Choice)| {
        let mut cells = vec![name.to_owned(), settings(choice), format::estimate(&choice.fee, Unit::Money(&t.currency))];
        cells.extend(
            choice
                .objectives
                .iter()
                .filter(|o| o.name != "fee")
                .map(|o| format!("{} {}", format::mean(&o.estimate, unit_of(&o.name, &t.currency)), verdict(o.verdict))),
        );
        cells
    };
    let mut columns = names(&["", "settings", "fee a month"]);
    let others = t.today.objectives.iter().filter(|o| o.name != "fee");
    columns.extend(others.map(|o| if o.function.is_empty() { o.name.clone() } else { format!("{} of {}", o.name, o.function) }));
    Listing { columns, rows: named.into_iter().filter_map(|(name, choice)| Some(row((name, choice?)))).collect() }
}

fn steps(t: &Tuned) -> Option<Listing> {
    let keys: Vec<&str> =
        t.explored.first().map(|e| e.settings.iter().map(|(key, _)| key.as_str()).collect()).unwrap_or_default();
    let names_of = short_names(&keys);
    let label = |key: &str| keys.iter().position(|k| *k == key).map_or(key.to_owned(), |at| names_of[at].clone());
    let row = |s: &crate::study::tune::Step| {
        let what = s.refused.as_ref().map_or_else(
            || s.verdict.map_or_else(|| "not a candidate".to_owned(), |v| verdict(v).to_owned()),
            |reason| format!("refused: {reason}"),
        );
        let fee = s.fee.as_ref().map_or_else(String::new, |fee| difference(fee, Unit::Money(&t.currency)));
        vec![label(&s.key), format!("{} to {}", plain(&s.from), plain(&s.to)), fee, what]
    };
    let rows: Vec<Vec<String>> = t.steps.iter().map(row).collect();
    (!rows.is_empty()).then(|| Listing { columns: names(&["setting", "step", "fee", "objectives"]), rows })
}

fn footer(t: &Tuned) -> String {
    let whole = |n: u64| format::grouped(n as f64, 0);
    let part = |part: u64, of: u64| format::value(part as f64 / of.max(1) as f64, Unit::Share);
    let close = match t.close {
        0 => String::new(),
        n => format!(
            " Passed over as too close to an objective to be told, {} of what it allows: {n}.",
            format::value(t.tolerance, Unit::Share)
        ),
    };
    format!(
        "Simulated {} of {} candidates ({} refused by the platform) with {} replications, those shown here included: {} of a full \
         grid's {} with {} each ({} of its events). Figures: fresh replications that chose nothing, {} each and 10 of a step, 95 % \
         intervals. The guarantee is about the {} that were judged; which those are is a heuristic's choice.{close}",
        t.simulated,
        whole(t.candidates as u64),
        whole(t.refused as u64),
        whole(t.replications),
        part(t.replications, t.full_grid),
        whole(t.full_grid),
        t.reported,
        part(t.events, t.full_grid_events),
        t.reported,
        t.survivors,
    )
}
