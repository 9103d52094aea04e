//! A sweep, a search and a plan for the tests of this folder, made by a formula: longer timeouts cost more, short ones fail more,
//! memory costs.

use super::HOSTILE;
use crate::estimate::Estimate;
use crate::report::document::Basis;
use crate::report::sweep::Swept;
use crate::study::plan::{Crossing, Lasting, Month, Needed, Planned, Quota, QuotaRequest};
use crate::study::result::{Assumption, ObjectiveResult, Verdict, Warning};
use crate::study::sweep::{Dimension, Figure, Judged, Row, combinations};
use crate::study::tune::{Choice, Explored, Fate, Step, Tuned};

const N: usize = 20;
const FEE: f64 = 2_000.0;
const OK: f64 = 0.98;

fn e(mean: f64, half: f64) -> Estimate {
    Estimate::interval(mean, mean - half, mean + half, N)
}

/// Dimensions by key and values.
pub(crate) fn dimensions(all: &[(&str, &[&str])]) -> Vec<Dimension> {
    let one = |(key, values): &(&str, &[&str])| Dimension {
        key: (*key).to_owned(),
        values: values.iter().map(|v| format!("\"{v}\"")).collect(),
    };
    all.iter().map(one).collect()
}

const TIMEOUT: &str = "functions.checkout.timeout";
const MEMORY: &str = "functions.checkout.memory";

/// Seven timeouts, four sizes; 256 MiB are refused.
pub(crate) fn swept() -> Swept {
    swept_over(dimensions(&[
        (TIMEOUT, &["1s", "2s", "4s", "8s", "16s", "32s", "64s"]),
        (MEMORY, &["1 GiB", "512 MiB", "768 MiB", "256 MiB"]),
    ]))
}

/// A sweep over these, every combination.
pub(crate) fn swept_over(dimensions: Vec<Dimension>) -> Swept {
    let rows = combinations(&dimensions).into_iter().map(row).collect();
    Swept { format_version: "1.0", faascast: "0.1.0", scenario: "shop-day".into(), seed: 1, incomplete: false, dimensions, rows }
}

/// Seconds and MiB of a combination, whatever else it has.
fn read(settings: &[(String, String)]) -> (f64, f64) {
    let number = |text: &str| text.trim_matches('"').split(|c: char| !c.is_ascii_digit()).next().and_then(|x| x.parse().ok());
    let of = |end: &str, default: f64| {
        let found = settings.iter().find(|(key, _)| key.ends_with(end));
        found
            .and_then(|(_, value)| Some((number(value)?, value.contains("GiB"))))
            .map_or(default, |(x, gib): (f64, bool)| if gib { x * 1024.0 } else { x })
    };
    (of("timeout", 4.0), of("memory", 512.0))
}

/// Fee, share that fails, p99 of a combination.
fn model((timeout, memory): (f64, f64)) -> (f64, f64, f64) {
    (1_000.0 + 20.0 * timeout + memory / 2.0, 0.01 + 0.05 * libm::exp(1.0 - 1.5 * timeout), 1.4_f64.min(0.95 * timeout))
}

fn verdict(fee: f64, failed: f64) -> Verdict {
    match () {
        () if fee > FEE + 10.0 || 1.0 - failed < OK => Verdict::Missed,
        () if fee > FEE - 10.0 => Verdict::Undecided,
        () => Verdict::Met,
    }
}

fn row(settings: Vec<(String, String)>) -> Row {
    let at = read(&settings);
    let (fee, failed, p99) = model(at);
    let refused = (at.1 < 300.0).then(|| "256 MiB are too little".to_owned());
    if refused.is_some() {
        return Row { settings, refused, currency: String::new(), figures: vec![], objectives: vec![], charges: vec![] };
    }
    let figure = |figure: &str, estimate| Figure { figure: figure.into(), function: String::new(), estimate };
    let judged = |figure: &str, target, verdict| Judged { figure: figure.into(), function: String::new(), target, verdict };
    let one = |missed: bool, open: bool| match (missed, open) {
        (true, _) => Verdict::Missed,
        (_, true) => Verdict::Undecided,
        _ => Verdict::Met,
    };
    Row {
        charges: super::charges(),
        settings,
        refused,
        currency: "CNY".into(),
        figures: vec![
            figure("fee", e(fee, 10.0)),
            figure("availability", e(1.0 - failed, 0.000_2)),
            figure("throttled", Estimate::interval(0.0, 0.0, 0.000_01, N)),
            figure("p99", e(p99, 0.01)),
        ],
        objectives: vec![
            judged("availability", OK, one(1.0 - failed < OK, false)),
            judged("fee", FEE, one(fee > FEE + 10.0, fee > FEE - 10.0)),
        ],
    }
}

/// What the file says of those settings, with a warning and an assumption.
pub(crate) fn basis() -> Basis {
    Basis {
        platform: "alibaba-fc".into(),
        region: "cn-hangzhou".into(),
        command: "faascast sweep shop-day.toml --set 'a=512 MiB'".into(),
        scenario_text: "[functions.checkout]\ntimeout = \"64s\"\n".into(),
        warnings: vec![Warning {
            code: "price-row-old".into(),
            cause: "prices are old".into(),
            effect: "the fee may be out of date".into(),
            remedy: "compare them, and set `prices`".into(),
        }],
        assumptions: vec![Assumption {
            key: "functions.checkout.keep_alive".into(),
            value: "1min".into(),
            source: "a page".into(),
            as_of: "2026-08-09".into(),
            confidence: "medium".into(),
        }],
        today: vec![(TIMEOUT.into(), "64s".into()), (MEMORY.into(), "512MiB".into())],
    }
}

/// A search over the same settings.
pub(crate) fn tuned() -> Tuned {
    let explored: Vec<Explored> = swept()
        .rows
        .into_iter()
        .filter(|row| row.refused.is_none())
        .map(|row| {
            let (fee, failed, _) = model(read(&row.settings));
            let verdict = verdict(fee, failed);
            let screened = fee > 2_100.0;
            let fate = match verdict {
                _ if screened => Fate::ScreenedOut,
                Verdict::Missed => Fate::Missed,
                Verdict::Undecided => Fate::Undecided,
                Verdict::Met if fee < 1_297.0 => Fate::Recommended,
                Verdict::Met => Fate::Dearer,
            };
            let figures = row.figures.into_iter().map(|f| (f.figure, f.estimate)).collect();
            Explored { settings: row.settings, replications: if screened { 1 } else { 10 }, figures, verdict, fate }
        })
        .collect();
    let choice = |e: &Explored| Choice {
        settings: e.settings.clone(),
        fee: e.figures[0].1,
        objectives: objectives(e.figures[0].1, e.figures[1].1),
        figures: e.figures.clone(),
    };
    let winner = explored.iter().find(|e| e.fate == Fate::Recommended).map(choice);
    let today = explored.iter().find(|e| e.settings[0].1 == "\"64s\"" && e.settings[1].1 == "\"512 MiB\"").map(choice).unwrap();
    let step = |key: &str, from: &str, to: &str, fee: f64, verdict| Step {
        key: key.into(),
        from: from.into(),
        to: to.into(),
        fee: Some(e(fee, 4.0)),
        verdict: Some(verdict),
        refused: None,
    };
    Tuned {
        format_version: "1.0",
        faascast: "0.1.0",
        scenario: "shop-day".into(),
        seed: 1,
        currency: "CNY".into(),
        indifference: 25.0,
        confidence: 0.95,
        guaranteed: true,
        shortfalls: vec![],
        tolerance: 0.02,
        today: Choice { settings: Vec::new(), ..today },
        runner_up: None,
        saved: Some(e(1_240.0, 9.0)),
        binding: Some("availability".into()),
        steps: vec![
            step(TIMEOUT, "\"2s\"", "\"1s\"", -20.0, Verdict::Missed),
            step(TIMEOUT, "\"2s\"", "\"4s\"", 40.0, Verdict::Met),
            Step {
                refused: Some("too little".into()),
                fee: None,
                verdict: None,
                ..step(MEMORY, "\"512 MiB\"", "\"256 MiB\"", 0.0, Verdict::Met)
            },
            step(MEMORY, "\"512 MiB\"", "\"768 MiB\"", 128.0, Verdict::Met),
        ],
        at_an_end: vec![],
        out_of_reach: vec![],
        nearest_miss: None,
        dimensions: vec![],
        today_values: vec![],
        notes: vec![],
        candidates: explored.len(),
        simulated: explored.len(),
        survivors: 8,
        compared: 5,
        close: 0,
        undecided: 1,
        refused: 7,
        refusals: vec![],
        replications: 300,
        full_grid: 420,
        events: 3_000,
        full_grid_events: 4_200,
        reported: 20,
        winner,
        explored,
    }
}

fn objectives(fee: Estimate, availability: Estimate) -> Vec<ObjectiveResult> {
    let one = |name: &str, target, estimate, verdict| ObjectiveResult {
        name: name.into(),
        function: String::new(),
        target,
        estimate,
        verdict,
    };
    let judge = |met: bool| if met { Verdict::Met } else { Verdict::Missed };
    vec![
        one("availability", OK, availability, judge(availability.mean >= Some(OK))),
        one("fee", FEE, fee, judge(fee.mean <= Some(FEE))),
    ]
}

/// A year of 12 % a month against a quota of 60.
pub(crate) fn planned() -> Planned {
    let month = |i: u32| {
        let factor = libm::pow(1.12, f64::from(i));
        let peak = 30.0 * factor;
        Month {
            month: i + 1,
            factor,
            fee: e(1_500.0 * factor, 8.0),
            fee_range: Some((1_450.0 * factor, 1_550.0 * factor)),
            figures: vec![("availability".into(), e(0.99, 0.000_1)), ("p99".into(), e(1.3, 0.01))],
            throttled: ((peak - 55.0) / 20.0).clamp(0.0, 1.0),
            needed: Needed { mean: e(9.0 * factor, 0.1), peak: e(peak, 0.8), peak_range: Some((peak - 4.0, peak + 5.0)) },
        }
    };
    let months: Vec<Month> = (0..12).map(month).collect();
    let crossing = |what: &str, probability: Vec<f64>| {
        let month = probability.iter().position(|p| *p >= 0.5).map(|at| at as u32 + 1);
        Crossing { what: what.into(), month, probability }
    };
    let quota = crossing("quota", months.iter().map(|m| m.throttled).collect());
    let fee = crossing("fee", months.iter().map(|m| f64::from(u8::from(m.fee.mean > Some(3_000.0)))).collect());
    let never = |what: &str| crossing(what, vec![0.0; 12]);
    Planned {
        format_version: "1.0",
        faascast: "0.1.0",
        scenario: "shop-day".into(),
        seed: 1,
        replications: N as u32,
        currency: "CNY".into(),
        crossings: vec![fee, quota, never("availability"), never("price tier of cu above 200000000")],
        targets: vec![("fee".into(), 3_000.0), ("availability".into(), 0.98)],
        quota: Quota {
            month: 12,
            instances: 109,
            now: Some(60),
            line: Some(60),
            counts: "instances".into(),
            lasting: Lasting {
                quota: 92,
                limit: 0.001,
                throttled: e(0.000_8, 0.000_1),
                one_less: Some(e(0.001_2, 0.000_1)),
                sure: true,
            },
        },
        request: vec![QuotaRequest {
            function: "checkout".into(),
            average_rps: 69.6,
            peak_rps: 120.0,
            duration_s: Some(0.57),
            memory_mib: 512.0,
            invocation: "synchronous".into(),
        }],
        months,
    }
}

/// A sweep whose names break whatever does not escape them.
pub(crate) fn hostile() -> (Swept, Basis) {
    let mut swept = swept();
    swept.scenario = HOSTILE.into();
    for row in &mut swept.rows {
        row.settings[1].0 = format!("functions.\"{HOSTILE}\".memory");
        row.refused = row.refused.take().map(|_| HOSTILE.into());
    }
    swept.dimensions[1].key = format!("functions.\"{HOSTILE}\".memory");
    let text = HOSTILE.to_owned();
    let basis = Basis { platform: text.clone(), command: text.clone(), scenario_text: text, ..basis() };
    (swept, basis)
}
