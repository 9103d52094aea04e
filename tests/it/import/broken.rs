//! Files that are no deployment files, or broken ones: an error with line, column and remedy, never a panic, never slow.

use std::time::{Duration, Instant};

use faascast::diagnostic::{Diagnostic, Severity};
use faascast::import::{self, Options};
use proptest::prelude::*;

use super::{names, text};

/// Far above what any takes, far below what a user would call hanging, on a slow machine without optimisation.
const SOON: Duration = Duration::from_secs(20);

fn errors(text: &str) -> Vec<Diagnostic> {
    let begun = Instant::now();
    let found = import::import(text, "f.yaml", &Options::default()).expect_err("the file is broken");
    assert!(begun.elapsed() < SOON, "it took {:?}", begun.elapsed());
    found
}

/// The first error, its line and column.
fn error(text: &str) -> (usize, usize, String) {
    let found = errors(text);
    let first = found.iter().find(|finding| finding.severity == Severity::Error).unwrap();
    assert!(!first.hints.is_empty(), "{first}");
    (first.line, first.column, first.message.clone())
}

#[test]
fn references_in_circles_are_errors_with_their_place() {
    let s = "vars:\n  a: ${vars.b}\n  b: ${vars.a}\nresources:\n  f:\n    component: fc3\n    props: {runtime: python3.9, region: x}\n";
    assert_eq!(error(s), (2, 6, "`${vars.b}` refers to itself, over others".to_owned()));
    let conditions = "Conditions:\n  A: !Not [Condition: B]\n  B: !Not [Condition: A]\nResources:\n  F:\n    Type: \
                      AWS::Lambda::Function\n    Condition: A\n    Properties: {Runtime: python3.9}\n";
    assert_eq!(error(conditions), (3, 23, "the condition refers to itself, over others".to_owned()));
    assert_eq!(error("a: &a {b: *a}").0, 1);
}

/// References of resources to one another are no circle: nothing is made of them.
#[test]
fn resources_may_refer_to_one_another() {
    let template = "Resources:\n  A: {Type: 'AWS::Lambda::Function', Properties: {Role: !GetAtt B.Arn, Environment: {Variables: {X: \
                    !Ref A}}}}\n  B: {Type: 'AWS::IAM::Role', Properties: {ManagedPolicyArns: [!Ref B]}}\n";
    assert!(import::import(template, "t.yaml", &Options::default()).is_ok());
}

#[test]
fn unknown_files_name_what_is_known() {
    for text in ["a: 1\n", "[1, 2]", "plain words", "<html></html>"] {
        let found = errors(text);
        assert_eq!(found[0].code, "unknown-kind", "{text}");
        assert!(found[0].hints[0].contains("AWS SAM"));
    }
    assert_eq!(errors("Resources: {Q: {Type: 'AWS::SQS::Queue'}}")[0].severity, Severity::Note);
    assert!(errors("Resources: {Q: {Type: 'AWS::SQS::Queue'}}").iter().any(|finding| finding.code == "no-functions"));
}

#[test]
fn values_of_the_wrong_kind_are_left_out_and_said() {
    let template = "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      MemorySize: [1]\n      Timeout: \
                    soon\n      Environment: 3\n      Layers: {a: b}\n      Runtime: !ImportValue x\n";
    let imported = import::import(template, "t.yaml", &Options::default()).unwrap();
    let lines: Vec<usize> =
        imported.findings.iter().filter(|finding| finding.severity == Severity::Warning).map(|finding| finding.line).collect();
    assert_eq!(lines, [5, 6, 7, 8, 9], "{:?}", imported.findings);
}

#[test]
fn hostile_files_are_not_slow() {
    let long = "x".repeat(10 << 20);
    let s = |props: &str| format!("resources:\n  f:\n    component: fc3\n    props:\n      runtime: python3.10\n{props}");
    let begun = Instant::now();
    let imported = import::import(&s(&format!("      description: {long}\n")), "s.yaml", &Options::default()).unwrap();
    assert!(imported.text.len() < 10_000);
    let many: String = (0..5_000).map(|n| format!("        v{n}: ${{vars.x}}\n")).collect();
    let text = format!("vars: {{x: y}}\n{}", s(&format!("      environmentVariables:\n{many}")));
    assert!(import::import(&text, "s.yaml", &Options::default()).is_ok());
    let same: String =
        (0..3_000).map(|n| format!("  F{n}: {{Type: 'AWS::Lambda::Function', Properties: {{FunctionName: x}}}}\n")).collect();
    let imported = import::import(&format!("Resources:\n{same}"), "t.yaml", &Options::default()).unwrap();
    assert_eq!(imported.draft.functions[2_999].name, "x-3000");
    assert!(begun.elapsed() < SOON, "it took {:?}", begun.elapsed());
    let chain: String = (0..3_000).map(|n| format!("  C{n}: !Not [Condition: C{}]\n", n + 1)).collect();
    let chain = format!("Conditions:\n{chain}Resources:\n  F: {{Type: 'AWS::Lambda::Function', Condition: C0}}\n");
    assert_eq!(error(&chain).2, "more than 50 conditions in a chain");
    assert!(error(&"[".repeat(1 << 20)).2.contains("recursion limit"));
    assert!(error(&"{\"a\":".repeat(1 << 16)).2.contains("JSON"));
    assert!(error(&"a: &a\n".repeat(1 << 10)).0 > 0);
}

#[test]
fn names_that_steer_scenarios_or_terminals_stay_names() {
    let s = "resources:\n  \"x]\\nplatform = 1\\e[2J\":\n    component: fc3\n    props:\n      runtime: python3.10\n      \
             functionName: \"=cmd\\n[account]\"\n      environmentVariables: {\"a.b\\n\": \"c\\nd\"}\n";
    let imported = import::import(s, "s.yaml", &Options::default()).unwrap();
    let read = super::resolved(&imported.text);
    assert_eq!(read.scenario.functions[0].name, "cmd-[account]");
    assert!(!imported.text.contains('\u{1b}'));
}

#[test]
fn mixed_line_endings_and_a_mark_at_the_start_change_nothing() {
    let plain = text("fc3/nodejs-s.yaml");
    let mixed: String =
        (0..).zip(plain.lines()).map(|(n, line)| format!("{line}{}", if n % 2 == 0 { "\r\n" } else { "\n" })).collect();
    let of = |text: &str| import::import(text, "s.yaml", &Options::default()).unwrap().text;
    assert_eq!(of(&plain), of(&format!("\u{feff}{mixed}")));
}

/// A file with a piece cut out, or two characters exchanged.
fn mutated(text: &str, cut: (usize, usize), swap: (usize, usize)) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let length = letters.len();
    letters.swap(swap.0 % length, swap.1 % length);
    let from = cut.0 % length;
    letters.drain(from..(from + cut.1).min(length));
    letters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_mutated_file_panics(which in any::<prop::sample::Index>(), cut in (any::<usize>(), 0..400_usize), swap in any::<(usize, usize)>()) {
        let files = names(&["cloudformation", "fc2", "fc3", "ros", "sam"]);
        let name = which.get(&files);
        let text = mutated(&text(name), cut, swap);
        match import::import(&text, name, &Options::default()) {
            Ok(imported) => { super::resolved(&imported.text); }
            Err(found) => prop_assert!(found.iter().any(|finding| finding.severity == Severity::Error && finding.line > 0), "{found:?}"),
        }
    }
}
