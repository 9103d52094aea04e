//! The charts of a search.

use super::space::Space;
use super::{Chart, heat_map, pareto, tornado};
use crate::study::tune::Tuned;

/// What the fee buys, where in the settings the answer lies, and what a step from it does. `today` has the values of the settings
/// in the file.
#[must_use]
pub fn charts(t: &Tuned, today: &[(String, String)]) -> Vec<Chart> {
    let space = Space::of_search(t, today);
    let mut charts: Vec<Chart> = pareto::chart(&space, "pareto", "What the fee buys").into_iter().collect();
    charts.extend(heat_map::chart(&space, "heat-map", "Where the recommended settings lie").map(|chart| Chart {
        caption: format!("{} Figures as the search left them: of few replications, where it went no further.", chart.caption),
        ..chart
    }));
    charts.extend(tornado::of_steps(t, "tornado"));
    charts
}
