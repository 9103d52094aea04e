//! Numbers as a reader wants them: no more digits than the interval supports, never a rounded-away failure, never a bare 0.

use crate::estimate::Estimate;
use crate::units::Span;

/// What stands where there is no figure (0/0).
pub const NONE: &str = "–";

/// What stands for a share of 0 that has no upper bound.
const NONE_SEEN: &str = "none seen";

/// What a figure counts, which decides its unit and its rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit<'a> {
    /// Money in this currency.
    Money(&'a str),
    /// A share in 0..=1, shown as a percentage.
    Share,
    /// Seconds, shown with the prefix that reads best.
    Seconds,
    /// A count or a mean count.
    Count,
}

/// A mean with its interval: `1,234 CNY (1,210 to 1,258)`, `0 (below 0.003 %)`, `84 ms (no interval)`.
#[must_use]
pub fn estimate(e: &Estimate, unit: Unit) -> String {
    let (Some(mean), Some(lo), Some(hi)) = (finite(e.mean), finite(e.lo), finite(e.hi)) else {
        return without_interval(e, unit);
    };
    if mean <= 0.0 && hi > 0.0 && lo >= 0.0 {
        return format!("0 (below {})", bound(hi, unit, Side::Above));
    }
    if unit == Unit::Share && mean >= 1.0 && lo < 1.0 {
        return format!("100 % (above {})", bound(lo, unit, Side::Below));
    }
    // Replications that are all alike differ by what floating point makes of their mean.
    if hi - lo <= 1e-9 * mean.abs() {
        return value(mean, unit);
    }
    let scale = Scale::of(mean, Some((hi - lo) / 2.0), unit);
    format!("{} ({} to {})", scale.with_unit(mean), scale.number(lo), scale.number(hi))
}

/// The mean alone, rounded as its interval allows. For tables that have no room for intervals.
#[must_use]
pub fn mean(e: &Estimate, unit: Unit) -> String {
    let Some(mean) = finite(e.mean) else { return NONE.to_owned() };
    if let (true, Some(hi)) = (mean <= 0.0, finite(e.hi).filter(|hi| *hi > 0.0)) {
        return format!("<{}", bound(hi, unit, Side::Above));
    }
    if mean <= 0.0 && unit == Unit::Share && e.n > 0 && e.hi.is_none() {
        return NONE_SEEN.to_owned();
    }
    let half = finite(e.lo).zip(finite(e.hi)).map(|(lo, hi)| (hi - lo) / 2.0).filter(|half| *half > 0.0);
    let alone = Scale::of(mean, None, unit);
    let supported = half.map_or(alone.decimals, |half| Scale::of(mean, Some(half), unit).decimals);
    Scale { decimals: alone.decimals.min(supported), ..alone }.with_unit(mean)
}

/// A plain value without an interval, to three significant digits (a share: of the smaller side).
#[must_use]
pub fn value(x: f64, unit: Unit) -> String {
    if x.is_finite() { Scale::of(x, None, unit).with_unit(x) } else { NONE.to_owned() }
}

/// A length of time the way a scenario file writes it: `1d`, `90s`.
#[must_use]
pub fn span(seconds: f64) -> String {
    Span::from_secs_f64(seconds).to_string()
}

/// A whole number with thousands separators.
#[must_use]
pub fn grouped(x: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", x.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |(w, f)| (w, f));
    let mut out = String::with_capacity(text.len() + 4);
    // A value that rounds to zero has no sign.
    if x < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push('-');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// The text without control characters: a name in a file cannot move the cursor, colour the terminal or break XML.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn finite(x: Option<f64>) -> Option<f64> {
    x.filter(|x| x.is_finite())
}

fn without_interval(e: &Estimate, unit: Unit) -> String {
    match finite(e.mean) {
        None => NONE.to_owned(),
        // A share of 0 without a bound must not read as "never".
        Some(mean) if mean <= 0.0 && unit == Unit::Share => NONE_SEEN.to_owned(),
        Some(mean) => format!("{} (no interval)", value(mean, unit)),
    }
}

/// Which way a bound may be rounded without claiming too much.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Above,
    Below,
}

/// A one-sided bound to two significant digits, rounded outwards.
fn bound(x: f64, unit: Unit, side: Side) -> String {
    let scale = Scale::of(x, None, unit);
    let scaled = x * scale.factor;
    let distance = if unit == Unit::Share { scaled.min(100.0 - scaled) } else { scaled };
    let decimals = places(distance, 2).clamp(0, 9);
    let step = libm::pow(10.0, f64::from(-decimals));
    // The tiny shift keeps a value that lies on a step where it is.
    let rounded = match side {
        Side::Above => libm::ceil(scaled / step - 1e-9) * step,
        Side::Below => libm::floor(scaled / step + 1e-9) * step,
    };
    scale.attach(&grouped(rounded, decimals.unsigned_abs() as usize))
}

/// Decimals that show `digits` significant digits of `x`; negative where even whole units are finer than that.
fn places(x: f64, digits: i32) -> i32 {
    if x == 0.0 || !x.is_finite() { 0 } else { digits - 1 - libm::floor(libm::log10(x.abs())) as i32 }
}

/// Decimals that a half-width supports: its first digit, and one more if that is 1, where one would be too coarse.
fn supported(half: f64) -> i32 {
    let decimals = places(half, 1);
    if half * libm::pow(10.0, f64::from(decimals)) < 1.95 { decimals + 1 } else { decimals }
}

/// How the mean and both ends of an interval are written: one unit, one number of decimals.
struct Scale<'a> {
    factor: f64,
    suffix: &'a str,
    decimals: usize,
    share: bool,
    /// Zeros beyond this many decimals are cut: without an interval they carry no information, but money has cents.
    trim: usize,
}

impl<'a> Scale<'a> {
    fn of(mean: f64, half: Option<f64>, unit: Unit<'a>) -> Self {
        let (factor, suffix) = match unit {
            Unit::Money(currency) => (1.0, currency),
            Unit::Share => (100.0, "%"),
            Unit::Seconds => time_unit(mean),
            Unit::Count => (1.0, ""),
        };
        let share = unit == Unit::Share;
        let x = mean * factor;
        let size = if share { x.min(100.0 - x) } else { x };
        let wanted = match half {
            // As many digits as the half-width supports, but not more than six of the value.
            Some(half) if size != 0.0 => supported(half * factor).min(places(size, 6)),
            Some(half) => supported(half * factor),
            None if share => places(size, 3).max(1),
            None if x.fract() == 0.0 && matches!(unit, Unit::Count) => 0,
            None => places(size, 3),
        };
        let decimals = match (unit, wanted.clamp(0, 9)) {
            (Unit::Money(_), 1) => 2,
            (_, d) => d,
        };
        let trim = if half.is_some() { usize::MAX } else { 2 * usize::from(matches!(unit, Unit::Money(_))) };
        Self { factor, suffix, decimals: decimals.unsigned_abs() as usize, share, trim }
    }

    fn number(&self, x: f64) -> String {
        let scaled = x * self.factor;
        if self.share && (scaled <= 0.0 || scaled >= 100.0) {
            return grouped(scaled, 0);
        }
        let mut decimals = self.decimals;
        let mut text = grouped(scaled, decimals);
        // A share that is not 0 or 1 is never shown as 0 % or 100 %.
        while self.share && decimals < 9 && (is_zero(&text) || text.starts_with("100")) {
            decimals += 1;
            text = grouped(scaled, decimals);
        }
        while decimals > self.trim && text.ends_with('0') {
            text.pop();
            decimals -= 1;
        }
        text.truncate(text.trim_end_matches('.').len());
        text
    }

    fn with_unit(&self, x: f64) -> String {
        self.attach(&self.number(x))
    }

    fn attach(&self, number: &str) -> String {
        if self.suffix.is_empty() { number.to_owned() } else { format!("{number} {}", self.suffix) }
    }
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0' | b'.'))
}

/// The unit in which a time reads best, and how many of it make a second.
fn time_unit(seconds: f64) -> (f64, &'static str) {
    match seconds.abs() {
        0.0 => (1.0, "s"),
        s if s < 1e-3 => (1e6, "µs"),
        s if s < 1.0 => (1e3, "ms"),
        s if s < 120.0 => (1.0, "s"),
        s if s < 7_200.0 => (1.0 / 60.0, "min"),
        s if s < 172_800.0 => (1.0 / 3_600.0, "h"),
        _ => (1.0 / 86_400.0, "d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e(mean: f64, lo: f64, hi: f64) -> Estimate {
        Estimate { mean: Some(mean), lo: Some(lo), hi: Some(hi), n: 20 }
    }

    #[test]
    fn intervals_decide_the_digits() {
        let cases = [
            (e(1234.4, 1210.2, 1258.3), Unit::Money("CNY"), "1,234 CNY (1,210 to 1,258)"),
            (e(12.345, 12.2, 12.5), Unit::Money("USD"), "12.35 USD (12.20 to 12.50)"),
            (e(0.998_71, 0.998_65, 0.998_77), Unit::Share, "99.871 % (99.865 to 99.877)"),
            (e(48.3, 47.9, 48.7), Unit::Count, "48.3 (47.9 to 48.7)"),
            (e(0.9995, 0.9994, 0.9996), Unit::Share, "99.950 % (99.940 to 99.960)"),
            (e(0.0843, 0.0823, 0.0863), Unit::Seconds, "84 ms (82 to 86)"),
            (e(258.0, 240.0, 276.0), Unit::Seconds, "4.3 min (4.0 to 4.6)"),
            (e(1_728_104.3, 1_725_000.0, 1_731_000.0), Unit::Count, "1,728,104 (1,725,000 to 1,731,000)"),
            (e(50.0, 50.0, 50.0), Unit::Count, "50"),
        ];
        for (estimate_, unit, expected) in cases {
            assert_eq!(estimate(&estimate_, unit), expected);
        }
    }

    #[test]
    fn rare_events_are_bounded_outwards() {
        assert_eq!(estimate(&e(0.0, 0.0, 0.0000296), Unit::Share), "0 (below 0.0030 %)");
        assert_eq!(estimate(&e(1.0, 0.999_969, 1.0), Unit::Share), "100 % (above 99.9969 %)");
        assert_eq!(mean(&e(0.0, 0.0, 0.0000296), Unit::Share), "<0.0030 %");
        assert_eq!(estimate(&e(0.0, 0.0, 0.0), Unit::Share), "0 %");
        assert_eq!(estimate(&e(50.0, 49.999_999_999_999, 50.000_000_000_001), Unit::Count), "50");
    }

    #[test]
    fn failures_are_never_rounded_away() {
        assert_eq!(value(0.9995, Unit::Share), "99.95 %");
        assert_eq!(value(0.999_999_6, Unit::Share), "99.99996 %");
        assert_eq!(value(1.0, Unit::Share), "100 %");
        // The upper end is below 1 and must not read 100.
        assert_eq!(estimate(&e(0.9, 0.8, 0.9999), Unit::Share), "90 % (80 to 99.99)");
    }

    #[test]
    fn one_replication_has_no_interval() {
        let one = Estimate { mean: Some(0.084), lo: None, hi: None, n: 1 };
        assert_eq!(estimate(&one, Unit::Seconds), "84 ms (no interval)");
        assert_eq!(estimate(&Estimate { n: 20, ..Estimate::default() }, Unit::Share), NONE);
        let zero = Estimate { mean: Some(0.0), ..one };
        assert_eq!(estimate(&zero, Unit::Share), "none seen");
        assert_eq!(mean(&zero, Unit::Share), "none seen");
        assert_eq!(value(f64::NAN, Unit::Count), NONE);
    }

    #[test]
    fn small_and_large_values_keep_a_readable_unit() {
        assert_eq!(value(0.000_25, Unit::Seconds), "250 µs");
        assert_eq!(value(90.0, Unit::Seconds), "90 s");
        assert_eq!(value(0.004_217, Unit::Money("USD")), "0.00422 USD");
        assert_eq!(value(0.03, Unit::Money("USD")), "0.03 USD");
        assert_eq!(value(64.7, Unit::Money("USD")), "64.70 USD");
        assert_eq!(grouped(-0.2, 0), "0");
        assert_eq!(grouped(-1234.56, 1), "-1,234.6");
        assert_eq!(span(86_400.0), "1d");
    }
}
