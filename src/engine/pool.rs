//! The warm instances of one function and the order in which they are chosen.

use std::collections::{BTreeSet, BinaryHeap};

use super::bitset::BitSet;
use super::instance::{IdleList, Instance, NONE, Slots};
use super::level::Level;
use crate::scenario::Routing;

/// Warm instances of one function.
#[derive(Debug)]
pub(crate) struct Pool {
    routing: Routing,
    concurrency: u32,
    /// Idle on-demand instances.
    pub(crate) idle: IdleList,
    /// Idle provisioned instances; they are chosen first.
    pub(crate) idle_provisioned: IdleList,
    /// `Newest`: idle instances by serial number, some of them gone.
    by_serial: BinaryHeap<(u64, u32)>,
    /// `Random`: idle instances in no particular, but reproducible, order.
    any: Vec<u32>,
    /// Busy instances with a free slot, by running invocations; lowest slot number first.
    partly: Vec<BitSet>,
    /// Which of `partly` are not empty.
    filled: BitSet,
    /// `LeastLoaded`: busy instances with a free slot as (running, order of last end reversed, slot).
    loads: BTreeSet<(u32, i64, u32)>,
    /// All instances.
    pub(crate) instances: Level,
    /// Instances with at least one invocation.
    pub(crate) busy: Level,
    /// Invocations in flight.
    pub(crate) in_flight: Level,
    /// Provisioned instances.
    pub(crate) provisioned: Level,
    /// Provisioned instances with at least one invocation.
    pub(crate) provisioned_busy: Level,
    /// Asynchronous events waiting.
    pub(crate) backlog: Level,
    /// Attempts that wait to be admitted.
    pub(crate) waiting: u64,
    pub(crate) provisioned_target: u64,
    /// Integral of the invocations in flight at the last look of target tracking, and its time.
    pub(crate) tracked: (u64, i64),
    /// Whether a sweep event is in the queue.
    pub(crate) sweeping: bool,
    /// Whether a refill event is in the queue.
    pub(crate) refilling: bool,
}

impl Pool {
    pub(crate) fn new(routing: Routing, concurrency: u32) -> Self {
        Self {
            routing,
            concurrency,
            idle: IdleList::new(),
            idle_provisioned: IdleList::new(),
            by_serial: BinaryHeap::new(),
            any: Vec::new(),
            partly: vec![BitSet::default(); if concurrency > 1 { concurrency as usize } else { 0 }],
            filled: BitSet::default(),
            loads: BTreeSet::new(),
            instances: Level::default(),
            busy: Level::default(),
            in_flight: Level::default(),
            provisioned: Level::default(),
            provisioned_busy: Level::default(),
            backlog: Level::default(),
            waiting: 0,
            provisioned_target: 0,
            tracked: (0, i64::MAX),
            sweeping: false,
            refilling: false,
        }
    }

    /// Puts an instance that has just become idle into its list.
    #[inline]
    pub(crate) fn add_idle(&mut self, slots: &mut Slots, slot: u32) {
        if slots.all[slot as usize].provisioned {
            self.idle_provisioned.push(&mut slots.all, slot);
            return;
        }
        match self.routing {
            Routing::Newest => {
                if self.by_serial.len() > 2 * self.idle.len as usize + 64 {
                    // Expired instances leave their entries behind; sweep them out now and then.
                    self.by_serial.retain(|(serial, s)| is_idle(slots, *s, *serial));
                }
                self.by_serial.push((slots.rest[slot as usize].serial, slot));
            }
            Routing::Random => {
                slots.all[slot as usize].position = self.any.len() as u32;
                self.any.push(slot);
            }
            _ => {}
        }
        self.idle.push(&mut slots.all, slot);
    }

    /// Takes an idle instance out of its lists.
    #[inline]
    pub(crate) fn remove_idle(&mut self, slots: &mut Slots, slot: u32) {
        let all = &mut slots.all;
        if all[slot as usize].provisioned {
            self.idle_provisioned.remove(all, slot);
            return;
        }
        if self.routing == Routing::Random {
            let at = all[slot as usize].position;
            self.any.swap_remove(at as usize);
            if let Some(moved) = self.any.get(at as usize) {
                all[*moved as usize].position = at;
            }
        }
        self.idle.remove(all, slot);
    }

    /// The idle instance that the routing rule prefers. `uniform` decides where the rule is random.
    #[inline]
    pub(crate) fn choose_idle(&mut self, slots: &Slots, uniform: f64) -> Option<u32> {
        let list = if self.idle_provisioned.len > 0 { &self.idle_provisioned } else { &self.idle };
        let slot = match self.routing {
            Routing::LeastRecentlyUsed => list.oldest,
            Routing::MostRecentlyUsed | Routing::LeastLoaded => list.newest,
            _ if self.idle_provisioned.len > 0 || list.len == 0 => list.newest,
            Routing::Newest => loop {
                match self.by_serial.pop() {
                    Some((serial, slot)) if is_idle(slots, slot, serial) => break slot,
                    Some(_) => {}
                    None => break NONE,
                }
            },
            Routing::Random => self.any[((uniform * self.any.len() as f64) as usize).min(self.any.len() - 1)],
        };
        (slot != NONE).then_some(slot)
    }

    /// The busy instance with a free slot that the routing rule prefers.
    pub(crate) fn choose_partly(&self) -> Option<u32> {
        if self.routing == Routing::LeastLoaded {
            return self.loads.first().map(|(_, _, slot)| *slot);
        }
        self.filled.last().and_then(|running| self.partly[running as usize].first())
    }

    /// Whether idle instances go before busy ones with a free slot.
    pub(crate) fn idle_first(&self) -> bool {
        self.routing == Routing::LeastLoaded
    }

    /// Lists a busy shared instance under its load, if it has a free slot.
    pub(crate) fn add_partly(&mut self, instance: &Instance, slot: u32) {
        if instance.running == 0 || instance.running >= self.concurrency || instance.draining {
            return;
        }
        if self.routing == Routing::LeastLoaded {
            self.loads.insert((instance.running, -instance.idle_since, slot));
        } else {
            self.partly[instance.running as usize].insert(slot);
            self.filled.insert(instance.running);
        }
    }

    /// Takes it out again; call before its load changes.
    pub(crate) fn remove_partly(&mut self, instance: &Instance, slot: u32) {
        if self.routing == Routing::LeastLoaded {
            self.loads.remove(&(instance.running, -instance.idle_since, slot));
        } else if let Some(set) = self.partly.get_mut(instance.running as usize) {
            set.remove(slot);
            if set.is_empty() {
                self.filled.remove(instance.running);
            }
        }
    }
}

/// Whether the entry of an idle instance still stands for one.
fn is_idle(slots: &Slots, slot: u32, serial: u64) -> bool {
    let instance = &slots.all[slot as usize];
    instance.alive && instance.running == 0 && slots.rest[slot as usize].serial == serial
}
