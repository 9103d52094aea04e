//! `tune`: the cheapest settings that meet the objectives.

use super::basis::basis;
use super::sweep::{configurations, dimensions};
use crate::cli::args::{Format, Global, Tune};
use crate::cli::exit::{Exit, Failure};
use crate::cli::files;
use crate::cli::output::Folder;
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::diagnostic::Diagnostic;
use crate::report::tune as report;
use crate::scenario::Scenario;
use crate::study::sweep::{Configuration, Dimension};
use crate::study::tune::{self, Rules};
use crate::units::{Bytes, Span};

pub(in crate::cli) fn tune(args: &Tune, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    if matches!(global.format, Format::Csv | Format::Sarif) {
        let hint = "For rows of all candidates use `sweep --format csv`.";
        return Err(Failure::usage("`tune` prints text, json or markdown", hint));
    }
    let text = files::text(&args.file, "scenario")?;
    let (fixed, mut varied) = dimensions(&text, &args.file, global)?;
    let base = super::resolved(&text, &args.file, &fixed)?;
    terminal.findings(&base.warnings);
    let refuse = |code, message: String, hint: &str| {
        Err(Failure::one(Exit::Usage, Diagnostic::error(code, "objectives", message).hint(hint)))
    };
    if base.scenario.objectives.is_empty() {
        let hint = "Add a table such as [objectives] with availability = \"99.9%\" and p99 = \"1s\".";
        return refuse("no-objectives", "there are no objectives: the cheapest settings would be the worst".into(), hint);
    }
    if varied.is_empty() {
        varied = around_today(&base.scenario);
        terminal.talk("Choosing memory and timeout around today's; `--set KEY=V1,V2` or [sweep] names other settings.");
    }
    let folder = Folder::open(&global.output, &["report.html", "report.md", "tune.json"])?;
    let candidates = configurations(&text, &args.file, &fixed, &varied);
    if candidates.iter().all(|candidate| candidate.scenario.is_err()) {
        let reason = candidates.into_iter().find_map(|candidate| candidate.scenario.err()).unwrap_or_default();
        let hint = "Change the values, or the settings that they go with.";
        return refuse("nothing-to-tune", format!("every combination is refused; the first one: {reason}"), hint);
    }
    let keys: Vec<&str> = varied.iter().map(|dimension| dimension.key.as_str()).collect();
    let basis = basis(&base, &text, &keys);
    let today = Configuration { settings: Vec::new(), scenario: Ok((base.scenario, base.platform)) };
    let watch = Watch::start(None, *terminal)?;
    let rules = Rules {
        indifference: args.indifference.max(1e-6),
        alpha: (1.0 - args.confidence).clamp(1e-6, 0.5),
        stop: &|| watch.should_stop(),
        talk: &|text| terminal.talk(text),
    };
    let found = super::pool(global)?.install(|| tune::tune(today, candidates, &rules));
    let found = found.map_err(|error| super::unfinished(&error))?;
    let json = super::pretty(&report::json(&found).map_err(Failure::internal)?)?;
    let mut files = super::report(&report::document(&found, &basis))?;
    files.push(("tune.json".into(), json.clone().into_bytes()));
    folder.write(&files)?;
    terminal.data(&match global.format {
        Format::Json => json,
        Format::Markdown => report::markdown(&found),
        _ => report::text(&found, terminal.width),
    })?;
    terminal.talk(&format!("Report, data and charts: {}", global.output.join("report.html").display()));
    Ok(if found.winner.is_some() { Exit::Done } else { Exit::ObjectiveMissed })
}

/// Half, twice and four times the memory, and fractions of the timeout, of the first function that has traffic.
fn around_today(scenario: &Scenario) -> Vec<Dimension> {
    let Some(f) = scenario.traffic.first().and_then(|source| scenario.functions.get(source.function)) else {
        return Vec::new();
    };
    let key = |setting: &str| format!("functions.\"{}\".{setting}", f.name);
    let memory = [f.memory.0 / 2, f.memory.0, f.memory.0 * 2, f.memory.0 * 4].map(|bytes| Bytes(bytes).exact());
    let second = Span::from_secs(1).0;
    let mut timeouts: Vec<i64> = [8, 4, 2, 1].map(|part| (f.timeout.0 / part / second).max(1) * second).to_vec();
    timeouts.dedup();
    vec![
        Dimension { key: key("memory"), values: memory.to_vec() },
        Dimension { key: key("timeout"), values: timeouts.into_iter().map(|t| Span(t).exact()).collect() },
    ]
}
