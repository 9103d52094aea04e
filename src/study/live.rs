//! Replications that grow: for who looks on while a study goes on, and asks again with one value changed.
//!
//! A [`Trial`] keeps the replications of a scenario. Each look at it is a report of those so far; two of them are compared
//! replication by replication, on the same traffic and luck.

use std::sync::Arc;

use rayon::prelude::*;

use super::bill::Bill;
use super::compare::{Compared, Pairing, figures};
use super::result::{RunResult, Warning};
use super::sampling::{Course, Effort};
use super::spread::{Spread, spreads};
use super::{Context, StudyError, kept, report, settled, targets};
use crate::billing::book::PriceBook;
use crate::engine::Replication;
use crate::estimate::Estimate;
use crate::platform::Platform;
use crate::scenario::{Change, Event, Kind, Scenario, Source, Stopping};
use crate::units::{NANOS, SimTime, Span};

/// A figure of a trial.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Name, as in [`FIGURES`](super::spread::FIGURES).
    pub figure: &'static str,
    /// Function of a latency where there are several; else empty.
    pub function: String,
    /// The figure.
    pub estimate: Estimate,
}

/// A scenario and its replications so far: number 0, 1, 2, … without a gap.
#[derive(Clone)]
pub struct Trial {
    scenario: Scenario,
    platform: Platform,
    /// All of each replication, or windows that stand for it.
    course: Arc<Course>,
    warnings: Vec<Warning>,
    replications: Vec<Replication>,
}

impl Trial {
    /// A first look without replications, each of about so many requests: windows of the horizon, or where they do not do its
    /// beginning, with the end of the run-in. Without the search for a transient.
    ///
    /// # Errors
    /// The price book does not fit.
    pub fn glance(scenario: &Scenario, platform: &Platform, requests: f64) -> Result<Self, StudyError> {
        let mut finite = scenario.clone();
        finite.simulation.kind = Kind::Finite;
        let all = requests * f64::from(replications(scenario));
        let effort = Effort { most: requests, requests: all, strata: STRATA };
        let trial = Self::with(&finite, platform, &effort, &|| false)?;
        let cost = trial.course.sampled().map(|sampled| sampled.share * expected_requests(scenario));
        if cost.is_some_and(|cost| cost <= DEAREST * requests) {
            return Ok(trial);
        }
        Self::with(&shortened(&finite, requests), platform, &Effort::default(), &|| false)
    }

    /// A trial without replications. A study of the steady state looks for its transient first.
    ///
    /// # Errors
    /// The price book does not fit; `stop` became true.
    pub fn new(scenario: &Scenario, platform: &Platform, stop: &(dyn Fn() -> bool + Sync)) -> Result<Self, StudyError> {
        Self::with(scenario, platform, &Effort::default(), stop)
    }

    fn with(
        scenario: &Scenario,
        platform: &Platform,
        effort: &Effort,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self, StudyError> {
        let book = PriceBook::new(platform, &scenario.region, &scenario.billing)?;
        let by_the_hour = Bill::new(&book, scenario)?.by_the_hour();
        let mut warnings = Vec::new();
        let scenario = settled(scenario, stop, &mut warnings)?;
        let course = Course::of(&scenario, by_the_hour, effort);
        warnings.extend(course.warning());
        Ok(Self { scenario, platform: platform.clone(), course: Arc::new(course), warnings, replications: Vec::new() })
    }

    /// Whether replications are made of windows.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.course.sampled().is_some()
    }

    /// Replications so far.
    #[must_use]
    pub fn replications(&self) -> usize {
        self.replications.len()
    }

    /// Events simulated so far: the work done.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.replications.iter().map(|r| r.events).sum()
    }

    /// Goes on to this many replications, on all threads of the current rayon pool; to fewer once `stop` is true.
    pub fn grow(&mut self, to: usize, stop: &(dyn Fn() -> bool + Sync)) {
        let (scenario, course) = (&self.scenario, &self.course);
        let new: Vec<Option<Replication>> = (self.replications.len()..to)
            .into_par_iter()
            .with_max_len(1)
            .map(|i| if stop() { None } else { course.run(scenario, i as u64, &stop) })
            .collect();
        self.replications.extend(new.into_iter().map_while(|replication| replication));
    }

    /// Most replications that the scenario asks for.
    #[must_use]
    pub fn wanted(&self) -> usize {
        most(&self.scenario) as usize
    }

    /// Whether they are as many as the scenario asks for, or as precise.
    ///
    /// # Errors
    /// The price book does not fit.
    pub fn is_done(&self) -> Result<bool, StudyError> {
        let targets = match &self.scenario.simulation.stopping {
            Stopping::Precision { targets, .. } => &targets[..],
            Stopping::Fixed(_) => return Ok(self.replications() >= self.wanted()),
        };
        let enough = self.replications() >= crate::estimate::replicate::FIRST_CHECKPOINT;
        let met = || self.priced(|bill| targets::all_met(targets, &self.scenario, bill, &self.replications));
        Ok(self.replications() >= self.wanted() || (enough && met()?))
    }

    /// The report of the replications so far; at least one.
    ///
    /// # Errors
    /// There is none; the price book does not fit.
    pub fn result(&self, context: &Context<'_>, incomplete: bool) -> Result<RunResult, StudyError> {
        if self.replications.is_empty() {
            return Err(StudyError::Nothing);
        }
        let warnings = self.warnings.clone();
        let mut result = self.priced(|bill| report(&self.scenario, context, bill, &self.replications, incomplete, warnings))?;
        result.sampling = self.course.sampled();
        Ok(result)
    }

    /// The figures that scenarios are compared by.
    ///
    /// # Errors
    /// As `result`.
    pub fn figures(&self) -> Result<Vec<Figure>, StudyError> {
        if self.replications.is_empty() {
            return Err(StudyError::Nothing);
        }
        let figure = |s: Spread| Figure { figure: s.figure, function: s.function, estimate: s.estimate };
        self.priced(|bill| spreads(&self.scenario, bill, &self.replications).into_iter().map(figure).collect())
    }

    /// What this one differs from another by, on the replications that both have; a relative difference below `tolerance`
    /// does not matter.
    ///
    /// # Errors
    /// As `result`; the currencies differ.
    pub fn against(&self, other: &Self, tolerance: f64) -> Result<Vec<Compared>, StudyError> {
        let n = self.replications().min(other.replications());
        if n == 0 {
            return Err(StudyError::Nothing);
        }
        let (a, b) = (&other.scenario, &self.scenario);
        let (x, y) = (&other.replications[..n], &self.replications[..n]);
        let paired = if a.simulation.seed == b.simulation.seed { Pairing::Paired([a, b], x) } else { Pairing::Unpaired };
        self.priced(|new| {
            other.priced(|old| {
                if new.book.currency != old.book.currency {
                    return Err(StudyError::Currencies(old.book.currency.to_string(), new.book.currency.to_string()));
                }
                Ok(figures(&spreads(a, old, x), &spreads(b, new, y), &paired, tolerance))
            })?
        })?
    }

    /// Bytes that the replications take, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.replications.first().map_or(0, Replication::bytes) * self.replications.len()
    }

    fn priced<T>(&self, look: impl FnOnce(&Bill<'_>) -> T) -> Result<T, StudyError> {
        kept(&self.replications)?;
        let book = PriceBook::new(&self.platform, &self.scenario.region, &self.scenario.billing)?;
        let bill = Bill::new(&book, &self.scenario)?;
        Ok(look(&bill))
    }
}

/// Fewest strata of a first look, and how much dearer than wanted its windows may be.
const STRATA: usize = 4;
const DEAREST: f64 = 2.0;

fn most(scenario: &Scenario) -> u32 {
    match &scenario.simulation.stopping {
        Stopping::Fixed(n) | Stopping::Precision { max_replications: n, .. } => *n,
    }
}

/// Replications among which sampling shares out its effort.
fn replications(scenario: &Scenario) -> u32 {
    if let Stopping::Fixed(n) = scenario.simulation.stopping { n } else { DEFAULT }
}

/// As many as there are by default.
const DEFAULT: u32 = 20;

/// Requests from outside that one replication simulates, its run-in included, before growth.
#[must_use]
pub fn expected_requests(scenario: &Scenario) -> f64 {
    let simulation = &scenario.simulation;
    requests_between(scenario, -simulation.run_in.0, simulation.horizon.0)
}

fn requests_between(scenario: &Scenario, from: i64, to: i64) -> f64 {
    let of = |(index, source): (usize, &Source)| {
        let rate = source.arrivals.mean_rate().max(0.0);
        let extra = |event: &Event| match event.change {
            // At the mean rate: the profile at that time is left out.
            Change::Traffic { source, factor } if source == index => {
                let lasts = (event.at.0.saturating_add(event.duration.0)).min(to) - event.at.0.max(from);
                (factor - 1.0) * Span(lasts.max(0)).as_secs_f64()
            }
            _ => 0.0,
        };
        let seconds = source.profile.integral(SimTime(from), SimTime(to)) + scenario.events.iter().map(extra).sum::<f64>();
        rate * seconds.max(0.0)
    };
    scenario.traffic.iter().enumerate().map(of).sum()
}

/// The shortest horizon that says anything.
const SHORTEST: i64 = NANOS;

/// The scenario with the beginning of its horizon only, and of its run-in the end, so that it has about as many requests as
/// asked for, if it has more.
#[must_use]
pub fn shortened(scenario: &Scenario, requests: f64) -> Scenario {
    let mut short = scenario.clone();
    if expected_requests(scenario) <= requests {
        return short;
    }
    let simulation = &mut short.simulation;
    let run_in = longest(simulation.run_in.0, |length| requests_between(scenario, -length, 0) <= requests / 4.0);
    let left = requests - requests_between(scenario, -run_in, 0);
    let horizon = longest(simulation.horizon.0, |length| requests_between(scenario, 0, length) <= left);
    simulation.run_in = Span(run_in);
    simulation.horizon = Span(horizon.max(SHORTEST).min(simulation.horizon.0));
    let end = simulation.horizon;
    short.events.retain(|event| event.at.0 < end.0);
    short
}

/// The longest length up to `most` that fits, by halving: what is longer has more.
fn longest(most: i64, fits: impl Fn(i64) -> bool) -> i64 {
    let (mut low, mut high) = (0, most);
    if fits(most) {
        return most;
    }
    while high - low > NANOS {
        let middle = low + (high - low) / 2;
        if fits(middle) { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Files, Resolved, read};

    struct NoFiles;
    impl Files for NoFiles {
        fn read(&self, _: &str) -> Result<Vec<u8>, String> {
            Err("none".into())
        }
    }

    fn resolved(sets: &[(&str, &str)]) -> Resolved {
        let text = "platform = 'generic'\nsimulation = { horizon = '20min', replications = 6, start = 'cold' }\n\
                    [functions.f]\ntimeout = '2s'\nwork = { io = { exponential = '100ms' } }\nfaults = { hang = '2%' }\n\
                    [[traffic]]\nto = 'f'\narrivals = { poisson = '5/s' }\n";
        let sets: Vec<(String, String)> = sets.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        read(text, "t.toml", &sets, &NoFiles).unwrap()
    }

    fn context(resolved: &Resolved) -> Context<'_> {
        Context {
            platform: &resolved.platform,
            assumptions: Vec::new(),
            today: "2026-11-24".into(),
            stop: &|| false,
            progress: &|_| (),
        }
    }

    #[test]
    fn a_trial_that_has_grown_is_the_study() {
        let resolved = resolved(&[]);
        let whole = super::super::run(&resolved.scenario, &context(&resolved)).unwrap();
        let mut trial = Trial::new(&resolved.scenario, &resolved.platform, &|| false).unwrap();
        assert!(matches!(trial.result(&context(&resolved), true), Err(StudyError::Nothing)));
        for to in [1, 2, 4, 6] {
            trial.grow(to, &|| false);
            assert_eq!(trial.is_done().unwrap(), to == 6);
        }
        let grown = trial.result(&context(&resolved), false).unwrap();
        assert_eq!(serde_json::to_string(&grown).unwrap(), serde_json::to_string(&whole).unwrap());
    }

    #[test]
    fn two_trials_differ_as_compare_says() {
        let (a, b) = (resolved(&[]), resolved(&[("functions.f.timeout", "1s")]));
        let grown = |resolved: &Resolved| {
            let mut trial = Trial::new(&resolved.scenario, &resolved.platform, &|| false).unwrap();
            trial.grow(6, &|| false);
            trial
        };
        let pair = [(&a.scenario, &context(&a)), (&b.scenario, &context(&b))];
        let compared = super::super::compare::compare(pair[0], pair[1], 0.01).unwrap().figures;
        let live = grown(&b).against(&grown(&a), 0.01).unwrap();
        assert_eq!(serde_json::to_string(&live).unwrap(), serde_json::to_string(&compared).unwrap());
        assert!(live[0].difference.hi < Some(0.0), "a shorter timeout costs less");
    }

    #[test]
    fn a_glance_is_as_long_as_its_requests() {
        let mut scenario = resolved(&[("simulation.horizon", "10d"), ("simulation.start", "warm")]).scenario;
        assert!((expected_requests(&scenario) - 5.0 * (864_000.0 + 1_200.0)).abs() < 1.0);
        let short = shortened(&scenario, 4_000.0);
        let (run_in, horizon) = (short.simulation.run_in.as_secs_f64(), short.simulation.horizon.as_secs_f64());
        assert!((run_in - 200.0).abs() < 1.0 && (horizon - 600.0).abs() < 2.0, "{run_in} {horizon}");
        assert_eq!(shortened(&scenario, 1e9).simulation.horizon, scenario.simulation.horizon);
        // A pulse of a hundred times the traffic from the fifth minute on.
        let change = Change::Traffic { source: 0, factor: 100.0 };
        let shape = crate::scenario::Shape::Step;
        let (at, duration) = (SimTime(300 * NANOS), Span::from_secs(3_600));
        scenario.events.push(Event { name: "pulse".into(), at, duration, shape, change });
        let short = shortened(&scenario, 4_000.0).simulation.horizon.as_secs_f64();
        assert!((short - 303.0).abs() < 2.0, "{short}");
    }

    #[test]
    fn once_stopped_it_grows_no_more() {
        let resolved = resolved(&[]);
        let mut trial = Trial::new(&resolved.scenario, &resolved.platform, &|| false).unwrap();
        trial.grow(2, &|| false);
        trial.grow(6, &|| true);
        assert_eq!(trial.replications(), 2);
    }
}
