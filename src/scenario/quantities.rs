//! Values of the file: a number with its unit, a word, a list. Each reader says what it expected.

use super::Limit;
use super::node::{Node, Value};
use crate::platform::fields::nearest;
use crate::units::{Bytes, Probability, Rate, Span, parse};

/// A value that is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// `bad-value` for a value of another kind, `out-of-range` for one that the kind does not allow.
    pub(super) code: &'static str,
    /// What was expected, in words.
    pub(super) expected: String,
    pub(super) hint: Option<String>,
}

impl Wrong {
    pub(super) fn expected(what: impl Into<String>) -> Self {
        Self { code: "bad-value", expected: what.into(), hint: None }
    }

    pub(super) fn range(what: impl Into<String>) -> Self {
        Self { code: "out-of-range", expected: what.into(), hint: None }
    }

    pub(super) fn table() -> Self {
        Self::expected("a table").hint("Write its keys in braces, { KEY = VALUE }, or under a heading of its own.")
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

pub(super) type Parsed<T> = Result<T, Wrong>;

/// Parses a text with a unit; a bare number gets the hint how to write it.
fn united<T>(node: &Node, unit: &str, parse: impl FnOnce(&str) -> Result<T, parse::Expected>) -> Parsed<T> {
    match &node.value {
        Value::Text(text) => parse(text).map_err(|expected| {
            let wrong = Wrong::expected(expected.0);
            if parse::split(text).is_some_and(|(_, unit)| unit.is_empty()) {
                return wrong.hint(format!("Write the unit with the value, such as \"{}{unit}\".", text.trim()));
            }
            wrong
        }),
        Value::Integer(_) | Value::Float(_) => {
            // The words of the error are those that a number without unit in quotes gets.
            let expected = parse("0").err().map_or("a value with its unit", |expected| expected.0);
            Err(Wrong::expected(expected).hint(format!("Write the unit with the value, such as \"{node}{unit}\".")))
        }
        _ => Err(Wrong::expected(parse("").err().map_or("a value with its unit", |expected| expected.0))),
    }
}

/// A time, not `"forever"`.
pub(super) fn span(node: &Node) -> Parsed<Span> {
    let span = lasting(node)?;
    if span.is_forever() { Err(Wrong::expected("a time that ends, such as \"30s\"")) } else { Ok(span) }
}

/// A time or `"forever"`.
pub(super) fn lasting(node: &Node) -> Parsed<Span> {
    united(node, "s", parse::span)
}

/// A size.
pub(super) fn size(node: &Node) -> Parsed<Bytes> {
    united(node, " MiB", parse::bytes)
}

/// A rate below 10 million a second.
pub(super) fn rate(node: &Node) -> Parsed<Rate> {
    let rate = united(node, "/s", parse::rate)?;
    if rate.get() < 1e7 { Ok(rate) } else { Err(Wrong::range("a rate below 10000000/s")) }
}

/// A share: text with `%`, or a number in 0..=1.
pub(super) fn share(node: &Node) -> Parsed<Probability> {
    let expected = || Wrong::expected("a share such as \"1%\", or a number from 0 to 1");
    match &node.value {
        Value::Text(text) => parse::probability(text).map_err(|_| expected()),
        Value::Integer(_) | Value::Float(_) => {
            let value = number(node)?;
            let percent = value > 1.0 && value <= 100.0;
            let wrong = || if percent { expected().hint(format!("Percent is written \"{value}%\".")) } else { expected() };
            Probability::new(value).ok_or_else(wrong)
        }
        _ => Err(expected()),
    }
}

/// A finite number.
pub(super) fn number(node: &Node) -> Parsed<f64> {
    let number = match node.value {
        Value::Integer(Some(number)) => number as f64,
        Value::Float(number) => number,
        _ => return Err(Wrong::expected("a number")),
    };
    if number.is_finite() { Ok(number) } else { Err(Wrong::range("a finite number")) }
}

/// A whole number from 0 to 2^63 - 1.
pub(super) fn whole(node: &Node) -> Parsed<u64> {
    match node.value {
        Value::Integer(Some(number)) if number >= 0 => {
            let number = i64::try_from(number).map_err(|_| Wrong::range("a whole number below 2^63"))?;
            Ok(number.unsigned_abs())
        }
        Value::Integer(None) => Err(Wrong::range("a whole number below 2^63")),
        _ => Err(Wrong::expected("a whole number that is not negative")),
    }
}

/// A whole number or `"unlimited"`.
pub(super) fn limit(node: &Node) -> Parsed<Limit> {
    if node.text() == Some("unlimited") {
        return Ok(Limit::Unlimited);
    }
    whole(node).map(Limit::At).map_err(|wrong| Wrong { expected: format!("{}, or \"unlimited\"", wrong.expected), ..wrong })
}

/// `true` or `false`.
pub(super) fn flag(node: &Node) -> Parsed<bool> {
    match node.value {
        Value::Flag(flag) => Ok(flag),
        _ => Err(Wrong::expected("true or false")),
    }
}

/// A text that is not empty.
pub(super) fn text(node: &Node) -> Parsed<String> {
    match node.text() {
        Some("") => Err(Wrong::expected("a text that is not empty")),
        Some(text) => Ok(text.to_owned()),
        None => Err(Wrong::expected("a text in quotes")),
    }
}

/// One of some words.
pub(super) fn word(node: &Node, words: &'static [&'static str]) -> Parsed<&'static str> {
    let listed = || words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    let expected = || Wrong::expected(if words.len() == 1 { listed() } else { format!("one of {}", listed()) });
    let text = node.text().ok_or_else(expected)?;
    words.iter().find(|word| **word == text).copied().ok_or_else(|| match nearest(text, words.iter().copied()) {
        Some(near) => expected().hint(format!("Did you mean \"{near}\"?")),
        None => expected(),
    })
}

/// Growth a month such as `"8%/month"`; a year's is turned into a month's by compounding.
pub(super) fn growth(node: &Node) -> Parsed<f64> {
    let expected = || Wrong::expected("growth such as \"8%/month\" or \"50%/year\"");
    let (percent, unit) = node.text().and_then(parse::split).ok_or_else(expected)?;
    let growth = percent / 100.0;
    if !(growth > -1.0 && growth <= 1_000.0) {
        return Err(Wrong::range("growth above -100% and at most 100000%"));
    }
    match unit.split_once('/').map(|(percent, month)| (percent.trim(), month.trim())) {
        Some(("%", "month")) => Ok(growth),
        Some(("%", "year")) => Ok(libm::pow(1.0 + growth, 1.0 / 12.0) - 1.0),
        _ => Err(expected()),
    }
}

/// Money such as `"3500 CNY"`: the amount and the currency's code.
pub(super) fn money(node: &Node) -> Parsed<(f64, String)> {
    let expected = || Wrong::expected("money with its currency, such as \"3500 CNY\"");
    let (amount, currency) = node.text().and_then(parse::split).ok_or_else(expected)?;
    if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
        return Err(expected());
    }
    if amount >= 0.0 { Ok((amount, currency.to_owned())) } else { Err(Wrong::range("money that is not negative")) }
}

/// The elements of a list, each read by `parse`; the first that is wrong is reported by its number.
pub(super) fn list<'n, T>(node: &'n Node, expected: &str, mut parse: impl FnMut(&'n Node) -> Parsed<T>) -> Parsed<Vec<T>> {
    let items = node.list().ok_or_else(|| Wrong::expected(expected))?;
    if items.is_empty() {
        return Err(Wrong::expected(format!("{expected} that is not empty")));
    }
    let element = |(n, item): (usize, &'n Node)| {
        parse(item).map_err(|wrong| Wrong {
            expected: format!("{expected} in which element {n} is {} instead of {item}", wrong.expected),
            ..wrong
        })
    };
    (1..).zip(items).map(element).collect()
}

/// A list of two elements.
pub(super) fn pair<'n, A, B>(
    node: &'n Node,
    expected: &str,
    first: impl FnOnce(&'n Node) -> Parsed<A>,
    second: impl FnOnce(&'n Node) -> Parsed<B>,
) -> Parsed<(A, B)> {
    match node.list() {
        Some([a, b]) => Ok((first(a)?, second(b)?)),
        _ => Err(Wrong::expected(expected)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T>(text: &str, parse: impl FnOnce(&Node) -> Parsed<T>) -> &'static str {
        parse(&Node::argument(text)).err().map_or("ok", |wrong| wrong.code)
    }

    #[test]
    fn numbers_outside_of_their_range_are_refused() {
        for (text, expected) in
            [("0.5", "ok"), ("nan", "out-of-range"), ("inf", "out-of-range"), ("1e999", "out-of-range"), ("'1'", "bad-value")]
        {
            assert_eq!(code(text, number), expected, "{text}");
        }
        let many = "9".repeat(60);
        for (text, expected) in [
            ("0", "ok"),
            ("-1", "bad-value"),
            ("1.0", "bad-value"),
            ("9223372036854775808", "out-of-range"),
            (&many, "out-of-range"),
        ] {
            assert_eq!(code(text, whole), expected, "{text}");
        }
        for (text, expected) in [("9999999/s", "ok"), ("10000000/s", "out-of-range"), ("-1/s", "bad-value"), ("20", "bad-value")]
        {
            assert_eq!(code(text, rate), expected, "{text}");
        }
        for (text, expected) in [
            ("1", "ok"),
            ("0.5", "ok"),
            ("'0.5'", "ok"),
            ("100%", "ok"),
            ("1.5", "bad-value"),
            ("101%", "bad-value"),
            ("nan", "out-of-range"),
        ] {
            assert_eq!(code(text, share), expected, "{text}");
        }
        for (text, expected) in [
            ("8%/month", "ok"),
            ("-99%/month", "ok"),
            ("-100%/month", "out-of-range"),
            ("8%", "bad-value"),
            ("8/month", "bad-value"),
        ] {
            assert_eq!(code(text, growth), expected, "{text}");
        }
    }

    #[test]
    fn a_bare_number_gets_a_hint_with_the_unit() {
        let hint = |text: &str| span(&Node::argument(text)).unwrap_err().hint;
        assert_eq!(hint("30").as_deref(), Some("Write the unit with the value, such as \"30s\"."));
        assert_eq!(hint("'30'").as_deref(), Some("Write the unit with the value, such as \"30s\"."));
        assert_eq!(hint("30 parsec"), None);
        assert_eq!(share(&Node::argument("5")).unwrap_err().hint.as_deref(), Some("Percent is written \"5%\"."));
    }

    #[test]
    fn growth_of_a_year_compounds() {
        let month = growth(&Node::argument("50%/year")).unwrap();
        assert!((libm::pow(1.0 + month, 12.0) - 1.5).abs() < 1e-12);
    }
}
