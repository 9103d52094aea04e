//! The answers, one after the other: a first look, then 2, 4, 8, … replications up to the scenario's own number.

use std::sync::Arc;
use std::time::Instant;

use super::event::{Answer, Gone, Listener, Stage};
use super::headline::headline;
use super::side::{FEWEST, Side};
use super::{Known, curve, problem_of};
use crate::serve::Site;
use crate::serve::bounds::most_replications;
use crate::serve::problem::Problem;
use crate::serve::stop::Budget;
use crate::study::live::Trial;

/// The two sides of a study, and who listens.
struct Study<'a> {
    site: &'a Arc<Site>,
    current: Side,
    baseline: Option<Side>,
    listener: &'a Listener,
    began: Instant,
}

/// Answers until the figures are as good as the scenario wants them, the budget is over, or nobody listens.
pub(super) fn study(
    site: &Arc<Site>,
    current: Known,
    baseline: Option<Known>,
    curve: Option<&curve::Ask>,
    listener: &Listener,
    began: Instant,
    budget: &Budget,
) -> Result<(), Problem> {
    let side = |known: Known| Side::new(site, known.configuration, known.resolved);
    let (current, baseline) = (side(current)?, baseline.map(side).transpose()?);
    let mut study = Study { site, current, baseline, listener, began };
    let outcome = study.answer(curve, budget);
    study.keep();
    match outcome {
        Err(Ended::Problem(problem)) => Err(problem),
        Ok(()) | Err(Ended::Gone) => Ok(()),
    }
}

/// Why a study ends before its time.
enum Ended {
    /// Something is wrong.
    Problem(Problem),
    /// Nobody listens.
    Gone,
}

impl From<Problem> for Ended {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Gone> for Ended {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl Study<'_> {
    fn keep(&self) {
        self.current.keep(self.site);
        if let Some(baseline) = &self.baseline {
            baseline.keep(self.site);
        }
    }

    fn answer(&mut self, curve: Option<&curve::Ask>, budget: &Budget) -> Result<(), Ended> {
        let mut curve = curve.map(|ask| curve::Curve::new(self.site, &self.current.configuration, ask));
        let mut stage = Stage::Coarse;
        if self.current.replications() < FEWEST && self.current.glance.is_some() {
            rayon::join(|| self.current.look(budget), || self.baseline.as_mut().map(|baseline| baseline.look(budget)));
            self.tell_glance(budget)?;
            stage = Stage::Sharper;
        }
        let mut to = self.current.replications().max(FEWEST);
        loop {
            let before = self.current.replications();
            self.grow(to, budget)?;
            if budget.is_cancelled() {
                return Err(Ended::Gone);
            }
            let Some(trial) = self.current.trial.as_ref().filter(|trial| trial.replications() > 0) else {
                // Not even one replication in all that time: the first look is all there is.
                return self.tell_rest();
            };
            let (done, most) = (trial.is_done().map_err(|e| problem_of(&e))?, most_replications(trial).min(trial.wanted()));
            let is_last = done || trial.replications() >= most || budget.is_over();
            if is_last || trial.replications() > before || stage == Stage::Coarse {
                self.tell(if is_last { Stage::Final } else { stage }, is_last && !done)?;
            }
            if let Some(curve) = &mut curve {
                curve.look(self.site, &self.current, self.listener, budget)?;
            }
            if is_last {
                break;
            }
            stage = Stage::Sharper;
            to = (2 * trial.replications()).min(most).max(trial.replications() + 1);
        }
        self.keep();
        if let Some(curve) = &mut curve {
            curve.sharpen(self.site, &self.current, self.listener, &budget.renewed(self.site.time))?;
        }
        Ok(())
    }

    /// Both sides to as many replications.
    fn grow(&mut self, to: usize, budget: &Budget) -> Result<(), Problem> {
        let (current, baseline) = (&mut self.current, &mut self.baseline);
        let (one, other) =
            rayon::join(|| current.grow(to, budget), || baseline.as_mut().map_or(Ok(()), |baseline| baseline.grow(to, budget)));
        one.and(other)
    }

    fn tell_glance(&self, budget: &Budget) -> Result<(), Ended> {
        if budget.is_cancelled() {
            return Err(Ended::Gone);
        }
        let Some(glance) = self.current.glance.as_ref().filter(|glance| glance.replications() > 0) else { return Ok(()) };
        let baseline = self.baseline.as_ref().and_then(|side| Some((side, side.glance.as_ref()?)));
        self.send(Stage::Coarse, false, glance, baseline.filter(|(_, trial)| trial.replications() > 0))
    }

    /// What there is of the whole.
    fn tell(&self, stage: Stage, incomplete: bool) -> Result<(), Ended> {
        let Some(trial) = &self.current.trial else { return Ok(()) };
        let baseline = self.baseline.as_ref().and_then(|side| Some((side, side.trial.as_ref()?)));
        self.send(stage, incomplete, trial, baseline.filter(|(_, trial)| trial.replications() > 0))
    }

    /// The first look as the last word.
    fn tell_rest(&self) -> Result<(), Ended> {
        let Some(best) = self.current.best() else {
            return Err(problem_of(&crate::study::StudyError::Nothing).into());
        };
        let baseline = self.baseline.as_ref().and_then(|side| Some((side, side.glance.as_ref()?)));
        self.send(Stage::Final, true, best, baseline.filter(|(_, trial)| trial.replications() > 0))
    }

    fn send(&self, stage: Stage, incomplete: bool, trial: &Trial, baseline: Option<(&Side, &Trial)>) -> Result<(), Ended> {
        let (result, old) = rayon::join(
            || self.current.result(self.site, trial, incomplete),
            || baseline.map(|(side, trial)| side.result(self.site, trial, incomplete)).transpose(),
        );
        let (result, old) = (result?, old?);
        let other = baseline.map(|(_, trial)| trial).zip(old.as_ref());
        let headline = headline(trial, &result, other).map_err(|e| problem_of(&e))?;
        let elapsed_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (result, baseline) = (result.into(), old.map(Into::into));
        let answer = Answer { stage, replications: trial.replications(), elapsed_ms, headline, result, baseline };
        Ok(self.listener.answer(&answer)?)
    }
}
