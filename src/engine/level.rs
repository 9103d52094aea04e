//! A number over time with its integral and peak.

/// Value, integral since the last flush, and peak since the last reset.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Level {
    pub(crate) value: u64,
    since: i64,
    area: u64,
    /// What was flushed before.
    flushed: u64,
    peak: u64,
}

impl Level {
    #[inline]
    fn advance(&mut self, now: i64) {
        // After the horizon nobody reads it, and it may wrap.
        self.area = self.area.wrapping_add(self.value.wrapping_mul((now - self.since) as u64));
        self.since = now;
    }

    #[inline]
    pub(crate) fn up(&mut self, now: i64) {
        self.advance(now);
        self.value += 1;
        self.peak = self.peak.max(self.value);
    }

    #[inline]
    pub(crate) fn down(&mut self, now: i64) {
        self.advance(now);
        self.value -= 1;
    }

    /// The integral since the last flush, in value x nanoseconds. Flushed every hour, it stays within 64 bits up to five
    /// million.
    pub(crate) fn flush(&mut self, now: i64) -> u64 {
        self.advance(now);
        self.flushed = self.flushed.wrapping_add(self.area);
        std::mem::take(&mut self.area)
    }

    /// The integral since the beginning; it wraps, and differences are right all the same.
    pub(crate) fn total(&self, now: i64) -> u64 {
        let since = self.value.wrapping_mul((now - self.since) as u64);
        self.flushed.wrapping_add(self.area).wrapping_add(since)
    }

    /// Starts to measure.
    pub(crate) fn reset(&mut self, now: i64) {
        self.flush(now);
        self.peak = self.value;
    }

    pub(crate) const fn peak(&self) -> u64 {
        self.peak
    }
}
