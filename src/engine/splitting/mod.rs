//! Rare throttling by RESTART (Villen-Altamirano & Villen-Altamirano 1991, "RESTART: a method for accelerating rare event
//! simulations", ITC-13; unbiased by their 2002 proof, Winter Simulation Conference): when the busy instances rise to a level, the
//! run is split into a number of copies that go on with draws of their own. A copy ends when it has fallen below the level
//! again; the last one goes on. What is counted above a level weighs less by the number of its copies, so that expectations
//! are those of the plain simulation, for counts over a finite horizon too.
//!
//! The levels are looked at after each arrival: a copy that dips below its level and is back before the next arrival lives on.
//! `walk` is the run that can be set back, `course` what happens in it; which levels, and how sure the answer is, is `study::rare`'s.

mod course;
mod walk;

use crate::random::Key;
use crate::scenario::{Limit, Provisioned, Scenario};
use crate::workload::arrivals::Arrivals;
use walk::Walk;

/// A number of busy instances at which a run is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Instances that start or work, right after an arrival; levels rise.
    pub busy: u64,
    /// Runs that go on from there, at least 2.
    pub copies: u32,
}

/// What was counted in one replication, each event by its weight; over the horizon, without the run-in.
#[derive(Clone, Debug, Default)]
pub struct Split {
    /// Requests.
    pub requests: f64,
    /// Those that were throttled, by cause (see [`super::THROTTLE_CAUSES`]).
    pub throttled: [f64; 4],
    /// Requests by the number of busy instances right after them.
    pub after: Vec<f64>,
    /// The same, each simulated one as one.
    pub simulated_after: Vec<u64>,
    /// Throttled requests that were simulated.
    pub simulated_throttled: u64,
    /// Requests simulated, in all copies and the run-in: the work done.
    pub simulated: u64,
    /// Whether the work reached its bound before the end.
    pub cut: bool,
}

impl Split {
    /// Throttled requests of all causes.
    #[must_use]
    pub fn all_throttled(&self) -> f64 {
        self.throttled.iter().sum()
    }
}

/// The busy instances at which requests are throttled by a quota.
///
/// # Errors
/// Why throttling cannot be estimated by splitting: what is in the way, and what it takes.
pub fn full(scenario: &Scenario) -> Result<u64, &'static str> {
    let ([spec], [source]) = (&scenario.functions[..], &scenario.traffic[..]) else {
        return Err("it takes one function with one source of traffic");
    };
    if !matches!(source.arrivals, Arrivals::Poisson(_) | Arrivals::Mmpp(_)) {
        return Err("it takes arrivals without a memory: `poisson` or `mmpp`");
    }
    if source.retry.attempts.get() > 1 {
        return Err("it takes callers that do not retry: `retry = { attempts = 1 }`");
    }
    if spec.instance_concurrency > 1 {
        return Err("it takes instances with one invocation at a time: `instance_concurrency = 1`");
    }
    if spec.pending_queue.is_some() || spec.provisioned != Provisioned::Constant(0) {
        return Err("it takes a function without a pending queue and without provisioned instances");
    }
    if !super::direct::is_direct(scenario) {
        return Err(
            "it takes a synchronous function whose requests are decided when they arrive: no calls, events, memory need, \
                    payload limits, background work, patience of callers or reservations, and a keep-alive of at least 1 s",
        );
    }
    let account = &scenario.account;
    let limits = [spec.max_instances, spec.max_concurrency, account.max_instances, account.max_concurrency];
    let full = limits.into_iter().filter(|limit| *limit != Limit::Unlimited).map(|limit| limit.get()).min();
    full.filter(|full| *full > 0).ok_or("it takes a finite quota: nothing limits the number of instances")
}

/// Simulates one replication, split at `levels`; `None` if `stop` became true, which is asked now and then, or if the
/// scenario cannot be split (see [`full`]). More than `most` requests are not simulated: then it is cut short.
#[must_use]
pub fn run(scenario: &Scenario, replication: u64, levels: &[Level], most: u64, stop: &dyn Fn() -> bool) -> Option<Split> {
    let full = full(scenario).ok()?;
    let key = Key::new(scenario.simulation.seed, replication).name("splitting");
    let mut walk = Walk::new(scenario, key)?;
    // Where each level was reached last, and how many copies are left to go on from there.
    let mut saved: Vec<(Walk<'_>, u32)> = levels.iter().map(|_| Some((Walk::new(scenario, key)?, 0))).collect::<Option<_>>()?;
    let weights: Vec<f64> = std::iter::once(1.0)
        .chain(levels.iter().scan(1.0, |weight, level| {
            *weight /= f64::from(level.copies);
            Some(*weight)
        }))
        .collect();
    let mut split =
        Split { after: vec![0.0; full as usize + 1], simulated_after: vec![0; full as usize + 1], ..Split::default() };
    let mut copies = 0;
    // Levels that the run is above of.
    let mut depth = 0;
    loop {
        let busy = walk.step(weights[depth], &mut split);
        if split.simulated & 0xffff == 0 && stop() {
            return None;
        }
        if split.simulated >= most {
            split.cut = true;
            return Some(split);
        }
        // At the end of the horizon every copy ends, the last one too.
        let fallen = |depth: usize| busy.is_none_or(|busy| busy < levels[depth - 1].busy);
        while depth > 0 && fallen(depth) && saved[depth - 1].1 == 0 {
            depth -= 1;
        }
        if depth > 0 && fallen(depth) {
            let (from, left) = &mut saved[depth - 1];
            *left -= 1;
            copies += 1;
            walk.set_to(from, key.with(copies));
        } else if busy.is_none() {
            return Some(split);
        }
        let busy = walk.busy();
        while depth < levels.len() && busy >= levels[depth].busy {
            let (place, left) = &mut saved[depth];
            place.set_to(&walk, key);
            *left = levels[depth].copies - 1;
            depth += 1;
        }
    }
}
