//! Figures by name: what precision targets and objectives speak of.

use super::bill::Bill;
use super::figures::{excess, quantiles};
use super::result::{ObjectiveResult, PrecisionResult, Verdict};
use crate::engine::{AttemptOutcome, FunctionTally, Replication};
use crate::estimate::Estimate;
use crate::estimate::share::share_of_sampled;
use crate::estimate::stopping::Target;
use crate::scenario::{HalfWidth, Objective, PrecisionTarget, Scenario};

/// A figure of the whole scenario, or of one function where it is a latency.
struct Figure {
    function: String,
    estimate: Estimate,
    is_share: bool,
}

/// The figure of that name; for latencies one for each function with traffic.
fn figures(name: &str, scenario: &Scenario, bill: &Bill<'_>, replications: &[Replication]) -> Vec<Figure> {
    let all = |events: &dyn Fn(&FunctionTally) -> u64, trials: &dyn Fn(&FunctionTally) -> u64| {
        let total = |r: &Replication, figure: &dyn Fn(&FunctionTally) -> u64| r.functions.iter().map(figure).sum();
        share_of_sampled(
            &replications.iter().map(|r| (total(r, events), total(r, trials))).collect::<Vec<(u64, u64)>>(),
            excess(replications),
        )
    };
    let whole = |estimate, is_share| vec![Figure { function: String::new(), estimate, is_share }];
    match name {
        "fee" => whole(bill.fee(replications), false),
        "availability" => {
            let of_requests = replications.iter().map(Replication::requests).map(|(requests, ok)| (ok, requests));
            whole(share_of_sampled(&of_requests.collect::<Vec<(u64, u64)>>(), excess(replications)), true)
        }
        "throttled" => whole(all(&|f| f.attempt_outcomes[AttemptOutcome::Throttled as usize], &|f| f.attempts), true),
        "cold_start_rate" => whole(all(&|f| f.cold_starts, &|f| f.invocations), true),
        latency => (0..scenario.functions.len())
            .filter(|f| scenario.traffic.iter().any(|s| s.function == *f))
            .map(|f| Figure {
                function: if scenario.functions.len() > 1 { scenario.functions[f].name.clone() } else { String::new() },
                estimate: latency_figure(latency, f, replications),
                is_share: false,
            })
            .collect(),
    }
}

fn latency_figure(name: &str, function: usize, replications: &[Replication]) -> Estimate {
    let tallies: Vec<&FunctionTally> = replications.iter().map(|r| &r.functions[function]).collect();
    let q = quantiles(&tallies, |f| &f.latency);
    match name {
        "p50" => q.p50,
        "p90" => q.p90,
        "p95" => q.p95,
        "p99" => q.p99,
        "p99.9" => q.p99_9,
        "max" => q.max,
        _ => q.mean,
    }
}

fn target_of(half_width: HalfWidth, is_share: bool) -> Target {
    match half_width {
        HalfWidth::Relative(x) if is_share => Target::RelativeShare(x),
        HalfWidth::Relative(x) => Target::Relative(x),
        HalfWidth::Absolute(x) => Target::Absolute(x),
    }
}

/// Every precision target and how close it is.
pub(super) fn precision(
    wanted: &[PrecisionTarget],
    scenario: &Scenario,
    bill: &Bill<'_>,
    replications: &[Replication],
) -> Vec<PrecisionResult> {
    let one = |t: &PrecisionTarget| {
        let figures = figures(&t.figure, scenario, bill, replications);
        let results = figures.into_iter().map(|f| {
            let target = target_of(t.half_width, f.is_share);
            let name = if f.function.is_empty() { t.figure.clone() } else { format!("{} of {}", t.figure, f.function) };
            PrecisionResult {
                figure: name,
                wanted: target.wanted(),
                reached: target.reached(&f.estimate),
                met: target.met(&f.estimate),
            }
        });
        results.collect::<Vec<_>>()
    };
    wanted.iter().flat_map(one).collect()
}

/// Whether every target is met: the question at a checkpoint.
pub(super) fn all_met(wanted: &[PrecisionTarget], scenario: &Scenario, bill: &Bill<'_>, replications: &[Replication]) -> bool {
    precision(wanted, scenario, bill, replications).iter().all(|p| p.met)
}

/// Every objective with its verdict.
pub(super) fn objectives(scenario: &Scenario, bill: &Bill<'_>, replications: &[Replication]) -> Vec<ObjectiveResult> {
    let one = |o: &Objective| {
        let figures = figures(&o.figure, scenario, bill, replications);
        let results = figures.into_iter().map(|f| ObjectiveResult {
            name: o.figure.clone(),
            function: f.function,
            target: o.target,
            verdict: verdict(&f.estimate, o.target, o.at_least),
            estimate: f.estimate,
        });
        results.collect::<Vec<_>>()
    };
    scenario.objectives.iter().flat_map(one).collect()
}

/// Judges the objective on throttling anew, by an estimate of what is rare.
pub(super) fn rejudge(objectives: &mut [ObjectiveResult], throttled: Estimate) {
    for o in objectives.iter_mut().filter(|o| o.name == "throttled") {
        (o.estimate, o.verdict) = (throttled, verdict(&throttled, o.target, false));
    }
}

/// Met or missed only if the whole interval says so.
fn verdict(estimate: &Estimate, target: f64, at_least: bool) -> Verdict {
    let (Some(lo), Some(hi)) = (estimate.lo, estimate.hi) else { return Verdict::Undecided };
    match at_least {
        true if lo >= target => Verdict::Met,
        true if hi < target => Verdict::Missed,
        false if hi <= target => Verdict::Met,
        false if lo > target => Verdict::Missed,
        _ => Verdict::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_needs_the_whole_interval() {
        let e = |lo, hi| Estimate { mean: Some((lo + hi) / 2.0), lo: Some(lo), hi: Some(hi), n: 10 };
        assert_eq!(verdict(&e(0.9991, 0.9999), 0.999, true), Verdict::Met);
        assert_eq!(verdict(&e(0.9981, 0.9989), 0.999, true), Verdict::Missed);
        assert_eq!(verdict(&e(0.9981, 0.9999), 0.999, true), Verdict::Undecided);
        assert_eq!(verdict(&e(1.0, 2.0), 2.0, false), Verdict::Met);
        assert_eq!(verdict(&e(2.1, 3.0), 2.0, false), Verdict::Missed);
        assert_eq!(verdict(&Estimate { mean: Some(1.0), lo: None, hi: None, n: 1 }, 2.0, false), Verdict::Undecided);
    }
}
