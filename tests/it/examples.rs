//! The scenarios of the repository: each one's commands run, and the figures of its answer are what they print.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Comment at the top of a scenario, without its comment signs.
fn header(name: &str) -> String {
    let text = fs::read_to_string(folder().join(format!("{name}.toml"))).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix('#'));
    lines.map(str::trim).collect::<Vec<_>>().join("\n")
}

/// Arguments of each command in a header, quotes taken off.
fn commands(header: &str) -> Vec<Vec<String>> {
    let lines = header.lines().filter_map(|line| line.trim_start_matches("Command:").trim().strip_prefix("faascast "));
    lines.map(words).collect()
}

/// Words of a shell line with double quotes.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let split = |(i, part): (usize, &str)| -> Vec<String> {
        if i % 2 == 1 { vec![part.to_owned()] } else { part.split_whitespace().map(str::to_owned).collect() }
    };
    parts.flat_map(split).collect()
}

/// Runs a header's command with few replications unless the answer is about their share.
fn result(arguments: &[String], replications: Option<u32>) -> Value {
    let output = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_faascast"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).args(["--format", "json", "--quiet", "--output"]);
    command.arg(output.path());
    if let Some(n) = replications {
        command.args(["--set", &format!("simulation.replications={n}")]);
    }
    let done = command.output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

#[test]
fn every_scenario_has_a_question_commands_and_an_answer() {
    let mut count = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        count += 1;
        let name = path.file_stem().unwrap().to_str().unwrap();
        let header = header(name);
        for part in ["Question: ", "Command: ", "Answer: "] {
            assert!(header.contains(part), "{name} has no {part}");
        }
        assert!(CLAIMS.iter().any(|claim| claim.0 == name), "nothing checks the answer of {name}");
        for command in commands(&header) {
            assert_eq!(command[..2], ["run".to_owned(), format!("scenarios/{name}.toml")], "{name}");
        }
    }
    assert!(count >= 12, "{count} scenarios");
}

const FEE: &str = "/fee/month";

/// Scenario, number of its command, figure of the result, and how the answer writes it.
const CLAIMS: &[(&str, usize, &str, &str)] = &[
    ("async-retries-and-duplicates", 0, "/functions/order/attempts_per_request", "1.034"),
    ("async-retries-and-duplicates", 0, "/functions/order/async/dead_letters", "0.4"),
    ("async-retries-and-duplicates", 0, "/functions/order/async/duplicates", "433"),
    ("async-retries-and-duplicates", 1, "/functions/order/outcomes/dropped", "3.185 %"),
    ("async-retries-and-duplicates", 1, "/functions/order/async/dead_letters", "13,759"),
    ("background-work-lost", 0, "/functions/pay/background/late", "99.5 %"),
    ("background-work-lost", 0, "/functions/pay/background/lost", "0.49 %"),
    ("background-work-lost", 1, "/functions/pay/background/lost", "76 %"),
    ("fan-out-starves-checkout", 0, "/functions/checkout/attempt_outcomes/throttled", "3.3 %"),
    ("fan-out-starves-checkout", 0, "/functions/checkout/availability", "99.35 %"),
    ("fan-out-starves-checkout", 0, "/functions/job/latency_s/p50", "271"),
    ("fan-out-starves-checkout", 0, FEE, "2,248 USD"),
    ("fan-out-starves-checkout", 1, "/functions/checkout/availability", "100 %"),
    ("fan-out-starves-checkout", 1, "/functions/job/latency_s/p50", "276 s"),
    ("fan-out-starves-checkout", 1, FEE, "2,252"),
    ("fan-out-starves-checkout", 2, "/functions/checkout/availability", "100 %"),
    ("fan-out-starves-checkout", 2, "/functions/job/latency_s/p50", "530 s"),
    ("fan-out-starves-checkout", 2, FEE, "2,242"),
    ("first-steps", 0, "/functions/hello/attempt_outcomes/throttled", "5.01 %"),
    ("hourly-minimum", 0, FEE, "7.30 CNY"),
    ("hourly-minimum", 1, FEE, "0.16"),
    ("large-package-cold-starts", 0, "/functions/report/cold_start_rate", "73 %"),
    ("large-package-cold-starts", 0, "/functions/report/latency_s/p95", "9.92 s"),
    ("large-package-cold-starts", 0, FEE, "12.92 CNY"),
    ("large-package-cold-starts", 1, "/functions/report/latency_s/p95", "1.52 s"),
    ("large-package-cold-starts", 2, "/functions/report/cold_start_rate", "0.24 %"),
    ("large-package-cold-starts", 2, FEE, "43.85"),
    ("memory-buys-cpu", 0, FEE, "234 USD"),
    ("memory-buys-cpu", 0, "/functions/resize/availability", "98.31 %"),
    ("memory-buys-cpu", 0, "/functions/resize/latency_s/p95", "4.48 s"),
    ("memory-buys-cpu", 1, FEE, "266 USD"),
    ("memory-buys-cpu", 1, "/functions/resize/latency_s/p95", "0.79 s"),
    ("memory-buys-cpu", 2, FEE, "466 USD"),
    ("memory-buys-cpu", 2, "/functions/resize/latency_s/p95", "0.69 s"),
    ("memory-too-small", 0, FEE, "1,141"),
    ("memory-too-small", 0, "/functions/resize/attempt_outcomes/crash", "3.2 %"),
    ("memory-too-small", 0, "/functions/resize/availability", "99.997 %"),
    ("memory-too-small", 0, "/functions/resize/latency_s/p95", "2.62 s"),
    ("memory-too-small", 1, FEE, "1,470 CNY"),
    ("memory-too-small", 1, "/functions/resize/latency_s/p95", "1.33 s"),
    ("payment-api-down", 0, "/recovery/0/seconds", "677 s"),
    ("payment-api-down", 0, "/functions/checkout/availability", "64.7 %"),
    ("payment-api-down", 0, FEE, "4,972 CNY"),
    ("payment-api-down", 1, "/functions/checkout/availability", "64.9 %"),
    ("payment-api-down", 2, "/recovery/0/seconds", "165 s"),
    ("payment-api-down", 2, "/functions/checkout/availability", "78.8 %"),
    ("payment-api-down", 3, "/recovery/0/seconds", "5 s"),
    ("payment-api-down", 3, "/functions/checkout/availability", "83.3 %"),
    ("payment-api-down", 4, FEE, "2,511"),
    ("python-that-computes", 0, FEE, "8,361"),
    ("python-that-computes", 0, "/functions/score/latency_s/p95", "5.75 s"),
    ("python-that-computes", 1, FEE, "9,577 CNY"),
    ("python-that-computes", 1, "/functions/score/latency_s/p95", "0.80 s"),
    ("python-that-computes", 2, FEE, "5,933 CNY"),
    ("python-that-computes", 2, "/functions/score/latency_s/p95", "0.80 s"),
    ("python-that-waits", 0, FEE, "2,162 CNY"),
    ("python-that-waits", 0, "/functions/gateway/latency_s/p95", "0.79 s"),
    ("python-that-waits", 1, FEE, "28,174"),
    ("quota-caps-a-retry-loop", 0, FEE, "4,722 CNY"),
    ("quota-caps-a-retry-loop", 1, FEE, "53,485"),
    ("quota-caps-a-retry-loop", 2, FEE, "2,300 CNY"),
    ("quota-caps-a-retry-loop", 2, "/functions/notify/instances/peak", "24.6"),
    ("quota-caps-a-retry-loop", 2, "/functions/notify/attempt_outcomes/throttled", "0.002 %"),
    ("recorded-day", 0, "/functions/feed/attempt_outcomes/throttled", "0.0216 %"),
    ("recorded-day", 1, "/functions/feed/instances/peak", "53"),
    ("recursive-trigger", 0, "/functions/preview/instances/peak", "1,799"),
    ("recursive-trigger", 0, FEE, "360,302 CNY"),
    ("recursive-trigger", 1, FEE, "9,304"),
    ("recursive-trigger", 2, FEE, "18,910"),
    ("recursive-trigger", 3, FEE, "1,409"),
    ("retry-storm-after-an-outage", 0, "/recovery/0/recovered", "45 %"),
    ("retry-storm-after-an-outage", 0, "/functions/api/availability", "73 %"),
    ("retry-storm-after-an-outage", 1, "/functions/api/availability", "94.4 %"),
    ("retry-storm-after-an-outage", 2, "/functions/api/availability", "94.3 %"),
    ("timeout-doubles-the-bill", 0, FEE, "2,855 CNY"),
    ("month-at-ten-thousand-a-second", 0, FEE, "151,600 CNY"),
    ("month-at-ten-thousand-a-second", 0, "/functions/feed/attempt_outcomes/throttled", "0.144 %"),
    ("timeout-doubles-the-bill", 0, "/fee/waste/timeouts", "1,501"),
    ("timeout-doubles-the-bill", 0, "/functions/checkout/availability", "99.0 %"),
    ("timeout-doubles-the-bill", 1, FEE, "1,479 CNY"),
    ("timeout-doubles-the-bill", 1, "/functions/checkout/availability", "99.0 %"),
    ("visibility-too-short", 0, "/functions/invoice/attempts_per_request", "1.456"),
    ("visibility-too-short", 0, FEE, "11,379 USD"),
    ("visibility-too-short", 0, "/fee/waste/duplicates", "3,563"),
    ("visibility-too-short", 0, "/functions/invoice/async/dead_letters", "37"),
    ("visibility-too-short", 1, "/functions/invoice/attempts_per_request", "1.028"),
    ("visibility-too-short", 1, FEE, "8,033 USD"),
    ("visibility-too-short", 1, "/functions/invoice/async/dead_letters", "1.3"),
];

/// Replications that show an answer's figures within their intervals in a moment; the outage comes back in a share of them.
fn replications(name: &str) -> Option<u32> {
    (name != "retry-storm-after-an-outage").then_some(5)
}

#[test]
fn the_answers_are_what_the_commands_print() {
    let mut wrong = Vec::new();
    let mut last: Option<(&str, usize, Value)> = None;
    for (name, command, pointer, written) in CLAIMS {
        let header = header(name);
        if last.as_ref().is_none_or(|(n, c, _)| (n, c) != (name, command)) {
            last = Some((name, *command, result(&commands(&header)[*command], replications(name))));
        }
        let (_, _, result) = last.as_ref().unwrap();
        assert!(header.contains(written), "the answer of {name} does not say {written}");
        let estimate = result.pointer(pointer).unwrap_or_else(|| panic!("{name}: no {pointer}"));
        let number = |key: &str| estimate[key].as_f64().unwrap_or_else(|| panic!("{name}: {pointer} has no {key}"));
        let (value, rounding) = read(written);
        if !(number("lo") - rounding <= value && value <= number("hi") + rounding) {
            wrong.push(format!("{name}, command {command}: {pointer} is {estimate}, the answer says {written}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A figure as written, and half a unit of its last place.
fn read(written: &str) -> (f64, f64) {
    let (number, unit) = written.split_once(' ').unwrap_or((written, ""));
    let scale = if unit == "%" { 0.01 } else { 1.0 };
    let places = number.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32);
    (number.replace(',', "").parse::<f64>().unwrap() * scale, 0.5 * libm::exp10(f64::from(-places)) * scale * 1.000_001)
}
