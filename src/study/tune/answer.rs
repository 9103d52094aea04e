//! What is reported, on replications that nothing was chosen on.

use super::space::{Grid, Point};
use super::trial::{Trial, Work, replicate};
use super::{Choice, Rules, Step, StudyError};
use crate::estimate::Estimate;
use crate::estimate::paired::paired;
use crate::estimate::replicate::next_checkpoint;
use crate::estimate::stopping::Stopping as Rule;
use crate::scenario::Stopping;
use crate::study::result::Verdict;
use crate::study::spread::Spread;
use crate::study::targets;

/// Numbers of these replications.
const NUMBERS: u64 = 1 << 41;
/// Fewer give intervals too wide to be of use, whatever the scenario asks for.
const LEAST: usize = 10;
/// Replications of one step from the winner: differences on the same luck need few.
const OF_A_STEP: usize = 10;

/// Candidates with fresh replications.
pub(super) struct Answer<'a> {
    rules: &'a Rules<'a>,
    trials: Vec<Trial>,
    pub(super) work: Work,
    /// Replications of what is reported.
    pub(super) replications: usize,
}

impl<'a> Answer<'a> {
    /// As many replications as the scenario asks for, found out on `first` where it asks for a precision. Also its index.
    pub(super) fn new(rules: &'a Rules<'a>, first: &Trial) -> Result<(Self, usize), StudyError> {
        let mut answer = Self { rules, trials: Vec::new(), work: Work::default(), replications: LEAST };
        match &first.scenario.simulation.stopping {
            Stopping::Fixed(n) => answer.replications = (*n as usize).max(LEAST),
            Stopping::Precision { targets, max_replications, .. } => {
                let most = (*max_replications as usize).max(LEAST);
                let mut rule = Rule::default();
                loop {
                    let index = answer.fresh(first, answer.replications)?;
                    let trial = &answer.trials[index];
                    let met = targets::all_met(targets, &trial.scenario, &trial.bill()?, &trial.replications);
                    if rule.checkpoint(met) || answer.replications >= most {
                        break;
                    }
                    answer.replications = next_checkpoint(answer.replications).min(most);
                }
            }
        }
        let index = answer.fresh(first, answer.replications)?;
        Ok((answer, index))
    }

    /// Brings a candidate to `n` fresh replications; one that is here already is not simulated again. Its index.
    fn fresh(&mut self, trial: &Trial, n: usize) -> Result<usize, StudyError> {
        let known = self.trials.iter().position(|known| known.settings == trial.settings);
        let index = if let Some(index) = known {
            index
        } else {
            let (fresh, pilots) = trial.settled(trial.mean_events(), self.rules.stop)?;
            self.work += pilots;
            self.trials.push(fresh);
            self.trials.len() - 1
        };
        if let Some(trial) = self.trials.get_mut(index) {
            self.work += replicate(&mut [trial], n, NUMBERS, self.rules.stop)?;
        }
        Ok(index)
    }

    /// The same with as many as are reported.
    pub(super) fn whole(&mut self, trial: &Trial) -> Result<usize, StudyError> {
        self.fresh(trial, self.replications)
    }

    /// Fee of the second less that of the first, on the replications that both have.
    pub(super) fn difference(&self, a: usize, b: usize) -> Result<Estimate, StudyError> {
        let (a, b) = (&self.trials[a], &self.trials[b]);
        let n = a.replications.len().min(b.replications.len());
        Ok(paired(&a.fee_on(n)?, &b.fee_on(n)?).estimate)
    }

    pub(super) fn choice(&self, index: usize) -> Result<Choice, StudyError> {
        let trial = &self.trials[index];
        let figures = named(&trial.figures()?);
        let fee = figures.iter().find(|(figure, _)| figure == "fee").map(|(_, estimate)| *estimate).unwrap_or_default();
        Ok(Choice { settings: trial.settings.clone(), fee, objectives: trial.objectives()?, figures })
    }

    /// Whether all objectives hold, by the intervals of the fresh replications.
    pub(super) fn verdict(&self, index: usize) -> Result<Verdict, StudyError> {
        verdict(&self.trials[index])
    }

    /// The winner with each setting one step down and up, as far as the grid goes.
    pub(super) fn steps(&mut self, winner: usize, grid: &Grid<'_>, point: &Point) -> Result<Vec<Step>, StudyError> {
        let mut steps = Vec::new();
        let from = grid.settings(point);
        for (axis, (key, own)) in from.iter().enumerate() {
            for other in grid.steps(point, axis) {
                let settings = grid.settings(&other);
                let to = settings[axis].1.clone();
                let mut step = Step { key: key.clone(), from: own.clone(), to, fee: None, verdict: None, refused: None };
                match grid.read(&other).scenario {
                    Ok((scenario, platform)) => {
                        let trial = Trial::new(settings, scenario, &platform)?;
                        let index = self.fresh(&trial, OF_A_STEP.min(self.replications))?;
                        step.fee = Some(self.difference(winner, index)?);
                        step.verdict = Some(self.verdict(index)?);
                    }
                    Err(reason) => step.refused = Some(reason),
                }
                steps.push(step);
            }
        }
        Ok(steps)
    }
}

/// Whether all objectives hold, by their intervals.
pub(super) fn verdict(trial: &Trial) -> Result<Verdict, StudyError> {
    let objectives = trial.objectives()?;
    let any = |verdict| objectives.iter().any(|o| o.verdict == verdict);
    Ok(match () {
        () if any(Verdict::Missed) => Verdict::Missed,
        () if any(Verdict::Undecided) => Verdict::Undecided,
        () => Verdict::Met,
    })
}

/// Figures by name.
pub(super) fn named(figures: &[Spread]) -> Vec<(String, Estimate)> {
    let name = |s: &Spread| if s.function.is_empty() { s.figure.to_owned() } else { format!("{} of {}", s.figure, s.function) };
    figures.iter().map(|s| (name(s), s.estimate)).collect()
}
