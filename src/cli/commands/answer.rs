//! The answer of a command that writes a folder: a report with its charts, data, and what is printed.

use crate::cli::args::{Format, Global};
use crate::cli::exit::Failure;
use crate::cli::output::{File, Folder};
use crate::cli::terminal::Terminal;
use crate::report::document::Document;

/// An answer in all its forms.
pub(super) struct Answer {
    /// Data files are called this.
    pub(super) name: &'static str,
    pub(super) document: Document,
    pub(super) text: String,
    pub(super) markdown: String,
    pub(super) json: serde_json::Value,
    /// Absent where the answer is no table.
    pub(super) csv: Option<String>,
    /// Files besides the report, the charts and the data.
    pub(super) more: Vec<File>,
}

impl Answer {
    /// Writes the files and prints the form asked for.
    pub(super) fn deliver(self, folder: &Folder, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
        let json = super::pretty(&self.json)?;
        let mut files = super::report(&self.document)?;
        files.extend(self.more);
        files.push((format!("{}.json", self.name), json.clone().into_bytes()));
        files.extend(self.csv.iter().map(|csv| (format!("{}.csv", self.name), csv.clone().into_bytes())));
        folder.write(&files)?;
        terminal.data(&match global.format {
            Format::Text => self.text,
            Format::Json => json,
            Format::Csv => self.csv.ok_or_else(|| Failure::usage("this answer is no table", "Choose text, json or markdown."))?,
            Format::Markdown => self.markdown,
            Format::Sarif => return Err(super::no_sarif()),
        })?;
        terminal.talk(&format!("Report, data and charts: {}", global.output.join("report.html").display()));
        Ok(())
    }
}
