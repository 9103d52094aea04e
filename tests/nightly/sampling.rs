//! Windows against the whole: how often the intervals of sampled studies hold what full replay says. The table is in
//! docs/sampling.md.

use crate::windows::{CASES, Case, FIGURES, figures, holds};
use faascast::study::sampling::Effort;

/// How often the intervals of so many sampled studies hold the figures of full replay, and the studies' mean half-width and mean
/// deviation relative to it.
fn coverage(case: &Case, seeds: u64, replications: u32, reference: u32, effort: &Effort) -> Vec<Option<(u64, u64, f64, f64)>> {
    let full = figures(&case.study(1_000_003, reference, None));
    let mut found = vec![Some((0_u64, 0_u64, 0.0, 0.0)); FIGURES.len()];
    let mut share = 0.0;
    for seed in 1..=seeds {
        let result = case.study(seed, replications, Some(effort));
        share += result.sampling.as_ref().unwrap_or_else(|| panic!("{}: {:?}", case.name, result.warnings)).share;
        for ((sampled, full), found) in figures(&result).iter().zip(&full).zip(&mut found) {
            let Some((held, of, width, off)) = found else { continue };
            let Some(holds) = holds(sampled, full) else { continue };
            let truth = full.mean.unwrap();
            (*held, *of) = (*held + u64::from(holds), *of + 1);
            *width += sampled.half_width().unwrap_or(f64::NAN) / truth / seeds as f64;
            *off += (sampled.mean.unwrap() / truth - 1.0) / seeds as f64;
        }
    }
    let cells: Vec<String> = found
        .iter()
        .map(|f| match f {
            Some((held, of, width, off)) if *of > 0 => {
                format!("{:.1} % (±{:.2} %, {:+.2} %)", 100.0 * *held as f64 / *of as f64, 100.0 * width, 100.0 * off)
            }
            _ => "none".to_owned(),
        })
        .collect();
    println!("| {} | {:.1} % | {} |", case.name, 100.0 * share / seeds as f64, cells.join(" | "));
    found.into_iter().map(|f| f.filter(|(_, of, ..)| *of > 0)).collect()
}

#[test]
fn intervals_hold_what_full_replay_says() {
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (seeds, only) = (number("SEEDS", 200), number("CASE", u64::MAX));
    let effort = Effort { most: 1e5, requests: 20.0 * 4e4, strata: 6 };
    println!("| scenario | simulated | {} |\n|---|---|---|---|---|---|---|", FIGURES.join(" | "));
    let mut totals = [(0, 0); FIGURES.len()];
    let mut low = Vec::new();
    for (index, case) in CASES.iter().enumerate().filter(|(index, _)| only > 99 || *index as u64 == only) {
        for ((figure, found), total) in FIGURES.iter().zip(coverage(case, seeds, 20, 400, &effort)).zip(&mut totals) {
            let Some((held, of, ..)) = found else { continue };
            *total = (total.0 + held, total.1 + of);
            if held * 10 < of * 9 {
                low.push(format!("case {index}, {}: {figure} {held} of {of}", case.name));
            }
        }
    }
    let share = |(held, of): (u64, u64)| held as f64 / of.max(1) as f64;
    let pooled = totals.iter().fold((0, 0), |sum, t| (sum.0 + t.0, sum.1 + t.1));
    println!("pooled {:.2} %: {:?}", 100.0 * share(pooled), totals.map(share));
    assert!(low.is_empty(), "{low:?}");
    assert!(only < 99 || (0.93..=0.97).contains(&share(pooled)));
}
