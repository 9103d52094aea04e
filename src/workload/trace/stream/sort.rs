//! Sorting more than fits into memory: sorted chunks go to a store, and are merged from there.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{Read, Seek, SeekFrom, Write};

use super::super::TraceError;

/// Invocations in memory at once, 24 bytes each.
const CHUNK: usize = 1_000_000;
/// Bytes of an invocation in the store.
const BYTES: usize = 20;
/// Invocations of a chunk read from the store at once.
const AHEAD: usize = 4_096;

/// Order: place of the function's name, arrival, duration.
type Key = (u32, i64, i64);

/// An invocation of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Invocation {
    /// Its number.
    pub(super) function: u32,
    /// Nanoseconds from the recording's clock 0.
    pub(super) at: i64,
    /// Nanoseconds.
    pub(super) duration: i64,
}

impl Invocation {
    fn bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..4].copy_from_slice(&self.function.to_le_bytes());
        bytes[4..12].copy_from_slice(&self.at.to_le_bytes());
        bytes[12..].copy_from_slice(&self.duration.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8; BYTES]) -> Self {
        let [a, b, c, d, rest @ ..] = *bytes;
        let [at @ .., d0, d1, d2, d3, d4, d5, d6, d7] = rest;
        Self {
            function: u32::from_le_bytes([a, b, c, d]),
            at: i64::from_le_bytes(at),
            duration: i64::from_le_bytes([d0, d1, d2, d3, d4, d5, d6, d7]),
        }
    }

    /// Equal arrivals are ordered by duration: the order of the rows means nothing.
    fn key(&self, ranks: &[u32]) -> Key {
        (ranks[self.function as usize], self.at, self.duration)
    }
}

/// Takes invocations in any order.
pub(super) struct Sorter<S> {
    store: S,
    chunk: Vec<Invocation>,
    most: usize,
    /// Where chunks begin and end in the store, in bytes.
    runs: Vec<(u64, u64)>,
    written: u64,
}

impl<S: Read + Write + Seek> Sorter<S> {
    pub(super) fn new(store: S, chunk: Option<usize>) -> Self {
        Self { store, chunk: Vec::new(), most: chunk.unwrap_or(CHUNK).max(1), runs: Vec::new(), written: 0 }
    }

    /// `ranks` are the places of the functions so far in the order of their names.
    pub(super) fn push(&mut self, invocation: Invocation, ranks: impl FnOnce() -> Vec<u32>) -> Result<(), TraceError> {
        if self.chunk.len() == self.most {
            self.spill(&ranks())?;
        }
        self.chunk.push(invocation);
        Ok(())
    }

    fn spill(&mut self, ranks: &[u32]) -> Result<(), TraceError> {
        self.chunk.sort_unstable_by_key(|invocation| invocation.key(ranks));
        let from = self.written;
        let mut bytes = Vec::with_capacity(AHEAD * BYTES);
        for part in self.chunk.chunks(AHEAD) {
            bytes.clear();
            part.iter().for_each(|invocation| bytes.extend_from_slice(&invocation.bytes()));
            self.store.write_all(&bytes).map_err(|error| unstored(&error))?;
            self.written += bytes.len() as u64;
        }
        self.runs.push((from, self.written));
        self.chunk.clear();
        Ok(())
    }

    /// All of them, sorted by function and arrival. `ranks` are those of all functions.
    pub(super) fn finish(mut self, ranks: Vec<u32>) -> Result<Sorted<S>, TraceError> {
        if self.runs.is_empty() {
            self.chunk.sort_unstable_by_key(|invocation| invocation.key(&ranks));
        } else if !self.chunk.is_empty() {
            self.spill(&ranks)?;
        }
        self.store.flush().map_err(|error| unstored(&error))?;
        let memory = Run { at: 0, end: 0, ahead: std::mem::take(&mut self.chunk), next: 0 };
        let stored = self.runs.iter().map(|(at, end)| Run { at: *at, end: *end, ahead: Vec::new(), next: 0 });
        let runs = if self.runs.is_empty() { vec![memory] } else { stored.collect() };
        let mut sorted = Sorted { store: self.store, runs, ranks, heap: BinaryHeap::new() };
        for run in 0..sorted.runs.len() {
            sorted.queue(run)?;
        }
        Ok(sorted)
    }
}

/// Gives invocations in order.
pub(super) struct Sorted<S> {
    store: S,
    runs: Vec<Run>,
    ranks: Vec<u32>,
    /// The next invocation of each run, the first on top.
    heap: BinaryHeap<Reverse<(Key, usize, u32)>>,
}

/// A sorted chunk: what of it is in memory, and where the rest is.
struct Run {
    at: u64,
    end: u64,
    ahead: Vec<Invocation>,
    next: usize,
}

impl<S: Read + Seek> Sorted<S> {
    /// The next one; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Invocation>, TraceError> {
        let Some(Reverse(((_, at, duration), run, function))) = self.heap.pop() else { return Ok(None) };
        self.queue(run)?;
        Ok(Some(Invocation { function, at, duration }))
    }

    /// Puts the next invocation of a run on the heap.
    fn queue(&mut self, index: usize) -> Result<(), TraceError> {
        let run = &mut self.runs[index];
        if run.next == run.ahead.len() && run.at < run.end {
            let bytes = (run.end - run.at).min((AHEAD * BYTES) as u64);
            let mut buffer = vec![0; bytes as usize];
            let read = self.store.seek(SeekFrom::Start(run.at)).and_then(|_| self.store.read_exact(&mut buffer));
            read.map_err(|error| unstored(&error))?;
            run.at += bytes;
            run.ahead.clear();
            run.ahead.extend(buffer.as_chunks::<BYTES>().0.iter().map(Invocation::read));
            run.next = 0;
        }
        if let Some(invocation) = run.ahead.get(run.next) {
            run.next += 1;
            self.heap.push(Reverse((invocation.key(&self.ranks), index, invocation.function)));
        }
        Ok(())
    }
}

fn unstored(error: &std::io::Error) -> TraceError {
    let hint = "Make room where temporary files are kept, or name another folder for them in TMPDIR.";
    TraceError::new(0, format!("the trace is larger than memory, and what is sorted cannot be kept: {error}"), hint)
}
