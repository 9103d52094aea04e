//! The rows of a platform as text, for `faascast platforms`.

use super::{Platform, Row, keys};

/// One line of the listing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// Key of the row.
    pub key: String,
    /// Its value as text.
    pub value: String,
    /// Regions or site it is for; empty = all.
    pub applies_to: String,
    /// What the key means.
    pub meaning: &'static str,
    /// Where the value is from.
    pub source: String,
    /// Date of the source.
    pub as_of: String,
    /// `low`, `medium` or `high`.
    pub confidence: &'static str,
    /// What else to know.
    pub note: String,
}

impl Platform {
    /// Every row of every region, in the order of the file; the user's own rows first.
    #[must_use]
    pub fn listing(&self) -> Vec<Line> {
        self.own.iter().chain(&self.rows).map(Line::new).collect()
    }

    /// The rows that hold for one region.
    #[must_use]
    pub fn listing_of(&self, region: &str) -> Vec<Line> {
        self.rows(region).map(Line::new).collect()
    }
}

impl Line {
    fn new(row: &Row) -> Self {
        let site = (!row.site.is_empty()).then(|| format!("{} site", row.site));
        let places: Vec<String> = site.into_iter().chain(row.regions.iter().cloned()).collect();
        Self {
            key: row.key.clone(),
            value: show(&row.value),
            applies_to: places.join(", "),
            meaning: keys::info(&row.key).map_or("", |info| info.meaning),
            source: row.source.clone(),
            as_of: row.as_of.clone(),
            confidence: row.confidence.as_str(),
            note: row.note.clone(),
        }
    }
}

/// A value as text: tiers as `0.00011, above 200000000: 0.0001`, lists with commas.
#[must_use]
pub fn show(value: &toml::Value) -> String {
    if let Some(tiers) = keys::tiers(value) {
        let tier = |(over, price): &(rust_decimal::Decimal, rust_decimal::Decimal)| {
            if over.is_zero() { price.to_string() } else { format!("above {over}: {price}") }
        };
        return tiers.iter().map(tier).collect::<Vec<_>>().join(", ");
    }
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(list) => list.iter().map(show).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_source_a_date_and_a_meaning() {
        for platform in Platform::ids().map(|id| Platform::find(id).unwrap()) {
            let lines = platform.listing();
            assert!(lines.len() > 40, "{}", platform.id);
            for line in lines {
                assert!(
                    !line.source.is_empty() && line.as_of.len() == 10 && !line.meaning.is_empty() && !line.value.is_empty(),
                    "{line:?}"
                );
            }
        }
    }

    #[test]
    fn tiers_are_readable() {
        let lines = Platform::find("alibaba-fc").unwrap().listing_of("us-east-1");
        let price: Vec<_> = lines.iter().filter(|l| l.key == "price.cu.tiers").collect();
        assert_eq!(price.len(), 1);
        assert_eq!(price[0].value, "0.000020, above 100000000: 0.000017, above 500000000: 0.000014");
        assert_eq!(price[0].applies_to, "international site");
    }
}
