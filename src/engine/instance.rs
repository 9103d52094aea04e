//! Instances and the lists they wait in while idle.

use super::bitset::BitSet;

/// No instance, call or link.
pub(crate) const NONE: u32 = u32::MAX;

/// One execution environment: what every invocation touches, in one cache line.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) function: u32,
    /// Invocations on it, those that wait for its start included.
    pub(crate) running: u32,
    /// Invocations it has started so far.
    pub(crate) served: u32,
    pub(crate) alive: bool,
    pub(crate) starting: bool,
    pub(crate) provisioned: bool,
    /// Takes no more work and ends when idle: beyond its age, or no longer provisioned.
    pub(crate) draining: bool,
    pub(crate) created: i64,
    pub(crate) retire_at: i64,
    /// The last invocation ended.
    pub(crate) idle_since: i64,
    /// Busy: start of the billed busy period not yet metered. Idle: start of the idle time not yet metered.
    pub(crate) metered_to: i64,
    pub(crate) prev: u32,
    pub(crate) next: u32,
    /// Position in the list for random choice.
    pub(crate) position: u32,
}

/// What only some mechanisms of an instance need.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    /// Position in the order of creation.
    pub(crate) serial: u64,
    /// Billed time of the running busy period that was metered in earlier hours.
    pub(crate) metered: i64,
    /// Bytes in use by running invocations.
    pub(crate) memory: u64,
    /// Time of the expiry event in the queue; `i64::MAX` if none. Outlives the instance: it belongs to the slot.
    pub(crate) timer_at: i64,
    /// When an idle instance with a drawn keep-alive is due to end.
    pub(crate) expires: i64,
    pub(crate) share: Shares,
}

/// Processor sharing, freeze and cost shares of an instance.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shares {
    /// CPU time that each invocation in its CPU phase has had since the phase list was last empty, nanoseconds of one vCPU.
    pub(crate) attained: f64,
    /// Time of the last update of `attained`.
    pub(crate) cpu_at: i64,
    /// Invocations in their CPU phase.
    pub(crate) cpu: Vec<CpuPhase>,
    /// Sequence number of the valid CPU event.
    pub(crate) cpu_seq: u32,
    /// Calls on the instance.
    pub(crate) calls: Vec<u32>,
    /// Integral of dt / running: what one of the invocations present has been charged.
    pub(crate) charged: f64,
    /// Time of the last update of `charged` and `unfrozen`.
    pub(crate) at: i64,
    /// Time not frozen so far.
    pub(crate) unfrozen: i64,
    /// Freezes so far.
    pub(crate) freezes: u32,
    /// Background work: (unfrozen time at which it is done, freezes when it began, whether it counts).
    pub(crate) background: Vec<(i64, u32, bool)>,
}

/// An invocation in its CPU phase on a shared instance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CpuPhase {
    /// Value of `attained` at which its demand is met.
    pub(crate) done: f64,
    pub(crate) deadline: i64,
    pub(crate) call: u32,
}

/// Idle instances in the order in which they became idle, doubly linked through `Instance`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdleList {
    /// The last to become idle.
    pub(crate) newest: u32,
    /// The longest idle.
    pub(crate) oldest: u32,
    pub(crate) len: u32,
}

impl IdleList {
    pub(crate) const fn new() -> Self {
        Self { newest: NONE, oldest: NONE, len: 0 }
    }

    #[inline]
    pub(crate) fn push(&mut self, instances: &mut [Instance], slot: u32) {
        let instance = &mut instances[slot as usize];
        instance.prev = self.newest;
        instance.next = NONE;
        if self.newest == NONE {
            self.oldest = slot;
        } else {
            instances[self.newest as usize].next = slot;
        }
        self.newest = slot;
        self.len += 1;
    }

    #[inline]
    pub(crate) fn remove(&mut self, instances: &mut [Instance], slot: u32) {
        let (prev, next) = (instances[slot as usize].prev, instances[slot as usize].next);
        if prev == NONE {
            self.oldest = next;
        } else {
            instances[prev as usize].next = next;
        }
        if next == NONE {
            self.newest = prev;
        } else {
            instances[next as usize].prev = prev;
        }
        self.len -= 1;
    }
}

/// All instances of all functions, in slots that are used again, lowest first.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    pub(crate) all: Vec<Instance>,
    pub(crate) rest: Vec<Rest>,
    free: BitSet,
    serial: u64,
}

impl Slots {
    /// A fresh instance in the lowest free slot.
    pub(crate) fn create(&mut self, function: u32, now: i64, max_age: i64) -> u32 {
        let slot = self.free.first().unwrap_or(self.all.len() as u32);
        self.serial += 1;
        let instance = Instance {
            function,
            running: 0,
            served: 0,
            alive: true,
            starting: false,
            provisioned: false,
            draining: false,
            created: now,
            retire_at: now.saturating_add(max_age),
            idle_since: now,
            metered_to: now,
            prev: NONE,
            next: NONE,
            position: NONE,
        };
        if slot as usize == self.all.len() {
            self.all.push(instance);
            self.rest.push(Rest {
                serial: 0,
                metered: 0,
                memory: 0,
                timer_at: i64::MAX,
                expires: i64::MAX,
                share: Shares::default(),
            });
        } else {
            self.free.remove(slot);
            self.all[slot as usize] = instance;
        }
        let rest = &mut self.rest[slot as usize];
        (rest.serial, rest.metered, rest.memory, rest.expires) = (self.serial, 0, 0, i64::MAX);
        // The lists keep their memory: a slot allocates only until it has seen its busiest time.
        let mut share = std::mem::take(&mut rest.share);
        share.cpu.clear();
        share.calls.clear();
        share.background.clear();
        rest.share = Shares {
            cpu: share.cpu,
            calls: share.calls,
            background: share.background,
            at: now,
            cpu_at: now,
            ..Shares::default()
        };
        slot
    }

    pub(crate) fn release(&mut self, slot: u32) {
        self.all[slot as usize].alive = false;
        self.free.insert(slot);
    }
}
