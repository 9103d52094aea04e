//! Windows that lie side by side make up the whole, count for count.

use super::*;
use crate::engine::FunctionTally;
use crate::engine::tally::Bin;
use crate::random::{Key, Stream};
use crate::scenario::{Files, read};
use crate::units::NANOS;

struct Trace;

impl Files for Trace {
    fn read(&self, _path: &str) -> Result<Vec<u8>, String> {
        Ok(b"60\n200\n0\n400\n90\n10\n".to_vec())
    }
}

fn one<'t>(stream: &mut Stream, of: &[&'t str]) -> &'t str {
    of[(stream.bits() % of.len() as u64) as usize]
}

/// A random scenario with one mechanism or another that has a memory.
fn text(seed: u64) -> String {
    let s = &mut Key::new(seed, 1).stream();
    let arrivals = one(
        s,
        &[
            "{ poisson = \"6/s\" }",
            "{ constant = \"5/s\" }",
            "{ renewal = { gamma = { mean = \"150ms\", cv = 3.0 } } }",
            "{ mmpp = [{ rate = \"40/s\", mean_time = \"9s\" }, { rate = \"0.1/s\", mean_time = \"100s\" }] }",
            "{ trace = \"counts.csv\", format = \"counts\", every = \"1min\", repeat = true }",
        ],
    );
    let moving = one(s, &["", "profile = \"day-and-night\"", "growth = \"900%/month\""]);
    let callers = one(
        s,
        &[
            "",
            "retry = { attempts = 3, on = [\"throttled\", \"error\"], backoff = { base = \"2s\" } }",
            "client_timeout = \"1s\"",
            "invoke = \"async\"",
        ],
    );
    let settings = one(
        s,
        &[
            "",
            "max_instances = 3",
            "instance_concurrency = 4\nsingle_threaded = true",
            "provisioned = [{ from = \"Mon 00:12\", to = \"Mon 00:40\", instances = 4 }]",
            "max_age = \"2min\"\nrouting = \"random\"",
        ],
    );
    let platform = one(s, &["generic", "alibaba-fc", "gcp-cloud-run"]);
    let runtime = if platform == "generic" { "" } else { "runtime = \"go\"" };
    let event = one(s, &["", "[[events]]\nname = \"e\"\nat = \"11min\"\nfor = \"7min\"\ntraffic = { name = \"f\", factor = 3 }"]);
    format!(
        "platform = \"{platform}\"\n[simulation]\nhorizon = \"70min\"\nrun_in = \"3min\"\n[functions.f]\n{runtime}\nmemory = \"512 MiB\"\n\
         timeout = \"5s\"\nkeep_alive = \"40s\"\n{settings}\n[functions.f.work]\ncpu = {{ lognormal = {{ mean = \"100ms\", cv = 1.0 }} }}\n\
         io = {{ exponential = \"300ms\" }}\n[functions.f.faults]\nerror = \"2%\"\n[functions.f.async]\nretries = 2\nmax_event_age = \"5min\"\n\
         [[traffic]]\nto = \"f\"\narrivals = {arrivals}\n{moving}\n{callers}\n{event}\n"
    )
}

/// What a window and the whole must agree on: counts of the requests that arrived, levels and meters.
fn counts(f: &FunctionTally) -> Vec<u128> {
    let hours = |of: fn(&crate::platform::meter::HourMeter) -> u64| f.hours.iter().map(|h| u128::from(of(h))).sum::<u128>();
    let mut counts: Vec<u128> =
        [f.requests, f.attempts, f.invocations, f.ok, f.failed, f.dropped, f.in_flight].map(u128::from).to_vec();
    counts.extend(f.attempt_outcomes.iter().chain(&f.throttled_by).map(|n| u128::from(*n)));
    counts.extend(
        [f.first_attempt_throttled, f.cold_starts, f.reused, f.starts, f.redeliveries, f.latency.count()].map(u128::from),
    );
    counts.extend([f.instance_ns, f.busy_ns, f.concurrency_ns, f.backlog_ns, f.reused_age_ns]);
    counts.extend([hours(|h| h.invocations), hours(|h| h.idle_ns), hours(|h| h.provisioned_idle_ns), hours(|h| h.active_ns)]);
    counts.push((f.latency.sum_secs() * 1e9) as u128);
    counts
}

#[test]
fn windows_side_by_side_make_up_the_whole() {
    let mut seen = 0;
    for seed in 0..160 {
        let text = text(seed);
        let Ok(resolved) = read(&text, "random.toml", &[], &Trace) else { continue };
        let scenario = &resolved.scenario;
        let whole = run_window(scenario, seed, 1, Window::whole(scenario), &|| false).unwrap();
        let (start, horizon) = (Window::whole(scenario).start, scenario.simulation.horizon.0);
        let mut stream = Key::new(seed, 2).stream();
        let mut cuts: Vec<i64> = (0..3).map(|_| (stream.uniform() * horizon as f64) as i64 / NANOS * NANOS).collect();
        cuts.extend([0, horizon]);
        cuts.sort_unstable();
        cuts.dedup();
        let mut sum = vec![0; counts(&whole.functions[0]).len()];
        let mut bins = vec![Bin::default(); whole.functions[0].bins.len()];
        let mut peak = 0;
        for cut in cuts.windows(2) {
            let window = Window { start, from: SimTime(cut[0]), to: SimTime(cut[1]) };
            let part = run_window(scenario, seed, 1, window, &|| false).unwrap();
            let f = &part.functions[0];
            sum.iter_mut().zip(counts(f)).for_each(|(sum, count)| *sum += count);
            peak = peak.max(f.instances_peak);
            for (sum, bin) in bins.iter_mut().zip(&f.bins) {
                sum.requests += bin.requests;
                sum.ok += bin.ok;
                sum.throttled += bin.throttled;
                sum.instance_ns += bin.instance_ns;
            }
        }
        let f = &whole.functions[0];
        let near = |a: u128, b: u128| a.abs_diff(b) < 100; // sums of latencies as seconds
        let same =
            counts(f).iter().zip(&sum).enumerate().all(|(i, (a, b))| if i + 1 == sum.len() { near(*a, *b) } else { a == b });
        assert!(same, "seed {seed}\n{text}\n{:?}\nis not\n{sum:?}", counts(f));
        assert_eq!(peak, f.instances_peak);
        let key = |b: &Bin| (b.requests, b.ok, b.throttled, b.instance_ns);
        assert_eq!(f.bins.iter().map(key).collect::<Vec<_>>(), bins.iter().map(key).collect::<Vec<_>>(), "{text}");
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}

/// Traffic of a window does not depend on where its run-in begins, and it needs no more of it than its memory.
#[test]
fn a_short_run_in_is_enough_where_the_memory_is_short() {
    let text = "platform = \"generic\"\n[simulation]\nhorizon = \"3h\"\n[functions.f]\nmemory = \"512 MiB\"\ntimeout = \"2s\"\nkeep_alive = \"30s\"\n\
                [functions.f.work]\nio = { exponential = \"200ms\" }\n[[traffic]]\nto = \"f\"\narrivals = { poisson = \"30/s\" }\nprofile = \"day-and-night\"\n";
    let scenario = read(text, "short.toml", &[], &Trace).unwrap().scenario;
    let window = |start: i64| Window { start: SimTime(start * NANOS), from: SimTime(6_000 * NANOS), to: SimTime(9_000 * NANOS) };
    let long = run_window(&scenario, 5, 0, window(-600), &|| false).unwrap();
    let short = run_window(&scenario, 5, 0, window(6_000 - 120), &|| false).unwrap();
    let (a, b) = (&long.functions[0], &short.functions[0]);
    assert_eq!((a.requests, a.ok, a.cold_starts), (b.requests, b.ok, b.cold_starts));
    assert_eq!((a.busy_ns, a.instance_ns), (b.busy_ns, b.instance_ns));
    assert!(short.events < long.events);
}
