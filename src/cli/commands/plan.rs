//! `plan`: growth over months.

use super::answer::Answer;
use super::basis::basis;
use crate::cli::args::{Global, Growth, PlanArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Folder;
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::report::plan as report;
use crate::study::plan::{self, Course};

/// About as many simulations as it takes to find the quota that lasts.
const QUOTA_SEARCH: u64 = 9;

pub(in crate::cli) fn plan(args: &PlanArgs, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let (resolved, text) = super::scenario(&args.file, global)?;
    terminal.findings(&resolved.warnings);
    let course = match &args.growth {
        Growth::Monthly(growth) => {
            let seasons = args.seasons.as_ref().map_or(&[1.0][..], |factors| &factors.0);
            Course::growing(*growth, usize::from(args.months), seasons)
        }
        Growth::Curve(_) if args.seasons.is_some() => {
            let hint = "Multiply the curve by the seasons, or give growth as 8%/month.";
            return Err(Failure::usage("a curve of growth and seasons say the same thing twice", hint));
        }
        Growth::Curve(factors) => Course::curve(factors.0.clone()),
    };
    let folder = Folder::open(&global.output, &["report.html", "report.md", "plan.json", "plan.csv"])?;
    let watch = Watch::start(None, *terminal)?;
    let months = course.factors().len() as u64;
    // Months at a quota are simulated a second time without it, and the quota that lasts takes some more.
    let bar = terminal.progress(super::most_replications(&resolved.scenario) * (months + months / 2 + QUOTA_SEARCH));
    let stop = || watch.should_stop();
    let progress = |_: usize| bar.inc(1);
    let context = super::context(&resolved, &stop, &progress);
    let found = super::pool(global)?.install(|| plan::plan(&resolved.scenario, &course, &context));
    bar.finish_and_clear();
    let found = found.map_err(|error| super::unfinished(&error))?;
    let answer = Answer {
        name: "plan",
        document: report::document(&found, &basis(&resolved, &text, &[])),
        text: report::text(&found, terminal.width),
        markdown: report::markdown(&found),
        json: report::json(&found).map_err(Failure::internal)?,
        csv: Some(super::harmless(&report::listing(&found)).csv().map_err(Failure::internal)?),
        more: Vec::new(),
    };
    answer.deliver(&folder, global, terminal)?;
    Ok(Exit::Done)
}
