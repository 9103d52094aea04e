//! Memory settings and use.

use super::figure::{Figure, Place, Unit, quantity};
use super::records::Invocation;
use crate::estimate::Estimate;

/// The configured memory (the one of most invocations), and the most that was used.
#[must_use]
pub(super) fn figures(invocations: &[&Invocation]) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut sizes: std::collections::BTreeMap<u64, usize> = std::collections::BTreeMap::new();
    for size in invocations.iter().filter_map(|i| i.memory) {
        *sizes.entry(size).or_default() += 1;
    }
    if let Some((size, n)) = sizes.iter().max_by_key(|(size, n)| (**n, **size)) {
        let value = format!("\"{}\"", quantity(*size as f64, Unit::Bytes));
        let figure = Figure::new("memory size", Place::Function, "memory", value, Estimate::point(*size as f64, *n), Unit::Bytes);
        let others: Vec<String> =
            sizes.keys().filter(|other| *other != size).map(|other| quantity(*other as f64, Unit::Bytes)).collect();
        figures.push(if others.is_empty() {
            figure.saying(format!("in all {n} that say it"))
        } else {
            figure.saying(format!("the size of most; also {}", others.join(", ")))
        });
    }
    let used: Vec<u64> = invocations.iter().filter_map(|i| i.used).collect();
    if let (Some(low), Some(high)) = (used.iter().min(), used.iter().max()) {
        // What crashes in the log has used all there is; a scenario with that need would crash always.
        let limit = sizes.keys().max().copied().unwrap_or(u64::MAX);
        let value = format!("\"{}\"", quantity((*high).min(limit) as f64, Unit::Bytes));
        let estimate = Estimate::interval(*high as f64, *low as f64, *high as f64, used.len());
        figures.push(
            Figure::new("memory use", Place::Work, "memory", value, estimate, Unit::Bytes)
                .saying(format!("the most of any invocation; from {} on", quantity(*low as f64, Unit::Bytes))),
        );
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_most_is_taken() {
        let one =
            |memory: u64, used: u64| Invocation { memory: Some(memory << 20), used: Some(used << 20), ..Invocation::default() };
        let log = [one(128, 40), one(512, 41), one(512, 39)];
        let found = figures(&log.iter().collect::<Vec<_>>());
        assert_eq!((found[0].value.as_str(), found[1].value.as_str()), ("\"512 MiB\"", "\"41 MiB\""));
    }
}
