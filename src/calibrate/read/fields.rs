//! Labelled values in a line (`Billed Duration: 156 ms`) and times as logs write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Where a label begins, and the rest of the line after it. A longer label that ends alike, such as `Billed Duration:` for
/// `Duration:`, is another one.
pub(super) fn after<'a>(line: &'a str, label: &str) -> Option<(usize, &'a str)> {
    const LONGER: [&str; 4] = ["Billed ", "Init ", "Restore ", "Max "];
    line.match_indices(label).find_map(|(at, _)| {
        let before = &line[..at];
        let another = LONGER.iter().any(|longer| before.ends_with(longer));
        (!another).then(|| (at, line[at + label.len()..].trim_start()))
    })
}

/// A number and its unit after a label; `Err` if what is there is no number that is at least 0.
pub(super) fn quantity(line: &str, label: &str) -> Result<Option<f64>, String> {
    let Some((_, rest)) = after(line, label) else { return Ok(None) };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let unit = rest[end..].trim_start();
    let factor = match () {
        () if unit.starts_with("ms") => 1e-3,
        () if unit.starts_with("MB") => 1_048_576.0,
        () if unit.starts_with('s') => 1.0,
        () => return Err(format!("`{label}` is followed by `{}` and not by a number with its unit", shown(rest))),
    };
    match rest[..end].parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(number * factor)),
        _ => Err(format!("`{label}` is followed by `{}` and not by a number", shown(rest))),
    }
}

/// The word after a label, up to white space, a comma or a written-out tab.
pub(super) fn word<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let (_, rest) = after(line, label)?;
    let rest = rest.trim_start_matches(['"', '`']);
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | '\\' | '"' | '`' | ';')).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|word| !word.is_empty())
}

/// The beginning of a text, for messages.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(24).collect();
    if short.len() < text.len() { short + "…" } else { short }
}

/// Nanoseconds since 1970 of a date and time, UTC unless it says otherwise.
pub(super) fn time(text: &str) -> Option<i64> {
    // Dates only: a number may be anything.
    if !text.contains('-') || !text.contains(':') {
        return None;
    }
    let instant: Timestamp = match text.parse() {
        Ok(instant) => instant,
        Err(_) => TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok()?,
    };
    i64::try_from(instant.as_nanosecond()).ok()
}

/// Nanoseconds since 1970 of a number: seconds, milliseconds, microseconds or nanoseconds by its size.
pub(super) fn epoch(number: f64) -> Option<i64> {
    let factor = match number {
        n if !(0.0..9e18).contains(&n) => return None,
        n if n < 1e11 => 1e9,
        n if n < 1e14 => 1e6,
        n if n < 1e17 => 1e3,
        _ => 1.0,
    };
    // Whole and fraction apart: the product would lose digits.
    let whole = number.floor();
    (whole as i64).checked_mul(factor as i64)?.checked_add(((number - whole) * factor) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_end_alike_are_kept_apart() {
        let line = "Billed Duration: 300 ms Memory Size: 128 MB Max Memory Used: 5.5 MB Init Duration: 7 ms\tDuration: 297.48 ms";
        assert_eq!(quantity(line, "Duration:"), Ok(Some(0.297_48)));
        assert_eq!(quantity(line, "Billed Duration:"), Ok(Some(0.3)));
        assert_eq!(quantity(line, "Init Duration:"), Ok(Some(0.007)));
        assert_eq!(quantity(line, "Max Memory Used:"), Ok(Some(5.5 * 1_048_576.0)));
        assert_eq!(quantity(line, "Restore Duration:"), Ok(None));
        assert!(quantity("Duration: many ms", "Duration:").is_err() && quantity("Duration: 5", "Duration:").is_err());
    }

    #[test]
    fn times_are_dates_or_numbers() {
        let expected = 1_747_081_446_154_000_000;
        for text in ["2025-05-12T20:24:06.154Z", "2025-05-12 20:24:06.154", "2025-05-12T22:24:06.154+02:00"] {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        assert_eq!(time("2025"), None);
        for number in [1_747_081_446.154, 1_747_081_446_154.0] {
            assert!((epoch(number).unwrap() - expected).abs() < 1_000, "{number}");
        }
        assert_eq!(epoch(-1.0), None);
        assert_eq!(epoch(f64::NAN), None);
    }
}
