//! The bars of the design's speed section, in requests a second on one core with everything reported switched on, beside the
//! floor: loops that only draw the same variates. `cargo bench`.
#![expect(clippy::unwrap_used, reason = "valid by what is written here")]

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use faascast::engine;
use faascast::platform::BillingUnit;
use faascast::random::{Key, Purpose};
use faascast::scenario::{Callee, Dependency, Faults, Invoke, Jitter, KeepAlive, Limit, Outgoing, Routing, Scenario};
use faascast::units::{Probability, SimTime};
use faascast::workload::arrivals::{Arrivals, Block, Generator};
use faascast::workload::distribution::Distribution;
use faascast::workload::intensity::Intensity;
use support::{backoff, function, probability, rate, scenario, secs};

/// Requests of one run: enough that starting up does not count.
const REQUESTS: f64 = 2_000_000.0;

fn lognormal(mean: f64) -> Distribution {
    Distribution::lognormal_mean_cv(mean, 0.5).unwrap()
}

/// Poisson arrivals, log-normal work, no contention: `busy` instances at work on average.
fn plain(busy: f64) -> Scenario {
    let mean = if busy > 1_000.0 { 1.0 } else { 0.1 };
    let per_second = busy / mean;
    scenario(function("f", lognormal(mean)), Arrivals::Poisson(rate(per_second)), REQUESTS / per_second)
}

/// The same with errors, hangs, a timeout that cuts some of the work, and three attempts with full jitter.
fn retries(busy: f64) -> Scenario {
    let mut s = plain(busy);
    let f = &mut s.functions[0];
    f.timeout = secs(f.work.io.mean() * 3.0);
    f.faults = Faults { error: probability(0.02), hang: probability(0.001), ..Faults::default() };
    let retry = &mut s.traffic[0].retry;
    (retry.attempts, retry.backoff) = (Limit::At(3), backoff(Jitter::Full));
    s
}

/// Processor sharing of ten on an instance, with errors, timeouts and retries.
fn sharing() -> Scenario {
    let mut s = retries(10.0);
    let f = &mut s.functions[0];
    (f.instance_concurrency, f.billing.unit) = (10, BillingUnit::BusyPeriod);
    (f.work.cpu, f.work.io) = (lognormal(0.01), lognormal(0.1));
    f.timeout = secs(5.0);
    s
}

/// Asynchronous events with a drawn keep-alive, the random rule and duplicates.
fn events() -> Scenario {
    let mut s = plain(20.0);
    s.traffic[0].invoke = Invoke::Async;
    let f = &mut s.functions[0];
    (f.routing, f.keep_alive) = (Routing::Random, KeepAlive::Drawn(Distribution::Uniform { min: 300.0, max: 330.0 }));
    (f.faults.error, f.asynchronous.retries, f.asynchronous.duplicate) = (probability(0.01), 2, probability(0.0001));
    s
}

/// Five functions and two dependencies: a front that calls two functions and sends an event to a third, one of which calls a
/// fourth; two of them use a dependency each. Five function requests and two dependency calls for each request from outside.
fn system() -> Scenario {
    const IN_ALL: f64 = 5.0;
    let to = |to: Callee, invoke: Invoke| Outgoing {
        name: "call".into(),
        to,
        invoke,
        times: 1,
        probability: Probability::ONE,
        timeout: None,
        retry: support::source(0, Arrivals::Poisson(rate(1.0))).retry,
        fails: true,
    };
    let calling = |name: &str, calls: Vec<Outgoing>| {
        let mut f = function(name, lognormal(0.05));
        f.calls = calls.into_iter().enumerate().map(|(i, call)| Outgoing { name: format!("call-{i}"), ..call }).collect();
        f
    };
    let sync = |callee| to(callee, Invoke::Sync);
    let front =
        calling("front", vec![sync(Callee::Function(1)), sync(Callee::Function(2)), to(Callee::Function(3), Invoke::Async)]);
    let mut s = scenario(front, Arrivals::Poisson(rate(100.0)), REQUESTS / IN_ALL / 100.0);
    s.functions.push(calling("auth", vec![sync(Callee::Dependency(0))]));
    s.functions.push(calling("stock", vec![sync(Callee::Dependency(1)), sync(Callee::Function(4))]));
    s.functions.push(calling("audit", vec![]));
    s.functions.push(calling("price", vec![]));
    let dependency = |name: &str| Dependency {
        name: name.into(),
        capacity: Limit::At(100),
        latency: lognormal(0.02),
        error: Probability::ZERO,
        rate: None,
        wait: secs(1.0),
        cancels_abandoned: false,
    };
    s.dependencies = vec![dependency("database"), dependency("cache")];
    s
}

fn engine_benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("engine");
    group.sample_size(10).measurement_time(Duration::from_secs(6)).throughput(Throughput::Elements(REQUESTS as u64));
    for busy in [2.0, 20.0, 200.0, 2_000.0, 20_000.0] {
        let s = plain(busy);
        group.bench_function(BenchmarkId::new("plain", busy), |b| b.iter(|| engine::run(&s, 1, 0)));
    }
    for (name, s) in [("retries", retries(20.0)), ("sharing", sharing()), ("events", events()), ("system", system())] {
        group.bench_function(name, |b| b.iter(|| engine::run(&s, 1, 0)));
    }
    group.finish();
}

/// Sixteen configurations of a sweep over keep-alive and timeout: fed from the same draws, and each by itself.
fn sweep_benches(c: &mut Criterion) {
    let varied = |mut s: Scenario| -> Vec<Scenario> {
        let each = |(timeout, keep_alive): (f64, f64)| {
            (s.functions[0].timeout, s.functions[0].keep_alive) = (secs(timeout), KeepAlive::Constant(secs(keep_alive)));
            s.clone()
        };
        [0.2, 0.5, 1.0, 3.0].into_iter().flat_map(|t| [10.0, 60.0, 300.0, 600.0].map(|k| (t, k))).map(each).collect()
    };
    let mut group = c.benchmark_group("sweep");
    group.sample_size(10).measurement_time(Duration::from_secs(10)).throughput(Throughput::Elements(16 * REQUESTS as u64));
    for (name, s) in [("plain", plain(2.0)), ("retries", retries(20.0)), ("sharing", sharing())] {
        let scenarios = varied(s);
        let together: Vec<&Scenario> = scenarios.iter().collect();
        group.bench_function(BenchmarkId::new(name, "together"), |b| b.iter(|| engine::run_together(&together, 0, &|| false)));
        group.bench_function(BenchmarkId::new(name, "apart"), |b| {
            b.iter(|| scenarios.iter().map(|s| engine::run(s, 1, 0)).collect::<Vec<_>>());
        });
    }
    group.finish();
}

/// Loops that only draw what the plain scenario draws: through the blocks of this program, and one by one from one
/// sequential generator with `libm::exp` (the floor of the design).
fn floor_benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("floor");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).throughput(Throughput::Elements(REQUESTS as u64));
    group.bench_function("blocks", |b| {
        b.iter(|| {
            let key = Key::new(1, 0).name("source");
            let mut generator = Generator::new(&Arrivals::Poisson(rate(200.0)), Intensity::flat(), key, SimTime(0));
            let (work, mut block, mut values) = (lognormal(0.1), Block::default(), vec![0.0; 1024]);
            let mut drawn = 0;
            let mut work_stream = key.purpose(Purpose::Io).stream();
            while drawn < REQUESTS as usize {
                generator.fill(&mut block);
                if block.first == 0 {
                    work_stream = key.with(block.cell as u64).purpose(Purpose::Io).stream();
                }
                work.fill(&mut work_stream, &mut values[..block.times.len()]);
                drawn += block.times.len();
                black_box((&block, &values));
            }
        });
    });
    group.bench_function("sequential", |b| {
        b.iter(|| {
            let mut stream = Key::new(1, 0).stream();
            let mut sum = 0.0;
            for _ in 0..REQUESTS as usize {
                let gap = faascast::workload::ziggurat::exponential(&mut stream) / 200.0;
                let work = libm::exp(-2.4 + 0.47 * faascast::workload::ziggurat::normal(&mut stream));
                sum += gap + work + stream.uniform();
            }
            black_box(sum)
        });
    });
    group.finish();
}

criterion_group!(benches, engine_benches, sweep_benches, floor_benches);
criterion_main!(benches);
