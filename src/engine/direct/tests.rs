//! The fast path counts what the general event loop counts.

use super::*;
use crate::engine::Engine;
use crate::engine::log::Silent;
use crate::random::Stream;
use crate::scenario::{Files, read};

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(path.to_owned())
    }
}

/// One of these.
fn one<'t>(stream: &mut Stream, of: &[&'t str]) -> &'t str {
    of[(stream.bits() % of.len() as u64) as usize]
}

/// A random scenario of one function that nobody retries.
fn text(seed: u64) -> String {
    let s = &mut Key::new(seed, 0).stream();
    let platform = one(s, &["generic", "alibaba-fc", "aws-lambda"]);
    let runtime = match platform {
        "generic" => "",
        "alibaba-fc" => "runtime = \"custom.debian12\"",
        _ => "runtime = \"python3.13\"",
    };
    let account = one(s, &["", "", "max_concurrency = 6", "max_instances = 12", "scaling = { burst = 2, rate = \"1/s\" }"]);
    let arrivals = one(
        s,
        &[
            "{ poisson = \"4/s\" }",
            "{ poisson = \"40/s\" }",
            "{ renewal = { gamma = { mean = \"150ms\", cv = 3.0 } } }",
            "{ mmpp = [{ rate = \"60/s\", mean_time = \"9s\" }, { rate = \"0.1/s\", mean_time = \"200s\" }] }",
        ],
    );
    let settings = [
        one(s, &["", "", "max_instances = 0", "max_instances = 9", "max_concurrency = 3"]),
        one(
            s,
            &[
                "",
                "keep_alive = \"0s\"",
                "keep_alive = \"3s\"",
                "keep_alive = { uniform = { min = \"2s\", max = \"30s\" } }",
                "keep_alive = \"forever\"",
            ],
        ),
        one(s, &["", "", "max_age = \"20s\"", "max_age = \"3min\""]),
        one(
            s,
            &[
                "",
                "cold_start = \"0s\"",
                "cold_start = \"700ms\"",
                "cold_start = { exponential = \"1s\" }\ninit_timeout = \"2s\"",
            ],
        ),
        one(s, &["timeout = \"1s\"", "timeout = \"3s\"", "timeout = \"60s\""]),
    ]
    .join("\n");
    let cpu = one(s, &["", "cpu = { lognormal = { mean = \"100ms\", cv = 1.0 } }"]);
    let io = one(s, &["io = { exponential = \"300ms\" }", "io = { lognormal = { mean = \"200ms\", cv = 2.0 } }"]);
    let faults = one(s, &["", "", "error = 0.1\nhang = 0.02\ncrash = 0.05\ninit_failure = 0.2"]);
    let start = one(s, &["start = \"cold\"", "", "run_in = \"77s\""]);
    let horizon = one(s, &["90s", "25min", "2h"]);
    format!(
        "platform = \"{platform}\"\n[simulation]\nhorizon = \"{horizon}\"\n{start}\nseed = {seed}\n[account]\n{account}\n[functions.f]\n{runtime}\n\
         memory = \"512 MiB\"\n{settings}\n[functions.f.work]\n{cpu}\n{io}\n[functions.f.faults]\n{faults}\n[[traffic]]\nto = \"f\"\narrivals = {arrivals}\n"
    )
}

#[test]
fn as_the_general_event_loop() {
    let mut seen = [0_u64; 8];
    let mut compared = 0;
    for seed in 0..400 {
        let text = text(seed);
        let Ok(resolved) = read(&text, "random.toml", &[], &NoFiles) else { continue };
        let scenario = &resolved.scenario;
        assert!(is_direct(scenario), "{text}");
        let whole = Window::whole(scenario);
        let mut here = run(scenario, seed, 1, whole, &|| false).unwrap();
        let general = Engine::<false>::new(scenario, seed, 1, whole, false, Silent).run(&|| false).unwrap();
        here.events = general.events;
        let (a, b) = (format!("{here:?}"), format!("{general:?}"));
        let from = a.bytes().zip(b.bytes()).position(|(x, y)| x != y).unwrap_or(a.len().min(b.len()));
        let around = |s: &str| s[from.saturating_sub(200)..(from + 60).min(s.len())].to_owned();
        assert!(a == b, "seed {seed}\n{text}\n{}\n is not\n{}", around(&a), around(&b));
        compared += 1;
        let f = &here.functions[0];
        let counts = [
            f.throttled_by[0],
            f.throttled_by[1],
            f.throttled_by[2],
            f.attempt_outcomes[1],
            f.attempt_outcomes[2],
            f.attempt_outcomes[3],
            f.attempt_outcomes[4],
            f.hours.iter().map(|hour| hour.idle_ns).sum(),
        ];
        seen.iter_mut().zip(counts).for_each(|(seen, count)| *seen += count);
    }
    assert!(compared > 300 && seen.iter().all(|count| *count > 50), "{compared} {seen:?}");
}
