//! Traces: the published Azure Functions traces of 2019 and 2021, and tables of times or counts.

use std::io::BufRead;

use crate::calibrate::records::{Count, Invocation, Measure, Records};
use crate::diagnostic::Diagnostic;
use crate::workload::trace::{self, Records as Recorded, TraceOptions};

/// A trace as a whole: one function, or the one whose name begins with `function`.
pub(super) fn read(
    records: &mut Records,
    input: &mut dyn BufRead,
    file: &str,
    function: Option<&str>,
) -> Result<(), Vec<Diagnostic>> {
    let options = |functions: Vec<String>| TraceOptions { functions, ..TraceOptions::default() };
    let trace = trace::read(input, &options(function.map(str::to_owned).into_iter().collect())).map_err(|error| {
        let finding = Diagnostic::error("bad-trace", "", error.message.clone()).at(file, error.line as usize);
        vec![if error.hint.is_empty() { finding } else { finding.hint(error.hint) }]
    })?;
    let index = records.function(function.unwrap_or_default());
    match trace.records() {
        Recorded::Timestamps { times, durations } => {
            let seconds = |i: usize| durations.get(i).map(|span| span.as_secs_f64());
            let row = |(i, at): (usize, &i64)| Invocation {
                function: index,
                at: Some(*at),
                duration: seconds(i),
                ..Invocation::default()
            };
            records.invocations.extend(times.iter().enumerate().map(row));
        }
        Recorded::Counts { every, counts } => {
            let row = |(i, count): (i64, &u32)| Count {
                function: index,
                at: i * every.0,
                every: every.0,
                measure: Measure::Requests,
                value: f64::from(*count),
            };
            records.counts.extend((0..).zip(counts).map(row));
        }
    }
    Ok(())
}
