//! Which objective stands in the way: of a cheaper choice, or of any.

use std::collections::BTreeMap;

use super::margin::Standing;
use super::seen::{Gallery, Seen};

/// The name of an objective, with its function where there are several.
fn name(seen: &Seen, objective: usize) -> Option<String> {
    let o = seen.objectives.get(objective)?;
    Some(if o.function.is_empty() { o.name.clone() } else { format!("{} of {}", o.name, o.function) })
}

/// The objective without which the choice would be cheapest, by the point estimates of the candidates seen: of all that miss this
/// one only, the cheapest is cheaper than any that misses another one only. Where no cheaper candidate misses a single one, the
/// worst of the next cheaper. `None` if no cheaper one was seen.
pub(super) fn binding(gallery: &Gallery<'_>, best: usize) -> Option<String> {
    let fee = gallery.all[best].fee;
    let cheaper: Vec<&Seen> =
        gallery.all.iter().filter(|seen| seen.fee < fee && seen.standing() != Some(Standing::Met)).collect();
    let missed = |seen: &Seen| -> Vec<usize> {
        (0..seen.margins.len()).filter(|objective| seen.margins[*objective].value > 0.0).collect()
    };
    let mut alone: BTreeMap<usize, f64> = BTreeMap::new();
    for seen in &cheaper {
        if let [only] = missed(seen)[..] {
            let least = alone.entry(only).or_insert(f64::INFINITY);
            *least = least.min(seen.fee);
        }
    }
    if let Some((objective, _)) = alone.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)) {
        return name(&gallery.all[best], objective);
    }
    let next = cheaper.into_iter().max_by(|a, b| a.fee.total_cmp(&b.fee))?;
    let worst = (0..next.margins.len()).max_by(|a, b| next.margins[*a].value.total_cmp(&next.margins[*b].value))?;
    name(next, worst)
}

/// For each objective the candidate that is nearest to it, and by how much its point estimate misses it (0 if it does not).
pub(super) fn nearest_to_each(gallery: &Gallery<'_>) -> Vec<(String, usize, f64)> {
    let Some(first) = gallery.all.first() else { return Vec::new() };
    let of = |objective: usize| {
        let beyond = |i: &usize| gallery.all[*i].margins[objective].value;
        let nearest = (0..gallery.all.len()).min_by(|a, b| beyond(a).total_cmp(&beyond(b)))?;
        Some((name(first, objective)?, nearest, beyond(&nearest).max(0.0)))
    };
    (0..first.margins.len()).filter_map(of).collect()
}
