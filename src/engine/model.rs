//! The scenario lowered to what the event loop needs: integers, thresholds and indices, nothing to look up.

use crate::platform::{BillingRule, BillingUnit};
use crate::scenario::{Change, Event, Faults, Function, Invoke, KeepAlive, Limit, Provisioned, Scaling, Scenario, Shape};
use crate::units::SimTime;

/// A function, lowered. The scenario's own values are reached through `spec`.
///
/// `PLAIN` promises that every optional mechanism is off (see `is_plain`), so that what is off costs nothing.
pub(crate) struct FunctionModel<'a, const PLAIN: bool> {
    pub(crate) spec: &'a Function,
    /// Invocations share an instance.
    shared: bool,
    /// Nanoseconds of wall time per second of CPU demand when running alone.
    pub(crate) cpu_scale: f64,
    /// Most vCPU that all CPU phases of an instance get together.
    pub(crate) cpu_total: f64,
    /// Constant keep-alive in nanoseconds; -1 if drawn for each idle period or limited by age.
    pub(crate) keep_alive: i64,
    pub(crate) memory: u64,
    tracks_memory: bool,
    has_limits: bool,
    has_faults: bool,
    has_events: bool,
    has_background: bool,
    /// Whether instances keep clocks of charges and unfrozen time.
    has_shares: bool,
    has_benefit: bool,
    has_egress: bool,
    has_calls: bool,
    replays: bool,
    pub(crate) faults: Thresholds,
    pub(crate) rule: BillingRule,
    busy_billing: bool,
    pub(crate) max_instances: u64,
    pub(crate) max_concurrency: u64,
    reserved: bool,
}

/// Whether a scenario is one function, called by one synchronous source that does not give up, without any of the mechanisms
/// that `FunctionModel` has a flag for, but perhaps faults.
pub(crate) fn is_simple(scenario: &Scenario) -> bool {
    let ([spec], [source]) = (&scenario.functions[..], &scenario.traffic[..]) else { return false };
    let m = FunctionModel::<false>::new(spec, 0, scenario);
    let optional = [
        m.shared,
        m.tracks_memory,
        m.has_limits,
        m.has_events,
        m.has_background,
        m.has_shares,
        m.has_benefit,
        m.has_egress,
        m.has_calls,
        m.replays,
        m.busy_billing,
        m.reserved,
    ];
    source.invoke == Invoke::Sync && source.client_timeout.is_none() && !optional.contains(&true)
}

/// Whether it has no faults either: the common case, for which the event loop is compiled a second time without the optional
/// mechanisms.
pub(crate) fn is_plain(scenario: &Scenario) -> bool {
    is_simple(scenario) && scenario.functions.iter().all(|f| f.faults == Faults::default())
}

/// What strikes an attempt that was admitted and whose instance started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    Crash,
    Hang,
    Error,
}

/// Faults as thresholds of one uniform number: crash, then hang, then error, each given that none before it struck.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Thresholds {
    pub(crate) init_failure: f64,
    pub(crate) crash: f64,
    pub(crate) hang: f64,
    pub(crate) error: f64,
}

impl Thresholds {
    pub(crate) fn new(faults: &Faults) -> Self {
        let (crash, hang, error) = (faults.crash.get(), faults.hang.get(), faults.error.get());
        let hang = crash + (1.0 - crash) * hang;
        Self { init_failure: faults.init_failure.get(), crash, hang, error: hang + (1.0 - hang) * error }
    }

    /// Whether a uniform number decides on an error.
    #[inline]
    pub(crate) fn is_error(&self, uniform: f64) -> bool {
        (self.hang..self.error).contains(&uniform)
    }

    /// What a uniform number decides.
    #[inline]
    pub(crate) fn strikes(&self, uniform: f64) -> Fault {
        match uniform {
            u if u < self.crash => Fault::Crash,
            u if u < self.hang => Fault::Hang,
            u if u < self.error => Fault::Error,
            _ => Fault::None,
        }
    }
}

impl<'a, const PLAIN: bool> FunctionModel<'a, PLAIN> {
    pub(crate) fn new(spec: &'a Function, index: usize, scenario: &Scenario) -> Self {
        let vcpu = spec.vcpu.get();
        let work = &spec.work;
        let reserved = spec.reserved.map_or(u64::MAX, |r| r);
        let by_instances = scenario.account.max_instances != Limit::Unlimited;
        let limits = [&work.request_bytes, &work.response_bytes, &work.header_bytes];
        Self {
            spec,
            shared: spec.instance_concurrency > 1,
            cpu_scale: 1e9 / vcpu.min(1.0),
            cpu_total: if spec.single_threaded { vcpu.min(1.0) } else { vcpu },
            keep_alive: match (&spec.keep_alive, spec.max_age.is_forever()) {
                (KeepAlive::Constant(span), true) => span.0,
                _ => -1,
            },
            memory: spec.memory.0,
            tracks_memory: !work.memory.is_zero() || work.base_memory.0 > 0 || work.memory_growth.0 > 0,
            has_limits: limits.iter().any(|d| !d.is_zero()),
            has_faults: spec.faults != Faults::default(),
            has_events: scenario
                .events
                .iter()
                .any(|e| matches!(e.change, Change::Function { function, .. } if function == index)),
            has_background: !work.background.is_zero(),
            has_shares: spec.instance_concurrency > 1 || !work.background.is_zero(),
            has_benefit: work.warm_benefit_cpu.get() > 0.0 || work.warm_benefit_io.get() > 0.0,
            has_egress: !work.response_bytes.is_zero(),
            has_calls: !spec.calls.is_empty(),
            replays: work.from_trace,
            faults: Thresholds::new(&spec.faults),
            rule: spec.billing,
            busy_billing: spec.billing.unit == BillingUnit::BusyPeriod,
            // What is reserved caps the function too; it is counted as the account's limit is.
            max_instances: if by_instances { spec.max_instances.get().min(reserved) } else { spec.max_instances.get() },
            max_concurrency: if by_instances { spec.max_concurrency.get() } else { spec.max_concurrency.get().min(reserved) },
            reserved: spec.reserved.is_some(),
        }
    }

    #[inline]
    pub(crate) const fn shared(&self) -> bool {
        !PLAIN && self.shared
    }
    #[inline]
    pub(crate) const fn tracks_memory(&self) -> bool {
        !PLAIN && self.tracks_memory
    }
    #[inline]
    pub(crate) const fn has_limits(&self) -> bool {
        !PLAIN && self.has_limits
    }
    #[inline]
    pub(crate) const fn has_faults(&self) -> bool {
        !PLAIN && self.has_faults
    }
    #[inline]
    pub(crate) const fn has_events(&self) -> bool {
        !PLAIN && self.has_events
    }
    #[inline]
    pub(crate) const fn has_background(&self) -> bool {
        !PLAIN && self.has_background
    }
    #[inline]
    pub(crate) const fn has_shares(&self) -> bool {
        !PLAIN && self.has_shares
    }
    #[inline]
    pub(crate) const fn has_benefit(&self) -> bool {
        !PLAIN && self.has_benefit
    }
    #[inline]
    pub(crate) const fn has_egress(&self) -> bool {
        !PLAIN && self.has_egress
    }
    #[inline]
    pub(crate) const fn has_calls(&self) -> bool {
        !PLAIN && self.has_calls
    }
    /// Whether durations come from the trace.
    #[inline]
    pub(crate) const fn replays(&self) -> bool {
        !PLAIN && self.replays
    }
    #[inline]
    pub(crate) const fn busy_billing(&self) -> bool {
        !PLAIN && self.busy_billing
    }
    #[inline]
    pub(crate) const fn reserved(&self) -> bool {
        !PLAIN && self.reserved
    }

    /// Instances wanted warm at a clock time.
    pub(crate) fn provisioned_at(&self, now: i64) -> u64 {
        const WEEK: i64 = 7 * 86_400 * crate::units::NANOS;
        match &self.spec.provisioned {
            // What tracks a target begins at its least.
            Provisioned::Constant(n) | Provisioned::Tracking { min: n, .. } => *n,
            Provisioned::Weekly(windows) => {
                let at = now.rem_euclid(WEEK);
                windows.iter().filter(|(from, to, _)| inside(at, from.0, to.0)).map(|w| w.2).sum()
            }
        }
    }

    /// The next time after `now` at which that number may change; `i64::MAX` for never.
    pub(crate) fn next_provision_change(&self, now: i64) -> i64 {
        const WEEK: i64 = 7 * 86_400 * crate::units::NANOS;
        let windows = match &self.spec.provisioned {
            Provisioned::Constant(_) => return i64::MAX,
            Provisioned::Tracking { .. } => return now.saturating_add(TRACKED_EVERY),
            Provisioned::Weekly(windows) => windows,
        };
        let at = now.rem_euclid(WEEK);
        let edges = windows.iter().flat_map(|(from, to, _)| [from.0.rem_euclid(WEEK), to.0.rem_euclid(WEEK)]);
        edges.map(|edge| now + if edge > at { edge - at } else { edge - at + WEEK }).min().unwrap_or(i64::MAX)
    }
}

/// Target tracking looks at the last minute.
const TRACKED_EVERY: i64 = 60 * crate::units::NANOS;
/// Share of the surplus that is given up at once; FC calls it a system parameter in 0..=1 and does not publish it.
const GIVEN_UP: f64 = 0.5;

/// How many instances target tracking wants, by FC's rule: ceil(now x use / target) where they are used more than wanted, and
/// where less, ceil(now x coefficient x (1 - use / target)) fewer. `used` is the mean of the invocations in flight.
pub(crate) fn tracked(now: u64, slots: f64, used: f64, (target, min, max): (f64, u64, u64)) -> u64 {
    let utilization = if now > 0 { used / (now as f64 * slots) } else { f64::INFINITY };
    let wanted = if now == 0 {
        (used / slots / target).ceil()
    } else if utilization >= target {
        (now as f64 * utilization / target).ceil()
    } else {
        now as f64 - (now as f64 * GIVEN_UP * (1.0 - utilization / target)).floor()
    };
    (wanted.max(0.0) as u64).clamp(min, max)
}

/// Whether a time of the week lies in a window, which may wrap around the week's end.
const fn inside(at: i64, from: i64, to: i64) -> bool {
    if from <= to { at >= from && at < to } else { at >= from || at < to }
}

/// Strength of an event at a time: 0 outside, up to 1 inside, by its shape.
pub(crate) fn strength(event: &Event, now: i64) -> f64 {
    let since = (SimTime(now) - event.at).0;
    if since < 0 || since >= event.duration.0 {
        return 0.0;
    }
    let share = since as f64 / event.duration.0 as f64;
    match event.shape {
        Shape::Step => 1.0,
        Shape::Ramp => share,
        Shape::Spike => 1.0 - (2.0 * share - 1.0).abs(),
    }
}

/// A function's faults and slow-down at a time, with all events in force.
pub(crate) fn effective<const PLAIN: bool>(
    model: &FunctionModel<'_, PLAIN>,
    index: usize,
    events: &[Event],
    now: i64,
) -> (Thresholds, f64) {
    let mut faults = model.spec.faults;
    let mut slower = 1.0;
    for event in events {
        let Change::Function { function, error, hang, crash, init_failure, slower: factor } = event.change else { continue };
        let s = strength(event, now);
        if function != index || s == 0.0 {
            continue;
        }
        // A ramp moves each probability from the function's own towards the event's.
        let towards = |own: &mut crate::units::Probability, target: Option<crate::units::Probability>| {
            if let Some(target) = target.and_then(|t| crate::units::Probability::new(own.get() + s * (t.get() - own.get()))) {
                *own = target;
            }
        };
        towards(&mut faults.error, error);
        towards(&mut faults.hang, hang);
        towards(&mut faults.crash, crash);
        towards(&mut faults.init_failure, init_failure);
        slower *= 1.0 + s * (factor - 1.0);
    }
    (Thresholds::new(&faults), slower)
}

/// Start tokens of the account or of a function, by the scaling rule.
#[derive(Clone, Debug)]
pub(crate) struct StartTokens {
    rule: Scaling,
    /// Bucket: tokens. Window: starts in this window. Ceiling: unused.
    level: f64,
    /// Bucket: time of the last refill. Window: start of the window. Ceiling: when the load rose above the burst.
    since: i64,
}

impl StartTokens {
    pub(crate) fn new(rule: Scaling, start: i64) -> Self {
        let level = if let Scaling::Bucket { burst, .. } = rule { burst } else { 0.0 };
        Self { rule, level, since: if matches!(rule, Scaling::Ceiling { .. }) { i64::MAX } else { start } }
    }

    /// Whether this never refuses.
    pub(crate) fn unlimited(&self) -> bool {
        self.rule == Scaling::Unlimited
    }

    /// Takes one token if there is one. `instances` is how many exist now.
    pub(crate) fn take(&mut self, now: i64, instances: u64) -> bool {
        match self.rule {
            Scaling::Unlimited => true,
            Scaling::Bucket { burst, rate } => {
                self.level = (self.level + rate * (now - self.since) as f64 / 1e9).min(burst);
                self.since = now;
                let enough = self.level >= 1.0 - 1e-9;
                if enough {
                    self.level -= 1.0;
                }
                enough
            }
            Scaling::Window { starts, every } => {
                let window = now.div_euclid(every.0.max(1)) * every.0.max(1);
                if window != self.since {
                    (self.since, self.level) = (window, 0.0);
                }
                let enough = (self.level as u64) < starts;
                if enough {
                    self.level += 1.0;
                }
                enough
            }
            Scaling::Ceiling { burst, rate } => {
                let after = instances as f64 + 1.0;
                if after <= burst {
                    // Below the burst the clock of the ramp stands still.
                    self.since = i64::MAX;
                    return true;
                }
                if self.since == i64::MAX {
                    self.since = now;
                }
                after <= burst + rate * (now - self.since) as f64 / 1e9 + 1e-9
            }
        }
    }

    /// When to look again after a refusal: the first time at which one more instance may start if no other does before.
    pub(crate) fn next(&self, now: i64, instances: u64) -> i64 {
        let later = |from: i64, missing: f64, rate: f64| from.saturating_add((missing / rate * 1e9).ceil() as i64).max(now + 1);
        match self.rule {
            Scaling::Bucket { rate, .. } if rate > 0.0 => later(now, 1.0 - self.level, rate),
            Scaling::Ceiling { burst, rate } if rate > 0.0 => later(self.since, instances as f64 + 1.0 - burst, rate),
            Scaling::Window { every, .. } => self.since + every.0,
            _ => i64::MAX,
        }
    }
}

/// Tokens for the requests of functions on platforms that limit the rate of an instance: ten a second for each invocation at
/// once, say, and a second's worth at once.
pub(crate) fn request_rates(scenario: &Scenario, start: i64) -> Vec<StartTokens> {
    let functions = &scenario.functions;
    if functions.iter().all(|f| f.rules.requests_per_second.is_none()) {
        return Vec::new();
    }
    let tokens = |at_once: u64, each: Option<u64>| {
        let rule = each.filter(|_| at_once < u64::MAX).map_or(Scaling::Unlimited, |each| {
            let rate = at_once as f64 * each as f64;
            Scaling::Bucket { burst: rate, rate }
        });
        StartTokens::new(rule, start)
    };
    let account = &scenario.account;
    let reserved: u64 = functions.iter().filter_map(|f| f.reserved).sum();
    let shared = account.max_concurrency.get().min(account.max_instances.get());
    let shared = if shared == u64::MAX { shared } else { shared.saturating_sub(reserved) };
    let own = functions.iter().map(|f| tokens(own_quota(f), f.rules.requests_per_second));
    own.chain([tokens(shared, functions.iter().find_map(|f| f.rules.requests_per_second))]).collect()
}

/// Invocations at once that a function's own quotas allow.
fn own_quota(f: &Function) -> u64 {
    let slots = f.max_instances.get().saturating_mul(u64::from(f.instance_concurrency));
    let reserved = f.reserved.map_or(u64::MAX, |n| n);
    f.max_concurrency.get().min(slots).min(reserved)
}
