//! Scenarios to choose settings for: platforms, objectives that bind, and settings as different as the program knows. Horizons
//! are short, so that hundreds of searches and the whole grid are affordable.

use faascast::study::sweep::Dimension;

/// A scenario and the settings to choose from.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    /// Key and values, separated by commas.
    settings: &'static [(&'static str, &'static str)],
}

impl Case {
    pub(crate) fn dimensions(&self) -> Vec<Dimension> {
        let one = |(key, values): &(&str, &str)| Dimension {
            key: (*key).to_owned(),
            values: values.split(',').map(|value| value.trim().to_owned()).collect(),
        };
        self.settings.iter().map(one).collect()
    }
}

/// All of them.
pub(crate) const CASES: [Case; 12] = [
    Case {
        name: "generic: hangs, cut by the timeout or tried again",
        text: r#"
platform = "generic"
[simulation]
horizon = "3min"
run_in = "1min"
[functions.f]
memory = "512 MiB"
timeout = "10s"
[functions.f.work]
io = { lognormal = { mean = "300ms", cv = 1.2 } }
memory = { lognormal = { mean = "150 MiB", cv = 0.2 } }
[functions.f.faults]
hang = "2%"
[[traffic]]
to = "f"
arrivals = { poisson = "20/s" }
retry = { attempts = 2, backoff = { base = "100ms" } }
[objectives]
availability = "99%"
p95 = "1200ms"
"#,
        settings: &[
            ("functions.f.memory", "192 MiB, 224 MiB, 256 MiB, 320 MiB, 384 MiB, 512 MiB"),
            ("functions.f.timeout", "500ms, 1s, 1500ms, 2s, 3s, 5s, 10s, 30s"),
            ("traffic.f.retry.attempts", "1, 2, 3, 4"),
        ],
    },
    Case {
        name: "FC: p95 by the CPU share",
        text: r#"
platform = "alibaba-fc"
region = "cn-hangzhou"
[simulation]
horizon = "5min"
run_in = "1min"
[functions.f]
runtime = "python3.12"
memory = "512 MiB"
vcpu = 0.35
timeout = "10s"
[functions.f.work]
cpu = { lognormal = { mean = "150ms", cv = 0.6 } }
io = { lognormal = { mean = "150ms", cv = 0.8 } }
memory = { lognormal = { mean = "100 MiB", cv = 0.3 } }
[functions.f.faults]
hang = "0.5%"
[[traffic]]
to = "f"
arrivals = { poisson = "10/s" }
[objectives]
availability = "99%"
p95 = "900ms"
"#,
        settings: &[
            ("functions.f.memory", "128 MiB, 192 MiB, 256 MiB, 384 MiB, 512 MiB, 768 MiB, 1 GiB, 1536 MiB"),
            ("functions.f.vcpu", "0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.75, 1"),
            ("functions.f.timeout", "1s, 2s, 3s, 5s, 10s, 30s"),
        ],
    },
    Case {
        name: "Lambda: p99 by memory, retries",
        text: r#"
platform = "aws-lambda"
region = "us-east-1"
[simulation]
horizon = "5min"
run_in = "1min"
[billing]
free_tier = false
[functions.f]
runtime = "python3.13"
memory = "1 GiB"
timeout = "30s"
[functions.f.work]
cpu = { lognormal = { mean = "150ms", cv = 0.6 } }
io = { lognormal = { mean = "200ms", cv = 1.0 } }
memory = "90 MiB"
[functions.f.faults]
error = "2%"
hang = "0.5%"
[[traffic]]
to = "f"
arrivals = { poisson = "10/s" }
retry = { attempts = 2, backoff = { base = "50ms" } }
[objectives]
availability = "99.5%"
p99 = "3s"
"#,
        settings: &[
            (
                "functions.f.memory",
                "128 MiB, 256 MiB, 384 MiB, 512 MiB, 640 MiB, 768 MiB, 1 GiB, 1280 MiB, 1536 MiB, 1769 MiB, 2 GiB, 3 GiB",
            ),
            ("functions.f.timeout", "1s, 2s, 3s, 5s, 10s, 30s"),
            ("traffic.f.retry.attempts", "1, 2, 3"),
        ],
    },
    Case {
        name: "Cloud Run: p99 by instance concurrency, CPU by memory",
        text: r#"
platform = "gcp-cloud-run"
region = "us-central1"
[simulation]
horizon = "2min"
run_in = "2min"
[billing]
free_tier = false
[functions.f]
runtime = "nodejs22"
memory = "2 GiB"
timeout = "30s"
instance_concurrency = 16
[functions.f.work]
cpu = { lognormal = { mean = "20ms", cv = 0.5 } }
io = { lognormal = { mean = "200ms", cv = 0.5 } }
memory = "40 MiB"
base_memory = "100 MiB"
[[traffic]]
to = "f"
arrivals = { poisson = "30/s" }
[objectives]
availability = "99.5%"
p99 = "700ms"
"#,
        settings: &[
            ("functions.f.memory", "512 MiB, 1 GiB, 2 GiB, 4 GiB"),
            ("functions.f.instance_concurrency", "1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 80"),
            ("functions.f.max_instances", "2, 4, 8, 20"),
            ("functions.f.timeout", "2s, 10s, 30s"),
        ],
    },
    Case {
        name: "Azure Functions: throttled while instances are added one a second",
        text: r#"
platform = "azure-functions"
[simulation]
horizon = "3min"
run_in = "1min"
[billing]
free_tier = false
[functions.f]
memory = "256 MiB"
timeout = "30s"
max_instances = 40
[functions.f.work]
cpu = { lognormal = { mean = "100ms", cv = 0.4 } }
io = { lognormal = { mean = "300ms", cv = 1.0 } }
memory = "120 MiB"
[functions.f.faults]
hang = "0.3%"
[[traffic]]
to = "f"
arrivals = { poisson = "20/s" }
retry = { attempts = 3, backoff = { base = "200ms" } }
[objectives]
availability = "99.5%"
p95 = "2s"
"#,
        settings: &[
            ("functions.f.max_instances", "6, 8, 9, 10, 11, 12, 14, 16, 20, 40"),
            ("traffic.f.retry.attempts", "1, 2, 3, 5"),
            ("functions.f.timeout", "1s, 2s, 5s, 30s"),
        ],
    },
    Case {
        name: "FC: bursts against the quota, retries add to them",
        text: r#"
platform = "alibaba-fc"
region = "cn-hangzhou"
[simulation]
horizon = "10min"
run_in = "1min"
[functions.f]
runtime = "custom.debian12"
memory = "512 MiB"
timeout = "20s"
max_instances = 50
[functions.f.work]
cpu = { lognormal = { mean = "50ms", cv = 0.5 } }
io = { lognormal = { mean = "500ms", cv = 0.5 } }
memory = "80 MiB"
[functions.f.faults]
hang = "0.2%"
[[traffic]]
to = "f"
arrivals = { mmpp = [{ rate = "15/s", mean_time = "10s" }, { rate = "3/s", mean_time = "20s" }] }
retry = { attempts = 2, backoff = { base = "500ms" } }
[objectives]
throttled = "2%"
availability = "99%"
"#,
        settings: &[
            ("functions.f.max_instances", "6, 8, 10, 12, 14, 16, 20, 25, 50"),
            ("traffic.f.retry.attempts", "1, 2, 3, 5"),
            ("functions.f.memory", "128 MiB, 256 MiB, 512 MiB"),
            ("functions.f.timeout", "2s, 5s, 20s"),
        ],
    },
    Case {
        name: "FC: crashes by memory against instance concurrency",
        text: r#"
platform = "alibaba-fc"
region = "cn-hangzhou"
[simulation]
horizon = "2min"
run_in = "1min"
[functions.f]
runtime = "custom.debian12"
memory = "1 GiB"
timeout = "10s"
[functions.f.work]
cpu = { lognormal = { mean = "15ms", cv = 0.5 } }
io = { lognormal = { mean = "400ms", cv = 0.5 } }
memory = { lognormal = { mean = "60 MiB", cv = 0.5 } }
base_memory = "80 MiB"
[[traffic]]
to = "f"
arrivals = { poisson = "25/s" }
[objectives]
availability = "99.5%"
p95 = "900ms"
"#,
        settings: &[
            ("functions.f.memory", "256 MiB, 384 MiB, 512 MiB, 640 MiB, 768 MiB, 1 GiB, 1280 MiB, 1536 MiB, 2 GiB, 3 GiB, 4 GiB"),
            ("functions.f.instance_concurrency", "1, 2, 3, 4, 6, 8, 12, 16, 24, 32"),
            ("functions.f.timeout", "2s, 10s"),
        ],
    },
    Case {
        name: "Lambda: cold starts by provisioned instances",
        text: r#"
platform = "aws-lambda"
region = "eu-west-1"
[simulation]
horizon = "15min"
run_in = "2min"
[billing]
free_tier = false
[functions.f]
runtime = "java21"
memory = "1 GiB"
timeout = "30s"
package = "80 MiB"
keep_alive = "20s"
provisioned = 4
[functions.f.work]
cpu = { lognormal = { mean = "200ms", cv = 0.5 } }
io = { lognormal = { mean = "300ms", cv = 0.5 } }
memory = "200 MiB"
[[traffic]]
to = "f"
arrivals = { poisson = "3/s" }
[objectives]
cold_start_rate = "1%"
availability = "99%"
"#,
        settings: &[
            ("functions.f.provisioned", "0, 1, 2, 3, 4, 5, 6, 8, 10, 12"),
            ("functions.f.memory", "512 MiB, 768 MiB, 1 GiB, 1280 MiB, 1536 MiB, 1769 MiB"),
            ("functions.f.timeout", "5s, 30s"),
        ],
    },
    Case {
        name: "FC: asynchronous events that fail and are tried again",
        text: r#"
platform = "alibaba-fc"
region = "cn-hangzhou"
[simulation]
horizon = "5min"
run_in = "1min"
[functions.f]
runtime = "nodejs20"
memory = "512 MiB"
vcpu = 0.25
timeout = "10s"
[functions.f.work]
cpu = { lognormal = { mean = "80ms", cv = 0.8 } }
io = { lognormal = { mean = "250ms", cv = 1.0 } }
memory = { lognormal = { mean = "90 MiB", cv = 0.25 } }
[functions.f.faults]
error = "3%"
hang = "0.5%"
[functions.f.async]
retries = 2
delays = ["2s"]
[[traffic]]
to = "f"
invoke = "async"
arrivals = { poisson = "10/s" }
[objectives]
availability = "99.5%"
p95 = "1500ms"
"#,
        settings: &[
            ("functions.f.async.retries", "0, 1, 2, 3"),
            ("functions.f.timeout", "2s, 3s, 5s, 10s, 30s"),
            ("functions.f.memory", "128 MiB, 192 MiB, 256 MiB, 512 MiB"),
            ("functions.f.vcpu", "0.1, 0.15, 0.2, 0.25, 0.35, 0.5"),
        ],
    },
    Case {
        name: "Lambda: two functions, each with its own p95",
        text: r#"
platform = "aws-lambda"
region = "us-east-1"
[simulation]
horizon = "3min"
run_in = "1min"
[billing]
free_tier = false
[functions.api]
runtime = "nodejs22.x"
memory = "1 GiB"
timeout = "15s"
[functions.api.work]
cpu = { lognormal = { mean = "60ms", cv = 0.5 } }
io = { lognormal = { mean = "150ms", cv = 0.8 } }
memory = "80 MiB"
[functions.api.faults]
hang = "0.5%"
[functions.report]
runtime = "python3.13"
memory = "2 GiB"
timeout = "60s"
[functions.report.work]
cpu = { lognormal = { mean = "400ms", cv = 0.5 } }
io = "100ms"
memory = { lognormal = { mean = "300 MiB", cv = 0.3 } }
[[traffic]]
to = "api"
arrivals = { poisson = "15/s" }
[[traffic]]
to = "report"
arrivals = { poisson = "5/s" }
[objectives]
availability = "99%"
p95 = "1500ms"
"#,
        settings: &[
            ("functions.api.memory", "128 MiB, 256 MiB, 512 MiB, 1 GiB, 1769 MiB"),
            ("functions.api.timeout", "1s, 2s, 5s, 15s"),
            ("functions.report.memory", "512 MiB, 768 MiB, 1 GiB, 1280 MiB, 1769 MiB, 2 GiB"),
            ("functions.report.timeout", "2s, 5s, 60s"),
        ],
    },
    Case {
        name: "Azure Flex: p95 by concurrency, cold starts by instances kept ready",
        text: r#"
platform = "azure-functions-flex"
[simulation]
horizon = "4min"
run_in = "2min"
[billing]
free_tier = false
[functions.f]
memory = "2 GiB"
timeout = "30s"
instance_concurrency = 8
keep_alive = "30s"
[functions.f.work]
cpu = { lognormal = { mean = "60ms", cv = 0.5 } }
io = { lognormal = { mean = "150ms", cv = 0.5 } }
memory = "60 MiB"
base_memory = "150 MiB"
[[traffic]]
to = "f"
arrivals = { poisson = "15/s" }
[objectives]
p95 = "600ms"
p99 = "1500ms"
availability = "99.5%"
"#,
        settings: &[
            ("functions.f.memory", "512 MiB, 1 GiB, 1536 MiB, 2 GiB, 2560 MiB, 3 GiB, 4 GiB"),
            ("functions.f.instance_concurrency", "1, 2, 3, 4, 6, 8, 12, 16"),
            ("functions.f.provisioned", "0, 1, 2, 4"),
        ],
    },
    Case {
        name: "Lambda: many sizes, p95 on the edge",
        text: r#"
platform = "aws-lambda"
region = "us-east-1"
[simulation]
horizon = "4min"
run_in = "1min"
[billing]
free_tier = false
[functions.f]
runtime = "python3.13"
memory = "1536 MiB"
timeout = "10s"
[functions.f.work]
cpu = { lognormal = { mean = "250ms", cv = 0.4 } }
io = "50ms"
memory = "100 MiB"
[functions.f.faults]
hang = "1%"
[[traffic]]
to = "f"
arrivals = { poisson = "12/s" }
[objectives]
p95 = "800ms"
availability = "98.5%"
"#,
        settings: &[
            (
                "functions.f.memory",
                "512 MiB, 640 MiB, 768 MiB, 832 MiB, 896 MiB, 960 MiB, 992 MiB, 1 GiB, 1056 MiB, 1088 MiB, 1152 MiB, 1216 MiB, \
                 1280 MiB, 1344 MiB, 1408 MiB, 1472 MiB, 1536 MiB, 1600 MiB, 1664 MiB, 1769 MiB",
            ),
            ("functions.f.timeout", "1s, 1500ms, 2s, 3s, 5s, 10s"),
        ],
    },
];
