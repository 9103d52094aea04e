//! The arguments: names, help and checks that need nothing but the argument itself.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Forecasts what cloud functions will cost, what they will throttle and how available they will be.
#[derive(Debug, Parser)]
#[command(name = "faascast", version, max_term_width = 110, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    could not finish: a file could not be read or written, or an internal error
  2    wrong usage or invalid input
  99   an objective was missed (only with `run --fail-on-objective`), or `check --fail-on` found something
  130  interrupted; the results so far were written, marked incomplete";

/// Options of every command.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Global {
    /// How data is printed on standard output.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Folder for the report, data and charts of a run.
    #[arg(long, global = true, value_name = "DIR", default_value = "output")]
    pub(super) output: PathBuf,
    /// Changes a value of the scenario, such as `functions.thumbnail.timeout=10s`; can be repeated.
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = setting)]
    pub(super) set: Vec<(String, String)>,
    /// Seed of all random draws; the same as `--set simulation.seed=N`.
    #[arg(long, global = true, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Threads to simulate on; the result does not depend on it. Left out: one a processor.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// Only data and errors: no progress bar, no notes.
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// Colours: `auto` is colour on a terminal unless the environment has `NO_COLOR`.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(super) color: Color,
}

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For reading on a terminal.
    Text,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// For comments and documents.
    Markdown,
    /// For code review tools (SARIF 2.1.0); `check` only.
    Sarif,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Simulates a scenario: prints the summary, writes report, data and charts.
    #[command(after_help = "Example: faascast run scenarios/my.toml --set functions.web.timeout=10s --format json")]
    Run(Run),
    /// Shows every value in effect, and where it came from.
    Explain {
        /// The scenario file.
        file: PathBuf,
    },
    /// Prints a JSON Schema, for editors and for readers of the results.
    Schema {
        /// Of what.
        #[arg(value_enum, default_value_t = SchemaOf::Scenario)]
        of: SchemaOf,
    },
    /// Reviews a scenario: limits, runtime support, and the part of security that is the user's.
    #[command(after_help = "Example: faascast check scenarios/my.toml --fail-on warning --format sarif > check.sarif")]
    Check(Check),
    /// Lists the platforms, or one platform's prices, limits and defaults with their sources and dates.
    Platforms {
        /// A platform, such as `alibaba-fc`; left out: all, by name.
        id: Option<String>,
        /// Only what holds in this region.
        #[arg(long, requires = "id")]
        region: Option<String>,
    },
    /// Bills a month's usage without simulating it.
    Price {
        /// The usage file: platform, region and a `[[usage]]` for each function.
        file: PathBuf,
    },
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Prints the manual page.
    Man {
        /// Of this command; left out: of the program.
        command: Option<String>,
    },
}

impl Command {
    /// Whether options that change a scenario mean anything.
    pub(super) const fn reads_a_scenario(&self) -> bool {
        matches!(self, Self::Run(_) | Self::Explain { .. } | Self::Check(_))
    }
}

#[derive(Debug, ClapArgs)]
pub(super) struct Run {
    /// The scenario file.
    pub(super) file: PathBuf,
    /// Exits with 99 if an objective was missed: a gate for continuous integration.
    #[arg(long)]
    pub(super) fail_on_objective: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Check {
    /// The scenario file.
    pub(super) file: PathBuf,
    /// Exits with 99 if there is a finding as bad as this, or worse: a gate for continuous integration.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,
}

/// From which severity on `check` fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Warnings and errors.
    Warning,
    /// Errors only.
    Error,
}

/// What a schema is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// Scenario files.
    Scenario,
    /// What `run --format json` prints.
    Result,
}

/// Splits `KEY=VALUE`. What the key and the value may be is the scenario's business.
fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("expected KEY=VALUE, such as functions.thumbnail.timeout=10s".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_setting_is_cut_at_its_first_sign() {
        assert_eq!(setting("a.b = c=d"), Ok(("a.b".to_owned(), "c=d".to_owned())));
        assert_eq!(setting("a="), Ok(("a".to_owned(), String::new())));
        assert!(setting("a").is_err() && setting("=1").is_err());
    }
}
