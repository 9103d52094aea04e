//! A log-bucket histogram of durations: integers only, so equal on every machine; buckets at most 0.1 % wide.

use crate::units::Span;

/// Sub-buckets an octave: 2^10, so a bucket is at most 1/1024 = 0.098 % of its lower edge wide.
const BITS: u32 = 10;
const SUB: usize = 1 << BITS;

/// Counts of durations by bucket. Below 2^10 ns the buckets are one nanosecond wide.
///
/// ```
/// # use faascast::{histogram::Histogram, units::Span};
/// let mut h = Histogram::new();
/// h.record(Span::from_millis(120));
/// assert!((h.quantile(0.5).unwrap().as_secs_f64() / 0.120 - 1.0).abs() < 0.001);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u32>,
    total: u64,
    sum: u128,
    max: i64,
}

#[inline]
fn bucket(nanos: i64) -> usize {
    let v = nanos.max(0) as u64;
    let octave = (63 - (v | 1).leading_zeros()).saturating_sub(BITS);
    // In octave o >= 1 the value's top 11 bits lie in 1024..2048, so buckets of successive octaves join without a gap.
    ((octave as usize) << BITS) + (v >> octave) as usize
}

fn lower_edge(bucket: usize) -> u64 {
    if bucket < 2 * SUB { bucket as u64 } else { ((bucket & (SUB - 1)) as u64 + SUB as u64) << ((bucket >> BITS) - 1) }
}

impl Histogram {
    /// An empty histogram; it allocates when the range of what it has seen grows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one duration.
    #[inline]
    pub fn record(&mut self, span: Span) {
        let b = bucket(span.0);
        if b >= self.counts.len() {
            self.grow(b);
        }
        self.counts[b] = self.counts[b].saturating_add(1);
        self.total += 1;
        self.sum += span.0.max(0) as u128;
        self.max = self.max.max(span.0);
    }

    /// Counts durations in nanoseconds, as one by one.
    pub fn record_all(&mut self, nanos: &[i64]) {
        let (mut sum, mut max) = (0_u128, self.max);
        for n in nanos {
            let b = bucket(*n);
            if b >= self.counts.len() {
                self.grow(b);
            }
            self.counts[b] = self.counts[b].saturating_add(1);
            sum += n.max(&0).unsigned_abs() as u128;
            max = max.max(*n);
        }
        self.total += nanos.len() as u64;
        self.sum += sum;
        self.max = max;
    }

    /// Counts the same duration a number of times.
    pub fn record_many(&mut self, span: Span, times: u64) {
        if times == 0 {
            return;
        }
        let b = bucket(span.0);
        if b >= self.counts.len() {
            self.grow(b);
        }
        self.counts[b] = self.counts[b].saturating_add(u32::try_from(times).unwrap_or(u32::MAX));
        self.total += times;
        self.sum += span.0.max(0) as u128 * u128::from(times);
        self.max = self.max.max(span.0);
    }

    #[cold]
    fn grow(&mut self, bucket: usize) {
        // To the end of the octave after: a run settles after a few calls.
        self.counts.resize(((bucket >> BITS) + 2) << BITS, 0);
    }

    /// Memory of the buckets.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.counts.capacity() * size_of::<u32>()
    }

    /// How many were counted.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.total
    }

    /// Exact mean in seconds; `None` if empty.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.total > 0).then(|| self.sum as f64 / 1e9 / self.total as f64)
    }

    /// Exact sum in seconds.
    #[must_use]
    pub fn sum_secs(&self) -> f64 {
        self.sum as f64 / 1e9
    }

    /// Exact maximum; `None` if empty.
    #[must_use]
    pub fn max(&self) -> Option<Span> {
        (self.total > 0).then_some(Span(self.max))
    }

    /// The q-quantile, linear inside its bucket; `None` if empty. `q` is clamped to 0..=1.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<Span> {
        quantile_of(&[self], &[], q)
    }

    /// How many are below a duration, linear inside its bucket: the inverse of `quantile`. Of those in the same nanosecond it
    /// counts a half, so a pile of equal durations (a wait of 0) lies on both sides of itself.
    #[must_use]
    pub fn count_below(&self, span: Span) -> f64 {
        let b = bucket(span.0);
        let below: u64 = self.counts.iter().take(b).map(|c| u64::from(*c)).sum();
        let (lo, hi) = (lower_edge(b) as f64, lower_edge(b + 1) as f64);
        let inside = ((span.0 as f64 + 0.5 - lo) / (hi - lo)).clamp(0.0, 1.0);
        below as f64 + inside * self.counts.get(b).map_or(0.0, |c| f64::from(*c))
    }

    /// Adds all counts of another.
    pub fn merge(&mut self, other: &Self) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (a, b) in self.counts.iter_mut().zip(&other.counts) {
            *a = a.saturating_add(*b);
        }
        self.total += other.total;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }

    /// Adds the counts of another so many times, rounded so that no sum of them from the shortest on is off by more than a half.
    pub fn merge_times(&mut self, other: &Self, times: f64) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        let (mut seen, mut given) = (0_u64, 0_u64);
        for (a, b) in self.counts.iter_mut().zip(&other.counts).filter(|(_, b)| **b > 0) {
            seen += u64::from(*b);
            let up_to = (seen as f64 * times + 0.5) as u64;
            *a = a.saturating_add(u32::try_from(up_to - given).unwrap_or(u32::MAX));
            given = up_to;
        }
        if other.total > 0 {
            // Durations are kept in proportion to what was counted.
            self.total += given;
            self.sum += (other.sum as f64 * (given as f64 / other.total as f64) + 0.5) as u128;
            self.max = self.max.max(other.max);
        }
    }

    /// Buckets that hold counts, in rising order: (lower edge, upper edge, count).
    pub fn buckets(&self) -> impl Iterator<Item = (Span, Span, u64)> + '_ {
        let edge = |b| Span(lower_edge(b) as i64);
        self.counts.iter().enumerate().filter(|(_, c)| **c > 0).map(move |(b, c)| (edge(b), edge(b + 1), u64::from(*c)))
    }

    /// Drops the spare memory of a finished histogram.
    pub fn shrink(&mut self) {
        let used = self.counts.iter().rposition(|c| *c > 0).map_or(0, |b| b + 1);
        self.counts.truncate(used);
        self.counts.shrink_to_fit();
    }
}

/// Quantile of the pool of `plus` without `minus` (each of `minus` must be among `plus`): what a jackknife asks for.
#[must_use]
pub fn quantile_of(plus: &[&Histogram], minus: &[&Histogram], q: f64) -> Option<Span> {
    let total: u64 = plus.iter().map(|h| h.total).sum::<u64>() - minus.iter().map(|h| h.total).sum::<u64>();
    if total == 0 {
        return None;
    }
    let max = plus.iter().map(|h| h.max).max().unwrap_or(0);
    let buckets = plus.iter().map(|h| h.counts.len()).max().unwrap_or(0);
    let at = |hs: &[&Histogram], b: usize| hs.iter().map(|h| u64::from(h.counts.get(b).copied().unwrap_or(0))).sum::<u64>();
    let rank = q.clamp(0.0, 1.0) * total as f64;
    let mut below = 0_u64;
    for b in 0..buckets {
        let here = at(plus, b) - at(minus, b);
        if here > 0 && (below + here) as f64 >= rank {
            let (lo, hi) = (lower_edge(b) as f64, lower_edge(b + 1) as f64);
            let inside = ((rank - below as f64) / here as f64).clamp(0.0, 1.0);
            return Some(Span(((lo + (hi - lo) * inside) as i64).min(max)));
        }
        below += here;
    }
    Some(Span(max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_join_and_are_narrow() {
        let mut last = 0;
        for b in 1..40 * SUB {
            let (lo, hi) = (lower_edge(b), lower_edge(b + 1));
            assert_eq!(bucket(lo as i64), b);
            assert_eq!(bucket(hi as i64 - 1), b);
            assert!(lo > last && (hi - lo) as f64 <= (lo as f64 / 1024.0).max(1.0));
            last = lo;
        }
    }

    #[test]
    fn count_below_inverts_quantile() {
        let mut h = Histogram::new();
        (0..10_000).for_each(|i| h.record(Span(1_000_000 + i * 7919)));
        for q in [0.01, 0.5, 0.95, 0.999] {
            assert!((h.count_below(h.quantile(q).unwrap()) / 1e4 - q).abs() < 1e-4);
        }
        assert_eq!((h.count_below(Span(0)), h.count_below(Span::FOREVER)), (0.0, 1e4));
    }

    #[test]
    fn leave_one_out_equals_the_pool_of_the_others() {
        let spread = |from: i64| {
            let mut h = Histogram::new();
            (0..1000).for_each(|i| h.record(Span(from + i * 7919)));
            h
        };
        let (a, b, c) = (spread(1_000_000), spread(5_000_000), spread(90_000));
        assert_eq!(quantile_of(&[&a, &b, &c], &[&b], 0.9), quantile_of(&[&a, &c], &[], 0.9));
    }
}
