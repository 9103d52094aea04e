//! What one setting does while the others stay: fee, failures, throttling and latency over its values.

use super::space::{Point, Setting, Space};
use super::trend::{Line, Reading, Steps, Trend};
use super::{Chart, Hue, Panel};
use crate::estimate::Estimate;
use crate::report::format::{self, Unit};

/// Values over more than this factor get equal distances for equal factors.
const WIDE: f64 = 6.0;
/// Shares over more than this factor get a logarithmic axis.
const DECADES: f64 = 50.0;
/// More settings than this get no curve: the tornado says which ones matter.
const MOST: usize = 4;

/// A figure of the curves.
struct Curve {
    title: &'static str,
    unit: Unit<'static>,
    /// Name of the objective, and whether the target is of the complement.
    figure: &'static str,
    of: fn(&Point) -> Option<Estimate>,
}

const CURVES: [Curve; 3] = [
    Curve { title: "Requests that do not end ok", unit: Unit::Share, figure: "availability", of: Point::failed },
    Curve { title: "Throttled attempts", unit: Unit::Share, figure: "throttled", of: |p| p.figure("throttled").copied() },
    Curve { title: "p99 latency", unit: Unit::Seconds, figure: "p99", of: |p| p.figure("p99").copied() },
];

/// A chart for each of the settings with the largest effects.
#[must_use]
pub fn charts(space: &Space) -> Vec<Chart> {
    let settings = space.by_effect().into_iter().take(MOST).enumerate();
    settings.filter_map(|(rank, setting)| chart(space, rank, setting)).collect()
}

/// `None` where fewer than two values have figures.
fn chart(space: &Space, rank: usize, index: usize) -> Option<Chart> {
    let setting = space.settings.get(index)?;
    let along = space.along(index);
    let all = steps(setting);
    let places: Vec<f64> = all.ticks.iter().map(|(place, _)| *place).collect();
    // Values that the platform refuses with the others, or that were not simulated, need no room.
    let there = all.ticks.iter().zip(&along).filter(|(_, point)| point.is_some()).map(|(tick, _)| tick.clone()).collect();
    let missing: Vec<&str> =
        setting.values.iter().zip(&along).filter(|(_, point)| point.is_none()).map(|(value, _)| value.text.as_str()).collect();
    let x = Steps { ticks: there, ..all };
    let read = |of: &dyn Fn(&Point) -> Option<Estimate>| -> Vec<Reading> {
        let known = places.iter().zip(&along).filter_map(|(place, point)| Some((place, of((*point)?)?)));
        known.filter_map(|(place, e)| Reading::of(*place, &e, None)).collect()
    };
    let fees = read(&|point| point.figure("fee").copied());
    if fees.len() < 2 {
        return None;
    }
    let marks: Vec<(f64, String)> =
        space.marked.iter().filter_map(|(at, name)| Some((*places.get(*at.get(index)?)?, (*name).to_owned()))).collect();
    let fee = Curve { title: "Fee", unit: Unit::Count, figure: "fee", of: |_| None };
    let mut panels = vec![panel(space, &fee, format!("Fee, {} a month", space.currency), &x, fees, &marks)];
    for curve in &CURVES {
        let points = read(&curve.of);
        let seen = points.iter().any(|point| point.mean > 0.0);
        // The curve of what never happens says nothing, unless something was asked of it.
        if points.len() > 1 && (seen || space.target(curve.figure).is_some()) {
            panels.push(panel(space, curve, curve.title.to_owned(), &x, points, &marks));
        }
    }
    let last = panels.len() - 1;
    let panels = panels.into_iter().enumerate().map(|(i, mut panel)| {
        // One axis for all of them.
        if i < last {
            panel.x.name = String::new();
        }
        // The line goes through all of them, and is named once.
        if i > 0 {
            panel.marks.iter_mut().for_each(|(_, text)| text.clear());
        }
        Panel::Trend(panel)
    });
    let others: Vec<usize> = (0..space.settings.len()).filter(|other| *other != index).collect();
    let missing = match missing.len() {
        0 => String::new(),
        1..=8 => format!(" Without figures there: {}.", missing.join(", ")),
        n => format!(" Without figures there: {n} values."),
    };
    let held = if others.is_empty() { String::new() } else { format!(" The others: {}.", space.words(&space.base, &others)) };
    Some(Chart {
        name: format!("effect-{}-{}", rank + 1, slug(&setting.name)).trim_end_matches('-').to_owned(),
        title: format!("What {} does", setting.name),
        caption: format!("Bands: 95 % intervals. Dashed: the objective.{held}{missing}"),
        alt: alt(setting, &along),
        panels: panels.collect(),
    })
}

fn panel(space: &Space, curve: &Curve, title: String, x: &Steps, points: Vec<Reading>, marks: &[(f64, String)]) -> Trend {
    let target = space.target(curve.figure).map(|t| if curve.figure == "availability" { 1.0 - t } else { t });
    let (low, high) = points
        .iter()
        .filter(|p| p.mean > 0.0)
        .fold((f64::INFINITY, 0.0_f64), |(low, high), p| (low.min(p.mean), high.max(p.mean)));
    let log = curve.unit == Unit::Share && high > DECADES * low;
    Trend {
        title,
        unit: curve.unit,
        x: x.clone(),
        log,
        lines: vec![Line { label: String::new(), hue: hue(curve), points }],
        levels: target.map(|t| (t, format!("objective {}", format::value(t, curve.unit)))).into_iter().collect(),
        marks: marks.to_vec(),
    }
}

fn hue(curve: &Curve) -> Hue {
    match curve.figure {
        "fee" => Hue::Blue,
        "p99" => Hue::Purple,
        _ => Hue::Vermilion,
    }
}

/// Quantities at their distances, by factors if they are far apart; other values in their order, side by side.
fn steps(setting: &Setting) -> Steps {
    let numbers: Vec<f64> = setting.values.iter().filter_map(|value| value.number).collect();
    let ordered = numbers.len() == setting.values.len();
    let log = ordered && numbers.first().is_some_and(|low| *low > 0.0 && numbers.last().is_some_and(|high| high / low > WIDE));
    let place = |(i, value): (usize, &super::space::Value)| match value.number {
        Some(number) if ordered => (number, value.text.clone()),
        _ => (i as f64, value.text.clone()),
    };
    Steps { name: setting.name.clone(), ticks: setting.values.iter().enumerate().map(place).collect(), log, joined: ordered }
}

fn alt(setting: &Setting, along: &[Option<&Point>]) -> String {
    let known = setting
        .values
        .iter()
        .zip(along)
        .filter_map(|(value, point)| Some(format!("{} {}", value.text, format::value((*point)?.fee()?, Unit::Count))));
    // A list of hundreds helps nobody.
    let list: Vec<String> = known.take(20).collect();
    format!("Fee and failures over {}. Fee: {}.", setting.name, list.join(", "))
}

/// A name that every file system takes.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            _ if out.is_empty() || out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    out.truncate(60);
    out.trim_end_matches('-').to_owned()
}
