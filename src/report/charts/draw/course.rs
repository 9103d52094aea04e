//! A figure over time: one panel of the timeline.

use super::Frame;
use super::axis::{Axis, nice_step, tick, time_step};
use super::sketch::{Anchor, GRID, INK, NORMAL, SMALL, SOFT, Sketch, lighter, rgb};
use crate::report::charts::Course;
use crate::report::format;

const HEIGHT: f64 = 96.0;

/// All panels have the same room for labels, so that their time axes lie below each other.
const LABELS: f64 = 74.0;

/// Draws the panel, with the time axis if it is the last one, and returns its lower end.
pub(super) fn draw(s: &mut Sketch, panel: &Course, frame: Frame, last: bool) -> f64 {
    let top = s.heading((frame.left, frame.right), frame.top, &panel.title) + 2.0;
    let bottom = top + HEIGHT;
    let span = panel.bin_s * panel.values.len() as f64;
    let x = Axis { low: 0.0, high: span, start: frame.left + LABELS, end: frame.right - 12.0, log: false };
    let y = scale(panel, bottom, top);
    time_axis(s, &x, (top, bottom), last);
    for t in y.ticks(3) {
        s.line(vec![(x.start, y.at(t)), (x.end, y.at(t))], GRID, 1.0);
        s.text(x.start - 8.0, y.at(t), &tick(t, panel.unit), SMALL, Anchor::RIGHT, SOFT);
    }
    if panel.values.iter().all(Option::is_none) {
        s.text((x.start + x.end) / 2.0, (top + bottom) / 2.0, "no requests", NORMAL, Anchor::MIDDLE, SOFT);
    }
    for stretch in stretches(panel, &x, &y) {
        if panel.from_zero {
            let mut area = stretch.clone();
            area.extend([(stretch[stretch.len() - 1].0, bottom), (stretch[0].0, bottom)]);
            s.area(area, lighter(rgb(panel.color), 4));
        }
        s.line(stretch, rgb(panel.color), 2.0);
    }
    if let Some(value) = panel.reference {
        s.dashed(vec![(x.start, y.at(value)), (x.end, y.at(value))], INK, 2.0, (8.0, 5.0));
    }
    s.line(vec![(x.start, top), (x.start, bottom), (x.end, bottom)], INK, 1.0);
    if last { bottom + 26.0 + SMALL + 4.0 } else { bottom }
}

/// From 0 to a round value, or zoomed to the values with the largest possible share on top.
fn scale(panel: &Course, bottom: f64, top: f64) -> Axis {
    let values = || panel.values.iter().flatten().copied();
    let high = panel.reference.into_iter().chain(values()).fold(0.0, f64::max);
    if panel.from_zero {
        return Axis::linear(high, bottom, top, 3);
    }
    let low = values().fold(1.0, f64::min);
    // Even without a failure the axis shows the last percent.
    let step = nice_step(((1.0 - low) / 3.0).max(0.002));
    let low = (1.0 - libm::ceil((1.0 - low) / step - 1e-9).max(1.0) * step).max(0.0);
    Axis { low, high: 1.0, start: bottom, end: top, log: false }
}

/// The curve as steps, cut where there is no value.
fn stretches(panel: &Course, x: &Axis, y: &Axis) -> Vec<Vec<(f64, f64)>> {
    let mut all: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut open = false;
    for (i, value) in panel.values.iter().enumerate() {
        let Some(value) = value.filter(|v| v.is_finite()) else {
            open = false;
            continue;
        };
        if !open {
            all.push(Vec::new());
            open = true;
        }
        if let Some(stretch) = all.last_mut() {
            let (from, to) = (x.at(i as f64 * panel.bin_s), x.at((i + 1) as f64 * panel.bin_s));
            stretch.extend([(from, y.at(value)), (to, y.at(value))]);
        }
    }
    all
}

fn time_axis(s: &mut Sketch, x: &Axis, (top, bottom): (f64, f64), labels: bool) {
    let step = time_step(x.high, ((x.end - x.start) / 75.0) as usize);
    for k in 0..=libm::floor(x.high / step + 1e-9) as i32 {
        let t = f64::from(k) * step;
        s.line(vec![(x.at(t), top), (x.at(t), bottom)], GRID, 1.0);
        if labels {
            let text = if k == 0 { "0".to_owned() } else { format::span(t) };
            let middle = s.inside(x.at(t), s.text_width(&text, SMALL));
            s.text(middle, bottom + 6.0, &text, SMALL, Anchor::TOP, SOFT);
        }
    }
    if labels {
        s.text((x.start + x.end) / 2.0, bottom + 26.0, "time from the start of the horizon", SMALL, Anchor::TOP, SOFT);
    }
}
