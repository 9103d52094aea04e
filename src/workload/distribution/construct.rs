//! The field's parameterisations, checked. Each error names the inequality that the parameters violate.

use std::sync::Arc;

use super::Distribution;

/// Parameters that give no distribution: what must hold and what was given, such as `mean must be at least 0, but is -1`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParameterError(String);

type Made = Result<Distribution, ParameterError>;

/// The 0.95 quantile of the standard normal law.
const Z95: f64 = 1.644_853_626_951_472_7;

fn violated(what: impl Into<String>) -> ParameterError {
    ParameterError(what.into())
}

/// Written so that not-a-number fails.
fn check(name: &str, value: f64, holds: bool, rule: &str) -> Result<(), ParameterError> {
    if holds && value.is_finite() { Ok(()) } else { Err(violated(format!("{name} must be {rule}, but is {value}"))) }
}

fn not_negative(name: &str, value: f64) -> Result<(), ParameterError> {
    check(name, value, value >= 0.0, "finite and at least 0")
}

fn positive(name: &str, value: f64) -> Result<(), ParameterError> {
    check(name, value, value > 0.0, "finite and more than 0")
}

impl Distribution {
    /// Always `value`, which is finite and at least 0.
    pub fn constant(value: f64) -> Made {
        not_negative("the value", value)?;
        Ok(Self::Constant(value))
    }

    /// Exponential with this mean, at least 0.
    pub fn exponential(mean: f64) -> Made {
        not_negative("mean", mean)?;
        Ok(Self::Exponential { mean })
    }

    /// Log-normal by mean (more than 0) and coefficient of variation (at least 0): sigma^2 = ln(1 + cv^2).
    pub fn lognormal_mean_cv(mean: f64, cv: f64) -> Made {
        positive("mean", mean)?;
        not_negative("cv", cv)?;
        let variance = libm::log1p(cv * cv);
        check("cv", cv, variance.is_finite(), "small enough that its square is finite")?;
        Ok(Self::LogNormal { mu: libm::log(mean) - 0.5 * variance, sigma: variance.sqrt() })
    }

    /// Log-normal by median (more than 0) and 95th percentile (at least the median): sigma = ln(p95 / median) / 1.645.
    pub fn lognormal_median_p95(median: f64, p95: f64) -> Made {
        positive("median", median)?;
        check("p95", p95, p95 >= median, "finite and at least the median")?;
        Ok(Self::LogNormal { mu: libm::log(median), sigma: (libm::log(p95) - libm::log(median)) / Z95 })
    }

    /// Gamma by mean and coefficient of variation, both more than 0: shape = 1 / cv^2.
    pub fn gamma_mean_cv(mean: f64, cv: f64) -> Made {
        positive("mean", mean)?;
        positive("cv", cv)?;
        let (shape, scale) = (1.0 / (cv * cv), mean * cv * cv);
        check("cv", cv, shape > 0.0 && shape.is_finite() && scale > 0.0 && scale.is_finite(), "between about 1e-150 and 1e150")?;
        Ok(Self::Gamma { shape, scale })
    }

    /// Weibull by mean and shape, both more than 0: scale = mean / gamma(1 + 1/shape).
    pub fn weibull_mean_shape(mean: f64, shape: f64) -> Made {
        positive("mean", mean)?;
        check("shape", shape, shape >= 0.01, "finite and at least 0.01")?;
        let scale = mean / libm::tgamma(1.0 + 1.0 / shape);
        check("shape", shape, scale > 0.0, "large enough that the scale is more than 0")?;
        Ok(Self::Weibull { scale, shape })
    }

    /// Pareto by smallest value and tail index, both more than 0.
    pub fn pareto(min: f64, shape: f64) -> Made {
        positive("min", min)?;
        positive("shape", shape)?;
        Ok(Self::Pareto { min, shape })
    }

    /// Uniform between two values, 0 <= min <= max.
    pub fn uniform(min: f64, max: f64) -> Made {
        not_negative("min", min)?;
        check("max", max, max >= min, "finite and at least min")?;
        Ok(Self::Uniform { min, max })
    }

    /// A quantile function by points `(probability, value)`: probabilities rising in 0..=1, values not falling, at least 0.
    pub fn quantiles(points: &[(f64, f64)]) -> Made {
        if points.is_empty() {
            return Err(violated("quantiles must have at least one point"));
        }
        for (p, value) in points {
            check("a probability", *p, (0.0..=1.0).contains(p), "in 0..=1")?;
            not_negative("a value", *value)?;
        }
        for pair in points.windows(2) {
            let ((p0, v0), (p1, v1)) = (pair[0], pair[1]);
            check("each probability", p1, p1 > p0, &format!("more than the one before it, {p0}"))?;
            check("each value", v1, v1 >= v0, &format!("at least the one before it, {v0}"))?;
        }
        Ok(Self::Quantiles(points.into()))
    }

    /// One of these values, each with equal probability; at least one, all finite and at least 0.
    pub fn empirical(values: impl Into<Arc<[f64]>>) -> Made {
        let values = values.into();
        if values.is_empty() {
            return Err(violated("an empirical distribution must have at least one value"));
        }
        values.iter().try_for_each(|value| not_negative("a value", *value))?;
        Ok(Self::Empirical(values))
    }

    /// One of these distributions by weight; weights are more than 0 and are scaled to add up to 1.
    pub fn mixture(parts: Vec<(f64, Self)>) -> Made {
        if parts.is_empty() {
            return Err(violated("a mixture must have at least one part"));
        }
        parts.iter().try_for_each(|(weight, _)| positive("a weight", *weight))?;
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        check("the sum of the weights", total, true, "finite")?;
        Ok(Self::Mixture(parts.into_iter().map(|(weight, part)| (weight / total, part)).collect()))
    }
}
