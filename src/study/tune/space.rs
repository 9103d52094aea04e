//! The settings to choose from: a grid that is read point by point, as the search comes to it.

use crate::estimate::surface::Axes;
use crate::scenario::Scenario;
use crate::study::compare::is_the_same;
use crate::study::sweep::{Configuration, Dimension};
use crate::units::parse;

/// A place on each axis, in the order of the dimensions.
pub(super) type Point = Vec<usize>;

/// Reads a combination: key and value of each dimension, in their order; or of some of them.
pub type Read<'a> = dyn Fn(&[(String, String)]) -> Configuration + Sync + 'a;

/// The grid, and how a combination of it is read.
pub struct Space<'a> {
    /// Settings and their values; a value that is written twice counts once. Empty for all settings that the functions have, with
    /// values around today's.
    pub dimensions: Vec<Dimension>,
    /// Settings that stay as they are where `dimensions` is empty.
    pub fixed: Vec<String>,
    /// How a combination is read.
    pub read: &'a Read<'a>,
}

/// The grid with its values in their natural order.
pub(super) struct Grid<'a> {
    keys: Vec<String>,
    /// Values of each axis, rising where they are numbers.
    values: Vec<Vec<String>>,
    pub(super) axes: Axes,
    read: &'a Read<'a>,
}

impl<'a> Grid<'a> {
    pub(super) fn new(dimensions: Vec<Dimension>, read: &'a Read<'a>) -> Self {
        let mut grid = Self { keys: Vec::new(), values: Vec::new(), axes: Axes { ordered: Vec::new() }, read };
        for Dimension { key, mut values } in dimensions {
            let mut seen = Vec::new();
            values.retain(|value| {
                !seen.contains(value) && {
                    seen.push(value.clone());
                    true
                }
            });
            let numbers: Option<Vec<f64>> = values.iter().map(|value| natural(value)).collect();
            if let Some(numbers) = &numbers {
                let mut order: Vec<usize> = (0..values.len()).collect();
                order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
                values = order.into_iter().map(|i| values[i].clone()).collect();
            }
            grid.keys.push(key);
            grid.axes.ordered.push(numbers.is_some());
            grid.values.push(values);
        }
        grid
    }

    /// The settings and their values.
    pub(super) fn dimensions(&self) -> Vec<Dimension> {
        let one = |(key, values): (&String, &Vec<String>)| Dimension { key: key.clone(), values: values.clone() };
        self.keys.iter().zip(&self.values).map(one).collect()
    }

    /// Combinations, refused ones among them.
    pub(super) fn size(&self) -> u128 {
        self.values.iter().fold(1, |n, values| n.saturating_mul(values.len() as u128))
    }

    /// Values of each axis.
    pub(super) fn levels(&self) -> Vec<usize> {
        self.values.iter().map(Vec::len).collect()
    }

    pub(super) fn settings(&self, point: &[usize]) -> Vec<(String, String)> {
        let one = |((key, values), at): ((&String, &Vec<String>), &usize)| (key.clone(), values[*at].clone());
        self.keys.iter().zip(&self.values).zip(point).map(one).collect()
    }

    /// Key and value of each axis whose place is known.
    pub(super) fn values_of(&self, place: &[Option<usize>]) -> Vec<(String, String)> {
        let one = |((key, values), at): ((&String, &Vec<String>), &Option<usize>)| Some((key.clone(), values[(*at)?].clone()));
        self.keys.iter().zip(&self.values).zip(place).filter_map(one).collect()
    }

    pub(super) fn read(&self, point: &[usize]) -> Configuration {
        (self.read)(&self.settings(point))
    }

    /// Every point, the last axis varying fastest; for grids small enough to be looked at whole.
    pub(super) fn all(&self) -> impl Iterator<Item = Point> + '_ {
        let levels = self.levels();
        let size = usize::try_from(self.size()).unwrap_or(usize::MAX);
        (0..size).map(move |mut index| {
            let mut point = vec![0; levels.len()];
            for (at, levels) in point.iter_mut().zip(&levels).rev() {
                *at = index % levels;
                index /= levels;
            }
            point
        })
    }

    /// Point `i` of a sequence that fills the grid evenly: the fractional parts of multiples of powers of a root, the same on
    /// every machine (Roberts 2018, "The unreasonable effectiveness of quasirandom sequences": R_d).
    pub(super) fn spread(&self, i: usize) -> Point {
        let levels = self.levels();
        let power = levels.len() as f64 + 1.0;
        let root = (0..40).fold(1.5_f64, |x, _| libm::pow(1.0 + x, 1.0 / power));
        let at = |(axis, levels): (usize, &usize)| {
            let step = libm::pow(root, -(axis as f64 + 1.0));
            let place = 0.5 + step * (i as f64 + 1.0);
            (((place - place.floor()) * *levels as f64) as usize).min(levels - 1)
        };
        levels.iter().enumerate().map(at).collect()
    }

    /// All points that differ from this one on one or two axes.
    pub(super) fn around(&self, point: &[usize]) -> Vec<Point> {
        let levels = self.levels();
        let mut found = Vec::new();
        let others = |axis: usize| (0..levels[axis]).filter(move |at| *at != point[axis]);
        for first in 0..levels.len() {
            for at in others(first) {
                let mut one = point.to_vec();
                one[first] = at;
                for second in first + 1..levels.len() {
                    for at in others(second) {
                        let mut two = one.clone();
                        two[second] = at;
                        found.push(two);
                    }
                }
                found.push(one);
            }
        }
        found
    }

    /// The points one step from this one on an axis, in the order of the values.
    pub(super) fn steps(&self, point: &[usize], axis: usize) -> Vec<Point> {
        let here = point[axis];
        let beside = [here.checked_sub(1), Some(here + 1).filter(|at| *at < self.values[axis].len())];
        let moved = |at: usize| {
            let mut other = point.to_vec();
            other[axis] = at;
            other
        };
        beside.into_iter().flatten().map(moved).collect()
    }

    /// Settings of this point at the lower or upper end of an axis with an order and at least two values: there may be a better
    /// value beyond.
    pub(super) fn ends(&self, point: &[usize]) -> Vec<(String, String)> {
        let at_end = |axis: &usize| {
            let last = self.values[*axis].len() - 1;
            last > 0 && self.axes.ordered[*axis] && (point[*axis] == 0 || point[*axis] == last)
        };
        let settings = self.settings(point);
        (0..point.len()).filter(at_end).map(|axis| settings[axis].clone()).collect()
    }

    /// The values that a configuration has already: those that change nothing of it when read alone. `None` where none does.
    pub(super) fn place_of(&self, today: &Scenario) -> Vec<Option<usize>> {
        let changes_nothing = |axis: usize, at: usize| {
            let alone = [(self.keys[axis].clone(), self.values[axis][at].clone())];
            let read = (self.read)(&alone).scenario.ok();
            read.is_some_and(|(scenario, _)| is_the_same(&scenario, today))
        };
        (0..self.keys.len()).map(|axis| (0..self.values[axis].len()).find(|at| changes_nothing(axis, *at))).collect()
    }
}

/// A value as a number, for its place among others; `None` for a word or a table.
fn natural(value: &str) -> Option<f64> {
    let text = value.trim_matches('"');
    match text {
        "unlimited" | "forever" => return Some(f64::INFINITY),
        _ => {}
    }
    let span = parse::span(text).ok().map(|span| span.0 as f64);
    let size = || parse::bytes(text).ok().map(|bytes| bytes.0 as f64);
    let share = || parse::probability(text).ok().map(crate::units::Probability::get);
    span.or_else(size).or_else(share).or_else(|| text.parse().ok()).filter(|number: &f64| !number.is_nan())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(dimensions: &[(&str, &[&str])]) -> Grid<'static> {
        let dimension = |(key, values): &(&str, &[&str])| Dimension {
            key: (*key).to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let read: &'static Read<'static> =
            &|settings| Configuration { settings: settings.to_vec(), scenario: Err(String::new()) };
        Grid::new(dimensions.iter().map(dimension).collect(), read)
    }

    #[test]
    fn values_come_in_their_natural_order() {
        let grid = grid(&[
            ("memory", &["1 GiB", "\"512 MiB\"", "2 GiB"]),
            ("quota", &["unlimited", "10", "2", "10"]),
            ("runtime", &["b", "a"]),
        ]);
        let names = |point: &[usize]| grid.settings(point).into_iter().map(|(_, value)| value).collect::<Vec<_>>().join(" ");
        assert_eq!(names(&[0, 0, 0]), "\"512 MiB\" 2 b");
        assert_eq!(names(&[2, 2, 1]), "2 GiB unlimited a");
        assert_eq!(grid.axes.ordered, [true, true, false]);
        assert_eq!((grid.size(), grid.all().count()), (18, 18));
    }

    #[test]
    fn neighbours_and_ends() {
        let grid = grid(&[("a", &["1", "2", "3"]), ("b", &["1", "2"]), ("c", &["1"])]);
        // 2 + 1 on one axis, 2 x 1 on two.
        assert_eq!(grid.around(&[0, 0, 0]).len(), 5);
        assert_eq!(grid.steps(&[1, 0, 0], 0), [[0, 0, 0], [2, 0, 0]]);
        assert_eq!(grid.steps(&[0, 0, 0], 0), [[1, 0, 0]]);
        assert_eq!(grid.ends(&[1, 1, 0]), [("b".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn the_spread_reaches_everything() {
        let grid = grid(&[("a", &["1", "2", "3", "4", "5"]), ("b", &["1", "2", "3"])]);
        let mut seen: Vec<Point> = (0..40).map(|i| grid.spread(i)).collect();
        // Ten points are nearly all different, forty reach the whole grid.
        let mut first = seen[..10].to_vec();
        first.sort();
        first.dedup();
        seen.sort();
        seen.dedup();
        assert!(first.len() >= 8 && seen.len() == 15, "{} {}", first.len(), seen.len());
    }
}
