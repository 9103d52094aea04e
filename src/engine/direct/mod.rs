//! The fast path: functions whose every request is decided when it arrives. With an instance to itself, a caller that does not
//! retry and nothing else that waits, an invocation's end, outcome and bill follow at once from its draws; all that is left for
//! later is that its instance comes free. The counts are those of the general event loop, to the last bit.

mod calendar;
mod idle;
mod meter;
#[cfg(test)]
mod tests;

use calendar::Calendar;
use idle::Idle;
use meter::Meter;

use super::clock::Clock;
use super::draws::{Draw, Drawn, Draws, attempt_key, draws_faults};
use super::invocation::{cold_start, round_up, struck};
use super::model::{self, FunctionModel, StartTokens};
use super::tally::{AttemptOutcome, Replication, ThrottleCause};
use crate::random::{Key, Purpose};
use crate::scenario::{Limit, Provisioned, Routing, Scenario};
use crate::units::{SimTime, Span};

/// A completion's tag is its instance, with this bit if the instance does not survive it.
const DIES: u32 = 1 << 31;

/// Whether a scenario can go this way.
pub(super) fn is_direct(scenario: &Scenario) -> bool {
    let ([spec], [source]) = (&scenario.functions[..], &scenario.traffic[..]) else { return false };
    let last_used_first = matches!(spec.routing, Routing::MostRecentlyUsed | Routing::LeastLoaded);
    model::is_simple(scenario)
        && last_used_first
        && source.retry.attempts.get() <= 1
        && spec.pending_queue.is_none()
        && spec.provisioned == Provisioned::Constant(0)
        && Idle::suits(spec)
}

/// One replication, on draws of its own; `None` if `stop` became true.
pub(super) fn run(scenario: &Scenario, seed: u64, replication: u64, stop: &dyn Fn() -> bool) -> Option<Replication> {
    let faults = draws_faults(scenario, 0);
    let mut direct = Direct::new(scenario, seed, replication)?;
    let mut draws = Draws::new(scenario, 0, Key::new(seed, replication), SimTime(direct.from), faults);
    let mut drawn = Drawn::default();
    loop {
        draws.next(&mut drawn);
        if direct.take(&drawn) {
            return Some(direct.finish());
        }
        if stop() {
            return None;
        }
    }
}

/// One replication under way.
pub(super) struct Direct<'a> {
    model: FunctionModel<'a, false>,
    key: Key,
    clock: Clock,
    calendar: Calendar,
    idle: Idle<'a>,
    /// When each instance was created; kept when it ends.
    created: Vec<i64>,
    free: Vec<u32>,
    /// Instances that exist.
    alive: u64,
    /// Invocations at once that no limit refuses, and instances likewise.
    max_busy: u64,
    max_alive: u64,
    account_max_concurrency: u64,
    account_max_instances: u64,
    tokens: StartTokens,
    rate: Option<StartTokens>,
    has_faults: bool,
    from: i64,
    meter: Meter,
    events: u64,
}

impl<'a> Direct<'a> {
    /// At its start; `None` for a scenario without a function or traffic.
    pub(super) fn new(scenario: &'a Scenario, seed: u64, replication: u64) -> Option<Self> {
        let (spec, source) = (scenario.functions.first()?, scenario.traffic.first()?);
        let start = -scenario.simulation.run_in.0;
        let account = &scenario.account;
        let model = FunctionModel::new(spec, 0, scenario);
        let by_instances = account.max_instances != Limit::Unlimited;
        let account_max_instances = if by_instances { account.max_instances.get() } else { u64::MAX };
        let account_max_concurrency = account.max_concurrency.get();
        let clock = Clock::new(start, scenario.simulation.horizon.0);
        // With one function, its own tokens if it has a quota of its own, else the account's.
        let rates = model::request_rates(scenario, start);
        let rate = rates.into_iter().find(|tokens| !tokens.unlimited());
        Some(Self {
            key: Key::new(seed, replication).name(&source.name),
            calendar: Calendar::new(start, 1e9 / source.arrivals.mean_rate().max(1e-9)),
            idle: Idle::new(spec),
            created: Vec::new(),
            free: Vec::new(),
            alive: 0,
            max_busy: if model.max_instances == 0 { 0 } else { model.max_concurrency.min(account_max_concurrency) },
            max_alive: model.max_instances.min(account_max_instances),
            account_max_concurrency,
            account_max_instances,
            tokens: StartTokens::new(account.scaling, start),
            rate,
            has_faults: model.has_faults(),
            from: start,
            meter: Meter::new(&clock, spec.billing.idle_release),
            events: 0,
            clock,
            model,
        })
    }

    /// Takes the arrivals of a block; whether the run is over.
    pub(super) fn take(&mut self, drawn: &Drawn) -> bool {
        let times = &drawn.block.times;
        let first = times.partition_point(|time| time.0 < self.from);
        for (i, time) in times.iter().enumerate().skip(first) {
            let now = time.0;
            while now >= self.clock.next_edge {
                self.cross();
                if self.clock.done {
                    return true;
                }
            }
            self.release(now);
            if now >= self.idle.next {
                self.expire(now);
            }
            self.arrive(now, drawn, i);
        }
        self.events += (times.len() - first) as u64;
        while drawn.block.end.0 >= self.clock.next_edge {
            self.cross();
        }
        self.clock.done
    }

    /// Instances whose invocations have ended by `now` become idle.
    #[inline]
    fn release(&mut self, now: i64) {
        while let Some((end, tag)) = self.calendar.pop(now) {
            let slot = tag & !DIES;
            let created = self.created[slot as usize];
            if tag & DIES != 0 || end >= self.idle.retires(created) {
                self.end_instance(end, slot);
            } else {
                self.idle.push(end, slot, created);
            }
        }
    }

    /// Ends the instances whose keep-alive or age is over by `now`.
    #[cold]
    fn expire(&mut self, now: i64) {
        while let Some((at, since, slot)) = self.idle.pop_expired(now, self.key, &self.created) {
            self.meter.idle(since, at);
            self.end_instance(at, slot);
        }
    }

    fn end_instance(&mut self, at: i64, slot: u32) {
        self.alive -= 1;
        self.meter.instance_ended(at);
        self.free.push(slot);
    }

    #[inline]
    fn arrive(&mut self, now: i64, drawn: &Drawn, i: usize) {
        self.meter.bin.requests += 1;
        if self.alive - self.idle.len() >= self.max_busy {
            return self.throttled(now, self.busy_cause());
        }
        let in_time = self.rate.as_ref().is_none_or(|rate| rate.clone().take(now, 0));
        let draw = drawn.draw(i, 0.0);
        let (cell, index) = (drawn.block.cell as i32, drawn.block.first + i as u32);
        let Some((since, slot)) = self.idle.last() else {
            return match self.may_start(now, in_time) {
                Ok(()) => {
                    self.take_rate(now);
                    self.start(now, cell, index, draw);
                }
                Err(cause) => self.throttled(now, cause),
            };
        };
        if !in_time {
            return self.throttled(now, ThrottleCause::InstanceRate);
        }
        self.take_rate(now);
        self.idle.pop();
        self.meter.idle(since, now);
        self.meter.reused_age_ns += (now - self.created[slot as usize]) as u64;
        self.run(now, now, slot, cell, index, draw);
    }

    #[inline]
    fn take_rate(&mut self, now: i64) {
        if let Some(rate) = &mut self.rate {
            rate.take(now, 0);
        }
    }

    /// Runs an invocation whose handler begins at `ready`.
    #[inline]
    fn run(&mut self, now: i64, ready: i64, slot: u32, cell: i32, index: u32, draw: Draw) {
        let from = if self.model.spec.rules.timeout_includes_init { now } else { ready };
        let deadline = from.saturating_add(self.model.spec.timeout.0);
        let (cpu, io, mut outcome) = if self.has_faults { self.fate(cell, index, draw) } else { planned(draw) };
        let mut end = ready.saturating_add((cpu * self.model.cpu_scale + 0.5) as i64).saturating_add(io);
        if end > deadline {
            (end, outcome) = (deadline, AttemptOutcome::Timeout);
        }
        let charged_from = if self.model.rule.init_billed { now } else { ready.min(end) };
        self.ends(now, charged_from, end, slot, outcome);
        self.idle.identify(slot, cell, index);
    }

    /// Counts and bills an invocation, whose end is known.
    #[inline]
    fn ends(&mut self, now: i64, charged_from: i64, end: i64, slot: u32, outcome: AttemptOutcome) {
        let rule = &self.model.rule;
        let (billed, dies) = match outcome {
            AttemptOutcome::Ok => (true, false),
            AttemptOutcome::Timeout => (rule.timeout_billed, self.model.spec.rules.timeout_kills),
            AttemptOutcome::Crash => (rule.crash_billed, true),
            AttemptOutcome::InitFailure => (rule.init_failure_billed, true),
            _ => (rule.error_billed, false),
        };
        let charge = if billed { round_up(end - charged_from, rule.granule.0, rule.minimum.0) } else { 0 };
        self.meter.invocation(&self.clock, now, end, outcome, (charge as u64, billed));
        self.calendar.push(end, slot | if dies { DIES } else { 0 });
    }

    /// What a draw comes to where things can go wrong: CPU seconds, I/O nanoseconds, outcome.
    fn fate(&self, cell: i32, index: u32, draw: Draw) -> (f64, i64, AttemptOutcome) {
        let key = self.attempt_key(cell, index);
        let fault = self.model.faults.strikes(draw.fault);
        struck(fault, draw.cpu, draw.io, self.model.cpu_scale, || key.purpose(Purpose::CrashPoint).uniform())
    }

    fn attempt_key(&self, cell: i32, index: u32) -> Key {
        attempt_key(self.key, cell, index, 0, false)
    }

    /// A cold start.
    #[cold]
    fn start(&mut self, now: i64, cell: i32, index: u32, draw: Draw) {
        let slot = self.free.pop().unwrap_or(self.created.len() as u32);
        if slot as usize == self.created.len() {
            self.created.push(now);
        }
        self.created[slot as usize] = now;
        self.alive += 1;
        self.meter.instance_began(now, self.alive);
        self.idle.began(now, slot);
        let key = self.attempt_key(cell, index);
        let (ready, failed) = cold_start(self.model.spec, &self.model.faults, key, now);
        if failed {
            self.ends(now, now, ready, slot, AttemptOutcome::InitFailure);
        } else {
            self.run(now, ready, slot, cell, index, draw);
        }
    }

    /// Which limit on invocations at once was reached.
    const fn busy_cause(&self) -> ThrottleCause {
        let busy = self.alive - self.idle.len();
        if self.model.max_instances == 0 || busy >= self.model.max_concurrency {
            ThrottleCause::Function
        } else {
            debug_assert!(busy >= self.account_max_concurrency);
            ThrottleCause::Account
        }
    }

    /// Whether one more instance may be started now. Without `in_time` it only says what stands in its way.
    fn may_start(&mut self, now: i64, in_time: bool) -> Result<(), ThrottleCause> {
        if self.alive >= self.max_alive {
            let own = self.alive >= self.model.max_instances;
            debug_assert!(own || self.alive >= self.account_max_instances);
            return Err(if own { ThrottleCause::Function } else { ThrottleCause::Account });
        }
        if !in_time {
            let scaling = !self.tokens.clone().take(now, self.alive);
            return Err(if scaling { ThrottleCause::ScalingRate } else { ThrottleCause::InstanceRate });
        }
        if self.tokens.take(now, self.alive) { Ok(()) } else { Err(ThrottleCause::ScalingRate) }
    }

    #[cold]
    fn throttled(&mut self, now: i64, cause: ThrottleCause) {
        self.meter.throttled(&self.clock, now, cause);
    }

    /// Moves over the next edge of the clock.
    #[cold]
    fn cross(&mut self) {
        let at = self.clock.next_edge;
        // What is due at the edge itself belongs to what follows.
        self.release(at - 1);
        if at > self.idle.next {
            self.expire(at - 1);
        }
        if at == 0 {
            self.meter.begin(self.alive);
        } else {
            if self.clock.is_end_of_hour(at) {
                for since in self.idle.since() {
                    self.meter.idle(since, at);
                }
                self.meter.end_hour(at, self.clock.hour);
            }
            self.meter.end_bin(at, self.clock.bin, self.alive);
        }
        self.clock.cross();
    }

    /// The counts, once the run is over.
    pub(super) fn finish(self) -> Replication {
        self.meter.finish(&self.clock, self.events)
    }
}

/// What a draw comes to where nothing can go wrong.
#[inline]
fn planned(draw: Draw) -> (f64, i64, AttemptOutcome) {
    (draw.cpu, Span::from_secs_f64(draw.io).0, AttemptOutcome::Ok)
}
