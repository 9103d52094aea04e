//! Files that are cut off, of the wrong shape, or made to hurt: an answer comes soon, and never a panic.

use crate::reading::NoFiles;
use std::time::{Duration, Instant};

use super::terraform::{plan, resource};
use super::{example, read, refused, tells};
use faascast::import::{Options, import};
use faascast::scenario;

const EXAMPLES: [&str; 8] = [
    "serverless-framework/apigw-s3-lambda.serverless.yml",
    "serverless-framework/aws-golang-http-get-post.serverless.yml",
    "serverless-framework/aws-ruby-step-functions.serverless.yml",
    "terraform/example_plan.json",
    "terraform/plan_small.json",
    "cloudrun/multi-container.service.yaml",
    "azure/multiple-inputs.function.json",
    "azure/node.host.json",
];

/// Whatever is imported reads back.
fn either(text: &str) {
    if let Ok(imported) = import(text, "file", &Options::default()) {
        let read = scenario::read(&imported.text, "scenario.toml", &[], &NoFiles);
        assert!(read.is_ok(), "{:?}\n{}", read.err(), imported.text);
    }
}

#[test]
fn every_example_cut_anywhere_is_read_or_refused() {
    for file in EXAMPLES {
        let text = example(file);
        let letters: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for cut in letters.iter().step_by((letters.len() / 60).max(1)) {
            either(&text[..*cut]);
        }
    }
}

/// A value of another type in place of each line's.
#[test]
fn every_line_may_have_a_value_of_the_wrong_type() {
    for file in EXAMPLES {
        let text = example(file);
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(": ")).step_by(lines.len() / 40 + 1) {
            let (key, rest) = line.split_once(": ").unwrap();
            let comma = if rest.trim_end().ends_with(',') { "," } else { "" };
            for value in ["[1, {\"a\": -1}]", "{\"b\": [null]}", "-7", "1e400", "\"${self:x}\"", "null", "\"\\u0000=x\""] {
                let mut broken = lines.clone();
                let changed = format!("{key}: {value}{comma}");
                broken[index] = &changed;
                either(&broken.join("\n"));
            }
        }
    }
}

#[test]
fn names_that_could_hurt_are_tamed() {
    let (imported, resolved) = read(
        "service: s\nprovider: aws\nfunctions:\n  \"=cmd|' /C calc'!A0\": {handler: \"x\\n[simulation]\"}\n  \"a\\u001b[2J\": {description: \"\\u001b]0;x\"}\n",
    );
    assert!(
        resolved.scenario.functions.iter().all(|function| !function.name.starts_with('=') && !function.name.contains('\u{1b}'))
    );
    assert!(!imported.text.contains('\u{1b}'), "{}", imported.text);
}

#[test]
fn circles_are_found() {
    let (imported, _) = read(
        "service: s\nprovider: {name: aws, memorySize: '${self:custom.a}'}\ncustom: {a: '${self:custom.b}', b: '${self:custom.a}'}\nfunctions: {f: {handler: x}}\n",
    );
    tells(&imported, "refers to itself");
    let whole = "service: s\nprovider: ${self:provider}\ncustom: ${self:custom}\nfunctions: ${self:functions}\n";
    either(whole);
}

#[test]
fn large_files_end_soon() {
    let start = Instant::now();
    let doubling: Vec<String> =
        (1..60).map(|n| format!("  a{n}: ['${{self:custom.a{0}}}', '${{self:custom.a{0}}}']", n - 1)).collect();
    let text = format!(
        "service: s\nprovider: {{name: aws, layers: '${{self:custom.a59}}'}}\ncustom:\n  a0: x\n{}\nfunctions: {{f: {{handler: x}}}}\n",
        doubling.join("\n")
    );
    assert!(refused(&text).contains("variables make too much of the file"));
    let many: Vec<String> = (0..2_000).map(|n| format!("  f{n}: {{handler: x, events: [{{http: GET /{n}}}]}}")).collect();
    let text = format!("service: s\nprovider: aws\nfunctions:\n{}\n", many.join("\n"));
    let (_, resolved) = read(&text);
    assert_eq!(resolved.scenario.functions.len(), 2_000);
    let functions: Vec<String> = (0..1_000)
        .map(|n| {
            resource(&format!("aws_lambda_function.f{n}"), &format!("{{\"function_name\": \"f{n}\", \"memory_size\": 128}}"))
        })
        .collect();
    let links: Vec<String> = (0..1_000)
        .map(|n| {
            resource(
                &format!("aws_lambda_function_url.u{n}"),
                &format!("{{\"function_name\": \"f{n}\", \"authorization_type\": \"NONE\"}}"),
            )
        })
        .collect();
    let (_, resolved) = read(&plan(&[functions, links].concat(), ""));
    assert_eq!(resolved.scenario.functions.len(), 1_000);
    let deep = format!("{{\"planned_values\": {{\"root_module\": {}{}}}}}", "{\"child_modules\": [".repeat(60), "]}".repeat(60));
    either(&deep.replace("[]", "[{}]"));
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}
