//! What was fitted to logs, as rows, JSON and a document with the fitted curves beside the observed ones.

use serde_json::{Value, json};

use super::charts::{Chart, Curve, Curves, Panel};
use super::document::{Card, Cell, Document, Reproduce, Section, table};
use super::format::NONE;
use super::listing::{Listing, names};
use crate::calibrate::figure::quantity;
use crate::calibrate::{Calibrated, Figure, Records, Unit};

/// One row a figure.
#[must_use]
pub fn listing(calibrated: &[Calibrated]) -> Listing {
    let row = |one: &Calibrated, figure: &Figure| {
        let [mean, lo, hi] = numbers(figure).map(|x| x.unwrap_or_else(|| NONE.to_owned()));
        vec![
            one.function.clone(),
            figure.name.to_owned(),
            mean,
            lo,
            hi,
            figure.estimate.n.to_string(),
            figure.value.clone(),
            figure.about.join("; "),
        ]
    };
    let rows = calibrated.iter().flat_map(|one| one.figures.iter().map(move |figure| row(one, figure))).collect();
    Listing { columns: names(&["function", "figure", "estimate", "lo", "hi", "n", "in the scenario", "fit"]), rows }
}

/// Estimate and the ends of its interval with their unit.
fn numbers(figure: &Figure) -> [Option<String>; 3] {
    let e = &figure.estimate;
    [e.mean, e.lo, e.hi].map(|x| x.map(|x| quantity(x, figure.unit)))
}

/// For programs.
#[must_use]
pub fn json(records: &Records, calibrated: &[Calibrated]) -> Value {
    let figure = |f: &Figure| json!({ "figure": f.name, "key": f.key, "value": f.value, "unit": unit(f.unit), "estimate": f.estimate, "about": f.about });
    let function = |one: &Calibrated| json!({ "function": one.function, "invocations": one.invocations, "figures": one.figures.iter().map(figure).collect::<Vec<_>>() });
    json!({
        "faascast": env!("CARGO_PKG_VERSION"),
        "sources": records.sources.iter().map(|(file, kind)| json!({ "file": file, "kind": kind })).collect::<Vec<_>>(),
        "platform": records.platform,
        "left_out": { "broken": records.broken, "emulated": records.emulated, "other": records.other },
        "functions": calibrated.iter().map(function).collect::<Vec<_>>(),
    })
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "s",
        Unit::Bytes => "B",
        Unit::Share => "share",
        Unit::Rate => "1/s",
        Unit::Count => "",
    }
}

/// The report.
#[must_use]
pub fn document(records: &Records, calibrated: &[Calibrated], fragment: &str, command: &str) -> Document {
    let n: usize = calibrated.iter().map(|one| one.invocations).sum();
    let title = match calibrated {
        [one] => one.function.clone(),
        many => format!("{} functions", many.len()),
    };
    let mut sections = Vec::new();
    for one in calibrated {
        let row = |figure: &Figure| {
            let [mean, lo, hi] = numbers(figure);
            let interval = lo.zip(hi).map_or_else(|| NONE.to_owned(), |(lo, hi)| format!("{lo} to {hi}"));
            vec![
                Cell::Head(figure.name.to_owned()),
                Cell::Figure(mean.unwrap_or_else(|| NONE.to_owned())),
                Cell::Figure(interval),
                Cell::Figure(figure.estimate.n.to_string()),
                Cell::Long(figure.about.join("; ")),
            ]
        };
        let rows = table(&["Figure", "Estimate", "95 % interval", "Values", "Fit"], one.figures.iter().map(row));
        sections.push(Section::new(&format!("Figures of {}", one.function), vec![rows]));
    }
    sections.push(Section::charts(calibrated.iter().flat_map(charts).collect()));
    sections.push(Section::list("Left out", left_out(records)));
    Document {
        scenario: title,
        kind: "calibration",
        setting: records.sources.iter().map(|(file, kind)| format!("{file} ({kind})")).collect::<Vec<_>>().join(", "),
        banner: None,
        question: "What do the logs say that a scenario needs to know?".to_owned(),
        answer: format!("{n} invocations give the figures below; the fragment of a scenario is at the end."),
        cards: calibrated.first().map(cards).unwrap_or_default(),
        sections,
        reproduce: Reproduce {
            command: command.to_owned(),
            versions: format!("faascast {}; bootstrap draws have a fixed seed.", env!("CARGO_PKG_VERSION")),
            scenario_text: fragment.to_owned(),
        },
    }
}

fn cards(one: &Calibrated) -> Vec<Card> {
    let card = |figure: &Figure| {
        let [mean, lo, hi] = numbers(figure);
        let interval = lo.zip(hi).map_or_else(String::new, |(lo, hi)| format!("{lo} to {hi}"));
        Some(Card { label: figure.name.to_owned(), value: mean?, more: vec![interval] })
    };
    let wanted = ["arrivals", "service time", "CPU time", "cold start", "errors"];
    wanted.iter().filter_map(|name| one.figure(name)).filter_map(card).collect()
}

fn left_out(records: &Records) -> Vec<String> {
    let counted = [
        (records.broken, "lines that cannot be read"),
        (records.emulated, "lines of a local emulator"),
        (records.other, "lines of other kinds, such as START and END"),
    ];
    counted.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect()
}

/// Fitted against observed, for each law of times.
fn charts(one: &Calibrated) -> Vec<Chart> {
    let mut charts = Vec::new();
    for figure in one.figures.iter().filter(|figure| figure.unit == Unit::Seconds) {
        let Some(curve) = &figure.curve else { continue };
        let positive =
            |points: &[(f64, f64)]| points.iter().copied().filter(|(x, share)| *x > 0.0 && *share > 0.0).collect::<Vec<_>>();
        let (observed, fitted) = (positive(&curve.observed), positive(&curve.fitted));
        if observed.len() < 2 || fitted.len() < 2 {
            continue;
        }
        let name = figure.name.replace(' ', "-").to_ascii_lowercase();
        charts.push(Chart {
            name: format!("{name}-{}", one.function),
            title: format!("{} of {}: observed and fitted", super::text::capital(figure.name), one.function),
            caption: format!("Where the curves part, the law is wrong there. {}.", figure.about.join("; ")),
            alt: format!(
                "Distribution of the {} of {}, observed and fitted: {}",
                figure.name,
                one.function,
                figure.about.join("; ")
            ),
            panels: vec![Panel::Curves(Curves {
                axis: figure.name.to_owned(),
                share: "share that took longer".to_owned(),
                curves: vec![
                    Curve { label: format!("observed, n = {}", figure.estimate.n), points: observed },
                    Curve { label: "fitted".to_owned(), points: fitted },
                ],
                marks: vec![("p50", 0.5), ("p95", 0.05), ("p99", 0.01)],
            })],
        });
    }
    charts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::{self, records::Invocation};
    use crate::random::Key;
    use crate::report::{charts::draw, html};
    use crate::workload::distribution::Distribution;

    fn calibrated() -> (Records, Vec<Calibrated>) {
        let mut records = Records::default();
        let function = records.function("web");
        let (mut stream, law) = (Key::new(1, 0).stream(), Distribution::lognormal_mean_cv(0.2, 0.8).unwrap());
        let one = |i: i64| Invocation {
            function,
            at: Some(i * 1_000_000_000),
            duration: Some(law.sample(&mut stream)),
            ..Invocation::default()
        };
        records.invocations = (0..200).map(one).collect();
        let found = calibrate::calibrate(&records, None, 1);
        (records, found)
    }

    #[test]
    fn the_report_has_figures_curves_and_the_fragment() {
        let (records, found) = calibrated();
        let document = document(&records, &found, "[functions.web]", "faascast calibrate log");
        let page = html::page(&document);
        assert!(page.contains("lognormal") && page.contains("[functions.web]") && page.contains("<svg"));
        let chart = &charts(&found[0])[0];
        assert!(draw::svg(chart).unwrap().contains("observed, n = 200"));
    }

    #[test]
    fn rows_and_json_say_the_same() {
        let (records, found) = calibrated();
        let (rows, json) = (listing(&found), json(&records, &found));
        assert_eq!(rows.rows.len(), json["functions"][0]["figures"].as_array().unwrap().len());
        assert!(
            json["functions"][0]["figures"].as_array().unwrap().iter().any(|f| f["unit"] == "s" && f["estimate"]["n"] == 200)
        );
    }
}
