//! Values to choose from: round ones around the one in effect, in order.

use crate::scenario::Limit;
use crate::units::{NANOS, Span};

/// Values to either side of the one in effect.
const AROUND: usize = 5;

/// Round times in milliseconds.
const TIMES: [i64; 33] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 15_000, 20_000, 30_000, 45_000, 60_000, 90_000,
    120_000, 180_000, 300_000, 600_000, 900_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
    86_400_000,
];
/// Round numbers.
const COUNTS: [u64; 34] = [
    0, 1, 2, 3, 4, 5, 8, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000,
    7_500, 10_000, 15_000, 20_000, 30_000, 50_000, 100_000,
];
/// Round shares in millionths.
const SHARES: [u32; 20] = [
    0, 100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000, 150_000, 200_000, 300_000, 400_000, 500_000,
    600_000, 700_000, 800_000, 1_000_000,
];
/// Parts and multiples.
const FACTORS: [f64; 13] = [0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0];

/// A few values around one, which is among them.
fn around<T: PartialOrd + Copy>(ladder: &[T], now: T, allowed: impl Fn(T) -> bool) -> Vec<T> {
    let rungs = || ladder.iter().copied().filter(|rung| allowed(*rung));
    let below: Vec<T> = rungs().filter(|rung| *rung < now).collect();
    let above = rungs().filter(|rung| *rung > now).take(AROUND);
    let skip = below.len().saturating_sub(AROUND);
    below.into_iter().skip(skip).chain([now]).chain(above).collect()
}

/// Times around one, within bounds.
pub(super) fn times(now: Span, (least, most): (Span, Span)) -> Vec<String> {
    let rungs: Vec<Span> = TIMES.iter().map(|ms| Span::from_millis(*ms)).collect();
    around(&rungs, now, |rung| rung >= least && rung <= most).into_iter().map(Span::exact).collect()
}

/// Numbers around one, within bounds.
pub(super) fn counts(now: u64, (least, most): (u64, u64)) -> Vec<String> {
    around(&COUNTS, now, |rung| rung >= least && rung <= most).into_iter().map(|n| n.to_string()).collect()
}

/// Quotas around one, and none.
pub(super) fn limits(now: Limit) -> Vec<String> {
    match now {
        Limit::At(n) => counts(n, (0, u64::MAX)).into_iter().chain(["unlimited".to_owned()]).collect(),
        Limit::Unlimited => {
            [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000].iter().map(u32::to_string).chain(["unlimited".to_owned()]).collect()
        }
    }
}

/// Shares around one.
pub(super) fn shares(now: f64) -> Vec<String> {
    let rungs: Vec<f64> = SHARES.iter().map(|millionths| f64::from(*millionths) / 1e6).collect();
    around(&rungs, now, |_| true).into_iter().map(percent).collect()
}

/// A share as a file writes it.
pub(super) fn percent(share: f64) -> String {
    format!("{}%", number(share * 100.0))
}

/// Parts and multiples of a number, and the number itself.
pub(super) fn multiples(now: f64, text: impl Fn(f64) -> String) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for factor in FACTORS {
        let exact = factor == 1.0;
        let value = text(if exact { now } else { rounded(now * factor) });
        if values.last() != Some(&value) {
            values.push(value);
        }
    }
    values
}

/// To two digits.
fn rounded(x: f64) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return 0.0;
    }
    let scale = libm::pow(10.0, libm::floor(libm::log10(x)) - 1.0);
    (x / scale).round() * scale
}

/// Numbers around one of any kind.
pub(super) fn numbers(ladder: &[f64], now: f64) -> Vec<String> {
    around(ladder, now, |_| true).into_iter().map(number).collect()
}

/// A number without a tail of nines or zeros.
pub(super) fn number(x: f64) -> String {
    let text = format!("{x:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Sizes or shares in whole steps, around one, within bounds.
pub(super) fn stepped(now: u64, step: u64, (least, most): (u64, u64)) -> Vec<u64> {
    let step = step.max(1);
    let near = [(1, 8), (1, 4), (1, 2), (3, 4), (3, 2), (2, 1), (3, 1), (4, 1), (8, 1)];
    let fitted = near.into_iter().map(|(times, parts)| {
        let value = now.saturating_mul(times) / parts;
        value.div_ceil(step).saturating_mul(step).clamp(least.div_ceil(step).saturating_mul(step), most)
    });
    let mut values: Vec<u64> = fitted.chain([now]).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// No bounds on a time but that it is one.
pub(super) const ANY: (Span, Span) = (Span(NANOS / 1_000), Span::FOREVER);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_round_in_order_and_hold_the_one_in_effect() {
        let second = Span::from_secs(1);
        assert_eq!(times(Span::from_secs(7), (second, Span::from_secs(15))), ["1s", "2s", "3s", "5s", "7s", "10s", "15s"]);
        assert_eq!(counts(20, (0, 30)), ["4", "5", "8", "10", "15", "20", "25", "30"]);
        assert_eq!(shares(0.01)[..3], ["0.01%", "0.05%", "0.1%"]);
        assert_eq!(stepped(512, 64, (128, 1_024)), [128, 256, 384, 512, 768, 1_024]);
        assert_eq!(multiples(20.0, |x| format!("{}/s", number(x)))[5..9], ["17/s", "20/s", "24/s", "30/s"]);
        assert_eq!(limits(Limit::At(0))[..2], ["0", "1"]);
        assert_eq!(multiples(0.0, number), ["0"]);
    }
}
