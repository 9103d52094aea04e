//! What replications of a candidate say of its fee and its objectives.

use super::StudyError;
use super::belief::Guess;
use super::margin::Margin;
use super::trial::Trial;
use crate::engine::Replication;
use crate::histogram::Histogram;
use crate::study::result::ObjectiveResult;
use crate::study::spread::is_share;

/// Fees below are as good as nothing, and have no logarithm.
const LEAST_FEE: f64 = 1e-9;

/// What some replications of a candidate say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Evidence {
    /// Logarithm of the fee.
    pub(super) fee: f64,
    pub(super) margins: Vec<Margin>,
}

impl Evidence {
    /// On the first `n` replications of a trial.
    pub(super) fn on(trial: &Trial, n: usize) -> Result<Self, StudyError> {
        let replications = trial.replications.get(..n).unwrap_or(&trial.replications);
        let margins = margins(trial, &trial.objectives_on(replications)?, replications);
        Ok(Self { fee: libm::log(trial.fee_on(n)?.all.max(LEAST_FEE)), margins })
    }

    /// Probability that all objectives hold, by the noise of requests alone.
    pub(super) fn chance(&self) -> f64 {
        self.margins.iter().map(|margin| Guess::from(*margin).chance()).product()
    }

    pub(super) fn guess(&self, figure: usize) -> Guess {
        // The first figure is the fee, whose noise only the changes of others tell.
        figure.checked_sub(1).map_or(Guess { value: self.fee, noise: 0.0 }, |objective| self.margins[objective].into())
    }
}

/// Margins on these replications.
pub(super) fn margins(trial: &Trial, objectives: &[ObjectiveResult], replications: &[Replication]) -> Vec<Margin> {
    let one = |o: &ObjectiveResult| {
        let of = trial.scenario.functions.iter().position(|f| f.name == o.function);
        let tallies =
            || replications.iter().flat_map(|r| r.functions.iter().enumerate()).filter(|(f, _)| of.is_none_or(|of| *f == of));
        let mut times = Histogram::new();
        if !is_share(&o.name) {
            tallies().for_each(|(_, tally)| times.merge(&tally.latency));
        }
        Margin::new(o, tallies().map(|(_, tally)| tally.requests).sum(), &times)
    };
    objectives.iter().map(one).collect()
}
