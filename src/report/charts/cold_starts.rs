//! Cold starts, and what the instances that avoid them do: busy and idle.

use super::{Bars, Chart, Hue, MOST_FUNCTIONS, Panel, Stack, bar, busiest};
use crate::report::format::{self, Unit};
use crate::study::result::RunResult;

pub(super) fn chart(r: &RunResult) -> Chart {
    let (functions, left_out) = busiest(r, MOST_FUNCTIONS);
    let invoked = functions.iter().filter_map(|(name, f)| bar((*name).clone(), &f.cold_start_rate, Unit::Share, Hue::Blue));
    let bars: Vec<_> = invoked.collect();
    let rows: Vec<(String, Vec<f64>)> = functions
        .iter()
        .filter_map(|(name, f)| Some(((*name).clone(), vec![f.instances.busy_mean.mean?, f.instances.idle_mean.mean?])))
        .collect();
    let list: Vec<String> =
        functions.iter().map(|(name, f)| format!("{name} {}", format::estimate(&f.cold_start_rate, Unit::Share))).collect();
    let mut panels = Vec::new();
    panels.push(if bars.is_empty() {
        Panel::Empty("no invocations".to_owned())
    } else {
        Panel::Bars(Bars {
            title: "Cold starts".to_owned(),
            axis: "share of invocations".to_owned(),
            unit: Unit::Share,
            log: false,
            at_least: 0.0,
            bars,
        })
    });
    if rows.iter().any(|(_, values)| values.iter().sum::<f64>() > 0.0) {
        panels.push(Panel::Stack(Stack {
            title: "Instances, mean over the horizon".to_owned(),
            axis: "instances".to_owned(),
            unit: Unit::Count,
            parts: vec![("busy or starting".to_owned(), Hue::Blue), ("idle".to_owned(), Hue::SkyBlue)],
            rows,
        }));
    }
    Chart {
        name: "cold-starts".into(),
        title: "Cold starts and instances".to_owned(),
        caption: format!("A cold start makes the caller wait for a new instance; idle instances are what avoids it.{left_out}"),
        alt: format!("Bar chart of cold starts. {}.", list.join(", ")),
        panels,
    }
}
