//! Retrial queues: refused attempts come back, and are load again.

use faascast::scenario::{Backoff, Invoke, Jitter, KeepAlive, Limit, Scenario};
use faascast::units::Span;
use faascast::workload::arrivals::Arrivals;

use super::reference::{exponential, stationary};
use super::{agrees, run_in, throttled, totals};
use crate::support::{function, rate, replicate, scenario, secs};

/// Arrivals `lambda` at c servers with service rate `mu`; each refused request waits an exponential time of rate `nu`.
struct Retrial {
    lambda: f64,
    mu: f64,
    nu: f64,
    servers: usize,
    /// A refused retry ends the request (two attempts in all), or comes back until it is served.
    persistent: bool,
}

/// Exact figures of the stationary state.
struct Exact {
    /// Share of attempts refused.
    refused: f64,
    /// Share of time, and so of first attempts, at which all servers are busy.
    full: f64,
    /// Mean number waiting to retry.
    orbit: f64,
    /// Attempts a request.
    attempts: f64,
    /// Share of requests that are never served.
    lost: f64,
}

impl Retrial {
    /// The chain (busy servers, waiting requests), cut at `most` waiting (Falin & Templeton 1997, "Retrial queues", section
    /// 2.2; a cut so far out that the last level has no weight).
    fn solve(&self, most: usize) -> Exact {
        let c = self.servers;
        let at = |busy: usize, waiting: usize| waiting * (c + 1) + busy;
        let mut rates = vec![vec![0.0; at(c, most) + 1]; at(c, most) + 1];
        for (busy, waiting) in (0..=c).flat_map(|b| (0..=most).map(move |w| (b, w))) {
            let from = at(busy, waiting);
            if busy < c {
                rates[from][at(busy + 1, waiting)] += self.lambda;
            } else if waiting < most {
                rates[from][at(busy, waiting + 1)] += self.lambda;
            }
            if busy > 0 {
                rates[from][at(busy - 1, waiting)] += busy as f64 * self.mu;
            }
            if waiting > 0 && (busy < c || !self.persistent) {
                rates[from][at((busy + 1).min(c), waiting - 1)] += waiting as f64 * self.nu;
            }
        }
        let pi = stationary(rates);
        let (mut orbit, mut full, mut full_orbit, mut last) = (0.0, 0.0, 0.0, 0.0);
        for (busy, waiting) in (0..=c).flat_map(|b| (0..=most).map(move |w| (b, w))) {
            let p = pi[at(busy, waiting)];
            orbit += p * waiting as f64;
            full += if busy == c { p } else { 0.0 };
            full_orbit += if busy == c { p * waiting as f64 } else { 0.0 };
            last += if waiting == most { p } else { 0.0 };
        }
        assert!(last < 1e-9, "cut too early: {last}");
        let attempts = self.lambda + self.nu * orbit;
        Exact {
            refused: (self.lambda * full + self.nu * full_orbit) / attempts,
            full,
            orbit,
            attempts: attempts / self.lambda,
            lost: if self.persistent { 0.0 } else { self.nu * full_orbit / self.lambda },
        }
    }

    /// New work is drawn for each attempt, so exponential service stays exponential; a delay with exponential jitter of factor
    /// 1 is exponential.
    fn scenario(&self, horizon: f64) -> Scenario {
        let mut f = function("retrial", exponential(1.0 / self.mu));
        f.max_instances = Limit::At(self.servers as u64);
        f.keep_alive = KeepAlive::Constant(Span::FOREVER);
        let mut s = scenario(f, Arrivals::Poisson(rate(self.lambda)), horizon);
        s.traffic[0].name = format!("{} {} {}", self.nu, self.servers, self.persistent);
        s.traffic[0].retry.attempts = if self.persistent { Limit::Unlimited } else { Limit::At(2) };
        let delay = secs(1.0 / self.nu);
        s.traffic[0].retry.backoff = Backoff { base: delay, factor: 1.0, cap: delay, jitter: Jitter::Exponential };
        run_in(&mut s, 600.0);
        s
    }

    fn check(&self, label: &str, most: usize, resolution: f64) {
        let exact = self.solve(most);
        let r = replicate(&self.scenario(5_000.0), 32);
        agrees(&format!("{label}: refused"), &totals(&r, throttled), exact.refused, resolution);
        let attempts = totals(&r, |t| (t.attempts as f64, t.requests as f64));
        agrees(&format!("{label}: attempts"), &attempts, exact.attempts, resolution);
        // Little's law: the time between the first attempt and the one that is served, or the last.
        let waits = totals(&r, |t| {
            let all = t.latency.sum_secs() + t.latency_failed.sum_secs();
            (all - t.duration.sum_secs(), t.requests as f64)
        });
        agrees(&format!("{label}: wait"), &waits, exact.orbit / self.lambda, 2.0 * resolution);
        if self.persistent {
            assert!(r.iter().all(|r| r.functions[0].ok == r.functions[0].requests));
        } else {
            let lost = totals(&r, |t| (t.failed as f64, t.requests as f64));
            agrees(&format!("{label}: lost"), &lost, exact.lost, 2.0 * resolution);
        }
    }
}

/// M/M/1/1 with persistent retries has a closed form: mean orbit rho (lambda + rho nu) / ((1 - rho) nu), and a new request
/// finds the server busy with probability rho (Falin & Templeton 1997, section 1.2).
#[test]
fn the_solver_knows_the_single_server_closed_form() {
    let model = Retrial { lambda: 3.0, mu: 5.0, nu: 2.0, servers: 1, persistent: true };
    let orbit = 0.6 * (3.0 + 0.6 * 2.0) / (0.4 * 2.0);
    assert!((model.solve(120).orbit / orbit - 1.0).abs() < 1e-8);
}

/// The platform's own redeliveries of throttled events are the same model: an event waits until it is admitted. The backlog
/// is the orbit, redeliveries a request are nu x orbit / lambda, and the first delivery is refused while all are busy.
#[test]
fn redeliveries_of_throttled_events() {
    let model = Retrial { lambda: 3.0, mu: 5.0, nu: 2.0, servers: 1, persistent: true };
    let exact = model.solve(120);
    let mut s = model.scenario(5_000.0);
    s.traffic[0].invoke = Invoke::Async;
    s.functions[0].asynchronous.throttle_backoff = s.traffic[0].retry.backoff;
    let r = replicate(&s, 32);
    let first = totals(&r, |t| (t.first_attempt_throttled as f64, t.requests as f64));
    agrees("first delivery refused", &first, exact.full, 0.06);
    agrees("backlog", &totals(&r, |t| (t.backlog_ns as f64 / 1e9, 5_000.0)), exact.orbit, 0.2);
    let again = totals(&r, |t| (t.redeliveries as f64, t.requests as f64));
    agrees("redeliveries", &again, exact.attempts - 1.0, 0.2);
    assert!(r.iter().all(|r| r.functions[0].ok == r.functions[0].requests && r.functions[0].attempts == r.functions[0].requests));
}

#[test]
fn persistent_retries_at_one_server() {
    Retrial { lambda: 3.0, mu: 5.0, nu: 2.0, servers: 1, persistent: true }.check("M/M/1/1", 120, 0.06);
}

#[test]
fn persistent_retries_at_three_servers() {
    Retrial { lambda: 9.0, mu: 4.0, nu: 1.0, servers: 3, persistent: true }.check("M/M/3/3", 140, 0.1);
}

#[test]
fn one_retry_at_two_servers() {
    Retrial { lambda: 8.0, mu: 3.0, nu: 1.5, servers: 2, persistent: false }.check("M/M/2/2, two attempts", 60, 0.04);
}
