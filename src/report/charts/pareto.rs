//! What the fee buys: each configuration by its fee and by what else counts, with those that nothing beats in both.

use super::space::{Point, Space, complement};
use super::{Chart, Hue, Marker, Panel};
use crate::estimate::Estimate;
use crate::report::format::{self, Unit};
use crate::study::result::Verdict;

/// More points than this only cover each other: beyond it, evenly as many, and all that matter.
const MOST: usize = 400;
/// The front has a list of its points up to this many; of more, evenly as many.
const MOST_NAMED: usize = 12;

/// Points by fee and by another figure, less of which is better.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// Heading of the panel.
    pub title: String,
    /// Label of the horizontal axis.
    pub x: String,
    /// Label of the vertical axis.
    pub y: String,
    /// Whether the vertical figure is a share of failures, shown as the availability that it leaves; else it is in seconds.
    pub availability: bool,
    /// The points.
    pub spots: Vec<Spot>,
    /// The corners of the front, cheapest first.
    pub front: Vec<(f64, f64)>,
    /// Number and description of points of the front.
    pub named: Vec<(String, String)>,
    /// Targets of the fee and of the vertical figure, if they are objectives.
    pub targets: (Option<f64>, Option<f64>),
    /// Shapes and what they mean, for those that are there.
    pub key: Vec<(Marker, Hue, String)>,
}

/// A point.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Fee.
    pub x: f64,
    /// Its interval.
    pub x_interval: Option<(f64, f64)>,
    /// The other figure.
    pub y: f64,
    /// Its interval.
    pub y_interval: Option<(f64, f64)>,
    /// Its shape.
    pub marker: Marker,
    /// Its colour.
    pub hue: Hue,
    /// Its number or name, where it has one.
    pub label: String,
}

/// Positions of the pairs that no other pair beats: none is at most as large in both and smaller in one. Equal pairs do not beat
/// each other. The smallest first figure comes first.
#[must_use]
pub fn front(pairs: &[(f64, f64)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pairs.len()).filter(|i| pairs[*i].0.is_finite() && pairs[*i].1.is_finite()).collect();
    order.sort_by(|a, b| pairs[*a].0.total_cmp(&pairs[*b].0).then(pairs[*a].1.total_cmp(&pairs[*b].1)).then(a.cmp(b)));
    let mut found: Vec<usize> = Vec::new();
    for i in order {
        let beaten = found.last().is_some_and(|last| pairs[*last].1 <= pairs[i].1 && pairs[*last] != pairs[i]);
        if !beaten {
            found.push(i);
        }
    }
    found
}

/// What is drawn against the fee.
struct Measure {
    title: &'static str,
    axis: String,
    /// Name of the objective.
    figure: String,
    availability: bool,
    of: fn(&Point, &str) -> Option<Estimate>,
}

/// The fee against the availability, and against the latency where there is an objective for it.
#[must_use]
pub fn chart(space: &Space, name: &str, title: &str) -> Option<Chart> {
    let mut measures = vec![Measure {
        title: "Fee and availability",
        axis: "availability (share of requests that end ok)".to_owned(),
        figure: "availability".to_owned(),
        availability: true,
        of: |point, _| point.failed(),
    }];
    let latency = space.objectives.iter().map(|o| o.figure.as_str()).find(|figure| {
        !["fee", "availability", "throttled", "cold_start_rate"].contains(figure)
            && space.points.iter().any(|point| point.figure(figure).is_some())
    });
    measures.extend(latency.map(|figure| Measure {
        title: "Fee and latency",
        axis: format!("{figure} latency"),
        figure: figure.to_owned(),
        availability: false,
        of: |point, figure| point.figure(figure).copied(),
    }));
    // Where nothing ever fails and nobody asks, there is no trade to see.
    let fails = space.points.iter().filter_map(Point::failed).any(|failed| failed.mean > Some(0.0));
    if measures.len() > 1 && !fails && space.target("availability").is_none() {
        measures.remove(0);
    }
    let panels: Vec<Panel> = measures.iter().filter_map(|measure| Some(Panel::Scatter(scatter(space, measure)?))).collect();
    if panels.is_empty() {
        return None;
    }
    let on_front = panels.first().map_or(0, |panel| if let Panel::Scatter(s) = panel { s.front.len() } else { 0 });
    let thinned = if space.points.len() > MOST { " Not every point is drawn: the data has all." } else { "" };
    Some(Chart {
        name: name.to_owned(),
        title: title.to_owned(),
        caption: format!(
            "The line joins the configurations that no other beats in both, by their means. Lines through the points: 95 % intervals. \
             Dashed: the objectives.{thinned}"
        ),
        alt: format!(
            "{} of {} configurations, {on_front} of them on the Pareto front.",
            measures.iter().map(|measure| measure.title).collect::<Vec<_>>().join("; "),
            space.points.iter().filter(|point| !point.refused).count()
        ),
        panels,
    })
}

fn scatter(space: &Space, measure: &Measure) -> Option<Scatter> {
    let figures = |point: &Point| Some((*point.figure("fee")?, (measure.of)(point, &measure.figure)?));
    let all: Vec<(&Point, Estimate, Estimate)> =
        space.points.iter().filter_map(|point| figures(point).map(|(fee, other)| (point, fee, other))).collect();
    let pairs: Vec<(f64, f64)> =
        all.iter().map(|(_, fee, other)| (fee.mean.unwrap_or(f64::NAN), other.mean.unwrap_or(f64::NAN).max(0.0))).collect();
    if pairs.is_empty() {
        return None;
    }
    let front = front(&pairs);
    // Equal points share a number.
    let mut distinct: Vec<(usize, usize)> = Vec::new();
    for i in &front {
        match distinct.last_mut().filter(|(first, _)| pairs[*first] == pairs[*i]) {
            Some((_, count)) => *count += 1,
            None => distinct.push((*i, 1)),
        }
    }
    let each = distinct.len().div_ceil(MOST_NAMED).max(1);
    let last = distinct.len().saturating_sub(1);
    // The last one too: it is what the most money buys.
    let numbered: Vec<(usize, usize)> =
        distinct.into_iter().enumerate().filter(|(n, _)| n % each == 0 || *n == last).map(|(_, point)| point).collect();
    let settings: Vec<usize> = (0..space.settings.len()).collect();
    let cheapest = space.cheapest().map(|point| &point.at);
    let searched = space.points.iter().any(|point| point.recommended);
    let every = all.len().div_ceil(MOST).max(1);
    let mut spots: Vec<Spot> = Vec::new();
    for (i, (point, fee, other)) in all.iter().enumerate() {
        let best = if searched { point.recommended } else { cheapest == Some(&point.at) };
        let marked = space.today.is_none() && space.marked.as_ref().is_some_and(|(at, _)| *at == point.at);
        if i % every == 0 || best || marked || front.contains(&i) {
            let label = numbered.iter().position(|(first, _)| *first == i).map_or_else(String::new, |n| (n + 1).to_string());
            let (marker, hue) = look(point, best, marked);
            spots.push(spot(fee, other, marker, hue, label));
        }
    }
    let describe = |(n, (i, count)): (usize, &(usize, usize))| {
        let (point, fee, other) = &all[*i];
        let other = if measure.availability {
            format!("{} ok", availability(other.mean.unwrap_or(f64::NAN).max(0.0)))
        } else {
            format::mean(other, Unit::Seconds)
        };
        let equal = if *count > 1 { format!(" (and {} with the same figures)", count - 1) } else { String::new() };
        let fee = format::mean(fee, Unit::Money(&space.currency));
        let text = format!("{}{equal}: {fee}, {other}", space.words(&point.at, &settings));
        ((n + 1).to_string(), text)
    };
    let named = numbered.iter().enumerate().map(describe).collect();
    if let Some(today) = &space.today
        && let Some((fee, other)) = figures(today)
    {
        spots.push(spot(&fee, &other, Marker::Diamond, Hue::Black, String::new()));
    }
    // What matters most is drawn last, on top.
    spots.sort_by_key(|spot| rank(spot.marker));
    let of_failures = |target: f64| if measure.availability { 1.0 - target } else { target };
    Some(Scatter {
        title: measure.title.to_owned(),
        x: format!("fee, {} a month", space.currency),
        y: measure.axis.clone(),
        availability: measure.availability,
        front: front.iter().map(|i| pairs[*i]).collect(),
        named,
        targets: (space.target("fee"), space.target(&measure.figure).map(of_failures)),
        key: key(&spots, searched, space),
        spots,
    })
}

fn spot(fee: &Estimate, other: &Estimate, marker: Marker, hue: Hue, label: String) -> Spot {
    let interval = |e: &Estimate| e.lo.zip(e.hi).filter(|(lo, hi)| lo.is_finite() && hi.is_finite() && hi > lo);
    Spot {
        x: fee.mean.unwrap_or(0.0),
        x_interval: interval(fee),
        y: other.mean.unwrap_or(0.0).max(0.0),
        y_interval: interval(other).map(|(lo, hi)| (lo.max(0.0), hi)),
        marker,
        hue,
        label,
    }
}

/// Shape first, colour second: the shapes are told apart in grey.
fn look(point: &Point, best: bool, marked: bool) -> (Marker, Hue) {
    match point.verdict {
        _ if best => (Marker::Star, Hue::Green),
        _ if marked => (Marker::Diamond, Hue::Black),
        _ if point.screened => (Marker::Ring, Hue::Grey),
        None | Some(Verdict::Met) => (Marker::Circle, Hue::Blue),
        Some(Verdict::Missed) => (Marker::Cross, Hue::Vermilion),
        Some(Verdict::Undecided) => (Marker::Triangle, Hue::Grey),
    }
}

const fn rank(marker: Marker) -> u8 {
    match marker {
        Marker::Ring => 0,
        Marker::Cross => 1,
        Marker::Triangle => 2,
        Marker::Circle => 3,
        Marker::Diamond => 4,
        Marker::Star => 5,
    }
}

fn key(spots: &[Spot], searched: bool, space: &Space) -> Vec<(Marker, Hue, String)> {
    let judged = space.points.iter().any(|point| point.verdict.is_some());
    let today = space.marked.as_ref().filter(|_| space.today.is_none()).map_or("today", |(_, name)| name);
    let words: [(Marker, Hue, &str); 6] = [
        (Marker::Star, Hue::Green, if searched { "recommended" } else { "cheapest that meets the objectives" }),
        (Marker::Diamond, Hue::Black, today),
        (Marker::Circle, Hue::Blue, if judged { "meets the objectives" } else { "a configuration" }),
        (Marker::Triangle, Hue::Grey, "undecided"),
        (Marker::Cross, Hue::Vermilion, "misses an objective"),
        (Marker::Ring, Hue::Grey, "screened out early"),
    ];
    let there = |marker: Marker| spots.iter().any(|spot| spot.marker == marker);
    words.into_iter().filter(|(marker, ..)| there(*marker)).map(|(m, h, text)| (m, h, text.to_owned())).collect()
}

/// The availability that a share of failures leaves, as a label.
#[must_use]
pub fn availability(failed: f64) -> String {
    let left = complement(&Estimate::point(failed, 1)).mean.unwrap_or(f64::NAN);
    format::value(left, Unit::Share)
}
