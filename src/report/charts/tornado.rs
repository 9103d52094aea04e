//! How far each setting alone moves the fee, and what fails: the one that moves most on top.

use super::space::{Point, Space};
use super::{Chart, Hue, Panel};
use crate::estimate::Estimate;
use crate::report::compare::difference;
use crate::report::format::{self, Unit};
use crate::report::view::verdict;
use crate::study::result::Verdict;
use crate::study::tune::{Step, Tuned};

/// Bars from a base to both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Tornado {
    /// Heading of the panel.
    pub title: String,
    /// Label of the value axis.
    pub axis: String,
    /// Unit of the axis' ticks.
    pub unit: Unit<'static>,
    /// Where the bars start.
    pub base: f64,
    /// What is there.
    pub base_text: String,
    /// From top to bottom.
    pub swings: Vec<Swing>,
}

/// A setting's bars.
#[derive(Clone, Debug, PartialEq)]
pub struct Swing {
    /// The setting.
    pub label: String,
    /// One bar each.
    pub ends: Vec<End>,
}

/// A bar's end.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// Where it is; `None` where there is no figure, and only the text is shown.
    pub value: Option<f64>,
    /// Its interval.
    pub interval: Option<(f64, f64)>,
    /// The value of the setting and the figure.
    pub text: String,
    /// Colour of the bar.
    pub hue: Hue,
    /// Whether an objective is missed there: the bar is hatched.
    pub missed: bool,
}

/// How the fee and what fails move when one setting goes over its values and the others stay at the base's. `None` where the base
/// was not simulated, or nothing moves.
#[must_use]
pub fn chart(space: &Space, name: &str, title: &str) -> Option<Chart> {
    let base = space.point(&space.base).filter(|point| !point.refused)?;
    let fee = |point: &Point| point.figure("fee").copied();
    let failed = |point: &Point| point.failed();
    let panels = [
        panel(space, base, "Fee", format!("{} a month", space.currency), Unit::Count, fee),
        panel(space, base, "Requests that do not end ok", "share of requests".to_owned(), Unit::Share, failed),
    ];
    let panels: Vec<Panel> = panels.into_iter().flatten().collect();
    if panels.is_empty() {
        return None;
    }
    let order: Vec<&str> = space.by_effect().into_iter().filter_map(|s| Some(space.settings.get(s)?.name.as_str())).collect();
    Some(Chart {
        name: name.to_owned(),
        title: title.to_owned(),
        caption: format!(
            "Each setting goes over its values while the others stay at the base: {} ({}). The bars end at the least and the most; \
             whiskers: 95 % intervals. A hatched bar ends where an objective is missed.",
            space.words(&space.base, &(0..space.settings.len()).collect::<Vec<_>>()),
            space.base_name
        ),
        alt: format!("Tornado chart. Settings by their effect on the fee: {}.", order.join(", ")),
        panels,
    })
}

fn panel(
    space: &Space,
    base: &Point,
    title: &str,
    axis: String,
    unit: Unit<'static>,
    figure: impl Fn(&Point) -> Option<Estimate>,
) -> Option<Panel> {
    let start = figure(base)?.mean?;
    let mut swings: Vec<(f64, Swing)> = (0..space.settings.len())
        .filter_map(|setting| {
            let known: Vec<(&Point, Estimate)> =
                space.along(setting).into_iter().flatten().filter_map(|point| Some((point, figure(point)?))).collect();
            let by_mean = |a: &&(&Point, Estimate), b: &&(&Point, Estimate)| {
                a.1.mean.unwrap_or(start).total_cmp(&b.1.mean.unwrap_or(start))
            };
            let (low, high) = (known.iter().min_by(by_mean)?, known.iter().max_by(by_mean)?);
            let width = high.1.mean? - low.1.mean?;
            let end = |(point, e): &(&Point, Estimate), hue| End {
                value: e.mean,
                interval: e.lo.zip(e.hi),
                text: format!("{}: {}", value_of(space, setting, point), format::mean(e, unit)),
                hue,
                missed: point.verdict == Some(Verdict::Missed),
            };
            let ends = [end(low, Hue::SkyBlue), end(high, Hue::Orange)];
            // An end at the base is no bar.
            let ends: Vec<End> = ends.into_iter().filter(|end| end.value != Some(start)).collect();
            (width > 0.0 && !ends.is_empty()).then(|| (width, Swing { label: space.settings[setting].name.clone(), ends }))
        })
        .collect();
    swings.sort_by(|a, b| b.0.total_cmp(&a.0));
    if swings.is_empty() {
        return None;
    }
    Some(Panel::Tornado(Tornado {
        title: title.to_owned(),
        axis,
        unit,
        base: start,
        base_text: format!("base: {}", format::value(start, unit)),
        swings: swings.into_iter().map(|(_, swing)| swing).collect(),
    }))
}

fn value_of(space: &Space, setting: usize, point: &Point) -> String {
    let value = point.at.get(setting).and_then(|place| space.settings.get(setting)?.values.get(*place));
    value.map_or_else(String::new, |value| value.text.clone())
}

/// What one step of each setting from the recommended configuration does to the fee, in paired differences. `None` without steps.
#[must_use]
pub fn of_steps(t: &Tuned, name: &str) -> Option<Chart> {
    let mut settings: Vec<&str> = Vec::new();
    for step in &t.steps {
        if !settings.contains(&step.key.as_str()) {
            settings.push(&step.key);
        }
    }
    let names = crate::report::sweep::short_names(&settings);
    let size = |key: &str| {
        let moves = t.steps.iter().filter(|s| s.key == key).filter_map(|s| s.fee.as_ref()?.mean);
        moves.map(f64::abs).fold(0.0, f64::max)
    };
    let mut swings: Vec<(f64, Swing)> = settings
        .iter()
        .zip(names)
        .map(|(key, label)| {
            let steps = t.steps.iter().filter(|step| step.key == *key);
            (size(key), Swing { label, ends: steps.map(|step| end(step, &t.currency)).collect() })
        })
        .collect();
    swings.sort_by(|a, b| b.0.total_cmp(&a.0));
    if swings.iter().all(|(_, swing)| swing.ends.iter().all(|end| end.value.is_none())) {
        return None;
    }
    Some(Chart {
        name: name.to_owned(),
        title: "One step from the recommended settings".to_owned(),
        caption: "Differences of the fee on the same traffic and luck; whiskers: their 95 % intervals. A hatched bar is a step to where \
                  an objective is missed."
            .to_owned(),
        alt: format!("Tornado chart of {} single steps; the table has the figures.", t.steps.len()),
        panels: vec![Panel::Tornado(Tornado {
            title: "Fee".to_owned(),
            axis: format!("more or less than recommended, {} a month", t.currency),
            unit: Unit::Count,
            base: 0.0,
            base_text: "recommended".to_owned(),
            swings: swings.into_iter().map(|(_, swing)| swing).collect(),
        })],
    })
}

fn end(step: &Step, currency: &str) -> End {
    let to = crate::report::sweep::plain(&step.to);
    let fee = step.fee.filter(|fee| fee.mean.is_some());
    let text = match (&fee, &step.refused, step.verdict) {
        (_, Some(_), _) => format!("{to}: refused by the platform"),
        (None, None, _) => format!("{to}: not a candidate"),
        (Some(fee), None, judged) => {
            let short = difference(&Estimate { lo: fee.mean, hi: fee.mean, ..*fee }, Unit::Money(currency));
            let judged = judged.filter(|v| *v != Verdict::Met).map_or_else(String::new, |v| format!(", {}", verdict(v)));
            format!("{to}: {short}{judged}")
        }
    };
    let cheaper = fee.and_then(|fee| fee.mean).is_some_and(|mean| mean < 0.0);
    End {
        value: fee.and_then(|fee| fee.mean),
        interval: fee.and_then(|fee| fee.lo.zip(fee.hi)),
        text,
        hue: if cheaper { Hue::SkyBlue } else { Hue::Orange },
        missed: step.verdict == Some(Verdict::Missed),
    }
}
