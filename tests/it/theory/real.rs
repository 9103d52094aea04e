//! Against measurements: the cold starts of a real function, predicted from one experiment for three others; and a recorded
//! trace, replayed.
//!
//! The measurements are every request of four experiments of 28 h with Poisson arrivals on a 128 MB function (Lambda, 2020;
//! N. Mahmoudi and H. Khazaei, "Performance modeling of serverless computing platforms"; pacslab/serverless-performance-modeling).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use faascast::scenario::{Function, KeepAlive, Scenario};
use faascast::units::Span;
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;
use faascast::workload::trace::{Trace, TraceOptions, read};

use super::run_in;
use crate::support::{function, rate, replicate, scenario};

/// Where the real data is: beside the project.
fn examples(path: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "shared", "examples", path].iter().collect()
}

/// One request as its client saw it; times in seconds.
struct Row {
    start: f64,
    end: f64,
    cold: bool,
    instance: String,
}

struct Experiment {
    rows: Vec<Row>,
}

impl Experiment {
    fn read(name: &str) -> Self {
        let path = examples(&format!("measured/poisson-coldstart/res-01-{name}.csv"));
        let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let header = reader.headers().unwrap().clone();
        let column = |name: &str| header.iter().position(|h| h == name).unwrap_or_else(|| panic!("no column {name}"));
        let (cold, instance) = (column("is_cold"), column("exist_id"));
        let (start, end) = (column("client_start_time"), column("client_end_time"));
        let row = |r: csv::StringRecord| Row {
            start: r[start].parse().unwrap(),
            end: r[end].parse().unwrap(),
            cold: &r[cold] == "True",
            instance: r[instance].into(),
        };
        let rows: Vec<Row> = reader.records().map(|r| row(r.unwrap())).collect();
        assert!(rows.is_sorted_by_key(|r| r.start));
        Self { rows }
    }

    /// Requests after the first, whose fate depends on what was before the experiment.
    fn requests(&self) -> f64 {
        self.rows.len() as f64 - 1.0
    }

    fn length(&self) -> f64 {
        self.rows[self.rows.len() - 1].start - self.rows[0].start
    }

    fn cold_share(&self) -> f64 {
        self.rows[1..].iter().filter(|r| r.cold).count() as f64 / self.requests()
    }

    /// Seconds for which each instance that served had been idle.
    fn reused_after(&self) -> Vec<f64> {
        let mut last = BTreeMap::new();
        let idle = self.rows.iter().filter_map(|r| last.insert(&r.instance, r.end).map(|end| r.start - end));
        idle.collect()
    }

    /// The keep-alive lies between the longest idle time after which an instance served again and the shortest silence of the
    /// whole function after which a request was cold.
    fn keep_alive(&self) -> (f64, f64) {
        let longest = self.reused_after().into_iter().fold(0.0, f64::max);
        let mut latest = self.rows[0].end;
        let mut shortest = f64::INFINITY;
        for r in &self.rows[1..] {
            if r.cold && r.start > latest {
                shortest = shortest.min(r.start - latest);
            }
            latest = latest.max(r.end);
        }
        (longest, shortest)
    }

    fn durations(&self, cold: bool) -> Vec<f64> {
        self.rows.iter().filter(|r| r.cold == cold).map(|r| r.end - r.start).collect()
    }
}

/// What the one experiment teaches: the keep-alive, of which only the bracket is known, the work of warm requests, and what a
/// cold start adds. Routing is the default.
fn learn(from: &Experiment) -> Function {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (warm, cold) = (from.durations(false), from.durations(true));
    let (low, high) = from.keep_alive();
    let mut f = function("measured", Distribution::empirical(warm.clone()).unwrap());
    f.cold_start = Distribution::constant(mean(&cold) - mean(&warm)).unwrap();
    f.keep_alive = KeepAlive::Drawn(Distribution::uniform(low, high).unwrap());
    f
}

/// Cold starts among requests after the first in each of 1,000 replications: mean, and where 95 % of them lie.
fn predict(s: &Scenario, first_is_cold: bool) -> (f64, f64, f64) {
    let skip = u64::from(first_is_cold);
    let shares = replicate(s, 1_000).into_iter().map(|r| {
        let t = &r.functions[0];
        (t.cold_starts - skip) as f64 / (t.invocations - skip) as f64
    });
    let mut shares: Vec<f64> = shares.collect();
    shares.sort_by(f64::total_cmp);
    (shares.iter().sum::<f64>() / 1_000.0, shares[24], shares[975])
}

fn with_poisson(f: &Function, e: &Experiment) -> (f64, f64, f64) {
    let mut s = scenario(f.clone(), Arrivals::Poisson(rate(e.requests() / e.length())), e.length());
    run_in(&mut s, 7_200.0);
    predict(&s, false)
}

fn with_recorded(f: &Function, e: &Experiment) -> (f64, f64, f64) {
    let times = e.rows.iter().map(|r| ((r.start - e.rows[0].start) * 1e9) as i64).collect();
    let trace = Trace::from_timestamps(times, vec![], false, None).unwrap();
    predict(&scenario(f.clone(), Arrivals::Trace(Arc::new(trace)), e.length() + 1.0), true)
}

/// Cold start share of three experiments from what a fourth one, the quietest, teaches: observed against a 95 % prediction
/// interval, with Poisson arrivals at the measured rate and with the recorded ones.
///
/// Poisson forecasts hold for all three, for the busy one only just. Given the recorded arrivals, what is left to chance is where
/// in its bracket of 14 s each keep-alive ends, so the interval is a few cold starts wide: it holds for the two quiet
/// experiments (at its upper end in the first, where one cold start came after 494 s, well below the keep-alive) and misses the
/// busy one, with 29 observed and 32 predicted. The test below says why; nothing here was fitted to it.
#[test]
fn cold_starts_of_three_experiments_from_a_fourth() {
    let teacher = Experiment::read("2020-05-28_01-57-40");
    let (low, high) = teacher.keep_alive();
    println!("keep-alive between {low:.1} s and {high:.1} s");
    assert!(low < high && high - low < 20.0, "{low} {high}");
    let f = learn(&teacher);
    for (name, foreseen) in [("2020-06-04_23-02-14", true), ("2020-06-06_22-39-19", true), (BUSY, false)] {
        let e = Experiment::read(name);
        let observed = e.cold_share();
        let (poisson, recorded) = (with_poisson(&f, &e), with_recorded(&f, &e));
        for (how, (mean, lo, hi)) in [("Poisson", poisson), ("recorded", recorded)] {
            println!("{name} {how:>8}: predicted {mean:.5} ({lo:.5} to {hi:.5}), observed {observed:.5}");
        }
        assert!(poisson.1 <= observed && observed <= poisson.2, "{name}: {observed} is not in {poisson:?}");
        assert_eq!(recorded.1 <= observed && observed <= recorded.2, foreseen, "{name}: {observed} and {recorded:?}");
        // A forecast of half the truth or of twice as much would serve nobody, however wide its interval.
        assert!((poisson.0 / observed - 1.0).abs() < 0.35 && (recorded.0 / observed - 1.0).abs() < 0.15);
    }
}

const BUSY: &str = "2020-05-26_01-31-35";

/// Why the busy experiment is not met request by request: that platform routes as the model does, most recently used first, but
/// instances that wait behind others outlived the keep-alive (up to 24 min idle, where the whole function forgot its instance
/// after 11 min), and none lived for much more than two hours, after which even a function in use starts cold. A keep-alive by
/// instance is the model's rule; the two deviations pull the count in opposite directions.
#[test]
fn the_busy_experiment_keeps_some_instances_for_longer() {
    let teacher = Experiment::read("2020-05-28_01-57-40");
    let (_, high) = teacher.keep_alive();
    let busy = Experiment::read(BUSY);
    let (newest, others) = choices(&busy);
    println!("most recently used {newest} times, another {others} times");
    assert!(newest > 100 && others == 0);
    let outlived = busy.reused_after().iter().filter(|idle| **idle > high).count();
    println!("{outlived} reused after more than {high:.0} s");
    assert!(outlived >= 5);
    let mut lives: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for r in &busy.rows {
        lives.entry(&r.instance).or_insert((r.start, r.end)).1 = r.end;
    }
    let oldest = lives.values().map(|(from, to)| to - from).fold(0.0, f64::max);
    println!("{} instances, the oldest {:.2} h", lives.len(), oldest / 3_600.0);
    assert!(oldest < 2.1 * 3_600.0);
    let silence = busy.keep_alive().1;
    println!("cold after {silence:.0} s of silence");
    assert!(silence < high / 4.0);
}

/// How often an arrival that found several idle instances, all of which served again later or now, took the one that ended
/// last, and how often another.
fn choices(e: &Experiment) -> (u32, u32) {
    let mut last_use: BTreeMap<&str, usize> = BTreeMap::new();
    e.rows.iter().enumerate().for_each(|(i, r)| {
        last_use.insert(&r.instance, i);
    });
    let mut idle_since: BTreeMap<&str, f64> = BTreeMap::new();
    let (mut newest, mut others) = (0, 0);
    for (i, r) in e.rows.iter().enumerate() {
        let idle = idle_since.iter().filter(|(name, end)| **end <= r.start && last_use[*name] >= i);
        let (latest, count) =
            idle.fold((("", 0.0), 0), |(best, n), (name, end)| (if *end > best.1 { (*name, *end) } else { best }, n + 1));
        if count >= 2 && !r.cold {
            if latest.0 == r.instance { newest += 1 } else { others += 1 }
        }
        idle_since.insert(&r.instance, r.end);
    }
    (newest, others)
}

/// The sample of the Azure 2021 trace, replayed with its durations: each row is one request at end - duration, which works for
/// that long. Billed time, busy time and the longest duration are those of the file.
#[test]
fn the_azure_2021_sample_replays() {
    let path = examples("traces/azure2021-invitro/Azure2021_200.csv");
    let file = std::fs::File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let trace = read(std::io::BufReader::new(file), &TraceOptions::default()).unwrap();
    let mut rows = csv::Reader::from_path(&path).unwrap();
    let durations: Vec<i64> = rows.records().map(|r| (r.unwrap()[3].parse::<f64>().unwrap() * 1e9).round() as i64).collect();
    let total: i64 = durations.iter().sum();
    let longest = durations.iter().copied().max().unwrap();
    let mut f = function("azure", Distribution::constant(0.0).unwrap());
    f.work.from_trace = true;
    f.billing.granule = Span(1);
    f.timeout = Span::from_secs(3_600);
    let end = trace.end().as_secs_f64().ceil() + longest as f64 / 1e9 + 1.0;
    let r = replicate(&scenario(f, Arrivals::Trace(Arc::new(trace)), end), 2);
    for r in &r {
        let t = &r.functions[0];
        assert_eq!((t.requests, t.ok, t.in_flight), (durations.len() as u64, durations.len() as u64, 0));
        // Times in the file have more digits than a nanosecond.
        assert!((t.billed_ns as i64 - total).abs() <= durations.len() as i64, "{} {total}", t.billed_ns);
        assert_eq!(t.busy_ns, u128::from(t.billed_ns));
        assert!((t.duration.max().unwrap().0 - longest).abs() <= 1);
        assert!(t.cold_starts >= 1 && t.cold_starts == t.starts);
    }
    assert_eq!(format!("{:?}", r[0]), format!("{:?}", r[1]), "a recorded trace leaves nothing to chance");
}
