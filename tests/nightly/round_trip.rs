//! A known scenario is simulated, its log calibrated, and each parameter looked for in its 95 % interval.

use std::collections::BTreeMap;

use crate::reading::NoFiles;
use faascast::calibrate::{self, Calibrated, Records, fit::Fitted, read};
use faascast::scenario::{self, Scenario};
use faascast::study::logs;

/// What is to be found again.
const TRUTH: [(&str, &str, f64); 7] = [
    ("arrivals", "", 0.5),
    ("service time", "mean", 0.12),
    ("service time", "cv", 0.8),
    ("cold start", "mean", 0.25),
    ("cold start", "cv", 0.3),
    ("errors", "", 0.02),
    ("timeouts", "", 0.005),
];

const KEEP_ALIVE: f64 = 3.0;

/// Times in the log are rounded to milliseconds.
const CLOCK: f64 = 0.002;

/// The scenario that is to be found again.
pub(crate) fn known(platform: &str, horizon: &str, seed: u64) -> Scenario {
    let text = format!(
        "platform = \"{platform}\"\n[simulation]\nhorizon = \"{horizon}\"\nstart = \"cold\"\nseed = {seed}\nreplications = 1\n\
         [functions.f]\nmemory = \"512 MiB\"\ntimeout = \"3s\"\nkeep_alive = \"{KEEP_ALIVE}s\"\n\
         cold_start = {{ gamma = {{ mean = \"250ms\", cv = 0.3 }} }}\n\
         work.io = {{ lognormal = {{ mean = \"120ms\", cv = 0.8 }} }}\nfaults = {{ hang = \"0.5%\", error = \"2%\" }}\n\
         [[traffic]]\nto = \"f\"\narrivals = {{ poisson = \"0.5/s\" }}\n"
    );
    scenario::read(&text, "known.toml", &[], &NoFiles).unwrap().scenario
}

fn calibrated(platform: &str, horizon: &str, seed: u64) -> Calibrated {
    let files = logs::emit(&known(platform, horizon, seed), 0);
    let mut records = Records::default();
    for (name, text) in &files {
        read::read(&mut records, &mut text.as_bytes(), name, None, Some("f")).unwrap();
    }
    assert_eq!(records.broken, 0, "{:?}", records.findings);
    calibrate::calibrate(&records, Some("f"), 1).remove(0)
}

/// The interval of a parameter, or of the figure itself.
fn interval(found: &Calibrated, name: &str, parameter: &str) -> Option<(f64, f64)> {
    let figure = found.figure(name)?;
    if parameter.is_empty() {
        return figure.estimate.lo.zip(figure.estimate.hi);
    }
    let of = |key: &str| figure.parameters.iter().find(|p| p.key == key).map(Fitted::interval);
    // Where a Weibull law was chosen instead, its shape says the coefficient of variation.
    let by_shape = || of("shape").map(|(lo, hi)| (weibull_cv(hi), weibull_cv(lo)));
    of(parameter).or_else(|| by_shape().filter(|_| parameter == "cv"))
}

/// Falls as the shape rises.
fn weibull_cv(shape: f64) -> f64 {
    let (one, two) = (libm::tgamma(1.0 + 1.0 / shape), libm::tgamma(1.0 + 2.0 / shape));
    (two / (one * one) - 1.0).sqrt()
}

/// How often each parameter was in its interval.
pub(crate) fn round_trips(platform: &str, horizon: &str, seeds: std::ops::Range<u64>) -> BTreeMap<String, (u64, u64)> {
    let mut found = BTreeMap::new();
    for seed in seeds {
        let one = calibrated(platform, horizon, seed);
        for (name, parameter, truth) in TRUTH {
            let entry: &mut (u64, u64) = found.entry(format!("{name} {parameter}").trim_end().to_owned()).or_default();
            let inside = interval(&one, name, parameter).is_some_and(|(lo, hi)| lo <= truth && truth <= hi);
            entry.0 += u64::from(inside);
            entry.1 += 1;
        }
        // Bounds hold for sure, not only in 95 of 100 logs.
        let keep_alive = &one.figure("keep-alive").expect("instances are in the log").estimate;
        assert!(
            keep_alive.lo.is_none_or(|lo| lo <= KEEP_ALIVE + CLOCK) && keep_alive.hi.is_none_or(|hi| hi >= KEEP_ALIVE - CLOCK),
            "{keep_alive:?}"
        );
    }
    found
}

/// The share over all parameters.
pub(crate) fn pooled(found: &BTreeMap<String, (u64, u64)>) -> f64 {
    let (inside, all) = found.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    inside as f64 / all as f64
}
