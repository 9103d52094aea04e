//! Distribution and quantile functions, for tests, goodness of fit and reports.

use super::Distribution;
use super::sampling::interpolate;

impl Distribution {
    /// P(X <= x).
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        match self {
            Self::Constant(value) => step(x, *value),
            Self::Exponential { mean } if *mean == 0.0 => step(x, 0.0),
            Self::Exponential { mean } => -libm::expm1(-x.max(0.0) / mean),
            _ if x < 0.0 => 0.0,
            Self::LogNormal { mu, sigma } if *sigma == 0.0 => step(x, libm::exp(*mu)),
            Self::LogNormal { .. } if x == 0.0 => 0.0,
            Self::LogNormal { mu, sigma } => normal_cdf((libm::log(x) - mu) / sigma),
            Self::Gamma { .. } if x == 0.0 => 0.0,
            Self::Gamma { shape, scale } => statrs::function::gamma::gamma_lr(*shape, x / scale),
            Self::Weibull { scale, shape } => -libm::expm1(-libm::pow(x / scale, *shape)),
            Self::Pareto { min, .. } if x <= *min => 0.0,
            Self::Pareto { min, shape } => -libm::expm1(shape * libm::log(min / x)),
            Self::Uniform { min, max } if min == max => step(x, *min),
            Self::Uniform { min, max } => ((x - min) / (max - min)).clamp(0.0, 1.0),
            Self::Quantiles(points) => quantiles_cdf(points, x),
            Self::Empirical(values) => values.iter().filter(|value| **value <= x).count() as f64 / values.len() as f64,
            Self::Mixture(parts) => parts.iter().map(|(weight, part)| weight * part.cdf(x)).sum(),
        }
    }

    /// The smallest value that is not below a draw with probability `p` (clamped to 0..=1): in closed form where there is one,
    /// else by bisection of `cdf` to the last bits.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let p = p.clamp(0.0, 1.0);
        match self {
            Self::Constant(value) => *value,
            Self::Exponential { mean } if *mean == 0.0 => 0.0,
            Self::Exponential { mean } => -mean * libm::log1p(-p),
            Self::LogNormal { mu, sigma } if *sigma == 0.0 => libm::exp(*mu),
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal_quantile(p)),
            Self::Weibull { scale, shape } => scale * libm::pow(-libm::log1p(-p), 1.0 / shape),
            Self::Pareto { min, shape } => min * libm::exp(-libm::log1p(-p) / shape),
            Self::Uniform { min, max } => min + (max - min) * p,
            Self::Quantiles(points) => interpolate(points, p),
            Self::Empirical(values) => {
                let mut sorted = values.to_vec();
                sorted.sort_by(f64::total_cmp);
                let rank = (p * sorted.len() as f64).ceil() as usize;
                sorted[rank.clamp(1, sorted.len()) - 1]
            }
            Self::Gamma { .. } | Self::Mixture(_) => bisect(|x| self.cdf(x), p),
        }
    }
}

fn step(x: f64, value: f64) -> f64 {
    if x >= value { 1.0 } else { 0.0 }
}

fn quantiles_cdf(points: &[(f64, f64)], x: f64) -> f64 {
    // Of several points with the same value the last one counts: P(X <= x) includes the atom.
    let above = points.partition_point(|point| point.1 <= x);
    match (above.checked_sub(1).map(|i| points[i]), points.get(above)) {
        (None, _) => 0.0,
        (Some(_), None) => 1.0,
        (Some((p0, v0)), Some(&(p1, v1))) => p0 + (p1 - p0) * ((x - v0) / (v1 - v0)),
    }
}

fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// By bisection of the distribution function in the lower half, where it keeps its relative precision.
fn normal_quantile(p: f64) -> f64 {
    match p {
        _ if p == 0.0 => f64::NEG_INFINITY,
        _ if p == 1.0 => f64::INFINITY,
        _ if p > 0.5 => -normal_quantile(1.0 - p),
        _ => {
            let (mut low, mut high) = (-40.0, 0.0);
            for _ in 0..80 {
                let middle = 0.5 * (low + high);
                if normal_cdf(middle) < p { low = middle } else { high = middle }
            }
            high
        }
    }
}

/// Smallest x >= 0 with cdf(x) >= p.
fn bisect(cdf: impl Fn(f64) -> f64, p: f64) -> f64 {
    if cdf(0.0) >= p {
        return 0.0;
    }
    let mut high = 1.0;
    while cdf(high) < p {
        high *= 2.0;
        if high > 1e300 {
            return f64::INFINITY;
        }
    }
    let mut low = 0.0;
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if cdf(middle) < p { low = middle } else { high = middle }
    }
    high
}
