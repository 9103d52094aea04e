//! The fast path: functions whose every request is decided when it arrives. With an instance to itself, a caller that does not
//! retry and nothing else that waits, an invocation's end, outcome and bill follow at once from its draws; all that is left for
//! later is that its instance comes free. The counts are those of the general event loop, to the last bit.
//!
//! - `batch`: some hundred arrivals worked out at once; `stack`: their way through the idle instances
//! - `pending`: completions that are due later; `idle`: idle instances; `meter`: what is counted

mod batch;
mod idle;
mod meter;
mod pending;
mod stack;
#[cfg(test)]
mod tests;

use batch::{Batch, DIES, FEWEST, MOST};
pub(super) use idle::Idle;
use meter::Meter;
use pending::{Completion, Pending};

use super::clock::Clock;
use super::draws::{Draw, Drawn, Draws, attempt_key, draws_faults};
use super::invocation::{cold_start, round_up, struck};
use super::model::{self, FunctionModel, StartTokens};
use super::tally::{AttemptOutcome, Replication, ThrottleCause};
use super::window::Window;
use crate::random::{Key, Purpose};
use crate::scenario::{Limit, Provisioned, Routing, Scenario};
use crate::units::{SimTime, Span};

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
pub(super) fn run(
    scenario: &Scenario,
    seed: u64,
    replication: u64,
    window: Window,
    stop: &dyn Fn() -> bool,
) -> Option<Replication> {
    let faults = draws_faults(scenario, 0);
    let mut direct = Direct::new(scenario, seed, replication, window)?;
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
    pending: Pending,
    batch: Batch,
    /// Arrivals of a batch.
    size: usize,
    /// The last arrival: what ended by then has been released.
    last: i64,
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
    pub(super) fn new(scenario: &'a Scenario, seed: u64, replication: u64, window: Window) -> Option<Self> {
        let (spec, source) = (scenario.functions.first()?, scenario.traffic.first()?);
        let start = window.start.0;
        let account = &scenario.account;
        let model = FunctionModel::new(spec, 0, scenario);
        let by_instances = account.max_instances != Limit::Unlimited;
        let account_max_instances = if by_instances { account.max_instances.get() } else { u64::MAX };
        let account_max_concurrency = account.max_concurrency.get();
        let clock = Clock::new(window, scenario.simulation.horizon.0);
        // With one function, its own tokens if it has a quota of its own, else the account's.
        let rates = model::request_rates(scenario, start);
        let rate = rates.into_iter().find(|tokens| !tokens.unlimited());
        Some(Self {
            key: Key::new(seed, replication).name(&source.name),
            pending: Pending::new(start, 1e9 / source.arrivals.mean_rate().max(1e-9)),
            batch: Batch::default(),
            size: MOST,
            last: start,
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
        let mut batch = std::mem::take(&mut self.batch);
        let mut at = first;
        while let Some(time) = times.get(at) {
            while time.0 >= self.clock.next_edge {
                self.cross();
            }
            if self.clock.done {
                break;
            }
            let to = times.len().min(at + self.size);
            let to = at + times[at..to].partition_point(|time| time.0 < self.clock.next_edge);
            at = self.serve(&mut batch, drawn, at, to);
        }
        self.batch = batch;
        if self.clock.done {
            return true;
        }
        self.events += (times.len() - first) as u64;
        while drawn.block.end.0 >= self.clock.next_edge {
            self.cross();
        }
        self.clock.done
    }

    /// Serves arrivals `at..to`, or as many of them as can be worked out at once: the place of the first that is left.
    fn serve(&mut self, batch: &mut Batch, drawn: &Drawn, at: usize, to: usize) -> usize {
        let to = self.plan(batch, drawn, at, to);
        let times = &drawn.block.times[at..to];
        let Some(last) = times.last() else { return to };
        batch.order(self.last, last.0, |give| self.pending.take_due(last.0, give));
        let started = self.meter.started();
        let mut i = 0;
        while i < times.len() {
            i = self.pass_through(batch, times, i);
            if i < times.len() {
                i = self.step(batch, drawn, at, i);
            }
        }
        self.last = last.0;
        batch.later(|end, tag| self.pending.push(end, tag));
        self.count(batch, times);
        // Where many starts take time, or many are refused, plans are often void: the fewer are made ahead the better.
        let odd = (self.meter.started() - started) as usize * 32;
        self.size = if odd > times.len() { (self.size / 2).max(FEWEST) } else { (self.size * 2).min(MOST) };
        to
    }

    /// When arrivals `at..to` would end on warm instances, up to the first that takes no time: it may end before the next one
    /// arrives at the same instant. The place of the first that was left.
    fn plan(&self, batch: &mut Batch, drawn: &Drawn, at: usize, to: usize) -> usize {
        batch.clear();
        let times = &drawn.block.times[at..to];
        let timeout = self.model.spec.timeout.0;
        let (cell, first) = (drawn.block.cell as i32, drawn.block.first + at as u32);
        if self.has_faults {
            for (i, time) in times.iter().enumerate() {
                let draw = drawn.draw(at + i, 0.0);
                let (end, outcome) = self.course(time.0, time.0.saturating_add(timeout), cell, first + i as u32, draw);
                if outcome == AttemptOutcome::Ok {
                    batch.plan(end);
                } else {
                    batch.plan_odd(time.0, end, outcome, self.is_fatal(outcome));
                }
                if end <= time.0 {
                    return at + i + 1;
                }
            }
            return to;
        }
        let scale = self.model.cpu_scale;
        let nanos = |cpu: f64| (cpu * scale + 0.5) as i64;
        let span = |io: f64| Span::from_secs_f64(io).0;
        match (drawn.cpu(at, to), drawn.io(at, to)) {
            (Ok(cpu), Ok(io)) => {
                let length = nanos(cpu).saturating_add(span(io));
                batch.plan_all(times, std::iter::repeat_n(length, times.len()));
            }
            (Ok(cpu), Err(io)) => {
                let cpu = nanos(cpu);
                batch.plan_all(times, io.iter().map(|io| cpu.saturating_add(span(*io))));
            }
            (Err(cpu), Ok(io)) => {
                let io = span(io);
                batch.plan_all(times, cpu.iter().map(|cpu| nanos(*cpu).saturating_add(io)));
            }
            (Err(cpu), Err(io)) => {
                batch.plan_all(times, cpu.iter().zip(io).map(|(cpu, io)| nanos(*cpu).saturating_add(span(*io))));
            }
        }
        for (i, time) in times.iter().enumerate() {
            let (now, end) = (time.0, batch.ends[i]);
            let deadline = now.saturating_add(timeout);
            if end > deadline {
                batch.amend(i, now, deadline, AttemptOutcome::Timeout, self.is_fatal(AttemptOutcome::Timeout));
            }
            if end.min(deadline) <= now {
                batch.keep(i + 1);
                return at + i + 1;
            }
        }
        to
    }

    /// The next thing that happens at arrival i or before it, one that `pass_through` is no match for: which arrival is next.
    fn step(&mut self, batch: &mut Batch, drawn: &Drawn, at: usize, i: usize) -> usize {
        let now = drawn.block.times[at + i].0;
        if let Some(Completion { end, tag }) = batch.due.get(batch.next).copied()
            && end <= now
        {
            batch.next += 1;
            self.release_one(end, batch.slots[(tag & !DIES) as usize], tag & DIES != 0);
            return i;
        }
        if now >= self.idle.next {
            self.expire(now);
        }
        self.arrive(batch, now, drawn, at, i);
        i + 1
    }

    /// Counts what became of a batch.
    fn count(&mut self, batch: &mut Batch, times: &[SimTime]) {
        self.meter.bin.requests += times.len() as u64;
        let odd = std::mem::take(&mut batch.odd);
        let mut from = 0;
        for o in &odd {
            batch.measure(times, from, o.at);
            self.meter.all_ok(&self.clock, &self.model.rule, &batch.ends[from..o.at], &batch.spans);
            from = o.at + 1;
            if o.outcome != AttemptOutcome::Throttled {
                let (now, end) = (times[o.at].0, batch.ends[o.at]);
                self.meter.invocation(&self.clock, now, end, o.outcome, self.charge(o.charged_from, end, o.outcome));
            }
        }
        batch.measure(times, from, times.len());
        self.meter.all_ok(&self.clock, &self.model.rule, &batch.ends[from..], &batch.spans);
        batch.odd = odd;
    }

    /// Instances whose invocations have ended by `now` become idle.
    fn release(&mut self, now: i64) {
        let mut due = Vec::new();
        self.pending.take_due(now, |completion| due.push(completion));
        due.sort_by_key(|completion| completion.end);
        for Completion { end, tag } in due {
            self.release_one(end, tag & !DIES, tag & DIES != 0);
        }
    }

    #[inline]
    fn release_one(&mut self, end: i64, slot: u32, dies: bool) {
        let created = self.created[slot as usize];
        if dies || end >= self.idle.retires(created) {
            self.end_instance(end, slot);
        } else {
            self.idle.push(end, slot, created);
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

    fn arrive(&mut self, batch: &mut Batch, now: i64, drawn: &Drawn, at: usize, i: usize) {
        if self.alive - self.idle.len() >= self.max_busy {
            batch.refuse(i);
            return self.throttled(now, self.busy_cause());
        }
        let in_time = self.rate.as_ref().is_none_or(|rate| rate.clone().take(now, 0));
        let Some((since, slot)) = self.idle.last() else {
            match self.may_start(now, in_time) {
                Ok(()) => {
                    self.take_rate(now);
                    self.start(batch, now, drawn, at, i);
                }
                Err(cause) => {
                    batch.refuse(i);
                    self.throttled(now, cause);
                }
            }
            return;
        };
        if !in_time {
            batch.refuse(i);
            return self.throttled(now, ThrottleCause::InstanceRate);
        }
        self.take_rate(now);
        self.idle.pop();
        self.meter.idle(since, now);
        self.meter.reused_age_ns += (now - self.created[slot as usize]) as u64;
        batch.slots[i] = slot;
        self.idle.identify(slot, drawn.block.cell as i32, drawn.block.first + (at + i) as u32);
    }

    #[inline]
    fn take_rate(&mut self, now: i64) {
        if let Some(rate) = &mut self.rate {
            rate.take(now, 0);
        }
    }

    /// When an invocation ends whose handler begins at `ready`, and how.
    #[inline]
    fn course(&self, ready: i64, deadline: i64, cell: i32, index: u32, draw: Draw) -> (i64, AttemptOutcome) {
        let (cpu, io, outcome) = if self.has_faults { self.fate(cell, index, draw) } else { planned(draw) };
        let end = ready.saturating_add((cpu * self.model.cpu_scale + 0.5) as i64).saturating_add(io);
        if end > deadline { (deadline, AttemptOutcome::Timeout) } else { (end, outcome) }
    }

    /// Whether an instance does not survive an outcome.
    const fn is_fatal(&self, outcome: AttemptOutcome) -> bool {
        match outcome {
            AttemptOutcome::Timeout => self.model.spec.rules.timeout_kills,
            AttemptOutcome::Crash | AttemptOutcome::InitFailure => true,
            _ => false,
        }
    }

    /// What an invocation is charged, and whether it is at all.
    fn charge(&self, from: i64, end: i64, outcome: AttemptOutcome) -> (u64, bool) {
        let rule = &self.model.rule;
        let billed = match outcome {
            AttemptOutcome::Ok => true,
            AttemptOutcome::Timeout => rule.timeout_billed,
            AttemptOutcome::Crash => rule.crash_billed,
            AttemptOutcome::InitFailure => rule.init_failure_billed,
            _ => rule.error_billed,
        };
        (if billed { round_up(end - from, rule.granule.0, rule.minimum.0) as u64 } else { 0 }, billed)
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
    fn start(&mut self, batch: &mut Batch, now: i64, drawn: &Drawn, at: usize, i: usize) {
        let slot = self.free.pop().unwrap_or(self.created.len() as u32);
        if slot as usize == self.created.len() {
            self.created.push(now);
        }
        self.created[slot as usize] = now;
        self.alive += 1;
        self.meter.instance_began(now, self.alive);
        self.idle.began(now, slot);
        batch.slots[i] = slot;
        let (cell, index) = (drawn.block.cell as i32, drawn.block.first + (at + i) as u32);
        let (ready, failed) = cold_start(self.model.spec, &self.model.faults, self.attempt_key(cell, index), now);
        if failed {
            return batch.replan(i, ready, AttemptOutcome::InitFailure, now, true);
        }
        let from = if self.model.spec.rules.timeout_includes_init { now } else { ready };
        let deadline = from.saturating_add(self.model.spec.timeout.0);
        let (end, outcome) = self.course(ready, deadline, cell, index, drawn.draw(at + i, 0.0));
        let charged_from = if self.model.rule.init_billed { now } else { ready.min(end) };
        batch.replan(i, end, outcome, charged_from, self.is_fatal(outcome));
        self.idle.identify(slot, cell, index);
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
        if at == self.clock.from {
            self.meter.begin(at, self.alive);
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
