//! Deployment files of the Serverless Framework, Terraform, Cloud Run and Azure become scenarios that read back, and nothing of
//! them is dropped without a word.

mod azure;
mod broken;
mod cloud_run;
mod serverless;
mod terraform;

use std::fs;
use std::path::PathBuf;

use crate::reading::NoFiles;
use faascast::diagnostic::{Diagnostic, Severity};
use faascast::import::{Imported, Options, import};
use faascast::scenario::{self, Resolved};

fn options(parameters: &[(&str, &str)], platform: Option<&str>) -> Options {
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Options { parameters, platform: platform.map(str::to_owned) }
}

/// What a text becomes; it must read back without an error.
fn read_with(text: &str, options: &Options) -> (Imported, Resolved) {
    let imported = import(text, "file", options).unwrap_or_else(|found| panic!("{}", shown(&found)));
    let resolved = scenario::read(&imported.text, "scenario.toml", &[], &NoFiles);
    let resolved = resolved.unwrap_or_else(|found| panic!("{}\n{}", shown(&found), imported.text));
    for finding in &imported.findings {
        assert!(finding.severity != Severity::Error, "{finding}");
        assert!(finding.line > 0, "{finding}");
    }
    (imported, resolved)
}

fn read(text: &str) -> (Imported, Resolved) {
    read_with(text, &Options::default())
}

/// Why a text cannot be imported.
fn refused(text: &str) -> String {
    let found = import(text, "file", &Options::default()).err().unwrap_or_else(|| panic!("it was imported:\n{text}"));
    assert!(found.iter().any(|finding| finding.severity == Severity::Error), "{}", shown(&found));
    for finding in found.iter().filter(|finding| finding.severity == Severity::Error) {
        assert!(!finding.hints.is_empty(), "{finding}");
    }
    shown(&found)
}

fn shown(findings: &[Diagnostic]) -> String {
    findings.iter().map(|finding| format!("{finding}\n")).collect()
}

/// The findings as one text.
fn said(imported: &Imported) -> String {
    shown(&imported.findings)
}

fn example(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/examples/configs").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether the scenario has a line that begins so, its comment left out.
#[track_caller]
fn has(imported: &Imported, line: &str) {
    let begins =
        |text: &str| text.trim() == line || text.trim().strip_prefix(line).is_some_and(|rest| rest.trim_start().starts_with('#'));
    assert!(imported.text.lines().any(begins), "no `{line}` in\n{}", imported.text);
}

#[track_caller]
fn has_not(imported: &Imported, part: &str) {
    assert!(!imported.text.contains(part), "`{part}` in\n{}", imported.text);
}

#[track_caller]
fn tells(imported: &Imported, part: &str) {
    assert!(said(imported).contains(part), "no `{part}` in\n{}", said(imported));
}

const DOCS: &str = include_str!("../../../docs/import.md");

/// The table of the documentation has a row for each example of these kinds, also for those that are refused.
#[test]
fn every_example_gives_what_the_documentation_says() {
    let mut rows = Vec::new();
    for folder in ["azure", "cloudrun", "serverless-framework", "terraform"] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/examples/configs").join(folder);
        let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        for name in names.iter().filter(|name| *name != "SOURCE.md").map(|name| format!("{folder}/{name}")) {
            let Ok(imported) = import(&example(&name), &name, &Options::default()) else {
                rows.push(format!("| {name} | refused: no plan | | | | |"));
                continue;
            };
            let of = |severity: Severity| imported.findings.iter().filter(|finding| finding.severity == severity).count();
            let kind = imported.kind.split_once(' ').map_or(imported.kind, |(_, kind)| kind);
            let (functions, settings) = (imported.draft.functions.len(), faascast::import::settings(&imported.draft));
            let (warnings, notes) = (of(Severity::Warning), of(Severity::Note));
            rows.push(format!("| {name} | {kind} | {functions} | {settings} | {warnings} | {notes} |"));
        }
    }
    let missing: Vec<&String> = rows.iter().filter(|row| !DOCS.lines().any(|line| line == row.as_str())).collect();
    assert!(missing.is_empty(), "docs/import.md lacks some of these rows:\n{}", rows.join("\n"));
}

/// Each key of a mapping in a file is in a comment of the scenario or in a finding.
#[test]
fn no_key_of_a_function_is_dropped_without_a_word() {
    let text = "
service: shop
provider: {name: aws, runtime: nodejs22.x, oddity: {deep: 1}}
functions:
  f:
    handler: x
    memorySize: 512
    timeout: 5
    surprise: {inner: 2}
    vpc: {subnetIds: [a], securityGroupIds: [b]}
    url: {authorizer: aws_iam, cors: true, mystery: 1}
    package: {patterns: [a], riddle: 1}
    destinations: {onSuccess: a, onFailure: b, enigma: 1}
    events:
      - http: {path: /a, method: get, puzzle: 3}
      - sqs: {arn: arn:q, batchSize: 5}
      - s3: {bucket: b, rules: [{prefix: x}], secret: 1}
";
    let (imported, _) = read(text);
    let all = format!("{}{}", imported.text, said(&imported));
    let keys = [
        "oddity",
        "surprise",
        "mystery",
        "riddle",
        "enigma",
        "puzzle",
        "batchSize",
        "secret",
        "memorySize",
        "timeout",
        "vpc",
        "handler",
        "rules",
        "patterns",
        "onSuccess",
        "onFailure",
        "cors",
    ];
    for key in keys {
        assert!(all.contains(key), "`{key}` is nowhere in\n{all}");
    }
}
