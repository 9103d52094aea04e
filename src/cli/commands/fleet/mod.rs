//! `fleet`: every function of a recorded trace, simulated with the same settings and billed together.

mod common;
mod traces;

use super::answer::Answer;
use super::basis::{assumptions, command};
use crate::cli::args::{FleetArgs, Global};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Folder;
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::report::document::Basis;
use crate::report::fleet as report;
use crate::study::Context;
use crate::study::fleet::{Fleet, FleetResult};
use common::Common;

pub(in crate::cli) fn fleet(args: &FleetArgs, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let common = Common::new(args, global)?;
    let folder = Folder::open(&global.output, &["report.html", "report.md", "fleet.json", "fleet.csv"])?;
    let watch = Watch::start(None, *terminal)?;
    let (result, text) = super::pool(global)?.install(|| simulate(args, &common, &watch, terminal))?;
    let basis = Basis {
        platform: result.platform.clone(),
        region: result.region.clone(),
        command: command(),
        scenario_text: text,
        ..Basis::default()
    };
    let answer = Answer {
        name: "fleet",
        document: report::document(&result, &basis),
        text: report::text(&result, terminal.width),
        markdown: report::markdown(&result),
        json: report::json(&result).map_err(Failure::internal)?,
        csv: Some(super::harmless(&report::figures(&result)).csv().map_err(Failure::internal)?),
        more: Vec::new(),
    };
    answer.deliver(&folder, global, terminal)?;
    Ok(if watch.interrupted() { Exit::Interrupted } else { Exit::Done })
}

/// Goes through the traces; also the scenario that all functions share.
fn simulate(args: &FleetArgs, common: &Common<'_>, watch: &Watch, terminal: &Terminal) -> Result<(FleetResult, String), Failure> {
    let bar = terminal.reading();
    // The horizon is the trace's; everything else is known before it is opened.
    let resolved = common.resolved(crate::units::Span::from_secs(60), None)?;
    terminal.findings(&resolved.warnings);
    let mut assumptions = assumptions(&resolved);
    let of_platform = |key: &str| !key.starts_with("traffic.") && key != "simulation.horizon";
    assumptions.retain(|assumption| of_platform(&assumption.key));
    let context = Context {
        platform: &resolved.platform,
        assumptions,
        today: super::today(),
        stop: &|| watch.should_stop(),
        progress: &|done| bar.set_message(format!("{done} functions")),
    };
    let mut fleet = Fleet::new(&resolved.scenario, &context).map_err(|error| super::unfinished(&error))?;
    let mut text = String::new();
    for path in &args.traces {
        let mut trace = traces::Trace::open(path, args, &bar)?;
        let length = trace.length();
        if text.is_empty() {
            text = common.text(length, None);
        }
        let template = |memory| {
            let read = common.resolved(length, memory).map(|resolved| resolved.scenario);
            read.map_err(|failure| failure.findings.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>().join("; "))
        };
        // What is wrong with the settings that all share is the user's to know, not a function's to miss.
        common.resolved(length, None)?;
        fleet.replay(length, &mut || trace.next(), &template)?;
    }
    bar.finish_and_clear();
    let names = args.traces.iter().map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    Ok((fleet.result(names.collect(), usize::from(args.top)), text))
}
