//! Two settings against each other: the fee as shade, what misses the objectives hatched, and the edge between.

use super::space::{Point, Setting, Space};
use super::{Chart, Panel};
use crate::report::format::{self, Unit};
use crate::study::result::Verdict;

/// More cells a side than this can't be told apart: every so many values are left out.
const MOST_SIDE: usize = 40;
/// The third setting may have this many values for a map each.
const MOST_MAPS: usize = 4;

/// Cells of a figure over two settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// Heading of the panel; empty for none.
    pub title: String,
    /// Name of the horizontal setting, and its values from left to right.
    pub x: (String, Vec<String>),
    /// Name of the vertical setting, and its values from the bottom up.
    pub y: (String, Vec<String>),
    /// What the shade means, with its unit.
    pub shade: String,
    /// Unit of the scale's ends.
    pub unit: Unit<'static>,
    /// The lightest and the darkest value.
    pub range: (f64, f64),
    /// Rows from the bottom up, each from left to right.
    pub cells: Vec<Vec<Cell>>,
    /// The key, with entries for what is there only; absent where a map above has it.
    pub key: Option<Key>,
}

/// What the marks of maps mean; empty texts are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// Of cells that miss an objective.
    pub missed: String,
    /// Of cells whose intervals do not say.
    pub undecided: String,
    /// Of cells that a search dropped early.
    pub screened: String,
    /// Of the edge of what meets the objectives.
    pub contour: String,
    /// Of the outlined cell.
    pub marked: String,
    /// Of the cell with the star.
    pub best: String,
}

/// A cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// The figure; `None` where there is none.
    pub value: Option<f64>,
    /// The figure in words.
    pub text: String,
    /// A second, smaller line.
    pub note: String,
    /// What is known of it.
    pub state: State,
    /// The one to point at: today's.
    pub marked: bool,
    /// The best one.
    pub best: bool,
}

/// What is known of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It was not simulated.
    #[default]
    Unknown,
    /// There are no objectives.
    Plain,
    /// The objectives are met.
    Met,
    /// An objective is missed.
    Missed,
    /// The intervals do not say.
    Undecided,
    /// A search dropped it early, on few replications.
    Screened,
    /// The platform refuses it.
    Refused,
}

/// An edge between two cells, from corner to corner: (column, row) from the bottom left.
pub type Edge = ((usize, usize), (usize, usize));

impl Heat {
    /// The edges between cells that meet the objectives and known cells that do not, or may not.
    #[must_use]
    pub fn contour(&self) -> Vec<Edge> {
        let state = |column: usize, row: usize| self.cells.get(row).and_then(|cells| cells.get(column)).map(|cell| cell.state);
        let parts = |a: Option<State>, b: Option<State>| {
            let known = |s| matches!(s, Some(State::Met | State::Missed | State::Undecided));
            known(a) && known(b) && (a == Some(State::Met)) != (b == Some(State::Met))
        };
        let columns = self.x.1.len();
        let cells = (0..self.cells.len()).flat_map(|row| (0..columns).map(move |column| (column, row)));
        let edges = cells.flat_map(|(column, row)| {
            let here = state(column, row);
            let right = parts(here, state(column + 1, row)).then_some(((column + 1, row), (column + 1, row + 1)));
            let above = parts(here, state(column, row + 1)).then_some(((column, row + 1), (column + 1, row + 1)));
            right.into_iter().chain(above)
        });
        edges.collect()
    }
}

/// The map of the two settings with the largest effect on the fee: for a third one with few values a map each, else at the
/// base's values of all others. `None` with fewer than two settings.
#[must_use]
pub fn chart(space: &Space, name: &str, title: &str) -> Option<Chart> {
    let order = space.by_effect();
    let &[first, second, ref others @ ..] = &order[..] else { return None };
    // The one with more values lies: there is more room.
    let size = |setting: usize| space.settings.get(setting).map_or(0, |s| s.values.len());
    let (x, y) = if size(first) >= size(second) { (first, second) } else { (second, first) };
    let (maps, fixed) = match others {
        [third, rest @ ..] if size(*third) <= MOST_MAPS => (maps(*third, space), rest),
        all => (vec![(String::new(), space.base.clone())], all),
    };
    let fees = space.points.iter().filter_map(Point::fee);
    let range = fees.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), fee| (low.min(fee), high.max(fee)));
    if range.0 > range.1 {
        return None;
    }
    let mut heats: Vec<Heat> = maps.iter().map(|(title, at)| heat(space, title, (x, y), at, range)).collect();
    let key = key(space, &heats);
    if let Some(first) = heats.first_mut() {
        first.key = Some(key);
    }
    let panels: Vec<Panel> = heats.into_iter().map(Panel::Heat).collect();
    let held = if fixed.is_empty() { String::new() } else { format!(" All maps: {}.", space.words(&space.base, fixed)) };
    let thinned = if size(x).max(size(y)) > MOST_SIDE { " Not every value has room: the data has all." } else { "" };
    let names = [x, y].map(|s| space.settings.get(s).map_or("", |s| s.name.as_str()));
    Some(Chart {
        name: name.to_owned(),
        title: title.to_owned(),
        caption: format!("{}{held}{thinned}", reading(space)),
        alt: alt(space, names),
        panels,
    })
}

/// How to read it.
fn reading(space: &Space) -> String {
    let judged = space.points.iter().any(|point| point.verdict.is_some());
    let objectives = if judged {
        " Hatched cells miss an objective, which is named in the cell where there is room; the thick line is the edge of what meets \
         all of them."
    } else {
        ""
    };
    format!("The darker, the dearer.{objectives} Base: {}.", space.base_name)
}

fn alt(space: &Space, [x, y]: [&str; 2]) -> String {
    let money = Unit::Money(&space.currency);
    let best = space.cheapest().map_or_else(String::new, |point| {
        let all: Vec<usize> = (0..space.settings.len()).collect();
        let fee = format::value(point.fee().unwrap_or(f64::NAN), money);
        format!(" The cheapest that meets the objectives: {} for {fee} a month.", space.words(&point.at, &all))
    });
    format!("Heat map of the fee over {x} and {y}.{best}")
}

/// A map for each value of a setting.
fn maps(setting: usize, space: &Space) -> Vec<(String, Vec<usize>)> {
    let count = space.settings.get(setting).map_or(0, |s| s.values.len());
    let map = |value: usize| {
        let mut at = space.base.clone();
        if let Some(place) = at.get_mut(setting) {
            *place = value;
        }
        (space.words(&at, &[setting]), at)
    };
    (0..count).map(map).collect()
}

fn heat(space: &Space, title: &str, (x, y): (usize, usize), at: &[usize], range: (f64, f64)) -> Heat {
    let side = |setting: usize| -> (String, Vec<usize>, Vec<String>) {
        let Some(setting) = space.settings.get(setting) else { return Default::default() };
        let shown = thinned(setting);
        let texts = shown.iter().map(|place| setting.values[*place].text.clone()).collect();
        (setting.name.clone(), shown, texts)
    };
    let ((x_name, columns, x_texts), (y_name, rows, y_texts)) = (side(x), side(y));
    let best = space.points.iter().find(|point| point.recommended).or_else(|| space.cheapest()).map(|point| &point.at);
    let cell = |column: usize, row: usize| {
        let mut at = at.to_vec();
        for (setting, place) in [(x, column), (y, row)] {
            if let Some(slot) = at.get_mut(setting) {
                *slot = place;
            }
        }
        let Some(point) = space.point(&at) else { return Cell::default() };
        let value = point.fee();
        Cell {
            text: value.map_or_else(String::new, |fee| format::mean(&crate::estimate::Estimate::point(fee, 1), Unit::Count)),
            note: if point.refused { "refused".to_owned() } else { missed(point) },
            state: state(point),
            marked: space.marked.as_ref().is_some_and(|(marked, _)| *marked == at),
            best: best == Some(&at),
            value,
        }
    };
    Heat {
        title: title.to_owned(),
        shade: format!("fee, {} a month", space.currency),
        unit: Unit::Count,
        range,
        cells: rows.iter().map(|row| columns.iter().map(|column| cell(*column, *row)).collect()).collect(),
        x: (x_name, x_texts),
        y: (y_name, y_texts),
        key: None,
    }
}

/// What is in any of the maps.
fn key(space: &Space, maps: &[Heat]) -> Key {
    let any = |is: &dyn Fn(&Cell) -> bool| maps.iter().flat_map(|map| map.cells.iter().flatten()).any(is);
    let said = |there: bool, text: &str| if there { text.to_owned() } else { String::new() };
    let recommended = space.points.iter().any(|point| point.recommended);
    let best = if recommended { "recommended" } else { "cheapest that meets the objectives" };
    Key {
        missed: said(any(&|cell| cell.state == State::Missed), "misses an objective"),
        undecided: said(any(&|cell| cell.state == State::Undecided), "undecided"),
        screened: said(any(&|cell| cell.state == State::Screened), "screened out early"),
        contour: said(maps.iter().any(|map| !map.contour().is_empty()), "edge of what meets them"),
        marked: said(any(&|cell| cell.marked), space.marked.as_ref().map_or("", |(_, name)| name)),
        best: said(any(&|cell| cell.best), best),
    }
}

/// Positions of the values that are drawn: all, or evenly as many as there is room for, the ends among them.
fn thinned(setting: &Setting) -> Vec<usize> {
    let count = setting.values.len();
    if count <= MOST_SIDE {
        return (0..count).collect();
    }
    (0..MOST_SIDE).map(|i| i * (count - 1) / (MOST_SIDE - 1)).collect()
}

fn missed(point: &Point) -> String {
    match &point.missed[..] {
        [] => String::new(),
        [one] => one.clone(),
        [one, more @ ..] => format!("{one} +{}", more.len()),
    }
}

fn state(point: &Point) -> State {
    match point.verdict {
        _ if point.refused => State::Refused,
        None => State::Plain,
        _ if point.screened => State::Screened,
        Some(Verdict::Met) => State::Met,
        Some(Verdict::Missed) => State::Missed,
        Some(Verdict::Undecided) => State::Undecided,
    }
}
