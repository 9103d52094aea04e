//! How long the past of a scenario matters: after a run-in of that length a window goes on as the whole would. Where something
//! lasts longer than that can be said in advance, the reason.

use super::load::Loads;
use crate::scenario::{Function, Invoke, KeepAlive, Limit, Provisioned, Retry, Routing, Scaling, Scenario, Source};
use crate::units::Span;
use crate::workload::arrivals::Arrivals;
use crate::workload::distribution::Distribution;

/// Run-ins are whole multiples of this.
const STEP: Span = Span::from_secs(10);
/// Longer ones are not worth trying.
const LONGEST: Span = Span::from_secs(6 * 3_600);
/// Quantile of durations and keep-alives that counts as their longest where they have none.
const NEARLY_ALL: f64 = 0.999_99;
/// Standard deviations of the number at work between its mean and a limit that is never reached.
const CLEAR: f64 = 6.0;

/// The memory of a scenario, or why it cannot be sampled.
pub(super) fn memory(scenario: &Scenario, loads: &Loads) -> Result<Span, String> {
    let calls = scenario.functions.iter().any(|f| !f.calls.is_empty());
    if calls || !scenario.dependencies.is_empty() {
        return Err("functions call others, or a dependency: how long a call may wait is not known".into());
    }
    for source in &scenario.traffic {
        if source.invoke == Invoke::Queue {
            return Err(format!("messages of `{}` wait in a queue for as long as it takes", source.name));
        }
        if matches!(source.arrivals, Arrivals::Renewal(_)) {
            return Err(format!("the arrivals of `{}` follow one from the other, from the first one on", source.name));
        }
    }
    let mut longest = Span::ZERO;
    for (index, function) in scenario.functions.iter().enumerate() {
        if !scenario.traffic.iter().any(|source| source.function == index) {
            continue;
        }
        longest = longest.max(of_instances(function)? + at_work(function) + waits(scenario, loads, index)?);
    }
    let whole = Span((longest.0 + STEP.0 - 1) / STEP.0 * STEP.0).max(STEP);
    if whole > LONGEST {
        return Err(format!("what happened {whole} ago may still matter"));
    }
    Ok(whole)
}

/// How long an instance is remembered: until it has been idle for its keep-alive.
fn of_instances(f: &Function) -> Result<Span, String> {
    let name = &f.name;
    if !f.max_age.is_forever() {
        return Err(format!("instances of `{name}` end at an age of {}, and how old they are is a matter of hours", f.max_age));
    }
    if f.work.memory_growth.0 > 0 {
        return Err(format!("instances of `{name}` keep what each invocation leaves in memory"));
    }
    let spread = matches!(f.routing, Routing::LeastRecentlyUsed | Routing::Random)
        || f.routing == Routing::LeastLoaded && f.instance_concurrency > 1;
    if spread {
        return Err(format!("the routing of `{name}` keeps all instances in use, however many an earlier peak has left"));
    }
    if matches!(f.provisioned, Provisioned::Tracking { .. }) {
        return Err(format!("provisioned instances of `{name}` follow their use"));
    }
    match &f.keep_alive {
        KeepAlive::Constant(span) if span.is_forever() => Err(format!("instances of `{name}` are kept forever")),
        KeepAlive::Constant(span) => Ok(*span),
        KeepAlive::Drawn(law) => Ok(longest(law)),
    }
}

/// The longest value of a law, or nearly.
fn longest(law: &Distribution) -> Span {
    let most = law.quantile(1.0);
    Span::from_secs_f64(if most.is_finite() { most } else { law.quantile(NEARLY_ALL) })
}

/// How long invocations take, nearly all of them, their starts included.
fn at_work(f: &Function) -> Span {
    let start = longest(&f.cold_start).min(f.init_timeout);
    let hangs = f.faults.hang.get() > 0.0 || f.work.from_trace;
    let slowed = f64::from(f.instance_concurrency) / f.vcpu.get().max(1.0);
    let scale = slowed.max(1.0) / f.vcpu.get().min(1.0);
    let work = Span::from_secs_f64((longest(&f.work.cpu).as_secs_f64() * scale) + longest(&f.work.io).as_secs_f64());
    let background = longest(&f.work.background);
    start + if hangs { f.timeout } else { work.min(f.timeout) } + background
}

/// How long requests wait before and between attempts, and how long it takes until there are as many instances as needed.
fn waits(scenario: &Scenario, loads: &Loads, index: usize) -> Result<Span, String> {
    let function = &scenario.functions[index];
    let congested = limit(scenario, loads, index) <= 1.0;
    let mut longest = function.pending_queue.map_or(Span::ZERO, |queue| if congested { queue.timeout } else { Span::ZERO });
    for source in scenario.traffic.iter().filter(|source| source.function == index) {
        let wait = match source.invoke {
            Invoke::Sync => callers(scenario, loads, index, source)?,
            Invoke::Async | Invoke::Queue => events(function, congested),
        };
        longest = longest.max(wait);
    }
    Ok(longest + scaling(scenario, loads))
}

/// How often the load of a function and of all together, with a margin, fits into the limits.
fn limit(scenario: &Scenario, loads: &Loads, index: usize) -> f64 {
    let with_margin = |load: f64| (load + CLEAR * load.sqrt()).max(1.0);
    let least = |instances: Limit, concurrency: Limit, slots: f64| {
        let instances = if instances == Limit::Unlimited { f64::INFINITY } else { instances.get() as f64 * slots };
        let concurrency = if concurrency == Limit::Unlimited { f64::INFINITY } else { concurrency.get() as f64 };
        instances.min(concurrency)
    };
    let f = &scenario.functions[index];
    let reserved = f.reserved.map_or(f64::INFINITY, |n| n as f64);
    let own = least(f.max_instances, f.max_concurrency, f64::from(f.instance_concurrency)).min(reserved);
    let account = least(scenario.account.max_instances, scenario.account.max_concurrency, 1.0);
    let all: f64 = (0..scenario.functions.len()).map(|f| loads.offered(f)).sum();
    let slower = scenario.events.iter().any(|e| matches!(e.change, crate::scenario::Change::Function { .. }));
    // What an event does to durations is not looked into.
    if slower { 0.0 } else { (own / with_margin(loads.offered(index))).min(account / with_margin(all)) }
}

/// Synchronous callers: until the last of their attempts has ended. Where retries could fill a quota that the requests alone do
/// not, what filled it once may last.
fn callers(scenario: &Scenario, loads: &Loads, index: usize, source: &Source) -> Result<Span, String> {
    let Retry { attempts, on, backoff, deadline, .. } = &source.retry;
    if attempts.get() <= 1 || !on.iter().any(|on| *on) {
        return Ok(Span::ZERO);
    }
    let most = attempts.get().min(100) as f64;
    if limit(scenario, loads, index) <= most {
        return Err(format!("retries of `{}` could keep a quota full after what filled it is over", source.name));
    }
    let patience = source.client_timeout.unwrap_or(scenario.functions[index].timeout);
    // After that many attempts hardly any request is left.
    let tries = attempts.get().min(10) as i64;
    let all = Span((backoff.cap.0.saturating_add(patience.0)).saturating_mul(tries - 1));
    Ok(deadline.map_or(all, |deadline| all.min(deadline + patience)))
}

/// Asynchronous events: until their retries are over; where they can be throttled, until they are too old.
fn events(f: &Function, congested: bool) -> Span {
    let spec = &f.asynchronous;
    if congested {
        return spec.max_event_age;
    }
    let delay = |retry: u32| spec.delays.get(retry as usize).or(spec.delays.last()).map_or(0, |d| d.0);
    let faults = f.faults.error.get() + f.faults.hang.get() + f.faults.crash.get() + f.faults.init_failure.get() > 0.0;
    let fails = faults || at_work(f) >= f.timeout;
    let all = (0..spec.retries.min(1_000)).fold(0_i64, |sum, retry| sum.saturating_add(delay(retry) + f.timeout.0));
    if fails { Span(all).min(spec.max_event_age) } else { Span::ZERO }
}

/// Until the instances of the busiest minute are started, and as many more could be at once.
fn scaling(scenario: &Scenario, loads: &Loads) -> Span {
    let all: f64 = (0..scenario.functions.len()).map(|f| loads.offered(f)).sum();
    let (burst, rate) = match scenario.account.scaling {
        Scaling::Unlimited => return Span::ZERO,
        Scaling::Bucket { burst, rate } | Scaling::Ceiling { burst, rate } => (burst, rate),
        Scaling::Window { starts, every } => (starts as f64, starts as f64 / every.as_secs_f64()),
    };
    let most = all + CLEAR * all.sqrt();
    // What the start took has to be there again; where it took all, so has the burst.
    let missing = if most < burst { most } else { most + burst };
    Span::from_secs_f64(missing / rate.max(1e-9)).min(Span(LONGEST.0 + 1))
}
