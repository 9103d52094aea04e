//! Queue sources: messages wait until a poller takes them to the function, several in a batch. What is not deleted in time comes
//! back: after a failure, after a throttle, and also while it is still being worked on.

use std::collections::VecDeque;

use super::callers::backoff_delay;
use super::draws::{Draw, redraw};
use super::log::Log;
use super::tally::AttemptOutcome;
use super::{Call, Engine, EventKind, NONE, State, intake};
use crate::scenario::QueueSource;
use crate::units::Span;

/// A message until it is deleted, and until nothing holds it any more.
#[derive(Clone, Copy, Debug)]
struct Message {
    source: u32,
    cell: i32,
    index: u32,
    arrival: i64,
    bin: u32,
    /// Received so often.
    receives: u32,
    /// Sequence number of the event that makes it visible again; `NONE` while it is visible.
    seq: u32,
    /// Its place in the queue while it waits.
    ticket: u32,
    /// Batches that have it.
    held: u32,
    recorded: f64,
    draw: Draw,
    visible: bool,
    /// Deleted, or in the dead-letter queue.
    done: bool,
    measured: bool,
}

/// One queue.
pub(crate) struct Queue<'a> {
    spec: &'a QueueSource,
    source: usize,
    /// Visible messages, longest first, with their tickets; some have been deleted.
    line: VecDeque<(u32, u32)>,
    waiting: u64,
    tickets: u32,
    /// Batches in flight.
    in_flight: u64,
    /// Since when messages have waited without a break; `i64::MAX` while none do.
    behind_since: i64,
    /// Time of the next look that is in the event queue.
    look_at: i64,
}

/// All queues, their messages and batches.
#[derive(Default)]
pub(crate) struct Queues<'a> {
    all: Vec<Queue<'a>>,
    /// Queue of each route; `usize::MAX` for none.
    of_route: Vec<usize>,
    messages: Vec<Message>,
    free: Vec<u32>,
    /// Messages of the batch that a call is; lists are used again.
    batches: Vec<Vec<u32>>,
}

impl<'a> Queues<'a> {
    pub(crate) fn new(scenario: &'a crate::scenario::Scenario, routes: usize) -> Self {
        let mut queues = Self { of_route: vec![usize::MAX; routes], ..Self::default() };
        for (source, spec) in scenario.traffic.iter().enumerate() {
            let Some(spec) = &spec.queue else { continue };
            queues.of_route[source] = queues.all.len();
            queues.all.push(Queue {
                spec,
                source,
                line: VecDeque::new(),
                waiting: 0,
                tickets: 0,
                in_flight: 0,
                behind_since: i64::MAX,
                look_at: i64::MAX,
            });
        }
        queues
    }

    fn new_message(&mut self, message: Message) -> u32 {
        if let Some(id) = self.free.pop() {
            self.messages[id as usize] = message;
            return id;
        }
        self.messages.push(message);
        (self.messages.len() - 1) as u32
    }

    /// Forgets a message that is done and that nothing holds.
    fn release(&mut self, id: u32) {
        let message = &self.messages[id as usize];
        if message.done && message.held == 0 && !message.visible && message.seq == NONE {
            self.free.push(id);
        }
    }

    /// A batch with room for messages.
    fn batch(&mut self, call: u32) -> &mut Vec<u32> {
        if self.batches.len() <= call as usize {
            self.batches.resize_with(call as usize + 1, Vec::new);
        }
        &mut self.batches[call as usize]
    }
}

impl Queue<'_> {
    /// Batches that may be in flight now, and when there may be one more.
    fn allowed(&self, now: i64) -> (u64, i64) {
        let pollers = self.spec.pollers;
        let most = self.spec.max_concurrency.get().min(pollers.max.get());
        let since = if self.behind_since == i64::MAX { 0 } else { now - self.behind_since };
        let grown = (pollers.rate * since as f64 / 1e9) as u64;
        let allowed = pollers.start.saturating_add(grown).min(most);
        let next = if allowed < most && pollers.rate > 0.0 {
            let one_more = (grown + 1) as f64 / pollers.rate * 1e9;
            now - since + one_more.ceil() as i64
        } else {
            i64::MAX
        };
        (allowed, next.max(now + 1))
    }
}

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    #[inline]
    pub(crate) fn is_queue(&self, route: usize) -> bool {
        !PLAIN && self.queues.of_route[route] != usize::MAX
    }

    /// A message comes into its queue.
    pub(crate) fn message_arrives(&mut self, source: usize, arrival: &intake::Arrival) {
        let now = self.clock.now;
        let id = self.queues.new_message(Message {
            source: source as u32,
            cell: arrival.cell,
            index: arrival.index,
            arrival: now,
            bin: self.clock.bin as u32,
            receives: 0,
            seq: NONE,
            ticket: 0,
            held: 0,
            recorded: arrival.recorded,
            draw: arrival.draw,
            visible: false,
            done: false,
            measured: self.clock.measuring,
        });
        self.becomes_visible(id);
    }

    fn becomes_visible(&mut self, id: u32) {
        let message = &mut self.queues.messages[id as usize];
        let index = self.queues.of_route[message.source as usize];
        let queue = &mut self.queues.all[index];
        queue.tickets = queue.tickets.wrapping_add(1);
        (message.visible, message.seq, message.ticket) = (true, NONE, queue.tickets);
        queue.line.push_back((id, queue.tickets));
        queue.waiting += 1;
        let function = self.routes.all[queue.source].function;
        self.pools[function].backlog.up(self.clock.now);
        self.poll(index);
    }

    /// A message's visibility timeout is over.
    pub(crate) fn visible_again(&mut self, id: u32, seq: u32) {
        let message = &mut self.queues.messages[id as usize];
        if message.seq != seq {
            return;
        }
        message.seq = NONE;
        if message.done {
            self.queues.release(id);
            return;
        }
        let source = message.source as usize;
        let (measured, receives) = (message.measured, message.receives);
        let index = self.queues.of_route[source];
        if u64::from(receives) < self.queues.all[index].spec.max_receives.get() {
            self.becomes_visible(id);
            return;
        }
        message.done = true;
        let latency = Span(self.clock.now - message.arrival);
        if measured {
            let function = self.routes.all[source].function;
            self.outstanding -= 1;
            let tally = &mut self.tally[function];
            tally.dropped += 1;
            tally.dead_letters += 1;
            tally.latency_failed.record(latency);
        }
        self.queues.release(id);
    }

    /// It is time to look again.
    pub(crate) fn look(&mut self, index: usize) {
        if self.queues.all[index].look_at == self.clock.now {
            self.queues.all[index].look_at = i64::MAX;
            self.poll(index);
        }
    }

    /// Sends batches as long as there are messages and pollers.
    fn poll(&mut self, index: usize) {
        let now = self.clock.now;
        loop {
            self.drop_deleted(index);
            let queue = &mut self.queues.all[index];
            if queue.waiting == 0 {
                queue.behind_since = i64::MAX;
                return;
            }
            let (allowed, next) = queue.allowed(now);
            if queue.in_flight >= allowed {
                if queue.behind_since == i64::MAX {
                    queue.behind_since = now;
                    let (_, next) = queue.allowed(now);
                    self.look_later(index, next);
                } else {
                    self.look_later(index, next);
                }
                return;
            }
            let Some(&(first, _)) = queue.line.front() else { return };
            // A message that came back does not wait for company again.
            let message = &self.queues.messages[first as usize];
            let due = message.arrival.saturating_add(queue.spec.batch_window.0);
            if queue.waiting < u64::from(queue.spec.batch_size) && due > now && message.receives == 0 {
                self.look_later(index, due);
                return;
            }
            self.send_batch(index);
        }
    }

    fn look_later(&mut self, index: usize, at: i64) {
        let queue = &mut self.queues.all[index];
        if at < queue.look_at {
            queue.look_at = at;
            self.queue.push(at, EventKind::Look, index as u32);
        }
    }

    /// Takes deleted messages off the front.
    fn drop_deleted(&mut self, index: usize) {
        while let Some(&(id, ticket)) = self.queues.all[index].line.front() {
            let message = &self.queues.messages[id as usize];
            if message.visible && message.ticket == ticket {
                return;
            }
            self.queues.all[index].line.pop_front();
        }
    }

    fn send_batch(&mut self, index: usize) {
        let now = self.clock.now;
        let source = self.queues.all[index].source;
        let function = self.routes.all[source].function;
        let spec = self.queues.all[index].spec;
        let Some(&(first, _)) = self.queues.all[index].line.front() else { return };
        let message = self.queues.messages[first as usize];
        let call = self.new_call(Call {
            arrival: now,
            start: now,
            ready: now,
            instance: NONE,
            seq: NONE,
            cell: message.cell,
            index: message.index,
            attempt: message.receives,
            bin: self.clock.bin as u32,
            source: source as u16,
            outcome: AttemptOutcome::Ok,
            cause: super::ThrottleCause::Function,
            state: State::Waiting,
            measured: message.measured,
            cold: false,
            reused: false,
            abandoned: false,
            duplicate: false,
            concluded: false,
            twinned: false,
            watched: false,
        });
        if self.calls_anything() {
            self.chains[call as usize] = super::Chain::root(source);
        }
        self.more[call as usize].recorded = 0.0;
        let mut batch = std::mem::take(self.queues.batch(call));
        batch.clear();
        let mut work = Draw { fault: 1.0, ..Draw::default() };
        while batch.len() < spec.batch_size as usize {
            self.drop_deleted(index);
            let Some((id, _)) = self.queues.all[index].line.pop_front() else { break };
            let draw = self.receive(id, function, spec.visibility_timeout.0);
            work.cpu += draw.cpu;
            work.io += draw.io;
            work.memory = work.memory.max(draw.memory);
            // The fault that comes first in their order strikes the batch.
            work.fault = work.fault.min(draw.fault);
            batch.push(id);
        }
        if spec.partial_batch_failure {
            work.fault = self.without_errors(function, work.fault);
        }
        // All that it does is done already, or being done.
        self.calls[call as usize].duplicate =
            batch.iter().all(|id| self.queues.messages[*id as usize].held > 1 || self.queues.messages[*id as usize].done);
        *self.queues.batch(call) = batch;
        self.queues.all[index].in_flight += 1;
        self.more[call as usize].redeliveries = 0;
        self.attempt(call, &work);
    }

    /// With partial batch failure a message's error is its own, and the batch ends well.
    fn without_errors(&self, function: usize, fault: f64) -> f64 {
        if self.thresholds(function).0.is_error(fault) { 1.0 } else { fault }
    }

    /// A poller receives a message: its work this time.
    fn receive(&mut self, id: u32, function: usize, visibility: i64) -> Draw {
        let now = self.clock.now;
        // What ends at that very instant is still in time.
        let seq = self.queue.push(now.saturating_add(visibility).saturating_add(1), EventKind::Visible, id);
        let message = &mut self.queues.messages[id as usize];
        let index = self.queues.of_route[message.source as usize];
        self.queues.all[index].waiting -= 1;
        self.pools[function].backlog.down(now);
        let again = message.held > 0;
        (message.visible, message.seq) = (false, seq);
        message.held += 1;
        message.receives += 1;
        if message.receives > 1 {
            let source = message.source as usize;
            let key = self.intakes[source].attempt_key(message.cell, message.index, message.receives - 1, false);
            let mut draw = redraw(self.models[function].spec, self.routes.all[source].draws_faults, key);
            draw.io += message.recorded;
            message.draw = draw;
        }
        if message.measured {
            let tally = &mut self.tally[function];
            tally.async_age.record(Span(now - message.arrival));
            tally.redeliveries += u64::from(message.receives > 1);
            tally.duplicates += u64::from(again);
        }
        message.draw
    }

    /// A batch was throttled: its poller keeps it and tries again, until its messages are visible again.
    pub(crate) fn batch_throttled(&mut self, call: u32, function: usize) {
        let record = self.calls[call as usize];
        let tries = self.more[call as usize].redeliveries;
        let backoff = &self.models[function].spec.asynchronous.throttle_backoff;
        let delay = backoff_delay(backoff, tries + 1, self.key_of(&record).with(u64::from(tries)));
        self.more[call as usize].redeliveries = tries + 1;
        let at = self.clock.now.saturating_add(delay).min(self.batch_expires(&record));
        self.wait_until(call, at.max(self.clock.now));
    }

    /// When the messages of a batch are visible again.
    fn batch_expires(&self, call: &Call) -> i64 {
        let index = self.queues.of_route[call.source as usize];
        call.arrival.saturating_add(self.queues.all[index].spec.visibility_timeout.0)
    }

    /// A throttled batch is tried again.
    pub(crate) fn batch_due(&mut self, call: u32) {
        let record = self.calls[call as usize];
        if self.clock.now >= self.batch_expires(&record) {
            self.batch_ended(call, AttemptOutcome::Throttled);
        } else {
            let draw = self.more[call as usize].draw;
            self.attempt(call, &draw);
        }
    }

    /// A batch has ended, or its poller gave up.
    pub(crate) fn batch_ended(&mut self, call: u32, outcome: AttemptOutcome) {
        let now = self.clock.now;
        let record = self.calls[call as usize];
        let source = record.source as usize;
        let function = self.routes.all[source].function;
        let index = self.queues.of_route[source];
        let partial = self.queues.all[index].spec.partial_batch_failure;
        let batch = std::mem::take(self.queues.batch(call));
        for &id in &batch {
            let message = self.queues.messages[id as usize];
            let fails = partial && self.thresholds(function).0.is_error(message.draw.fault);
            let outcome = if outcome == AttemptOutcome::Ok && fails { AttemptOutcome::Error } else { outcome };
            if self.clock.measuring {
                let bin = &mut self.tally[function].bins[self.clock.bin];
                bin.ended += 1;
                bin.bad += u64::from(outcome != AttemptOutcome::Ok);
            }
            if message.measured {
                let tally = &mut self.tally[function];
                tally.attempts += 1;
                tally.attempt_outcomes[outcome as usize] += 1;
                if outcome == AttemptOutcome::Throttled {
                    tally.throttled_by[record.cause as usize] += 1;
                    tally.first_attempt_throttled += u64::from(message.receives == 1);
                }
            }
            if outcome == AttemptOutcome::Ok && !message.done {
                self.delete(id, function, source, now);
            }
            self.queues.messages[id as usize].held -= 1;
            self.queues.release(id);
        }
        *self.queues.batch(call) = batch;
        self.queues.all[index].in_flight -= 1;
        self.free_call(call);
        self.poll(index);
    }

    /// The function has done its work for a message: it is deleted, also if it is visible again by now.
    fn delete(&mut self, id: u32, function: usize, source: usize, now: i64) {
        let message = &mut self.queues.messages[id as usize];
        message.done = true;
        if std::mem::take(&mut message.visible) {
            let index = self.queues.of_route[source];
            self.queues.all[index].waiting -= 1;
            self.pools[function].backlog.down(now);
        }
        if message.measured {
            self.outstanding -= 1;
            let tally = &mut self.tally[function];
            tally.ok += 1;
            tally.latency.record(Span(now - message.arrival));
            tally.bins[message.bin as usize].ok += 1;
            self.source_tally[source].ok += 1;
        }
    }
}
