//! The months ahead: fee and instances as fans against what limits them, and how likely each limit is crossed when.

use super::heat_map::{Cell, Heat, Key, State};
use super::trend::{Line, Reading, Steps, Trend};
use super::{Chart, Hue, Panel};
use crate::report::format::{self, Unit};
use crate::study::plan::{Crossing, Month, Planned};

/// More rows than this can't be read: those that are crossed first.
const MOST_ROWS: usize = 16;

/// All charts of a plan.
#[must_use]
pub fn charts(p: &Planned) -> Vec<Chart> {
    let mut charts = vec![fans(p)];
    charts.extend(crossings(p));
    charts
}

fn fans(p: &Planned) -> Chart {
    let line = |label: &str, hue, of: &dyn Fn(&Month) -> Option<Reading>| Line {
        label: label.to_owned(),
        hue,
        points: p.months.iter().filter_map(of).collect(),
    };
    let x = |m: &Month| f64::from(m.month);
    let fee = line("mean fee", Hue::Blue, &|m| Reading::of(x(m), &m.fee, m.fee_range));
    let peak = line("most at once", Hue::Green, &|m| Reading::of(x(m), &m.needed.peak, m.needed.peak_range));
    let mean = line("mean", Hue::Orange, &|m| Reading::of(x(m), &m.needed.mean, None));
    let ticks: Vec<(f64, String)> = p.months.iter().map(|m| (x(m), m.month.to_string())).collect();
    let steps = |name: &str| Steps { name: name.to_owned(), ticks: ticks.clone(), log: false, joined: true };
    let target = p.targets.iter().find(|(figure, _)| figure == "fee").map(|(_, target)| *target);
    let mark = |what: &str, text: &str| -> Vec<(f64, String)> {
        let month = p.crossings.iter().find(|c| c.what == what).and_then(|c| c.month);
        month.map(|month| (f64::from(month), format!("{text}: month {month}"))).into_iter().collect()
    };
    let counted = if p.quota.counts == "instances" { "" } else { ", of invocations" };
    Chart {
        name: "plan".to_owned(),
        title: format!("{}: the months ahead", p.scenario),
        caption: format!(
            "Month 1 is today's level; the traffic of month {} is {} times that. Fee: the light band is where one real month falls, \
             in 9 months of 10. Instances: what the traffic takes where no quota holds it back; the light band is where the peak of \
             one horizon falls. A dotted line is the first month in which half of the replications cross the limit.",
            p.months.last().map_or(1, |m| m.month),
            p.months.last().map_or_else(String::new, |m| format!("{:.2}", m.factor)),
        ),
        alt: alt(p),
        panels: vec![
            Panel::Trend(Trend {
                title: format!("Fee, {} a month", p.currency),
                unit: Unit::Count,
                x: steps(""),
                log: false,
                lines: vec![fee],
                levels: target.map(|t| (t, format!("objective {}", format::value(t, Unit::Count)))).into_iter().collect(),
                marks: mark("fee", "objective crossed"),
            }),
            Panel::Trend(Trend {
                title: "Instances needed".to_owned(),
                unit: Unit::Count,
                x: steps("month"),
                log: false,
                lines: vec![peak, mean],
                levels: p
                    .quota
                    .line
                    .map(|quota| (quota as f64, format!("quota{counted} {}", format::grouped(quota as f64, 0))))
                    .into_iter()
                    .collect(),
                marks: mark("quota", "quota reached"),
            }),
        ],
    }
}

fn alt(p: &Planned) -> String {
    let fee = |m: Option<&Month>| m.map_or_else(String::new, |m| format::mean(&m.fee, Unit::Money(&p.currency)));
    let peak = |m: Option<&Month>| m.map_or_else(String::new, |m| format::mean(&m.needed.peak, Unit::Count));
    let (first, last) = (p.months.first(), p.months.last());
    format!(
        "Fan charts of {} months: the fee goes from {} to {}, the most instances at once from {} to {}.",
        p.months.len(),
        fee(first),
        fee(last),
        peak(first),
        peak(last)
    )
}

/// Rows of what is watched, the first to be crossed on top; `None` without any.
fn crossings(p: &Planned) -> Option<Chart> {
    // Tiers that no replication enters are many, and say nothing.
    let entered = |c: &&Crossing| !c.what.starts_with("price tier") || c.probability.iter().any(|p| *p > 0.0);
    let watched: Vec<&Crossing> = p.crossings.iter().filter(entered).take(MOST_ROWS).collect();
    if watched.is_empty() || p.months.is_empty() {
        return None;
    }
    let cell = |crossing: &Crossing, month: &Month| {
        let probability = crossing.probability.get(month.month as usize - 1).copied();
        Cell {
            value: probability,
            text: probability.map_or_else(String::new, |p| format!("{:.0} %", p * 100.0)),
            note: String::new(),
            state: State::Plain,
            marked: crossing.month == Some(month.month),
            best: false,
        }
    };
    let rows = || watched.iter().rev();
    let said = |any: bool| if any { "the first month with half of them".to_owned() } else { String::new() };
    Some(Chart {
        name: "crossings".to_owned(),
        title: "When what is crossed".to_owned(),
        caption:
            "Share of the replications of each month in which the quota refuses something, the objective is missed, or the price \
                  tier is entered."
                .to_owned(),
        alt: format!("Heat map of {} quotas, objectives and price tiers by month; the table has the figures.", watched.len()),
        panels: vec![Panel::Heat(Heat {
            title: String::new(),
            x: ("month".to_owned(), p.months.iter().map(|m| m.month.to_string()).collect()),
            y: (String::new(), rows().map(|crossing| crossing.what.clone()).collect()),
            shade: "share of the replications that cross it".to_owned(),
            unit: Unit::Share,
            range: (0.0, 1.0),
            cells: rows().map(|crossing| p.months.iter().map(|month| cell(crossing, month)).collect()).collect(),
            key: Some(Key { marked: said(watched.iter().any(|c| c.month.is_some())), ..Key::default() }),
        })],
    })
}
