//! How far a candidate is from its objectives: by point estimates with their noise, while it is screened; by intervals with a
//! tolerance, when it is judged.

use crate::estimate::Estimate;
use crate::estimate::looks::widened;
use crate::histogram::Histogram;
use crate::study::result::ObjectiveResult;
use crate::study::spread::is_share;

/// Margins beyond this factor either way say no more than that they are far: e^2.
const FAR: f64 = 2.0;
/// Relative standard deviation of one observation of a mean or a largest time, where nothing is known of its law.
const SPREAD: f64 = 1.0;
/// Least noise of any figure.
const LEAST_NOISE: f64 = 0.01;
/// An allowed share below this one is not told from 0: 0.01 percentage points.
const LEAST_SHARE: f64 = 1e-4;

/// A point estimate against its target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Margin {
    /// Logarithm of the figure over what is allowed, positive beyond it; of an availability, of what fails over what may.
    pub(super) beyond: f64,
    /// Its standard deviation, by rule of thumb.
    pub(super) noise: f64,
}

impl Margin {
    /// From an objective's estimate over so many requests, whose times are in the histogram (empty for the whole scenario's).
    pub(super) fn new(o: &ObjectiveResult, requests: u64, times: &Histogram) -> Self {
        let requests = (requests as f64).max(1.0);
        let Some(mean) = o.estimate.mean else { return Self { beyond: FAR, noise: LEAST_NOISE } };
        let (figure, allowed, noise) = if is_share(&o.name) {
            let (rare, allowed) = if o.name == "availability" { (1.0 - mean, 1.0 - o.target) } else { (mean, o.target) };
            // Half an event, so that none is not infinitely good.
            let half = 0.5 / requests;
            (rare + half, allowed + half, 1.0 / (allowed.max(rare) * requests).max(1.0).sqrt())
        } else {
            (mean, o.target, noise_of_time(&o.name, times).unwrap_or_else(|| SPREAD / requests.sqrt()))
        };
        let beyond = libm::log(figure.max(1e-300) / allowed.max(1e-300)).clamp(-FAR, FAR);
        Self { beyond, noise: noise.max(LEAST_NOISE) }
    }
}

/// Standard deviation of the logarithm of a quantile, as if all times were independent: half of what lies between the quantiles
/// one standard deviation of the share below it up and down (Woodruff 1952). `None` for what is no quantile, or too far out.
fn noise_of_time(name: &str, times: &Histogram) -> Option<f64> {
    let q: f64 = name.strip_prefix('p')?.parse::<f64>().ok()? / 100.0;
    let step = (q * (1.0 - q) / times.count() as f64).sqrt();
    let at = |q: f64| times.quantile(q).map(|time| libm::log(time.as_secs_f64().max(1e-9)));
    let (up, down) = (at((q + step).min(1.0))?, at((q - step).max(0.0))?);
    Some((up - down) / 2.0)
}

/// What intervals say of a candidate, given a tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// All objectives hold, by their whole intervals.
    Met,
    /// One is missed, by its whole interval.
    Missed,
    /// One is not better than its target by more than the tolerance, by its whole interval: too close to be told.
    Close,
    /// More replications would tell.
    Open,
}

impl Standing {
    /// By intervals that hold over as many looks together.
    pub(super) fn of(objectives: &[ObjectiveResult], tolerance: f64, looks: usize) -> Self {
        let all: Vec<Self> = objectives.iter().map(|o| one(o, tolerance, looks)).collect();
        let any = |wanted| all.contains(&wanted);
        match () {
            () if any(Self::Missed) => Self::Missed,
            () if any(Self::Close) => Self::Close,
            () if any(Self::Open) => Self::Open,
            () => Self::Met,
        }
    }
}

fn one(o: &ObjectiveResult, tolerance: f64, looks: usize) -> Standing {
    // The side of which little is allowed.
    let (estimate, allowed) = if o.name == "availability" {
        let Estimate { mean, lo, hi, n } = o.estimate;
        let other = |x: Option<f64>| x.map(|x| 1.0 - x);
        (Estimate { mean: other(mean), lo: other(hi), hi: other(lo), n }, 1.0 - o.target)
    } else {
        (o.estimate, o.target)
    };
    let wide = widened(&estimate, looks);
    let (Some(lo), Some(hi)) = (wide.lo, wide.hi) else { return Standing::Open };
    // Where nothing at all is allowed: no number of replications shows that, so a hair is.
    let least = if is_share(&o.name) { LEAST_SHARE } else { 0.0 };
    match () {
        () if hi <= allowed.max(least) => Standing::Met,
        () if lo > allowed.max(least) => Standing::Missed,
        () if lo > allowed * (1.0 - tolerance) => Standing::Close,
        () => Standing::Open,
    }
}

/// How far a point estimate is beyond its target, 0 where it holds: of an availability, in shares of what may fail.
pub(super) fn violation(o: &ObjectiveResult) -> f64 {
    let Some(mean) = o.estimate.mean else { return f64::INFINITY };
    let beyond = if o.name == "availability" {
        (o.target - mean) / (1.0 - o.target).max(LEAST_SHARE)
    } else {
        (mean - o.target) / o.target.max(1e-12)
    };
    beyond.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::result::Verdict;
    use crate::units::Span;

    fn objective(name: &str, target: f64, lo: f64, hi: f64) -> ObjectiveResult {
        let estimate = Estimate::interval(f64::midpoint(lo, hi), lo, hi, 10);
        ObjectiveResult { name: name.into(), function: String::new(), target, estimate, verdict: Verdict::Undecided }
    }

    #[test]
    fn an_interval_decides_or_is_close_or_open() {
        let of = |lo, hi| Standing::of(&[objective("availability", 0.99, lo, hi)], 0.1, 1);
        assert_eq!(of(0.991, 0.995), Standing::Met);
        assert_eq!(of(0.98, 0.9899), Standing::Missed);
        // 1 % may fail, the tolerance is a tenth of that: up to 99.1 % it is close.
        assert_eq!(of(0.9895, 0.9909), Standing::Close);
        assert_eq!(of(0.9895, 0.9915), Standing::Open);
        let p95 = |lo, hi| Standing::of(&[objective("p95", 1.0, lo, hi)], 0.05, 1);
        assert_eq!((p95(0.96, 1.01), p95(0.94, 1.01)), (Standing::Close, Standing::Open));
        // Looked at several times, it takes more to decide.
        let often = Standing::of(&[objective("availability", 0.99, 0.9902, 0.995)], 0.1, 4);
        assert_eq!((of(0.9902, 0.995), often), (Standing::Met, Standing::Open));
        // The worst one counts; without objectives there is nothing to miss.
        let both = [objective("p95", 1.0, 0.5, 0.6), objective("p99", 1.0, 1.1, 1.2)];
        assert_eq!(Standing::of(&both, 0.05, 1), Standing::Missed);
        assert_eq!(Standing::of(&[], 0.05, 1), Standing::Met);
    }

    #[test]
    fn no_failure_at_all_is_met_from_a_hair_on() {
        assert_eq!(Standing::of(&[objective("availability", 1.0, 0.999_95, 1.0)], 0.05, 1), Standing::Met);
        assert_eq!(Standing::of(&[objective("throttled", 0.0, 0.0, 0.001)], 0.05, 1), Standing::Open);
    }

    #[test]
    fn margins_and_their_noise() {
        // 2 % fail where 1 % may, of 10,000: log 2, and a standard deviation of 1/sqrt(200).
        let none = Histogram::new();
        let m = Margin::new(&objective("availability", 0.99, 0.98, 0.98), 10_000, &none);
        assert!((m.beyond - 0.69).abs() < 0.01 && (m.noise - 0.0707).abs() < 1e-3);
        // None of 10,000 fails: good, and not infinitely so.
        let good = Margin::new(&objective("availability", 0.99, 1.0, 1.0), 10_000, &none);
        assert!(good.beyond == -FAR);
        // Times evenly from 0 to 1 s, 1,000 of them: p95 has a standard deviation of sqrt(0.95 x 0.05 / 1000) = 6.9 ms.
        let mut times = Histogram::new();
        (0..1_000).for_each(|i| times.record(Span::from_millis(i)));
        let on_target = Margin::new(&objective("p95", 0.95, 0.95, 0.95), 1_000, &times);
        assert!(on_target.beyond.abs() < 1e-9 && (on_target.noise / 0.007_25 - 1.0).abs() < 0.4, "{on_target:?}");
    }

    #[test]
    fn violations_are_shares_of_what_is_allowed() {
        assert!((violation(&objective("availability", 0.99, 0.98, 0.98)) - 1.0).abs() < 1e-9);
        assert!((violation(&objective("p95", 2.0, 3.0, 3.0)) - 0.5).abs() < 1e-9);
        assert_eq!(violation(&objective("p95", 2.0, 1.0, 1.0)), 0.0);
    }
}
