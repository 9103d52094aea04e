//! Goodness of fit: the largest distance of the distribution functions (Kolmogorov & Smirnov), with its p-value from a
//! parametric bootstrap: the parameters are fitted to each drawn sample too (Stute, Manteiga & Quindimil 1993, "Bootstrap
//! based goodness-of-fit tests", Metrika 40), and its values are rounded as the log's are.

use super::families::Estimated;
use super::likelihood;
use super::spread;
use crate::random::Key;
use crate::workload::distribution::Distribution;

/// Drawn samples: p-values are multiples of 1 / (this + 1).
pub const SAMPLES: u64 = 199;

/// Distance between values in rising order and a law.
#[must_use]
pub fn distance(sorted: &[f64], law: &Distribution) -> f64 {
    let n = sorted.len() as f64;
    let at = |(i, x): (usize, &f64)| {
        let p = law.cdf(*x);
        (p - i as f64 / n).max((i as f64 + 1.0) / n - p)
    };
    sorted.iter().enumerate().map(at).fold(0.0, f64::max)
}

/// Probability of such a distance, or a larger one, if the law's family is right. `sorted` values are spread over `step`.
#[must_use]
pub fn p_value(sorted: &[f64], fitted: &Estimated, step: f64, key: Key) -> f64 {
    let observed = distance(sorted, &fitted.law);
    let farther = (0..SAMPLES).filter(|sample| {
        let mut stream = key.with(*sample).stream();
        let rounded = |x: f64| if step > 0.0 { (x / step).round() * step } else { x };
        let drawn: Vec<f64> = (0..sorted.len()).map(|_| rounded(fitted.law.sample(&mut stream))).collect();
        let drawn = spread(&drawn, step);
        likelihood::fit(fitted.family, &drawn).is_none_or(|refitted| distance(&drawn, &refitted.law) >= observed)
    });
    (farther.count() as f64 + 1.0) / (SAMPLES as f64 + 1.0)
}

/// The same for values as they are, in any order, and a family; `None` if it has no law for them.
#[must_use]
pub fn p_of_family(family: super::Family, values: &[f64], step: f64, key: Key) -> Option<f64> {
    let sorted = spread(values, step);
    let fitted = likelihood::fit(family, &sorted)?;
    Some(p_value(&sorted, &fitted, step, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::fit::Family;

    #[test]
    fn the_test_keeps_its_level_with_fitted_parameters_and_rounded_values() {
        let law = Distribution::gamma_mean_cv(0.05, 0.5).unwrap();
        let trials = 100;
        let refused = (0..trials).filter(|trial| {
            let mut stream = Key::new(3, *trial).stream();
            let values: Vec<f64> = (0..150).map(|_| (law.sample(&mut stream) / 0.01).round() * 0.01).collect();
            let sorted = spread(&values, 0.01);
            let fitted = likelihood::fit(Family::Gamma, &sorted).unwrap();
            p_value(&sorted, &fitted, 0.01, Key::new(4, *trial)) <= 0.1
        });
        // 10 expected; more than 19 or fewer than 3 have a probability of 0.2 % each.
        let refused = refused.count();
        assert!((3..=19).contains(&refused), "{refused} of {trials}");
    }

    #[test]
    fn another_law_is_refused() {
        let law = Distribution::pareto(0.1, 2.0).unwrap();
        let mut stream = Key::new(3, 0).stream();
        let sorted = spread(&(0..300).map(|_| law.sample(&mut stream)).collect::<Vec<_>>(), 0.0);
        let fitted = likelihood::fit(Family::Gamma, &sorted).unwrap();
        assert_eq!(p_value(&sorted, &fitted, 0.0, Key::new(4, 0)), 1.0 / (SAMPLES as f64 + 1.0));
    }
}
