//! Service time: one law where there is one memory size, a CPU part and an I/O part where there are several.

use std::collections::BTreeMap;

use super::figure::{Figure, Place, Unit};
use super::fit;
use crate::random::Key;

/// Durations in seconds at one memory size.
pub type BySize = BTreeMap<u64, Vec<f64>>;

/// What each invocation takes: figures for `work.cpu` and `work.io`. `share` is the part of a vCPU that a thread has at a
/// memory size, `step` the rounding of the log.
#[must_use]
pub fn figures(sizes: &BySize, share: &dyn Fn(u64) -> f64, step: f64, key: Key) -> Vec<Figure> {
    let shares: BTreeMap<u64, f64> = sizes.keys().map(|memory| (*memory, share(*memory))).collect();
    let apart = |low: f64, high: f64| high > 1.05 * low;
    let low = shares.values().copied().fold(f64::INFINITY, f64::min);
    let high = shares.values().copied().fold(0.0, f64::max);
    if !apart(low, high) {
        return together(sizes, step, key);
    }
    let found = line(&points(sizes, &shares));
    if found.off <= FITS {
        return split(sizes, &shares, &found, step, key);
    }
    // One size alone is right at least there.
    let most = sizes.iter().max_by_key(|(memory, values)| (values.len(), **memory));
    let alone: BySize = most.map(|(memory, values)| (*memory, values.clone())).into_iter().collect();
    let said = format!(
        "the sizes do not lie on a line over 1 / CPU share (off by {:.0} % at one): only the size with the most values is used",
        100.0 * found.off
    );
    together(&alone, step, key).into_iter().map(|figure| figure.saying(said.clone())).collect()
}

/// Largest relative error of the line at which the CPU part is believed.
const FITS: f64 = 0.25;

/// (1 / share, mean duration) of each size with values.
fn points(sizes: &BySize, shares: &BTreeMap<u64, f64>) -> Vec<(f64, f64)> {
    let filled = sizes.iter().filter(|(_, values)| !values.is_empty());
    filled.map(|(memory, values)| (1.0 / shares[memory], (values.iter().sum::<f64>() / values.len() as f64).max(1e-9))).collect()
}

fn together(sizes: &BySize, step: f64, key: Key) -> Vec<Figure> {
    let values: Vec<f64> = sizes.values().flatten().copied().collect();
    let Some(fitted) = fit::law(&values, step, key) else { return Vec::new() };
    let note = "one memory size, or one share of the CPU, tells nothing about the CPU part: all is `io`, which no setting of memory \
                changes; logs of two sizes tell them apart";
    vec![Figure::law("service time", Place::Work, "io", &fitted, &values, Unit::Seconds).saying(note)]
}

/// The line duration = io + cpu / share through the sizes' means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Seconds that the CPU share does not change.
    pub io: f64,
    /// Seconds at a full vCPU.
    pub cpu: f64,
    /// Their standard errors.
    pub io_error: f64,
    /// As above.
    pub cpu_error: f64,
    /// Largest relative error of the line at a size.
    pub off: f64,
}

/// Least squares, weighted so that relative errors count alike; neither part is below 0.
#[must_use]
pub fn line(points: &[(f64, f64)]) -> Line {
    // (1 / share, mean duration)
    let sums = |f: &dyn Fn(f64, f64) -> f64| points.iter().map(|(x, t)| f(*x, *t) / (t * t)).sum::<f64>();
    let (s, sx, sxx) = (sums(&|_, _| 1.0), sums(&|x, _| x), sums(&|x, _| x * x));
    let (st, sxt) = (sums(&|_, t| t), sums(&|x, t| x * t));
    let determinant = s * sxx - sx * sx;
    let (mut io, mut cpu) = ((sxx * st - sx * sxt) / determinant, (s * sxt - sx * st) / determinant);
    if io < 0.0 || !io.is_finite() {
        (io, cpu) = (0.0, sxt / sxx);
    } else if cpu < 0.0 {
        (io, cpu) = (st / s, 0.0);
    }
    let residual = |x: f64, t: f64| (io + cpu * x) / t - 1.0;
    let freedom = points.len().saturating_sub(2).max(1) as f64;
    let variance = points.iter().map(|(x, t)| residual(*x, *t) * residual(*x, *t)).sum::<f64>() / freedom;
    let (io_error, cpu_error) = if io == 0.0 || cpu == 0.0 {
        ((variance / s).sqrt(), (variance / sxx).sqrt())
    } else {
        ((variance * sxx / determinant).sqrt(), (variance * s / determinant).sqrt())
    };
    let off = points.iter().map(|(x, t)| residual(*x, *t).abs()).fold(0.0, f64::max);
    Line { io, cpu, io_error, cpu_error, off }
}

fn split(sizes: &BySize, shares: &BTreeMap<u64, f64>, line: &Line, step: f64, key: Key) -> Vec<Figure> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let deviation = |values: &[f64]| {
        let m = mean(values);
        (values.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / (values.len().max(2) - 1) as f64).sqrt()
    };
    let filled: Vec<(f64, &Vec<f64>)> =
        sizes.iter().filter(|(_, values)| !values.is_empty()).map(|(memory, values)| (shares[memory], values)).collect();
    let unequal = |scaled: Vec<f64>| deviation(&scaled) / mean(&scaled).max(1e-12);
    // Where the spread grows as the CPU share falls, it is the CPU part's; where it stays, the I/O part's.
    let as_cpu = unequal(filled.iter().map(|(share, values)| deviation(values) * share).collect());
    let as_io = unequal(filled.iter().map(|(_, values)| deviation(values)).collect());
    let spread_is_cpu = line.io == 0.0 || (line.cpu > 0.0 && as_cpu <= as_io);
    let values: Vec<f64> = filled
        .iter()
        .flat_map(|(share, values)| {
            values.iter().map(move |t| if spread_is_cpu { (t - line.io) * share } else { t - line.cpu / share }.max(0.0))
        })
        .collect();
    let sizes: Vec<String> = filled.iter().map(|(share, values)| format!("{share:.3} vCPU: {}", values.len())).collect();
    let said = format!(
        "least squares on 1 / CPU share over {} sizes ({}): io {:.4} s (se {:.2e}), cpu {:.4} s (se {:.2e}); the line is off by at most {:.1} % at a size",
        filled.len(),
        sizes.join(", "),
        line.io,
        line.io_error,
        line.cpu,
        line.cpu_error,
        100.0 * line.off
    );
    let Some(fitted) = fit::law(&values, step, key) else { return Vec::new() };
    let (with_law, other) = if spread_is_cpu {
        (("CPU time", "cpu"), ("I/O wait", "io", line.io))
    } else {
        (("I/O wait", "io"), ("CPU time", "cpu", line.cpu))
    };
    let mut figures = vec![Figure::law(with_law.0, Place::Work, with_law.1, &fitted, &values, Unit::Seconds).saying(said)];
    if other.2 > 0.0 {
        let value = format!("\"{}\"", super::figure::quantity(other.2, Unit::Seconds));
        let error = if spread_is_cpu { line.io_error } else { line.cpu_error };
        let half = 1.96 * error;
        let estimate = crate::estimate::Estimate::interval(other.2, (other.2 - half).max(0.0), other.2 + half, values.len());
        let mut figure = Figure::new(other.0, Place::Work, other.1, value, estimate, Unit::Seconds)
            .saying("the same for every invocation: the spread follows the other part");
        if error > 0.0 {
            figure
                .uncertain
                .push((String::new(), super::figure::Uncertainty::Relative { error: (error / other.2).min(1.0), with: None }));
        }
        figures.push(figure);
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::distribution::Distribution;

    #[test]
    fn a_line_finds_both_parts_and_none_is_negative() {
        let exact = line(&[(1.0, 0.3), (2.0, 0.5), (8.0, 1.7)]);
        assert!((exact.io - 0.1).abs() < 1e-12 && (exact.cpu - 0.2).abs() < 1e-12 && exact.off < 1e-9);
        let only = line(&[(1.0, 0.2), (2.0, 0.42), (4.0, 0.9)]);
        assert!(only.io == 0.0 && (only.cpu - 0.21).abs() < 0.02);
        let flat = line(&[(1.0, 0.3), (2.0, 0.29)]);
        assert!(flat.cpu == 0.0 && (flat.io - 0.295).abs() < 0.001);
    }

    #[test]
    fn the_spread_goes_to_the_part_it_follows() {
        let (noisy, steady) = (Distribution::gamma_mean_cv(0.2, 0.3).unwrap(), 0.1);
        let share = |memory: u64| memory as f64 / 1_769.0;
        for cpu_is_noisy in [true, false] {
            let mut stream = Key::new(7, 0).stream();
            let sizes: BySize = [256, 512, 1_769]
                .into_iter()
                .map(|memory| {
                    let t = |x: f64| if cpu_is_noisy { x / share(memory) + steady } else { steady / share(memory) + x };
                    (memory, (0..400).map(|_| t(noisy.sample(&mut stream))).collect())
                })
                .collect();
            let found = figures(&sizes, &share, 0.0, Key::new(1, 1));
            let keys: Vec<&str> = found.iter().map(|figure| figure.key).collect();
            assert_eq!(keys, if cpu_is_noisy { ["cpu", "io"] } else { ["io", "cpu"] });
            assert!((found[0].estimate.mean.unwrap() / 0.2 - 1.0).abs() < 0.05, "{found:?}");
            assert!((found[1].estimate.mean.unwrap() / 0.1 - 1.0).abs() < 0.2, "{found:?}");
        }
    }
}
