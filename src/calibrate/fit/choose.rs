//! Which law: the one with the smallest AIC that passes the test; where none does, the quantiles themselves.

use super::families::{Estimated, Family, Parameter};
use super::{goodness, likelihood, spread};
use crate::estimate::Estimate;
use crate::estimate::moments::sum;
use crate::random::Key;
use crate::workload::distribution::Distribution;

/// A law with a p-value below this does not fit.
pub const LEVEL: f64 = 0.01;

/// Most values that the test looks at: with more of them no law that a person writes down is right to every digit, and the
/// distance says more than the p-value.
pub const TESTED: usize = 1_000;

/// Fewer values than this tell no law.
const FEWEST: usize = 8;

/// A law whose mean is that many times the values' own, or less than that part of it, would forecast another bill.
const FAR: f64 = 2.0;

/// Spread relative to the mean below which values are the same for every purpose here.
const SAME: f64 = 1e-3;

/// Most points of a quantile function.
const POINTS: usize = 40;

/// A quantile function ends when no value is farther off than this share of the standard deviation.
const NEAR: f64 = 0.02;

/// The 97.5 % quantile of the normal law.
const Z: f64 = 1.959_963_984_540_054;

/// A law that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The law and its parameters.
    pub estimated: Estimated,
    /// Mean with its 95 % interval, and the number of values.
    pub mean: Estimate,
    /// Distance of the distribution functions, over all values.
    pub distance: f64,
    /// p-value of the test; `None` where nothing was tested.
    pub p: Option<f64>,
    /// Values that the test looked at.
    pub tested: usize,
    /// For the quantiles: the law that came nearest, with its p-value.
    pub refused: Option<(Family, f64)>,
}

impl Fitted {
    /// A parameter's 95 % interval.
    #[must_use]
    pub fn interval(parameter: &Parameter) -> (f64, f64) {
        let by = libm::exp(Z * parameter.error);
        (parameter.value / by, parameter.value * by)
    }
}

/// Chooses a law for values that are at least 0 and were rounded to `step`; `None` without a value. Draws are of `key`.
#[must_use]
pub fn law(values: &[f64], step: f64, key: Key) -> Option<Fitted> {
    let n = values.len();
    let first = *values.first()?;
    let (low, high) = values.iter().fold((first, first), |(low, high), x| (low.min(*x), high.max(*x)));
    let mean = sum(values.iter().copied()) / n as f64;
    if high - low <= step.max(SAME * mean) {
        return Some(constant(mean, (low, high), step, n));
    }
    let sorted = spread(values, step);
    if n < FEWEST {
        return quantiles(&sorted, values, None);
    }
    let mut candidates: Vec<Estimated> = Family::FITTED
        .iter()
        .filter_map(|family| likelihood::fit(*family, &sorted))
        .filter(|e| e.law.mean() < FAR * mean && e.law.mean() * FAR > mean)
        .collect();
    candidates.sort_by(|a, b| a.aic().total_cmp(&b.aic()));
    // In the order of the log, so that the values tested are a sample of all.
    let every = n.div_ceil(TESTED);
    let tested = spread(&values.iter().step_by(every).copied().collect::<Vec<_>>(), step);
    let mut refused = None;
    for candidate in candidates {
        let tested_fit = if every > 1 { likelihood::fit(candidate.family, &tested) } else { Some(candidate.clone()) };
        let Some(tested_fit) = tested_fit else { continue };
        let p = goodness::p_value(&tested, &tested_fit, step, key.name(candidate.family.key()));
        if p >= LEVEL {
            return Some(chosen(candidate, &sorted, Some(p), tested.len()));
        }
        refused.get_or_insert((candidate.family, p));
    }
    quantiles(&sorted, values, refused)
}

fn chosen(estimated: Estimated, sorted: &[f64], p: Option<f64>, tested: usize) -> Fitted {
    let mean = estimated.law.mean();
    let by = libm::exp(Z * estimated.mean_error);
    Fitted {
        mean: Estimate::interval(mean, mean / by, mean * by, sorted.len()),
        distance: goodness::distance(sorted, &estimated.law),
        estimated,
        p,
        tested,
        refused: None,
    }
}

fn constant(mean: f64, (low, high): (f64, f64), step: f64, n: usize) -> Fitted {
    let (low, high) = ((low - 0.5 * step).max(0.0), high + 0.5 * step);
    let error = if mean > 0.0 { 0.5 * (high - low) / mean / Z } else { 0.0 };
    Fitted {
        estimated: Estimated {
            family: Family::Constant,
            law: Distribution::Constant(mean),
            parameters: vec![Parameter { key: "", value: mean, error, has_unit: true }],
            correlation: 0.0,
            mean_error: error,
            likelihood: 0.0,
        },
        mean: Estimate::interval(mean, low, high, n),
        distance: 0.0,
        p: None,
        tested: 0,
        refused: None,
    }
}

/// The quantile function of values in rising order, through as few of them as give it: where it is straight, two.
fn points(sorted: &[f64]) -> Vec<(f64, f64)> {
    let n = sorted.len();
    let at = |i: usize| ((i as f64 + 0.5) / n as f64, sorted[i]);
    let deviation = crate::estimate::moments::Moments::of(sorted).variance.sqrt();
    let mut kept = vec![0, n - 1];
    while kept.len() < POINTS {
        // The value that is farthest from the line between its neighbours that are kept.
        let off = |pair: &[usize]| {
            let ((p0, x0), (p1, x1)) = (at(pair[0]), at(pair[1]));
            let line = move |p: f64| x0 + (x1 - x0) * (p - p0) / (p1 - p0);
            (pair[0] + 1..pair[1]).map(move |i| ((at(i).1 - line(at(i).0)).abs(), i)).max_by(|a, b| a.0.total_cmp(&b.0))
        };
        let farthest = kept.windows(2).filter_map(off).max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, i)) = farthest.filter(|(off, _)| *off > NEAR * deviation) else { break };
        kept.insert(kept.partition_point(|other| *other < i), i);
    }
    let round = |p: f64| (p * 1e6).round() / 1e6;
    let mut points: Vec<(f64, f64)> = kept.into_iter().map(|i| (round(at(i).0), at(i).1)).collect();
    points.dedup_by_key(|point| point.0);
    points
}

/// Quantiles of the values themselves.
fn quantiles(sorted: &[f64], values: &[f64], refused: Option<(Family, f64)>) -> Option<Fitted> {
    let points = points(sorted);
    let law = Distribution::quantiles(&points).ok()?;
    let distance = goodness::distance(sorted, &law);
    let mean = crate::estimate::moments::mean(values);
    let mean_error = match (mean.mean, mean.half_width()) {
        (Some(point), Some(half)) if point > 0.0 => half / Z / point,
        _ => 0.0,
    };
    let estimated =
        Estimated { family: Family::Quantiles, law, parameters: Vec::new(), correlation: 0.0, mean_error, likelihood: f64::NAN };
    Some(Fitted { estimated, mean, distance, p: None, tested: 0, refused })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(law: &Distribution, n: usize) -> Vec<f64> {
        let mut stream = Key::new(5, 0).stream();
        (0..n).map(|_| law.sample(&mut stream)).collect()
    }

    #[test]
    fn the_law_that_drew_the_values_is_chosen() {
        for (family, law) in [
            (Family::Exponential, Distribution::exponential(0.2).unwrap()),
            (Family::LogNormal, Distribution::lognormal_mean_cv(0.2, 0.8).unwrap()),
            (Family::Gamma, Distribution::gamma_mean_cv(0.2, 0.6).unwrap()),
            (Family::Weibull, Distribution::weibull_mean_shape(0.2, 3.0).unwrap()),
            (Family::Pareto, Distribution::pareto(0.1, 3.0).unwrap()),
            (Family::Uniform, Distribution::uniform(0.1, 0.3).unwrap()),
        ] {
            let fitted = self::law(&drawn(&law, 2_000), 0.0, Key::new(1, 1)).unwrap();
            assert_eq!(fitted.estimated.family, family);
            assert!(fitted.mean.lo.unwrap() <= law.mean() * 1.02 && law.mean() * 0.98 <= fitted.mean.hi.unwrap(), "{fitted:?}");
        }
    }

    #[test]
    fn what_no_law_fits_keeps_its_quantiles() {
        let mut values = drawn(&Distribution::uniform(0.1, 0.11).unwrap(), 900);
        values.extend(drawn(&Distribution::uniform(2.0, 2.1).unwrap(), 100));
        let fitted = law(&values, 0.0, Key::new(1, 1)).unwrap();
        assert_eq!((fitted.estimated.family, fitted.refused.is_some()), (Family::Quantiles, true));
        let mean = values.iter().sum::<f64>() / 1000.0;
        assert!(
            (fitted.estimated.law.mean() / mean - 1.0).abs() < 0.01 && (fitted.mean.mean.unwrap() / mean - 1.0).abs() < 1e-12
        );
    }

    #[test]
    fn one_value_is_a_constant_and_few_tell_no_law() {
        assert_eq!(law(&[], 0.0, Key::new(1, 1)), None);
        assert_eq!(law(&[0.155, 0.155_1], 1e-3, Key::new(1, 1)).unwrap().estimated.family, Family::Constant);
        assert_eq!(law(&[1.0, 2.0, 3.0], 0.0, Key::new(1, 1)).unwrap().estimated.family, Family::Quantiles);
    }
}
