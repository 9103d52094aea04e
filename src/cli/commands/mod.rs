//! The commands, a file each; those that only print what is built in are together in `reference`.

mod answer;
mod basis;
pub(super) mod calibrate;
pub(super) mod check;
pub(super) mod compare;
pub(super) mod explain;
pub(super) mod fleet;
pub(super) mod import;
pub(super) mod plan;
pub(super) mod platforms;
pub(super) mod price;
pub(super) mod reference;
pub(super) mod run;
pub(super) mod serve;
pub(super) mod storm;
pub(super) mod sweep;
pub(super) mod tune;

use std::path::Path;

use super::args::{Format, Global};
use super::exit::{Exit, Failure};
use super::files::{self, Beside};
use super::output::File;
use super::terminal::Terminal;
use crate::diagnostic::Diagnostic;
use crate::report::charts::{Chart, draw};
use crate::report::document::{Block, Document};
use crate::report::listing::Listing;
use crate::report::{html, markdown};
use crate::scenario::{self, Resolved, Scenario, Stopping};
use crate::study::{Context, StudyError};

/// Charts as PNG have this many pixels for each of their own, to be sharp on every screen.
const SHARP: u32 = 2;

/// Reads a scenario with the options that change it; also its text.
fn scenario(file: &Path, global: &Global) -> Result<(Resolved, String), Failure> {
    let text = files::text(file, "scenario")?;
    let resolved = resolved(&text, file, &sets(global))?;
    Ok((resolved, text))
}

/// Reads the text of a scenario with changes.
fn resolved(text: &str, file: &Path, sets: &[(String, String)]) -> Result<Resolved, Failure> {
    scenario::read(text, &file.display().to_string(), sets, &Beside::scenario(file)).map_err(Failure::input)
}

/// Today as `YYYY-MM-DD`.
fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

/// As many threads as asked for.
fn pool(global: &Global) -> Result<rayon::ThreadPool, Failure> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(global.threads.map_or(0, usize::from));
    pool.build().map_err(Failure::internal)
}

/// What a study needs besides the scenario.
fn context<'c>(resolved: &'c Resolved, stop: &'c (dyn Fn() -> bool + Sync), progress: &'c (dyn Fn(usize) + Sync)) -> Context<'c> {
    Context { platform: &resolved.platform, assumptions: Vec::new(), today: today(), stop, progress }
}

/// Why a study did not come to an end.
fn unfinished(error: &StudyError) -> Failure {
    match error {
        StudyError::Nothing => {
            let finding = Diagnostic::error("interrupted", "", error.to_string());
            Failure::one(Exit::Interrupted, finding.hint("Nothing was written."))
        }
        StudyError::Overrun { .. } => {
            let finding = Diagnostic::error("overrun", "", error.to_string());
            let hint = "Does a function call itself, or a queue grow, without end? Look at `calls`, `recursion_limit`, quotas and \
                        event ages, or shorten `simulation.horizon`.";
            Failure::one(Exit::Usage, finding.hint(hint))
        }
        StudyError::Currencies(..) => {
            let finding = Diagnostic::error("currency", "", error.to_string());
            Failure::one(
                Exit::Usage,
                finding.hint("Compare configurations of one price book's currency: look at `region` and `site`."),
            )
        }
        StudyError::Refused(_) => {
            let finding = Diagnostic::error("nothing-to-tune", "", error.to_string());
            Failure::one(Exit::Usage, finding.hint("Change the values, or the settings that they go with."))
        }
        StudyError::Book(_) => Failure::internal(error),
    }
}

/// The most replications that a study of a scenario will run.
fn most_replications(scenario: &Scenario) -> u64 {
    match &scenario.simulation.stopping {
        Stopping::Fixed(n) | Stopping::Precision { max_replications: n, .. } => u64::from(*n),
    }
}

/// All options that change the scenario, as `--set` options.
fn sets(global: &Global) -> Vec<(String, String)> {
    let seed = global.seed.map(|seed| ("simulation.seed".to_owned(), seed.to_string()));
    global.set.iter().cloned().chain(seed).collect()
}

/// Prints a listing in the wanted format; `json` is its form for programs.
fn print(listing: &Listing, json: &serde_json::Value, format: Format, terminal: &Terminal) -> Result<(), Failure> {
    terminal.data(&match format {
        Format::Text => listing.text(terminal.width),
        Format::Json => pretty(json)?,
        Format::Csv => harmless(listing).csv().map_err(Failure::internal)?,
        Format::Markdown => listing.markdown(),
        Format::Sarif => return Err(no_sarif()),
    })
}

/// Cells that a spreadsheet would take for a formula get a quotation mark in front; numbers stay numbers.
fn harmless(listing: &Listing) -> Listing {
    let cell = |cell: &String| {
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
        if formula { format!("'{cell}") } else { cell.clone() }
    };
    Listing { columns: listing.columns.clone(), rows: listing.rows.iter().map(|row| row.iter().map(cell).collect()).collect() }
}

/// Only findings have the form of a code review tool.
pub(super) fn no_sarif() -> Failure {
    Failure::usage("`--format sarif` is for findings, and this command has none", "Choose text, json, csv or markdown.")
}

/// A report as a page, as Markdown, and its charts.
fn report(document: &Document) -> Result<Vec<File>, Failure> {
    let mut files = vec![
        ("report.html".to_owned(), html::page(document).into_bytes()),
        ("report.md".to_owned(), markdown::document(document).into_bytes()),
    ];
    for block in document.sections.iter().flat_map(|section| &section.blocks) {
        if let Block::Chart(chart) = block {
            files.extend(pictures(chart)?);
        }
    }
    Ok(files)
}

/// A chart as SVG and PNG, for the folder's `charts`.
fn pictures(chart: &Chart) -> Result<Vec<File>, Failure> {
    let (width, height) = draw::size(chart).map_err(Failure::internal)?;
    let svg = draw::svg(chart).map_err(Failure::internal)?;
    let png = draw::png(chart, width * SHARP, height * SHARP).map_err(Failure::internal)?;
    Ok(vec![(format!("charts/{}.svg", chart.name), svg.into_bytes()), (format!("charts/{}.png", chart.name), png)])
}

fn pretty(value: &serde_json::Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(Failure::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_texts_and_numbers_stay() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let columns = crate::report::listing::names(&["a", "b", "c", "d"]);
        let listing = Listing { columns, rows: vec![row(&["=1+1", "-5", "@SUM(A1)", "a=b"])] };
        assert_eq!(harmless(&listing).rows, [row(&["'=1+1", "-5", "'@SUM(A1)", "a=b"])]);
    }
}
