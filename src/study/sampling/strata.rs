//! Windows and strata. Windows around events, at the cold start, at the ragged end, and of the highest load are always simulated.
//! The others are sorted by load and cut into strata by the rule of Dalenius & Hodges (1959, "Minimum variance stratification",
//! J. Am. Stat. Assoc. 54): equal steps of the cumulated square root of (requests x how fast what is measured changes with the
//! load). What changes is not known, but for two things: anything may, a little, and throttling does where the load nears a limit.

use super::load::Loads;
use crate::engine::bin_width;
use crate::random::{CELL_NANOS, Key};
use crate::scenario::{Event, Scenario, Start};
use crate::units::Span;

/// Lengths of windows in minutes: divisors of an hour.
const LENGTHS: [i64; 10] = [60, 30, 15, 10, 6, 5, 4, 3, 2, 1];
/// Classes of load for the cumulated square root.
const CLASSES: usize = 256;
/// Weight of a change of the load from none to the highest, against one of the throttled share from none to the highest.
const ANYTHING: f64 = 0.5;
/// A stratum has at least this many windows for the one that is drawn.
const FEWEST: usize = 3;
/// Part of the mean load that is added to a window's size: what the clock causes is drawn too where nothing arrives.
const FLOOR: f64 = 0.02;
/// The aftermath of an event is at least this long.
const AFTERMATH: Span = Span::from_secs(1_800);
/// Of longer events the middle is not always simulated.
const LONG_EVENT: Span = Span::from_secs(4 * 3_600);

/// The windows of a horizon.
pub(super) struct Strata {
    /// Length of a window, nanoseconds.
    length: i64,
    horizon: i64,
    /// Stretches that are always simulated, first and one past the last window, in order.
    certain: Vec<(usize, usize)>,
    /// Windows of each stratum by rising load, and the sum of their sizes up to and with each.
    groups: Vec<Group>,
}

struct Group {
    windows: Vec<usize>,
    sums: Vec<f64>,
}

/// A window that was drawn, and the starts of those that it stands for.
pub(super) struct Drawn {
    pub(super) window: usize,
    pub(super) copies: u64,
    pub(super) places: Vec<(i64, u64)>,
}

impl Strata {
    /// With about `requests` to simulate in a replication, in at least `fewest` strata.
    pub(super) fn new(scenario: &Scenario, loads: &Loads, run_in: Span, by_the_hour: bool, requests: f64, fewest: usize) -> Self {
        let horizon = scenario.simulation.horizon.0;
        let length = length(horizon, run_in, by_the_hour);
        let mut strata = Self { length, horizon, certain: Vec::new(), groups: Vec::new() };
        let n = strata.windows();
        let load: Vec<f64> = (0..n).map(|i| strata.load(loads, i)).collect();
        let is_certain = strata.always(scenario, run_in, &load);
        strata.certain = stretches(&is_certain);
        let mut others: Vec<usize> = (0..n).filter(|i| !is_certain[*i]).collect();
        others.sort_by(|a, b| load[*a].total_cmp(&load[*b]));
        if others.is_empty() {
            return strata;
        }
        // Windows are drawn in proportion to their requests.
        let (sum, squares) = others.iter().fold((0.0, 0.0), |(s, q), i| (s + load[*i], q + load[*i] * load[*i]));
        let one = if sum > 0.0 { squares / sum * (length + run_in.0) as f64 / length as f64 } else { f64::INFINITY };
        let left = (requests - strata.cost(loads, run_in)).max(0.0);
        let most = (others.len() / FEWEST).max(1);
        let groups = ((left / one) as usize).clamp(fewest.min(most), most);
        let size = |i: usize| if by_the_hour { 1.0 } else { load[i] + FLOOR * sum / others.len() as f64 };
        let excess = |i: usize| loads.excess(strata.span(i).0, strata.span(i).1);
        let steps = steps(&others, &load, excess);
        strata.groups = cut(&others, &steps, groups)
            .into_iter()
            .map(|windows| {
                let mut total = 0.0;
                let sums = windows.iter().map(|i| {
                    total += size(*i);
                    total
                });
                Group { sums: sums.collect(), windows }
            })
            .collect();
        strata
    }

    pub(super) const fn length(&self) -> i64 {
        self.length
    }

    pub(super) const fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Windows of the horizon; the last one may be shorter.
    pub(super) const fn windows(&self) -> usize {
        ((self.horizon + self.length - 1) / self.length) as usize
    }

    pub(super) fn certain_windows(&self) -> usize {
        self.certain.iter().map(|(first, end)| end - first).sum()
    }

    /// Start and end of a window.
    pub(super) fn span(&self, window: usize) -> (i64, i64) {
        let from = window as i64 * self.length;
        (from, (from + self.length).min(self.horizon))
    }

    /// Start and end of what is always simulated.
    pub(super) fn certain(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.certain.iter().map(|(first, end)| (self.span(*first).0, self.span(*end - 1).1))
    }

    fn load(&self, loads: &Loads, window: usize) -> f64 {
        let (from, to) = self.span(window);
        loads.between(from, to)
    }

    /// Expected requests of a replication, run-ins included.
    pub(super) fn cost(&self, loads: &Loads, run_in: Span) -> f64 {
        let certain: f64 = self.certain().map(|(from, to)| loads.between(from - run_in.0, to)).sum();
        let of_group = |group: &Group| {
            let mut before = 0.0;
            let total = group.sums.last().copied().unwrap_or(0.0);
            let mut mean = 0.0;
            for (window, sum) in group.windows.iter().zip(&group.sums) {
                let (from, to) = self.span(*window);
                mean += (sum - before) / total * loads.between(from - run_in.0, to);
                before = *sum;
            }
            mean
        };
        certain + self.groups.iter().map(of_group).sum::<f64>()
    }

    /// Which windows are always simulated.
    fn always(&self, scenario: &Scenario, run_in: Span, load: &[f64]) -> Vec<bool> {
        let n = self.windows();
        let mut always = vec![false; n];
        let mut mark = |from: i64, to: i64| {
            if to > 0 && from < self.horizon {
                let (first, last) = (from.max(0) / self.length, (to.min(self.horizon) - 1) / self.length);
                always[first as usize..=last as usize].fill(true);
            }
        };
        for event in &scenario.events {
            around(event, run_in, self.horizon).into_iter().for_each(|(from, to)| mark(from, to));
        }
        if scenario.simulation.start == Start::Cold {
            mark(0, run_in.0);
        }
        if self.horizon % self.length != 0 {
            mark(self.horizon - 1, self.horizon);
        }
        let highest = load.iter().copied().fold(0.0, f64::max);
        if let Some(peak) = load.iter().position(|x| *x >= highest) {
            always[peak] = true;
        }
        // A gap that is shorter than the run-in is better simulated, too.
        let gap = (run_in.0 / self.length) as usize;
        for (_, end) in stretches(&always) {
            if let Some(next) = (end..n.min(end + gap + 1)).find(|i| always[*i]) {
                always[end..next].fill(true);
            }
        }
        always
    }

    /// Draws one window of each stratum, in proportion to size; neighbouring strata from opposite sides.
    pub(super) fn draw(&self, key: Key) -> Vec<Drawn> {
        let rounding = key.with(u64::MAX).uniform();
        let mut wanted = 0.0;
        let mut given = 0;
        let draw = |(number, group): (usize, &Group)| {
            let u = key.with(number as u64 / 2).uniform();
            let u = if number % 2 == 0 { u } else { 1.0 - u };
            let total = group.sums.last().copied().unwrap_or(0.0);
            let at = group.sums.partition_point(|sum| *sum <= u * total).min(group.windows.len() - 1);
            let size = group.sums[at] - if at > 0 { group.sums[at - 1] } else { 0.0 };
            // Whole copies, so that counts stay counts; on average, and nearly in sum, what they should be.
            wanted += total / size;
            let copies = (wanted + rounding).floor() as u64 - given;
            given += copies;
            let mut placed = 0;
            let places = group.windows.iter().zip(&group.sums).map(|(window, sum)| {
                let up_to = (copies as f64 * sum / total + 0.5).floor() as u64;
                let times = up_to.min(copies) - placed;
                placed += times;
                (self.span(*window).0, times)
            });
            let places: Vec<(i64, u64)> = places.collect();
            Drawn { window: group.windows[at], copies, places }
        };
        self.groups.iter().enumerate().map(draw).filter(|drawn| drawn.copies > 0).collect()
    }
}

/// About half a run-in, so that neither the run-ins nor what is measured is most of the work; windows and timeline bins divide
/// each other.
fn length(horizon: i64, run_in: Span, by_the_hour: bool) -> i64 {
    let bin = bin_width(horizon);
    let fits = |length: i64| bin % length == 0 || length % bin == 0;
    let lengths = || LENGTHS.iter().map(|minutes| minutes * CELL_NANOS).filter(|length| fits(*length));
    let long = if by_the_hour { i64::MAX } else { run_in.0 / 2 };
    lengths().find(|length| *length <= long).or_else(|| lengths().next_back()).unwrap_or(CELL_NANOS)
}

/// What is always simulated of an event: all of it and its aftermath; of a long one its beginning and its end. An event that lasts
/// as long as the horizon is none.
fn around(event: &Event, run_in: Span, horizon: i64) -> Vec<(i64, i64)> {
    let (at, end) = (event.at.0, (event.at + event.duration).0);
    if at <= 0 && end >= horizon {
        return Vec::new();
    }
    let aftermath = (3 * run_in.0).max(event.duration.0.min(LONG_EVENT.0)).max(AFTERMATH.0);
    if event.duration <= LONG_EVENT {
        return vec![(at, end + aftermath)];
    }
    let edges = [(at, at + aftermath), (end, end + aftermath)];
    edges.into_iter().filter(|(from, _)| *from > 0 && *from < horizon).collect()
}

/// First and one past the last of each run of `true`.
fn stretches(flags: &[bool]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for i in (0..flags.len()).filter(|i| flags[*i]) {
        match found.last_mut() {
            Some((_, end)) if *end == i => *end += 1,
            _ => found.push((i, i + 1)),
        }
    }
    found
}

/// For each window, by rising load, its step of the cumulated square root.
fn steps(sorted: &[usize], load: &[f64], excess: impl Fn(usize) -> f64) -> Vec<f64> {
    let (lowest, highest) = (load[sorted[0]], sorted.last().map_or(0.0, |i| load[*i]));
    let width = (highest - lowest) / CLASSES as f64;
    let class = |i: usize| if width > 0.0 { (((load[i] - lowest) / width) as usize).min(CLASSES - 1) } else { 0 };
    let mut mass = vec![0.0; CLASSES];
    let mut beyond = vec![0.0; CLASSES];
    let mut count = vec![0.0_f64; CLASSES];
    for i in sorted {
        mass[class(*i)] += load[*i];
        beyond[class(*i)] += excess(*i);
        count[class(*i)] += 1.0;
    }
    // Share that is likely to be throttled, by class; where there is no window, as in the class below.
    let mut throttled = vec![0.0_f64; CLASSES + 1];
    for c in 0..CLASSES {
        throttled[c + 1] = if mass[c] > 0.0 { beyond[c] / mass[c] } else { throttled[c] };
    }
    let most = throttled.iter().copied().fold(0.0, f64::max);
    let change = |c: usize| {
        let nearer = if most > 0.0 { (throttled[c + 1] - throttled[c]).abs() / most } else { 0.0 };
        ANYTHING / CLASSES as f64 + nearer
    };
    let even = 1.0 / sorted.len() as f64;
    sorted
        .iter()
        .map(|i| {
            let c = class(*i);
            // The step of the class, shared out evenly; windows without traffic have a little of it.
            (mass[c] * change(c)).sqrt() / count[c].max(1.0) + 1e-9 * even
        })
        .collect()
}

/// Cuts the windows where the cumulated steps pass whole parts; none is left empty.
fn cut(sorted: &[usize], steps: &[f64], groups: usize) -> Vec<Vec<usize>> {
    let total: f64 = steps.iter().sum();
    let mut cut: Vec<Vec<usize>> = vec![Vec::new(); groups];
    let mut sum = 0.0;
    for (window, step) in sorted.iter().zip(steps) {
        let group = ((sum + 0.5 * step) / total * groups as f64) as usize;
        cut[group.min(groups - 1)].push(*window);
        sum += step;
    }
    cut.retain(|windows| !windows.is_empty());
    cut
}
