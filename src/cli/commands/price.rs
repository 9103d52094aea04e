//! `price`: a month's usage to its bill, without a simulation.

use std::path::Path;

use crate::billing::book::PriceBook;
use crate::billing::usage_file::{UsageFile, prices_path};
use crate::cli::args::Global;
use crate::cli::exit::{Exit, Failure};
use crate::cli::files::{self, Beside};
use crate::cli::terminal::Terminal;
use crate::diagnostic::Diagnostic;
use crate::report::price;

pub(in crate::cli) fn price(file: &Path, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let usage = files::text(file, "usage file")?;
    let own = prices_path(&usage).map(|path| Beside::scenario(file).path(&path));
    let usage_name = file.display().to_string();
    let rows = own.as_deref().map(|path| files::text(path, "price file")).transpose().map_err(|mut failure| {
        // What is wrong with the usage itself is said in the same run.
        failure.findings.extend(UsageFile::parse(&usage, &usage_name, None).err().unwrap_or_default());
        Failure::input(failure.findings)
    })?;
    let name = own.map(|path| path.display().to_string()).unwrap_or_default();
    let prices = rows.as_deref().map(|rows| (name.as_str(), rows));
    let usage = UsageFile::parse(&usage, &usage_name, prices).map_err(Failure::input)?;
    let book = PriceBook::new(&usage.platform, &usage.region, &usage.options).map_err(Failure::internal)?;
    let old = book.old_rows(&jiff::Timestamp::now().strftime("%Y-%m-%d").to_string());
    let warn = |found| {
        Diagnostic::warning("price-row-old", "", found)
            .hint("Compare with the platform's price page; `prices = \"FILE\"` overrides rows.")
    };
    terminal.findings(&old.map(warn).into_iter().collect::<Vec<_>>());
    let invoice = usage.invoice().map_err(Failure::internal)?;
    super::print(&price::listing(&invoice), &price::json(&invoice), global.format, terminal)?;
    Ok(Exit::Done)
}
