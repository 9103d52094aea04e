//! One replication: a single-threaded, pure event loop. It knows no prices, prints nothing and looks at no clock.
//!
//! Order of things at the same instant: what ends, ends first (so its instance can serve the arrival); then requests arrive;
//! keep-alives, event ages and callers' patience run out last (exactly the threshold is still in time).
//!
//! - `draws`: arrivals and their work, in blocks; `intake`: where a source stands in its block; `earliest`: which source is due;
//!   `queue`: all other events, in a calendar
//! - `direct`: the fast path for what is decided on arrival
//! - `together`: several configurations fed from the same blocks; `alike`: those that one simulation serves
//! - `splitting`: runs that are split where throttling is near, which is rare
//! - `admission`: limits, routing, cold starts; `invocation`: what runs, ends and is billed; `sharing`: several on one instance
//! - `routes`: who calls what; `steps`: functions that call others; `dependencies`: what is called that is no function
//! - `queues`: messages and the batches that bring them
//! - `callers`: synchronous retries; `events`: the asynchronous queue; `lifecycle`: instances end or are kept warm
//! - `clock`: bins, hours, the horizon's edges; `window`: a part of the horizon with a run-in of its own

mod admission;
mod alike;
mod background;
mod bitset;
mod call;
mod callers;
mod clock;
mod dependencies;
mod direct;
mod draws;
mod earliest;
mod events;
mod instance;
mod intake;
mod invocation;
mod level;
mod lifecycle;
mod log;
mod model;
mod pool;
mod queue;
mod queues;
mod routes;
mod sharing;
pub mod splitting;
mod steps;
mod sum;
pub mod tally;
mod together;
mod window;

use std::collections::VecDeque;

pub use alike::read_by_engine;
pub use clock::bin_width;
pub use draws::{draw_alike, intensity};
pub use log::{Logged, run_logged};
pub use tally::{
    ATTEMPT_OUTCOMES, AttemptOutcome, Bin, Caused, DependencyBin, DependencyTally, FunctionTally, REFUSALS, Replication,
    SourceTally, THROTTLE_CAUSES, ThrottleCause,
};
pub use together::run_together;
pub use window::{Window, run_window};

use crate::random::Key;
use crate::scenario::{Invoke, KeepAlive, Limit, Scenario};
use crate::units::SimTime;
use call::{Call, More, State};
use clock::Clock;
use dependencies::Dependencies;
use earliest::Earliest;
use instance::{NONE, Slots};
use intake::Intake;
use log::{Log, Silent};
use model::{FunctionModel, StartTokens};
use pool::Pool;
use queue::{EventKind, EventQueue};
use queues::Queues;
use routes::Routes;
use steps::{Answer, Chain};

struct Engine<'a, const PLAIN: bool, L: Log = Silent> {
    log: L,
    scenario: &'a Scenario,
    models: Vec<FunctionModel<'a, PLAIN>>,
    pools: Vec<Pool>,
    slots: Slots,
    calls: Vec<Call>,
    more: Vec<More>,
    /// As long as `calls` where functions call something, else empty.
    chains: Vec<Chain>,
    answers: Vec<Answer>,
    free_calls: Vec<u32>,
    intakes: Vec<Intake<'a>>,
    /// Which of them is due first, where they are many.
    earliest: Option<Earliest>,
    routes: Routes<'a>,
    dependencies: Dependencies<'a>,
    queues: Queues<'a>,
    queue: EventQueue,
    pending: Vec<VecDeque<u32>>,
    /// Calls in all pending queues.
    pending_total: u64,
    /// One, or one for each function.
    tokens: Vec<StartTokens>,
    /// Tokens for synchronous requests: of each function with a quota of its own, the last one of all others together; empty
    /// where the platform does not limit the rate of an instance.
    rates: Vec<StartTokens>,
    /// Instances and invocations that draw on the account's unreserved limits.
    account_instances: u64,
    account_in_flight: u64,
    account_max_instances: u64,
    account_max_concurrency: u64,
    /// Whether functions reserve instances of the account, not invocations in flight.
    reserves_instances: bool,
    clock: Clock,
    tally: Vec<FunctionTally>,
    /// By route.
    source_tally: Vec<SourceTally>,
    /// Deliveries of the horizon's requests, and attempts that their callers gave up, that have not ended.
    outstanding: u64,
    events: u64,
    /// When to stop following requests that never end, and after how many events (once the horizon is over).
    give_up: i64,
    most_events: Option<u64>,
    /// Whether more calls are under way at once than can be kept.
    overrun: bool,
}

/// Why the event loop returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// The run is over.
    Finished,
    /// A source's next block has not been handed over.
    Starved,
    /// It was told to.
    Stopped,
}

/// Simulates one replication of a scenario.
///
/// The result is a function of the scenario, the seed and the replication's number alone.
#[must_use]
#[expect(clippy::unreachable, reason = "a run ends without a result only if its `stop` says so")]
pub fn run(scenario: &Scenario, seed: u64, replication: u64) -> Replication {
    run_until(scenario, seed, replication, &|| false).unwrap_or_else(|| unreachable!("nothing stops it"))
}

/// Simulates one replication unless `stop` becomes true, which is asked every 65,536 events: then there is none.
#[must_use]
pub fn run_until(scenario: &Scenario, seed: u64, replication: u64, stop: &dyn Fn() -> bool) -> Option<Replication> {
    run_window(scenario, seed, replication, Window::whole(scenario), stop)
}

/// The requests of the horizon are followed until that many times the events before its end have passed, or at least that
/// many events: where a system is down, their retries would else be the longest part of the run.
const DRAIN: u64 = 4;
const LEAST_DRAIN: u64 = 1_000_000;

/// Calls under way at once, after which a run is given up: some gigabytes. Calls that call themselves more than once each get
/// there in no time.
pub const MOST_CALLS: usize = 10_000_000;

/// Up to so many sources it is as fast to look at each.
const FEW_SOURCES: usize = 8;

/// Events between two looks at whether to stop, less one: some milliseconds of work.
const EVENTS_A_LOOK: u64 = 0xffff;

impl<'a, const PLAIN: bool, L: Log> Engine<'a, PLAIN, L> {
    /// A run at its start; one that `is_fed` waits for blocks of draws to be handed over.
    fn new(scenario: &'a Scenario, seed: u64, replication: u64, window: Window, is_fed: bool, log: L) -> Self {
        let start = window.start.0;
        let root = Key::new(seed, replication);
        let models: Vec<FunctionModel<'a, PLAIN>> =
            scenario.functions.iter().enumerate().map(|(i, f)| FunctionModel::new(f, i, scenario)).collect();
        let reserved: u64 = scenario.functions.iter().filter_map(|f| f.reserved).sum();
        let rest = |limit: Limit| if limit == Limit::Unlimited { u64::MAX } else { limit.get().saturating_sub(reserved) };
        let by_instances = scenario.account.max_instances != Limit::Unlimited;
        let clock = Clock::new(window, scenario.simulation.horizon.0);
        let tally = clock.tallies(models.len());
        let routes = Routes::new(scenario);
        let intakes: Vec<Intake<'a>> =
            (0..scenario.traffic.len()).map(|i| Intake::new(scenario, i, root, SimTime(start), is_fed)).collect();
        let mut engine = Self {
            log,
            pools: models.iter().map(|m| Pool::new(m.spec.routing, m.spec.instance_concurrency)).collect(),
            slots: Slots::default(),
            calls: Vec::new(),
            more: Vec::new(),
            chains: Vec::new(),
            answers: Vec::new(),
            free_calls: Vec::new(),
            earliest: (intakes.len() > FEW_SOURCES).then(|| Earliest::new(intakes.iter().map(|intake| intake.due))),
            intakes,
            queue: EventQueue::new(start),
            pending: models.iter().map(|_| VecDeque::new()).collect(),
            pending_total: 0,
            tokens: vec![
                StartTokens::new(scenario.account.scaling, start);
                if scenario.account.scaling_per_function { models.len() } else { 1 }
            ],
            rates: model::request_rates(scenario, start),
            account_instances: 0,
            account_in_flight: 0,
            account_max_instances: if by_instances { rest(scenario.account.max_instances) } else { u64::MAX },
            account_max_concurrency: if by_instances {
                scenario.account.max_concurrency.get()
            } else {
                rest(scenario.account.max_concurrency)
            },
            reserves_instances: by_instances,
            tally,
            source_tally: vec![SourceTally::default(); routes.all.len()],
            dependencies: Dependencies::new(scenario, &clock),
            queues: Queues::new(scenario, routes.all.len()),
            routes,
            outstanding: 0,
            events: 0,
            give_up: 0,
            most_events: None,
            overrun: false,
            clock,
            models,
            scenario,
        };
        engine.give_up = engine.give_up_at();
        for function in 0..engine.models.len() {
            engine.provision(function, engine.clock.now);
        }
        engine.schedule_dependency_events();
        engine
    }

    fn run(mut self, stop: &dyn Fn() -> bool) -> Option<Replication> {
        match self.advance(stop) {
            Progress::Stopped => None,
            Progress::Finished | Progress::Starved => Some(self.finish()),
        }
    }

    /// Goes on until the run is over, or has to wait for draws.
    fn advance(&mut self, stop: &dyn Fn() -> bool) -> Progress {
        for source in 0..self.intakes.len() {
            if self.intakes[source].starved && !self.refill(source) {
                return Progress::Starved;
            }
        }
        loop {
            let (source, arrival) = self.next_arrival();
            let event = self.queue.next_time();
            self.look_ahead();
            let now = arrival.min(event);
            while now >= self.clock.next_edge {
                self.edge();
            }
            if self.clock.done {
                let most = *self.most_events.get_or_insert(self.events.saturating_mul(DRAIN).max(self.events + LEAST_DRAIN));
                if self.outstanding == 0 || now >= self.give_up || self.events >= most {
                    return Progress::Finished;
                }
            }
            debug_assert!(now >= self.clock.now, "time goes forward");
            self.clock.now = now;
            self.events += 1;
            if self.events & EVENTS_A_LOOK == 0 && stop() {
                return Progress::Stopped;
            }
            // What ends at this instant goes first.
            if event <= arrival {
                if let Some(event) = self.queue.pop() {
                    self.handle(event);
                    if !PLAIN && !self.answers.is_empty() {
                        self.deliver_answers();
                    }
                }
                if self.overrun {
                    return Progress::Finished;
                }
            } else if let Some(arrival) = self.intakes[source].take() {
                self.moved_on(source);
                self.arrive(source, &arrival);
            } else {
                // The end of a block is no event.
                self.events -= 1;
                if !self.refill(source) {
                    return Progress::Starved;
                }
            }
        }
    }

    /// Touches what the events of a new bucket will need, all at once: with thousands of busy instances each would otherwise
    /// wait for memory in turn. Changes nothing.
    #[inline]
    fn look_ahead(&mut self) {
        const FITS_THE_CACHE: usize = 2_048;
        if self.calls.len() < FITS_THE_CACHE {
            return;
        }
        let mut touched = 0;
        let events = self.queue.just_opened();
        for event in events {
            touched ^= self.calls.get(event.index() as usize).map_or(0, |c| c.instance);
        }
        for event in events {
            let slot = self.calls.get(event.index() as usize).map_or(0, |c| c.instance);
            touched ^= self.slots.all.get(slot as usize).map_or(0, |i| i.running);
        }
        std::hint::black_box(touched);
    }

    /// When to stop following requests that never end (an outage with unlimited retries): after what is measured once more, and
    /// the longest event age.
    fn give_up_at(&self) -> i64 {
        let is_async = |f: usize| self.routes.all.iter().any(|r| r.function == f && r.invoke == Invoke::Async);
        let age = (0..self.models.len()).filter(|f| is_async(*f)).map(|f| self.models[f].spec.asynchronous.max_event_age.0).max();
        let hours = 6 * 3_600 * crate::units::NANOS;
        let (from, to) = (self.clock.from, self.clock.to);
        to.saturating_add((to - from).max(hours)).saturating_add(age.unwrap_or(0).min(30 * 24 * 3_600 * crate::units::NANOS))
    }

    #[inline]
    fn next_arrival(&self) -> (usize, i64) {
        if PLAIN {
            return (0, self.intakes[0].due);
        }
        if let Some(earliest) = &self.earliest {
            return earliest.first();
        }
        let mut best = (0, i64::MAX);
        for (i, intake) in self.intakes.iter().enumerate() {
            if intake.due < best.1 {
                best = (i, intake.due);
            }
        }
        best
    }

    /// A source is due at another time.
    #[inline]
    fn moved_on(&mut self, source: usize) {
        if !PLAIN && let Some(earliest) = &mut self.earliest {
            earliest.set(source, self.intakes[source].due);
        }
    }

    /// Goes on to a source's next block: whether there is one yet.
    #[cold]
    fn refill(&mut self, source: usize) -> bool {
        self.intakes[source].refill();
        self.moved_on(source);
        !self.intakes[source].starved
    }

    #[inline]
    fn handle(&mut self, event: queue::Event) {
        let index = event.index();
        match event.kind() {
            EventKind::End => {
                if self.calls[index as usize].seq == event.seq && self.calls[index as usize].state == State::Running {
                    self.end(index);
                }
            }
            EventKind::Ready => self.instance_ready(index, event.seq),
            EventKind::Cpu => self.cpu_event(index, event.seq),
            EventKind::ClientTimeout => self.client_timeout(index, event.seq),
            EventKind::Due => self.due(index, event.seq),
            EventKind::Sweep => self.sweep(index as usize),
            EventKind::Expire => self.expire(index),
            EventKind::Refill => {
                self.pools[index as usize].refilling = false;
                self.dispatch_pending(index as usize);
            }
            EventKind::Provision => self.provision(index as usize, self.clock.now),
            EventKind::Steps => self.begin_steps(index, event.seq),
            EventKind::Dependency => self.dependency_event(index, event.seq),
            EventKind::Capacity => self.serve_waiting(index as usize),
            EventKind::Visible => self.visible_again(index, event.seq),
            EventKind::Look => self.look(index as usize),
        }
    }

    /// A request arrives.
    #[inline]
    fn arrive(&mut self, source: usize, arrival: &intake::Arrival) {
        let function = if PLAIN { 0 } else { self.routes.all[source].function };
        let measured = self.clock.measuring;
        let now = self.clock.now;
        if measured {
            self.outstanding += 1;
            self.tally[function].requests += 1;
            self.tally[function].bins[self.clock.bin].requests += 1;
            self.source_tally[source].requests += 1;
        }
        if self.is_queue(source) {
            self.message_arrives(source, arrival);
            return;
        }
        let identity = (arrival.cell, arrival.index);
        let call = self.new_call(Call::arriving(now, self.clock.bin, source, identity, measured));
        if self.models[function].replays() {
            self.more[call as usize].recorded = arrival.recorded;
        }
        if self.calls_anything() {
            self.chains[call as usize] = Chain::root(source);
        }
        self.enter(call, source, &arrival.draw);
    }

    /// Whether any function calls anything.
    #[inline]
    const fn calls_anything(&self) -> bool {
        !PLAIN && self.routes.any_calls
    }

    #[inline]
    fn new_call(&mut self, call: Call) -> u32 {
        if let Some(id) = self.free_calls.pop() {
            self.calls[id as usize] = call;
            return id;
        }
        self.calls.push(call);
        self.more.push(More::default());
        if self.calls_anything() {
            self.chains.push(Chain::root(0));
        }
        self.overrun |= self.calls.len() > MOST_CALLS;
        (self.calls.len() - 1) as u32
    }

    #[inline]
    fn free_call(&mut self, id: u32) {
        self.calls[id as usize].state = State::Free;
        self.free_calls.push(id);
    }

    #[inline]
    fn function_of(&self, call: u32) -> usize {
        if PLAIN {
            return 0;
        }
        self.routes.all[self.calls[call as usize].source as usize].function
    }

    /// A second record of a call.
    fn copy_call(&mut self, id: u32) -> u32 {
        let copy = self.new_call(self.calls[id as usize]);
        self.more[copy as usize] = self.more[id as usize];
        if self.calls_anything() {
            self.chains[copy as usize] = self.chains[id as usize];
        }
        copy
    }

    #[inline]
    fn is_async(&self, source: usize) -> bool {
        !PLAIN && self.routes.all[source].invoke == Invoke::Async
    }

    /// The identity of a call's attempt, for its own draws.
    fn key_of(&self, call: &Call) -> Key {
        identity(&self.intakes, call)
    }

    /// Which start tokens a function draws on, and how many instances they have brought.
    fn start_tokens(&self, function: usize) -> (usize, u64) {
        if self.tokens.len() > 1 { (function, self.pools[function].instances.value) } else { (0, self.account_instances) }
    }

    /// Whether a function's invocations in flight count against the account's.
    #[inline]
    fn counts_in_flight(&self, function: usize) -> bool {
        !self.models[function].reserved() || self.reserves_instances
    }

    /// Whether idle instances of a function end one by one at times of their own.
    fn keeps_alive_individually(&self, function: usize) -> bool {
        self.models[function].keep_alive < 0
    }

    fn drawn_keep_alive(&self, function: usize, call: &Call) -> i64 {
        match &self.models[function].spec.keep_alive {
            KeepAlive::Constant(span) => span.0,
            KeepAlive::Drawn(distribution) => {
                let mut stream = self.key_of(call).purpose(crate::random::Purpose::KeepAlive).stream();
                crate::units::Span::from_secs_f64(distribution.sample(&mut stream)).0
            }
        }
    }
}

/// The identity of a call's attempt.
fn identity(intakes: &[Intake<'_>], call: &Call) -> Key {
    match intakes.get(call.source as usize) {
        Some(intake) => intake.attempt_key(call.cell, call.index, call.attempt, call.duplicate),
        // A child's identity comes from its parent's.
        None => Key::joined(call.cell, call.index).with(u64::from(call.attempt) << 1 | u64::from(call.duplicate)),
    }
}
