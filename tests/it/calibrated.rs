//! Predictions of calibrated scenarios against what was observed elsewhere. `docs/calibrate.md` has every line that is computed
//! here, word for word.

use std::collections::{BTreeMap, BTreeSet};

use crate::reading::{NoFiles, context};
use faascast::calibrate::records::Invocation;
use faascast::calibrate::{self, Calibrated, Records, fragment};
use faascast::platform::Platform;
use faascast::scenario;
use faascast::study::{self, result::RunResult};
use faascast::units::Bytes;

use super::calibrate::records;

/// Asserts that the documentation has exactly these lines, all of them.
fn documented(lines: &[String]) {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/calibrate.md")).unwrap();
    let missing: Vec<&String> = lines.iter().filter(|line| !page.lines().any(|written| written == *line)).collect();
    assert!(!lines.is_empty() && missing.is_empty(), "docs/calibrate.md lacks some of these lines:\n{}", lines.join("\n"));
}

fn error(predicted: f64, observed: f64) -> String {
    format!("{:+.1} %", (predicted / observed - 1.0) * 100.0)
}

fn run(records: &Records, calibrated: &[Calibrated], sets: &[(&str, String)]) -> RunResult {
    let text = fragment::fragment(records, calibrated, true);
    let sets: Vec<(String, String)> = sets.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    let resolved = scenario::read(&text, "fitted.toml", &sets, &NoFiles).unwrap_or_else(|found| panic!("{text}\n{found:?}"));
    study::run(&resolved.scenario, &context(&resolved.platform)).unwrap()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
    sum / n
}

/// Requests a second, as observed.
fn rate(records: &Records) -> f64 {
    let times = || records.invocations.iter().filter_map(|i| i.at);
    (times().count() - 1) as f64 / ((times().max().unwrap() - times().min().unwrap()) as f64 / 1e9)
}

fn instances(records: &Records) -> f64 {
    records.invocations.iter().filter_map(|i| i.instance).collect::<BTreeSet<u64>>().len() as f64
}

/// Time in which an instance had at least one request, each such period rounded up to 100 ms as the platform bills it.
fn busy(records: &Records) -> f64 {
    let mut by_instance: BTreeMap<u64, Vec<(i64, i64)>> = BTreeMap::new();
    for i in &records.invocations {
        by_instance.entry(i.instance.unwrap()).or_default().push((i.at.unwrap(), i.end().unwrap()));
    }
    let mut total: u64 = 0;
    for runs in by_instance.values_mut() {
        runs.sort_unstable();
        let (mut from, mut until) = runs[0];
        let mut bill = |from: i64, until: i64| total += ((until - from) as u64).div_ceil(100_000_000) * 100_000_000;
        for (at, end) in runs.iter().skip(1) {
            if *at > until {
                bill(from, until);
                from = *at;
            }
            until = until.max(*end);
        }
        bill(from, until);
    }
    total as f64 / 1e9
}

/// Calibrated at one rate, predicted at the others: billed time a request, instances, time of a request.
fn at_other_rates(folder: &str, name: &str, billed: fn(&Records) -> f64) -> Vec<String> {
    let logs: Vec<(u64, Records)> =
        [1, 4, 10].map(|rps| (rps, records(&[&format!("logs/{folder}/{name}").replace("RATE", &rps.to_string())], None))).into();
    let mut lines = Vec::new();
    for (base, from) in &logs {
        let calibrated = calibrate::calibrate(from, None, 1);
        let function = calibrated[0].function.clone();
        for (rps, observed) in logs.iter().filter(|(rps, _)| rps != base) {
            let arrivals = format!("{{ constant = \"{}/s\" }}", rate(observed));
            let sets = [(format!("traffic.{function}.arrivals"), arrivals), ("simulation.horizon".to_owned(), "2min".to_owned())];
            let sets: Vec<(&str, String)> = sets.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
            let result = run(from, &calibrated, &sets);
            let f = &result.functions[&function];
            let n = f.invocations.mean.unwrap();
            let pairs = [
                (f.billed_s.total.mean.unwrap() / n * 1e3, billed(observed) / observed.invocations.len() as f64 * 1e3),
                (f.instances.peak.mean.unwrap(), instances(observed)),
                (f.duration_s.mean.mean.unwrap() * 1e3, mean(observed.invocations.iter().filter_map(|i| i.duration)) * 1e3),
            ];
            let cells: Vec<String> = pairs.iter().map(|(p, o)| format!("{p:.1} / {o:.1} ({})", error(*p, *o))).collect();
            lines.push(format!("| {base} | {rps} | {} |", cells.join(" | ")));
        }
    }
    lines
}

#[test]
fn lambda_at_other_rates() {
    let billed = |records: &Records| records.invocations.iter().filter_map(|i| i.billed).sum();
    documented(&at_other_rates("aws-cloudwatch-rps", "aws_RATE_cloudwatch.json", billed));
}

#[test]
fn cloud_run_at_other_rates() {
    documented(&at_other_rates("gcp-cloudrun-rps", "gcp_RATE_cloud_log.json", busy));
}

/// Cold starts of a function that is called at random: keep-alive and work from one log, the rate of another.
#[test]
fn cold_starts_at_other_rates() {
    let days = ["05-26_01-31-35", "05-28_01-57-40", "06-04_23-02-14", "06-06_22-39-19"];
    let logs: Vec<(&str, Records)> =
        days.map(|day| (day, records(&[&format!("measured/poisson-coldstart/res-01-2020-{day}.csv")], None))).into();
    let mut lines = Vec::new();
    for (base, from) in &logs {
        let calibrated = calibrate::calibrate(from, None, 1);
        let function = calibrated[0].function.clone();
        let keep_alive = calibrated[0].figure("keep-alive").unwrap();
        let kept =
            if keep_alive.key.is_empty() { "the platform's".to_owned() } else { keep_alive.value.trim_matches('"').to_owned() };
        for (day, observed) in logs.iter().filter(|(day, _)| day != base) {
            let sets = [
                (format!("traffic.{function}.arrivals"), format!("{{ poisson = \"{}/s\" }}", rate(observed))),
                ("simulation.horizon".to_owned(), "10d".to_owned()),
            ];
            let sets: Vec<(&str, String)> = sets.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
            let result = run(from, &calibrated, &sets);
            let predicted = result.functions[&function].cold_start_rate.mean.unwrap() * 100.0;
            let cold = observed.invocations.iter().filter(|i| i.cold == Some(true)).count();
            let seen = faascast::estimate::share::share_of_independent(cold, observed.invocations.len()).scaled(100.0);
            lines.push(format!(
                "| {base} | {kept} | {day} | {:.2}/min | {predicted:.2} % | {:.2} % ({:.2} to {:.2}) | {:+.2} |",
                rate(observed) * 60.0,
                seen.mean.unwrap(),
                seen.lo.unwrap(),
                seen.hi.unwrap(),
                predicted - seen.mean.unwrap()
            ));
        }
    }
    documented(&lines);
}

/// Mean time in ms at a size, from the CPU and I/O parts that were fitted.
fn predicted(one: &Calibrated, mib: u64) -> f64 {
    let lambda = Platform::find("aws-lambda").unwrap();
    let share = lambda.vcpu_for("us-east-1", Bytes::from_mib(mib)).get().min(1.0);
    let part =
        |key: &str| one.figures.iter().find(|figure| figure.key == key).map_or(0.0, |figure| figure.estimate.mean.unwrap());
    (part("io") + part("cpu") / share) * 1e3
}

#[test]
fn unseen_memory_sizes_of_short_work() {
    let folder = "measured/lambda-memory-sweep-pyaes";
    let both = records(&[&format!("{folder}/MEM128_BATCH0.json"), &format!("{folder}/MEM1770_BATCH0.json")], None);
    // Two files of one function, whose sizes were deployed under names of their own.
    let mut records = both.clone();
    records.functions = vec!["pyaes".into()];
    records.invocations = both.invocations.iter().map(|i| Invocation { function: 0, ..*i }).collect();
    let found = calibrate::calibrate(&records, None, 1);
    let path = format!("{}/../shared/examples/{folder}/aws_mem_summary_every8th.csv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut lines = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (mib, observed): (u64, f64) = (cells[0].parse().unwrap(), cells[2].parse().unwrap());
        let predicted = predicted(&found[0], mib);
        lines.push(format!("| {mib} | {observed:.1} | {predicted:.1} | {} |", error(predicted, observed)));
    }
    documented(&lines);
}

#[test]
fn unseen_memory_sizes_of_an_application() {
    let all = records(&["measured/slapp/App1_Lambda_Logs.csv"], None);
    let sizes: BTreeSet<u64> = all.invocations.iter().filter_map(|i| i.memory).collect();
    let seen = [*sizes.first().unwrap(), *sizes.last().unwrap()];
    let mut some = all.clone();
    some.invocations.retain(|i| i.memory.is_some_and(|memory| seen.contains(&memory)));
    let mut lines = Vec::new();
    for one in calibrate::calibrate(&some, None, 20) {
        let index = all.functions.iter().position(|name| *name == one.function).unwrap();
        let cells = sizes.iter().filter(|size| !seen.contains(size)).filter_map(|size| {
            let at = all.invocations.iter().filter(|i| i.function == index && i.memory == Some(*size)).filter_map(|i| i.duration);
            let observed = mean(at) * 1e3;
            observed.is_finite().then(|| format!("{}: {}", size >> 20, error(predicted(&one, size >> 20), observed)))
        });
        lines.push(format!("| {} | {} |", one.function, cells.collect::<Vec<_>>().join(", ")));
    }
    documented(&lines);
}
