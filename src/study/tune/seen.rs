//! Candidates that were looked at, each on the first replications of the same numbers.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rayon::prelude::*;

use super::belief::{Guess, Levels, beliefs};
use super::evidence::{Evidence, margins};
use super::margin::{Margin, Standing, violation};
use super::space::{Grid, Point};
use super::trial::{Trial, Work, replicate};
use super::{Rules, StudyError};
use crate::estimate::moments::Moments;
use crate::scenario::{Kind, Scenario, Start};
use crate::study::result::ObjectiveResult;
use crate::units::Span;

/// A grid of at most so many points is read whole, so that all that the platform refuses is known.
const READ_WHOLE: u128 = 4_096;

/// Margins beyond this one either way say little of the noise at the objective.
const NEAR: f64 = 0.7;
/// How much more than by their requests replications are taken to vary before it was measured, and at most.
const FACTOR: f64 = 1.5;
const MOST_FACTOR: f64 = 5.0;

/// A candidate that was looked at.
pub(super) struct Seen {
    pub(super) point: Point,
    pub(super) trial: Trial,
    /// On the one replication that all have.
    first: Evidence,
    /// On all of the screening's, where there are several.
    raced: Option<Evidence>,
    /// What replications that chose nothing said of it.
    pub(super) judged: Option<(Standing, Evidence)>,
    /// Margins of each replication, where there are several.
    each: Vec<Vec<Margin>>,
    /// Objectives on all of the screening's.
    pub(super) objectives: Vec<ObjectiveResult>,
    /// What is believed of the fee.
    pub(super) fee: f64,
    /// What is believed of the margins.
    pub(super) margins: Vec<Guess>,
}

impl Seen {
    fn new(point: Point, trial: Trial) -> Self {
        Self {
            point,
            trial,
            first: Evidence::default(),
            raced: None,
            judged: None,
            each: Vec::new(),
            objectives: Vec::new(),
            fee: 0.0,
            margins: Vec::new(),
        }
    }

    fn measure(&mut self) -> Result<(), StudyError> {
        self.objectives = self.trial.objectives()?;
        self.first = Evidence::on(&self.trial, 1)?;
        let n = self.trial.replications.len();
        if n > 1 {
            self.raced = Some(Evidence::on(&self.trial, n)?);
            let one = |i: usize| {
                let replication = self.trial.replications.get(i..=i).unwrap_or_default();
                Ok(margins(&self.trial, &self.trial.objectives_on(replication)?, replication))
            };
            self.each = (0..n).map(one).collect::<Result<_, StudyError>>()?;
        }
        Ok(())
    }

    pub(super) fn replications(&self) -> usize {
        self.trial.replications.len()
    }

    pub(super) fn standing(&self) -> Option<Standing> {
        self.judged.as_ref().map(|(standing, _)| *standing)
    }

    /// Probability that it meets all objectives.
    pub(super) fn chance(&self) -> f64 {
        match self.standing() {
            Some(Standing::Met) => 1.0,
            Some(_) => 0.0,
            None => self.margins.iter().map(|margin| margin.chance()).product(),
        }
    }

    /// Whether it is believed to meet all objectives, or was judged to.
    pub(super) fn seems_fine(&self) -> bool {
        self.standing().map_or_else(|| self.margins.iter().all(|m| m.value <= 0.0), |standing| standing == Standing::Met)
    }

    /// How far its worst objective is missed.
    pub(super) fn worst(&self) -> f64 {
        self.objectives.iter().map(violation).fold(0.0, f64::max)
    }

    /// Whether nothing that was counted tells it from another.
    fn is_twin(&self, other: &Self) -> bool {
        self.first == other.first && (self.replications() != other.replications() || self.raced == other.raced)
    }
}

/// All of them, and the grid that they are of.
pub(super) struct Gallery<'a> {
    pub(super) grid: Grid<'a>,
    pub(super) rules: &'a Rules<'a>,
    pub(super) all: Vec<Seen>,
    at: BTreeMap<Point, usize>,
    pub(super) refused: BTreeMap<Point, String>,
    pub(super) work: Work,
    /// Run-in of a steady-state study while it is screened: today's.
    run_in: Option<Span>,
    /// Fees that differ by less are taken as equal when candidates are put in order.
    pub(super) grain: f64,
    /// Today's values, where the grid has them.
    pub(super) today: Vec<Option<usize>>,
}

impl<'a> Gallery<'a> {
    /// `run_in`: for a study of the steady state.
    pub(super) fn new(grid: Grid<'a>, rules: &'a Rules<'a>, today: Vec<Option<usize>>, run_in: Option<Span>) -> Self {
        let mut refused = BTreeMap::new();
        if grid.size() <= READ_WHOLE {
            let points: Vec<Point> = grid.all().collect();
            let reasons: Vec<Option<String>> = points.par_iter().map(|point| grid.read(point).scenario.err()).collect();
            refused = points.into_iter().zip(reasons).filter_map(|(point, reason)| Some((point, reason?))).collect();
        }
        Self { grid, rules, all: Vec::new(), at: BTreeMap::new(), refused, work: Work::default(), run_in, grain: 1e-9, today }
    }

    /// Candidates, those that are known to be refused left out.
    pub(super) fn candidates(&self) -> u128 {
        self.grid.size().saturating_sub(self.refused.len() as u128)
    }

    pub(super) fn is_known(&self, point: &[usize]) -> bool {
        self.at.contains_key(point) || self.refused.contains_key(point)
    }

    /// A candidate as it is simulated while it is screened; `None` where the platform refuses it, which is kept in mind.
    fn opened(&mut self, point: &Point) -> Result<Option<Trial>, StudyError> {
        match self.grid.read(point).scenario {
            Ok((mut scenario, platform)) => {
                self.shorten(&mut scenario);
                Ok(Some(Trial::new(self.grid.settings(point), scenario, &platform)?))
            }
            Err(reason) => {
                self.refused.insert(point.clone(), reason);
                Ok(None)
            }
        }
    }

    fn shorten(&self, scenario: &mut Scenario) {
        if let (Some(run_in), Kind::SteadyState) = (self.run_in, scenario.simulation.kind) {
            scenario.simulation.start = Start::Warm;
            scenario.simulation.run_in = run_in;
        }
    }

    /// Looks at up to `most` of these points, in their order, for one replication each; known ones and those that the platform
    /// refuses are passed over. How many were looked at.
    pub(super) fn look(&mut self, points: impl IntoIterator<Item = Point>, most: usize) -> Result<usize, StudyError> {
        let from = self.all.len();
        for point in points {
            if self.all.len() - from >= most {
                break;
            }
            if self.is_known(&point) {
                continue;
            }
            if let Some(trial) = self.opened(&point)? {
                self.at.insert(point.clone(), self.all.len());
                self.all.push(Seen::new(point, trial));
            }
        }
        let new: Vec<usize> = (from..self.all.len()).collect();
        self.deepen(&new, 1)?;
        Ok(new.len())
    }

    /// Brings these to `to` replications each.
    pub(super) fn deepen(&mut self, which: &[usize], to: usize) -> Result<(), StudyError> {
        let mut trials: Vec<&mut Trial> =
            self.all.iter_mut().enumerate().filter(|(i, _)| which.contains(i)).map(|(_, seen)| &mut seen.trial).collect();
        self.work += replicate(&mut trials, to, 0, self.rules.stop)?;
        let seen = self.all.par_iter_mut().enumerate().filter(|(i, _)| which.contains(i));
        seen.map(|(_, seen)| seen.measure()).collect::<Result<Vec<()>, StudyError>>()?;
        self.believe();
        Ok(())
    }

    /// What is believed of every candidate, given all that is known.
    pub(super) fn believe(&mut self) {
        let factors = self.factors();
        let figures = 1 + factors.len();
        let of = |figure: usize| {
            let levels = |seen: &Seen| Levels {
                first: seen.first.guess(figure),
                raced: seen.raced.as_ref().map(|found| found.guess(figure)),
                judged: seen.judged.as_ref().map(|(_, found)| found.guess(figure)),
            };
            let all: Vec<Levels> = self.all.iter().map(levels).collect();
            beliefs(&all, figure.checked_sub(1).map(|objective| factors[objective]))
        };
        let believed: Vec<Vec<Guess>> = (0..figures).map(of).collect();
        for (i, seen) in self.all.iter_mut().enumerate() {
            seen.fee = libm::exp(believed[0][i].value);
            seen.margins = believed[1..].iter().map(|figure| figure[i]).collect();
        }
    }

    /// How much more than by their requests alone replications vary, by objective: of bursts, and of queues. Measured on the
    /// candidates that had several replications and are not far from the objective; at least 1.
    fn factors(&self) -> Vec<f64> {
        let count = self.all.first().map_or(0, |seen| seen.first.margins.len());
        let factor = |objective: usize| {
            let (mut found, mut expected) = (0.0, 0.0);
            for seen in self.all.iter().filter(|seen| seen.first.margins[objective].beyond.abs() < NEAR) {
                let of: Vec<Margin> = seen.each.iter().map(|margins| margins[objective]).collect();
                if of.len() > 1 {
                    found += Moments::of(&of.iter().map(|margin| margin.beyond).collect::<Vec<f64>>()).variance;
                    expected += of.iter().map(|margin| margin.noise * margin.noise).sum::<f64>() / of.len() as f64;
                }
            }
            if expected > 0.0 { (found / expected).sqrt().clamp(1.0, MOST_FACTOR) } else { FACTOR }
        };
        (0..count).map(factor).collect()
    }

    /// Steps away from today's values, over all settings.
    pub(super) fn changes(&self, seen: &Seen) -> usize {
        let apart = |(at, today): (&usize, &Option<usize>)| today.map_or(0, |today| at.abs_diff(today));
        seen.point.iter().zip(&self.today).map(apart).sum()
    }

    /// Cheaper ones first; of nearly equal ones the nearest to today.
    fn order(&self, a: usize, b: usize) -> Ordering {
        let (a, b) = (&self.all[a], &self.all[b]);
        let grains = |seen: &Seen| (seen.fee / self.grain).round();
        grains(a).total_cmp(&grains(b)).then_with(|| self.changes(a).cmp(&self.changes(b))).then(a.fee.total_cmp(&b.fee))
    }

    /// The cheapest of those for which `wanted` holds; of nearly equal ones the nearest to today, then the first.
    pub(super) fn cheapest(&self, wanted: impl Fn(&Seen) -> bool) -> Option<usize> {
        (0..self.all.len()).filter(|i| wanted(&self.all[*i])).min_by(|a, b| self.order(*a, *b))
    }

    /// These from the cheapest up, of nearly equal ones the nearest to today first, without those that nothing tells from one
    /// before.
    pub(super) fn ranked(&self, which: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut order: Vec<usize> = which.collect();
        order.sort_by(|a, b| self.order(*a, *b));
        let of = |i: &usize| &self.all[*i];
        let mut kept: Vec<usize> = Vec::new();
        for i in order {
            if !kept.iter().any(|other| of(&i).is_twin(of(other))) {
                kept.push(i);
            }
        }
        kept
    }
}
