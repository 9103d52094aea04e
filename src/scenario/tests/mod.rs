//! Whole files: what they become, and what is said about wrong ones.

mod bad_input;
mod drift;
mod good_input;
mod random;
mod remedies;

use std::collections::BTreeMap;

use super::{Files, Resolved, read};
use crate::diagnostic::{Diagnostic, Severity};

/// Files in memory.
#[derive(Default)]
struct Memory(BTreeMap<&'static str, &'static [u8]>);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).map(|bytes| bytes.to_vec()).ok_or_else(|| "no such file".to_owned())
    }
}

fn files() -> Memory {
    Memory(BTreeMap::from([
        ("counts.csv", b"count\n5\n0\n7\n".as_slice()),
        ("durations.csv", b"timestamp,duration\n0.5,0.25\n1.5,0.5\n".as_slice()),
        ("unsorted.csv", b"timestamp\n5\n3\n".as_slice()),
        ("broken.csv", b"timestamp\n1\nx\n".as_slice()),
        ("values.csv", b"ms\n80ms\n0.1\n\n".as_slice()),
        ("negative.csv", b"1\n-3\n".as_slice()),
        ("binary.csv", b"\xff\xfe".as_slice()),
        ("prices.toml", b"[[row]]\nkey = \"instance.keep_alive\"\nvalue = \"7min\"\n".as_slice()),
        ("bad-prices.toml", b"[[row]]\nkey = \"instance.keep_aliv\"\nvalue = \"7min\"\n".as_slice()),
    ]))
}

fn pairs(sets: &[(&str, &str)]) -> Vec<(String, String)> {
    sets.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn resolve(text: &str, sets: &[(&str, &str)]) -> Result<Resolved, Vec<Diagnostic>> {
    read(text, "folder/shop.toml", &pairs(sets), &files())
}

/// Reads a scenario that must be valid.
fn good(text: &str, sets: &[(&str, &str)]) -> Resolved {
    resolve(text, sets).unwrap_or_else(|found| panic!("{}", found.iter().map(|d| format!("{d}\n")).collect::<String>()))
}

/// A valid scenario on `generic`, with more text at its end.
fn small(more: &str) -> String {
    format!(
        "platform = \"generic\"\n[functions.f]\nwork.io = \"100ms\"\n[[traffic]]\nto = \"f\"\narrivals = {{ poisson = \"1/s\" }}\n{more}"
    )
}

/// Errors of a text as `CODE LINE PATH`, in the order in which they are shown.
fn errors(text: &str, sets: &[(&str, &str)]) -> Vec<String> {
    let found = resolve(text, sets).err().unwrap_or_default();
    let shown = found.iter().filter(|d| d.severity == Severity::Error);
    shown.map(|d| format!("{} {} {}", d.code, d.line, d.path)).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(errors(text, &[]), expected, "{text}");
}

/// Checks lines added to the end of the small scenario, of which the first is line 7.
#[track_caller]
fn check_more(more: &str, expected: &[&str]) {
    check(&small(more), expected);
}

/// Checks one `--set` on the design's example.
#[track_caller]
fn check_set(path: &str, value: &str, expected: &[&str]) {
    assert_eq!(errors(EXAMPLE, &[(path, value)]), expected, "{path}={value}");
}

/// The first error in full.
fn message(text: &str, sets: &[(&str, &str)]) -> String {
    let found = resolve(text, sets).unwrap_err();
    found.iter().find(|d| d.severity == Severity::Error).unwrap().to_string()
}

/// The example of the design.
const EXAMPLE: &str = r#"
platform = "alibaba-fc"            # price book, limits and defaults; see `faascast platforms`
region = "cn-hangzhou"
prices = "prices.toml"             # optional: overrides rows of the price book

[simulation]
horizon = "1d"
start = "warm"                     # or "cold"
seed = 42
replications = 20                  # or: precision = { fee = "1%", availability = "10%" }, max_replications, max_time

[account]
max_instances = 300                # the quota
scaling = { burst = 300, rate = "300/min" }

[functions.thumbnail]
runtime = "python3.12"
memory = "512 MiB"
vcpu = 0.35                        # left out: from memory, by the platform's rule
timeout = "30s"
instance_concurrency = 1
package = "40 MiB"
max_instances = 50                 # this function's own quota
provisioned = 0
keep_alive = "5min"                # overrides the platform's default
routing = "most-recently-used"
cold_start = { lognormal = { median = "600ms", p95 = "1.2s" } }   # left out: computed from package, runtime and memory

[functions.thumbnail.work]
cpu = { lognormal = { mean = "120ms", cv = 0.5 } }                # seconds at one vCPU
io = { lognormal = { median = "80ms", p95 = "300ms" } }
memory = "180 MiB"

[functions.thumbnail.faults]
error = "1%"
hang = "0.1%"

[functions.thumbnail.async]        # the platform's async settings for this function
retries = 3
max_event_age = "24h"
duplicate = "0.01%"

[[traffic]]
to = "thumbnail"
invoke = "sync"                    # "sync" | "async" | "queue"
arrivals = { poisson = "20/s" }    # or constant, mmpp, renewal = DISTRIBUTION, trace = "file.csv"
profile = "office-hours"           # optional
client_timeout = "10s"
retry = { attempts = 3, on = ["throttled", "timeout", "error"], backoff = { base = "100ms", factor = 2, cap = "5s", jitter = "full" } }

[objectives]
availability = "99.9%"
p99 = "2s"
fee = "3500 CNY"                   # a month

[sweep]                            # used by `sweep`; the command line overrides it
"functions.thumbnail.memory" = ["384 MiB", "512 MiB", "768 MiB", "1 GiB"]
"functions.thumbnail.timeout" = ["5s", "10s", "30s", "60s"]
"#;
