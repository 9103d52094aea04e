//! Times of the week, dates and time zones. The clock of a scenario is local time from clock 0 on, and goes on evenly: a
//! change between summer and winter time in the horizon is said, and not simulated.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use super::node::{Node, Value};
use super::quantities::{self, Parsed, Wrong};
use crate::platform::fields::nearest;
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

/// A date and time as written: local, or with an offset, which makes it a point in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Written {
    local: DateTime,
    instant: Option<Timestamp>,
}

/// Reads a date and time, with an offset (`Z`, `+08:00`) or without.
pub(super) fn date_time(node: &Node) -> Parsed<Written> {
    let expected = || Wrong::expected("a date and time such as \"2026-11-23 08:00\" or \"2026-11-23T08:00:00Z\"");
    let (Value::Text(text) | Value::Date(text)) = &node.value else { return Err(expected()) };
    let text = text.trim();
    let offset = text.get(10..).and_then(|time| time.find(['Z', 'z', '+', '-', '['])).map(|at| 10 + at);
    let instant = offset.map(|_| text.parse::<Timestamp>().map_err(|_| expected())).transpose()?;
    let local = text[..offset.unwrap_or(text.len())].parse().map_err(|_| expected())?;
    if text.contains('[') { Err(expected()) } else { Ok(Written { local, instant }) }
}

/// A time zone by its name in the tz database that comes with the program.
pub(super) fn zone(node: &Node) -> Parsed<(String, TimeZone)> {
    let name = quantities::text(node)?;
    let zones = TimeZoneDatabase::bundled();
    zones.get(&name).map(|zone| (name.clone(), zone)).map_err(|_| {
        let known: Vec<String> = zones.available().map(|known| known.as_str().to_owned()).collect();
        let expected = "a time zone such as \"Asia/Shanghai\", \"Europe/Berlin\" or \"UTC\"";
        let wrong = Wrong { code: "unknown-name", ..Wrong::expected(expected) };
        match nearest(&name, known.iter().map(String::as_str)) {
            Some(near) => wrong.hint(format!("Did you mean \"{near}\"?")),
            None => wrong.hint("Zones are named as in the tz database: area/city."),
        }
    })
}

/// Clock 0 as the local time of a zone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Start {
    /// For people: `2026-11-24 08:00 Asia/Shanghai`.
    pub(super) label: String,
    /// How far clock 0 lies after the Monday 00:00 before it, by local time: profiles and schedules are of local time.
    pub(super) since_monday: Span,
    /// When and to what offset the zone's clocks are put next, if they are.
    pub(super) next_change: Option<(Span, String)>,
}

/// Clock 0 from what is written and the zone (UTC, or the offset as written, if there is none).
pub(super) fn start(written: Written, zone: Option<&(String, TimeZone)>) -> Result<Start, String> {
    let utc = TimeZone::UTC;
    let tz = zone.map_or(&utc, |(_, tz)| tz);
    let (local, instant) = match (written.instant, zone) {
        (Some(instant), Some(_)) => (tz.to_datetime(instant), instant),
        (Some(instant), None) => (written.local, instant),
        (None, _) => {
            let at = tz.to_ambiguous_timestamp(written.local);
            if matches!(at.offset(), AmbiguousOffset::Gap { .. }) {
                return Err("there is no such time in this zone: the clocks are put forward over it".into());
            }
            (written.local, at.compatible().map_err(|error| error.to_string())?)
        }
    };
    let name = match (zone, written.instant) {
        (Some((name, _)), _) => name.clone(),
        (None, None) => "UTC".into(),
        (None, Some(_)) => offset_of(local.duration_since(TimeZone::UTC.to_datetime(instant)).as_secs()),
    };
    let days = i64::from(local.weekday().to_monday_zero_offset());
    let seconds = days * 86_400 + i64::from(local.hour()) * 3_600 + i64::from(local.minute()) * 60 + i64::from(local.second());
    let next_change = tz.following(instant).next().map(|change| {
        let seconds = change.timestamp().duration_since(instant).as_secs_f64();
        let day = tz.to_datetime(change.timestamp()).strftime("%Y-%m-%d").to_string();
        (Span::from_secs_f64(seconds), day)
    });
    Ok(Start {
        label: format!("{} {name}", local.strftime("%Y-%m-%d %H:%M")),
        since_monday: Span(seconds * NANOS + i64::from(local.subsec_nanosecond())),
        next_change,
    })
}

/// `+08:00`.
fn offset_of(seconds: i64) -> String {
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
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

    fn begin(text: &str, zone: &str) -> Option<Start> {
        let zone = (!zone.is_empty()).then(|| super::zone(&Node::argument(zone)).unwrap());
        start(date_time(&Node::argument(text)).ok()?, zone.as_ref()).ok()
    }

    #[test]
    fn dates_count_from_their_monday() {
        // 2026-11-24 is a Tuesday.
        for text in ["2026-11-24 08:00", "2026-11-24T08:00:00", "'2026-11-24 08:00'", "2026-11-24T08:00:00Z"] {
            let start = begin(text, "").unwrap();
            assert_eq!(start.since_monday, Span::from_secs(32 * 3600), "{text}");
            assert!(start.label.starts_with("2026-11-24 08:00 ") && start.next_change.is_none(), "{start:?}");
        }
        assert_eq!(begin("2026-11-24T08:00:00-03:30", "").unwrap().label, "2026-11-24 08:00 -03:30");
        for text in ["tomorrow", "7", "2026-13-01", "2026-11-24T08:00:00+99:00", "2026-11-24T08:00:00+08:00[Asia/Shanghai]"] {
            assert_eq!(begin(text, ""), None, "{text}");
        }
    }

    /// A point in time is turned into the zone's local time: UTC+8 all year in Shanghai, UTC+1 in Berlin's winter and UTC+2 in
    /// its summer.
    #[test]
    fn points_in_time_become_local() {
        for (text, zone, label, hours) in [
            ("2026-11-24T00:00:00Z", "Asia/Shanghai", "2026-11-24 08:00 Asia/Shanghai", 32),
            ("2026-11-22T20:00:00Z", "Asia/Tokyo", "2026-11-23 05:00 Asia/Tokyo", 5),
            ("2026-11-24T00:00:00Z", "Europe/Berlin", "2026-11-24 01:00 Europe/Berlin", 25),
            ("2026-07-14T00:00:00Z", "Europe/Berlin", "2026-07-14 02:00 Europe/Berlin", 26),
            ("2026-11-24T08:00:00+08:00", "UTC", "2026-11-24 00:00 UTC", 24),
            // Without an offset the time is the zone's own.
            ("2026-11-24 08:00", "Asia/Tokyo", "2026-11-24 08:00 Asia/Tokyo", 32),
        ] {
            let start = begin(text, zone).unwrap();
            assert_eq!((start.label.as_str(), start.since_monday), (label, Span::from_secs(hours * 3600)), "{text} {zone}");
        }
    }

    #[test]
    fn clocks_that_are_put_forward_or_back() {
        // Berlin: forward on 2026-03-29 from 02:00 to 03:00, back on 2026-10-25 from 03:00 to 02:00.
        assert_eq!(begin("2026-03-29 02:30", "Europe/Berlin"), None);
        let night = begin("2026-10-25 02:30", "Europe/Berlin").unwrap();
        assert_eq!(night.next_change, Some((Span::from_secs(1_800), "2026-10-25".to_owned())));
        assert_eq!(begin("2026-10-25 00:00", "UTC").unwrap().next_change, None);
    }

    #[test]
    fn zones_that_do_not_exist_name_the_nearest() {
        let hint = |name: &str| zone(&Node::argument(name)).unwrap_err().hint.unwrap();
        assert_eq!(hint("Asia/Shanghia"), "Did you mean \"Asia/Shanghai\"?");
        assert!(hint("Mars/Olympus Mons").contains("area/city"));
    }
}
