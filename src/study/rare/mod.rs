//! Throttling that plain replications are too few to see, by splitting (see `engine::splitting`): pilots choose the levels, then
//! independent replications of the split simulation are run until the interval is as narrow as asked for, or the work is spent.

mod pilot;
pub(super) mod result;

use std::collections::BTreeMap;

use super::Context;
use super::result::{Rare, RareLevel, Warning};
use crate::engine::THROTTLE_CAUSES;
use crate::engine::splitting::{Split, full, run};
use crate::estimate::ratio::ratio;
use crate::estimate::replicate::{Plan, replicate};
use crate::estimate::stopping::{Stopping as Rule, Target};
use crate::scenario::{RareEvents, Scenario};
use pilot::{Found, pilot};

/// Replications before the first look at the interval: each one may see much of what is rare, or nothing.
const LEAST_REPLICATIONS: usize = 20;
const MOST_REPLICATIONS: f64 = 1e6;
/// Production replications are numbered from here on, apart from the pilots'.
const NUMBERS: u64 = 1 << 42;

/// What was seen in split runs together.
struct Seen {
    requests: f64,
    after: Vec<f64>,
    simulated_after: Vec<u64>,
    simulated: u64,
}

impl Seen {
    fn of(splits: &[Split]) -> Self {
        let states = splits.iter().map(|split| split.after.len()).max().unwrap_or(0);
        let mut seen = Self { requests: 0.0, after: vec![0.0; states], simulated_after: vec![0; states], simulated: 0 };
        for split in splits {
            seen.requests += split.requests;
            seen.simulated += split.simulated;
            seen.after.iter_mut().zip(&split.after).for_each(|(sum, x)| *sum += x);
            seen.simulated_after.iter_mut().zip(&split.simulated_after).for_each(|(sum, x)| *sum += x);
        }
        seen
    }

    /// Share of the requests after which at least so many instances were busy.
    fn above(&self, busy: usize) -> f64 {
        self.after.iter().skip(busy).sum::<f64>() / self.requests.max(f64::MIN_POSITIVE)
    }

    /// The most busy instances that `enough` simulated requests saw, or more than those.
    fn known(&self, enough: u64) -> usize {
        let mut sum = 0;
        (0..self.simulated_after.len())
            .rev()
            .find(|busy| {
                sum += self.simulated_after[*busy];
                sum >= enough
            })
            .unwrap_or(0)
    }
}

/// Estimates the throttled share, if the scenario asks for it; what stands in the way becomes a warning.
pub(super) fn rare(scenario: &Scenario, context: &Context<'_>, warnings: &mut Vec<Warning>) -> Option<Rare> {
    let options = scenario.simulation.rare?;
    let full = match full(scenario) {
        Ok(full) => full,
        Err(reason) => {
            warnings.push(not_split(reason));
            return None;
        }
    };
    let (found, pilots) = pilot(scenario, full, context.stop);
    let (levels, a_replication) = match found {
        Found::Levels { levels, a_replication } => (levels, a_replication),
        Found::Stopped => return None,
        Found::OutOfReach { busy, share } => {
            warnings.push(out_of_reach(full, busy, share));
            return None;
        }
    };
    let most = (options.effort as f64 / a_replication).clamp(LEAST_REPLICATIONS as f64, MOST_REPLICATIONS) as usize;
    let wanted = Target::Relative(options.half_width);
    let mut rule = Rule::default();
    let out = replicate(
        Plan::UpTo(most),
        |i| run(scenario, NUMBERS + i, &levels, u64::MAX, &context.stop),
        |splits| splits.len() >= LEAST_REPLICATIONS && rule.checkpoint(wanted.met(&share(splits, Split::all_throttled))),
        context.stop,
        &|_| (),
    );
    let splits = &out.results[..];
    if splits.is_empty() {
        return None;
    }
    let throttled = share(splits, Split::all_throttled);
    if out.complete && !wanted.met(&throttled) {
        warnings.push(imprecise(options, wanted.reached(&throttled)));
    }
    let name = scenario.functions.first().map_or_else(String::new, |f| f.name.clone());
    let by_cause = THROTTLE_CAUSES.iter().enumerate().map(|(i, cause)| (*cause, share(splits, |split| split.throttled[i])));
    Some(Rare {
        method: "splitting",
        throttled: BTreeMap::from([(name.clone(), throttled)]),
        throttled_by: BTreeMap::from([(name, by_cause.filter(|(_, e)| e.mean.is_some_and(|m| m > 0.0)).collect())]),
        levels: levels.iter().map(|level| RareLevel { busy: level.busy, copies: level.copies }).collect(),
        replications: splits.len() as u32,
        effort: pilots + splits.iter().map(|split| split.simulated).sum::<u64>(),
        pilot_effort: pilots,
    })
}

fn share(splits: &[Split], events: impl Fn(&Split) -> f64) -> crate::estimate::Estimate {
    ratio(&splits.iter().map(|split| (events(split), split.requests)).collect::<Vec<_>>())
}

fn not_split(reason: &str) -> Warning {
    Warning {
        code: "rare-not-split".into(),
        cause: format!("`simulation.rare = \"splitting\"` does not apply to this scenario: {reason}"),
        effect: "throttling is estimated by the plain replications alone".into(),
        remedy: "change what stands in the way, or raise `simulation.replications`".into(),
    }
}

fn out_of_reach(full: u64, busy: usize, share: f64) -> Warning {
    Warning {
        code: "rare-out-of-reach".into(),
        cause: format!("splitting saw at most {busy} busy instances of {full}, after a share of {share:.1e} of the requests"),
        effect: "throttling by the quota is rarer than can be estimated".into(),
        remedy: "leave `simulation.rare` out, or lower the quota to where it binds".into(),
    }
}

fn imprecise(options: RareEvents, reached: Option<f64>) -> Warning {
    let reached = reached.map_or("no interval".to_owned(), |r| format!("{:.1} %", 100.0 * r));
    Warning {
        code: "rare-not-precise".into(),
        cause: format!("the throttled share was wanted to {:.1} % by splitting, reached: {reached}", 100.0 * options.half_width),
        effect: "its interval is wider than asked for".into(),
        remedy: "raise `simulation.rare_effort`, or shorten the horizon to the busiest hours".into(),
    }
}
