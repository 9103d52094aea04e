//! Completions that are under way: a ring of buckets of equal width, each one cache line, and a heap for what does not fit. A
//! bucket is sorted when its time has come. (Brown 1988, "Calendar queues", Communications of the ACM 31(10).)

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Completions in a bucket; more wait in the heap.
const ROW: usize = 8;
/// Widest bucket: offsets within it take 32 bits.
const WIDEST: u32 = 32;
/// Most buckets.
const LONGEST: usize = 1 << 17;
/// Completions between two looks at the width.
const REVIEW: u32 = 1 << 13;

#[repr(align(64))]
#[derive(Clone, Copy)]
struct Row([u64; ROW]);

/// Completions by time; those at the same nanosecond first in, first out, but for the few that have to wait in the heap.
pub(super) struct Calendar {
    /// Bucket width is 2^shift nanoseconds.
    shift: u32,
    rows: Vec<Row>,
    lens: Vec<u8>,
    /// Number of the bucket that is open (absolute, not modulo the ring).
    open: i64,
    /// Completions of the open bucket, latest first: offset in the bucket, then the tag.
    due: Vec<u64>,
    /// Time, number, tag.
    far: BinaryHeap<Reverse<(i64, u64, u32)>>,
    far_count: u64,
    /// Bucket of the first of `far`.
    far_bucket: i64,
    /// Completions in the ring.
    in_ring: usize,
    /// Nothing is due before.
    next: i64,
    // since the last review
    pushed: u32,
    far_pushed: u32,
    reviewed: i64,
}

impl Calendar {
    /// Empty at `start`; `spacing` is the mean time between completions, as far as it is known.
    pub(super) fn new(start: i64, spacing: f64) -> Self {
        let shift = (libm::log2(spacing.max(1.0)) as u32 + 1).clamp(4, WIDEST);
        let buckets = 256;
        Self {
            shift,
            rows: vec![Row([0; ROW]); buckets],
            lens: vec![0; buckets],
            open: start >> shift,
            due: Vec::new(),
            far: BinaryHeap::new(),
            far_count: 0,
            far_bucket: i64::MAX,
            in_ring: 0,
            next: start,
            pushed: 0,
            far_pushed: 0,
            reviewed: start >> shift,
        }
    }

    /// Adds a completion that is not before any taken out so far.
    #[inline]
    pub(super) fn push(&mut self, end: i64, tag: u32) {
        self.pushed += 1;
        self.place(end, tag);
        if self.pushed >= REVIEW {
            self.review();
        }
    }

    #[inline]
    fn place(&mut self, end: i64, tag: u32) {
        let bucket = end >> self.shift;
        let ahead = bucket - self.open;
        let entry = ((end - (bucket << self.shift)) as u64) << 32 | u64::from(tag);
        if ahead <= 0 {
            let at = self.due.iter().rposition(|other| other >> 32 > entry >> 32).map_or(0, |at| at + 1);
            self.due.insert(at, entry);
            self.next = self.next.min(end);
            return;
        }
        let slot = bucket as usize & (self.rows.len() - 1);
        let n = self.lens[slot] as usize;
        if ahead < self.rows.len() as i64 && n < ROW {
            self.rows[slot].0[n] = entry;
            self.lens[slot] += 1;
            self.in_ring += 1;
        } else {
            self.far_pushed += 1;
            self.far_count += 1;
            self.far.push(Reverse((end, self.far_count, tag)));
            self.far_bucket = self.far_bucket.min(bucket);
        }
    }

    /// Takes out the first completion at or before `now`: its time and tag.
    #[inline]
    pub(super) fn pop(&mut self, now: i64) -> Option<(i64, u32)> {
        if now < self.next { None } else { self.pop_due(now) }
    }

    fn pop_due(&mut self, now: i64) -> Option<(i64, u32)> {
        loop {
            if let Some(entry) = self.due.last() {
                let end = (self.open << self.shift) + (entry >> 32) as i64;
                if end > now {
                    self.next = end;
                    return None;
                }
                let tag = *entry as u32;
                self.due.pop();
                return Some((end, tag));
            }
            let last = now >> self.shift;
            if self.open >= last {
                self.next = (self.open + 1) << self.shift;
                return None;
            }
            self.advance(last);
        }
    }

    /// Opens the next bucket that holds completions, or `last` if none before does.
    #[inline]
    fn advance(&mut self, last: i64) {
        let mask = self.rows.len() - 1;
        loop {
            // An empty ring is passed over at once.
            self.open = if self.in_ring > 0 { self.open + 1 } else { last.min(self.far_bucket) };
            let slot = self.open as usize & mask;
            let n = self.lens[slot] as usize;
            if n > 0 {
                self.due.extend_from_slice(&self.rows[slot].0[..n]);
                self.lens[slot] = 0;
                self.in_ring -= n;
            }
            if self.open >= self.far_bucket {
                self.take_far();
            }
            if !self.due.is_empty() || self.open >= last {
                break;
            }
        }
        sort_latest_first(&mut self.due);
    }

    /// Moves the completions of the open bucket out of the heap.
    #[cold]
    fn take_far(&mut self) {
        while let Some(Reverse((end, _, tag))) = self.far.peek().copied() {
            let bucket = end >> self.shift;
            if bucket > self.open {
                self.far_bucket = bucket;
                return;
            }
            self.far.pop();
            self.due.push(((end - (bucket << self.shift)) as u64) << 32 | u64::from(tag));
        }
        self.far_bucket = i64::MAX;
    }

    /// Fits the width to the spacing that was seen: one or two completions a bucket. Changes nothing else.
    #[cold]
    fn review(&mut self) {
        let passed = (self.open - self.reviewed).max(1) as u64;
        let pushed = u64::from(self.pushed);
        if self.far_pushed > self.pushed / 16 && self.rows.len() < LONGEST {
            self.rebuild(self.shift, self.rows.len() * 2);
        } else if pushed > 3 * passed && self.shift > 4 {
            self.rebuild(self.shift - 1, self.rows.len());
        } else if 2 * pushed < passed && self.shift < WIDEST {
            self.rebuild(self.shift + 1, self.rows.len());
        }
        (self.pushed, self.far_pushed, self.reviewed) = (0, 0, self.open);
    }

    fn rebuild(&mut self, shift: u32, buckets: usize) {
        let mut all: Vec<(i64, u32)> = Vec::new();
        let time = |bucket: i64, entry: u64| ((bucket << self.shift) + (entry >> 32) as i64, entry as u32);
        all.extend(self.due.iter().rev().map(|entry| time(self.open, *entry)));
        for ahead in 1..self.rows.len() as i64 {
            let bucket = self.open + ahead;
            let slot = bucket as usize & (self.rows.len() - 1);
            all.extend(self.rows[slot].0[..self.lens[slot] as usize].iter().map(|entry| time(bucket, *entry)));
        }
        let far = std::mem::take(&mut self.far).into_sorted_vec();
        all.extend(far.into_iter().rev().map(|Reverse((end, _, tag))| (end, tag)));
        // Before this all has been taken out.
        let from = self.open << self.shift;
        self.due.clear();
        (self.shift, self.open, self.next) = (shift, from >> shift, from);
        (self.rows, self.lens) = (vec![Row([0; ROW]); buckets], vec![0; buckets]);
        (self.far_bucket, self.in_ring) = (i64::MAX, 0);
        for (end, tag) in all {
            self.place(end, tag);
        }
    }
}

/// By falling time; of equal times the ones that came later before those that came earlier. Few, and nearly always one or two.
#[inline]
fn sort_latest_first(due: &mut [u64]) {
    if due.len() > 16 {
        due.reverse();
        due.sort_by_key(|entry| std::cmp::Reverse(entry >> 32));
        return;
    }
    for i in 1..due.len() {
        let entry = due[i];
        let mut at = i;
        while at > 0 && due[at - 1] >> 32 <= entry >> 32 {
            due[at] = due[at - 1];
            at -= 1;
        }
        due[at] = entry;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against a binary heap, over many scales of time and through many changes of width.
    #[test]
    fn same_order_as_a_heap() {
        let mut stream = crate::random::Key::new(7, 0).stream();
        for spacing in [1.0, 1e6, 1e12] {
            let mut calendar = Calendar::new(-1_000, spacing);
            let mut heap = BinaryHeap::new();
            let mut now = -1_000_i64;
            for i in 0..200_000_u32 {
                let scale = 1_i64 << (stream.bits() % 40);
                let end = now + (stream.uniform() * scale as f64) as i64;
                calendar.push(end, i);
                heap.push((Reverse(end), Reverse(i)));
                if i % 3 == 0 {
                    now += (stream.uniform() * 1e9) as i64;
                }
                let mut at_once = Vec::new();
                while let Some(found) = calendar.pop(now) {
                    at_once.push(found);
                }
                let mut expected = Vec::new();
                while heap.peek().is_some_and(|(Reverse(end), _)| *end <= now) {
                    expected.extend(heap.pop().map(|(Reverse(end), Reverse(tag))| (end, tag)));
                }
                assert!(at_once.is_sorted_by_key(|(end, _)| *end));
                at_once.sort_unstable();
                assert_eq!(at_once, expected);
            }
        }
    }
}
