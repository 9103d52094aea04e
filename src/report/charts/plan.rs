//! A plan as bars: the fee of each month with the band of one real month, and how often a quota is reached.

use super::{Bar, Bars, Chart, Hue, Panel};
use crate::report::format::{self, Unit};
use crate::study::plan::Planned;

/// Fee and quota by month.
#[must_use]
pub fn chart(p: &Planned) -> Chart {
    let label = |month: u32, factor: f64| format!("month {month} · x{factor:.2}");
    let fees: Vec<Bar> = p
        .months
        .iter()
        .filter_map(|m| {
            let text = format::mean(&m.fee, Unit::Count);
            Some(Bar { label: label(m.month, m.factor), mean: m.fee.mean?, interval: m.fee_range, text, color: Hue::Blue })
        })
        .collect();
    let quota: Vec<Bar> = p
        .months
        .iter()
        .map(|m| Bar {
            label: label(m.month, m.factor),
            mean: m.throttled,
            interval: None,
            text: format!("{:.0} %", m.throttled * 100.0),
            color: Hue::Vermilion,
        })
        .collect();
    let bars = |title: &str, axis: String, unit, at_least, bars| {
        Panel::Bars(Bars { title: title.into(), axis, unit, log: false, at_least, bars })
    };
    Chart {
        name: "plan",
        title: format!("{}: the months ahead", p.scenario),
        caption: "Lines: where one real month's fee falls, 5 % to 95 %. Traffic as a factor on today's.".into(),
        alt: format!(
            "Fee and share of replications that reach a quota, for {} months; the table has the figures.",
            p.months.len()
        ),
        panels: vec![
            bars("Fee", format!("{} a month", p.currency), Unit::Count, 0.0, fees),
            bars("A quota is reached", "share of the replications".into(), Unit::Share, 1.0, quota),
        ],
    }
}
