//! What concerns several tables of a scenario at once.

use std::collections::BTreeSet;

use super::facts::Facts;
use super::node::{Node, join};
use super::provisioned;
use super::reader::Reader;
use super::{Account, Callee, Change, Dependency, Event, Function, Invoke, Limit, Source};
use crate::diagnostic::Diagnostic;
use crate::units::Bytes;
use crate::workload::arrivals::Arrivals;

/// A function must have work, from its own keys or from its traces.
pub(super) fn work(
    root: &Reader<'_>,
    r: &Reader<'_>,
    function: &mut Function,
    index: usize,
    sources: &[Source],
    is_called: bool,
) {
    let durations = |source: &Source| matches!(&source.arrivals, Arrivals::Trace(trace) if trace.has_durations());
    let mut own = sources.iter().filter(|source| source.function == index);
    function.work.from_trace = own.clone().any(durations);
    let given = |key: &str| r.get("work").is_some_and(|work| work.get(key).is_some());
    let called = is_called || own.clone().next().is_some();
    let recorded = !is_called && called && own.all(durations);
    // A trace that was refused may have brought the durations.
    let traces = |source: &&Source| source.function == index && matches!(source.arrivals, Arrivals::Trace(_));
    let refused = traces_to(root, &function.name) > sources.iter().filter(traces).count();
    if !given("cpu") && !given("io") && !recorded && !refused {
        let hint = "Add `cpu` or `io`, such as cpu = { lognormal = { mean = \"120ms\", cv = 0.5 } }; \"0s\" is allowed.";
        r.error("work", "missing-key", "there is neither `cpu` nor `io`: the work is not known", hint);
    }
    if !called && !r.context.failed() {
        r.warn(
            "",
            "no-traffic",
            "no traffic goes to this function",
            "Add a [[traffic]] or a call of another function with `to`, or leave the function out.",
        );
    }
    let need = function.work.memory.is_constant().unwrap_or(0.0) + function.work.base_memory.0 as f64;
    if need > function.memory.0 as f64 {
        let message = format!(
            "work needs {} and the function has {}: every invocation crashes",
            Bytes(need as u64).exact(),
            function.memory.exact()
        );
        r.warn("memory", "memory", message, "Raise `memory`.");
    }
}

/// How many traffic entries of the file, right or wrong, replay a trace to this function.
fn traces_to(root: &Reader<'_>, function: &str) -> usize {
    let entries = root.get("traffic").and_then(Node::list).unwrap_or_default();
    let to_it = |entry: &&Node| entry.get("to").and_then(Node::text) == Some(function);
    let replays = |entry: &&Node| entry.get("arrivals").is_some_and(|arrivals| arrivals.get("trace").is_some());
    entries.iter().filter(to_it).filter(replays).count()
}

/// FC lets one function have at most a share of the account's instances.
pub(super) fn quota(r: &Reader<'_>, function: &Function, facts: &Facts<'_>, account: &Account) {
    let Some(share) = facts.platform.number(facts.region, "limits.function_share") else { return };
    let (Limit::At(own), Limit::At(all)) = (function.max_instances, account.max_instances) else { return };
    let most = (share * all as f64).floor();
    if own as f64 > most {
        let message = format!("{own} of {all} instances is more than the platform lets one function have");
        r.warn("max_instances", "limit", message, format!("At most {:.0}%, that is {most}.", share * 100.0));
    }
}

/// A source's rate times its events must stay below what can be simulated.
pub(super) fn rates(root: &Reader<'_>, sources: &[Source], events: &[Event]) {
    for (index, source) in sources.iter().enumerate() {
        let rate = match &source.arrivals {
            Arrivals::Constant(rate) | Arrivals::Poisson(rate) => rate.get(),
            Arrivals::Mmpp(states) => states.iter().map(|state| state.rate.get()).fold(0.0, f64::max),
            Arrivals::Renewal(_) | Arrivals::Trace(_) => continue,
        };
        for event in events {
            match event.change {
                Change::Traffic { source, factor } if source == index && rate * factor >= 1e7 => {
                    let finding = Diagnostic::error(
                        "out-of-range",
                        format!("{}.traffic.factor", join("events", &event.name)),
                        "the rate with this factor must stay below 10000000/s",
                    );
                    root.context.add(root.place_of("events"), finding);
                }
                _ => {}
            }
        }
    }
}

/// Instances that one function keeps warm must fit into its own quotas: the quotas hold for them too.
pub(super) fn provisioned(r: &Reader<'_>, function: &Function) {
    let most = provisioned::peak(std::iter::once(&function.provisioned));
    let own = [
        ("max_instances", function.max_instances.get()),
        ("max_concurrency", function.max_concurrency.get()),
        ("reserved", function.reserved.unwrap_or(u64::MAX)),
    ];
    for (key, quota) in own.into_iter().filter(|(_, quota)| most > *quota) {
        let message = format!("{most} instances kept warm are more than the function's `{key}` of {quota}");
        r.error("provisioned", "conflict", message, format!("Lower `provisioned` to at most {quota}, or raise `{key}`."));
    }
}

/// What is reserved, and what the other functions keep warm, must fit into the account's limit: that on instances if there is
/// one, else that on invocations in flight, as reservations are counted.
pub(super) fn shares(opened: &[(String, Reader<'_>)], functions: &[Function], account: &Account) {
    let (limit, key) = match (account.max_instances, account.max_concurrency) {
        (Limit::At(instances), _) => (instances, "max_instances"),
        (Limit::Unlimited, Limit::At(concurrency)) => (concurrency, "max_concurrency"),
        (Limit::Unlimited, Limit::Unlimited) => return,
    };
    let reserved = functions.iter().filter_map(|function| function.reserved).fold(0, u64::saturating_add);
    let others = functions.iter().filter(|function| function.reserved.is_none());
    let warm = provisioned::peak(others.map(|function| &function.provisioned));
    if reserved.saturating_add(warm) <= limit {
        return;
    }
    let of = |function: &Function| function.reserved.unwrap_or_else(|| provisioned::peak(std::iter::once(&function.provisioned)));
    let largest = opened.iter().zip(functions).rev().max_by_key(|(_, function)| of(function));
    if let Some(((_, r), function)) = largest {
        let share = if function.reserved.is_some() { "reserved" } else { "provisioned" };
        let message = match (reserved, warm) {
            (0, _) => format!("{warm} instances kept warm in all are more than the account's `{key}` of {limit}"),
            (_, 0) => format!("{reserved} reserved in all are more than the account's `{key}` of {limit}"),
            _ => format!("{reserved} reserved and {warm} kept warm in all are more than the account's `{key}` of {limit}"),
        };
        let hint = format!("Lower `{share}` here, where it is the largest, or raise `account.{key}`.");
        r.error(share, "conflict", message, hint);
    }
}

/// Indices of the functions that are called by functions.
pub(super) fn called(functions: &[Function]) -> BTreeSet<usize> {
    let callees = functions.iter().flat_map(|function| &function.calls).filter_map(|call| match call.to {
        Callee::Function(index) => Some(index),
        Callee::Dependency(_) => None,
    });
    callees.collect()
}

/// A dependency that nothing calls does nothing.
pub(super) fn dependencies(root: &Reader<'_>, dependencies: &[Dependency], functions: &[Function]) {
    if root.context.failed() {
        return;
    }
    for (index, dependency) in dependencies.iter().enumerate() {
        let calls_it = |function: &Function| function.calls.iter().any(|call| call.to == Callee::Dependency(index));
        if !functions.iter().any(calls_it) {
            let finding = Diagnostic::warning("no-traffic", join("dependencies", &dependency.name), "no function calls it");
            let hint = "Add [[functions.NAME.calls]] with `to`, or leave it out.";
            root.context.add(root.place_of("dependencies"), finding.hint(hint));
        }
    }
}

/// Calls that lead back to their function, and make as many calls or more each time around: without a limit that stops the
/// chain they multiply until the horizon ends, at the same instant if nothing on the way takes any time.
pub(super) fn loops(opened: &[(String, Reader<'_>)], functions: &[Function], sources: &[Source], account: &Account) {
    if account.recursion_limit != Limit::Unlimited || sources.is_empty() {
        return;
    }
    // Mean number of calls from one function to another.
    let mean = |from: usize, to: usize| -> f64 {
        let calls = functions[from].calls.iter().filter(|call| call.to == Callee::Function(to));
        calls.map(|call| f64::from(call.times) * call.probability.get()).sum()
    };
    let takes_time = |index: usize| {
        let work = &functions[index].work;
        !work.cpu.is_zero() || !work.io.is_zero()
    };
    for (index, (_, r)) in opened.iter().enumerate().take(functions.len()) {
        // The chain that begins here, as far as it has come back: reachable functions, and whether all of them are instant.
        let mut reached = vec![index];
        let mut next = 0;
        while let Some(&from) = reached.get(next) {
            next += 1;
            let more = (0..functions.len()).filter(|to| mean(from, *to) > 0.0 && !reached.contains(to)).collect::<Vec<_>>();
            reached.extend(more);
        }
        let comes_back = reached.iter().any(|from| mean(*from, index) > 0.0);
        let instant = reached.iter().all(|f| !takes_time(*f));
        let itself = mean(index, index);
        if comes_back && instant {
            let message = "its calls lead back to it, and nothing on the way takes any time";
            r.error("calls", "endless", message, "Give the work a time, or set `account.recursion_limit`.");
        } else if itself >= 1.0 {
            let forever = functions[index].calls.iter().any(|c| c.to == Callee::Function(index) && c.invoke == Invoke::Async);
            let message = format!(
                "each invocation calls its own function {itself} times: {}",
                if forever { "it never ends" } else { "only a quota or a timeout ends it" }
            );
            r.warn(
                "calls",
                "recursion",
                message,
                "Set `account.recursion_limit` or a quota, and look at the ceiling of the bill.",
            );
        }
    }
}
