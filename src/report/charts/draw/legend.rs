//! What the marks of a panel mean, in as many lines as it takes.

use plotters::style::RGBColor;

use super::Frame;
use super::marker;
use super::sketch::{Anchor, INK, SMALL, Sketch};
use crate::report::charts::{Hue, Marker};

/// A sample of a mark.
#[derive(Clone, Copy)]
pub(super) enum Key {
    /// A filled square.
    Swatch(RGBColor),
    /// A hatched square; rising lines or falling ones.
    Hatched(RGBColor, bool),
    /// A square with level lines.
    Ruled(RGBColor),
    /// An edge around a square.
    Outline(RGBColor),
    /// A line of dashes; a gap of 0 is a solid one.
    Line(RGBColor, f64, (f64, f64)),
    /// A band with a line in it.
    Band(RGBColor),
    /// A shape.
    Marker(Marker, Hue),
}

const SIDE: f64 = 13.0;
const LINE: f64 = 22.0;

/// Draws the entries from left to right and returns the lower end; nothing without entries.
pub(super) fn draw(s: &mut Sketch, entries: &[(Key, String)], frame: Frame, top: f64) -> f64 {
    if entries.is_empty() {
        return top;
    }
    let (mut x, mut y) = (frame.left, top);
    for (key, name) in entries {
        let sample = if matches!(key, Key::Line(..) | Key::Band(_)) { 26.0 } else { SIDE };
        let name = s.fit(name, SMALL, frame.right - frame.left - sample - 8.0);
        let width = sample + 7.0 + s.text_width(&name, SMALL) + 16.0;
        if x + width - 16.0 > frame.right && x > frame.left {
            (x, y) = (frame.left, y + LINE);
        }
        let (from, to, middle) = ((x, y), (x + sample, y + SIDE), y + SIDE / 2.0);
        match *key {
            Key::Swatch(color) => s.rect(from, to, color),
            Key::Hatched(color, rising) => {
                s.hatch(from, to, 4.0, rising, color);
                s.outline(from, to, color, 1.0);
            }
            Key::Ruled(color) => {
                s.ruled(from, to, 4.0, color);
                s.outline(from, to, color, 1.0);
            }
            Key::Outline(color) => s.outline((x + 1.0, y + 1.0), (x + SIDE - 1.0, y + SIDE - 1.0), color, 3.0),
            Key::Line(color, width, dash) => s.dashed(vec![(x, middle), (x + sample, middle)], color, width, dash),
            Key::Band(color) => s.rect((x, y), (x + sample, y + SIDE), color),
            Key::Marker(shape, hue) => marker::draw(s, shape, (x + SIDE / 2.0, middle), hue),
        }
        s.text(x + sample + 7.0, y + 7.0, &name, SMALL, Anchor::LEFT, INK);
        x += width;
    }
    y + LINE
}
