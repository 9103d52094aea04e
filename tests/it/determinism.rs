//! The same scenario and seed give the same bytes, whatever the threads; and what one function draws is not another's business.

use serde_json::Value;

use crate::desk::Desk;

/// Everything on: two functions, retries, events, shared instances, a profile, background work.
const EVERYTHING: &str = r#"platform = "alibaba-fc"
region = "cn-hangzhou"
[simulation]
horizon = "20min"
replications = 12
[account]
max_instances = 12
scaling = { burst = 4, rate = "30/min" }
[functions.web]
runtime = "custom.debian12"
memory = "1 GiB"
vcpu = 0.5
timeout = "2s"
instance_concurrency = 4
package = "40 MiB"
routing = "random"
keep_alive = { exponential = "30s" }
[functions.web.work]
cpu = { lognormal = { mean = "80ms", cv = 1.0 } }
io = { lognormal = { median = "150ms", p95 = "900ms" } }
base_memory = "200 MiB"
memory = { exponential = "40 MiB" }
memory_growth = "1 MiB"
background = "200ms"
[functions.web.faults]
error = "2%"
hang = "0.5%"
crash = "0.2%"
init_failure = "3%"
[functions.worker]
runtime = "python3.12"
memory = "512 MiB"
vcpu = 0.35
timeout = "5s"
provisioned = 1
max_instances = 6
[functions.worker.work]
cpu = "30ms"
io = { gamma = { mean = "700ms", cv = 0.7 } }
[functions.worker.async]
retries = 2
delays = ["1s", "10s"]
duplicate = "2%"
[functions.worker.faults]
error = "5%"
[[traffic]]
name = "people"
to = "web"
arrivals = { poisson = "9/s" }
profile = "office-hours"
client_timeout = "1500ms"
retry = { attempts = 4, budget = { ratio = 0.3, burst = 10 }, backoff = { base = "200ms", jitter = "exponential" } }
[[traffic]]
name = "jobs"
to = "worker"
invoke = "async"
arrivals = { mmpp = [{ rate = "12/s", mean_time = "20s" }, { rate = "1/s", mean_time = "40s" }] }
[[events]]
at = "8min"
for = "2min"
shape = "spike"
traffic = { name = "people", factor = 4 }
"#;

fn result(desk: &Desk, more: &[&str]) -> String {
    desk.data(&[&["run", "plain.toml", "--format", "json", "--quiet"], more].concat())
}

#[test]
fn the_same_bytes_for_any_number_of_threads_and_again() {
    let desk = Desk::new(EVERYTHING);
    let one = result(&desk, &["--threads", "1"]);
    let files = desk.files();
    for threads in ["1", "2", "7"] {
        assert!(result(&desk, &["--threads", threads]) == one, "{threads} threads");
        // Reports and charts, too.
        assert!(desk.files() == files, "{threads} threads");
    }
    assert_ne!(result(&desk, &["--seed", "2"]), one);
    // With sequential stopping the number of replications is part of the result.
    let until = ["--set", "simulation.precision={ fee = \"2%\" }", "--set", "simulation.max_replications=60", "--threads"];
    let precise = EVERYTHING.replace("replications = 12\n", "");
    let desk = Desk::new(&precise);
    let one = result(&desk, &[&until[..], &["1"]].concat());
    assert_eq!(result(&desk, &[&until[..], &["2"]].concat()), one);
}

/// A change here is a change of the model or of the draws: it belongs into the change log, with its reason.
#[test]
fn values_are_stable() {
    let desk = Desk::new(EVERYTHING);
    let result: Value = serde_json::from_str(&result(&desk, &[])).unwrap();
    let figures = [
        "/functions/web/requests/mean",
        "/functions/web/availability/mean",
        "/functions/web/attempts/mean",
        "/functions/web/cold_start_rate/mean",
        "/functions/web/latency_s/p95/mean",
        "/functions/worker/requests/mean",
        "/functions/worker/availability/mean",
        "/functions/worker/instances/mean/mean",
        "/fee/month/mean",
        "/fee/month/lo",
        "/fee/month/hi",
    ];
    let values: Vec<String> = figures.iter().map(|figure| format!("{figure} {}", result.pointer(figure).unwrap())).collect();
    insta::assert_snapshot!(values.join("\n"), @r"
    /functions/web/requests/mean 1467.0
    /functions/web/availability/mean 0.9984662576687117
    /functions/web/attempts/mean 1613.6666666666667
    /functions/web/cold_start_rate/mean 0.047436163587294994
    /functions/web/latency_s/p95/mean 1.712726562
    /functions/worker/requests/mean 5962.5
    /functions/worker/availability/mean 0.999412997903564
    /functions/worker/instances/mean/mean 5.955737553205
    /fee/month/mean 1645.388500114649
    /fee/month/lo 1565.3994715333783
    /fee/month/hi 1729.4648206681777
    ");
}

/// Common random numbers: what one function is given does not touch what the other draws.
#[test]
fn a_change_of_one_function_leaves_the_other_alone() {
    // Apart from the account's limits, which they share.
    let apart = EVERYTHING.replace(
        "max_instances = 12\nscaling = { burst = 4, rate = \"30/min\" }",
        "max_instances = 1000\nscaling = \"unlimited\"",
    );
    let of = |scenario: &str, function: &str| {
        let mut result: Value = serde_json::from_str(&result(&Desk::new(scenario), &[])).unwrap();
        // The price tiers are common to all functions.
        let figures = result["functions"][function].as_object_mut().unwrap();
        figures.retain(|name, _| !name.starts_with("fee"));
        Value::Object(figures.clone())
    };
    let larger = apart.replace("memory = \"1 GiB\"\nvcpu = 0.5", "memory = \"2 GiB\"\nvcpu = 1");
    assert_ne!(larger, apart);
    assert_eq!(of(&larger, "worker"), of(&apart, "worker"));
    assert_ne!(of(&larger, "web"), of(&apart, "web"));
    // The same requests arrive.
    assert_eq!(of(&larger, "web")["requests"], of(&apart, "web")["requests"]);
    // Draws are told apart by names, not by their order in the file.
    let source = |name: &str| {
        let at = apart.find(&format!("[[traffic]]\nname = \"{name}\"")).unwrap();
        let end = apart[at + 3..].find("[[").map_or(apart.len(), |next| at + 3 + next);
        apart[at..end].to_owned()
    };
    let (people, jobs) = (source("people"), source("jobs"));
    let turned = apart.replace(&format!("{people}{jobs}"), &format!("{jobs}{people}"));
    assert_ne!(turned, apart);
    assert_eq!(of(&turned, "worker"), of(&apart, "worker"));
    assert_eq!(of(&turned, "web")["requests"], of(&apart, "web")["requests"]);
}
