//! The reader, the declarations and the JSON Schema say the same.

use std::collections::BTreeSet;

use serde_json::{Map, json};

use super::super::key::{Key, Kind};
use super::super::node::{Node, Value, join};
use super::super::read::{KEYS, resolve};
use super::super::reader::Context;
use super::super::schema;
use super::{EXAMPLE, files};

/// Uses every mechanism; together with `OTHER` every key.
const FULL: &str = r#"
platform = "alibaba-fc"
region = "cn-hangzhou"
site = "china"
prices = "prices.toml"
[simulation]
kind = "finite"
horizon = "2d"
start = "warm"
run_in = "1h"
seed = 3
replications = 5
sampling = "full"
start_time = "2026-11-23 08:00"
timezone = "Asia/Shanghai"
[account]
max_instances = 300
max_concurrency = "unlimited"
scaling = { kind = "bucket", burst = 300, rate = "300/min" }
recursion_limit = 16
[billing]
free_tier = false
cycle_rounding = true
minimum_charge = true
idle_release = false
provisioned_idle = true
committed = "20%"
exchange = { USD = 7.1 }
[functions.f]
runtime = "custom"
memory = "512 MiB"
vcpu = 0.35
timeout = "30s"
instance_concurrency = 10
single_threaded = true
package = "40 MiB"
init = "100ms"
disk = "512 MiB"
gpu = { card = "tesla.1", memory = "8 GiB" }
environment = { MODE = "fast" }
reserved = 5
max_instances = 50
max_concurrency = 500
provisioned = [{ from = "Mon 08:00", to = "Fri 20:00", instances = 5 }]
keep_alive = "5min"
max_age = "forever"
routing = "newest"
init_timeout = "60s"
pending_queue = { max = 100, timeout = "10s" }
[functions.f.work]
cpu = { lognormal = { mean = "120ms", cv = 0.5 } }
io = { lognormal = { median = "80ms", p95 = "300ms" } }
memory = { uniform = { min = "100 MiB", max = "200 MiB" } }
base_memory = "30 MiB"
memory_growth = "10 KiB"
request_bytes = { mixture = [{ weight = 1, of = "1 KiB" }, { weight = 3, of = { exponential = "5 KiB" } }] }
response_bytes = { quantiles = [[0.5, "1 KiB"], ["99%", "1 MiB"]] }
header_bytes = "1 KiB"
background = { gamma = { mean = "1s", cv = 2 } }
warm_benefit = { cpu = 0.3, io = "10%" }
[functions.f.faults]
init_failure = "1%"
crash = "1%"
hang = "1%"
error = 0.01
[functions.f.async]
retries = 3
delays = ["1min", "2min"]
throttle_backoff = { base = "1s", factor = 2, cap = "1h", jitter = "none" }
max_event_age = "1h"
duplicate = "0.01%"
dead_letter = true
[functions.f.deployment]
code = ["oss://bucket/code.zip"]
layers = [{ name = "libs", size = "10 MiB", version = "3" }]
role = { actions = ["oss:GetObject"], resources = ["acs:oss:*:*:bucket/*"], policies = ["AliyunOSSReadOnlyAccess"] }
uses = ["oss:GetObject"]
triggers = [{ kind = "http", auth = "signature", source = "shop", visibility_timeout = "3min" }]
files = "1 MiB"
vpc = true
public_egress = false
egress_needed = false
mounts = [{ path = "/mnt/data", encrypted = true }]
invokers = ["gateway"]
maintainers = ["deployer"]
log_environment = false
log_payload = false
idempotent = true
scanned = true
[[functions.f.calls]]
name = "query"
to = "db"
invoke = "sync"
times = 2
probability = "50%"
timeout = "1s"
retry = { attempts = 2 }
on_failure = "ignore"
[[functions.f.calls]]
to = "g"
invoke = "async"
[dependencies.db]
capacity = 20
latency = { exponential = "10ms" }
error = "0.1%"
rate = "100/s"
burst = 50
wait = "1s"
abandoned = "cancelled"
[functions.g]
provisioned = 3
keep_alive = { weibull = { mean = "5min", shape = 2 } }
cold_start = { pareto = { min = "500ms", shape = 3 } }
work.io = { empirical = "values.csv" }
[[traffic]]
name = "callers"
to = "f"
invoke = "sync"
arrivals = { poisson = "20/s" }
profile = { hours = [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2], days = [1,1,1,1,1,0.5,0.5] }
growth = "8%/month"
client_timeout = "10s"
retry = { attempts = 3, on = ["error"], backoff = { base = "100ms", factor = 2, cap = "5s", jitter = "full" }, deadline = "1min", budget = { ratio = "10%", burst = 10 } }
[[traffic]]
to = "g"
arrivals = { trace = "counts.csv", format = "counts", every = "1min", repeat = true }
profile = { points = [["0h", 1.0], ["6h", 3.0]], every = "24h" }
retry = { attempts = "unlimited" }
[[traffic]]
to = "g"
arrivals = { constant = "1/s" }
invoke = "queue"
batch_size = 5
batch_window = "1s"
max_concurrency = 10
pollers = { start = 5, rate = "300/min", max = 1000 }
visibility_timeout = "3min"
max_receives = 3
partial_batch_failure = true
[[traffic]]
to = "g"
arrivals = { constant = "1/s" }
invoke = "queue"
partitions = 8
[[traffic]]
to = "g"
arrivals = { renewal = { exponential = "1s" } }
profile = "office-hours"
[[traffic]]
to = "g"
arrivals = { mmpp = [{ rate = "20/s", mean_time = "10s" }, { rate = "2/s", mean_time = "20s" }] }
[[events]]
name = "rush"
at = "1h"
for = "10min"
shape = "ramp"
traffic = { name = "callers", factor = 20 }
[[events]]
at = "2h"
for = "10min"
function = { name = "f", error = "100%", hang = "0%", crash = 0, init_failure = 0, slower = 3 }
[[events]]
at = "3h"
for = "10min"
dependency = { name = "db", outage = true, capacity = 2, error = "5%", slower = 3 }
[objectives]
availability = "99.9%"
throttled = "1%"
cold_start_rate = 0.05
p50 = "1s"
p90 = "1s"
p95 = "1s"
p99 = "2s"
"p99.9" = "5s"
mean_latency = "1s"
fee = "500 USD"
[uncertainty]
"functions.f.work.cpu.lognormal.mean" = { error = 0.05, with = "functions.f.work.cpu.lognormal.cv", correlation = 0.5 }
"functions.f.work.cpu.lognormal.cv" = { error = 0.1 }
"functions.f.faults.error" = { events = 3, of = 300 }
[sweep]
"functions.f.memory" = ["512 MiB"]
"#;

/// What cannot stand beside the keys of `FULL`.
const OTHER: &str = r#"
platform = "generic"
[simulation]
precision = { fee = "1%", availability = "0.01pp" }
max_replications = 100
max_time = "1min"
[account.scaling]
starts = 10
every = "10s"
[functions.f]
keep_alive = "forever"
provisioned = { target = 0.7, min = 1, max = 50 }
[[traffic]]
to = "f"
arrivals = { trace = "durations.csv", functions = ["a"], repeat = true, length = "1h" }
"#;

fn document(text: &str) -> Node {
    Node::document(text, "f").unwrap()
}

/// Every table of keys that can be reached, by the names of its keys.
fn declared(keys: &'static [Key], into: &mut BTreeSet<(Vec<&'static str>, &'static str)>) {
    let table: Vec<&'static str> = keys.iter().map(|key| key.name).collect();
    for key in keys {
        // `sweep` is read by another command.
        if !matches!(key.kind, Kind::Any) {
            into.insert((table.clone(), key.name));
        }
        let kinds = if let Kind::Either(kinds) = key.kind { kinds } else { std::slice::from_ref(&key.kind) };
        for inner in kinds.iter().filter(|kind| !matches!(kind, Kind::Nested)).filter_map(|kind| kind.keys()) {
            declared(inner, into);
        }
    }
}

#[test]
fn the_reader_asks_for_every_declared_key() {
    let mut all = BTreeSet::new();
    declared(KEYS, &mut all);
    let mut asked = BTreeSet::new();
    for text in [FULL, OTHER, EXAMPLE] {
        let files = files();
        let context = Context::new("f", &files);
        assert!(resolve(&context, &document(text)).is_some());
        asked.extend(context.asked.borrow().iter().cloned());
    }
    let missed: Vec<_> = all.difference(&asked).map(|(_, key)| key).collect();
    assert!(missed.is_empty(), "declared and never read: {missed:?}");
    assert!(all.len() > 130, "{}", all.len());
}

#[test]
fn the_full_file_is_valid_for_reader_and_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for text in [FULL, EXAMPLE] {
        super::good(text, &[]);
        let errors: Vec<String> = validator.iter_errors(&json_of(&document(text))).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[test]
fn the_schema_describes_every_key() {
    // All objects of the schema that list properties are closed and describe each of them.
    fn visit(schema: &serde_json::Value, seen: &mut usize) {
        if let Some(properties) = schema.get("properties").and_then(|p| p.as_object()) {
            assert_eq!(schema["additionalProperties"], json!(false));
            for (name, property) in properties {
                assert!(property["description"].as_str().is_some_and(|text| text.len() > 3), "{name}");
                *seen += 1;
            }
        }
        match schema {
            serde_json::Value::Object(map) => map.values().for_each(|inner| visit(inner, seen)),
            serde_json::Value::Array(items) => items.iter().for_each(|inner| visit(inner, seen)),
            _ => {}
        }
    }
    let mut seen = 0;
    visit(&schema(), &mut seen);
    assert!(seen > 130, "{seen}");
}

/// Puts each of many values at each place of the full file: the schema refuses what the reader refuses as being of another
/// kind, and nothing else.
#[test]
fn reader_and_schema_refuse_the_same_values() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let samples = [
        "5",
        "-1",
        "0",
        "0.5",
        "true",
        "'5s'",
        "'1.5 h'",
        "'forever'",
        "'5 MiB'",
        "'5'",
        "'5/s'",
        "'5 / min'",
        "'5%'",
        "'0.5'",
        "'0.5pp'",
        "'8%/month'",
        "'5 USD'",
        "'unlimited'",
        "'Mon 08:00'",
        "'2026-11-23'",
        "'flat'",
        "''",
        "[]",
        "['5s']",
        "[1, 2]",
        "[['5s', 1]]",
        "{}",
        "{ unknown = 1 }",
    ];
    let mut full = document(FULL);
    let mut places = Vec::new();
    visit(&full, &mut Vec::new(), &mut places);
    assert!(places.len() > 180, "{}", places.len());
    for place in &places {
        for sample in samples {
            let original = at(&mut full, place).clone();
            if original.entries().is_some() && sample == "{}" {
                continue;
            }
            *at(&mut full, place) = Node::argument(sample);
            let files = files();
            let context = Context::new("f", &files);
            resolve(&context, &full);
            let (findings, _) = context.finish();
            // A table in the place of a list lacks its keys.
            let kinds = ["bad-value", "unknown-key", if sample == "{}" { "missing-key" } else { "bad-value" }];
            let refused: Vec<String> = findings.iter().filter(|d| kinds.contains(&d.code)).map(ToString::to_string).collect();
            let errors: Vec<String> = validator.iter_errors(&json_of(&full)).map(|e| e.to_string()).collect();
            // "5" is a share as text whose range a pattern cannot see.
            let range = sample == "'5'" && refused.iter().all(|found| found.contains("a share such as"));
            let agree = refused.is_empty() == errors.is_empty() || (range && !refused.is_empty());
            assert!(agree, "{place:?} = {sample}: {refused:?} {errors:?}");
            *at(&mut full, place) = original;
        }
    }
}

/// The index paths of all values of a tree.
fn visit(node: &Node, path: &mut Vec<usize>, places: &mut Vec<Vec<usize>>) {
    let inner: Vec<&Node> = match &node.value {
        Value::Table(entries) => entries.iter().map(|entry| &entry.node).collect(),
        Value::List(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    for (index, inner) in inner.into_iter().enumerate() {
        path.push(index);
        places.push(path.clone());
        visit(inner, path, places);
        path.pop();
    }
}

fn at<'n>(node: &'n mut Node, path: &[usize]) -> &'n mut Node {
    path.iter().fold(node, |node, index| match &mut node.value {
        Value::Table(entries) => &mut entries[*index].node,
        Value::List(items) => &mut items[*index],
        _ => panic!("no inner values"),
    })
}

fn json_of(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Text(text) | Value::Date(text) => json!(text),
        Value::Integer(number) => json!(number.map(|n| n as i64)),
        Value::Float(number) => json!(number),
        Value::Flag(flag) => json!(flag),
        Value::List(items) => items.iter().map(json_of).collect(),
        Value::Table(entries) => entries.iter().map(|e| (e.key.clone(), json_of(&e.node))).collect::<Map<_, _>>().into(),
    }
}

#[test]
fn paths_of_explain_can_be_set() {
    for effective in super::good(FULL, &[]).explain {
        if effective.path.contains('[') || effective.path.starts_with("platform.") {
            continue;
        }
        let mut full = document(FULL);
        super::super::set::apply(&mut full, &effective.path, &effective.value).unwrap();
    }
    assert_eq!(join("traffic", "a b"), "traffic.\"a b\"");
}
