//! The figures that stand above everything else, and by how much they changed.

use serde::Serialize;

use crate::estimate::Estimate;
use crate::report::format::{self, Unit};
use crate::study::StudyError;
use crate::study::compare::{Compared, Judgement};
use crate::study::live::{Figure, Trial};
use crate::study::result::RunResult;

/// From which part of a figure on a difference matters.
const TOLERANCE: f64 = 0.01;

/// A figure.
#[derive(Debug, Serialize)]
pub(super) struct Headline {
    id: &'static str,
    label: String,
    value: Estimate,
    text: String,
    interval: String,
    change: Option<Change>,
}

/// The figure less that of the baseline.
#[derive(Debug, Serialize)]
struct Change {
    value: Estimate,
    text: String,
    verdict: Verdict,
}

/// What the interval of a difference says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Higher,
    Lower,
    Same,
    Undecided,
}

/// Id, name among the compared figures, and label.
const SHOWN: [(&str, &str, &str); 5] = [
    ("fee", "fee", "Fee a month"),
    ("availability", "availability", "Availability"),
    ("throttled", "throttled", "Throttled"),
    ("p99", "p99", "Latency p99"),
    ("cold", "cold_start_rate", "Cold starts"),
];

/// The figures of a trial; of several functions' latencies the longest.
pub(super) fn headline(
    trial: &Trial,
    result: &RunResult,
    baseline: Option<(&Trial, &RunResult)>,
) -> Result<Vec<Headline>, StudyError> {
    let figures = trial.figures()?;
    let changes = baseline.map(|(other, _)| trial.against(other, TOLERANCE)).transpose()?;
    let mut lines: Vec<Headline> = SHOWN
        .iter()
        .filter_map(|(id, name, label)| {
            let figure = highest(&figures, name)?;
            let unit = unit(id, &result.fee.currency);
            let same = |c: &&Compared| c.figure == figure.figure && c.function == figure.function;
            let change = changes.iter().flatten().find(same).map(|compared| change(compared, unit));
            let label = if figure.function.is_empty() { (*label).to_owned() } else { format!("{label}, {}", figure.function) };
            let (text, interval) = parts(&figure.estimate, unit);
            Some(Headline { id, label, value: figure.estimate, text, interval, change })
        })
        .collect();
    lines.push(ceiling(result, baseline.map(|(_, result)| result)));
    Ok(lines)
}

/// A figure by its name; that of the function where it is highest.
pub(super) fn highest<'f>(figures: &'f [Figure], name: &str) -> Option<&'f Figure> {
    let mean = |figure: &Figure| figure.estimate.mean.unwrap_or(f64::NEG_INFINITY);
    figures.iter().filter(|figure| figure.figure == name).max_by(|a, b| mean(a).total_cmp(&mean(b)))
}

fn unit<'c>(id: &str, currency: &'c str) -> Unit<'c> {
    match id {
        "fee" | "ceiling" => Unit::Money(currency),
        "p99" => Unit::Seconds,
        _ => Unit::Share,
    }
}

/// A value and its interval as texts.
fn parts(estimate: &Estimate, unit: Unit<'_>) -> (String, String) {
    let text = format::estimate(estimate, unit);
    match text.split_once(" (") {
        Some((value, "no interval)")) => (value.to_owned(), String::new()),
        Some((value, interval)) => (value.to_owned(), interval.trim_end_matches(')').to_owned()),
        None => (text, String::new()),
    }
}

fn change(compared: &Compared, unit: Unit<'_>) -> Change {
    let difference = compared.difference;
    let verdict = match (difference.lo, difference.hi) {
        (Some(lo), Some(hi)) if lo == 0.0 && hi == 0.0 => Verdict::Same,
        (Some(lo), _) if lo > 0.0 => Verdict::Higher,
        (_, Some(hi)) if hi < 0.0 => Verdict::Lower,
        _ if compared.verdict == Judgement::NoDifference => Verdict::Same,
        _ => Verdict::Undecided,
    };
    Change { value: difference, text: signed(difference.mean, unit), verdict }
}

/// A difference with its sign; of shares in percentage points.
fn signed(mean: Option<f64>, unit: Unit<'_>) -> String {
    let Some(mean) = mean else { return format::NONE.to_owned() };
    let size = format::value(mean.abs(), unit);
    let size = if unit == Unit::Share { size.replace('%', "pp") } else { size };
    match mean {
        x if x > 0.0 => format!("+{size}"),
        x if x < 0.0 => format!("\u{2212}{size}"),
        _ => "no change".to_owned(),
    }
}

/// The most that an hour can cost. It is no estimate but a bound.
fn ceiling(result: &RunResult, baseline: Option<&RunResult>) -> Headline {
    let unit = Unit::Money(&result.fee.currency);
    let hour = |r: &RunResult| r.ceiling.hour.parse::<f64>().ok();
    let n = result.replications as usize;
    let point = |x: Option<f64>| x.map_or_else(|| Estimate::none(n), |x| Estimate::point(x, n));
    let now = hour(result);
    let change = baseline.filter(|old| old.fee.currency == result.fee.currency).map(|old| match (now, hour(old)) {
        (Some(new), Some(old)) => {
            let difference = new - old;
            let verdict = match difference {
                d if d.abs() <= TOLERANCE * 0.1 * old.abs() => Verdict::Same,
                d if d > 0.0 => Verdict::Higher,
                _ => Verdict::Lower,
            };
            let text = if verdict == Verdict::Same { "no change".to_owned() } else { signed(Some(difference), unit) };
            Change { value: point(Some(difference)), text, verdict }
        }
        (new, old) => {
            let (text, verdict) = match (new.is_none(), old.is_none()) {
                (true, true) => ("no change", Verdict::Same),
                (true, false) => ("now without limit", Verdict::Higher),
                _ => ("now limited", Verdict::Lower),
            };
            Change { value: Estimate::none(n), text: text.to_owned(), verdict }
        }
    });
    let text = now.map_or_else(|| "unlimited".to_owned(), |hour| format!("{} an hour", format::value(hour, unit)));
    let interval = if now.is_some() { format!("by {}", result.ceiling.limited_by) } else { String::new() };
    Headline { id: "ceiling", label: "Ceiling".to_owned(), value: point(now), text, interval, change }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_a_sign_and_a_unit() {
        assert_eq!(signed(Some(12.0), Unit::Money("CNY")), "+12.00 CNY");
        assert_eq!(signed(Some(-0.0123), Unit::Share), "\u{2212}1.23 pp");
        assert_eq!(signed(Some(0.0), Unit::Seconds), "no change");
    }

    #[test]
    fn an_interval_stands_by_itself() {
        let e = Estimate::interval(1_234.0, 1_200.0, 1_260.0, 9);
        assert_eq!(parts(&e, Unit::Money("CNY")), ("1,234 CNY".to_owned(), "1,200 to 1,260".to_owned()));
        assert_eq!(parts(&Estimate::point(0.2, 1), Unit::Seconds), ("200 ms".to_owned(), String::new()));
        let none = Estimate::interval(0.0, 0.0, 0.000_03, 9);
        assert_eq!(parts(&none, Unit::Share).1, "below 0.0030 %");
    }
}
