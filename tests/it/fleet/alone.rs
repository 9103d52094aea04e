//! A fleet against `run` of each of its functions alone.

use serde_json::Value;

use super::{counts, invocations, simulated};
use crate::desk::Desk;

/// What `run` says of one function, with the settings of a fleet.
fn alone(desk: &Desk, name: &str, arrivals: &str, horizon: &str, work: &str, platform: &str) -> Value {
    let scenario = format!(
        "{platform}\n[simulation]\nhorizon = \"{horizon}\"\nreplications = 4\n[functions.\"{name}\"]\nmemory = \"256 MiB\"\n\
         timeout = \"15min\"\nmax_instances = 1\n{work}\n[[traffic]]\nto = \"{name}\"\narrivals = {{ {arrivals}, repeat = true }}\n"
    );
    desk.put("alone.toml", scenario.as_bytes());
    serde_json::from_str(&desk.data(&["run", "alone.toml", "--format", "json"])).unwrap()
}

/// The fleet's figures of each function are those of its own run, and its fee is their sum.
fn compare(desk: &Desk, fleet: &Value, names: &[&str], run: &dyn Fn(&str) -> Value) {
    let top = fleet["top"].as_array().unwrap();
    assert_eq!(top.len(), names.len());
    let mut sum = 0.0;
    for name in names {
        let of_fleet = top.iter().find(|t| t["name"] == *name).unwrap_or_else(|| panic!("{name} is not in {fleet}"));
        let run = run(name);
        let function = &run["functions"][name];
        for end in ["mean", "lo", "hi"] {
            let number = |value: &Value| value[end].as_f64().unwrap();
            let close = |a: f64, b: f64, what: &str| assert!((a - b).abs() <= 1e-9 * b.abs(), "{name} {what} {end}: {a} and {b}");
            close(number(&of_fleet["fee"]), number(&run["fee"]["month"]), "fee");
            close(number(&of_fleet["cold_start_rate"]), number(&function["cold_start_rate"]), "cold starts");
            close(number(&of_fleet["throttled"]), number(&function["attempt_outcomes"]["throttled"]), "throttled");
        }
        sum += run["fee"]["month"]["mean"].as_f64().unwrap();
    }
    let whole = fleet["fee"]["month"]["mean"].as_f64().unwrap();
    assert!((whole - sum).abs() <= 1e-9 * sum, "{whole} and {sum}");
    let invoice = fleet["fee"]["invoice"].as_str().unwrap().split(' ').next().unwrap().parse::<f64>().unwrap();
    assert!((invoice - sum).abs() <= 0.005 + 1e-9, "{invoice} and {sum}");
    assert!(desk.path().join("output/charts/concentration.svg").is_file());
}

#[test]
fn a_fleet_of_invocations_costs_what_its_functions_cost() {
    let desk = Desk::new("");
    desk.put("rows.csv", invocations().as_bytes());
    // Function names are unique within an application only, so each function has a file of its own here.
    for (app, f) in [("a", "f"), ("a", "g"), ("b", "f")] {
        let rows = invocations();
        let own: Vec<&str> = rows.lines().filter(|row| row.starts_with(&format!("{app},{f},"))).collect();
        desk.put(&format!("{app}-{f}.csv"), format!("app,func,end_timestamp,duration\n{}\n", own.join("\n")).as_bytes());
    }
    for (platform, options) in [
        ("generic", "platform = \"generic\""),
        ("aws-lambda", "platform = \"aws-lambda\"\nbilling = { free_tier = false }"),
        ("alibaba-fc", "platform = \"alibaba-fc\"\nbilling = { free_tier = false }"),
    ] {
        let fleet = simulated(
            &desk,
            &[
                "rows.csv",
                "--platform",
                platform,
                "--length",
                "1h",
                "--set",
                "max_instances=1",
                "--set",
                "timeout=15min",
                "--set",
                "billing.free_tier=false",
            ],
        );
        compare(&desk, &fleet, &["a/f", "a/g", "b/f"], &|name| {
            let file = name.replace('/', "-");
            alone(&desk, name, &format!("trace = \"{file}.csv\", length = \"1h\""), "1h", "", options)
        });
        assert!(fleet["throttled"]["mean"].as_f64().unwrap() > 0.0, "the quota of 1 must bind for the test to mean something");
    }
}

#[test]
fn a_fleet_of_counts_costs_what_its_functions_cost() {
    let desk = Desk::new("");
    desk.put("day.csv", counts().as_bytes());
    let options = "platform = \"aws-lambda\"\nbilling = { free_tier = false }";
    let sets =
        ["--set", "max_instances=1", "--set", "timeout=15min", "--set", "billing.free_tier=false", "--set", "work.io=250ms"];
    let fleet = simulated(&desk, &[&["day.csv", "--platform", "aws-lambda"], &sets[..]].concat());
    compare(&desk, &fleet, &["busy", "cron", "burst"], &|name| {
        let arrivals = format!("trace = \"day.csv\", functions = [\"{name}\"]");
        alone(&desk, name, &arrivals, "2h", "work = { io = \"250ms\" }", options)
    });
}

/// 40 a minute of 1 s at 256 MiB, 1 a quarter of an hour and 300 an hour: 2,400 + 4 + 300 requests an hour.
#[test]
fn the_free_tier_is_one_for_all() {
    let desk = Desk::new("");
    desk.put("day.csv", counts().as_bytes());
    let of = |free: &str| {
        let fleet = simulated(&desk, &["day.csv", "--platform", "aws-lambda", "--set", &format!("billing.free_tier={free}")]);
        fleet["fee"]["month"]["mean"].as_f64().unwrap()
    };
    // 400,000 GB-s and a million requests free: 1,973,920 requests of 0.25 GB and at least 1 s are 493,480 GB-s.
    let (with, without) = (of("true"), of("false"));
    let free = 400_000.0 * 0.000_016_666_7 + 1e6 * 0.000_000_2;
    assert!((without - with - free).abs() < 1e-6, "{without} less {with} is not {free}");
}
