//! How speed and memory grow with requests, functions and busy instances: `cargo bench --bench growth` measures each case in a
//! process of its own, keeps the rows in benches/results/growth.csv and draws them; `-- draw` only draws what is kept.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "valid by what is written here; a bench prints"
)]

#[path = "peers/process.rs"]
mod process;
#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod support;

use std::fs;
use std::hint::black_box;

use faascast::engine;
use faascast::report::charts::draw::svg;
use faascast::report::charts::trend::{Line, Reading, Steps, Trend};
use faascast::report::charts::{Chart, Hue, Panel};
use faascast::report::format::Unit;
use faascast::scenario::Scenario;
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;
use support::{function, rate, scenario, source};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches");

/// What grows, to which values, with how many requests and runs.
struct Series {
    name: &'static str,
    axis: &'static str,
    values: &'static [f64],
    times: usize,
}

const SERIES: [Series; 3] = [
    Series { name: "requests", axis: "Requests", values: &[1e5, 1e6, 1e7, 1e8, 1e9], times: 2 },
    Series { name: "functions", axis: "Functions", values: &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0], times: 5 },
    Series {
        name: "busy",
        axis: "Busy instances",
        values: &[1.0, 10.0, 20.0, 100.0, 1_000.0, 5_000.0, 10_000.0, 20_000.0],
        times: 5,
    },
];

/// Functions with a source each: Poisson arrivals, log-normal work.
fn plain(functions: usize, busy: f64, requests: f64) -> Scenario {
    let mean = if busy > 1_000.0 { 1.0 } else { 0.1 };
    let per_second = busy / mean;
    let each = Arrivals::Poisson(rate(per_second / functions as f64));
    let work = || Distribution::lognormal_mean_cv(mean, 0.5).unwrap();
    let mut s = scenario(function("f0", work()), each.clone(), requests / per_second);
    for i in 1..functions {
        s.functions.push(function(&format!("f{i}"), work()));
        s.traffic.push(source(i, each.clone()));
    }
    s
}

fn case(name: &str, value: f64) {
    let (s, requests) = match name {
        "requests" => (plain(1, 20.0, value), value),
        "functions" => (plain(value as usize, 200.0, 4e6), 4e6),
        _ => (plain(1, value, 2e7), 2e7),
    };
    let seconds = process::timed(|| {
        black_box(engine::run(&s, 1, 0));
    });
    process::row(name, &[value], requests, seconds);
}

/// The rows of the table: name, value, requests a second, peak memory.
fn rows(text: &str) -> Vec<(String, f64, f64, f64)> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| cells[i].parse::<f64>().unwrap();
        (cells[0].to_owned(), number(1), number(3), number(4))
    };
    lines.map(row).collect()
}

fn chart(series: &Series, rows: &[(String, f64, f64, f64)], machine: &str) -> Chart {
    let of: Vec<_> = rows.iter().filter(|row| row.0 == series.name).collect();
    let line = |value: fn(&(String, f64, f64, f64)) -> f64, hue| Line {
        label: String::new(),
        hue,
        points: of.iter().map(|row| Reading { x: row.1, mean: value(row), interval: None, range: None }).collect(),
    };
    let label = |x: f64| if x >= 1e5 { format!("1e{}", libm::log10(x).round()) } else { x.to_string() };
    let steps = |name: &str| Steps {
        name: name.to_owned(),
        ticks: series.values.iter().map(|x| (*x, label(*x))).collect(),
        log: true,
        joined: true,
    };
    let panel = |title: &str, axis: &str, line| {
        let (title, x) = (title.to_owned(), steps(axis));
        Panel::Trend(Trend { title, unit: Unit::Count, x, log: false, lines: vec![line], levels: Vec::new(), marks: Vec::new() })
    };
    Chart {
        name: format!("growth-{}", series.name),
        title: format!("Speed and memory by {}", series.axis.to_lowercase()),
        caption: machine.to_owned(),
        alt: format!("Requests a second and peak memory of one replication by {}", series.axis.to_lowercase()),
        panels: vec![
            panel("Million requests a second on one core", "", line(|row| row.2 / 1e6, Hue::nth(0))),
            panel("Peak memory of the process, MiB", series.axis, line(|row| row.3, Hue::nth(1))),
        ],
    }
}

fn main() {
    let arguments = process::arguments();
    let kept = format!("{FOLDER}/results/growth.csv");
    match &arguments[..] {
        [name, value] => return case(name, value.parse().unwrap()),
        [draw] if draw == "draw" => {}
        _ => {
            let mut text = process::heading("series,value,seconds,requests_per_second,peak_mib");
            for series in &SERIES {
                for value in series.values {
                    let row = process::repeated(&[series.name, &value.to_string()], series.times);
                    eprint!("{row}");
                    text.push_str(&row);
                }
            }
            fs::write(&kept, text).unwrap();
        }
    }
    let text = fs::read_to_string(&kept).unwrap();
    let machine = text.lines().next().unwrap_or_default().trim_start_matches("# ").to_owned();
    for series in &SERIES {
        let chart = chart(series, &rows(&text), &machine);
        let path = format!("{FOLDER}/{}.svg", chart.name);
        fs::write(&path, svg(&chart).unwrap()).unwrap();
        println!("{path}");
    }
}
