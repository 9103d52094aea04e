//! Horizontal bars with whiskers and their values in figures.

use super::Frame;
use super::axis::Axis;
use super::sketch::{Anchor, INK, NORMAL, SMALL, Sketch, WHITE, rgb};
use crate::report::charts::Bars;

const ROW: f64 = 28.0;
const BAR: f64 = 16.0;

/// Draws the panel and returns its lower end.
pub(super) fn draw(s: &mut Sketch, panel: &Bars, frame: Frame) -> f64 {
    s.bold(frame.left, frame.top, &panel.title, NORMAL, Anchor::TOP_LEFT);
    let top = frame.top + 26.0;
    let bottom = top + ROW * panel.bars.len() as f64;
    let labels = label_width(s, panel.bars.iter().map(|b| b.label.as_str()), frame);
    let values = panel.bars.iter().map(|b| s.text_width(&b.text, SMALL)).fold(0.0, f64::max) + 12.0;
    let (start, end) = (frame.left + labels + 8.0, frame.right - values);
    let axis = scale(panel, start, end);
    let lower = axis.draw_below(s, (top, bottom), panel.unit, &panel.axis);
    for (i, bar) in panel.bars.iter().enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        let label = s.fit(&bar.label, NORMAL, labels);
        s.text(start - 8.0, y, &label, NORMAL, Anchor::RIGHT, INK);
        // A bar that is there is seen: at least one pixel.
        let tip = axis.at(bar.mean).max(start + f64::from(u8::from(bar.mean > 0.0)));
        s.rect((start, y - BAR / 2.0), (tip, y + BAR / 2.0), rgb(bar.color));
        let mut right = tip;
        if let Some((lo, hi)) = bar.interval.filter(|(lo, hi)| hi > lo) {
            whisker(s, (axis.at(lo), axis.at(hi)), y);
            right = right.max(axis.at(hi));
        }
        s.text(right + 8.0, y, &bar.text, SMALL, Anchor::LEFT, INK);
    }
    lower
}

/// Room for the labels: what they need, at most a third of the width.
pub(super) fn label_width<'a>(s: &Sketch, labels: impl Iterator<Item = &'a str>, frame: Frame) -> f64 {
    let widest = labels.map(|label| s.text_width(label, NORMAL)).fold(0.0, f64::max);
    widest.min((frame.right - frame.left) * 0.36)
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
