//! `check`: each rule with a passing, a failing and an unknown case, and the forms of its output.

use std::collections::BTreeSet;

use assert_cmd::Command;
use faascast::check::{self, Finding, Severity, rules};
use faascast::scenario::{self, Files};
use serde_json::Value;

/// Everything is known, and all is well.
const GOOD: &str = r#"
platform = "aws-lambda"
region = "us-east-1"
[simulation]
horizon = "1h"
[functions.f]
runtime = "python3.13"
memory = "512 MiB"
timeout = "5s"
package = "10 MiB"
max_instances = 20
instance_concurrency = 1
environment = { MODE = "fast" }
[functions.f.work]
cpu = "20ms"
io = "80ms"
memory = "350 MiB"
memory_growth = "0 MiB"
request_bytes = "1 KiB"
response_bytes = "1 KiB"
header_bytes = "1 KiB"
background = "0s"
warm_benefit = { cpu = 0 }
[functions.f.faults]
hang = "0%"
[functions.f.async]
retries = 2
max_event_age = "6h"
dead_letter = true
[functions.f.deployment]
code = ["s3://shop/code.zip"]
layers = [{ name = "libs", size = "10 MiB", version = "3" }]
role = { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::shop/*"], policies = ["AWSLambdaBasicExecutionRole"] }
uses = ["s3:GetObject"]
triggers = [{ kind = "sqs", source = "arn:aws:sqs:us-east-1:1:orders", visibility_timeout = "30s" }, { kind = "api-gateway", auth = "jwt" }]
files = "1 MiB"
vpc = true
public_egress = false
mounts = [{ path = "/mnt/data", encrypted = true }]
invokers = ["apigateway.amazonaws.com"]
maintainers = ["deployer"]
log_environment = false
log_payload = false
idempotent = true
scanned = true
[[traffic]]
to = "f"
arrivals = { poisson = "2/s" }
client_timeout = "10s"
[[traffic]]
to = "f"
invoke = "async"
arrivals = { poisson = "1/s" }
"#;

type Edit = (&'static str, &'static str);
const CONCURRENT: [Edit; 3] = [
    ("\"aws-lambda\"", "\"gcp-cloud-run\""),
    ("us-east-1\"\n[simulation]", "us-central1\"\n[simulation]"),
    ("python3.13", "python313"),
];

const FC: [Edit; 3] = [
    ("\"aws-lambda\"", "\"alibaba-fc\""),
    ("us-east-1\"\n[simulation]", "cn-chengdu\"\n[simulation]"),
    ("python3.13", "python3.12"),
];

/// A rule, the edits of [`GOOD`] that break it with the severity that it then has, and those that leave it unknown.
struct Case(&'static str, &'static [Edit], Severity, &'static [Edit]);

const ROLE: Edit = ("role =", "# role =");
const TRIGGERS: Edit = ("triggers =", "# triggers =");
const CASES: &[Case] = &[
    Case(
        "identity/secret-in-environment",
        &[("MODE = \"fast\"", "DB_PASSWORD = \"hunter2hunter2\"")],
        Severity::Error,
        &[("environment =", "# environment =")],
    ),
    Case(
        "identity/long-lived-key",
        &[("MODE = \"fast\"", "ID = \"AKIAABCDEFGHIJKLMNOP\"")],
        Severity::Error,
        &[("environment =", "# environment =")],
    ),
    Case(
        "identity/secret-in-path",
        &[("s3://shop/code.zip", "https://user:pass@shop/code.zip")],
        Severity::Error,
        &[("code =", "# code =")],
    ),
    Case("privilege/wildcard", &[("actions = [\"s3:GetObject\"]", "actions = [\"s3:*\"]")], Severity::Warning, &[ROLE]),
    Case("privilege/administrator", &[("AWSLambdaBasicExecutionRole", "AdministratorAccess")], Severity::Error, &[ROLE]),
    Case(
        "privilege/storage-wider-than-used",
        &[("actions = [\"s3:GetObject\"", "actions = [\"s3:GetObject\", \"s3:DeleteObject\"")],
        Severity::Warning,
        &[("uses =", "# uses =")],
    ),
    Case(
        "download/signed-url",
        &[("s3://shop/code.zip", "https://shop/code.zip?X-Amz-Signature=ab")],
        Severity::Error,
        &[("code =", "# code =")],
    ),
    Case(
        "package/near-limit",
        &[("package = \"10 MiB\"", "package = \"230 MiB\"")],
        Severity::Warning,
        &[("package =", "# package =")],
    ),
    Case(
        "package/cold-start",
        &[("package = \"10 MiB\"", "package = \"100 MiB\"")],
        Severity::Warning,
        &[("package =", "# package =")],
    ),
    Case(
        "reuse/memory-growth",
        &[("memory_growth = \"0 MiB\"", "memory_growth = \"1 MiB\"")],
        Severity::Warning,
        &[("memory_growth =", "# memory_growth =")],
    ),
    Case(
        "reuse/cache-lost",
        &[
            ("warm_benefit = { cpu = 0 }", "warm_benefit = { cpu = 0.5 }"),
            ("timeout = \"5s\"", "timeout = \"5s\"\nkeep_alive = \"100ms\""),
        ],
        Severity::Warning,
        &[("warm_benefit =", "# warm_benefit =")],
    ),
    Case(
        "freeze/background-lost",
        &[("background = \"0s\"", "background = \"200ms\"")],
        Severity::Warning,
        &[("background =", "# background =")],
    ),
    Case(
        "concurrency/single-threaded",
        &[
            CONCURRENT[0],
            CONCURRENT[1],
            CONCURRENT[2],
            ("instance_concurrency = 1", "vcpu = 1\ninstance_concurrency = 40"),
            ("cpu = \"20ms\"", "cpu = \"120ms\""),
        ],
        Severity::Warning,
        &[
            CONCURRENT[0],
            CONCURRENT[1],
            CONCURRENT[2],
            ("runtime =", "# runtime ="),
            ("instance_concurrency = 1", "vcpu = 1\ninstance_concurrency = 40"),
        ],
    ),
    Case(
        "async/at-least-once",
        &[("idempotent = true", "idempotent = false")],
        Severity::Error,
        &[("idempotent =", "# idempotent =")],
    ),
    Case(
        "async/no-dead-letter",
        &[("dead_letter = true", "dead_letter = false")],
        Severity::Warning,
        &[("dead_letter =", "# dead_letter =")],
    ),
    Case(
        "async/event-age",
        &[("max_event_age = \"6h\"", "max_event_age = \"2min\"")],
        Severity::Warning,
        &[("max_event_age =", "# max_event_age ="), ("retries =", "# retries =")],
    ),
    Case(
        "limits/environment",
        &[("MODE = \"fast\"", "MODE = \"LONG\"")],
        Severity::Warning,
        &[("environment =", "# environment =")],
    ),
    Case(
        "limits/body",
        &[("response_bytes = \"1 KiB\"", "response_bytes = \"5.5 MiB\"")],
        Severity::Warning,
        &[("response_bytes =", "# response_bytes =")],
    ),
    Case(
        "limits/layers",
        &[(
            "{ name = \"libs\", size = \"10 MiB\", version = \"3\" }",
            "{ name = \"a\" }, { name = \"b\" }, { name = \"c\" }, { name = \"d\" }, { name = \"e\" }, { name = \"f\" }",
        )],
        Severity::Error,
        &[("layers =", "# layers =")],
    ),
    Case("limits/disk", &[("files = \"1 MiB\"", "files = \"600 MiB\"")], Severity::Error, &[("files =", "# files =")]),
    Case("runtime/community-support", &[("python3.13", "python3.9")], Severity::Warning, &[("runtime =", "# runtime =")]),
    Case("runtime/platform-support", &[("python3.13", "python3.9")], Severity::Warning, &[("runtime =", "# runtime =")]),
    Case(
        "timeout/longer-than-caller-waits",
        &[("timeout = \"5s\"", "timeout = \"40s\"")],
        Severity::Warning,
        &[TRIGGERS, ("client_timeout =", "# client_timeout =")],
    ),
    Case(
        "timeout/visibility",
        &[("visibility_timeout = \"30s\"", "visibility_timeout = \"29s\"")],
        Severity::Warning,
        &[TRIGGERS],
    ),
    Case("timeout/hang-cost", &[("hang = \"0%\"", "hang = \"2%\"")], Severity::Warning, &[("hang =", "# hang =")]),
    Case(
        "timeout/shorter-than-work",
        &[("io = \"80ms\"", "io = \"6s\"")],
        Severity::Error,
        &[
            ("cpu =", "# cpu ="),
            ("io =", "# io ="),
            ("{ poisson = \"2/s\" }", "{ trace = \"t.csv\" }"),
            ("{ poisson = \"1/s\" }", "{ trace = \"t.csv\" }"),
        ],
    ),
    Case(
        "memory/above-need",
        &[("memory = \"512 MiB\"", "memory = \"2 GiB\"")],
        Severity::Warning,
        &[("memory = \"350 MiB\"", "")],
    ),
    Case(
        "memory/below-need",
        &[("memory = \"350 MiB\"", "memory = \"512 MiB\"")],
        Severity::Error,
        &[("memory = \"350 MiB\"", "")],
    ),
    Case("quota/none", &[("max_instances = 20", "")], Severity::Warning, &[]),
    Case(
        "quota/compute-pool",
        &[FC[0], FC[1], FC[2], ("max_instances = 20", "max_instances = 250\nvcpu = 0.5")],
        Severity::Warning,
        &[FC[0], FC[1], FC[2], ("max_instances = 20", "")],
    ),
    Case(
        "quota/reserved-against-account",
        &[("max_instances = 20", "max_instances = 990\nreserved = 990")],
        Severity::Warning,
        &[("\"aws-lambda\"", "\"generic\""), ("region = \"us-east-1\"", "")],
    ),
    Case("access/anonymous-http", &[("auth = \"jwt\"", "auth = \"anonymous\"")], Severity::Error, &[TRIGGERS]),
    Case("access/no-vpc-restriction", &[("vpc = true", "vpc = false")], Severity::Note, &[("vpc =", "# vpc =")]),
    Case("access/wildcard-source", &[("arn:aws:sqs:us-east-1:1:orders", "*")], Severity::Error, &[TRIGGERS]),
    Case("access/who-may-call", &[("apigateway.amazonaws.com", "*")], Severity::Error, &[("invokers =", "# invokers =")]),
    Case(
        "access/who-may-change",
        &[("\"deployer\"", "\"arn:aws:iam::1:*\"")],
        Severity::Error,
        &[("maintainers =", "# maintainers =")],
    ),
    Case(
        "network/public-egress",
        &[("public_egress = false", "public_egress = true\negress_needed = false")],
        Severity::Warning,
        &[("public_egress =", "# public_egress =")],
    ),
    Case(
        "network/mount-unencrypted",
        &[("encrypted = true", "encrypted = false")],
        Severity::Warning,
        &[("mounts =", "# mounts =")],
    ),
    Case(
        "logs/environment",
        &[("log_environment = false", "log_environment = true")],
        Severity::Error,
        &[("log_environment =", "# log_environment =")],
    ),
    Case(
        "logs/payload",
        &[("log_payload = false", "log_payload = true")],
        Severity::Warning,
        &[("log_payload =", "# log_payload =")],
    ),
    Case("code/scanned", &[("scanned = true", "scanned = false")], Severity::Warning, &[("scanned =", "# scanned =")]),
];

/// The only file that a scenario here names: a trace with durations, which says nothing of quantiles before it is replayed.
struct OneTrace;

impl Files for OneTrace {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(b"app,func,end_timestamp,duration\na,f,1.5,0.5\na,f,9.25,0.25\n".to_vec())
    }
}

fn edited(edits: &[Edit]) -> String {
    let long = "x".repeat(3_500);
    edits.iter().fold(GOOD.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        // One place: what stands first in the file.
        text.replacen(from, &to.replace("LONG", &long), 1)
    })
}

fn review(text: &str) -> Vec<Finding> {
    let today = "2026-11-24";
    let resolved = scenario::read(text, "f.toml", &[], &OneTrace).unwrap_or_else(|errors| panic!("{errors:?}"));
    let figures = check::figures(&resolved.scenario, &resolved.platform, today, &|| false).unwrap();
    check::review(&check::subjects(&resolved, "f.toml", text, today, Some(figures)))
}

#[test]
fn a_scenario_that_says_all_and_is_well_has_no_finding() {
    assert_eq!(review(GOOD), []);
}

#[test]
fn each_rule_fails_and_asks() {
    for Case(rule, broken, severity, unknown) in CASES {
        let found = review(&edited(broken));
        let mine: Vec<&Finding> = found.iter().filter(|finding| finding.rule == *rule).collect();
        assert!(mine.iter().any(|finding| finding.severity == *severity), "{rule}: {found:#?}");
        assert!(
            mine.iter().all(|f| !f.message.is_empty() && !f.remedy.is_empty() && !f.effect.is_empty() && f.line > 1),
            "{mine:#?}"
        );
        if unknown.is_empty() {
            continue;
        }
        let found = review(&edited(unknown));
        let asked = found.iter().any(|finding| finding.rule == *rule && finding.severity == Severity::Checklist);
        assert!(asked, "{rule} does not ask: {found:#?}");
    }
}

#[test]
fn every_rule_has_its_cases() {
    let cases: BTreeSet<&str> = CASES.iter().map(|case| case.0).collect();
    let all: BTreeSet<&str> = rules::all().map(|rule| rule.id).collect();
    assert_eq!(cases, all);
    // A quota that is not in the file is none, so that rule has nothing to ask.
    let silent: Vec<&str> = CASES.iter().filter(|case| case.3.is_empty()).map(|case| case.0).collect();
    assert_eq!(silent, ["quota/none"]);
}

#[test]
fn the_table_of_the_docs_is_the_table_of_the_rules() {
    let docs = include_str!("../../docs/check.md");
    for rule in rules::all() {
        let row = docs.lines().find(|line| line.starts_with("| ") && line.contains(&format!("`{}`", rule.id)));
        let row = row.unwrap_or_else(|| panic!("docs/check.md has no row for {}", rule.id));
        assert!(row.contains(rule.responsibility), "{row}");
    }
    let named = docs.matches("` |").count();
    assert!(named >= 20, "{named}");
}

#[test]
fn findings_carry_figures() {
    let hang = review(&edited(&[("hang = \"0%\"", "hang = \"2%\"")]));
    let hang = hang.iter().find(|finding| finding.rule == "timeout/hang-cost").unwrap();
    // Of 0.1 s of work at 100 ms each and 2 % of 5 s: half of the billed time, which is nearly all of the fee here.
    assert!(hang.message.contains("% of the bill") && hang.effect.contains("USD"), "{hang:?}");
    let growth = review(&edited(&[("memory_growth = \"0 MiB\"", "memory_growth = \"1 MiB\"")]));
    let growth = growth.iter().find(|finding| finding.rule == "reuse/memory-growth").unwrap();
    assert!(growth.effect.contains("after about 162 invocations"), "{growth:?}");
    let quota = review(&edited(&[("max_instances = 20", "")]));
    let quota = quota.iter().find(|finding| finding.rule == "quota/none").unwrap();
    assert!(quota.effect.contains("USD an hour"), "{quota:?}");
}

fn run(text: &str, args: &[&str]) -> (i32, String) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("f.toml");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::cargo_bin("faascast").unwrap();
    let out = command.current_dir(dir.path()).args(["check", "f.toml"]).args(args).output().unwrap();
    (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap())
}

#[test]
fn the_gate_fails_from_its_severity_on() {
    let warning = edited(&[("scanned = true", "scanned = false")]);
    assert_eq!(run(&warning, &[]).0, 0);
    assert_eq!(run(&warning, &["--fail-on", "error"]).0, 0);
    assert_eq!(run(&warning, &["--fail-on", "warning"]).0, 99);
    let error = edited(&[("log_environment = false", "log_environment = true")]);
    assert_eq!(run(&error, &["--fail-on", "error"]).0, 99);
    assert_eq!(run(GOOD, &["--fail-on", "warning"]).0, 0);
    // A file with an error in it is not reviewed.
    assert_eq!(run("platform = 3", &["--fail-on", "error"]).0, 2);
}

#[test]
fn sarif_has_what_the_standard_asks_for() {
    let text = edited(&[("scanned = true", "scanned = false"), ("vpc =", "# vpc =")]);
    let (code, out) = run(&text, &["--format", "sarif"]);
    let log: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, log["version"].as_str()), (0, Some("2.1.0")));
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        // Section 3.27.9: a result that is not a failure has the level `none`.
        assert_eq!(result["kind"] == "fail", result["level"] != "none");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "f.toml");
        assert!(place["region"]["startLine"].as_u64().unwrap() > 1);
    }
    let scanned = &results[0];
    assert_eq!((scanned["ruleId"].as_str(), scanned["level"].as_str()), (Some("code/scanned"), Some("warning")));
    let line = text.lines().position(|line| line.starts_with("scanned")).unwrap() + 1;
    assert_eq!(scanned["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64(), u64::try_from(line).ok());
}

#[test]
fn json_and_markdown_have_every_finding() {
    let text = edited(&[("scanned = true", "scanned = false"), ("vpc =", "# vpc =")]);
    let json: Value = serde_json::from_str(&run(&text, &["--format", "json"]).1).unwrap();
    assert_eq!((json["summary"]["warning"].as_u64(), json["summary"]["checklist"].as_u64()), (Some(1), Some(1)));
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(2));
    let markdown = run(&text, &["--format", "markdown"]).1;
    assert!(
        markdown.contains("| warning | code/scanned |") && markdown.contains("- [ ] `access/no-vpc-restriction`"),
        "{markdown}"
    );
    assert_eq!(run(&text, &["--format", "csv"]).1.lines().count(), 3);
}

#[test]
fn a_secret_is_never_printed() {
    let text = edited(&[("MODE = \"fast\"", "DB_PASSWORD = \"hunter2hunter2\", ID = \"AKIAABCDEFGHIJKLMNOP\"")]);
    for format in ["text", "json", "csv", "markdown", "sarif"] {
        let out = run(&text, &["--format", format]).1;
        assert!(out.contains("PASSWORD") && !out.contains("hunter2") && !out.contains("AKIA"), "{format}: {out}");
    }
}
