//! Values of a setting that is varied: `5s,10s,60s`, or a range: `5s..60s x2` (each twice the last) or `1..9 +2` (each two more),
//! up to the end and never beyond it.

use crate::diagnostic::Diagnostic;
use crate::units::{Bytes, Span, parse};

/// More values than this are a slip of the pen.
const MOST: usize = 10_000;

/// The values of a text: split at commas outside of brackets, braces and quotation marks, ranges expanded.
///
/// # Errors
/// What is wrong, in words.
///
/// ```
/// # use faascast::scenario::range::values;
/// assert_eq!(values("5s..60s x2").unwrap(), ["5s", "10s", "20s", "40s"]);
/// assert_eq!(values("1..2 +0.5, 8").unwrap(), ["1", "1.5", "2", "8"]);
/// assert_eq!(values("{ attempts = 3, on = [\"error\"] }, { attempts = 1 }").unwrap().len(), 2);
/// ```
pub fn values(text: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for part in split(text) {
        let part = part.trim();
        if part.is_empty() {
            return Err("there is nothing between two commas, or at an end".into());
        }
        match part.split_once("..").filter(|_| !part.starts_with(['"', '\'', '{', '['])) {
            Some((from, rest)) => found.extend(expand(from.trim(), rest.trim())?),
            None => found.push(part.to_owned()),
        }
        if found.len() > MOST {
            return Err(format!("more than {MOST} values"));
        }
    }
    Ok(found)
}

fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut begin, mut parts) = (0_i32, None, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, ',') if depth <= 0 => {
                parts.extend(text.get(begin..at));
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(begin..));
    parts
}

/// A quantity of a range and how such a quantity is written.
#[derive(Clone, Copy)]
enum Quantity<'t> {
    Span(Span),
    Size(Bytes),
    /// A number with whatever follows it, such as `%` or `/s`.
    Number(f64, &'t str),
}

impl<'t> Quantity<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let span = || parse::span(text).ok().filter(|span| !span.is_forever()).map(Self::Span);
        let size = || parse::bytes(text).ok().map(Self::Size);
        let number = || {
            let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
            let (number, unit) = text.split_at(digits);
            Some(Self::Number(number.parse().ok()?, unit))
        };
        span().or_else(size).or_else(number)
    }

    fn number(self) -> f64 {
        match self {
            Self::Span(span) => span.0 as f64,
            Self::Size(bytes) => bytes.0 as f64,
            Self::Number(x, _) => x,
        }
    }

    /// The same kind of quantity with another number.
    fn with(self, x: f64) -> String {
        match self {
            Self::Span(_) => Span(x.round() as i64).exact(),
            Self::Size(_) => Bytes(x.round() as u64).exact(),
            // Twelve digits: what steps of 0.1 leave of rounding is not shown.
            Self::Number(_, unit) => format!("{}{unit}", format!("{x:.12}").trim_end_matches('0').trim_end_matches('.')),
        }
    }
}

fn expand(from: &str, rest: &str) -> Result<Vec<String>, String> {
    let say = || "expected a range such as 5s..60s x2 (each twice the last) or 1..9 +2 (each two more)".to_owned();
    // The end and the step may have spaces of their own: `4 GiB x2`, `2 s +500 ms`.
    let at = rest.rfind(" x").max(rest.rfind(" +")).ok_or_else(say)?;
    let (to, step) = rest.split_at(at);
    let (to, step) = (to.trim(), step.trim());
    let (first, last) = (Quantity::read(from).ok_or_else(say)?, Quantity::read(to).ok_or_else(say)?);
    if std::mem::discriminant(&first) != std::mem::discriminant(&last) {
        return Err(format!("`{from}` and `{to}` are not the same kind of quantity"));
    }
    if let (Quantity::Number(_, a), Quantity::Number(_, b)) = (first, last)
        && a != b
    {
        return Err(format!("`{from}` and `{to}` have different units"));
    }
    let (start, end) = (first.number(), last.number());
    let next: Box<dyn Fn(f64, i32) -> f64> = if let Some(factor) = step.strip_prefix('x') {
        let factor: f64 = factor.trim().parse().map_err(|_| say())?;
        if factor.is_nan() || factor <= 1.0 || start <= 0.0 {
            return Err("a range with a factor begins above 0, and the factor is more than 1".into());
        }
        Box::new(move |start, k| start * libm::pow(factor, f64::from(k)))
    } else {
        let text = step.strip_prefix('+').ok_or_else(say)?.trim();
        let step = match (first, Quantity::read(text).ok_or_else(say)?) {
            (Quantity::Number(..), Quantity::Number(step, _)) => step,
            (one, step) if std::mem::discriminant(&one) == std::mem::discriminant(&step) => step.number(),
            _ => return Err(format!("the step `{text}` is not the same kind of quantity as `{from}`")),
        };
        if step <= 0.0 {
            return Err("the step is more than 0".into());
        }
        Box::new(move |start, k| start + step * f64::from(k))
    };
    // A hair beyond the end is the end: 0.1 + 0.2 is not 0.3 in binary.
    let within = |x: &f64| *x <= end * (1.0 + 1e-12);
    let all: Vec<f64> = (0..=MOST as i32).map(|k| next(start, k)).take_while(within).collect();
    match all.len() {
        0 => Err(format!("`{to}` is below `{from}`")),
        n if n > MOST => Err(format!("more than {MOST} values")),
        _ => Ok(all.into_iter().map(|x| first.with(x)).collect()),
    }
}

/// The settings of `[sweep]` with their values: a list, or a text as `values` reads it. Dotted keys may be quoted or not;
/// they come in the order of the alphabet.
///
/// # Errors
/// What is wrong with an entry, with its path.
pub fn table(text: &str, file: &str) -> Result<Vec<(String, Vec<String>)>, Box<Diagnostic>> {
    let document: toml::Table = toml::from_str(text).unwrap_or_default();
    let Some(sweep) = document.get("sweep") else { return Ok(Vec::new()) };
    let wrong = |path: &str, message: String| {
        let finding = Diagnostic::error("bad-value", path, message).at(file, 0);
        Box::new(finding.hint("Such as \"functions.web.memory\" = \"128 MiB..4 GiB x2\", or a list of values."))
    };
    let Some(sweep) = sweep.as_table() else { return Err(wrong("sweep", "expected a table of settings".into())) };
    let mut found = Vec::new();
    let mut open: Vec<(String, &toml::Value)> = sweep.iter().rev().map(|(key, value)| (key.clone(), value)).collect();
    while let Some((path, value)) = open.pop() {
        let written = match value {
            toml::Value::Table(inner) => {
                open.extend(inner.iter().rev().map(|(key, value)| (format!("{path}.{key}"), value)));
                continue;
            }
            toml::Value::String(text) => values(text).map_err(|message| wrong(&format!("sweep.{path}"), message))?,
            toml::Value::Array(items) => items.iter().map(ToString::to_string).collect(),
            one => vec![one.to_string()],
        };
        if written.is_empty() {
            return Err(wrong(&format!("sweep.{path}"), "there are no values".into()));
        }
        found.push((path, written));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_at_their_end() {
        assert_eq!(values("128 MiB..4 GiB x2").unwrap(), ["128 MiB", "256 MiB", "512 MiB", "1 GiB", "2 GiB", "4 GiB"]);
        assert_eq!(values("0.1..0.3 +0.1").unwrap(), ["0.1", "0.2", "0.3"]);
        assert_eq!(values("10/s..40/s x2").unwrap(), ["10/s", "20/s", "40/s"]);
        assert_eq!(values("1%..3% +1").unwrap(), ["1%", "2%", "3%"]);
        assert_eq!(values("500ms..2s +500ms").unwrap(), ["500ms", "1s", "1500ms", "2s"]);
    }

    #[test]
    fn what_is_no_range_is_said() {
        for wrong in
            ["5s..60s", "60s..5s x2", "5s..1 GiB x2", "1..5 x1", "1..5 +0", "0..5 x2", "a,,b", "", "1..9 -1", "1..1e9 +1"]
        {
            assert!(values(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn lists_and_tables_stay_whole() {
        assert_eq!(values("[1, 2], \"a, b\"").unwrap(), ["[1, 2]", "\"a, b\""]);
    }

    #[test]
    fn a_table_may_be_dotted() {
        let text = "[sweep]\nfunctions.f.timeout = [\"5s\", \"60s\"]\n\"functions.f.memory\" = \"128 MiB..512 MiB x2\"\n";
        let found = table(text, "f.toml").unwrap();
        let keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["functions.f.timeout", "functions.f.memory"]);
        assert_eq!(found[0].1, ["\"5s\"", "\"60s\""]);
        assert!(table("[sweep]\na = \"1..2\"\n", "f").is_err() && table("sweep = 3", "f").is_err());
    }
}
