//! `tune`: the cheapest settings that meet the objectives.
//!
//! 1. `explore`: candidates are looked at on one replication each, on common random numbers; what was seen says where to look next.
//! 2. `race`: the cheapest that may be feasible get twice as many replications, and twice again; half of them go each time.
//! 3. `judge`: the survivors are judged on replications that chose nothing: their objectives by intervals, then the fees by Kim and
//!    Nelson's procedure. Where none is feasible, or cheaper ones turned out to be left, 1 to 3 go on from there.
//! 4. `answer`: what is reported comes from replications of its own.

mod answer;
mod belief;
mod binding;
mod defaults;
mod evidence;
mod explore;
mod found;
mod judge;
mod margin;
mod race;
mod seen;
mod space;
mod trial;
mod tuned;

use super::sweep::Configuration;
use super::{StudyError, settled};
use crate::scenario::Kind;
use found::Search;
use judge::Court;
use seen::Gallery;
use space::Grid;
pub use space::{Read, Space};
use trial::{Trial, Work, replicate};
pub use tuned::{Choice, Explored, Fate, Refusal, Step, Tuned};

/// Replications of today's settings that say how much money the indifference zone is.
const OF_TODAY: usize = 4;
/// Times that the search goes on after its survivors were judged.
const ROUNDS: usize = 24;
/// The smallest amount on a bill, in its currency: a share of today's fee is no less.
const CENT: f64 = 0.01;
/// Parts of the zone that are nothing when candidates are put in order.
const GRAINS: f64 = 8.0;
/// Refusals that are reported.
const REFUSALS: usize = 20;

/// Which fees are as good as each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Indifference {
    /// Those that differ by less than this share of today's fee.
    Share(f64),
    /// Those that differ by less than this much money a month, in the price book's currency.
    Money(f64),
}

/// How to choose.
pub struct Rules<'a> {
    /// Which fees are as good as each other.
    pub indifference: Indifference,
    /// A candidate that is not better than an objective by more than this share of what it allows may be passed over: 0 to 1.
    pub tolerance: f64,
    /// Probability that the choice is worse than the best of the survivors by more than the indifference: 0 to 1/2.
    pub alpha: f64,
    /// Most replications for choosing, those that are reported not counted; the first look at the survivors is always made.
    pub budget: Option<u64>,
    /// Asked between replications; once true there is no answer.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told what is going on.
    pub talk: &'a (dyn Fn(&str) + Sync),
}

/// Finds the cheapest combination of the space that meets the objectives. `today` is the scenario as it is.
///
/// The answer is the same for any number of threads.
///
/// # Errors
/// A price book does not fit; it was stopped; `today` or all combinations are refused.
pub fn tune(today: &Configuration, space: Space<'_>, rules: &Rules<'_>) -> Result<Tuned, StudyError> {
    let (scenario, platform) = today.scenario.as_ref().map_err(|_| StudyError::Nothing)?;
    let mut base = Trial::new(Vec::new(), scenario.clone(), platform)?;
    let mut work = Work::default();
    let steady = scenario.simulation.kind == Kind::SteadyState;
    if steady {
        base.scenario = settled(scenario, rules.stop, &mut Vec::new())?;
    }
    work += replicate(&mut [&mut base], OF_TODAY, 0, rules.stop)?;
    if steady {
        work += Work { replications: super::PILOTS, events: super::PILOTS * base.mean_events() };
    }
    let (dimensions, notes) = if space.dimensions.is_empty() {
        defaults::dimensions((scenario, platform), &base.replications, &space.fixed)
    } else {
        (space.dimensions, Vec::new())
    };
    let grid = Grid::new(dimensions, space.read);
    let place = grid.place_of(scenario);
    let run_in = steady.then_some(base.scenario.simulation.run_in);
    let mut gallery = Gallery::new(grid, rules, place, run_in);
    gallery.work = work;
    if gallery.candidates() == 0 {
        return Err(refused(gallery));
    }
    let zone = match rules.indifference {
        // A fee of 0, as in a free tier, leaves no share of it.
        Indifference::Share(share) => (share * base.fee()?.all.abs()).max(CENT),
        Indifference::Money(money) => money.max(f64::MIN_POSITIVE),
    };
    let budget = rules.budget.unwrap_or(u64::MAX);
    gallery.grain = zone / GRAINS;
    let mut court = Court::new(rules, zone);
    race::run(&mut gallery, &mut court, zone, budget)?;
    if gallery.all.is_empty() {
        return Err(refused(gallery));
    }
    let mut notes = notes;
    if gallery.work.replications >= budget {
        notes.push(format!("The budget ended the search for candidates after {}.", gallery.all.len()));
    }
    let selected = court.select(&gallery, budget)?;
    let search = Search { rules, gallery, court, zone, base, notes };
    search.answer(selected, scenario, platform)
}

/// All that was looked at is refused.
fn refused(gallery: Gallery<'_>) -> StudyError {
    StudyError::Refused(gallery.refused.into_values().next().unwrap_or_default())
}
