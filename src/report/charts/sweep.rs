//! The charts of a sweep: maps and curves of quantities, bars of values without an order, and what decides in both cases.

use super::space::{Space, complement};
use super::{Bar, Bars, Chart, Hue, Panel, bar, effect, heat_map, pareto, tornado};
use crate::report::format::Unit;
use crate::report::sweep::{Swept, plain, short};
use crate::report::view::listed;
use crate::report::view::verdict;
use crate::study::result::Verdict;
use crate::study::sweep::Row;

/// More bars can't be read; the tables have all.
const MOST: usize = 40;
/// Fewer points than this have no front.
const LEAST: usize = 3;

/// All charts, the one to look at first first. `today` has the values of the settings in the file.
#[must_use]
pub fn charts(swept: &Swept, today: &[(String, String)]) -> Vec<Chart> {
    let space = Space::of_sweep(swept, today);
    let mut charts = Vec::new();
    let ordered = space.settings.iter().any(super::space::Setting::is_ordered);
    if !ordered {
        charts.extend(bars(swept));
    }
    charts.extend(heat_map::chart(&space, "heat-map", &format!("Fee by {}", listed(&short(&swept.dimensions)))));
    if ordered {
        charts.extend(effect::charts(&space));
    }
    if space.points.iter().filter(|point| !point.refused).count() >= LEAST {
        charts.extend(pareto::chart(&space, "pareto", "What the fee buys"));
    }
    if space.settings.len() > 1 {
        charts.extend(tornado::chart(&space, "tornado", "Which setting matters"));
    }
    charts
}

/// Fee, failures and p99 of each combination, with intervals; `None` for sweeps of more combinations than can be read.
fn bars(swept: &Swept) -> Option<Chart> {
    let rows: Vec<&Row> = swept.rows.iter().filter(|row| row.refused.is_none()).collect();
    if rows.is_empty() || rows.len() > MOST {
        return None;
    }
    let currency = &rows[0].currency;
    let panel = |figure: &str, title: String, axis: String, unit: Unit<'static>| {
        let bars: Vec<Bar> = rows.iter().filter_map(|row| bar(label(row), row.figure(figure)?, unit, color(row))).collect();
        Panel::Bars(Bars { title, axis, unit, log: false, at_least: 0.0, bars })
    };
    let judged = rows.iter().any(|row| row.verdict().is_some());
    let names = short(&swept.dimensions).join(", ");
    let colors = if judged { " Green: objectives met; red: missed; grey: undecided; the label says it too." } else { "" };
    Some(Chart {
        name: "sweep".to_owned(),
        title: format!("{}: {names}", swept.scenario),
        caption: format!("Bars: means over replications on the same traffic and luck; lines: 95 % intervals.{colors}"),
        alt: format!("{} combinations of {names}: fee, failures and p99 of each; the table has the figures.", rows.len()),
        panels: vec![
            panel("fee", "Fee".into(), format!("{currency} a month"), Unit::Count),
            failed(&rows),
            panel("p99", "p99 latency".into(), "time that 1 % of the requests exceed".into(), Unit::Seconds),
        ],
    })
}

/// What fails, not what is well: bars of 99.9 % and 99.0 % look the same.
fn failed(rows: &[&Row]) -> Panel {
    let one = |row: &&Row| bar(label(row), &complement(row.figure("availability")?), Unit::Share, color(row));
    Panel::Bars(Bars {
        title: "Requests that do not end ok".into(),
        axis: "share of requests".into(),
        unit: Unit::Share,
        log: false,
        at_least: 0.0,
        bars: rows.iter().filter_map(one).collect(),
    })
}

fn label(row: &Row) -> String {
    let values: Vec<String> = row.settings.iter().map(|(_, value)| plain(value)).collect();
    let judged = row.verdict().map_or_else(String::new, |v| format!(" · {}", verdict(v)));
    format!("{}{judged}", values.join(", "))
}

fn color(row: &Row) -> Hue {
    match row.verdict() {
        None => Hue::Blue,
        Some(Verdict::Met) => Hue::Green,
        Some(Verdict::Missed) => Hue::Vermilion,
        Some(Verdict::Undecided) => Hue::Grey,
    }
}
