//! The answer of a search.

use schemars::JsonSchema;
use serde::Serialize;

use crate::estimate::Estimate;
use crate::study::result::{ObjectiveResult, Verdict};
use crate::study::sweep::Dimension;

/// The answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tuned {
    /// Version of this form.
    pub format_version: &'static str,
    /// Version of the program.
    pub faascast: &'static str,
    /// The scenario's name.
    pub scenario: String,
    /// Seed of all draws.
    pub seed: u64,
    /// Currency of fees.
    pub currency: String,
    /// Fees that differ by less than this, a month, are as good as each other.
    pub indifference: f64,
    /// Probability with which the choice is that good among the survivors that meet their objectives.
    pub confidence: f64,
    /// Whether that holds; not where a budget ended the comparison or left objectives undecided.
    pub guaranteed: bool,
    /// Why it does not hold, or why there may be a winner that was not found; sentences without a capital and a full stop.
    pub shortfalls: Vec<String>,
    /// A candidate that is not better than an objective by more than this share of what it allows may be passed over.
    pub tolerance: f64,
    /// The settings as they are today.
    pub today: Choice,
    /// The cheapest that meets the objectives; absent if none does.
    pub winner: Option<Choice>,
    /// The next.
    pub runner_up: Option<Choice>,
    /// Today's fee less the winner's, a month, on the same traffic and luck.
    pub saved: Option<Estimate>,
    /// The objective that stands in the way of the next cheaper candidate; absent if none is cheaper.
    pub binding: Option<String>,
    /// The winner with one setting a step up or down.
    pub steps: Vec<Step>,
    /// Settings of the winner at an end of their values: one beyond may be better.
    pub at_an_end: Vec<(String, String)>,
    /// Objectives that are missed, by their whole intervals, even by the candidate that is nearest to each; empty if there is a
    /// winner.
    pub out_of_reach: Vec<String>,
    /// The candidate that misses them least, where there is no winner.
    pub nearest_miss: Option<Choice>,
    /// What was chosen from, the values in their natural order.
    pub dimensions: Vec<Dimension>,
    /// Today's values of those settings, where they are among the values.
    pub today_values: Vec<(String, String)>,
    /// What was left out of the choice, where the user named no settings: sentences.
    pub notes: Vec<String>,
    /// Every candidate that was simulated, as the search left it.
    pub explored: Vec<Explored>,
    /// Candidates, those known to be refused left out.
    pub candidates: usize,
    /// Those of them that were simulated.
    pub simulated: usize,
    /// Candidates left after screening, and judged on replications of their own.
    pub survivors: usize,
    /// Those of them that meet the objectives, and were compared to the end.
    pub compared: usize,
    /// Survivors passed over as not better than an objective by more than the tolerance.
    pub close: usize,
    /// Survivors cheaper than the winner whose objectives stayed undecided.
    pub undecided: usize,
    /// Combinations that the platform refuses; in a grid of more than 4,096 those that were come upon.
    pub refused: usize,
    /// Some of them, with the reasons.
    pub refusals: Vec<Refusal>,
    /// Replications that the search cost, with those that are reported.
    pub replications: u64,
    /// Those of a full grid with as many for each candidate as are reported for the winner.
    pub full_grid: u64,
    /// Simulated events (of the clock, and arrivals) of those replications, run-in and drain included: the work.
    pub events: u64,
    /// The same of the full grid, by the mean of the candidates that were simulated.
    pub full_grid_events: u64,
    /// Replications of what is reported.
    pub reported: usize,
}

/// A combination that the platform or the file refuses.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Refusal {
    /// Key and value of each setting.
    pub settings: Vec<(String, String)>,
    /// Why.
    pub reason: String,
}

/// A candidate with fresh figures.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Choice {
    /// Key and value of each setting; empty for today's.
    pub settings: Vec<(String, String)>,
    /// Fee a month.
    pub fee: Estimate,
    /// Objectives.
    pub objectives: Vec<ObjectiveResult>,
    /// Figures by name, for reports.
    pub figures: Vec<(String, Estimate)>,
}

/// A candidate as the search left it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Explored {
    /// Key and value of each setting.
    pub settings: Vec<(String, String)>,
    /// Replications that it had.
    pub replications: usize,
    /// Figures by name on those, `fee` among them.
    pub figures: Vec<(String, Estimate)>,
    /// Whether all objectives hold, by the intervals of those.
    pub verdict: Verdict,
    /// Why the search went no further with it.
    pub fate: Fate,
}

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It is the answer.
    Recommended,
    /// It meets the objectives and is not the cheapest.
    Dearer,
    /// It misses an objective.
    Missed,
    /// Its objectives stayed undecided.
    Undecided,
    /// Others ranked before it in the screening.
    ScreenedOut,
}

/// The winner with one setting changed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Step {
    /// The setting.
    pub key: String,
    /// The winner's value.
    pub from: String,
    /// The other one.
    pub to: String,
    /// Its fee less the winner's, a month.
    pub fee: Option<Estimate>,
    /// Whether the objectives hold there.
    pub verdict: Option<Verdict>,
    /// Why the platform refuses it, if it does.
    pub refused: Option<String>,
}
