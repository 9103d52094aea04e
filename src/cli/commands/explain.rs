//! `explain`: every value in effect and where it came from.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::args::{Format, Global};
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::report::listing::{Listing, names};
use crate::scenario::{Effective, Origin};

/// Values longer than this do not push the column of origins further to the right.
const COLUMN: usize = 52;

pub(in crate::cli) fn explain(file: &Path, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let (resolved, _) = super::scenario(file, global)?;
    terminal.findings(&resolved.warnings);
    if global.format == Format::Text {
        terminal.data(&text(&resolved.explain))?;
        return Ok(Exit::Done);
    }
    let rows = resolved.explain.iter().map(|e| vec![e.path.clone(), e.value.clone(), e.origin.to_string()]);
    let listing = Listing { columns: names(&["key", "value", "origin"]), rows: rows.collect() };
    super::print(&listing, &resolved.explain.iter().map(json).collect(), global.format, terminal)?;
    Ok(Exit::Done)
}

/// One line a value, so that it can be searched: `key = value    # origin`.
fn text(effective: &[Effective]) -> String {
    let setting = |e: &Effective| format!("{} = {}", e.path, e.value);
    let widths = effective.iter().map(|e| setting(e).chars().count());
    let column = widths.filter(|width| *width <= COLUMN).max().unwrap_or(0);
    effective.iter().map(|e| format!("{:column$}  # {}\n", setting(e), e.origin)).collect()
}

fn json(e: &Effective) -> Value {
    let origin = match &e.origin {
        Origin::File { line } => json!({ "from": "file", "line": line }),
        Origin::Set => json!({ "from": "set" }),
        Origin::Computed { rule } => json!({ "from": "computed", "rule": rule }),
        Origin::Default { source, as_of, confidence, note } => {
            json!({ "from": "default", "source": source, "as_of": as_of, "confidence": confidence.as_str(), "note": note })
        }
    };
    json!({ "key": e.path, "value": e.value, "origin": origin })
}
