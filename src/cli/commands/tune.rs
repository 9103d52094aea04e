//! `tune`: the cheapest settings that meet the objectives.

use super::answer::Answer;
use super::basis::basis;
use super::sweep::{configuration, dimensions};
use crate::cli::args::{self, Format, Global, Tune};
use crate::cli::exit::{Exit, Failure};
use crate::cli::files;
use crate::cli::output::Folder;
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::diagnostic::Diagnostic;
use crate::report::tune as report;
use crate::scenario::{Resolved, Scenario};
use crate::study::sweep::Configuration;
use crate::study::tune::{self, Indifference, Rules, Space};

pub(in crate::cli) fn tune(args: &Tune, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    if matches!(global.format, Format::Csv | Format::Sarif) {
        let hint = "For rows of all candidates use `sweep --format csv`.";
        return Err(Failure::usage("`tune` prints text, json or markdown", hint));
    }
    let text = files::text(&args.file, "scenario")?;
    let (fixed, varied) = dimensions(&text, &args.file, global)?;
    let base = super::resolved(&text, &args.file, &fixed)?;
    terminal.findings(&base.warnings);
    refuse_without_a_service(&base.scenario)?;
    if varied.is_empty() {
        terminal.talk("Choosing all settings around today's; `--set KEY=V1,V2` or [sweep] names other ones.");
    }
    let folder = Folder::open(&global.output, &["report.html", "report.md", "tune.json"])?;
    let indifference = indifference(args, &base)?;
    let today = Configuration { settings: Vec::new(), scenario: Ok((base.scenario.clone(), base.platform.clone())) };
    let read = |settings: &[(String, String)]| configuration(&text, &args.file, &fixed, settings.to_vec());
    let keys = fixed.iter().map(|(key, _)| key.clone()).collect();
    let space = Space { dimensions: varied, fixed: keys, read: &read };
    let watch = Watch::start(None, *terminal)?;
    let rules = Rules {
        indifference,
        tolerance: args.tolerance,
        alpha: (1.0 - args.confidence).clamp(1e-6, 0.5),
        budget: args.budget,
        stop: &|| watch.should_stop(),
        talk: &|text| terminal.talk(text),
    };
    let found = super::pool(global)?.install(|| tune::tune(&today, space, &rules));
    let found = found.map_err(|error| super::unfinished(&error))?;
    let keys: Vec<&str> = found.dimensions.iter().map(|dimension| dimension.key.as_str()).collect();
    let answer = Answer {
        name: "tune",
        document: report::document(&found, &basis(&base, &text, &keys)),
        text: report::text(&found, terminal.width),
        markdown: report::markdown(&found),
        json: report::json(&found).map_err(Failure::internal)?,
        csv: None,
        more: Vec::new(),
    };
    answer.deliver(&folder, global, terminal)?;
    Ok(if found.winner.is_some() { Exit::Done } else { Exit::ObjectiveMissed })
}

/// Without an objective that the service has to meet, the cheapest settings would be those that do the least.
fn refuse_without_a_service(scenario: &Scenario) -> Result<(), Failure> {
    let message = match &scenario.objectives[..] {
        [] => "there are no objectives: the cheapest settings would be the worst",
        all if all.iter().all(|o| o.figure == "fee") => "the fee is the only objective: the cheapest settings would be the worst",
        _ => return Ok(()),
    };
    let hint = "Add what the service has to do, such as availability = \"99.9%\" and p99 = \"1s\" in [objectives].";
    Err(Failure::one(Exit::Usage, Diagnostic::error("no-objectives", "objectives", message).hint(hint)))
}

fn indifference(args: &Tune, base: &Resolved) -> Result<Indifference, Failure> {
    let (amount, code) = match &args.indifference {
        args::Indifference::Share(share) => return Ok(Indifference::Share(*share)),
        args::Indifference::Money(amount, code) => (amount, code),
    };
    let region = base.platform.region(&base.scenario.region).map_err(|unknown| Failure::internal(unknown.to_string()))?;
    if *code == region.currency {
        return Ok(Indifference::Money(*amount));
    }
    let rates = &base.scenario.billing.exchange;
    let rate = rates.iter().find(|(known, _)| known == code).map(|(_, rate)| *rate);
    rate.map(|rate| Indifference::Money(amount * rate)).ok_or_else(|| {
        Failure::usage(
            format!("the price book is in {}, and there is no exchange rate for {code}", region.currency),
            format!("Give `--indifference` in {}.", region.currency),
        )
    })
}
