//! Several configurations on the same draws: each block is drawn once and goes through all of them before the next, so that it
//! stays in the processor's cache and no more than a few blocks exist at a time.

use std::sync::Arc;

use super::direct::{Direct, is_direct};
use super::draws::{Drawn, Draws, draw_alike, draws_faults};
use super::log::{Log, Silent};
use super::window::Window;
use super::{Engine, Progress, Replication, model};
use crate::random::Key;
use crate::scenario::Scenario;
use crate::units::SimTime;

/// Arrivals that go through one configuration before the next has its turn: enough to pay for bringing its state into the cache.
const TURN: usize = 4_096;
/// Blocks of a turn where arrivals are rare.
const BLOCKS: usize = 64;

/// A configuration under way.
enum Running<'a> {
    Direct(Box<Direct<'a>>),
    Plain(Box<Engine<'a, true>>),
    Full(Box<Engine<'a, false>>),
}

impl<'a> Running<'a> {
    fn new(scenario: &'a Scenario, replication: u64) -> Option<Self> {
        let seed = scenario.simulation.seed;
        let window = Window::whole(scenario);
        Some(if is_direct(scenario) {
            Self::Direct(Box::new(Direct::new(scenario, seed, replication, window)?))
        } else if model::is_plain(scenario) {
            Self::Plain(Box::new(Engine::new(scenario, seed, replication, window, true, Silent)))
        } else {
            Self::Full(Box::new(Engine::new(scenario, seed, replication, window, true, Silent)))
        })
    }

    /// Goes on with the blocks of a turn.
    fn advance(&mut self, turn: &[(usize, Arc<Drawn>)], stop: &dyn Fn() -> bool) -> Progress {
        match self {
            Self::Direct(direct) => match turn.iter().any(|(_, drawn)| direct.take(drawn)) {
                true => Progress::Finished,
                false if stop() => Progress::Stopped,
                false => Progress::Starved,
            },
            Self::Plain(engine) => engine.go_on(turn, stop),
            Self::Full(engine) => engine.go_on(turn, stop),
        }
    }

    fn finish(self) -> Replication {
        match self {
            Self::Direct(direct) => direct.finish(),
            Self::Plain(engine) => engine.finish(),
            Self::Full(engine) => engine.finish(),
        }
    }
}

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    fn go_on(&mut self, turn: &[(usize, Arc<Drawn>)], stop: &dyn Fn() -> bool) -> Progress {
        for (source, drawn) in turn {
            if let Some(intake) = self.intakes.get_mut(*source) {
                intake.hand_over(drawn);
            }
        }
        self.advance(stop)
    }
}

/// Simulates replication `replication` of each scenario, with its own seed: the same as `run_until` of each by itself. They
/// should draw alike (see [`draw_alike`]); those that do not draw as the first one does are run by themselves. `None` if
/// `stop` became true.
#[must_use]
pub fn run_together(scenarios: &[&Scenario], replication: u64, stop: &dyn Fn() -> bool) -> Option<Vec<Replication>> {
    let alike = |s: &Scenario| scenarios.first().is_some_and(|first| draw_alike(first, s));
    if scenarios.len() < 2 || !scenarios.iter().all(|s| alike(s)) {
        return scenarios.iter().map(|s| super::run_until(s, s.simulation.seed, replication, stop)).collect();
    }
    let mut supply = Supply::new(scenarios, replication);
    let mut running: Vec<Option<Running<'_>>> = scenarios.iter().map(|s| Running::new(s, replication)).collect();
    let mut finished: Vec<Option<Replication>> = scenarios.iter().map(|_| None).collect();
    while running.iter().any(Option::is_some) {
        let turn = supply.turn();
        for (place, result) in running.iter_mut().zip(&mut finished) {
            let Some(engine) = place else { continue };
            match engine.advance(&turn, stop) {
                Progress::Starved => {}
                Progress::Stopped => return None,
                Progress::Finished => *result = place.take().map(Running::finish),
            }
        }
    }
    finished.into_iter().collect()
}

/// The draws of all sources.
struct Supply {
    sources: Vec<(Draws, SimTime)>,
}

impl Supply {
    fn new(scenarios: &[&Scenario], replication: u64) -> Self {
        let longest = scenarios.iter().map(|s| s.simulation.run_in.0).max().unwrap_or(0);
        let from = SimTime(-longest);
        let sources = scenarios.first().map_or_else(Vec::new, |first| {
            let root = Key::new(first.simulation.seed, replication);
            let faults = |i: usize| scenarios.iter().any(|s| draws_faults(s, s.traffic[i].function));
            (0..first.traffic.len()).map(|i| (Draws::new(first, i, root, from, faults(i)), from)).collect()
        });
        Self { sources }
    }

    /// The next blocks, each of the source that is furthest behind.
    fn turn(&mut self) -> Vec<(usize, Arc<Drawn>)> {
        let mut blocks = Vec::new();
        let mut arrivals = 0;
        while arrivals < TURN && blocks.len() < BLOCKS {
            let behind = self.sources.iter_mut().enumerate().min_by_key(|(_, (_, end))| *end);
            let Some((source, (draws, end))) = behind else { break };
            let mut drawn = Drawn::default();
            draws.next(&mut drawn);
            *end = drawn.block.end;
            arrivals += drawn.len();
            blocks.push((source, Arc::new(drawn)));
        }
        blocks
    }
}
