//! What a platform would have logged: one entry an invocation, for those who ask. Nobody does in a study, and then nothing of it
//! is in the program that runs: the silent log is a type of its own.

use super::tally::{AttemptOutcome, Replication};
use super::window::Window;
use super::{Engine, Scenario};
use crate::random::Key;
use crate::units::Span;

/// An invocation as its platform saw it; times in nanoseconds of the simulated clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logged {
    /// Index of its function.
    pub function: usize,
    /// Index of its source.
    pub source: usize,
    /// Admitted; a cold start begins here.
    pub start: i64,
    /// The handler starts.
    pub ready: i64,
    /// It leaves its instance.
    pub end: i64,
    /// What it is billed for by itself.
    pub billed: Span,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Whether it waited for its instance to start.
    pub cold: bool,
    /// Number of its instance, in the order of their creation.
    pub instance: u64,
    /// Identity of its request, the same for all attempts.
    pub request: Key,
    /// 0 for the first attempt.
    pub attempt: u32,
}

/// Who is told of invocations that end.
pub(crate) trait Log {
    /// An invocation of the horizon has ended.
    fn invocation(&mut self, entry: impl FnOnce() -> Logged);
}

/// Nobody.
pub(crate) struct Silent;

impl Log for Silent {
    #[inline(always)]
    fn invocation(&mut self, _entry: impl FnOnce() -> Logged) {}
}

impl Log for Vec<Logged> {
    fn invocation(&mut self, entry: impl FnOnce() -> Logged) {
        self.push(entry());
    }
}

/// Simulates one replication with its log, in the order in which invocations ended. The counts are those of
/// [`run`](super::run).
#[must_use]
pub fn run_logged(scenario: &Scenario, seed: u64, replication: u64) -> (Replication, Vec<Logged>) {
    let mut engine = Engine::<false, Vec<Logged>>::new(scenario, seed, replication, Window::whole(scenario), false, Vec::new());
    let _ = engine.advance(&|| false);
    let log = std::mem::take(&mut engine.log);
    (engine.finish(), log)
}
