//! Outcomes: how all attempts ended, and on a logarithmic scale those that did not end well.

use super::{Bar, Bars, Chart, Hue, Panel, Stack, bar};
use crate::report::format::{self, Unit};
use crate::report::view::words;
use crate::study::result::{FunctionResult, RunResult};

/// Order and colours of the attempts' outcomes; light and dark alternate, so that they stay apart in grey print.
const OUTCOMES: [(&str, Hue); 7] = [
    ("ok", Hue::SkyBlue),
    ("throttled", Hue::Blue),
    ("error", Hue::Orange),
    ("timeout", Hue::Vermilion),
    ("crash", Hue::Yellow),
    ("init_failure", Hue::Purple),
    ("rejected", Hue::Black),
];

/// More bars than this are left to the data file.
const MOST_BARS: usize = 24;

pub(super) fn chart(r: &RunResult) -> Chart {
    let mean = |f: &FunctionResult, name: &str| f.attempt_outcomes.get(name).and_then(|e| e.mean).unwrap_or(0.0);
    let called: Vec<(&String, &FunctionResult)> =
        r.functions.iter().filter(|(_, f)| f.attempt_outcomes.values().any(|e| e.mean.is_some())).collect();
    let parts: Vec<(&str, Hue)> =
        OUTCOMES.into_iter().filter(|(name, _)| *name == "ok" || called.iter().any(|(_, f)| mean(f, name) > 0.0)).collect();
    let rows = called.iter().map(|(name, f)| ((*name).clone(), parts.iter().map(|(p, _)| mean(f, p)).collect())).collect();
    let bad = not_ok(&called);
    let hidden = bad.len().saturating_sub(MOST_BARS);
    let mut panels = vec![Panel::Empty("no requests".to_owned())];
    if !called.is_empty() {
        panels = vec![Panel::Stack(Stack {
            title: "How attempts ended".to_owned(),
            axis: "share of attempts".to_owned(),
            unit: Unit::Share,
            parts: parts.iter().map(|(name, hue)| (words(name), *hue)).collect(),
            rows,
        })];
        panels.push(if bad.is_empty() {
            Panel::Empty("no attempt and no request ended badly".to_owned())
        } else {
            Panel::Bars(Bars {
                title: "Those that did not end ok, on a logarithmic scale".to_owned(),
                axis: "share of attempts, or of requests".to_owned(),
                unit: Unit::Share,
                log: true,
                at_least: 0.0,
                bars: bad.into_iter().take(MOST_BARS).collect(),
            })
        });
    }
    let list: Vec<String> =
        called.iter().map(|(name, f)| format!("{name} {}", format::estimate(&f.availability, Unit::Share))).collect();
    let more = if hidden > 0 { format!(" {hidden} rarer ones are in the data only.") } else { String::new() };
    Chart {
        name: "outcomes",
        title: "Outcomes of attempts and requests".to_owned(),
        caption: format!("A request fails when all of its attempts did. Whiskers: 95 % intervals.{more}"),
        alt: format!("Bar chart of outcomes. Availability: {}.", if list.is_empty() { "no requests".to_owned() } else { list.join(", ") }),
        panels,
    }
}

/// Bars for what did not end ok and was seen at all: by function, requests first, most frequent first.
fn not_ok(called: &[(&String, &FunctionResult)]) -> Vec<Bar> {
    let mut all = Vec::new();
    for (name, f) in called {
        let prefix = if called.len() > 1 { format!("{name}: ") } else { String::new() };
        let requests = f.outcomes.iter().map(|(outcome, e)| (format!("{prefix}requests {}", words(outcome)), outcome, e, Hue::Black));
        let attempts = f.attempt_outcomes.iter().map(|(outcome, e)| {
            let hue = OUTCOMES.iter().find(|(name, _)| name == outcome).map_or(Hue::Grey, |(_, hue)| *hue);
            (format!("{prefix}{}", words(outcome)), outcome, e, hue)
        });
        for group in [requests.collect::<Vec<_>>(), attempts.collect()] {
            let bad = group.into_iter().filter(|(_, outcome, ..)| **outcome != "ok");
            let mut bars: Vec<Bar> = bad.filter_map(|(label, _, e, hue)| bar(label, e, Unit::Share, hue)).collect();
            bars.retain(|b| b.mean > 0.0);
            bars.sort_by(|a, b| b.mean.total_cmp(&a.mean));
            all.extend(bars);
        }
    }
    all
}
