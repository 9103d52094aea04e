//! `check`: what the platform leaves to its user, reviewed.

use crate::check::{self, Severity};
use crate::cli::args::{Check, FailOn, Format, Global};
use crate::cli::exit::{Exit, Failure};
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::report::check as report;
use crate::study::StudyError;

pub(in crate::cli) fn check(args: &Check, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let (resolved, text) = super::scenario(&args.file, global)?;
    terminal.findings(&resolved.warnings);
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let watch = Watch::start(None, *terminal)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(global.threads.map_or(0, usize::from));
    let pool = pool.build().map_err(Failure::internal)?;
    let figures = pool.install(|| check::figures(&resolved.scenario, &resolved.platform, &today, &|| watch.should_stop()));
    let figures = match figures {
        Ok(figures) => Some(figures),
        // Interrupted: what is found without figures is still found.
        Err(StudyError::Nothing) => None,
        Err(error) => return Err(Failure::internal(error)),
    };
    let file = args.file.display().to_string();
    let findings = check::review(&check::subjects(&resolved, &file, &text, &today, figures));
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
