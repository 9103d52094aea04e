//! What is worked out for a batch of arrivals at once, in loops without branches: when each would end on a warm instance, and the
//! completions that fall between the arrivals, in their order. What is left to do one after the other is to take instances
//! from the stack of idle ones and put them back.

use super::pending::{Completion, Sorter};
use crate::engine::tally::AttemptOutcome;
use crate::units::SimTime;

/// Most arrivals of a batch, and fewest where starts are so frequent that what is worked out is often void.
pub(super) const MOST: usize = 1_024;
pub(super) const FEWEST: usize = 16;

/// In the tag of a completion: the instance does not survive it.
pub(super) const DIES: u32 = 1 << 31;
/// An attempt that was refused has no end.
const NEVER: i64 = i64::MIN;

/// An arrival that is not a success on a warm instance: it is counted by itself.
#[derive(Clone, Copy)]
pub(super) struct Odd {
    pub(super) at: usize,
    pub(super) outcome: AttemptOutcome,
    /// From when on it is charged.
    pub(super) charged_from: i64,
}

/// A batch of arrivals.
#[derive(Clone, Default)]
pub(super) struct Batch {
    /// When each ends.
    pub(super) ends: Vec<i64>,
    /// Each one's place, with `DIES` if its instance does not survive.
    tags: Vec<u32>,
    /// In the order of the arrivals.
    pub(super) odd: Vec<Odd>,
    /// Some completion up to the last arrival may end its instance.
    dies: bool,
    /// Instance of each arrival, then of each completion from before the batch.
    pub(super) slots: Vec<u32>,
    /// Completions up to the last arrival, in no order, then in theirs, with one at the end of time. Tags are places in `slots`.
    items: Vec<Completion>,
    pub(super) due: Vec<Completion>,
    /// The first of `due` that is left.
    pub(super) next: usize,
    pub(super) last: i64,
    sorter: Sorter,
    pub(super) spans: Vec<i64>,
    /// Since when each arrival's instance was idle, where that is billed.
    pub(super) since: Vec<i64>,
}

impl Batch {
    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.ends.clear();
        self.odd.clear();
        self.tags.clear();
        self.dies = false;
    }

    /// The next arrival's plan.
    pub(super) fn plan(&mut self, end: i64) {
        self.ends.push(end);
    }

    /// Plans of arrivals that take so long.
    pub(super) fn plan_all(&mut self, times: &[SimTime], lengths: impl Iterator<Item = i64>) {
        self.ends.extend(times.iter().zip(lengths).map(|(time, length)| time.0.saturating_add(length)));
    }

    /// Takes back the plans after the n-th.
    pub(super) fn keep(&mut self, n: usize) {
        self.ends.truncate(n);
    }

    /// An arrival with another plan.
    pub(super) fn amend(&mut self, at: usize, now: i64, end: i64, outcome: AttemptOutcome, dies: bool) {
        self.note(at, outcome, now, dies);
        self.ends[at] = end;
    }

    /// The plan of an arrival that will not be a success.
    pub(super) fn plan_odd(&mut self, now: i64, end: i64, outcome: AttemptOutcome, dies: bool) {
        let at = self.ends.len();
        self.note(at, outcome, now, dies);
        self.ends.push(end);
    }

    fn note(&mut self, at: usize, outcome: AttemptOutcome, charged_from: i64, dies: bool) {
        let odd = Odd { at, outcome, charged_from };
        match self.odd.binary_search_by_key(&at, |odd| odd.at) {
            Ok(place) => self.odd[place] = odd,
            Err(place) => self.odd.insert(place, odd),
        }
        if dies && self.tags.len() <= at {
            let from = self.tags.len() as u32;
            self.tags.extend(from..=at as u32);
        }
        self.dies |= dies;
        if let Some(tag) = self.tags.get_mut(at) {
            *tag = at as u32 | if dies { DIES } else { 0 };
        }
    }

    /// All arrivals are planned; `before` gives the completions from before the batch that are due by the last one, with their
    /// instances as tags.
    pub(super) fn order(&mut self, from: i64, last: i64, before: impl FnOnce(&mut dyn FnMut(Completion))) {
        let n = self.ends.len();
        let planned = self.tags.len() as u32;
        self.tags.extend(planned..n as u32);
        self.slots.clear();
        self.slots.resize(n, 0);
        self.items.clear();
        let (slots, items, dies) = (&mut self.slots, &mut self.items, &mut self.dies);
        before(&mut |Completion { end, tag }| {
            *dies |= tag & DIES != 0;
            items.push(Completion { end, tag: slots.len() as u32 | (tag & DIES) });
            slots.push(tag & !DIES);
        });
        // Without a branch: each is written, those that count stay. The last arrival's own end is due after it.
        let mut kept = items.len();
        items.resize(kept + n, Completion::default());
        for (end, tag) in self.ends.iter().zip(&self.tags).take(n - 1) {
            items[kept] = Completion { end: *end, tag: *tag };
            kept += usize::from(*end <= last);
        }
        items.truncate(kept);
        self.sorter.sort(items, from, last, &mut self.due);
        self.due.push(Completion { end: i64::MAX, tag: 0 });
        self.since.resize(n, 0);
        (self.next, self.last) = (0, last);
    }

    /// Completions that are left, the one at the end of time included.
    pub(super) fn left(&self) -> usize {
        self.due.len() - self.next
    }

    /// When the next instance does not survive.
    pub(super) fn next_death(&self) -> i64 {
        let dying = || self.due[self.next..].iter().find(|c| c.tag & DIES != 0);
        if self.dies { dying().map_or(i64::MAX, |c| c.end) } else { i64::MAX }
    }

    /// An arrival took another course than planned.
    pub(super) fn replan(&mut self, at: usize, end: i64, outcome: AttemptOutcome, charged_from: i64, dies: bool) {
        let planned = (self.ends[at], self.tags[at]);
        self.note(at, outcome, charged_from, dies);
        self.ends[at] = end;
        if planned == (end, self.tags[at]) {
            return;
        }
        self.withdraw(at, planned.0);
        if end <= self.last && at + 1 < self.ends.len() {
            let place = self.next + self.due[self.next..].partition_point(|c| c.end <= end);
            self.due.insert(place, Completion { end, tag: self.tags[at] });
        }
    }

    /// An arrival was refused.
    pub(super) fn refuse(&mut self, at: usize) {
        let planned = self.ends[at];
        self.note(at, AttemptOutcome::Throttled, 0, false);
        self.ends[at] = NEVER;
        self.withdraw(at, planned);
    }

    fn withdraw(&mut self, at: usize, planned: i64) {
        if planned <= self.last && at + 1 < self.ends.len() {
            let left = &self.due[self.next..];
            if let Some(place) = left.iter().position(|c| c.tag & !DIES == at as u32 && c.end == planned) {
                self.due.remove(self.next + place);
            }
        }
    }

    /// Hands over the completions after the last arrival, with their instances as tags.
    pub(super) fn later(&self, mut give: impl FnMut(i64, u32)) {
        let n = self.ends.len();
        for (at, (end, slot)) in self.ends.iter().zip(&self.slots).enumerate() {
            if *end > self.last || (at + 1 == n && *end != NEVER) {
                give(*end, slot | (self.tags[at] & DIES));
            }
        }
    }

    /// Lengths of the arrivals in these places.
    pub(super) fn measure(&mut self, times: &[SimTime], from: usize, to: usize) {
        self.spans.clear();
        let pairs = times[from..to].iter().zip(&self.ends[from..to]);
        self.spans.extend(pairs.map(|(time, end)| end - time.0));
    }
}
