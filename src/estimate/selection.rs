//! Selection of the cheapest of a few with a guarantee: the fully sequential procedure of Kim and Nelson (2001, "A fully sequential
//! procedure for indifference-zone selection in simulation", ACM TOMACS 11), which may use common random numbers.

use super::moments::Moments;

/// What is asked of the procedure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zone {
    /// Fees that differ by less are as good as each other; above 0, in the unit of the values.
    pub width: f64,
    /// Probability of choosing one that is worse than the best by more; 0 to 1/2.
    pub alpha: f64,
    /// Systems that the error is shared out among, at least 2: those that could have been compared.
    pub systems: usize,
    /// Replications before the first comparison, at least 2; variances are estimated on them.
    pub first: usize,
    /// Most replications of one system.
    pub most: usize,
}

/// The outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selected {
    /// Index of the chosen system.
    pub best: usize,
    /// Whether the guarantee holds: not where `most` ended the comparison.
    pub guaranteed: bool,
    /// Replications of those that were compared to the end.
    pub replications: usize,
}

impl Zone {
    /// h squared: 2 eta (first - 1), with eta = ((2 alpha / (k - 1))^(-2 / (first - 1)) - 1) / 2 (the paper's c = 1).
    #[must_use]
    pub fn h2(&self) -> f64 {
        let freedom = self.first as f64 - 1.0;
        let share = 2.0 * self.alpha / (self.systems.max(2) as f64 - 1.0);
        freedom * (libm::pow(share, -2.0 / freedom) - 1.0)
    }

    /// How far the mean of one may lie above that of another after r replications before it is dropped, from the variance of
    /// their difference.
    #[must_use]
    pub fn slack(&self, variance: f64, r: usize) -> f64 {
        let r = r as f64;
        (self.width / (2.0 * r) * (self.h2() * variance / (self.width * self.width) - r)).max(0.0)
    }

    /// Replications after which the slack of two systems is nothing.
    #[must_use]
    pub fn longest(&self, variance: f64) -> f64 {
        (self.h2() * variance / (self.width * self.width)).floor()
    }

    /// The system with the smallest mean, or one at most `width` above it, with a probability of at least 1 - `alpha`, where values
    /// of replications are independent and normal; systems may be correlated.
    ///
    /// `first[i]` are the values of system i on the first replications, as many for each; `means(left, r)` gives the means of the
    /// systems left over r replications. `None` without a system.
    ///
    /// # Errors
    /// What `means` fails with.
    pub fn smallest<E>(
        &self,
        first: &[Vec<f64>],
        mut means: impl FnMut(&[usize], usize) -> Result<Vec<f64>, E>,
    ) -> Result<Option<Selected>, E> {
        let variance = |a: usize, b: usize| {
            let differences: Vec<f64> = first[a].iter().zip(&first[b]).map(|(x, y)| x - y).collect();
            Moments::of(&differences).variance
        };
        let mut left: Vec<usize> = (0..first.len()).collect();
        let mut r = self.first;
        loop {
            let now = means(&left, r)?;
            let best = now.iter().zip(&left).min_by(|a, b| a.0.total_cmp(b.0)).map(|(_, i)| *i);
            let stays = |i: usize, mean: f64| {
                now.iter().zip(&left).all(|(other, l)| *l == i || mean <= other + self.slack(variance(i, *l), r))
            };
            let survivors: Vec<usize> = left.iter().zip(&now).filter(|(i, mean)| stays(**i, **mean)).map(|(i, _)| *i).collect();
            // The last one cannot be dropped: nothing is below the smallest.
            left = survivors;
            let pairs = left.iter().flat_map(|i| left.iter().map(move |l| (*i, *l))).filter(|(i, l)| i < l);
            let needed = pairs.map(|(i, l)| self.longest(variance(i, l))).fold(0.0, f64::max);
            let over = left.len() <= 1 || r as f64 > needed;
            if over || r >= self.most {
                return Ok(best.map(|best| Selected { best, guaranteed: over, replications: r }));
            }
            r += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;
    use rand_distr::{Distribution, StandardNormal};
    use std::convert::Infallible;

    fn zone(systems: usize, first: usize) -> Zone {
        Zone { width: 1.0, alpha: 0.05, systems, first, most: 10_000 }
    }

    #[test]
    fn constants_by_hand() {
        // k = 2, n = 10, alpha = 0.05: eta = (0.1^(-2/9) - 1) / 2 = 0.33405, h2 = 18 eta = 6.0129.
        assert!((zone(2, 10).h2() - 6.012_9).abs() < 1e-3, "{}", zone(2, 10).h2());
        // More systems or fewer first replications, more caution.
        assert!(zone(8, 10).h2() > zone(2, 10).h2() && zone(2, 5).h2() > zone(2, 10).h2());
    }

    #[test]
    fn the_slack_shrinks_to_nothing() {
        let zone = Zone { first: 10, ..zone(2, 10) };
        assert!(zone.slack(4.0, 10) > zone.slack(4.0, 20) && zone.slack(4.0, 20) > 0.0);
        // h2 x 4 / 1 = 24.05.
        assert!(zone.longest(4.0) == 24.0 && zone.slack(4.0, 25) == 0.0 && zone.slack(0.0, 10) == 0.0);
    }

    /// Systems whose means differ by exactly the width from the best, which is the hardest case, with common random numbers or
    /// not: the best is chosen in at least 95 % of the studies; and most of the work is saved by pairing.
    fn chosen(shared: f64, first: usize) -> (u32, u64) {
        const SYSTEMS: usize = 5;
        let zone = zone(SYSTEMS, first);
        let (mut right, mut spent) = (0, 0_u64);
        for study in 0..2_000 {
            let mut stream = Key::new(11, study).stream();
            let mut normal = || -> f64 { StandardNormal.sample(&mut stream) };
            let mut values: Vec<Vec<f64>> = vec![Vec::new(); SYSTEMS];
            let mut more = |values: &mut Vec<Vec<f64>>, to: usize| {
                while values[0].len() < to {
                    let common = normal() * 2.0 * shared.sqrt();
                    for (i, system) in values.iter_mut().enumerate() {
                        let mean = if i == 3 { 0.0 } else { 1.0 };
                        system.push(mean + common + normal() * 2.0 * (1.0 - shared).sqrt());
                    }
                }
            };
            more(&mut values, first);
            let start = values.clone();
            let found = zone.smallest(&start, |left, r| {
                more(&mut values, r);
                spent += left.len() as u64;
                Ok::<_, Infallible>(left.iter().map(|i| values[*i][..r].iter().sum::<f64>() / r as f64).collect())
            });
            let found = found.unwrap().unwrap();
            assert!(found.guaranteed);
            right += u32::from(found.best == 3);
        }
        (right, spent)
    }

    #[test]
    fn the_guarantee_holds_where_it_is_hardest() {
        let (alone, long) = chosen(0.0, 8);
        let (paired, short) = chosen(0.9, 8);
        assert!(alone >= 1_900 && paired >= 1_900, "{alone} {paired}");
        assert!(short * 4 < long, "{short} {long}");
    }

    #[test]
    fn equal_systems_and_none_end_at_once() {
        let same = vec![vec![3.0; 4]; 3];
        let means = |left: &[usize], _: usize| Ok::<_, Infallible>(vec![3.0; left.len()]);
        assert_eq!(zone(3, 4).smallest(&same, means), Ok(Some(Selected { best: 0, guaranteed: true, replications: 4 })));
        assert_eq!(zone(3, 4).smallest(&[], means), Ok(None));
        // Not told apart within the budget.
        let wide = vec![vec![0.0, 9.0], vec![9.0, 0.0]];
        let short = Zone { most: 3, ..zone(2, 2) };
        assert!(!short.smallest(&wide, |_, _| Ok::<_, Infallible>(vec![4.5, 4.6])).unwrap().unwrap().guaranteed);
    }
}
