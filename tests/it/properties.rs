//! What must hold in every run, whatever the scenario: nothing is lost, limits hold, a bill is the sum of its parts.

use crate::reading::context;
use faascast::engine::{self, FunctionTally, Replication};
use faascast::scenario::{self, Files, Limit, Resolved};
use faascast::study;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;

struct Nothing;

impl Files for Nothing {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("there is no {path}"))
    }
}

/// One of some lines of a scenario, or none of them.
fn one(lines: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    select(lines)
}

/// Settings of a function, each left out half of the time.
fn function() -> impl Strategy<Value = String> {
    let settings = (
        one(&["", "", "max_instances = 1", "max_instances = 3", "max_concurrency = 2", "reserved = 2"]),
        one(&["", "instance_concurrency = 2", "instance_concurrency = 5"]),
        one(&["", "", "provisioned = 1"]),
        one(&[
            "",
            "keep_alive = \"0s\"",
            "keep_alive = \"3s\"",
            "keep_alive = { exponential = \"2s\" }",
            "keep_alive = \"forever\"",
        ]),
        one(&[
            "",
            "routing = \"newest\"",
            "routing = \"least-recently-used\"",
            "routing = \"random\"",
            "routing = \"least-loaded\"",
        ]),
        one(&["cold_start = \"0s\"", "cold_start = \"700ms\"", "cold_start = { exponential = \"1s\" }"]),
        one(&["timeout = \"1s\"", "timeout = \"3s\"", "timeout = \"60s\""]),
        one(&["", "", "max_age = \"5s\"", "pending_queue = { max = 2, timeout = \"1s\" }"]),
    );
    let work = (
        one(&["", "cpu = \"50ms\"", "cpu = { lognormal = { mean = \"300ms\", cv = 1.0 } }"]),
        one(&["io = \"200ms\"", "io = { exponential = \"500ms\" }"]),
        one(&["", "", "base_memory = \"100 MiB\"\nmemory = \"300 MiB\"\nmemory_growth = \"10 MiB\""]),
        one(&["", "background = \"300ms\"", "warm_benefit = { cpu = 0.5, io = 0.2 }"]),
    );
    let faults = one(&["", "error = 0.2", "error = 0.1\nhang = 0.1\ncrash = 0.1\ninit_failure = 0.3", "hang = 0.5"]);
    let events = one(&[
        "",
        "duplicate = 0.3",
        "retries = 2\ndelays = [\"1s\", \"3s\"]",
        "max_event_age = \"5s\"\nretries = 1\nduplicate = 0.1",
    ]);
    (settings, work, faults, events).prop_map(|(s, w, faults, events)| {
        let settings = [s.0, s.1, s.2, s.3, s.4, s.5, s.6, s.7].join("\n");
        let work = [w.0, w.1, w.2, w.3].join("\n");
        format!(
            "memory = \"512 MiB\"\nvcpu = 0.5\n{settings}\n[functions.NAME.work]\n{work}\n[functions.NAME.faults]\n{faults}\n\
             [functions.NAME.async]\n{events}\n"
        )
    })
}

fn source() -> impl Strategy<Value = String> {
    let arrivals = one(&[
        "{ constant = \"5/s\" }",
        "{ poisson = \"4/s\" }",
        "{ poisson = \"20/s\" }",
        "{ renewal = { gamma = { mean = \"300ms\", cv = 2.0 } } }",
        "{ mmpp = [{ rate = \"20/s\", mean_time = \"3s\" }, { rate = \"0/s\", mean_time = \"5s\" }] }",
    ]);
    let caller = one(&[
        "",
        "invoke = \"async\"",
        "client_timeout = \"400ms\"",
        "retry = { attempts = 3 }",
        "client_timeout = \"800ms\"\nretry = { attempts = 4, deadline = \"5s\", backoff = { base = \"100ms\", jitter = \"equal\" } }",
        "retry = { attempts = \"unlimited\", budget = { ratio = 0.2, burst = 5 }, backoff = { base = \"1s\", jitter = \"exponential\" } }",
    ]);
    (arrivals, caller).prop_map(|(arrivals, caller)| format!("arrivals = {arrivals}\n{caller}\n"))
}

/// A scenario of one to three functions for some seconds.
fn text() -> impl Strategy<Value = String> {
    let account =
        one(&["", "", "max_instances = 6", "max_concurrency = 8", "max_instances = 20\nscaling = { burst = 2, rate = \"1/s\" }"]);
    let event = one(&[
        "",
        "",
        "[[events]]\nat = \"5s\"\nfor = \"5s\"\nfunction = { name = \"f0\", error = 0.9, slower = 3 }\n",
        "[[events]]\nat = \"3s\"\nfor = \"8s\"\nshape = \"spike\"\ntraffic = { name = \"s0\", factor = 5 }\n",
    ]);
    let simulation = one(&["horizon = \"7s\"\nstart = \"cold\"", "horizon = \"20s\"", "horizon = \"20s\"\nrun_in = \"5s\""]);
    let platform = one(&["generic", "alibaba-fc"]);
    let functions = prop::collection::vec((function(), source()), 1..4);
    (platform, simulation, account, event, functions, any::<u16>()).prop_map(
        |(platform, simulation, account, event, functions, seed)| {
            let mut text = format!(
                "platform = \"{platform}\"\n[simulation]\n{simulation}\nseed = {seed}\nreplications = 3\n[account]\n{account}\n"
            );
            for (i, (function, source)) in functions.iter().enumerate() {
                let name = format!("f{i}");
                let runtime = if platform == "alibaba-fc" { "runtime = \"custom.debian12\"\n" } else { "" };
                text += &format!("[functions.{name}]\n{runtime}{}", function.replace("NAME", &name));
                text += &format!("[[traffic]]\nname = \"s{i}\"\nto = \"{name}\"\n{source}");
            }
            text + event
        },
    )
}

/// `None` where random settings contradict each other, which the reader says.
fn read(text: &str) -> Option<Resolved> {
    scenario::read(text, "random.toml", &[], &Nothing).ok()
}

fn nothing_is_lost(f: &FunctionTally) {
    assert_eq!(f.requests, f.ok + f.failed + f.dropped + f.in_flight);
    assert_eq!(f.attempts, f.attempt_outcomes.iter().sum::<u64>());
    assert_eq!(f.attempt_outcomes[engine::AttemptOutcome::Throttled as usize], f.throttled_by.iter().sum::<u64>());
    assert_eq!((f.latency.count(), f.latency_failed.count()), (f.ok, f.failed + f.dropped));
    assert_eq!(f.bins.iter().map(|b| b.requests).sum::<u64>(), f.requests);
    assert_eq!(f.bins.iter().map(|b| b.ok).sum::<u64>(), f.ok);
    assert!(f.cold_starts + f.reused <= f.invocations && f.dead_letters <= f.dropped);
    if f.in_flight == 0 {
        assert_eq!(f.invocations, f.invocation_outcomes.iter().sum::<u64>());
        assert_eq!(f.duration.count(), f.invocations);
    }
    assert!(f.waste_ns.iter().sum::<u64>() <= f.shared_out_ns && f.waste_invocations.iter().sum::<u64>() <= f.billed_invocations);
}

fn limits_hold(resolved: &Resolved, r: &Replication) {
    let scenario = &resolved.scenario;
    let horizon = scenario.simulation.horizon.0 as u128;
    for (spec, f) in scenario.functions.iter().zip(&r.functions) {
        let quota = if spec.reserved.is_some() && scenario.account.max_instances != Limit::Unlimited {
            spec.max_instances.get().min(spec.reserved.unwrap_or(u64::MAX))
        } else {
            spec.max_instances.get()
        };
        assert!(f.instances_peak <= quota, "{} instances with a quota of {quota}", f.instances_peak);
        assert!(f.busy_ns <= f.instance_ns && f.instance_ns <= u128::from(f.instances_peak) * horizon);
        assert!(f.concurrency_ns <= f.busy_ns * u128::from(spec.instance_concurrency));
        assert!(f.concurrency_ns <= u128::from(spec.max_concurrency.get()) * horizon);
        assert!(f.bins.iter().map(|b| u128::from(b.instance_ns)).sum::<u128>() == f.instance_ns);
        let metered: u128 = f.hours.iter().map(|h| u128::from(h.provisioned_active_ns + h.provisioned_idle_ns)).sum();
        assert!(metered <= f.instance_ns);
    }
    let all = |time: fn(&FunctionTally) -> u128| r.functions.iter().map(time).sum::<u128>();
    assert!(all(|f| f.instance_ns) <= u128::from(scenario.account.max_instances.get()).saturating_mul(horizon));
    assert!(all(|f| f.concurrency_ns) <= u128::from(scenario.account.max_concurrency.get()).saturating_mul(horizon));
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

fn the_bill_adds_up(resolved: &Resolved) {
    let result = study::run(&resolved.scenario, &context(&resolved.platform)).unwrap();
    let fee = &result.fee;
    let month = fee.month.mean.unwrap();
    let parts: f64 = fee.by_component.values().map(|part| part.mean.unwrap()).sum();
    let functions: f64 = result.functions.values().map(|f| f.fee.mean.unwrap()).sum();
    let sources: f64 = result.traffic.values().map(|s| s.fee.mean.unwrap()).sum();
    let waste: f64 = fee.waste.values().map(|class| class.mean.unwrap()).sum();
    assert!(close(parts, month) && close(functions, month) && close(sources, month), "{month}: {parts} {functions} {sources}");
    assert!(waste >= 0.0 && waste <= month * (1.0 + 1e-9), "{waste} of {month}");
    for f in result.functions.values() {
        let a = &f.availability;
        let ordered =
            a.lo.zip(a.hi).is_none_or(|(lo, hi)| 0.0 <= lo && lo <= a.mean.unwrap() && a.mean.unwrap() <= hi && hi <= 1.0);
        assert!(ordered, "{a:?}");
        let latencies = [&f.latency_s.p50, &f.latency_s.p95, &f.latency_s.p99].map(|q| q.mean);
        assert!(latencies.is_sorted() && latencies.iter().flatten().all(|q| *q >= 0.0), "{latencies:?}");
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: prop::test_runner::RngSeed::Fixed(3),
        failure_persistence: None,
        max_global_rejects: 100_000,
        max_shrink_iters: 30,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn nothing_is_lost_and_limits_hold(text in text()) {
        let Some(resolved) = read(&text) else { return Err(TestCaseError::reject("contradictory")) };
        let r = engine::run(&resolved.scenario, resolved.scenario.simulation.seed, 0);
        r.functions.iter().for_each(nothing_is_lost);
        limits_hold(&resolved, &r);
    }
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn a_bill_is_the_sum_of_its_parts(text in text()) {
        let Some(resolved) = read(&text) else { return Err(TestCaseError::reject("contradictory")) };
        the_bill_adds_up(&resolved);
    }

    /// Equal service times: taking every request that fits is the best a loss system can do, so one instance more never
    /// refuses more.
    #[test]
    fn one_instance_more_never_refuses_more(seed in any::<u16>(), quota in 1_u64..12, rate in 1_u32..30) {
        let refused = |quota: u64| {
            let text = format!(
                "platform = \"generic\"\n[simulation]\nhorizon = \"20s\"\nstart = \"cold\"\nseed = {seed}\n[functions.f]\n\
                 memory = \"512 MiB\"\ncold_start = \"0s\"\nmax_instances = {quota}\ntimeout = \"9s\"\n[functions.f.work]\nio = \"400ms\"\n[[traffic]]\n\
                 to = \"f\"\narrivals = {{ poisson = \"{rate}/s\" }}\n"
            );
            let resolved = read(&text).unwrap();
            engine::run(&resolved.scenario, u64::from(seed), 0).functions[0].first_attempt_throttled
        };
        prop_assert!(refused(quota + 1) <= refused(quota));
    }
}

/// Settings that change nothing of what a first attempt draws.
fn settings() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let setting = select(
        &[
            ("functions.f0.timeout", "\"700ms\""),
            ("functions.f0.keep_alive", "\"1s\""),
            ("functions.f0.max_instances", "2"),
            ("functions.f0.instance_concurrency", "3"),
            ("functions.f0.faults.error", "0.5"),
            ("functions.f0.vcpu", "0.25"),
            ("traffic.s0.retry.attempts", "2"),
            ("simulation.run_in", "\"7s\""),
            ("simulation.horizon", "\"11s\""),
            ("account.max_instances", "4"),
        ][..],
    );
    prop::collection::vec(setting, 0..4)
}

proptest! {
    #![proptest_config(config(80))]

    /// Configurations fed from the same blocks count what each counts by itself.
    #[test]
    fn together_is_as_alone(text in text(), changes in prop::collection::vec(settings(), 2..6)) {
        let owned = |sets: &Vec<(&str, &str)>| sets.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>();
        let found: Vec<Resolved> =
            changes.iter().filter_map(|sets| scenario::read(&text, "random.toml", &owned(sets), &Nothing).ok()).collect();
        if found.len() < 2 {
            return Err(TestCaseError::reject("contradictory"));
        }
        let scenarios: Vec<_> = found.iter().map(|r| &r.scenario).collect();
        assert!(scenarios.iter().all(|s| engine::draw_alike(scenarios[0], s)));
        let together = engine::run_together(&scenarios, 1, &|| false).unwrap();
        for (scenario, together) in scenarios.iter().zip(together) {
            let alone = engine::run(scenario, scenario.simulation.seed, 1);
            let (a, b) = (format!("{together:?}"), format!("{alone:?}"));
            let from = a.bytes().zip(b.bytes()).position(|(x, y)| x != y).unwrap_or(a.len().min(b.len()));
            let around = |s: &str| s[from.saturating_sub(300)..(from + 100).min(s.len())].to_owned();
            assert!(a == b, "{} is not {}", around(&a), around(&b));
        }
    }
}

/// The random scenarios are not all contradictions: all mechanisms occur in those that run.
#[test]
fn the_random_scenarios_do_things() {
    let mut runner = proptest::test_runner::TestRunner::new(config(1));
    let mut seen = [0_u64; 9];
    let mut runs = 0;
    for _ in 0..500 {
        let text = text().new_tree(&mut runner).unwrap().current();
        let Some(resolved) = read(&text) else { continue };
        runs += 1;
        for f in engine::run(&resolved.scenario, resolved.scenario.simulation.seed, 0).functions {
            let counts = [
                f.throttled_by[0],
                f.throttled_by[1],
                f.throttled_by[2],
                f.duplicates,
                f.dropped,
                f.background.iter().sum(),
                f.attempt_outcomes[2],
                f.attempt_outcomes[3],
                f.attempt_outcomes[4],
            ];
            seen.iter_mut().zip(counts).for_each(|(seen, count)| *seen += count);
        }
    }
    assert!(runs > 230, "{runs} of 500 are free of contradictions");
    assert!(seen.iter().all(|count| *count > 30), "{seen:?}");
}
