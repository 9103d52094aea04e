//! A run with its traffic that goes arrival by arrival, and can be set back.

use super::Split;
use super::course::Course;
use crate::engine::draws::{Draw, draws_faults, intensity};
use crate::random::{Key, Stream};
use crate::scenario::{Scenario, Work};
use crate::workload::arrivals::{Place, Points};

/// One run under way.
pub(super) struct Walk<'a> {
    course: Course<'a>,
    points: Points,
    place: Place,
    stream: Stream,
    work: &'a Work,
    has_faults: bool,
    /// Requests so far, in this copy and those that it comes from: each has its own number in the draws by identity.
    requests: u64,
    horizon: i64,
}

impl<'a> Walk<'a> {
    /// At its start; `None` for what cannot be split.
    pub(super) fn new(scenario: &'a Scenario, key: Key) -> Option<Self> {
        let (spec, source) = (scenario.functions.first()?, scenario.traffic.first()?);
        let points = Points::new(&source.arrivals, intensity(scenario, 0))?;
        let mut stream = key.stream();
        Some(Self {
            course: Course::new(scenario, key)?,
            place: points.begin(-scenario.simulation.run_in.0, &mut stream),
            points,
            stream,
            work: &spec.work,
            has_faults: draws_faults(scenario, 0),
            requests: 0,
            horizon: scenario.simulation.horizon.0,
        })
    }

    /// Instances that start or work.
    pub(super) const fn busy(&self) -> u64 {
        self.course.busy()
    }

    /// Goes on past the next arrival, counted by its weight: the busy instances after it; `None` if none is left.
    #[inline]
    pub(super) fn step(&mut self, weight: f64, split: &mut Split) -> Option<u64> {
        let now = self.points.next(&mut self.place, &mut self.stream, self.horizon)?;
        self.course.pass(now);
        let (work, stream, has_faults) = (self.work, &mut self.stream, self.has_faults);
        let draw = || Draw {
            cpu: work.cpu.sample(stream),
            io: work.io.sample(stream),
            memory: 0.0,
            fault: if has_faults { stream.uniform() } else { 1.0 },
        };
        let arrived = self.course.arrive(now, ((self.requests >> 32) as i32, self.requests as u32), draw);
        self.requests += 1;
        split.simulated += 1;
        let busy = self.course.busy();
        if now >= 0 {
            split.requests += weight;
            if let Some(after) = split.after.get_mut(busy as usize) {
                *after += weight;
                split.simulated_after[busy as usize] += 1;
            }
            if let Err(cause) = arrived {
                split.throttled[cause as usize] += weight;
                split.simulated_throttled += 1;
            }
        }
        Some(busy)
    }

    /// Goes back to where another run stands, with draws of its own from here on.
    pub(super) fn set_to(&mut self, other: &Self, key: Key) {
        self.course.set_to(&other.course, key);
        self.stream = key.stream();
        self.place = other.place;
        self.points.renew(&mut self.place, &mut self.stream);
        self.requests = other.requests;
    }
}
