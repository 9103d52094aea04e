//! Queue sources: messages wait until a poller takes them to the function, several in a batch. What is not deleted in time comes
//! back: after a failure, after a throttle, and also while it is still being worked on.

use std::collections::VecDeque;

use super::draws::{Draw, redraw};
use super::log::Log;
use super::routes::backoff_delay;
use super::tally::AttemptOutcome;
use super::{Call, Engine, EventKind, NONE, intake};
use crate::random::Purpose;
use crate::scenario::QueueSource;
use crate::units::Span;

/// A message until it is deleted, and until nothing holds it any more.
#[derive(Clone, Copy, Debug)]
struct Message {
    source: u32,
    /// Number of its queue or partition.
    queue: u32,
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

/// One queue, or one partition of a log that is read in order.
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
    /// A batch of a partition has failed: nothing is sent before this time.
    pause_until: i64,
}

/// All queues, their messages and batches.
#[derive(Default)]
pub(crate) struct Queues<'a> {
    all: Vec<Queue<'a>>,
    /// Queue of each route, the first one of a log's partitions; `usize::MAX` for none.
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
            let queue = || Queue {
                spec,
                source,
                line: VecDeque::new(),
                waiting: 0,
                tickets: 0,
                in_flight: 0,
                behind_since: i64::MAX,
                look_at: i64::MAX,
                pause_until: i64::MIN,
            };
            queues.all.extend((0..spec.partitions.unwrap_or(1)).map(|_| queue()));
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
        if self.spec.partitions.is_some() {
            return (1, i64::MAX);
        }
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
        let first = self.queues.of_route[source];
        let partitions = self.queues.all[first].spec.partitions.unwrap_or(1);
        let partition = if partitions > 1 {
            let key = self.intakes[source].attempt_key(arrival.cell, arrival.index, 0, false);
            (key.purpose(Purpose::Partition).uniform() * f64::from(partitions)) as usize
        } else {
            0
        };
        let id = self.queues.new_message(Message {
            source: source as u32,
            queue: (first + partition) as u32,
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
        let index = message.queue as usize;
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
        let (receives, index) = (message.receives, message.queue as usize);
        if u64::from(receives) < self.queues.all[index].spec.max_receives.get() {
            self.becomes_visible(id);
        } else {
            self.dead_letter(id);
        }
    }

    /// A message was received as often as it may be.
    fn dead_letter(&mut self, id: u32) {
        let message = &mut self.queues.messages[id as usize];
        message.done = true;
        let (measured, source) = (message.measured, message.source as usize);
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
            if now < queue.pause_until {
                let until = queue.pause_until;
                self.look_later(index, until);
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
        let identity = (message.cell, message.index);
        let attempt = message.receives;
        let call = Call { attempt, ..Call::arriving(now, self.clock.bin, source, identity, message.measured) };
        let call = self.new_call(call);
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
        let index = self.queues.messages[id as usize].queue as usize;
        // What ends at that very instant is still in time. In a partition nobody else can receive it.
        let seq = match self.queues.all[index].spec.partitions {
            None => self.queue.push(now.saturating_add(visibility).saturating_add(1), EventKind::Visible, id),
            Some(_) => NONE,
        };
        let message = &mut self.queues.messages[id as usize];
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
        let spec = self.queues.all[self.queues.of_route[call.source as usize]].spec;
        if spec.partitions.is_some() { i64::MAX } else { call.arrival.saturating_add(spec.visibility_timeout.0) }
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
        let batch = std::mem::take(self.queues.batch(call));
        let of = |id: &u32| self.queues.messages[*id as usize].queue as usize;
        let index = batch.first().map_or(self.queues.of_route[source], of);
        let partial = self.queues.all[index].spec.partial_batch_failure;
        let in_order = self.queues.all[index].spec.partitions.is_some();
        let mut fails = false;
        for &id in &batch {
            let message = self.queues.messages[id as usize];
            // In a partition what comes after a message that failed comes back with it.
            fails = partial && (in_order && fails || self.thresholds(function).0.is_error(message.draw.fault));
            let outcome = if outcome == AttemptOutcome::Ok && fails { AttemptOutcome::Error } else { outcome };
            if self.clock.measuring {
                self.tally[function].bins[self.clock.bin].ends(outcome);
            }
            if message.measured {
                let tally = &mut self.tally[function];
                tally.attempt(outcome, record.cause);
                tally.first_attempt_throttled += u64::from(outcome == AttemptOutcome::Throttled && message.receives == 1);
            }
            if outcome == AttemptOutcome::Ok && !message.done {
                self.delete(id, function, source, now);
            }
            self.queues.messages[id as usize].held -= 1;
            self.queues.release(id);
        }
        if in_order && let Some(tries) = self.come_back(index, &batch) {
            let backoff = &self.models[function].spec.asynchronous.throttle_backoff;
            self.queues.all[index].pause_until = now.saturating_add(backoff_delay(backoff, tries, self.key_of(&record)));
        }
        *self.queues.batch(call) = batch;
        self.queues.all[index].in_flight -= 1;
        self.free_call(call);
        self.poll(index);
    }

    /// What a batch of a partition leaves undone is what the partition goes on with, and nothing overtakes it: how often its
    /// first message has been received.
    fn come_back(&mut self, index: usize, batch: &[u32]) -> Option<u32> {
        let mut tries = None;
        let most = self.queues.all[index].spec.max_receives.get();
        for &id in batch.iter().rev() {
            let message = self.queues.messages[id as usize];
            if message.done {
                continue;
            }
            if u64::from(message.receives) >= most {
                self.dead_letter(id);
                continue;
            }
            let queue = &mut self.queues.all[index];
            queue.tickets = queue.tickets.wrapping_add(1);
            queue.line.push_front((id, queue.tickets));
            queue.waiting += 1;
            let message = &mut self.queues.messages[id as usize];
            (message.visible, message.ticket) = (true, queue.tickets);
            tries = Some(message.receives);
            let function = self.routes.all[queue.source].function;
            self.pools[function].backlog.up(self.clock.now);
        }
        tries
    }

    /// The function has done its work for a message: it is deleted, also if it is visible again by now.
    fn delete(&mut self, id: u32, function: usize, source: usize, now: i64) {
        let message = &mut self.queues.messages[id as usize];
        message.done = true;
        if std::mem::take(&mut message.visible) {
            let index = message.queue as usize;
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
