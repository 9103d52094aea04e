//! `check`: what the platform leaves to its user, reviewed.

use std::path::Path;

use crate::check::{self, Finding, Severity};
use crate::cli::args::{Check, FailOn, Format, Global};
use crate::cli::exit::{Exit, Failure};
use crate::cli::files;
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::import::{self, Imported};
use crate::report::check as report;
use crate::scenario::Origin;
use crate::study::StudyError;

pub(in crate::cli) fn check(args: &Check, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let given = files::text(&args.file, "file")?;
    let file = args.file.display().to_string();
    let imported = if deployed(&args.file, &given) {
        Some(super::import::read(&given, &args.file, &args.parameters, args.platform.as_deref())?)
    } else {
        None
    };
    let text = imported.as_ref().map_or(given.as_str(), |imported| imported.text.as_str());
    let mut resolved = super::resolved(text, &args.file, &super::sets(global))?;
    match &imported {
        Some(imported) => {
            terminal.findings(&imported.findings);
            // Placeholders are nobody's settings.
            resolved.explain.retain(|e| !matches!(e.origin, Origin::File { line } if imported.place(line).is_none()));
        }
        None => terminal.findings(&resolved.warnings),
    }
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let watch = Watch::start(None, *terminal)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(global.threads.map_or(0, usize::from));
    let pool = pool.build().map_err(Failure::internal)?;
    let simulated = || pool.install(|| check::figures(&resolved.scenario, &resolved.platform, &today, &|| watch.should_stop()));
    let figures = match imported.is_none().then(simulated) {
        Some(Ok(figures)) => Some(figures),
        // Interrupted: what is found without figures is still found. A deployment file knows no traffic to simulate.
        Some(Err(StudyError::Nothing)) | None => None,
        Some(Err(error)) => return Err(Failure::internal(error)),
    };
    let mut findings = check::review(&check::subjects(&resolved, &file, text, &today, figures));
    if let Some(imported) = &imported {
        in_deployment(&mut findings, imported);
    }
    terminal.data(&match global.format {
        Format::Text => report::text(&findings, terminal.width, terminal.color),
        Format::Json => super::pretty(&report::json(&findings, &file, &today))?,
        Format::Csv => super::harmless(&report::listing(&findings)).csv().map_err(Failure::internal)?,
        Format::Markdown => report::markdown(&findings),
        Format::Sarif => super::pretty(&report::sarif(&findings))?,
    })?;
    let least = args.fail_on.map(|severity| match severity {
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
    });
    Ok(match () {
        () if watch.interrupted() => Exit::Interrupted,
        () if least.is_some_and(|least| findings.iter().any(|finding| finding.severity >= least)) => Exit::ObjectiveMissed,
        () => Exit::Done,
    })
}

/// Whether a file is a deployment file and no scenario: by its ending, else by what is in it.
pub(super) fn deployed(file: &Path, text: &str) -> bool {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("yaml" | "yml" | "json" | "template" | "tf") => true,
        Some("toml") => false,
        _ => import::document::read(text, "").is_ok_and(|root| import::detect(&root).is_some()),
    }
}

/// Findings at the lines of the deployment file, and what the platform refuses of it.
fn in_deployment(findings: &mut Vec<Finding>, imported: &Imported) {
    for finding in findings.iter_mut() {
        // Every finding is about a function, and every line of a function is from somewhere.
        let place = imported.place(finding.line).unwrap_or_default();
        (finding.line, finding.column) = (place.line.max(1), place.column.max(1));
    }
    let refused = imported.findings.iter().filter(|finding| finding.code == "refused");
    findings.extend(refused.map(|refused| Finding {
        rule: "limits/refused",
        severity: Severity::Error,
        function: String::new(),
        file: refused.file.clone(),
        line: refused.line.max(1),
        column: refused.column.max(1),
        path: refused.path.clone(),
        message: refused.message.trim_start_matches(import::LEFT_OUT).to_owned(),
        effect: "The platform would refuse it, or take another value.".to_owned(),
        remedy: refused.hints.join(" "),
        source: "rows `limits.*` of the platform (`faascast platforms ID`)",
    }));
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.line));
}
