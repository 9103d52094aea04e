//! The engine against exact theory. Each test names its formula and where it is from; the tolerance is four standard errors
//! of the simulation itself (Student's t at the same level, as they are estimated), and a second bound makes sure that it is
//! small enough to tell a wrong engine from a right one.

mod cold_starts;
mod infinite;
mod loss;
mod rare;
mod real;
pub(crate) mod reference;
mod retrial;
mod retries;
mod scaling;
mod sharing;
mod truncation;
mod waiting;

use faascast::engine::{FunctionTally, Replication};
use faascast::scenario::{Scenario, Start};
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::support::secs;

/// Chance that a right engine misses one comparison, two-sided: that of four standard deviations.
const LEVEL: f64 = 6.334e-5;

/// Total over total across replications must be within the tolerance of `exact`, and that within `resolution` of it,
/// relatively: a test that could not fail would be none.
pub(crate) fn agrees(label: &str, totals: &[(f64, f64)], exact: f64, resolution: f64) {
    let n = totals.len() as f64;
    let (top, bottom) = totals.iter().fold((0.0, 0.0), |(top, bottom), t| (top + t.0, bottom + t.1));
    let mean = top / bottom;
    // Standard error of a ratio by linearisation (Cochran 1977, eq. 6.13).
    let squares: f64 = totals.iter().map(|t| (t.0 - mean * t.1) * (t.0 - mean * t.1)).sum();
    let error = (squares * n / (n - 1.0)).sqrt() / bottom;
    let freedom = totals.len() - 1;
    let t = StudentsT::new(0.0, 1.0, freedom as f64).unwrap();
    let tolerance = error * t.inverse_cdf(1.0 - LEVEL / 2.0);
    println!("{label}: simulated {mean:.7} +- {error:.7}, exact {exact:.7}, t = {:.2}", (mean - exact) / error);
    assert!((mean - exact).abs() <= tolerance, "{label}: simulated {mean} +- {tolerance}, exact {exact}");
    assert!(tolerance <= resolution * exact, "{label}: {tolerance} tells nothing below {}", resolution * exact);
}

/// The pair (numerator, denominator) of the first function of each replication.
fn totals(replications: &[Replication], pair: impl Fn(&FunctionTally) -> (f64, f64)) -> Vec<(f64, f64)> {
    replications.iter().map(|r| pair(&r.functions[0])).collect()
}

/// Throttled attempts among all.
fn throttled(t: &FunctionTally) -> (f64, f64) {
    (t.throttled_by.iter().sum::<u64>() as f64, t.attempts as f64)
}

/// Cold starts among invocations.
fn cold(t: &FunctionTally) -> (f64, f64) {
    (t.cold_starts as f64, t.invocations as f64)
}

/// Lets the same traffic run for that many seconds before clock 0: long enough here to forget the empty start.
pub(crate) fn run_in(scenario: &mut Scenario, seconds: f64) {
    scenario.simulation.start = Start::Warm;
    scenario.simulation.run_in = secs(seconds);
}
