//! Selection of the cheapest of a few: the sequential procedure of Kim and Nelson (2001, "A fully sequential procedure for
//! indifference-zone selection in simulation", ACM TOMACS 11), which may use common random numbers.

use super::trial::{Trial, replicate};
use crate::estimate::moments::Moments;
use crate::study::StudyError;

/// Replications before the first comparison; the variances are estimated on them.
pub(super) const FIRST: usize = 10;

/// The procedure's outcome.
pub(super) struct Selected {
    /// Index of the best.
    pub(super) best: usize,
    /// Replications run.
    pub(super) replications: u64,
    /// Whether the guarantee holds: not if the budget ended it.
    pub(super) guaranteed: bool,
}

/// eta and h squared for k systems and first-stage size n at a probability of error `alpha`, with c = 1.
fn constants(k: usize, n: usize, alpha: f64) -> f64 {
    let exponent = -2.0 / (n as f64 - 1.0);
    let eta = 0.5 * (libm::pow(2.0 * alpha / (k as f64 - 1.0), exponent) - 1.0);
    2.0 * eta * (n as f64 - 1.0)
}

/// How far the mean of one may lie above that of another after r replications before it is dropped.
fn slack(indifference: f64, h2: f64, variance: f64, r: f64) -> f64 {
    (indifference / (2.0 * r) * (h2 * variance / (indifference * indifference) - r)).max(0.0)
}

/// The cheapest of these trials, or one at most `indifference` dearer, with a probability of at least 1 - `alpha`.
pub(super) fn cheapest(
    trials: &mut [Trial],
    among: &[usize],
    (indifference, alpha): (f64, f64),
    most: usize,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Selected>, StudyError> {
    let mut left: Vec<usize> = among.to_vec();
    let mut run = replicate(trials, &left, FIRST, 0, stop)?;
    let values = |trials: &[Trial], index: usize| -> Result<Vec<f64>, StudyError> {
        trials.get(index).map_or_else(|| Ok(Vec::new()), |trial| Ok(trial.fee()?.pseudo_values()))
    };
    let h2 = constants(left.len().max(2), FIRST, alpha);
    let first: Vec<(usize, Vec<f64>)> = left
        .iter()
        .map(|i| Ok((*i, values(trials, *i)?.into_iter().take(FIRST).collect())))
        .collect::<Result<_, StudyError>>()?;
    let variance = |a: usize, b: usize| {
        let of = |wanted: usize| {
            first.iter().find(|(index, _)| *index == wanted).map(|(_, values)| values.as_slice()).unwrap_or_default()
        };
        let differences: Vec<f64> = of(a).iter().zip(of(b)).map(|(x, y)| x - y).collect();
        let m = Moments::of(&differences);
        m.standard_error() * m.standard_error() * differences.len() as f64
    };
    let mut r = FIRST;
    let mut guaranteed = true;
    loop {
        let means: Vec<(usize, f64)> = left
            .iter()
            .map(|i| Ok((*i, trials.get(*i).map_or(Ok(0.0), |t| t.fee().map(|f| f.all))?)))
            .collect::<Result<_, StudyError>>()?;
        let stays = |(i, mean): &(usize, f64)| {
            means.iter().all(|(l, other)| l == i || *mean <= other + slack(indifference, h2, variance(*i, *l), r as f64))
        };
        let survivors: Vec<usize> = means.iter().filter(|m| stays(m)).map(|(i, _)| *i).collect();
        let best = means.iter().min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| *i);
        // The last of them can be dropped by rounding only.
        left = if survivors.is_empty() { best.into_iter().collect() } else { survivors };
        let last = left.iter().flat_map(|i| left.iter().map(move |l| (*i, *l))).filter(|(i, l)| i != l);
        let needed = last.map(|(i, l)| (h2 * variance(i, l) / (indifference * indifference)).floor()).fold(0.0, f64::max);
        if left.len() <= 1 || r as f64 > needed || r >= most {
            guaranteed &= left.len() <= 1 || r as f64 > needed;
            let best = best.filter(|best| left.contains(best)).or(left.first().copied());
            return Ok(best.map(|best| Selected { best, replications: run, guaranteed }));
        }
        r += 1;
        run += replicate(trials, &left, r, 0, stop)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_by_hand() {
        // k = 2, n = 10, alpha = 0.05: eta = (0.1^(-2/9) - 1) / 2 = 0.33405, h2 = 18 eta = 6.0129.
        assert!((constants(2, 10, 0.05) - 6.012_9).abs() < 1e-3, "{}", constants(2, 10, 0.05));
        // More systems, more caution.
        assert!(constants(8, 10, 0.05) > constants(2, 10, 0.05));
    }

    #[test]
    fn the_slack_shrinks_to_nothing() {
        assert!(slack(1.0, 6.0, 4.0, 10.0) > slack(1.0, 6.0, 4.0, 20.0));
        assert!(slack(1.0, 6.0, 4.0, 24.0).abs() < 1e-12 && slack(1.0, 6.0, 4.0, 30.0).abs() < 1e-12);
    }
}
