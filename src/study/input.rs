//! What not knowing the input adds to a forecast: the uncertain values are drawn again and again, each sample is simulated,
//! and the variance of the figures is split into the simulation's and the input's.
//!
//! All samples see the same traffic and luck (the draws are by identity), so that what differs between them is the input alone
//! (common random numbers; Law, "Simulation modeling and analysis", chapter 11). The simulation's part is the variance of the
//! mean over the replications of the scenario as it stands.

use super::result::{InputUncertainty, RunResult, SplitFigure};
use super::{Context, StudyError, run};
use crate::estimate::Estimate;
use crate::estimate::moments::Moments;
use crate::estimate::student::t_quantile;
use crate::scenario::{Scenario, Stopping};

/// The 97.5 % quantile of the normal law.
const Z: f64 = 1.959_963_984_540_054;

/// Adds the input's part to a finished run. `sample` gives the scenario with the uncertain values of a sample.
///
/// # Errors
/// The study was stopped before the second sample was done.
pub fn split<E>(
    result: &RunResult,
    varied: Vec<String>,
    samples: usize,
    context: &Context<'_>,
    sample: impl Fn(u64) -> Result<Scenario, E>,
) -> Result<InputUncertainty, SplitError<E>> {
    let base = figures(result);
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); base.len()];
    let mut done = 0;
    for number in 0..samples as u64 {
        if (context.stop)() {
            break;
        }
        let mut scenario = sample(number).map_err(SplitError::Sample)?;
        // As many replications as the run had: with as much luck of their own.
        scenario.simulation.stopping = Stopping::Fixed(result.replications);
        match run(&scenario, context) {
            Ok(one) if one.replications == result.replications => {
                for (column, (.., e)) in columns.iter_mut().zip(figures(&one)) {
                    column.extend(e.mean);
                }
                done += 1;
            }
            // Stopped in the middle: a sample with fewer replications would be another figure.
            Ok(_) | Err(StudyError::Nothing) => break,
            Err(error) => return Err(SplitError::Study(error)),
        }
    }
    if done < 2 {
        return Err(SplitError::Study(StudyError::Nothing));
    }
    let figures =
        base.into_iter().zip(columns).filter_map(|(figure, column)| one(figure, &column, result.replications)).collect();
    Ok(InputUncertainty { samples: done, varied, figures })
}

/// Why there is no split.
#[derive(Debug)]
pub enum SplitError<E> {
    /// A sample is no valid scenario.
    Sample(E),
    /// A study did not come to its end.
    Study(StudyError),
}

/// The main figures: name, function, estimate.
fn figures(r: &RunResult) -> Vec<(&'static str, String, Estimate)> {
    let mut all = vec![("fee", String::new(), r.fee.month)];
    for (name, f) in &r.functions {
        let throttled = f.attempt_outcomes.get("throttled").copied().unwrap_or_else(|| Estimate::none(0));
        let of = [
            ("availability", f.availability),
            ("throttled", throttled),
            ("cold_start_rate", f.cold_start_rate),
            ("p50", f.latency_s.p50),
            ("p99", f.latency_s.p99),
            ("mean_latency", f.latency_s.mean),
            ("instances", f.instances.mean),
            ("peak_instances", f.instances.peak),
        ];
        all.extend(of.map(|(figure, e)| (figure, name.clone(), e)));
    }
    all
}

fn one((figure, function, e): (&'static str, String, Estimate), column: &[f64], replications: u32) -> Option<SplitFigure> {
    let mean = e.mean?;
    if column.len() < 2 {
        return None;
    }
    // The interval of the run is the mean with so many standard errors to each side.
    let errors = if replications > 1 { t_quantile(f64::from(replications - 1)) } else { Z };
    let simulation_sd = e.half_width().unwrap_or(0.0) / errors;
    let input_sd = Moments::of(column).standard_error() * (column.len() as f64).sqrt();
    let variance = simulation_sd * simulation_sd + input_sd * input_sd;
    let (below, above) = (e.lo.map_or(0.0, |lo| mean - lo), e.hi.map_or(0.0, |hi| hi - mean));
    // The standard deviation of the input is itself known from so many samples only.
    let input = t_quantile((column.len() - 1) as f64) * input_sd;
    let both = |side: f64| (side * side + input * input).sqrt();
    let most = if matches!(figure, "availability" | "throttled" | "cold_start_rate") { 1.0 } else { f64::INFINITY };
    Some(SplitFigure {
        figure: figure.to_owned(),
        function,
        estimate: Estimate::interval(mean, mean - both(below), mean + both(above), column.len()).clamped(0.0, most),
        simulation_sd,
        input_sd,
        input_share: (variance > 0.0).then(|| input_sd * input_sd / variance),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_holds_both_sources() {
        // Half-width 2 with 20 replications, and samples with a standard deviation of 3.
        let column: Vec<f64> = (0..50).map(|i| 100.0 + if i % 2 == 0 { 3.0 } else { -3.0 }).collect();
        let split = one(("fee", String::new(), Estimate::interval(100.0, 98.0, 102.0, 20)), &column, 20).unwrap();
        assert!((split.simulation_sd - 2.0 / 2.093_024).abs() < 1e-5 && (split.input_sd - 3.03).abs() < 0.01, "{split:?}");
        let half = split.estimate.half_width().unwrap();
        assert!((half - (4.0_f64 + 2.009_575 * 3.030_46 * 2.009_575 * 3.030_46).sqrt()).abs() < 1e-3, "{half}");
        assert!((split.input_share.unwrap() - 0.909_6).abs() < 1e-3, "{split:?}");
    }

    #[test]
    fn shares_stay_shares() {
        let split = one(("availability", "f".into(), Estimate::interval(0.99, 0.98, 1.0, 20)), &[0.9, 1.0, 0.95], 20).unwrap();
        assert_eq!(split.estimate.hi, Some(1.0));
    }
}
