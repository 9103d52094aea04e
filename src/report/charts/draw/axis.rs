//! Axes: from values to pixels, and where the ticks are.

use super::sketch::{Anchor, GRID, INK, SMALL, SOFT, Sketch};
use crate::report::format::{self, Unit};

/// A linear or logarithmic axis from `low` to `high` over the pixels `start` to `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) log: bool,
}

impl Axis {
    /// From 0 to a round value at or above `high`.
    pub(super) fn linear(high: f64, start: f64, end: f64, ticks: usize) -> Self {
        let high = if high > 0.0 && high.is_finite() { high } else { 1.0 };
        let step = nice_step(high / ticks as f64);
        Self { low: 0.0, high: libm::ceil(high / step - 1e-9) * step, start, end, log: false }
    }

    /// Whole powers of ten around the values.
    pub(super) fn logarithmic(low: f64, high: f64, start: f64, end: f64) -> Self {
        let floor = libm::floor(libm::log10(low) + 1e-9);
        let ceil = libm::ceil(libm::log10(high) - 1e-9).max(floor + 1.0);
        Self { low: libm::pow(10.0, floor), high: libm::pow(10.0, ceil), start, end, log: true }
    }

    /// Round values around the given ones, which need not begin at 0.
    pub(super) fn around(low: f64, high: f64, start: f64, end: f64, ticks: usize) -> Self {
        let width = if high > low { high - low } else { (high.abs() * 0.1).max(1e-9) };
        let step = nice_step(width / ticks.max(1) as f64);
        let (first, last) = (libm::floor(low / step + 1e-9), libm::ceil(high / step - 1e-9));
        let last = if last > first { last } else { first + 1.0 };
        // What cannot be negative does not begin below 0.
        let first = if low >= 0.0 { first.max(0.0) } else { first };
        Self { low: first * step, high: last * step, start, end, log: false }
    }

    /// Logarithmic between the nearest 1, 2 or 5 of a decade below and above.
    pub(super) fn decades(low: f64, high: f64, start: f64, end: f64) -> Self {
        let up = nice_step(high);
        // The largest round value at or below is the step before the one above it.
        let down = round_values(low / 10.0, low * 1.000_001).pop().unwrap_or(low);
        Self { low: if down < up { down } else { up / 10.0 }, high: up, start, end, log: true }
    }

    /// 1, 2 and 5 of each decade on a logarithmic axis.
    pub(super) fn round_ticks(&self) -> Vec<f64> {
        round_values(self.low * 0.999, self.high * 1.001)
    }

    /// The pixel of a value; values outside are put on the nearer end.
    pub(super) fn at(&self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        let share = if self.log {
            (libm::log10(value) - libm::log10(self.low)) / (libm::log10(self.high) - libm::log10(self.low))
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.start + share * (self.end - self.start)
    }

    /// Round values, about as many as asked for; powers of ten on a logarithmic axis.
    pub(super) fn ticks(&self, wanted: usize) -> Vec<f64> {
        if self.log {
            let decades = libm::rint(libm::log10(self.high / self.low)) as i32;
            let every = (decades as usize).div_ceil(wanted.max(1)).max(1);
            return (0..=decades).step_by(every).map(|k| self.low * libm::pow(10.0, f64::from(k))).collect();
        }
        let step = nice_step((self.high - self.low) / wanted.max(1) as f64);
        let (first, last) = (libm::ceil(self.low / step - 1e-6), libm::floor(self.high / step + 1e-6));
        (0..=(last - first) as i32).map(|k| (first + f64::from(k)) * step).collect()
    }

    /// Vertical grid lines from `top` to `bottom`, tick labels below, and the axis' name under them. Returns the lower end.
    pub(super) fn draw_below(&self, s: &mut Sketch, (top, bottom): (f64, f64), unit: Unit, name: &str) -> f64 {
        let widest = self.ticks(20).iter().map(|t| s.text_width(&tick(*t, unit), SMALL)).fold(30.0, f64::max);
        let room = ((self.end - self.start) / (widest + 18.0)) as usize;
        for t in self.ticks(room.clamp(1, 6)) {
            let x = self.at(t);
            s.line(vec![(x, top), (x, bottom)], GRID, 1.0);
            let text = tick(t, unit);
            let middle = s.inside(x, s.text_width(&text, SMALL));
            s.text(middle, bottom + 6.0, &text, SMALL, Anchor::TOP, SOFT);
        }
        s.line(vec![(self.start, bottom), (self.end, bottom)], INK, 1.0);
        let name = s.fit(name, SMALL, self.end - self.start + 160.0);
        s.text((self.start + self.end) / 2.0, bottom + 26.0, &name, SMALL, Anchor::TOP, SOFT);
        bottom + 26.0 + SMALL + 4.0
    }
}

/// A tick's label.
pub(super) fn tick(value: f64, unit: Unit) -> String {
    // Sums of steps carry binary dust such as 0.30000000000000004.
    let value = libm::rint(value * 1e12) / 1e12;
    match unit {
        Unit::Seconds if value >= 120.0 => format::value(libm::rint(value), unit),
        _ => format::value(value, unit),
    }
}

/// 1, 2 or 5 times a power of ten, at or above `x`.
pub(super) fn nice_step(x: f64) -> f64 {
    let base = libm::pow(10.0, libm::floor(libm::log10(x)));
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * base).find(|step| *step >= x * 0.999_999).unwrap_or(10.0 * base)
}

/// 1, 2 and 5 of each decade from `low` to `high`.
fn round_values(low: f64, high: f64) -> Vec<f64> {
    let decades = libm::floor(libm::log10(low)) as i32..=libm::ceil(libm::log10(high)) as i32;
    let all = decades.flat_map(|k| [1.0, 2.0, 5.0].map(|m| m * libm::pow(10.0, f64::from(k))));
    all.filter(|value| *value >= low && *value <= high).collect()
}

/// A step for a time axis in seconds: what people divide days and hours by.
pub(super) fn time_step(span: f64, wanted: usize) -> f64 {
    const STEPS: [f64; 18] = [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0, 21_600.0,
        43_200.0, 86_400.0,
    ];
    let least = span / wanted.max(1) as f64;
    let days = 86_400.0 * nice_step((least / 86_400.0).max(1.0));
    if least < 1.0 { nice_step(least) } else { STEPS.into_iter().find(|step| *step >= least).unwrap_or(days) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_values() {
        let axis = Axis::linear(1811.0, 0.0, 100.0, 5);
        assert_eq!(axis.ticks(5), [0.0, 500.0, 1000.0, 1500.0, 2000.0]);
        assert_eq!(axis.at(1000.0), 50.0);
        let log = Axis::logarithmic(3e-5, 0.4, 0.0, 100.0);
        assert!((log.low - 1e-5).abs() < 1e-12 && (log.high - 1.0).abs() < 1e-12);
        assert_eq!(log.ticks(10).len(), 6);
        assert!((log.at(1e-3) - 40.0).abs() < 1e-9);
        assert_eq!(tick(0.1 + 0.2, Unit::Count), "0.3");
        assert_eq!(tick(1e-5, Unit::Share), "0.001 %");
    }

    #[test]
    fn an_axis_without_values_is_still_an_axis() {
        for high in [0.0, f64::NAN, -1.0] {
            let axis = Axis::linear(high, 0.0, 100.0, 5);
            assert!(axis.at(0.5).is_finite() && axis.high > axis.low);
        }
    }

    #[test]
    fn axes_that_do_not_begin_at_nothing_are_round_too() {
        let axis = Axis::around(1312.0, 2958.0, 0.0, 100.0, 5);
        assert_eq!((axis.low, axis.high), (1000.0, 3000.0));
        assert_eq!(Axis::around(5.0, 5.0, 0.0, 100.0, 5).low, 5.0);
        let close = Axis::decades(0.009, 0.046, 0.0, 100.0);
        assert!((close.low - 0.005).abs() < 1e-9 && (close.high - 0.05).abs() < 1e-9, "{close:?}");
        assert_eq!(close.round_ticks().len(), 4);
        let one = Axis::decades(0.02, 0.02, 0.0, 100.0);
        assert!(one.low < one.high, "{one:?}");
    }

    #[test]
    fn time_ticks_divide_days_and_hours() {
        assert_eq!(time_step(86_400.0, 8), 10_800.0);
        assert_eq!(time_step(3_600.0, 7), 600.0);
        assert_eq!(time_step(30.0 * 86_400.0, 8), 5.0 * 86_400.0);
    }
}
