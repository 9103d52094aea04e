//! A realistic result for the tests of this folder: a shop's thumbnails (synchronous) and mails (asynchronous) over a day,
//! with an outage of twenty minutes at noon.

pub(crate) mod decisions;
pub(crate) mod storms;

use std::collections::BTreeMap;

use crate::estimate::Estimate;
use crate::study::result::*;

const N: u32 = 20;

/// The sample.
pub(crate) fn run_result() -> RunResult {
    RunResult {
        format_version: "1.0",
        faascast: "0.1.0",
        scenario: "shop-day".into(),
        platform: "alibaba-fc".into(),
        region: "cn-hangzhou".into(),
        seed: 42,
        replications: N,
        horizon_s: 86_400.0,
        run_in_s: 600.0,
        incomplete: false,
        functions: BTreeMap::from([("thumbnail".into(), thumbnail()), ("mail".into(), mail())]),
        traffic: sources(),
        calls: BTreeMap::new(),
        dependencies: BTreeMap::new(),
        fee: fee(),
        ceiling: Ceiling {
            hour: "59.40".into(),
            day: "1425.60".into(),
            month: "43362.00".into(),
            limited_by: "account.max_instances".into(),
            objective_hours: None,
            lever: None,
        },
        recovery: vec![Recovery {
            event: "store-outage".into(),
            function: "thumbnail".into(),
            seconds: e(258.0, 18.0),
            recovered: Estimate { mean: Some(1.0), lo: Some(0.8316), hi: Some(1.0), n: N },
            modes: vec![Mode {
                state: "recovered",
                replications: N,
                share: Estimate { mean: Some(1.0), lo: Some(0.8316), hi: Some(1.0), n: N },
                availability: e(0.9984, 0.0003),
                amplification: e(2.71, 0.06),
            }],
        }],
        objectives: vec![
            objective("availability", "thumbnail", 0.999, e(0.998_71, 0.000_06), Verdict::Missed),
            objective("p99", "thumbnail", 2.0, e(1.184, 0.021), Verdict::Met),
            objective("fee", "", 3500.0, e(3492.8, 24.1), Verdict::Undecided),
        ],
        precision: vec![PrecisionResult { figure: "fee".into(), wanted: 0.005, reached: Some(0.0069), met: false }],
        timeline: timeline(),
        warnings: vec![Warning {
            code: "price-row-old".into(),
            cause: "2 price rows are older than a year".into(),
            effect: "the fee may be off by a price change".into(),
            remedy: "check them with `faascast explain` and override them with `prices`".into(),
        }],
        assumptions: vec![
            assumption("functions.mail.async.delays", "60s", "not published; retry interval seen in the console", "low"),
            assumption("functions.thumbnail.vcpu", "0.25", "memory in GiB / 2, rounded up to 0.05", "low"),
            assumption("limits.account.max_instances", "300", "help.aliyun.com, quotas", "high"),
        ],
        sampling: None,
        input_uncertainty: None,
        rare: None,
        latency_curves: BTreeMap::from([("thumbnail".into(), curve(0.21, 0.62)), ("mail".into(), curve(1.4, 0.9))]),
    }
}

/// The same run with one replication: no interval anywhere.
pub(crate) fn single() -> RunResult {
    let mut result = run_result();
    result.replications = 1;
    result.fee.range = None;
    for f in result.functions.values_mut() {
        map_function(f, |e| Estimate { lo: None, hi: None, n: 1, ..e });
    }
    let one = |e: &mut Estimate| *e = Estimate { lo: None, hi: None, n: 1, ..*e };
    one(&mut result.fee.month);
    result.fee.by_component.values_mut().for_each(one);
    result.fee.waste.values_mut().for_each(one);
    for r in &mut result.recovery {
        one(&mut r.seconds);
        one(&mut r.recovered);
        for mode in &mut r.modes {
            mode.replications = 1;
            [&mut mode.share, &mut mode.availability, &mut mode.amplification].into_iter().for_each(one);
        }
    }
    result.objectives.iter_mut().for_each(|o| (one(&mut o.estimate), o.verdict = Verdict::Undecided).0);
    result.traffic.values_mut().for_each(|s| {
        for e in [&mut s.requests, &mut s.availability, &mut s.fee, &mut s.fee_per_million_ok] {
            one(e);
        }
    });
    result.precision[0].reached = None;
    result
}

/// A function that nobody called: counts are 0, ratios are 0/0.
pub(crate) fn no_requests() -> RunResult {
    let mut result = run_result();
    let none = Estimate { n: N, ..Estimate::default() };
    let zero = e(0.0, 0.0);
    result.functions = BTreeMap::from([("idle".into(), FunctionResult::default())]);
    for f in result.functions.values_mut() {
        map_function(f, |_| none);
        (f.requests, f.attempts, f.invocations, f.fee, f.instances.mean) = (zero, zero, zero, zero, zero);
        f.outcomes = BTreeMap::from([("ok", none), ("failed", none)]);
    }
    result.traffic.clear();
    result.fee = Fee { currency: "CNY".into(), month: zero, month_factor: 30.4, ..Fee::default() };
    result.timeline = Timeline { bin_s: 300.0, ..Timeline::default() };
    result.latency_curves.clear();
    (result.recovery, result.objectives) = (Vec::new(), Vec::new());
    result
}

fn e(mean: f64, half: f64) -> Estimate {
    Estimate { mean: Some(mean), lo: Some(mean - half), hi: Some(mean + half), n: N }
}

fn never(hi: f64) -> Estimate {
    Estimate { mean: Some(0.0), lo: Some(0.0), hi: Some(hi), n: N }
}

fn quantiles(p50: f64, p99: f64) -> Quantiles {
    let at = |share: f64| {
        let x = p50 + (p99 - p50) * share;
        e(x, x * (0.002 + 0.02 * share))
    };
    Quantiles { mean: at(0.06), p50: at(0.0), p90: at(0.3), p95: at(0.5), p99: at(1.0), p99_9: at(2.6), max: at(6.0) }
}

fn thumbnail() -> FunctionResult {
    FunctionResult {
        requests: e(1_728_104.0, 1_210.0),
        attempts: e(1_752_930.0, 1_830.0),
        invocations: e(1_741_388.0, 1_640.0),
        attempts_per_request: e(1.014_37, 0.000_4),
        availability: e(0.998_71, 0.000_06),
        outcomes: BTreeMap::from([("ok", e(0.998_71, 6e-5)), ("failed", e(0.001_29, 6e-5)), ("dropped", never(2e-6))]),
        attempt_outcomes: BTreeMap::from([
            ("ok", e(0.984_57, 2e-4)),
            ("error", e(0.006_41, 4e-5)),
            ("timeout", e(0.002_31, 5e-5)),
            ("crash", e(0.000_13, 1e-5)),
            ("init_failure", never(2e-6)),
            ("throttled", e(0.006_58, 1.9e-4)),
            ("rejected", never(2e-6)),
        ]),
        invocation_outcomes: BTreeMap::from([("ok", e(0.991_1, 2e-4)), ("error", e(0.006_45, 4e-5))]),
        throttled_by: BTreeMap::from([
            ("account", e(0.005_92, 1.8e-4)),
            ("function", never(2e-6)),
            ("scaling_rate", e(0.000_66, 6e-5)),
        ]),
        first_attempt_throttled: e(0.003_9, 1e-4),
        cold_start_rate: e(0.001_84, 2e-5),
        reused_rate: e(0.998_16, 2e-5),
        reused_age_s: e(2_905.0, 31.0),
        latency_s: quantiles(0.212, 1.184),
        latency_failed_s: quantiles(9.8, 14.2),
        duration_s: quantiles(0.208, 1.02),
        billed_s: Billed { total: e(452_761.0, 812.0), per_invocation: e(0.26, 0.000_4) },
        instances: Instances {
            mean: e(48.3, 0.4),
            busy_mean: e(5.24, 0.02),
            idle_mean: e(43.1, 0.4),
            peak: e(300.0, 0.0),
            concurrency_mean: e(5.24, 0.02),
        },
        asynchronous: None,
        background: None,
        provisioned: None,
        fee: e(3_214.5, 22.0),
        fee_per_million_ok: e(62.1, 0.4),
    }
}

fn mail() -> FunctionResult {
    FunctionResult {
        requests: e(86_388.0, 290.0),
        attempts: e(87_312.0, 300.0),
        invocations: e(87_312.0, 300.0),
        attempts_per_request: e(1.010_7, 0.000_7),
        availability: e(0.999_984, 0.000_009),
        outcomes: BTreeMap::from([("ok", e(0.999_984, 9e-6)), ("failed", never(3.5e-5)), ("dropped", e(1.6e-5, 9e-6))]),
        attempt_outcomes: BTreeMap::from([
            ("ok", e(0.989_3, 7e-4)),
            ("error", e(0.010_1, 7e-4)),
            ("timeout", e(0.000_6, 1e-4)),
            ("throttled", never(3.5e-5)),
        ]),
        throttled_by: BTreeMap::from([("account", never(3.5e-5)), ("function", never(3.5e-5))]),
        cold_start_rate: e(0.021_7, 0.000_9),
        reused_rate: e(0.978_3, 0.000_9),
        latency_s: quantiles(1.41, 11.3),
        duration_s: quantiles(0.9, 4.1),
        billed_s: Billed { total: e(91_402.0, 450.0), per_invocation: e(1.047, 0.004) },
        instances: Instances {
            mean: e(6.1, 0.1),
            busy_mean: e(1.06, 0.01),
            idle_mean: e(5.04, 0.1),
            peak: e(14.2, 0.8),
            concurrency_mean: e(1.06, 0.01),
        },
        asynchronous: Some(AsyncResult {
            backlog_mean: e(2.31, 0.2),
            backlog_peak: e(412.0, 36.0),
            age_s: quantiles(0.05, 61.2),
            duplicates: e(8.6, 1.3),
            dead_letters: e(1.4, 0.6),
            redeliveries: e(0.0, 0.0),
        }),
        provisioned: None,
        background: Some(Background { finished: e(0.81, 0.01), late: e(0.172, 0.01), lost: e(0.018, 0.003) }),
        fee: e(278.3, 2.4),
        fee_per_million_ok: e(107.3, 0.9),
        ..FunctionResult::default()
    }
}

fn sources() -> BTreeMap<String, SourceResult> {
    let of = |function: &str, f: FunctionResult| SourceResult {
        function: function.into(),
        requests: f.requests,
        availability: f.availability,
        fee: f.fee,
        fee_per_million_ok: f.fee_per_million_ok,
        amplification: None,
    };
    BTreeMap::from([("thumbnail".into(), of("thumbnail", thumbnail())), ("mail".into(), of("mail", mail()))])
}

fn fee() -> Fee {
    let parts = [("active_vcpu", 1_811.2), ("active_memory", 1_204.0), ("requests", 412.9), ("egress", 64.7), ("idle", 0.0)];
    let waste = [("error", 22.4), ("timeout", 141.6), ("abandoned", 38.0), ("duplicate", 0.03), ("idle", 0.0)];
    let map = |rows: &[(&str, f64)]| rows.iter().map(|(k, v)| ((*k).to_owned(), e(*v, v * 0.0069))).collect();
    Fee {
        currency: "CNY".into(),
        month: e(3_492.8, 24.1),
        range: Some(MonthRange { p5: 3_398.0, p95: 3_590.0 }),
        by_component: map(&parts),
        waste: map(&waste),
        month_factor: 30.416_67,
        prices_as_of: "2025-08-11".into(),
        charges: charges(),
    }
}

fn charges() -> Vec<Charge> {
    let charge = |function: &str, component: &str, units: f64, metered, amount: f64| Charge {
        function: function.into(),
        component: component.into(),
        item: if component == "minimum_charge" { String::new() } else { "cu".into() },
        units,
        metered,
        amount: e(amount, amount * 0.0069),
        list: amount,
    };
    vec![
        charge("thumbnail", "invocations", 394_000.0, Some(52_900_000.0), 43.34),
        charge("thumbnail", "vcpu", 28_830_000.0, Some(13_700_000.0), 3_171.3),
        charge("mail", "memory", 2_530_000.0, Some(2_780_000.0), 278.3),
        charge("mail", "minimum_charge", 0.41, None, 0.41),
    ]
}

/// A day with a quiet night, a busy noon, and an outage with its retry storm from 12:00 to 12:20.
fn timeline() -> Timeline {
    let mut t = Timeline { bin_s: 300.0, quota: Some(300), ..Timeline::default() };
    for i in 0..288 {
        let hour = f64::from(i) / 12.0;
        let shape = 1.0 - 0.7 * libm::cos((hour - 1.5) * std::f64::consts::PI / 12.0) + 0.05 * libm::sin(f64::from(i) * 2.3);
        let outage = (144..149).contains(&i);
        t.requests.push(6_300.0 * shape);
        t.throttled.push(if outage { 2_300.0 } else { 0.0 });
        t.instances.push(if outage { 300.0 } else { 50.0 * shape });
        t.availability.push(Some(if outage { 0.87 } else { 0.9996 - 0.0002 * shape }));
        t.fee.push(0.39 * shape * if outage { 2.4 } else { 1.0 });
    }
    t
}

/// A log-normal distribution function, as a histogram would give it.
fn curve(median: f64, sigma: f64) -> LatencyCurve {
    let point = |i: i32| {
        let z = f64::from(i) * 0.01;
        (median * libm::exp(sigma * z), 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2))
    };
    LatencyCurve { cdf: (-350..=420).map(point).collect() }
}

fn objective(name: &str, function: &str, target: f64, estimate: Estimate, verdict: Verdict) -> ObjectiveResult {
    ObjectiveResult { name: name.into(), function: function.into(), target, estimate, verdict }
}

fn assumption(key: &str, value: &str, source: &str, confidence: &str) -> Assumption {
    Assumption {
        key: key.into(),
        value: value.into(),
        source: source.into(),
        as_of: if confidence == "high" { "2025-08-11".into() } else { String::new() },
        confidence: confidence.into(),
    }
}

fn map_function(f: &mut FunctionResult, change: impl Fn(Estimate) -> Estimate) {
    let quantiles = |q: &mut Quantiles| {
        for e in [&mut q.mean, &mut q.p50, &mut q.p90, &mut q.p95, &mut q.p99, &mut q.p99_9, &mut q.max] {
            *e = change(*e);
        }
    };
    for q in [&mut f.latency_s, &mut f.latency_failed_s, &mut f.duration_s] {
        quantiles(q);
    }
    for map in [&mut f.outcomes, &mut f.attempt_outcomes, &mut f.invocation_outcomes, &mut f.throttled_by] {
        map.values_mut().for_each(|e| *e = change(*e));
    }
    if let Some(a) = &mut f.asynchronous {
        quantiles(&mut a.age_s);
        for e in [&mut a.backlog_mean, &mut a.backlog_peak, &mut a.duplicates, &mut a.dead_letters, &mut a.redeliveries] {
            *e = change(*e);
        }
    }
    if let Some(b) = &mut f.background {
        for e in [&mut b.finished, &mut b.late, &mut b.lost] {
            *e = change(*e);
        }
    }
    let i = &mut f.instances;
    for e in [
        &mut f.requests,
        &mut f.attempts,
        &mut f.invocations,
        &mut f.attempts_per_request,
        &mut f.availability,
        &mut f.first_attempt_throttled,
        &mut f.cold_start_rate,
        &mut f.reused_rate,
        &mut f.reused_age_s,
        &mut f.billed_s.total,
        &mut f.billed_s.per_invocation,
        &mut i.mean,
        &mut i.busy_mean,
        &mut i.idle_mean,
        &mut i.peak,
        &mut i.concurrency_mean,
        &mut f.fee,
        &mut f.fee_per_million_ok,
    ] {
        *e = change(*e);
    }
}

/// Twelve functions with long names, one of them hostile to every format.
pub(crate) fn many_functions() -> RunResult {
    let mut result = run_result();
    for i in 0..12 {
        result.functions.insert(format!("order-service-worker-number-{i}"), if i % 2 == 0 { thumbnail() } else { mail() });
        result.latency_curves.insert(format!("order-service-worker-number-{i}"), curve(0.1 + 0.2 * f64::from(i), 0.7));
    }
    result.functions.insert(HOSTILE.into(), mail());
    result.latency_curves.insert(HOSTILE.into(), curve(0.3, 0.5));
    result.scenario = HOSTILE.into();
    result
}

/// A name that breaks whatever does not escape it.
pub(crate) const HOSTILE: &str = "<script>alert(\"1\")</script>|{{css}}&amp;'`,\n\u{1b}[31m";
