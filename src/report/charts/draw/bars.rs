//! Horizontal bars with whiskers and their values in figures.

use super::Frame;
use super::axis::Axis;
use super::sketch::{Anchor, INK, NORMAL, SMALL, Sketch, WHITE, rgb};
use crate::report::charts::{Bars, Panel};

const ROW: f64 = 28.0;
const BAR: f64 = 16.0;

/// Draws the panel and returns its lower end.
pub(super) fn draw(s: &mut Sketch, panel: &Bars, frame: Frame) -> f64 {
    let top = s.heading((frame.left, frame.right), frame.top, &panel.title);
    let row = ROW + frame.above();
    let bottom = top + row * panel.bars.len() as f64;
    let (start, end) = frame.span();
    let axis = scale(panel, start, end);
    let lower = axis.draw_below(s, (top, bottom), panel.unit, &panel.axis);
    for (i, bar) in panel.bars.iter().enumerate() {
        let y = top + row * (i + 1) as f64 - ROW / 2.0;
        label(s, &bar.label, frame, y);
        // A bar that is there is seen: at least one pixel.
        let tip = axis.at(bar.mean).max(start + f64::from(u8::from(bar.mean > 0.0)));
        s.rect((start, y - BAR / 2.0), (tip, y + BAR / 2.0), rgb(bar.color));
        let mut right = tip;
        if let Some((lo, hi)) = bar.interval.filter(|(lo, hi)| axis.at(*hi) - axis.at(*lo) >= 3.0) {
            // A shorter one would only be a blot.
            whisker(s, (axis.at(lo), axis.at(hi)), y);
            right = right.max(axis.at(hi));
        }
        s.text(right + 8.0, y, &bar.text, SMALL, Anchor::LEFT, INK);
    }
    lower
}

/// The label of a bar at height `y`: left of it, or above it where there is no room on the left.
pub(super) fn label(s: &mut Sketch, text: &str, frame: Frame, y: f64) {
    let (start, _) = frame.span();
    if frame.labels > 0.0 {
        s.text(start - 8.0, y, text, NORMAL, Anchor::RIGHT, INK);
    } else {
        let text = s.fit(text, NORMAL, frame.right - frame.left);
        s.text(start, y - ROW / 2.0 - 7.0, &text, NORMAL, Anchor::LEFT, INK);
    }
}

/// Room for labels and values of all bars of a chart, so that its panels line up. Labels that need more than about a third
/// of the width get none: they go above their bars.
pub(super) fn columns(s: &Sketch, panels: &[Panel], width: f64) -> (f64, f64) {
    let (mut labels, mut values) = (0.0_f64, 24.0_f64);
    for panel in panels {
        match panel {
            Panel::Bars(panel) => {
                for bar in &panel.bars {
                    labels = labels.max(s.text_width(&bar.label, NORMAL));
                    values = values.max(s.text_width(&bar.text, SMALL) + 12.0);
                }
            }
            Panel::Stack(panel) => {
                labels = panel.rows.iter().map(|(label, _)| s.text_width(label, NORMAL)).fold(labels, f64::max);
            }
            _ => {}
        }
    }
    (if labels > width * 0.36 { 0.0 } else { labels }, values)
}

fn scale(panel: &Bars, start: f64, end: f64) -> Axis {
    let ends = panel.bars.iter().map(|b| b.interval.map_or(b.mean, |(_, hi)| hi.max(b.mean)));
    let high = ends.fold(panel.at_least, f64::max);
    if !panel.log {
        return Axis::linear(high, start, end, 5);
    }
    let low = panel.bars.iter().map(|b| b.interval.map_or(b.mean, |(lo, _)| lo.min(b.mean))).filter(|x| *x > 0.0);
    // A bar needs a start: a decade below the smallest value, and no further than one in a hundred million.
    let low = low.fold(high, f64::min).max(1e-7);
    Axis::logarithmic(low / 2.0, high.max(low), start, end)
}

fn whisker(s: &mut Sketch, (lo, hi): (f64, f64), y: f64) {
    // White under black is seen on every bar.
    s.line(vec![(lo, y), (hi, y)], WHITE, 4.0);
    s.line(vec![(lo, y), (hi, y)], INK, 2.0);
    for x in [lo, hi] {
        s.line(vec![(x, y - 5.0), (x, y + 5.0)], INK, 2.0);
    }
}
