//! Reads `[[row]]` tables, of the embedded data and of users' files alike.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::de::DeValue;

use super::fields::{Fields, Reader, nearest, text, texts};
use super::keys::{self, KEYS};
use super::{Confidence, Region, Row};
use crate::diagnostic::Diagnostic;

/// What the rows of a file may refer to.
pub(super) struct Context<'a> {
    /// Short names of sources and what they stand for.
    pub(super) sources: &'a BTreeMap<String, String>,
    /// Regions of the platform.
    pub(super) regions: &'a [Region],
    /// Source of rows that give none; `None` = every row must.
    pub(super) own_source: Option<String>,
}

/// All rows of the file that are valid; the others become findings.
pub(super) fn read(document: &Fields<'_, '_>, context: &Context<'_>, reader: &mut Reader<'_>) -> Vec<Row> {
    document.tables("row", reader).iter().filter_map(|table| read_row(table, context, reader)).collect()
}

fn read_row(table: &Fields<'_, '_>, context: &Context<'_>, reader: &mut Reader<'_>) -> Option<Row> {
    table.only(&["key", "value", "regions", "site", "source", "as_of", "confidence", "note"], reader);
    let key = table.need("key", reader, text);
    let value = table.need("value", reader, value);
    let regions =
        table.read("regions", reader, |v| known(texts(v)?, context.regions.iter().map(|r| r.id.as_str()))).unwrap_or_default();
    let sites = || context.regions.iter().map(|r| r.site.as_str());
    let site = table.read("site", reader, |v| known(vec![text(v)?], sites())).unwrap_or_default().pop().unwrap_or_default();
    let own = context.own_source.is_some();
    let source = if own {
        table.read("source", reader, text).or_else(|| context.own_source.clone())
    } else {
        table.need("source", reader, text)
    };
    let as_of =
        if own { table.read("as_of", reader, date).or_else(|| Some(String::new())) } else { table.need("as_of", reader, date) };
    let confidence = if own {
        table.read("confidence", reader, confidence).or(Some(Confidence::High))
    } else {
        table.need("confidence", reader, confidence)
    };
    let note = table.read("note", reader, text).unwrap_or_default();
    let key = key?;
    let Some(info) = keys::info(&key) else {
        let mut finding = Diagnostic::error("unknown-key", table.path_of("key"), format!("no platform has a row `{key}`"));
        if let Some(near) = nearest(&key, KEYS.iter().map(|info| info.key)) {
            finding = finding.hint(format!("Did you mean `{near}`?"));
        }
        reader.add(&table.at, finding.hint("`faascast platforms` lists the rows."));
        return None;
    };
    let value = value?;
    if let Err(expected) = info.kind.check(&value) {
        let message = format!("`{key}` must be {expected}, found {value}");
        let at = table.get("value").map_or_else(|| table.at.clone(), toml::Spanned::span);
        reader.error(&at, "bad-value", &table.path_of("value"), message);
        return None;
    }
    Some(Row {
        key,
        value,
        regions,
        site,
        source: expand(&source?, context.sources),
        as_of: as_of?,
        confidence: confidence?,
        note,
    })
}

/// Replaces the short names of sources by what they stand for; the page that follows one is set off by a comma.
fn expand(source: &str, sources: &BTreeMap<String, String>) -> String {
    let full = |word: &str| sources.get(word).map_or_else(|| word.to_owned(), |full| format!("{full},"));
    source.split(' ').map(full).collect::<Vec<_>>().join(" ").trim_end_matches(',').to_owned()
}

fn value(value: &DeValue<'_>) -> Result<toml::Value, String> {
    let spanned = toml::Spanned::new(0..0, value.clone());
    toml::Value::deserialize(toml::de::ValueDeserializer::from(spanned)).map_err(|_| "a value that TOML can hold".to_owned())
}

fn known<'c>(names: Vec<String>, mut candidates: impl Iterator<Item = &'c str> + Clone) -> Result<Vec<String>, String> {
    for name in &names {
        if !candidates.clone().any(|c| c == name) {
            let near = nearest(name, candidates.by_ref()).map(|n| format!(" (did you mean \"{n}\"?)")).unwrap_or_default();
            return Err(format!("names the platform has, not \"{name}\"{near}"));
        }
    }
    Ok(names)
}

/// `YYYY-MM-DD`, as text or as a TOML date.
fn date(value: &DeValue<'_>) -> Result<String, String> {
    let date = match value {
        DeValue::Datetime(date) => date.to_string(),
        other => text(other)?,
    };
    date.parse::<jiff::civil::Date>().map(|_| date).map_err(|_| "a date such as \"2026-08-09\"".to_owned())
}

fn confidence(value: &DeValue<'_>) -> Result<Confidence, String> {
    match value.as_str() {
        Some("high") => Ok(Confidence::High),
        Some("medium") => Ok(Confidence::Medium),
        Some("low") => Ok(Confidence::Low),
        _ => Err("\"high\", \"medium\" or \"low\"".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_of_sources_are_expanded() {
        let sources = BTreeMap::from([("S1".to_owned(), "the manual".to_owned()), ("S2".to_owned(), "a notice".to_owned())]);
        assert_eq!(expand("S1 page 3", &sources), "the manual, page 3");
        assert_eq!(expand("S2 and S1 page 4", &sources), "a notice, and the manual, page 4");
        assert_eq!((expand("S2", &sources), expand("S20", &sources)), ("a notice".to_owned(), "S20".to_owned()));
    }
}
