//! What rules look at: one function's settings, traffic and deployment, each known or not.

use std::collections::BTreeMap;

use super::Figures;
use crate::platform::Platform;
use crate::scenario::{Deployment, Function, Invoke, Limit, Origin, Resolved, Source};
use crate::units::{Bytes, Span};
use crate::workload::arrivals::Arrivals;

/// A fact about a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact<T> {
    /// The file says so.
    Known(T),
    /// The file does not say.
    Unknown,
}

impl<T> Fact<T> {
    /// A fact that is known if there is a value.
    pub fn of(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Self::Known)
    }
}

/// What the work of a function needs, as far as the file says.
#[derive(Clone, Debug)]
pub struct Demand {
    /// 99 % quantile of the time of the work alone, seconds.
    pub p99_s: Fact<f64>,
    /// Mean CPU demand, seconds at one vCPU.
    pub cpu_s: Fact<f64>,
    /// Mean wait for others, seconds.
    pub io_s: f64,
    /// 99.9 % quantile of the memory of one invocation with the instance's own, bytes.
    pub memory: Fact<Bytes>,
    /// What each invocation leaves behind.
    pub growth: Fact<Bytes>,
    /// Share of the work that a used instance saves.
    pub warm_benefit: Fact<f64>,
    /// Mean of the work after the response, seconds.
    pub background_s: Fact<f64>,
    /// 99.9 % quantiles of request body, response body and headers, bytes.
    pub sizes: [Fact<u64>; 3],
}

/// How a function is called.
#[derive(Clone, Debug)]
pub struct Calls {
    /// Whether any source sends events.
    pub asynchronous: bool,
    /// Shortest time after which a caller gives up.
    pub client_timeout: Fact<Span>,
    /// Whether any source waits for the answer.
    pub synchronous: bool,
}

/// One function to be judged.
pub struct Subject<'a> {
    /// Name of the function.
    pub name: String,
    /// The file as the user named it.
    pub file: String,
    /// Today as `YYYY-MM-DD`.
    pub today: String,
    /// Facts about the provider.
    pub platform: &'a Platform,
    /// Region id.
    pub region: String,
    /// Runtime id.
    pub runtime: Fact<String>,
    /// Configured memory.
    pub memory: Bytes,
    /// CPU share of an instance.
    pub vcpu: f64,
    /// Timeout, and whether the file says it.
    pub timeout: Fact<Span>,
    /// Whether one thread at a time runs user code.
    pub single_threaded: Fact<bool>,
    /// Invocations at once on one instance.
    pub instance_concurrency: u32,
    /// Probability that an invocation hangs.
    pub hang: Fact<f64>,
    /// Quota of the function, the smaller of instances and concurrency; none is unlimited.
    pub quota: Limit,
    /// Reserved and provisioned of all functions, and the account's limit that they share.
    pub shared: Fact<(u64, Limit)>,
    /// Disk.
    pub disk: Bytes,
    /// Whether dropped events go to a dead-letter target.
    pub dead_letter: Fact<bool>,
    /// Time until the last retry starts, and the age at which events are dropped.
    pub event_age: Fact<(Span, Span)>,
    /// What the work needs.
    pub demand: Demand,
    /// How it is called.
    pub calls: Calls,
    /// How it is deployed.
    pub deployment: &'a Deployment,
    /// What a short simulation says; absent without one.
    pub figures: Option<Figures>,
    places: BTreeMap<String, (usize, usize)>,
}

impl Subject<'_> {
    /// Line and column of a key of the function; of the function itself where the key is left out.
    #[must_use]
    pub fn place(&self, key: &str) -> (usize, usize) {
        let inside = |path: &str| path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        let found = self.places.iter().filter(|(path, _)| !key.is_empty() && inside(path)).map(|(_, place)| *place).min();
        found.unwrap_or((self.deployment.line, 1))
    }
}

/// The functions of a scenario. `text` is the file, for columns; `figures` are those of the functions in their order.
#[must_use]
pub fn subjects<'a>(
    resolved: &'a Resolved,
    file: &str,
    text: &str,
    today: &str,
    figures: Option<Vec<Figures>>,
) -> Vec<Subject<'a>> {
    let lines: Vec<&str> = text.lines().collect();
    let column = |line: usize| lines.get(line.wrapping_sub(1)).map_or(1, |text| text.len() - text.trim_start().len() + 1);
    let mut figures = figures.unwrap_or_default().into_iter();
    let scenario = &resolved.scenario;
    let functions = scenario.functions.iter().zip(&resolved.deployments).enumerate();
    functions
        .map(|(index, (f, deployment))| {
            let prefix = format!("functions.{}.", f.name);
            let written = resolved.explain.iter().filter_map(|e| match e.origin {
                Origin::File { line } => Some((e.path.strip_prefix(&prefix)?.to_owned(), (line, column(line)))),
                Origin::Set => Some((e.path.strip_prefix(&prefix)?.to_owned(), (deployment.line, 1))),
                _ => None,
            });
            let places: BTreeMap<String, (usize, usize)> = written.collect();
            let sources: Vec<&Source> = scenario.traffic.iter().filter(|source| source.function == index).collect();
            let given = |key: &str| places.keys().any(|path| path == key || path.starts_with(&format!("{key}.")));
            let start = Stated { function: f, given: &given };
            Subject {
                name: f.name.clone(),
                file: file.to_owned(),
                today: today.to_owned(),
                platform: &resolved.platform,
                region: scenario.region.clone(),
                runtime: Fact::of((!f.runtime.is_empty()).then(|| f.runtime.clone())),
                memory: f.memory,
                vcpu: f.vcpu.get(),
                timeout: start.fact("timeout", f.timeout),
                single_threaded: if f.runtime.is_empty() && !given("single_threaded") {
                    Fact::Unknown
                } else {
                    Fact::Known(f.single_threaded)
                },
                instance_concurrency: f.instance_concurrency,
                hang: start.fact("faults.hang", f.faults.hang.get()),
                quota: quota(f),
                shared: shared(resolved),
                disk: f.disk,
                dead_letter: start.fact("async.dead_letter", f.asynchronous.dead_letter),
                event_age: if given("async.retries") || given("async.max_event_age") {
                    Fact::Known((schedule(f), f.asynchronous.max_event_age))
                } else {
                    Fact::Unknown
                },
                demand: start.demand(&sources),
                calls: calls(&sources),
                deployment,
                figures: figures.next(),
                places,
            }
        })
        .collect()
}

/// A function and which of its keys the file has.
struct Stated<'f> {
    function: &'f Function,
    given: &'f dyn Fn(&str) -> bool,
}

impl Stated<'_> {
    fn fact<T>(&self, key: &str, value: T) -> Fact<T> {
        Fact::of((self.given)(key).then_some(value))
    }

    fn demand(&self, sources: &[&Source]) -> Demand {
        let (f, work) = (self.function, &self.function.work);
        let known = (self.given)("work.cpu") || (self.given)("work.io");
        let traced = sources.iter().any(|s| matches!(s.arrivals, Arrivals::Trace(_))) && work.from_trace;
        // Both parts at their p99 together: a little more than the p99 of the sum.
        let p99 = work.cpu.quantile(0.99) / f.vcpu.get().min(1.0) + work.io.quantile(0.99);
        let memory = work.memory.quantile(0.999) + work.base_memory.0 as f64;
        let bytes = |key: &str, law: &crate::workload::distribution::Distribution| self.fact(key, law.quantile(0.999) as u64);
        Demand {
            p99_s: if known && !traced { Fact::Known(p99) } else { Fact::Unknown },
            cpu_s: self.fact("work.cpu", work.cpu.mean()),
            io_s: work.io.mean(),
            memory: self.fact("work.memory", Bytes(memory as u64)),
            growth: self.fact("work.memory_growth", work.memory_growth),
            warm_benefit: self.fact("work.warm_benefit", work.warm_benefit_cpu.get().max(work.warm_benefit_io.get())),
            background_s: self.fact("work.background", work.background.mean()),
            sizes: [
                bytes("work.request_bytes", &work.request_bytes),
                bytes("work.response_bytes", &work.response_bytes),
                bytes("work.header_bytes", &work.header_bytes),
            ],
        }
    }
}

fn calls(sources: &[&Source]) -> Calls {
    let sync = || sources.iter().filter(|source| source.invoke == Invoke::Sync);
    Calls {
        asynchronous: sources.iter().any(|source| source.invoke != Invoke::Sync),
        client_timeout: Fact::of(sync().filter_map(|source| source.client_timeout).min()),
        synchronous: sync().next().is_some(),
    }
}

fn quota(f: &Function) -> Limit {
    let smaller = f.max_instances.get().min(f.max_concurrency.get()).min(f.reserved.unwrap_or(u64::MAX));
    if smaller == u64::MAX { Limit::Unlimited } else { Limit::At(smaller) }
}

/// Time from the first attempt to the start of the last retry, without the attempts themselves.
fn schedule(f: &Function) -> Span {
    let last = f.asynchronous.delays.len().saturating_sub(1);
    let delay = |k: u32| f.asynchronous.delays.get((k as usize).min(last)).map_or(0, |delay| delay.0);
    Span((0..f.asynchronous.retries).fold(0_i64, |sum, k| sum.saturating_add(delay(k))))
}

fn shared(resolved: &Resolved) -> Fact<(u64, Limit)> {
    use crate::scenario::Provisioned;
    let most = |p: &Provisioned| match p {
        Provisioned::Constant(n) | Provisioned::Tracking { max: n, .. } => *n,
        Provisioned::Weekly(windows) => windows.iter().map(|(_, _, n)| *n).max().unwrap_or(0),
    };
    let functions = &resolved.scenario.functions;
    let taken = functions.iter().map(|f| f.reserved.unwrap_or(0).max(most(&f.provisioned))).sum();
    let account = &resolved.scenario.account;
    let limit = account.max_instances.get().min(account.max_concurrency.get());
    if limit == u64::MAX { Fact::Unknown } else { Fact::Known((taken, Limit::At(limit))) }
}
