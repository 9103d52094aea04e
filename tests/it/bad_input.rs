//! Bad input through the program: an exit code, the place, a remedy, and no file written or changed; and that no file, however
//! damaged, makes the readers panic.

use std::fs;
use std::path::Path;

use faascast::billing::usage_file::UsageFile;
use faascast::diagnostic::{Diagnostic, Severity};
use faascast::engine;
use faascast::scenario::{self, Change, Event, Files, Function, Provisioned, Scenario, Source};
use faascast::units::Span;
use faascast::workload::arrivals::Arrivals;
use proptest::prelude::*;

use crate::desk::{Desk, PLAIN, refused, talk};

/// What stands in the plain scenario, what takes its place, the line that is wrong then, its key, and the remedy.
type Case = (&'static str, &'static str, usize, &'static str, &'static str);

const TIMEOUT: &str = "timeout = \"30s\"";
const MEMORY: &str = "memory = \"512 MiB\"";
const VCPU: &str = "vcpu = 0.35";
const HORIZON: &str = "horizon = \"10min\"";
const ARRIVALS: &str = "{ poisson = \"5/s\" }";
const RUNTIME: &str = "runtime = \"python3.12\"";

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Unknown keys and names, and keys that are missing.
    ("memory", "memroy", 8, "functions.web.memroy", "Did you mean `memory`?"),
    ("[objectives]", "[objectivs]", 17, "objectivs", "Did you mean `objectives`?"),
    ("[functions.web]", "[functions.web]\ncolour = 1", 7, "functions.web.colour", "Known keys here: runtime, memory"),
    ("[functions.web]", "[functions.web]\ndependency = \"db\"", 7, "functions.web.dependency", "unknown key"),
    ("[functions.web]", "[functions.web]\nprovisioned = { target = 0.7 }", 7, "functions.web.provisioned.max", "It is the largest number of instances"),
    ("[objectives]", "[dependencies.db]\n[objectives]", 17, "dependencies.db.latency", "It is the time that it takes"),
    ("to = \"web\"", "to = \"web\"\ninvoke = \"queue\"\nbatch_size = 0", 17, "traffic.web.batch_size", "must be from 1 to 10000"),
    ("alibaba-fc", "alibaba-fd", 1, "platform", "Did you mean `alibaba-fc`?"),
    ("cn-hangzhou", "cn-hangzou", 2, "region", "Did you mean `cn-hangzhou`?"),
    ("to = \"web\"", "to = \"wob\"", 15, "traffic.wob.to", "Did you mean `web`?"),
    (RUNTIME, "runtime = \"pyton3.12\"", 7, "functions.web.runtime", "Did you mean `python3.12`?"),
    ("[functions.web]", "[functions.\"=1+1\"]\n[functions.web]", 6, "functions.\"=1+1\"", "Begin it with a letter"),
    // Wrong units.
    (TIMEOUT, "timeout = 30", 10, "functions.web.timeout", "Write the unit with the value, such as \"30s\""),
    (TIMEOUT, "timeout = \"30 MiB\"", 10, "functions.web.timeout", "expected a time with its unit, such as \"30s\""),
    (MEMORY, "memory = \"512 mb\"", 8, "functions.web.memory", "such as \"512 MiB\""),
    (MEMORY, "memory = \"7 PiB\"", 8, "functions.web.memory", "B to TiB"),
    ("5/s", "5", 16, "traffic.web.arrivals.poisson", "such as \"5/s\""),
    ("5/s", "5 s", 16, "traffic.web.arrivals.poisson", "such as \"20/s\""),
    ("availability = \"99%\"", "availability = 99", 18, "objectives.availability", "Percent is written \"99%\""),
    // Negative.
    (TIMEOUT, "timeout = \"-30s\"", 10, "functions.web.timeout", "a time that is not negative"),
    (MEMORY, "memory = \"-1 MiB\"", 8, "functions.web.memory", "a size that is not negative"),
    (VCPU, "vcpu = -1", 9, "functions.web.vcpu", "must be more than 0"),
    ("5/s", "-5/s", 16, "traffic.web.arrivals.poisson", "a rate that is not negative"),
    ("cv = 0.5", "cv = -0.5", 12, "functions.web.work.cpu", "cv"),
    ("replications = 4", "replications = -4", 5, "simulation.replications", "a whole number that is not negative"),
    // Not a number, and infinite.
    (VCPU, "vcpu = nan", 9, "functions.web.vcpu", "expected a finite number"),
    (VCPU, "vcpu = inf", 9, "functions.web.vcpu", "expected a finite number"),
    (TIMEOUT, "timeout = nan", 10, "functions.web.timeout", "a time with its unit"),
    ("cv = 0.5", "cv = nan", 12, "functions.web.work.cpu", "expected a finite number"),
    ("\"99%\"", "nan", 18, "objectives.availability", "expected a finite number"),
    // Overflowing.
    (TIMEOUT, "timeout = \"1e300s\"", 10, "functions.web.timeout", "below 146 years"),
    (MEMORY, "memory = \"1e300 GiB\"", 8, "functions.web.memory", "at most 8192 TiB"),
    ("5/s", "1e300/s", 16, "traffic.web.arrivals.poisson", "below 10000000/s"),
    ("5/s", "1e308/ms", 16, "traffic.web.arrivals.poisson", "below 10000000/s"),
    ("replications = 4", "replications = 99999999999999999999", 5, "simulation.replications", "below 2^63"),
    ("replications = 4", "replications = 0", 5, "simulation.replications", "from 1 to 1000000"),
    // What the platform refuses, with the limit, its value and its date.
    (VCPU, "vcpu = 0.35\npackage = \"40 GiB\"", 10, "functions.web.package", "`limits.package` is 500 MiB"),
    (VCPU, "vcpu = 4", 9, "functions.web.vcpu", "`limits.memory_per_vcpu.min` is 1 GiB"),
    (VCPU, "vcpu = 0.1", 9, "functions.web.vcpu", "`limits.memory_per_vcpu.max` is 4 GiB"),
    (TIMEOUT, "timeout = \"86401s\"", 10, "functions.web.timeout", "a timeout of 86401s is too long"),
    (VCPU, "vcpu = 0.35\nprovisioned = 5\nmax_instances = 4", 10, "functions.web.provisioned", "Lower `provisioned` to at most 4"),
    (VCPU, "vcpu = 0.35\nprovisioned = 5000", 10, "functions.web.provisioned", "raise `account.max_instances`"),
    // Zero traffic, no horizon, no valid TOML.
    ("5/s", "0/s", 16, "traffic.web.arrivals", "Give it a rate"),
    (HORIZON, "horizon = \"0s\"", 4, "simulation.horizon", "more than 0 and at most 10 years"),
    (HORIZON, "horizon = \"11000d\"", 4, "simulation.horizon", "more than 0 and at most 10 years"),
    ("[objectives]", "[[events]]\nat = \"10min\"\nfor = \"1s\"\ntraffic = { name = \"web\", factor = 2 }\n[objectives]", 18, "events.event.at", "raise `simulation.horizon`"),
    ("[simulation]", "[simulation", 3, "", "not valid TOML"),
];

#[test]
fn every_kind_of_bad_value_is_refused_with_place_and_remedy() {
    for (what, by, line, key, remedy) in CASES {
        assert!(PLAIN.contains(what), "{what}");
        let desk = Desk::new(&PLAIN.replacen(what, by, 1));
        let (place, key) = (format!("--> plain.toml:{line}\n"), if key.is_empty() { String::new() } else { format!("`{key}") });
        refused(&desk, &["run", "plain.toml"], 2, &["error[", &place, &key, remedy]);
        refused(&desk, &["explain", "plain.toml"], 2, &["error[", &place, &key, remedy]);
    }
}

#[test]
fn zero_traffic_is_refused() {
    let without = PLAIN.split("[[traffic]]").next().unwrap();
    refused(&Desk::new(without), &["run", "plain.toml"], 2, &["there is no traffic", "hint: Add one"]);
    let desk = Desk::new(&PLAIN.replace(ARRIVALS, "{ trace = \"trace.csv\" }"));
    desk.put("trace.csv", b"count\n0\n0\n");
    refused(&desk, &["run", "plain.toml"], 2, &["plain.toml:16", "nothing to simulate", "hint: Give it a rate"]);
}

#[test]
fn every_error_of_a_file_is_shown_and_counted() {
    let scenario = PLAIN.replace("memory", "memroy").replace("30s", "30").replace("[objectives]", "[objective]");
    let output = Desk::new(&scenario).call(&["run", "plain.toml"]);
    let message = talk(&output);
    assert_eq!(message.matches("error[").count(), 3, "{message}");
    assert!(message.ends_with("3 errors\n"), "{message}");
}

#[test]
fn broken_traces_are_refused() {
    for (trace, options, place, remedy) in [
        ("time\n1\n3\n2\n", "format = \"timestamps\"", "trace.csv:4\n", "hint: Sort the file"),
        ("time\n1\nx\n", "format = \"timestamps\"", "trace.csv:3\n", "hint: Name the format"),
        ("time\n1\n-1\n", "format = \"timestamps\"", "trace.csv:3\n", "hint: Write it as a number"),
        ("time\n1\nnan\n", "format = \"timestamps\"", "trace.csv:3\n", "hint: Write it as a number"),
        ("time\n1\n1e300\n", "format = \"timestamps\"", "trace.csv:3\n", "hint: Divide milliseconds"),
        ("time,user\n1,a\n2\n", "format = \"timestamps\"", "trace.csv:3\n", "hint: Complete the row"),
        ("count\n1\nmany\n", "every = \"1min\"", "trace.csv:3\n", "hint: Counts are whole numbers"),
        ("time,count\n0,1\n60,2\n60,3\n", "format = \"counts\"", "trace.csv:4\n", "hint: Sort the file"),
        (
            "app,func,end_timestamp,duration\na,f,1,2\na,f,1\n",
            "format = \"azure-2021\"",
            "trace.csv:3\n",
            "hint: Complete the row",
        ),
        ("time\n1\n\u{0}\n", "format = \"timestamps\"", "trace.csv:3\n", "hint: Name the format"),
        ("", "format = \"timestamps\"", "trace.csv\n", "hint: Give a file"),
    ] {
        let desk = Desk::new(&PLAIN.replace(ARRIVALS, &format!("{{ trace = \"trace.csv\", {options} }}")));
        desk.put("trace.csv", trace.as_bytes());
        refused(&desk, &["run", "plain.toml"], 2, &["error[bad-trace]: `traffic.web.arrivals.trace`", place, remedy]);
    }
}

#[test]
fn files_that_cannot_be_read_or_written_end_with_one() {
    let desk = Desk::new(PLAIN);
    refused(&desk, &["run", "none.toml"], 1, &["cannot read the scenario `none.toml`: no such file", "hint: Check the path"]);
    refused(&desk, &["explain", "none.toml"], 1, &["none.toml", "hint: "]);
    refused(&desk, &["price", "none.toml"], 1, &["none.toml", "hint: "]);
    refused(&desk, &["run", "."], 1, &["cannot read the scenario `.`: is a directory", "hint: "]);
    refused(&desk, &["run", "plain.toml", "--output", "plain.toml"], 1, &["cannot write", "plain.toml", "--output"]);
    refused(&desk, &["run", "plain.toml", "--output", "plain.toml/below"], 1, &["plain.toml/below", "--output"]);
    for taken in ["result.json", "charts/fee.svg"] {
        let desk = Desk::new(PLAIN);
        fs::create_dir_all(desk.path().join("taken").join(taken)).unwrap();
        refused(&desk, &["run", "plain.toml", "--output", "taken"], 1, &[taken, "there is a folder of that name", "--output"]);
    }
    desk.put("binary.toml", b"platform = \"generic\"\nname = \"\xff\xfe\"\n");
    refused(&desk, &["run", "binary.toml"], 2, &["not text in UTF-8", "binary.toml:2", "hint: Save it as UTF-8"]);
    let missing = |what: &str, by: &str| Desk::new(&PLAIN.replacen(what, by, 1));
    let trace = missing(ARRIVALS, "{ trace = \"none.csv\" }");
    refused(&trace, &["run", "plain.toml"], 1, &["none.csv", "plain.toml:16", "hint: Paths are relative"]);
    let values = missing("io = \"80ms\"", "io = { empirical = \"none.csv\" }");
    refused(&values, &["run", "plain.toml"], 1, &["none.csv", "plain.toml:13", "hint: Paths are relative"]);
    let prices = missing("region", "prices = \"none.toml\"\nregion");
    refused(&prices, &["run", "plain.toml"], 1, &["none.toml", "plain.toml:2", "hint: Paths are relative"]);
    // With an error of the input beside it, it is the input that is invalid.
    prices.put("plain.toml", prices_and(PLAIN).as_bytes());
    refused(&prices, &["run", "plain.toml"], 2, &["none.toml", "functions.web.memroy", "2 errors"]);
}

fn prices_and(scenario: &str) -> String {
    scenario.replacen("region", "prices = \"none.toml\"\nregion", 1).replace("memory", "memroy")
}

/// `price` says all that is wrong with its files in one run, each at its own line.
#[test]
fn usage_that_is_wrong_is_refused_with_place_and_remedy() {
    let desk = Desk::new(PLAIN);
    desk.put(
        "usage.toml",
        b"platform = \"alibaba-fc\"\nprices = \"none.toml\"\n[[usage]]\nmemroy = \"1 GiB\"\nhours = [{ times = 900 }]\nduration = 3\n[[usage]]\nvcpu = 4\nmemory = \"512 MiB\"\n[[usage]]\nname = \"@x\"\n",
    );
    refused(
        &desk,
        &["price", "usage.toml"],
        2,
        &[
            "none.toml",
            "usage.toml:4\n  hint: Did you mean `memory`?",
            "usage.toml:5\n",
            "`usage[1].duration`: usage is given twice, for the month and by `hours`\n  --> usage.toml:6\n  hint: Move it",
            "`usage[1].duration`: expected a time with its unit",
            "usage.toml:8\n  hint: `limits.memory_per_vcpu.min`",
            "usage.toml:11\n  hint: Begin it with a letter",
        ],
    );
}

/// Files beside the scenarios of the repository.
struct Scenarios;

impl Files for Scenarios {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(folder().join(path)).map_err(|error| error.to_string())
    }
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"))
}

/// The text of each scenario of the repository, which are all valid.
fn seeds() -> Vec<String> {
    let mut paths: Vec<_> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    let texts: Vec<String> = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(!texts.is_empty());
    for (text, path) in texts.iter().zip(&paths) {
        assert!(scenario::read(text, "f", &[], &Scenarios).is_ok(), "{}", path.display());
    }
    texts
}

/// What takes the place of a value, or stands on a line of its own.
const VALUES: &[&str] = &[
    "0",
    "-1",
    "1",
    "1e308",
    "-1e308",
    "nan",
    "-inf",
    "9223372036854775807",
    "340282366920938463463374607431768211456",
    "true",
    "\"\"",
    "\"0s\"",
    "\"-1s\"",
    "\"1ns\"",
    "\"146 years\"",
    "\"1e308d\"",
    "\"forever\"",
    "\"unlimited\"",
    "\"0/s\"",
    "\"1e308/s\"",
    "\"9999999/s\"",
    "\"0 B\"",
    "\"8192 TiB\"",
    "\"1 B\"",
    "\"0%\"",
    "\"100%\"",
    "\"1e9%\"",
    "\"=1+1\"",
    "\"\\u0000\"",
    "\"\u{202e}é\"",
    "[]",
    "[[]]",
    "{}",
    "{ x = 1 }",
    "[{}]",
    "1979-05-27",
    "07:32:00",
    "{ exponential = \"0s\" }",
    "{ trace = \".\" }",
    "{ lognormal = { mean = \"1ns\", cv = 1e300 } }",
    "{ mixture = [{ weight = 0, of = \"1s\" }] }",
    "{ pareto = { min = \"1s\", shape = 1e-300 } }",
    "{ mmpp = [{ rate = \"1/s\", mean_time = \"1us\" }] }",
    "[{ from = \"Mon 08:00\", to = \"Mon 08:00\", instances = 1 }]",
];

const KEYS: &[&str] = &[
    "[functions.f]",
    "[functions.f.work]",
    "[functions.f.async]",
    "[[traffic]]",
    "[[events]]",
    "[simulation]",
    "[account]",
    "[billing]",
    "[objectives]",
    "[sweep]",
    "memory",
    "provisioned",
    "reserved",
    "keep_alive",
    "start_time",
    "timezone",
    "horizon",
    "run_in",
    "at",
    "for",
    "profile",
    "growth",
    "arrivals",
    "retry",
    "scaling",
    "cpu",
    "name",
    "to",
    "precision",
    "delays",
    "exchange",
];

/// One change of a text.
#[derive(Clone, Debug)]
enum Mutation {
    DropLine(usize),
    RepeatLine(usize),
    SwapLines(usize, usize),
    /// The value of the assignment in a line.
    Value(usize, &'static str),
    /// A quoted text somewhere.
    Quoted(usize, &'static str),
    NewLine(usize, &'static str, &'static str),
    /// Characters from here on are cut, and this one put there.
    Characters(usize, usize, char),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let (values, keys) = (|| prop::sample::select(VALUES), || prop::sample::select(KEYS));
    prop_oneof![
        1 => any::<usize>().prop_map(Mutation::DropLine),
        1 => any::<usize>().prop_map(Mutation::RepeatLine),
        1 => any::<(usize, usize)>().prop_map(|(a, b)| Mutation::SwapLines(a, b)),
        4 => (any::<usize>(), values()).prop_map(|(line, value)| Mutation::Value(line, value)),
        4 => (any::<usize>(), values()).prop_map(|(at, value)| Mutation::Quoted(at, value)),
        2 => (any::<usize>(), keys(), values()).prop_map(|(line, key, value)| Mutation::NewLine(line, key, value)),
        1 => (any::<usize>(), 0_usize..6, any::<char>()).prop_map(|(at, cut, c)| Mutation::Characters(at, cut, c)),
    ]
}

fn mutate(text: &str, mutation: &Mutation) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let count = lines.len().max(1);
    match mutation {
        _ if lines.is_empty() => {}
        Mutation::DropLine(at) => drop(lines.remove(at % count)),
        Mutation::RepeatLine(at) => lines.insert(at % count, lines[at % count].clone()),
        Mutation::SwapLines(a, b) => lines.swap(a % count, b % count),
        Mutation::Value(at, value) => {
            let assignments: Vec<usize> = (0..count).filter(|line| lines[*line].contains(" = ")).collect();
            if let Some(line) = assignments.get(at % assignments.len().max(1)) {
                let key = lines[*line].split(" = ").next().unwrap().to_owned();
                lines[*line] = format!("{key} = {value}");
            }
        }
        Mutation::Quoted(at, value) => {
            let mut parts: Vec<&str> = text.split('"').collect();
            let quoted = parts.len() / 2;
            if quoted > 0 {
                parts[2 * (at % quoted) + 1] = value.trim_matches('"');
            }
            return parts.join("\"");
        }
        Mutation::NewLine(at, key, value) => {
            let line = if key.starts_with('[') { (*key).to_owned() } else { format!("{key} = {value}") };
            lines.insert(at % count, line);
        }
        Mutation::Characters(at, cut, c) => {
            let mut characters: Vec<char> = text.chars().collect();
            let from = at % characters.len();
            let to = (from + cut).min(characters.len());
            characters.splice(from..to, [*c]);
            return characters.into_iter().collect();
        }
    }
    lines.join("\n") + "\n"
}

/// Every finding can be shown, has words, and lies in the file.
fn sound(findings: &[Diagnostic], text: &str) {
    let lines = text.lines().count() + 1;
    for finding in findings {
        let shown = finding.to_string();
        assert!(!finding.message.is_empty() && !finding.code.is_empty() && finding.line <= lines, "{shown}");
        // What was expected, or what must hold, says what to do.
        let remedy = !finding.hints.is_empty() || ["expected ", "must "].iter().any(|word| finding.message.contains(word));
        assert!(remedy || finding.severity < Severity::Error, "{shown}");
        assert!(!finding.hints.iter().any(|hint| hint.is_empty() || hint.contains(": .")), "{shown}");
    }
}

/// A few seconds of a scenario, if they are not too many requests: what was accepted can be simulated.
fn brief(mut scenario: Scenario) {
    let few = |source: &Source| match &source.arrivals {
        Arrivals::Constant(rate) | Arrivals::Poisson(rate) => rate.get() < 1_000.0,
        _ => false,
    };
    let small = |function: &Function| match &function.provisioned {
        Provisioned::Constant(instances) | Provisioned::Tracking { max: instances, .. } => *instances < 1_000,
        Provisioned::Weekly(windows) => windows.iter().all(|(_, _, instances)| *instances < 1_000),
    };
    let calm = |event: &Event| !matches!(event.change, Change::Traffic { factor, .. } if factor > 100.0);
    if scenario.traffic.iter().all(few) && scenario.functions.iter().all(small) && scenario.events.iter().all(calm) {
        let most = Span::from_secs(3);
        scenario.simulation.horizon = scenario.simulation.horizon.min(most);
        scenario.simulation.run_in = scenario.simulation.run_in.min(most);
        let replication = engine::run(&scenario, scenario.simulation.seed, 0);
        assert_eq!(replication.functions.len(), scenario.functions.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 6_000,
        rng_seed: prop::test_runner::RngSeed::Fixed(9),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A valid scenario with some changes is read, or refused with at least one error; it never panics.
    #[test]
    fn no_damaged_scenario_panics(seed: prop::sample::Index, mutations in prop::collection::vec(mutation(), 1..5)) {
        static SEEDS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
        let text = mutations.iter().fold(seed.get(SEEDS.get_or_init(seeds)).clone(), |text, mutation| mutate(&text, mutation));
        match scenario::read(&text, "f", &[], &Scenarios) {
            Ok(resolved) => {
                sound(&resolved.warnings, &text);
                prop_assert!(resolved.warnings.iter().all(|finding| finding.severity < Severity::Error));
                prop_assert!(resolved.scenario.simulation.horizon.0 > 0 && !resolved.scenario.functions.is_empty());
                prop_assert!(!resolved.scenario.traffic.is_empty());
                brief(resolved.scenario);
            }
            Err(findings) => {
                sound(&findings, &text);
                prop_assert!(findings.iter().any(|finding| finding.severity == Severity::Error), "refused without an error:\n{text}");
            }
        }
    }

    /// The same of a file of usage.
    #[test]
    fn no_damaged_usage_panics(mutations in prop::collection::vec(mutation(), 1..5)) {
        const USAGE: &str = "platform = \"alibaba-fc\"\nregion = \"cn-hangzhou\"\n[billing]\ncycle_rounding = false\ncommitted = \"20%\"\n\
            [[usage]]\nname = \"thumbnail\"\nmemory = \"512 MiB\"\nvcpu = 0.35\ninvocations = 1_000_000\nduration = \"200ms\"\n\
            provisioned_idle = \"40h\"\nhours_used = 50\negress = \"1 GiB\"\n[[usage]]\nname = \"cron\"\nmemory = \"128 MiB\"\n\
            hours = [{ invocations = 160, times = 3 }, { invocations = 1, duration = \"2s\" }]\n";
        let text = mutations.iter().fold(USAGE.to_owned(), |text, mutation| mutate(&text, mutation));
        match UsageFile::parse(&text, "f", None) {
            Ok(usage) => prop_assert!(usage.invoice().is_ok()),
            Err(findings) => {
                sound(&findings, &text);
                prop_assert!(!findings.is_empty(), "refused without a finding:\n{text}");
            }
        }
    }
}
