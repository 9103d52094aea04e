//! The program as its users meet it: run as a process, with exit codes, streams and files.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::desk::{Desk, PLAIN, refused, talk, text};
use serde_json::Value;

#[test]
fn wrong_usage_ends_with_two() {
    let desk = Desk::new(PLAIN);
    refused(&desk, &[], 2, &["Usage:"]);
    refused(&desk, &["rum"], 2, &["similar", "run"]);
    refused(&desk, &["run"], 2, &["<FILE>"]);
    refused(&desk, &["run", "plain.toml", "--format", "yaml"], 2, &["json"]);
    refused(&desk, &["run", "plain.toml", "--threads", "0"], 2, &["--threads"]);
    refused(&desk, &["run", "plain.toml", "--set", "memory"], 2, &["KEY=VALUE"]);
    refused(&desk, &["run", "plain.toml", "--set", "functions.web.memroy=1 GiB"], 2, &["--set", "functions.web.memory"]);
    refused(&desk, &["run", "plain.toml", "--set", "functions.web.memory=1"], 2, &["--set", "1 MiB"]);
    refused(&desk, &["platforms", "alibaba-fd"], 2, &["alibaba-fc"]);
    refused(&desk, &["platforms", "alibaba-fc", "--region", "cn-hangzou"], 2, &["cn-hangzhou"]);
    refused(&desk, &["platforms", "--set", "a=b"], 2, &["--set"]);
    refused(&desk, &["man", "rum"], 2, &["Known: run"]);
}

#[test]
fn a_run_writes_whole_files_and_valid_data() {
    let desk = Desk::new(PLAIN);
    let summary = desk.data(&["run", "plain.toml"]);
    assert!(summary.contains("Fee a month") && summary.contains("availability"), "{summary}");
    assert!(!summary.contains('\x1b'), "colour without a terminal");
    let names: Vec<String> = desk.files().into_iter().map(|(name, _)| name).collect();
    for expected in
        ["report.html", "report.md", "result.json", "figures.csv", "timeline.csv", "charts/fee.svg", "charts/timeline.png"]
    {
        assert!(names.contains(&format!("output/{expected}")), "{names:?}");
    }
    assert!(names.iter().all(|name| !name.contains(".faascast-")), "{names:?}");
    let written = fs::read_to_string(desk.path().join("output/result.json")).unwrap();
    let printed = desk.data(&["run", "plain.toml", "--format", "json"]);
    assert_eq!(written, printed);
    let schema: Value = serde_json::from_str(&desk.data(&["schema", "result"])).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let result: Value = serde_json::from_str(&printed).unwrap();
    let errors: Vec<String> = validator.iter_errors(&result).map(|e| format!("{e} at {}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(result["replications"], 4);
    assert_eq!(result["incomplete"], false);
}

#[test]
fn every_format_is_one() {
    let desk = Desk::new(PLAIN);
    desk.put(
        "usage.toml",
        b"platform = \"generic\"\n[[usage]]\nmemory = \"1 GiB\"\ninvocations = 1000000\nduration = \"100ms\"\n",
    );
    for command in [
        &["run", "plain.toml"][..],
        &["explain", "plain.toml"],
        &["platforms"],
        &["platforms", "generic"],
        &["price", "usage.toml"],
    ] {
        let printed = |format: &str| desk.data(&[command, &["--format", format]].concat());
        assert!(serde_json::from_str::<Value>(&printed("json")).is_ok(), "{command:?}");
        let rows: Vec<usize> = printed("csv").lines().map(|line| line.matches(',').count()).collect();
        assert!(rows.len() > 2 && rows.iter().all(|commas| *commas >= rows[0]), "{command:?}");
        assert!(printed("markdown").contains("| --- |") || printed("markdown").contains("|---"), "{command:?}");
        assert_eq!(desk.data(command), printed("text"), "{command:?}");
    }
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let output = |threads: &str| {
        let desk = Desk::new(PLAIN);
        let printed = desk.data(&["run", "plain.toml", "--format", "json", "--threads", threads]);
        (printed, desk.files())
    };
    let one = output("1");
    assert!(one.1.len() > 10);
    for threads in ["2", "7"] {
        assert!(output(threads) == one, "{threads} threads differ from one");
    }
}

#[test]
fn settings_and_seed_change_the_scenario() {
    let desk = Desk::new(PLAIN);
    let explained = desk.data(&["explain", "plain.toml", "--set", "functions.web.timeout=7s", "--seed", "99"]);
    let line = |key: &str| explained.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(line("functions.web.timeout = 7s").ends_with("# --set"));
    assert!(line("simulation.seed = 99").ends_with("# --set"));
    assert!(line("functions.web.memory = 512 MiB").ends_with("# line 8"));
    let fee = |arguments: &[&str]| {
        let printed = desk.data(&[&["run", "plain.toml", "--format", "json"], arguments].concat());
        serde_json::from_str::<Value>(&printed).unwrap()["fee"]["month"]["mean"].as_f64().unwrap()
    };
    assert_eq!(fee(&["--seed", "5"]), fee(&["--set", "simulation.seed=5"]));
    assert_ne!(fee(&["--seed", "5"]), fee(&["--seed", "6"]));
    assert!(
        fee(&["--set", "functions.web.vcpu=0.5"])
            < fee(&["--set", "functions.web.vcpu=0.25", "--set", "functions.web.memory=1 GiB"])
    );
}

#[test]
fn a_missed_objective_fails_only_if_asked_to() {
    let desk = Desk::new(&PLAIN.replace("[objectives]", "[objectives]\np99 = \"1ms\""));
    assert_eq!(desk.call(&["run", "plain.toml"]).status.code(), Some(0));
    let output = desk.call(&["run", "plain.toml", "--fail-on-objective"]);
    assert_eq!(output.status.code(), Some(99), "{}", talk(&output));
    assert!(text(&output).contains("MISSED"));
    assert_eq!(Desk::new(PLAIN).call(&["run", "plain.toml", "--fail-on-objective"]).status.code(), Some(0));
}

#[test]
fn colours_follow_option_and_environment() {
    let desk = Desk::new(PLAIN);
    let colored = |arguments: &[&str], environment: &[(&str, &str)]| {
        let output = desk.with(&[&["run", "plain.toml"], arguments].concat(), environment);
        text(&output).contains('\x1b')
    };
    assert!(colored(&["--color", "always"], &[]));
    assert!(!colored(&[], &[("NO_COLOR", "1")]));
    assert!(!colored(&["--color", "never"], &[]));
    let message = talk(&desk.call(&["run", "plain.toml", "--color", "always", "--set", "a=b"]));
    assert!(message.contains("\x1b[1;31merror"), "{message}");
}

#[test]
fn quiet_leaves_data_and_errors() {
    let desk = Desk::new(PLAIN);
    let output = desk.call(&["run", "plain.toml", "--quiet"]);
    assert_eq!(talk(&output), "");
    assert!(text(&output).contains("Fee a month"));
    assert!(talk(&desk.call(&["run", "plain.toml"])).contains("report.html"));
    assert!(talk(&desk.call(&["run", "none.toml", "--quiet"])).contains("none.toml"));
}

#[test]
fn every_command_has_help() {
    let desk = Desk::new(PLAIN);
    let all = desk.data(&["--help"]);
    for command in ["run", "explain", "schema", "platforms", "price", "completions", "man"] {
        assert!(all.contains(&format!("  {command} ")), "{all}");
        let help = desk.data(&[command, "--help"]);
        assert!(help.contains(&format!("Usage: faascast {command}")) && help.contains("--format"), "{help}");
        assert!(desk.data(&["man", command]).contains(".TH"));
    }
    assert!(all.contains("99   an objective was missed"));
    assert!(desk.data(&["--version"]).starts_with("faascast "));
    for shell in ["bash", "zsh", "fish"] {
        assert!(desk.data(&["completions", shell]).contains("faascast"));
    }
}

#[test]
fn the_schema_takes_what_the_program_takes() {
    let desk = Desk::new(PLAIN);
    let schema: Value = serde_json::from_str(&desk.data(&["schema"])).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let valid =
        |scenario: &str| validator.is_valid(&serde_json::to_value(toml::from_str::<toml::Table>(scenario).unwrap()).unwrap());
    assert!(valid(PLAIN));
    assert!(!valid(&PLAIN.replace("memory", "memroy")));
    assert!(!valid(&PLAIN.replace("\"30s\"", "30")));
}

/// The program with its standard output going to `out`.
fn into(desk: &Desk, arguments: &[&str], out: impl Into<std::process::Stdio>) -> Output {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("faascast"));
    command.args(arguments).current_dir(desk.path()).stdout(out).output().unwrap()
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let desk = Desk::new(PLAIN);
    for arguments in [&["schema", "result"][..], &["run", "plain.toml", "--quiet"], &["--help"], &["platforms", "generic"]] {
        // The reading end is gone before anything is written.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = into(&desk, arguments, writer);
        assert_eq!((output.status.code(), talk(&output).as_str()), (Some(0), ""), "{arguments:?}");
    }
    assert!(desk.path().join("output/report.html").is_file());
}

/// A disk without room, on the systems that have one to try.
#[cfg(target_os = "linux")]
#[test]
fn data_that_cannot_be_written_ends_with_one() {
    let desk = Desk::new(PLAIN);
    for arguments in [
        &["run", "plain.toml", "--quiet"][..],
        &["run", "plain.toml", "--quiet", "--format", "json"],
        &["explain", "plain.toml", "--quiet"],
        &["schema"],
        &["platforms"],
        &["man"],
        &["--help"],
        &["--version"],
    ] {
        let output = into(&desk, arguments, fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        let message = talk(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
        let parts =
            ["error[io]: cannot write to `standard output`: no space left on device", "hint: Check where it is redirected"];
        assert!(parts.iter().all(|part| message.contains(part)), "{arguments:?}: {message}");
    }
    // What the runs wrote before is whole, and the same as without the accident.
    let written: Vec<_> = desk.files().into_iter().filter(|(name, _)| name.starts_with("output")).collect();
    let other = Desk::new(PLAIN);
    other.data(&["run", "plain.toml", "--quiet"]);
    let expected: Vec<_> = other.files().into_iter().filter(|(name, _)| name.starts_with("output")).collect();
    assert!(written.len() > 10 && written == expected, "{:?}", written.iter().map(|(name, _)| name).collect::<Vec<_>>());
}

/// A month of one invocation an hour costs the minimum charge of each hour: 0.01 CNY x 730.
#[test]
fn a_bill_without_a_simulation() {
    let desk = Desk::new(PLAIN);
    desk.put(
        "usage.toml",
        b"platform = \"alibaba-fc\"\nregion = \"cn-hangzhou\"\n[[usage]]\nmemory = \"128 MiB\"\nvcpu = 0.05\ninvocations = 730\nduration = \"1ms\"\n",
    );
    let bill: Value = serde_json::from_str(&desk.data(&["price", "usage.toml", "--format", "json"])).unwrap();
    assert_eq!((bill["total"].as_str(), bill["currency"].as_str()), (Some("7.30"), Some("CNY")));
    assert!(desk.data(&["price", "usage.toml"]).contains("7.30"));
    desk.put("usage.toml", b"platform = \"alibaba-fc\"\n[[usage]]\nmemry = \"128 MiB\"\n");
    refused(&desk, &["price", "usage.toml"], 2, &["usage.toml:3", "memory"]);
    assert!(fs::metadata(desk.path().join("output")).is_err());
}

/// The parts of the README that a program can check: its scenario is the file's, its figures are what is printed today.
#[test]
fn the_readme_shows_what_the_program_prints() {
    let here = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let (readme, scenario) = (here("README.md"), here("scenarios/timeout-doubles-the-bill.toml"));
    let blocks = |language: &str| -> Vec<String> {
        let fence = format!("```{language}\n");
        let starts = readme.split(&fence).skip(1);
        starts.map(|block| block.split("```").next().unwrap().to_owned()).collect()
    };
    let [shown_scenario, usage] = &blocks("toml")[..] else { panic!("two blocks of TOML") };
    let [summary, bill] = &blocks("text")[..] else { panic!("two blocks of output") };
    assert!(scenario.ends_with(shown_scenario), "the README's scenario is not the file's");
    let desk = Desk::new(PLAIN);
    desk.put("timeout-doubles-the-bill.toml", scenario.as_bytes());
    desk.put("usage.toml", usage.as_bytes());
    assert_eq!(desk.data(&["price", "usage.toml"]), *bill);
    // Warnings may come with the years, such as that of old prices: what stands above them may not change.
    let figures = |text: &str| text.split("In brackets").next().unwrap().split("Warnings").next().unwrap().to_owned();
    let printed = desk.data(&["run", "timeout-doubles-the-bill.toml"]);
    assert_eq!(
        figures(&printed),
        figures(summary),
        "run the README's commands again and put in what they print, also docs/fee.svg"
    );
    let drawn = fs::read_to_string(desk.path().join("output/charts/fee.svg")).unwrap();
    assert_eq!(drawn, here("docs/fee.svg"), "docs/fee.svg is not what is drawn");
}

/// `kill -INT`, as the shell sends on Ctrl-C.
#[cfg(unix)]
#[test]
fn an_interrupted_run_writes_what_it_has() {
    let desk = Desk::new(&PLAIN.replace("replications = 4", "replications = 100000"));
    let program = assert_cmd::cargo::cargo_bin!("faascast");
    let mut command = std::process::Command::new(program);
    command.args(["run", "plain.toml", "--format", "json"]).current_dir(desk.path());
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", talk(&output));
    let result: Value = serde_json::from_str(&text(&output)).unwrap();
    assert_eq!(result["incomplete"], true);
    assert!(result["replications"].as_u64().unwrap() < 100_000);
    let report = fs::read_to_string(desk.path().join("output/report.html")).unwrap();
    assert!(report.contains("INCOMPLETE"));
}
