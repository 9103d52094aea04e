//! A fleet: how few functions make the fee, which ones, and where the cold starts are.

use super::trend::{Line, Reading, Steps, Trend};
use super::{Bar, Bars, Chart, Hue, Panel, bar};
use crate::report::fleet::short;
use crate::report::format::{self, Unit};
use crate::study::fleet::FleetResult;

/// Bars that can be read below each other.
const MOST: usize = 15;

/// All charts of a fleet.
#[must_use]
pub fn charts(f: &FleetResult) -> Vec<Chart> {
    vec![concentration(f), dearest(f), groups(f)]
}

fn concentration(f: &FleetResult) -> Chart {
    let reading = |(n, share): &(u64, f64)| Reading { x: *n as f64, mean: *share, interval: None, range: None };
    let last = f.concentration.last().map_or(1, |(n, _)| *n);
    let tick = |exponent: u32| 10_u64.saturating_pow(exponent);
    let mut ticks: Vec<u64> = (0..12).map(tick).take_while(|n| *n < last).collect();
    ticks.push(last);
    let marks: Vec<String> = f
        .pareto
        .iter()
        .map(|d| format!("{} have {}", format::grouped(d.functions as f64, 0), format::value(d.share_of_fee, Unit::Share)))
        .collect();
    let panel = Panel::Trend(Trend {
        title: "Share of the fee".to_owned(),
        unit: Unit::Share,
        x: Steps {
            name: "dearest functions".to_owned(),
            ticks: ticks.iter().map(|n| (*n as f64, format::grouped(*n as f64, 0))).collect(),
            log: last > 10,
            joined: true,
        },
        log: false,
        lines: vec![Line { label: String::new(), hue: Hue::Blue, points: f.concentration.iter().map(reading).collect() }],
        levels: vec![(0.8, "80 %".to_owned())],
        marks: Vec::new(),
    });
    let nothing = || Panel::Empty("nothing is billed".to_owned());
    Chart {
        name: "concentration".to_owned(),
        title: "How few functions make the fee".to_owned(),
        caption: format!("The functions in the order of their fee, the dearest first: {}.", marks.join(", ")),
        alt: format!("Rising line: share of the fee of the n dearest functions. {}.", marks.join(", ")),
        panels: vec![if f.concentration.is_empty() { nothing() } else { panel }],
    }
}

fn dearest(f: &FleetResult) -> Chart {
    let money = Unit::Money(&f.fee.currency);
    let bars = f.top.iter().take(MOST).filter_map(|t| bar(short(&t.name), &t.fee, money, Hue::Blue)).collect();
    let list: Vec<String> = f.top.iter().take(3).map(|t| format!("{} {}", short(&t.name), format::mean(&t.fee, money))).collect();
    Chart {
        name: "dearest".to_owned(),
        title: "The dearest functions".to_owned(),
        caption: "Whiskers: 95 % intervals.".to_owned(),
        alt: format!("Bar chart of the fee a month by function: {}.", list.join(", ")),
        panels: vec![panel("", format!("{} a month", f.fee.currency), Unit::Count, bars)],
    }
}

fn groups(f: &FleetResult) -> Chart {
    let money = Unit::Money(&f.fee.currency);
    let name = |name: &str| if name.is_empty() { "not named".to_owned() } else { short(name) };
    let groups = || f.groups.iter().take(MOST);
    let fees = groups().filter_map(|g| bar(name(&g.name), &g.fee, money, Hue::Blue)).collect();
    let cold = groups().filter_map(|g| bar(name(&g.name), &g.cold_start_rate, Unit::Share, Hue::Orange)).collect();
    let throttled: Vec<Bar> = groups().filter_map(|g| bar(name(&g.name), &g.throttled, Unit::Share, Hue::Vermilion)).collect();
    let mut panels = vec![
        panel("Fee", format!("{} a month", f.fee.currency), Unit::Count, fees),
        panel("Cold starts", "share of invocations".to_owned(), Unit::Share, cold),
    ];
    if throttled.iter().any(|bar| bar.mean > 0.0) {
        panels.push(panel("Throttled", "share of attempts".to_owned(), Unit::Share, throttled));
    }
    let list: Vec<String> =
        groups().take(3).map(|g| format!("{} {}", name(&g.name), format::mean(&g.cold_start_rate, Unit::Share))).collect();
    Chart {
        name: "groups".to_owned(),
        title: format!("Fee and cold starts by {}", f.grouped_by),
        caption: format!("The dearest {}s first.", f.grouped_by),
        alt: format!("Bar charts by {}: cold starts of the dearest are {}.", f.grouped_by, list.join(", ")),
        panels,
    }
}

fn panel(title: &str, axis: String, unit: Unit<'static>, bars: Vec<Bar>) -> Panel {
    if bars.is_empty() {
        return Panel::Empty("there is nothing to show".to_owned());
    }
    Panel::Bars(Bars { title: title.to_owned(), axis, unit, log: false, at_least: 0.0, bars })
}
