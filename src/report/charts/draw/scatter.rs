//! Configurations by fee and by what it buys.

use super::Frame;
use super::axis::{Axis, tick};
use super::legend::{self, Key};
use super::marker::{self, RADIUS};
use super::sketch::{Anchor, GRID, INK, SMALL, SOFT, Sketch, WHITE, lighter, rgb};
use crate::report::charts::pareto::{Scatter, Spot, availability};
use crate::report::charts::{Hue, Marker};
use crate::report::format::{self, Unit};

const HEIGHT: f64 = 340.0;
/// Fees over more than this factor get a logarithmic axis.
const WIDE: f64 = 20.0;
const DASH: (f64, f64) = (7.0, 5.0);

/// Draws the panel and returns its lower end.
pub(super) fn draw(s: &mut Sketch, panel: &Scatter, frame: Frame) -> f64 {
    let mut top = s.heading((frame.left, frame.right), frame.top, &panel.title);
    let mut entries: Vec<(Key, String)> =
        panel.key.iter().map(|(marker, hue, text)| (Key::Marker(*marker, *hue), text.clone())).collect();
    if panel.front.len() > 1 {
        entries.push((Key::Line(INK, 2.0, (1.0, 0.0)), "Pareto front".to_owned()));
    }
    if panel.targets.0.is_some() || panel.targets.1.is_some() {
        entries.push((Key::Line(SOFT, 2.0, DASH), "objective".to_owned()));
    }
    top = legend::draw(s, &entries, frame, top) + 4.0;
    s.text(frame.left, top, &s.fit(&panel.y, SMALL, frame.right - frame.left), SMALL, Anchor::TOP_LEFT, SOFT);
    top += SMALL + 12.0;
    let bottom = top + HEIGHT;
    let y = vertical(panel, bottom, top);
    let mut ticks = if y.log { y.round_ticks() } else { y.ticks(6) };
    ticks.sort_by(|a, b| y.at(*b).total_cmp(&y.at(*a)));
    // What never failed is on the edge, beyond the last power of ten.
    let none = panel.availability && panel.spots.iter().any(|spot| spot.y <= 0.0);
    let name = |t: f64| match () {
        () if none && t <= y.low * 1.001 => "100 %".to_owned(),
        () if panel.availability => availability(t),
        () => tick(t, Unit::Seconds),
    };
    let labels = ticks.iter().map(|t| s.text_width(&name(*t), SMALL)).fold(0.0, f64::max);
    let x = horizontal(panel, frame.left + labels + 10.0, frame.right - 14.0);
    let mut free = f64::INFINITY;
    for t in ticks {
        let at = y.at(t);
        // From the bottom up, as far as there is room; the edge in any case.
        let edge = none && t <= y.low * 1.001;
        if free - at >= SMALL + 3.0 && (edge || at - top >= SMALL + 3.0 || !none) {
            s.line(vec![(x.start, at), (x.end, at)], GRID, 1.0);
            // Clear of the first label below.
            s.text(x.start - 8.0, at.min(bottom - 1.0), &name(t), SMALL, Anchor::RIGHT, SOFT);
            free = at;
        }
    }
    let lower = across(s, &x, (top, bottom), &panel.x);
    s.line(vec![(x.start, top), (x.start, bottom), (x.end, bottom)], INK, 1.0);
    targets(s, panel, (&x, &y), (top, bottom));
    let corners: Vec<(f64, f64)> = panel.front.iter().map(|(fee, other)| (x.at(*fee), y.at(*other))).collect();
    s.line(stairs(&corners), INK, 2.0);
    for spot in &panel.spots {
        whiskers(s, spot, (&x, &y));
    }
    for spot in &panel.spots {
        let at = (x.at(spot.x), y.at(spot.y));
        marker::draw(s, spot.marker, at, spot.hue);
        s.take((at.0 - RADIUS - 1.0, at.1 - RADIUS - 1.0, at.0 + RADIUS + 1.0, at.1 + RADIUS + 1.0));
    }
    // The most important first: what comes later goes without a label where there is no room.
    for spot in panel.spots.iter().rev().filter(|spot| !spot.label.is_empty()) {
        label(s, spot, (x.at(spot.x), y.at(spot.y)), (x.start, x.end, top, bottom));
    }
    list(s, panel, frame, lower)
}

/// What the numbers are. Returns the lower end.
fn list(s: &mut Sketch, panel: &Scatter, frame: Frame, top: f64) -> f64 {
    if panel.named.is_empty() {
        return top;
    }
    let numbers = panel.named.iter().map(|(number, _)| s.text_width(number, SMALL)).fold(0.0, f64::max) + 10.0;
    let mut y = top + 12.0;
    s.text(frame.left, y, "On the front, cheapest first:", SMALL, Anchor::TOP_LEFT, SOFT);
    y += SMALL + 7.0;
    for (number, text) in &panel.named {
        s.bold(frame.left, y, number, SMALL, Anchor::TOP_LEFT);
        for line in s.wrap(text, SMALL, frame.right - frame.left - numbers) {
            s.text(frame.left + numbers, y, &line, SMALL, Anchor::TOP_LEFT, INK);
            y += SMALL + 5.0;
        }
    }
    y
}

/// The cheaper of two neighbours is as good as it gets until the next one is paid for.
fn stairs(corners: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut line: Vec<(f64, f64)> = Vec::with_capacity(2 * corners.len());
    for corner in corners {
        if let Some(last) = line.last().copied() {
            line.push((corner.0, last.1));
        }
        line.push(*corner);
    }
    line
}

/// Failures by powers of ten, the fewest on top, so that 99 % and 99.9 % are as far apart as 99.9 % and 99.99 %; seconds from
/// nothing.
fn vertical(panel: &Scatter, bottom: f64, top: f64) -> Axis {
    let ends = || panel.spots.iter().flat_map(|s| [Some(s.y), s.y_interval.map(|(_, hi)| hi)]).flatten().chain(panel.targets.1);
    if !panel.availability {
        let high = ends().filter(|y| y.is_finite()).fold(0.0, f64::max);
        return Axis::linear(high, bottom, top, 5);
    }
    let positive = || panel.spots.iter().map(|s| s.y).chain(panel.targets.1).chain(ends()).filter(|y| *y > 0.0 && *y <= 1.0);
    let (low, high) = positive().fold((f64::INFINITY, 0.0_f64), |(low, high), y| (low.min(y), high.max(y)));
    let (low, high) = if low <= high { (low, high) } else { (1e-4, 1e-2) };
    let none = panel.spots.iter().any(|s| s.y <= 0.0);
    let low = (if none { low / 3.0 } else { low / 1.1 }).max(1e-9);
    Axis::decades(low, (high * 1.1).min(1.0), top, bottom)
}

fn horizontal(panel: &Scatter, start: f64, end: f64) -> Axis {
    let ends = panel.spots.iter().flat_map(|s| [Some(s.x), s.x_interval.map(|(lo, _)| lo), s.x_interval.map(|(_, hi)| hi)]);
    let values = ends.flatten().chain(panel.targets.0).filter(|x| x.is_finite());
    let (low, high) = values.fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    if low > 0.0 && high / low > WIDE {
        return Axis::decades(low, high, start, end);
    }
    let edge = (high - low) * 0.05;
    Axis::around((low - edge).max(0.0), high + edge, start, end, 6)
}

/// Ticks, labels and name of the horizontal axis. Returns the lower end.
fn across(s: &mut Sketch, x: &Axis, (top, bottom): (f64, f64), name: &str) -> f64 {
    if !x.log {
        return x.draw_below(s, (top, bottom), Unit::Count, name);
    }
    let mut free = f64::NEG_INFINITY;
    for t in x.round_ticks() {
        let (at, text) = (x.at(t), tick(t, Unit::Count));
        let half = s.text_width(&text, SMALL) / 2.0;
        s.line(vec![(at, top), (at, bottom)], GRID, 1.0);
        let middle = s.inside(at, 2.0 * half);
        if middle - half > free {
            s.text(middle, bottom + 6.0, &text, SMALL, Anchor::TOP, SOFT);
            free = middle + half + 6.0;
        }
    }
    s.text((x.start + x.end) / 2.0, bottom + 26.0, &s.fit(name, SMALL, x.end), SMALL, Anchor::TOP, SOFT);
    bottom + 26.0 + SMALL + 4.0
}

fn targets(s: &mut Sketch, panel: &Scatter, (x, y): (&Axis, &Axis), (top, bottom): (f64, f64)) {
    if let Some(fee) = panel.targets.0 {
        s.dashed(vec![(x.at(fee), top), (x.at(fee), bottom)], SOFT, 2.0, DASH);
    }
    if let Some(other) = panel.targets.1 {
        let at = y.at(other);
        s.dashed(vec![(x.start, at), (x.end, at)], SOFT, 2.0, DASH);
        let name = if panel.availability { availability(other) } else { format::value(other, Unit::Seconds) };
        let text = format!("{} {name}", if panel.availability { "≥" } else { "≤" });
        let above = s.text_box(x.end - 4.0, at - 9.0, &text, SMALL, Anchor::RIGHT);
        if s.is_clear(above) {
            s.plated((x.end - 4.0, at - 9.0), &text, SMALL, Anchor::RIGHT, SOFT);
        }
    }
}

fn whiskers(s: &mut Sketch, spot: &Spot, (x, y): (&Axis, &Axis)) {
    let at = (x.at(spot.x), y.at(spot.y));
    let color = lighter(rgb(if spot.marker == Marker::Star { Hue::Green } else { spot.hue }), 2);
    // Shorter ones are covered by the shape.
    let mut line = |from: (f64, f64), to: (f64, f64)| {
        if libm::hypot(to.0 - from.0, to.1 - from.1) > 2.0 * RADIUS - 2.0 {
            s.line(vec![from, to], WHITE, 4.0);
            s.line(vec![from, to], color, 2.0);
        }
    };
    if let Some((lo, hi)) = spot.x_interval {
        line((x.at(lo), at.1), (x.at(hi), at.1));
    }
    if let Some((lo, hi)) = spot.y_interval {
        line((at.0, y.at(lo)), (at.0, y.at(hi)));
    }
}

/// The number of a point where it hides nothing: above, below, to the sides, and a bit further.
fn label(s: &mut Sketch, spot: &Spot, at: (f64, f64), (left, right, top, bottom): (f64, f64, f64, f64)) {
    let text = s.fit(&spot.label, SMALL, (right - left) * 0.7);
    let (side, line) = (RADIUS + 7.0, RADIUS + 11.0);
    let places = [
        (0.0, -line, Anchor::MIDDLE),
        (0.0, line, Anchor::MIDDLE),
        (side, 0.0, Anchor::LEFT),
        (-side, 0.0, Anchor::RIGHT),
        (side, -line, Anchor::LEFT),
        (-side, -line, Anchor::RIGHT),
        (side, line, Anchor::LEFT),
        (-side, line, Anchor::RIGHT),
        (side, -2.0 * line, Anchor::LEFT),
        (-side, -2.0 * line, Anchor::RIGHT),
        (side, 2.0 * line, Anchor::LEFT),
        (-side, 2.0 * line, Anchor::RIGHT),
    ];
    for (dx, dy, anchor) in places {
        let place = s.text_box(at.0 + dx, at.1 + dy, &text, SMALL, anchor);
        let inside = place.0 > left + 2.0 && place.2 < right + 12.0 && place.1 > top && place.3 < bottom - 2.0;
        if inside && s.is_clear(place) {
            s.plated((at.0 + dx, at.1 + dy), &text, SMALL, anchor, INK);
            return;
        }
    }
}
