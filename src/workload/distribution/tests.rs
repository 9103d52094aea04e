use super::Distribution as D;
use crate::random::{Key, Stream};

fn stream(name: &str) -> Stream {
    Key::new(2026, 0).name(name).stream()
}

/// Continuous laws with their variance (`None`: infinite, or its estimator is).
fn continuous() -> Vec<(&'static str, D, Option<f64>)> {
    let mixture = D::mixture(vec![(3.0, D::exponential(0.1).unwrap()), (1.0, D::uniform(1.0, 2.0).unwrap())]).unwrap();
    let quantiles = D::quantiles(&[(0.0, 0.01), (0.5, 0.08), (0.99, 1.0), (1.0, 3.0)]).unwrap();
    vec![
        ("exponential", D::exponential(2.5).unwrap(), Some(6.25)),
        ("lognormal by mean and cv", D::lognormal_mean_cv(0.12, 0.5).unwrap(), Some(0.0036)),
        ("lognormal by median and p95", D::lognormal_median_p95(0.08, 0.3).unwrap(), None),
        ("gamma, shape 4", D::gamma_mean_cv(3.0, 0.5).unwrap(), Some(2.25)),
        ("gamma, shape 1/4", D::gamma_mean_cv(3.0, 2.0).unwrap(), Some(36.0)),
        ("weibull, shape 2", D::weibull_mean_shape(1.0, 2.0).unwrap(), Some(4.0 / std::f64::consts::PI - 1.0)),
        ("weibull, shape 0.7", D::weibull_mean_shape(1.0, 0.7).unwrap(), None),
        ("pareto, shape 5", D::pareto(2.0, 5.0).unwrap(), Some(4.0 * 5.0 / (16.0 * 3.0))),
        ("pareto, shape 0.9", D::pareto(2.0, 0.9).unwrap(), None),
        ("uniform", D::uniform(1.0, 3.0).unwrap(), Some(1.0 / 3.0)),
        ("quantiles", quantiles, None),
        // E X^2 = 0.75 x 2 x 0.01 + 0.25 x 7/3, mean 0.45.
        ("mixture", mixture, Some(0.015 + 7.0 / 12.0 - 0.45 * 0.45)),
    ]
}

/// Kolmogorov-Smirnov: sqrt(n) D is above 1.95 with probability 0.001 (and each stream is fixed).
#[test]
fn draws_follow_the_distribution_function() {
    let n = 100_000;
    for (name, law, _) in continuous() {
        let mut draws = vec![0.0; n];
        law.fill(&mut stream(name), &mut draws);
        draws.sort_by(f64::total_cmp);
        let distance = draws.iter().enumerate().map(|(i, x)| {
            let f = law.cdf(*x);
            (f - i as f64 / n as f64).abs().max((f - (i + 1) as f64 / n as f64).abs())
        });
        let statistic = distance.fold(0.0, f64::max) * (n as f64).sqrt();
        assert!(statistic < 1.95, "{name}: {statistic}");
        assert!(statistic > 0.2, "{name}: too good to be drawn, {statistic}");
    }
}

#[test]
fn means_and_variances_are_exact() {
    let n = 400_000;
    for (name, law, variance) in continuous() {
        let Some(variance) = variance else { continue };
        let mut draws = vec![0.0; n];
        law.fill(&mut stream(name), &mut draws);
        let mean = draws.iter().sum::<f64>() / n as f64;
        let deviations: Vec<f64> = draws.iter().map(|x| (x - law.mean()) * (x - law.mean())).collect();
        let drawn = deviations.iter().sum::<f64>() / n as f64;
        let spread = (deviations.iter().map(|d| (d - drawn) * (d - drawn)).sum::<f64>() / n as f64 / n as f64).sqrt();
        assert!((mean - law.mean()).abs() < 4.0 * (variance / n as f64).sqrt(), "{name}: mean {mean}, not {}", law.mean());
        assert!((drawn - variance).abs() < 4.0 * spread, "{name}: variance {drawn}, not {variance}");
    }
    assert_eq!(D::pareto(1.0, 1.0).unwrap().mean(), f64::INFINITY);
}

/// Integrating the quantile function gives the mean, for every law whose tail the midpoint rule can follow.
#[test]
fn the_mean_is_the_integral_of_the_quantile_function() {
    let n = 20_000;
    for (name, law, _) in continuous().into_iter().filter(|(name, ..)| !name.contains("0.9") && !name.contains("1/4")) {
        let integral: f64 = (0..n).map(|i| law.quantile((f64::from(i) + 0.5) / f64::from(n))).sum::<f64>() / f64::from(n);
        assert!((integral / law.mean() - 1.0).abs() < 1e-3, "{name}: {integral}, not {}", law.mean());
    }
}

#[test]
fn quantile_inverts_the_distribution_function() {
    for (name, law, _) in continuous() {
        for p in [1e-6, 0.05, 0.3, 0.5, 0.74, 0.95, 0.999_999] {
            assert!((law.cdf(law.quantile(p)) - p).abs() < 1e-9, "{name} at {p}: {}", law.cdf(law.quantile(p)));
        }
    }
}

#[test]
fn parameters_come_back_as_quantiles() {
    let law = D::lognormal_median_p95(0.08, 0.3).unwrap();
    assert!((law.quantile(0.5) - 0.08).abs() < 1e-12 && (law.quantile(0.95) - 0.3).abs() < 1e-12);
    let steps = D::quantiles(&[(0.5, 0.08), (0.99, 1.0)]).unwrap();
    assert_eq!((steps.quantile(0.1), steps.quantile(1.0)), (0.08, 1.0));
    // Half of the draws are 0.08 and one in a hundred is 1: 0.5 x 0.08 + 0.49 x 0.54 + 0.01.
    assert!((steps.mean() - 0.3146).abs() < 1e-12);
    assert_eq!((steps.cdf(0.079), steps.cdf(0.08), steps.cdf(1.0)), (0.0, 0.5, 1.0));
}

#[test]
fn one_by_one_equals_by_block() {
    for (name, law, _) in continuous() {
        let (mut one, mut block) = (stream(name), stream(name));
        let mut draws = [0.0; 999];
        law.fill(&mut block, &mut draws);
        assert!(draws.iter().all(|x| *x == law.sample(&mut one)), "{name}");
        assert_eq!(one.bits(), block.bits(), "{name}");
    }
}

#[test]
fn empirical_values_are_equally_likely() {
    let law = D::empirical(vec![0.1, 0.2, 0.2, 0.5]).unwrap();
    let mut draws = vec![0.0; 40_000];
    law.fill(&mut stream("empirical"), &mut draws);
    for (value, p) in [(0.1, 0.25), (0.2, 0.5), (0.5, 0.25)] {
        let count = draws.iter().filter(|x| **x == value).count() as f64;
        assert!((count - 40_000.0 * p).abs() < 4.0 * (40_000.0 * p * (1.0 - p)).sqrt(), "{value}: {count}");
    }
    assert_eq!((law.mean(), law.quantile(0.5), law.quantile(0.0), law.cdf(0.2)), (0.25, 0.2, 0.1, 0.75));
}

/// Changing any of these changes every published result: say so in the change log.
#[test]
fn values_are_stable() {
    let laws = continuous();
    let drawn: Vec<String> = laws
        .iter()
        .map(|(_, law, _)| {
            let mut stream = Key::new(42, 7).name("stable").stream();
            let mut draws = [0.0; 1000];
            law.fill(&mut stream, &mut draws);
            // The sum meets the rare branches too; hexadecimal, so that every bit counts.
            format!("{:016x} {:016x}", draws[0].to_bits(), draws.iter().sum::<f64>().to_bits())
        })
        .collect();
    assert_eq!(drawn, STABLE);
}

const STABLE: [&str; 12] = [
    "3fe0f5c1e1357b9d 40a4a1d8a1ce7e3a",
    "3fbf9c9317c9b5f2 405e27b16db3061c",
    "3fb9fec9eb90e00e 405c0b1543ef75c9",
    "400996b1bfd7d74a 40a7728561dd54b1",
    "3fc957c74e1d82df 40a6ff5d32dce41b",
    "3fe0a01c0d1e87dc 409013bf47ae4405",
    "3fb60dd8a90dcb0b 4090e0e4fe19ff22",
    "4000b1679a095b48 40a3d2d932a3ec88",
    "40043ff1da6e3060 40fa4ff11fe9c3d9",
    "3ff21fc7c806d5d8 409f86cdad0247db",
    "3f93c193801e9f4d 4073ce1bc00ff276",
    "3fa5224b5f28913d 407d7898b39d1328",
];

#[test]
fn constants_are_seen() {
    assert_eq!(D::constant(0.0).unwrap().is_constant(), Some(0.0));
    assert!(D::exponential(0.0).unwrap().is_zero() && D::uniform(0.0, 0.0).unwrap().is_zero());
    assert_eq!(D::empirical(vec![2.0, 2.0]).unwrap().is_constant(), Some(2.0));
    assert_eq!(D::mixture(vec![(1.0, D::Constant(3.0)), (2.0, D::Constant(3.0))]).unwrap().is_constant(), Some(3.0));
    assert_eq!(D::mixture(vec![(1.0, D::Constant(3.0)), (2.0, D::Constant(4.0))]).unwrap().is_constant(), None);
    let mixed = D::mixture(vec![(1.0, D::exponential(1.0).unwrap()), (1.0, D::Constant(3.0))]).unwrap();
    assert_eq!(mixed.is_constant(), None);
    assert!(!D::exponential(1.0).unwrap().is_zero());
}

#[test]
fn bad_parameters_are_refused_by_name() {
    let cases = [
        (D::exponential(-1.0), "mean must be finite and at least 0, but is -1"),
        (D::exponential(f64::NAN), "mean must be finite and at least 0, but is NaN"),
        (D::constant(f64::INFINITY), "the value must be finite and at least 0, but is inf"),
        (D::lognormal_mean_cv(0.0, 1.0), "mean must be finite and more than 0, but is 0"),
        (D::lognormal_mean_cv(1.0, -0.5), "cv must be finite and at least 0, but is -0.5"),
        (D::lognormal_median_p95(2.0, 1.0), "p95 must be finite and at least the median, but is 1"),
        (D::gamma_mean_cv(1.0, 0.0), "cv must be finite and more than 0, but is 0"),
        (D::gamma_mean_cv(1.0, 1e-200), "cv must be between about 1e-150 and 1e150, but is "),
        (D::weibull_mean_shape(1.0, 0.0), "shape must be finite and at least 0.01, but is 0"),
        (D::pareto(0.0, 1.0), "min must be finite and more than 0, but is 0"),
        (D::uniform(2.0, 1.0), "max must be finite and at least min, but is 1"),
        (D::quantiles(&[]), "quantiles must have at least one point"),
        (D::quantiles(&[(0.5, 1.0), (0.5, 2.0)]), "each probability must be more than the one before it, 0.5, but is 0.5"),
        (D::quantiles(&[(0.1, 2.0), (0.5, 1.0)]), "each value must be at least the one before it, 2, but is 1"),
        (D::quantiles(&[(1.1, 2.0)]), "a probability must be in 0..=1, but is 1.1"),
        (D::empirical(vec![]), "an empirical distribution must have at least one value"),
        (D::empirical(vec![1.0, -1.0]), "a value must be finite and at least 0, but is -1"),
        (D::mixture(vec![]), "a mixture must have at least one part"),
        (D::mixture(vec![(0.0, D::Constant(1.0))]), "a weight must be finite and more than 0, but is 0"),
    ];
    for (made, message) in cases {
        let error = made.expect_err(message).to_string();
        assert!(error.starts_with(message), "{error}");
    }
}
