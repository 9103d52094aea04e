//! A figure over two settings as shaded cells.

use plotters::style::RGBColor;

use super::Frame;
use super::axis::tick;
use super::legend::{self, Key};
use super::marker;
use super::sketch::{Anchor, INK, NORMAL, SMALL, SOFT, Sketch, WHITE};
use crate::report::charts::heat_map::{self, Cell, Heat, State};
use crate::report::charts::{Hue, Marker};

/// Size of a cell's second line.
const TINY: f64 = 11.0;
const WIDEST: f64 = 150.0;
const HIGHEST: f64 = 46.0;
const LOWEST: f64 = 12.0;
/// Height of a map with many rows.
const HEIGHT: f64 = 520.0;

/// Shades from light to dark, the darkness in even steps so that they are told apart in grey (after ColorBrewer's "Blues").
const SHADES: [RGBColor; 5] =
    [RGBColor(239, 246, 252), RGBColor(189, 215, 238), RGBColor(107, 174, 214), RGBColor(40, 114, 178), RGBColor(8, 48, 107)];

/// Where the cells lie.
struct Grid {
    left: f64,
    top: f64,
    cell: (f64, f64),
    rows: usize,
}

impl Grid {
    /// The pixel of a corner counted from the bottom left.
    fn corner(&self, (column, row): (usize, usize)) -> (f64, f64) {
        (self.left + column as f64 * self.cell.0, self.top + (self.rows - row.min(self.rows)) as f64 * self.cell.1)
    }
}

/// Draws the panel and returns its lower end.
pub(super) fn draw(s: &mut Sketch, panel: &Heat, frame: Frame) -> f64 {
    let mut top = frame.top;
    if !panel.title.is_empty() {
        top = s.heading((frame.left, frame.right), top, &panel.title);
    }
    if let Some(key) = &panel.key {
        top = scale(s, panel, frame, top);
        top = legend::draw(s, &entries(key), frame, top) + 8.0;
    }
    let (columns, rows) = (panel.x.1.len().max(1), panel.cells.len().max(1));
    let room = frame.right - frame.left;
    let labels = panel.y.1.iter().map(|text| s.text_width(text, SMALL)).fold(0.0, f64::max).min(room * 0.48) + 10.0;
    s.text(frame.left, top, &s.fit(&panel.y.0, SMALL, room), SMALL, Anchor::TOP_LEFT, SOFT);
    top += SMALL + 8.0;
    let width = ((room - labels) / columns as f64).min(WIDEST);
    let height = (HEIGHT / rows as f64).clamp(LOWEST, HIGHEST);
    let grid = Grid { left: frame.left + labels, top, cell: (width, height), rows };
    cells(s, panel, &grid);
    contour(s, panel, &grid);
    marks(s, panel, &grid);
    axes(s, panel, &grid, frame)
}

/// The scale: its ends as figures beside the shades.
fn scale(s: &mut Sketch, panel: &Heat, frame: Frame, top: f64) -> f64 {
    let words = format!("{}:", panel.shade);
    let mut x = frame.left;
    s.text(x, top + 7.0, &words, SMALL, Anchor::LEFT, INK);
    x += s.text_width(&words, SMALL) + 8.0;
    let (low, high) = (tick(panel.range.0, panel.unit), tick(panel.range.1, panel.unit));
    let needed = s.text_width(&low, SMALL) + s.text_width(&high, SMALL) + 140.0;
    let mut y = top;
    if x + needed > frame.right {
        (x, y) = (frame.left, top + 22.0);
    }
    s.text(x, y + 7.0, &low, SMALL, Anchor::LEFT, INK);
    x += s.text_width(&low, SMALL) + 6.0;
    const STEPS: u32 = 24;
    const WIDTH: f64 = 5.0;
    for i in 0..STEPS {
        let from = x + f64::from(i) * WIDTH;
        s.rect((from, y), (from + WIDTH, y + 13.0), shade((f64::from(i) + 0.5) / f64::from(STEPS)));
    }
    let end = x + f64::from(STEPS) * WIDTH;
    s.outline((x, y), (end, y + 13.0), SOFT, 1.0);
    s.text(end + 6.0, y + 7.0, &high, SMALL, Anchor::LEFT, INK);
    y + 24.0
}

fn entries(key: &heat_map::Key) -> Vec<(Key, String)> {
    let all = [
        (Key::Hatched(INK, true), &key.missed),
        (Key::Hatched(INK, false), &key.undecided),
        (Key::Ruled(INK), &key.screened),
        (Key::Line(INK, 3.0, (1.0, 0.0)), &key.contour),
        (Key::Outline(INK), &key.marked),
        (Key::Marker(Marker::Star, Hue::Green), &key.best),
    ];
    all.into_iter().filter(|(_, text)| !text.is_empty()).map(|(key, text)| (key, text.clone())).collect()
}

fn cells(s: &mut Sketch, panel: &Heat, grid: &Grid) {
    let (width, height) = grid.cell;
    let all = || panel.cells.iter().flatten();
    let widest = |text: fn(&Cell) -> &str, size: f64| all().map(|cell| s.text_width(text(cell), size)).fold(0.0, f64::max);
    // All cells have their figures, or none: a map with holes reads as if something were missing.
    let size = [SMALL, TINY].into_iter().find(|size| widest(|cell| &cell.text, *size) + 4.0 < width && height >= size + 4.0);
    let figures = size.is_some();
    let size = size.unwrap_or(TINY);
    let notes = figures && height >= size + TINY + 10.0;
    // Each line of the hatching is a shape of its own: many cells get few lines.
    let step = if all().count() > 400 { width.max(height).max(9.0) } else { (width.min(height) / 3.0).clamp(5.0, 9.0) };
    for (row, cells) in panel.cells.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let ((left, bottom), (right, top)) = (grid.corner((column, row)), grid.corner((column + 1, row + 1)));
            let share = cell.value.map(|value| share(value, panel.range));
            let color = share.map_or(WHITE, shade);
            let ink = if grey(color) < 125.0 { WHITE } else { INK };
            s.rect((left, top), (right, bottom), color);
            match cell.state {
                State::Missed => s.hatch((left, top), (right, bottom), step, true, ink),
                State::Undecided => s.hatch((left, top), (right, bottom), step * 1.4, false, ink),
                State::Screened => s.ruled((left, top), (right, bottom), step * 1.6, ink),
                _ => {}
            }
            s.outline((left, top), (right, bottom), WHITE, 1.0);
            let note = if notes { s.fit(&cell.note, TINY, width - 8.0) } else { String::new() };
            let middle = ((left + right) / 2.0, (top + bottom) / 2.0);
            let up = if note.is_empty() { 0.0 } else { (TINY + 2.0) / 2.0 };
            // A plate of the cell's own shade keeps the hatching off the letters.
            let hatched = matches!(cell.state, State::Missed | State::Undecided | State::Screened);
            let mut write = |y: f64, text: &str, size: f64| {
                if text.is_empty() {
                    return;
                }
                if hatched {
                    let half = s.text_width(text, size) / 2.0;
                    s.rect((middle.0 - half - 1.0, y - size / 2.0 - 1.0), (middle.0 + half + 1.0, y + size / 2.0 + 2.0), color);
                }
                s.text(middle.0, y, text, size, Anchor::MIDDLE, ink);
            };
            if figures {
                write(middle.1 - up, if cell.value.is_none() && note.is_empty() { "–" } else { &cell.text }, size);
            }
            write(middle.1 + if cell.text.is_empty() { 0.0 } else { (size + 2.0) / 2.0 }, &note, TINY);
        }
    }
}

fn contour(s: &mut Sketch, panel: &Heat, grid: &Grid) {
    let edges: Vec<Vec<(f64, f64)>> =
        panel.contour().into_iter().map(|(from, to)| vec![grid.corner(from), grid.corner(to)]).collect();
    for (color, width) in [(WHITE, 5.0), (INK, 3.0)] {
        edges.iter().for_each(|edge| s.line(edge.clone(), color, width));
    }
}

fn marks(s: &mut Sketch, panel: &Heat, grid: &Grid) {
    for (row, cells) in panel.cells.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let ((left, bottom), (right, top)) = (grid.corner((column, row)), grid.corner((column + 1, row + 1)));
            if cell.marked {
                s.outline((left + 3.0, top + 3.0), (right - 3.0, bottom - 3.0), WHITE, 5.0);
                s.outline((left + 3.0, top + 3.0), (right - 3.0, bottom - 3.0), INK, 3.0);
            }
            if cell.best {
                // In the corner, where it leaves the figure alone.
                let inset = (grid.cell.0.min(grid.cell.1) / 2.0).min(12.0);
                marker::draw(s, Marker::Star, (right - inset, top + inset), Hue::Green);
            }
        }
    }
}

/// The names of the values: as many as have room. Returns the lower end.
fn axes(s: &mut Sketch, panel: &Heat, grid: &Grid, frame: Frame) -> f64 {
    let (width, height) = grid.cell;
    let every = ((SMALL + 3.0) / height).ceil().max(1.0) as usize;
    for (row, text) in panel.y.1.iter().enumerate().step_by(every) {
        let (left, bottom) = grid.corner((0, row));
        let text = s.fit(text, SMALL, left - frame.left - 6.0);
        s.text(left - 8.0, bottom - height / 2.0, &text, SMALL, Anchor::RIGHT, INK);
    }
    let bottom = grid.corner((0, 0)).1;
    let widest = panel.x.1.iter().map(|text| s.text_width(text, SMALL)).fold(0.0, f64::max);
    let every = ((widest + 6.0) / width).ceil().max(1.0) as usize;
    for (column, text) in panel.x.1.iter().enumerate().step_by(every) {
        let middle = s.inside(grid.corner((column, 0)).0 + width / 2.0, s.text_width(text, SMALL));
        s.text(middle, bottom + 7.0, text, SMALL, Anchor::TOP, INK);
    }
    let end = grid.corner((panel.x.1.len(), 0)).0;
    let name = s.fit(&panel.x.0, NORMAL, frame.right - frame.left);
    let middle = s.inside((grid.left + end) / 2.0, s.text_width(&name, SMALL));
    s.text(middle, bottom + 27.0, &name, SMALL, Anchor::TOP, SOFT);
    bottom + 27.0 + SMALL + 4.0
}

/// Where a value lies between the lightest and the darkest, by its factor where they are far apart.
fn share(value: f64, (low, high): (f64, f64)) -> f64 {
    if high <= low {
        return 0.3;
    }
    let share =
        if low > 0.0 && high / low > 8.0 { libm::log(value / low) / libm::log(high / low) } else { (value - low) / (high - low) };
    share.clamp(0.0, 1.0)
}

fn shade(share: f64) -> RGBColor {
    let at = share.clamp(0.0, 1.0) * (SHADES.len() - 1) as f64;
    let i = (at as usize).min(SHADES.len() - 2);
    let (a, b, t) = (SHADES[i], SHADES[i + 1], at - i as f64);
    let mix = |a: u8, b: u8| libm::rint(f64::from(a) + (f64::from(b) - f64::from(a)) * t) as u8;
    RGBColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// Rec. 601 luma: what a grey print keeps of a colour.
fn grey(c: RGBColor) -> f64 {
    0.299 * f64::from(c.0) + 0.587 * f64::from(c.1) + 0.114 * f64::from(c.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_darken_evenly_in_grey() {
        let greys: Vec<f64> = (0..=10).map(|i| grey(shade(f64::from(i) / 10.0))).collect();
        assert!(greys.windows(2).all(|pair| pair[0] - pair[1] > 10.0), "{greys:?}");
    }

    #[test]
    fn far_ends_are_shaded_by_factor() {
        assert!((share(10.0, (1.0, 100.0)) - 0.5).abs() < 1e-12);
        assert!((share(1.5, (1.0, 2.0)) - 0.5).abs() < 1e-12);
        assert_eq!(share(5.0, (5.0, 5.0)), 0.3);
    }
}
