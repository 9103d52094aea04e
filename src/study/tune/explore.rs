//! Where to look next: from what was seen, which candidates may be cheaper than the best so far and meet the objectives?
//!
//! One replication of a candidate, on the same traffic and luck as all others, says nearly what many would: a grid is mostly
//! dropped on one, and most of it is never looked at. A surface is fitted to the fee and to each objective's margin; what is
//! looked at next is what has the greatest probability of being cheaper by the indifference zone and feasible (Gardner, Kusner, Xu,
//! Weinberger and Cunningham 2014, "Bayesian optimization with inequality constraints", ICML). It ends where no candidate has
//! more than a small one. It is a heuristic: nothing here is guaranteed, and nothing here is reported.

use rayon::prelude::*;

use super::StudyError;
use super::seen::{Gallery, Seen};
use super::space::Point;
use crate::estimate::surface::{Surface, normal_below};

/// Candidates looked at before the first surface: so many, and two more for each setting.
const FIRST: usize = 10;
/// Looked at before the next fit. More would use more threads, fewer would waste less.
const BATCH: usize = 6;
/// Probability below which a candidate is not looked at.
const UNLIKELY: f64 = 0.02;
/// Most candidates that are looked at: that share of a small grid, that many of a large one.
const MOST_SHARE: f64 = 0.6;
const LEAST: usize = 40;
const MOST: usize = 400;
/// Points of a large grid that the surfaces are asked about in each round, beside those around the best.
const SCATTERED: usize = 512;
/// A grid of at most so many points is asked about whole.
const WHOLE: u128 = 4_096;
/// The best so many have their surroundings asked about.
const SURROUNDED: usize = 4;
/// A fee is taken to the logarithm with this share of the dearest added, as a free tier makes it 0.
const CENT: f64 = 1e-3;
/// By how much less the worst margin is to be missed, where nothing is feasible.
const NEARER: f64 = 0.01;
/// The parameters are fitted anew when there are so many times as many points.
const GROWN: f64 = 1.25;

/// What the candidates seen so far say of the others.
struct Surfaces {
    fee: Surface,
    /// One for each objective, with the noise of its margins.
    margins: Vec<(Surface, f64)>,
    /// Points that the parameters were fitted to.
    fitted: usize,
}

/// The search's memory between rounds.
#[derive(Default)]
pub(super) struct Explorer {
    surfaces: Option<Surfaces>,
    /// Points of the evenly spread sequence that were used.
    spread: usize,
}

impl Explorer {
    /// Looks at the first candidates: today's, and some that are spread evenly.
    pub(super) fn begin(&mut self, gallery: &mut Gallery<'_>) -> Result<(), StudyError> {
        let levels = gallery.grid.levels();
        let today = gallery.today.iter().zip(&levels).map(|(at, levels)| at.unwrap_or(levels / 2)).collect::<Point>();
        let wanted = (FIRST + 2 * levels.len()).min(gallery.candidates().try_into().unwrap_or(usize::MAX));
        gallery.look([today], 1)?;
        // Where most is refused, some tries are in vain.
        let tries = 40 * wanted;
        while gallery.all.len() < wanted && self.spread < tries {
            let points: Vec<Point> = (self.spread..self.spread + wanted).map(|i| gallery.grid.spread(i)).collect();
            self.spread += points.len();
            let missing = wanted - gallery.all.len();
            gallery.look(points, missing)?;
        }
        Ok(())
    }

    /// Looks on until nothing is likely to be better by the indifference zone. `zone`: in money.
    pub(super) fn explore(&mut self, gallery: &mut Gallery<'_>, zone: f64, budget: u64) -> Result<(), StudyError> {
        let candidates: usize = gallery.candidates().try_into().unwrap_or(usize::MAX);
        let most = ((candidates as f64 * MOST_SHARE) as usize).clamp(LEAST, MOST);
        while gallery.all.len() < most.min(candidates) && gallery.work.replications < budget {
            self.fit(gallery);
            let goal = Goal::now(gallery, zone);
            let pool = self.pool(gallery);
            let Some(surfaces) = &self.surfaces else { return Ok(()) };
            let mut promising: Vec<(f64, Point)> = pool
                .into_par_iter()
                .map(|point| (surfaces.promise(&point, goal), point))
                .filter(|(promise, _)| *promise >= UNLIKELY)
                .collect();
            promising.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            let batch = surfaces.apart(promising);
            // Whatever the surfaces say, one step either way from the best is looked at.
            if gallery.look(batch, BATCH)? == 0 && gallery.look(beside_the_best(gallery), usize::MAX)? == 0 {
                break;
            }
        }
        Ok(())
    }

    fn fit(&mut self, gallery: &Gallery<'_>) {
        let points: Vec<Point> = gallery.all.iter().map(|seen| seen.point.clone()).collect();
        let dearest = gallery.all.iter().map(|seen| seen.fee).fold(0.0, f64::max);
        let fees: Vec<f64> = gallery.all.iter().map(|seen| logarithm(seen.fee, dearest)).collect();
        let axes = &gallery.grid.axes;
        let old = self.surfaces.take();
        let stale = old.as_ref().is_none_or(|old| points.len() as f64 > old.fitted as f64 * GROWN);
        let fitted = |values: &[f64], old: Option<&Surface>| match old {
            Some(old) if !stale => old.refit(&points, values),
            _ => Surface::fit(axes, &points, values, old),
        };
        let fee = fitted(&fees, old.as_ref().map(|old| &old.fee));
        let count = gallery.all.first().map_or(0, |seen| seen.margins.len());
        let margins: Option<Vec<(Surface, f64)>> = (0..count)
            .into_par_iter()
            .map(|objective| {
                let beyond: Vec<f64> = gallery.all.iter().map(|seen| seen.margins[objective].value).collect();
                let mut noises: Vec<f64> = gallery.all.iter().map(|seen| seen.margins[objective].noise).collect();
                noises.sort_by(f64::total_cmp);
                let noise = noises[noises.len() / 2];
                let near = old.as_ref().and_then(|old| old.margins.get(objective)).map(|(surface, _)| surface);
                Some((fitted(&beyond, near)?, noise))
            })
            .collect();
        let before = old.as_ref().map_or(0, |old| old.fitted);
        let fitted = if stale { points.len() } else { before };
        self.surfaces = fee.zip(margins).map(|(fee, margins)| Surfaces { fee, margins, fitted });
    }

    /// Points to ask about: all of a small grid; of a large one those around the best, and some that are spread evenly.
    fn pool(&mut self, gallery: &Gallery<'_>) -> Vec<Point> {
        let unknown = |point: &Point| !gallery.is_known(point);
        if gallery.grid.size() <= WHOLE {
            return gallery.grid.all().filter(unknown).collect();
        }
        let by = |i: usize| (gallery.all[i].worst(), gallery.all[i].fee);
        let mut best = gallery.ranked((0..gallery.all.len()).filter(|i| gallery.all[*i].seems_fine()));
        if best.is_empty() {
            best = (0..gallery.all.len()).collect();
            best.sort_by(|a, b| by(*a).0.total_cmp(&by(*b).0).then(by(*a).1.total_cmp(&by(*b).1)));
        }
        let mut pool: Vec<Point> =
            best.iter().take(SURROUNDED).flat_map(|i| gallery.grid.around(&gallery.all[*i].point)).collect();
        pool.extend((self.spread..self.spread + SCATTERED).map(|i| gallery.grid.spread(i)));
        self.spread += SCATTERED;
        pool.sort_unstable();
        pool.dedup();
        pool.retain(unknown);
        pool
    }
}

/// What the next candidate is looked at for.
#[derive(Clone, Copy)]
enum Goal {
    /// To be cheaper than this (as a logarithm) and feasible.
    Cheaper(f64),
    /// Nothing is feasible yet: to miss its worst objective by less than this margin.
    Nearer(f64),
}

impl Goal {
    fn now(gallery: &Gallery<'_>, zone: f64) -> Self {
        let dearest = gallery.all.iter().map(|seen| seen.fee).fold(0.0, f64::max);
        if let Some(best) = gallery.cheapest(Seen::seems_fine) {
            return Self::Cheaper(logarithm((gallery.all[best].fee - zone).max(0.0), dearest));
        }
        let worst = |seen: &Seen| seen.margins.iter().map(|margin| margin.value).fold(0.0, f64::max);
        Self::Nearer(
            gallery.all.iter().filter(|seen| seen.standing().is_none()).map(worst).fold(f64::INFINITY, f64::min) - NEARER,
        )
    }
}

/// The points one step from the cheapest that seems to meet the objectives.
fn beside_the_best(gallery: &Gallery<'_>) -> Vec<Point> {
    let Some(best) = gallery.cheapest(Seen::seems_fine) else { return Vec::new() };
    let point = &gallery.all[best].point;
    (0..point.len()).flat_map(|axis| gallery.grid.steps(point, axis)).collect()
}

fn logarithm(fee: f64, dearest: f64) -> f64 {
    libm::log(fee + CENT * dearest.max(1e-9))
}

impl Surfaces {
    /// Probability that a candidate reaches the goal.
    fn promise(&self, point: &[usize], goal: Goal) -> f64 {
        let below = |target: f64, (mean, sd): (f64, f64), noise: f64| {
            normal_below((target - mean) / (sd * sd + noise * noise).sqrt().max(1e-9))
        };
        let (cheap, margin) = match goal {
            Goal::Cheaper(fee) => (below(fee, self.fee.guess(point), 0.0), None),
            Goal::Nearer(margin) => (1.0, Some(margin)),
        };
        if cheap < UNLIKELY {
            return cheap;
        }
        // While it is about feasibility the luck of one replication counts; to be nearer is a matter of the same luck.
        let of = |(surface, noise): &(Surface, f64)| match margin {
            None => below(0.0, surface.guess(point), *noise),
            Some(margin) => below(margin, surface.guess(point), 0.0),
        };
        self.margins.iter().fold(cheap, |promise, one| promise * of(one))
    }

    /// The most promising first, each then less the more it is like one before.
    fn apart(&self, mut promising: Vec<(f64, Point)>) -> Vec<Point> {
        // Some more than a batch, since the platform may refuse some.
        const MORE: usize = 8 * BATCH;
        let mut chosen = Vec::new();
        while chosen.len() < MORE {
            let best = promising.iter().enumerate().max_by(|a, b| a.1.0.total_cmp(&b.1.0).then(b.0.cmp(&a.0)));
            let Some((index, _)) = best.filter(|(_, (promise, _))| *promise > 0.0) else { break };
            let (_, point) = promising.swap_remove(index);
            for (promise, other) in &mut promising {
                let alike = self.fee.likeness(&point, other);
                *promise *= 1.0 - alike * alike;
            }
            chosen.push(point);
        }
        chosen
    }
}
