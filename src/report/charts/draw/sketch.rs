//! A picture as a list of shapes in logical pixels: what the layouts make and the backends draw.

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::{DrawingArea, DrawingBackend, FontStyle, RGBColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, IntoTextStyle, ShapeStyle, register_font};

use super::DrawError;
use crate::report::charts::Hue;
use crate::report::format;

/// Text and axes.
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
/// Secondary text.
pub(super) const SOFT: RGBColor = RGBColor(85, 85, 85);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(224, 224, 224);
/// Paper.
pub(super) const WHITE: RGBColor = RGBColor(255, 255, 255);

/// Size of axis labels and other small text.
pub(super) const SMALL: f64 = 13.0;
/// Size of bar labels and legends.
pub(super) const NORMAL: f64 = 14.0;

/// The colour of a hue (Okabe and Ito).
pub(super) fn rgb(hue: Hue) -> RGBColor {
    match hue {
        Hue::Black => RGBColor(0, 0, 0),
        Hue::Orange => RGBColor(230, 159, 0),
        Hue::SkyBlue => RGBColor(86, 180, 233),
        Hue::Green => RGBColor(0, 158, 115),
        Hue::Yellow => RGBColor(240, 228, 66),
        Hue::Blue => RGBColor(0, 114, 178),
        Hue::Vermilion => RGBColor(213, 94, 0),
        Hue::Purple => RGBColor(204, 121, 167),
        Hue::Grey => RGBColor(150, 150, 150),
    }
}

/// Which point of a text its coordinates name.
#[derive(Clone, Copy)]
pub(super) struct Anchor(HPos, VPos);

impl Anchor {
    pub(super) const TOP_LEFT: Self = Self(HPos::Left, VPos::Top);
    pub(super) const LEFT: Self = Self(HPos::Left, VPos::Center);
    pub(super) const RIGHT: Self = Self(HPos::Right, VPos::Center);
    pub(super) const MIDDLE: Self = Self(HPos::Center, VPos::Center);
    pub(super) const TOP: Self = Self(HPos::Center, VPos::Top);
}

/// One thing to draw.
#[derive(Clone)]
pub(super) enum Shape {
    Text { x: f64, y: f64, text: String, size: f64, anchor: Anchor, color: RGBColor, bold: bool },
    Line { points: Vec<(f64, f64)>, color: RGBColor, width: f64 },
    Rect { from: (f64, f64), to: (f64, f64), color: RGBColor },
    Area { points: Vec<(f64, f64)>, color: RGBColor },
    Dot { at: (f64, f64), radius: f64, color: RGBColor },
}

/// A left, top, right, bottom box.
pub(super) type Box = (f64, f64, f64, f64);

/// The shapes of a picture, in drawing order.
pub(super) struct Sketch {
    width: f64,
    height: f64,
    pub(super) shapes: Vec<Shape>,
    /// Where no label may go, besides other texts.
    taken: Vec<Box>,
}

impl Sketch {
    pub(super) fn new(width: f64) -> Result<Self, DrawError> {
        // The name is a generic family, so that an SVG uses the reader's own font; the metrics are those of the font that
        // comes with the program.
        static FONT: OnceLock<bool> = OnceLock::new();
        let usable =
            FONT.get_or_init(|| register_font("sans-serif", FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT).is_ok());
        if *usable { Ok(Self { width, height: 0.0, shapes: Vec::new(), taken: Vec::new() }) } else { Err(DrawError::Font) }
    }

    pub(super) fn end(&mut self, height: f64) {
        self.height = height;
    }

    pub(super) fn size(&self) -> (u32, u32) {
        (libm::ceil(self.width) as u32, libm::ceil(self.height) as u32)
    }

    pub(super) fn text(&mut self, x: f64, y: f64, text: &str, size: f64, anchor: Anchor, color: RGBColor) {
        self.shapes.push(Shape::Text { x, y, text: format::plain(text), size, anchor, color, bold: false });
    }

    pub(super) fn bold(&mut self, x: f64, y: f64, text: &str, size: f64, anchor: Anchor) {
        self.shapes.push(Shape::Text { x, y, text: format::plain(text), size, anchor, color: INK, bold: true });
    }

    /// A panel's heading in as many lines as it needs. Returns where the panel's own drawing may start.
    pub(super) fn heading(&mut self, (left, right): (f64, f64), top: f64, text: &str) -> f64 {
        let mut y = top;
        for line in self.wrap(text, NORMAL, right - left) {
            self.bold(left, y, &line, NORMAL, Anchor::TOP_LEFT);
            y += NORMAL + 4.0;
        }
        y + 8.0
    }

    pub(super) fn line(&mut self, points: Vec<(f64, f64)>, color: RGBColor, width: f64) {
        self.shapes.push(Shape::Line { points: thinned(points), color, width });
    }

    /// A line of dashes of `on` pixels with gaps of `off`; `off` 0 is a solid line.
    pub(super) fn dashed(&mut self, points: Vec<(f64, f64)>, color: RGBColor, width: f64, (on, off): (f64, f64)) {
        if off <= 0.0 {
            return self.line(points, color, width);
        }
        let (mut dash, mut left, mut drawing) = (Vec::new(), on, true);
        for pair in thinned(points).windows(2) {
            let ((mut x, mut y), end) = (pair[0], pair[1]);
            loop {
                let rest = libm::hypot(end.0 - x, end.1 - y);
                if drawing && dash.is_empty() {
                    dash.push((x, y));
                }
                let step = rest.min(left);
                if rest > 0.0 {
                    (x, y) = (x + (end.0 - x) * step / rest, y + (end.1 - y) * step / rest);
                }
                left -= step;
                if drawing {
                    dash.push((x, y));
                }
                if left > 0.0 {
                    break;
                }
                if drawing {
                    self.shapes.push(Shape::Line { points: std::mem::take(&mut dash), color, width });
                }
                drawing = !drawing;
                left = if drawing { on } else { off };
            }
        }
        if dash.len() > 1 {
            self.shapes.push(Shape::Line { points: dash, color, width });
        }
    }

    pub(super) fn rect(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor) {
        self.shapes.push(Shape::Rect { from, to, color });
    }

    pub(super) fn area(&mut self, points: Vec<(f64, f64)>, color: RGBColor) {
        self.shapes.push(Shape::Area { points, color });
    }

    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, color: RGBColor) {
        self.shapes.push(Shape::Dot { at, radius, color });
    }

    /// A rectangle's edge.
    pub(super) fn outline(&mut self, (l, t): (f64, f64), (r, b): (f64, f64), color: RGBColor, width: f64) {
        self.line(vec![(l, t), (r, t), (r, b), (l, b), (l, t)], color, width);
    }

    /// Lines across a rectangle, `step` apart, rising to the right or falling. The lines of neighbours meet: their places
    /// are those of the whole picture.
    pub(super) fn hatch(&mut self, (l, t): (f64, f64), (r, b): (f64, f64), step: f64, rising: bool, color: RGBColor) {
        // A rising line has one sum of x and y, a falling one has one difference: it is a rising one seen in a mirror.
        let flip = |x: f64| if rising { x } else { l + r - x };
        let mut sum = if rising { libm::ceil((l + t) / step) * step } else { l + r - libm::floor((r - t) / step) * step };
        while sum < r + b {
            let (low, high) = ((sum - b).max(l), (sum - t).min(r));
            self.shapes.push(Shape::Line { points: vec![(flip(low), sum - low), (flip(high), sum - high)], color, width: 1.0 });
            sum += step;
        }
    }

    /// Level lines across a rectangle.
    pub(super) fn ruled(&mut self, (l, t): (f64, f64), (r, b): (f64, f64), step: f64, color: RGBColor) {
        let mut y = libm::ceil(t / step + 1e-9) * step;
        while y < b {
            self.line(vec![(l, y), (r, y)], color, 1.0);
            y += step;
        }
    }

    /// A text on a white plate, for where lines may pass.
    pub(super) fn plated(&mut self, (x, y): (f64, f64), text: &str, size: f64, anchor: Anchor, color: RGBColor) {
        let (l, t, r, b) = self.text_box(x, y, text, size, anchor);
        // Texts are narrower than the room that is kept for them.
        let spare = (r - l) * 0.07;
        self.rect((l + spare, t), (r - spare, b + 1.0), WHITE);
        self.text(x, y, text, size, anchor, color);
    }

    /// Keeps labels away from a place.
    pub(super) fn take(&mut self, place: Box) {
        self.taken.push(place);
    }

    /// Width of a text. Readers' fonts are up to a sixth wider than the one measured, so that much is added.
    pub(super) fn text_width(&self, text: &str, size: f64) -> f64 {
        let width = font(size, false).box_size(text).map_or(text.chars().count() as f64 * size * 0.6, |(w, _)| f64::from(w));
        width * 1.16
    }

    /// The box that a text covers.
    pub(super) fn text_box(&self, x: f64, y: f64, text: &str, size: f64, anchor: Anchor) -> Box {
        let width = self.text_width(text, size);
        let left = match anchor.0 {
            HPos::Left => x,
            HPos::Center => x - width / 2.0,
            HPos::Right => x - width,
        };
        let top = match anchor.1 {
            VPos::Top => y,
            VPos::Center => y - size / 2.0,
            VPos::Bottom => y - size,
        };
        (left, top, left + width, top + size)
    }

    /// Whether a box touches no text so far and stays inside the picture.
    pub(super) fn is_free(&self, (left, top, right, bottom): Box) -> bool {
        let clear = |shape: &Shape| match shape {
            Shape::Text { x, y, text, size, anchor, .. } => {
                let (l, t, r, b) = self.text_box(*x, *y, text, *size, *anchor);
                right < l || r < left || bottom < t || b < top
            }
            Shape::Line { .. } | Shape::Rect { .. } | Shape::Area { .. } | Shape::Dot { .. } => true,
        };
        left >= 0.0 && right <= self.width && self.shapes.iter().all(clear)
    }

    /// Whether a label there hides nothing: neither a text nor a place that is taken.
    pub(super) fn is_clear(&self, (left, top, right, bottom): Box) -> bool {
        let apart = |(l, t, r, b): &Box| right < *l || *r < left || bottom < *t || *b < top;
        self.is_free((left, top, right, bottom)) && self.taken.iter().all(apart)
    }

    /// The middle of a text of this width that is wanted at `x`, moved so that the text stays in the picture.
    pub(super) fn inside(&self, x: f64, width: f64) -> f64 {
        x.clamp(width / 2.0, (self.width - width / 2.0).max(width / 2.0))
    }

    /// The text, or as much of it as fits with an ellipsis.
    pub(super) fn fit(&self, text: &str, size: f64, width: f64) -> String {
        if self.text_width(text, size) <= width {
            return text.to_owned();
        }
        let mut short = text.to_owned();
        while short.pop().is_some() {
            let candidate = format!("{}…", short.trim_end());
            if self.text_width(&candidate, size) <= width {
                return candidate;
            }
        }
        String::new()
    }

    /// The text in lines of at most this width; a word that is longer is cut.
    pub(super) fn wrap(&self, text: &str, size: f64, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            let word = self.fit(word, size, width);
            match lines.last_mut() {
                Some(line) if self.text_width(&format!("{line} {word}"), size) <= width => {
                    line.push(' ');
                    line.push_str(&word);
                }
                _ => lines.push(word),
            }
        }
        lines
    }

    /// Puts the shapes on a white drawing area, enlarged by `scale` and moved by `offset`; texts go down by `nudge` of
    /// their size.
    pub(super) fn render<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
        scale: f64,
        offset: (f64, f64),
        nudge: f64,
    ) -> Result<(), DrawError> {
        let at = |(x, y): (f64, f64)| ((x * scale + offset.0 + 0.5) as i32, (y * scale + offset.1 + 0.5) as i32);
        let px = |x: f64| ((x * scale + 0.5) as u32).max(1);
        let failed = |e: &dyn std::fmt::Display| DrawError::Backend(e.to_string());
        area.fill(&WHITE).map_err(|e| failed(&e))?;
        for shape in &self.shapes {
            let drawn = match shape {
                Shape::Text { x, y, text, size, anchor, color, bold } => {
                    let style = font(size * scale, *bold).into_text_style(area).color(color).pos(Pos::new(anchor.0, anchor.1));
                    area.draw(&Text::new(text.as_str(), at((*x, *y + nudge * size)), style))
                }
                Shape::Line { points, color, width } => {
                    let style = ShapeStyle { color: color.to_rgba(), filled: false, stroke_width: px(*width) };
                    area.draw(&PathElement::new(points.iter().copied().map(at).collect::<Vec<_>>(), style))
                }
                Shape::Rect { from, to, color } => area.draw(&Rectangle::new([at(*from), at(*to)], color.filled())),
                Shape::Area { points, color } => {
                    area.draw(&Polygon::new(points.iter().copied().map(at).collect::<Vec<_>>(), color.filled()))
                }
                Shape::Dot { at: center, radius, color } => area.draw(&Circle::new(at(*center), px(*radius), color.filled())),
            };
            drawn.map_err(|e| failed(&e))?;
        }
        Ok(())
    }
}

/// The font at a size in CSS pixels; plotters counts 1.24 times as many.
fn font(size: f64, bold: bool) -> FontDesc<'static> {
    FontDesc::new(FontFamily::SansSerif, size * 1.24, if bold { FontStyle::Bold } else { FontStyle::Normal })
}

/// A colour mixed with white: `parts` 2 is half of each, 4 a quarter of the colour.
pub(super) fn lighter(c: RGBColor, parts: u8) -> RGBColor {
    let mix = |v: u8| 255 - (255 - v) / parts.max(1);
    RGBColor(mix(c.0), mix(c.1), mix(c.2))
}

/// Drops points that lie within half a pixel of the one before: a histogram has far more than a picture can show.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let last = points.len().saturating_sub(1);
    let mut out: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    for (i, p) in points.into_iter().enumerate() {
        let near = out.last().is_some_and(|q| (p.0 - q.0).abs() < 0.5 && (p.1 - q.1).abs() < 0.5);
        if !near || i == last {
            out.push(p);
        }
    }
    out
}
