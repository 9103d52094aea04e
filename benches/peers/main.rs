//! Side by side: this program and the simplest event loop, at several numbers of busy instances, each case in a process of its own
//! so that its memory can be told. `benches/peers/run` runs it together with SimFaaS. Output: CSV rows.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "valid by what is written here; a bench prints")]

mod event_loop;
mod process;
#[path = "../../tests/it/support.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod support;

use std::hint::black_box;

use faascast::engine;
use faascast::random::Key;
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;
use support::{function, rate, scenario};

/// The work of all: log-normal.
const WORK: (f64, f64) = (0.1, 0.5);
const BUSY: [u32; 4] = [2, 20, 200, 1_000];

fn main() {
    let case = process::arguments();
    let [tool, busy, requests] = &case[..] else {
        for busy in BUSY {
            for (tool, requests) in [("faascast", 20_000_000_u32), ("event-loop", 5_000_000)] {
                print!("{}", process::repeated(&[tool, &busy.to_string(), &requests.to_string()], 5));
            }
        }
        return;
    };
    let (busy, requests): (f64, f64) = (busy.parse().unwrap(), requests.parse().unwrap());
    let per_second = busy / WORK.0;
    let seconds = match tool.as_str() {
        "faascast" => {
            let work = Distribution::lognormal_mean_cv(WORK.0, WORK.1).unwrap();
            let s = scenario(function("f", work), Arrivals::Poisson(rate(per_second)), requests / per_second);
            process::timed(|| {
                black_box(engine::run(&s, 1, 0));
            })
        }
        _ => process::timed(|| {
            black_box(event_loop::run(per_second, WORK, requests as u64, &mut Key::new(1, 0).stream()));
        }),
    };
    process::row(tool, &[busy, requests], requests, seconds);
}
