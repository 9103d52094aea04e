//! Values as TOML writes them in a scenario.

use std::fmt;

/// A value in the form that a scenario has it: `"512 MiB"`, `3`, `{ kind = "http" }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal(String);

impl Literal {
    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(toml::Value::String(text.replace(['\r', '\n'], " ")).to_string())
    }

    /// A whole number.
    #[must_use]
    pub fn whole(number: u64) -> Self {
        Self(number.to_string())
    }

    /// A number.
    #[must_use]
    pub fn number(number: f64) -> Self {
        Self(plain(number))
    }

    /// `true` or `false`.
    #[must_use]
    pub fn flag(flag: bool) -> Self {
        Self(flag.to_string())
    }

    /// A time in seconds.
    #[must_use]
    pub fn seconds(seconds: f64) -> Self {
        Self(format!("\"{}s\"", plain(seconds)))
    }

    /// A size in MiB.
    #[must_use]
    pub fn mebibytes(size: f64) -> Self {
        Self(format!("\"{} MiB\"", plain(size)))
    }

    /// A list on one line.
    #[must_use]
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        let items: Vec<String> = items.into_iter().map(|item| item.0).collect();
        Self(format!("[{}]", items.join(", ")))
    }

    /// A list of texts on one line.
    #[must_use]
    pub fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        Self::list(texts.into_iter().map(Self::text))
    }

    /// A table on one line, without the keys that have no value.
    #[must_use]
    pub fn table(entries: &[(&str, Option<Self>)]) -> Self {
        let entries: Vec<String> =
            entries.iter().filter_map(|(key, value)| Some(format!("{} = {}", name(key), value.as_ref()?))).collect();
        if entries.is_empty() { Self("{}".to_owned()) } else { Self(format!("{{ {} }}", entries.join(", "))) }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A number without an exponent; whole numbers without a point.
fn plain(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number}") }
}

/// A key as TOML writes it: bare where it can be, else quoted.
#[must_use]
pub fn name(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if bare { key.to_owned() } else { Literal::text(key).0 }
}

/// At most so many characters of a text, on one line and without what steers a terminal.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut letters = text.trim().chars();
    let mut out: String = letters.by_ref().take(most).map(clean).collect();
    if letters.next().is_some() {
        out.pop();
        out.truncate(out.trim_end().len());
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_read_back_as_what_they_were() {
        let table = Literal::table(&[
            ("a", Some(Literal::text("x\"y\\z'\u{7f}"))),
            ("b c", Some(Literal::list([Literal::number(0.5), Literal::whole(3)]))),
            ("none", None),
            ("d", Some(Literal::seconds(1.5))),
        ]);
        let read: toml::Table = toml::from_str(&format!("t = {table}")).unwrap();
        assert_eq!(read["t"]["a"].as_str(), Some("x\"y\\z'\u{7f}"));
        assert_eq!(read["t"]["b c"].as_array().map(Vec::len), Some(2));
        assert_eq!(read["t"]["d"].as_str(), Some("1.5s"));
        assert!(read["t"].get("none").is_none());
    }

    #[test]
    fn a_comment_stays_on_its_line() {
        assert_eq!(cut("a\nplatform = 1\u{1b}[2J", 12), "a platform…");
        assert_eq!(cut("short", 5), "short");
    }
}
