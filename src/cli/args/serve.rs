//! The arguments of `serve`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::parameter;

#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: faascast serve scenarios/my.toml --port 8080")]
pub(in crate::cli) struct ServeArgs {
    /// A scenario or a deployment file to begin with; left out: one of the scenarios that come with the program.
    pub(in crate::cli) file: Option<PathBuf>,
    /// Port on 127.0.0.1; 0 is any that is free.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(in crate::cli) port: u16,
    /// Value of a parameter or an environment variable that a deployment file refers to; can be repeated.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(in crate::cli) parameters: Vec<(String, String)>,
    /// Platform to take, where a deployment file has functions of several, or does not say which plan it is for.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) platform: Option<String>,
}
