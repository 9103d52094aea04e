//! Pictures: texts apart, well-formed files, the same bytes.

use super::sketch::{Box, Shape};
use super::*;
use crate::report::charts::heat_map::{Heat, State};
use crate::report::sample::decisions;
use crate::report::{charts, sample};
use crate::study::result::RunResult;

fn samples() -> [RunResult; 4] {
    [sample::run_result(), sample::single(), sample::no_requests(), sample::many_functions()]
}

/// All texts of a chart with their boxes.
fn texts(sketch: &Sketch) -> Vec<(String, Box)> {
    let text = |shape: &Shape| match shape {
        Shape::Text { x, y, text, size, anchor, .. } => Some((text.clone(), sketch.text_box(*x, *y, text, *size, *anchor))),
        _ => None,
    };
    sketch.shapes.iter().filter_map(text).collect()
}

/// All charts of the samples: of runs, of sweeps of one, two and three settings, of a search and of a plan.
fn everything() -> Vec<Chart> {
    let mut all: Vec<Chart> = samples().iter().flat_map(charts::requests).collect();
    let today = decisions::basis().today;
    let timeouts: &[&str] = &["1s", "2s", "4s", "8s", "16s", "32s", "64s"];
    let one = decisions::dimensions(&[("functions.checkout.timeout", timeouts)]);
    let words = decisions::dimensions(&[("functions.f.routing", &["most-recently-used", "random"])]);
    let three = decisions::dimensions(&[
        ("functions.checkout.timeout", timeouts),
        ("functions.checkout.memory", &["512 MiB", "768 MiB"]),
        ("functions.checkout.instance_concurrency", &["1", "10", "100"]),
    ]);
    let (hostile, _) = decisions::hostile();
    let sweeps = [one, words, three].map(decisions::swept_over).into_iter().chain([decisions::swept(), hostile]);
    all.extend(sweeps.flat_map(|swept| charts::sweep::charts(&swept, &today)));
    all.extend(charts::tune::charts(&decisions::tuned(), &today));
    all.extend(charts::plan::charts(&decisions::planned()));
    all.extend(charts::storm::charts(&crate::report::sample::storms::storms()));
    all
}

#[test]
fn no_text_overlaps_another_or_leaves_the_picture() {
    for chart in everything() {
        for width in [WIDTH, 360] {
            let sketch = layout(&chart, width).unwrap();
            let (w, h) = sketch.size();
            let texts = texts(&sketch);
            for (i, (text, (left, top, right, bottom))) in texts.iter().enumerate() {
                let inside = *left >= 0.0 && *top >= 0.0 && *right <= f64::from(w) && *bottom <= f64::from(h);
                assert!(inside, "{}: {text:?} leaves the picture at width {width}", chart.name);
                for (other, (l, t, r, b)) in &texts[..i] {
                    let apart = right <= l || r <= left || bottom <= t || b <= top;
                    assert!(apart, "{}: {text:?} is on {other:?} at width {width}", chart.name);
                }
            }
        }
    }
}

/// Every element is closed where it is opened or by its own end tag, and no text opens one.
fn is_well_formed(svg: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let Some((inside, text)) = tag.split_once('>') else { return false };
        if inside.matches('"').count() % 2 == 1 || text.contains('&') && !text.contains(';') {
            return false;
        }
        let name = inside.trim_start_matches('/').split_whitespace().next().unwrap_or("").trim_end_matches('/');
        match (inside.starts_with('/'), inside.ends_with('/')) {
            (true, _) if open.pop() != Some(name) => return false,
            (false, false) => open.push(name),
            _ => {}
        }
    }
    open.is_empty()
}

#[test]
fn what_misses_an_objective_is_hatched_and_nothing_else() {
    let charts = charts::sweep::charts(&decisions::swept(), &decisions::basis().today);
    let Panel::Heat(heat) = &charts[0].panels[0] else { panic!("a heat map") };
    let lines = |heat: &Heat| {
        let chart = Chart { panels: vec![Panel::Heat(heat.clone())], ..charts[0].clone() };
        let slanted = |shape: &&Shape| matches!(shape, Shape::Line { points, .. } if points.len() == 2 && points[0].0 != points[1].0 && points[0].1 != points[1].1);
        layout(&chart, WIDTH).unwrap().shapes.iter().filter(slanted).count()
    };
    let mut plain = heat.clone();
    plain.cells.iter_mut().flatten().for_each(|cell| cell.state = State::Met);
    plain.key = None;
    assert_eq!(lines(&plain), 0);
    let mut one = plain.clone();
    one.cells[1][2].state = State::Missed;
    let per_cell = lines(&one);
    assert!(per_cell > 8, "{per_cell}");
    one.cells[1][3].state = State::Missed;
    assert!(lines(&one).abs_diff(2 * per_cell) <= 2);
}

#[test]
fn svg_has_its_labels_and_no_nonsense() {
    let all = charts::requests(&sample::run_result());
    let expected: [(&str, &[&str]); 5] = [
        ("fee", &["active vcpu", "1,811 CNY", "CNY a month", "timeout"]),
        ("outcomes", &["mail: error", "thumbnail: throttled", "0.1 %", "98.93 %"]),
        ("latency", &["p50", "p99", "100 ms", "thumbnail", "took longer"]),
        ("cold-starts", &["busy or starting", "2.17 %", "43.1"]),
        ("timeline", &["Requests a second", "quota of 300", "100 %", "12h", "1d"]),
    ];
    for (chart, (name, labels)) in all.iter().zip(expected) {
        assert_eq!(chart.name, name);
        let svg = svg(chart).unwrap();
        for label in labels {
            assert!(svg.contains(label), "{name}: {label}");
        }
    }
    for chart in everything() {
        for svg in [svg(&chart).unwrap(), svg_at(&chart, 360).unwrap()] {
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{}", chart.name);
            assert!(!svg.contains("<script") && !svg.contains('\u{1b}'), "{}", chart.name);
            assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>") && is_well_formed(&svg), "{}", chart.name);
        }
    }
}

#[test]
fn a_result_without_requests_says_so() {
    for chart in charts::requests(&sample::no_requests()) {
        let svg = svg(&chart).unwrap();
        assert!(["no requests", "nothing is billed", "no invocations", "no request ended ok"].iter().any(|t| svg.contains(t)));
    }
}

#[test]
fn png_has_the_size_asked_for_and_ink_on_it() {
    let chart = &charts::requests(&sample::run_result())[0];
    let (w, h) = size(chart).unwrap();
    for (width, height) in [(2 * w, 2 * h), (400, 400)] {
        let bytes = png(chart, width, height).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (width, height));
        let mut pixels = vec![0; reader.output_buffer_size()];
        reader.next_frame(&mut pixels).unwrap();
        let inked = pixels.chunks(3).filter(|p| p[0] < 200).count();
        assert!(inked * 50 > pixels.len() / 3, "{inked} of {} pixels", pixels.len() / 3);
    }
    assert!(matches!(png(chart, 0, 10), Err(DrawError::Size(0, 10))));
    assert!(matches!(png(chart, 10, 20_000), Err(DrawError::Size(10, 20_000))));
}

#[test]
fn the_same_chart_gives_the_same_bytes() {
    for (one, other) in everything().iter().zip(everything()) {
        assert_eq!(svg(one).unwrap(), svg(&other).unwrap());
    }
}
