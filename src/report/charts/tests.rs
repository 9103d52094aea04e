//! What the charts of decisions ask to be drawn.

use super::heat_map::{Heat, State};
use super::pareto::front;
use super::space::Space;
use super::trend::Trend;
use super::*;
use crate::report::sample::decisions::{basis, dimensions, planned, swept, swept_over, tuned};
use crate::study::result::Verdict;

fn space() -> Space {
    Space::of_sweep(&swept(), &basis().today)
}

fn heat(chart: &Chart) -> &Heat {
    match &chart.panels[0] {
        Panel::Heat(heat) => heat,
        other => panic!("{other:?}"),
    }
}

fn trends(chart: &Chart) -> Vec<&Trend> {
    chart.panels.iter().filter_map(|panel| if let Panel::Trend(trend) = panel { Some(trend) } else { None }).collect()
}

#[test]
fn quantities_are_in_their_order_and_the_file_s_own_are_found() {
    let space = space();
    let texts: Vec<&str> = space.settings[1].values.iter().map(|value| value.text.as_str()).collect();
    assert_eq!(texts, ["256 MiB", "512 MiB", "768 MiB", "1 GiB"]);
    // 512MiB in the file is the 512 MiB of the sweep.
    assert_eq!((space.base.as_slice(), space.marked.clone()), (&[6, 1][..], Some((vec![6, 1], "today"))));
    let other = Space::of_sweep(&swept(), &[("functions.checkout.timeout".into(), "40s".into())]);
    assert_eq!((other.base.as_slice(), other.marked.map(|(_, name)| name)), (&[5, 0][..], Some("base")));
    assert_eq!(other.base_name, "as in the file, with timeout 32s for the file's 40s, memory 256 MiB");
    // 63 s of timeout move the fee by 1,260, 512 MiB of memory by 256.
    assert_eq!(space.by_effect(), [0, 1]);
    assert!((space.effect(0) - 1_260.0).abs() < 1e-9 && (space.effect(1) - 256.0).abs() < 1e-9);
}

#[test]
fn words_without_an_order_stay_as_they_were_given() {
    let swept = swept_over(dimensions(&[("functions.f.routing", &["random", "least-loaded", "newest"])]));
    let space = Space::of_sweep(&swept, &[]);
    assert!(!space.settings[0].is_ordered());
    assert_eq!(space.settings[0].values[0].text, "random");
    // Few values without an order: bars are the better picture, and there is no curve.
    let names: Vec<String> = sweep::charts(&swept, &[]).into_iter().map(|chart| chart.name).collect();
    assert_eq!(names, ["sweep", "pareto"]);
}

#[test]
fn a_map_hatches_what_misses_and_draws_the_edge_of_the_rest() {
    let chart = heat_map::chart(&space(), "heat-map", "t").unwrap();
    let heat = heat(&chart);
    assert_eq!((heat.x.0.as_str(), heat.x.1.len(), heat.y.1[0].as_str()), ("timeout", 7, "256 MiB"));
    let states = |row: usize| heat.cells[row].iter().map(|cell| cell.state).collect::<Vec<_>>();
    assert_eq!(states(0), [State::Refused; 7]);
    // 1 s fails too often; 64 s cost more than 2,000.
    let expected = [State::Missed, State::Met, State::Met, State::Met, State::Met, State::Met, State::Missed];
    assert_eq!(states(1), expected);
    let notes: Vec<&str> = heat.cells[1].iter().map(|cell| cell.note.as_str()).collect();
    assert_eq!((notes[0], notes[1], notes[6]), ("availability", "", "fee"));
    assert!(heat.cells[1][6].marked && heat.cells[1][1].best);
    // 768 MiB: 1,000 + 640 + 384 = 2,024 at 32 s, missed; 1 GiB: 1,832 at 16 s, met.
    assert_eq!(states(2)[5], State::Missed);
    let mut contour = heat.contour();
    contour.sort_unstable();
    let mut by_hand = Vec::new();
    by_hand.extend((1..4).map(|row| ((1, row), (1, row + 1))));
    by_hand.push(((5, 2), (6, 2)));
    by_hand.extend((2..4).map(|row| ((5, row), (5, row + 1))));
    by_hand.push(((6, 1), (6, 2)));
    by_hand.sort_unstable();
    assert_eq!(contour, by_hand);
}

#[test]
fn a_third_setting_with_few_values_has_a_map_each_and_one_key() {
    let all = dimensions(&[
        ("functions.f.timeout", &["1s", "2s", "4s"]),
        ("functions.f.memory", &["512 MiB", "768 MiB"]),
        ("functions.f.vcpu", &["1", "2"]),
    ]);
    let chart = heat_map::chart(&Space::of_sweep(&swept_over(all), &[]), "heat-map", "t").unwrap();
    let titles: Vec<&str> =
        chart.panels.iter().filter_map(|p| if let Panel::Heat(h) = p { Some(h.title.as_str()) } else { None }).collect();
    assert_eq!(titles, ["vcpu 1", "vcpu 2"]);
    assert!(heat(&chart).key.is_some() && matches!(&chart.panels[1], Panel::Heat(heat) if heat.key.is_none()));
    // Too many values for maps: the base's one.
    let many = dimensions(&[
        ("functions.f.timeout", &["1s", "2s"]),
        ("functions.f.memory", &["512 MiB", "768 MiB"]),
        ("functions.f.vcpu", &["1", "2", "3", "4", "5"]),
    ]);
    let chart = heat_map::chart(&Space::of_sweep(&swept_over(many), &[]), "heat-map", "t").unwrap();
    assert!(chart.panels.len() == 1 && chart.caption.contains("All maps: vcpu 1."), "{}", chart.caption);
    let one = swept_over(dimensions(&[("functions.f.timeout", &["1s", "2s"])]));
    assert_eq!(heat_map::chart(&Space::of_sweep(&one, &[]), "heat-map", "t"), None);
}

#[test]
fn the_front_is_what_nothing_beats() {
    let pairs = [(3.0, 1.0), (1.0, 5.0), (2.0, 2.0), (2.0, 3.0), (4.0, 1.0), (1.5, 5.0)];
    assert_eq!(front(&pairs), [1, 2, 0]);
    // Equal points do not beat each other; neither in both figures, nor in any order.
    assert_eq!(front(&[(1.0, 1.0), (1.0, 1.0), (2.0, 1.0)]), [0, 1]);
    assert_eq!(front(&[(2.0, 1.0), (1.0, 1.0), (1.0, 1.0), (1.0, 2.0)]), [1, 2]);
    assert_eq!(front(&[(f64::NAN, 1.0), (1.0, 0.0)]), [1]);
    assert_eq!(front(&[]), [0; 0]);
    // Against every pair, for many.
    let many: Vec<(f64, f64)> = (0..60).map(|i| (f64::from(i * 37 % 23), f64::from(i * 53 % 17))).collect();
    let beats = |a: (f64, f64), b: (f64, f64)| a.0 <= b.0 && a.1 <= b.1 && a != b;
    let mut found = front(&many);
    found.sort_unstable();
    let by_hand: Vec<usize> = (0..many.len()).filter(|i| !many.iter().any(|other| beats(*other, many[*i]))).collect();
    assert_eq!(found, by_hand);
}

#[test]
fn shapes_tell_candidates_apart() {
    let chart = pareto::chart(&Space::of_search(&tuned(), &basis().today), "pareto", "t").unwrap();
    let Panel::Scatter(scatter) = &chart.panels[0] else { panic!("{:?}", chart.panels[0]) };
    let count = |marker: Marker| scatter.spots.iter().filter(|spot| spot.marker == marker).count();
    assert_eq!((count(Marker::Star), count(Marker::Diamond)), (1, 1));
    assert!(count(Marker::Cross) > 0 && count(Marker::Circle) > 0 && count(Marker::Ring) > 0);
    assert_eq!(scatter.spots.last().map(|spot| spot.marker), Some(Marker::Star), "the answer is drawn on top");
    assert!(scatter.spots.iter().all(|spot| spot.x_interval.is_some()));
    // 1 s at 512 MiB is the cheapest; then availability is bought.
    assert!(scatter.named[0].1.starts_with("timeout 1s, memory 512 MiB: 1,276 CNY"), "{:?}", scatter.named);
    assert!(scatter.front.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 >= pair[1].1));
    assert_eq!(scatter.targets.0, Some(2_000.0));
}

#[test]
fn a_tornado_has_the_setting_that_moves_most_on_top() {
    let chart = tornado::chart(&space(), "tornado", "t").unwrap();
    let Panel::Tornado(fee) = &chart.panels[0] else { panic!("{:?}", chart.panels[0]) };
    assert_eq!(fee.swings.iter().map(|swing| swing.label.as_str()).collect::<Vec<_>>(), ["timeout", "memory"]);
    assert_eq!(fee.base, 1_000.0 + 20.0 * 64.0 + 256.0);
    let texts: Vec<(&str, bool)> = fee.swings[0].ends.iter().map(|end| (end.text.as_str(), end.missed)).collect();
    assert_eq!(texts, [("1s: 1,276", true)], "the base has the longest timeout");
    assert_eq!(fee.swings[1].ends[0].text, "1GiB: 2,792".replace("1GiB", "1 GiB"));
    let steps = tornado::of_steps(&tuned(), "tornado").unwrap();
    let Panel::Tornado(steps) = &steps.panels[0] else { panic!("a tornado") };
    assert_eq!(steps.swings[0].label, "memory");
    let texts: Vec<&str> = steps.swings.iter().flat_map(|swing| &swing.ends).map(|end| end.text.as_str()).collect();
    assert_eq!(texts, ["256 MiB: refused by the platform", "768 MiB: +128 CNY", "1s: -20 CNY, MISSED", "4s: +40 CNY"]);
}

#[test]
fn curves_go_over_quantities_with_bands_and_the_objective() {
    let charts = effect::charts(&space());
    assert_eq!(charts.iter().map(|chart| chart.name.as_str()).collect::<Vec<_>>(), ["effect-1-timeout", "effect-2-memory"]);
    let trends = trends(&charts[0]);
    assert_eq!(
        trends.iter().map(|t| t.title.as_str()).collect::<Vec<_>>(),
        ["Fee, CNY a month", "Requests that do not end ok", "p99 latency"]
    );
    let fee = trends[0];
    assert!(fee.x.log && fee.x.joined, "1 s to 64 s are by factors");
    assert_eq!((fee.lines[0].points[0].x, fee.lines[0].points[0].interval), (1.0, Some((1_266.0, 1_286.0))));
    assert_eq!(fee.levels, [(2_000.0, "objective 2,000".to_owned())]);
    assert_eq!(fee.marks, [(64.0, "today".to_owned())]);
    assert!((trends[1].levels[0].0 - 0.02).abs() < 1e-12);
    // What is refused has no place on the axis, and is said.
    assert_eq!(trends.last().map(|t| t.x.name.as_str()), Some("timeout"));
    assert!(charts[1].caption.contains("Without figures there: 256 MiB."), "{}", charts[1].caption);
}

#[test]
fn fans_have_the_quota_and_the_month_that_reaches_it() {
    let charts = plan::charts(&planned());
    let trends = trends(&charts[0]);
    // 30 x 1.12^k above 65 from k = 7 on.
    assert_eq!(trends[1].levels, [(60.0, "quota 60".to_owned())]);
    assert_eq!(trends[1].marks, [(8.0, "quota reached: month 8".to_owned())]);
    assert!(trends[0].lines[0].points.iter().all(|point| point.interval.is_some() && point.range.is_some()));
    // 1,500 x 1.12^k above 3,000 from k = 7 on.
    assert_eq!(trends[0].marks, [(8.0, "objective crossed: month 8".to_owned())]);
    // 30 x 1.12^7 = 66.3: (66.3 - 55) / 20.
    let crossings = heat(&charts[1]);
    assert_eq!(crossings.y.1, ["availability", "quota", "fee"], "from the bottom up, without tiers that nothing enters");
    assert!(crossings.cells[1][7].marked && crossings.cells[1][7].text == "57 %", "{:?}", crossings.cells[1][7]);
}

#[test]
fn a_search_without_an_answer_still_has_its_pictures() {
    let mut t = tuned();
    (t.nearest_miss, t.winner, t.steps) = (t.winner.take(), None, Vec::new());
    t.explored.iter_mut().for_each(|e| e.verdict = Verdict::Missed);
    let names: Vec<String> = tune::charts(&t, &[]).into_iter().map(|chart| chart.name).collect();
    assert_eq!(names, ["pareto", "heat-map"]);
}
