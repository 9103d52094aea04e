//! Asynchronous events: queued at the platform, delivered at least once, retried after errors, redelivered after throttles,
//! dropped when too old.

use super::draws::Draw;
use super::log::Log;
use super::routes::backoff_delay;
use super::tally::AttemptOutcome;
use super::{Call, Engine};
use crate::random::Purpose;

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    /// A new event: one delivery, or two.
    pub(crate) fn event_arrives(&mut self, id: u32, draw: &Draw) {
        let call = self.calls[id as usize];
        let function = self.function_of(id);
        self.more[id as usize].redeliveries = 0;
        let duplicate = self.models[function].spec.asynchronous.duplicate.get();
        let twice = duplicate > 0.0 && self.key_of(&call).purpose(Purpose::Duplicate).uniform() < duplicate;
        if !twice {
            self.attempt(id, draw);
            return;
        }
        let second = Call { duplicate: true, twinned: true, ..call };
        let twin = self.new_call(second);
        self.more[twin as usize].recorded = self.more[id as usize].recorded;
        if self.calls_anything() {
            self.chains[twin as usize] = self.chains[id as usize];
        }
        let second_draw = self.redraw(twin);
        self.calls[id as usize].twinned = true;
        self.more[id as usize].twin = twin;
        self.more[twin as usize].twin = id;
        if call.measured {
            self.tally[function].duplicates += 1;
            self.outstanding += 1;
        }
        self.more[twin as usize].redeliveries = 0;
        self.attempt(id, draw);
        self.attempt(twin, &second_draw);
    }

    /// A throttled event goes back to the queue until it is too old.
    pub(crate) fn redeliver(&mut self, id: u32, function: usize) {
        let spec = &self.models[function].spec.asynchronous;
        let call = self.calls[id as usize];
        let redeliveries = self.more[id as usize].redeliveries;
        let delay = backoff_delay(&spec.throttle_backoff, redeliveries + 1, self.key_of(&call).with(u64::from(redeliveries)));
        let at = self.clock.now.saturating_add(delay);
        let too_old = call.arrival.saturating_add(spec.max_event_age.0);
        self.more[id as usize].redeliveries = redeliveries + 1;
        self.pools[function].backlog.up(self.clock.now);
        self.more[id as usize].ages_out = at > too_old;
        self.wait_until(id, at.min(too_old.max(self.clock.now)));
    }

    /// After a failed invocation: again after a delay, or not at all.
    pub(crate) fn retry_or_drop(&mut self, id: u32, outcome: AttemptOutcome) {
        let function = self.function_of(id);
        let spec = &self.models[function].spec.asynchronous;
        let call = self.calls[id as usize];
        let retried = !matches!(outcome, AttemptOutcome::Rejected | AttemptOutcome::Throttled);
        if !retried || call.attempt >= spec.retries {
            self.conclude(id, false);
            return;
        }
        let delay = spec.delays.get(call.attempt as usize).or(spec.delays.last()).map_or(0, |d| d.0);
        let at = self.clock.now.saturating_add(delay);
        let too_old = call.arrival.saturating_add(spec.max_event_age.0);
        // The next delivery is a new attempt, with draws of its own.
        self.more[id as usize].draw = self.next_attempt(id);
        self.more[id as usize].redeliveries = 0;
        self.pools[function].backlog.up(self.clock.now);
        self.more[id as usize].ages_out = at > too_old;
        self.wait_until(id, at.min(too_old.max(self.clock.now)));
    }

    /// A waiting event is due.
    pub(crate) fn event_due(&mut self, id: u32) {
        let function = self.function_of(id);
        let now = self.clock.now;
        self.pools[function].backlog.down(now);
        let more = self.more[id as usize];
        if more.ages_out {
            self.too_old(id);
            return;
        }
        if more.redeliveries > 0 && self.calls[id as usize].measured {
            self.tally[function].redeliveries += 1;
        }
        self.attempt(id, &more.draw);
    }

    /// Past the maximum event age. A delivery that was never admitted ends as throttled; a retry that never started is none.
    fn too_old(&mut self, id: u32) {
        if self.more[id as usize].redeliveries > 0 {
            self.attempt_ended(id, AttemptOutcome::Throttled);
        } else {
            self.conclude(id, false);
        }
    }
}
