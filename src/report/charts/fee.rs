//! The fee of a month by component, and what of it is wasted, on one scale.

use std::collections::BTreeMap;

use super::{Bar, Bars, Chart, Hue, Panel, bar};
use crate::estimate::Estimate;
use crate::report::format::{self, Unit};
use crate::report::view::{dearest_first, words};
use crate::study::result::RunResult;

pub(super) fn chart(r: &RunResult) -> Chart {
    let currency = &r.fee.currency;
    let parts = bars(&r.fee.by_component, currency, Hue::Blue);
    let waste = bars(&r.fee.waste, currency, Hue::Vermilion);
    let longest = parts.iter().map(|b| b.interval.map_or(b.mean, |(_, hi)| hi)).fold(0.0, f64::max);
    let panel = |title: &str, bars: Vec<Bar>| {
        let axis = format!("{currency} a month");
        Panel::Bars(Bars { title: title.to_owned(), axis, unit: Unit::Count, log: false, at_least: longest, bars })
    };
    let total = format::estimate(&r.fee.month, Unit::Money(currency));
    let mut panels = Vec::new();
    if parts.is_empty() {
        panels.push(Panel::Empty("nothing is billed".to_owned()));
    } else {
        panels.push(panel("Parts of the fee", parts.clone()));
        if !waste.is_empty() {
            panels.push(panel("Of this, spent without an ok result", waste));
        }
    }
    let list: Vec<String> = parts.iter().map(|b| format!("{} {}", b.label, b.text)).collect();
    Chart {
        name: "fee".into(),
        title: format!("Fee a month: {total}"),
        caption: "Whiskers: 95 % intervals. Waste is part of the fee, not added to it.".to_owned(),
        alt: format!(
            "Bar chart. Fee a month {total}. {}.",
            if list.is_empty() { "No parts".to_owned() } else { list.join(", ") }
        ),
        panels,
    }
}

/// Dearest first, without those that are nothing.
fn bars(map: &BTreeMap<String, Estimate>, currency: &str, color: Hue) -> Vec<Bar> {
    dearest_first(map).into_iter().filter_map(|(name, e)| bar(words(name), e, Unit::Money(currency), color)).collect()
}
