//! What runs on an instance: how long it will take and how it will end, what is billed for it, and its end.

use super::admission::size;
use super::draws::Draw;
use super::log::{Log, Logged};
use super::model::{Fault, Thresholds, effective};
use super::tally::AttemptOutcome;
use super::{Engine, EventKind, NONE, State};
use crate::platform::meter::Waste;
use crate::random::{Key, Purpose};
use crate::scenario::{Function, Invoke};
use crate::units::Span;

/// How an attempt will go if nothing else ends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// CPU demand in seconds at one full vCPU.
    pub(crate) cpu: f64,
    /// I/O wait in nanoseconds; `i64::MAX` for a hang.
    pub(crate) io: i64,
    pub(crate) outcome: AttemptOutcome,
}

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    /// Puts an admitted attempt on an instance.
    #[inline]
    pub(crate) fn take_place(&mut self, id: u32, function: usize, slot: u32, cold: bool, draw: &Draw) {
        let now = self.clock.now;
        let shared = self.models[function].shared();
        if self.counts_in_flight(function) {
            self.account_in_flight += 1;
        }
        if self.slots.all[slot as usize].running == 0 {
            self.leave_idle(function, slot, cold);
        } else {
            self.advance_shares(slot);
            self.pools[function].remove_partly(&self.slots.all[slot as usize], slot);
        }
        let instance = &mut self.slots.all[slot as usize];
        instance.running += 1;
        let reused = instance.served > 0;
        let call = &mut self.calls[id as usize];
        call.state = State::Running;
        call.instance = slot;
        call.start = now;
        call.cold = cold;
        call.reused = reused;
        if call.measured {
            let tally = &mut self.tally[function];
            tally.invocations += 1;
            tally.cold_starts += u64::from(cold);
            if reused {
                tally.reused += 1;
                tally.reused_age_ns += (now - instance.created) as u128;
            }
            if !PLAIN && self.routes.all[call.source as usize].invoke == Invoke::Async {
                tally.async_age.record(Span(now - call.arrival));
            }
        }
        if shared {
            self.pools[function].in_flight.up(now);
            self.more[id as usize].draw = *draw;
            self.join_shared(id, function, slot, cold);
        } else {
            self.run_alone(id, function, slot, cold, draw);
        }
    }

    /// Starts an invocation that has its instance to itself: its end is known at once.
    #[inline]
    fn run_alone(&mut self, id: u32, function: usize, slot: u32, cold: bool, draw: &Draw) {
        let start = self.clock.now;
        let timeout = self.models[function].spec.timeout.0;
        let (mut ready, mut failed) = (start, false);
        if cold {
            (ready, failed) = self.cold_start(id, function);
            if !failed && !self.models[function].rule.init_billed {
                // The busy period that is billed begins with the handler.
                self.slots.all[slot as usize].metered_to = ready;
            }
        }
        let from = if self.models[function].spec.rules.timeout_includes_init { start } else { ready };
        let deadline = from.saturating_add(timeout);
        let plan = self.plan(id, function, slot, draw);
        let cpu = (plan.cpu * self.models[function].cpu_scale + 0.5) as i64;
        let mut end = ready.saturating_add(cpu).saturating_add(plan.io);
        let mut outcome = plan.outcome;
        if failed {
            (end, outcome) = (ready, AttemptOutcome::InitFailure);
        }
        if end > deadline {
            (end, outcome) = (deadline, AttemptOutcome::Timeout);
        }
        self.slots.all[slot as usize].served += 1;
        let calls = self.has_steps(function, outcome);
        if calls {
            self.more[id as usize].deadline = deadline;
        }
        let seq = self.queue.push(end, if calls { EventKind::Steps } else { EventKind::End }, id);
        let call = &mut self.calls[id as usize];
        call.ready = ready.min(end);
        call.outcome = outcome;
        call.seq = seq;
        // With calls to come the end is not known.
        self.watch_client(id, if calls { i64::MAX } else { end });
    }

    /// Draws a cold start: when the handler can begin (or the failure is known), and whether it failed.
    pub(crate) fn cold_start(&self, id: u32, function: usize) -> (i64, bool) {
        let key = self.key_of(&self.calls[id as usize]);
        cold_start(self.models[function].spec, &self.thresholds(function).0, key, self.clock.now)
    }

    /// Faults and slow-down in force now.
    #[inline]
    pub(crate) fn thresholds(&self, function: usize) -> (Thresholds, f64) {
        let model = &self.models[function];
        if model.has_events() { effective(model, function, &self.scenario.events, self.clock.now) } else { (model.faults, 1.0) }
    }

    /// What an attempt will do on this instance: its work, shortened by a used environment and slowed by events, and its
    /// fault. Also books its memory.
    #[inline]
    pub(crate) fn plan(&mut self, id: u32, function: usize, slot: u32, draw: &Draw) -> Plan {
        let model = &self.models[function];
        let call = &self.calls[id as usize];
        let (mut cpu, mut io) = (draw.cpu, draw.io);
        if model.has_benefit() && call.reused {
            cpu *= 1.0 - model.spec.work.warm_benefit_cpu.get();
            io *= 1.0 - model.spec.work.warm_benefit_io.get();
        }
        let mut fault = Fault::None;
        if model.has_faults() || model.has_events() {
            let (faults, slower) = self.thresholds(function);
            (cpu, io) = (cpu * slower, io * slower);
            fault = faults.strikes(draw.fault);
        }
        let crash_point = || self.key_of(call).purpose(Purpose::CrashPoint).uniform();
        let (cpu, io, outcome) = struck(fault, cpu, io, model.cpu_scale, crash_point);
        if model.tracks_memory() {
            // What former invocations left behind grows with their number.
            self.more[id as usize].draw = *draw;
            let work = &model.spec.work;
            let left = work.memory_growth.0.saturating_mul(u64::from(self.slots.all[slot as usize].served));
            let memory = &mut self.slots.rest[slot as usize].memory;
            *memory = memory.saturating_add(draw.memory as u64);
            if work.base_memory.0.saturating_add(left).saturating_add(*memory) > model.memory {
                return Plan { cpu: 0.0, io: 0, outcome: AttemptOutcome::Crash };
            }
        }
        Plan { cpu, io, outcome }
    }

    /// An invocation ends.
    #[inline]
    pub(crate) fn end(&mut self, id: u32) {
        let function = self.function_of(id);
        let slot = self.calls[id as usize].instance;
        let outcome = self.final_outcome(id, function);
        let dies = match outcome {
            AttemptOutcome::Crash | AttemptOutcome::InitFailure => true,
            AttemptOutcome::Timeout => self.models[function].spec.rules.timeout_kills,
            _ => false,
        };
        self.leave_instance(id, function, slot, outcome);
        if dies {
            self.kill(slot, outcome);
        } else {
            self.after_leaving(id, function, slot);
        }
        self.settle(id, outcome);
        self.dispatch_all_pending();
    }

    /// A response over the platform's limit is refused after the work.
    #[inline]
    fn final_outcome(&self, id: u32, function: usize) -> AttemptOutcome {
        let call = &self.calls[id as usize];
        let model = &self.models[function];
        if model.has_egress()
            && call.outcome == AttemptOutcome::Ok
            && size(&model.spec.work.response_bytes, self.key_of(call), Purpose::Response) > model.spec.rules.max_response as f64
        {
            return AttemptOutcome::Rejected;
        }
        call.outcome
    }

    /// Takes an invocation off its instance: counts, bill and memory.
    #[inline]
    pub(crate) fn leave_instance(&mut self, id: u32, function: usize, slot: u32, outcome: AttemptOutcome) {
        let now = self.clock.now;
        if self.models[function].has_calls() {
            self.let_go_of_callee(id);
        }
        if self.counts_in_flight(function) {
            self.account_in_flight -= 1;
        }
        if self.models[function].has_shares() {
            self.advance_shares(slot);
        }
        if self.models[function].shared() {
            self.pools[function].in_flight.down(now);
            self.pools[function].remove_partly(&self.slots.all[slot as usize], slot);
            self.leave_shared(id, slot);
        }
        if self.models[function].tracks_memory() {
            let memory = &mut self.slots.rest[slot as usize].memory;
            *memory = memory.saturating_sub(self.more[id as usize].draw.memory as u64);
        }
        self.slots.all[slot as usize].running -= 1;
        self.bill(id, function, slot, outcome);
    }

    /// Meters an invocation and counts its duration and waste.
    #[inline]
    fn bill(&mut self, id: u32, function: usize, slot: u32, outcome: AttemptOutcome) {
        let now = self.clock.now;
        let model = &self.models[function];
        let rule = &model.rule;
        let call = &self.calls[id as usize];
        let billed_outcome = match outcome {
            AttemptOutcome::Error => rule.error_billed,
            AttemptOutcome::Timeout => rule.timeout_billed,
            AttemptOutcome::Crash => rule.crash_billed,
            AttemptOutcome::InitFailure => rule.init_failure_billed,
            _ => true,
        };
        let from = if rule.init_billed || outcome == AttemptOutcome::InitFailure { call.start } else { call.ready };
        let alone = if billed_outcome { round_up(now - from, rule.granule.0, rule.minimum.0) } else { 0 };
        let on_demand = !self.slots.all[slot as usize].provisioned;
        let egress = if model.has_egress() && outcome == AttemptOutcome::Ok {
            size(&model.spec.work.response_bytes, self.key_of(call), Purpose::Response) as u64
        } else {
            0
        };
        let tally = &mut self.tally[function];
        // By the hour in which it started.
        let hour = &mut tally.hours[self.clock.hour_of(call.start)];
        hour.invocations += u64::from(billed_outcome);
        if !model.busy_billing() && on_demand {
            hour.active_ns += alone as u64;
        }
        hour.egress_bytes += egress;
        // What this one is charged: all of it, or its share of a busy period.
        let charge = if model.busy_billing() && model.shared() {
            (self.slots.rest[slot as usize].share.charged - self.more[id as usize].charged) as u64
        } else {
            alone as u64
        };
        tally.bins[self.clock.bin].billed_ns += charge;
        if !call.measured {
            return;
        }
        self.log.invocation(|| Logged {
            function,
            source: call.source as usize,
            start: call.start,
            ready: call.ready,
            end: now,
            billed: Span(alone),
            outcome,
            cold: call.cold,
            // Slots are used again, serial numbers are not.
            instance: self.slots.rest[slot as usize].serial,
            request: super::identity(&self.intakes, &super::Call { attempt: 0, duplicate: false, ..*call }),
            attempt: call.attempt,
        });
        tally.duration.record(Span(now - call.start));
        tally.billed_ns += alone as u64;
        tally.shared_out_ns += charge;
        tally.billed_invocations += u64::from(billed_outcome);
        let source = &mut self.source_tally[call.source as usize];
        source.billed_ns += charge;
        source.invocations += u64::from(billed_outcome);
        if let Some(class) = waste_class(call, outcome) {
            tally.waste_ns[class as usize] += charge;
            tally.waste_invocations[class as usize] += u64::from(billed_outcome);
        }
        if self.calls_anything() {
            let caused = self.caused_by(id, function);
            caused.billed_ns += charge;
            caused.invocations += u64::from(billed_outcome);
        }
    }

    /// Tells the caller, if there still is one.
    #[inline]
    pub(crate) fn settle(&mut self, id: u32, outcome: AttemptOutcome) {
        let call = &self.calls[id as usize];
        if call.measured {
            let function = self.function_of(id);
            self.tally[function].invocation_outcomes[outcome as usize] += 1;
        }
        let call = &mut self.calls[id as usize];
        call.instance = NONE;
        if call.abandoned {
            self.outstanding -= u64::from(call.measured);
            self.free_call(id);
        } else {
            self.attempt_ended(id, outcome);
        }
    }
}

/// Draws a cold start that begins now: when the handler can begin (or the failure is known), and whether it failed.
pub(crate) fn cold_start(spec: &Function, faults: &Thresholds, key: Key, now: i64) -> (i64, bool) {
    let drawn = &spec.cold_start;
    let seconds = drawn.is_constant().unwrap_or_else(|| drawn.sample(&mut key.purpose(Purpose::ColdStart).stream()));
    let length = Span::from_secs_f64(seconds);
    if length > spec.init_timeout {
        return (now.saturating_add(spec.init_timeout.0), true);
    }
    let failed = faults.init_failure > 0.0 && key.purpose(Purpose::ColdStart).with(1).uniform() < faults.init_failure;
    (now.saturating_add(length.0), failed)
}

/// What is left of work that a fault strikes: CPU seconds, I/O nanoseconds (`i64::MAX` for a hang), outcome. `crash_point` is the
/// uniform fraction of the work, as it would run alone, at which an instance crashes.
#[inline]
pub(crate) fn struck(
    fault: Fault,
    cpu: f64,
    io: f64,
    cpu_scale: f64,
    crash_point: impl FnOnce() -> f64,
) -> (f64, i64, AttemptOutcome) {
    let nanos = |seconds| Span::from_secs_f64(seconds).0;
    match fault {
        Fault::None => (cpu, nanos(io), AttemptOutcome::Ok),
        Fault::Error => (cpu, nanos(io), AttemptOutcome::Error),
        Fault::Hang => (cpu, i64::MAX, AttemptOutcome::Ok),
        Fault::Crash => {
            let share = cpu_scale / 1e9;
            let at = crash_point() * (cpu * share + io);
            (cpu.min(at / share), nanos((at - cpu * share).max(0.0)), AttemptOutcome::Crash)
        }
    }
}

fn waste_class(call: &super::Call, outcome: AttemptOutcome) -> Option<Waste> {
    match outcome {
        _ if call.duplicate => Some(Waste::Duplicate),
        _ if call.abandoned => Some(Waste::Abandoned),
        AttemptOutcome::Timeout => Some(Waste::Timeout),
        AttemptOutcome::Crash => Some(Waste::Crash),
        AttemptOutcome::InitFailure => Some(Waste::InitFailure),
        AttemptOutcome::Error | AttemptOutcome::Rejected => Some(Waste::Error),
        AttemptOutcome::Ok | AttemptOutcome::Throttled => None,
    }
}

/// Up to the next multiple of the granule, and at least the minimum.
#[inline]
pub(crate) fn round_up(nanos: i64, granule: i64, minimum: i64) -> i64 {
    const MILLI: i64 = 1_000_000;
    let n = nanos.max(minimum);
    match granule {
        // The common granule as a constant, which the compiler turns into a multiplication.
        MILLI => (n + (MILLI - 1)) / MILLI * MILLI,
        0 | 1 => n,
        g => (n + (g - 1)) / g * g,
    }
}
