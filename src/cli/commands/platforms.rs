//! `platforms`: what is known about each platform, with sources and dates.

use serde_json::{Value, json};

use crate::cli::args::{Format, Global};
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::platform::listing::Line;
use crate::platform::{Platform, Unknown};
use crate::report::listing::{Listing, names};

pub(in crate::cli) fn platforms(
    id: Option<&str>,
    region: Option<&str>,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let Some(id) = id else {
        let (listing, json) = all();
        super::print(&listing, &json, global.format, terminal)?;
        return Ok(Exit::Done);
    };
    let unknown = |unknown: Unknown| Failure::usage(unknown.to_string(), unknown.hint());
    let platform = Platform::find(id).map_err(unknown)?;
    let lines = match region {
        Some(region) => platform.listing_of(&platform.region(region).map_err(unknown)?.id),
        None => platform.listing(),
    };
    if global.format == Format::Text {
        terminal.data(&lines.iter().map(text).collect::<String>())?;
        return Ok(Exit::Done);
    }
    let json = serde_json::to_value(&lines).map_err(Failure::internal)?;
    super::print(&rows(&lines), &json, global.format, terminal)?;
    Ok(Exit::Done)
}

/// The platforms by name.
fn all() -> (Listing, Value) {
    let platforms: Vec<&Platform> = Platform::ids().filter_map(|id| Platform::find(id).ok()).collect();
    let regions = |p: &Platform| p.regions().iter().map(|r| r.id.clone()).filter(|id| !id.is_empty()).collect::<Vec<_>>();
    let row = |p: &&Platform| vec![p.id.clone(), p.name.clone(), p.default_region.clone(), regions(p).join(" ")];
    let listing =
        Listing { columns: names(&["id", "name", "default region", "regions"]), rows: platforms.iter().map(row).collect() };
    let object = |p: &&Platform| json!({ "id": p.id, "name": p.name, "default_region": p.default_region, "regions": regions(p) });
    (listing, platforms.iter().map(object).collect())
}

/// Three lines a row: the setting, what it means, where it is from.
fn text(l: &Line) -> String {
    let part =
        |before: &str, text: &str, after: &str| if text.is_empty() { String::new() } else { format!("{before}{text}{after}") };
    let place = part("  [", &l.applies_to, "]");
    let note = part(" (", &l.note, ")");
    let confidence = if l.confidence == "high" { String::new() } else { format!(", {} confidence", l.confidence) };
    format!("{} = {}{place}\n    {}{note}\n    {}, {}{confidence}\n", l.key, l.value, l.meaning, l.source, l.as_of)
}

fn rows(lines: &[Line]) -> Listing {
    let row = |l: &Line| {
        let texts = [&l.key, &l.value, &l.applies_to, l.meaning, &l.as_of, l.confidence, &l.source, &l.note];
        texts.map(str::to_owned).to_vec()
    };
    Listing {
        columns: names(&["key", "value", "applies to", "meaning", "as of", "confidence", "source", "note"]),
        rows: lines.iter().map(row).collect(),
    }
}
