//! The command line: the only place with files, clocks, environment and printing. Data goes to standard output, talk to
//! standard error.

mod args;
mod commands;
mod exit;
mod files;
mod output;
mod stop;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command, Format};
use exit::{Exit, Failure};
use terminal::Terminal;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are not errors: they are data, which may not arrive.
            let printed = terminal::arrived(error.print());
            if error.use_stderr() {
                return Exit::Usage.into();
            }
            return printed.map_or_else(|failure| terminal::failed(&failure).into(), |()| Exit::Done.into());
        }
    };
    let terminal = Terminal::new(&args.global);
    // A defect ends with a code of the interface too; what happened has been printed by then.
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| command(&args, &terminal)));
    match ended.unwrap_or_else(|_| Err(Failure::internal("the program has a defect"))) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            terminal.findings(&failure.findings);
            failure.exit.into()
        }
    }
}

fn command(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let global = &args.global;
    if !args.command.reads_a_scenario() && (!global.set.is_empty() || global.seed.is_some()) {
        return Err(Failure::usage("`--set` and `--seed` change a scenario, and this command reads none", "Leave them out."));
    }
    if global.format == Format::Sarif && !matches!(args.command, Command::Check(_)) {
        return Err(commands::no_sarif());
    }
    match &args.command {
        Command::Calibrate(args) => commands::calibrate::calibrate(args, global, terminal),
        Command::Compare(compare) => commands::compare::compare(compare, global, terminal),
        Command::Sweep(sweep) => commands::sweep::sweep(sweep, global, terminal),
        Command::Tune(tune) => commands::tune::tune(tune, global, terminal),
        Command::Plan(plan) => commands::plan::plan(plan, global, terminal),
        Command::Storm(storm) => commands::storm::storm(storm, global, terminal),
        Command::Import(import) => commands::import::import(import, global, terminal),
        Command::Fleet(fleet) => commands::fleet::fleet(fleet, global, terminal),
        Command::Check(check) => commands::check::check(check, global, terminal),
        Command::Serve(args) => commands::serve::serve(args, global, terminal),
        Command::Run(run) => commands::run::run(run, global, terminal),
        Command::Explain { file } => commands::explain::explain(file, global, terminal),
        Command::Schema { of } => commands::reference::schema(*of, terminal),
        Command::Platforms { id, region } => commands::platforms::platforms(id.as_deref(), region.as_deref(), global, terminal),
        Command::Price { file } => commands::price::price(file, global, terminal),
        Command::Completions { shell } => commands::reference::completions(*shell, terminal),
        Command::Man { command } => commands::reference::man(command.as_deref(), terminal),
    }
}
