//! The course over the horizon: means over replications, in bins that a reader can tell apart.

use super::bill::Money;
use super::result::Timeline;
use crate::engine::{Bin, Replication};
use crate::scenario::{Limit, Scenario};

/// Most bins in a result.
const MAX_BINS: usize = 360;

pub(super) fn timeline(scenario: &Scenario, replications: &[Replication], money: &Money<'_>) -> Timeline {
    let fine = replications[0].functions.first().map_or(0, |f| f.bins.len());
    let group = fine.div_ceil(MAX_BINS).max(1);
    let bins = fine.div_ceil(group);
    let n = replications.len() as f64;
    let bin_ns = replications[0].bin_ns;
    let horizon = scenario.simulation.horizon.0;
    let sum = |bin: usize, figure: &dyn Fn(&Bin) -> u64| -> f64 {
        let range = bin * group..((bin + 1) * group).min(fine);
        replications.iter().flat_map(|r| &r.functions).flat_map(|f| &f.bins[range.clone()]).map(|b| figure(b) as f64).sum()
    };
    let length = |bin: usize| ((bin as i64 + 1) * group as i64 * bin_ns).min(horizon) - bin as i64 * group as i64 * bin_ns;
    Timeline {
        bin_s: (group as i64 * bin_ns) as f64 / 1e9,
        requests: (0..bins).map(|b| sum(b, &|x| x.requests) / n).collect(),
        throttled: (0..bins).map(|b| sum(b, &|x| x.throttled) / n).collect(),
        instances: (0..bins).map(|b| sum(b, &|x| x.instance_ns) / n / length(b) as f64).collect(),
        availability: (0..bins)
            .map(|b| {
                let requests = sum(b, &|x| x.requests);
                (requests > 0.0).then(|| sum(b, &|x| x.ok) / requests)
            })
            .collect(),
        fee: money.by_bin(scenario, replications, group, bins),
        quota: quota(scenario),
    }
}

/// The limit on all instances together: the account's, or the sum of the functions' own if each has one.
pub(super) fn quota(scenario: &Scenario) -> Option<u64> {
    let functions = scenario.functions.iter().try_fold(0_u64, |sum, f| match f.max_instances {
        Limit::At(n) => Some(sum.saturating_add(n)),
        Limit::Unlimited => None,
    });
    match scenario.account.max_instances {
        Limit::At(n) => Some(functions.map_or(n, |f| f.min(n))),
        Limit::Unlimited => functions,
    }
}
