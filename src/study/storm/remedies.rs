//! What may prevent a storm, as settings of the scenario: each remedy is a change that a `--set` option can make.

use crate::scenario::{Callee, Function, Invoke, Limit, Retry, Scenario};
use crate::units::Span;

/// Key and value.
type Setting = (String, String);

/// A remedy, or why it does not apply.
pub(super) struct Candidate {
    /// What it does, in words.
    pub(super) name: &'static str,
    /// The settings that do it.
    pub(super) settings: Result<Vec<Setting>, &'static str>,
}

/// How many times the base of the backoff becomes.
const LONGER: i64 = 10;
/// A queue's visibility timeout, in timeouts of its function: what AWS recommends for SQS as a source.
const VISIBLE: i64 = 6;

/// All remedies in the order of their reports.
pub(super) fn candidates(s: &Scenario) -> Vec<Candidate> {
    let retries = "nobody tries again";
    let more = "nobody tries more than twice";
    let of = |name, settings: Vec<Setting>, otherwise| Candidate {
        name,
        settings: if settings.is_empty() { Err(otherwise) } else { Ok(settings) },
    };
    vec![
        of("no retries", attempts(s, 1), retries),
        of("two attempts", attempts(s, 2), more),
        of("a retry budget of 10 %", policies(s, budget), "nobody tries again without a budget"),
        of("full jitter, ten times the base", policies(s, jitter), retries),
        of("half the timeout", timeouts(s), "there is no timeout to halve"),
        of("half the quota", quota(s, |n| n / 2), "there is no quota above 1"),
        of("twice the quota", quota(s, |n| n.saturating_mul(2)), "there is no quota"),
        of("half the instance concurrency", concurrency(s), "an instance takes one request at a time"),
        of("visibility of six timeouts", visibility(s), "no queue shows messages again any earlier"),
        of("dependencies drop abandoned calls", abandoned(s), "no call waits at a dependency after its caller gave up"),
    ]
}

/// A name as a part of a dotted path.
fn part(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if bare { name.to_owned() } else { format!("\"{name}\"") }
}

fn of_function(function: &Function, key: &str) -> String {
    format!("functions.{}.{key}", part(&function.name))
}

/// Retry policies of those who wait for an answer, with the keys of their tables.
fn retrying(s: &Scenario) -> Vec<(String, &Retry)> {
    let callers = s.traffic.iter().map(|source| (format!("traffic.{}.retry", part(&source.name)), &source.retry));
    let calls = s.functions.iter().flat_map(|function| {
        function.calls.iter().map(|call| (of_function(function, &format!("calls.{}.retry", part(&call.name))), &call.retry))
    });
    callers.chain(calls).filter(|(_, retry)| retry.attempts.get() > 1).collect()
}

/// A setting of each retry policy.
fn policies(s: &Scenario, change: impl Fn(&Retry) -> Option<(&'static str, String)>) -> Vec<Setting> {
    let set = |(key, retry): (String, &Retry)| change(retry).map(|(name, value)| (format!("{key}.{name}"), value));
    retrying(s).into_iter().filter_map(set).collect()
}

fn attempts(s: &Scenario, most: u64) -> Vec<Setting> {
    let mut settings = policies(s, |retry| (retry.attempts.get() > most).then(|| ("attempts", most.to_string())));
    let is_async = |index: usize| {
        let by_traffic = s.traffic.iter().any(|source| source.function == index && source.invoke == Invoke::Async);
        let mut calls = s.functions.iter().flat_map(|function| &function.calls);
        by_traffic || calls.any(|call| call.to == Callee::Function(index) && call.invoke == Invoke::Async)
    };
    let tries_more =
        |(index, function): &(usize, &Function)| u64::from(function.asynchronous.retries) + 1 > most && is_async(*index);
    let set = |(_, function): (usize, &Function)| (of_function(function, "async.retries"), (most - 1).to_string());
    settings.extend(s.functions.iter().enumerate().filter(tries_more).map(set));
    settings
}

fn budget(retry: &Retry) -> Option<(&'static str, String)> {
    retry.budget.is_none().then(|| ("budget", "{ ratio = \"10%\", burst = 10 }".to_owned()))
}

fn jitter(retry: &Retry) -> Option<(&'static str, String)> {
    let backoff = retry.backoff;
    // Ten times nothing is nothing.
    let base = if backoff.base == Span::ZERO { Span::from_secs(1) } else { Span(backoff.base.0.saturating_mul(LONGER)) };
    let cap = backoff.cap.max(base);
    let (base, cap, factor) = (base.exact(), cap.exact(), backoff.factor);
    Some(("backoff", format!("{{ base = \"{base}\", factor = {factor}, cap = \"{cap}\", jitter = \"full\" }}")))
}

fn timeouts(s: &Scenario) -> Vec<Setting> {
    let finite = s.functions.iter().filter(|function| !function.timeout.is_forever());
    finite.map(|function| (of_function(function, "timeout"), Span(function.timeout.0 / 2).exact())).collect()
}

/// The functions' own limits if there are any, else the account's.
fn quota(s: &Scenario, change: impl Fn(u64) -> u64) -> Vec<Setting> {
    let set = |key: String, limit: Limit| match limit {
        Limit::At(n) if n > 1 || change(n) > n => Some((key, change(n).to_string())),
        _ => None,
    };
    let own = |f: &Function| {
        [set(of_function(f, "max_instances"), f.max_instances), set(of_function(f, "max_concurrency"), f.max_concurrency)]
    };
    let own: Vec<Setting> = s.functions.iter().flat_map(own).flatten().collect();
    if !own.is_empty() {
        return own;
    }
    let account = [
        set("account.max_instances".to_owned(), s.account.max_instances),
        set("account.max_concurrency".to_owned(), s.account.max_concurrency),
    ];
    account.into_iter().flatten().collect()
}

fn concurrency(s: &Scenario) -> Vec<Setting> {
    let shared = s.functions.iter().filter(|function| function.instance_concurrency > 1);
    let half = |function: &Function| (function.instance_concurrency / 2).to_string();
    shared.map(|function| (of_function(function, "instance_concurrency"), half(function))).collect()
}

fn visibility(s: &Scenario) -> Vec<Setting> {
    let set = |source: &crate::scenario::Source| {
        let wanted = Span(s.functions.get(source.function)?.timeout.0.saturating_mul(VISIBLE));
        let shorter = source.queue.as_ref()?.visibility_timeout < wanted && !wanted.is_forever();
        shorter.then(|| (format!("traffic.{}.visibility_timeout", part(&source.name)), wanted.exact()))
    };
    s.traffic.iter().filter_map(set).collect()
}

fn abandoned(s: &Scenario) -> Vec<Setting> {
    let waits = s.dependencies.iter().filter(|d| !d.cancels_abandoned && d.capacity != Limit::Unlimited && d.wait > Span::ZERO);
    waits.map(|d| (format!("dependencies.{}.abandoned", part(&d.name)), "cancelled".to_owned())).collect()
}
