//! `plan`: growth over months.

use super::basis::basis;
use crate::cli::args::{Format, Global, Growth, PlanArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Folder;
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::report::plan as report;
use crate::study::Context;
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
    let context = Context {
        platform: &resolved.platform,
        assumptions: Vec::new(),
        today: super::today(),
        stop: &|| watch.should_stop(),
        progress: &|_| bar.inc(1),
    };
    let found = super::pool(global)?.install(|| plan::plan(&resolved.scenario, &course, &context));
    bar.finish_and_clear();
    let found = found.map_err(|error| super::unfinished(&error))?;
    let json = super::pretty(&report::json(&found).map_err(Failure::internal)?)?;
    let csv = super::harmless(&report::listing(&found)).csv().map_err(Failure::internal)?;
    let basis = basis(&resolved, &text, &[]);
    let mut files = super::report(&report::document(&found, &basis))?;
    files.extend([("plan.json".into(), json.clone().into_bytes()), ("plan.csv".into(), csv.clone().into_bytes())]);
    folder.write(&files)?;
    terminal.data(&match global.format {
        Format::Text => report::text(&found, terminal.width),
        Format::Json => json,
        Format::Csv => csv,
        Format::Markdown => report::markdown(&found),
        Format::Sarif => return Err(super::no_sarif()),
    })?;
    terminal.talk(&format!("Report, data and charts: {}", global.output.join("report.html").display()));
    Ok(Exit::Done)
}
