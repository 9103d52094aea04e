//! The laws a scenario knows, with what a fit estimates of each: the parameters as the scenario writes them.

use crate::workload::distribution::Distribution;

/// A family of laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the laws")]
pub enum Family {
    Constant,
    Exponential,
    LogNormal,
    Gamma,
    Weibull,
    Pareto,
    Uniform,
    Quantiles,
}

impl Family {
    /// Those that are fitted by maximum likelihood, with fewer parameters first.
    pub const FITTED: [Self; 6] = [Self::Exponential, Self::LogNormal, Self::Gamma, Self::Weibull, Self::Pareto, Self::Uniform];

    /// Its key in a scenario.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Exponential => "exponential",
            Self::LogNormal => "lognormal",
            Self::Gamma => "gamma",
            Self::Weibull => "weibull",
            Self::Pareto => "pareto",
            Self::Uniform => "uniform",
            Self::Quantiles => "quantiles",
        }
    }

    /// Parameters that the likelihood is maximised over.
    #[must_use]
    pub const fn parameters(self) -> f64 {
        match self {
            Self::Constant | Self::Exponential => 1.0,
            _ => 2.0,
        }
    }
}

/// A parameter as the scenario writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Its key below the law's, such as `mean`; empty where the law is the value.
    pub key: &'static str,
    /// The estimate.
    pub value: f64,
    /// Standard error of its logarithm.
    pub error: f64,
    /// Whether it is in the unit of the values.
    pub has_unit: bool,
}

/// A law with its parameters, and the correlation of the first two parameters' logarithms.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimated {
    /// Of which family.
    pub family: Family,
    /// The law.
    pub law: Distribution,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Correlation of the logarithms of the first two.
    pub correlation: f64,
    /// Standard error of the logarithm of the mean.
    pub mean_error: f64,
    /// Logarithm of the likelihood.
    pub likelihood: f64,
}

impl Estimated {
    /// Akaike's criterion: smaller is better.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * self.family.parameters() - 2.0 * self.likelihood
    }
}
