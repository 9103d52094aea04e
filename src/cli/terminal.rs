//! Printing: data to standard output, talk to standard error.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Color, Global};
use super::exit::{Exit, Failure};
use super::files::reason;
use crate::diagnostic::{Diagnostic, Severity};

/// Width of text where there is no terminal.
const WIDTH: usize = 100;

/// What became of data on standard output. A reader that has seen enough, such as `head`, is no failure.
pub(super) fn arrived(written: std::io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let hint = "Check where it is redirected to, and whether there is room on the disk.";
            Err(Failure::io("cannot write to", Path::new("standard output"), reason(&error), hint))
        }
        _ => Ok(()),
    }
}

/// Says why the program ends, where the options that say how are not known.
pub(super) fn failed(failure: &Failure) -> Exit {
    failure.findings.iter().for_each(|finding| Terminal::err(&finding.to_string()));
    failure.exit
}

/// The two streams, and what is known about them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    quiet: bool,
    /// Whether standard output takes colours.
    pub(super) color: bool,
    color_talk: bool,
    /// Columns of standard output.
    pub(super) width: usize,
}

impl Terminal {
    pub(super) fn new(global: &Global) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let plain = set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = |is_terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !plain,
        };
        let out = std::io::stdout().is_terminal();
        // A table without a width of its own asks the terminal for one.
        let width = if out { comfy_table::Table::new().width().map_or(WIDTH, usize::from) } else { WIDTH };
        Self { quiet: global.quiet, color: color(out), color_talk: color(std::io::stderr().is_terminal()), width }
    }

    /// Says nothing that is not data or an error.
    #[cfg(test)]
    pub(super) const fn quiet() -> Self {
        Self { quiet: true, color: false, color_talk: false, width: WIDTH }
    }

    /// Prints data.
    pub(super) fn data(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        arrived(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
    }

    /// Says something that is not data; nobody may be listening.
    pub(super) fn talk(&self, text: &str) {
        if !self.quiet {
            Self::err(text);
        }
    }

    /// Errors always, warnings and notes unless quiet; then how many errors there are, if more than one.
    pub(super) fn findings(&self, findings: &[Diagnostic]) {
        for finding in findings {
            if finding.severity == Severity::Error || !self.quiet {
                Self::err(&self.styled(finding));
            }
        }
        let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
        if errors > 1 {
            Self::err(&format!("{errors} errors"));
        }
    }

    /// A finding with its severity in colour.
    fn styled(&self, finding: &Diagnostic) -> String {
        let text = finding.to_string();
        let code = match finding.severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Note => "1;36",
        };
        match text.split_once(": ") {
            Some((severity, rest)) if self.color_talk => format!("\x1b[{code}m{severity}\x1b[0m: {rest}"),
            _ => text,
        }
    }

    fn err(text: &str) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// A bar over the bytes of a file; seen only on a terminal.
    pub(super) fn reading(&self) -> ProgressBar {
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        match ProgressStyle::with_template("{bar:30} {bytes} of {total_bytes} read, {msg}, {elapsed} gone") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    /// A bar over this many replications; seen only on a terminal.
    pub(super) fn progress(&self, replications: u64) -> ProgressBar {
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(replications), target);
        let template = "{bar:30} {pos} of {len} replications, {elapsed} gone, {eta} to go";
        match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }
}
