//! Every example file: what it gives, that it reads back, and that nothing is dropped silently.

use faascast::diagnostic::{Diagnostic, Severity};
use faascast::import::draft::{Function, Written};
use faascast::import::{self, Imported, Options};
use faascast::units::{Bytes, Span};

use super::{imported, names, resolved, text};

const DOCS: &str = include_str!("../../../docs/import.md");
/// The kinds whose files are tested here.
const FOLDERS: &[&str] = &["cloudformation", "fc2", "fc3", "ros", "sam"];

/// A row of the table in the documentation.
fn row(name: &str, imported: &Imported) -> String {
    let of = |severity: Severity| imported.findings.iter().filter(|finding| finding.severity == severity).count();
    let kind = imported.kind.split_once(' ').map_or(imported.kind, |(_, kind)| kind);
    format!(
        "| {name} | {kind} | {} | {} | {} | {} |",
        imported.draft.functions.len(),
        import::settings(&imported.draft),
        of(Severity::Warning),
        of(Severity::Note),
    )
}

#[test]
fn every_file_gives_what_the_documentation_says_and_reads_back() {
    let mut rows = Vec::new();
    for name in names(FOLDERS) {
        let imported = imported(&name);
        let read = resolved(&imported.text);
        assert_eq!(read.scenario.functions.len(), imported.draft.functions.len(), "{name}: a function was refused");
        assert!(imported.findings.iter().all(|finding| finding.severity != Severity::Error), "{name}");
        rows.push(row(&name, &imported));
    }
    let missing: Vec<&String> = rows.iter().filter(|row| !DOCS.lines().any(|line| line == row.as_str())).collect();
    assert!(missing.is_empty(), "docs/import.md lacks some of these rows:\n{}", rows.join("\n"));
}

/// Every line that sets something has a comment with a line of the file on which the key stands, or says `placeholder`.
#[test]
fn every_line_says_where_it_is_from() {
    for name in names(FOLDERS) {
        let (source, imported) = (text(&name), imported(&name));
        let source: Vec<&str> = source.lines().collect();
        for line in imported.text.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')) {
            let fixed = ["to = ", "invoke = ", "platform = "].iter().any(|key| line.starts_with(key)) || line.ends_with('[');
            if fixed || line.contains("# placeholder") {
                continue;
            }
            let Some((_, comment)) = line.rsplit_once("# line ") else { panic!("{name}: {line}") };
            let (number, path) = comment.split_once(": ").unwrap();
            let there = source[number.parse::<usize>().unwrap() - 1];
            let path = path.split(';').next().unwrap().trim_end_matches(".Properties");
            let key = path.trim_end_matches('…').rsplit('.').next().unwrap();
            let key = key.split('[').next().unwrap();
            assert!(
                path.contains('…') || path.contains('[') || there.contains(key),
                "{name}: `{key}` is not in line {number}: {there}"
            );
        }
    }
}

/// Each key of the properties of a function is a setting, or is named in a note.
#[test]
fn no_key_of_a_function_is_dropped_silently() {
    for name in names(&["fc3", "fc2"]) {
        let imported = imported(&name);
        let said: String = imported.findings.iter().map(|finding| format!("{} {}\n", finding.path, finding.message)).collect();
        for (number, line) in (1..).zip(text(&name).lines()) {
            let Some((key, value)) = line.trim_start().split_once(':') else { continue };
            let indent = line.len() - line.trim_start().len();
            let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric());
            // The properties themselves; of mappings the keys inside are named.
            let mapping = value.split('#').next().unwrap().trim().is_empty();
            if indent != 6 || !plain || mapping {
                continue;
            }
            let listed = said.contains(&format!("`{key}`")) || said.contains(&format!(".{key}"));
            let nested = imported.text.contains(&format!(".{key}"));
            assert!(listed || nested || key == "functionName", "{name}:{number}: `{key}` is neither set nor named\n{said}");
        }
    }
}

fn setting(f: &Function, path: &str) -> String {
    match f.setting(path).map(|setting| &setting.value) {
        Some(Written::Value(value)) => value.to_string(),
        Some(Written::Items(items)) => items.iter().map(|item| item.value.to_string()).collect::<Vec<_>>().join(", "),
        None => "not set".to_owned(),
    }
}

#[test]
fn function_compute_3_to_the_letter() {
    let imported = imported("fc3/nodejs-s.yaml");
    let read = resolved(&imported.text).scenario;
    let f = &read.functions[0];
    assert_eq!((read.platform.as_str(), read.region.as_str()), ("alibaba-fc", "cn-hongkong"));
    assert_eq!((f.name.as_str(), f.runtime.as_str()), ("fc3-event-nodejs18", "nodejs18"));
    assert_eq!((f.memory, f.timeout, f.reserved), (Bytes::from_mib(128), Span::from_secs(60), Some(1)));
    assert_eq!((f.asynchronous.retries, f.asynchronous.max_event_age), (1, Span::from_secs(360)));
    assert!(f.asynchronous.dead_letter);
    assert_eq!(read.billing.provisioned_idle, Some(true));
    assert_eq!(setting(&imported.draft.functions[0], "provisioned"), "1");
    assert_eq!(setting(&imported.draft.functions[0], "init_timeout"), "\"10s\"");
}

#[test]
fn scaling_policies_keep_instances_warm() {
    let imported = imported("fc3/scaling-s.yaml");
    let f = &imported.draft.functions[0];
    assert_eq!((setting(f, "provisioned").as_str(), setting(f, "reserved").as_str()), ("5", "100"));
    let tracking = imported.findings.iter().find(|finding| finding.message.contains("tracking")).unwrap();
    assert_eq!((tracking.line, tracking.message.as_str()), (24, "tracking of a target is not carried over: 1 to 10 instances"));
}

#[test]
fn services_of_function_compute_2_are_their_functions() {
    let imported = imported("fc2/multi-envs.s.yaml");
    let f = &imported.draft.functions[0];
    assert_eq!(resolved(&imported.text).scenario.platform, "alibaba-fc2");
    assert_eq!(setting(f, "deployment.mounts"), "{ path = \"/mnt/auto\" }");
    assert_eq!(setting(f, "deployment.triggers"), "{ kind = \"http\", auth = \"anonymous\" }");
    assert_eq!(setting(f, "deployment.public_egress"), "true");
}

#[test]
fn templates_of_fun_have_functions_in_their_services() {
    let imported = imported("ros/fun2s.template.yaml");
    let names: Vec<&str> = imported.draft.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["nodejs12", "nodejs10", "nodejs8"]);
    let timer = &imported.draft.functions[1];
    assert_eq!(timer.traffic[0].rate.as_deref(), Some("1/d"));
    assert_eq!(setting(timer, "deployment.role.policies"), "[\"AliyunVPCReadOnlyAccess\"]");
}

#[test]
fn what_is_said_for_all_functions_is_theirs() {
    let imported = imported("sam/ecommerce-orders.template.yaml");
    let read = resolved(&imported.text).scenario;
    let orders = read.functions.iter().find(|f| f.name == "CreateOrderFunction").unwrap();
    assert_eq!((orders.memory, orders.timeout), (Bytes::from_mib(768), Span::from_secs(30)));
    assert_eq!(orders.architecture, faascast::scenario::Architecture::Arm);
    assert!(imported.text.contains("# line 45: Globals.Function.Runtime"));
    let stream = imported.draft.functions.iter().find(|f| f.name == "TableUpdateFunction").unwrap();
    assert_eq!(setting(stream, "deployment.triggers"), "{ kind = \"dynamodb\", source = \"${Table.StreamArn}\" }");
}

#[test]
fn parameters_decide_conditions() {
    let name = "sam/translator-capacity_provider_global_with_functions.yaml";
    let stage = |stage: &str| {
        let options = Options { parameters: vec![("Environment".into(), stage.into())], ..Options::default() };
        import::import(&text(name), name, &options).unwrap().text
    };
    assert!(stage("prod").contains("ENV = \"prod\""));
    assert!(!stage("dev").contains("ENV = \"prod\""));
}

#[test]
fn settings_beyond_the_limits_are_left_out_and_said_with_their_place() {
    let yaml = "edition: 3.0.0\nresources:\n  a:\n    component: fc3\n    props:\n      region: cn-nowhere\n      handler: x\n      \
                runtime: python3.10\n      memorySize: 64\n      cpu: 0.35\n      timeout: 99999999\n";
    let imported = import::import(yaml, "s.yaml", &Options::default()).unwrap();
    let refused: Vec<&Diagnostic> = imported.findings.iter().filter(|finding| finding.code == "refused").collect();
    let at: Vec<(usize, usize, &str)> = refused.iter().map(|f| (f.line, f.column, f.path.as_str())).collect();
    let path = |key: &str| format!("resources.a.props.{key}");
    let (region, memory, cpu, timeout) = (path("region"), path("memorySize"), path("cpu"), path("timeout"));
    let expected = [(6, 7, region.as_str()), (9, 7, memory.as_str()), (10, 7, cpu.as_str()), (11, 7, timeout.as_str())];
    assert_eq!(at, expected, "{refused:?}");
    assert!(imported.text.contains("# memory = \"64 MiB\""));
    resolved(&imported.text);
}
