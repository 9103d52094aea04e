//! Defaults against measurements. `docs/measured.md` has every line that is computed here, word for word: a change of a
//! default, of the rule or of the data is seen there.

use std::collections::BTreeMap;
use std::fs;

use crate::reading::{NoFiles, context};
use faascast::platform::Platform;
use faascast::scenario;
use faascast::study;
use faascast::units::Bytes;
use serde_json::Value;

const DOCS: &str = include_str!("../../docs/measured.md");

/// The text of a file of measurements; they lie beside the checkout.
fn measured(path: &str) -> String {
    let path = format!("{}/../shared/examples/{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Asserts that the documentation has exactly these lines, all of them.
fn documented(lines: &[String]) {
    let missing: Vec<&String> = lines.iter().filter(|line| !DOCS.lines().any(|written| written == *line)).collect();
    assert!(!lines.is_empty() && missing.is_empty(), "docs/measured.md lacks some of these lines:\n{}", lines.join("\n"));
}

/// What the CPU rule predicts at a size from the duration at another one, by the platform's own data.
fn predicted(largest: (u64, f64), mib: u64) -> f64 {
    let lambda = Platform::find("aws-lambda").unwrap();
    // One thread of user code uses at most one vCPU.
    let share = |mib: u64| lambda.vcpu_for("us-east-1", Bytes::from_mib(mib)).get().min(1.0);
    largest.1 * share(largest.0) / share(mib)
}

fn error(predicted: f64, observed: f64) -> String {
    format!("{:+.1} %", (predicted / observed - 1.0) * 100.0)
}

#[test]
fn short_work_on_lambda_by_memory() {
    let text = measured("measured/lambda-memory-sweep-pyaes/aws_mem_summary_every8th.csv");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[0].parse::<u64>().unwrap(), cells[2].parse::<f64>().unwrap())
    };
    let rows: Vec<(u64, f64)> = text.lines().skip(1).map(row).collect();
    let largest = *rows.last().unwrap();
    let line = |(mib, observed): &(u64, f64)| {
        let predicted = predicted(largest, *mib);
        format!("| {mib} | {observed:.1} | {predicted:.1} | {} |", error(predicted, *observed))
    };
    documented(&rows.iter().map(line).collect::<Vec<_>>());
}

/// Mean duration in ms by memory, for each runtime and architecture of a table.
fn sweep(path: &str) -> BTreeMap<(String, &'static str), Vec<(u64, f64)>> {
    let text = measured(path);
    let mut found: BTreeMap<(String, &'static str), Vec<(u64, f64)>> = BTreeMap::new();
    let (mut runtime, mut durations) = (String::new(), false);
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            name.clone_into(&mut runtime);
        }
        if line.starts_with("### ") {
            durations = line.starts_with("### Performance");
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let Some(mib) = cells.get(1).and_then(|cell| cell.parse().ok()).filter(|_| durations) else { continue };
        for (architecture, column) in [("arm64", 2), ("x86_64", 4)] {
            // A size that was not measured has a dash.
            if let Ok(duration) = cells[column].parse() {
                found.entry((runtime.clone(), architecture)).or_default().push((mib, duration));
            }
        }
    }
    found
}

#[test]
fn long_work_on_lambda_by_memory() {
    let mut lines = Vec::new();
    for work in ["cpu-intensive", "memory-intensive"] {
        let table = sweep(&format!("measured/memory-sweep-cebert/november-2025-{work}-warm.md"));
        for ((runtime, architecture), sizes) in &table {
            let largest = *sizes.iter().max_by_key(|size| size.0).unwrap();
            let errors = sizes.iter().filter(|size| size.0 != largest.0).map(|(mib, observed)| {
                let predicted = predicted(largest, *mib);
                format!("{mib}: {}", error(predicted, *observed))
            });
            lines.push(format!(
                "| {work} | {runtime} | {architecture} | {} | {} |",
                largest.0,
                errors.collect::<Vec<_>>().join(", ")
            ));
        }
    }
    documented(&lines);
}

#[test]
fn a_run_gives_what_the_rule_predicts() {
    for mib in [128, 512, 1024] {
        let text = format!(
            "platform = \"aws-lambda\"\nregion = \"us-east-1\"\n[simulation]\nhorizon = \"1h\"\nreplications = 2\n[functions.f]\n\
             runtime = \"python3.12\"\nmemory = \"{mib} MiB\"\ntimeout = \"60s\"\nprovisioned = 5\n[functions.f.work]\ncpu = \"341ms\"\n\
             [[traffic]]\nto = \"f\"\narrivals = {{ constant = \"6/min\" }}\n"
        );
        let resolved = scenario::read(&text, "f.toml", &[], &NoFiles).unwrap();
        let result = study::run(&resolved.scenario, &context(&resolved.platform)).unwrap();
        let mean = result.functions["f"].duration_s.mean.mean.unwrap() * 1000.0;
        let expected = predicted((1769, 341.0), mib);
        assert!((mean / expected - 1.0).abs() < 1e-6, "{mib} MiB: {mean} ms, {expected} ms expected");
    }
}

/// Median initialisation in ms by runtime name, zip packages on x86, over every memory size of both days.
fn initialisations() -> BTreeMap<String, f64> {
    let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for day in ["2025-09-15", "2025-10-17"] {
        let data: Value = serde_json::from_str(&measured(&format!("logs/cold-starts-maxday/{day}.json"))).unwrap();
        for entry in data["runtimeData"].as_array().unwrap() {
            if entry["p"] == "zip" && entry["a"] == "x86_64" {
                let times = entry["i"].as_array().unwrap().iter().map(|time| time.as_f64().unwrap());
                all.entry(entry["d"].as_str().unwrap().to_owned()).or_default().extend(times);
            }
        }
    }
    all.into_iter().map(|(name, times)| (name, median(times))).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

#[test]
fn cold_starts_on_lambda_by_runtime() {
    let lambda = Platform::find("aws-lambda").unwrap();
    let observed = initialisations();
    // Runtime ids and what the measurements call them.
    let pairs = [
        ("nodejs22.x", "nodejs22.x"),
        ("python3.12", "python3.12"),
        ("python3.13", "python3.13"),
        ("java21", "java21"),
        ("dotnet8", "dotnet8"),
        ("ruby3.4", "ruby3.4"),
        ("provided.al2023", "go (prov.al2023)"),
    ];
    let line = |(id, name): &(&str, &str)| {
        let default = lambda.runtime(id).unwrap().start.as_secs_f64() * 1000.0;
        let observed = observed[*name];
        format!("| {id} | {name} | {observed:.0} | {default:.0} | {} |", error(default, observed))
    };
    documented(&pairs.iter().map(line).collect::<Vec<_>>());
}

#[test]
fn the_initialisation_hardly_depends_on_memory() {
    let data: Value = serde_json::from_str(&measured("logs/cold-starts-maxday/2025-10-17.json")).unwrap();
    let at = |name: &str, mib: u64, key: &str| {
        let is = |entry: &&Value| entry["d"] == name && entry["p"] == "zip" && entry["a"] == "x86_64" && entry["m"] == mib;
        let entry = data["runtimeData"].as_array().unwrap().iter().find(is).unwrap();
        match key {
            "i" => median(entry["i"].as_array().unwrap().iter().map(|time| time.as_f64().unwrap()).collect()),
            key => entry[key].as_f64().unwrap(),
        }
    };
    let names = ["nodejs22.x", "python3.12", "java21", "dotnet8", "ruby3.4"];
    let line = |name: &&str| {
        let sizes = [128, 256, 512, 1024].map(|mib| format!("{:.0}", at(name, mib, "i")));
        let first = [128, 256, 512, 1024].map(|mib| format!("{:.0}", at(name, mib, "ad")));
        format!("| {name} | {} | {} |", sizes.join(" / "), first.join(" / "))
    };
    documented(&names.iter().map(line).collect::<Vec<_>>());
}

/// Seconds idle, and the share that is still warm.
type Curve = &'static [(f64, f64)];

#[test]
fn keep_alives_follow_the_measured_survival() {
    // Share of idle instances that are still warm, from the artifact of "Demystifying serverless costs" (2025-09-19).
    let curves: [(&str, &str, Curve); 3] = [
        ("aws-lambda", "us-east-1", &[(300.0, 0.92), (330.0, 0.32), (360.0, 0.0)]),
        ("gcp-cloud-run", "us-central1", &[(900.0, 0.93), (915.0, 0.10), (945.0, 0.0)]),
        ("azure-functions", "eastus", &[(150.0, 0.94), (300.0, 0.66), (375.0, 0.02), (390.0, 0.0)]),
    ];
    let mut lines = Vec::new();
    for (id, region, curve) in curves {
        let platform = Platform::find(id).unwrap();
        let points = platform.quantiles(region, "instance.keep_alive.quantiles");
        let points = points.unwrap_or_else(|| panic!("{id} has no distribution of its keep-alive"));
        for (seconds, warm) in curve {
            // The share that has ended by then, between the points of the row.
            let above = points.iter().position(|point| point.1 >= *seconds).unwrap_or(points.len() - 1);
            let (a, b) = (points[above.saturating_sub(1)], points[above]);
            let ended = if b.1 > a.1 { a.0 + (b.0 - a.0) * ((seconds - a.1) / (b.1 - a.1)).clamp(0.0, 1.0) } else { b.0 };
            lines.push(format!("| {id} | {seconds:.0} s | {warm:.2} | {:.2} |", 1.0 - ended));
            assert!((1.0 - ended - warm).abs() < 0.005, "{id} at {seconds} s: {} instead of {warm}", 1.0 - ended);
        }
    }
    documented(&lines);
}
