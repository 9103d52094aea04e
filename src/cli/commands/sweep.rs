//! `sweep`: every combination of settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::basis::{basis, place};
use crate::cli::args::{Global, Sweep};
use crate::cli::exit::{Exit, Failure};
use crate::cli::files;
use crate::cli::output::Folder;
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::focus;
use crate::report::sweep::{self as report, Swept};
use crate::scenario::range;
use crate::study::sweep::{self, Configuration, Dimension, Row, combinations};

/// More combinations than this are a slip of the pen.
const MOST: usize = 100_000;

pub(in crate::cli) fn sweep(args: &Sweep, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let text = files::text(&args.file, "scenario")?;
    let (fixed, dimensions) = dimensions(&text, &args.file, global)?;
    let base = super::resolved(&text, &args.file, &fixed)?;
    terminal.findings(&base.warnings);
    if dimensions.is_empty() {
        let finding = Diagnostic::error("nothing-to-sweep", "sweep", "nothing is varied");
        let hint = "Such as --set functions.web.timeout=5s,10s,60s, or a table [sweep] in the file.";
        return Err(Failure::one(Exit::Usage, finding.hint(hint)));
    }
    let folder = Folder::open(&global.output, &["report.html", "report.md", "sweep.csv", "sweep.json", "focus.csv"])?;
    let configurations = configurations(&text, &args.file, &fixed, &dimensions);
    if let [Configuration { scenario: Err(reason), .. }, rest @ ..] = &configurations[..]
        && rest.iter().all(|c| c.scenario.is_err())
    {
        let finding = Diagnostic::error("nothing-to-sweep", "", format!("every combination is refused; the first one: {reason}"));
        return Err(Failure::one(Exit::Usage, finding.hint("Change the values, or the settings that they go with.")));
    }
    let inputs = Inputs { faascast: env!("CARGO_PKG_VERSION").into(), text: text.clone(), fixed, dimensions };
    let checkpoint = Checkpoint::open(args.checkpoint.clone(), inputs)?;
    let left = checkpoint.left(configurations.len());
    let watch = Watch::start(None, *terminal)?;
    let bar = terminal.progress(left.iter().filter_map(|index| configurations.get(*index)).map(replications).sum());
    let context = sweep::Sweep {
        stop: &|| watch.should_stop(),
        progress: &|replications| bar.inc(replications),
        done: &|rows| checkpoint.add(rows),
    };
    super::pool(global)?.install(|| sweep::sweep(&configurations, &left, &context));
    bar.finish_and_clear();
    let (dimensions, rows) = checkpoint.finish()?;
    let swept = Swept {
        format_version: "1.0",
        faascast: env!("CARGO_PKG_VERSION"),
        scenario: base.scenario.name.clone(),
        seed: base.scenario.simulation.seed,
        incomplete: rows.len() < configurations.len(),
        dimensions,
        rows,
    };
    let keys: Vec<&str> = swept.dimensions.iter().map(|dimension| dimension.key.as_str()).collect();
    let costs = focus::sweep(&swept, &place(&base, args.billing_month)).map_err(Failure::internal)?;
    let answer = Answer {
        name: "sweep",
        document: report::document(&swept, &basis(&base, &text, &keys)),
        text: report::text(&swept, terminal.width),
        markdown: report::markdown(&swept),
        json: serde_json::to_value(&swept).map_err(Failure::internal)?,
        csv: Some(report::csv(&swept).map_err(Failure::internal)?),
        more: vec![("focus.csv".into(), costs.into_bytes())],
    };
    answer.deliver(&folder, global, terminal)?;
    Ok(if watch.interrupted() { Exit::Interrupted } else { Exit::Done })
}

/// Settings with one value, and those that are varied: of the file's `[sweep]`, then of the options, which replace the file's.
#[allow(clippy::type_complexity, reason = "two lists that are taken apart at once")]
pub(super) fn dimensions(text: &str, file: &Path, global: &Global) -> Result<(Vec<(String, String)>, Vec<Dimension>), Failure> {
    let wrong = |finding| Failure::input(vec![finding]);
    let mut all = range::table(text, &file.display().to_string()).map_err(|finding| wrong(*finding))?;
    for (key, value) in super::sets(global) {
        let values = range::values(&value).map_err(|message| {
            let hint = "Values are separated by commas; a range is such as 5s..60s x2 or 1..9 +2.";
            wrong(Diagnostic::error("bad-value", &key, message).hint(hint))
        })?;
        match all.iter_mut().find(|(known, _)| *known == key) {
            Some(known) => known.1 = values,
            None => all.push((key, values)),
        }
    }
    let (fixed, varied): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, values)| values.len() == 1);
    let combinations = varied.iter().fold(1_usize, |n, (_, values)| n.saturating_mul(values.len()));
    if combinations > MOST {
        let message = format!("there are {combinations} combinations, at most {MOST} are simulated");
        return Err(wrong(Diagnostic::error("too-many", "sweep", message).hint("Take fewer values, or wider steps.")));
    }
    let fixed = fixed.into_iter().filter_map(|(key, values)| Some((key, values.into_iter().next()?)));
    Ok((fixed.collect(), varied.into_iter().map(|(key, values)| Dimension { key, values }).collect()))
}

/// Every combination read, or why it is refused.
fn configurations(text: &str, file: &Path, fixed: &[(String, String)], dimensions: &[Dimension]) -> Vec<Configuration> {
    combinations(dimensions).into_iter().map(|settings| configuration(text, file, fixed, settings)).collect()
}

/// A combination read, or why it is refused.
pub(super) fn configuration(
    text: &str,
    file: &Path,
    fixed: &[(String, String)],
    settings: Vec<(String, String)>,
) -> Configuration {
    let sets: Vec<(String, String)> = fixed.iter().chain(&settings).cloned().collect();
    let read = super::resolved(text, file, &sets);
    let scenario = read.map(|r| (r.scenario, r.platform)).map_err(|failure| reasons(&failure.findings));
    Configuration { settings, scenario }
}

/// The most that a configuration will have.
fn replications(configuration: &Configuration) -> u64 {
    configuration.scenario.as_ref().map_or(0, |(scenario, _)| super::most_replications(scenario))
}

/// What is wrong with a combination, in a line.
fn reasons(findings: &[Diagnostic]) -> String {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.message.clone()).collect::<Vec<_>>().join("; ")
}

/// What the rows depend on: a checkpoint of anything else is not gone on with.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Inputs {
    faascast: String,
    text: String,
    fixed: Vec<(String, String)>,
    dimensions: Vec<Dimension>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    inputs: Inputs,
    rows: BTreeMap<usize, Row>,
}

/// The rows that are done, and the file that they are kept in, if any.
struct Checkpoint {
    path: Option<PathBuf>,
    saved: Mutex<Saved>,
    /// The first failure to write.
    failure: Mutex<Option<Failure>>,
}

impl Checkpoint {
    fn open(path: Option<PathBuf>, inputs: Inputs) -> Result<Self, Failure> {
        let mut rows = BTreeMap::new();
        if let Some(path) = path.as_ref().filter(|path| path.exists()) {
            let refuse = |message: String| {
                let finding = Diagnostic::error("checkpoint", "", format!("`{}` {message}", path.display()));
                Failure::one(
                    Exit::Usage,
                    finding.hint("Choose another file for `--checkpoint`, or delete this one to begin anew."),
                )
            };
            let text = files::text(path, "checkpoint")?;
            let saved: Saved = serde_json::from_str(&text).map_err(|_| refuse("is no checkpoint of a sweep".into()))?;
            if saved.inputs != inputs {
                return Err(refuse("is of another scenario, other values or another version".into()));
            }
            rows = saved.rows;
        }
        Ok(Self { path, saved: Mutex::new(Saved { inputs, rows }), failure: Mutex::new(None) })
    }

    /// Indices that are not done.
    fn left(&self, all: usize) -> Vec<usize> {
        let saved = self.saved.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (0..all).filter(|index| !saved.rows.contains_key(index)).collect()
    }

    /// Keeps rows; what goes wrong with the file is said at the end, the sweep goes on.
    fn add(&self, rows: &[(usize, Row)]) {
        let mut saved = self.saved.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        saved.rows.extend(rows.iter().cloned());
        let Some(path) = self.path.as_ref().filter(|_| !rows.is_empty()) else { return };
        let written = serde_json::to_vec(&*saved).map_err(Failure::internal).and_then(|bytes| {
            let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Folder::open(folder, &[])?.write(&[(name, bytes)])
        });
        if let Err(failure) = written {
            self.failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(failure);
        }
    }

    fn finish(self) -> Result<(Vec<Dimension>, Vec<Row>), Failure> {
        if let Some(failure) = self.failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            return Err(failure);
        }
        let saved = self.saved.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok((saved.inputs.dimensions, saved.rows.into_values().collect()))
    }
}
