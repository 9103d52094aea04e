//! Maximum likelihood, family by family: in closed form, or by Newton's method in one dimension. Standard errors come from the
//! information matrix, by the delta method for the parameters as the scenario writes them.
//!
//! Formulas: Johnson, Kotz & Balakrishnan, "Continuous univariate distributions" (1994), chapters 14 (log-normal), 17 (gamma),
//! 19 (exponential), 20 (Pareto), 21 (Weibull).

use statrs::function::gamma::digamma;

use super::families::{Estimated, Family, Parameter};
use crate::workload::distribution::Distribution;

/// Sums that all families need: of the values, their logarithms and the squares of these.
struct Sums {
    n: f64,
    mean: f64,
    log: f64,
    log_variance: f64,
}

impl Sums {
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let log = values.iter().map(|x| libm::log(*x)).sum::<f64>() / n;
        let log_variance = values.iter().map(|x| (libm::log(*x) - log) * (libm::log(*x) - log)).sum::<f64>() / n;
        Self { n, mean, log, log_variance }
    }
}

/// The most likely law of a family for values that are more than 0 and in rising order; `None` if there is none.
pub(super) fn fit(family: Family, values: &[f64]) -> Option<Estimated> {
    let sums = Sums::of(values);
    let fitted = match family {
        Family::Exponential => exponential(&sums),
        Family::LogNormal => lognormal(&sums),
        Family::Gamma => gamma(&sums),
        Family::Weibull => weibull(values, &sums),
        Family::Pareto => pareto(values, &sums),
        Family::Uniform => uniform(values, &sums),
        Family::Constant | Family::Quantiles => None,
    }?;
    fitted.likelihood.is_finite().then_some(fitted)
}

fn parameter(key: &'static str, value: f64, error: f64) -> Parameter {
    Parameter { key, value, error, has_unit: !matches!(key, "cv" | "shape") }
}

fn exponential(s: &Sums) -> Option<Estimated> {
    let error = 1.0 / s.n.sqrt();
    Some(Estimated {
        family: Family::Exponential,
        law: Distribution::exponential(s.mean).ok()?,
        parameters: vec![parameter("", s.mean, error)],
        correlation: 0.0,
        mean_error: error,
        likelihood: -s.n * (libm::log(s.mean) + 1.0),
    })
}

fn lognormal(s: &Sums) -> Option<Estimated> {
    let (variance, n) = (s.log_variance, s.n);
    if variance <= 0.0 {
        return None;
    }
    let (mean, cv) = (libm::exp(s.log + 0.5 * variance), libm::expm1(variance).sqrt());
    // ln mean = mu + v/2 and ln cv = ln(exp(v) - 1) / 2 with var mu = v/n and var v = 2 v^2 / n, independent.
    let slope = 0.5 / -libm::expm1(-variance);
    let (of_mean, of_cv) = (variance / n + 0.5 * variance * variance / n, slope * slope * 2.0 * variance * variance / n);
    let covariance = 0.5 * slope * 2.0 * variance * variance / n;
    Some(Estimated {
        family: Family::LogNormal,
        law: Distribution::lognormal_mean_cv(mean, cv).ok()?,
        parameters: vec![parameter("mean", mean, of_mean.sqrt()), parameter("cv", cv, of_cv.sqrt())],
        correlation: covariance / (of_mean * of_cv).sqrt(),
        mean_error: of_mean.sqrt(),
        likelihood: -n * (s.log + 0.5 * libm::log(std::f64::consts::TAU * variance) + 0.5),
    })
}

/// The second derivative of ln gamma: by recurrence to 10 and above, where the asymptotic series has 12 digits.
fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    sum + 1.0 / x + 0.5 * y + y / x * (1.0 / 6.0 - y * (1.0 / 30.0 - y * (1.0 / 42.0 - y / 30.0)))
}

/// Newton's method for an increasing function of a positive number, on its logarithm; each step at most a factor of e.
fn newton(mut x: f64, step: impl Fn(f64) -> f64) -> Option<f64> {
    for _ in 0..100 {
        let by = (step(x) / x).clamp(-1.0, 1.0);
        if !by.is_finite() {
            return None;
        }
        x *= libm::exp(-by);
        if by.abs() < 1e-12 {
            return Some(x);
        }
    }
    None
}

fn gamma(s: &Sums) -> Option<Estimated> {
    // ln k - psi(k) = ln mean - mean ln.
    let gap = libm::log(s.mean) - s.log;
    if gap <= 0.0 {
        return None;
    }
    let start = (3.0 - gap + ((gap - 3.0) * (gap - 3.0) + 24.0 * gap).sqrt()) / (12.0 * gap);
    let k = newton(start, |k| (libm::log(k) - digamma(k) - gap) / (1.0 / k - trigamma(k)))?;
    let cv = 1.0 / k.sqrt();
    let scale = s.mean / k;
    // Mean and shape are estimated independently of each other.
    let of_mean = (1.0 / (s.n * k)).sqrt();
    let of_shape = (1.0 / (s.n * (trigamma(k) - 1.0 / k))).sqrt() / k;
    let likelihood = s.n * ((k - 1.0) * s.log - s.mean / scale - k * libm::log(scale) - libm::lgamma(k));
    Some(Estimated {
        family: Family::Gamma,
        law: Distribution::gamma_mean_cv(s.mean, cv).ok()?,
        parameters: vec![parameter("mean", s.mean, of_mean), parameter("cv", cv, 0.5 * of_shape)],
        correlation: 0.0,
        mean_error: of_mean,
        likelihood,
    })
}

fn weibull(values: &[f64], s: &Sums) -> Option<Estimated> {
    // Scaled by the largest value, so that no power overflows.
    let largest = *values.last()?;
    let logs: Vec<f64> = values.iter().map(|x| libm::log(x / largest)).collect();
    let mean_log = logs.iter().sum::<f64>() / s.n;
    let sums = |k: f64| {
        logs.iter().fold((0.0, 0.0, 0.0), |(a, b, c), log| {
            let power = libm::exp(k * log);
            (a + power, b + power * log, c + power * log * log)
        })
    };
    let start = if s.log_variance > 0.0 { 1.282_549_830_161_864 / s.log_variance.sqrt() } else { return None };
    let k = newton(start, |k| {
        let (a, b, c) = sums(k);
        (b / a - 1.0 / k - mean_log) / ((c * a - b * b) / (a * a) + 1.0 / (k * k))
    })?;
    let power = sums(k).0 / s.n;
    let scale = largest * libm::exp(libm::log(power) / k);
    let mean = scale * libm::tgamma(1.0 + 1.0 / k);
    // Information of (ln scale, k): var ln scale = 1.1087 / (n k^2), var k = 0.6079 k^2 / n, covariance 0.2570 / n.
    let (ln_scale, shape, both) = (1.108_665 / (s.n * k * k), 0.607_927 * k * k / s.n, 0.257_022 / s.n);
    let slope = -digamma(1.0 + 1.0 / k) / (k * k);
    let of_mean = ln_scale + slope * slope * shape + 2.0 * slope * both;
    let of_shape = shape / (k * k);
    let covariance = (both + slope * shape) / k;
    let likelihood = s.n * (libm::log(k) - k * libm::log(scale) + (k - 1.0) * s.log - 1.0);
    Some(Estimated {
        family: Family::Weibull,
        law: Distribution::weibull_mean_shape(mean, k).ok()?,
        parameters: vec![parameter("mean", mean, of_mean.sqrt()), parameter("shape", k, of_shape.sqrt())],
        correlation: covariance / (of_mean * of_shape).sqrt(),
        mean_error: of_mean.sqrt(),
        likelihood,
    })
}

fn pareto(values: &[f64], s: &Sums) -> Option<Estimated> {
    let min = *values.first()?;
    let excess = s.log - libm::log(min);
    if excess <= 0.0 {
        return None;
    }
    let shape = 1.0 / excess;
    let error = 1.0 / s.n.sqrt();
    let mean_error = if shape > 1.0 { error / (shape - 1.0) } else { f64::INFINITY };
    Some(Estimated {
        family: Family::Pareto,
        law: Distribution::pareto(min, shape).ok()?,
        parameters: vec![parameter("min", min, 1.0 / (s.n * shape)), parameter("shape", shape, error)],
        correlation: 0.0,
        mean_error,
        likelihood: s.n * (libm::log(shape) + shape * libm::log(min) - (shape + 1.0) * s.log),
    })
}

fn uniform(values: &[f64], s: &Sums) -> Option<Estimated> {
    let (min, max) = (*values.first()?, *values.last()?);
    let width = max - min;
    if width <= 0.0 {
        return None;
    }
    // Each end is off by an exponential with mean width / n.
    let off = width / s.n;
    Some(Estimated {
        family: Family::Uniform,
        law: Distribution::uniform(min, max).ok()?,
        parameters: vec![parameter("min", min, off / min), parameter("max", max, off / max)],
        correlation: 0.0,
        mean_error: off / (min + max) * std::f64::consts::SQRT_2,
        likelihood: -s.n * libm::log(width),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;

    #[test]
    fn trigamma_has_its_known_values() {
        let exact = std::f64::consts::PI * std::f64::consts::PI / 6.0;
        assert!((trigamma(1.0) - exact).abs() < 1e-10 && (trigamma(2.0) - exact + 1.0).abs() < 1e-10);
    }

    /// Over many samples the standard errors are the standard deviations of the estimates, and their correlation theirs.
    #[test]
    fn standard_errors_are_those_of_repeated_fits() {
        let laws = [
            (Family::Exponential, Distribution::exponential(0.2).unwrap()),
            (Family::LogNormal, Distribution::lognormal_mean_cv(0.2, 0.8).unwrap()),
            (Family::Gamma, Distribution::gamma_mean_cv(0.2, 0.7).unwrap()),
            (Family::Weibull, Distribution::weibull_mean_shape(0.2, 1.7).unwrap()),
        ];
        for (family, law) in laws {
            let fits: Vec<Estimated> = (0..400)
                .map(|i| {
                    let mut stream = Key::new(9, i).stream();
                    let mut values: Vec<f64> = (0..300).map(|_| law.sample(&mut stream)).collect();
                    values.sort_by(f64::total_cmp);
                    fit(family, &values).unwrap()
                })
                .collect();
            let logs = |p: usize| -> Vec<f64> { fits.iter().map(|f| libm::log(f.parameters[p].value)).collect() };
            let spread = |logs: &[f64]| {
                let mean = logs.iter().sum::<f64>() / 400.0;
                (logs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 399.0).sqrt()
            };
            for p in 0..fits[0].parameters.len() {
                let (seen, said) = (spread(&logs(p)), fits[0].parameters[p].error);
                // A standard deviation of 400 values is known to 3.5 %.
                assert!((said / seen - 1.0).abs() < 0.25, "{family:?} {p}: {said} said, {seen} seen");
            }
            if fits[0].parameters.len() == 2 {
                let (a, b) = (logs(0), logs(1));
                let center = |v: &[f64]| v.iter().sum::<f64>() / 400.0;
                let both = a.iter().zip(&b).map(|(x, y)| (x - center(&a)) * (y - center(&b))).sum::<f64>() / 399.0;
                let seen = both / (spread(&a) * spread(&b));
                assert!((seen - fits[0].correlation).abs() < 0.16, "{family:?}: {seen} seen, {} said", fits[0].correlation);
            }
        }
    }
}
