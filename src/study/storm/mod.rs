//! `storm`: how much load and how large a disturbance a system takes before it stays down when the disturbance is over, what
//! that costs, and what would prevent it. The states are the two of metastable failures (Bronson et al. 2021, "Metastable
//! failures in distributed systems", HotOS): a trigger moves the system into the bad one, feedback such as retries keeps it there.

mod observed;
mod prevention;
mod remedies;
mod trigger;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

use super::bill::Bill;
use super::sweep::Configuration;
use super::{Context, StudyError, kept, settled};
use crate::billing::book::PriceBook;
use crate::engine::{self, Replication};
use crate::estimate::Estimate;
use crate::scenario::Scenario;
use crate::units::Span;
use observed::{Observed, observe};
pub use prevention::{Prevention, Remedy};
pub use trigger::Trigger;

/// What is varied.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Factors on all traffic.
    pub loads: Vec<f64>,
    /// Factors on the traffic during the trigger. Left out: for a scenario with events, factors on their lengths, else some.
    pub pulses: Option<Vec<f64>>,
    /// Length of a trigger that is traffic.
    pub length: Span,
    /// Replications of each cell.
    pub replications: u32,
}

/// Factors on the traffic, where the trigger is traffic and nothing is said.
const PULSES: [f64; 4] = [2.0, 5.0, 10.0, 20.0];
/// Factors on the length of the scenario's own events.
const LENGTHS: [f64; 4] = [0.5, 1.0, 2.0, 4.0];
/// A load that serves that much less than the best one without any trigger is overloaded: no storm is needed for it to be down.
const OVERLOADED: f64 = 0.1;

impl Options {
    /// The trigger in a scenario, and its sizes.
    #[must_use]
    pub fn trigger(&self, scenario: &Scenario) -> (Trigger, Vec<f64>) {
        match &self.pulses {
            None if !scenario.events.is_empty() => (Trigger::Events, LENGTHS.to_vec()),
            pulses => (
                Trigger::Traffic { at: Span(scenario.simulation.horizon.0 / 4), length: self.length },
                pulses.clone().unwrap_or_else(|| PULSES.to_vec()),
            ),
        }
    }

    /// Replications that it takes to fill the table.
    #[must_use]
    pub fn simulations(&self, scenario: &Scenario) -> u64 {
        let (_, pulses) = self.trigger(scenario);
        (self.loads.len() * (pulses.len() + 1)) as u64 * u64::from(self.replications)
    }
}

/// The answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Storm {
    /// Version of this form.
    pub format_version: &'static str,
    /// Version of the program.
    pub faascast: &'static str,
    /// The scenario's name.
    pub scenario: String,
    /// Seed of all draws: all cells see the same traffic and luck.
    pub seed: u64,
    /// Replications of each cell.
    pub replications: u32,
    /// Length of the horizon in seconds.
    pub horizon_s: f64,
    /// Currency of all money.
    pub currency: String,
    /// What disturbs the system.
    pub trigger: Trigger,
    /// Sizes of the trigger: factors on the traffic, or on the length of the scenario's events.
    pub pulses: Vec<f64>,
    /// A row a load, in the order asked for.
    pub loads: Vec<Level>,
    /// What would prevent it; absent where nothing stays down.
    pub prevention: Option<Prevention>,
}

/// A load.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Level {
    /// Factor on all traffic.
    pub load: f64,
    /// Share of the requests of the last tenth of the horizon that end `ok` without a trigger.
    pub availability: Estimate,
    /// What an hour costs without a trigger, at the month's average rates.
    pub hour: Estimate,
    /// Most attempts for each request from outside, in a minute without a trigger.
    pub amplification: Estimate,
    /// Whether it serves clearly less than another load without any trigger.
    pub overloaded: bool,
    /// A cell a size of the trigger.
    pub cells: Vec<Cell>,
}

/// A load under a trigger. Where some replications stay down and others come back, all but `recovered` and `seconds` is of
/// those that stay down: the two states are never averaged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Cell {
    /// Size of the trigger.
    pub pulse: f64,
    /// Replications that stayed down until the horizon ended.
    pub down: u32,
    /// Share of the replications that came back; absent where the trigger outlasts the horizon.
    pub recovered: Estimate,
    /// Seconds from the trigger's end until things look as before it, of those that came back.
    pub seconds: Estimate,
    /// Share of the requests of the last tenth of the horizon that end `ok`.
    pub availability: Estimate,
    /// Most attempts for each request from outside, in a minute from the trigger's start on.
    pub amplification: Estimate,
    /// What an hour costs at the worst: at the rate of the dearest tenth of the horizon, or of the dearest hour if that is shorter.
    pub worst_hour: Estimate,
}

impl Cell {
    /// Whether replications stay down.
    #[must_use]
    pub const fn stays_down(&self) -> bool {
        self.down > 0
    }
}

impl Storm {
    /// The lowest load at which replications stay down.
    #[must_use]
    pub fn lowest(&self) -> Option<f64> {
        let down = self.loads.iter().filter(|level| level.cells.iter().any(Cell::stays_down));
        down.map(|level| level.load).min_by(f64::total_cmp)
    }
}

/// Reads the scenario with settings changed, or says why they are refused.
pub type Read<'a> = dyn Fn(&[(String, String)]) -> Configuration + Sync + 'a;

/// Simulates each load under each trigger, and remedies where one stays down.
///
/// # Errors
/// The price book does not fit, or it was stopped before it was done.
pub fn storm(scenario: &Scenario, read: &Read<'_>, options: &Options, context: &Context<'_>) -> Result<Storm, StudyError> {
    let book = PriceBook::new(context.platform, &scenario.region, &scenario.billing)?;
    let scenario = &settled(scenario, context.stop, &mut Vec::new())?;
    let (trigger, pulses) = options.trigger(scenario);
    let sizes = || std::iter::once(None).chain(pulses.iter().copied().map(Some));
    let jobs: Vec<(f64, Option<f64>)> = options.loads.iter().flat_map(|load| sizes().map(|pulse| (*load, pulse))).collect();
    let simulation = Simulation { trigger, replications: options.replications, context };
    let cells: Vec<Observed> =
        jobs.par_iter().map(|(load, pulse)| simulation.run(scenario, &book, *load, *pulse)).collect::<Result<_, _>>()?;
    let mut loads: Vec<Level> =
        options.loads.iter().zip(cells.chunks(pulses.len() + 1)).filter_map(|(load, row)| level(*load, &pulses, row)).collect();
    let served = |level: &Level| level.availability.mean.unwrap_or(0.0);
    let best = loads.iter().map(served).fold(0.0, f64::max);
    loads.iter_mut().for_each(|level| level.overloaded = served(level) < best - OVERLOADED);
    let prevention = prevention::worst(&loads).map(|at| prevention::prevention(scenario, read, &book, at, &simulation));
    Ok(Storm {
        format_version: "1.0",
        faascast: env!("CARGO_PKG_VERSION"),
        scenario: scenario.name.clone(),
        seed: scenario.simulation.seed,
        replications: options.replications,
        horizon_s: scenario.simulation.horizon.as_secs_f64(),
        currency: book.currency.to_string(),
        trigger,
        pulses,
        loads,
        prevention: prevention.transpose()?,
    })
}

/// What all cells share.
struct Simulation<'a> {
    trigger: Trigger,
    replications: u32,
    context: &'a Context<'a>,
}

impl Simulation<'_> {
    /// A cell: a load under a trigger of this size, or none.
    fn run(&self, scenario: &Scenario, book: &PriceBook, load: f64, pulse: Option<f64>) -> Result<Observed, StudyError> {
        let scenario = self.trigger.applied(scenario, load, pulse);
        let window = pulse.and_then(|_| Trigger::window(&scenario));
        let seed = scenario.simulation.seed;
        let one = |i: u32| {
            let replication = engine::run_until(&scenario, seed, u64::from(i), &self.context.stop)?;
            (self.context.progress)(1);
            Some(replication)
        };
        let replications: Option<Vec<Replication>> = (0..self.replications).map(one).collect();
        let bill = Bill::new(book, &scenario)?;
        let replications = replications.ok_or(StudyError::Nothing)?;
        kept(&replications)?;
        observe(&scenario, &bill, window.as_ref(), replications).ok_or(StudyError::Nothing)
    }
}

/// A row from its cells, the first of which is without a trigger.
fn level(load: f64, pulses: &[f64], row: &[Observed]) -> Option<Level> {
    let (calm, cells) = row.split_first()?;
    let cell = |(pulse, seen): (&f64, &Observed)| Cell {
        pulse: *pulse,
        down: seen.down,
        recovered: seen.recovered,
        seconds: seen.seconds,
        availability: seen.late,
        amplification: seen.amplification,
        worst_hour: seen.worst_hour,
    };
    let cells = pulses.iter().zip(cells).map(cell).collect();
    Some(Level {
        load,
        availability: calm.late,
        hour: calm.mean_hour,
        amplification: calm.amplification,
        overloaded: false,
        cells,
    })
}
