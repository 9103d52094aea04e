//! What is too rare for the replications, a line a function.

use super::format::{self, Unit};
use crate::estimate::Estimate;
use crate::study::result::{Rare, RunResult};

/// Lines for the summary and the report; none where it was not asked for.
#[must_use]
pub fn lines(r: &RunResult) -> Vec<String> {
    let Some(rare) = &r.rare else { return Vec::new() };
    let mut lines: Vec<String> = rare.throttled.iter().map(|(name, e)| format!("{name}: {}", throttled(e))).collect();
    lines.push(how(rare));
    lines
}

fn throttled(e: &Estimate) -> String {
    match (e.mean.filter(|mean| *mean > 0.0), e.lo, e.hi) {
        (Some(mean), Some(lo), Some(hi)) => {
            let one_in = format::grouped(libm::floor(1.0 / mean + 0.5), 0);
            format!("throttled {mean:.2e} of the requests ({lo:.2e} to {hi:.2e}), about one in {one_in}")
        }
        (Some(mean), ..) => format!("throttled {mean:.2e} of the requests (no interval)"),
        _ => "throttled: none seen".to_owned(),
    }
}

fn how(rare: &Rare) -> String {
    let count = |n: u64| format::value(n as f64, Unit::Count);
    let levels = match &rare.levels[..] {
        [] => "no level".to_owned(),
        [only] => format!("{} busy instances", only.busy),
        [first, .., last] => format!("{} levels from {} to {} busy instances", rare.levels.len(), first.busy, last.busy),
    };
    format!(
        "By {} at {levels}: {} replications of their own, {} requests simulated.",
        rare.method,
        rare.replications,
        count(rare.effort)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{markdown, sample, text};

    #[test]
    fn a_share_of_1e_8_is_readable() {
        let mut r = sample::run_result();
        assert!(lines(&r).is_empty());
        let e = Estimate::interval(1.728e-8, 1.6e-8, 1.85e-8, 40);
        r.rare = Some(Rare {
            method: "splitting",
            throttled: [("thumbnail".to_owned(), e)].into(),
            throttled_by: [].into(),
            levels: vec![],
            replications: 40,
            effort: 22_280_615,
            pilot_effort: 2_520_459,
        });
        assert_eq!(lines(&r)[0], "thumbnail: throttled 1.73e-8 of the requests (1.60e-8 to 1.85e-8), about one in 57,870,370");
        for text in [text::summary(&r, 120, false), markdown::comment(&r)] {
            assert!(text.contains("Rare throttling") && text.contains("1.73e-8 of the requests"), "{text}");
        }
        assert_eq!(throttled(&Estimate::none(3)), "throttled: none seen");
    }
}
