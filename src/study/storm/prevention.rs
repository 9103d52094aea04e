//! Remedies for a cell that stays down, tried on the same traffic and luck.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

use super::observed::Observed;
use super::remedies::{Candidate, candidates};
use super::{Cell, Level, OVERLOADED, Read, Simulation};
use crate::billing::book::PriceBook;
use crate::estimate::Estimate;
use crate::estimate::paired::paired;
use crate::scenario::Scenario;
use crate::study::sweep::Configuration;
use crate::study::{StudyError, settled};

/// What would prevent a storm.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Prevention {
    /// Load of the cell that remedies were tried on.
    pub load: f64,
    /// Size of its trigger.
    pub pulse: f64,
    /// The cell as it is.
    pub today: Remedy,
    /// The best first: by the share that comes back, then availability, then fee.
    pub remedies: Vec<Remedy>,
    /// Those that do not apply or are refused, with the reason.
    pub left_out: Vec<(String, String)>,
}

/// A remedy, and what it does.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Remedy {
    /// What it changes, in words.
    pub name: String,
    /// Key and value of each setting that makes the change.
    pub settings: Vec<(String, String)>,
    /// Share of the replications that come back.
    pub recovered: Estimate,
    /// Share of all requests of the horizon that end `ok`.
    pub availability: Estimate,
    /// Fee of the horizon with the trigger, less that of today, as a share of that.
    pub fee: Estimate,
    /// Share of the requests that end `ok` without a trigger.
    pub calm_availability: Estimate,
    /// Fee without a trigger, less that of today, as a share of that.
    pub calm_fee: Estimate,
    /// Whether it serves clearly less than today's settings without any trigger: what it comes back to is no good state.
    pub overloaded: bool,
}

impl Remedy {
    /// Share of the replications that come back to a good state.
    #[must_use]
    pub fn brings_back(&self) -> f64 {
        if self.overloaded { 0.0 } else { self.recovered.mean.unwrap_or(0.0) }
    }
}

impl Prevention {
    /// Those that bring more back than today's settings do.
    pub fn helping(&self) -> impl Iterator<Item = &Remedy> {
        self.remedies.iter().filter(|remedy| remedy.brings_back() > self.today.brings_back())
    }
}

/// Load and size of the trigger that remedies are tried on: at today's load if that stays down, else at the lowest that does; the
/// smallest trigger that keeps most replications down, else the smallest that keeps any.
pub(super) fn worst(loads: &[Level]) -> Option<(f64, f64)> {
    let down = || loads.iter().filter(|level| level.cells.iter().any(Cell::stays_down));
    let today = down().find(|level| level.load.to_bits() == 1.0_f64.to_bits());
    let level = today.or_else(|| down().min_by(|a, b| a.load.total_cmp(&b.load)))?;
    let most = |cell: &&Cell| cell.recovered.mean.is_some_and(|share| share < 0.5);
    let smallest = |cells: Vec<&Cell>| cells.into_iter().map(|cell| cell.pulse).min_by(f64::total_cmp);
    let pulse = smallest(level.cells.iter().filter(most).collect());
    let pulse = pulse.or_else(|| smallest(level.cells.iter().filter(|cell| cell.stays_down()).collect()))?;
    Some((level.load, pulse))
}

/// A configuration under the trigger and without.
struct Pair {
    storm: Observed,
    calm: Observed,
}

/// Tries all remedies at this load and trigger.
pub(super) fn prevention(
    scenario: &Scenario,
    read: &Read<'_>,
    book: &PriceBook,
    (load, pulse): (f64, f64),
    simulation: &Simulation<'_>,
) -> Result<Prevention, StudyError> {
    let pair = |scenario: &Scenario, book: &PriceBook| -> Result<Pair, StudyError> {
        Ok(Pair { storm: simulation.run(scenario, book, load, Some(pulse))?, calm: simulation.run(scenario, book, load, None)? })
    };
    let today = pair(scenario, book)?;
    let tried = |candidate: Candidate| -> Result<Result<Remedy, (String, String)>, StudyError> {
        let left_out = |reason: String| Ok(Err((candidate.name.to_owned(), reason)));
        let settings = match candidate.settings {
            Ok(settings) => settings,
            Err(reason) => return left_out(reason.to_owned()),
        };
        let Configuration { settings, scenario } = read(&settings);
        let (changed, platform) = match scenario {
            Ok(read) => read,
            Err(reason) => return left_out(format!("refused: {reason}")),
        };
        let book = match PriceBook::new(&platform, &changed.region, &changed.billing) {
            Ok(book) => book,
            Err(error) => return left_out(format!("refused: {error}")),
        };
        let changed = settled(&changed, simulation.context.stop, &mut Vec::new())?;
        Ok(Ok(remedy(candidate.name, settings, &pair(&changed, &book)?, &today)))
    };
    let all: Vec<Result<Remedy, (String, String)>> = candidates(scenario).into_par_iter().map(tried).collect::<Result<_, _>>()?;
    let (mut remedies, mut left_out) = (Vec::new(), Vec::new());
    for one in all {
        match one {
            Ok(remedy) => remedies.push(remedy),
            Err(reason) => left_out.push(reason),
        }
    }
    let figure = |e: &Estimate, otherwise: f64| e.mean.unwrap_or(otherwise);
    remedies.sort_by(|a, b| {
        let shares = |f: &dyn Fn(&Remedy) -> f64| f(b).total_cmp(&f(a));
        shares(&Remedy::brings_back)
            .then_with(|| shares(&|r| figure(&r.availability, 0.0)))
            .then_with(|| figure(&a.fee, f64::INFINITY).total_cmp(&figure(&b.fee, f64::INFINITY)))
    });
    Ok(Prevention { load, pulse, today: remedy("as it is", Vec::new(), &today, &today), remedies, left_out })
}

fn remedy(name: &str, settings: Vec<(String, String)>, seen: &Pair, today: &Pair) -> Remedy {
    let change = |before: &Observed, after: &Observed| {
        let all = before.fee.all;
        if all > 0.0 {
            paired(&before.fee, &after.fee).estimate.scaled(1.0 / all)
        } else {
            Estimate::none(before.fee.without.len())
        }
    };
    let served = |seen: &Pair| seen.calm.availability.mean.unwrap_or(0.0);
    Remedy {
        name: name.to_owned(),
        overloaded: served(seen) < served(today) - OVERLOADED,
        settings,
        recovered: seen.storm.recovered,
        availability: seen.storm.availability,
        fee: change(&today.storm, &seen.storm),
        calm_availability: seen.calm.availability,
        calm_fee: change(&today.calm, &seen.calm),
    }
}
