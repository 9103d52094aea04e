//! The files of a trace: the trace itself, and the tables of durations and memory beside it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;

use crate::cli::args::FleetArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::files::reason;
use crate::diagnostic::Diagnostic;
use crate::study::fleet::Member;
use crate::units::{Bytes, Span};
use crate::workload::distribution::Distribution;
use crate::workload::trace::TraceError;
use crate::workload::trace::stream::{self, Stream, StreamOptions};

/// Bytes read from a file at once.
const AHEAD: usize = 1 << 18;
/// Memory is given in steps of this.
const STEP: Bytes = Bytes::from_mib(128);

/// Names of the files of a day of the 2019 trace, without the day.
const DAY: &str = "invocations_per_function_md.anon.";
const DURATIONS: &str = "function_durations_percentiles.anon.";
const MEMORY: &str = "app_memory_percentiles.anon.";

type Input = Box<dyn BufRead + Send>;

/// A trace that is being read.
pub(super) struct Trace {
    path: PathBuf,
    functions: Stream<Input, File>,
    durations: BTreeMap<String, Distribution>,
    memories: BTreeMap<String, Bytes>,
}

impl Trace {
    /// Opens the files. `bar` is told how much of the trace was read.
    pub(super) fn open(path: &Path, args: &FleetArgs, bar: &ProgressBar) -> Result<Self, Failure> {
        let beside = |given: Option<&PathBuf>, table: &str| given.cloned().or_else(|| beside(path, table));
        let durations = match beside(args.durations.as_ref(), DURATIONS) {
            Some(path) => stream::durations(input(&path, None)?).map_err(|error| refused(&path, &error))?,
            None => BTreeMap::new(),
        };
        let memories = match beside(args.memories.as_ref(), MEMORY) {
            Some(path) => stream::memories(input(&path, None)?).map_err(|error| refused(&path, &error))?,
            None => BTreeMap::new(),
        };
        let store = tempfile::tempfile().map_err(|error| {
            let hint = "Name a folder for temporary files in TMPDIR.";
            Failure::io("cannot create a temporary file for", path, reason(&error), hint)
        })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.split('.').next().unwrap_or_default();
        let options = StreamOptions { every: args.every, length: args.length, chunk: None };
        let functions = stream::open(input(path, Some(bar))?, name, &options, store).map_err(|error| refused(path, &error))?;
        Ok(Self { path: path.to_owned(), functions, durations, memories })
    }

    pub(super) fn length(&self) -> Span {
        self.functions.length()
    }

    /// The next function, with what the tables say of it.
    pub(super) fn next(&mut self) -> Result<Option<Member>, Failure> {
        let Some(mut recorded) = self.functions.next().map_err(|error| refused(&self.path, &error))? else { return Ok(None) };
        if recorded.duration.is_none() {
            recorded.duration = self.durations.get(&recorded.name).cloned();
        }
        let memory = self.memories.get(&recorded.name).or_else(|| self.memories.get(&recorded.app));
        let rounded = |memory: &Bytes| Bytes(memory.0.div_ceil(STEP.0).max(1) * STEP.0);
        Ok(Some(Member { memory: memory.map(rounded), recorded }))
    }
}

/// A table of the same day as a trace, plain or compressed, if it is there.
fn beside(trace: &Path, table: &str) -> Option<PathBuf> {
    let day = trace.file_name()?.to_str()?.strip_prefix(DAY)?.trim_end_matches(".gz");
    let file = trace.with_file_name(format!("{table}{day}"));
    let packed = trace.with_file_name(format!("{table}{day}.gz"));
    [file, packed].into_iter().find(|path| path.is_file())
}

fn input(path: &Path, bar: Option<&ProgressBar>) -> Result<Input, Failure> {
    let hint = "Check the path and the permissions.";
    let file = File::open(path).map_err(|error| Failure::io("cannot read the trace", path, reason(&error), hint))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(Failure::io("cannot read the trace", path, "it is a folder", "Name the files in it."));
    }
    #[cfg(feature = "parquet")]
    if let Some(text) = parquet(&file, path)? {
        return Ok(text);
    }
    if let (Some(bar), Ok(metadata)) = (bar, file.metadata()) {
        bar.set_length(metadata.len());
        bar.set_position(0);
    }
    let file = bar.unwrap_or(&ProgressBar::hidden()).wrap_read(file);
    stream::decoded(BufReader::with_capacity(AHEAD, file)).map_err(|error| refused(path, &error))
}

/// The text of a Parquet file, if it is one.
#[cfg(feature = "parquet")]
fn parquet(file: &File, path: &Path) -> Result<Option<Input>, Failure> {
    use std::io::{Read, Seek};
    let unreadable = |error: &std::io::Error| Failure::io("cannot read the trace", path, reason(error), "Try again.");
    let mut file = file.try_clone().map_err(|error| unreadable(&error))?;
    let mut magic = [0; 4];
    let whole = file.read_exact(&mut magic).is_ok();
    file.rewind().map_err(|error| unreadable(&error))?;
    if !whole || &magic != b"PAR1" {
        return Ok(None);
    }
    let text = stream::parquet_text(file).map_err(|error| refused(path, &error))?;
    Ok(Some(Box::new(BufReader::with_capacity(AHEAD, text))))
}

fn refused(path: &Path, error: &TraceError) -> Failure {
    let mut finding = Diagnostic::error("bad-trace", "", error.message.clone());
    if !error.hint.is_empty() {
        finding = finding.hint(error.hint.clone());
    }
    Failure::one(Exit::Usage, finding.at(&path.display().to_string(), error.line as usize))
}
