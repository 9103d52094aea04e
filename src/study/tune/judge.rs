//! The candidates that the screening left, judged on replications that chose nothing: whether their objectives hold, by
//! intervals, and which of those that do is the cheapest, by a procedure with a guarantee.

use super::evidence::Evidence;
use super::margin::Standing;
use super::seen::Gallery;
use super::trial::{Trial, Work, replicate};
use super::{Rules, StudyError};
use crate::estimate::paired::paired;
use crate::estimate::selection::{Selected, Zone};
use crate::estimate::student::TAIL;
use crate::study::result::{ObjectiveResult, Verdict};

/// Replications at which objectives are looked at; the first is that of the comparison, on which variances are estimated.
pub(super) const LOOKS: [usize; 5] = [8, 16, 32, 64, 128];
/// How many candidates that stay open are looked at the fourth time, and the fifth: those that promise most.
const AT_THE_END: [usize; 2] = [4, 2];
const FIRST: usize = LOOKS[0];
/// Most replications of a candidate that cannot be told from another.
const MOST: usize = LOOKS[LOOKS.len() - 1];
/// Part of the zone that a candidate nearer to today's settings may be dearer by; the selection has the rest of it.
const NEARER: f64 = 0.25;
/// Numbers of these replications, which the screening has not used.
const NUMBERS: u64 = 1 << 42;

/// A candidate and what was found.
pub(super) struct Case {
    /// Index in the gallery.
    pub(super) index: usize,
    pub(super) trial: Trial,
    pub(super) standing: Standing,
    /// Fee on the first look's replications: of all candidates the same traffic and luck.
    pub(super) fee: f64,
}

/// All that were judged.
pub(super) struct Court<'a> {
    rules: &'a Rules<'a>,
    /// Indifference zone in money.
    zone: f64,
    pub(super) cases: Vec<Case>,
    pub(super) work: Work,
    /// Whether the budget ended it.
    pub(super) broke: bool,
}

impl<'a> Court<'a> {
    pub(super) fn new(rules: &'a Rules<'a>, zone: f64) -> Self {
        Self { rules, zone, cases: Vec::new(), work: Work::default(), broke: false }
    }

    /// The cheapest that meets its objectives.
    pub(super) fn best(&self) -> Option<&Case> {
        let met = self.cases.iter().filter(|case| case.standing == Standing::Met);
        met.min_by(|a, b| a.fee.total_cmp(&b.fee))
    }

    /// Candidates cheaper than the best by more than the zone of which it stayed open whether they meet their objectives.
    pub(super) fn open(&self) -> Vec<usize> {
        let below = self.best().map_or(f64::INFINITY, |best| best.fee - self.zone);
        let cheaper = |case: &(usize, &Case)| case.1.standing == Standing::Open && case.1.fee < below;
        self.cases.iter().enumerate().filter(cheaper).map(|(i, _)| i).collect()
    }

    /// Judges these candidates of the gallery, and tells it. `spent`: replications so far.
    pub(super) fn judge(&mut self, gallery: &mut Gallery<'_>, which: &[usize], budget: u64) -> Result<(), StudyError> {
        let from = self.cases.len();
        for index in which {
            let seen = &gallery.all[*index].trial;
            let (trial, pilots) = seen.settled(seen.mean_events(), self.rules.stop)?;
            self.work += pilots;
            self.cases.push(Case { index: *index, trial, standing: Standing::Open, fee: 0.0 });
        }
        let mut open: Vec<usize> = (from..self.cases.len()).collect();
        for (number, look) in LOOKS.into_iter().enumerate() {
            if let Some(most) = (number + AT_THE_END.len()).checked_sub(LOOKS.len()).and_then(|i| AT_THE_END.get(i)) {
                open = self.promising(&open, *most)?;
            }
            let lacking = |i: &usize| look.saturating_sub(self.cases[*i].trial.replications.len()) as u64;
            let cost: u64 = open.iter().map(lacking).sum();
            if look > FIRST && self.work.replications + gallery.work.replications + cost > budget {
                self.broke = true;
                break;
            }
            self.replicate(&open, look)?;
            for i in &open {
                let case = &mut self.cases[*i];
                case.standing = Standing::of(&case.trial.objectives()?, self.rules.tolerance, LOOKS.len());
                if look == FIRST {
                    case.fee = case.trial.fee()?.all;
                }
            }
            open = self.open();
            if open.is_empty() {
                break;
            }
        }
        for case in &self.cases[from..] {
            gallery.all[case.index].judged = Some((case.standing, Evidence::on(&case.trial, case.trial.replications.len())?));
        }
        gallery.believe();
        Ok(())
    }

    /// Of these candidates the `most` that promise most: the probability of being feasible, as it seems, times what they would save.
    fn promising(&self, open: &[usize], most: usize) -> Result<Vec<usize>, StudyError> {
        let dearest = open.iter().map(|i| self.cases[*i].fee).fold(0.0, f64::max) + self.zone;
        let best = self.best().map_or(dearest, |best| best.fee);
        let promise = |i: &usize| {
            let case = &self.cases[*i];
            let chance = Evidence::on(&case.trial, case.trial.replications.len())?.chance();
            Ok((chance * (best - case.fee), *i))
        };
        let mut ranked: Vec<(f64, usize)> = open.iter().map(promise).collect::<Result<_, StudyError>>()?;
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        ranked.truncate(most);
        Ok(ranked.into_iter().map(|(_, i)| i).collect())
    }

    /// Whether a candidate misses an objective by its whole interval, on as many replications as the first look takes.
    pub(super) fn misses(&mut self, gallery: &Gallery<'_>, index: usize, objective: &str) -> Result<bool, StudyError> {
        let known = self.cases.iter().find(|case| case.index == index);
        let objectives = if let Some(case) = known {
            case.trial.objectives()?
        } else {
            let seen = &gallery.all[index].trial;
            let (mut trial, pilots) = seen.settled(seen.mean_events(), self.rules.stop)?;
            self.work += pilots;
            self.work += replicate(&mut [&mut trial], FIRST, NUMBERS, self.rules.stop)?;
            trial.objectives()?
        };
        let name =
            |o: &ObjectiveResult| if o.function.is_empty() { o.name.clone() } else { format!("{} of {}", o.name, o.function) };
        Ok(objectives.iter().any(|o| name(o) == objective && o.verdict == Verdict::Missed))
    }

    fn replicate(&mut self, which: &[usize], to: usize) -> Result<(), StudyError> {
        let mut trials: Vec<&mut Trial> =
            self.cases.iter_mut().enumerate().filter(|(i, _)| which.contains(i)).map(|(_, case)| &mut case.trial).collect();
        self.work += replicate(&mut trials, to, NUMBERS, self.rules.stop)?;
        Ok(())
    }

    /// Selects among those that meet their objectives, and takes a nearly equal one that is nearer to today's settings. The error
    /// is shared out among all that were judged, so it does not matter which of them turned out to be feasible. The best is an
    /// index into the cases.
    pub(super) fn select(&mut self, gallery: &Gallery<'_>, budget: u64) -> Result<Option<Selected>, StudyError> {
        let met: Vec<usize> =
            self.cases.iter().enumerate().filter(|(_, case)| case.standing == Standing::Met).map(|(i, _)| i).collect();
        let values = |i: &usize| Ok(self.cases[*i].trial.fee_on(FIRST)?.pseudo_values());
        let first: Vec<Vec<f64>> = met.iter().map(values).collect::<Result<_, StudyError>>()?;
        let left = budget.saturating_sub(gallery.work.replications + self.work.replications) / met.len().max(1) as u64;
        let most = MOST.min(FIRST.saturating_add(usize::try_from(left).unwrap_or(MOST)));
        let (width, alpha) = self.shared_out();
        let zone = Zone { width, alpha, systems: self.cases.len().max(2), first: FIRST, most };
        let selected = zone.smallest(&first, |left, r| {
            let which: Vec<usize> = left.iter().map(|i| met[*i]).collect();
            self.replicate(&which, r)?;
            which.iter().map(|i| Ok(self.cases[*i].trial.fee_on(r)?.all)).collect::<Result<Vec<f64>, StudyError>>()
        })?;
        let Some(selected) = selected else { return Ok(None) };
        let best = met[selected.best];
        let best = if width < self.zone { self.nearer(gallery, &met, best)? } else { best };
        Ok(Some(Selected { best, ..selected }))
    }

    /// What the selection has of the zone and of the error: the rest is for taking one that is nearer to today's settings. Where the
    /// error is smaller than that of an interval, none is taken.
    fn shared_out(&self) -> (f64, f64) {
        let alpha = self.rules.alpha;
        if alpha < 2.0 * TAIL { (self.zone, alpha) } else { (self.zone * (1.0 - NEARER), alpha - TAIL) }
    }

    /// Of those that are dearer than this one by at most a part of the zone, by the whole 95 % interval of the difference, the one
    /// with the fewest steps from today's settings.
    fn nearer(&self, gallery: &Gallery<'_>, met: &[usize], best: usize) -> Result<usize, StudyError> {
        let steps = |i: usize| gallery.changes(&gallery.all[self.cases[i].index]);
        let mut order: Vec<usize> = met.iter().copied().filter(|i| steps(*i) < steps(best)).collect();
        order.sort_by_key(|i| steps(*i));
        for other in order {
            let (a, b) = (&self.cases[best].trial, &self.cases[other].trial);
            let n = a.replications.len().min(b.replications.len());
            let dearer = paired(&a.fee_on(n)?, &b.fee_on(n)?).estimate;
            if dearer.hi.is_some_and(|hi| hi <= self.zone * NEARER) {
                return Ok(other);
            }
        }
        Ok(best)
    }
}
