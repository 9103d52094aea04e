//! What is known of each minute of a horizon without simulating it: its expected requests, and how much of the offered load is
//! likely to exceed a limit.

use crate::engine::intensity;
use crate::random::CELL_NANOS;
use crate::scenario::{Function, Limit, Scenario, Source};
use crate::workload::arrivals::Arrivals;
use crate::workload::intensity::Intensity;
use crate::workload::trace::{Records, Trace};

/// Expectations by minute.
pub(super) struct Loads {
    /// Requests of all sources.
    requests: Vec<f64>,
    /// Sum of `requests` before each minute, and of all.
    sums: Vec<f64>,
    /// Requests of each minute that are likely to be more than the limits admit.
    excess: Vec<f64>,
    /// Most invocations at once that a function's traffic takes, by function; without limits.
    offered: Vec<f64>,
    busy_ns: f64,
}

impl Loads {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let minutes = (scenario.simulation.horizon.0 + CELL_NANOS - 1).div_euclid(CELL_NANOS) as usize;
        let mut requests = vec![0.0; minutes];
        let mut by_function = vec![Vec::new(); scenario.functions.len()];
        let mut offered = vec![0.0; scenario.functions.len()];
        let mut busy_ns = 0.0;
        for (index, source) in scenario.traffic.iter().enumerate() {
            let of_source = by_minute(source, &intensity(scenario, index), minutes);
            let function: &mut Vec<f64> = &mut by_function[source.function];
            function.resize(minutes, 0.0);
            let seconds = duration(&scenario.functions[source.function]);
            busy_ns += of_source.iter().sum::<f64>() * seconds * 1e9;
            let most = of_source.iter().copied().fold(0.0, f64::max) / 60.0 * seconds * burst(&source.arrivals);
            offered[source.function] += most;
            for ((all, function), here) in requests.iter_mut().zip(function.iter_mut()).zip(&of_source) {
                *all += here;
                *function += here;
            }
        }
        let excess = excess(scenario, &by_function, minutes);
        let mut sums = Vec::with_capacity(minutes + 1);
        let mut sum = 0.0;
        sums.push(sum);
        sums.extend(requests.iter().map(|x| {
            sum += x;
            sum
        }));
        Self { requests, sums, excess, offered, busy_ns }
    }

    /// Of the whole horizon.
    pub(super) fn total(&self) -> f64 {
        self.sums.last().copied().unwrap_or(0.0)
    }

    /// Expected requests of a stretch, whole minutes of it; before the horizon at the rate of its first minute.
    pub(super) fn between(&self, from: i64, to: i64) -> f64 {
        let minute = |time: i64| (time.max(0) / CELL_NANOS) as usize;
        let at = |time: i64| self.sums.get(minute(time)).copied().unwrap_or(self.total());
        let before = (0 - from).max(0) as f64 / CELL_NANOS as f64 * self.requests.first().copied().unwrap_or(0.0);
        // The last minute may be a part of one.
        at(to + CELL_NANOS - 1) - at(from) + before
    }

    /// Expected requests beyond the limits, of whole minutes.
    pub(super) fn excess(&self, from: i64, to: i64) -> f64 {
        let minute = |time: i64| ((time / CELL_NANOS) as usize).min(self.excess.len());
        self.excess[minute(from)..minute(to)].iter().sum()
    }

    /// Most invocations at once that a function's traffic takes without limits, on average over the busiest minute.
    pub(super) fn offered(&self, function: usize) -> f64 {
        self.offered[function]
    }

    /// Time that all requests together are likely to take, nanoseconds.
    pub(super) const fn busy_ns(&self) -> f64 {
        self.busy_ns
    }
}

/// Mean seconds of an invocation with an instance to itself.
pub(super) fn duration(function: &Function) -> f64 {
    let work = &function.work;
    let alone = work.cpu.mean() / function.vcpu.get().min(1.0) + work.io.mean();
    let hangs = function.faults.hang.get() * function.timeout.as_secs_f64();
    let of_trace = if work.from_trace { 1.0 } else { 0.0 };
    (alone + of_trace + hangs).min(function.timeout.as_secs_f64())
}

/// How much faster than on average a source can be for a while.
fn burst(arrivals: &Arrivals) -> f64 {
    match arrivals {
        Arrivals::Mmpp(states) => {
            let most = states.iter().map(|state| state.rate.get()).fold(0.0, f64::max);
            if arrivals.mean_rate() > 0.0 { most / arrivals.mean_rate() } else { 1.0 }
        }
        _ => 1.0,
    }
}

fn by_minute(source: &Source, intensity: &Intensity, minutes: usize) -> Vec<f64> {
    let mut scratch = Vec::new();
    let flat = intensity.is_flat();
    let mut factor = |minute: usize| if flat { 60.0 } else { intensity.cell_area(minute as i64, &mut scratch) };
    match &source.arrivals {
        Arrivals::Trace(trace) => {
            let mut counts = of_trace(trace, minutes);
            if !flat {
                counts.iter_mut().enumerate().for_each(|(minute, count)| *count *= factor(minute) / 60.0);
            }
            counts
        }
        arrivals => {
            let rate = arrivals.mean_rate();
            (0..minutes).map(|minute| rate * factor(minute)).collect()
        }
    }
}

/// Arrivals of a trace in each minute.
fn of_trace(trace: &Trace, minutes: usize) -> Vec<f64> {
    let mut counts = vec![0.0; minutes];
    let horizon = minutes as i64 * CELL_NANOS;
    let period = trace.period().map_or(i64::MAX, |period| period.0);
    let mut turn = 0_i64;
    while turn < horizon {
        match trace.records() {
            Records::Timestamps { times, .. } => {
                for time in times.iter().map(|time| time + turn).filter(|time| *time < horizon) {
                    counts[(time / CELL_NANOS) as usize] += 1.0;
                }
            }
            Records::Counts { every, counts: recorded } => {
                for (i, count) in recorded.iter().enumerate().filter(|(_, count)| **count > 0) {
                    let from = turn + i as i64 * every.0;
                    let to = from + every.0;
                    // In each minute by its part of the interval.
                    for minute in from / CELL_NANOS..=(to - 1) / CELL_NANOS {
                        let part = to.min((minute + 1) * CELL_NANOS) - from.max(minute * CELL_NANOS);
                        if let Some(here) = counts.get_mut(minute as usize) {
                            *here += f64::from(*count) * part as f64 / every.0 as f64;
                        }
                    }
                }
            }
        }
        turn = turn.saturating_add(period);
    }
    counts
}

/// Requests that find a limit reached: those of a function beyond its own, and of all beyond the account's. The number at work
/// is about Poisson, here normal; what is beyond the limit on average is the excess.
fn excess(scenario: &Scenario, by_function: &[Vec<f64>], minutes: usize) -> Vec<f64> {
    let mut excess = vec![0.0; minutes];
    let account = &scenario.account;
    let most = |instances: Limit, concurrency: Limit, slots: f64| -> f64 {
        let instances = if instances == Limit::Unlimited { f64::INFINITY } else { instances.get() as f64 * slots };
        let concurrency = if concurrency == Limit::Unlimited { f64::INFINITY } else { concurrency.get() as f64 };
        instances.min(concurrency)
    };
    let seconds: Vec<f64> = scenario.functions.iter().map(duration).collect();
    let slots = |f: &Function| f64::from(f.instance_concurrency);
    let own: Vec<f64> = scenario.functions.iter().map(|f| most(f.max_instances, f.max_concurrency, slots(f))).collect();
    let all = most(account.max_instances, account.max_concurrency, scenario.functions.iter().map(slots).fold(1.0, f64::max));
    if all.is_infinite() && own.iter().all(|limit| limit.is_infinite()) {
        return excess;
    }
    for (minute, excess) in excess.iter_mut().enumerate() {
        let (mut requests, mut offered) = (0.0, 0.0);
        for ((of_function, seconds), own) in by_function.iter().zip(&seconds).zip(&own) {
            let here = of_function.get(minute).copied().unwrap_or(0.0);
            let at_once = here / 60.0 * seconds;
            *excess += here * beyond(at_once, *own);
            requests += here;
            offered += at_once;
        }
        *excess = excess.max(requests * beyond(offered, all));
    }
    excess
}

/// Share of a load that is beyond a limit, where the number at work is normal with the load as mean and variance.
fn beyond(load: f64, limit: f64) -> f64 {
    if load <= 0.0 || limit.is_infinite() {
        return 0.0;
    }
    let deviation = load.sqrt();
    let z = (limit - load) / deviation;
    let density = libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
    let above = 0.5 * libm::erfc(z / std::f64::consts::SQRT_2);
    (deviation * (density - z * above) / load).clamp(0.0, 1.0)
}
