//! The map of what stays down, and what the remedies do.

use super::heat_map::{Cell, Heat, Key, State};
use super::{Bar, Bars, Chart, Hue, Panel};
use crate::report::format::{self, Unit};
use crate::report::storm::{calm_in_short, in_short, size, times};
use crate::study::storm::{self, Level, Remedy, Storm};

/// All charts of a table of storms.
#[must_use]
pub fn charts(s: &Storm) -> Vec<Chart> {
    std::iter::once(map(s)).chain(prevention(s)).collect()
}

fn map(s: &Storm) -> Chart {
    let tried = |level: &Level, cell: &storm::Cell| {
        s.prevention
            .as_ref()
            .is_some_and(|p| p.load.to_bits() == level.load.to_bits() && p.pulse.to_bits() == cell.pulse.to_bits())
    };
    let hour = |e: &crate::estimate::Estimate| format!("{}/h", format::mean(e, Unit::Count));
    let cell = |level: &Level, cell: &storm::Cell| {
        let value = cell.recovered.mean.map(|share| 1.0 - share);
        Cell {
            value,
            text: in_short(level, cell),
            note: hour(&cell.worst_hour),
            state: match () {
                () if cell.stays_down() => State::Missed,
                () if level.overloaded => State::Undecided,
                () => State::Plain,
            },
            marked: tried(level, cell),
            best: false,
        }
    };
    let without = |level: &Level| Cell {
        value: Some(0.0),
        text: calm_in_short(level),
        note: hour(&level.hour),
        state: if level.overloaded { State::Undecided } else { State::Plain },
        ..Cell::default()
    };
    // The largest load on top.
    let mut levels: Vec<&Level> = s.loads.iter().collect();
    levels.sort_by(|a, b| a.load.total_cmp(&b.load));
    let row = |level: &&Level| std::iter::once(without(level)).chain(level.cells.iter().map(|one| cell(level, one))).collect();
    let down = levels.iter().flat_map(|level| &level.cells).any(storm::Cell::stays_down);
    let said = |there: bool, text: &str| if there { text.to_owned() } else { String::new() };
    Chart {
        name: "storm".to_owned(),
        title: format!("{}: what stays down", s.scenario),
        caption: format!(
            "Each cell: what becomes of the system when the trigger is gone, and what an hour costs at the worst, in {}. The darker, the \
             more replications stay down.",
            s.currency
        ),
        alt: format!("Heat map of {} loads by {} triggers; the table has the figures.", s.loads.len(), s.pulses.len()),
        panels: vec![Panel::Heat(Heat {
            title: String::new(),
            x: (
                "trigger".to_owned(),
                std::iter::once("none".to_owned()).chain(s.pulses.iter().map(|pulse| size(s, *pulse))).collect(),
            ),
            y: ("traffic".to_owned(), levels.iter().map(|level| times(level.load)).collect()),
            shade: "share of the replications that stay down".to_owned(),
            unit: Unit::Share,
            range: (0.0, 1.0),
            cells: levels.iter().map(row).collect(),
            key: Some(Key {
                missed: said(down, "some stay down"),
                undecided: said(levels.iter().any(|level| level.overloaded), "overloaded without a trigger"),
                marked: said(s.prevention.is_some(), "where remedies were tried"),
                ..Key::default()
            }),
        })],
    }
}

/// Share that comes back, and fee, by remedy.
fn prevention(s: &Storm) -> Option<Chart> {
    let p = s.prevention.as_ref()?;
    let all = || std::iter::once(&p.today).chain(&p.remedies);
    let hue = |r: &Remedy| match r.brings_back() {
        share if share >= 1.0 => Hue::Green,
        share if share > 0.0 => Hue::Orange,
        _ => Hue::Vermilion,
    };
    let availability = |r: &Remedy| super::bar(r.name.clone(), &r.availability, Unit::Share, hue(r));
    // As a share of today's fee: a bar has no room for less than nothing.
    let fee = |r: &Remedy| {
        let mean = 1.0 + r.fee.mean?;
        let interval = r.fee.lo.zip(r.fee.hi).map(|(lo, hi)| ((1.0 + lo).max(0.0), 1.0 + hi));
        Some(Bar { label: r.name.clone(), mean, interval, text: format!("{:.0} %", mean * 100.0), color: hue(r) })
    };
    let panel = |title: &str, axis: &str, bars: Vec<Bar>| {
        Panel::Bars(Bars { title: title.to_owned(), axis: axis.to_owned(), unit: Unit::Share, log: false, at_least: 1.0, bars })
    };
    Some(Chart {
        name: "prevention".to_owned(),
        title: format!("What would prevent it, at {} of the traffic and {}", times(p.load), size(s, p.pulse)),
        caption:
            "Green: all replications come back; orange: some; red: none. The best is on top, below today's settings. Lines: 95 % \
                  intervals."
                .to_owned(),
        alt: format!("Bars of {} remedies: availability, and fee against today's; the table has the figures.", p.remedies.len()),
        panels: vec![
            panel("Requests of the horizon that end ok", "share of requests", all().filter_map(availability).collect()),
            panel("Fee of the horizon", "share of today's fee", all().filter_map(fee).collect()),
        ],
    })
}
