//! A part of the horizon, simulated by itself.

use super::log::Silent;
use super::{Engine, Replication, direct, model};
use crate::scenario::Scenario;
use crate::units::SimTime;

/// What is measured, and where its run-in begins. The draws are those of the whole horizon: they are addressed by time cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The run starts here without instances; at most `from`.
    pub start: SimTime,
    /// Measured from here.
    pub from: SimTime,
    /// To here; more than `from`, within the horizon.
    pub to: SimTime,
}

impl Window {
    /// The whole horizon after the scenario's own run-in.
    #[must_use]
    pub fn whole(scenario: &Scenario) -> Self {
        let simulation = &scenario.simulation;
        Self { start: SimTime(-simulation.run_in.0), from: SimTime(0), to: SimTime(simulation.horizon.0) }
    }
}

/// Simulates a part of a replication; `None` if `stop` became true. Bins and hours are those of the whole horizon, empty outside
/// of the window.
#[must_use]
pub fn run_window(
    scenario: &Scenario,
    seed: u64,
    replication: u64,
    window: Window,
    stop: &dyn Fn() -> bool,
) -> Option<Replication> {
    if direct::is_direct(scenario) {
        direct::run(scenario, seed, replication, window, stop)
    } else if model::is_plain(scenario) {
        Engine::<true>::new(scenario, seed, replication, window, false, Silent).run(stop)
    } else {
        Engine::<false>::new(scenario, seed, replication, window, false, Silent).run(stop)
    }
}

#[cfg(test)]
mod tests;
