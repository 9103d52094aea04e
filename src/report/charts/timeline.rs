//! The course over the horizon: traffic, instances, throttles, availability and spending over one time axis.

use super::{Chart, Course, Hue, Panel};
use crate::report::format::{self, Unit};
use crate::study::result::RunResult;

pub(super) fn chart(r: &RunResult) -> Chart {
    let t = &r.timeline;
    let empty = t.requests.is_empty() || t.bin_s <= 0.0;
    let all = |values: &[f64], factor: f64| values.iter().map(|v| Some(v * factor).filter(|v| v.is_finite())).collect();
    let course = |title: String, values: Vec<Option<f64>>, color: Hue| Course {
        title,
        unit: Unit::Count,
        bin_s: t.bin_s,
        values,
        from_zero: true,
        reference: None,
        color,
    };
    let quota = t.quota.map(|q| q as f64);
    let dashed = quota.map_or_else(String::new, |q| format!("; dashed: quota of {}", format::grouped(q, 0)));
    let panels = if empty {
        vec![Panel::Empty("no requests".to_owned())]
    } else {
        let instances = course(format!("Instances, mean of each bin{dashed}"), all(&t.instances, 1.0), Hue::Green);
        let availability = course("Availability of requests that arrived".to_owned(), t.availability.clone(), Hue::Purple);
        vec![
            Panel::Course(course("Requests a second".to_owned(), all(&t.requests, 1.0 / t.bin_s), Hue::Blue)),
            Panel::Course(Course { reference: quota, ..instances }),
            Panel::Course(course("Throttled attempts a second".to_owned(), all(&t.throttled, 1.0 / t.bin_s), Hue::Vermilion)),
            Panel::Course(Course { unit: Unit::Share, from_zero: false, ..availability }),
            Panel::Course(course(format!("Spending, {} an hour", r.fee.currency), all(&t.fee, 3_600.0 / t.bin_s), Hue::Orange)),
        ]
    };
    let peak = t.requests.iter().copied().fold(0.0, f64::max) / t.bin_s.max(f64::MIN_POSITIVE);
    let throttled: f64 = t.throttled.iter().sum();
    let alt = if empty {
        "Timeline. No requests.".to_owned()
    } else {
        let (peak, throttled) = (format::value(peak, Unit::Count), format::grouped(throttled, 0));
        format!("Timeline. At most {peak} requests a second; {throttled} attempts throttled in all.")
    };
    Chart {
        name: "timeline".into(),
        title: "The course over the horizon".to_owned(),
        caption: format!("Means over the replications, in bins of {}.", format::span(t.bin_s)),
        alt,
        panels,
    }
}
