//! The arguments of `storm`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{Factors, factors, span};
use crate::units::Span;

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct StormArgs {
    /// The scenario file. Its events are the disturbance, at 0.5, 1, 2 and 4 times their lengths, unless `--pulse` is given.
    pub(in crate::cli) file: PathBuf,
    /// Factors on all traffic.
    #[arg(long, value_name = "FACTORS", value_parser = sizes, default_value = "0.25,0.5,0.75,1,1.25")]
    pub(in crate::cli) load: Factors,
    /// Factors on the traffic of a pulse after a quarter of the horizon; left out: 2,5,10,20 for a scenario without events.
    #[arg(long, value_name = "FACTORS", value_parser = sizes)]
    pub(in crate::cli) pulse: Option<Factors>,
    /// Length of the pulse.
    #[arg(long = "for", value_name = "SPAN", value_parser = span, default_value = "60s")]
    pub(in crate::cli) length: Span,
    /// Replications of each load under each disturbance.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(in crate::cli) replications: u32,
}

/// Factors above 0, each once.
fn sizes(text: &str) -> Result<Factors, String> {
    let once = |all: &[f64]| all.iter().enumerate().all(|(i, x)| all.iter().take(i).all(|y| y.to_bits() != x.to_bits()));
    let read = factors(text).ok().filter(|read| read.0.iter().all(|x| (1e-3..=1e4).contains(x)) && once(&read.0));
    read.ok_or_else(|| "expected factors from 0.001 to 10000, each once, such as 0.5,1,2".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_above_nothing_and_differ() {
        assert_eq!(sizes("0.25, 1"), Ok(Factors(vec![0.25, 1.0])));
        assert!(["", "0", "-1", "1,1", "1;2", "1e9", "nan"].iter().all(|text| sizes(text).is_err()));
    }
}
