//! Counts that count several times: what a window that stands for others adds to the whole.

use super::tally::{Bin, FunctionTally, SourceTally};

fn each<const N: usize>(sum: &mut [u64; N], part: &[u64; N], times: u64) {
    sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part * times);
}

impl FunctionTally {
    /// Adds all counts of another but its bins and hours, so many times; of the durations, `thinned` times as many.
    pub fn add(&mut self, part: &Self, times: u64, thinned: f64) {
        let wide = u128::from(times);
        self.requests += part.requests * times;
        self.attempts += part.attempts * times;
        self.invocations += part.invocations * times;
        self.ok += part.ok * times;
        self.failed += part.failed * times;
        self.dropped += part.dropped * times;
        self.in_flight += part.in_flight * times;
        each(&mut self.attempt_outcomes, &part.attempt_outcomes, times);
        each(&mut self.invocation_outcomes, &part.invocation_outcomes, times);
        each(&mut self.throttled_by, &part.throttled_by, times);
        self.first_attempt_throttled += part.first_attempt_throttled * times;
        self.cold_starts += part.cold_starts * times;
        self.reused += part.reused * times;
        self.reused_age_ns += part.reused_age_ns * wide;
        let often = times as f64 * thinned;
        self.latency.merge_times(&part.latency, often);
        self.latency_failed.merge_times(&part.latency_failed, often);
        self.duration.merge_times(&part.duration, often);
        self.async_age.merge_times(&part.async_age, often);
        self.billed_ns += part.billed_ns * times;
        each(&mut self.waste_ns, &part.waste_ns, times);
        self.billed_invocations += part.billed_invocations * times;
        each(&mut self.waste_invocations, &part.waste_invocations, times);
        self.shared_out_ns += part.shared_out_ns * times;
        self.instance_ns += part.instance_ns * wide;
        self.busy_ns += part.busy_ns * wide;
        self.concurrency_ns += part.concurrency_ns * wide;
        self.instances_peak = self.instances_peak.max(part.instances_peak);
        self.starts += part.starts * times;
        self.backlog_ns += part.backlog_ns * wide;
        self.backlog_peak = self.backlog_peak.max(part.backlog_peak);
        self.duplicates += part.duplicates * times;
        self.dead_letters += part.dead_letters * times;
        self.redeliveries += part.redeliveries * times;
        each(&mut self.background, &part.background, times);
    }
}

impl SourceTally {
    /// Adds all counts of another, so many times.
    pub fn add(&mut self, part: &Self, times: u64) {
        self.requests += part.requests * times;
        self.ok += part.ok * times;
        self.billed_invocations += part.billed_invocations * times;
        each(&mut self.waste_invocations, &part.waste_invocations, times);
        self.billed_ns += part.billed_ns * times;
        self.invocations += part.invocations * times;
        self.stopped += part.stopped * times;
    }
}

impl Bin {
    /// Adds all counts of another, so many times.
    pub const fn add(&mut self, part: &Self, times: u64) {
        self.requests += part.requests * times;
        self.ok += part.ok * times;
        self.throttled += part.throttled * times;
        self.ended += part.ended * times;
        self.bad += part.bad * times;
        self.instance_ns += part.instance_ns * times;
        self.billed_ns += part.billed_ns * times;
    }
}
