//! Distributions of times (seconds) and sizes (bytes): the law itself, its moments and how it is made from the field's
//! parameters, drawn from, and asked for probabilities.

mod construct;
mod probability;
mod sampling;

pub use construct::ParameterError;

use std::sync::Arc;

/// A distribution of non-negative numbers, in the unit of the key it stands at: seconds or bytes. Valid by construction
/// (`scenario` checks the parameters).
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always this value.
    Constant(f64),
    /// Exponential with this mean.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Log-normal: exp of a normal with mean `mu` and standard deviation `sigma`.
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Gamma.
    Gamma {
        /// Shape k > 0.
        shape: f64,
        /// Scale: mean = shape x scale.
        scale: f64,
    },
    /// Weibull.
    Weibull {
        /// Scale.
        scale: f64,
        /// Shape.
        shape: f64,
    },
    /// Pareto of the first kind.
    Pareto {
        /// Smallest value.
        min: f64,
        /// Tail index.
        shape: f64,
    },
    /// Uniform.
    Uniform {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// Quantile function: `(probability, value)`, linear between the points (probability rising, value not falling);
    /// constant outside of them. Never empty.
    Quantiles(Arc<[(f64, f64)]>),
    /// One of these values with equal probability. Never empty.
    Empirical(Arc<[f64]>),
    /// One of these distributions, by weight (weights add up to 1).
    Mixture(Arc<[(f64, Self)]>),
}

impl Distribution {
    /// The exact mean; infinite for a Pareto law with a shape of at most 1.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential { mean } => *mean,
            Self::LogNormal { mu, sigma } => libm::exp(mu + 0.5 * sigma * sigma),
            Self::Gamma { shape, scale } => shape * scale,
            Self::Weibull { scale, shape } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Self::Pareto { min, shape } if *shape > 1.0 => min * shape / (shape - 1.0),
            Self::Pareto { .. } => f64::INFINITY,
            Self::Uniform { min, max } => 0.5 * (min + max),
            Self::Quantiles(points) => quantiles_mean(points),
            Self::Empirical(values) => values.iter().sum::<f64>() / values.len() as f64,
            Self::Mixture(parts) => parts.iter().map(|(weight, part)| weight * part.mean()).sum(),
        }
    }

    /// The value if every draw gives the same one.
    #[must_use]
    pub fn is_constant(&self) -> Option<f64> {
        match self {
            Self::Constant(value) => Some(*value),
            Self::Exponential { mean } if *mean == 0.0 => Some(0.0),
            Self::LogNormal { mu, sigma } if *sigma == 0.0 => Some(libm::exp(*mu)),
            Self::Uniform { min, max } if min == max => Some(*min),
            Self::Quantiles(points) => all_equal(points.iter().map(|(_, value)| *value)),
            Self::Empirical(values) => all_equal(values.iter().copied()),
            Self::Mixture(parts) => {
                let first = parts.first()?.1.is_constant();
                if parts.iter().all(|(_, part)| part.is_constant() == first) { first } else { None }
            }
            _ => None,
        }
    }

    /// Whether every draw is 0, so that a mechanism can be left out.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.is_constant() == Some(0.0)
    }
}

/// Trapezia between the points, rectangles outside of them.
fn quantiles_mean(points: &[(f64, f64)]) -> f64 {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return 0.0 };
    let inner: f64 = points.windows(2).map(|w| 0.5 * (w[0].1 + w[1].1) * (w[1].0 - w[0].0)).sum();
    first.0 * first.1 + inner + (1.0 - last.0) * last.1
}

fn all_equal(mut values: impl Iterator<Item = f64>) -> Option<f64> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

#[cfg(test)]
mod tests;
