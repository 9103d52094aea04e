//! What a fleet's figures rest on besides the platform's rows, said with every result.

use super::super::result::Assumption;

/// Model choices: what, its value, why.
const CHOICES: [(&str, &str, &str); 9] = [
    ("fleet.month", "the recorded time, over and over", "730 h of traffic like that of the trace; another day may differ"),
    (
        "fleet.interval",
        "95 %",
        "for what is random within the recorded traffic: times inside an interval, durations drawn from a table, cold starts; not for how days differ",
    ),
    (
        "fleet.account",
        "each function alone",
        "a quota of the account throttles a function by its own traffic only, not by that of the others",
    ),
    (
        "fleet.bill",
        "one",
        "free tier and price tiers apply to all functions together, and each function pays the month's average prices",
    ),
    (
        "fleet.duration",
        "as recorded, independent of the settings",
        "a wait, not CPU time: another memory or vCPU does not change it",
    ),
    (
        "fleet.memory",
        "recorded, rounded up to 128 MiB",
        "the 99th percentile of the application's, where a table says it; else the default",
    ),
    ("fleet.timeout", "the platform's longest", "what was recorded ran to its end"),
    (
        "fleet.callers",
        "synchronous, without retries",
        "whatever the trigger; recorded failures and retries are requests of their own",
    ),
    ("fleet.start", "warm", "the end of the recording comes before its start"),
];

/// Where the recorded durations of the 2019 trace come from.
const DURATIONS: &str = "the quantiles of half-minute averages that the trace records, scaled to its mean";

/// All of them as assumptions.
pub(super) fn assumptions() -> Vec<Assumption> {
    let assumption = |(key, value, why): (&str, &str, &str)| Assumption {
        key: key.to_owned(),
        value: value.to_owned(),
        source: why.to_owned(),
        as_of: String::new(),
        confidence: "model".to_owned(),
    };
    let quantiles = ("fleet.duration_table", DURATIONS, "the true distribution was not recorded; the fee follows its mean");
    CHOICES.into_iter().chain([quantiles]).map(assumption).collect()
}
