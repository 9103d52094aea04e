//! What is believed of a candidate's fee and margins: its own replications, and what they have in common with others'.
//!
//! All candidates have the same luck. Where those that had more replications turned out better than their first one had said,
//! so will the others: the mean change is added to what is known of them (a control variate), and how much the changes differed
//! is their noise.

use super::margin::Margin;
use crate::estimate::surface::normal_below;

/// A value and its standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Guess {
    pub(super) value: f64,
    pub(super) noise: f64,
}

impl Guess {
    /// Probability that a margin is not beyond its objective.
    pub(super) fn chance(self) -> f64 {
        normal_below(-self.value / self.noise.max(1e-9))
    }
}

/// A figure of one candidate on the replication that all have, on all that it had in the screening (if more), and on those that it
/// was judged by (if any); noise by its requests alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Levels {
    pub(super) first: Guess,
    pub(super) raced: Option<Guess>,
    pub(super) judged: Option<Guess>,
}

/// Changes of so much say little of those near the objective.
const NEAR: f64 = 0.7;
/// Least part of a candidate's own noise that the others' changes do not take away.
const LEFT: f64 = 0.3;
/// With one change known, nothing is known of how they differ: that part of the noise is left.
const LEFT_BY_ONE: f64 = 0.6;

impl From<Margin> for Guess {
    fn from(margin: Margin) -> Self {
        Self { value: margin.beyond, noise: margin.noise }
    }
}

/// What is believed of each candidate. `factor`: how much more than by their requests replications vary; `None` of a fee, which
/// has no objective to be near to.
pub(super) fn beliefs(all: &[Levels], factor: Option<f64>) -> Vec<Guess> {
    let (factor, near) = factor.map_or((1.0, f64::INFINITY), |factor| (factor, NEAR));
    let noisy = |guess: Guess| Guess { noise: guess.noise * factor, ..guess };
    let screened = |levels: &Levels| noisy(levels.raced.unwrap_or(levels.first));
    let by_judging = Change::of(near, all.iter().filter_map(|levels| Some((screened(levels), noisy(levels.judged?)))));
    let known = |levels: &Levels| {
        let raced = levels.raced.map(|raced| Change::apply(by_judging, noisy(raced)));
        levels.judged.map(noisy).or(raced)
    };
    let by_racing = Change::of(near, all.iter().filter_map(|levels| Some((noisy(levels.first), known(levels)?))));
    all.iter().map(|levels| known(levels).unwrap_or_else(|| Change::apply(by_racing, noisy(levels.first)))).collect()
}

/// How a figure changed from fewer to more replications, over the candidates that had them.
#[derive(Clone, Copy)]
struct Change {
    mean: f64,
    /// Standard deviation over the candidates; `None` of a single one.
    spread: Option<f64>,
    /// Noise of what it changed to.
    noise: f64,
}

impl Change {
    fn of(within: f64, pairs: impl Iterator<Item = (Guess, Guess)>) -> Option<Self> {
        let near: Vec<(Guess, Guess)> = pairs.filter(|(_, to)| to.value.abs() < within).collect();
        let n = near.len() as f64;
        let mean = near.iter().map(|(from, to)| to.value - from.value).sum::<f64>() / n;
        let square = |x: f64| x * x;
        let spread = near.iter().map(|(from, to)| square(to.value - from.value - mean)).sum::<f64>() / (n - 1.0);
        let noise = near.iter().map(|(_, to)| to.noise).sum::<f64>() / n;
        (n > 0.0).then(|| Self { mean, spread: (n > 1.0).then(|| spread.sqrt()), noise })
    }

    fn apply(change: Option<Self>, own: Guess) -> Guess {
        let Some(Self { mean, spread, noise }) = change else { return own };
        let left = spread.map_or(LEFT_BY_ONE * own.noise, |spread| spread.max(LEFT * own.noise));
        // Never less sure than without it.
        Guess { value: own.value + mean, noise: (left * left + noise * noise).sqrt().min(own.noise) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(value: f64, noise: f64) -> Guess {
        Guess { value, noise }
    }

    fn levels(first: f64, raced: Option<f64>, judged: Option<f64>) -> Levels {
        Levels { first: guess(first, 0.1), raced: raced.map(|x| guess(x, 0.05)), judged: judged.map(|x| guess(x, 0.03)) }
    }

    #[test]
    fn without_more_replications_it_is_what_was_seen() {
        assert_eq!(beliefs(&[levels(0.2, None, None)], Some(2.0)), [guess(0.2, 0.2)]);
    }

    #[test]
    fn common_luck_is_taken_off() {
        // The first replication was 0.1 too high for all that were raced, and these again 0.02 for the one that was judged.
        let all = [
            levels(0.2, Some(0.1), None),
            levels(0.0, Some(-0.1), None),
            levels(0.3, None, None),
            levels(0.15, Some(0.05), Some(0.03)),
        ];
        let found = beliefs(&all, Some(1.0));
        let close = |i: usize, value: f64| assert!((found[i].value - value).abs() < 1e-9, "{i}: {:?}", found[i]);
        close(0, 0.08);
        close(1, -0.12);
        close(2, 0.18);
        close(3, 0.03);
        assert!(found[2].noise < 0.1 && found[3].noise == 0.03);
    }

    #[test]
    fn changes_far_from_the_objective_do_not_count() {
        let all = [levels(1.5, Some(1.9), None), levels(0.1, None, None)];
        assert_eq!(beliefs(&all, Some(1.0))[1], guess(0.1, 0.1));
    }
}
