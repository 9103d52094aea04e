//! Arrivals that are no Poisson process: two states with rates of their own (by a hidden Markov model of counts), or gaps with
//! a law of their own.

use super::arrivals::Observed;
use super::figure::{Unit, digits, law, quantity};
use super::fit;
use crate::random::Key;
use crate::units::NANOS;

/// Two states: arrivals a second and mean stay in seconds of each.
pub(super) type States = [(f64, f64); 2];

/// Most intervals of the hidden Markov model.
const MOST: i64 = 20_000;
const ROUNDS: usize = 300;

/// The process as the scenario writes it, by how much the rate's standard error is wider than Poisson's, and what to say.
pub(super) fn process(
    observed: &Observed,
    per_second: f64,
    dispersion: Option<(f64, f64, f64)>,
    gaps: Option<&[f64]>,
    key: Key,
) -> (String, f64, Vec<String>) {
    let d = dispersion.map_or(1.0, |(d, ..)| d);
    if d > 1.0
        && let Some((states, width)) = states(observed, per_second)
    {
        let state = |(rate, stay): (f64, f64)| {
            format!("{{ rate = \"{}/s\", mean_time = \"{}\" }}", digits(rate), quantity(stay, Unit::Seconds))
        };
        let mut about = vec![format!(
            "bursts: two states by a hidden Markov model of counts in {}; its index of dispersion is {} in the same intervals, and at most {}",
            quantity(width, Unit::Seconds),
            dispersion.map_or_else(|| "unknown".to_owned(), |(_, w, _)| digits(index(&states, w))),
            digits(index(&states, 1e9)),
        )];
        about.push("a recorded trace replays the bursts as they were: `arrivals = { trace = … }`".to_owned());
        if states.iter().any(|state| state.1 < 2.0 * width) {
            about.push("a stay is as short as the intervals: it may be shorter than that".to_owned());
        }
        let wider = index(&states, 1e9).sqrt();
        return (format!("{{ mmpp = [{}, {}] }}", state(states[0]), state(states[1])), wider, about);
    }
    if let Some(fitted) = gaps.and_then(|gaps| fit::law(gaps, 0.0, key.with(2))) {
        let cv = gaps.map_or(1.0, |gaps| {
            let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
            (gaps.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / gaps.len() as f64).sqrt() / mean
        });
        let about = vec![format!("the gaps are not exponential: {}", fitted.estimated.family.key())];
        return (format!("{{ renewal = {} }}", law(&fitted, Unit::Seconds)), cv, about);
    }
    let about =
        vec!["neither even, Poisson nor bursts of two states: replay the trace itself, `arrivals = { trace = … }`".to_owned()];
    (format!("{{ poisson = \"{}/s\" }}", digits(per_second)), d.max(1.0).sqrt(), about)
}

/// Index of dispersion of counts of two states in intervals of a length (Fischer & Meier-Hellstern 1993, "The Markov-modulated
/// Poisson process cookbook", Performance Evaluation 18).
pub(super) fn index(states: &States, seconds: f64) -> f64 {
    let [(a, stay_a), (b, stay_b)] = *states;
    let (leave, share) = (1.0 / stay_a + 1.0 / stay_b, stay_a / (stay_a + stay_b));
    let mean = share * a + (1.0 - share) * b;
    let variance = share * (1.0 - share) * (a - b) * (a - b);
    let x = leave * seconds;
    1.0 + 2.0 * variance / (mean * leave) * (1.0 + libm::expm1(-x) / x)
}

/// Two states by Baum and Welch's algorithm on counts; `None` where they come out the same, or one is never left.
fn states(observed: &Observed, per_second: f64) -> Option<(States, f64)> {
    let count = |width: i64| observed.binned(width);
    let finest = (2.0 / per_second * NANOS as f64) as i64;
    let (bins, width) = count(finest.max(1));
    let (bins, width) =
        if bins.len() as i64 > MOST { count(width * (bins.len() as i64).div_euclid(MOST).max(1) + width) } else { (bins, width) };
    if bins.len() < 20 {
        return None;
    }
    let mean = bins.iter().sum::<f64>() / bins.len() as f64;
    let (mut rate, mut stay) = ([0.3 * mean, 2.0 * mean], [0.95, 0.9]);
    for _ in 0..ROUNDS {
        let (new_rate, new_stay) = round(&bins, rate, stay)?;
        let moved = (0..2).map(|s| (new_rate[s] / rate[s] - 1.0).abs() + (new_stay[s] - stay[s]).abs()).fold(0.0, f64::max);
        (rate, stay) = (new_rate, new_stay);
        if moved < 1e-7 {
            break;
        }
    }
    let seconds = width as f64 / NANOS as f64;
    // The chain of intervals is the process of states, looked at in steps: its eigenvalue is exp(-leaving rate x step).
    let eigen = stay[0] + stay[1] - 1.0;
    let leave = if eigen > 0.0 { -libm::log(eigen) / seconds } else { return None };
    let state = |s: usize| (rate[s] / seconds, (2.0 - stay[0] - stay[1]) / (leave * (1.0 - stay[s])));
    let found = [state(1), state(0)];
    // The states have to be apart, and to be left and entered often enough to be seen.
    let span = bins.len() as f64 * seconds;
    let apart = rate[1] > 1.5 * rate[0] && found.iter().all(|(_, stay)| *stay < span / 4.0);
    apart.then_some((found, seconds))
}

/// One round of the algorithm: new rates a bin, and probabilities to stay.
fn round(bins: &[f64], rate: [f64; 2], stay: [f64; 2]) -> Option<([f64; 2], [f64; 2])> {
    let step = [[stay[0], 1.0 - stay[0]], [1.0 - stay[1], stay[1]]];
    // The likelihood of a count relative to that of the other state: factorials cancel.
    let likely = |count: f64| {
        let logs = [0, 1].map(|s| count * libm::log(rate[s].max(1e-12)) - rate[s]);
        let most = logs[0].max(logs[1]);
        logs.map(|log| libm::exp(log - most).max(1e-300))
    };
    let seen: Vec<[f64; 2]> = bins.iter().map(|count| likely(*count)).collect();
    let normal = |pair: [f64; 2]| {
        let sum = pair[0] + pair[1];
        [pair[0] / sum, pair[1] / sum]
    };
    let mut forward = Vec::with_capacity(bins.len());
    let mut now = [0.5, 0.5];
    for (i, l) in seen.iter().enumerate() {
        if i > 0 {
            now = [0, 1].map(|to| now[0] * step[0][to] + now[1] * step[1][to]);
        }
        now = normal([now[0] * l[0], now[1] * l[1]]);
        forward.push(now);
    }
    let mut back = [1.0, 1.0];
    let (mut weight, mut counts, mut from, mut kept) = ([0.0; 2], [0.0; 2], [0.0; 2], [0.0; 2]);
    for i in (0..bins.len()).rev() {
        let here = normal([forward[i][0] * back[0], forward[i][1] * back[1]]);
        for s in 0..2 {
            weight[s] += here[s];
            counts[s] += here[s] * bins[i];
        }
        if i > 0 {
            let next = [0, 1].map(|to| seen[i][to] * back[to]);
            let joint = [0, 1].map(|a| [0, 1].map(|b| forward[i - 1][a] * step[a][b] * next[b]));
            let sum: f64 = joint.iter().flatten().sum();
            for s in 0..2 {
                from[s] += (joint[s][0] + joint[s][1]) / sum;
                kept[s] += joint[s][s] / sum;
            }
            back = normal([0, 1].map(|a| step[a][0] * next[0] + step[a][1] * next[1]));
        }
    }
    let new_rate = [0, 1].map(|s: usize| (counts[s] / weight[s]).max(1e-9));
    let new_stay = [0, 1].map(|s: usize| (kept[s] / from[s]).clamp(1e-6, 1.0 - 1e-9));
    (new_rate.iter().chain(&new_stay).all(|x| x.is_finite())).then_some((new_rate, new_stay))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::distribution::Distribution;

    #[test]
    fn the_states_that_made_the_bursts_are_found() {
        let mut stream = Key::new(2, 0).stream();
        let mut exponential = |mean: f64| Distribution::exponential(mean).unwrap().sample(&mut stream);
        let (mut times, mut start) = (Vec::new(), 0.0);
        for _ in 0..200 {
            for (rate, stay) in [(40.0, 20.0), (2.0, 40.0)] {
                let end = start + exponential(stay);
                let mut at = start + exponential(1.0 / rate);
                while at < end {
                    times.push((at * 1e9) as i64);
                    at += exponential(1.0 / rate);
                }
                start = end;
            }
        }
        let per_second = times.len() as f64 / start;
        let (found, _) = states(&Observed::Times { times, tick: 0.0 }, per_second).unwrap();
        for ((rate, stay), (true_rate, true_stay)) in found.into_iter().zip([(40.0, 20.0), (2.0, 40.0)]) {
            assert!((rate / true_rate - 1.0).abs() < 0.1 && (stay / true_stay - 1.0).abs() < 0.3, "{found:?}");
        }
    }

    #[test]
    fn the_index_rises_from_one_to_its_limit() {
        let states = [(20.0, 10.0), (2.0, 20.0)];
        assert!((index(&states, 1e-6) - 1.0).abs() < 1e-3);
        // By hand: shares 1/3 and 2/3, mean 8, variance 72, leaving rate 0.15: 1 + 2 x 72 / (8 x 0.15) = 121.
        assert!((index(&states, 1e9) - 121.0).abs() < 1e-3);
    }
}
