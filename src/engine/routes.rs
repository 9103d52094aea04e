//! Who calls what: the traffic sources in their order, then every entry of `calls` of every function. A call carries the number
//! of its route.

use std::ops::Range;

use super::draws::draws_faults;
use super::tally::{AttemptOutcome, Caused};
use crate::random::{Key, Purpose};
use crate::scenario::{Backoff, Callee, Invoke, Jitter, Limit, Outgoing, Retry, Scenario};

/// A way on which requests come.
pub(crate) struct Route<'a> {
    /// The function called; meaningless for a dependency.
    pub(crate) function: usize,
    pub(crate) invoke: Invoke,
    /// The caller gives up on an attempt this long after sending it, nanoseconds.
    pub(crate) client_timeout: Option<i64>,
    pub(crate) retry: &'a Retry,
    /// Retry budget.
    pub(crate) tokens: f64,
    /// Whether attempts can go wrong by what they draw.
    pub(crate) draws_faults: bool,
    /// The entry of `calls`; absent for a traffic source.
    pub(crate) outgoing: Option<&'a Outgoing>,
    /// Identity of the entry within its function.
    pub(crate) key: Key,
    /// Chains on this route are stopped at this depth.
    pub(crate) deepest: u32,
    /// Whether it adds to the depth of a chain: it can lead back to its caller.
    pub(crate) in_a_loop: bool,
}

/// A try that failed.
pub(crate) struct Failed {
    pub(crate) outcome: AttemptOutcome,
    /// 0 for the first.
    pub(crate) attempt: u32,
    /// When the first try was sent.
    pub(crate) first: i64,
}

impl Route<'_> {
    /// A first try earns its part of the retry budget.
    #[inline]
    pub(crate) fn earn(&mut self) {
        if let Some(budget) = self.retry.budget {
            self.tokens = (self.tokens + budget.ratio).min(budget.burst);
        }
    }

    /// When the next try starts; `None` if the policy, the deadline or the budget forbids one. `key` is the failed try's.
    pub(crate) fn next_try(&mut self, now: i64, failed: &Failed, key: Key) -> Option<i64> {
        let policy = self.retry;
        if !policy.on[failed.outcome as usize] || u64::from(failed.attempt) + 1 >= policy.attempts.get() {
            return None;
        }
        let at = now.saturating_add(backoff_delay(&policy.backoff, failed.attempt + 1, key));
        if policy.deadline.is_some_and(|deadline| at > failed.first.saturating_add(deadline.0)) {
            return None;
        }
        if policy.budget.is_some() {
            // Ten tenths are one, also in binary.
            if self.tokens < 1.0 - 1e-9 {
                return None;
            }
            self.tokens -= 1.0;
        }
        Some(at)
    }
}

/// The routes, and which of them each function takes.
pub(crate) struct Routes<'a> {
    pub(crate) all: Vec<Route<'a>>,
    of_function: Vec<Range<usize>>,
    /// Whether any function calls anything.
    pub(crate) any_calls: bool,
    /// What each source caused in each function, function by function; empty where no function calls anything.
    pub(crate) caused: Vec<Caused>,
}

impl<'a> Routes<'a> {
    pub(crate) fn new(scenario: &'a Scenario) -> Self {
        let sources = scenario.traffic.iter().map(|source| Route {
            function: source.function,
            invoke: source.invoke,
            client_timeout: source.client_timeout.map(|span| span.0),
            retry: &source.retry,
            tokens: source.retry.budget.map_or(0.0, |budget| budget.burst),
            draws_faults: draws_faults(scenario, source.function),
            outgoing: None,
            key: Key::new(0, 0),
            deepest: u32::MAX,
            in_a_loop: false,
        });
        let mut all: Vec<Route<'a>> = sources.collect();
        let mut of_function = Vec::with_capacity(scenario.functions.len());
        for (caller, function) in scenario.functions.iter().enumerate() {
            let first = all.len();
            all.extend(function.calls.iter().map(|call| outgoing(scenario, caller, call)));
            of_function.push(first..all.len());
        }
        let any_calls = all.len() > scenario.traffic.len();
        let pairs = if any_calls { scenario.traffic.len() * scenario.functions.len() } else { 0 };
        Self { all, of_function, any_calls, caused: vec![Caused::default(); pairs] }
    }

    /// The routes that a function takes, in order.
    #[inline]
    pub(crate) fn from(&self, function: usize) -> Range<usize> {
        self.of_function[function].clone()
    }
}

fn outgoing<'a>(scenario: &'a Scenario, caller: usize, call: &'a Outgoing) -> Route<'a> {
    let function = match call.to {
        Callee::Function(index) => index,
        Callee::Dependency(_) => usize::MAX,
    };
    let back = if function == usize::MAX { None } else { steps_between(scenario, function, caller) };
    let limit = match scenario.account.recursion_limit {
        Limit::Unlimited => u64::MAX,
        Limit::At(limit) => limit,
    };
    // Once around the loop is one more invocation of each of its functions.
    let around = back.map_or(1, |steps| steps + 1);
    Route {
        function,
        invoke: call.invoke,
        client_timeout: call.timeout.map(|span| span.0),
        retry: &call.retry,
        tokens: call.retry.budget.map_or(0.0, |budget| budget.burst),
        draws_faults: function != usize::MAX && draws_faults(scenario, function),
        outgoing: Some(call),
        key: Key::new(0, 0).name(&call.name),
        deepest: limit.saturating_mul(around).min(u64::from(u32::MAX)) as u32,
        in_a_loop: back.is_some(),
    }
}

/// Fewest calls from one function to another; `None` if there is no way.
fn steps_between(scenario: &Scenario, from: usize, to: usize) -> Option<u64> {
    let mut reached = vec![false; scenario.functions.len()];
    let (mut edge, mut steps) = (vec![from], 0);
    while !edge.is_empty() {
        if edge.contains(&to) {
            return Some(steps);
        }
        edge.iter().for_each(|f| reached[*f] = true);
        let next = edge.iter().flat_map(|f| &scenario.functions[*f].calls).filter_map(|call| match call.to {
            Callee::Function(index) if !reached[index] => Some(index),
            _ => None,
        });
        edge = next.collect();
        edge.sort_unstable();
        edge.dedup();
        steps += 1;
    }
    None
}

/// Delay in nanoseconds before retry `k` (1, 2, …): d = min(cap, base x factor^(k-1)), jittered by the attempt's identity.
pub(crate) fn backoff_delay(backoff: &Backoff, k: u32, key: Key) -> i64 {
    // Bounded, so that a base of 0 stays 0.
    let growth = libm::pow(backoff.factor, f64::from(k - 1)).min(f64::MAX);
    let d = (backoff.base.as_secs_f64() * growth).min(backoff.cap.as_secs_f64());
    let u = || key.purpose(Purpose::Backoff).uniform();
    let seconds = match backoff.jitter {
        Jitter::None => d,
        Jitter::Full => d * u(),
        Jitter::Equal => d * (0.5 + 0.5 * u()),
        Jitter::Exponential => -d * libm::log(1.0 - u()),
    };
    crate::units::Span::from_secs_f64(seconds).0
}
