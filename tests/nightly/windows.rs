//! Scenarios for windows against the whole, and what is compared.

use faascast::estimate::Estimate;
use faascast::scenario::{self, Files};
use faascast::study::result::RunResult;
use faascast::study::sampling::Effort;
use faascast::study::{self, Context};

/// A day of counts a minute: two humps, and noise.
struct Day;

impl Files for Day {
    fn read(&self, _path: &str) -> Result<Vec<u8>, String> {
        let mut noise = 12_345_u64;
        let row = |minute: u64| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let hump = |at: f64, width: f64| libm::exp(-((minute as f64 - at) / width) * ((minute as f64 - at) / width));
            let mean = 60.0 + 300.0 * hump(600.0, 120.0) + 420.0 * hump(1_200.0, 90.0);
            format!("{}\n", (mean * (0.6 + 0.8 * ((noise >> 40) as f64 / (1 << 24) as f64))) as u64)
        };
        Ok((0..1_440).map(row).collect::<String>().into_bytes())
    }
}

/// A scenario: its name, horizon, settings of the function, its work and faults, and the traffic.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    horizon: &'static str,
    platform: &'static str,
    settings: &'static str,
    work: &'static str,
    traffic: &'static str,
}

const WORK: &str = "io = { lognormal = { mean = \"800ms\", cv = 0.8 } }";
const PLAIN: &str = "keep_alive = \"60s\"\ncold_start = \"500ms\"";

pub(crate) const CASES: [Case; 10] = [
    Case {
        name: "a day and a night, by the hour",
        horizon: "14d",
        platform: "alibaba-fc",
        settings: "runtime = \"go\"\nvcpu = 0.35",
        work: WORK,
        traffic: "arrivals = { poisson = \"0.3/s\" }\nprofile = \"day-and-night\"",
    },
    Case {
        name: "bursts",
        horizon: "1d",
        platform: "generic",
        settings: "keep_alive = \"60s\"\ncold_start = \"500ms\"\nmax_instances = 20",
        work: WORK,
        traffic: "arrivals = { mmpp = [{ rate = \"20/s\", mean_time = \"30s\" }, { rate = \"1/s\", mean_time = \"2min\" }] }",
    },
    Case {
        name: "a recorded day",
        horizon: "1d",
        platform: "generic",
        settings: "keep_alive = \"60s\"\ncold_start = \"500ms\"\nmax_instances = 9",
        work: WORK,
        traffic: "arrivals = { trace = \"day.csv\", format = \"counts\", every = \"1min\" }",
    },
    Case {
        name: "an event",
        horizon: "1d",
        platform: "generic",
        settings: "keep_alive = \"60s\"\ncold_start = \"500ms\"\nmax_instances = 14",
        work: WORK,
        traffic: "arrivals = { poisson = \"4/s\" }\nprofile = \"day-and-night\"\n[[events]]\nname = \"rush\"\nat = \"9h\"\nfor = \"10min\"\ntraffic = { name = \"f\", factor = 6 }",
    },
    Case {
        name: "a quota near the peak",
        horizon: "1d",
        platform: "generic",
        settings: "keep_alive = \"60s\"\ncold_start = \"500ms\"\nmax_instances = 9",
        work: WORK,
        traffic: "arrivals = { poisson = \"4/s\" }\nprofile = \"day-and-night\"",
    },
    Case {
        name: "a backlog of events",
        horizon: "1d",
        platform: "generic",
        settings: "keep_alive = \"60s\"\ncold_start = \"500ms\"\nmax_instances = 6\nasync = { retries = 1, delays = [\"5s\"], max_event_age = \"2min\" }",
        work: WORK,
        traffic: "arrivals = { poisson = \"4/s\" }\nprofile = \"day-and-night\"\ninvoke = \"async\"",
    },
    Case {
        name: "growth",
        horizon: "2d",
        platform: "generic",
        settings: "keep_alive = \"60s\"\ncold_start = \"500ms\"\nmax_instances = 7",
        work: WORK,
        traffic: "arrivals = { poisson = \"2/s\" }\ngrowth = \"100000%/month\"\nprofile = \"day-and-night\"",
    },
    Case {
        name: "a provisioned schedule",
        horizon: "1d",
        platform: "generic",
        settings: "keep_alive = \"60s\"\ncold_start = \"500ms\"\nprovisioned = [{ from = \"Mon 08:00\", to = \"Mon 22:00\", instances = 4 }]",
        work: WORK,
        traffic: "arrivals = { poisson = \"4/s\" }\nprofile = \"day-and-night\"",
    },
    Case {
        name: "retries",
        horizon: "1d",
        platform: "generic",
        settings: PLAIN,
        work: "io = { lognormal = { mean = \"800ms\", cv = 0.8 } }\n[functions.f.faults]\nerror = \"5%\"\nhang = \"0.2%\"",
        traffic: "arrivals = { poisson = \"4/s\" }\nprofile = \"day-and-night\"\nretry = { attempts = 3, on = [\"error\", \"timeout\", \"throttled\"], backoff = { base = \"200ms\", factor = 2, cap = \"2s\", jitter = \"full\" } }",
    },
    Case {
        name: "processor sharing",
        horizon: "1d",
        platform: "generic",
        settings: "keep_alive = \"60s\"\ncold_start = \"500ms\"\ninstance_concurrency = 4\nvcpu = 1\nmax_instances = 3",
        work: "cpu = { lognormal = { mean = \"200ms\", cv = 0.8 } }\nio = { exponential = \"400ms\" }",
        traffic: "arrivals = { poisson = \"4/s\" }\nprofile = \"day-and-night\"",
    },
];

impl Case {
    fn text(&self) -> String {
        format!(
            "platform = \"{}\"\n[simulation]\nhorizon = \"{}\"\n[functions.f]\nmemory = \"512 MiB\"\ntimeout = \"6s\"\n{}\n\
             [functions.f.work]\n{}\n[[traffic]]\nname = \"f\"\nto = \"f\"\n{}\n",
            self.platform, self.horizon, self.settings, self.work, self.traffic
        )
    }

    /// The study with so many replications under a seed.
    pub(crate) fn study(&self, seed: u64, replications: u32, effort: Option<&Effort>) -> RunResult {
        let sets = [
            ("simulation.seed", seed.to_string()),
            ("simulation.replications", replications.to_string()),
            ("simulation.sampling", if effort.is_some() { "auto" } else { "full" }.to_owned()),
        ];
        let sets = sets.map(|(key, value)| (key.to_owned(), value));
        let resolved = scenario::read(&self.text(), "case.toml", &sets, &Day).unwrap_or_else(|e| panic!("{}: {e:?}", self.name));
        let context = Context {
            platform: &resolved.platform,
            assumptions: Vec::new(),
            today: "2026-11-27".to_owned(),
            stop: &|| false,
            progress: &|_| (),
        };
        study::run_with(&resolved.scenario, &context, effort.unwrap_or(&Effort::default())).unwrap()
    }
}

pub(crate) const FIGURES: [&str; 5] = ["fee", "availability", "throttled", "p99", "cold starts"];

/// The figures that are compared.
pub(crate) fn figures(r: &RunResult) -> [Estimate; 5] {
    let f = &r.functions["f"];
    [r.fee.month, f.availability, f.attempt_outcomes["throttled"], f.latency_s.p99, f.cold_start_rate]
}

/// Whether an interval holds what another study says, that study's own error considered. `None` where neither has any spread.
pub(crate) fn holds(sampled: &Estimate, full: &Estimate) -> Option<bool> {
    let (mean, truth) = (sampled.mean?, full.mean?);
    if mean == truth && (truth == 0.0 || full.lo == full.hi) {
        return None;
    }
    let side = |e: &Estimate, up: bool| if up { e.hi.unwrap() - e.mean.unwrap() } else { e.mean.unwrap() - e.lo.unwrap() };
    let (own, other) = (side(sampled, truth > mean), side(full, truth < mean));
    Some((mean - truth).abs() <= (own * own + other * other).sqrt())
}
