//! `tune`: the cheapest settings that meet the objectives. Candidates are screened on few replications, the survivors are compared
//! by a procedure with a guarantee, and what is reported comes from replications that chose nothing.

mod select;
mod trial;

use schemars::JsonSchema;
use serde::Serialize;

use super::StudyError;
use super::result::{ObjectiveResult, Verdict};
use super::spread::Spread;
use super::sweep::Configuration;
use crate::estimate::Estimate;
use crate::estimate::paired::paired;
use trial::{Trial, replicate, violation};

/// Replications at which three of four candidates go. Common random numbers make even one replication tell much.
const ROUNDS: [usize; 3] = [1, 2, 4];
const KEPT: usize = 4;
/// The screening stops at this many.
const SURVIVORS: usize = 8;
/// Most replications of a candidate whose objectives are undecided, or that cannot be told from another.
const MOST: usize = 80;
/// Replications of what is reported, from numbers that nothing was chosen on.
const FRESH: usize = 20;
const FRESH_NUMBERS: u64 = 1 << 41;

/// How to choose.
pub struct Rules<'a> {
    /// Fees that differ by less than this share of today's are as good as each other.
    pub indifference: f64,
    /// Probability that the choice is worse than that.
    pub alpha: f64,
    /// Asked between replications; once true there is no answer.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told what is going on.
    pub talk: &'a (dyn Fn(&str) + Sync),
}

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
    /// Probability with which the choice is that good among the survivors.
    pub confidence: f64,
    /// Whether that holds: not where the budget ended the comparison.
    pub guaranteed: bool,
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
    /// Objectives that no candidate meets; empty if there is a winner.
    pub out_of_reach: Vec<String>,
    /// The candidate that misses them least, where there is no winner.
    pub nearest_miss: Option<Choice>,
    /// Every candidate, as the search left it.
    pub explored: Vec<Explored>,
    /// Candidates, refused ones left out.
    pub candidates: usize,
    /// Candidates left after screening.
    pub survivors: usize,
    /// Those of them that meet the objectives, and were compared to the end.
    pub compared: usize,
    /// Candidates cheaper than the winner whose objectives stayed undecided.
    pub undecided: usize,
    /// Combinations that the platform refuses.
    pub refused: usize,
    /// Replications that the search cost.
    pub replications: u64,
    /// Those of a full grid with as many for each candidate as are reported for the winner.
    pub full_grid: u64,
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

/// Finds the cheapest candidate that meets the objectives. `today` is the scenario as it is.
///
/// # Errors
/// A price book does not fit; it was stopped.
pub fn tune(today: Configuration, candidates: Vec<Configuration>, rules: &Rules<'_>) -> Result<Tuned, StudyError> {
    let (scenario, platform) = today.scenario.map_err(|_| StudyError::Nothing)?;
    let mut base = vec![Trial::new(Vec::new(), scenario, &platform)?];
    let mut refusals: Vec<(Vec<(String, String)>, String)> = Vec::new();
    let mut trials = Vec::new();
    for candidate in candidates {
        match candidate.scenario {
            Ok((scenario, platform)) => trials.push(Trial::new(candidate.settings, scenario, &platform)?),
            Err(reason) => refusals.push((candidate.settings, reason)),
        }
    }
    let candidates = trials.len();
    let mut run = 0;
    let survivors = screened(&mut trials, rules, &mut run)?;
    (rules.talk)(&format!("{} of {candidates} candidates left after screening", survivors.len()));
    run += replicate(&mut base, &[0], select::FIRST, 0, rules.stop)?;
    let indifference = rules.indifference * base[0].fee()?.all.abs().max(1e-9);
    let decided = decided(&mut trials, &survivors, indifference, rules, &mut run)?;
    let selected = match decided.met.len() {
        0 => None,
        _ => select::cheapest(&mut trials, &decided.met, (indifference, rules.alpha), MOST, rules.stop)?,
    };
    run += selected.as_ref().map_or(0, |s| s.replications);
    let order = |trials: &[Trial], among: &[usize]| -> Result<Vec<usize>, StudyError> {
        let mut fees: Vec<(usize, f64)> =
            among.iter().map(|i| Ok((*i, trials[*i].fee()?.all))).collect::<Result<_, StudyError>>()?;
        fees.sort_by(|a, b| a.1.total_cmp(&b.1));
        Ok(fees.into_iter().map(|(i, _)| i).collect())
    };
    let best = selected.as_ref().map(|s| s.best);
    let second = order(&trials, &decided.met)?.into_iter().find(|i| Some(*i) != best);
    let binding = best.map(|best| binding(&trials, best)).transpose()?.flatten();
    let (out_of_reach, nearest) = if best.is_none() { nearest(&trials)? } else { (Vec::new(), None) };
    let mut report = Report { rules, run, today: base[0].fresh() };
    report.replicate_today()?;
    let winner = best.map(|best| report.fresh(&trials[best])).transpose()?;
    let steps = match &winner {
        Some(winner) => report.steps(winner, &trials, &refusals)?,
        None => Vec::new(),
    };
    let saved = winner.as_ref().map(|w| report.difference(w, &report.today)).transpose()?;
    let runner_up = second.map(|second| report.fresh(&trials[second])).transpose()?;
    let nearest_miss = nearest.map(|nearest| report.fresh(&trials[nearest])).transpose()?;
    let choice = |trial: &Option<Trial>| trial.as_ref().map(choice).transpose();
    Ok(Tuned {
        format_version: "1.0",
        faascast: env!("CARGO_PKG_VERSION"),
        scenario: base[0].scenario.name.clone(),
        seed: base[0].scenario.simulation.seed,
        currency: base[0].book.currency.to_string(),
        indifference,
        confidence: 1.0 - rules.alpha,
        guaranteed: selected.is_some_and(|s| s.guaranteed),
        today: self::choice(&report.today)?,
        winner: choice(&winner)?,
        runner_up: choice(&runner_up)?,
        saved,
        binding,
        steps,
        out_of_reach,
        nearest_miss: choice(&nearest_miss)?,
        explored: explored(&trials, &survivors, best)?,
        candidates,
        survivors: survivors.len(),
        compared: decided.met.len(),
        undecided: decided.undecided,
        refused: refusals.len(),
        replications: report.run,
        full_grid: candidates as u64 * FRESH as u64,
    })
}

/// Successive halving: those that nearly meet the objectives by their point estimates go before those that do not, and the cheaper
/// before the dearer.
fn screened(trials: &mut [Trial], rules: &Rules<'_>, run: &mut u64) -> Result<Vec<usize>, StudyError> {
    let mut left: Vec<usize> = (0..trials.len()).collect();
    for to in ROUNDS {
        if left.len() <= SURVIVORS {
            break;
        }
        *run += replicate(trials, &left, to, 0, rules.stop)?;
        let mut ranked: Vec<(usize, bool, f64)> = Vec::with_capacity(left.len());
        for index in &left {
            let trial = &trials[*index];
            if trial.verdict()? != Verdict::Missed {
                ranked.push((*index, trial.is_clearly_short()?, trial.fee()?.all));
            }
        }
        if ranked.is_empty() {
            return Ok(Vec::new());
        }
        ranked.sort_by(|a, b| a.1.cmp(&b.1).then(a.2.total_cmp(&b.2)));
        let keep = if to == ROUNDS[ROUNDS.len() - 1] { SURVIVORS } else { ranked.len().div_ceil(KEPT).max(SURVIVORS) };
        ranked.truncate(keep);
        left = ranked.into_iter().map(|(index, ..)| index).collect();
        left.sort_unstable();
    }
    Ok(left)
}

struct Decided {
    met: Vec<usize>,
    undecided: usize,
}

/// Replicates the survivors until each either meets or misses its objectives by its intervals, or is dearer than one that meets
/// them, or the budget is spent.
fn decided(
    trials: &mut [Trial],
    survivors: &[usize],
    indifference: f64,
    rules: &Rules<'_>,
    run: &mut u64,
) -> Result<Decided, StudyError> {
    let mut n = select::FIRST;
    *run += replicate(trials, survivors, n, 0, rules.stop)?;
    loop {
        let (mut met, mut open) = (Vec::new(), Vec::new());
        for index in survivors {
            match trials[*index].verdict()? {
                Verdict::Met => met.push(*index),
                Verdict::Undecided => open.push((*index, trials[*index].fee()?.all)),
                Verdict::Missed => {}
            }
        }
        let cheapest = met.iter().map(|i| trials[*i].fee().map(|f| f.all)).collect::<Result<Vec<f64>, _>>()?;
        let cheapest = cheapest.into_iter().fold(f64::INFINITY, f64::min);
        open.retain(|(_, fee)| *fee < cheapest - indifference);
        if open.is_empty() || n >= MOST {
            return Ok(Decided { met, undecided: open.len() });
        }
        n = (n + n / 2).min(MOST);
        let which: Vec<usize> = open.into_iter().map(|(index, _)| index).collect();
        *run += replicate(trials, &which, n, 0, rules.stop)?;
    }
}

/// The objective that the next cheaper candidate misses most.
fn binding(trials: &[Trial], best: usize) -> Result<Option<String>, StudyError> {
    let fee = trials[best].fee()?.all;
    let mut found: Option<(f64, String)> = None;
    for trial in trials.iter().filter(|trial| !trial.replications.is_empty()) {
        let own = trial.fee()?.all;
        if own >= fee || found.as_ref().is_some_and(|(dearest, _)| own <= *dearest) {
            continue;
        }
        let objectives = trial.objectives()?;
        let worst = objectives.iter().max_by(|a, b| violation(a).total_cmp(&violation(b)));
        if let Some(worst) = worst.filter(|o| o.verdict != Verdict::Met) {
            found = Some((own, worst.name.clone()));
        }
    }
    Ok(found.map(|(_, name)| name))
}

/// Objectives that no candidate meets even by its point estimate, and the candidate that misses its worst one least.
fn nearest(trials: &[Trial]) -> Result<(Vec<String>, Option<usize>), StudyError> {
    let seen: Vec<usize> = (0..trials.len()).filter(|i| !trials[*i].replications.is_empty()).collect();
    let mut reached: std::collections::BTreeMap<String, bool> = std::collections::BTreeMap::new();
    let mut least: Option<(f64, usize)> = None;
    for index in seen {
        let objectives = trials[index].objectives()?;
        for objective in &objectives {
            *reached.entry(objective.name.clone()).or_default() |= violation(objective) <= 0.0;
        }
        let worst = objectives.iter().map(violation).fold(0.0, f64::max);
        if least.is_none_or(|(least, _)| worst < least) {
            least = Some((worst, index));
        }
    }
    let never = reached.into_iter().filter(|(_, reached)| !reached).map(|(name, _)| name).collect();
    Ok((never, least.map(|(_, index)| index)))
}

/// Fresh replications of what is reported.
struct Report<'a> {
    rules: &'a Rules<'a>,
    run: u64,
    today: Trial,
}

impl Report<'_> {
    fn replicate_today(&mut self) -> Result<(), StudyError> {
        let mut one = [self.today.fresh()];
        self.run += replicate(&mut one, &[0], FRESH, FRESH_NUMBERS, self.rules.stop)?;
        let [trial] = one;
        self.today = trial;
        Ok(())
    }

    fn fresh(&mut self, trial: &Trial) -> Result<Trial, StudyError> {
        let mut one = [trial.fresh()];
        self.run += replicate(&mut one, &[0], FRESH, FRESH_NUMBERS, self.rules.stop)?;
        let [trial] = one;
        Ok(trial)
    }

    /// Fee of `b` less that of `a`.
    fn difference(&self, a: &Trial, b: &Trial) -> Result<Estimate, StudyError> {
        Ok(paired(&a.fee()?, &b.fee()?).estimate)
    }

    /// The winner with each setting one step down and up, as far as there are such candidates.
    fn steps(
        &mut self,
        winner: &Trial,
        trials: &[Trial],
        refusals: &[(Vec<(String, String)>, String)],
    ) -> Result<Vec<Step>, StudyError> {
        let mut steps = Vec::new();
        for (at, (key, from)) in winner.settings.iter().enumerate() {
            let mut values: Vec<&String> = Vec::new();
            let all = trials.iter().map(|t| &t.settings).chain(refusals.iter().map(|(settings, _)| settings));
            for settings in all {
                let value = &settings[at].1;
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            values.sort_by(|a, b| natural(a).total_cmp(&natural(b)));
            let Some(place) = values.iter().position(|value| *value == from) else { continue };
            let around = [place.checked_sub(1), Some(place + 1)].into_iter().flatten().filter_map(|i| values.get(i));
            for to in around {
                let mut settings = winner.settings.clone();
                settings[at].1.clone_from(to);
                let mut step =
                    Step { key: key.clone(), from: from.clone(), to: (*to).clone(), fee: None, verdict: None, refused: None };
                if let Some(trial) = trials.iter().find(|trial| trial.settings == settings) {
                    let trial = self.fresh(trial)?;
                    step.fee = Some(self.difference(winner, &trial)?);
                    step.verdict = Some(trial.verdict()?);
                } else {
                    step.refused = refusals.iter().find(|(refused, _)| *refused == settings).map(|(_, reason)| reason.clone());
                }
                steps.push(step);
            }
        }
        Ok(steps)
    }
}

/// A value as a number, for the order of steps; values without one stay in the order that they have.
fn natural(value: &str) -> f64 {
    use crate::units::parse;
    let text = value.trim_matches('"');
    let span = parse::span(text).ok().map(|span| span.0 as f64);
    let size = || parse::bytes(text).ok().map(|bytes| bytes.0 as f64);
    span.or_else(size).or_else(|| text.parse().ok()).unwrap_or(0.0)
}

/// Every candidate with the figures on which the search left it.
fn explored(trials: &[Trial], survivors: &[usize], best: Option<usize>) -> Result<Vec<Explored>, StudyError> {
    let one = |(index, trial): (usize, &Trial)| {
        let verdict = trial.verdict()?;
        let fate = match verdict {
            _ if Some(index) == best => Fate::Recommended,
            Verdict::Missed => Fate::Missed,
            _ if !survivors.contains(&index) => Fate::ScreenedOut,
            Verdict::Met => Fate::Dearer,
            Verdict::Undecided => Fate::Undecided,
        };
        let settings = trial.settings.clone();
        Ok(Explored { settings, replications: trial.replications.len(), figures: named(trial)?, verdict, fate })
    };
    trials.iter().enumerate().filter(|(_, trial)| !trial.replications.is_empty()).map(one).collect()
}

/// Figures by name.
fn named(trial: &Trial) -> Result<Vec<(String, Estimate)>, StudyError> {
    let name = |s: &Spread| if s.function.is_empty() { s.figure.to_owned() } else { format!("{} of {}", s.figure, s.function) };
    Ok(trial.figures()?.iter().map(|s| (name(s), s.estimate)).collect())
}

fn choice(trial: &Trial) -> Result<Choice, StudyError> {
    let figures = named(trial)?;
    let fee = figures.iter().find(|(figure, _)| figure == "fee").map(|(_, estimate)| *estimate).unwrap_or_default();
    Ok(Choice { settings: trial.settings.clone(), fee, objectives: trial.objectives()?, figures })
}
