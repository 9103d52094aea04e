//! From windows to the counts of the whole horizon: a window that was drawn takes the place of others of its stratum.

use crate::engine::Replication;
use crate::units::NANOS;

const HOUR: i64 = 3_600 * NANOS;

/// A replication under construction.
pub(super) struct Whole {
    sum: Option<Replication>,
    thinned: f64,
    /// Requests, and requests times the number of times they count.
    requests: f64,
    squares: f64,
}

impl Whole {
    /// Counts of durations are taken `thinned` times.
    pub(super) const fn new(thinned: f64) -> Self {
        Self { sum: None, thinned, requests: 0.0, squares: 0.0 }
    }

    /// Adds what was measured in `span`, `copies` times in all, so often at each of the places, which are starts of spans as long.
    pub(super) fn add(&mut self, part: &Replication, (from, to): (i64, i64), copies: u64, places: &[(i64, u64)]) {
        let sum = self.sum.get_or_insert_with(|| empty(part));
        let bin_ns = part.bin_ns;
        for (sum, part) in sum.functions.iter_mut().zip(&part.functions) {
            sum.add(part, copies, self.thinned);
            for (place, times) in places.iter().filter(|(_, times)| *times > 0) {
                let shift = place - from;
                for (at, bin) in stretch(&part.bins, from, to, bin_ns) {
                    if let Some(here) = sum.bins.get_mut(((at + shift) / bin_ns) as usize) {
                        here.add(bin, *times);
                    }
                }
                for (at, hour) in stretch(&part.hours, from, to, HOUR) {
                    if let Some(here) = sum.hours.get_mut(((at + shift) / HOUR) as usize) {
                        here.add_times(hour, *times);
                    }
                }
            }
        }
        for (sum, part) in sum.sources.iter_mut().zip(&part.sources) {
            sum.add(part, copies);
        }
        sum.events += part.events;
        sum.overrun = sum.overrun.or(part.overrun);
        let (requests, _) = part.requests();
        self.requests += requests as f64 * copies as f64;
        self.squares += requests as f64 * copies as f64 * copies as f64;
    }

    /// The counts; `None` if nothing was added.
    pub(super) fn finish(self) -> Option<Replication> {
        let mut sum = self.sum?;
        // Kish's effective number (1965, "Survey sampling", section 11.7): requests^2 / sum of weights^2.
        sum.excess = if self.requests > 0.0 { (self.squares / self.requests - 1.0).max(0.0) } else { 0.0 };
        Some(sum)
    }
}

/// A replication of the same shape without counts.
fn empty(part: &Replication) -> Replication {
    let mut sum = part.clone();
    for f in &mut sum.functions {
        let (bins, hours) = (f.bins.len(), f.hours.len());
        *f = Default::default();
        f.bins.resize(bins, Default::default());
        f.hours.resize(hours, Default::default());
    }
    sum.sources.iter_mut().for_each(|s| *s = Default::default());
    sum.events = 0;
    sum
}

/// The slots of a series that a span touches, each with the time in the span at which it begins.
fn stretch<T>(series: &[T], from: i64, to: i64, width: i64) -> impl Iterator<Item = (i64, &T)> {
    let (first, last) = ((from / width) as usize, ((to - 1) / width) as usize);
    (first..=last).filter_map(move |i| Some(((i as i64 * width).max(from), series.get(i)?)))
}
