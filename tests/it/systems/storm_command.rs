//! `storm` as its users meet it: the exact case of a shared processor, threads, wrong options, no storm without feedback.

use serde_json::Value;

use crate::desk::{Desk, refused};

/// One instance that shares its processor, constant demand, a timeout of 80 times that which discards the work, three retries.
/// In the fluid limit it has two stable states exactly if 1 / (1 + r) < load < 1: between a quarter and the whole of 10/s.
const SHARED: &str = r#"
platform = "generic"
[simulation]
horizon = "1h"
start = "cold"
seed = 1
[functions.f]
memory = "1 GiB"
vcpu = 1
timeout = "8s"
instance_concurrency = 100
max_instances = 1
cold_start = "0s"
[functions.f.work]
cpu = "100ms"
[[traffic]]
to = "f"
arrivals = { poisson = "10/s" }
retry = { attempts = 4, backoff = { base = "1s", factor = 2, cap = "60s", jitter = "full" } }
"#;

fn json(desk: &Desk, options: &[&str]) -> Value {
    let command = [&["storm", "plain.toml", "--format", "json", "--quiet", "--replications", "2"][..], options].concat();
    serde_json::from_str(&desk.data(&command)).unwrap()
}

fn mean(estimate: &Value) -> f64 {
    estimate["mean"].as_f64().unwrap_or_else(|| panic!("{estimate} has no mean"))
}

#[test]
fn a_shared_processor_stays_down_above_the_threshold_and_comes_back_below() {
    let found = json(&Desk::new(SHARED), &["--load", "0.2,0.8", "--pulse", "20"]);
    let [low, high] = &found["loads"].as_array().unwrap()[..] else { panic!("two loads: {found}") };
    for level in [low, high] {
        assert!(mean(&level["availability"]) > 0.999, "{level}");
        assert_eq!(level["overloaded"], false);
    }
    let (back, down) = (&low["cells"][0], &high["cells"][0]);
    assert_eq!((mean(&back["recovered"]), back["down"].as_u64()), (1.0, Some(0)));
    assert!(mean(&back["seconds"]) < 600.0 && mean(&back["availability"]) > 0.999, "{back}");
    assert_eq!((mean(&down["recovered"]), down["down"].as_u64()), (0.0, Some(2)));
    assert!(mean(&down["availability"]) < 0.05, "{down}");
    // All four attempts of each request, and the instance is billed all the time: an hour of the most that one can be.
    assert!((3.5..6.0).contains(&mean(&down["amplification"])), "{down}");
    assert!(mean(&down["worst_hour"]) > 1.2 * mean(&high["hour"]), "{down} {}", high["hour"]);
    let prevention = &found["prevention"];
    assert_eq!((prevention["load"].as_f64(), prevention["pulse"].as_f64()), (Some(0.8), Some(20.0)));
    let remedies = prevention["remedies"].as_array().unwrap();
    let remedy = |name: &str| remedies.iter().find(|r| r["name"] == name).unwrap_or_else(|| panic!("no {name}: {prevention}"));
    let none = remedy("no retries");
    assert_eq!(none["settings"], serde_json::json!([["traffic.f.retry.attempts", "1"]]));
    assert_eq!(mean(&none["recovered"]), 1.0);
    // 1 / (1 + 1) < 0.8: two attempts are one too many.
    assert_eq!(mean(&remedy("two attempts")["recovered"]), 0.0);
    // With a budget the attempts for each request are at most 1.1, and 1 / 1.1 > 0.8.
    assert_eq!(mean(&remedy("a retry budget of 10 %")["recovered"]), 1.0);
    let shares: Vec<f64> = remedies.iter().map(|r| mean(&r["recovered"])).collect();
    assert!(shares.windows(2).all(|pair| pair[0] >= pair[1]), "{shares:?}");
    let left_out = prevention["left_out"].as_array().unwrap();
    assert!(left_out.iter().any(|one| one[0] == "visibility of six timeouts"), "{left_out:?}");
    assert_eq!(remedies.len() + left_out.len(), 10);
}

#[test]
fn without_feedback_there_is_no_storm() {
    let found = json(&Desk::new(SHARED), &["--load", "0.5,0.8", "--pulse", "5,20", "--set", "traffic.f.retry.attempts=1"]);
    let cells: Vec<&Value> =
        found["loads"].as_array().unwrap().iter().flat_map(|level| level["cells"].as_array().unwrap()).collect();
    assert_eq!(cells.len(), 4);
    assert!(cells.iter().all(|cell| cell["down"] == 0 && mean(&cell["recovered"]) == 1.0), "{cells:?}");
    assert_eq!(found["prevention"], Value::Null);
}

/// Its own events are the trigger where no pulse is asked for, and an event that outlasts the horizon tells nothing.
#[test]
fn events_are_the_trigger_at_several_lengths() {
    let event = "[[events]]\nat = \"10min\"\nfor = \"15min\"\ntraffic = { name = \"f\", factor = 3 }\n";
    let found = json(&Desk::new(&format!("{SHARED}{event}")), &["--load", "0.2", "--set", "simulation.horizon=30min"]);
    assert_eq!(found["trigger"], serde_json::json!({ "kind": "events" }));
    assert_eq!(found["pulses"], serde_json::json!([0.5, 1.0, 2.0, 4.0]));
    let cells = found["loads"][0]["cells"].as_array().unwrap();
    let recovered: Vec<Option<f64>> = cells.iter().map(|cell| cell["recovered"]["mean"].as_f64()).collect();
    assert_eq!(recovered, [Some(1.0), Some(1.0), None, None]);
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let output = |threads: &str| {
        let desk = Desk::new(SHARED);
        let options = ["storm", "plain.toml", "--load", "0.2,0.8", "--pulse", "20", "--replications", "2"];
        let more = ["--set", "simulation.horizon=16min", "--threads", threads];
        (desk.data(&[&options[..], &more].concat()), desk.files())
    };
    let one = output("1");
    assert!(one.0.contains("down 2/2") && one.0.contains("--set traffic.f.retry.attempts=1"), "{}", one.0);
    for name in ["report.html", "report.md", "storm.json", "storm.csv", "charts/storm.svg", "charts/prevention.png"] {
        assert!(one.1.iter().any(|(file, _)| file == &format!("output/{name}")), "no {name}");
    }
    assert!(output("2") == one, "2 threads differ from one");
}

#[test]
fn every_format_is_one_and_wrong_options_are_refused() {
    let desk = Desk::new(SHARED);
    let short =
        ["storm", "plain.toml", "--load", "0.2", "--pulse", "2", "--replications", "1", "--set", "simulation.horizon=5min"];
    let printed = |format: &str| desk.data(&[&short[..], &["--format", format]].concat());
    assert!(printed("text").contains("Nothing stays down") && printed("markdown").contains("| --- |"));
    assert_eq!(printed("csv").lines().count(), 2);
    let desk = Desk::new(SHARED);
    for (option, value) in
        [("--load", "0"), ("--load", "1,1"), ("--pulse", "x"), ("--for", "60"), ("--for", "0s"), ("--replications", "0")]
    {
        refused(&desk, &["storm", "plain.toml", option, value], 2, &[option]);
    }
    refused(&desk, &["storm", "plain.toml", "--for", "50min"], 2, &["before the horizon", "--for"]);
    refused(&desk, &["storm", "plain.toml", "--pulse", "10000", "--load", "1000"], 2, &["smaller factors"]);
    refused(&desk, &["storm", "plain.toml", "--format", "sarif"], 2, &["sarif"]);
    refused(&desk, &["storm", "none.toml"], 1, &["none.toml"]);
}
