//! What functions call that is no function: served by so many at once, first come, first served, with a rate limit, errors,
//! outages and slow-downs. A call that its caller gave up is served to its end, or taken out.

use std::collections::VecDeque;

use super::clock::Clock;
use super::level::Level;
use super::log::Log;
use super::model::{StartTokens, strength};
use super::routes::Failed;
use super::steps::Answer;
use super::tally::{AttemptOutcome, DependencyBin, DependencyTally};
use super::{Engine, EventKind, NONE};
use crate::random::{Key, Purpose};
use crate::scenario::{Change, Dependency, Event, Scaling, Scenario};
use crate::units::Span;

const FULL: usize = 0;
const RATE: usize = 1;
const OUTAGE: usize = 2;

/// A call to a dependency: one record while it is tried, and one more for each try that goes on without its caller.
#[derive(Clone, Copy, Debug)]
struct DependencyCall {
    /// Who waits; `NONE` once nobody does.
    parent: u32,
    parent_seq: u32,
    route: u32,
    dependency: u32,
    key: Key,
    /// Tries before this one.
    attempt: u32,
    /// The first try was sent.
    first: i64,
    /// This try was sent.
    sent: i64,
    /// When it is served to the end.
    end: i64,
    /// Sequence number of its valid event.
    seq: u32,
    /// Its place in the line, while it waits.
    ticket: u32,
    state: State,
    outcome: AttemptOutcome,
    measured: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    /// Until the next try.
    Backoff,
    /// For capacity.
    Waiting,
    Served,
}

/// One dependency under way.
struct Server<'a> {
    spec: &'a Dependency,
    busy: Level,
    waiting: Level,
    /// Calls that wait, with their tickets; some have gone.
    line: VecDeque<(u32, u32)>,
    tickets: u32,
    tokens: StartTokens,
    has_events: bool,
    tally: DependencyTally,
}

/// All dependencies.
pub(crate) struct Dependencies<'a> {
    servers: Vec<Server<'a>>,
    events: &'a [Event],
    calls: Vec<DependencyCall>,
    free: Vec<u32>,
}

/// What holds at a dependency now.
struct Now {
    outage: bool,
    capacity: u64,
    error: f64,
    slower: f64,
}

impl<'a> Dependencies<'a> {
    pub(crate) fn new(scenario: &'a Scenario, clock: &Clock) -> Self {
        let server = |(index, spec): (usize, &'a Dependency)| {
            let rule = spec.rate.map_or(Scaling::Unlimited, |limit| Scaling::Bucket { burst: limit.burst, rate: limit.rate });
            let own = |event: &Event| matches!(event.change, Change::Dependency { dependency, .. } if dependency == index);
            Server {
                spec,
                busy: Level::default(),
                waiting: Level::default(),
                line: VecDeque::new(),
                tickets: 0,
                tokens: StartTokens::new(rule, clock.now),
                has_events: scenario.events.iter().any(own),
                tally: DependencyTally { bins: vec![DependencyBin::default(); clock.all_bins()], ..DependencyTally::default() },
            }
        };
        let servers = scenario.dependencies.iter().enumerate().map(server).collect();
        Self { servers, events: &scenario.events, calls: Vec::new(), free: Vec::new() }
    }

    fn new_call(&mut self, call: DependencyCall) -> u32 {
        if let Some(id) = self.free.pop() {
            self.calls[id as usize] = call;
            return id;
        }
        self.calls.push(call);
        (self.calls.len() - 1) as u32
    }

    fn free_call(&mut self, id: u32) {
        self.calls[id as usize].state = State::Free;
        self.free.push(id);
    }

    /// A dependency as its events have it at a time.
    fn at(&self, index: usize, now: i64) -> Now {
        let server = &self.servers[index];
        let spec = server.spec;
        let mut found = Now { outage: false, capacity: spec.capacity.get(), error: spec.error.get(), slower: 1.0 };
        if !server.has_events {
            return found;
        }
        for event in self.events {
            let Change::Dependency { dependency, outage, capacity, error, slower } = event.change else { continue };
            let strength = strength(event, now);
            let lasts = now >= event.at.0 && now - event.at.0 < event.duration.0;
            if dependency != index || !lasts {
                continue;
            }
            found.outage |= outage;
            found.capacity = capacity.unwrap_or(found.capacity);
            found.error += error.map_or(0.0, |error| strength * (error.get() - found.error));
            found.slower *= 1.0 + strength * (slower - 1.0);
        }
        found
    }

    pub(crate) fn begin_measuring(&mut self, from: i64) {
        for server in &mut self.servers {
            server.busy.reset(from);
            server.waiting.reset(from);
        }
    }

    /// Adds the integrals since the last edge.
    pub(crate) fn flush(&mut self, at: i64, bin: usize) {
        for server in &mut self.servers {
            let busy = server.busy.flush(at);
            server.tally.busy_ns += u128::from(busy);
            server.tally.bins[bin].busy_ns += busy;
            server.tally.waiting_ns += u128::from(server.waiting.flush(at));
            server.tally.busy_peak = server.tally.busy_peak.max(server.busy.peak());
            server.tally.waiting_peak = server.tally.waiting_peak.max(server.waiting.peak());
        }
    }

    pub(crate) fn finish(self, bins: usize) -> Vec<DependencyTally> {
        let mut tallies: Vec<DependencyTally> = self.servers.into_iter().map(|server| server.tally).collect();
        for tally in &mut tallies {
            tally.bins.truncate(bins);
            tally.latency.shrink();
        }
        tallies
    }
}

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    /// When an event begins or ends, calls that wait may be served.
    pub(crate) fn schedule_dependency_events(&mut self) {
        for event in &self.scenario.events {
            if let Change::Dependency { dependency, .. } = event.change {
                for at in [event.at, event.at + event.duration] {
                    self.queue.push(at.0.max(self.clock.now), EventKind::Capacity, dependency as u32);
                }
            }
        }
    }

    /// A function is about to call a dependency: the call's record.
    pub(crate) fn call_dependency(&mut self, parent: u32, route: usize, dependency: usize, key: Key) -> u32 {
        let caller = self.calls[parent as usize];
        let now = self.clock.now;
        if caller.measured {
            self.source_tally[route].requests += 1;
            self.dependencies.servers[dependency].tally.requests += 1;
        }
        self.routes.all[route].earn();
        self.dependencies.new_call(DependencyCall {
            parent,
            parent_seq: caller.seq,
            route: route as u32,
            dependency: dependency as u32,
            key,
            attempt: 0,
            first: now,
            sent: now,
            end: 0,
            seq: NONE,
            ticket: 0,
            state: State::Backoff,
            outcome: AttemptOutcome::Ok,
            measured: caller.measured,
        })
    }

    /// Sends a try.
    pub(crate) fn send_dependency_call(&mut self, id: u32) {
        let now = self.clock.now;
        let call = self.dependencies.calls[id as usize];
        let index = call.dependency as usize;
        let at = self.dependencies.at(index, now);
        let server = &mut self.dependencies.servers[index];
        if self.clock.measuring {
            server.tally.bins[self.clock.bin].attempts += 1;
        }
        let refusal = if at.outage {
            Some((OUTAGE, AttemptOutcome::Error))
        } else if !server.tokens.take(now, 0) {
            Some((RATE, AttemptOutcome::Throttled))
        } else if server.busy.value < at.capacity && server.waiting.value == 0 {
            None
        } else if server.spec.wait > Span::ZERO {
            let patience = server.spec.wait.0.min(self.routes.all[call.route as usize].client_timeout.unwrap_or(i64::MAX));
            let seq = self.queue.push(now.saturating_add(patience), EventKind::Dependency, id);
            let server = &mut self.dependencies.servers[index];
            server.waiting.up(now);
            server.tickets = server.tickets.wrapping_add(1);
            let ticket = server.tickets;
            server.line.push_back((id, ticket));
            let call = &mut self.dependencies.calls[id as usize];
            (call.state, call.seq, call.ticket) = (State::Waiting, seq, ticket);
            return;
        } else {
            Some((FULL, AttemptOutcome::Throttled))
        };
        match refusal {
            Some((reason, outcome)) => {
                self.dependencies.servers[index].tally.refused[reason] += u64::from(call.measured);
                self.dependency_attempt_ended(id, outcome);
            }
            None => self.serve(id, &at),
        }
    }

    /// A call's service begins.
    fn serve(&mut self, id: u32, at: &Now) {
        let now = self.clock.now;
        let call = self.dependencies.calls[id as usize];
        let server = &mut self.dependencies.servers[call.dependency as usize];
        server.busy.up(now);
        let key = call.key.with(u64::from(call.attempt));
        let latency = &server.spec.latency;
        let drawn = latency.is_constant().unwrap_or_else(|| latency.sample(&mut key.purpose(Purpose::Latency).stream()));
        let fails = at.error > 0.0 && key.purpose(Purpose::Fault).uniform() < at.error;
        let end = now.saturating_add(Span::from_secs_f64(drawn * at.slower).0);
        let patience = self.routes.all[call.route as usize].client_timeout.filter(|_| call.parent != NONE);
        let gives_up = call.sent.saturating_add(patience.unwrap_or(i64::MAX));
        let seq = self.queue.push(end.min(gives_up.max(now)), EventKind::Dependency, id);
        let call = &mut self.dependencies.calls[id as usize];
        (call.state, call.seq, call.end) = (State::Served, seq, end);
        call.outcome = if fails { AttemptOutcome::Error } else { AttemptOutcome::Ok };
    }

    /// A place has come free, or an event changes how many there are.
    pub(crate) fn serve_waiting(&mut self, index: usize) {
        let now = self.clock.now;
        if self.dependencies.servers[index].waiting.value == 0 {
            self.dependencies.servers[index].line.clear();
            return;
        }
        let at = self.dependencies.at(index, now);
        while self.dependencies.servers[index].busy.value < at.capacity && !at.outage {
            let Some((id, ticket)) = self.dependencies.servers[index].line.pop_front() else { return };
            let call = &self.dependencies.calls[id as usize];
            if call.state == State::Waiting && call.ticket == ticket {
                self.dependencies.servers[index].waiting.down(now);
                self.serve(id, &at);
            }
        }
    }

    /// A call's time has come: to be tried again, to give up, or to end.
    pub(crate) fn dependency_event(&mut self, id: u32, seq: u32) {
        let now = self.clock.now;
        let call = self.dependencies.calls[id as usize];
        if call.seq != seq {
            return;
        }
        let index = call.dependency as usize;
        match call.state {
            State::Backoff => {
                let call = &mut self.dependencies.calls[id as usize];
                call.attempt += 1;
                call.sent = now;
                self.send_dependency_call(id);
            }
            State::Waiting if now - call.sent >= self.dependencies.servers[index].spec.wait.0 => {
                self.dependencies.servers[index].waiting.down(now);
                if call.parent == NONE {
                    self.dependencies.free_call(id);
                    return;
                }
                self.dependencies.servers[index].tally.refused[FULL] += u64::from(call.measured);
                self.dependency_attempt_ended(id, AttemptOutcome::Throttled);
            }
            State::Served if now >= call.end => {
                self.dependencies.servers[index].busy.down(now);
                if call.parent == NONE {
                    self.dependencies.free_call(id);
                } else {
                    self.dependency_attempt_ended(id, call.outcome);
                }
                self.serve_waiting(index);
            }
            State::Waiting | State::Served => {
                let request = self.leave_behind(id);
                self.dependency_attempt_ended(request, AttemptOutcome::Timeout);
            }
            State::Free => {}
        }
    }

    /// The caller gives up on a try: what waits or is served goes on for nobody, and the request in a record of its own, whose
    /// number is returned; or it is taken out.
    fn leave_behind(&mut self, id: u32) -> u32 {
        let now = self.clock.now;
        let call = self.dependencies.calls[id as usize];
        let index = call.dependency as usize;
        let server = &mut self.dependencies.servers[index];
        server.tally.given_up += u64::from(call.measured);
        if server.spec.cancels_abandoned {
            match call.state {
                State::Waiting => server.waiting.down(now),
                _ => server.busy.down(now),
            }
            self.dependencies.calls[id as usize].state = State::Backoff;
            self.serve_waiting(index);
            return id;
        }
        let wait = server.spec.wait.0;
        let request = self.dependencies.new_call(DependencyCall { state: State::Backoff, ..call });
        if let Some(chain) = self.chains.get_mut(call.parent as usize) {
            chain.wait_for_dependency(request);
        }
        let until = if call.state == State::Served { call.end } else { call.sent.saturating_add(wait) };
        let seq = if until < i64::MAX { self.queue.push(until, EventKind::Dependency, id) } else { NONE };
        let left = &mut self.dependencies.calls[id as usize];
        (left.parent, left.seq) = (NONE, seq);
        request
    }

    /// The function that made a call has ended.
    pub(crate) fn abandon_dependency_call(&mut self, id: u32) {
        let state = self.dependencies.calls[id as usize].state;
        let request = if matches!(state, State::Served | State::Waiting) {
            let request = self.leave_behind(id);
            self.count_dependency_attempt(request, AttemptOutcome::Timeout);
            request
        } else {
            id
        };
        self.dependencies.free_call(request);
    }

    fn count_dependency_attempt(&mut self, id: u32, outcome: AttemptOutcome) {
        let call = self.dependencies.calls[id as usize];
        let server = &mut self.dependencies.servers[call.dependency as usize];
        if self.clock.measuring && outcome != AttemptOutcome::Ok {
            server.tally.bins[self.clock.bin].bad += 1;
        }
        if call.measured {
            server.tally.attempts += 1;
            match outcome {
                AttemptOutcome::Ok => server.tally.latency.record(Span(self.clock.now - call.sent)),
                AttemptOutcome::Error if call.state == State::Served => server.tally.errors += 1,
                _ => {}
            }
        }
    }

    /// A try has ended: the call is tried again by its policy, or has ended.
    fn dependency_attempt_ended(&mut self, id: u32, outcome: AttemptOutcome) {
        self.count_dependency_attempt(id, outcome);
        let call = self.dependencies.calls[id as usize];
        let ok = outcome == AttemptOutcome::Ok;
        let failed = Failed { outcome, attempt: call.attempt, first: call.first };
        let key = call.key.with(u64::from(call.attempt));
        if !ok && let Some(at) = self.routes.all[call.route as usize].next_try(self.clock.now, &failed, key) {
            let seq = self.queue.push(at, EventKind::Dependency, id);
            let call = &mut self.dependencies.calls[id as usize];
            (call.state, call.seq) = (State::Backoff, seq);
            return;
        }
        if ok && call.measured {
            self.source_tally[call.route as usize].ok += 1;
            self.dependencies.servers[call.dependency as usize].tally.ok += 1;
        }
        self.chains[call.parent as usize].let_go();
        self.answers.push(Answer { parent: call.parent, parent_seq: call.parent_seq, ok });
        self.dependencies.free_call(id);
    }
}
