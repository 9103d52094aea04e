//! Draws. `fill` is the hot path: one loop for each law, the law chosen once for the whole block.

use super::Distribution;
use crate::random::Stream;
use crate::workload::exp::exp;
use crate::workload::ziggurat::{self, Layers};

impl Distribution {
    /// One draw.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential { mean } => mean * ziggurat::exponential(stream),
            Self::LogNormal { mu, sigma } => exp(mu + sigma * ziggurat::normal(stream)),
            _ => self.sample_other(stream),
        }
    }

    fn sample_other(&self, stream: &mut Stream) -> f64 {
        let mut one = [0.0];
        self.fill(stream, &mut one);
        one[0]
    }

    /// Fills a slice with draws: the same numbers as `sample` again and again.
    pub fn fill(&self, stream: &mut Stream, out: &mut [f64]) {
        match self {
            Self::Constant(value) => out.fill(*value),
            Self::Exponential { mean } => {
                let layers = Layers::exponential();
                each(out, || mean * layers.draw_exponential(stream));
            }
            Self::LogNormal { mu, sigma } => {
                ziggurat::fill_normal(stream, out);
                // A loop of its own: without branches it becomes vector instructions.
                for x in out {
                    *x = exp(mu + sigma * *x);
                }
            }
            Self::Gamma { shape, scale } => fill_gamma(*shape, *scale, stream, out),
            Self::Weibull { scale, shape } => {
                let power = 1.0 / shape;
                each(out, || scale * libm::pow(ziggurat::exponential(stream), power));
            }
            Self::Pareto { min, shape } => {
                ziggurat::fill_exponential(stream, out);
                for x in out {
                    *x = min * exp(*x / shape);
                }
            }
            Self::Uniform { min, max } => each(out, || min + (max - min) * stream.uniform()),
            Self::Quantiles(points) => each(out, || interpolate(points, stream.uniform())),
            Self::Empirical(values) => each(out, || values[index(stream, values.len())]),
            Self::Mixture(parts) => each(out, || choose(parts, stream.uniform()).map_or(0.0, |part| part.sample(stream))),
        }
    }
}

#[inline(always)]
fn each(out: &mut [f64], mut draw: impl FnMut() -> f64) {
    for x in out {
        *x = draw();
    }
}

/// A uniform index below `len`: the high half of a 128-bit product (Lemire 2019, without the rejection, whose bias is below
/// len / 2^64).
#[inline]
fn index(stream: &mut Stream, len: usize) -> usize {
    ((u128::from(stream.bits()) * len as u128) >> 64) as usize
}

/// Value of a quantile function given by points.
#[inline]
pub(super) fn interpolate(points: &[(f64, f64)], p: f64) -> f64 {
    let above = points.partition_point(|point| point.0 <= p);
    match (above.checked_sub(1).map(|i| points[i]), points.get(above)) {
        (Some((p0, v0)), Some(&(p1, v1))) => v0 + (v1 - v0) * ((p - p0) / (p1 - p0)),
        (Some((_, value)), None) | (None, Some(&(_, value))) => value,
        (None, None) => 0.0,
    }
}

/// The part whose share of 0..1 holds `u`; the last one takes what rounding leaves over.
fn choose(parts: &[(f64, Distribution)], mut u: f64) -> Option<&Distribution> {
    for (weight, part) in parts {
        if u < *weight {
            return Some(part);
        }
        u -= weight;
    }
    parts.last().map(|(_, part)| part)
}

/// Marsaglia & Tsang 2000, "A Simple Method for Generating Gamma Variables"; for a shape below 1 the draw with shape + 1 times
/// U^(1/shape), where U^(1/shape) is exp(-E/shape) with a unit exponential E.
fn fill_gamma(shape: f64, scale: f64, stream: &mut Stream, out: &mut [f64]) {
    let raised = if shape < 1.0 { shape + 1.0 } else { shape };
    let d = raised - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    let (normal, exponential) = (Layers::normal(), Layers::exponential());
    for slot in out {
        let drawn = loop {
            let x = normal.draw_normal(stream);
            let t = 1.0 + c * x;
            if t <= 0.0 {
                continue;
            }
            let v = t * t * t;
            let u = stream.uniform_positive();
            let squeezed = u < 1.0 - 0.0331 * (x * x) * (x * x);
            if squeezed || libm::log(u) < 0.5 * x * x + d * (1.0 - v + libm::log(v)) {
                break d * v;
            }
        };
        let lowered = if shape < 1.0 { drawn * exp(-exponential.draw_exponential(stream) / shape) } else { drawn };
        *slot = lowered * scale;
    }
}
