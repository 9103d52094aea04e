//! Instances begin, idle, and end: by keep-alive, age, death, or a falling number of provisioned ones.

use super::invocation::round_up;
use super::log::Log;
use super::tally::AttemptOutcome;
use super::{Engine, EventKind, NONE, model};
use crate::scenario::Provisioned;

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    /// A new instance; starting if on demand, warm if provisioned.
    pub(crate) fn create_instance(&mut self, function: usize, provisioned: bool) -> u32 {
        let now = self.clock.now;
        let max_age = if provisioned { i64::MAX } else { self.models[function].spec.max_age.0 };
        let slot = self.slots.create(function as u32, now, max_age);
        self.slots.all[slot as usize].provisioned = provisioned;
        self.pools[function].instances.up(now);
        if !self.models[function].reserved() {
            self.account_instances += 1;
        }
        if self.clock.measuring && !provisioned {
            self.tally[function].starts += 1;
        }
        slot
    }

    /// An idle (or new) instance gets its first invocation.
    #[inline]
    pub(crate) fn leave_idle(&mut self, function: usize, slot: u32, cold: bool) {
        let now = self.clock.now;
        if !cold {
            self.meter_idle(slot, now);
            self.pools[function].remove_idle(&mut self.slots, slot);
        }
        self.pools[function].busy.up(now);
        let instance = &mut self.slots.all[slot as usize];
        if instance.provisioned {
            self.pools[function].provisioned_busy.up(now);
        }
        instance.metered_to = now;
        if self.models[function].has_shares() {
            // Frozen until now: neither charges nor background work went on.
            let rest = &mut self.slots.rest[slot as usize];
            rest.share.at = now;
            rest.metered = 0;
        }
    }

    /// After an invocation has left an instance that lives on.
    #[inline]
    pub(crate) fn after_leaving(&mut self, id: u32, function: usize, slot: u32) {
        let now = self.clock.now;
        if self.models[function].has_background() {
            self.leave_background(id, function, slot);
        }
        let instance = &mut self.slots.all[slot as usize];
        instance.idle_since = now;
        if instance.running > 0 {
            self.pools[function].add_partly(instance, slot);
            return;
        }
        if self.models[function].busy_billing() {
            self.meter_busy(slot, now, true);
        }
        if self.models[function].has_background() {
            self.freeze(slot, function);
        }
        self.pools[function].busy.down(now);
        let instance = &mut self.slots.all[slot as usize];
        instance.metered_to = now;
        if instance.provisioned {
            self.pools[function].provisioned_busy.down(now);
        }
        if instance.draining || now >= instance.retire_at {
            self.remove(slot, function);
            return;
        }
        self.pools[function].add_idle(&mut self.slots, slot);
        if self.keeps_alive_individually(function) {
            self.set_expiry(id, function, slot);
        } else if !self.pools[function].sweeping && self.pools[function].idle.len > 0 {
            self.schedule_sweep(function);
        }
    }

    fn schedule_sweep(&mut self, function: usize) {
        let oldest = self.pools[function].idle.oldest;
        let keep_alive = self.models[function].keep_alive;
        if oldest == NONE || keep_alive >= crate::units::Span::FOREVER.0 {
            return;
        }
        // Idle for exactly the threshold is still warm: one nanosecond more.
        let at = self.slots.all[oldest as usize].idle_since.saturating_add(keep_alive).saturating_add(1);
        self.queue.push(at, EventKind::Sweep, function as u32);
        self.pools[function].sweeping = true;
    }

    /// Ends the instances that were idle for longer than the constant keep-alive.
    pub(crate) fn sweep(&mut self, function: usize) {
        let keep_alive = self.models[function].keep_alive;
        self.pools[function].sweeping = false;
        loop {
            let oldest = self.pools[function].idle.oldest;
            if oldest == NONE || self.clock.now - self.slots.all[oldest as usize].idle_since <= keep_alive {
                break;
            }
            self.end_idle(oldest);
        }
        self.schedule_sweep(function);
        self.dispatch_all_pending();
    }

    /// Sets when an idle instance ends whose keep-alive is drawn or whose age is limited. At most one event an instance is
    /// in the queue unless an earlier one is needed.
    fn set_expiry(&mut self, id: u32, function: usize, slot: u32) {
        let now = self.clock.now;
        let keep_alive = self.drawn_keep_alive(function, &self.calls[id as usize]);
        let instance = &mut self.slots.all[slot as usize];
        if instance.provisioned {
            return;
        }
        let rest = &mut self.slots.rest[slot as usize];
        rest.expires = now.saturating_add(keep_alive).saturating_add(1).min(instance.retire_at);
        if rest.expires < rest.timer_at && rest.expires < crate::units::Span::FOREVER.0 {
            rest.timer_at = rest.expires;
            self.queue.push(rest.timer_at, EventKind::Expire, slot);
        }
    }

    /// An expiry event: the instance ends if it is idle and its time has come, else the event moves to its new time.
    pub(crate) fn expire(&mut self, slot: u32) {
        let now = self.clock.now;
        let instance = &self.slots.all[slot as usize];
        let rest = &mut self.slots.rest[slot as usize];
        if rest.timer_at != now {
            return; // an earlier event took its place
        }
        rest.timer_at = i64::MAX;
        if !instance.alive || instance.running > 0 || instance.provisioned {
            return;
        }
        if rest.expires <= now {
            self.end_idle(slot);
            self.dispatch_all_pending();
        } else if rest.expires < crate::units::Span::FOREVER.0 {
            rest.timer_at = rest.expires;
            self.queue.push(rest.timer_at, EventKind::Expire, slot);
        }
    }

    /// Ends an idle instance.
    pub(crate) fn end_idle(&mut self, slot: u32) {
        let function = self.slots.all[slot as usize].function as usize;
        self.meter_idle(slot, self.clock.now);
        self.pools[function].remove_idle(&mut self.slots, slot);
        self.remove(slot, function);
    }

    /// An instance beyond its age was chosen: it ends now if idle, else once its invocations have ended.
    #[cold]
    pub(crate) fn retire(&mut self, slot: u32) {
        let instance = &mut self.slots.all[slot as usize];
        if instance.running == 0 {
            self.end_idle(slot);
        } else {
            instance.draining = true;
            let function = instance.function as usize;
            self.pools[function].remove_partly(&self.slots.all[slot as usize], slot);
        }
    }

    /// The instance dies: every other invocation on it ends `crash` (or `init_failure`, if it never started).
    pub(crate) fn kill(&mut self, slot: u32, outcome: AttemptOutcome) {
        let now = self.clock.now;
        let function = self.slots.all[slot as usize].function as usize;
        let others = if outcome == AttemptOutcome::InitFailure { outcome } else { AttemptOutcome::Crash };
        while let Some(&id) = self.slots.rest[slot as usize].share.calls.last() {
            self.leave_instance(id, function, slot, others);
            self.settle(id, others);
        }
        let billed = outcome != AttemptOutcome::InitFailure || self.models[function].rule.init_failure_billed;
        if billed && self.models[function].busy_billing() {
            self.meter_busy(slot, now, true);
        }
        self.pools[function].busy.down(now);
        if self.slots.all[slot as usize].provisioned {
            self.pools[function].provisioned_busy.down(now);
        }
        self.remove(slot, function);
    }

    /// Takes an instance without invocations, in no list any more, out of the world.
    pub(crate) fn remove(&mut self, slot: u32, function: usize) {
        let now = self.clock.now;
        self.lose_background(slot, function);
        self.pools[function].instances.down(now);
        if !self.models[function].reserved() {
            self.account_instances -= 1;
        }
        let provisioned = self.slots.all[slot as usize].provisioned;
        self.slots.release(slot);
        if provisioned {
            self.pools[function].provisioned.down(now);
            self.fill_provisioned(function);
        }
    }

    /// Instances wanted warm: by number, by schedule, or by their use since the last look.
    fn provisioned_wanted(&mut self, function: usize, now: i64) -> u64 {
        let Provisioned::Tracking { target, min, max } = self.models[function].spec.provisioned else {
            return self.models[function].provisioned_at(now);
        };
        let slots = f64::from(self.models[function].spec.instance_concurrency);
        let shared = self.models[function].shared();
        let pool = &mut self.pools[function];
        let in_flight = if shared { &pool.in_flight } else { &pool.busy };
        let area = in_flight.total(now);
        let (before, since) = std::mem::replace(&mut pool.tracked, (area, now));
        if now <= since {
            return min;
        }
        let used = area.wrapping_sub(before) as f64 / (now - since) as f64;
        model::tracked(pool.provisioned.value, slots, used, (target, min, max))
    }

    /// Brings the number of provisioned instances to what the schedule wants from now on.
    pub(crate) fn provision(&mut self, function: usize, now: i64) {
        self.pools[function].provisioned_target = self.provisioned_wanted(function, now);
        self.fill_provisioned(function);
        let mut excess = self.pools[function].provisioned.value.saturating_sub(self.pools[function].provisioned_target);
        while excess > 0 && self.pools[function].idle_provisioned.len > 0 {
            let slot = self.pools[function].idle_provisioned.oldest;
            self.end_idle(slot);
            excess -= 1;
        }
        // Busy ones finish their work first.
        for slot in 0..self.slots.all.len() {
            let instance = &mut self.slots.all[slot];
            let counts = instance.alive && instance.provisioned && instance.running > 0 && !instance.draining;
            if excess > 0 && counts && instance.function as usize == function {
                instance.draining = true;
                excess -= 1;
                self.pools[function].remove_partly(&self.slots.all[slot], slot as u32);
            }
        }
        let next = self.models[function].next_provision_change(now);
        if next < i64::MAX {
            self.queue.push(next, EventKind::Provision, function as u32);
        }
    }

    /// The platform replaces missing provisioned instances at once; their starts are nobody's cold start.
    fn fill_provisioned(&mut self, function: usize) {
        while self.pools[function].provisioned.value < self.pools[function].provisioned_target {
            let slot = self.create_instance(function, true);
            self.pools[function].provisioned.up(self.clock.now);
            self.pools[function].add_idle(&mut self.slots, slot);
        }
    }

    /// Adds an on-demand instance's busy time up to now to its hour; rounds the whole period up when it ends.
    pub(crate) fn meter_busy(&mut self, slot: u32, now: i64, ends: bool) {
        let instance = &mut self.slots.all[slot as usize];
        let function = instance.function as usize;
        let rule = &self.models[function].rule;
        let elapsed = (now - instance.metered_to).max(0);
        instance.metered_to = instance.metered_to.max(now);
        let metered = &mut self.slots.rest[slot as usize].metered;
        let before = *metered;
        *metered += elapsed;
        let billed = if ends { round_up(*metered, rule.granule.0, rule.minimum.0) - before } else { elapsed };
        if ends {
            *metered = 0;
        }
        if self.clock.measuring && !instance.provisioned {
            self.tally[function].hours[self.clock.hour].active_ns += billed as u64;
        }
    }

    /// Adds an on-demand instance's idle time up to now, within the idle release, to its hour.
    #[inline]
    pub(crate) fn meter_idle(&mut self, slot: u32, now: i64) {
        let instance = &mut self.slots.all[slot as usize];
        let function = instance.function as usize;
        let release = self.models[function].rule.idle_release.0;
        if release == 0 || instance.provisioned {
            return;
        }
        let until = now.min(instance.idle_since.saturating_add(release));
        let billed = (until - instance.metered_to).max(0);
        instance.metered_to = instance.metered_to.max(until);
        if self.clock.measuring {
            self.tally[function].hours[self.clock.hour].idle_ns += billed as u64;
        }
    }
}
