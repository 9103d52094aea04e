//! From what the search found to its answer.

use super::answer::{Answer, named, verdict};
use super::judge::{self, Court};
use super::margin::Standing;
use super::seen::{Gallery, Seen};
use super::space::Point;
use super::trial::Trial;
use super::tuned::{Explored, Fate, Refusal, Tuned};
use super::{REFUSALS, Rules, StudyError, binding};
use crate::estimate::selection::Selected;
use crate::platform::Platform;
use crate::scenario::Scenario;

/// What the search found, before it is reported.
pub(super) struct Search<'a> {
    pub(super) rules: &'a Rules<'a>,
    pub(super) gallery: Gallery<'a>,
    pub(super) court: Court<'a>,
    pub(super) zone: f64,
    pub(super) base: Trial,
    pub(super) notes: Vec<String>,
}

impl Search<'_> {
    pub(super) fn answer(
        self,
        selected: Option<Selected>,
        scenario: &Scenario,
        platform: &Platform,
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
    let one = |(point, reason): (&Point, &String)| Refusal { settings: gallery.grid.settings(point), reason: reason.clone() };
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
    let one = |(index, seen): (usize, &Seen)| {
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
