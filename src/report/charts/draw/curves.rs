//! Share of requests that took longer than x, on logarithmic axes, with the usual quantiles marked.

use super::Frame;
use super::axis::{Axis, tick};
use super::sketch::{Anchor, GRID, INK, NORMAL, SMALL, SOFT, Sketch, WHITE, rgb};
use crate::report::charts::{Curve, Curves, Hue};
use crate::report::format::{self, Unit};

const HEIGHT: f64 = 330.0;

/// Times are written beside the dots of at most this many curves; of more, one could not say whose they are.
const MOST_LABELLED: usize = 3;

/// Dashes tell curves apart without colour.
const DASHES: [(f64, f64); 6] = [(1.0, 0.0), (9.0, 5.0), (2.0, 4.0), (16.0, 4.0), (5.0, 3.0), (12.0, 10.0)];

/// Draws the panel and returns its lower end.
pub(super) fn draw(s: &mut Sketch, panel: &Curves, frame: Frame) -> f64 {
    let top = legend(s, panel, frame) + 30.0;
    s.text(frame.left, top - 28.0, &panel.share, SMALL, Anchor::TOP_LEFT, SOFT);
    let bottom = top + HEIGHT;
    let points = || panel.curves.iter().flat_map(|c| c.points.iter());
    let rarest = points().map(|(_, share)| *share).fold(1.0, f64::min).clamp(1e-6, 5e-3);
    let y = Axis::logarithmic(rarest, 1.0, bottom, top);
    let labels = y.ticks(8).iter().map(|t| s.text_width(&tick(*t, Unit::Share), SMALL)).fold(0.0, f64::max);
    let start = frame.left + labels + 8.0;
    // The first point of a distribution is its smallest bucket: cut where next to nothing has happened yet.
    let begin = points().filter(|(_, share)| *share <= 0.9995).map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
    let end = points().map(|(x, _)| *x).fold(0.0, f64::max);
    let begin = if begin.is_finite() && begin < end { begin } else { end / 10.0 };
    let x = Axis::logarithmic(begin, end, start, frame.right - 44.0);
    let x = Axis { low: begin.max(x.low), high: end.min(x.high).max(begin * 2.0), ..x };
    x_axis(s, &x, (top, bottom), &panel.axis);
    for t in y.ticks(8) {
        s.line(vec![(x.start, y.at(t)), (x.end, y.at(t))], GRID, 1.0);
        s.text(x.start - 8.0, y.at(t), &tick(t, Unit::Share), SMALL, Anchor::RIGHT, SOFT);
    }
    for (name, share) in &panel.marks {
        s.dashed(vec![(x.start, y.at(*share)), (x.end, y.at(*share))], SOFT, 1.0, (3.0, 4.0));
        s.text(x.end + 6.0, y.at(*share), name, SMALL, Anchor::LEFT, INK);
    }
    s.line(vec![(x.start, top), (x.start, bottom), (x.end, bottom)], INK, 1.0);
    for (i, curve) in panel.curves.iter().enumerate() {
        let inside = curve.points.iter().filter(|(t, _)| *t >= x.low).map(|(t, share)| (x.at(*t), y.at(*share)));
        s.dashed(inside.collect(), rgb(Hue::nth(i)), 2.0, DASHES[i % DASHES.len()]);
    }
    for (i, curve) in panel.curves.iter().enumerate() {
        quantiles(s, curve, panel, (&x, &y), Hue::nth(i));
    }
    bottom + 29.0 + SMALL + 4.0
}

/// Dots where a curve crosses a mark, with the time beside it where there is room.
fn quantiles(s: &mut Sketch, curve: &Curve, panel: &Curves, (x, y): (&Axis, &Axis), hue: Hue) {
    for (_, share) in &panel.marks {
        let Some((time, _)) = curve.points.iter().find(|(t, p)| p <= share && *t >= x.low) else { continue };
        let at = (x.at(*time), y.at(*share));
        s.dot(at, 5.0, WHITE);
        s.dot(at, 4.0, rgb(hue));
        if panel.curves.len() > MOST_LABELLED {
            continue;
        }
        let text = format::value(*time, Unit::Seconds);
        // Right above the line first, then left below it.
        for (dx, dy, anchor) in [(8.0, -10.0, Anchor::LEFT), (-8.0, 11.0, Anchor::RIGHT)] {
            let place = s.text_box(at.0 + dx, at.1 + dy, &text, SMALL, anchor);
            if s.is_free(place) && place.0 > x.start && place.2 < x.end {
                s.text(at.0 + dx, at.1 + dy, &text, SMALL, anchor, INK);
                break;
            }
        }
    }
}

/// Powers of ten with 2 and 5 between them, as many as there is room for.
fn x_axis(s: &mut Sketch, x: &Axis, (top, bottom): (f64, f64), name: &str) {
    let mut free = f64::NEG_INFINITY;
    for value in x.round_ticks() {
        let (at, text) = (x.at(value), tick(value, Unit::Seconds));
        let half = s.text_width(&text, SMALL) / 2.0;
        s.line(vec![(at, top), (at, bottom)], GRID, 1.0);
        if at - half > free {
            s.text(at, bottom + 9.0, &text, SMALL, Anchor::TOP, SOFT);
            free = at + half + 4.0;
        }
    }
    s.text((x.start + x.end) / 2.0, bottom + 29.0, name, SMALL, Anchor::TOP, SOFT);
}

/// Dashes with names. Returns the lower end.
fn legend(s: &mut Sketch, panel: &Curves, frame: Frame) -> f64 {
    let (mut x, mut y) = (frame.left, frame.top);
    for (i, curve) in panel.curves.iter().enumerate() {
        let name = s.fit(&curve.label, NORMAL, frame.right - frame.left - 60.0);
        let width = 44.0 + s.text_width(&name, NORMAL) + 18.0;
        if x + width > frame.right && x > frame.left {
            (x, y) = (frame.left, y + 22.0);
        }
        s.dashed(vec![(x, y + 8.0), (x + 36.0, y + 8.0)], rgb(Hue::nth(i)), 3.0, DASHES[i % DASHES.len()]);
        s.text(x + 44.0, y + 8.0, &name, NORMAL, Anchor::LEFT, INK);
        x += width;
    }
    y + 24.0
}
