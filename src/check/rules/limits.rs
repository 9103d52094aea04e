//! Limits of resources: value, limit, and the date of the source.

use super::fine;
use crate::check::{Fact, Rule, Subject, Verdict};
use crate::platform::Row;
use crate::units::Bytes;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "limits/environment",
        responsibility: "resource limits",
        about: "Environment variables near the platform's limit or over it.",
        source: "row `limits.environment` of the platform (`faascast platforms ID`)",
        judge: environment,
    },
    Rule {
        id: "limits/body",
        responsibility: "resource limits",
        about: "Request bodies, response bodies and headers near the platform's limits or over them.",
        source: "rows `limits.payload.*` of the platform",
        judge: bodies,
    },
    Rule {
        id: "limits/layers",
        responsibility: "resource limits",
        about: "More layers than the platform takes.",
        source: "row `limits.layers` of the platform",
        judge: layers,
    },
    Rule {
        id: "limits/disk",
        responsibility: "resource limits",
        about: "Files that do not fit on the disk.",
        source: "the scenario's `disk` against `deployment.files`",
        judge: disk,
    },
];

/// From this share of a limit on it is worth a word: growth of a quarter breaks it.
const NEAR: f64 = 0.8;

/// `limit (source, date, confidence)`.
fn because(row: &Row) -> String {
    format!("{}, {}, confidence {}", row.source, row.as_of, row.confidence.as_str())
}

/// Judges a size against a limit of the platform.
fn against(s: &Subject<'_>, key: &'static str, what: &str, value: u64, limit: &str) -> Option<Verdict> {
    let most = s.platform.bytes(&s.region, limit).filter(|most| most.0 < u64::MAX)?;
    let row = s.platform.row(&s.region, limit)?;
    if (value as f64) < NEAR * most.0 as f64 {
        return None;
    }
    let over = value > most.0;
    let verdict = if over { Verdict::error } else { Verdict::warning };
    let effect = if over { "The platform refuses it" } else { "A little more and the platform refuses it" };
    Some(
        verdict(key, format!("{what} have {}, and the limit is {most}", Bytes(value)))
            .effect(format!("{effect} ({}).", because(row)))
            .remedy("Keep large values in object storage or a configuration service, and pass where they are."),
    )
}

fn environment(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(variables) = &s.deployment.environment else {
        return Verdict::ask("environment", "How much do its environment variables come to?");
    };
    // Names and values; the platforms do not say how the signs between them are counted.
    let size = variables.iter().map(|(name, value)| (name.len() + value.len()) as u64).sum();
    against(s, "environment", "environment variables", size, "limits.environment").into_iter().collect()
}

fn bodies(s: &Subject<'_>) -> Vec<Verdict> {
    let request = if s.calls.asynchronous { "limits.payload.async_request" } else { "limits.payload.sync_request" };
    let [asked, answered, headers] = &s.demand.sizes;
    let parts = [
        ("work.request_bytes", "one in 1,000 request bodies", asked, request),
        ("work.response_bytes", "one in 1,000 response bodies", answered, "limits.payload.response"),
        ("work.header_bytes", "one in 1,000 request headers", headers, "limits.payload.headers"),
    ];
    let unknown: Vec<&str> = parts.iter().filter(|part| *part.2 == Fact::Unknown).map(|part| part.0).collect();
    let mut found: Vec<Verdict> = parts
        .iter()
        .filter_map(|(key, what, size, limit)| match size {
            Fact::Known(size) => against(s, key, what, *size, limit),
            Fact::Unknown => None,
        })
        .collect();
    if let Some(first) = unknown.first() {
        let row =
            |key: &str| s.platform.bytes(&s.region, key).filter(|b| b.0 < u64::MAX).map_or("unlimited".into(), |b| b.to_string());
        let limits = format!(
            "requests {}, responses {}, headers {}",
            row(request),
            row("limits.payload.response"),
            row("limits.payload.headers")
        );
        let key = parts.iter().find(|part| part.0 == *first).map_or("work", |part| part.0);
        found
            .extend(Verdict::ask(key, format!("How large do requests, responses and headers become? The limits are: {limits}.")));
    }
    found
}

fn layers(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(layers) = &s.deployment.layers else {
        return Verdict::ask("deployment.layers", "How many layers does it have?");
    };
    let (Some(most), Some(row)) = (s.platform.count(&s.region, "limits.layers"), s.platform.row(&s.region, "limits.layers"))
    else {
        return fine();
    };
    if layers.len() as u64 <= most {
        return fine();
    }
    vec![
        Verdict::error("deployment.layers", format!("{} layers, and the limit is {most}", layers.len()))
            .effect(format!("The platform refuses it ({}).", because(row)))
            .remedy("Join layers, or deploy the function as an image."),
    ]
}

fn disk(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(files) = s.deployment.files else {
        return Verdict::ask("deployment.files", format!("How much does an invocation write to its disk of {}?", s.disk));
    };
    if (files.0 as f64) < NEAR * s.disk.0 as f64 {
        return fine();
    }
    let verdict = if files > s.disk { Verdict::error } else { Verdict::warning };
    vec![
        verdict("deployment.files", format!("files come to {files}, and the disk has {}", s.disk))
            .effect("Files of earlier invocations stay on a used instance: when the disk is full, writing fails.")
            .remedy("Delete temporary files before the response, or raise `disk`."),
    ]
}
