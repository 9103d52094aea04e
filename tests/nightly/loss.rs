//! A loss system as a scenario, whose rare throttling is known exactly.

use faascast::scenario;
use faascast::study;
use faascast::study::result::{Rare, RunResult};
use faascast::workload::distribution::Distribution;

use crate::reading::{NoFiles, context};

/// A loss system whose blocked share Erlang knows, whatever the service law of mean 100 ms.
pub(crate) struct Loss {
    pub(crate) servers: u32,
    pub(crate) load: f64,
    pub(crate) law: &'static str,
    pub(crate) horizon: &'static str,
    pub(crate) wanted: &'static str,
}

/// Service laws of that mean in seconds: none, some and much spread.
pub(crate) fn laws(mean: f64) -> [(&'static str, Distribution); 3] {
    [
        ("constant", Distribution::constant(mean).unwrap()),
        ("exponential", Distribution::exponential(mean).unwrap()),
        ("log-normal", Distribution::lognormal_mean_cv(mean, 2.0).unwrap()),
    ]
}

/// The result of a scenario's text with changed keys.
pub(crate) fn result(text: &str, change: &[(&str, &str)]) -> RunResult {
    let sets: Vec<(String, String)> = change.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let resolved = scenario::read(text, "loss.toml", &sets, &NoFiles).unwrap();
    study::run(&resolved.scenario, &context(&resolved.platform)).unwrap()
}

impl Loss {
    pub(crate) fn text(&self, seed: u64) -> String {
        format!(
            "platform = \"generic\"\n[simulation]\nhorizon = \"{}\"\nrun_in = \"20s\"\nseed = {seed}\nreplications = 2\nrare = \"splitting\"\n\
             rare_precision = \"{}\"\n[functions.f]\nmemory = \"512 MiB\"\nmax_instances = {}\nkeep_alive = \"forever\"\n\
             cold_start = \"0s\"\ntimeout = \"60s\"\n[functions.f.work]\nio = {}\n[[traffic]]\nto = \"f\"\n\
             arrivals = {{ poisson = \"{}/s\" }}\nretry = {{ attempts = 1 }}\n",
            self.horizon,
            self.wanted,
            self.servers,
            self.law,
            10.0 * self.load
        )
    }

    /// Erlang's loss formula by its recursion B(n) = a B(n-1) / (n + a B(n-1)) (Erlang 1917): sums of positive terms only.
    pub(crate) fn exact(&self) -> f64 {
        (1..=self.servers).fold(1.0, |b, n| self.load * b / (f64::from(n) + self.load * b))
    }

    pub(crate) fn estimate(&self, seed: u64) -> Rare {
        let result = result(&self.text(seed), &[]);
        result.rare.unwrap_or_else(|| panic!("{:?}", result.warnings))
    }

    pub(crate) fn covers(&self, rare: &Rare) -> bool {
        let e = rare.throttled["f"];
        e.lo.is_some_and(|lo| lo <= self.exact()) && e.hi.is_some_and(|hi| hi >= self.exact())
    }
}
