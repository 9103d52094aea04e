//! Which levels to split at: found by pilots, whose draws are not used again. A poor choice costs work, not truth.

use super::Seen;
use crate::engine::splitting::{Level, Split, run};
use crate::estimate::replicate::{Plan, replicate};
use crate::scenario::Scenario;

/// Replications of pilots are numbered from here on.
const NUMBERS: u64 = 1 << 41;
/// From level to level the share of the time above falls at least so far.
const FALL: f64 = 2.5;
/// Requests that a round of pilots simulates, about, and at most in each replication.
const ROUND: u64 = 200_000;
const MOST: u64 = 20_000_000;
/// Requests that were simulated with so many instances busy tell how long the run is there.
const ENOUGH: u64 = 300;
/// A share below this is not looked for.
pub(super) const LEAST: f64 = 1e-30;
/// Rounds without progress before it is given up, and rounds in all.
const PATIENCE: u32 = 4;
const ROUNDS: u64 = 100;

/// What the pilots found.
pub(super) enum Found {
    /// Levels, and the requests that a replication split at them simulates.
    Levels { levels: Vec<Level>, a_replication: f64 },
    /// The quota is out of reach: so many instances were busy at most, in that share of the time.
    OutOfReach { busy: usize, share: f64 },
    /// It was told to stop.
    Stopped,
}

/// Finds levels from the bottom up: what one round sees is where the next one is split. Also says how many requests it simulated.
pub(super) fn pilot(scenario: &Scenario, full: u64, stop: &(dyn Fn() -> bool + Sync)) -> (Found, u64) {
    let mut levels = Vec::new();
    let (mut spent, mut a_replication) = (0, expected(scenario));
    let (mut reached, mut without_progress) = (0, 0);
    for round in 0..ROUNDS {
        let n = (ROUND as f64 / a_replication).clamp(1.0, 1_000.0) as usize;
        let number = |i| NUMBERS + round * 1_000 + i;
        let runs = replicate(Plan::Fixed(n), |i| run(scenario, number(i), &levels, MOST, &stop), |_| true, stop, &|_| ());
        if !runs.complete {
            return (Found::Stopped, spent);
        }
        let seen = Seen::of(&runs.results);
        spent += seen.simulated;
        a_replication = seen.simulated as f64 / n as f64;
        let known = seen.known(ENOUGH);
        let throttled: u64 = runs.results.iter().map(|split: &Split| split.simulated_throttled).sum();
        if known as u64 >= full && throttled >= ENOUGH {
            return (Found::Levels { levels, a_replication }, spent);
        }
        without_progress = if known > reached { 0 } else { without_progress + 1 };
        reached = reached.max(known);
        let share = seen.above(known);
        if without_progress >= PATIENCE || share < LEAST {
            return (Found::OutOfReach { busy: known, share }, spent);
        }
        levels = choose(&seen, known);
    }
    (Found::OutOfReach { busy: reached, share: 0.0 }, spent)
}

/// Requests of a replication that is not split.
fn expected(scenario: &Scenario) -> f64 {
    let seconds = (scenario.simulation.horizon.0 + scenario.simulation.run_in.0) as f64 / 1e9;
    let rate: f64 = scenario.traffic.iter().map(|source| source.arrivals.mean_rate()).sum();
    (rate * seconds).max(1.0)
}

/// Levels up to `top` at which the number of copies makes up for what gets there.
fn choose(seen: &Seen, top: usize) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let (mut above, mut copies_so_far) = (1.0, 1.0);
    for busy in 2..=top {
        let share = seen.above(busy);
        if share > above / FALL || share <= 0.0 {
            continue;
        }
        let copies = (1.0 / (share * copies_so_far) + 0.5) as u32;
        if copies >= 2 {
            levels.push(Level { busy: busy as u64, copies });
            copies_so_far *= f64::from(copies);
            above = share;
        }
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shares that fall to a third from count to count: each is a level, and copies make up for it.
    #[test]
    fn levels_where_the_share_has_fallen() {
        let after: Vec<f64> = (0..12).map(|k| libm::pow(3.0, -f64::from(k))).collect();
        let split = Split { requests: after.iter().sum(), simulated_after: vec![1_000; 12], after, ..Split::default() };
        let levels = choose(&Seen::of(&[split]), 9);
        assert_eq!(levels[0].busy, 2);
        assert!(levels.windows(2).all(|w| w[1].busy == w[0].busy + 1) && levels[7].busy == 9, "{levels:?}");
        let product: f64 = levels.iter().map(|level| f64::from(level.copies)).product();
        assert!((product / libm::pow(3.0, 9.0) - 1.0).abs() < 0.5, "{product}");
    }
}
