//! Dependencies and calls between functions, as rows for every kind of report.

use super::format::{self, Unit};
use super::view::words;
use crate::study::result::{CallResult, DependencyResult, RunResult};

/// A table: the heads of its columns, and the rows.
pub(super) struct Grid {
    pub(super) head: &'static [&'static str],
    pub(super) rows: Vec<Vec<String>>,
}

/// What there is to say; nothing where functions call nothing.
pub(super) fn grids(r: &RunResult) -> Vec<Grid> {
    let dependencies = Grid {
        head: &["Dependency", "Calls", "Answered", "Tries a call", "Refused", "Given up", "Latency p99", "In use", "Waiting"],
        rows: r.dependencies.iter().map(|(name, d)| dependency(name, d)).collect(),
    };
    let calls = Grid {
        head: &["Call", "To", "Calls", "Answered", "Stopped"],
        rows: r.calls.iter().map(|(name, c)| call(name, c)).collect(),
    };
    let money = Unit::Money(&r.fee.currency);
    let caused = r.traffic.iter().filter_map(|(name, s)| {
        let amplification = s.amplification.as_ref()?;
        Some(vec![
            name.clone(),
            format::mean(&s.requests, Unit::Count),
            format::estimate(&s.availability, Unit::Share),
            format::estimate(amplification, Unit::Count),
            format::estimate(&s.fee, money),
            format::mean(&s.fee_per_million_ok, money),
        ])
    });
    let caused = Grid {
        head: &["Source", "Requests", "Availability", "Attempts on all functions a request", "Fee a month", "Fee per million ok"],
        rows: caused.collect(),
    };
    [caused, calls, dependencies].into_iter().filter(|grid| !grid.rows.is_empty()).collect()
}

fn dependency(name: &str, d: &DependencyResult) -> Vec<String> {
    let refused = d.refused_by.iter().filter(|(_, e)| e.mean.is_some_and(|mean| mean > 0.0));
    let causes: Vec<String> = refused.map(|(cause, e)| format!("{} {}", words(cause), format::mean(e, Unit::Share))).collect();
    let pair = |mean, peak| format!("{}, peak {}", format::mean(mean, Unit::Count), format::mean(peak, Unit::Count));
    let used = d.utilization.as_ref().map_or_else(String::new, |u| format!(" ({})", format::mean(u, Unit::Share)));
    vec![
        name.to_owned(),
        format::mean(&d.requests, Unit::Count),
        format::estimate(&d.availability, Unit::Share),
        format::mean(&d.attempts_per_request, Unit::Count),
        if causes.is_empty() { "none".to_owned() } else { causes.join(", ") },
        format::mean(&d.given_up, Unit::Share),
        format::mean(&d.latency_s.p99, Unit::Seconds),
        pair(&d.busy_mean, &d.busy_peak) + &used,
        pair(&d.waiting_mean, &d.waiting_peak),
    ]
}

fn call(name: &str, c: &CallResult) -> Vec<String> {
    vec![
        name.to_owned(),
        c.to.clone(),
        format::mean(&c.requests, Unit::Count),
        format::estimate(&c.availability, Unit::Share),
        format::mean(&c.stopped, Unit::Count),
    ]
}
