//! Times of the week and dates. The clock of a scenario is local: no change between summer and winter time.

use jiff::civil::DateTime;

use super::node::{Node, Value};
use super::quantities::{Parsed, Wrong};
use crate::units::{NANOS, Span};

/// A week.
pub(super) const WEEK: Span = Span::from_secs(7 * 86_400);

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// `"Mon 08:00"`: time since Monday 00:00. `"Sun 24:00"` is the end of the week.
pub(super) fn week_time(node: &Node) -> Parsed<Span> {
    let expected = || Wrong::expected("a time of the week such as \"Mon 08:00\"");
    let text = node.text().ok_or_else(expected)?;
    let parse = || -> Option<Span> {
        let (day, time) = text.trim().split_once(' ')?;
        let day = DAYS.iter().position(|name| *name == day.to_ascii_lowercase())?;
        let (hour, minute) = time.trim().split_once(':')?;
        let two = |digits: &str| {
            (digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse::<i64>().ok())?
        };
        let (hour, minute) = (two(hour)?, two(minute)?);
        let fits = minute < 60 && (hour < 24 || (hour, minute) == (24, 0));
        fits.then(|| Span::from_secs(day as i64 * 86_400 + hour * 3_600 + minute * 60))
    };
    parse().ok_or_else(expected)
}

/// A local date and time: how it is shown, and the time since the Monday 00:00 before it.
pub(super) fn date_time(node: &Node) -> Parsed<(String, Span)> {
    let expected = || Wrong::expected("a local date and time such as \"2026-11-23 08:00\", without offset");
    let (Value::Text(text) | Value::Date(text)) = &node.value else { return Err(expected()) };
    // An offset would be dropped in silence.
    let offset = text.len() > 10 && text.get(10..).is_some_and(|time| time.contains(['Z', 'z', '+', '-', '[']));
    let at: DateTime = text.parse().ok().filter(|_| !offset).ok_or_else(expected)?;
    let days = i64::from(at.weekday().to_monday_zero_offset());
    let seconds = days * 86_400 + i64::from(at.hour()) * 3_600 + i64::from(at.minute()) * 60 + i64::from(at.second());
    let label = at.strftime("%Y-%m-%d %H:%M").to_string();
    Ok((label, Span(seconds * NANOS + i64::from(at.subsec_nanosecond()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_week() {
        let hours = |text: &str| week_time(&Node::argument(text)).ok().map(|span| span.as_secs_f64() / 3600.0);
        assert_eq!(hours("Mon 00:00"), Some(0.0));
        assert_eq!(hours("fri 20:30"), Some(116.5));
        assert_eq!(hours("Sun 24:00"), Some(168.0));
        for text in ["Mon", "Mon 8:00", "Mon 24:01", "Mon 25:00", "Foo 08:00", "Mon 08:60", "3", ""] {
            assert_eq!(hours(text), None, "{text}");
        }
    }

    #[test]
    fn dates_count_from_their_monday() {
        let read = |text: &str| date_time(&Node::argument(text)).ok();
        // 2026-11-24 is a Tuesday.
        let tuesday = Some(("2026-11-24 08:00".to_owned(), Span::from_secs(32 * 3600)));
        for text in ["2026-11-24 08:00", "2026-11-24T08:00:00", "'2026-11-24 08:00'"] {
            assert_eq!(read(text), tuesday, "{text}");
        }
        for text in ["2026-11-24T08:00:00Z", "2026-11-24T08:00:00+08:00", "tomorrow", "7", "2026-13-01"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
