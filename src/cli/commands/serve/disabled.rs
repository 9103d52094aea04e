//! `serve` where the program is built without it.

use crate::cli::args::{Global, ServeArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;

pub(in crate::cli) fn serve(_: &ServeArgs, _: &Global, _: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::usage(
        "this program is built without the page",
        "Build it with the feature `serve`, which is on by default: leave `--no-default-features` out.",
    ))
}
