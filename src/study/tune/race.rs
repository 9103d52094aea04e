//! Successive halving of what was looked at, and the turn from screening to judging and back.

use super::explore::Explorer;
use super::judge::Court;
use super::margin::Standing;
use super::seen::Gallery;
use super::{ROUNDS, StudyError};

/// Replications of each round of the race, and how many candidates get them.
const RACE: [(usize, usize); 2] = [(2, 12), (4, 6)];
/// Most candidates that are judged at a time.
const SURVIVORS: usize = 4;
/// Probability of being feasible, by point estimates and their noise, below which a candidate is dropped.
const UNLIKELY: f64 = 0.025;
/// And from which on it is nearly sure to be.
const SURE: f64 = 0.9;
/// Turns between looking and racing, until neither finds anything new.
const TURNS: usize = 6;

/// Looks, races and judges until the best judged one is not known to be beaten. `zone`: in money.
pub(super) fn run(gallery: &mut Gallery<'_>, court: &mut Court<'_>, zone: f64, budget: u64) -> Result<(), StudyError> {
    let mut explorer = Explorer::default();
    explorer.begin(gallery)?;
    for round in 0..ROUNDS {
        // The first look at the survivors is paid for in any case.
        for _ in 0..TURNS {
            explorer.explore(gallery, zone, budget)?;
            if !race(gallery, zone, budget)? {
                break;
            }
        }
        let survivors: Vec<usize> = contenders(gallery, zone).into_iter().take(SURVIVORS).collect();
        if survivors.is_empty() {
            return Ok(());
        }
        if round > 0 && gallery.work.replications + court.work.replications >= budget {
            court.broke = true;
            return Ok(());
        }
        let (seen, candidates) = (gallery.all.len(), gallery.candidates());
        (gallery.rules.talk)(&format!("{seen} of {candidates} candidates simulated, {} of them left to judge", survivors.len()));
        court.judge(gallery, &survivors, budget)?;
    }
    Ok(())
}

/// Those that may be feasible and no dearer than the cheapest that is nearly sure to be, cheapest first; one by nothing told from
/// another waits for what becomes of that one. Once one was judged feasible: those that are cheaper by more than the zone.
fn contenders(gallery: &Gallery<'_>, zone: f64) -> Vec<usize> {
    let judged = gallery.cheapest(|seen| seen.standing() == Some(Standing::Met)).map(|best| gallery.all[best].fee - zone);
    let sure = || gallery.cheapest(|seen| seen.chance() >= SURE).map(|best| gallery.all[best].fee + zone);
    let most = judged.or_else(sure).unwrap_or(f64::INFINITY);
    let may = |i: &usize| {
        let seen = &gallery.all[*i];
        seen.standing().is_none() && seen.fee <= most && seen.chance() >= UNLIKELY
    };
    gallery.ranked((0..gallery.all.len()).filter(may))
}

/// Twice as many replications for the first of the contenders, and twice again for the first half of those. Whether anything was
/// simulated.
fn race(gallery: &mut Gallery<'_>, zone: f64, budget: u64) -> Result<bool, StudyError> {
    let mut any = false;
    for (to, keep) in RACE {
        let which: Vec<usize> =
            contenders(gallery, zone).into_iter().take(keep).filter(|i| gallery.all[*i].replications() < to).collect();
        if which.is_empty() || gallery.work.replications >= budget {
            continue;
        }
        gallery.deepen(&which, to)?;
        any = true;
    }
    Ok(any)
}
