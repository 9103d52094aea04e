//! Stratified sampling of long horizons: windows are simulated in place of the whole, each with a run-in of its own, and stand for
//! the others of their stratum. Each replication draws its own windows, so that what sampling costs is part of how replications
//! differ, and so of every interval.
//!
//! - `memory`: how long the past matters, and whether it can be left out at all
//! - `load`: what is known of each window without simulating it
//! - `strata`: which windows are always simulated, and how the others are grouped
//! - `whole`: from windows to counts of the whole horizon
//!
//! One window a stratum is drawn with a probability in proportion to its expected requests and counts by the inverse (Hansen &
//! Hurwitz 1943; Cochran 1977, "Sampling techniques", chapter 9A): totals are unbiased, and what is in proportion to the load
//! has no sampling error.

mod load;
mod memory;
mod strata;
mod whole;

use schemars::JsonSchema;
use serde::Serialize;

use super::result::Warning;
use crate::engine::{self, Replication, Window, run_window};
use crate::random::Key;
use crate::scenario::{Kind, Sampling, Scenario, Stopping};
use crate::units::{SimTime, Span};
use load::Loads;
use strata::Strata;
use whole::Whole;

/// How much is simulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Replications with more expected requests than this are sampled.
    pub most: f64,
    /// Requests to simulate in all replications together, run-ins included; more where the fewest windows need it.
    pub requests: f64,
    /// Fewest strata of a replication.
    pub strata: usize,
}

impl Default for Effort {
    /// About a second of a replication replayed in full, and some ten seconds of sampled ones, on one core's fast path.
    fn default() -> Self {
        Self { most: 2e7, requests: 1.2e8, strata: 6 }
    }
}

/// What was sampled: part of the result.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Sampled {
    /// Windows that the horizon is cut into.
    pub windows: usize,
    /// Windows that each replication simulated, those that all simulate included.
    pub simulated: usize,
    /// Windows that all replications simulated: around events, and at the highest load.
    pub certain: usize,
    /// Strata of which one window each was drawn.
    pub strata: usize,
    /// Length of a window in seconds.
    pub window_s: f64,
    /// Length of the run-in of each in seconds.
    pub run_in_s: f64,
    /// Requests that were simulated, run-ins included, as a share of those of the horizon.
    pub share: f64,
}

/// How replications are simulated.
pub(super) enum Course {
    /// From the start of the horizon to its end; where that is long, why.
    Full(Option<String>),
    /// By windows.
    Windows(Box<Plan>),
}

impl Course {
    /// Decides. `by_the_hour` where bills depend on what was used in each clock hour.
    pub(super) fn of(scenario: &Scenario, by_the_hour: bool, effort: &Effort) -> Self {
        let simulation = &scenario.simulation;
        let seconds = simulation.horizon.as_secs_f64();
        let most: f64 = scenario.traffic.iter().map(|s| s.arrivals.mean_rate()).sum::<f64>() * seconds;
        // Far from long whatever profile, growth and events make of it.
        if simulation.sampling == Sampling::Full || (most < effort.most / 100.0 && scenario.events.is_empty()) {
            return Self::Full(None);
        }
        let loads = Loads::new(scenario);
        if loads.total() <= effort.most {
            return Self::Full(None);
        }
        if simulation.kind == Kind::SteadyState {
            return Self::Full(Some("a study of the steady state looks for its transient in the whole horizon".into()));
        }
        match Plan::new(scenario, &loads, by_the_hour, effort) {
            Ok(plan) => Self::Windows(Box::new(plan)),
            Err(reason) => Self::Full(Some(reason)),
        }
    }

    /// Which windows stand for the whole.
    pub(super) fn sampled(&self) -> Option<Sampled> {
        match self {
            Self::Full(_) => None,
            Self::Windows(plan) => Some(plan.sampled()),
        }
    }

    /// For who waits: why a long horizon is not sampled.
    pub(super) fn warning(&self) -> Option<Warning> {
        let Self::Full(Some(reason)) = self else { return None };
        Some(Warning {
            code: "not-sampled".into(),
            cause: reason.clone(),
            effect: "all of this long horizon is replayed, request by request".into(),
            remedy: "shorten `simulation.horizon`: a month is made of horizons by its profile".into(),
        })
    }

    /// One replication; `None` if `stop` became true.
    pub(super) fn run(&self, scenario: &Scenario, replication: u64, stop: &dyn Fn() -> bool) -> Option<Replication> {
        match self {
            Self::Full(_) => engine::run_until(scenario, scenario.simulation.seed, replication, stop),
            Self::Windows(plan) => plan.run(scenario, replication, stop),
        }
    }
}

/// Which windows are simulated, and what for.
pub(super) struct Plan {
    strata: Strata,
    run_in: Span,
    /// Counts of durations are taken this many times, so that they fit their histogram.
    thinned: f64,
    expected: f64,
    cost: f64,
}

/// Counts of durations that a histogram holds with room to spare, even if all are alike.
const HELD: f64 = (1_u32 << 30) as f64;
/// Sampling that simulates more than this share of the requests is not worth its error.
const WORTH: f64 = 0.5;

impl Plan {
    fn new(scenario: &Scenario, loads: &Loads, by_the_hour: bool, effort: &Effort) -> Result<Self, String> {
        let run_in = memory::memory(scenario, loads)?;
        let replications = match scenario.simulation.stopping {
            Stopping::Fixed(n) => f64::from(n),
            // As many as there are by default.
            Stopping::Precision { .. } => 20.0,
        };
        let strata = Strata::new(scenario, loads, run_in, by_the_hour, effort.requests / replications, effort.strata);
        let cost = strata.cost(loads, run_in);
        if cost > WORTH * loads.total() {
            return Err(format!(
                "windows with a run-in of {run_in} and the time around events take {:.0} % of the requests",
                100.0 * cost / loads.total()
            ));
        }
        if loads.busy_ns() > i64::MAX as f64 / 2.0 {
            return Err("the horizon's billed time does not fit its counters".into());
        }
        Ok(Self { strata, run_in, thinned: (HELD / loads.total()).min(1.0), expected: loads.total(), cost })
    }

    /// Where the run-in of a window begins: no earlier than that of the horizon.
    fn window(&self, scenario: &Scenario, from: i64, to: i64) -> Window {
        let start = (from - self.run_in.0).max(-scenario.simulation.run_in.0);
        Window { start: SimTime(start), from: SimTime(from), to: SimTime(to) }
    }

    fn run(&self, scenario: &Scenario, replication: u64, stop: &dyn Fn() -> bool) -> Option<Replication> {
        let seed = scenario.simulation.seed;
        let key = Key::new(seed, replication).name("windows");
        let mut whole = Whole::new(self.thinned);
        let simulate = |(from, to): (i64, i64)| run_window(scenario, seed, replication, self.window(scenario, from, to), stop);
        for span in self.strata.certain() {
            whole.add(&simulate(span)?, span, 1, &[(span.0, 1)]);
        }
        for drawn in self.strata.draw(key) {
            let span = self.strata.span(drawn.window);
            whole.add(&simulate(span)?, span, drawn.copies, &drawn.places);
        }
        whole.finish()
    }

    /// For the result.
    pub(super) fn sampled(&self) -> Sampled {
        let (certain, strata) = (self.strata.certain_windows(), self.strata.groups());
        Sampled {
            windows: self.strata.windows(),
            simulated: certain + strata,
            certain,
            strata,
            window_s: Span(self.strata.length()).as_secs_f64(),
            run_in_s: self.run_in.as_secs_f64(),
            share: self.cost / self.expected,
        }
    }
}
