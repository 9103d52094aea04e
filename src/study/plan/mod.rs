//! `plan`: growth and seasons over months: when quotas, objectives and price tiers are crossed, what it costs, and which quota
//! lasts.

mod crossing;
mod quota;

use schemars::JsonSchema;
use serde::Serialize;

use super::bill::Bill;
use super::spread::{Spread, spreads};
use super::{Context, StudyError, settled, simulate};
use crate::billing::book::PriceBook;
use crate::estimate::Estimate;
use crate::scenario::{Change, Event, Scenario, Shape};
use crate::units::{SimTime, Span};
pub use crossing::Crossing;
pub use quota::{Lasting, Needed, Quota, QuotaRequest};

/// The traffic of each month, as a factor on today's.
#[derive(Clone, Debug, PartialEq)]
pub struct Course(Vec<f64>);

impl Course {
    /// Growth a month (0.08 = 8 %) for so many months, the first at today's level; times the seasons, which repeat.
    ///
    /// ```
    /// # use faascast::study::plan::Course;
    /// let course = Course::growing(1.0, 3, &[1.0, 0.5]);
    /// assert_eq!(course.factors(), [1.0, 1.0, 4.0]);
    /// ```
    #[must_use]
    pub fn growing(growth: f64, months: usize, seasons: &[f64]) -> Self {
        let season = |month: usize| seasons.get(month % seasons.len().max(1)).copied().unwrap_or(1.0);
        Self((0..months).map(|month| libm::pow(1.0 + growth, month as f64) * season(month)).collect())
    }

    /// These factors.
    #[must_use]
    pub const fn curve(factors: Vec<f64>) -> Self {
        Self(factors)
    }

    /// One a month.
    #[must_use]
    pub fn factors(&self) -> &[f64] {
        &self.0
    }

    /// Position of the month with the most traffic, the first of equals.
    fn busiest(&self) -> usize {
        let most = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.0.iter().position(|factor| *factor >= most).unwrap_or(0)
    }
}

/// The answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Planned {
    /// Version of this form.
    pub format_version: &'static str,
    /// Version of the program.
    pub faascast: &'static str,
    /// The scenario's name.
    pub scenario: String,
    /// Seed of all draws.
    pub seed: u64,
    /// Replications of each month.
    pub replications: u32,
    /// Currency of fees.
    pub currency: String,
    /// The months in order.
    pub months: Vec<Month>,
    /// Quotas and objectives in the order of the first month in which they are crossed; those that never are come last.
    pub crossings: Vec<Crossing>,
    /// Targets of the objectives, by figure.
    pub targets: Vec<(String, f64)>,
    /// Instances that hold the busiest month, and the smallest quota that lasts.
    pub quota: Quota,
    /// What a request for a higher quota asks for, of the busiest month, by function.
    pub request: Vec<QuotaRequest>,
}

/// A month.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Month {
    /// 1 is today's level.
    pub month: u32,
    /// Traffic, as a factor on today's.
    pub factor: f64,
    /// Fee, with the interval of its mean.
    pub fee: Estimate,
    /// Where one real month's fee falls, 5 % and 95 %.
    pub fee_range: Option<(f64, f64)>,
    /// Figures by name.
    pub figures: Vec<(String, Estimate)>,
    /// Share of the replications in which something was throttled by a quota.
    pub throttled: f64,
    /// Instances that its traffic takes where no quota holds it back.
    pub needed: Needed,
}

/// Simulates each month of a course. A month is the scenario with the traffic of all sources multiplied.
///
/// # Errors
/// As `run`.
pub fn plan(scenario: &Scenario, course: &Course, context: &Context<'_>) -> Result<Planned, StudyError> {
    let book = PriceBook::new(context.platform, &scenario.region, &scenario.billing)?;
    let scenario = &settled(scenario, context.stop, &mut Vec::new())?;
    let mut months = Vec::with_capacity(course.0.len());
    let mut crossed = crossing::watched(scenario);
    let mut replications = 0;
    for (index, factor) in course.0.iter().enumerate() {
        let scaled = scaled(scenario, *factor);
        let bill = Bill::new(&book, &scaled)?;
        let out = simulate(&scaled, &bill, context)?;
        if !out.complete {
            return Err(StudyError::Nothing);
        }
        replications = out.results.len() as u32;
        let number = index as u32 + 1;
        crossing::record(&mut crossed, number, &out.results, &bill);
        let money = bill.rated(&out.results).fee(&scaled, &out.results);
        let name =
            |s: &Spread| if s.function.is_empty() { s.figure.to_owned() } else { format!("{} of {}", s.figure, s.function) };
        months.push(Month {
            month: number,
            factor: *factor,
            fee: money.month,
            fee_range: money.range.as_ref().map(|range| (range.p5, range.p95)),
            figures: spreads(&scaled, &bill, &out.results).iter().map(|s| (name(s), s.estimate)).collect(),
            throttled: crossing::by_any_quota(&out.results),
            needed: quota::needed(&scaled, &out.results, &book, context)?,
        });
    }
    let busiest = course.busiest();
    let factor = course.0.get(busiest).copied().unwrap_or(1.0);
    let (quota, request) = quota::of_month(&scaled(scenario, factor), busiest as u32 + 1, &book, context)?;
    Ok(Planned {
        format_version: "1.0",
        faascast: env!("CARGO_PKG_VERSION"),
        scenario: scenario.name.clone(),
        seed: scenario.simulation.seed,
        replications,
        currency: book.currency.to_string(),
        months,
        crossings: crossing::in_order(crossed),
        targets: scenario.objectives.iter().map(|o| (o.figure.clone(), o.target)).collect(),
        quota,
        request,
    })
}

/// The scenario with the traffic of all sources multiplied, run-in and drain included.
pub(super) fn scaled(scenario: &Scenario, factor: f64) -> Scenario {
    let mut scaled = scenario.clone();
    let long = Span(scaled.simulation.horizon.0.saturating_mul(8).saturating_add(Span::from_secs(8 * 86_400).0));
    // Longer before clock 0 than any run-in, and than arrivals with a memory are drawn.
    let at = SimTime(-scaled.simulation.run_in.0 - Span::from_secs(86_400).0);
    for source in 0..scaled.traffic.len() {
        scaled.traffic[source].growth_per_month = 0.0;
        let change = Change::Traffic { source, factor };
        scaled.events.push(Event { name: format!("month-{source}"), at, duration: long, shape: Shape::Step, change });
    }
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_month_is_the_first_of_equals() {
        assert_eq!(Course::curve(vec![1.0, 3.0, 2.0, 3.0]).busiest(), 1);
        assert_eq!(Course::growing(0.1, 5, &[1.0]).busiest(), 4);
        assert_eq!(Course::curve(Vec::new()).busiest(), 0);
    }
}
