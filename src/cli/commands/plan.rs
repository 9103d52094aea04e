//! `plan`: growth over months.

use super::basis::{basis, command};
use crate::cli::args::{self, Factors, Format, Global, Growth, PlanArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Folder;
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::report::plan as report;
use crate::scenario::Stopping;
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
    let each = match &resolved.scenario.simulation.stopping {
        Stopping::Fixed(n) | Stopping::Precision { max_replications: n, .. } => u64::from(*n),
    };
    let months = course.factors().len() as u64;
    // Months at a quota are simulated a second time without it, and the quota that lasts takes some more.
    let bar = terminal.progress(each * (months + months / 2 + QUOTA_SEARCH));
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
    let basis = basis(&resolved, &text, command("plan", &args.file, &own(args), global), &[]);
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

/// The options that say what is planned, so that they read as the same numbers.
fn own(args: &PlanArgs) -> Vec<String> {
    let list = |factors: &Factors| factors.0.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
    let growth = match &args.growth {
        Growth::Curve(factors) => list(factors),
        Growth::Monthly(rate) => written(*rate),
    };
    let mut words = vec!["--growth".to_owned(), growth];
    if matches!(args.growth, Growth::Monthly(_)) {
        words.extend(["--months".to_owned(), args.months.to_string()]);
    }
    if let Some(seasons) = &args.seasons {
        words.extend(["--seasons".to_owned(), list(seasons)]);
    }
    words
}

/// A rate of growth as it was most likely written: a month, or a year, with few digits, if that reads as the same number.
fn written(rate: f64) -> String {
    let round = |percent: f64| libm::rint(percent * 1e9) / 1e9;
    let monthly = format!("{}%/month", round(rate * 100.0));
    let yearly = format!("{}%/year", round((libm::pow(1.0 + rate, 12.0) - 1.0) * 100.0));
    let same = |text: &String| args::growth(text) == Ok(Growth::Monthly(rate));
    [monthly, yearly].into_iter().find(same).unwrap_or_else(|| format!("{}%/month", rate * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_written_as_it_was_given() {
        for text in ["8%/month", "50%/year", "-2.5%/month", "0%/month", "7.3%/year"] {
            let Ok(Growth::Monthly(rate)) = args::growth(text) else { panic!("{text}") };
            let again = args::growth(&written(rate));
            assert!(matches!(again, Ok(Growth::Monthly(again)) if again == rate), "{text}: {}", written(rate));
        }
        assert_eq!(
            args::growth("50%/year").map(|g| if let Growth::Monthly(r) = g { written(r) } else { String::new() }),
            Ok("50%/year".into())
        );
    }
}
