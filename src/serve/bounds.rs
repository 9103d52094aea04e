//! How much a study on the page may take. Time is watched by its budget; memory is bounded here, before anything runs, since the
//! engine's grows with what is under way at once.

use axum::http::StatusCode;

use super::problem::Problem;
use crate::platform::Platform;
use crate::scenario::{Callee, Provisioned, Scenario};
use crate::study::live::{Trial, expected_requests, shortened};
use crate::study::result::Warning;

/// Requests of a first look: less than a tenth of a second of the general engine on one core.
pub(super) const GLANCE: f64 = 200_000.0;
/// Requests, with the calls that they cause, of a replication: at most so many can be under way at once.
const MOST_REQUESTS: f64 = 2e7;
/// Functions, hours of all functions, and instances kept warm.
const MOST_FUNCTIONS: usize = 300;
const MOST_HOURS: f64 = 200_000.0;
const MOST_PROVISIONED: u64 = 1_000_000;
/// Bytes of a trial's replications.
const MOST_BYTES: usize = 256 << 20;
/// Levels of calls that are followed: in loops there is no end of them.
const LEVELS: u32 = 4;

/// The part of a scenario that can be simulated here: all of it, or the beginning of its horizon and a warning that says so.
pub(super) fn fitted(scenario: &Scenario, platform: &Platform) -> Result<(Scenario, Option<Warning>), Problem> {
    let hours = scenario.simulation.horizon.as_secs_f64() / 3_600.0 * scenario.functions.len() as f64;
    let provisioned: u64 = scenario.functions.iter().map(|f| warm(&f.provisioned)).fold(0, u64::saturating_add);
    if scenario.functions.len() > MOST_FUNCTIONS {
        return Err(too_much(format!(
            "{} functions are too many for the page, which takes {MOST_FUNCTIONS}",
            scenario.functions.len()
        )));
    }
    if hours > MOST_HOURS {
        return Err(too_much(format!("a horizon of {} for all functions is too long for the page", scenario.simulation.horizon)));
    }
    if provisioned > MOST_PROVISIONED {
        return Err(too_much(format!("{provisioned} instances kept warm are too many for the page")));
    }
    let most = MOST_REQUESTS / amplification(scenario);
    if expected_requests(scenario) <= most {
        return Ok((scenario.clone(), None));
    }
    let short = shortened(scenario, most);
    if expected_requests(&short) > 2.0 * most {
        return Err(too_much("there is more traffic in a second than the page can simulate".to_owned()));
    }
    // Of a horizon that is sampled, windows are simulated and no more.
    if Trial::new(scenario, platform, &|| true).is_ok_and(|trial| trial.is_sampled()) {
        return Ok((scenario.clone(), None));
    }
    let warning = Warning {
        code: "horizon-cut".into(),
        cause: format!("the page simulates the first {} of {}", short.simulation.horizon, scenario.simulation.horizon),
        effect: "what comes later is not in the figures; a month is made of this part by the profile".into(),
        remedy: "simulate all of it with `faascast run`".into(),
    };
    Ok((short, Some(warning)))
}

fn too_much(message: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message, "Simulate it with `faascast run`, which takes as long as it takes.")
}

fn warm(provisioned: &Provisioned) -> u64 {
    match provisioned {
        Provisioned::Constant(n) | Provisioned::Tracking { max: n, .. } => *n,
        Provisioned::Weekly(windows) => windows.iter().map(|(_, _, n)| *n).max().unwrap_or(0),
    }
}

/// Invocations that a request causes at most, itself included, without retries.
fn amplification(scenario: &Scenario) -> f64 {
    let mut caused = vec![1.0_f64; scenario.functions.len()];
    for _ in 0..LEVELS {
        let next = scenario.functions.iter().map(|function| {
            let calls = function.calls.iter().map(|call| match call.to {
                Callee::Function(to) => f64::from(call.times) * call.probability.get() * caused.get(to).copied().unwrap_or(1.0),
                Callee::Dependency(_) => 0.0,
            });
            1.0 + calls.sum::<f64>()
        });
        caused = next.collect();
    }
    scenario.traffic.iter().filter_map(|source| caused.get(source.function)).copied().fold(1.0, f64::max)
}

/// Most replications that are kept of a trial that has at least one.
pub(super) fn most_replications(trial: &Trial) -> usize {
    (MOST_BYTES / (trial.bytes() / trial.replications().max(1)).max(1)).max(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Resolved, read};
    use crate::serve::files::Known;
    use crate::units::Span;

    fn resolved(horizon: &str, rate: &str, more: &str) -> Resolved {
        let text = format!(
            "platform = 'generic'\nsimulation.horizon = '{horizon}'\n[functions.f]\nwork = {{ io = '100ms' }}\n{more}\n\
             [[traffic]]\nto = 'f'\narrivals = {{ poisson = '{rate}' }}\n"
        );
        read(&text, "t.toml", &[], &Known::default()).unwrap()
    }

    #[test]
    fn a_long_horizon_is_cut_and_it_says_so() {
        let (whole, warning) = fit(&resolved("1d", "20/s", "")).unwrap();
        assert_eq!((whole.simulation.horizon, warning), (Span::from_secs(86_400), None));
        // By windows, if it may be.
        assert_eq!(fit(&resolved("365d", "20/s", "")).unwrap().1, None);
        let mut full = resolved("365d", "20/s", "");
        full.scenario.simulation.sampling = crate::scenario::Sampling::Full;
        let (short, warning) = fit(&full).unwrap();
        assert!((expected_requests(&short) / MOST_REQUESTS - 1.0).abs() < 0.01);
        assert!(warning.unwrap().cause.ends_with("of 365d"));
        assert!(fit(&resolved("1d", "9000000/s", "")).is_ok());
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        let loops = "[[functions.f.calls]]\nto = 'g'\ninvoke = 'async'\ntimes = 10000\n[functions.g]\nwork.io = '1s'\n\
                     [[functions.g.calls]]\nto = 'h'\ninvoke = 'async'\ntimes = 10000\n[functions.h]\nwork.io = '1s'\n";
        let mut many = resolved("1d", "1/s", "");
        many.scenario.functions = vec![many.scenario.functions[0].clone(); MOST_FUNCTIONS + 1];
        let mut long = resolved("3650d", "1/h", "");
        long.scenario.functions = vec![long.scenario.functions[0].clone(); 3];
        let all = [resolved("1d", "1/s", loops), resolved("1d", "1/s", "provisioned = 2000000"), many, long];
        for refused in &all {
            assert_eq!(fit(refused).err().map(|problem| problem.status.as_u16()), Some(422));
        }
    }

    fn fit(resolved: &Resolved) -> Result<(Scenario, Option<Warning>), Problem> {
        fitted(&resolved.scenario, &resolved.platform)
    }
}
