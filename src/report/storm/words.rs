//! Cells, sizes and the answer in words.

use crate::estimate::Estimate;
use crate::report::format::{self, Unit};
use crate::study::storm::{Cell, Level, Prevention, Remedy, Storm, Trigger};

/// A factor.
pub(crate) fn times(factor: f64) -> String {
    format!("x {factor}")
}

/// A size of the trigger.
pub(crate) fn size(s: &Storm, pulse: f64) -> String {
    match s.trigger {
        Trigger::Traffic { .. } => format!("pulse {}", times(pulse)),
        Trigger::Events => format!("events {}", times(pulse)),
    }
}

/// What the trigger is.
pub(super) fn trigger(s: &Storm) -> String {
    match s.trigger {
        Trigger::Traffic { at, length } => format!("Trigger: a pulse of traffic of {length}, {at} from the start."),
        Trigger::Events => "Trigger: the scenario's own events, their lengths multiplied.".to_owned(),
    }
}

/// What becomes of a load without a trigger.
pub(super) fn calm(level: &Level) -> String {
    let ok = format::mean(&level.availability, Unit::Share);
    if level.overloaded { format!("{ok} ok, overloaded") } else { format!("{ok} ok") }
}

/// The same for a picture.
pub(crate) fn calm_in_short(level: &Level) -> String {
    if level.overloaded { OVERLOADED.to_owned() } else { format!("{} ok", format::mean(&level.availability, Unit::Share)) }
}

/// Of a load that is down without a trigger: that it comes back to that is no news.
const OVERLOADED: &str = "overloaded";

/// What becomes of a load under a trigger.
pub(super) fn of_cell(level: &Level, cell: &Cell) -> String {
    let n = cell.recovered.n;
    if level.overloaded && cell.down == 0 {
        return OVERLOADED.to_owned();
    }
    let back = match cell.seconds.mean {
        Some(seconds) if seconds <= 0.0 => "back at once".to_owned(),
        Some(seconds) => format!("back in {}", format::value(seconds, Unit::Seconds)),
        None => format::NONE.to_owned(),
    };
    match cell.down {
        _ if cell.recovered.mean.is_none() => "does not end".to_owned(),
        0 => back,
        down if down == n => format!("down {down}/{n}"),
        down => format!("{down}/{n} down, else {back}"),
    }
}

/// The same for a picture.
pub(crate) fn in_short(level: &Level, cell: &Cell) -> String {
    let text = of_cell(level, cell);
    text.split_once(", ").map_or(text.clone(), |(first, _)| first.to_owned())
}

/// The cell that the money is told of: where remedies were tried.
pub(super) fn example(s: &Storm) -> Option<(&Level, &Cell)> {
    let p = s.prevention.as_ref()?;
    let level = s.loads.iter().find(|level| level.load.to_bits() == p.load.to_bits())?;
    Some((level, level.cells.iter().find(|cell| cell.pulse.to_bits() == p.pulse.to_bits())?))
}

/// The remedy that brings most back, if any brings more than today's settings.
pub(super) fn best(p: &Prevention) -> Option<&Remedy> {
    p.helping().next()
}

/// The answer in a few sentences.
pub(super) fn answer(s: &Storm) -> String {
    let overloaded: Vec<String> = s.loads.iter().filter(|level| level.overloaded).map(|level| times(level.load)).collect();
    let too_much = match &overloaded[..] {
        [] => String::new(),
        all => format!(" Overloaded without any trigger: {}.", all.join(", ")),
    };
    let (Some(lowest), Some((level, cell)), Some(p)) = (s.lowest(), example(s), &s.prevention) else {
        let ends = s.loads.iter().flat_map(|level| &level.cells).any(|cell| cell.recovered.mean.is_some());
        let none = if ends { "Nothing stays down: each load comes back." } else { "No trigger ends within the horizon." };
        return format!("{none}{too_much}");
    };
    let money = Unit::Money(&s.currency);
    let remedy = best(p).map_or_else(
        || "None of the remedies brings more of them back.".to_owned(),
        |best| format!("What brings most back: {}; fee {}.", best.name, change(&best.fee)),
    );
    format!(
        "From {} of the traffic on it may stay down when the trigger is gone. At {} of the traffic and {}: {}, {} attempts for each \
         request, and an hour costs {} at the worst, {} without a trigger. {remedy}{too_much}",
        times(lowest),
        times(level.load),
        size(s, cell.pulse),
        of_cell(level, cell),
        format::mean(&cell.amplification, Unit::Count),
        format::mean(&cell.worst_hour, money),
        format::mean(&level.hour, money),
    )
}

/// A relative change with its interval: `-43 % (-45 to -41)`.
pub(crate) fn change(e: &Estimate) -> String {
    let Some(mean) = e.mean else { return format::NONE.to_owned() };
    let decimals = usize::from(mean.abs() < 0.1);
    let percent = |x: f64| {
        let text = format::grouped(x * 100.0, decimals);
        let rises = x > 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
        if rises { format!("+{text}") } else { text }
    };
    match e.lo.zip(e.hi) {
        Some((lo, hi)) if lo < hi => format!("{} % ({} to {})", percent(mean), percent(lo), percent(hi)),
        Some(_) if mean.abs() <= 0.0 => "the same".to_owned(),
        _ => format!("{} %", percent(mean)),
    }
}

/// A word as a shell reads it.
pub(super) fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,%+@".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_have_a_sign() {
        assert_eq!(change(&Estimate::interval(-0.431, -0.45, -0.41, 5)), "-43 % (-45 to -41)");
        assert_eq!(change(&Estimate::interval(0.02, -0.0001, 0.041, 5)), "+2.0 % (0.0 to +4.1)");
        assert_eq!(change(&Estimate::interval(0.0, 0.0, 0.0, 5)), "the same");
        assert_eq!(change(&Estimate::none(5)), "–");
    }
}
