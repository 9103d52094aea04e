//! A configuration under study: its scenario, and what was simulated of it.

use std::sync::Arc;

use super::super::Site;
use super::super::bounds::{self, GLANCE};
use super::super::configuration::Configuration;
use super::super::problem::Problem;
use super::super::stop::Budget;
use super::problem_of;
use crate::scenario::{Resolved, Scenario};
use crate::study::live::{Trial, expected_requests};
use crate::study::result::{RunResult, Warning};
use crate::study::{Context, assumed};

/// Replications of a first look: the fewest that have an interval.
pub(super) const FEWEST: usize = 2;

/// One of the configurations of a study.
#[derive(Clone)]
pub(in crate::serve) struct Side {
    pub(in crate::serve) configuration: Configuration,
    resolved: Arc<Resolved>,
    /// The part of it that can be simulated here.
    scenario: Scenario,
    cut: Option<Warning>,
    /// The beginning of a long horizon; for a short one there is none.
    pub(in crate::serve) glance: Option<Trial>,
    /// The whole of it, once it was begun.
    pub(in crate::serve) trial: Option<Trial>,
}

impl Side {
    /// What is known of a configuration already, with the way to the rest.
    pub(in crate::serve) fn new(site: &Site, configuration: Configuration, resolved: Arc<Resolved>) -> Result<Self, Problem> {
        if let Some(known) = site.sides.get(&configuration) {
            return Ok((*known).clone());
        }
        let (scenario, cut) = bounds::fitted(&resolved.scenario, &resolved.platform)?;
        let is_long = expected_requests(&scenario) > GLANCE;
        let glance =
            is_long.then(|| Trial::glance(&scenario, &resolved.platform, GLANCE)).transpose().map_err(|e| problem_of(&e))?;
        Ok(Self { configuration, resolved, scenario, cut, glance, trial: None })
    }

    /// Keeps what was simulated.
    pub(in crate::serve) fn keep(&self, site: &Site) {
        let bytes = [&self.glance, &self.trial].into_iter().flatten().map(Trial::bytes).sum();
        site.sides.put(&self.configuration, Arc::new(self.clone()), bytes);
    }

    /// Takes a first look, if there is to be one.
    pub(in crate::serve) fn look(&mut self, budget: &Budget) {
        if let Some(glance) = &mut self.glance {
            glance.grow(FEWEST, &|| budget.is_over());
        }
    }

    /// Goes on to this many replications of the whole; to fewer when the budget is over.
    pub(in crate::serve) fn grow(&mut self, to: usize, budget: &Budget) -> Result<(), Problem> {
        let stop = || budget.is_over();
        let mut trial = match self.trial.take() {
            Some(trial) => trial,
            // A transient that could not be looked for in time leaves nothing to grow.
            None => match Trial::new(&self.scenario, &self.resolved.platform, &stop) {
                Ok(trial) => trial,
                Err(_) if budget.is_over() => return Ok(()),
                Err(error) => return Err(problem_of(&error)),
            },
        };
        trial.grow(to, &stop);
        self.trial = Some(trial);
        Ok(())
    }

    /// Replications of the whole.
    pub(in crate::serve) fn replications(&self) -> usize {
        self.trial.as_ref().map_or(0, Trial::replications)
    }

    /// The best there is: the whole, or a first look at it.
    pub(in crate::serve) fn best(&self) -> Option<&Trial> {
        let known = |trial: &&Trial| trial.replications() > 0;
        self.trial.as_ref().filter(known).or_else(|| self.glance.as_ref().filter(known))
    }

    /// The report of a trial of this configuration.
    pub(in crate::serve) fn result(&self, site: &Site, trial: &Trial, incomplete: bool) -> Result<RunResult, Problem> {
        let context = Context {
            platform: &self.resolved.platform,
            assumptions: assumed::assumptions(&self.resolved),
            today: (site.today)(),
            stop: &|| false,
            progress: &|_| (),
        };
        let mut result = trial.result(&context, incomplete).map_err(|e| problem_of(&e))?;
        result.warnings.splice(0..0, self.resolved.warnings.iter().map(assumed::warning).chain(self.cut.clone()));
        Ok(result)
    }
}
