//! Latency: the share of requests that took longer than x, so that the tail is as visible as the middle.

use super::{Chart, Curve, Curves, Panel, busiest};
use crate::report::format::{self, Unit};
use crate::study::result::{LatencyCurve, RunResult};

/// More curves than this can't be told apart.
const MOST_CURVES: usize = 6;

/// Shares below this are left out: there the pooled histogram has next to no requests.
const RAREST: f64 = 1e-6;

pub(super) fn chart(r: &RunResult) -> Chart {
    let (functions, left_out) = busiest(r, MOST_CURVES);
    let curves: Vec<Curve> = functions
        .iter()
        .filter_map(|(name, _)| r.latency_curves.get(*name).map(|c| Curve { label: (*name).clone(), points: slower(c) }))
        .filter(|c| !c.points.is_empty())
        .collect();
    let list: Vec<String> = functions
        .iter()
        .filter(|(_, f)| f.latency_s.p50.mean.is_some())
        .map(|(name, f)| {
            let q = &f.latency_s;
            let [p50, p95, p99] = [&q.p50, &q.p95, &q.p99].map(|e| format::mean(e, Unit::Seconds));
            format!("{name} p50 {p50}, p95 {p95}, p99 {p99}")
        })
        .collect();
    let panel = if curves.is_empty() {
        Panel::Empty("no request ended ok".to_owned())
    } else {
        Panel::Curves(Curves {
            axis: "latency seen by the caller, retries included".to_owned(),
            share: "share of ok requests that took longer".to_owned(),
            curves,
            marks: vec![("p50", 0.5), ("p95", 0.05), ("p99", 0.01)],
        })
    };
    Chart {
        name: "latency".into(),
        title: "Latency of requests that ended ok".to_owned(),
        caption: format!("Where a curve crosses the line p99, one request in a hundred took longer.{left_out}"),
        alt: format!("Latency distribution. {}.", if list.is_empty() { "No requests".to_owned() } else { list.join("; ") }),
        panels: vec![panel],
    }
}

/// The complement of the distribution function: from "all take longer than the smallest" down to the rarest share.
fn slower(curve: &LatencyCurve) -> Vec<(f64, f64)> {
    let usable = curve.cdf.iter().filter(|(x, p)| *x > 0.0 && x.is_finite() && p.is_finite());
    usable.map(|(x, p)| (*x, 1.0 - p)).take_while(|(_, share)| *share >= RAREST).collect()
}
