//! The simulator that anyone would write first: a binary heap of events, one at a time, every variate drawn when it is needed.
//! It counts requests, cold starts, instances and the mean duration, nothing else.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use faascast::random::Stream;
use faascast::workload::ziggurat;

/// What it counts.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) requests: u64,
    pub(crate) cold_starts: u64,
    pub(crate) seconds: f64,
    pub(crate) instances: usize,
}

/// What can happen, after its time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    End(u32),
    Arrival,
}

/// Poisson arrivals at `rate` a second, work with a log-normal law of this mean and coefficient of variation, the last used
/// instance first, kept alive for ten minutes.
pub(crate) fn run(rate: f64, (mean, cv): (f64, f64), requests: u64, stream: &mut Stream) -> Counts {
    const KEEP_ALIVE: f64 = 600.0;
    let sigma2 = libm::log1p(cv * cv);
    let (mu, sigma) = (libm::log(mean) - 0.5 * sigma2, sigma2.sqrt());
    let nanos = |seconds: f64| (seconds * 1e9) as i64;
    let mut counts = Counts::default();
    let mut events = BinaryHeap::from([Reverse((0_i64, Event::Arrival))]);
    // When each became idle, and which it is.
    let mut idle: Vec<(i64, u32)> = Vec::new();
    while let Some(Reverse((now, event))) = events.pop() {
        let Event::Arrival = event else {
            if let Event::End(instance) = event {
                idle.push((now, instance));
            }
            continue;
        };
        counts.requests += 1;
        if counts.requests < requests {
            events.push(Reverse((now + nanos(ziggurat::exponential(stream) / rate), Event::Arrival)));
        }
        let warm = idle.pop().filter(|(since, _)| now - since <= nanos(KEEP_ALIVE));
        let instance = warm.map_or_else(
            || {
                // What was idle for longer lies below, and is gone too.
                idle.clear();
                counts.cold_starts += 1;
                counts.instances += 1;
                counts.instances as u32
            },
            |(_, instance)| instance,
        );
        let seconds = libm::exp(mu + sigma * ziggurat::normal(stream));
        counts.seconds += seconds;
        events.push(Reverse((now + nanos(seconds), Event::End(instance))));
    }
    counts
}
