//! What logs have in common: invocations, counts an interval, durations by memory, and what could not be read.

use crate::diagnostic::Diagnostic;

/// How an invocation ended, as its log says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// Nothing is said against it.
    #[default]
    Ok,
    /// The handler failed.
    Error,
    /// It was cut at its timeout.
    Timeout,
    /// It was refused by a quota and never ran.
    Throttled,
}

/// One attempt of a request. What a log does not say is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Invocation {
    /// Index into [`Records::functions`].
    pub function: usize,
    /// Arrival, in nanoseconds since 1970 or since the beginning of the trace.
    pub at: Option<i64>,
    /// Time of the handler in seconds, without the initialisation.
    pub duration: Option<f64>,
    /// Billed time in seconds.
    pub billed: Option<f64>,
    /// Configured memory in bytes.
    pub memory: Option<u64>,
    /// Most memory used so far by its instance, in bytes.
    pub used: Option<u64>,
    /// Initialisation in seconds, of a cold start.
    pub init: Option<f64>,
    /// Whether it began with a cold start.
    pub cold: Option<bool>,
    /// Bytes of the response.
    pub response: Option<u64>,
    /// How it ended.
    pub ending: Ending,
    /// Identity of its request: retries have the same one.
    pub request: Option<u64>,
    /// Identity of its instance.
    pub instance: Option<u64>,
}

impl Invocation {
    /// When it left its instance, where that is known.
    #[must_use]
    pub fn end(&self) -> Option<i64> {
        let seconds = self.duration? + self.init.unwrap_or(0.0);
        Some(self.at?.saturating_add(crate::units::Span::from_secs_f64(seconds).0))
    }
}

/// An interval of a metric.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    /// Index into [`Records::functions`].
    pub function: usize,
    /// Its start, in nanoseconds since 1970.
    pub at: i64,
    /// Its length in nanoseconds; 0 where the neighbours have to tell.
    pub every: i64,
    /// What was counted or averaged in it.
    pub measure: Measure,
    /// The value.
    pub value: f64,
}

/// What a metric measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// Attempts that ran.
    #[default]
    Requests,
    /// Attempts whose handler failed.
    Errors,
    /// Attempts that were refused.
    Throttles,
    /// Mean duration in seconds.
    Duration,
}

/// The mean duration at a memory size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sized {
    /// Index into [`Records::functions`].
    pub function: usize,
    /// Configured memory in bytes.
    pub memory: u64,
    /// Mean duration in seconds.
    pub seconds: f64,
}

/// Most findings on broken lines that are kept.
const SHOWN: usize = 3;

/// What was read from one or several files.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Files, in the order of reading, and what each was taken for.
    pub sources: Vec<(String, &'static str)>,
    /// Names of the functions; empty names are those that the log does not tell.
    pub functions: Vec<String>,
    /// Attempts, in the order of the files.
    pub invocations: Vec<Invocation>,
    /// Metrics.
    pub counts: Vec<Count>,
    /// Durations by memory.
    pub sizes: Vec<Sized>,
    /// Step to which durations are rounded, in seconds; the coarsest of the files.
    pub step: f64,
    /// Step to which times of arrival are rounded, in seconds; the coarsest of the files.
    pub tick: f64,
    /// Platform whose log it is, where the form of the log tells.
    pub platform: Option<&'static str>,
    /// Lines that should be records and could not be read.
    pub broken: u64,
    /// Lines of a local emulator, which are left out.
    pub emulated: u64,
    /// Lines of other kinds.
    pub other: u64,
    /// The first broken lines of each file, with place and remedy.
    pub findings: Vec<Diagnostic>,
    /// Broken lines of the present file that were shown.
    shown: usize,
}

impl Records {
    /// Index of a function.
    pub fn function(&mut self, name: &str) -> usize {
        self.functions.iter().position(|known| known == name).unwrap_or_else(|| {
            self.functions.push(name.to_owned());
            self.functions.len() - 1
        })
    }

    /// How much was read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.invocations.len() + self.counts.len() + self.sizes.len()
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Starts a file.
    pub(super) fn begin(&mut self, file: &str, kind: &'static str) {
        self.sources.push((file.to_owned(), kind));
        self.shown = 0;
    }

    /// Counts a line that should be a record; the first ones are shown.
    pub(super) fn broken(&mut self, line: usize, message: impl Into<String>, hint: &str) {
        self.broken += 1;
        if self.shown < SHOWN {
            self.shown += 1;
            let file = self.sources.last().map_or("", |(file, _)| file.as_str());
            self.findings.push(Diagnostic::warning("broken-line", "", message).at(file, line).hint(hint));
        }
    }

    /// Durations and times of the file are rounded to these steps, in seconds.
    pub(super) fn rounded(&mut self, step: f64, tick: f64) {
        self.step = self.step.max(step);
        self.tick = self.tick.max(tick);
    }

    /// The platform, unless a file before was of another one.
    pub(super) fn of(&mut self, platform: &'static str) {
        self.platform.get_or_insert(platform);
    }
}

/// A request or instance id as a number: FNV-1a of 64 bits, whose chance of two alike among ten million is one in 300,000.
#[must_use]
pub fn identity(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    // The last bytes alone hardly move the upper bits.
    (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_broken_lines_of_each_file_are_shown() {
        let mut records = Records::default();
        for file in ["a", "b"] {
            records.begin(file, "lines");
            (1..10).for_each(|line| records.broken(line, "no number", "Look."));
        }
        assert_eq!((records.broken, records.findings.len()), (18, 2 * SHOWN));
        assert_eq!((records.findings[SHOWN].file.as_str(), records.findings[SHOWN].line), ("b", 1));
    }

    #[test]
    fn ids_that_differ_stay_apart() {
        let ids: std::collections::BTreeSet<u64> = (0..10_000).map(|i| identity(&format!("request-{i}"))).collect();
        assert_eq!(ids.len(), 10_000);
    }
}
