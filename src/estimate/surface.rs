//! A guess at a figure on points of a grid that were not looked at, from those that were: kriging (a Gaussian process).
//!
//! It says where a search should look next, and is never an estimate that is reported. The correlation of two points is a
//! mixture of one that adds up over the axes, for effects of single settings, and one that is a product over them, for their
//! interplay: a mean_d k_d + (1 - a) prod_d k_d with k_d = exp(-theta_d |steps apart|), which lets the surface have cliffs. The
//! theta and a are those of the greatest likelihood among a few values each, mean and variance follow from them (Jones, Schonlau
//! and Welch 1998, "Efficient global optimization of expensive black-box functions", J. Global Optimization 13; Salemi, Song,
//! Nelson and Staum 2019, "Gaussian Markov random fields for discrete optimization via simulation", Operations Research 67).

/// What theta may be: from hardly any effect of a step to hardly any likeness of neighbours.
const THETAS: [f64; 5] = [0.01, 0.05, 0.2, 0.6, 1.8];
/// What the additive part may be.
const ADDITIVE: [f64; 3] = [0.2, 0.6, 0.9];
/// Variance of what neighbouring points do not share, relative to the surface's: luck that a setting changes.
const NUGGET: f64 = 1e-3;

/// Places on the axes of a grid: how many steps lie between two values. An axis without an order has all values one step apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axes {
    /// Whether the values of each axis have an order.
    pub ordered: Vec<bool>,
}

impl Axes {
    fn steps(&self, axis: usize, a: usize, b: usize) -> f64 {
        if self.ordered.get(axis).copied().unwrap_or(true) { a.abs_diff(b) as f64 } else { f64::from(u8::from(a != b)) }
    }
}

/// A fitted surface.
#[derive(Clone, Debug)]
pub struct Surface {
    axes: Axes,
    points: Vec<Vec<usize>>,
    theta: Vec<f64>,
    additive: f64,
    mean: f64,
    variance: f64,
    /// Lower triangle of the Cholesky factor, row by row.
    factor: Vec<f64>,
    /// The factor's inverse times the values less the mean, and times ones.
    solved: Vec<f64>,
    ones: Vec<f64>,
    /// Twice the negative log-likelihood, less a constant.
    misfit: f64,
}

impl Surface {
    /// Fits a surface to the values at some points (as many), each a place on every axis. `None` without a point or where a
    /// value is not finite. `near`: an earlier surface of the same figure, from whose parameters the fit starts.
    #[must_use]
    pub fn fit(axes: &Axes, points: &[Vec<usize>], values: &[f64], near: Option<&Self>) -> Option<Self> {
        let (theta, additive) =
            near.map_or_else(|| (vec![THETAS[2]; axes.ordered.len()], ADDITIVE[1]), |near| (near.theta.clone(), near.additive));
        let mut best = Self::with(axes, points, values, theta, additive)?;
        for axis in 0..axes.ordered.len() {
            for theta in THETAS {
                let mut other = best.theta.clone();
                other[axis] = theta;
                best.take_better(Self::with(axes, points, values, other, best.additive));
            }
        }
        for additive in ADDITIVE {
            best.take_better(Self::with(axes, points, values, best.theta.clone(), additive));
        }
        Some(best)
    }

    /// The same parameters with other points.
    #[must_use]
    pub fn refit(&self, points: &[Vec<usize>], values: &[f64]) -> Option<Self> {
        Self::with(&self.axes, points, values, self.theta.clone(), self.additive)
    }

    fn take_better(&mut self, other: Option<Self>) {
        if let Some(other) = other.filter(|other| other.misfit < self.misfit - 1e-9) {
            *self = other;
        }
    }

    fn with(axes: &Axes, points: &[Vec<usize>], values: &[f64], theta: Vec<f64>, additive: f64) -> Option<Self> {
        let n = points.len();
        if n == 0 || n != values.len() || !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let mut surface = Self {
            axes: axes.clone(),
            points: points.to_vec(),
            theta,
            additive,
            mean: 0.0,
            variance: 0.0,
            factor: Vec::with_capacity(n * (n + 1) / 2),
            solved: Vec::new(),
            ones: Vec::new(),
            misfit: 0.0,
        };
        for (i, point) in points.iter().enumerate() {
            let row: Vec<f64> = (0..i).map(|j| surface.correlation(point, &points[j])).collect();
            let mut solved = surface.forward(&row);
            let left = 1.0 + NUGGET - solved.iter().map(|x| x * x).sum::<f64>();
            solved.push(left.max(NUGGET * 1e-3).sqrt());
            surface.factor.extend(solved);
        }
        surface.ones = surface.forward(&vec![1.0; n]);
        let raw = surface.forward(values);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        surface.mean = dot(&surface.ones, &raw) / dot(&surface.ones, &surface.ones);
        surface.solved = raw.iter().zip(&surface.ones).map(|(value, one)| value - surface.mean * one).collect();
        surface.variance = (dot(&surface.solved, &surface.solved) / n as f64).max(1e-12);
        let log_determinant: f64 = (0..n).map(|i| 2.0 * libm::log(surface.factor[i * (i + 1) / 2 + i])).sum();
        surface.misfit = n as f64 * libm::log(surface.variance) + log_determinant;
        Some(surface)
    }

    fn correlation(&self, a: &[usize], b: &[usize]) -> f64 {
        let (mut sum, mut exponent) = (0.0, 0.0);
        for (axis, ((a, b), theta)) in a.iter().zip(b).zip(&self.theta).enumerate() {
            let apart = theta * self.axes.steps(axis, *a, *b);
            sum += libm::exp(-apart);
            exponent += apart;
        }
        self.additive * sum / self.theta.len().max(1) as f64 + (1.0 - self.additive) * libm::exp(-exponent)
    }

    /// The factor's inverse times a vector that is at most as long.
    fn forward(&self, right: &[f64]) -> Vec<f64> {
        let mut solved: Vec<f64> = Vec::with_capacity(right.len());
        for (i, value) in right.iter().enumerate() {
            let row = &self.factor[i * (i + 1) / 2..=i * (i + 1) / 2 + i];
            let known: f64 = row.iter().zip(&solved).map(|(factor, x)| factor * x).sum();
            solved.push((value - known) / row[i]);
        }
        solved
    }

    /// The guess at a point, and its standard deviation.
    #[must_use]
    pub fn guess(&self, point: &[usize]) -> (f64, f64) {
        let likeness: Vec<f64> = self.points.iter().map(|known| self.correlation(point, known)).collect();
        let weights = self.forward(&likeness);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let unexplained = 1.0 - dot(&weights, &weights);
        // The mean is itself estimated.
        let of_mean = 1.0 - dot(&weights, &self.ones);
        let variance = self.variance * (unexplained.max(0.0) + of_mean * of_mean / dot(&self.ones, &self.ones));
        (self.mean + dot(&weights, &self.solved), variance.sqrt())
    }

    /// How alike this surface takes two points to be, 0 to 1.
    #[must_use]
    pub fn likeness(&self, a: &[usize], b: &[usize]) -> f64 {
        self.correlation(a, b)
    }
}

/// Probability that a standard normal variable is at most x.
#[must_use]
pub fn normal_below(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(n: usize) -> Axes {
        Axes { ordered: vec![true; n] }
    }

    #[test]
    fn it_goes_through_its_points_and_is_unsure_elsewhere() {
        let points = [vec![0, 0], vec![2, 1], vec![4, 3], vec![1, 3]];
        let values = [1.0, 2.5, 4.0, 2.0];
        let surface = Surface::fit(&axes(2), &points, &values, None).unwrap();
        for (point, value) in points.iter().zip(values) {
            let (mean, sd) = surface.guess(point);
            assert!((mean - value).abs() < 0.05 && sd < 0.2, "{mean} {value} {sd}");
        }
        let (_, there) = surface.guess(&[2, 1]);
        let (_, away) = surface.guess(&[4, 0]);
        assert!(away > 3.0 * there, "{away} {there}");
    }

    /// Two effects that add up, seen on a fifth of the grid, are guessed on the rest to a tenth of their range.
    #[test]
    fn effects_of_single_settings_are_learned() {
        let of = |p: &[usize]| 2.0 * libm::log1p(p[0] as f64) + 0.3 * (p[1] as f64) + f64::from(u8::from(p[2] > 2));
        let all: Vec<Vec<usize>> = (0..6).flat_map(|a| (0..5).flat_map(move |b| (0..5).map(move |c| vec![a, b, c]))).collect();
        let seen: Vec<Vec<usize>> = all.iter().enumerate().filter(|(i, _)| (i * 37) % 150 < 30).map(|(_, p)| p.clone()).collect();
        let values: Vec<f64> = seen.iter().map(|p| of(p)).collect();
        let surface = Surface::fit(&axes(3), &seen, &values, None).unwrap();
        let worst = all.iter().map(|p| (surface.guess(p).0 - of(p)).abs()).fold(0.0, f64::max);
        assert!(worst < 0.6, "{worst}");
        // An axis that does nothing is found out.
        let flat: Vec<f64> = seen.iter().map(|p| p[0] as f64).collect();
        let surface = Surface::fit(&axes(3), &seen, &flat, None).unwrap();
        assert!(surface.likeness(&[1, 0, 0], &[1, 4, 4]) > 0.8);
    }

    #[test]
    fn without_an_order_all_values_are_neighbours() {
        let axes = Axes { ordered: vec![false] };
        let surface = Surface::fit(&axes, &[vec![0], vec![1]], &[0.0, 1.0], None).unwrap();
        assert!((surface.likeness(&[0], &[5]) - surface.likeness(&[0], &[1])).abs() < 1e-12);
    }

    #[test]
    fn nothing_and_what_is_no_number_give_no_surface() {
        assert!(Surface::fit(&axes(1), &[], &[], None).is_none());
        assert!(Surface::fit(&axes(1), &[vec![0]], &[f64::NAN], None).is_none());
        // One point: the same everywhere, and no idea how it varies.
        let one = Surface::fit(&axes(1), &[vec![0]], &[3.0], None).unwrap();
        assert!((one.guess(&[4]).0 - 3.0).abs() < 1e-9);
        // The same point twice does no harm.
        let twice = Surface::fit(&axes(1), &[vec![0], vec![0], vec![3]], &[3.0, 3.1, 5.0], None).unwrap();
        assert!(twice.guess(&[0]).0.is_finite() && (twice.guess(&[0]).0 - 3.05).abs() < 0.1);
    }

    #[test]
    fn probabilities_of_the_normal_law() {
        assert!((normal_below(1.959_964) - 0.975).abs() < 1e-6 && (normal_below(0.0) - 0.5).abs() < 1e-12);
        assert!(normal_below(f64::INFINITY) == 1.0 && normal_below(f64::NEG_INFINITY) == 0.0);
    }
}
