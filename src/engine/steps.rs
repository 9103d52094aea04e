//! Calls between functions, and from functions to dependencies: after its own work an invocation takes its steps, one after the
//! other, holding its place on its instance and being billed, until the last one has answered or its timeout strikes.

use super::draws::Draw;
use super::log::Log;
use super::tally::AttemptOutcome;
use super::{Call, Engine, EventKind, NONE, State};
use crate::random::{Key, Purpose};
use crate::scenario::{Callee, Invoke};

/// Where a call stands in a chain of calls; kept only where functions call something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    /// The call that waits for this one.
    pub(crate) parent: u32,
    /// The `seq` by which the parent knows that it is still waiting.
    parent_seq: u32,
    /// The call or dependency call that this one waits for.
    child: u32,
    /// Whether that is a dependency's.
    to_dependency: bool,
    /// Next step: number of its route among the function's, and how often it is still to be taken.
    step: u32,
    left: u32,
    /// How the invocation will end when all of its steps are done.
    planned: AttemptOutcome,
    /// The traffic source that began it all.
    pub(crate) root: u32,
    /// Calls so far on routes that lead back.
    depth: u32,
}

impl Chain {
    /// Of a request from outside.
    pub(crate) const fn root(source: usize) -> Self {
        Self {
            parent: NONE,
            parent_seq: NONE,
            child: NONE,
            to_dependency: false,
            step: 0,
            left: 0,
            planned: AttemptOutcome::Ok,
            root: source as u32,
            depth: 0,
        }
    }

    /// It waits for a dependency call.
    pub(crate) const fn wait_for_dependency(&mut self, call: u32) {
        (self.child, self.to_dependency) = (call, true);
    }

    /// It waits for nothing any more.
    pub(crate) const fn let_go(&mut self) {
        self.child = NONE;
    }
}

/// An answer that a waiting invocation has not yet been told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) parent: u32,
    pub(crate) parent_seq: u32,
    pub(crate) ok: bool,
}

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    /// Whether an invocation that ends its own work with an outcome goes on to its steps: an error comes after all of the work.
    #[inline]
    pub(crate) fn has_steps(&self, function: usize, outcome: AttemptOutcome) -> bool {
        self.models[function].has_calls() && matches!(outcome, AttemptOutcome::Ok | AttemptOutcome::Error)
    }

    /// The invocation's own work is done: its steps begin. Its timeout becomes an event of its own.
    pub(crate) fn begin_steps(&mut self, id: u32, seq: u32) {
        let call = &mut self.calls[id as usize];
        if call.seq != seq || call.state != State::Running {
            return;
        }
        let planned = call.outcome;
        call.outcome = AttemptOutcome::Timeout;
        let deadline = self.more[id as usize].deadline;
        self.calls[id as usize].seq = self.queue.push(deadline, EventKind::End, id);
        self.more[id as usize].end = deadline;
        let chain = &mut self.chains[id as usize];
        (chain.planned, chain.child, chain.step) = (planned, NONE, 0);
        let first = self.routes.from(self.function_of(id)).start;
        self.chains[id as usize].left = self.times(first);
        self.next_step(id);
    }

    fn times(&self, route: usize) -> u32 {
        self.routes.all.get(route).and_then(|route| route.outgoing).map_or(0, |outgoing| outgoing.times)
    }

    /// Takes steps up to one that has to be waited for, or the end.
    fn next_step(&mut self, id: u32) {
        let routes = self.routes.from(self.function_of(id));
        let key = self.key_of(&self.calls[id as usize]);
        loop {
            let chain = self.chains[id as usize];
            let route = routes.start + chain.step as usize;
            if route >= routes.end {
                self.finish_steps(id, chain.planned);
                return;
            }
            if chain.left == 0 {
                self.chains[id as usize].step += 1;
                self.chains[id as usize].left = if route + 1 < routes.end { self.times(route + 1) } else { 0 };
                continue;
            }
            self.chains[id as usize].left -= 1;
            let Some(outgoing) = self.routes.all[route].outgoing else { continue };
            let key = key.combine(self.routes.all[route].key).with(u64::from(chain.left));
            let probability = outgoing.probability.get();
            if probability < 1.0 && key.purpose(Purpose::Call).uniform() >= probability {
                continue;
            }
            match (outgoing.to, outgoing.invoke) {
                (Callee::Function(_), Invoke::Sync) => return self.call_function(id, route, key, true),
                (Callee::Function(_), Invoke::Async | Invoke::Queue) => self.call_function(id, route, key, false),
                (Callee::Dependency(dependency), _) => {
                    let child = self.call_dependency(id, route, dependency, key);
                    self.chains[id as usize].wait_for_dependency(child);
                    self.send_dependency_call(child);
                    return;
                }
            }
        }
    }

    /// All steps are done, or one has failed: the invocation ends now.
    fn finish_steps(&mut self, id: u32, outcome: AttemptOutcome) {
        self.calls[id as usize].outcome = outcome;
        self.more[id as usize].end = self.clock.now;
        self.end(id);
    }

    /// One function calls another.
    fn call_function(&mut self, parent: u32, route: usize, key: Key, waits: bool) {
        let above = self.chains[parent as usize];
        let (function, in_a_loop) = (self.routes.all[route].function, self.routes.all[route].in_a_loop);
        let (caller, now) = (self.calls[parent as usize], self.clock.now);
        let id = self.new_call(Call::arriving(now, self.clock.bin, route, key.split(), caller.measured));
        self.more[id as usize].recorded = 0.0;
        let depth = above.depth + u32::from(in_a_loop);
        let mut chain = Chain { depth, ..Chain::root(above.root as usize) };
        if waits {
            (chain.parent, chain.parent_seq) = (parent, caller.seq);
            self.chains[parent as usize].child = id;
            self.chains[parent as usize].to_dependency = false;
        }
        self.chains[id as usize] = chain;
        if caller.measured {
            self.outstanding += 1;
            self.tally[function].requests += 1;
            self.tally[function].bins[self.clock.bin].requests += 1;
            self.source_tally[route].requests += 1;
        }
        if in_a_loop && depth >= self.routes.all[route].deepest {
            self.source_tally[route].stopped += u64::from(caller.measured);
            self.attempt_ended(id, AttemptOutcome::Rejected);
            return;
        }
        let draw = self.redraw(id);
        self.enter(id, route, &draw);
    }

    /// A request goes to its function's queue, or straight to an instance.
    #[inline]
    pub(crate) fn enter(&mut self, id: u32, route: usize, draw: &Draw) {
        if self.is_async(route) {
            self.event_arrives(id, draw);
        } else {
            self.routes.all[route].earn();
            self.attempt(id, draw);
        }
    }

    /// A call has ended for good: whoever waits for it is told, after this event.
    #[inline]
    pub(crate) fn answer(&mut self, id: u32, ok: bool) {
        let Chain { parent, parent_seq, .. } = self.chains[id as usize];
        if parent != NONE {
            self.chains[parent as usize].child = NONE;
            self.answers.push(Answer { parent, parent_seq, ok });
        }
    }

    /// Tells those who wait. What they do then may bring further answers at the same instant.
    pub(crate) fn deliver_answers(&mut self) {
        let mut next = 0;
        while let Some(&Answer { parent, parent_seq, ok }) = self.answers.get(next) {
            next += 1;
            let call = &self.calls[parent as usize];
            // It may have died of something else meanwhile.
            if call.state != State::Running || call.seq != parent_seq {
                continue;
            }
            let chain = self.chains[parent as usize];
            let route = self.routes.from(self.function_of(parent)).start + chain.step as usize;
            let fails = self.routes.all[route].outgoing.is_some_and(|outgoing| outgoing.fails);
            if ok || !fails {
                self.next_step(parent);
            } else {
                self.finish_steps(parent, AttemptOutcome::Error);
            }
        }
        self.answers.clear();
    }

    /// An invocation is gone before its callee answered: nobody waits for that any more, and nobody tries again.
    pub(crate) fn let_go_of_callee(&mut self, id: u32) {
        let Chain { child, to_dependency, .. } = self.chains[id as usize];
        self.chains[id as usize].child = NONE;
        if child == NONE {
            return;
        }
        if to_dependency {
            self.abandon_dependency_call(child);
            return;
        }
        self.chains[child as usize].parent = NONE;
        if matches!(self.calls[child as usize].state, State::Running | State::Pending) {
            let request = self.split(child);
            self.count_attempt(request, AttemptOutcome::Timeout);
            self.conclude(request, false);
        } else {
            self.conclude(child, false);
        }
    }

    /// A request goes on in a copy of its record: so does what waits for it. What the attempt itself waits for stays with it.
    pub(crate) fn split_chain(&mut self, id: u32, copy: u32) {
        let parent = self.chains[id as usize].parent;
        if parent != NONE {
            self.chains[parent as usize].child = copy;
        }
        self.chains[copy as usize].child = NONE;
        self.chains[id as usize].parent = NONE;
    }
}
