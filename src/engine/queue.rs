//! The event queue: a calendar of short sorted lists. Events leave in the order of (time, sequence number), so equal times
//! leave first in, first out.
//!
//! Near events hang in a ring of buckets, each a linked list in one pool (no allocation once the pool has grown); the bucket
//! that is due is sorted when it opens. Far events wait in a binary heap. Insertion and removal take O(1) while the bucket
//! width fits the spacing of events, which the queue adapts; the order never depends on the width. (Brown 1988, "Calendar
//! queues", Communications of the ACM 31(10).)

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// An event: when, which one, and what. The sequence number also tells a valid event from one that was superseded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Event {
    pub(crate) time: i64,
    pub(crate) seq: u32,
    /// Kind in the top 4 bits, index below.
    what: u32,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum EventKind {
    /// An invocation ends (call).
    End,
    /// A cold start ends on a shared instance (instance).
    Ready,
    /// A CPU phase ends or times out on a shared instance (instance).
    Cpu,
    /// The caller gives up (call).
    ClientTimeout,
    /// A retry or redelivery is due, or a wait in the pending queue is over (call).
    Due,
    /// The longest idle instance may be due to end (function).
    Sweep,
    /// An instance may be due to end by a drawn keep-alive or its age (instance).
    Expire,
    /// Start tokens are back: the pending queue may move (function).
    Refill,
    /// The number of provisioned instances changes (function).
    Provision,
    /// An invocation's own work is done, its calls begin (call).
    Steps,
    /// A dependency call ends, is given up or tried again (dependency call).
    Dependency,
    /// An event changes what a dependency can serve (dependency).
    Capacity,
    /// A message's visibility timeout is over (message).
    Visible,
    /// A poller looks at its queue again (queue).
    Look,
}

const KINDS: [EventKind; 14] = [
    EventKind::End,
    EventKind::Ready,
    EventKind::Cpu,
    EventKind::ClientTimeout,
    EventKind::Due,
    EventKind::Sweep,
    EventKind::Expire,
    EventKind::Refill,
    EventKind::Provision,
    EventKind::Steps,
    EventKind::Dependency,
    EventKind::Capacity,
    EventKind::Visible,
    EventKind::Look,
];

impl Event {
    pub(crate) fn kind(self) -> EventKind {
        KINDS[(self.what >> 28) as usize]
    }
    pub(crate) const fn index(self) -> u32 {
        self.what & 0x0fff_ffff
    }
}

const NONE: u32 = u32::MAX;
/// Mean events a bucket above which buckets get narrower.
const CROWDED: u32 = 6;
/// Events that may be squeezed in before a bucket that was opened too early.
const CROWD: usize = 64;
/// Inserts between two looks at the bucket width.
const REVIEW: u32 = 1 << 13;

#[derive(Clone, Copy)]
struct Node {
    event: Event,
    next: u32,
}

pub(crate) struct EventQueue {
    /// Bucket width is 2^shift nanoseconds.
    shift: u32,
    /// Narrowing below this sent too many events to the heap.
    floor: u32,
    heads: Vec<u32>,
    occupied: Vec<u64>,
    nodes: Vec<Node>,
    free: u32,
    /// Number of the bucket that is open (absolute, not modulo the ring).
    open: i64,
    /// Events of the open bucket, latest first.
    current: Vec<Event>,
    far: BinaryHeap<Reverse<Event>>,
    in_ring: usize,
    /// Whether the open bucket was opened since the last look.
    fresh: bool,
    seq: u32,
    // since the last review
    inserts: u32,
    far_inserts: u32,
    opened: u32,
    opened_events: u32,
}

impl EventQueue {
    pub(crate) fn new(start: i64) -> Self {
        let shift = 18; // 0.26 ms to begin with
        let buckets = 1024;
        Self {
            shift,
            floor: 0,
            heads: vec![NONE; buckets],
            occupied: vec![0; buckets / 64],
            nodes: Vec::new(),
            free: NONE,
            open: start >> shift,
            current: Vec::new(),
            far: BinaryHeap::new(),
            in_ring: 0,
            fresh: false,
            seq: 0,
            inserts: 0,
            far_inserts: 0,
            opened: 0,
            opened_events: 0,
        }
    }

    /// Inserts an event and returns its sequence number.
    #[inline]
    pub(crate) fn push(&mut self, time: i64, kind: EventKind, index: u32) -> u32 {
        debug_assert!(index < 1 << 28);
        let seq = self.seq;
        self.seq = self.seq.wrapping_add(1);
        self.inserts += 1;
        self.place(Event { time, seq, what: (kind as u32) << 28 | index });
        if self.inserts >= REVIEW {
            self.review();
        }
        seq
    }

    #[inline]
    fn place(&mut self, event: Event) {
        let bucket = event.time >> self.shift;
        if bucket < self.open && self.current.len() >= CROWD {
            // Looking ahead opened a bucket long before its time; go back to where the events are.
            self.current.push(event);
            self.rebuild(self.shift, self.heads.len());
        } else if bucket <= self.open {
            // Into the open bucket: few are later than this one, so look from the end where the next ones are.
            let at = self.current.iter().rposition(|e| *e > event).map_or(0, |i| i + 1);
            self.current.insert(at, event);
        } else if bucket - self.open < self.heads.len() as i64 {
            self.hang(bucket, event);
        } else {
            self.far_inserts += 1;
            self.far.push(Reverse(event));
        }
    }

    #[inline]
    fn hang(&mut self, bucket: i64, event: Event) {
        let slot = bucket as usize & (self.heads.len() - 1);
        let node = Node { event, next: self.heads[slot] };
        let at = if self.free == NONE {
            self.nodes.push(node);
            (self.nodes.len() - 1) as u32
        } else {
            let at = self.free;
            self.free = self.nodes[at as usize].next;
            self.nodes[at as usize] = node;
            at
        };
        self.heads[slot] = at;
        self.occupied[slot / 64] |= 1 << (slot % 64);
        self.in_ring += 1;
    }

    /// The time of the next event; `i64::MAX` if there is none.
    #[inline]
    pub(crate) fn next_time(&mut self) -> i64 {
        if self.current.is_empty() && !self.advance() {
            return i64::MAX;
        }
        self.current.last().map_or(i64::MAX, |e| e.time)
    }

    /// The events of the bucket that has just been opened, once; empty at all other times.
    #[inline]
    pub(crate) fn just_opened(&mut self) -> &[Event] {
        if std::mem::take(&mut self.fresh) { &self.current } else { &[] }
    }

    /// Takes the next event.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Event> {
        if self.current.is_empty() && !self.advance() {
            return None;
        }
        self.current.pop()
    }

    /// Opens the next bucket that holds events.
    fn advance(&mut self) -> bool {
        let far = self.far.peek().map_or(i64::MAX, |Reverse(e)| e.time >> self.shift);
        let near = self.next_occupied();
        let bucket = near.min(far);
        if bucket == i64::MAX {
            return false;
        }
        self.open = bucket;
        if near == bucket {
            self.empty_bucket(bucket);
        }
        // Far events that the ring now reaches move into it.
        let reach = bucket + self.heads.len() as i64;
        while let Some(Reverse(event)) = self.far.peek().copied() {
            let at = event.time >> self.shift;
            if at >= reach {
                break;
            }
            self.far.pop();
            if at <= bucket { self.current.push(event) } else { self.hang(at, event) }
        }
        if self.current.len() > 1 {
            self.current.sort_unstable_by(|a, b| b.cmp(a));
        }
        self.fresh = true;
        self.opened += 1;
        self.opened_events += self.current.len() as u32;
        true
    }

    fn empty_bucket(&mut self, bucket: i64) {
        let slot = bucket as usize & (self.heads.len() - 1);
        let mut at = self.heads[slot];
        self.heads[slot] = NONE;
        self.occupied[slot / 64] &= !(1 << (slot % 64));
        while at != NONE {
            let node = self.nodes[at as usize];
            self.current.push(node.event);
            self.nodes[at as usize].next = self.free;
            self.free = at;
            at = node.next;
            self.in_ring -= 1;
        }
    }

    /// Absolute number of the first bucket after the open one that holds events.
    fn next_occupied(&self) -> i64 {
        if self.in_ring == 0 {
            return i64::MAX;
        }
        let mask = self.heads.len() - 1;
        let start = (self.open + 1) as usize & mask;
        let words = self.occupied.len();
        let mut word = start / 64;
        let mut bits = self.occupied[word] & (u64::MAX << (start % 64));
        // One more word than there are: the first is looked at twice, its low part last.
        for _ in 0..=words {
            if bits != 0 {
                let slot = word * 64 + bits.trailing_zeros() as usize;
                return self.open + 1 + (slot.wrapping_sub(start) & mask) as i64;
            }
            word = (word + 1) & (words - 1);
            bits = self.occupied[word];
        }
        i64::MAX
    }

    /// Fits the width and number of buckets to what was seen.
    #[cold]
    fn review(&mut self) {
        let crowded = self.opened_events > CROWDED * self.opened.max(1);
        if self.far_inserts > self.inserts / 8 {
            self.floor = self.shift + 1;
            self.rebuild(self.shift + 1, self.heads.len());
        } else if crowded && self.shift > self.floor.max(4) {
            self.rebuild(self.shift - 1, self.heads.len());
        } else if crowded && self.heads.len() < 1 << 15 {
            self.floor = self.floor.saturating_sub(1);
            self.rebuild(self.shift.saturating_sub(1), self.heads.len() * 2);
        }
        self.inserts = 0;
        self.far_inserts = 0;
        self.opened = 0;
        self.opened_events = 0;
    }

    fn rebuild(&mut self, shift: u32, buckets: usize) {
        let mut events: Vec<Event> = std::mem::take(&mut self.current);
        let slots = self.heads.len() as i64;
        for bucket in self.open + 1..self.open + slots {
            if self.heads[bucket as usize & (self.heads.len() - 1)] != NONE {
                self.empty_bucket(bucket);
            }
        }
        events.append(&mut self.current);
        events.extend(std::mem::take(&mut self.far).into_iter().map(|Reverse(e)| e));
        let first = events.iter().map(|e| e.time).min().unwrap_or(self.open << self.shift);
        self.shift = shift.min(40);
        self.heads = vec![NONE; buckets];
        self.occupied = vec![0; buckets / 64];
        self.nodes.clear();
        self.free = NONE;
        self.in_ring = 0;
        self.open = (first >> self.shift) - 1;
        for event in events {
            self.place(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(queue: &mut EventQueue) -> Vec<(i64, u32)> {
        std::iter::from_fn(|| queue.pop()).map(|e| (e.time, e.index())).collect()
    }

    #[test]
    fn ties_leave_first_in_first_out() {
        let mut queue = EventQueue::new(0);
        for (time, index) in [(5, 0), (3, 1), (5, 2), (3, 3), (1 << 50, 4), (5, 5)] {
            queue.push(time, EventKind::End, index);
        }
        assert_eq!(drain(&mut queue), [(3, 1), (3, 3), (5, 0), (5, 2), (5, 5), (1 << 50, 4)]);
    }

    /// A burst that arrives while the next known event is an hour away.
    #[test]
    fn looking_far_ahead_costs_nothing_later() {
        let mut queue = EventQueue::new(0);
        queue.push(3_600_000_000_000, EventKind::Sweep, 0);
        assert_eq!(queue.next_time(), 3_600_000_000_000);
        for i in 0..20_000_u32 {
            queue.push(i64::from(i.wrapping_mul(2_654_435_761) >> 2), EventKind::End, i);
        }
        assert!(queue.current.len() <= CROWD);
        let times: Vec<i64> = drain(&mut queue).iter().map(|e| e.0).collect();
        assert!(times.is_sorted() && times.len() == 20_001);
    }

    /// Against a binary heap, over many scales of time and through many changes of width.
    #[test]
    fn same_order_as_a_heap() {
        let mut stream = crate::random::Key::new(7, 0).stream();
        let mut queue = EventQueue::new(-1_000_000);
        let mut heap = BinaryHeap::new();
        let mut now = -1_000_000;
        for i in 0..400_000_u32 {
            if i % 5 < 3 || heap.is_empty() {
                let scale = 1_i64 << (stream.bits() % 44);
                let time = now + (stream.uniform() * scale as f64) as i64;
                let seq = queue.push(time, EventKind::Due, i & 0xffff);
                heap.push(Reverse((time, seq)));
            } else {
                let event = queue.pop().unwrap();
                assert_eq!(heap.pop(), Some(Reverse((event.time, event.seq))));
                now = event.time;
            }
        }
        while let Some(Reverse(expected)) = heap.pop() {
            assert_eq!(queue.pop().map(|e| (e.time, e.seq)), Some(expected));
        }
        assert!(queue.pop().is_none());
    }
}
