//! Completions that are due after the arrivals at hand: a ring of buckets of equal width, unsorted, and a heap for what lies
//! beyond it. (Brown 1988, "Calendar queues", Communications of the ACM 31(10).)

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Widest bucket: 2^40 ns are 18 minutes.
const WIDEST: u32 = 40;
/// Fewest and most buckets.
const SHORTEST: usize = 256;
const LONGEST: usize = 1 << 15;
/// Completions between two looks at the width.
const REVIEW: u32 = 1 << 12;
/// Completions that a bucket should hold: enough that opening one is cheap a completion, few enough that little is looked at in
/// vain.
const WANTED: u64 = 32;

/// An invocation's end, and what it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Completion {
    pub(super) end: i64,
    pub(super) tag: u32,
}

/// Completions by time, roughly.
#[derive(Clone)]
pub(super) struct Pending {
    /// Bucket width is 2^shift nanoseconds.
    shift: u32,
    ring: Vec<Vec<Completion>>,
    in_ring: usize,
    /// Number of the first bucket of the ring (absolute, not modulo its length).
    open: i64,
    /// With a number that keeps the order of those at the same time.
    far: BinaryHeap<Reverse<(i64, u64, u32)>>,
    far_count: u64,
    // since the last review
    pushed: u32,
    far_pushed: u32,
    reviewed: i64,
}

impl Pending {
    /// Empty at `start`; `spacing` is the mean time between completions, as far as it is known.
    pub(super) fn new(start: i64, spacing: f64) -> Self {
        let shift = (libm::log2(spacing.max(1.0) * WANTED as f64) as u32).clamp(4, WIDEST);
        Self {
            shift,
            ring: vec![Vec::new(); SHORTEST],
            in_ring: 0,
            open: start >> shift,
            far: BinaryHeap::new(),
            far_count: 0,
            pushed: 0,
            far_pushed: 0,
            reviewed: start >> shift,
        }
    }

    /// Adds a completion that is not before what was taken out so far.
    #[inline]
    pub(super) fn push(&mut self, end: i64, tag: u32) {
        self.pushed += 1;
        self.place(Completion { end, tag });
        if self.pushed >= REVIEW {
            self.review();
        }
    }

    #[inline]
    fn place(&mut self, completion: Completion) {
        let bucket = (completion.end >> self.shift).max(self.open);
        if bucket - self.open < self.ring.len() as i64 {
            let slot = bucket as usize & (self.ring.len() - 1);
            self.ring[slot].push(completion);
            self.in_ring += 1;
        } else {
            self.far_pushed += 1;
            self.far_count += 1;
            self.far.push(Reverse((completion.end, self.far_count, completion.tag)));
        }
    }

    /// Hands over all that are due by `now`; those at the same time in the order in which they came, but for those of the heap.
    pub(super) fn take_due(&mut self, now: i64, mut give: impl FnMut(Completion)) {
        while let Some(&Reverse((end, _, tag))) = self.far.peek()
            && end <= now
        {
            self.far.pop();
            give(Completion { end, tag });
        }
        let last = now >> self.shift;
        let mask = self.ring.len() - 1;
        while self.open < last && self.in_ring > 0 {
            let bucket = &mut self.ring[self.open as usize & mask];
            self.in_ring -= bucket.len();
            bucket.drain(..).for_each(&mut give);
            self.open += 1;
        }
        self.open = self.open.max(last);
        let bucket = &mut self.ring[self.open as usize & mask];
        let before = bucket.len();
        let mut kept = 0;
        for i in 0..before {
            let completion = bucket[i];
            if completion.end <= now {
                give(completion);
            } else {
                bucket[kept] = completion;
                kept += 1;
            }
        }
        bucket.truncate(kept);
        self.in_ring -= before - kept;
    }

    /// Fits width and length to what was seen. Changes nothing else.
    #[cold]
    fn review(&mut self) {
        let passed = (self.open - self.reviewed).max(1) as u64;
        let pushed = u64::from(self.pushed);
        if self.far_pushed > self.pushed / 16 && self.ring.len() < LONGEST {
            self.rebuild(self.shift, self.ring.len() * 2);
        } else if pushed > 2 * WANTED * passed && self.shift > 4 {
            self.rebuild(self.shift - 1, self.ring.len());
        } else if 2 * pushed < WANTED * passed && self.shift < WIDEST {
            self.rebuild(self.shift + 1, self.ring.len());
        }
        (self.pushed, self.far_pushed, self.reviewed) = (0, 0, self.open);
    }

    fn rebuild(&mut self, shift: u32, buckets: usize) {
        let mut all: Vec<Completion> = Vec::new();
        let mask = self.ring.len() - 1;
        for ahead in 0..self.ring.len() as i64 {
            all.append(&mut self.ring[(self.open + ahead) as usize & mask]);
        }
        let far = std::mem::take(&mut self.far).into_sorted_vec();
        all.extend(far.into_iter().rev().map(|Reverse((end, _, tag))| Completion { end, tag }));
        let from = self.open << self.shift;
        (self.shift, self.open, self.in_ring) = (shift, from >> shift, 0);
        self.ring.resize(buckets, Vec::new());
        all.into_iter().for_each(|completion| self.place(completion));
    }
}

/// Sorts completions by time, those at the same time in the order in which they are: by counting, each in a bucket with at most a
/// few others, then by insertion.
#[derive(Clone, Default)]
pub(super) struct Sorter {
    counts: Vec<u32>,
}

impl Sorter {
    /// `into` becomes the sorted `items`, none of which is after `to`.
    pub(super) fn sort(&mut self, items: &[Completion], from: i64, to: i64, into: &mut Vec<Completion>) {
        /// A bucket with more than this is no case for insertion.
        const CROWDED: u32 = 24;
        into.clear();
        into.resize(items.len(), Completion::default());
        let buckets = (items.len() * 2).next_power_of_two().max(16);
        let width = to.saturating_sub(from).max(0) as u64;
        let shift = (64 - width.leading_zeros()).saturating_sub(buckets.trailing_zeros());
        self.counts.clear();
        self.counts.resize(buckets, 0);
        let bucket = |c: &Completion| ((c.end - from).max(0) as u64 >> shift) as usize & (buckets - 1);
        for c in items {
            self.counts[bucket(c)] += 1;
        }
        let (mut before, mut most) = (0, 0);
        for count in &mut self.counts {
            most = most.max(*count);
            before += std::mem::replace(count, before);
        }
        for c in items {
            let at = &mut self.counts[bucket(c)];
            if let Some(place) = into.get_mut(*at as usize) {
                *place = *c;
            }
            *at += 1;
        }
        if most > CROWDED {
            into.sort_by_key(|c| c.end);
            return;
        }
        for i in 1..into.len() {
            let c = into[i];
            let mut at = i;
            while at > 0 && into[at - 1].end > c.end {
                into[at] = into[at - 1];
                at -= 1;
            }
            into[at] = c;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against a stable sort, over many scales of time and through many changes of width.
    #[test]
    fn same_order_as_a_stable_sort() {
        let mut stream = crate::random::Key::new(7, 0).stream();
        let mut sorter = Sorter::default();
        for (spacing, gap) in [(1.0, 1e3), (1e6, 1e9), (1e12, 1e5)] {
            let mut pending = Pending::new(-1_000, spacing);
            let mut expected: Vec<Completion> = Vec::new();
            let mut now = -1_000_i64;
            for round in 0..3_000_u32 {
                for tag in 0..(stream.bits() % 100) as u32 {
                    let scale = 1_i64 << (stream.bits() % 45);
                    let completion = Completion { end: now + (stream.uniform() * scale as f64) as i64, tag: round << 8 | tag };
                    pending.push(completion.end, completion.tag);
                    expected.push(completion);
                }
                let from = now;
                now += (stream.uniform() * gap) as i64;
                let (mut found, mut sorted) = (Vec::new(), Vec::new());
                pending.take_due(now, |completion| found.push(completion));
                sorter.sort(&found, from, now, &mut sorted);
                let mut stable = found.clone();
                stable.sort_by_key(|c| c.end);
                assert_eq!(sorted, stable);
                let (mut due, rest): (Vec<_>, Vec<_>) = expected.into_iter().partition(|c| c.end <= now);
                expected = rest;
                due.sort_unstable();
                sorted.sort_unstable();
                assert_eq!(sorted, due);
            }
        }
    }
}
