//! What `tune` found, as text, JSON and Markdown.

use std::fmt::Write as _;

use serde_json::Value;

use super::compare::difference;
use super::format::{self, Unit};
use super::listing::{Listing, names};
use super::view::{unit_of, verdict};
use crate::estimate::Estimate;
use crate::study::tune::{Choice, Tuned};

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

fn settings(choice: &Choice) -> String {
    let last = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
    let parts = choice.settings.iter().map(|(key, value)| format!("{} {}", last(key), value.trim_matches('"')));
    parts.collect::<Vec<_>>().join(", ")
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
        return format!("No settings meet the objectives; {reach}.{nearest}");
    };
    let saved = t.saved.as_ref().map_or_else(String::new, |saved| {
        let sure = saved.lo.is_some_and(|lo| lo > 0.0);
        let dearer = saved.hi.is_some_and(|hi| hi < 0.0);
        match () {
            () if sure => format!(" It saves {} a month.", format::estimate(saved, money)),
            () if dearer => format!(" It costs {} a month more than today.", format::estimate(&saved.scaled(-1.0), money)),
            () => format!(" It differs from today's fee by {}, which is not sure.", difference(&saved.scaled(-1.0), money)),
        }
    });
    let within = format::value(t.indifference, money);
    let sure = if t.guaranteed {
        let percent = format::estimate(&Estimate::point(t.confidence, 1), Unit::Share).replace(" (no interval)", "");
        format!(
            " With {percent} confidence no other of the {} compared to the end is cheaper by more than {within}.",
            t.survivors
        )
    } else {
        format!(
            " The comparison of the {} survivors was ended by its budget: another may be cheaper by more than {within}.",
            t.survivors
        )
    };
    let binds = t.binding.as_ref().map_or_else(
        || " No cheaper candidate was found: no objective binds.".to_owned(),
        |objective| format!(" What stands in the way of a cheaper one: {objective}."),
    );
    format!("Recommended: {}.{saved}{sure}{binds}", settings(winner))
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
    let row = |s: &crate::study::tune::Step| {
        let what = s.refused.as_ref().map_or_else(
            || s.verdict.map_or_else(|| "not a candidate".to_owned(), |v| verdict(v).to_owned()),
            |reason| format!("refused: {reason}"),
        );
        let fee = s.fee.as_ref().map_or_else(String::new, |fee| difference(fee, Unit::Money(&t.currency)));
        vec![
            s.key.rsplit('.').next().unwrap_or(&s.key).to_owned(),
            format!("{} to {}", s.from.trim_matches('"'), s.to.trim_matches('"')),
            fee,
            what,
        ]
    };
    let rows: Vec<Vec<String>> = t.steps.iter().map(row).collect();
    (!rows.is_empty()).then(|| Listing { columns: names(&["setting", "step", "fee", "objectives"]), rows })
}

fn footer(t: &Tuned) -> String {
    let undecided = match t.undecided {
        0 => String::new(),
        n => format!(" {n} cheaper ones stayed undecided on their objectives and were passed over."),
    };
    format!(
        "Searched {} candidates ({} refused by the platform) with {} replications; a full grid with as many replications for each as \
         are reported would take {}. Figures: 20 fresh replications that chose nothing, 95 % intervals. The screening to {} candidates \
         is by rank and has no guarantee.{undecided}",
        t.candidates, t.refused, t.replications, t.full_grid, t.survivors
    )
}
