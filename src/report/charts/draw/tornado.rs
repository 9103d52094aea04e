//! Bars from a base to both sides.

use super::Frame;
use super::axis::Axis;
use super::sketch::{Anchor, INK, NORMAL, SMALL, SOFT, Sketch, WHITE, rgb};
use crate::report::charts::tornado::{End, Tornado};
use crate::report::format::{self, Unit};

const BAR: f64 = 14.0;
const LINE: f64 = 22.0;
const GAP: f64 = 10.0;
/// Narrower charts have their texts above the bars.
const NARROW: f64 = 560.0;

/// Draws the panel and returns its lower end.
pub(super) fn draw(s: &mut Sketch, panel: &Tornado, frame: Frame) -> f64 {
    let top = s.heading((frame.left, frame.right), frame.top, &panel.title) + SMALL + 6.0;
    let room = frame.right - frame.left;
    let narrow = room < NARROW;
    let ends = || panel.swings.iter().flat_map(|swing| &swing.ends);
    let labels = panel.swings.iter().map(|swing| s.text_width(&swing.label, NORMAL)).fold(0.0, f64::max).min(room * 0.25) + 12.0;
    // Texts stand at the ends of the bars, on the side to which they go.
    let room_for = |below: bool| {
        let there = ends().filter(|end| (end.value.unwrap_or(panel.base) < panel.base) == below);
        there.map(|end| s.text_width(&end.text, SMALL) + 12.0).fold(0.0, f64::max)
    };
    let (start, end) = if narrow {
        (frame.left + 6.0, frame.right - 6.0)
    } else {
        (frame.left + labels + room_for(true), frame.right - room_for(false))
    };
    let (start, end) = if end - start > 120.0 { (start, end) } else { (frame.left + labels, frame.right - 20.0) };
    let spread = ends().flat_map(|end| end.value.into_iter().chain(end.interval.map(|i| i.0)).chain(end.interval.map(|i| i.1)));
    let (low, high) = spread.fold((panel.base, panel.base), |(low, high), x| (low.min(x), high.max(x)));
    let axis = Axis::around(low, high, start, end, 5);
    let height = |swing: &crate::report::charts::tornado::Swing| {
        let lines = swing.ends.len().max(1) as f64;
        GAP + if narrow { LINE + lines * (LINE + SMALL + 2.0) } else { lines * LINE }
    };
    let bottom = top + panel.swings.iter().map(height).sum::<f64>();
    let lower = grid(s, &axis, (top, bottom), panel);
    let at = axis.at(panel.base);
    s.line(vec![(at, top - 4.0), (at, bottom)], INK, 2.0);
    let mut y = top;
    for swing in &panel.swings {
        let full = height(swing);
        let mut row = y + GAP / 2.0;
        if narrow {
            let text = s.fit(&swing.label, NORMAL, room);
            let width = s.text_width(&text, NORMAL);
            s.rect((frame.left, row), (frame.left + width, row + NORMAL + 5.0), WHITE);
            s.bold(frame.left, row + 2.0, &text, NORMAL, Anchor::TOP_LEFT);
            row += LINE;
        } else {
            let text = s.fit(&swing.label, NORMAL, labels - 4.0);
            s.text(frame.left, y + full / 2.0, &text, NORMAL, Anchor::LEFT, INK);
        }
        for end in &swing.ends {
            if narrow {
                let text = s.fit(&end.text, SMALL, room);
                s.plated((frame.left, row + 2.0), &text, SMALL, Anchor::TOP_LEFT, INK);
                row += SMALL + 2.0;
            }
            bar(s, end, panel.base, &axis, row + LINE / 2.0, !narrow);
            row += LINE;
        }
        y += full;
    }
    lower
}

/// Grid, ticks, and what the base is. Returns the lower end.
fn grid(s: &mut Sketch, axis: &Axis, (top, bottom): (f64, f64), panel: &Tornado) -> f64 {
    // Steps to both sides of the base read as differences.
    let lower = if panel.base == 0.0 && panel.unit == Unit::Count {
        signed(s, axis, (top, bottom), &panel.axis)
    } else {
        axis.draw_below(s, (top, bottom), panel.unit, &panel.axis)
    };
    let width = s.text_width(&panel.base_text, SMALL);
    let middle = s.inside(axis.at(panel.base), width);
    s.text(middle, top - 6.0 - SMALL, &panel.base_text, SMALL, Anchor::TOP, SOFT);
    lower
}

fn signed(s: &mut Sketch, axis: &Axis, (top, bottom): (f64, f64), name: &str) -> f64 {
    let mut free = f64::NEG_INFINITY;
    for t in axis.ticks(5) {
        let size = format::value(t.abs(), Unit::Count);
        let text = match t {
            t if t > 1e-12 => format!("+{size}"),
            t if t < -1e-12 => format!("-{size}"),
            _ => "0".to_owned(),
        };
        let x = axis.at(t);
        let half = s.text_width(&text, SMALL) / 2.0;
        s.line(vec![(x, top), (x, bottom)], super::sketch::GRID, 1.0);
        let middle = s.inside(x, 2.0 * half);
        if middle - half > free {
            s.text(middle, bottom + 6.0, &text, SMALL, Anchor::TOP, SOFT);
            free = middle + half + 6.0;
        }
    }
    s.line(vec![(axis.start, bottom), (axis.end, bottom)], INK, 1.0);
    let name = s.fit(name, SMALL, axis.end - axis.start + 160.0);
    let middle = s.inside((axis.start + axis.end) / 2.0, s.text_width(&name, SMALL));
    s.text(middle, bottom + 26.0, &name, SMALL, Anchor::TOP, SOFT);
    bottom + 26.0 + SMALL + 4.0
}

fn bar(s: &mut Sketch, end: &End, base: f64, axis: &Axis, y: f64, with_text: bool) {
    let from = axis.at(base);
    let Some(value) = end.value else {
        if with_text {
            s.text(from + 8.0, y, &end.text, SMALL, Anchor::LEFT, SOFT);
        }
        return;
    };
    let tip = axis.at(value);
    let (left, right) = (from.min(tip), from.max(tip).max(from.min(tip) + 1.0));
    let (upper, lower) = (y - BAR / 2.0, y + BAR / 2.0);
    s.rect((left, upper), (right, lower), rgb(end.hue));
    if end.missed && right - left > 3.0 {
        s.hatch((left, upper), (right, lower), 5.0, true, INK);
    }
    let mut outer = if value < base { left } else { right };
    if let Some((lo, hi)) = end.interval.filter(|(lo, hi)| axis.at(*hi) - axis.at(*lo) >= 3.0) {
        let (lo, hi) = (axis.at(lo), axis.at(hi));
        s.line(vec![(lo, y), (hi, y)], WHITE, 4.0);
        s.line(vec![(lo, y), (hi, y)], INK, 2.0);
        for x in [lo, hi] {
            s.line(vec![(x, y - 4.0), (x, y + 4.0)], INK, 2.0);
        }
        outer = if value < base { outer.min(lo) } else { outer.max(hi) };
    }
    if with_text {
        let (x, anchor) = if value < base { (outer - 8.0, Anchor::RIGHT) } else { (outer + 8.0, Anchor::LEFT) };
        s.text(x, y, &end.text, SMALL, anchor, INK);
    }
}
