//! Reads quantities as they are written in files and options: a number and its unit.

use super::{Bytes, Probability, Rate, Span};

/// What was expected, in words, for the message of the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected(pub &'static str);

/// Names of the units of time and their lengths in nanoseconds.
const TIME: [(&str, f64); 14] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("sec", 1e9),
    ("min", 6e10),
    ("m", 6e10),
    ("h", 3.6e12),
    ("d", 8.64e13),
    ("day", 8.64e13),
    ("days", 8.64e13),
    ("weeks", 6.048e14),
    ("w", 6.048e14),
];

const SIZE: [(&str, f64); 12] = [
    ("B", 1.0),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("kB", 1e3),
    ("KB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("bytes", 1.0),
    ("byte", 1.0),
];

/// Splits `"512 MiB"` into a finite number and the unit; underscores may group digits.
#[must_use]
pub fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '+' | '-');
    let mut end = text.find(|c| !numeric(c)).unwrap_or(text.len());
    // An exponent such as 1e3, but not the unit that begins with `e`.
    let rest = &text[end..];
    if rest.starts_with(['e', 'E']) {
        let digits = rest[1..].trim_start_matches(['+', '-']).chars().take_while(char::is_ascii_digit).count();
        if digits > 0 {
            end += 1 + (rest.len() - 1 - rest[1..].trim_start_matches(['+', '-']).len()) + digits;
        }
    }
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    number.is_finite().then(|| (number, text[end..].trim()))
}

fn scaled(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let (number, unit) = split(text)?;
    let (_, scale) = units.iter().find(|(name, _)| *name == unit)?;
    Some(number * scale)
}

/// A length of time: `"30s"`, `"5 min"`, `"250ms"`, `"1d"`, or `"forever"`.
///
/// ```
/// # use faascast::units::{Span, parse};
/// assert_eq!(parse::span("1.5h"), Ok(Span::from_secs(5400)));
/// assert!(parse::span("30").is_err());
/// ```
///
/// # Errors
/// No unit of time, a negative value, or one beyond 146 years.
pub fn span(text: &str) -> Result<Span, Expected> {
    if text.trim() == "forever" {
        return Ok(Span::FOREVER);
    }
    let nanos = scaled(text, &TIME).ok_or(Expected("a time with its unit, such as \"30s\", \"250ms\" or \"5min\""))?;
    if nanos < 0.0 {
        return Err(Expected("a time that is not negative"));
    }
    if nanos >= Span::FOREVER.0 as f64 {
        return Err(Expected("a time below 146 years, or \"forever\""));
    }
    Ok(Span((nanos + 0.5) as i64))
}

/// A size: `"512 MiB"`, `"1 GB"` (powers of 1000), `"40 KiB"`.
///
/// # Errors
/// No unit of size up to TiB or TB, a negative value, or one beyond 2^53 bytes.
pub fn bytes(text: &str) -> Result<Bytes, Expected> {
    let bytes =
        scaled(text, &SIZE).ok_or(Expected("a size with its unit (B to TiB, or kB to TB), such as \"512 MiB\" or \"1 GiB\""))?;
    if bytes < 0.0 {
        return Err(Expected("a size that is not negative"));
    }
    if bytes > 9_007_199_254_740_992.0 {
        return Err(Expected("a size of at most 8192 TiB"));
    }
    Ok(Bytes((bytes + 0.5) as u64))
}

/// A rate: `"20/s"`, `"300/min"`, `"5/h"`, `"1000/d"`.
///
/// # Errors
/// No `/unit of time`, a negative value, or one beyond all numbers.
pub fn rate(text: &str) -> Result<Rate, Expected> {
    const EXPECTED: Expected = Expected("a rate with its unit of time, such as \"20/s\" or \"300/min\"");
    let (number, unit) = split(text).ok_or(EXPECTED)?;
    let unit = unit.strip_prefix('/').ok_or(EXPECTED)?.trim();
    let (_, nanos) = TIME.iter().find(|(name, _)| *name == unit).ok_or(EXPECTED)?;
    if number < 0.0 {
        return Err(Expected("a rate that is not negative"));
    }
    Rate::per_second(number * 1e9 / nanos).ok_or(Expected("a rate below 10000000/s"))
}

/// A probability: `"1%"`, or a number in 0..=1 written as text.
///
/// # Errors
/// Outside of 0..=1, or not a number.
pub fn probability(text: &str) -> Result<Probability, Expected> {
    const EXPECTED: Expected = Expected("a share such as \"1%\", or a number from 0 to 1");
    let (number, unit) = split(text).ok_or(EXPECTED)?;
    let value = match unit {
        // Parsed anew, since 99.9 / 100 is not the number nearest to 0.999.
        "%" => format!("{number}e-2").parse().map_err(|_| EXPECTED)?,
        "" => number,
        _ => return Err(EXPECTED),
    };
    Probability::new(value).ok_or(EXPECTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_required_and_known() {
        for (text, expected) in [
            ("1d", Some(86_400_000_000_000)),
            ("0s", Some(0)),
            ("1e3ms", Some(1_000_000_000)),
            ("-1s", None),
            ("30", None),
            ("3 parsec", None),
            ("NaNs", None),
            ("1e400s", None),
        ] {
            assert_eq!(span(text).ok().map(|s| s.0), expected, "{text}");
        }
        assert_eq!(bytes("512 MiB"), Ok(Bytes::from_mib(512)));
        assert_eq!(bytes("1 GB"), Ok(Bytes(1_000_000_000)));
        assert!(bytes("512").is_err() && bytes("512 mb").is_err());
        assert_eq!(rate("300/min").map(Rate::get), Ok(5.0));
        assert!(rate("300").is_err() && rate("-1/s").is_err());
        // What is said about a value that cannot be is true of it.
        assert_eq!(rate("-1/s"), Err(Expected("a rate that is not negative")));
        assert_eq!(rate("1e308/s"), Err(Expected("a rate below 10000000/s")));
        assert_eq!(bytes("9000 TiB"), Err(Expected("a size of at most 8192 TiB")));
        assert!(bytes("7 PiB").is_err_and(|expected| expected.0.contains("B to TiB")) && bytes("8192 TiB").is_ok());
        assert_eq!(probability("0.1%").map(Probability::get), Ok(0.001));
        assert_eq!(probability("99.9%").map(Probability::get), Ok(0.999));
        assert!(probability("101%").is_err() && probability("2").is_err());
    }
}
