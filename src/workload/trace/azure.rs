//! The published Azure Functions traces: 2019 (counts a minute, Shahrad et al., ATC '20) and 2021 (one row an invocation,
//! Zhang et al., SOSP '21).

use std::io::BufRead;

use super::clock;
use super::counts::whole;
use super::reader::TraceOptions;
use super::rows::{Rows, check_columns, field};
use super::{Trace, TraceError};
use crate::units::Span;

/// Columns before the counts of `azure-2019`.
const LEAD: [&str; 4] = ["HashOwner", "HashApp", "HashFunction", "Trigger"];
/// Columns of `azure-2021`.
const ROW: [&str; 4] = ["app", "func", "end_timestamp", "duration"];

/// Whether a header row is that of `azure-2019`.
pub(super) fn is_2019(header: &csv::StringRecord) -> bool {
    header.len() > LEAD.len() && LEAD.iter().zip(header).all(|(name, field)| field.eq_ignore_ascii_case(name))
}

/// Whether a header row is that of `azure-2021`.
pub(super) fn is_2021(header: &csv::StringRecord) -> bool {
    header.len() == ROW.len() && ROW.iter().zip(header).all(|(name, field)| field.eq_ignore_ascii_case(name))
}

/// The sum over the chosen functions, minute by minute.
pub(super) fn read_2019<R: BufRead>(rows: &mut Rows<R>, options: &TraceOptions) -> Result<Trace, TraceError> {
    let header = rows.next()?.filter(|row| is_2019(&row.1));
    let Some((_, header)) = header else { return Err(no_header("HashOwner,HashApp,HashFunction,Trigger,1,2,…,1440")) };
    let mut sums = vec![0_u32; header.len() - LEAD.len()];
    let mut chosen = Chosen::default();
    while let Some(row) = rows.next()? {
        check_columns(&row, header.len())?;
        if !chosen.takes(options, &[field(&row, 2, "HashFunction")?]) {
            continue;
        }
        for (sum, text) in sums.iter_mut().zip(row.1.iter().skip(LEAD.len())) {
            *sum = sum.checked_add(whole(text, row.0)?).ok_or_else(|| {
                TraceError::new(row.0, format!("the sum over the functions is above {}", u32::MAX), "Choose fewer `functions`.")
            })?;
        }
    }
    chosen.check(options)?;
    Trace::from_counts(options.every.unwrap_or(Span::from_secs(60)), sums, options.repeat)
}

/// Invocations of the chosen functions or apps: arrival = end - duration. The rows are in no order, so they are sorted here.
pub(super) fn read_2021<R: BufRead>(rows: &mut Rows<R>, options: &TraceOptions) -> Result<Trace, TraceError> {
    if rows.next()?.is_none_or(|row| !is_2021(&row.1)) {
        return Err(no_header("app,func,end_timestamp,duration"));
    }
    let mut invocations = Vec::new();
    let mut chosen = Chosen::default();
    while let Some(row) = rows.next()? {
        check_columns(&row, ROW.len())?;
        let end = clock::seconds(field(&row, 2, "end_timestamp")?, row.0, "end_timestamp")?;
        let duration = clock::seconds(field(&row, 3, "duration")?, row.0, "duration")?;
        if chosen.takes(options, &[field(&row, 1, "func")?, field(&row, 0, "app")?]) {
            invocations.push((end - duration, duration));
        }
    }
    chosen.check(options)?;
    // Equal arrivals are ordered by duration: the order of the rows means nothing.
    invocations.sort_unstable();
    // The first ones may have begun before the recording did.
    let shift = invocations.first().map_or(0, |first| first.0.min(0));
    let (times, durations) = invocations.into_iter().map(|(at, duration)| (at.saturating_sub(shift), Span(duration))).unzip();
    Trace::from_timestamps(times, durations, options.repeat, options.length)
}

/// Which rows were taken, and the names of some that were not.
#[derive(Default)]
struct Chosen {
    taken: u64,
    seen: Vec<String>,
}

impl Chosen {
    /// A row is taken if one of its names is, or begins with, one of the chosen; all are if none is chosen.
    fn takes(&mut self, options: &TraceOptions, names: &[&str]) -> bool {
        let takes = options.functions.is_empty()
            || options.functions.iter().any(|f| names.iter().any(|name| name.starts_with(f.as_str())));
        if takes {
            self.taken += 1;
        } else if self.seen.len() < 3 && !self.seen.iter().any(|seen| seen == names[0]) {
            self.seen.push(names[0].into());
        }
        takes
    }

    fn check(&self, options: &TraceOptions) -> Result<(), TraceError> {
        if self.taken > 0 {
            return Ok(());
        }
        if self.seen.is_empty() {
            return Err(TraceError::new(0, "the trace has no rows", "Give a file with at least one row."));
        }
        let message = format!("no row is of the functions {}", options.functions.join(", "));
        Err(TraceError::new(0, message, format!("The file has, among others: {}.", self.seen.join(", "))))
    }
}

fn no_header(expected: &str) -> TraceError {
    TraceError::new(1, "the header is not that of the format", format!("The first row must be {expected}."))
}
