//! From logs to a scenario: what was read becomes figures with intervals, and the figures a fragment of a scenario.
//!
//! - `read`: logs, metrics and traces to [`Records`]
//! - `fit`: laws by maximum likelihood, chosen by AIC, tested by a bootstrap
//! - `arrivals`, `bursts`, `service`, `cold_start`, `memory`, `retries`, `keep_alive`: a subject each
//! - `fragment`: figures as TOML, each with a comment
//!
//! Text to values and findings: nothing here reads a file. Bootstrap draws have a fixed seed: the same log gives the same
//! fragment.

pub mod arrivals;
mod bursts;
pub mod cold_start;
pub mod figure;
pub mod fit;
pub mod fragment;
pub mod keep_alive;
mod memory;
pub mod read;
pub mod records;
mod retries;
pub mod service;

pub use figure::{Figure, Place, Unit};
pub use read::Kind;
pub use records::Records;

use std::collections::BTreeMap;

use self::arrivals::Observed;
use self::records::{Ending, Invocation, Measure};
use crate::estimate::Estimate;
use crate::platform::Platform;
use crate::random::Key;
use crate::units::{Bytes, NANOS};

/// Seed of the bootstrap's draws.
const SEED: u64 = 0x0ca1_1b7a;

/// What logs say of a function.
#[derive(Clone, Debug)]
pub struct Calibrated {
    /// Its name, as a scenario takes it.
    pub function: String,
    /// Attempts that were read.
    pub invocations: usize,
    /// First and last arrival in nanoseconds since 1970, where they are dates.
    pub window: Option<(i64, i64)>,
    /// The figures, in the order of the scenario.
    pub figures: Vec<Figure>,
}

impl Calibrated {
    /// The figure of this name.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }
}

/// Functions with the most records, at most `most`, by name.
#[must_use]
pub fn calibrate(records: &Records, function: Option<&str>, most: usize) -> Vec<Calibrated> {
    let mut sizes = vec![0_usize; records.functions.len()];
    records.invocations.iter().for_each(|i| sizes[i.function] += 1);
    records.counts.iter().for_each(|c| sizes[c.function] += 1);
    records.sizes.iter().for_each(|s| sizes[s.function] += 1);
    let mut chosen: Vec<usize> = (0..sizes.len())
        .filter(|f| {
            sizes[*f] > 0 && function.is_none_or(|name| records.functions[*f] == name || records.functions[*f].is_empty())
        })
        .collect();
    chosen.sort_by_key(|f| std::cmp::Reverse(sizes[*f]));
    chosen.truncate(most);
    chosen.sort_by(|a, b| records.functions[*a].cmp(&records.functions[*b]));
    chosen.into_iter().map(|f| one(records, f, function)).collect()
}

fn one(records: &Records, index: usize, wanted: Option<&str>) -> Calibrated {
    let given = records.functions[index].as_str();
    let name = fragment::name(if given.is_empty() { wanted.unwrap_or("") } else { given });
    let key = Key::new(SEED, 0).name(&name);
    let invocations: Vec<&Invocation> = records.invocations.iter().filter(|i| i.function == index).collect();
    let ran: Vec<&Invocation> = invocations.iter().copied().filter(|i| i.ending != Ending::Throttled).collect();
    let mut figures = memory::figures(&ran);
    figures.extend(timeout(&ran));
    figures.extend(cold_start::figures(&ran, records.step, key.with(1)));
    figures.extend(keep_alive::figure(&ran));
    figures.extend(work(records, index, &ran, key));
    figures.extend(endings(records, index, &invocations, &ran));
    figures.extend(retries::figure(&ran));
    let observed = observed(records, index, &invocations);
    figures.extend(observed.iter().flat_map(|observed| arrivals::figures(observed, key.with(2))));
    let times = || invocations.iter().filter_map(|i| i.at);
    let window = times().min().zip(times().max()).filter(|window| window.0 > 100_000_000 * NANOS);
    figures.sort_by_key(|figure| figure.place);
    Calibrated { function: name, invocations: invocations.len(), window, figures }
}

/// Arrivals of first attempts, or counts where there are no invocations.
fn observed(records: &Records, index: usize, invocations: &[&Invocation]) -> Option<Observed> {
    let first = retries::first_attempts(invocations);
    let mut times: Vec<i64> = invocations.iter().zip(first).filter(|(_, first)| *first).filter_map(|(i, _)| i.at).collect();
    if times.len() > 1 {
        times.sort_unstable();
        return Some(Observed::Times { times, tick: records.tick });
    }
    let mut counts: Vec<(i64, f64)> = Vec::new();
    let requests = records.counts.iter().filter(|c| c.function == index && c.measure == Measure::Requests);
    let every = requests.clone().map(|c| c.every).min()?;
    for count in requests {
        // An interval without a data point had no requests.
        if let Some((last, _)) = counts.last().copied() {
            let missing = ((count.at - last) / every - 1).clamp(0, 1_000_000);
            counts.extend((1..=missing).map(|i| (last + i * every, 0.0)));
        }
        counts.push((count.at, count.value));
    }
    Some(Observed::Counts { counts, every })
}

/// The timeout, if an invocation was cut by it.
fn timeout(ran: &[&Invocation]) -> Option<Figure> {
    let cut: Vec<f64> = ran.iter().filter(|i| i.ending == Ending::Timeout).filter_map(|i| i.duration).collect();
    let longest = cut.iter().copied().fold(0.0, f64::max);
    (longest > 0.0).then(|| {
        // Timeouts are whole seconds, and an invocation that is cut runs a little longer.
        let seconds = if longest > 1.0 { longest.floor() } else { longest };
        let value = format!("\"{}\"", figure::quantity(seconds, Unit::Seconds));
        Figure::new("timeout", Place::Function, "timeout", value, Estimate::point(seconds, cut.len()), Unit::Seconds)
            .saying(format!("{} invocations were cut there", cut.len()))
    })
}

/// Service time and sizes of responses.
fn work(records: &Records, index: usize, ran: &[&Invocation], key: Key) -> Vec<Figure> {
    let platform = records.platform.and_then(|id| Platform::find(id).ok());
    // One thread of user code has at most one vCPU.
    let share =
        |memory: u64| platform.map_or(1.0, |platform| platform.vcpu_for(&platform.default_region, Bytes(memory)).get().min(1.0));
    let first = if ran.iter().all(|i| i.cold.is_none()) { cold_start::firsts(ran, NANOS) } else { vec![false; ran.len()] };
    let mut sizes: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for (i, cold) in ran.iter().zip(first) {
        // What was cut says only that it takes longer, and a hang is drawn apart. The first of an instance has its start in it.
        if let (Some(duration), false, false) = (i.duration, i.ending == Ending::Timeout, cold) {
            sizes.entry(i.memory.unwrap_or(0)).or_default().push(duration);
        }
    }
    for size in records.sizes.iter().filter(|size| size.function == index) {
        sizes.entry(size.memory).or_default().push(size.seconds);
    }
    let averages: Vec<f64> =
        records.counts.iter().filter(|c| c.function == index && c.measure == Measure::Duration).map(|c| c.value).collect();
    let mut figures = Vec::new();
    if sizes.is_empty() && !averages.is_empty() {
        sizes.insert(0, averages);
        figures.extend(
            service::figures(&sizes, &share, records.step, key)
                .into_iter()
                .map(|figure| figure.saying("of the means of intervals: single invocations vary more than that")),
        );
    } else {
        figures.extend(service::figures(&sizes, &share, records.step, key));
    }
    let over = keep_alive::overlapping(ran);
    if over > 0.1
        && let Some(figure) = figures.first_mut()
    {
        figure.about.push(format!(
            "{:.0} % began while another ran on their instance: the times hold what they took from each other, and the forecast does \
             not move them with the load",
            100.0 * over
        ));
    }
    let responses: Vec<f64> = ran.iter().filter_map(|i| i.response).map(|bytes| bytes as f64).collect();
    if let Some(fitted) = fit::law(&responses, 1.0, key.with(3)) {
        figures.push(Figure::law("response size", Place::Work, "response_bytes", &fitted, &responses, Unit::Bytes));
    }
    figures
}

/// Shares of errors, timeouts and throttles.
fn endings(records: &Records, index: usize, all: &[&Invocation], ran: &[&Invocation]) -> Vec<Figure> {
    let sum = |measure| {
        let values = records.counts.iter().filter(|c| c.function == index && c.measure == measure).map(|c| c.value);
        values.sum::<f64>().round() as u64
    };
    let with = |ending| ran.iter().filter(|i| i.ending == ending).count() as u64;
    let mut figures = Vec::new();
    let (errors, of) =
        if ran.is_empty() { (sum(Measure::Errors), sum(Measure::Requests)) } else { (with(Ending::Error), ran.len() as u64) };
    let has_errors = !ran.is_empty() || records.counts.iter().any(|c| c.function == index && c.measure == Measure::Errors);
    if of > 0 && has_errors {
        // Faults are drawn one after the other: an error is among those that did not hang.
        let timeouts = with(Ending::Timeout);
        if timeouts > 0 {
            figures.push(
                Figure::share("timeouts", Place::Faults, "hang", timeouts, of)
                    .saying("taken for hangs: work that would never end"),
            );
        }
        figures.push(Figure::share("errors", Place::Faults, "error", errors.min(of), of));
    }
    let (throttled, attempts) = if all.is_empty() {
        (sum(Measure::Throttles), of + sum(Measure::Throttles))
    } else {
        ((all.len() - ran.len()) as u64, all.len() as u64)
    };
    if throttled > 0 {
        figures.push(
            Figure::share("throttled", Place::Function, "", throttled, attempts)
                .saying("not set but found again by a run with the quota that throttled"),
        );
    }
    figures
}
