//! Times as traces write them: seconds, or a date and time.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::TraceError;
use crate::units::NANOS;

/// Numbers from here on are seconds since 1970, not seconds of a trace (1e8 s = 3.2 years).
const EPOCH_FROM: i64 = 100_000_000 * NANOS;
/// Seconds from here on are surely milliseconds since 1970.
const MILLISECONDS_FROM: f64 = 1e11;

/// A time as written: nanoseconds, and whether it is a date or relative to the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    nanos: i64,
    date: bool,
}

/// Seconds to nanoseconds; refuses what is not a number, negative or out of range.
pub(super) fn seconds(text: &str, line: u64, what: &str) -> Result<i64, TraceError> {
    let wrong = |found: &str| {
        TraceError::new(line, format!("expected {what} in seconds, but found {found}"), "Write it as a number such as 12.5.")
    };
    let value: f64 = text.parse().map_err(|_| wrong(&format!("`{text}`")))?;
    if !(value >= 0.0 && value.is_finite()) {
        return Err(wrong(&format!("`{text}`, which is not a number at least 0")));
    }
    if value >= MILLISECONDS_FROM {
        let hint = "Divide milliseconds by 1000 and microseconds by 1000000.";
        return Err(TraceError::new(line, format!("{what} `{text}` is too large for seconds"), hint));
    }
    // Seconds and fraction apart: the product of an epoch time with 1e9 would lose digits.
    let whole = value.floor();
    if whole >= 9e9 {
        return Err(wrong(&format!("`{text}`, which is after the year 2255")));
    }
    Ok(whole as i64 * NANOS + ((value - whole) * 1e9).round() as i64)
}

/// Whether a field looks like a time at all, for the detection of headers.
pub(super) fn is_time(text: &str) -> bool {
    text.parse::<f64>().is_ok() || date(text).is_some()
}

/// A number of seconds, `2014-04-10 00:04:00` or `2014-04-10T00:04:00.5+02:00`.
pub(super) fn parse(text: &str, line: u64) -> Result<Written, TraceError> {
    if let Some(nanos) = date(text) {
        return Ok(Written { nanos, date: true });
    }
    if text.parse::<f64>().is_err() {
        let message = format!("expected a time (seconds, or a date such as 2026-01-31T08:30:00Z), but found `{text}`");
        return Err(TraceError::new(line, message, "Name the format if the file is not a list of times."));
    }
    let nanos = seconds(text, line, "a time")?;
    Ok(Written { nanos, date: nanos >= EPOCH_FROM })
}

/// Nanoseconds since 1970 of a date and time; without an offset it is taken as UTC.
fn date(text: &str) -> Option<i64> {
    if !text.contains('-') || !text.contains(':') {
        return None;
    }
    let instant: Timestamp = match text.parse() {
        Ok(instant) => instant,
        Err(_) => TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok()?,
    };
    let since: SignedDuration = instant.duration_since(Timestamp::UNIX_EPOCH);
    i64::try_from(since.as_nanos()).ok()
}

/// Turns times as written into nanoseconds from clock 0, by the first row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Zero {
    first: Option<Written>,
}

impl Zero {
    /// Nanoseconds from clock 0. A date before the first row comes out negative.
    pub(super) fn relative(&mut self, written: Written, line: u64) -> Result<i64, TraceError> {
        let first = *self.first.get_or_insert(written);
        if first.date && !written.date || !first.date && written.date {
            let message = "some times are dates (or seconds since 1970), others small numbers of seconds";
            return Err(TraceError::new(line, message, "Write all times of a trace in the same way."));
        }
        Ok(if first.date { written.nanos.saturating_sub(first.nanos) } else { written.nanos })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> i64 {
        parse(text, 1).unwrap().nanos
    }

    #[test]
    fn the_same_instant_in_all_spellings() {
        let expected = 1_397_088_240_500_000_000;
        for text in ["2014-04-10 00:04:00.5", "2014-04-10T00:04:00.5Z", "2014-04-10T02:04:00.5+02:00", "1397088240.5"] {
            assert_eq!(nanos(text), expected, "{text}");
        }
        assert_eq!(nanos("0.07949090003967285"), 79_490_900);
    }

    #[test]
    fn impossible_times_are_refused_with_what_was_found() {
        for text in ["-1", "nan", "inf", "1e12", "1e300", "yesterday", "", "2014-13-40T00:00:00Z"] {
            let error = parse(text, 7).unwrap_err();
            assert_eq!(error.line, 7);
            assert!(error.message.contains(text), "{error}");
        }
    }
}
