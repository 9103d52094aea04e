//! A function a row, a column of counts an interval: Azure Functions 2019, and FaaSRail's specifications made of it.

use std::io::BufRead;

use serde::Deserialize;

use super::super::counts::whole;
use super::super::{Trace, TraceError};
use super::fields::{Header, Role};
use super::lines::Lines;
use super::{FunctionTrace, StreamOptions};
use crate::units::Span;
use crate::workload::distribution::Distribution;

/// The rows that are left.
pub(super) struct Wide<R> {
    lines: Lines<R>,
    every: Span,
    columns: usize,
    counts: Vec<usize>,
    app: Option<usize>,
    function: Option<usize>,
    trigger: Option<usize>,
    average: Option<usize>,
    request: Option<usize>,
}

/// The request of a FaaSRail row, as far as it says what runs.
#[derive(Deserialize)]
struct Request {
    bench: String,
}

impl<R: BufRead> Wide<R> {
    /// The rows after the header.
    pub(super) fn new(lines: Lines<R>, header: &Header, options: &StreamOptions) -> Result<Self, TraceError> {
        let wide = Self {
            every: options.every.unwrap_or(Span::from_secs(60)),
            columns: header.roles.len(),
            counts: header.counts().collect(),
            app: header.find(Role::App),
            function: header.find(Role::Function),
            trigger: header.find(Role::Trigger),
            average: header.find(Role::AverageMs),
            request: header.find(Role::Request),
            lines,
        };
        // Refused here, once, and not at every row.
        Trace::from_counts(wide.every, vec![0; wide.counts.len()], true)?;
        Ok(wide)
    }

    pub(super) fn length(&self) -> Span {
        Span(self.every.0.saturating_mul(self.counts.len() as i64))
    }

    pub(super) fn next(&mut self) -> Result<Option<FunctionTrace>, TraceError> {
        if !self.lines.next()? {
            return Ok(None);
        }
        let lines = &self.lines;
        lines.expect(self.columns)?;
        let mut any = false;
        let mut counts = Vec::with_capacity(self.counts.len());
        for column in &self.counts {
            let text = lines.get(*column);
            let count = if text == "0" { 0 } else { whole(text, lines.line)? };
            any |= count > 0;
            counts.push(count);
        }
        let text = |column: Option<usize>| column.map_or_else(String::new, |column| lines.get(column).to_owned());
        let (mut app, mut name) = (text(self.app), text(self.function));
        if let Some(request) = self.request {
            let read: Request = serde_json::from_str(lines.get(request)).map_err(|error| {
                lines.wrong(&format!("the request is not JSON with a `bench`: {error}"), "Write it as FaaSRail does.")
            })?;
            // What is left of `video_processing-91bb6c6` without its variant; rows with the same request are told apart.
            app = read.bench.rsplit_once('-').map_or(read.bench.as_str(), |(kind, _)| kind).to_owned();
            name = format!("{}@{}", read.bench, lines.line);
        }
        if name.is_empty() {
            return Err(lines.wrong("the function has no name", "Fill it in, or remove the row."));
        }
        let trace = if any { Some(Trace::from_counts(self.every, counts, true)) } else { None };
        let trace = trace.transpose().map_err(|error| TraceError { line: lines.line, ..error })?;
        let duration = self.average.map(|column| milliseconds(lines, column)).transpose()?;
        let duration = duration.and_then(|seconds| Distribution::constant(seconds).ok());
        Ok(Some(FunctionTrace { name, app, trigger: text(self.trigger), trace, duration }))
    }
}

/// A field in milliseconds as seconds.
pub(super) fn milliseconds<R: BufRead>(lines: &Lines<R>, column: usize) -> Result<f64, TraceError> {
    let text = lines.get(column);
    let value = text.parse::<f64>().ok().filter(|ms| ms.is_finite() && *ms < 1e11);
    let value = value.ok_or_else(|| {
        let message = format!("expected milliseconds in column {}, but found `{text}`", column + 1);
        lines.wrong(&message, "Write a number such as 12.5.")
    })?;
    // Some recorders wrote a duration just below 0.
    Ok(value.max(0.0) / 1e3)
}
