//! What concerns several tables of a scenario at once.

use super::facts::Facts;
use super::node::{Node, join};
use super::provisioned;
use super::reader::Reader;
use super::{Account, Change, Event, Function, Limit, Source};
use crate::diagnostic::Diagnostic;
use crate::units::Bytes;
use crate::workload::arrivals::Arrivals;

/// A function must have work, from its own keys or from its traces.
pub(super) fn work(root: &Reader<'_>, r: &Reader<'_>, function: &mut Function, index: usize, sources: &[Source]) {
    let durations = |source: &Source| matches!(&source.arrivals, Arrivals::Trace(trace) if trace.has_durations());
    let mut own = sources.iter().filter(|source| source.function == index);
    function.work.from_trace = own.clone().any(durations);
    let given = |key: &str| r.get("work").is_some_and(|work| work.get(key).is_some());
    let called = own.clone().next().is_some();
    let recorded = called && own.all(durations);
    // A trace that was refused may have brought the durations.
    let traces = |source: &&Source| source.function == index && matches!(source.arrivals, Arrivals::Trace(_));
    let refused = traces_to(root, &function.name) > sources.iter().filter(traces).count();
    if !given("cpu") && !given("io") && !recorded && !refused {
        let hint = "Add `cpu` or `io`, such as cpu = { lognormal = { mean = \"120ms\", cv = 0.5 } }; \"0s\" is allowed.";
        r.error("work", "missing-key", "there is neither `cpu` nor `io`: the work is not known", hint);
    }
    if !called && !r.context.failed() {
        r.warn("", "no-traffic", "no traffic goes to this function", "Add a [[traffic]] with `to`, or leave the function out.");
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
