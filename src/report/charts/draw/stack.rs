//! Horizontal bars cut into parts, with a legend.

use super::Frame;
use super::axis::Axis;
use super::bars::label;
use super::legend::{self, Key};
use super::sketch::{Anchor, INK, SMALL, Sketch, WHITE, rgb};
use crate::report::charts::{Hue, Stack};
use crate::report::format::{self, Unit};

const ROW: f64 = 34.0;
const BAR: f64 = 24.0;

/// Draws the panel and returns its lower end.
pub(super) fn draw(s: &mut Sketch, panel: &Stack, frame: Frame) -> f64 {
    let top = s.heading((frame.left, frame.right), frame.top, &panel.title);
    let entries: Vec<(Key, String)> = panel.parts.iter().map(|(name, hue)| (Key::Swatch(rgb(*hue)), name.clone())).collect();
    let top = legend::draw(s, &entries, frame, top) + 6.0;
    let row = ROW + frame.above();
    let bottom = top + row * panel.rows.len() as f64;
    let (start, end) = frame.span();
    let high = panel.rows.iter().map(|(_, values)| values.iter().sum()).fold(0.0, f64::max);
    let high = if panel.unit == Unit::Share { 1.0 } else { high };
    let axis = Axis::linear(high, start, end, 5);
    let lower = axis.draw_below(s, (top, bottom), panel.unit, &panel.axis);
    for (i, (name, values)) in panel.rows.iter().enumerate() {
        let y = top + row * (i + 1) as f64 - ROW / 2.0;
        label(s, name, frame, y);
        let mut from = 0.0;
        for (value, (_, hue)) in values.iter().zip(&panel.parts) {
            let (left, right) = (axis.at(from), axis.at(from + value));
            from += value;
            s.rect((left, y - BAR / 2.0), (right, y + BAR / 2.0), rgb(*hue));
            if right - left > 3.0 {
                s.line(vec![(right, y - BAR / 2.0), (right, y + BAR / 2.0)], WHITE, 1.0);
            }
            let text = format::value(*value, panel.unit);
            if s.text_width(&text, SMALL) + 8.0 < right - left {
                s.text((left + right) / 2.0, y, &text, SMALL, Anchor::MIDDLE, if is_dark(*hue) { WHITE } else { INK });
            }
        }
    }
    lower
}

fn is_dark(hue: Hue) -> bool {
    matches!(hue, Hue::Black | Hue::Blue | Hue::Vermilion | Hue::Green)
}
