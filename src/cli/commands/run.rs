//! `run`: simulates a scenario, prints the summary and writes report, data and charts.

use super::basis::{assumptions, command, place, warning};
use crate::cli::args::{Format, Global, Run};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{File, Folder};
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::random::Key;
use crate::report::focus::{self, Place};
use crate::report::{charts, csv, html, json, markdown, run as report, text};
use crate::scenario::{Resolved, Scenario, Stopping};
use crate::study::input::SplitError;
use crate::study::result::{InputUncertainty, RunResult, Verdict};
use crate::study::{self, Context, StudyError};

pub(in crate::cli) fn run(args: &Run, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let (resolved, scenario_text) = super::scenario(&args.file, global)?;
    if global.format != Format::Text {
        // The summary lists them.
        terminal.findings(&resolved.warnings);
    }
    let folder =
        Folder::open(&global.output, &["report.html", "report.md", "result.json", "figures.csv", "timeline.csv", "focus.csv"])?;
    let (replications, max_time) = match &resolved.scenario.simulation.stopping {
        Stopping::Fixed(n) => (*n, None),
        Stopping::Precision { max_replications, max_time, .. } => (*max_replications, *max_time),
    };
    let watch = Watch::start(max_time, *terminal)?;
    let mut result = simulate(&resolved, replications, &watch, global, terminal)?;
    if let Some(samples) = args.input_uncertainty {
        result.input_uncertainty = Some(input(&resolved, &scenario_text, args, samples, &result, &watch, global, terminal)?);
    }
    if let Some(logs) = &args.emit_logs {
        let logged = study::logs::emit(&resolved.scenario, 0);
        let files: Vec<File> = logged.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
        Folder::open(logs, &[])?.write(&files)?;
    }
    folder.write(&files(&result, &scenario_text, &place(&resolved, args.billing_month))?)?;
    terminal.data(&printed(&result, global.format, terminal)?)?;
    terminal.talk(&format!("Report, data and charts: {}", global.output.join("report.html").display()));
    Ok(ending(&result, args.fail_on_objective, &watch))
}

/// Runs the study on as many threads as asked for.
fn simulate(
    resolved: &Resolved,
    replications: u32,
    watch: &Watch,
    global: &Global,
    terminal: &Terminal,
) -> Result<RunResult, Failure> {
    let bar = terminal.progress(u64::from(replications));
    let progress = |done: usize| {
        watch.finished(done);
        bar.set_position(done as u64);
    };
    let context = Context {
        platform: &resolved.platform,
        assumptions: assumptions(resolved),
        today: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        stop: &|| watch.should_stop(),
        progress: &progress,
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(global.threads.map_or(0, usize::from));
    let pool = pool.build().map_err(Failure::internal)?;
    let result = pool.install(|| study::run(&resolved.scenario, &context));
    bar.finish_and_clear();
    let mut result = result.map_err(|error| match error {
        StudyError::Nothing if !watch.interrupted() => {
            let message = "the time ended before the first replication was done";
            let finding = crate::diagnostic::Diagnostic::error("out-of-time", "simulation.max_time", message);
            Failure::one(Exit::Unfinished, finding.hint("Raise it, or shorten `simulation.horizon`; nothing was written."))
        }
        StudyError::Nothing => {
            let finding = crate::diagnostic::Diagnostic::error("interrupted", "", error.to_string());
            Failure::one(Exit::Interrupted, finding.hint("Nothing was written."))
        }
        error => Failure::internal(error),
    })?;
    result.warnings.splice(0..0, resolved.warnings.iter().map(warning));
    // A time budget that is spent is a planned end, and `precision` says what was not reached.
    result.incomplete &= watch.interrupted();
    Ok(result)
}

/// What not knowing the values of `[uncertainty]` adds.
#[expect(clippy::too_many_arguments, reason = "all of the command's own")]
fn input(
    resolved: &Resolved,
    text: &str,
    args: &Run,
    samples: u16,
    result: &RunResult,
    watch: &Watch,
    global: &Global,
    terminal: &Terminal,
) -> Result<InputUncertainty, Failure> {
    let uncertain = &resolved.uncertainty;
    if uncertain.is_empty() {
        let hint = "Add `[uncertainty]`, such as `\"functions.f.work.io.lognormal.mean\" = { error = 0.05 }`; `faascast calibrate` writes it.";
        return Err(Failure::usage("`--input-uncertainty` has no uncertain value to draw", hint));
    }
    let sets = super::sets(global);
    let sample = |number: u64| -> Result<Scenario, Failure> {
        let key = Key::new(resolved.scenario.simulation.seed, number).name("input uncertainty");
        // What the command line sets is known.
        let drawn = uncertain
            .iter()
            .map(|one| one.draw(key))
            .filter(|(path, _)| sets.iter().all(|(set, _)| !path.starts_with(set.as_str())));
        let all: Vec<(String, String)> = drawn.chain(sets.iter().cloned()).collect();
        Ok(super::resolved(text, &args.file, &all)?.scenario)
    };
    let bar = terminal.progress(u64::from(samples));
    let context = Context {
        platform: &resolved.platform,
        assumptions: Vec::new(),
        today: super::today(),
        stop: &|| watch.should_stop(),
        progress: &|_| (),
    };
    let varied = uncertain.iter().map(|one| one.path.clone()).collect();
    let counted = |number: u64| {
        bar.set_position(number);
        sample(number)
    };
    let split = super::pool(global)?.install(|| study::input::split(result, varied, usize::from(samples), &context, counted));
    bar.finish_and_clear();
    split.map_err(|error| match error {
        SplitError::Sample(failure) => failure,
        SplitError::Study(error) => super::unfinished(&error),
    })
}

/// The result for standard output.
fn printed(result: &RunResult, format: Format, terminal: &Terminal) -> Result<String, Failure> {
    Ok(match format {
        Format::Text => text::summary(result, terminal.width, terminal.color),
        Format::Json => json::result(result).map_err(Failure::internal)?,
        Format::Csv => csv::figures(result).map_err(Failure::internal)?,
        Format::Markdown => markdown::comment(result),
        Format::Sarif => return Err(super::no_sarif()),
    })
}

/// Everything that a run writes.
fn files(result: &RunResult, scenario_text: &str, place: &Place) -> Result<Vec<File>, Failure> {
    let mut files = vec![
        ("report.html".to_owned(), html::page(&report::document(result, scenario_text, &command())).into_bytes()),
        ("report.md".to_owned(), markdown::comment(result).into_bytes()),
        ("result.json".to_owned(), json::result(result).map_err(Failure::internal)?.into_bytes()),
        ("figures.csv".to_owned(), csv::figures(result).map_err(Failure::internal)?.into_bytes()),
        ("timeline.csv".to_owned(), csv::timeline(&result.timeline).map_err(Failure::internal)?.into_bytes()),
        ("focus.csv".to_owned(), focus::run(result, place).map_err(Failure::internal)?.into_bytes()),
    ];
    for chart in charts::requests(result) {
        files.extend(super::pictures(&chart)?);
    }
    Ok(files)
}

fn ending(result: &RunResult, fail_on_objective: bool, watch: &Watch) -> Exit {
    let missed = result.objectives.iter().any(|objective| objective.verdict == Verdict::Missed);
    match () {
        () if watch.interrupted() => Exit::Interrupted,
        () if missed && fail_on_objective => Exit::ObjectiveMissed,
        () => Exit::Done,
    }
}
