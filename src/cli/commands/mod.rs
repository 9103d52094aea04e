//! The commands, a file each; those that only print what is built in are together in `reference`.

pub(super) mod check;
pub(super) mod explain;
pub(super) mod platforms;
pub(super) mod price;
pub(super) mod reference;
pub(super) mod run;

use std::path::Path;

use super::args::{Format, Global};
use super::exit::Failure;
use super::files::{self, Beside};
use super::terminal::Terminal;
use crate::report::listing::Listing;
use crate::scenario::{self, Resolved};

/// Reads a scenario with the options that change it; also its text.
fn scenario(file: &Path, global: &Global) -> Result<(Resolved, String), Failure> {
    let text = files::text(file, "scenario")?;
    let sets = sets(global);
    let resolved = scenario::read(&text, &file.display().to_string(), &sets, &Beside::scenario(file)).map_err(Failure::input)?;
    Ok((resolved, text))
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

fn pretty(value: &serde_json::Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(Failure::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_texts_and_numbers_stay() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let listing = Listing { columns: vec!["a", "b", "c", "d"], rows: vec![row(&["=1+1", "-5", "@SUM(A1)", "a=b"])] };
        assert_eq!(harmless(&listing).rows, [row(&["'=1+1", "-5", "'@SUM(A1)", "a=b"])]);
    }
}
