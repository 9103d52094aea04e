//! The keys of a scenario: name, kind of value and meaning, declared once. The reader accepts exactly these keys, and the
//! JSON Schema is made of exactly these keys.

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What it means; shown by editors.
    pub(super) about: &'static str,
    pub(super) required: bool,
}

/// A key that may be left out.
pub(super) const fn key(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, about, required: false }
}

/// A key that must be there.
pub(super) const fn must(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, about, required: true }
}

/// Kind of value of a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A time: `"30s"`.
    Span,
    /// A time or `"forever"`.
    Lasting,
    /// A size: `"512 MiB"`.
    Size,
    /// A rate: `"20/s"`.
    Rate,
    /// A share: `"1%"` or a number in 0..=1.
    Share,
    /// A relative half-width `"1%"`, or for a proportion an absolute one `"0.01pp"`.
    Width,
    /// Growth: `"8%/month"`.
    Growth,
    /// Money: `"5 USD"`.
    Money,
    /// A time of the week: `"Mon 08:00"`.
    WeekTime,
    /// A date and time: `"2026-11-23 08:00"`.
    DateTime,
    /// A whole number, not negative.
    Whole,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A quantity of the distribution it stands in: a time or a size.
    Own,
    /// A distribution of times or sizes.
    Law(Unit),
    /// A distribution of the same unit as the one it stands in.
    Nested,
    /// Texts.
    Texts,
    /// Words from a list.
    Words(&'static [&'static str]),
    /// Times, at least one.
    Spans,
    /// Exactly so many numbers.
    Numbers(usize),
    /// Pairs of a time and a number, at least one.
    TimePoints,
    /// Pairs of a probability and a quantity of the distribution, at least one.
    QuantilePoints,
    /// A table with these keys.
    Table(&'static [Key]),
    /// Tables with these keys, each under a name of the user's choice.
    Named(&'static [Key]),
    /// A table with one arrival process and its options.
    Arrivals,
    /// A list of tables with these keys.
    Tables(&'static [Key]),
    /// A table of texts, with names of the user's choice.
    TextByName,
    /// A table of numbers, with names of the user's choice.
    NumberByName,
    /// Anything: read by another command.
    Any,
    /// One of these kinds.
    Either(&'static [Self]),
}

/// What a distribution is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Seconds.
    Time,
    /// Bytes.
    Size,
}

impl Kind {
    /// The keys of an element of a list of this kind.
    pub(super) fn element_keys(self) -> Option<&'static [Key]> {
        match self {
            Self::Tables(keys) => Some(keys),
            Self::Either(kinds) => kinds.iter().find_map(|kind| kind.element_keys()),
            _ => None,
        }
    }

    /// The keys of a value of this kind that is a table; for lists of tables, those of an element.
    pub(super) fn keys(self) -> Option<&'static [Key]> {
        match self {
            Self::Table(keys) | Self::Named(keys) | Self::Tables(keys) => Some(keys),
            Self::Arrivals => Some(super::arrivals::KEYS),
            Self::Law(_) | Self::Nested => Some(super::law::KEYS),
            Self::Either(kinds) => kinds.iter().find_map(|kind| kind.keys()),
            _ => None,
        }
    }
}

/// The declaration of a key.
pub(super) fn find<'k>(keys: &'k [Key], name: &str) -> Option<&'k Key> {
    keys.iter().find(|key| key.name == name)
}
