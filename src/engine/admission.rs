//! Admission: hard limits, then quotas in the order function, account, scaling rate; a warm instance before a new one.

use super::draws::Draw;
use super::log::Log;
use super::model::StartTokens;
use super::tally::{AttemptOutcome, ThrottleCause};
use super::{Engine, NONE, State};
use crate::random::Purpose;
use crate::scenario::{Invoke, Routing};
use crate::workload::distribution::Distribution;

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    /// Tries to get an attempt onto an instance.
    #[inline]
    pub(crate) fn attempt(&mut self, id: u32, draw: &Draw) {
        let function = self.function_of(id);
        if self.models[function].has_limits() && self.over_a_hard_limit(id) {
            self.attempt_ended(id, AttemptOutcome::Rejected);
            return;
        }
        if let Err(cause) = self.admit(id, function, draw) {
            self.more[id as usize].draw = *draw;
            self.refused(id, function, cause);
        }
    }

    /// Admits the attempt and starts it, or says what stands in its way.
    #[inline]
    pub(crate) fn admit(&mut self, id: u32, function: usize, draw: &Draw) -> Result<(), ThrottleCause> {
        let model = &self.models[function];
        let pool = &self.pools[function];
        let in_flight = if model.shared() { pool.in_flight.value } else { pool.busy.value };
        if in_flight >= model.max_concurrency || model.max_instances == 0 {
            return Err(ThrottleCause::Function);
        }
        if self.account_in_flight >= self.account_max_concurrency && self.counts_in_flight(function) {
            return Err(ThrottleCause::Account);
        }
        let in_time = self.rates.is_empty() || self.within_rate(id, function);
        if let Some(slot) = self.choose_warm(id, function) {
            if !in_time {
                return Err(ThrottleCause::InstanceRate);
            }
            self.take_rate(id, function);
            self.take_place(id, function, slot, false, draw);
            return Ok(());
        }
        self.may_start(function, in_time)?;
        self.take_rate(id, function);
        let slot = self.create_instance(function, false);
        self.take_place(id, function, slot, true, draw);
        Ok(())
    }

    /// The warm instance with a free slot that routing prefers.
    #[inline]
    fn choose_warm(&mut self, id: u32, function: usize) -> Option<u32> {
        let random = self.models[function].spec.routing == Routing::Random;
        let u = if random { self.key_of(&self.calls[id as usize]).purpose(Purpose::Route).uniform() } else { 0.0 };
        loop {
            let pool = &mut self.pools[function];
            let partly = if self.models[function].shared() { pool.choose_partly() } else { None };
            let slot = match partly {
                Some(slot) if !pool.idle_first() => slot,
                _ => pool.choose_idle(&self.slots, u).or(partly)?,
            };
            if self.clock.now < self.slots.all[slot as usize].retire_at {
                return Some(slot);
            }
            self.retire(slot);
        }
    }

    /// The tokens that a request draws on; asynchronous events draw on none.
    fn rate_of(&mut self, id: u32, function: usize) -> Option<&mut StartTokens> {
        if self.rates.is_empty() || self.routes.all[self.calls[id as usize].source as usize].invoke != Invoke::Sync {
            return None;
        }
        let own = !self.rates[function].unlimited();
        let index = if own { function } else { self.rates.len() - 1 };
        Some(&mut self.rates[index])
    }

    /// Whether the instances' rate lets one more request in.
    fn within_rate(&mut self, id: u32, function: usize) -> bool {
        let now = self.clock.now;
        self.rate_of(id, function).is_none_or(|tokens| tokens.clone().take(now, 0))
    }

    /// Takes the token of a request that is let in.
    fn take_rate(&mut self, id: u32, function: usize) {
        let now = self.clock.now;
        if let Some(tokens) = self.rate_of(id, function) {
            tokens.take(now, 0);
        }
    }

    /// Whether one more instance may be started now; makes room for it. Without `in_time` it only says what stands in its way.
    fn may_start(&mut self, function: usize, in_time: bool) -> Result<(), ThrottleCause> {
        let reserved = self.models[function].reserved();
        if self.pools[function].instances.value >= self.models[function].max_instances {
            return Err(ThrottleCause::Function);
        }
        let mut evict = NONE;
        if !reserved && self.account_instances >= self.account_max_instances {
            evict = self.longest_idle_of_others(function);
            if evict == NONE {
                return Err(ThrottleCause::Account);
            }
        }
        let (tokens, instances) = self.start_tokens(function);
        if !in_time {
            let scaling = !self.tokens[tokens].clone().take(self.clock.now, instances);
            return Err(if scaling { ThrottleCause::ScalingRate } else { ThrottleCause::InstanceRate });
        }
        if !self.tokens[tokens].take(self.clock.now, instances) {
            return Err(ThrottleCause::ScalingRate);
        }
        if evict != NONE {
            self.end_idle(evict);
        }
        Ok(())
    }

    /// The on-demand instance of another function that has been idle longest; reserved ones do not count.
    fn longest_idle_of_others(&self, function: usize) -> u32 {
        let others = (0..self.pools.len()).filter(|f| *f != function && !self.models[*f].reserved());
        let oldest = others.map(|f| self.pools[f].idle.oldest).filter(|slot| *slot != NONE);
        oldest.min_by_key(|slot| self.slots.all[*slot as usize].idle_since).unwrap_or(NONE)
    }

    /// An attempt was refused: it waits where the platform lets it, else it is throttled.
    #[cold]
    fn refused(&mut self, id: u32, function: usize, cause: ThrottleCause) {
        self.calls[id as usize].cause = cause;
        if let Some(queue) = self.models[function].spec.pending_queue
            && self.pools[function].waiting < queue.max.get()
        {
            self.wait_pending(id, function, queue.timeout.0);
            return;
        }
        self.throttled(id, function);
    }

    /// Counts a refusal and passes it on.
    pub(crate) fn throttled(&mut self, id: u32, function: usize) {
        if self.clock.measuring {
            self.tally[function].bins[self.clock.bin].throttled += 1;
        }
        let call = self.calls[id as usize];
        let invoke = self.routes.all[call.source as usize].invoke;
        let again = invoke == Invoke::Async && self.more[id as usize].redeliveries > 0;
        if call.measured && call.attempt == 0 && !again && !call.duplicate && invoke != Invoke::Queue {
            self.tally[function].first_attempt_throttled += 1;
        }
        match invoke {
            Invoke::Sync => self.attempt_ended(id, AttemptOutcome::Throttled),
            Invoke::Async => self.redeliver(id, function),
            Invoke::Queue => self.batch_throttled(id, function),
        }
    }

    fn wait_pending(&mut self, id: u32, function: usize, timeout: i64) {
        let now = self.clock.now;
        self.drop_gone(function);
        self.pending[function].push_back(id);
        self.pending_total += 1;
        self.pools[function].waiting += 1;
        let seq = self.queue.push(now.saturating_add(timeout), super::EventKind::Due, id);
        let call = &mut self.calls[id as usize];
        call.state = State::Pending;
        call.seq = seq;
        self.watch_client(id, i64::MAX);
        if self.calls[id as usize].cause == ThrottleCause::ScalingRate {
            self.await_tokens(function);
        }
    }

    /// Looks at the pending queue again when a start token is due.
    fn await_tokens(&mut self, function: usize) {
        let (tokens, instances) = self.start_tokens(function);
        let at = self.tokens[tokens].next(self.clock.now, instances);
        if at < i64::MAX && !self.pools[function].refilling {
            self.pools[function].refilling = true;
            self.queue.push(at, super::EventKind::Refill, function as u32);
        }
    }

    /// Lets attempts of the pending queue in, as far as there is room.
    pub(crate) fn dispatch_pending(&mut self, function: usize) {
        loop {
            self.drop_gone(function);
            let Some(&id) = self.pending[function].front() else { return };
            let draw = self.more[id as usize].draw;
            if let Err(cause) = self.admit(id, function, &draw) {
                if cause == ThrottleCause::ScalingRate {
                    self.await_tokens(function);
                }
                return;
            }
            self.pending[function].pop_front();
            self.pending_total -= 1;
            self.pools[function].waiting -= 1;
        }
    }

    /// Takes those out of the front of the pending queue whose wait was over or whose caller gave up: their place in it was all
    /// that was left of them.
    fn drop_gone(&mut self, function: usize) {
        while let Some(&id) = self.pending[function].front()
            && self.calls[id as usize].state == State::Gone
        {
            self.pending[function].pop_front();
            self.pending_total -= 1;
            self.free_call(id);
        }
    }

    /// Room may have come free: every queue gets its chance, in the order of the file.
    #[inline]
    pub(crate) fn dispatch_all_pending(&mut self) {
        if self.pending_total > 0 {
            for function in 0..self.pending.len() {
                self.dispatch_pending(function);
            }
        }
    }

    /// Draws sizes and compares them with the platform's limits on request and headers.
    fn over_a_hard_limit(&self, id: u32) -> bool {
        let call = &self.calls[id as usize];
        let function = self.function_of(id);
        let work = &self.models[function].spec.work;
        let rules = &self.models[function].spec.rules;
        let request = match self.routes.all[call.source as usize].invoke {
            Invoke::Sync => rules.max_sync_request,
            // A message is smaller than any payload may be.
            Invoke::Queue => return false,
            Invoke::Async => rules.max_async_request,
        };
        let key = self.key_of(call);
        let over = |d: &Distribution, purpose, limit: u64| size(d, key, purpose) > limit as f64;
        over(&work.request_bytes, Purpose::Request, request) || over(&work.header_bytes, Purpose::Header, rules.max_headers)
    }
}

/// One size in bytes for an identity.
pub(crate) fn size(distribution: &Distribution, key: crate::random::Key, purpose: Purpose) -> f64 {
    distribution.is_constant().unwrap_or_else(|| distribution.sample(&mut key.purpose(purpose).stream()))
}
