//! Valid files: what they become, and what is filled in.

use super::super::{
    Change, Effective, HalfWidth, Invoke, Jitter, KeepAlive, Limit, Origin, PrecisionTarget, Provisioned, Routing, Scaling,
    Shape, Start, Stopping,
};
use super::{EXAMPLE, good, small};
use crate::diagnostic::Severity;
use crate::platform::BillingUnit;
use crate::units::{Bytes, SimTime, Span};
use crate::workload::arrivals::Arrivals;
use crate::workload::distribution::Distribution;

/// The line of `explain` for a path.
fn effective(text: &str, sets: &[(&str, &str)], path: &str) -> Effective {
    let lines = good(text, sets).explain;
    let found: Vec<_> = lines.iter().filter(|line| line.path == path).collect();
    assert_eq!(found.len(), 1, "{path}: {lines:#?}");
    found[0].clone()
}

#[test]
fn the_example_of_the_design() {
    let resolved = good(EXAMPLE, &[]);
    let notes: Vec<_> = resolved.warnings.iter().map(|d| (d.severity, d.path.as_str())).collect();
    assert_eq!(notes, [(Severity::Note, "sweep")]);
    let s = resolved.scenario;
    assert_eq!((s.name.as_str(), s.platform.as_str(), s.region.as_str()), ("shop", "alibaba-fc", "cn-hangzhou"));
    assert_eq!((s.simulation.horizon, s.simulation.start, s.simulation.seed), (Span::from_secs(86_400), Start::Warm, 42));
    // The largest of 2 x 5 min, 3 x 30 s and 10 min.
    assert_eq!(s.simulation.run_in, Span::from_secs(600));
    assert!(matches!(s.simulation.stopping, Stopping::Fixed(20)));
    assert_eq!((s.account.max_instances, s.account.max_concurrency), (Limit::At(300), Limit::Unlimited));
    assert_eq!(s.account.scaling, Scaling::Bucket { burst: 300.0, rate: 5.0 });
    let f = &s.functions[0];
    assert_eq!((f.name.as_str(), f.memory, f.vcpu.get(), f.single_threaded), ("thumbnail", Bytes::from_mib(512), 0.35, true));
    assert_eq!((f.timeout, f.instance_concurrency, f.max_instances), (Span::from_secs(30), 1, Limit::At(50)));
    assert!(matches!(f.keep_alive, KeepAlive::Constant(span) if span == Span::from_secs(300)));
    assert_eq!((f.routing, &f.provisioned), (Routing::MostRecentlyUsed, &Provisioned::Constant(0)));
    assert_eq!(f.cold_start, Distribution::lognormal_median_p95(0.6, 1.2).unwrap());
    assert_eq!(f.work.cpu, Distribution::lognormal_mean_cv(0.12, 0.5).unwrap());
    assert_eq!(f.work.memory, Distribution::Constant(180.0 * 1_048_576.0));
    assert_eq!((f.faults.error.get(), f.faults.hang.get(), f.faults.crash.get()), (0.01, 0.001, 0.0));
    assert_eq!((f.asynchronous.retries, f.asynchronous.max_event_age), (3, Span::from_secs(86_400)));
    assert_eq!((f.asynchronous.delays.as_slice(), f.asynchronous.duplicate.get()), ([Span::from_secs(60)].as_slice(), 0.0001));
    assert!(f.rules.timeout_kills && f.billing.unit == BillingUnit::Invocation);
    let t = &s.traffic[0];
    assert_eq!((t.name.as_str(), t.function, t.invoke), ("thumbnail", 0, Invoke::Sync));
    assert!(matches!(t.arrivals, Arrivals::Poisson(rate) if rate.get() == 20.0));
    assert_eq!(t.client_timeout, Some(Span::from_secs(10)));
    // ok, error, timeout, crash, init failure, throttled, rejected
    assert_eq!(t.retry.on, [false, true, true, false, false, true, false]);
    assert_eq!((t.retry.attempts, t.retry.backoff.cap, t.retry.backoff.jitter), (Limit::At(3), Span::from_secs(5), Jitter::Full));
    let targets: Vec<_> = s.objectives.iter().map(|o| (o.figure.as_str(), o.target, o.at_least)).collect();
    assert_eq!(targets, [("availability", 0.999, true), ("p99", 2.0, false), ("fee", 3500.0, false)]);
}

#[test]
fn what_is_left_out_takes_the_platforms_default() {
    let text = EXAMPLE
        .replace("prices = \"prices.toml\"", "")
        .replace("keep_alive", "#")
        .replace("vcpu", "#")
        .replace("cold_start", "#");
    let f = &good(&text, &[]).scenario.functions[0];
    assert!(matches!(f.keep_alive, KeepAlive::Constant(span) if span == Span::from_secs(60)));
    // 512 MiB / 2 GiB = 0.25.
    assert_eq!(f.vcpu.get(), 0.25);
    // 100 ms placement + 40 MiB at 50 MiB/s + 83 ms start of Python.
    assert_eq!(f.cold_start, Distribution::Constant(0.1 + 0.8 + 0.083));
    let keep_alive = effective(&text, &[], "functions.thumbnail.keep_alive").to_string();
    assert!(
        keep_alive.starts_with("functions.thumbnail.keep_alive = 1min  # default: ") && keep_alive.contains("20"),
        "{keep_alive}"
    );
    let cold_start = effective(&text, &[], "functions.thumbnail.cold_start");
    assert!(matches!(&cold_start.origin, Origin::Computed { rule } if rule.contains("low confidence")), "{cold_start}");
    let init = good(&text, &[("functions.thumbnail.init", "200ms")]).scenario.functions[0].cold_start.mean();
    assert!((init - (0.983 + 0.2 / 0.25)).abs() < 1e-12, "{init}");
}

#[test]
fn origins_are_told_apart() {
    let origin = |path: &str| effective(EXAMPLE, &[("functions.thumbnail.memory", "1 GiB")], path).origin;
    assert_eq!(origin("functions.thumbnail.timeout"), Origin::File { line: 20 });
    assert_eq!(origin("functions.thumbnail.memory"), Origin::Set);
    assert!(matches!(origin("simulation.run_in"), Origin::Computed { .. }));
    assert!(matches!(origin("functions.thumbnail.max_age"), Origin::Default { .. }));
    assert_eq!(effective(EXAMPLE, &[], "functions.thumbnail.work.cpu.lognormal.mean").value, "120ms");
}

#[test]
fn the_run_in_follows_the_slowest_function() {
    let run_in = |sets: &[(&str, &str)]| good(&small("[simulation]\nhorizon = '1h'\n"), sets).scenario.simulation.run_in;
    // 2 x 10 min of `generic`; its timeout of 60 s.
    assert_eq!(run_in(&[]), Span::from_secs(1_200));
    assert_eq!(run_in(&[("functions.f.keep_alive", "1min")]), Span::from_secs(600));
    assert_eq!(run_in(&[("functions.f.keep_alive", "1d")]), Span::from_secs(7_200));
    assert_eq!(run_in(&[("functions.f.keep_alive", "forever")]), Span::from_secs(600));
    assert_eq!(run_in(&[("functions.f.keep_alive", "1min"), ("functions.f.timeout", "5min")]), Span::from_secs(900));
    assert_eq!(run_in(&[("functions.f.keep_alive", "1min"), ("functions.f.timeout", "1d")]), Span::from_secs(3_600));
    assert_eq!(run_in(&[("simulation.run_in", "7s")]), Span::from_secs(7));
    assert_eq!(run_in(&[("simulation.start", "cold")]), Span::ZERO);
    // The 99th percentile of a uniform keep-alive of 0..1000 s is 990 s.
    assert_eq!(run_in(&[("functions.f.keep_alive.uniform", "{ min = '0s', max = '1000s' }")]), Span::from_secs(1_980));
}

#[test]
fn names_of_traffic_and_options_that_address_them() {
    let more = "[[traffic]]\nto = 'f'\narrivals = { constant = '2/s' }\n[[traffic]]\nname = 'f-2'\nto = 'f'\narrivals = { poisson = '3/s' }\n";
    let names = |sets: &[(&str, &str)]| -> Vec<(String, f64)> {
        let sources = good(&small(more), sets).scenario.traffic;
        let rate = |arrivals: &Arrivals| match arrivals {
            Arrivals::Constant(rate) => -rate.get(),
            Arrivals::Poisson(rate) => rate.get(),
            _ => f64::NAN,
        };
        sources.iter().map(|source| (source.name.clone(), rate(&source.arrivals))).collect()
    };
    let expected = |a: f64, b: f64, c: f64| vec![("f".to_owned(), a), ("f-3".to_owned(), b), ("f-2".to_owned(), c)];
    assert_eq!(names(&[]), expected(1.0, -2.0, 3.0));
    assert_eq!(names(&[("traffic.f-3.arrivals.poisson", "40/s")]), expected(1.0, 40.0, 3.0));
    assert_eq!(names(&[("traffic.f-2.arrivals.constant", "\"40/s\"")]), expected(1.0, -2.0, -40.0));
    assert_eq!(names(&[("traffic.f.arrivals", "{ constant = '5/s' }")]), expected(-5.0, -2.0, 3.0));
}

#[test]
fn defaults_of_retries() {
    let retry = |more: &str| good(&small(more), &[]).scenario.traffic[0].retry.clone();
    assert_eq!(retry("").attempts, Limit::At(1));
    let given = retry("retry = { attempts = 'unlimited' }\n");
    assert_eq!((given.attempts, given.on), (Limit::Unlimited, [false, true, true, true, true, true, false]));
    let backoff = given.backoff;
    assert_eq!(
        (backoff.base, backoff.factor, backoff.cap, backoff.jitter),
        (Span::from_millis(100), 2.0, Span::from_secs(20), Jitter::Full)
    );
    let budget = retry("retry = { attempts = 2, budget = { ratio = '10%', burst = 10 }, deadline = '5s' }\n");
    assert_eq!((budget.budget.map(|b| (b.ratio, b.burst)), budget.deadline), (Some((0.1, 10.0)), Some(Span::from_secs(5))));
}

#[test]
fn precision_and_scaling() {
    let s = good(
        &small("[simulation]\nprecision = { fee = '1%', availability = '0.01pp' }\nmax_replications = 50\nmax_time = '1min'\n"),
        &[],
    )
    .scenario;
    let Stopping::Precision { targets, max_replications, max_time } = s.simulation.stopping else { panic!("not by precision") };
    let target = |figure: &str, half_width| PrecisionTarget { figure: figure.into(), half_width };
    assert_eq!(targets, [target("fee", HalfWidth::Relative(0.01)), target("availability", HalfWidth::Absolute(0.0001))]);
    assert_eq!((max_replications, max_time), (50, Some(Span::from_secs(60))));
    let scaling = |value: &str| good(&small(""), &[("account.scaling", value)]).scenario.account.scaling;
    assert_eq!(scaling("unlimited"), Scaling::Unlimited);
    assert_eq!(scaling("{ starts = 1000, every = '10s' }"), Scaling::Window { starts: 1000, every: Span::from_secs(10) });
    assert_eq!(scaling("{ kind = 'ceiling', burst = 5, rate = '60/min' }"), Scaling::Ceiling { burst: 5.0, rate: 1.0 });
    let fc = small("").replace("generic", "alibaba-fc");
    assert_eq!(
        good(&fc, &[("region", "us-west-1")]).scenario.account.scaling,
        Scaling::Bucket { burst: 100.0, rate: 100.0 / 60.0 }
    );
    assert_eq!(good(&fc, &[]).scenario.account.max_instances, Limit::At(300));
}

#[test]
fn sites_and_currencies() {
    let fc = small("[objectives]\nfee = '100 USD'\n[billing]\nexchange = { USD = 7.1 }\n").replace("generic", "alibaba-fc");
    let resolved = good(&fc, &[]);
    assert!((resolved.scenario.objectives[0].target - 710.0).abs() < 1e-9);
    assert_eq!(resolved.platform.region("cn-hangzhou").unwrap().currency, "CNY");
    let abroad = good(&fc, &[("site", "international")]);
    assert_eq!(abroad.platform.region("cn-hangzhou").unwrap().currency, "USD");
    assert_eq!(abroad.scenario.objectives[0].target, 100.0);
    assert_eq!(abroad.warnings[0].code, "no-effect");
    let own = good(&fc, &[("prices", "prices.toml")]);
    assert!(matches!(own.scenario.functions[0].keep_alive, KeepAlive::Constant(span) if span == Span::from_secs(420)));
    assert_eq!(own.scenario.billing.prices.as_deref(), Some("prices.toml"));
}

#[test]
fn events_and_schedules() {
    let more = "[[events]]\nat = '1h'\nfor = '10min'\nshape = 'spike'\ntraffic = { name = 'f', factor = 20 }\n[[events]]\nat = '2h'\nfor = '1min'\nfunction = { name = 'f', error = '100%', slower = 3 }\n";
    let events = good(&small(more), &[]).scenario.events;
    assert_eq!((events[0].name.as_str(), events[0].at, events[0].shape), ("event", SimTime(3_600_000_000_000), Shape::Spike));
    assert_eq!(events[0].change, Change::Traffic { source: 0, factor: 20.0 });
    assert_eq!(events[1].name, "event-2");
    assert!(
        matches!(events[1].change, Change::Function { error: Some(e), hang: None, slower, .. } if e.get() == 1.0 && slower == 3.0)
    );
    let schedule = |sets: &[(&str, &str)]| match &good(&small(""), sets).scenario.functions[0].provisioned {
        Provisioned::Weekly(windows) => {
            windows.iter().map(|(from, to, n)| (from.0 / 3_600_000_000_000, to.0 / 3_600_000_000_000, *n)).collect()
        }
        Provisioned::Constant(_) | Provisioned::Tracking { .. } => Vec::new(),
    };
    let days = ("functions.f.provisioned", "[{ from = 'Mon 08:00', to = 'Fri 20:00', instances = 5 }]");
    assert_eq!(schedule(&[days]), [(8, 116, 5)]);
    // Clock 0 is a Tuesday: the window of this week is cut by clock 0.
    assert_eq!(schedule(&[days, ("simulation.start_time", "2026-11-24 00:00")]), [(0, 92, 5), (152, 168, 5)]);
}

#[test]
fn profiles_follow_the_start_time() {
    let factor = |sets: &[(&str, &str)]| {
        let mut all = vec![("traffic.f.profile", "office-hours")];
        all.extend(sets);
        good(&small(""), &all).scenario.traffic[0].profile.at(SimTime(0))
    };
    let monday = factor(&[]);
    // Monday 10:00 is the peak of the morning, 26 times the night's 0.10.
    let ten = factor(&[("simulation.start_time", "2026-11-23 10:00")]);
    assert!((ten / monday - 26.0).abs() < 1e-9);
    // The office keeps the hours of its zone: 02:00 in UTC is 10:00 in Shanghai, and 10:00 there is 10:00 anywhere.
    let shanghai = ("simulation.timezone", "Asia/Shanghai");
    assert_eq!(factor(&[("simulation.start_time", "2026-11-23T02:00:00Z"), shanghai]), ten);
    assert_eq!(factor(&[("simulation.start_time", "2026-11-23 10:00"), shanghai]), ten);
    assert_eq!(factor(&[("simulation.start_time", "2026-11-23T10:00:00+08:00")]), ten);
    assert_ne!(factor(&[("simulation.start_time", "2026-11-23T02:00:00Z")]), ten);
    let label = |sets: &[(&str, &str)]| good(&small(""), sets).scenario.simulation.start_time;
    let at = ("simulation.start_time", "2026-11-23T02:00:00Z");
    assert_eq!(label(&[at, shanghai]).as_deref(), Some("2026-11-23 10:00 Asia/Shanghai"));
    assert_eq!(label(&[]), None);
    // A change of the clocks in the horizon is said.
    let notes = |horizon: &str| {
        let sets =
            [("simulation.start_time", "2026-10-24"), ("simulation.timezone", "Europe/Berlin"), ("simulation.horizon", horizon)];
        good(&small(""), &sets).warnings.iter().map(|d| (d.severity, d.code)).collect::<Vec<_>>()
    };
    assert_eq!((notes("1d"), notes("2d")), (vec![], vec![(Severity::Note, "clock-change")]));
}

#[test]
fn traces_bring_their_durations() {
    let traced = small("").replace("work.io = \"100ms\"", "").replace("{ poisson = \"1/s\" }", "{ trace = \"durations.csv\" }");
    let s = good(&traced, &[]).scenario;
    assert!(s.functions[0].work.from_trace);
    let counts = small("").replace("{ poisson = \"1/s\" }", "{ trace = \"counts.csv\" }");
    let s = good(&counts, &[]).scenario;
    assert!(!s.functions[0].work.from_trace);
    assert!(matches!(&s.traffic[0].arrivals, Arrivals::Trace(trace) if trace.total() == 12));
    let empirical = good(&small(""), &[("functions.f.work.io", "{ empirical = 'values.csv' }")]).scenario;
    assert_eq!(empirical.functions[0].work.io, Distribution::empirical(vec![0.08, 0.1]).unwrap());
}
