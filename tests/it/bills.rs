//! Worked bills of the vendors, to the cent, through a simulation: `run` meters what `price` is told.

use std::process::Command;

use serde_json::Value;

/// Result of a scenario, with no hourly rounding or minimum unless the text says so.
fn run(scenario: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bill.toml"), scenario).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_faascast"));
    let done = command.current_dir(folder.path()).args(["run", "bill.toml", "--format", "json", "--quiet"]).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// A month's fee; arrivals and work are constant here, so that all replications agree.
fn fee(result: &Value) -> f64 {
    let month = &result["fee"]["month"];
    let (low, fee, high) = (&month["lo"], &month["mean"], &month["hi"]);
    assert!(high.as_f64().unwrap() - low.as_f64().unwrap() < 1e-3 * fee.as_f64().unwrap(), "{month}");
    fee.as_f64().unwrap()
}

fn cents(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}

const NO_CYCLES: &str = "[billing]\ncycle_rounding = false\nminimum_charge = false\n";
const TWICE: &str = "[simulation]\nreplications = 2\n";

/// FC-1 (github.com/aliyun-fc/fc-docs at 37ecbc67, billing overview): one minimum instance for 50 h, busy for 10 h of them
/// with 1,000,000 invocations: 36 ms each, one every 180 ms. 33,600 CU, 3.696 CNY.
#[test]
fn fc_1_one_minimum_instance() {
    let result = run(&format!(
        r#"
platform = "alibaba-fc"
region = "cn-hangzhou"
{TWICE}
horizon = "50h"
{NO_CYCLES}
[functions.f]
runtime = "nodejs20"
memory = "512 MiB"
vcpu = 0.35
timeout = "10s"
provisioned = 1
[functions.f.work]
cpu = "0s"
io = "36ms"
[[traffic]]
to = "f"
arrivals = {{ renewal = "180ms" }}
"#
    ));
    assert_eq!(result["functions"]["f"]["cold_start_rate"]["mean"].as_f64(), Some(0.0));
    // The month is 730 h of this.
    assert_eq!(cents(fee(&result) * 50.0 / 730.0), 370);
    assert!((fee(&result) * 50.0 / 730.0 - 3.696).abs() < 1e-4, "{}", fee(&result));
}

/// FC-4 (alibabacloud.com, pay-as-you-go, 2025-01-24): 3,000,000 invocations a month of 200 ms with 0.25 vCPU and 0.5 GB,
/// 217,500 CU at 0.00002 USD. In 730 h that is one every 876 ms.
#[test]
fn fc_4_international_on_demand() {
    let result = run(&format!(
        r#"
platform = "alibaba-fc"
region = "ap-southeast-1"
{TWICE}
horizon = "7.3h"
{NO_CYCLES}
idle_release = false
[functions.f]
runtime = "nodejs20"
memory = "512 MiB"
vcpu = 0.25
timeout = "10s"
[functions.f.work]
cpu = "0s"
io = "200ms"
[[traffic]]
to = "f"
arrivals = {{ renewal = "876ms" }}
"#
    ));
    assert_eq!(cents(fee(&result)), 435);
    assert_eq!(result["fee"]["currency"], "USD");
}

/// One call an hour that uses 0.0075 + 1.037 s x (1 vCPU + 0.15 x 1 GB) = 1.20005 CU.
fn hourly(horizon: &str, billing: &str) -> Value {
    run(&format!(
        r#"
platform = "alibaba-fc"
region = "cn-hangzhou"
{TWICE}
horizon = "{horizon}"
start = "cold"
[billing]
idle_release = false
{billing}
[functions.f]
runtime = "nodejs20"
memory = "1 GiB"
vcpu = 1
timeout = "10s"
cold_start = "0s"
[functions.f.work]
cpu = "0s"
io = "1037ms"
[[traffic]]
to = "f"
arrivals = {{ constant = "1/h" }}
"#
    ))
}

#[test]
fn an_hour_with_usage_is_rounded_up_to_whole_units() {
    // 2 CU in each of the 3 hours, 6 in all, at 0.00011 CNY.
    let result = hourly("3h", "minimum_charge = false");
    assert!((fee(&result) * 3.0 / 730.0 - 6.0 * 0.000_11).abs() < 1e-9, "{}", fee(&result));
    let plain = hourly("3h", "minimum_charge = false\ncycle_rounding = false");
    assert!((fee(&plain) * 3.0 / 730.0 - 3.0 * 1.200_05 * 0.000_11).abs() < 1e-9, "{}", fee(&plain));
}

#[test]
fn one_call_an_hour_costs_the_minimum_of_each_hour() {
    assert_eq!(cents(fee(&hourly("730h", ""))), 730);
    assert_eq!(cents(fee(&hourly("2d", ""))), 730);
}
