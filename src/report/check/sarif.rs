//! SARIF 2.1.0 (OASIS standard, 2020): what code review tools read.

use serde_json::{Value, json};

use crate::check::{Finding, Severity, rules};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A log with one run. Questions are results of the kind `review`, whose level is `none` by the standard.
#[must_use]
pub fn sarif(findings: &[Finding]) -> Value {
    let ids: Vec<&str> = rules::all().map(|rule| rule.id).collect();
    let described: Vec<Value> = rules::all()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": rule.about },
                "help": { "text": format!("Source: {}.", rule.source) },
                "properties": { "responsibility": rule.responsibility },
            })
        })
        .collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, &ids)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "faascast", "version": env!("CARGO_PKG_VERSION"), "rules": described } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(finding: &Finding, ids: &[&str]) -> Value {
    let (kind, level) = match finding.severity {
        Severity::Error => ("fail", "error"),
        Severity::Warning => ("fail", "warning"),
        Severity::Note => ("fail", "note"),
        Severity::Checklist => ("review", "none"),
    };
    let said = [&finding.message, &finding.effect, &finding.remedy].into_iter().filter(|text| !text.is_empty());
    let said: Vec<String> = said.map(|text| super::sentence(text)).collect();
    let mut result = json!({
        "ruleId": finding.rule,
        "kind": kind,
        "level": level,
        "message": { "text": said.join(" ") },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&finding.file) },
                // Lines are counted from 1; a value of the command line has none.
                "region": { "startLine": finding.line.max(1), "startColumn": finding.column.max(1) },
            },
            "logicalLocations": [{ "fullyQualifiedName": finding.path }],
        }],
        // The same finding in the next version of the file is the same one, wherever its line is.
        "partialFingerprints": { "rulePathMessage/v1": format!("{}|{}", finding.rule, finding.path) },
    });
    // What an importer found is of no rule that is described.
    if let (Some(index), Some(result)) = (ids.iter().position(|id| *id == finding.rule), result.as_object_mut()) {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    result
}

/// A path as a relative reference: what is not plain is percent-encoded.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("a b/ä.toml"), "a%20b/%C3%A4.toml");
        assert_eq!(uri(r"a\b.toml"), "a/b.toml");
    }
}
