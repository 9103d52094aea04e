//! The running state of a traffic source: where it stands in its block of draws, and its callers' retry budget.

use std::collections::VecDeque;
use std::sync::Arc;

use super::draws::{Draw, Drawn, Draws, attempt_key, draws_faults};
use crate::random::Key;
use crate::scenario::{Function, Scenario};
use crate::units::SimTime;

/// Where blocks come from.
enum Feed {
    /// Drawn here when they are due.
    Own(Box<Draws>),
    /// Drawn for several configurations, and handed over ahead of time.
    Shared(VecDeque<Arc<Drawn>>),
}

/// The running state of one traffic source.
pub(crate) struct Intake<'a> {
    function: &'a Function,
    pub(crate) key: Key,
    from: SimTime,
    feed: Feed,
    drawn: Arc<Drawn>,
    next: usize,
    /// When the next arrival, or the next look for one, is due.
    pub(crate) due: i64,
    /// Whether the next block has not been handed over yet.
    pub(crate) starved: bool,
}

/// An arrival taken from the block.
#[derive(Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) cell: i32,
    pub(crate) index: u32,
    /// Duration from the trace in seconds, part of the draw's I/O wait.
    pub(crate) recorded: f64,
    pub(crate) draw: Draw,
}

impl<'a> Intake<'a> {
    /// With draws of its own, or to be fed.
    pub(crate) fn new(scenario: &'a Scenario, index: usize, root: Key, from: SimTime, is_fed: bool) -> Self {
        let source = &scenario.traffic[index];
        let faults = draws_faults(scenario, source.function);
        let own = || Feed::Own(Box::new(Draws::new(scenario, index, root, from, faults)));
        let mut intake = Self {
            function: &scenario.functions[source.function],
            key: root.name(&source.name),
            from,
            feed: if is_fed { Feed::Shared(VecDeque::new()) } else { own() },
            drawn: Arc::default(),
            next: 0,
            due: from.0,
            starved: false,
        };
        intake.refill();
        intake
    }

    /// Hands over the next block. One that ends before the run's start is of no use.
    pub(crate) fn hand_over(&mut self, drawn: &Arc<Drawn>) {
        if let Feed::Shared(blocks) = &mut self.feed
            && drawn.block.end > self.from
        {
            blocks.push_back(drawn.clone());
        }
    }

    /// Takes the arrival that is due; `None` if it was only the end of a block.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Arrival> {
        let i = self.next;
        let drawn = &*self.drawn;
        if i >= drawn.len() {
            return None;
        }
        self.next += 1;
        self.due = drawn.due(self.next);
        let block = &drawn.block;
        let recorded = if self.function.work.from_trace { block.durations.get(i).map_or(0.0, |d| d.as_secs_f64()) } else { 0.0 };
        Some(Arrival { cell: block.cell as i32, index: block.first + i as u32, recorded, draw: drawn.draw(i, recorded) })
    }

    /// Goes on to the next block, if there is one yet.
    #[cold]
    pub(crate) fn refill(&mut self) {
        match &mut self.feed {
            Feed::Own(draws) => match Arc::get_mut(&mut self.drawn) {
                Some(drawn) => draws.next(drawn),
                #[expect(clippy::unreachable, reason = "this intake made the block, and hands it to nobody")]
                None => unreachable!("nobody else holds a block of one's own"),
            },
            Feed::Shared(blocks) => match blocks.pop_front() {
                Some(drawn) => self.drawn = drawn,
                None => {
                    self.starved = true;
                    return;
                }
            },
        }
        self.starved = false;
        // A shared block may begin before this run does.
        self.next = self.drawn.block.times.partition_point(|time| *time < self.from);
        self.due = self.drawn.due(self.next);
    }

    /// The identity of one attempt after the first, or of a second delivery.
    pub(crate) fn attempt_key(&self, cell: i32, index: u32, attempt: u32, duplicate: bool) -> Key {
        attempt_key(self.key, cell, index, attempt, duplicate)
    }
}
