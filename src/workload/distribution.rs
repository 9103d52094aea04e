//! Distributions of times (seconds) and sizes (bytes).

use std::sync::Arc;

use crate::random::Stream;

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
    /// Quantile function, linear between the points (probability rising, value not falling); constant outside of them.
    Quantiles(Arc<[(f64, f64)]>),
    /// One of these values with equal probability.
    Empirical(Arc<[f64]>),
    /// One of these distributions, by weight (weights add up to 1).
    Mixture(Arc<[(f64, Distribution)]>),
}

impl Distribution {
    /// One draw.
    pub fn sample(&self, _stream: &mut Stream) -> f64 {
        unimplemented!()
    }
}
