//! The platform's facts for the scenario's region, with their origin, and the switches that bear on them.

use super::explain::Origin;
use super::reader::Reader;
use crate::platform::Platform;
use crate::units::Span;

/// Defaults and limits of one region.
pub(super) struct Facts<'p> {
    pub(super) platform: &'p Platform,
    /// Region id as the platform looks it up.
    pub(super) region: &'p str,
}

impl Facts<'_> {
    /// Where a fact is from; a fact that the platform does not state is the program's own default.
    pub(super) fn origin(&self, key: &str) -> Origin {
        self.platform.row(self.region, key).map_or_else(|| Origin::own(""), Origin::row)
    }

    /// A length of time that every platform states.
    pub(super) fn span(&self, key: &str) -> Span {
        self.platform.span(self.region, key).unwrap_or(Span::FOREVER)
    }

    /// The time at a key of the scenario, or the fact.
    pub(super) fn or_span(&self, r: &Reader<'_>, key: &'static str, read: Option<Span>, fact: &str) -> Span {
        r.or(key, read, self.span(fact), self.origin(fact))
    }

    /// A refusal by the platform: what is refused, and the fact that says so.
    pub(super) fn refuse(&self, r: &Reader<'_>, key: &str, fact: &str, message: impl Into<String>) {
        if let Some(row) = self.platform.row(self.region, fact) {
            let (value, confidence) = (row.value.to_string().replace('"', ""), row.confidence.as_str());
            let hint = format!("`{fact}` is {value} ({}, {}, confidence {confidence}).", row.source, row.as_of);
            r.error(key, "limit", message, hint);
        }
    }
}
