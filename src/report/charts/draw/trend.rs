//! Lines with bands over a setting or over months.

use super::Frame;
use super::axis::{Axis, tick};
use super::legend::{self, Key};
use super::sketch::{Anchor, GRID, INK, SMALL, SOFT, Sketch, WHITE, lighter, rgb};
use crate::report::charts::trend::{Line, Reading, Steps, Trend};
use crate::report::format::Unit;

const HEIGHT: f64 = 170.0;
/// All panels have the same room for labels, so that their axes lie below each other.
const LABELS: f64 = 84.0;
const DASHES: [(f64, f64); 3] = [(1.0, 0.0), (9.0, 5.0), (2.0, 4.0)];
const LEVEL: (f64, f64) = (8.0, 5.0);
/// Values that all lie above this share of the largest get an axis that does not begin at 0,
const CLOSE: f64 = 0.7;
/// unless they differ by less than this share of it: then nothing is what they show.
const FLAT: f64 = 0.05;
/// Lines of more points have no dots.
const MOST_DOTS: usize = 20;

/// Draws the panel, with the labels of the horizontal axis if it is the last one, and returns its lower end.
pub(super) fn draw(s: &mut Sketch, panel: &Trend, frame: Frame, last: bool) -> f64 {
    let y = |bottom: f64, top: f64| vertical(panel, bottom, top);
    // An axis that does not begin at 0 makes differences look larger: it says so.
    let cut = y(1.0, 0.0).low > 0.0 && !panel.log;
    let title = if cut { format!("{} (the axis does not begin at 0)", panel.title) } else { panel.title.clone() };
    let mut top = s.heading((frame.left, frame.right), frame.top, &title);
    top = legend::draw(s, &entries(panel), frame, top) + 4.0;
    let bottom = top + HEIGHT;
    let y = y(bottom, top);
    let x = horizontal(&panel.x, frame.left + LABELS, frame.right - 18.0);
    let ticks = if y.log { y.round_ticks() } else { y.ticks(4) };
    // What never happened is on the lower edge of a logarithmic axis.
    let none = y.log && panel.lines.iter().flat_map(|line| &line.points).any(|point| point.mean <= 0.0);
    let label = |t: f64| if none && t <= y.low * 1.001 { "none seen".to_owned() } else { tick(t, panel.unit) };
    let mut free = f64::INFINITY;
    for t in ticks {
        let at = y.at(t);
        s.line(vec![(x.start, at), (x.end, at)], GRID, 1.0);
        if free - at >= SMALL + 4.0 {
            // Clear of the first label below.
            s.text(x.start - 8.0, at.min(bottom - 1.0), &label(t), SMALL, Anchor::RIGHT, SOFT);
            free = at;
        }
    }
    for (place, _) in &panel.x.ticks {
        s.line(vec![(x.at(*place), top), (x.at(*place), bottom)], GRID, 1.0);
    }
    for line in &panel.lines {
        bands(s, line, panel, (&x, &y));
    }
    for (at, _) in &panel.marks {
        s.dashed(vec![(x.at(*at), top), (x.at(*at), bottom)], SOFT, 2.0, (2.0, 4.0));
    }
    for (level, _) in &panel.levels {
        s.dashed(vec![(x.start, y.at(*level)), (x.end, y.at(*level))], INK, 2.0, LEVEL);
    }
    for (i, line) in panel.lines.iter().enumerate() {
        curve(s, line, panel, (&x, &y), DASHES[i % DASHES.len()]);
    }
    s.line(vec![(x.start, top), (x.start, bottom), (x.end, bottom)], INK, 1.0);
    notes(s, panel, (&x, &y), (top, bottom));
    if last { names(s, &panel.x, &x, bottom, frame) } else { bottom }
}

fn entries(panel: &Trend) -> Vec<(Key, String)> {
    let named = panel.lines.iter().enumerate().filter(|(_, line)| !line.label.is_empty());
    let mut entries: Vec<(Key, String)> =
        named.map(|(i, line)| (Key::Line(rgb(line.hue), 3.0, DASHES[i % DASHES.len()]), line.label.clone())).collect();
    let has = |band: fn(&Reading) -> bool| panel.lines.iter().flat_map(|line| &line.points).any(band);
    if let (true, Some(line)) = (has(|p| p.range.is_some()), panel.lines.first()) {
        entries.push((Key::Band(lighter(rgb(line.hue), 5)), "5 % to 95 %".to_owned()));
        if has(|p| p.interval.is_some()) {
            entries.push((Key::Band(lighter(rgb(line.hue), 2)), "95 % interval of the mean".to_owned()));
        }
    }
    entries
}

/// From 0, unless all values lie close together; logarithmic if asked for, with what is 0 at the lower edge.
fn vertical(panel: &Trend, bottom: f64, top: f64) -> Axis {
    let ends = || {
        let points = panel.lines.iter().flat_map(|line| &line.points).flat_map(|p| [p.ends().0, p.ends().1]);
        points.chain(panel.levels.iter().map(|(level, _)| *level)).filter(|v| v.is_finite())
    };
    let (low, high) = ends().fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
    if panel.log {
        let means = panel.lines.iter().flat_map(|line| &line.points).map(|p| p.mean).filter(|m| *m > 0.0);
        let least = means.fold(f64::INFINITY, f64::min);
        if least.is_finite() {
            return Axis::decades(least / 2.0, high.max(least), bottom, top);
        }
    }
    if panel.unit != Unit::Share && low > CLOSE * high && high - low > FLAT * high {
        return Axis::around(low, high, bottom, top, 4);
    }
    let axis = Axis::linear(high, bottom, top, 4);
    // Shares end at all.
    if panel.unit == Unit::Share && axis.high > 1.0 { Axis { high: 1.0, ..axis } } else { axis }
}

/// The ends of the axis a bit beyond the first and the last step, where those stand side by side.
fn horizontal(steps: &Steps, start: f64, end: f64) -> Axis {
    let (first, last) = (steps.ticks.first().map_or(0.0, |t| t.0), steps.ticks.last().map_or(1.0, |t| t.0));
    match () {
        () if first >= last => Axis { low: first - 1.0, high: first + 1.0, start, end, log: false },
        () if steps.log => Axis { low: first, high: last, start: start + 14.0, end: end - 14.0, log: true },
        () => Axis { low: first, high: last, start: start + 14.0, end: end - 14.0, log: false },
    }
    .widened(start, end)
}

impl Axis {
    /// The same places in a frame that reaches further: the frame is drawn from `start` to `end`.
    fn widened(self, start: f64, end: f64) -> Self {
        let (a, b) = (self.start, self.end);
        if b <= a || (start, end) == (a, b) {
            return self;
        }
        let reach = |share: f64| {
            if self.log { self.low * libm::pow(self.high / self.low, share) } else { self.low + share * (self.high - self.low) }
        };
        Self { low: reach((start - a) / (b - a)), high: reach((end - a) / (b - a)), start, end, log: self.log }
    }
}

/// Bands of what may be joined; of values side by side, whiskers.
fn bands(s: &mut Sketch, line: &Line, panel: &Trend, (x, y): (&Axis, &Axis)) {
    let color = rgb(line.hue);
    let band = |s: &mut Sketch, of: fn(&Reading) -> Option<(f64, f64)>, shade| {
        let known: Vec<(f64, (f64, f64))> = line.points.iter().filter_map(|p| Some((x.at(p.x), of(p)?))).collect();
        if known.len() > 1 && panel.x.joined {
            let upper = known.iter().map(|(at, (_, hi))| (*at, y.at(*hi)));
            let lower = known.iter().rev().map(|(at, (lo, _))| (*at, y.at(*lo)));
            s.area(upper.chain(lower).collect(), shade);
        }
    };
    band(s, |p| p.range, lighter(color, 5));
    band(s, |p| p.interval, lighter(color, 2));
}

fn curve(s: &mut Sketch, line: &Line, panel: &Trend, (x, y): (&Axis, &Axis), dash: (f64, f64)) {
    let color = rgb(line.hue);
    let places: Vec<(f64, f64)> = line.points.iter().map(|p| (x.at(p.x), y.at(p.mean))).collect();
    if panel.x.joined {
        s.dashed(places.clone(), color, 2.0, dash);
    }
    for (point, at) in line.points.iter().zip(&places) {
        let whisker = point.interval.or(point.range).filter(|_| !panel.x.joined || places.len() < 2);
        if let Some((lo, hi)) = whisker.map(|(lo, hi)| (y.at(lo), y.at(hi))).filter(|(lo, hi)| lo - hi > 9.0) {
            s.line(vec![(at.0, lo), (at.0, hi)], color, 2.0);
        }
        // Many dots in a row are a broken line.
        if places.len() <= MOST_DOTS || !panel.x.joined {
            s.dot(*at, 4.0, WHITE);
            s.dot(*at, 3.0, color);
        }
    }
}

/// What the levels and the marks are, where they hide nothing.
fn notes(s: &mut Sketch, panel: &Trend, (x, y): (&Axis, &Axis), (top, bottom): (f64, f64)) {
    for line in &panel.lines {
        for point in &line.points {
            let (at, half) = ((x.at(point.x), y.at(point.mean)), 5.0);
            s.take((at.0 - half, at.1 - half, at.0 + half, at.1 + half));
        }
    }
    for (place, _) in &panel.marks {
        let at = x.at(*place);
        s.take((at - 2.0, top, at + 2.0, bottom));
    }
    for (level, text) in &panel.levels {
        let at = y.at(*level);
        let places = [
            (x.end - 4.0, -9.0, Anchor::RIGHT),
            (x.start + 6.0, -9.0, Anchor::LEFT),
            (x.end - 4.0, 10.0, Anchor::RIGHT),
            (x.start + 6.0, 10.0, Anchor::LEFT),
        ];
        write(s, text, places.map(|(x, dy, anchor)| (x, at + dy, anchor)).as_slice(), x, (top, bottom));
    }
    for (place, text) in panel.marks.iter().filter(|(_, text)| !text.is_empty()) {
        let at = x.at(*place);
        let rows = [top + 9.0, top + 25.0, bottom - 10.0, bottom - 26.0, top + 41.0, bottom - 42.0];
        let sides = rows.map(|y| [(at + 6.0, y, Anchor::LEFT), (at - 6.0, y, Anchor::RIGHT)]).concat();
        // Where the whole has no room, its end says the most: `quota reached: month 8`.
        let end = text.rsplit(": ").next().unwrap_or(text);
        if !write(s, text, &sides, x, (top, bottom)) && end != text {
            write(s, end, &sides, x, (top, bottom));
        }
    }
}

/// A text at the first of these places where it hides nothing and stays in the frame; it may reach into the margin on the right.
/// Whether there was one.
fn write(s: &mut Sketch, text: &str, places: &[(f64, f64, Anchor)], x: &Axis, (top, bottom): (f64, f64)) -> bool {
    let free = places.iter().find(|(at, y, anchor)| {
        let place = s.text_box(*at, *y, text, SMALL, *anchor);
        place.0 >= x.start && place.1 >= top - 4.0 && place.3 <= bottom && s.is_clear(place)
    });
    if let Some((x, y, anchor)) = free {
        s.plated((*x, *y), text, SMALL, *anchor, INK);
    }
    free.is_some()
}

/// Labels of the steps, as many as have room, and the axis' name. Returns the lower end.
fn names(s: &mut Sketch, steps: &Steps, x: &Axis, bottom: f64, frame: Frame) -> f64 {
    let mut free = f64::NEG_INFINITY;
    for (place, text) in &steps.ticks {
        let text = s.fit(text, SMALL, (frame.right - frame.left) * 0.4);
        let half = s.text_width(&text, SMALL) / 2.0;
        let middle = s.inside(x.at(*place), 2.0 * half);
        if middle - half > free {
            s.text(middle, bottom + 6.0, &text, SMALL, Anchor::TOP, SOFT);
            free = middle + half + 6.0;
        }
    }
    let name = s.fit(&steps.name, SMALL, frame.right - frame.left);
    let middle = s.inside((x.start + x.end) / 2.0, s.text_width(&name, SMALL));
    s.text(middle, bottom + 26.0, &name, SMALL, Anchor::TOP, SOFT);
    bottom + 26.0 + SMALL + 4.0
}
