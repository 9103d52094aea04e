//! The arguments: names, help and checks that need nothing but the argument itself.

mod plan;
mod serve;
mod storm;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::calibrate::Kind;
use crate::units::{Bytes, Span};
pub(super) use plan::PlanArgs;
pub(super) use serve::ServeArgs;
pub(super) use storm::StormArgs;

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
  99   an objective was missed (only with `run --fail-on-objective`), `check --fail-on` found something, or
       `compare --tolerance` found something worse, or nothing meets the objectives (`tune`)
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
    /// Simulates two configurations on the same traffic and luck, and says what they differ by.
    #[command(after_help = "Example: faascast compare my.toml --with functions.web.timeout=10s --tolerance 2%")]
    Compare(Compare),
    /// Simulates every combination of settings, on the same traffic and luck.
    #[command(
        after_help = "Example: faascast sweep my.toml --set functions.web.timeout=5s..60s\\ x2 --set functions.web.memory=512MiB,1GiB"
    )]
    Sweep(Sweep),
    /// Finds the cheapest settings that meet the objectives.
    #[command(
        after_help = "Example: faascast tune my.toml --set functions.web.memory=512MiB..4GiB\\ x2 --set functions.web.timeout=5s,10s,30s"
    )]
    Tune(Tune),
    /// Fits a scenario to logs and traces: prints a fragment with a comment for each figure.
    #[command(after_help = "Example: faascast calibrate last-week.json --scenario -o my.toml && faascast run my.toml")]
    Calibrate(Calibrate),
    /// Looks ahead over months of growth: fees, and when quotas and objectives are crossed.
    #[command(after_help = "Example: faascast plan my.toml --growth 8%/month --for 18months")]
    Plan(PlanArgs),
    /// Finds the traffic and the disturbance from which on the system stays down, what that costs, and what would prevent it.
    #[command(after_help = "Example: faascast storm my.toml --load 0.5,1,1.5 --pulse 5,20 --for 2min --replications 10")]
    Storm(StormArgs),
    /// Simulates every function of a recorded trace, and says what they cost together and which of them make the bill.
    #[command(after_help = "Example: faascast fleet invocations_per_function_md.anon.d01.csv.gz --platform aws-lambda --top 20")]
    Fleet(FleetArgs),
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
    /// Reviews a scenario or a deployment file: limits, runtime support, and the part of security that is the user's.
    #[command(after_help = "Example: faascast check scenarios/my.toml --fail-on warning --format sarif > check.sarif")]
    Check(Check),
    /// Makes a scenario from a deployment file: settings with the line that each is from, placeholders for what it does not know.
    #[command(after_help = "Example: faascast import template.yaml --parameter Stage=prod -o scenario.toml")]
    Import(Import),
    /// Opens a live page for what-if questions, on this machine only.
    Serve(ServeArgs),
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
        matches!(
            self,
            Self::Run(_)
                | Self::Explain { .. }
                | Self::Check(_)
                | Self::Compare(_)
                | Self::Sweep(_)
                | Self::Tune(_)
                | Self::Plan(_)
                | Self::Storm(_)
                | Self::Fleet(_)
        )
    }
}

#[derive(Debug, ClapArgs)]
pub(super) struct Run {
    /// The scenario file.
    pub(super) file: PathBuf,
    /// Exits with 99 if an objective was missed: a gate for continuous integration.
    #[arg(long)]
    pub(super) fail_on_objective: bool,
    /// Calendar month that `focus.csv` names as the billing period; left out: that of `start_time`, or none.
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    pub(super) billing_month: Option<Month>,
    /// Writes the logs that the platform would have written of the first replication, a file a function, to this folder.
    #[arg(long, value_name = "DIR")]
    pub(super) emit_logs: Option<PathBuf>,
    /// Draws the values of `[uncertainty]` again so many times, simulates each, and says how much of every band is the
    /// simulation's luck and how much the input's. Left out with the option: 40.
    #[arg(long, value_name = "SAMPLES", num_args = 0..=1, require_equals = true, default_missing_value = "40", value_parser = clap::value_parser!(u16).range(2..=10_000))]
    pub(super) input_uncertainty: Option<u16>,
}

/// A calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Month(pub(super) i16, pub(super) u8);

#[derive(Debug, ClapArgs)]
pub(super) struct Calibrate {
    /// Logs: AWS REPORT lines (text, CloudWatch events, Logs Insights), Function Compute lines, Cloud Run requests, web access
    /// logs, metrics of CloudWatch and Prometheus, power tuning, traces.
    #[arg(required = true, value_name = "LOGS")]
    pub(super) logs: Vec<PathBuf>,
    /// Only this function; left out: all in the logs.
    #[arg(long, value_name = "NAME")]
    pub(super) function: Option<String>,
    /// What the files are; left out: seen from their content.
    #[arg(long, value_name = "KIND", value_parser = log_kind)]
    pub(super) kind: Option<Kind>,
    /// Writes the fragment to this file and not to standard output.
    #[arg(short = 'o', value_name = "FILE")]
    pub(super) into: Option<PathBuf>,
    /// Makes it a whole scenario, with the platform and a horizon of a day.
    #[arg(long)]
    pub(super) scenario: bool,
}

/// What a log is.
fn log_kind(text: &str) -> Result<Kind, String> {
    let names = || Kind::ALL.map(|(name, _)| name).join(", ");
    Kind::from_name(text).ok_or_else(|| format!("expected one of {}", names()))
}

#[derive(Debug, ClapArgs)]
pub(super) struct Compare {
    /// The scenario file that the other one is compared with.
    pub(super) a: PathBuf,
    /// The other scenario file; left out: the same one.
    pub(super) b: Option<PathBuf>,
    /// Changes a value of the other scenario only; can be repeated.
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    pub(super) with: Vec<(String, String)>,
    /// Exits with 99 if a figure is worse by more than this share of it, such as `2%`. Left out: 1%, and no such exit.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(super) tolerance: Option<f64>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Sweep {
    /// The scenario file; its `[sweep]` names settings and values, `--set KEY=V1,V2` adds or replaces some. Ranges: `5s..60s x2`,
    /// `1..9 +2`.
    pub(super) file: PathBuf,
    /// Keeps what is done in this file, and goes on from it after an interrupt.
    #[arg(long, value_name = "FILE")]
    pub(super) checkpoint: Option<PathBuf>,
    /// Calendar month that `focus.csv` names as the billing period; left out: that of `start_time`, or none.
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    pub(super) billing_month: Option<Month>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Tune {
    /// The scenario file, with `[objectives]`. Settings to choose from: `[sweep]` or `--set KEY=V1,V2`; left out: memory, vCPU,
    /// timeout, instance concurrency, quota, provisioned instances and retries around today's, within the platform's limits; a
    /// setting with one value, `--set KEY=V`, stays.
    pub(super) file: PathBuf,
    /// Fees that differ by less are as good as each other: a share of today's, or money a month such as `"20 USD"`.
    #[arg(long, value_name = "SHARE|MONEY", value_parser = indifference, default_value = "1%")]
    pub(super) indifference: Indifference,
    /// A candidate that is not better than an objective by this share of what it allows may be passed over.
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "2%")]
    pub(super) tolerance: f64,
    /// Probability that the choice is that good, among those compared to the end.
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "95%")]
    pub(super) confidence: f64,
    /// Most replications for choosing; those that are reported come on top. Left out: as many as it takes.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) budget: Option<u64>,
}

/// An indifference zone.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Indifference {
    /// Of today's fee.
    Share(f64),
    /// A month, with its currency.
    Money(f64, String),
}

#[derive(Debug, ClapArgs)]
pub(super) struct FleetArgs {
    /// Traces of many functions, plain or with gzip: counts by function (Azure Functions 2019, a file a day; FaaSRail) or an
    /// invocation a row (Azure Functions 2021, any CSV with function and time). Several are one after the other.
    #[arg(required = true, value_name = "TRACE")]
    pub(super) traces: Vec<PathBuf>,
    /// Platform on which all functions run. `--set timeout=30s` changes a setting of all of them.
    #[arg(long, value_name = "ID", default_value = "alibaba-fc")]
    pub(super) platform: String,
    /// Region; left out: the platform's default.
    #[arg(long, value_name = "ID")]
    pub(super) region: Option<String>,
    /// Memory of all functions, whatever a table says; left out: by the table, else 256 MiB.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(super) memory: Option<Bytes>,
    /// Table of durations by function; left out: that of the same day beside an Azure trace, if it is there.
    #[arg(long, value_name = "FILE")]
    pub(super) durations: Option<PathBuf>,
    /// Table of memory by application; left out: that of the same day beside an Azure trace, if it is there.
    #[arg(long, value_name = "FILE")]
    pub(super) memories: Option<PathBuf>,
    /// Length of a column of counts; left out: 1 min.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(super) every: Option<Span>,
    /// How long invocations were recorded; left out: up to the minute after the last one.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(super) length: Option<Span>,
    /// How many of the dearest functions are shown by name.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(super) top: u16,
}

fn size(text: &str) -> Result<Bytes, String> {
    let read = crate::units::parse::bytes(text).ok().filter(|bytes| bytes.0 > 0);
    read.ok_or_else(|| "expected a size such as \"512 MiB\"".to_owned())
}

fn span(text: &str) -> Result<Span, String> {
    let read = crate::units::parse::span(text).ok().filter(|span| span.0 > 0 && !span.is_forever());
    read.ok_or_else(|| "expected a length of time such as 24h".to_owned())
}

/// Growth of the traffic.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Growth {
    /// A month, 0.08 is 8 %.
    Monthly(f64),
    /// Factor of each month.
    Curve(Factors),
}

/// Factors on the traffic.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Factors(pub(super) Vec<f64>);

#[derive(Debug, ClapArgs)]
pub(super) struct Import {
    /// The deployment file; what kind it is shows in its content.
    pub(super) file: PathBuf,
    /// Value of a parameter or an environment variable that the file refers to; can be repeated.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(super) parameters: Vec<(String, String)>,
    /// Platform to take, where a deployment file has functions of several, or does not say which plan it is for.
    #[arg(long, value_name = "ID")]
    pub(super) platform: Option<String>,
    /// Writes the scenario to this file; left out: to standard output.
    #[arg(short = 'o', long = "to", value_name = "FILE")]
    pub(super) to: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Check {
    /// The scenario file, or a deployment file.
    pub(super) file: PathBuf,
    /// Value of a parameter or an environment variable that a deployment file refers to; can be repeated.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(super) parameters: Vec<(String, String)>,
    /// Platform to take, where a deployment file has functions of several, or does not say which plan it is for.
    #[arg(long, value_name = "ID")]
    pub(super) platform: Option<String>,
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

/// A month such as `2026-12`.
pub(super) fn month(text: &str) -> Result<Month, String> {
    let read = text.split_once('-').and_then(|(year, month)| {
        let whole = |part: &str, digits: usize| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        (whole(year, 4) && whole(month, 2)).then_some(Month(year.parse().ok()?, month.parse().ok()?))
    });
    read.filter(|month| (1..=12).contains(&month.1)).ok_or_else(|| "expected a month such as 2026-12".to_owned())
}

fn factors(text: &str) -> Result<Factors, String> {
    let one = |part: &str| part.trim().parse().ok().filter(|x: &f64| (0.0..=1e6).contains(x));
    let all: Option<Vec<f64>> = text.split(',').map(one).collect();
    all.map(Factors).ok_or_else(|| "expected factors such as 1,1.2,0.8".to_owned())
}

/// A share such as `2%` or `0.02`.
fn share(text: &str) -> Result<f64, String> {
    let plain = || text.parse().ok().filter(|x: &f64| (0.0..=1.0).contains(x));
    let read = crate::units::parse::probability(text).ok().map(crate::units::Probability::get).or_else(plain);
    read.ok_or_else(|| "expected a share such as 2% or 0.02".to_owned())
}

/// A share, or money such as `20 USD`; above 0.
fn indifference(text: &str) -> Result<Indifference, String> {
    let wrong = || "expected a share above 0 such as 1%, or money such as \"20 USD\"".to_owned();
    let code = |code: &str| code.len() == 3 && code.chars().all(|c| c.is_ascii_uppercase());
    match crate::units::parse::split(text) {
        Some((amount, unit)) if code(unit) && amount > 0.0 => Ok(Indifference::Money(amount, unit.to_owned())),
        _ => share(text).ok().filter(|share| *share > 0.0).map(Indifference::Share).ok_or_else(wrong),
    }
}

/// Splits `KEY=VALUE`. What the key and the value may be is the scenario's business.
fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("expected KEY=VALUE, such as functions.thumbnail.timeout=10s".to_owned()),
    }
}

/// Splits `NAME=VALUE`; the value may be empty.
fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE, such as Stage=prod".to_owned()),
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
    fn an_indifference_is_a_share_or_money() {
        assert_eq!(indifference("2%"), Ok(Indifference::Share(0.02)));
        assert_eq!(indifference("20 USD"), Ok(Indifference::Money(20.0, "USD".into())));
        assert!(indifference("0%").is_err() && indifference("20").is_err() && indifference("-3 USD").is_err());
    }

    #[test]
    fn a_month_has_a_year() {
        assert_eq!(month("2026-12"), Ok(Month(2026, 12)));
        assert!(["2026-13", "2026-00", "12-2026", "2026-1", "2026", "2026-+1"].iter().all(|text| month(text).is_err()));
    }

    #[test]
    fn a_setting_is_cut_at_its_first_sign() {
        assert_eq!(setting("a.b = c=d"), Ok(("a.b".to_owned(), "c=d".to_owned())));
        assert_eq!(setting("a="), Ok(("a".to_owned(), String::new())));
        assert!(setting("a").is_err() && setting("=1").is_err());
    }
}
