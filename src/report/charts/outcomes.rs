//! Outcomes: how all attempts ended, and on a logarithmic scale those that did not end well.

use super::{Bar, Bars, Chart, Hue, MOST_FUNCTIONS, Panel, Stack, bar, busiest};
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
    let (mut called, left_out) = busiest(r, MOST_FUNCTIONS);
    called.retain(|(_, f)| f.attempt_outcomes.values().any(|e| e.mean.is_some()));
    let parts: Vec<(&str, Hue)> =
        OUTCOMES.into_iter().filter(|(name, _)| *name == "ok" || called.iter().any(|(_, f)| mean(f, name) > 0.0)).collect();
    let rows = called.iter().map(|(name, f)| ((*name).clone(), parts.iter().map(|(p, _)| mean(f, p)).collect())).collect();
    let (bad, hidden) = most_frequent(not_ok(&called));
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
                bars: bad,
            })
        });
    }
    let list: Vec<String> =
        called.iter().map(|(name, f)| format!("{name} {}", format::estimate(&f.availability, Unit::Share))).collect();
    let more = if hidden > 0 { format!(" {hidden} rarer ones are in the data only.") } else { String::new() };
    Chart {
        name: "outcomes".into(),
        title: "Outcomes of attempts and requests".to_owned(),
        caption: format!("A request fails when all of its attempts did. Whiskers: 95 % intervals.{more}{left_out}"),
        alt: format!(
            "Bar chart of outcomes. Availability: {}.",
            if list.is_empty() { "no requests".to_owned() } else { list.join(", ") }
        ),
        panels,
    }
}

/// The longest bars in the order given, and how many were left out.
fn most_frequent(bars: Vec<Bar>) -> (Vec<Bar>, usize) {
    let hidden = bars.len().saturating_sub(MOST_BARS);
    let mut means: Vec<f64> = bars.iter().map(|b| b.mean).collect();
    means.sort_by(f64::total_cmp);
    let least = means.get(hidden).copied().unwrap_or(0.0);
    let mut kept = bars;
    kept.retain(|b| b.mean >= least);
    kept.truncate(MOST_BARS);
    (kept, hidden)
}

/// Bars for what did not end ok and was seen at all: by function, requests first, most frequent first.
fn not_ok(called: &[(&String, &FunctionResult)]) -> Vec<Bar> {
    let mut all = Vec::new();
    for (name, f) in called {
        let prefix = if called.len() > 1 { format!("{name}: ") } else { String::new() };
        let requests =
            f.outcomes.iter().map(|(outcome, e)| (format!("{prefix}requests {}", words(outcome)), outcome, e, Hue::Grey));
        let attempts = f.attempt_outcomes.iter().map(|(outcome, e)| {
            let hue = OUTCOMES.iter().find(|(name, _)| name == outcome).map_or(Hue::Black, |(_, hue)| *hue);
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
