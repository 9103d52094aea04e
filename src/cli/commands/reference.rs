//! `schema`, `completions`, `man`: what is built in.

use clap::CommandFactory;

use crate::cli::args::{Args, SchemaOf};
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::report::json::result_schema;
use crate::scenario;

pub(in crate::cli) fn schema(of: SchemaOf, terminal: &Terminal) -> Result<Exit, Failure> {
    let schema = match of {
        SchemaOf::Scenario => scenario::schema(),
        SchemaOf::Result => result_schema(),
    };
    terminal.data(&super::pretty(&schema)?)?;
    Ok(Exit::Done)
}

pub(in crate::cli) fn completions(shell: clap_complete::Shell, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "faascast", &mut script);
    terminal.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

pub(in crate::cli) fn man(command: Option<&str>, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut program = Args::command();
    program.build();
    let page = match command {
        None => clap_mangen::Man::new(program),
        Some(name) => {
            let found = program.get_subcommands().find(|c| c.get_name() == name).cloned();
            let command = found.ok_or_else(|| {
                let known: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
                Failure::usage(format!("there is no command `{name}`"), format!("Known: {}.", known.join(", ")))
            })?;
            clap_mangen::Man::new(command).title(format!("faascast-{name}"))
        }
    };
    let mut text = Vec::new();
    page.render(&mut text).map_err(Failure::internal)?;
    terminal.data(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
