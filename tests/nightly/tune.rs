//! `tune` against brute force.

use std::collections::BTreeMap;

use crate::cases::{CASES, Case};
use crate::truth::{Truth, configuration};
use faascast::study::tune::{Indifference, Rules, Space, Tuned, tune};

/// Replications of a figure that is reported, the default of a scenario.
const REPORTED: u32 = 20;
/// Replications of every candidate of the grid, for the truth.
const OF_THE_TRUTH: u32 = 150;
const INDIFFERENCE: f64 = 0.01;
const TOLERANCE: f64 = 0.02;

pub(crate) fn chosen(case: &Case, seed: u64) -> Tuned {
    let today = configuration(case, seed, REPORTED, &[]);
    let read = |settings: &[(String, String)]| configuration(case, seed, REPORTED, settings);
    let space = Space { dimensions: case.dimensions(), fixed: Vec::new(), read: &read };
    let rules = Rules {
        indifference: Indifference::Share(INDIFFERENCE),
        tolerance: TOLERANCE,
        alpha: 0.05,
        budget: None,
        stop: &|| false,
        talk: &|_| (),
    };
    tune(&today, space, &rules).unwrap()
}

/// What became of the searches of a case.
#[derive(Default)]
struct Score {
    searches: u64,
    /// Within the zone of the best whose feasibility is beyond doubt, and not clearly infeasible.
    good: u64,
    /// The same without any tolerance: within the zone of the best feasible one, and feasible.
    strict: u64,
    none: u64,
    infeasible: u64,
    dearer: u64,
    guaranteed: u64,
    simulated: usize,
    replications: u64,
    events: u64,
    confirmed: u64,
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn study(number_of: usize, case: &Case, seeds: u64) -> Score {
    let truth = Truth::of(case, OF_THE_TRUTH, TOLERANCE);
    let (best, strictly) = (truth.best(), truth.strictly_best());
    let (feasible, near) = truth.counts();
    let mut score = Score { searches: seeds, ..Score::default() };
    let mut misses: BTreeMap<String, u64> = BTreeMap::new();
    for seed in 0..seeds {
        let tuned = chosen(case, 20_000 + seed);
        score.replications += tuned.replications;
        score.events += tuned.events;
        score.simulated += tuned.simulated;
        score.guaranteed += u64::from(tuned.guaranteed);
        let Some(winner) = &tuned.winner else {
            score.none += 1;
            continue;
        };
        let met = winner.objectives.iter().all(|o| o.verdict != faascast::study::result::Verdict::Missed);
        score.confirmed += u64::from(met);
        let (fee, beyond) = (truth.fee(&winner.settings), truth.beyond(&winner.settings));
        let (dearer, infeasible) = (fee > best + tuned.indifference, beyond > TOLERANCE);
        score.dearer += u64::from(dearer && !infeasible);
        score.infeasible += u64::from(infeasible);
        score.good += u64::from(!dearer && !infeasible);
        score.strict += u64::from(fee <= strictly + tuned.indifference && beyond <= 0.0);
        if dearer || infeasible {
            let values: Vec<&str> = winner.settings.iter().map(|(_, value)| value.as_str()).collect();
            let seen = format!(
                "{values:?} fee {fee:.2} beyond {beyond:+.3}; simulated {}, survivors {}, met {}, close {}, undecided {}",
                tuned.simulated, tuned.survivors, tuned.compared, tuned.close, tuned.undecided
            );
            *misses.entry(seen).or_default() += 1;
        }
    }
    let of = |n: u64| 100.0 * n as f64 / seeds as f64;
    let grid = truth.candidates() as f64 * f64::from(REPORTED);
    println!(
        "| {number_of} {} | {} | {feasible} | {near} | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {:.0} | {:.0} | {:.1} % | {:.1} % |",
        case.name,
        truth.candidates(),
        of(score.good),
        of(score.dearer),
        of(score.infeasible),
        of(score.none),
        of(score.strict),
        score.simulated as f64 / seeds as f64,
        score.replications as f64 / seeds as f64,
        100.0 * score.replications as f64 / (grid * seeds as f64),
        100.0 * score.events as f64 / (grid * truth.mean_events * seeds as f64),
    );
    if number("MISSES", 0) > 0 {
        println!("best {best:.2}, strictly {strictly:.2}; guaranteed {}, confirmed {}", score.guaranteed, score.confirmed);
        for (miss, times) in misses {
            println!("   {times} x {miss}");
        }
    }
    score
}

/// Ten scenarios and more, 200 seeds each: how often the choice is as good as the best of the full grid, and with how much of its
/// work. `SEEDS` and `CASE` in the environment make it smaller.
#[test]
fn tune_against_brute_force() {
    let seeds = number("SEEDS", 200);
    let only = std::env::var("CASE").ok().and_then(|case| case.parse::<usize>().ok());
    println!(
        "| scenario | candidates | feasible | within 5 % of an objective | as good as the best | dearer | infeasible | none | without tolerance | simulated | replications | of the grid's | events, of the grid's |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (number_of, case) in CASES.iter().enumerate().filter(|(i, _)| only.is_none_or(|only| only == *i)) {
        let score = study(number_of, case, seeds);
        assert!(seeds < 100 || score.good as f64 >= 0.92 * score.searches as f64, "{}: {} of {seeds}", case.name, score.good);
    }
}
