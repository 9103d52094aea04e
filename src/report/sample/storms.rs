//! A table of storms for the tests of this folder.

use crate::estimate::Estimate;
use crate::study::storm::{Cell, Level, Prevention, Remedy, Storm, Trigger};
use crate::units::Span;

fn e(mean: f64, half: f64) -> Estimate {
    Estimate::interval(mean, mean - half, mean + half, 5)
}

/// A table of storms: two loads, one of which stays down, and an overloaded one.
pub(crate) fn storms() -> Storm {
    let share = |back: f64| Estimate {
        mean: Some(back / 5.0),
        lo: Some((back / 5.0 - 0.4).max(0.0)),
        hi: Some((back / 5.0 + 0.4).min(1.0)),
        n: 5,
    };
    let cell = |pulse: f64, down: u32, seconds: Option<f64>| Cell {
        pulse,
        down,
        recovered: share(f64::from(5 - down)),
        seconds: seconds.map_or_else(|| Estimate::none(5), |seconds| e(seconds, 4.0)),
        availability: if down > 0 { e(0.02, 0.001) } else { e(0.999, 0.000_2) },
        amplification: e(if down > 0 { 3.9 } else { 1.4 }, 0.05),
        worst_hour: e(if down > 0 { 31.0 } else { 9.0 }, 0.2),
    };
    let level = |load: f64, overloaded: bool, cells: Vec<Cell>| Level {
        load,
        availability: if overloaded { e(0.62, 0.01) } else { e(0.999_7, 0.000_1) },
        hour: e(8.0 * load, 0.05),
        amplification: e(1.1, 0.01),
        overloaded,
        cells,
    };
    let remedy = |name: &str, setting: Option<(&str, &str)>, back: f64, fee: f64| Remedy {
        name: name.into(),
        settings: setting.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        recovered: share(back),
        availability: e(0.3 + 0.12 * back, 0.01),
        fee: e(fee, 0.01),
        calm_availability: e(0.999, 0.000_1),
        calm_fee: e(fee / 100.0, 0.000_1),
        overloaded: false,
    };
    let budget = ("traffic.web.retry.budget", "{ ratio = \"10%\", burst = 10 }");
    Storm {
        format_version: "1.0",
        faascast: "0.1.0",
        scenario: "shop-day".into(),
        seed: 1,
        replications: 5,
        horizon_s: 3_600.0,
        currency: "CNY".into(),
        trigger: Trigger::Traffic { at: Span::from_secs(900), length: Span::from_secs(60) },
        pulses: vec![2.0, 20.0],
        loads: vec![
            level(0.25, false, vec![cell(2.0, 0, Some(0.0)), cell(20.0, 0, Some(90.0))]),
            level(1.0, false, vec![cell(2.0, 3, Some(240.0)), cell(20.0, 5, None)]),
            level(1.25, true, vec![cell(2.0, 0, Some(0.0)), cell(20.0, 0, Some(30.0))]),
        ],
        prevention: Some(Prevention {
            load: 1.0,
            pulse: 2.0,
            today: remedy("as it is", None, 2.0, 0.0),
            remedies: vec![
                remedy("no retries", Some(("traffic.web.retry.attempts", "1")), 5.0, -0.43),
                remedy("a retry budget of 10 %", Some(budget), 4.0, -0.38),
                remedy("twice the quota", Some(("functions.web.max_instances", "600")), 2.0, 0.85),
            ],
            left_out: vec![("half the instance concurrency".into(), "an instance takes one request at a time".into())],
        }),
    }
}
