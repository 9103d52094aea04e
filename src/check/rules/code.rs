//! What the function writes to its log, and what it is made of.

use super::fine;
use crate::check::{Fact, Rule, Subject, Verdict};
use crate::platform::support::support;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "logs/environment",
        responsibility: "secrets and personal data in logs",
        about: "Environment variables written to the log.",
        source: "OWASP Serverless Top 10 (2017), SAS-7 and SAS-5",
        judge: environment,
    },
    Rule {
        id: "logs/payload",
        responsibility: "secrets and personal data in logs",
        about: "Requests or responses written to the log.",
        source: "OWASP Serverless Top 10 (2017), SAS-5; laws on personal data",
        judge: payload,
    },
    Rule {
        id: "code/scanned",
        responsibility: "code and libraries secure and current",
        about: "Code and libraries that nobody scans, with the runtime's and the layers' versions and dates.",
        source: "OWASP Serverless Top 10 (2017), SAS-6; public tables of weaknesses such as osv.dev",
        judge: scanned,
    },
];

const SCAN: &str = "Scan the lock file and each layer in every build, against osv.dev or the registry's own service \
                    (`npm audit`, `pip-audit`, `cargo audit`, `govulncheck`).";

fn environment(s: &Subject<'_>) -> Vec<Verdict> {
    match s.deployment.log_environment {
        Some(false) => fine(),
        Some(true) => vec![
            Verdict::error("deployment.log_environment", "environment variables are written to the log")
                .effect("Temporary credentials of the role are in them: who may read the log has them.")
                .remedy("Log names, not values."),
        ],
        None => Verdict::ask("deployment.log_environment", "Does it ever log its environment, as for debugging?"),
    }
}

fn payload(s: &Subject<'_>) -> Vec<Verdict> {
    match s.deployment.log_payload {
        Some(false) => fine(),
        Some(true) => vec![
            Verdict::warning("deployment.log_payload", "requests or responses are written to the log")
                .effect("Passwords and personal data in them are kept for as long as the log is.")
                .remedy("Log ids and sizes, or mask the fields."),
        ],
        None => Verdict::ask("deployment.log_payload", "Does it log requests or responses, and are personal data masked?"),
    }
}

fn scanned(s: &Subject<'_>) -> Vec<Verdict> {
    let runtime = match &s.runtime {
        Fact::Known(id) => {
            let end = support(&s.platform.id, id).community;
            end.map_or_else(|| format!("runtime {id}"), |end| format!("runtime {id}, supported by its community until {end}"))
        }
        Fact::Unknown => "runtime unknown".to_owned(),
    };
    let layer = |layer: &crate::scenario::Layer| {
        let version = layer.version.as_deref().unwrap_or("version unknown");
        format!("layer {} ({version})", layer.name)
    };
    let parts: Vec<String> = std::iter::once(runtime).chain(s.deployment.layers.iter().flatten().map(layer)).collect();
    let parts = parts.join("; ");
    match s.deployment.scanned {
        Some(true) => fine(),
        Some(false) => vec![
            Verdict::warning("deployment.scanned", format!("nobody scans code and libraries ({parts})"))
                .effect("A known weakness stays in use until somebody hears of it.")
                .remedy(SCAN),
        ],
        None => {
            let mut question =
                Verdict::ask("deployment.scanned", format!("Are code and libraries scanned for known weaknesses ({parts})?"));
            question.iter_mut().for_each(|verdict| verdict.remedy = format!("{SCAN} {}", verdict.remedy));
            question
        }
    }
}
