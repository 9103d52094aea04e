//! Drawing: a chart is laid out as plain shapes, and plotters puts the shapes on an SVG or a bitmap.

mod axis;
mod bars;
mod course;
mod curves;
mod heat;
mod legend;
mod marker;
mod scatter;
mod sketch;
mod stack;
mod tornado;
mod trend;

use plotters::prelude::{BitMapBackend, IntoDrawingArea, SVGBackend};

use self::sketch::{Anchor, INK, Sketch};
use super::{Chart, Panel};

/// Width of a chart in logical pixels unless another is asked for.
pub const WIDTH: u32 = 900;

/// The bitmap backend puts texts higher than SVG viewers do.
const BITMAP_NUDGE: f64 = 0.14;

const MARGIN: f64 = 18.0;
const TITLE: f64 = 19.0;
const GAP: f64 = 20.0;

/// Why a chart could not be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// The font that comes with the program can't be read.
    #[error("the chart font is unreadable")]
    Font,
    /// The drawing library failed.
    #[error("drawing failed: {0}")]
    Backend(String),
    /// The picture could not be encoded.
    #[error("PNG encoding failed: {0}")]
    Png(#[from] png::EncodingError),
    /// The picture would be too large or empty.
    #[error("a picture of {0} x {1} pixels is not possible")]
    Size(u32, u32),
}

/// Width and height in logical pixels that suit the chart.
///
/// # Errors
/// If the font is unreadable.
pub fn size(chart: &Chart) -> Result<(u32, u32), DrawError> {
    layout(chart, WIDTH).map(|sketch| sketch.size())
}

/// The chart as SVG, [`WIDTH`] wide.
///
/// # Errors
/// If the font is unreadable or the drawing library fails.
pub fn svg(chart: &Chart) -> Result<String, DrawError> {
    svg_at(chart, WIDTH)
}

/// The chart as SVG for another width (at least 320), such as a phone's: text keeps its size, the layout changes.
///
/// # Errors
/// As [`svg`].
pub fn svg_at(chart: &Chart, width: u32) -> Result<String, DrawError> {
    let sketch = layout(chart, width)?;
    let mut out = String::new();
    let area = SVGBackend::with_string(&mut out, sketch.size()).into_drawing_area();
    sketch.render(&area, 1.0, (0.0, 0.0), 0.0)?;
    area.present().map_err(|e| DrawError::Backend(e.to_string()))?;
    drop(area);
    Ok(out)
}

/// The chart as a PNG of this many pixels: scaled to fit, centred on white. Twice [`size`] is sharp on every screen.
///
/// # Errors
/// As [`svg`], or if the size is 0 or above 16,384 pixels a side.
pub fn png(chart: &Chart, width: u32, height: u32) -> Result<Vec<u8>, DrawError> {
    if !(1..=16_384).contains(&width) || !(1..=16_384).contains(&height) {
        return Err(DrawError::Size(width, height));
    }
    let sketch = layout(chart, WIDTH)?;
    let (w, h) = sketch.size();
    let scale = (f64::from(width) / f64::from(w)).min(f64::from(height) / f64::from(h));
    let offset = ((f64::from(width) - f64::from(w) * scale) / 2.0, (f64::from(height) - f64::from(h) * scale) / 2.0);
    let mut pixels = vec![255; width as usize * height as usize * 3];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        sketch.render(&area, scale, offset, BITMAP_NUDGE)?;
        area.present().map_err(|e| DrawError::Backend(e.to_string()))?;
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(out)
}

/// The chart's title and panels as shapes.
fn layout(chart: &Chart, width: u32) -> Result<Sketch, DrawError> {
    let width = f64::from(width.max(320));
    let mut s = Sketch::new(width)?;
    let mut y = MARGIN;
    for line in s.wrap(&chart.title, TITLE, width - 2.0 * MARGIN) {
        s.bold(MARGIN, y, &line, TITLE, Anchor::TOP_LEFT);
        y += TITLE + 6.0;
    }
    y += 6.0;
    let (labels, values) = bars::columns(&s, &chart.panels, width - 2.0 * MARGIN);
    for (i, panel) in chart.panels.iter().enumerate() {
        let frame = Frame { left: MARGIN, right: width - MARGIN, top: y, labels, values };
        let last = i + 1 == chart.panels.len();
        y = match panel {
            Panel::Bars(bars) => bars::draw(&mut s, bars, frame),
            Panel::Stack(stack) => stack::draw(&mut s, stack, frame),
            Panel::Curves(curves) => curves::draw(&mut s, curves, frame),
            Panel::Course(course) => course::draw(&mut s, course, frame, last),
            Panel::Heat(heat) => heat::draw(&mut s, heat, frame),
            Panel::Scatter(scatter) => scatter::draw(&mut s, scatter, frame),
            Panel::Tornado(tornado) => tornado::draw(&mut s, tornado, frame),
            Panel::Trend(trend) => trend::draw(&mut s, trend, frame, last),
            Panel::Empty(why) => {
                s.text((frame.left + frame.right) / 2.0, y + 36.0, why, 16.0, Anchor::MIDDLE, INK);
                y + 72.0
            }
        };
        y += if last { 0.0 } else { GAP };
    }
    s.end(y + MARGIN);
    Ok(s)
}

/// Where a panel goes; it says itself how far down it reaches.
#[derive(Clone, Copy, Debug)]
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    /// Room for the labels of bars on the left, the same in all panels; 0 if they go above the bars.
    labels: f64,
    /// Room for their values on the right.
    values: f64,
}

impl Frame {
    /// Where bars start, and where the longest may end.
    fn span(self) -> (f64, f64) {
        let indent = if self.labels > 0.0 { self.labels + 8.0 } else { 14.0 };
        (self.left + indent, self.right - self.values)
    }

    /// Room above each bar for its label.
    fn above(self) -> f64 {
        if self.labels > 0.0 { 0.0 } else { 18.0 }
    }
}

#[cfg(test)]
mod tests;
