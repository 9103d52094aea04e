//! Synchronous callers: they retry by their own policy, and give up by their own clock. Retries are load.

use super::draws::{Draw, redraw};
use super::log::Log;
use super::routes::Failed;
use super::tally::{AttemptOutcome, Caused};
use super::{Engine, EventKind, State};
use crate::scenario::Invoke;

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    /// An attempt has ended as its caller sees it: count it, then retry or end the request.
    #[inline]
    pub(crate) fn attempt_ended(&mut self, id: u32, outcome: AttemptOutcome) {
        if self.is_queue(self.calls[id as usize].source as usize) {
            self.batch_ended(id, outcome);
            return;
        }
        self.count_attempt(id, outcome);
        if outcome == AttemptOutcome::Ok {
            self.conclude(id, true);
        } else if self.is_async(self.calls[id as usize].source as usize) {
            self.retry_or_drop(id, outcome);
        } else {
            self.retry_or_fail(id, outcome);
        }
    }

    #[inline]
    pub(crate) fn count_attempt(&mut self, id: u32, outcome: AttemptOutcome) {
        let function = self.function_of(id);
        let call = &self.calls[id as usize];
        if self.clock.measuring {
            self.tally[function].bins[self.clock.bin].ends(outcome);
        }
        if call.measured {
            self.tally[function].attempt(outcome, call.cause);
            if self.calls_anything() {
                self.caused_by(id, function).attempts += 1;
            }
        }
    }

    /// What a call's root source caused in a function.
    #[inline]
    pub(crate) fn caused_by(&mut self, id: u32, function: usize) -> &mut Caused {
        let root = self.chains[id as usize].root as usize;
        &mut self.routes.caused[root * self.models.len() + function]
    }

    fn retry_or_fail(&mut self, id: u32, outcome: AttemptOutcome) {
        let call = self.calls[id as usize];
        let key = self.key_of(&call);
        let failed = Failed { outcome, attempt: call.attempt, first: call.arrival };
        match self.routes.all[call.source as usize].next_try(self.clock.now, &failed, key) {
            Some(at) => self.wait_until(id, at),
            None => self.conclude(id, false),
        }
    }

    pub(crate) fn wait_until(&mut self, id: u32, at: i64) {
        let seq = self.queue.push(at, EventKind::Due, id);
        let call = &mut self.calls[id as usize];
        call.state = State::Waiting;
        call.seq = seq;
    }

    /// A wait is over: a retry starts, an event is delivered again, or the pending queue's patience ends.
    pub(crate) fn due(&mut self, id: u32, seq: u32) {
        let call = &self.calls[id as usize];
        if call.seq != seq {
            return;
        }
        match (call.state, self.routes.all[call.source as usize].invoke) {
            (State::Pending, _) => self.pending_timeout(id),
            (State::Waiting, Invoke::Sync) => {
                let draw = self.next_attempt(id);
                self.attempt(id, &draw);
            }
            (State::Waiting, Invoke::Async) => self.event_due(id),
            (State::Waiting, Invoke::Queue) => self.batch_due(id),
            _ => {}
        }
    }

    /// Turns a call into its request's next attempt and draws its work.
    pub(crate) fn next_attempt(&mut self, id: u32) -> Draw {
        self.more[id as usize].sent = self.clock.now;
        let call = &mut self.calls[id as usize];
        call.attempt += 1;
        call.watched = false;
        self.redraw(id)
    }

    /// The work of an attempt after the first, or of a second delivery.
    pub(crate) fn redraw(&self, id: u32) -> Draw {
        let call = &self.calls[id as usize];
        let function = self.function_of(id);
        let faults = self.routes.all[call.source as usize].draws_faults;
        let mut draw = redraw(self.models[function].spec, faults, self.key_of(call));
        if self.models[function].replays() {
            draw.io += self.more[id as usize].recorded;
        }
        draw
    }

    /// When the running attempt was sent.
    fn sent(&self, id: u32) -> i64 {
        let call = &self.calls[id as usize];
        if call.attempt == 0 { call.arrival } else { self.more[id as usize].sent }
    }

    fn pending_timeout(&mut self, id: u32) {
        let function = self.function_of(id);
        // The record keeps its place in the queue until that place comes up; the request goes on in a copy.
        let copy = self.split(id);
        self.throttled(copy, function);
    }

    /// The caller gives up on an attempt. The invocation runs on and is billed; its result is worth nothing.
    pub(crate) fn client_timeout(&mut self, id: u32, seq: u32) {
        let call = self.calls[id as usize];
        if !call.watched
            || self.more[id as usize].client_seq != seq
            || call.abandoned
            || !matches!(call.state, State::Running | State::Pending)
            || self.ends_now(id)
        {
            return;
        }
        let copy = self.split(id);
        self.attempt_ended(copy, AttemptOutcome::Timeout);
    }

    /// Parts a request from the attempt it has given up: the request goes on in the copy, whose number is returned.
    pub(crate) fn split(&mut self, id: u32) -> u32 {
        let copy = self.copy_call(id);
        if self.calls_anything() {
            self.split_chain(id, copy);
        }
        let function = self.function_of(id);
        let call = &mut self.calls[id as usize];
        call.abandoned = true;
        if call.state == State::Pending {
            call.state = State::Gone;
            self.pools[function].waiting -= 1;
        } else {
            self.outstanding += u64::from(call.measured);
        }
        if std::mem::take(&mut call.twinned) {
            let twin = self.more[id as usize].twin;
            self.more[twin as usize].twin = copy;
        }
        copy
    }

    /// Sets the caller's clock for an attempt that is known to end later than the caller will wait.
    #[inline]
    pub(crate) fn watch_client(&mut self, id: u32, end: i64) {
        if PLAIN {
            return;
        }
        let route = &self.routes.all[self.calls[id as usize].source as usize];
        if let Some(limit) = route.client_timeout
            && route.invoke == Invoke::Sync
        {
            let at = self.sent(id).saturating_add(limit);
            if end > at && !self.calls[id as usize].watched {
                self.more[id as usize].client_seq = self.queue.push(at.max(self.clock.now), EventKind::ClientTimeout, id);
                self.calls[id as usize].watched = true;
            }
        }
    }

    /// The request has ended.
    #[inline]
    pub(crate) fn conclude(&mut self, id: u32, ok: bool) {
        let call = self.calls[id as usize];
        self.outstanding -= u64::from(call.measured);
        if call.measured && !call.concluded && (ok || !call.twinned) {
            self.count_request(id, ok);
        }
        if call.twinned {
            // The other delivery goes on; if this one was ok, nothing it does changes the request.
            let twin = &mut self.calls[self.more[id as usize].twin as usize];
            twin.twinned = false;
            twin.concluded |= call.concluded || ok;
        }
        if self.calls_anything() {
            self.answer(id, ok);
        }
        self.free_call(id);
    }

    #[inline]
    fn count_request(&mut self, id: u32, ok: bool) {
        let function = self.function_of(id);
        let call = &self.calls[id as usize];
        let source = call.source as usize;
        let tally = &mut self.tally[function];
        let latency = crate::units::Span(self.clock.now - call.arrival);
        if ok {
            tally.ok += 1;
            tally.latency.record(latency);
            tally.bins[call.bin as usize].ok += 1;
            self.source_tally[source].ok += 1;
        } else {
            tally.latency_failed.record(latency);
            match self.routes.all[source].invoke {
                Invoke::Sync => tally.failed += 1,
                Invoke::Async | Invoke::Queue => {
                    tally.dropped += 1;
                    tally.dead_letters += u64::from(self.models[function].spec.asynchronous.dead_letter);
                }
            }
        }
    }
}
