//! Real logs to scenarios, and what is said about logs that are broken.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;
use faascast::calibrate::{self, Calibrated, Records, fragment, read};
use faascast::scenario::{self, Files, Resolved};

/// Path of a file of real logs; they lie beside the checkout.
fn example(path: &str) -> PathBuf {
    PathBuf::from(format!("{}/../shared/examples/{path}", env!("CARGO_MANIFEST_DIR")))
}

pub(crate) fn records(paths: &[&str], function: Option<&str>) -> Records {
    let mut records = Records::default();
    for path in paths {
        let bytes = fs::read(example(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        read::read(&mut records, &mut bytes.as_slice(), path, None, function).unwrap_or_else(|found| panic!("{path}: {found:?}"));
    }
    records
}

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(path.to_owned())
    }
}

/// The fragment as a whole scenario, read.
pub(crate) fn scenario(records: &Records, calibrated: &[Calibrated]) -> Resolved {
    let text = fragment::fragment(records, calibrated, true);
    scenario::read(&text, "fitted.toml", &[], &NoFiles).unwrap_or_else(|found| panic!("{text}\n{found:?}"))
}

/// Every kind of log gives a scenario that is valid, with as many invocations, counts or sizes as the file has.
#[test]
fn real_logs_become_scenarios() {
    for (path, kind, n) in [
        ("logs/aws-cloudwatch-rps/aws_1_cloudwatch.json", "json", 120),
        ("logs/aws-cloudwatch-rps/aws_10_cloudwatch.json", "json", 1_199),
        ("logs/gcp-cloudrun-rps/gcp_4_cloud_log.json", "json", 480),
        ("logs/lines/aws_report_public_readmes.txt", "report-lines", 26),
        ("logs/lines/fc_billed_lines.txt", "fc-lines", 5),
        ("measured/lambda-memory-sweep-pyaes/MEM128_BATCH0.json", "json", 500),
        ("measured/slapp/App1_Lambda_Logs.csv", "table", 4_600),
        ("measured/poisson-coldstart/res-01-2020-05-26_01-31-35.csv", "table", 1_648),
        ("traces/weblogs-elastic/apache_logs", "web-access", 10_000),
        // 4,032 rows, and 8 intervals between them that have none.
        ("traces/cloudwatch-nab/elb_request_count_8c0756.csv", "trace", 4_040),
        ("traces/azure2021-invitro/Azure2021_200.csv", "trace", 199),
    ] {
        let records = records(&[path], None);
        assert_eq!((records.sources[0].1, records.len()), (kind, n), "{path}");
        let calibrated = calibrate::calibrate(&records, None, 20);
        let resolved = scenario(&records, &calibrated);
        assert_eq!(resolved.scenario.functions.len(), calibrated.len());
        assert!(
            calibrated.iter().any(|one| one.figures.iter().any(|figure| figure.key == "arrivals"))
                || records.tick == 0.0
                || n < 5_000
        );
    }
}

#[test]
fn constant_and_random_arrivals_are_told_apart_in_real_logs() {
    let process = |path: &str| {
        let records = records(&[path], None);
        let found = calibrate::calibrate(&records, None, 1);
        found[0].figure("arrivals").unwrap().value.clone()
    };
    for rate in [1, 4, 10] {
        let value = process(&format!("logs/aws-cloudwatch-rps/aws_{rate}_cloudwatch.json"));
        assert!(value.starts_with("{ constant = \""), "{value}");
    }
    let value = process("measured/poisson-coldstart/res-01-2020-05-28_01-57-40.csv");
    assert!(value.starts_with("{ poisson = \""), "{value}");
}

/// Broken logs end with code 2 and say where; nothing is printed as if it were a result.
#[test]
fn broken_logs_are_refused_with_their_place() {
    let dir = tempfile::tempdir().unwrap();
    let event =
        "{\"timestamp\":1747081446310,\"message\":\"REPORT RequestId: a\\tDuration: 155.51 ms\\tBilled Duration: 156 ms\"}";
    let long = "REPORT RequestId: a Duration: 1 ms".to_owned() + &"x".repeat(10 << 20);
    let cases: [(&str, Vec<u8>, &[&str]); 6] = [
        ("cut.json", format!("[{event},\n{event},\n{{\"timest").into_bytes(), &["cut.json:3", "ends too early"]),
        ("long.log", long.into_bytes(), &["long.log:1", "bytes"]),
        ("binary.log", b"REPORT RequestId: a Duration: \xff\xfe ms".to_vec(), &["binary.log:1", "UTF-8"]),
        ("packed.gz", b"\x1f\x8b\x08\x00\x00\x00".to_vec(), &["packed.gz:1", "UTF-8"]),
        ("empty.log", Vec::new(), &["empty.log", "empty"]),
        ("other.txt", b"hello\nworld\n".to_vec(), &["other.txt:1", "--kind"]),
    ];
    for (name, bytes, expected) in cases {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        let output = Command::cargo_bin("faascast")
            .unwrap()
            .arg("calibrate")
            .arg(&path)
            .arg("--output")
            .arg(dir.path().join("o"))
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{name}: {said}");
        assert!(expected.iter().all(|part| said.contains(part)), "{name}: {said}");
        assert!(said.len() < 2_000, "{name}: {} bytes", said.len());
    }
}

/// Mixed line endings and single broken lines cost nothing but these lines; the fragment runs.
#[test]
fn the_usable_lines_of_a_broken_log_are_used() {
    let dir = tempfile::tempdir().unwrap();
    let line = |i: i64, ms: f64| {
        format!(
            "2025-05-12T20:24:{i:02}Z 2025/05/12/[$LATEST]5b REPORT RequestId: r{i}\tDuration: {ms} ms\tBilled Duration: 200 ms\tMemory Size: 512 MB\tMax Memory Used: 40 MB"
        )
    };
    let mut bytes = Vec::new();
    for i in 0..40 {
        bytes.extend(line(i, 150.0 + (i * 7 % 13) as f64).bytes());
        bytes.extend([b"\n".as_slice(), b"\r\n", b"\r"][i as usize % 3]);
    }
    bytes.extend(b"REPORT RequestId: x Duration: -5 ms\n\xff\xfe\n");
    let (log, fitted) = (dir.path().join("mixed.log"), dir.path().join("fitted.toml"));
    fs::write(&log, bytes).unwrap();
    let program = || Command::cargo_bin("faascast").unwrap();
    let output = program()
        .arg("calibrate")
        .arg(&log)
        .args(["--scenario", "-o"])
        .arg(&fitted)
        .arg("--output")
        .arg(dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("mixed.log:41") && said.contains("mixed.log:42") && said.contains("2 lines cannot be read"), "{said}");
    let text = fs::read_to_string(&fitted).unwrap();
    assert!(text.contains("to 40 invocations") && text.contains("memory = \"512 MiB\""), "{text}");
    assert!(fs::read_to_string(dir.path().join("report.html")).unwrap().contains("<svg"));
    // The forecast, with what not knowing the values adds.
    let output = program()
        .arg("run")
        .arg(&fitted)
        .args([
            "--set",
            "simulation.horizon=10min",
            "--set",
            "simulation.replications=3",
            "--input-uncertainty=5",
            "--emit-logs",
            &dir.path().join("logs").display().to_string(),
            "--format",
            "json",
            "--output",
        ])
        .arg(dir.path().join("o"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let logs = fs::read_to_string(dir.path().join("logs/function.log")).unwrap();
    assert!(logs.contains("REPORT RequestId: ") && logs.contains("Memory Size: 512 MB"), "{}", &logs[..logs.len().min(500)]);
    let split = &result["input_uncertainty"];
    assert_eq!(split["samples"], 5);
    let p50 = split["figures"].as_array().unwrap().iter().find(|figure| figure["figure"] == "p50").unwrap();
    assert!(p50["input_sd"].as_f64().unwrap() > 0.0, "{p50}");
}

/// The small version of the study in `tests/nightly`: 20 short logs.
#[test]
fn what_was_simulated_is_found_again() {
    for platform in ["aws-lambda", "alibaba-fc"] {
        let found = super::round_trip::round_trips(platform, "20min", 0..20);
        for (name, (inside, all)) in &found {
            // Of 20 intervals of 95 % fewer than 16 hold the truth with a probability of 0.3 %.
            assert!(*inside >= 16 && *all == 20, "{platform}: {name} in {inside} of {all}");
        }
        let pooled = super::round_trip::pooled(&found);
        assert!((0.90..=0.99).contains(&pooled), "{platform}: {pooled}");
    }
}

/// The log is one entry an invocation, and writing it changes nothing.
#[test]
fn a_log_changes_no_count() {
    use faascast::engine;
    let known = super::round_trip::known("aws-lambda", "1h", 3);
    let silent = engine::run(&known, 3, 0);
    let (counted, log) = engine::run_logged(&known, 3, 0);
    let (a, b) = (&silent.functions[0], &counted.functions[0]);
    assert_eq!((a.invocations, a.cold_starts, a.billed_ns, a.attempts), (b.invocations, b.cold_starts, b.billed_ns, b.attempts));
    assert_eq!((log.len() as u64, log.iter().filter(|entry| entry.cold).count() as u64), (a.invocations, a.cold_starts));
}
