//! What the fast path counts: the current bin and hour in place, the rest where it belongs.

use crate::engine::clock::Clock;
use crate::engine::invocation::round_up;
use crate::engine::tally::{AttemptOutcome, Bin, FunctionTally, Replication, SourceTally, ThrottleCause};
use crate::histogram::Histogram;
use crate::platform::BillingRule;
use crate::platform::meter::{HourMeter, Waste};
use crate::units::{SimTime, Span};

/// The common granule.
const MILLI: i64 = 1_000_000;

/// Counts of one replication.
pub(super) struct Meter {
    tally: FunctionTally,
    /// Of the current bin.
    pub(super) bin: Bin,
    /// Of the current hour.
    hour: HourMeter,
    idle_release: i64,
    /// Idle time before this one has been metered.
    metered_to: i64,
    /// Since when instances are counted, and how much later or earlier than that some came and went, nanoseconds.
    since: i64,
    area: i64,
    peak: u64,
    /// Sum of the ages of used instances, in the current bin.
    pub(super) reused_age_ns: u64,
    busy_ns: u64,
    /// Durations of invocations that did not end `ok`.
    bad: Histogram,
}

impl Meter {
    pub(super) fn new(clock: &Clock, idle_release: Span) -> Self {
        Self {
            tally: clock.tallies(1).pop().unwrap_or_default(),
            bin: Bin::default(),
            hour: HourMeter::default(),
            idle_release: idle_release.0,
            metered_to: 0,
            since: 0,
            area: 0,
            peak: 0,
            reused_age_ns: 0,
            busy_ns: 0,
            bad: Histogram::new(),
        }
    }

    /// What is measured begins: what was counted so far does not count, but for what reaches into it.
    pub(super) fn begin(&mut self, at: i64, alive: u64) {
        let bins = std::mem::take(&mut self.tally.bins);
        let hours = std::mem::take(&mut self.tally.hours);
        let busy = self.tally.busy_ns;
        self.tally = FunctionTally { bins, hours, busy_ns: busy, ..FunctionTally::default() };
        (self.bin, self.hour, self.bad) = (Bin::default(), HourMeter::default(), Histogram::new());
        (self.since, self.area, self.peak, self.reused_age_ns, self.busy_ns) = (at, 0, alive, 0, 0);
        self.metered_to = at;
    }

    pub(super) fn instance_began(&mut self, at: i64, alive: u64) {
        self.area -= at - self.since;
        self.peak = self.peak.max(alive);
        self.tally.starts += 1;
    }

    pub(super) const fn instance_ended(&mut self, at: i64) {
        self.area += at - self.since;
    }

    /// An instance was idle from `since` to `at`: adds what is billed of it and has not been metered.
    #[inline]
    pub(super) fn idle(&mut self, since: i64, at: i64) {
        if self.meters_idle() {
            self.hour.idle_ns += self.idle_times()(since, at) as u64;
        }
    }

    /// Whether idle time is billed.
    pub(super) const fn meters_idle(&self) -> bool {
        self.idle_release > 0
    }

    /// What is billed of an idle time, as `idle` has it.
    fn idle_times(&self) -> impl Fn(i64, i64) -> i64 + use<> {
        let (release, metered_to) = (self.idle_release, self.metered_to);
        move |since, at| (at.min(since.saturating_add(release)) - since.max(metered_to)).max(0)
    }

    /// Instances were idle, each from `since` to a request at `at`.
    pub(super) fn all_idle(&mut self, since: &[i64], at: &[SimTime]) {
        let billed = self.idle_times();
        self.hour.idle_ns += since.iter().zip(at).map(|(since, at)| billed(*since, at.0) as u64).sum::<u64>();
    }

    /// An invocation that began now and will end then, billed so long if at all.
    #[inline]
    pub(super) fn invocation(
        &mut self,
        clock: &Clock,
        now: i64,
        end: i64,
        outcome: AttemptOutcome,
        (charge, billed): (u64, bool),
    ) {
        self.hour.active_ns += charge;
        self.hour.invocations += u64::from(billed);
        let span = Span(end - now);
        if outcome == AttemptOutcome::Ok {
            self.bin.ok += 1;
            self.tally.latency.record(span);
        } else {
            self.not_ok(span, outcome, charge, billed);
        }
        if end < clock.next_edge {
            self.bin.ended += 1;
            self.bin.bad += u64::from(outcome != AttemptOutcome::Ok);
            self.bin.billed_ns += charge;
            self.busy_ns += span.0 as u64;
        } else {
            self.ends_later(clock, now, end, outcome, charge);
        }
    }

    /// Instance starts so far.
    pub(super) const fn started(&self) -> u64 {
        self.tally.starts
    }

    /// Invocations on warm instances that succeeded, by their ends and lengths.
    pub(super) fn all_ok(&mut self, clock: &Clock, rule: &BillingRule, ends: &[i64], spans: &[i64]) {
        let (granule, minimum) = (rule.granule.0, rule.minimum.0);
        if granule == MILLI {
            self.charge_all(clock, ends, spans, |span| round_up(span, MILLI, minimum));
        } else {
            self.charge_all(clock, ends, spans, |span| round_up(span, granule, minimum));
        }
        self.hour.invocations += ends.len() as u64;
        self.bin.ok += ends.len() as u64;
        self.tally.latency.record_all(spans);
    }

    #[inline(always)]
    fn charge_all(&mut self, clock: &Clock, ends: &[i64], spans: &[i64], charge: impl Fn(i64) -> i64) {
        let edge = clock.next_edge;
        let (mut active, mut ended, mut billed, mut busy) = (0, 0, 0, 0);
        for (end, span) in ends.iter().zip(spans) {
            let charge = charge(*span) as u64;
            active += charge;
            if *end < edge {
                ended += 1;
                billed += charge;
                busy += *span as u64;
            } else {
                self.ends_later(clock, *end - *span, *end, AttemptOutcome::Ok, charge);
            }
        }
        self.hour.active_ns += active;
        self.bin.ended += ended;
        self.bin.billed_ns += billed;
        self.busy_ns += busy;
    }

    #[cold]
    fn not_ok(&mut self, span: Span, outcome: AttemptOutcome, charge: u64, billed: bool) {
        self.bad.record(span);
        self.tally.invocation_outcomes[outcome as usize] += 1;
        let class = match outcome {
            AttemptOutcome::Timeout => Waste::Timeout,
            AttemptOutcome::Crash => Waste::Crash,
            AttemptOutcome::InitFailure => Waste::InitFailure,
            _ => Waste::Error,
        };
        self.tally.waste_ns[class as usize] += charge;
        self.tally.waste_invocations[class as usize] += u64::from(billed);
    }

    /// An invocation that ends in a later bin or beyond the horizon.
    fn ends_later(&mut self, clock: &Clock, now: i64, end: i64, outcome: AttemptOutcome, charge: u64) {
        self.tally.busy_ns += (end.min(clock.to) - now.max(clock.from)).max(0) as u128;
        let inside = (clock.from..clock.to).contains(&end);
        let bin = if inside { Some((end / clock.bin_ns) as usize) } else { None };
        let spare = self.tally.bins.len() - 1;
        if let Some(bin) = self.tally.bins.get_mut(bin.unwrap_or(spare)) {
            bin.billed_ns += charge;
            bin.ended += u64::from(inside);
            bin.bad += u64::from(inside && outcome != AttemptOutcome::Ok);
        }
    }

    pub(super) fn throttled(&mut self, clock: &Clock, now: i64, cause: ThrottleCause) {
        debug_assert!(now < clock.next_edge);
        self.tally.throttled_by[cause as usize] += 1;
        self.bin.throttled += 1;
        self.bin.ended += 1;
        self.bin.bad += 1;
    }

    /// The current bin ends.
    pub(super) fn end_bin(&mut self, at: i64, bin: usize, alive: u64) {
        let area = self.area + alive as i64 * (at - self.since);
        (self.since, self.area) = (at, 0);
        self.tally.instance_ns += area as u128;
        self.tally.busy_ns += u128::from(std::mem::take(&mut self.busy_ns));
        self.tally.reused_age_ns += u128::from(std::mem::take(&mut self.reused_age_ns));
        let now = std::mem::take(&mut self.bin);
        if let Some(bin) = self.tally.bins.get_mut(bin) {
            bin.requests += now.requests;
            bin.ok += now.ok;
            bin.throttled += now.throttled;
            bin.ended += now.ended;
            bin.bad += now.bad;
            bin.billed_ns += now.billed_ns;
            bin.instance_ns += area as u64;
        }
    }

    /// The current hour ends, its idle instances metered.
    pub(super) fn end_hour(&mut self, at: i64, hour: usize) {
        self.metered_to = at;
        let now = std::mem::take(&mut self.hour);
        if let Some(hour) = self.tally.hours.get_mut(hour) {
            hour.add(&now);
        }
    }

    /// The counts as the general event loop would have them.
    pub(super) fn finish(self, clock: &Clock, arrivals: u64) -> Replication {
        let mut t = self.tally;
        let sum = |of: fn(&Bin) -> u64| t.bins.iter().map(of).sum::<u64>();
        (t.requests, t.ok) = (sum(|bin| bin.requests), sum(|bin| bin.ok));
        let throttled: u64 = t.throttled_by.iter().sum();
        t.attempts = t.requests;
        t.invocations = t.requests - throttled;
        t.failed = t.requests - t.ok;
        t.first_attempt_throttled = throttled;
        t.invocation_outcomes[AttemptOutcome::Ok as usize] = t.ok;
        t.attempt_outcomes = t.invocation_outcomes;
        t.attempt_outcomes[AttemptOutcome::Throttled as usize] = throttled;
        t.cold_starts = t.starts;
        t.reused = t.invocations - t.cold_starts;
        t.duration = t.latency.clone();
        t.duration.merge(&self.bad);
        t.latency_failed = self.bad;
        t.latency_failed.record_many(Span::ZERO, throttled);
        t.billed_ns = t.hours.iter().map(|hour| hour.active_ns).sum();
        t.billed_invocations = t.hours.iter().map(|hour| hour.invocations).sum();
        t.shared_out_ns = t.billed_ns;
        t.concurrency_ns = t.busy_ns;
        t.instances_peak = self.peak;
        let source = SourceTally {
            requests: t.requests,
            ok: t.ok,
            billed_ns: t.billed_ns,
            invocations: t.billed_invocations,
            ..SourceTally::default()
        };
        clock.trim(&mut t);
        Replication {
            functions: vec![t],
            sources: vec![source],
            calls: Vec::new(),
            dependencies: Vec::new(),
            caused: Vec::new(),
            bin_ns: clock.bin_ns,
            excess: 0.0,
            events: 2 * arrivals,
            overrun: None,
        }
    }
}
