//! Idle instances, the last used on top, and when they end.

use std::collections::VecDeque;

use crate::engine::draws::attempt_key;
use crate::random::{Key, Purpose};
use crate::scenario::{Function, KeepAlive};
use crate::units::Span;
use crate::workload::distribution::Distribution;

/// Keep-alives that are drawn need a lower bound of at least this, so that few draws are made: only those of instances that
/// were idle for longer.
const LEAST_BOUND: Span = Span::from_secs(1);
const FOREVER: i64 = Span::FOREVER.0;

#[derive(Clone, Copy, Default)]
pub(in crate::engine) struct Entry {
    /// The last invocation ended.
    pub(in crate::engine) since: i64,
    pub(in crate::engine) slot: u32,
}

/// The idle instances of a function whose last used instance is chosen first.
pub(in crate::engine) struct Idle<'a> {
    /// By the end of the last invocation; those before `front` are gone, those from `top` on are room to grow.
    stack: Vec<Entry>,
    front: usize,
    top: usize,
    /// No keep-alive is shorter, and all are this long unless they are drawn.
    least: i64,
    drawn: Option<&'a Distribution>,
    max_age: i64,
    /// Nothing ends before this time.
    pub(in crate::engine) next: i64,
    /// When the first of `stack` end, as far as that was looked at; `drawn` only.
    ends: VecDeque<i64>,
    /// Time cell and index of the last request of each instance; `drawn` only.
    last: Vec<(i32, u32)>,
    /// Instances by creation, some of them gone; where the age is limited.
    by_age: VecDeque<(i64, u32)>,
}

impl<'a> Idle<'a> {
    /// Whether a function's keep-alive can be handled here.
    pub(in crate::engine) fn suits(spec: &Function) -> bool {
        match &spec.keep_alive {
            KeepAlive::Constant(_) => true,
            KeepAlive::Drawn(law) => law.quantile(0.0) >= LEAST_BOUND.as_secs_f64(),
        }
    }

    pub(in crate::engine) fn new(spec: &'a Function) -> Self {
        let (least, drawn) = match &spec.keep_alive {
            KeepAlive::Constant(span) => (span.0, None),
            // Less one, for rounding.
            KeepAlive::Drawn(law) => (Span::from_secs_f64(law.quantile(0.0)).0 - 1, Some(law)),
        };
        Self {
            stack: Vec::new(),
            front: 0,
            top: 0,
            least,
            drawn,
            max_age: spec.max_age.0,
            next: i64::MAX,
            ends: VecDeque::new(),
            last: Vec::new(),
            by_age: VecDeque::new(),
        }
    }

    /// Goes back to the state of another one of the same function.
    pub(in crate::engine) fn set_to(&mut self, other: &Self) {
        self.stack.clear();
        self.stack.extend_from_slice(other.entries());
        (self.front, self.top, self.next) = (0, self.stack.len(), other.next);
        self.ends.clone_from(&other.ends);
        self.last.clone_from(&other.last);
        self.by_age.clone_from(&other.by_age);
    }

    #[inline]
    pub(in crate::engine) const fn len(&self) -> u64 {
        (self.top - self.front) as u64
    }

    /// When an instance created then is too old to live on.
    #[inline]
    pub(in crate::engine) const fn retires(&self, created: i64) -> i64 {
        created.saturating_add(self.max_age)
    }

    /// An instance was created.
    pub(in crate::engine) fn began(&mut self, now: i64, slot: u32) {
        if self.max_age < FOREVER {
            self.by_age.push_back((now, slot));
        }
        if self.drawn.is_some() && self.last.len() <= slot as usize {
            self.last.resize(slot as usize + 1, (0, 0));
        }
    }

    /// A request was given to an instance: its keep-alive will be this request's draw.
    #[inline]
    pub(in crate::engine) fn identify(&mut self, slot: u32, cell: i32, index: u32) {
        if self.drawn.is_some() {
            self.last[slot as usize] = (cell, index);
        }
    }

    /// An instance becomes idle.
    #[inline]
    pub(in crate::engine) fn push(&mut self, since: i64, slot: u32, created: i64) {
        let top = self.top;
        self.room(1)[top] = Entry { since, slot };
        self.top += 1;
        let end = self.bound(since).min(self.retires(created));
        self.next = self.next.min(end);
    }

    /// An instance idle since then lives at least until this time: idle for exactly the keep-alive is still warm.
    #[inline]
    const fn bound(&self, since: i64) -> i64 {
        if self.least >= FOREVER { i64::MAX } else { since.saturating_add(self.least).saturating_add(1) }
    }

    /// The last used one: since when it is idle, and which it is.
    #[inline]
    pub(in crate::engine) fn last(&self) -> Option<(i64, u32)> {
        let entry = self.entries().last()?;
        Some((entry.since, entry.slot))
    }

    /// Takes the last used one out.
    #[inline]
    pub(in crate::engine) fn pop(&mut self) {
        self.top -= 1;
        if self.top < self.front + self.ends.len() {
            self.ends.pop_back();
        }
    }

    /// Whether all instances have the same keep-alive and no limit of age, so that they end in the order of the stack.
    pub(in crate::engine) const fn is_constant(&self) -> bool {
        self.drawn.is_none() && self.max_age >= FOREVER
    }

    /// Nothing ends before this time, whatever becomes idle after `since`.
    pub(in crate::engine) fn lasts_until(&self, since: i64) -> i64 {
        self.next.min(self.bound(since))
    }

    /// Those that are idle, the last used last.
    fn entries(&self) -> &[Entry] {
        &self.stack[self.front..self.top]
    }

    /// The stack with room for so many more.
    fn room(&mut self, more: usize) -> &mut [Entry] {
        if self.stack.len() < self.top + more {
            self.stack.resize((self.top + more) * 2, Entry::default());
        }
        &mut self.stack
    }

    /// Lets somebody work on the stack, who puts at most so many more on it: it is handed over with the places of its floor and
    /// top, and the new top comes back.
    #[inline(always)]
    pub(in crate::engine) fn work(&mut self, more: usize, on: impl FnOnce(&mut [Entry], usize, usize) -> usize) {
        let (floor, top) = (self.front, self.top);
        self.top = on(self.room(more), floor, top);
        let first = self.entries().first().map_or(i64::MAX, |entry| self.bound(entry.since));
        self.next = self.next.min(first);
    }

    /// Since when each is idle.
    pub(in crate::engine) fn since(&self) -> impl Iterator<Item = i64> + '_ {
        self.entries().iter().map(|entry| entry.since)
    }

    /// Takes out one whose time is over by `now`, in no particular order: when it ended, since when it was idle, which it is.
    /// `None` once there is none, and `next` is known again.
    pub(in crate::engine) fn pop_expired(&mut self, now: i64, source: Key, created: &[i64]) -> Option<(i64, i64, u32)> {
        let found = self.pop_aged(now, source, created).or_else(|| {
            if self.drawn.is_some() { self.pop_drawn(now, source, created) } else { self.pop_longest(now, source, created) }
        });
        if found.is_none() {
            let oldest = self.by_age.front().map_or(i64::MAX, |(created, _)| self.retires(*created));
            let first = self.entries().get(self.ends.len()).map_or(i64::MAX, |entry| self.bound(entry.since));
            self.next = self.ends.iter().copied().min().unwrap_or(i64::MAX).min(first).min(oldest);
        }
        found
    }

    /// One that is too old. A busy one is seen to when it comes free.
    fn pop_aged(&mut self, now: i64, source: Key, created: &[i64]) -> Option<(i64, i64, u32)> {
        while let Some(&(born, slot)) = self.by_age.front() {
            if self.retires(born) > now {
                return None;
            }
            self.by_age.pop_front();
            let place = self.entries().iter().position(|entry| entry.slot == slot);
            if let Some(at) = place.filter(|_| created[slot as usize] == born) {
                return self.remove(at, source, created);
            }
        }
        None
    }

    /// The longest idle, if its constant keep-alive is over.
    fn pop_longest(&mut self, now: i64, source: Key, created: &[i64]) -> Option<(i64, i64, u32)> {
        let entry = *self.entries().first()?;
        if self.end_of(entry, source, created) > now { None } else { self.remove(0, source, created) }
    }

    /// One of those that were idle for longer than the least keep-alive, whose own is over.
    fn pop_drawn(&mut self, now: i64, source: Key, created: &[i64]) -> Option<(i64, i64, u32)> {
        while let Some(entry) = self.entries().get(self.ends.len()).copied() {
            if self.bound(entry.since) > now {
                break;
            }
            self.ends.push_back(self.end_of(entry, source, created));
        }
        let at = self.ends.iter().position(|end| *end <= now)?;
        self.remove(at, source, created)
    }

    /// When an idle instance ends.
    fn end_of(&self, entry: Entry, source: Key, created: &[i64]) -> i64 {
        let too_old = self.retires(created[entry.slot as usize]);
        let Some(law) = self.drawn else { return self.bound(entry.since).min(too_old) };
        let (cell, index) = self.last[entry.slot as usize];
        let key = attempt_key(source, cell, index, 0, false).purpose(Purpose::KeepAlive);
        let drawn = Span::from_secs_f64(law.sample(&mut key.stream())).0;
        entry.since.saturating_add(drawn).saturating_add(1).min(too_old)
    }

    /// Takes the one at this place out: when it ended, since when it was idle, which it is.
    fn remove(&mut self, at: usize, source: Key, created: &[i64]) -> Option<(i64, i64, u32)> {
        let entry = *self.entries().get(at)?;
        let end = self.ends.remove(at).unwrap_or_else(|| self.end_of(entry, source, created));
        if at == 0 {
            self.drop_front();
        } else {
            self.stack.remove(self.front + at);
            self.top -= 1;
        }
        Some((end, entry.since, entry.slot))
    }

    /// Leaves the first one out; room is made now and then.
    fn drop_front(&mut self) {
        self.front += 1;
        if self.front > 64 && self.front * 2 > self.top {
            self.stack.drain(..self.front);
            self.top -= self.front;
            self.front = 0;
        }
    }
}
