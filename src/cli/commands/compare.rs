//! `compare`: what two configurations differ by.

use crate::cli::args::{Compare, Format, Global};
use crate::cli::exit::{Exit, Failure};
use crate::cli::files;
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::report::compare as report;
use crate::study::compare::{self, Judgement};

/// What matters where the user does not say.
const TOLERANCE: f64 = 0.01;

pub(in crate::cli) fn compare(args: &Compare, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let (a, _) = super::scenario(&args.a, global)?;
    let other = args.b.as_ref().unwrap_or(&args.a);
    let sets: Vec<(String, String)> = super::sets(global).into_iter().chain(args.with.iter().cloned()).collect();
    let mut b = super::resolved(&files::text(other, "scenario")?, other, &sets)?;
    terminal.findings(&a.warnings);
    if args.b.is_some() {
        terminal.findings(&b.warnings);
    }
    if !args.with.is_empty() {
        let changes: Vec<String> = args.with.iter().map(|(key, value)| format!("{key}={value}")).collect();
        b.scenario.name = format!("{} with {}", b.scenario.name, changes.join(", "));
    }
    let watch = Watch::start(None, *terminal)?;
    let bar = terminal.progress(2 * super::most_replications(&a.scenario));
    let progress = |_: usize| bar.inc(1);
    let stop = || watch.should_stop();
    let context = |r| super::context(r, &stop, &progress);
    let tolerance = args.tolerance.unwrap_or(TOLERANCE);
    let found =
        super::pool(global)?.install(|| compare::compare((&a.scenario, &context(&a)), (&b.scenario, &context(&b)), tolerance));
    bar.finish_and_clear();
    let mut found = found.map_err(|error| super::unfinished(&error))?;
    found.incomplete &= watch.interrupted();
    terminal.data(&match global.format {
        Format::Text => report::text(&found, terminal.width),
        Format::Json => super::pretty(&report::json(&found).map_err(Failure::internal)?)?,
        Format::Csv => super::harmless(&report::listing(&found)).csv().map_err(Failure::internal)?,
        Format::Markdown => report::markdown(&found),
        Format::Sarif => return Err(super::no_sarif()),
    })?;
    let worse = found.figures.iter().any(|figure| figure.verdict == Judgement::Worse);
    Ok(match () {
        () if watch.interrupted() => Exit::Interrupted,
        () if worse && args.tolerance.is_some() => Exit::ObjectiveMissed,
        () => Exit::Done,
    })
}
