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
mod explore;
mod judge;
mod margin;
mod race;
mod seen;
mod space;
mod trial;

use schemars::JsonSchema;
use serde::Serialize;

use super::result::{ObjectiveResult, Verdict};
use super::sweep::{Configuration, Dimension};
use super::{StudyError, settled};
use crate::estimate::Estimate;
use crate::scenario::Kind;
use answer::{Answer, named, verdict};
use judge::Court;
use margin::Standing;
use seen::Gallery;
use space::Grid;
pub use space::Space;
use trial::{Trial, Work, replicate};

/// Replications of today's settings that say how much money the indifference zone is.
const OF_TODAY: usize = 4;
/// Times that the search goes on after its survivors were judged.
const ROUNDS: usize = 24;
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

/// The answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tuned {
    /// Version of this form.
    pub format_version: &'static str,
    /// Version of the program.
    pub faascast: &'static str,
    /// The scenario's name.
    pub scenario: String,
    /// Seed of all draws.
    pub seed: u64,
    /// Currency of fees.
    pub currency: String,
    /// Fees that differ by less than this, a month, are as good as each other.
    pub indifference: f64,
    /// Probability with which the choice is that good among the survivors that meet their objectives.
    pub confidence: f64,
    /// Whether that holds; not where a budget ended the comparison or left objectives undecided.
    pub guaranteed: bool,
    /// Why it does not hold, or why there may be a winner that was not found; sentences without a capital and a full stop.
    pub shortfalls: Vec<String>,
    /// A candidate that is not better than an objective by more than this share of what it allows may be passed over.
    pub tolerance: f64,
    /// The settings as they are today.
    pub today: Choice,
    /// The cheapest that meets the objectives; absent if none does.
    pub winner: Option<Choice>,
    /// The next.
    pub runner_up: Option<Choice>,
    /// Today's fee less the winner's, a month, on the same traffic and luck.
    pub saved: Option<Estimate>,
    /// The objective that stands in the way of the next cheaper candidate; absent if none is cheaper.
    pub binding: Option<String>,
    /// The winner with one setting a step up or down.
    pub steps: Vec<Step>,
    /// Settings of the winner at an end of their values: one beyond may be better.
    pub at_an_end: Vec<(String, String)>,
    /// Objectives that are missed, by their whole intervals, even by the candidate that is nearest to each; empty if there is a
    /// winner.
    pub out_of_reach: Vec<String>,
    /// The candidate that misses them least, where there is no winner.
    pub nearest_miss: Option<Choice>,
    /// What was chosen from, the values in their natural order.
    pub dimensions: Vec<Dimension>,
    /// Today's values of those settings, where they are among the values.
    pub today_values: Vec<(String, String)>,
    /// What was left out of the choice, where the user named no settings: sentences.
    pub notes: Vec<String>,
    /// Every candidate that was simulated, as the search left it.
    pub explored: Vec<Explored>,
    /// Candidates, those known to be refused left out.
    pub candidates: usize,
    /// Those of them that were simulated.
    pub simulated: usize,
    /// Candidates left after screening, and judged on replications of their own.
    pub survivors: usize,
    /// Those of them that meet the objectives, and were compared to the end.
    pub compared: usize,
    /// Survivors passed over as not better than an objective by more than the tolerance.
    pub close: usize,
    /// Survivors cheaper than the winner whose objectives stayed undecided.
    pub undecided: usize,
    /// Combinations that the platform refuses; in a grid of more than 4,096 those that were come upon.
    pub refused: usize,
    /// Some of them, with the reasons.
    pub refusals: Vec<Refusal>,
    /// Replications that the search cost, with those that are reported.
    pub replications: u64,
    /// Those of a full grid with as many for each candidate as are reported for the winner.
    pub full_grid: u64,
    /// Simulated events (of the clock, and arrivals) of those replications, run-in and drain included: the work.
    pub events: u64,
    /// The same of the full grid, by the mean of the candidates that were simulated.
    pub full_grid_events: u64,
    /// Replications of what is reported.
    pub reported: usize,
}

/// A combination that the platform or the file refuses.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Refusal {
    /// Key and value of each setting.
    pub settings: Vec<(String, String)>,
    /// Why.
    pub reason: String,
}

/// A candidate with fresh figures.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Choice {
    /// Key and value of each setting; empty for today's.
    pub settings: Vec<(String, String)>,
    /// Fee a month.
    pub fee: Estimate,
    /// Objectives.
    pub objectives: Vec<ObjectiveResult>,
    /// Figures by name, for reports.
    pub figures: Vec<(String, Estimate)>,
}

/// A candidate as the search left it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Explored {
    /// Key and value of each setting.
    pub settings: Vec<(String, String)>,
    /// Replications that it had.
    pub replications: usize,
    /// Figures by name on those, `fee` among them.
    pub figures: Vec<(String, Estimate)>,
    /// Whether all objectives hold, by the intervals of those.
    pub verdict: Verdict,
    /// Why the search went no further with it.
    pub fate: Fate,
}

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It is the answer.
    Recommended,
    /// It meets the objectives and is not the cheapest.
    Dearer,
    /// It misses an objective.
    Missed,
    /// Its objectives stayed undecided.
    Undecided,
    /// Others ranked before it in the screening.
    ScreenedOut,
}

/// The winner with one setting changed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Step {
    /// The setting.
    pub key: String,
    /// The winner's value.
    pub from: String,
    /// The other one.
    pub to: String,
    /// Its fee less the winner's, a month.
    pub fee: Option<Estimate>,
    /// Whether the objectives hold there.
    pub verdict: Option<Verdict>,
    /// Why the platform refuses it, if it does.
    pub refused: Option<String>,
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
    let place = grid.place_of(today);
    let run_in = steady.then_some(base.scenario.simulation.run_in);
    let mut gallery = Gallery::new(grid, rules, place, run_in);
    gallery.work = work;
    if gallery.candidates() == 0 {
        let reason = gallery.refused.into_values().next().unwrap_or_default();
        return Err(StudyError::Refused(reason));
    }
    let zone = match rules.indifference {
        Indifference::Share(share) => share * base.fee()?.all.abs(),
        Indifference::Money(money) => money,
    };
    // A fee of 0, as in a free tier, leaves no share of it.
    let zone = zone.max(1e-9);
    let budget = rules.budget.unwrap_or(u64::MAX);
    gallery.grain = zone / GRAINS;
    let mut court = Court::new(rules, zone);
    race::run(&mut gallery, &mut court, zone, budget)?;
    let selected = court.select(&gallery, budget)?;
    let search = Search { rules, gallery, court, zone, base, notes };
    search.answer(selected, scenario, platform)
}

/// What the search found, before it is reported.
struct Search<'a> {
    rules: &'a Rules<'a>,
    gallery: Gallery<'a>,
    court: Court<'a>,
    zone: f64,
    base: Trial,
    notes: Vec<String>,
}

impl Search<'_> {
    fn answer(
        self,
        selected: Option<crate::estimate::selection::Selected>,
        scenario: &crate::scenario::Scenario,
        platform: &crate::platform::Platform,
    ) -> Result<Tuned, StudyError> {
        let Self { rules, gallery, mut court, zone, base, notes } = self;
        let best = selected.and_then(|selected| court.cases.get(selected.best)).map(|case| case.index);
        let (out_of_reach, nearest) = if best.is_none() { unreached(&gallery, &mut court)? } else { (Vec::new(), None) };
        let shown = best.or(nearest).ok_or(StudyError::Nothing)?;
        (rules.talk)("simulating what is reported");
        let today = Trial::new(Vec::new(), scenario.clone(), platform)?;
        let (mut answer, first) = Answer::new(rules, &plain(&gallery, shown)?)?;
        let is_today = gallery.today.iter().zip(&gallery.all[shown].point).all(|(today, at)| *today == Some(*at));
        let now = if is_today { first } else { answer.whole(&today)? };
        let winner = best.map(|_| first);
        let second = best.and_then(|best| runner_up(&gallery, &court, best));
        let second = second.map(|second| answer.whole(&plain(&gallery, second)?)).transpose()?;
        let steps = winner.map(|winner| answer.steps(winner, &gallery.grid, &gallery.all[shown].point)).transpose()?;
        let choice = |index: Option<usize>| index.map(|index| answer.choice(index)).transpose();
        let mut now_choice = answer.choice(now)?;
        now_choice.settings = Vec::new();
        let open = court.open().len();
        let shortfalls = shortfalls(&court, selected.is_none_or(|selected| selected.guaranteed), open);
        let candidates = usize::try_from(gallery.candidates()).unwrap_or(usize::MAX);
        let mut work = gallery.work;
        work += court.work;
        work += answer.work;
        let full_grid = (candidates as u64).saturating_mul(answer.replications as u64);
        let count = |standing| court.cases.iter().filter(|case| case.standing == standing).count();
        Ok(Tuned {
            format_version: "1.0",
            faascast: env!("CARGO_PKG_VERSION"),
            scenario: scenario.name.clone(),
            seed: scenario.simulation.seed,
            currency: base.book.currency.to_string(),
            indifference: zone,
            confidence: 1.0 - rules.alpha,
            guaranteed: selected.is_some() && shortfalls.is_empty(),
            shortfalls,
            tolerance: rules.tolerance,
            today: now_choice,
            winner: choice(winner)?,
            runner_up: choice(second)?,
            saved: winner.map(|winner| answer.difference(winner, now)).transpose()?,
            binding: best.and_then(|best| binding::binding(&gallery, best)),
            steps: steps.unwrap_or_default(),
            at_an_end: best.map_or_else(Vec::new, |best| gallery.grid.ends(&gallery.all[best].point)),
            out_of_reach,
            nearest_miss: choice(nearest.map(|_| first))?,
            dimensions: gallery.grid.dimensions(),
            today_values: gallery.grid.values_of(&gallery.today),
            notes,
            explored: explored(&gallery, &court, best)?,
            candidates,
            simulated: gallery.all.len(),
            survivors: court.cases.len(),
            compared: count(Standing::Met),
            close: count(Standing::Close),
            undecided: open,
            refused: gallery.refused.len(),
            refusals: refusals(&gallery),
            replications: work.replications,
            full_grid,
            events: work.events,
            full_grid_events: full_grid.saturating_mul(mean_events(&gallery)),
            reported: answer.replications,
        })
    }
}

/// A candidate of the gallery as the scenario has it, not as it was shortened for screening.
fn plain(gallery: &Gallery<'_>, index: usize) -> Result<Trial, StudyError> {
    let seen = &gallery.all[index];
    let (scenario, platform) = gallery.grid.read(&seen.point).scenario.map_err(|_| StudyError::Nothing)?;
    Trial::new(seen.trial.settings.clone(), scenario, &platform)
}

fn mean_events(gallery: &Gallery<'_>) -> u64 {
    gallery.all.iter().map(|seen| seen.trial.mean_events()).sum::<u64>() / gallery.all.len().max(1) as u64
}

fn refusals(gallery: &Gallery<'_>) -> Vec<Refusal> {
    let one =
        |(point, reason): (&space::Point, &String)| Refusal { settings: gallery.grid.settings(point), reason: reason.clone() };
    gallery.refused.iter().take(REFUSALS).map(one).collect()
}

/// Why the guarantee does not hold.
fn shortfalls(court: &Court<'_>, told_apart: bool, open: usize) -> Vec<String> {
    let mut found = Vec::new();
    if court.broke {
        found.push("the budget was spent".to_owned());
    }
    if !told_apart {
        found.push(format!("the cheapest could not be told apart within {} replications", judge::LOOKS[judge::LOOKS.len() - 1]));
    }
    if open > 0 {
        let cheaper = if court.best().is_some() { "cheaper " } else { "" };
        let plural = if open == 1 { "" } else { "s" };
        found.push(format!("{open} {cheaper}candidate{plural} stayed undecided on the objectives"));
    }
    found
}

/// The next to the best: of those that were judged to meet their objectives, else of those that seem to.
fn runner_up(gallery: &Gallery<'_>, court: &Court<'_>, best: usize) -> Option<usize> {
    let met = court.cases.iter().filter(|case| case.standing == Standing::Met && case.index != best);
    let judged = met.min_by(|a, b| a.fee.total_cmp(&b.fee)).map(|case| case.index);
    let seem = || gallery.ranked((0..gallery.all.len()).filter(|i| gallery.all[*i].seems_fine()));
    judged.or_else(|| seem().into_iter().find(|index| *index != best))
}

/// Objectives that nothing meets, and the candidate that misses its worst one least.
fn unreached(gallery: &Gallery<'_>, court: &mut Court<'_>) -> Result<(Vec<String>, Option<usize>), StudyError> {
    let nearest = (0..gallery.all.len()).min_by(|a, b| gallery.all[*a].worst().total_cmp(&gallery.all[*b].worst()));
    let mut missed = Vec::new();
    for (name, index, beyond) in binding::nearest_to_each(gallery) {
        if beyond > 0.0 && court.misses(gallery, index, &name)? {
            missed.push(name);
        }
    }
    Ok((missed, nearest))
}

/// Every candidate with the figures on which the search left it.
fn explored(gallery: &Gallery<'_>, court: &Court<'_>, best: Option<usize>) -> Result<Vec<Explored>, StudyError> {
    let one = |(index, seen): (usize, &seen::Seen)| {
        let case = court.cases.iter().find(|case| case.index == index);
        let trial = case.map_or(&seen.trial, |case| &case.trial);
        let fate = match case.map(|case| case.standing) {
            _ if Some(index) == best => Fate::Recommended,
            Some(Standing::Met) => Fate::Dearer,
            Some(Standing::Missed) => Fate::Missed,
            Some(Standing::Close | Standing::Open) => Fate::Undecided,
            None => Fate::ScreenedOut,
        };
        let verdict = verdict(trial)?;
        let figures = named(&trial.figures()?);
        Ok(Explored { settings: seen.trial.settings.clone(), replications: trial.replications.len(), figures, verdict, fate })
    };
    gallery.all.iter().enumerate().map(one).collect()
}
