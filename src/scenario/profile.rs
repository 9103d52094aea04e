//! `profile` of a traffic source.

use super::explain::Origin;
use super::key::{Key, Kind, key};
use super::node::Node;
use super::quantities::{self, Parsed, Wrong};
use super::reader::Reader;
use crate::units::Span;
use crate::workload::profile::Profile;

/// A named profile, or a table.
pub(super) const KIND: Kind = Kind::Either(&[Kind::Word(NAMES), Kind::Table(KEYS)]);
const NAMES: &[&str] = &["flat", "office-hours", "day-and-night"];

const KEYS: &[Key] = &[
    key("hours", Kind::Numbers(24), "relative traffic at each full hour of the day"),
    key("days", Kind::Numbers(7), "factor for each day, Monday first; needs `hours`"),
    key("points", Kind::TimePoints, "pairs of a time in the period and relative traffic, such as [\"6h\", 3.0]"),
    key("every", Kind::Span, "period of `points`; left out: 24h"),
];

/// Reads the profile; flat if it is left out.
pub(super) fn read(r: &Reader<'_>) -> Profile {
    if r.get("profile").is_some_and(|node| node.entries().is_some()) {
        return table(&r.table("profile")).unwrap_or_else(Profile::flat);
    }
    let name = r.read("profile", |node| quantities::word(node, NAMES));
    match r.or("profile", name, "flat", Origin::own("")) {
        "office-hours" => Profile::office_hours(),
        "day-and-night" => Profile::day_and_night(),
        _ => Profile::flat(),
    }
}

fn table(t: &Reader<'_>) -> Option<Profile> {
    let hours = t.read("hours", numbers::<24>);
    let days = t.read("days", numbers::<7>);
    let time = |node| quantities::pair(node, "a pair of a time and a number", quantities::span, quantities::number);
    let points = t.read("points", |node| quantities::list(node, "points such as [[\"0h\", 1.0], [\"6h\", 3.0]]", time));
    let every = t.span("every");
    let made = match (t.has("hours"), t.has("points")) {
        (true, false) if t.has("every") => {
            t.error("every", "conflict", "is the period of `points`", "Hours have a period of a day, with `days` of a week.");
            return None;
        }
        (true, false) if t.has("days") => Profile::from_hours_days(&hours?, &days?),
        (true, false) => Profile::from_hours(&hours?),
        (false, true) if !t.has("days") => Profile::from_points(&points?, every.unwrap_or(Span::from_secs(86_400))),
        _ => {
            t.error("", "conflict", "expected either `hours` (and `days`), or `points` (and `every`)", "");
            return None;
        }
    };
    made.map_err(|error| t.error("", "out-of-range", error.to_string(), "")).ok()
}

fn numbers<const N: usize>(node: &Node) -> Parsed<[f64; N]> {
    let expected = format!("a list of {N} numbers");
    let numbers = quantities::list(node, &expected, quantities::number)?;
    let found = numbers.len();
    numbers.try_into().map_err(|_| Wrong::expected(format!("{expected}, not of {found}")))
}
