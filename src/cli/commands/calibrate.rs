//! `calibrate`: logs to a fragment of a scenario, with a report on how well it fits.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::basis::command;
use crate::calibrate::{self, Records, fragment, read};
use crate::cli::args::{Calibrate, Format, Global};
use crate::cli::exit::{Exit, Failure};
use crate::cli::files::reason;
use crate::cli::output::Folder;
use crate::cli::terminal::Terminal;
use crate::diagnostic::Diagnostic;
use crate::report::calibrate as report;

/// Functions that one fragment may have: more are chosen by name.
const MOST: usize = 20;

pub(in crate::cli) fn calibrate(args: &Calibrate, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let records = records(args)?;
    terminal.findings(&findings(&records));
    let calibrated = calibrate::calibrate(&records, args.function.as_deref(), MOST);
    if calibrated.is_empty() {
        return Err(none(&records, args));
    }
    if args.function.is_none() && records.functions.len() > MOST {
        terminal.talk(&format!(
            "{} functions; the {MOST} with the most records are fitted. Choose others with `--function NAME`.",
            records.functions.len()
        ));
    }
    let text = fragment::fragment(&records, &calibrated, args.scenario);
    let folder = Folder::open(&global.output, &["report.html", "report.md", "calibrated.toml"])?;
    let document = report::document(&records, &calibrated, &text, &command());
    let mut files = super::report(&document)?;
    files.push(("calibrated.toml".to_owned(), text.clone().into_bytes()));
    folder.write(&files)?;
    if let Some(path) = &args.into {
        whole(path, &text)?;
    }
    match global.format {
        // The fragment is in the file that was asked for.
        Format::Text if args.into.is_some() => {}
        Format::Text => terminal.data(&text)?,
        format => super::print(&report::listing(&calibrated), &report::json(&records, &calibrated), format, terminal)?,
    }
    terminal.talk(&format!("Report and charts: {}", global.output.join("report.html").display()));
    Ok(Exit::Done)
}

/// Reads all files, one line at a time.
fn records(args: &Calibrate) -> Result<Records, Failure> {
    let mut records = Records::default();
    let mut findings = Vec::new();
    for path in &args.logs {
        let refuse = |error: &std::io::Error| {
            Failure::io("cannot read the log", path, reason(error), "Check the path and the permissions.")
        };
        let file = File::open(path).map_err(|error| refuse(&error))?;
        if file.metadata().map_err(|error| refuse(&error))?.is_dir() {
            return Err(Failure::io("cannot read the log", path, "it is a folder", "Name the files in it."));
        }
        let mut input = BufReader::with_capacity(1 << 16, file);
        let name = path.display().to_string();
        if let Err(found) = read::read(&mut records, &mut input, &name, args.kind, args.function.as_deref()) {
            findings.extend(found);
        }
    }
    if findings.is_empty() { Ok(records) } else { Err(Failure::input(findings)) }
}

/// What was left out, with the first broken lines.
fn findings(records: &Records) -> Vec<Diagnostic> {
    let mut findings = records.findings.clone();
    let mut say = |code, n: u64, what: &str, hint: &str| {
        if n > 0 {
            findings.push(Diagnostic::warning(code, "", format!("{n} {what}")).hint(hint));
        }
    };
    say("broken-line", records.broken, "lines cannot be read and are left out", "The first ones of each file are shown above.");
    say("emulated", records.emulated, "lines come from a local emulator and are left out", "Take logs of the cloud.");
    findings
}

fn none(records: &Records, args: &Calibrate) -> Failure {
    let Some(name) = &args.function else {
        let finding = Diagnostic::error("no-records", "", "there is no invocation in the logs");
        return Failure::one(Exit::Usage, finding.hint("Look at the lines that were left out."));
    };
    let known: Vec<&str> = records.functions.iter().map(String::as_str).filter(|known| !known.is_empty()).take(10).collect();
    let finding = Diagnostic::error("unknown-name", "--function", format!("no record is of `{name}`"));
    let hint = if known.is_empty() {
        "The logs name no function: leave it out.".to_owned()
    } else {
        format!("There is: {}.", known.join(", "))
    };
    Failure::one(Exit::Usage, finding.hint(hint))
}

/// Writes a file whole or not at all.
fn whole(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Folder::open(folder, &[&name])?.write(&[(name, text.as_bytes().to_vec())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_is_not_there_is_said() {
        let mut records = Records::default();
        let web = records.function("web");
        records.sizes.push(calibrate::records::Sized { function: web, memory: 128 << 20, seconds: 1.0 });
        assert_eq!(calibrate::calibrate(&records, None, 5)[0].function, "web");
        assert!(calibrate::calibrate(&records, Some("wbe"), 5).is_empty());
        let args = Calibrate { logs: vec![], function: Some("wbe".into()), kind: None, into: None, scenario: false };
        assert!(none(&records, &args).findings[0].hints[0].contains("web"));
    }
}
