//! The clock's edges: start and end of what is measured, timeline bins, billing hours.

use super::Engine;
use super::log::Log;
use super::tally::{Bin, FunctionTally, Replication};
use super::window::Window;
use crate::platform::meter::HourMeter;
use crate::units::NANOS;

const HOUR: i64 = 3_600 * NANOS;
/// Most timeline bins: enough to see a storm of a minute in a day, few enough for any horizon.
const MAX_BINS: i64 = 1_440;

pub(crate) struct Clock {
    pub(crate) now: i64,
    /// What is measured: the horizon, or a window of it.
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) bin_ns: i64,
    /// The timeline bin of now; one past the last outside of what is measured.
    pub(crate) bin: usize,
    bins: usize,
    /// The clock hour of now, likewise.
    pub(crate) hour: usize,
    hours: usize,
    pub(crate) next_edge: i64,
    /// Within [from, to).
    pub(crate) measuring: bool,
    /// Past that.
    pub(crate) done: bool,
}

impl Clock {
    /// Bins and hours are those of the whole horizon, whatever part of it is measured.
    pub(crate) fn new(window: Window, horizon: i64) -> Self {
        let bin_ns = bin_width(horizon);
        let bins = (horizon + bin_ns - 1).div_euclid(bin_ns) as usize;
        let hours = (horizon + HOUR - 1).div_euclid(HOUR) as usize;
        Self {
            now: window.start.0,
            from: window.from.0,
            to: window.to.0,
            bin_ns,
            bin: bins,
            bins,
            hour: hours,
            hours,
            next_edge: window.from.0,
            measuring: false,
            done: false,
        }
    }

    /// The hour of a clock time; the spare one outside of what is measured.
    #[inline]
    pub(crate) const fn hour_of(&self, time: i64) -> usize {
        if time >= self.from && time < self.to { (time / HOUR) as usize } else { self.hours }
    }

    /// Whether an edge ends a clock hour, or the last one early.
    pub(crate) const fn is_end_of_hour(&self, edge: i64) -> bool {
        edge % HOUR == 0 || edge == self.to
    }

    /// Moves over the next edge.
    pub(crate) fn cross(&mut self) {
        let at = self.next_edge;
        self.now = at;
        if at >= self.to {
            self.measuring = false;
            self.done = true;
            self.bin = self.bins;
            self.hour = self.hours;
            self.next_edge = i64::MAX;
            return;
        }
        self.measuring = true;
        self.bin = (at / self.bin_ns) as usize;
        self.hour = (at / HOUR) as usize;
        let next_bin = (self.bin as i64 + 1) * self.bin_ns;
        let next_hour = (self.hour as i64 + 1) * HOUR;
        self.next_edge = next_bin.min(next_hour).min(self.to);
    }

    /// Timeline bins, one spare included.
    pub(crate) const fn all_bins(&self) -> usize {
        self.bins + 1
    }

    /// Takes the spare bin and hour off, and what histograms have in reserve.
    pub(crate) fn trim(&self, tally: &mut FunctionTally) {
        tally.bins.truncate(self.bins);
        tally.hours.truncate(self.hours);
        for histogram in [&mut tally.latency, &mut tally.latency_failed, &mut tally.duration, &mut tally.async_age] {
            histogram.shrink();
        }
    }

    /// Empty tallies with a spare bin and hour at the end, for what happens outside of what is measured.
    pub(crate) fn tallies(&self, functions: usize) -> Vec<FunctionTally> {
        let one = FunctionTally {
            bins: vec![Bin::default(); self.bins + 1],
            hours: vec![HourMeter::default(); self.hours + 1],
            ..FunctionTally::default()
        };
        vec![one; functions]
    }
}

/// Length of a timeline bin, nanoseconds: the shortest round one of which a horizon has at most 1,440.
#[must_use]
pub fn bin_width(horizon: i64) -> i64 {
    const ROUND: [i64; 16] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 86_400];
    let fits = |seconds: &&i64| horizon <= **seconds * NANOS * MAX_BINS;
    ROUND.iter().find(fits).map_or(horizon / MAX_BINS + 1, |seconds| seconds * NANOS)
}

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    /// Moves over the next edge of the clock.
    #[cold]
    pub(crate) fn edge(&mut self) {
        let at = self.clock.next_edge;
        self.clock.now = at;
        if at == self.clock.from {
            self.begin_measuring();
        } else {
            self.flush_levels(at);
            if self.clock.is_end_of_hour(at) {
                self.meter_hour(at);
            }
        }
        self.clock.cross();
    }

    fn begin_measuring(&mut self) {
        let from = self.clock.from;
        for pool in &mut self.pools {
            for level in [&mut pool.instances, &mut pool.busy, &mut pool.in_flight, &mut pool.provisioned] {
                level.reset(from);
            }
            pool.provisioned_busy.reset(from);
            pool.backlog.reset(from);
        }
        self.dependencies.begin_measuring(from);
        if from > 0 {
            // What instances did so far was metered before.
            self.meter_hour(from);
            return;
        }
        // What instances did before the horizon is not on its bill.
        for instance in &mut self.slots.all {
            instance.metered_to = instance.metered_to.max(from);
        }
        for rest in &mut self.slots.rest {
            rest.metered = 0;
        }
    }

    /// Adds the integrals since the last edge to the totals and the bin that ends.
    fn flush_levels(&mut self, at: i64) {
        for ((pool, tally), model) in self.pools.iter_mut().zip(&mut self.tally).zip(&self.models) {
            let instances = pool.instances.flush(at);
            tally.instance_ns += u128::from(instances);
            tally.bins[self.clock.bin].instance_ns += instances;
            let busy = pool.busy.flush(at);
            tally.busy_ns += u128::from(busy);
            // Without sharing, an instance is an invocation, and only the busy ones are kept count of.
            let in_flight = if model.shared() { pool.in_flight.flush(at) } else { busy };
            tally.concurrency_ns += u128::from(in_flight);
            tally.backlog_ns += u128::from(pool.backlog.flush(at));
            tally.instances_peak = tally.instances_peak.max(pool.instances.peak());
            tally.backlog_peak = tally.backlog_peak.max(pool.backlog.peak());
            let (warm, busy) = (pool.provisioned.flush(at), pool.provisioned_busy.flush(at));
            let hour = &mut tally.hours[self.clock.hour];
            hour.provisioned_active_ns += busy;
            hour.provisioned_idle_ns += warm - busy;
        }
        self.dependencies.flush(at, self.clock.bin);
    }

    /// Meters busy periods and idle times that span the end of an hour.
    fn meter_hour(&mut self, at: i64) {
        for slot in 0..self.slots.all.len() {
            let instance = &self.slots.all[slot];
            if !instance.alive {
                continue;
            }
            if instance.running == 0 {
                self.meter_idle(slot as u32, at);
            } else if self.models[instance.function as usize].busy_billing() {
                self.meter_busy(slot as u32, at, false);
            }
        }
    }

    /// The counts, once the run is over.
    pub(crate) fn finish(mut self) -> Replication {
        for tally in &mut self.tally {
            tally.in_flight = tally.requests - tally.ok - tally.failed - tally.dropped;
            self.clock.trim(tally);
        }
        let calls = self.source_tally.split_off(self.scenario.traffic.len());
        let bins = self.clock.bins;
        Replication {
            functions: self.tally,
            sources: self.source_tally,
            calls,
            dependencies: self.dependencies.finish(bins),
            caused: self.routes.caused,
            bin_ns: self.clock.bin_ns,
            excess: 0.0,
            events: self.events,
            overrun: self.overrun.then_some(crate::units::Span(self.clock.now)),
        }
    }
}
