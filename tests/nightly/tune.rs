//! `tune` against brute force.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::cases::{CASES, Case};
use crate::truth::{Truth, configuration};
use faascast::study::tune::{Indifference, Rules, Space, Tuned, tune};

/// Replications of a figure that is reported, the default of a scenario.
const REPORTED: u32 = 20;
/// Replications of every candidate of the grid, for the truth.
const OF_THE_TRUTH: u32 = 150;
const INDIFFERENCE: f64 = 0.01;
const TOLERANCE: f64 = 0.02;

fn chosen(case: &Case, seed: u64) -> Tuned {
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

/// What became of a search.
struct Outcome {
    /// No settings were found to meet the objectives.
    none: bool,
    /// The choice misses an objective by more than the tolerance.
    infeasible: bool,
    /// It is dearer by more than the zone than the best whose feasibility is beyond doubt.
    dearer: bool,
    /// Neither, without any tolerance: feasible, and within the zone of the best feasible one.
    strict: bool,
    guaranteed: bool,
    /// The reported interval of its fee holds the true one.
    held: bool,
    simulated: usize,
    replications: u64,
    events: u64,
    shown: String,
}

impl Outcome {
    fn of(truth: &Truth, tuned: &Tuned) -> Self {
        let mut outcome = Self {
            none: tuned.winner.is_none(),
            infeasible: false,
            dearer: false,
            strict: false,
            guaranteed: tuned.guaranteed,
            held: true,
            simulated: tuned.simulated,
            replications: tuned.replications,
            events: tuned.events,
            shown: String::new(),
        };
        let Some(winner) = &tuned.winner else { return outcome };
        let (fee, beyond) = (truth.fee(&winner.settings), truth.beyond(&winner.settings));
        outcome.infeasible = beyond > TOLERANCE;
        outcome.dearer = !outcome.infeasible && fee > truth.best() + tuned.indifference;
        outcome.strict = beyond <= 0.0 && fee <= truth.strictly_best() + tuned.indifference;
        // The truth is itself estimated.
        let reach = (1.0 + f64::from(REPORTED) / f64::from(OF_THE_TRUTH)).sqrt();
        let off = (winner.fee.mean.unwrap() - fee).abs();
        outcome.held = off <= winner.fee.half_width().unwrap() * reach;
        let values: Vec<&str> = winner.settings.iter().map(|(_, value)| value.as_str()).collect();
        outcome.shown = format!("{values:?}, fee {fee:.2}, beyond {beyond:+.3}, undecided {}", tuned.undecided);
        outcome
    }

    fn good(&self) -> bool {
        !(self.none || self.infeasible || self.dearer)
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Searches under that many seeds; the row of the table.
fn study(case: &Case, seeds: u64) -> Vec<Outcome> {
    let truth = Truth::of(case, OF_THE_TRUTH, TOLERANCE);
    let one = |seed: u64| Outcome::of(&truth, &chosen(case, 20_000 + seed));
    let all: Vec<Outcome> = (0..seeds).into_par_iter().map(one).collect();
    let percent = |wanted: &dyn Fn(&Outcome) -> bool| {
        format!("{:.1} %", 100.0 * all.iter().filter(|outcome| wanted(outcome)).count() as f64 / seeds as f64)
    };
    let mean = |of: &dyn Fn(&Outcome) -> u64| all.iter().map(of).sum::<u64>() as f64 / seeds as f64;
    let (feasible, near) = truth.counts();
    let grid = truth.candidates() as f64 * f64::from(REPORTED);
    println!(
        "| {} | {} | {feasible} | {near} | {} | {} | {} | {} | {} | {} | {} | {:.0} | {:.0} | {:.1} % |",
        case.name,
        truth.candidates(),
        percent(&Outcome::good),
        percent(&|o| o.dearer),
        percent(&|o| o.infeasible),
        percent(&|o| o.none),
        percent(&|o| o.strict),
        percent(&|o| o.guaranteed),
        percent(&|o| o.held),
        mean(&|o| o.simulated as u64),
        mean(&|o| o.replications),
        100.0 * mean(&|o| o.events) / (grid * truth.mean_events),
    );
    let mut misses: BTreeMap<&str, u64> = BTreeMap::new();
    for outcome in all.iter().filter(|outcome| !outcome.good()) {
        *misses.entry(&outcome.shown).or_default() += 1;
    }
    if number("MISSES", 0) > 0 {
        println!("    best {:.2}, strictly {:.2}; misses: {misses:?}", truth.best(), truth.strictly_best());
    }
    all
}

/// Ten scenarios and more, 200 seeds each: how often the choice is as good as the best of the full grid, and with how much of its
/// work. `SEEDS` and `CASE` in the environment make it smaller, `MISSES=1` shows what was chosen wrongly.
#[test]
fn tune_against_brute_force() {
    let seeds = number("SEEDS", 200);
    let only = std::env::var("CASE").ok().and_then(|case| case.parse::<usize>().ok());
    println!(
        "| scenario | candidates | feasible | within 2 % of an objective | as good as the best | dearer | infeasible | none | \
         without tolerance | guaranteed | fee held | simulated | replications | events of the grid's |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let mut all: Vec<Outcome> = Vec::new();
    for (_, case) in CASES.iter().enumerate().filter(|(i, _)| only.is_none_or(|only| only == *i)) {
        let found = study(case, seeds);
        let good = found.iter().filter(|outcome| outcome.good()).count() as f64;
        assert!(seeds < 100 || good >= 0.92 * seeds as f64, "{}: {good} of {seeds}", case.name);
        all.extend(found);
    }
    let count = |wanted: &dyn Fn(&Outcome) -> bool| all.iter().filter(|outcome| wanted(outcome)).count();
    println!(
        "{} searches: {} as good as the best of the grid, {} without any tolerance; {} wrong though guaranteed",
        all.len(),
        count(&Outcome::good),
        count(&|o| o.strict),
        count(&|o| !o.good() && o.guaranteed),
    );
}
