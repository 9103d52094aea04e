//! The space of a search.

use super::sweep::own;
use super::{Point, Setting, Space, Target, named, settings, target};
use crate::estimate::Estimate;
use crate::study::result::{ObjectiveResult, Verdict};
use crate::study::sweep::Dimension;
use crate::study::tune::{Explored, Fate, Tuned};

impl Space {
    /// The candidates of a search; the base is the recommended one, or without one the candidate that misses the objectives
    /// least. `values` has the values of settings in the file, as far as they are known.
    #[must_use]
    pub fn of_search(t: &Tuned, values: &[(String, String)]) -> Self {
        let mut dimensions: Vec<Dimension> = Vec::new();
        for explored in &t.explored {
            for (d, (key, value)) in explored.settings.iter().enumerate() {
                if dimensions.len() == d {
                    dimensions.push(Dimension { key: key.clone(), values: Vec::new() });
                }
                if !dimensions[d].values.contains(value) {
                    dimensions[d].values.push(value.clone());
                }
            }
        }
        let (settings, _) = settings(&dimensions);
        let at = |chosen: &[(String, String)]| -> Vec<usize> {
            settings.iter().zip(chosen).map(|(setting, (_, value))| setting.nearest(value).0).collect()
        };
        let objectives: Vec<Target> = t.today.objectives.iter().map(|o| target(&o.name, &o.function, o.target)).collect();
        let point = |e: &Explored| Point {
            at: at(&e.settings),
            missed: objectives.iter().filter(|o| misses(o, &e.figures)).map(|o| o.figure.clone()).collect(),
            figures: e.figures.clone(),
            verdict: Some(e.verdict),
            refused: false,
            recommended: e.fate == Fate::Recommended,
            screened: e.fate == Fate::ScreenedOut,
        };
        let exact =
            |setting: &Setting| setting.nearest(own(values, setting)?).1.then_some(setting.nearest(own(values, setting)?).0);
        let own_at: Option<Vec<usize>> = settings.iter().map(exact).collect();
        let best = t.winner.as_ref().or(t.nearest_miss.as_ref());
        let today = Point {
            at: Vec::new(),
            missed: t
                .today
                .objectives
                .iter()
                .filter(|o| o.verdict == Verdict::Missed)
                .map(|o| named(&o.name, &o.function))
                .collect(),
            figures: t.today.figures.clone(),
            verdict: verdict(&t.today.objectives),
            refused: false,
            recommended: false,
            screened: false,
        };
        Self {
            currency: t.currency.clone(),
            base: best.map_or_else(|| vec![0; settings.len()], |choice| at(&choice.settings)),
            base_name: if t.winner.is_some() { "recommended".to_owned() } else { "the nearest miss".to_owned() },
            points: t.explored.iter().map(point).collect(),
            objectives,
            today: Some(today),
            marked: own_at.map(|at| (at, "today")),
            settings,
        }
    }
}

/// Whether the whole interval of a figure is on the wrong side of its target.
fn misses(target: &Target, figures: &[(String, Estimate)]) -> bool {
    let Some((_, e)) = figures.iter().find(|(figure, _)| *figure == target.figure) else { return false };
    if target.figure == "availability" {
        e.hi.is_some_and(|hi| hi < target.target)
    } else {
        e.lo.is_some_and(|lo| lo > target.target)
    }
}

/// Met if all are, missed if any is; `None` without objectives.
fn verdict(objectives: &[ObjectiveResult]) -> Option<Verdict> {
    let any = |wanted| objectives.iter().any(|o| o.verdict == wanted);
    match () {
        () if objectives.is_empty() => None,
        () if any(Verdict::Missed) => Some(Verdict::Missed),
        () if any(Verdict::Undecided) => Some(Verdict::Undecided),
        () => Some(Verdict::Met),
    }
}
