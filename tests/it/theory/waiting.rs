//! Queues before full functions: attempts that wait for an instance instead of being refused.

use faascast::engine::{self, FunctionTally};
use faascast::scenario::{KeepAlive, Limit, PendingQueue, Scaling, Scenario};
use faascast::units::{NANOS, Span};
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;
use faascast::workload::trace::Trace;

use super::reference::exponential;
use super::{agrees, run_in, throttled, totals};
use crate::support::{function, rate, replicate, scenario, secs};

const HORIZON: f64 = 2_000.0;

fn queue(per_second: f64, service: Distribution, servers: u64, max: Limit, patience: f64) -> Scenario {
    let mut f = function("queue", service);
    f.max_instances = Limit::At(servers);
    f.keep_alive = KeepAlive::Constant(Span::FOREVER);
    f.pending_queue = Some(PendingQueue { max, timeout: secs(patience) });
    let mut s = scenario(f, Arrivals::Poisson(rate(per_second)), HORIZON);
    s.traffic[0].name = format!("{:?}", s.functions[0].work.io);
    run_in(&mut s, 120.0);
    s
}

/// Seconds between arrival and admission, and requests that were served.
fn waits(t: &FunctionTally) -> (f64, f64) {
    (t.latency.sum_secs() - t.duration.sum_secs(), t.ok as f64)
}

/// M/G/1: mean wait lambda E S^2 / (2 (1 - rho)) (Pollaczek 1930; Khinchine 1932).
#[test]
fn one_instance_waits_by_pollaczek_and_khinchine() {
    let (per_second, mean) = (6.0, 0.1);
    let laws = [
        (exponential(mean), 2.0),
        (Distribution::constant(mean).unwrap(), 1.0),
        (Distribution::lognormal_mean_cv(mean, 1.0).unwrap(), 2.0),
    ];
    for (law, second_moment) in laws {
        let s = queue(per_second, law, 1, Limit::Unlimited, 1e6);
        let exact = per_second * second_moment * mean * mean / (2.0 * (1.0 - per_second * mean));
        agrees("M/G/1 wait", &totals(&replicate(&s, 40), waits), exact, 0.12);
    }
}

/// M/M/c with q places to wait: pi_n proportional to a^n / prod_{i <= n} min(i, c) for n <= c + q; refused pi_(c+q), and the
/// mean wait of those served is sum (n - c) pi_n / (lambda (1 - refused)) by Little's law (Kleinrock 1975, "Queueing systems"
/// I, section 3.8).
#[test]
fn a_short_queue_refuses_the_rest() {
    let (per_second, mean, servers, places) = (45.0, 0.1, 4_usize, 3_usize);
    let mut weights = vec![1.0];
    for n in 1..=servers + places {
        weights.push(weights[n - 1] * per_second * mean / n.min(servers) as f64);
    }
    let total: f64 = weights.iter().sum();
    let full = weights[servers + places] / total;
    let waiting: f64 = weights.iter().enumerate().map(|(n, w)| n.saturating_sub(servers) as f64 * w / total).sum();
    let s = queue(per_second, exponential(mean), servers as u64, Limit::At(places as u64), 1e6);
    let r = replicate(&s, 40);
    agrees("M/M/4/7 refused", &totals(&r, throttled), full, 0.04);
    agrees("M/M/4/7 wait", &totals(&r, waits), waiting / (per_second * (1.0 - full)), 0.04);
}

/// M/M/1 with constant patience D and places without end: the virtual wait has density lambda P0 e^(-(mu - lambda) x) below D,
/// so served is 1 - refused with refused = P(wait >= D): with f(x) = P0 lambda e^((lambda - mu) x) on (0, D) and
/// f(x) = f(D) e^(-mu (x - D)) above it, where nobody joins (Barrer 1957, "Queuing with impatient customers and indifferent
/// clerks", Operations Research 5; those that wait in vain leave after D).
#[test]
fn constant_patience_in_the_queue() {
    let (lambda, mu, patience) = (9.0, 10.0, 0.2);
    let grown = libm::exp((lambda - mu) * patience);
    let below = lambda * (1.0 - grown) / (mu - lambda);
    let above = lambda * grown / mu;
    let refused = above / (1.0 + below + above);
    let s = queue(lambda, exponential(1.0 / mu), 1, Limit::Unlimited, patience);
    let r = replicate(&s, 40);
    agrees("M/M/1 + D refused", &totals(&r, throttled), refused, 0.06);
    // Who is refused has waited for exactly the patience.
    assert!(r.iter().all(|r| r.functions[0].latency_failed.max() == Some(secs(patience))));
    let failed = totals(&r, |t| (t.latency_failed.sum_secs(), t.failed as f64));
    assert!(failed.iter().all(|(sum, n)| (sum / n - patience).abs() < 1e-9));
}

/// The only instance is busy for ever. Five wait at a time, each for 10 s: one arrival a second from 1 s on, so of every 10
/// the first five wait and the others are refused at once. What has left the queue takes no place in it.
#[test]
fn who_gives_up_leaves_the_queue() {
    let mut s = queue(1.0, Distribution::constant(1_000_000.0).unwrap(), 1, Limit::At(5), 10.0);
    s.functions[0].timeout = Span::FOREVER;
    s.traffic[0].arrivals = Arrivals::Constant(rate(1.0));
    s.simulation.run_in = Span::ZERO;
    s.simulation.horizon = Span::from_secs(801);
    let t = engine::run(&s, 1, 0).functions.remove(0);
    assert_eq!((t.failed, t.in_flight), (800, 1));
    assert!((t.latency_failed.sum_secs() - 400.0 * 10.0).abs() < 1e-6, "{}", t.latency_failed.sum_secs());
}

/// A token bucket of one with a token every 10 s: arrivals at 0, 5 and 12 s start at 0, 10 and 20 s. A ceiling of one and one
/// more every 10 s from the first refusal, at 5 s: at 0, 15 and 25 s. Windows of 10 s: at 0, 10 and 20 s.
#[test]
fn waiting_for_a_start_token() {
    let bucket = Scaling::Bucket { burst: 1.0, rate: 0.1 };
    let ceiling = Scaling::Ceiling { burst: 1.0, rate: 0.1 };
    let window = Scaling::Window { starts: 1, every: Span::from_secs(10) };
    for (scaling, starts) in [(bucket, [0, 10, 20]), (ceiling, [0, 15, 25]), (window, [0, 10, 20])] {
        let mut s = queue(1.0, Distribution::constant(100.0).unwrap(), 9, Limit::At(5), 60.0);
        let arrivals = [0, 5, 12];
        let trace = Trace::from_timestamps(arrivals.map(|t| t * NANOS).to_vec(), vec![], false, None).unwrap();
        s.traffic[0].arrivals = Arrivals::Trace(std::sync::Arc::new(trace));
        s.simulation.run_in = Span::ZERO;
        s.account.scaling = scaling;
        let t = engine::run(&s, 1, 0).functions.remove(0);
        let waited: i64 = starts.iter().zip(arrivals).map(|(start, arrival)| start - arrival).sum();
        assert_eq!((t.ok, t.latency.sum_secs().round() as i64), (3, 300 + waited), "{scaling:?}");
    }
}
