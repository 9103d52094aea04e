//! The commands `import` and `check` on deployment files.

use std::fs;

use assert_cmd::Command;
use serde_json::Value;

use super::examples;

fn faascast(args: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("faascast").unwrap().current_dir(examples()).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_scenario_is_data_and_the_notes_are_talk() {
    let (code, out, err) = faascast(&["import", "fc3/nodejs-s.yaml"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("# From nodejs-s.yaml") && out.contains("platform = \"alibaba-fc\""));
    assert!(err.contains("without effect on cost and capacity: `access` (line 3)") && err.contains("fc3/nodejs-s.yaml:1:1"));
    assert!(out.contains("faascast calibrate LOGS… --function fc3-event-nodejs18"));
    let (code, _, err) = faascast(&["import", "fc3/nodejs-s.yaml", "--quiet"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let (code, _, _) = faascast(&["import", "fc3/nodejs-s.yaml", "--format", "json"]);
    assert_eq!(code, 2);
}

#[test]
fn the_scenario_runs_as_it_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a/scenario.toml");
    let file = file.to_str().unwrap();
    let (code, out, err) = faascast(&["import", "sam/ecommerce-orders.template.yaml", "-o", file]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    assert!(fs::read_to_string(file).unwrap().contains("[functions.GetOrderFunction]"));
    let (code, out, err) = faascast(&["explain", file]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("functions.CreateOrderFunction.memory = 768 MiB"));
}

#[test]
fn parameters_stand_in_for_the_environment() {
    let (_, out, _) = faascast(&["import", "fc3/nodejs-s.yaml", "--parameter", "REGION=cn-shanghai"]);
    assert!(out.contains("region = \"cn-shanghai\""));
    let (code, _, err) = faascast(&["import", "fc3/nodejs-s.yaml", "--parameter", "REGION"]);
    assert!(code == 2 && err.contains("NAME=VALUE"));
}

#[test]
fn check_points_at_the_lines_of_the_deployment_file() {
    let (code, out, err) = faascast(&["check", "fc3/complete-props.s.yaml", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let found: Value = serde_json::from_str(&out).unwrap();
    let findings = found["findings"].as_array().unwrap();
    let of = |rule: &str| findings.iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("{rule}: {out}"));
    let http = of("access/anonymous-http");
    assert_eq!((http["line"].as_u64(), http["severity"].as_str()), (Some(123), Some("error")));
    assert_eq!(of("limits/refused")["line"].as_u64(), Some(97));
    // Work and traffic are placeholders: nothing is judged by them.
    assert!(
        findings.iter().all(|finding| finding["severity"] == "checklist" || !finding["path"].as_str().unwrap().contains("work"))
    );
    let (code, out, err) = faascast(&["check", "fc3/complete-props.s.yaml", "--format", "sarif", "--fail-on", "error"]);
    assert_eq!(code, 99, "{err}");
    let sarif: Value = serde_json::from_str(&out).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().all(|result| result["ruleIndex"].is_u64() || result["ruleId"] == "limits/refused"));
    assert!(results.iter().any(|result| result["locations"][0]["physicalLocation"]["region"]["startLine"] == 123));
}

#[test]
fn broken_files_end_with_2() {
    let dir = tempfile::tempdir().unwrap();
    let cases: [(&str, &[u8], &str); 6] = [
        ("empty.yaml", b"", "the file is empty"),
        ("cut.json", b"{\"Resources\": {\"F\": {\"Type\": \"AWS::La", "not valid JSON"),
        ("binary.yaml", b"\x7fELF\0\0\0", "not a text file"),
        ("latin.yaml", b"a: \xe4\n", "not text in UTF-8"),
        ("two.yaml", b"a: 1\n---\nb: 2\n", "more than one document"),
        ("other.yaml", b"a: 1\n", "no deployment file that is known"),
    ];
    for (name, bytes, message) in cases {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        for command in ["import", "check"] {
            let (code, out, err) = faascast(&[command, path.to_str().unwrap()]);
            assert_eq!((code, out.as_str()), (2, ""), "{name}: {err}");
            assert!(err.contains(message) && err.contains("hint: ") && err.contains(name), "{name}: {err}");
        }
    }
    assert_eq!(faascast(&["import", "there-is-none.yaml"]).0, 1);
}
