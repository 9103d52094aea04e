//! Several invocations on one instance: processor sharing of its CPU, waits that do not slow each other, shares of its bill.
//!
//! With n invocations in their CPU phase each progresses at min(1, total / n) of a vCPU, so all have had the same CPU time
//! since they came: one number, `attained`, tells when each is done (Kleinrock 1976, Queueing Systems II, section 4.4).

use super::instance::CpuPhase;
use super::log::Log;
use super::tally::AttemptOutcome;
use super::{Engine, EventKind, NONE, State};

/// A CPU demand counts as met within half a nanosecond: event times are rounded up to whole ones.
const DONE: f64 = 0.5;

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    /// Moves an instance's clocks of charges and unfrozen time on; call before its number of invocations changes.
    #[inline]
    pub(crate) fn advance_shares(&mut self, slot: u32) {
        let now = self.clock.now;
        let running = self.slots.all[slot as usize].running;
        let share = &mut self.slots.rest[slot as usize].share;
        let elapsed = now - share.at;
        if elapsed > 0 {
            if running > 0 {
                share.charged += elapsed as f64 / f64::from(running);
                share.unfrozen += elapsed;
            }
            share.at = now;
        }
    }

    /// An attempt comes onto a shared instance, which may have to start first.
    pub(crate) fn join_shared(&mut self, id: u32, function: usize, slot: u32, cold: bool) {
        let model = &self.models[function];
        let (init_billed, joins) = (model.rule.init_billed, model.spec.rules.join_starting);
        let (timeout, includes_init) = (model.spec.timeout.0, model.spec.rules.timeout_includes_init);
        self.calls[id as usize].seq = NONE;
        self.more[id as usize].charged = self.slots.rest[slot as usize].share.charged;
        self.slots.rest[slot as usize].share.calls.push(id);
        if cold {
            let (mut ready, mut failed) = self.cold_start(id, function);
            let limit = self.clock.now.saturating_add(timeout);
            if includes_init && ready > limit {
                (ready, failed) = (limit, true);
            }
            self.calls[id as usize].outcome = if failed { AttemptOutcome::InitFailure } else { AttemptOutcome::Ok };
            let seq = self.queue.push(ready, EventKind::Ready, slot);
            let share = &mut self.slots.rest[slot as usize].share;
            share.cpu_seq = seq;
            let instance = &mut self.slots.all[slot as usize];
            instance.starting = true;
            if !failed && !init_billed {
                instance.metered_to = ready;
                share.at = ready;
            }
        } else if !self.slots.all[slot as usize].starting {
            self.begin_shared(id, function, slot);
        }
        self.watch_client(id, i64::MAX);
        let instance = &self.slots.all[slot as usize];
        if !instance.starting || joins {
            self.pools[function].add_partly(instance, slot);
        }
    }

    /// A shared instance has started, or failed to.
    pub(crate) fn instance_ready(&mut self, slot: u32, seq: u32) {
        let instance = &mut self.slots.all[slot as usize];
        let share = &mut self.slots.rest[slot as usize].share;
        if !instance.alive || !instance.starting || share.cpu_seq != seq {
            return;
        }
        let function = instance.function as usize;
        instance.starting = false;
        share.cpu_seq = NONE;
        let creator = share.calls[0];
        if self.calls[creator as usize].outcome == AttemptOutcome::InitFailure {
            self.calls[creator as usize].ready = self.clock.now;
            self.end(creator);
            return;
        }
        for i in 0..self.slots.rest[slot as usize].share.calls.len() {
            let id = self.slots.rest[slot as usize].share.calls[i];
            self.begin_shared(id, function, slot);
        }
        let instance = &self.slots.all[slot as usize];
        self.pools[function].add_partly(instance, slot);
        self.dispatch_all_pending();
    }

    /// The handler of an invocation starts on a warm shared instance.
    fn begin_shared(&mut self, id: u32, function: usize, slot: u32) {
        let now = self.clock.now;
        let draw = self.more[id as usize].draw;
        let plan = self.plan(id, function, slot, &draw);
        self.slots.all[slot as usize].served += 1;
        let model = &self.models[function];
        let call = &mut self.calls[id as usize];
        let from = if model.spec.rules.timeout_includes_init { call.start } else { now };
        call.ready = now;
        call.outcome = plan.outcome;
        let more = &mut self.more[id as usize];
        more.deadline = from.saturating_add(model.spec.timeout.0);
        more.io = plan.io;
        if plan.cpu <= 0.0 {
            self.begin_io(id);
            return;
        }
        self.advance_cpu(function, slot);
        let deadline = self.more[id as usize].deadline;
        let share = &mut self.slots.rest[slot as usize].share;
        share.cpu.push(CpuPhase { done: share.attained + plan.cpu * 1e9, deadline, call: id });
        self.schedule_cpu(function, slot);
    }

    /// The I/O wait of an invocation begins; its end is now known.
    fn begin_io(&mut self, id: u32) {
        let more = &self.more[id as usize];
        let mut end = self.clock.now.saturating_add(more.io);
        if end > more.deadline {
            end = more.deadline;
            self.calls[id as usize].outcome = AttemptOutcome::Timeout;
        }
        self.more[id as usize].end = end;
        let call = &self.calls[id as usize];
        let kind = if self.has_steps(self.function_of(id), call.outcome) { EventKind::Steps } else { EventKind::End };
        self.calls[id as usize].seq = self.queue.push(end, kind, id);
    }

    /// Whether a running invocation of a shared instance ends at this very instant.
    pub(crate) fn ends_now(&mut self, id: u32) -> bool {
        let call = self.calls[id as usize];
        let function = self.function_of(id);
        if call.state != State::Running || !self.models[function].shared() {
            return false; // alone, its end was compared with its caller's patience when it began
        }
        if call.seq != NONE {
            return self.more[id as usize].end == self.clock.now;
        }
        self.advance_cpu(function, call.instance);
        let share = &self.slots.rest[call.instance as usize].share;
        self.more[id as usize].io == 0 && share.cpu.iter().any(|phase| phase.call == id && phase.done <= share.attained + DONE)
    }

    /// CPU time a nanosecond of each invocation in its CPU phase.
    fn cpu_speed(&self, function: usize, phases: usize) -> f64 {
        (self.models[function].cpu_total / phases as f64).min(1.0)
    }

    fn advance_cpu(&mut self, function: usize, slot: u32) {
        let now = self.clock.now;
        let phases = self.slots.rest[slot as usize].share.cpu.len();
        let speed = if phases > 0 { self.cpu_speed(function, phases) } else { 0.0 };
        let share = &mut self.slots.rest[slot as usize].share;
        if phases == 0 {
            // Nobody compares with the past: begin anew, which keeps the sum exact.
            share.attained = 0.0;
        } else {
            share.attained += speed * (now - share.cpu_at) as f64;
        }
        share.cpu_at = now;
    }

    /// Puts the next end of a CPU phase, or the timeout of one, into the queue; the former event becomes invalid.
    fn schedule_cpu(&mut self, function: usize, slot: u32) {
        let share = &self.slots.rest[slot as usize].share;
        let phases = share.cpu.len();
        if phases == 0 {
            self.slots.rest[slot as usize].share.cpu_seq = NONE;
            return;
        }
        let (mut done, mut deadline) = (f64::INFINITY, i64::MAX);
        for phase in &share.cpu {
            done = done.min(phase.done);
            deadline = deadline.min(phase.deadline);
        }
        let wait = ((done - share.attained) / self.cpu_speed(function, phases)).max(0.0).ceil();
        let at = self.clock.now.saturating_add(wait as i64).min(deadline);
        let seq = self.queue.push(at, EventKind::Cpu, slot);
        self.slots.rest[slot as usize].share.cpu_seq = seq;
    }

    /// One or more CPU phases end or time out.
    pub(crate) fn cpu_event(&mut self, slot: u32, seq: u32) {
        let instance = &self.slots.all[slot as usize];
        if !instance.alive || self.slots.rest[slot as usize].share.cpu_seq != seq {
            return;
        }
        let function = instance.function as usize;
        self.advance_cpu(function, slot);
        let now = self.clock.now;
        let mut i = 0;
        while let Some(&phase) = self.slots.rest[slot as usize].share.cpu.get(i) {
            let share = &mut self.slots.rest[slot as usize].share;
            if phase.done <= share.attained + DONE {
                share.cpu.swap_remove(i);
                self.begin_io(phase.call);
            } else if phase.deadline <= now {
                share.cpu.swap_remove(i);
                self.calls[phase.call as usize].outcome = AttemptOutcome::Timeout;
                self.calls[phase.call as usize].seq = self.queue.push(now, EventKind::End, phase.call);
            } else {
                i += 1;
            }
        }
        self.schedule_cpu(function, slot);
    }

    /// Takes an invocation out of a shared instance's lists.
    pub(crate) fn leave_shared(&mut self, id: u32, slot: u32) {
        let in_cpu_phase = self.calls[id as usize].seq == NONE;
        if in_cpu_phase {
            let function = self.slots.all[slot as usize].function as usize;
            self.advance_cpu(function, slot);
            self.slots.rest[slot as usize].share.cpu.retain(|phase| phase.call != id);
            self.schedule_cpu(function, slot);
        }
        let calls = &mut self.slots.rest[slot as usize].share.calls;
        if let Some(at) = calls.iter().position(|c| *c == id) {
            calls.swap_remove(at);
        }
    }
}
