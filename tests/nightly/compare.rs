//! `compare` on simulated scenarios: how often the interval of a difference holds 0 where there is none, and how often it finds one.

use std::collections::BTreeMap;

use crate::reading::{NoFiles, context};
use faascast::scenario::{self, Resolved};
use faascast::study::compare::{Comparison, compare};

/// A quota that throttles, errors, cold starts: every figure varies.
const BUSY: &str = r#"
platform = "generic"
[simulation]
horizon = "60s"
run_in = "30s"
replications = 20
[functions.f]
memory = "512 MiB"
max_instances = 12
keep_alive = "2s"
cold_start = "300ms"
[functions.f.work]
io = { lognormal = { mean = "400ms", cv = 0.8 } }
[functions.f.faults]
error = "2%"
[[traffic]]
to = "f"
arrivals = { poisson = "20/s" }
"#;

/// The same in few replications, with bursts.
const BURSTS: &str = r#"
platform = "aws-lambda"
region = "us-east-1"
[simulation]
horizon = "2min"
run_in = "30s"
replications = 10
[billing]
free_tier = false
[functions.f]
runtime = "python3.13"
memory = "512 MiB"
timeout = "5s"
max_concurrency = 14
keep_alive = "5s"
[functions.f.work]
cpu = { lognormal = { mean = "60ms", cv = 0.5 } }
io = { lognormal = { mean = "300ms", cv = 1.0 } }
[functions.f.faults]
hang = "0.5%"
error = "1%"
[[traffic]]
to = "f"
arrivals = { mmpp = [{ rate = "20/s", mean_time = "5s" }, { rate = "4/s", mean_time = "10s" }] }
retry = { attempts = 2, backoff = { base = "200ms" } }
"#;

/// Studies with different seeds: as many as the claim is about.
const STUDIES: u64 = 2_000;
/// Studies with an injected difference, for each of the settings that inject one.
const INJECTED: u64 = 500;

fn read(text: &str, seed: u64, replications: u32, change: Option<&(String, String)>) -> Resolved {
    let own = [("simulation.seed", seed.to_string()), ("simulation.replications", replications.to_string())];
    let own = own.map(|(key, value)| (key.to_owned(), value));
    let sets: Vec<(String, String)> = own.into_iter().chain(change.cloned()).collect();
    scenario::read(text, "f.toml", &sets, &NoFiles).unwrap()
}

fn compared(a: &Resolved, b: &Resolved) -> Comparison {
    compare((&a.scenario, &context(&a.platform)), (&b.scenario, &context(&b.platform)), 0.01).unwrap()
}

fn replications_of(text: &str) -> u32 {
    if text == BUSY { 20 } else { 10 }
}

#[derive(Default)]
struct Tally {
    held: u64,
    below: u64,
    above: u64,
    absent: u64,
    half_widths: f64,
}

/// Coverage of 0 by figure, and the mean half-width.
fn coverage(text: &str) -> BTreeMap<String, Tally> {
    let mut found: BTreeMap<String, Tally> = BTreeMap::new();
    for study in 0..STUDIES {
        let n = replications_of(text);
        let c = compared(&read(text, 2 * study, n, None), &read(text, 2 * study + 1, n, None));
        assert!(!c.paired);
        for figure in c.figures {
            let tally = found.entry(figure.figure).or_default();
            match (figure.difference.lo, figure.difference.hi) {
                (Some(lo), _) if lo > 0.0 => tally.above += 1,
                (_, Some(hi)) if hi < 0.0 => tally.below += 1,
                (Some(_), Some(_)) => tally.held += 1,
                _ => tally.absent += 1,
            }
            tally.half_widths += figure.difference.half_width().unwrap_or(0.0) / STUDIES as f64;
        }
    }
    found
}

/// A setting, and how a change of it by a share is written.
struct Knob {
    key: &'static str,
    value: fn(f64) -> String,
    moves: &'static [&'static str],
}

fn knobs(text: &str) -> Vec<Knob> {
    let memory = |x: f64| format!("{} B", (512.0 * 1_048_576.0 * (1.0 + x)).round());
    let mib = |x: f64| format!("{} MiB", (512.0 * (1.0 + x)).round());
    if text == BUSY {
        vec![
            Knob { key: "functions.f.memory", value: memory, moves: &["fee"] },
            Knob { key: "functions.f.faults.error", value: |x| format!("{}", 0.02 * (1.0 + x)), moves: &["availability"] },
            Knob { key: "functions.f.keep_alive", value: |x| format!("{} ms", 2000.0 * (1.0 + x)), moves: &["cold_start_rate"] },
            Knob {
                key: "functions.f.work.io.lognormal",
                value: |x| format!("{{ mean = \"{} ms\", cv = 0.8 }}", 400.0 * (1.0 + x)),
                moves: &["throttled", "mean_latency", "p50", "p95", "p99"],
            },
        ]
    } else {
        vec![
            Knob { key: "functions.f.memory", value: mib, moves: &["fee"] },
            Knob { key: "functions.f.faults.error", value: |x| format!("{}", 0.01 * (1.0 + x)), moves: &["availability"] },
            Knob {
                key: "functions.f.work.io.lognormal",
                value: |x| format!("{{ mean = \"{} ms\", cv = 1.0 }}", 300.0 * (1.0 + x)),
                moves: &["throttled", "mean_latency", "p95"],
            },
        ]
    }
}

/// The change of a setting that moves a figure by `wanted`, by bisection on paired differences.
fn change(text: &str, knob: &Knob, figure: &str, wanted: f64) -> (String, String) {
    let with = |x: f64| (knob.key.to_owned(), (knob.value)(x));
    let (mut lo, mut hi) = (0.0, 8.0);
    for _ in 0..14 {
        let middle = f64::midpoint(lo, hi);
        let c = compared(&read(text, 999_983, 300, None), &read(text, 999_983, 300, Some(&with(middle))));
        let moved = c.figures.iter().find(|f| f.figure == figure).unwrap().difference.mean.unwrap().abs();
        if moved < wanted { lo = middle } else { hi = middle }
    }
    with(f64::midpoint(lo, hi))
}

fn power(text: &str, knob: &Knob, figure: &str, half_width: f64) -> (f64, (String, String)) {
    let changed = change(text, knob, figure, 2.0 * half_width);
    let n = replications_of(text);
    let found = (0..INJECTED).filter(|study| {
        let seed = 1_000_000 + 2 * study;
        let c = compared(&read(text, seed, n, None), &read(text, seed + 1, n, Some(&changed)));
        let difference = c.figures.iter().find(|f| f.figure == figure).unwrap().difference;
        difference.lo.is_some_and(|lo| lo > 0.0) || difference.hi.is_some_and(|hi| hi < 0.0)
    });
    (found.count() as f64 / INJECTED as f64, changed)
}

fn study(name: &str, text: &str) {
    let coverage = coverage(text);
    println!("| {name}: figure | holds 0 | above | below | absent | mean half-width | injected | found |");
    println!("|---|---:|---:|---:|---:|---:|---|---:|");
    let knobs = knobs(text);
    for (figure, tally) in &coverage {
        let percent = |n: u64| 100.0 * n as f64 / STUDIES as f64;
        let knob = knobs.iter().find(|knob| knob.moves.contains(&figure.as_str()));
        let injected = knob.map(|knob| power(text, knob, figure, tally.half_widths));
        let shown = injected
            .as_ref()
            .map_or_else(|| "| ".to_owned(), |(found, (key, value))| format!("{key} = {value} | {:.1} %", 100.0 * found));
        println!(
            "| {figure} | {:.2} % | {:.2} % | {:.2} % | {:.2} % | {:.3e} | {shown} |",
            percent(tally.held),
            percent(tally.above),
            percent(tally.below),
            percent(tally.absent),
            tally.half_widths,
        );
    }
    for (figure, tally) in &coverage {
        let share = tally.held as f64 / STUDIES as f64;
        assert!((0.935..=0.965).contains(&share), "{name}, {figure}: {share}");
    }
}

/// A scenario with itself: exactly nothing, in every figure.
#[test]
fn compare_with_itself() {
    for text in [BUSY, BURSTS] {
        for seed in 0..20 {
            let a = read(text, seed, replications_of(text), None);
            for figure in compared(&a, &a).figures {
                let d = figure.difference;
                assert_eq!((d.mean, d.lo, d.hi), (Some(0.0), Some(0.0), Some(0.0)), "{}", figure.figure);
            }
        }
    }
}

#[test]
fn compare_unpaired() {
    study("busy, 20 replications", BUSY);
    study("bursts, 10 replications", BURSTS);
}
