//! `compare`, `sweep` and `plan`: pairs, combinations, months.

use assert_cmd::Command;
use serde_json::Value;

/// Calls that hang: a longer timeout costs more, a shorter one cuts work.
pub(crate) const HANGS: &str = r#"
platform = "aws-lambda"
region = "us-east-1"
[simulation]
horizon = "20min"
seed = 7
replications = 10
[billing]
free_tier = false
[functions.f]
runtime = "python3.13"
memory = "1 GiB"
timeout = "30s"
[functions.f.work]
cpu = { lognormal = { mean = "150ms", cv = 0.6 } }
io = { lognormal = { mean = "250ms", cv = 1.0 } }
memory = "200 MiB"
[functions.f.faults]
hang = "1%"
[[traffic]]
to = "f"
arrivals = { poisson = "10/s" }
[objectives]
availability = "98%"
p95 = "1500ms"
"#;

pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
    dir: tempfile::TempDir,
}

pub(crate) fn faascast(files: &[(&str, &str)], args: &[&str]) -> Ran {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    again(dir, args)
}

/// Runs in a folder that is there.
pub(crate) fn again(dir: tempfile::TempDir, args: &[&str]) -> Ran {
    let out = Command::cargo_bin("faascast").unwrap().current_dir(dir.path()).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: out.status.code().unwrap(), out: text(out.stdout), err: text(out.stderr), dir }
}

pub(crate) fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err))
}

fn figure<'v>(compared: &'v Value, name: &str) -> &'v Value {
    compared["figures"].as_array().unwrap().iter().find(|figure| figure["figure"] == name).unwrap()
}

#[test]
fn a_scenario_differs_from_itself_by_exactly_nothing() {
    let ran = faascast(&[("f.toml", HANGS)], &["compare", "f.toml", "--tolerance", "0%", "--format", "json"]);
    let compared = json(&ran);
    assert_eq!(ran.code, 0);
    for figure in compared["figures"].as_array().unwrap() {
        let difference = &figure["difference"];
        assert_eq!(
            (difference["mean"].as_f64(), difference["lo"].as_f64(), difference["hi"].as_f64()),
            (Some(0.0), Some(0.0), Some(0.0))
        );
        assert_eq!(figure["verdict"], "no-difference");
    }
    let text = faascast(&[("f.toml", HANGS)], &["compare", "f.toml"]).out;
    assert!(text.contains("no difference that matters") && text.contains("0 USD"), "{text}");
}

#[test]
fn pairing_narrows_and_the_gate_shuts() {
    let args = ["compare", "f.toml", "--with", "functions.f.timeout=40s", "--tolerance", "1%", "--format", "json"];
    let ran = faascast(&[("f.toml", HANGS)], &args);
    let compared = json(&ran);
    let fee = figure(&compared, "fee");
    assert_eq!((ran.code, fee["verdict"].as_str()), (99, Some("worse")));
    // Ten seconds more of 1 % of 26.28 million invocations a month, at 1 GiB: 2.628 million GB-s at 0.0000166667 = 43.80 USD.
    let (lo, hi) = (fee["difference"]["lo"].as_f64().unwrap(), fee["difference"]["hi"].as_f64().unwrap());
    assert!(lo < 43.80 && 43.80 < hi && hi - lo < 9.0, "{lo}..{hi}");
    assert!(fee["correlation"].as_f64().unwrap() > 0.9 && fee["narrowed"].as_f64().unwrap() > 1.5, "{fee}");
    // Nobody waits longer for what ends ok; but that none was seen to end otherwise is a bound and not a proof.
    let availability = &figure(&compared, "availability")["difference"];
    assert_eq!(availability["mean"].as_f64(), Some(0.0));
    let bound = availability["hi"].as_f64().unwrap();
    assert!(bound > 0.0 && bound < 1e-3 && availability["lo"].as_f64() == Some(-bound), "{availability}");
    // Without a tolerance there is no gate; the other way round it is better.
    assert_eq!(faascast(&[("f.toml", HANGS)], &["compare", "f.toml", "--with", "functions.f.timeout=40s"]).code, 0);
    let less = faascast(
        &[("f.toml", HANGS)],
        &["compare", "f.toml", "--with", "functions.f.timeout=20s", "--tolerance", "1%", "--format", "json"],
    );
    assert_eq!((less.code, figure(&json(&less), "fee")["verdict"].as_str()), (0, Some("better")));
}

#[test]
fn other_seeds_are_not_paired() {
    let ran = faascast(&[("f.toml", HANGS)], &["compare", "f.toml", "--with", "simulation.seed=8", "--format", "json"]);
    let compared = json(&ran);
    let fee = figure(&compared, "fee");
    assert_eq!((compared["paired"].as_bool(), fee["correlation"].as_f64()), (Some(false), None));
    assert!(fee["difference"]["mean"].as_f64() != Some(0.0));
}

const SWEEP: [&str; 8] = [
    "sweep",
    "f.toml",
    "--set",
    "functions.f.timeout=5s..20s x2",
    "--set",
    "functions.f.memory=512MiB,64MiB,1GiB",
    "--format",
    "json",
];

#[test]
fn every_combination_once_and_the_refused_ones_with_their_reason() {
    let ran = faascast(&[("f.toml", HANGS)], &SWEEP);
    let swept = json(&ran);
    let rows = swept["rows"].as_array().unwrap();
    let settings: Vec<String> = rows.iter().map(|row| format!("{} {}", row["settings"][0][1], row["settings"][1][1])).collect();
    let expected = ["5s", "10s", "20s"].map(|t| ["512MiB", "64MiB", "1GiB"].map(|m| format!("\"{t}\" \"{m}\"")));
    assert_eq!((ran.code, settings), (0, expected.concat()));
    let refused: Vec<bool> = rows.iter().map(|row| row["refused"].is_string()).collect();
    assert_eq!(refused, [false, true, false].repeat(3));
    // A run of one combination alone gives the same figures.
    let alone = faascast(
        &[("f.toml", HANGS)],
        &["run", "f.toml", "--set", "functions.f.timeout=10s", "--set", "functions.f.memory=512MiB", "--format", "json"],
    );
    let fee = rows[3]["figures"].as_array().unwrap().iter().find(|figure| figure["figure"] == "fee").unwrap();
    // The run adds exact decimals, the sweep floats.
    for end in ["mean", "lo", "hi"] {
        let (here, there) = (fee["estimate"][end].as_f64().unwrap(), json(&alone)["fee"]["month"][end].as_f64().unwrap());
        assert!((here / there - 1.0).abs() < 1e-9, "{end}: {here} {there}");
    }
    // Tidy rows: eight figures of six combinations, one row for each refused one, a heading.
    let csv = std::fs::read_to_string(ran.dir.path().join("output/sweep.csv")).unwrap();
    assert_eq!(csv.lines().count(), 1 + 6 * 8 + 3);
}

#[test]
fn the_same_bytes_for_any_number_of_threads_and_after_an_interrupt() {
    let with = |more: &[&'static str]| [&SWEEP[..], more].concat();
    let whole = faascast(&[("f.toml", HANGS)], &with(&["--threads", "1"]));
    assert_eq!(whole.out, faascast(&[("f.toml", HANGS)], &with(&["--threads", "2"])).out);
    // A checkpoint with half of its rows gone is what an interrupt leaves behind.
    let first = faascast(&[("f.toml", HANGS)], &with(&["--checkpoint", "done.json"]));
    let path = first.dir.path().join("done.json");
    let mut saved: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let rows = saved["rows"].as_object_mut().unwrap();
    for gone in ["1", "4", "5", "8"] {
        assert!(rows.remove(gone).is_some());
    }
    std::fs::write(&path, saved.to_string()).unwrap();
    let resumed = again(first.dir, &with(&["--checkpoint", "done.json"]));
    assert_eq!(resumed.out, whole.out);
    // Not of another scenario.
    std::fs::write(resumed.dir.path().join("f.toml"), HANGS.replace("hang = \"1%\"", "hang = \"2%\"")).unwrap();
    let other = again(resumed.dir, &with(&["--checkpoint", "done.json"]));
    assert!(other.code == 2 && other.err.contains("another scenario"), "{}", other.err);
}

#[test]
fn what_cannot_be_swept_is_said() {
    let run = |args: &[&str]| {
        let ran = faascast(&[("f.toml", HANGS)], args);
        (ran.code, ran.err)
    };
    let (code, err) = run(&["sweep", "f.toml"]);
    assert!(code == 2 && err.contains("nothing is varied"), "{err}");
    let (code, err) = run(&["sweep", "f.toml", "--set", "functions.f.timeout=5s..9"]);
    assert!(code == 2 && err.contains("expected a range"), "{err}");
    let (code, err) = run(&["sweep", "f.toml", "--set", "functions.f.memory=1MiB,2MiB"]);
    assert!(code == 2 && err.contains("every combination is refused"), "{err}");
    let (code, err) =
        run(&["tune", "f.toml", "--set", "objectives.availability=98%,99%", "--set", "functions.f.memory=1MiB,2MiB"]);
    assert!(code == 2 && err.contains("every combination is refused"), "{err}");
}

/// The file's own table, and whole retry policies as values.
#[test]
fn a_table_in_the_file_may_have_policies_as_values() {
    let text = format!(
        "{HANGS}\n[sweep]\n\"traffic.f.retry\" = [{{ attempts = 1 }}, {{ attempts = 3, backoff = {{ base = \"100ms\" }} }}]\nfunctions.f.runtime = [\"python3.13\", \"nodejs22.x\"]\n"
    );
    let swept = json(&faascast(&[("f.toml", &text)], &["sweep", "f.toml", "--format", "json"]));
    let rows = swept["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    let availability = |row: &Value| {
        row["figures"].as_array().unwrap().iter().find(|f| f["figure"] == "availability").unwrap()["estimate"]["mean"]
            .as_f64()
            .unwrap()
    };
    // Keys of a table come in the order of the alphabet: runtimes vary slowest. Retries raise what ends ok.
    assert!(availability(&rows[1]) > availability(&rows[0]) + 0.005, "{} {}", availability(&rows[0]), availability(&rows[1]));
}

/// 20 % a month from 10 requests a second with work of 1 s: 10 x 1.2^k invocations in flight in month k + 1 on average. A quota of
/// 20 instances is the mean of month 5 (20.7), and is met long before in some minute.
#[test]
fn a_plan_says_when_the_quota_is_reached() {
    let text = "platform = \"generic\"\n[simulation]\nhorizon = \"1h\"\nreplications = 5\n[functions.f]\nmax_instances = 20\n[functions.f.work]\nio = \"1s\"\n\
                [[traffic]]\nto = \"f\"\narrivals = { constant = \"10/s\" }\n[objectives]\navailability = \"99.9%\"\nfee = \"700 USD\"\n";
    let ran = faascast(&[("f.toml", text)], &["plan", "f.toml", "--growth", "20%/month", "--for", "6months", "--format", "json"]);
    let planned = json(&ran);
    let months = planned["months"].as_array().unwrap();
    let factors: Vec<f64> = months.iter().map(|month| month["factor"].as_f64().unwrap()).collect();
    assert!(factors.windows(2).all(|pair| (pair[1] / pair[0] - 1.2).abs() < 1e-12) && factors[0] == 1.0, "{factors:?}");
    // Constant arrivals with constant work: 10 x factor in flight, exactly 20 in month 4 and a bit (17.3, 20.7): from month 5 on the
    // quota refuses, and with it availability falls below 99.9 %.
    let month_of = |what: &str| {
        let crossing = planned["crossings"].as_array().unwrap().iter().find(|crossing| crossing["what"] == what).unwrap();
        crossing["month"].as_u64()
    };
    assert_eq!((month_of("quota"), month_of("availability")), (Some(5), Some(5)));
    // A month of 26.28 million requests of 1 s at 512 MiB... the fee of month 1, and 700 USD crossed in proportion to the traffic.
    let fee = |k: usize| months[k]["fee"]["mean"].as_f64().unwrap();
    let first = (0..6).find(|k| fee(*k) > 700.0).map(|k| k as u64 + 1);
    assert_eq!(month_of("fee"), first);
    assert!((fee(2) / fee(0) - 1.44).abs() < 0.01, "{} {}", fee(0), fee(2));
    // Month 6 takes 24.9 in flight, and instances for them.
    let quota = planned["quota"]["instances"].as_u64().unwrap();
    assert!((25..=26).contains(&quota), "{quota}");
    // What it takes where nothing holds it back, by month: 10 x 1.2^k in flight.
    for (k, month) in months.iter().enumerate() {
        let peak = month["needed"]["peak"]["mean"].as_f64().unwrap();
        let flight = 10.0 * libm::pow(1.2, k as f64);
        assert!((flight.floor()..=flight + 2.0).contains(&peak), "month {}: {peak} of {flight}", k + 1);
    }
    // 25 hold 24.88 in flight on average, which no randomness raises; 24 refuse at least 1 - 24 / 24.88.
    let lasting = &planned["quota"]["lasting"];
    assert_eq!(
        (lasting["quota"].as_u64(), lasting["sure"].as_bool(), lasting["limit"].as_f64()),
        (Some(25), Some(true), Some(0.001))
    );
    assert!(lasting["throttled"]["hi"].as_f64() <= Some(0.001), "{lasting}");
    assert!(lasting["one_less"]["mean"].as_f64() > Some(0.03), "{lasting}");
    // A run under that quota says the same, and one under a smaller.
    let run = |quota: u64| {
        let max = format!("functions.f.max_instances={quota}");
        let args = ["run", "f.toml", "--set", &max, "--set", "traffic.f.arrivals.constant=24.8832/s", "--format", "json"];
        json(&faascast(&[("f.toml", text)], &args))["functions"]["f"]["attempt_outcomes"]["throttled"]["mean"].as_f64().unwrap()
    };
    assert!(run(25) <= 0.001 && run(24) > 0.03, "{} {}", run(25), run(24));
    let request = &planned["request"][0];
    let average = request["average_rps"].as_f64().unwrap();
    assert!((average / 24.8832 - 1.0).abs() < 1e-3, "{average}");
    assert_eq!(
        (request["duration_s"].as_f64().map(|d| d.round()), request["invocation"].as_str()),
        (Some(1.0), Some("synchronous"))
    );
    // A curve and seasons; and what contradicts itself.
    let curve = json(&faascast(&[("f.toml", text)], &["plan", "f.toml", "--growth", "1,0.5", "--format", "json"]));
    assert_eq!(curve["months"].as_array().unwrap().len(), 2);
    assert!((curve["months"][1]["fee"]["mean"].as_f64().unwrap() / fee(0) - 0.5).abs() < 0.01);
    assert_eq!(faascast(&[("f.toml", text)], &["plan", "f.toml", "--growth", "1,2", "--seasons", "1,2"]).code, 2);
    assert_eq!(faascast(&[("f.toml", text)], &["plan", "f.toml", "--growth", "much"]).code, 2);
}
