//! What the fast path does (`direct`), one arrival after the other and without counts: a state that is small and quickly copied.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::engine::direct::Idle;
use crate::engine::draws::{Draw, attempt_key};
use crate::engine::invocation::{cold_start, struck};
use crate::engine::model::{self, FunctionModel, StartTokens};
use crate::engine::tally::{AttemptOutcome, ThrottleCause};
use crate::random::{Key, Purpose};
use crate::scenario::{Limit, Scenario};
use crate::units::Span;

/// A completion's tag is its instance, with this bit if the instance does not survive it.
const DIES: u32 = 1 << 31;

/// One function and its instances. Times are clock times in nanoseconds.
pub(super) struct Course<'a> {
    model: FunctionModel<'a, false>,
    key: Key,
    /// When invocations end, soonest first.
    ends: BinaryHeap<Reverse<(i64, u32)>>,
    idle: Idle<'a>,
    /// When each instance was created; kept when it ends.
    created: Vec<i64>,
    free: Vec<u32>,
    /// Instances that exist.
    alive: u64,
    /// Invocations at once that no limit refuses, and instances likewise.
    max_busy: u64,
    max_alive: u64,
    tokens: StartTokens,
    rate: Option<StartTokens>,
}

impl<'a> Course<'a> {
    /// At its start, `root` the key of the replication; `None` for a scenario without a function or traffic.
    pub(super) fn new(scenario: &'a Scenario, root: Key) -> Option<Self> {
        let (spec, source) = (scenario.functions.first()?, scenario.traffic.first()?);
        let start = -scenario.simulation.run_in.0;
        let account = &scenario.account;
        let model = FunctionModel::new(spec, 0, scenario);
        let by_instances = account.max_instances != Limit::Unlimited;
        let account_max_instances = if by_instances { account.max_instances.get() } else { u64::MAX };
        // With one function, its own tokens if it has a quota of its own, else the account's.
        let rates = model::request_rates(scenario, start);
        Some(Self {
            key: root.name(&source.name),
            ends: BinaryHeap::new(),
            idle: Idle::new(spec),
            created: Vec::new(),
            free: Vec::new(),
            alive: 0,
            max_busy: if model.max_instances == 0 { 0 } else { model.max_concurrency.min(account.max_concurrency.get()) },
            max_alive: model.max_instances.min(account_max_instances),
            tokens: StartTokens::new(account.scaling, start),
            rate: rates.into_iter().find(|tokens| !tokens.unlimited()),
            model,
        })
    }

    /// Goes back to where another one of the same scenario stands, with draws of `key` from here on.
    pub(super) fn set_to(&mut self, other: &Self, key: Key) {
        self.key = key;
        self.ends.clone_from(&other.ends);
        self.idle.set_to(&other.idle);
        self.created.clone_from(&other.created);
        self.free.clone_from(&other.free);
        self.alive = other.alive;
        self.tokens.clone_from(&other.tokens);
        self.rate.clone_from(&other.rate);
    }

    /// Instances that start or work.
    #[inline]
    pub(super) const fn busy(&self) -> u64 {
        self.alive - self.idle.len()
    }

    /// What happens by itself up to `now`: invocations end, and instances that have been idle for too long or are too old.
    #[inline]
    pub(super) fn pass(&mut self, now: i64) {
        while let Some(Reverse((end, tag))) = self.ends.peek().copied()
            && end <= now
        {
            self.ends.pop();
            let slot = tag & !DIES;
            let created = self.created[slot as usize];
            if tag & DIES != 0 || end >= self.idle.retires(created) {
                self.end_instance(slot);
            } else {
                self.idle.push(end, slot, created);
            }
        }
        if now >= self.idle.next {
            while let Some((_, _, slot)) = self.idle.pop_expired(now, self.key, &self.created) {
                self.end_instance(slot);
            }
        }
    }

    fn end_instance(&mut self, slot: u32) {
        self.alive -= 1;
        self.free.push(slot);
    }

    /// A request arrives, that brings what `draw` says. Its time cell and index in it are its identity.
    ///
    /// # Errors
    /// Which limit refuses it.
    #[inline]
    pub(super) fn arrive(
        &mut self,
        now: i64,
        (cell, index): (i32, u32),
        draw: impl FnOnce() -> Draw,
    ) -> Result<(), ThrottleCause> {
        if self.busy() >= self.max_busy {
            let own = self.model.max_instances == 0 || self.busy() >= self.model.max_concurrency;
            return Err(if own { ThrottleCause::Function } else { ThrottleCause::Account });
        }
        let in_time = self.rate.as_ref().is_none_or(|rate| rate.clone().take(now, 0));
        let warm = self.idle.last();
        match warm {
            None => self.may_start(now, in_time)?,
            Some(_) if !in_time => return Err(ThrottleCause::InstanceRate),
            Some(_) => {}
        }
        if let Some(rate) = &mut self.rate {
            rate.take(now, 0);
        }
        let (slot, ready) = match warm {
            Some((_, slot)) => {
                self.idle.pop();
                (slot, Ok(now))
            }
            None => self.start(now, attempt_key(self.key, cell, index, 0, false)),
        };
        let (end, dies) = match ready {
            Ok(ready) => {
                self.idle.identify(slot, cell, index);
                self.run(now, ready, cell, index, draw())
            }
            Err(failed) => (failed, true),
        };
        self.ends.push(Reverse((end, slot | if dies { DIES } else { 0 })));
        Ok(())
    }

    /// When an invocation ends whose handler begins at `ready`, and whether its instance does not survive that.
    #[inline]
    fn run(&self, now: i64, ready: i64, cell: i32, index: u32, draw: Draw) -> (i64, bool) {
        let rules = &self.model.spec.rules;
        let deadline = (if rules.timeout_includes_init { now } else { ready }).saturating_add(self.model.spec.timeout.0);
        let (cpu, io, outcome) = if self.model.has_faults() {
            let key = attempt_key(self.key, cell, index, 0, false);
            let fault = self.model.faults.strikes(draw.fault);
            struck(fault, draw.cpu, draw.io, self.model.cpu_scale, || key.purpose(Purpose::CrashPoint).uniform())
        } else {
            (draw.cpu, Span::from_secs_f64(draw.io).0, AttemptOutcome::Ok)
        };
        let end = ready.saturating_add((cpu * self.model.cpu_scale + 0.5) as i64).saturating_add(io);
        if end > deadline { (deadline, rules.timeout_kills) } else { (end, outcome == AttemptOutcome::Crash) }
    }

    /// A cold start: the instance, and when it is ready, or when its start has failed.
    fn start(&mut self, now: i64, key: Key) -> (u32, Result<i64, i64>) {
        let slot = self.free.pop().unwrap_or(self.created.len() as u32);
        if slot as usize == self.created.len() {
            self.created.push(now);
        }
        self.created[slot as usize] = now;
        self.alive += 1;
        self.idle.began(now, slot);
        let (ready, failed) = cold_start(self.model.spec, &self.model.faults, key, now);
        (slot, if failed { Err(ready) } else { Ok(ready) })
    }

    /// Takes what one more instance needs. Without `in_time` it only says what stands in its way.
    fn may_start(&mut self, now: i64, in_time: bool) -> Result<(), ThrottleCause> {
        if self.alive >= self.max_alive {
            let own = self.alive >= self.model.max_instances;
            return Err(if own { ThrottleCause::Function } else { ThrottleCause::Account });
        }
        if !in_time {
            let scaling = !self.tokens.clone().take(now, self.alive);
            return Err(if scaling { ThrottleCause::ScalingRate } else { ThrottleCause::InstanceRate });
        }
        if self.tokens.take(now, self.alive) { Ok(()) } else { Err(ThrottleCause::ScalingRate) }
    }
}
