//! The ziggurat method for the unit exponential and the standard normal law: Marsaglia & Tsang 2000, "The Ziggurat Method for
//! Generating Random Variables", with 256 layers and, after Doornik 2005, separate bits for the layer and the abscissa.
//!
//! 99 % of the draws take one 64-bit number, a comparison and a product. Tables and the rare branches use `libm`, so the bits
//! are the same on every machine.

use std::sync::LazyLock;

use crate::random::Stream;

/// Where the tail begins, and the area of a layer, for 256 layers under exp(-x).
const EXPONENTIAL_R: f64 = 7.697_117_470_131_05;
const EXPONENTIAL_V: f64 = 0.003_949_659_822_581_557;
/// The same under exp(-x^2/2), x >= 0.
const NORMAL_R: f64 = 3.654_152_885_361_009;
const NORMAL_V: f64 = 0.004_928_673_233_974_655;

const TWO_53: f64 = (1_u64 << 53) as f64;

/// The layers of a falling density.
pub(super) struct Layers {
    /// For each layer: abscissas below the first number (of 2^53) lie wholly under the density; width / 2^53.
    fast: [(u64, f64); 256],
    /// Density at the right edge of each layer; the last is the density at 0.
    density: [f64; 257],
}

static EXPONENTIAL: LazyLock<Layers> =
    LazyLock::new(|| Layers::new(EXPONENTIAL_R, EXPONENTIAL_V, |x| libm::exp(-x), |y| -libm::log(y)));
static NORMAL: LazyLock<Layers> =
    LazyLock::new(|| Layers::new(NORMAL_R, NORMAL_V, |x| libm::exp(-0.5 * x * x), |y| (-2.0 * libm::log(y)).sqrt()));

impl Layers {
    fn new(r: f64, v: f64, density: fn(f64) -> f64, inverse: fn(f64) -> f64) -> Self {
        let mut edge = [0.0; 257];
        edge[0] = v / density(r);
        edge[1] = r;
        for i in 2..256 {
            edge[i] = inverse(v / edge[i - 1] + density(edge[i - 1]));
        }
        let fast = std::array::from_fn(|i| ((edge[i + 1] / edge[i] * TWO_53) as u64, edge[i] / TWO_53));
        Self { fast, density: edge.map(density) }
    }

    pub(super) fn exponential() -> &'static Self {
        &EXPONENTIAL
    }

    pub(super) fn normal() -> &'static Self {
        &NORMAL
    }

    /// A unit exponential; `self` must be the exponential layers.
    #[inline(always)]
    pub(super) fn draw_exponential(&self, stream: &mut Stream) -> f64 {
        let bits = stream.bits();
        let (layer, u) = ((bits & 0xff) as usize, bits >> 11);
        let (inside, width) = self.fast[layer];
        if u < inside { u as i64 as f64 * width } else { self.exponential_edge(stream, layer, u) }
    }

    /// A standard normal; `self` must be the normal layers.
    #[inline(always)]
    pub(super) fn draw_normal(&self, stream: &mut Stream) -> f64 {
        let bits = stream.bits();
        // Signed, 53 bits and a sign: -2^53..2^53.
        let (layer, u) = ((bits & 0xff) as usize, bits as i64 >> 10);
        let (inside, width) = self.fast[layer];
        if u.unsigned_abs() < inside { u as f64 * width } else { self.normal_edge(stream, layer, u) }
    }

    /// Whether a point at a uniform height inside the layer is under the density at its abscissa.
    fn accepts(&self, stream: &mut Stream, layer: usize, density: f64) -> bool {
        let (low, high) = (self.density[layer], self.density[layer + 1]);
        low + (high - low) * stream.uniform() < density
    }

    #[cold]
    #[inline(never)]
    fn exponential_edge(&self, stream: &mut Stream, mut layer: usize, mut u: u64) -> f64 {
        let mut offset = 0.0;
        loop {
            let (inside, width) = self.fast[layer];
            let x = u as f64 * width;
            if layer == 0 && u >= inside {
                // Beyond the tail's start the law is the same again.
                offset += EXPONENTIAL_R;
            } else if u < inside || self.accepts(stream, layer, libm::exp(-x)) {
                return offset + x;
            }
            let bits = stream.bits();
            (layer, u) = ((bits & 0xff) as usize, bits >> 11);
        }
    }

    #[cold]
    #[inline(never)]
    fn normal_edge(&self, stream: &mut Stream, mut layer: usize, mut u: i64) -> f64 {
        loop {
            let (inside, width) = self.fast[layer];
            let x = u as f64 * width;
            if u.unsigned_abs() < inside {
                return x;
            }
            if layer == 0 {
                return normal_tail(stream).copysign(x);
            }
            if self.accepts(stream, layer, libm::exp(-0.5 * x * x)) {
                return x;
            }
            let bits = stream.bits();
            (layer, u) = ((bits & 0xff) as usize, bits as i64 >> 10);
        }
    }
}

/// A standard normal given that it is above `NORMAL_R` (Marsaglia 1964).
fn normal_tail(stream: &mut Stream) -> f64 {
    loop {
        let x = -libm::log(stream.uniform_positive()) / NORMAL_R;
        let y = -libm::log(stream.uniform_positive());
        if y + y > x * x {
            return NORMAL_R + x;
        }
    }
}

/// One exponential number with mean 1.
#[inline]
pub fn exponential(stream: &mut Stream) -> f64 {
    EXPONENTIAL.draw_exponential(stream)
}

/// One normal number with mean 0 and standard deviation 1.
#[inline]
pub fn normal(stream: &mut Stream) -> f64 {
    NORMAL.draw_normal(stream)
}

/// Fills a slice with exponential numbers with mean 1; the same numbers as one by one.
pub fn fill_exponential(stream: &mut Stream, out: &mut [f64]) {
    let layers = Layers::exponential();
    for x in out {
        *x = layers.draw_exponential(stream);
    }
}

/// Fills a slice with standard normal numbers; the same numbers as one by one.
pub fn fill_normal(stream: &mut Stream, out: &mut [f64]) {
    let layers = Layers::normal();
    for x in out {
        *x = layers.draw_normal(stream);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;

    /// The layers close: the topmost one has the area of the others, up to the digits of the published constants.
    #[test]
    fn layers_have_equal_areas() {
        for (layers, v) in [(Layers::exponential(), EXPONENTIAL_V), (Layers::normal(), NORMAL_V)] {
            for i in 1..256 {
                let area = layers.fast[i].1 * TWO_53 * (layers.density[i + 1] - layers.density[i]);
                assert!((area / v - 1.0).abs() < 1e-12, "layer {i}: {area} is not {v}");
            }
        }
    }

    /// Moments 1 to 4 of n draws within 5 standard errors: E X^k is k! for the exponential; 0, 1, 0, 3 for the normal.
    #[test]
    fn moments() {
        type Draw = fn(&mut Stream) -> f64;
        let cases: [(Draw, [f64; 4], [f64; 4]); 2] = [
            (exponential, [1.0, 2.0, 6.0, 24.0], [1.0, 20.0, 684.0, 39_744.0]),
            (normal, [0.0, 1.0, 0.0, 3.0], [1.0, 2.0, 15.0, 96.0]),
        ];
        let n = 2_000_000;
        for (draw, moments, variances) in cases {
            let mut stream = Key::new(7, 0).stream();
            let mut sums = [0.0; 4];
            for _ in 0..n {
                let x = draw(&mut stream);
                let mut power = 1.0;
                for sum in &mut sums {
                    power *= x;
                    *sum += power;
                }
            }
            for k in 0..4 {
                let error = sums[k] / f64::from(n) - moments[k];
                let bound = 5.0 * (variances[k] / f64::from(n)).sqrt();
                assert!(error.abs() < bound, "moment {}: off by {error}, bound {bound}", k + 1);
            }
        }
    }

    /// The tails are where a wrong table would show: P(X > 10) and P(|Z| > 4) against exact values, 4.5 sigma.
    #[test]
    fn tails() {
        let n = 20_000_000;
        let (mut e, mut z) = (0_u32, 0_u32);
        let mut stream = Key::new(8, 0).stream();
        for _ in 0..n {
            e += u32::from(exponential(&mut stream) > 10.0);
            z += u32::from(normal(&mut stream).abs() > 4.0);
        }
        for (count, p) in [(e, libm::exp(-10.0)), (z, libm::erfc(4.0 / 2.0_f64.sqrt()))] {
            let expected = p * f64::from(n);
            assert!((f64::from(count) - expected).abs() < 4.5 * expected.sqrt(), "{count} for {expected}");
        }
    }
}
