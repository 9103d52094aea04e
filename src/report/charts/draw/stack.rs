//! Horizontal bars cut into parts, with a legend.

use super::Frame;
use super::axis::Axis;
use super::bars::label_width;
use super::sketch::{Anchor, INK, NORMAL, SMALL, Sketch, WHITE, rgb};
use crate::report::charts::{Hue, Stack};
use crate::report::format::{self, Unit};

const ROW: f64 = 34.0;
const BAR: f64 = 24.0;

/// Draws the panel and returns its lower end.
pub(super) fn draw(s: &mut Sketch, panel: &Stack, frame: Frame) -> f64 {
    s.bold(frame.left, frame.top, &panel.title, NORMAL, Anchor::TOP_LEFT);
    let top = legend(s, &panel.parts, frame, frame.top + 26.0) + 6.0;
    let bottom = top + ROW * panel.rows.len() as f64;
    let labels = label_width(s, panel.rows.iter().map(|(label, _)| label.as_str()), frame);
    let (start, end) = (frame.left + labels + 8.0, frame.right - 24.0);
    let high = panel.rows.iter().map(|(_, values)| values.iter().sum()).fold(0.0, f64::max);
    let high = if panel.unit == Unit::Share { 1.0 } else { high };
    let axis = Axis::linear(high, start, end, 5);
    let lower = axis.draw_below(s, (top, bottom), panel.unit, &panel.axis);
    for (i, (label, values)) in panel.rows.iter().enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        let label = s.fit(label, NORMAL, labels);
        s.text(start - 8.0, y, &label, NORMAL, Anchor::RIGHT, INK);
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

/// Squares with names, in as many lines as they need. Returns the lower end.
fn legend(s: &mut Sketch, parts: &[(String, Hue)], frame: Frame, top: f64) -> f64 {
    let (mut x, mut y) = (frame.left, top);
    for (name, hue) in parts {
        let width = 20.0 + s.text_width(name, SMALL) + 16.0;
        if x + width > frame.right && x > frame.left {
            (x, y) = (frame.left, y + 22.0);
        }
        s.rect((x, y), (x + 13.0, y + 13.0), rgb(*hue));
        s.text(x + 20.0, y + 7.0, name, SMALL, Anchor::LEFT, INK);
        x += width;
    }
    y + 22.0
}

fn is_dark(hue: Hue) -> bool {
    matches!(hue, Hue::Black | Hue::Blue | Hue::Vermilion | Hue::Green)
}
