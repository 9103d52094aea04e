//! An invocation a row, in any order: Azure Functions 2021, and any CSV that names functions and times.

use std::collections::HashMap;
use std::io::{BufRead, Read, Seek, Write};

use super::super::clock::{self, Zero};
use super::super::{Trace, TraceError};
use super::fields::{Header, Role};
use super::lines::Lines;
use super::sort::{Invocation, Sorted, Sorter};
use super::{FunctionTrace, StreamOptions};
use crate::units::Span;

/// The functions of a file, in the order of their names, each with its invocations in the order of their arrival.
pub(super) struct Merged<S> {
    sorted: Sorted<S>,
    /// By number: what is known of a function.
    functions: Vec<Named>,
    length: Span,
    /// What is added to all times, so that the earliest is not negative.
    shift: i64,
    has_durations: bool,
    /// Read already, of the function that comes next.
    ahead: Option<Invocation>,
}

/// What rows say of a function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    app: Box<str>,
    function: Box<str>,
    trigger: Box<str>,
}

/// Numbers of functions, given as they come.
#[derive(Default)]
struct Numbers {
    /// Looked up only, never gone through.
    by_name: HashMap<Vec<u8>, u32>,
    functions: Vec<Named>,
    key: Vec<u8>,
}

impl Numbers {
    fn of(&mut self, app: &str, function: &str, trigger: &str) -> u32 {
        self.key.clear();
        self.key.extend_from_slice(app.as_bytes());
        self.key.push(0);
        self.key.extend_from_slice(function.as_bytes());
        if let Some(number) = self.by_name.get(&self.key) {
            return *number;
        }
        let number = self.functions.len() as u32;
        self.by_name.insert(self.key.clone(), number);
        self.functions.push(Named { app: app.into(), function: function.into(), trigger: trigger.into() });
        number
    }

    /// Place of each function in the order of names.
    fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.functions.len() as u32).collect();
        order.sort_unstable_by_key(|number| &self.functions[*number as usize]);
        let mut ranks = vec![0; order.len()];
        order.iter().zip(0..).for_each(|(number, rank)| ranks[*number as usize] = rank);
        ranks
    }
}

/// Reads all invocations and sorts them.
pub(super) fn read<R: BufRead, S: Read + Write + Seek>(
    mut lines: Lines<R>,
    header: &Header,
    name: &str,
    options: &StreamOptions,
    store: S,
) -> Result<Merged<S>, TraceError> {
    let (app, trigger, duration) = (header.find(Role::App), header.find(Role::Trigger), header.find(Role::Duration));
    let (function, start, end) = (header.find(Role::Function), header.find(Role::Start), header.find(Role::End));
    let mut numbers = Numbers::default();
    let mut sorter = Sorter::new(store, options.chunk);
    let mut zero = Zero::default();
    let (mut first, mut last) = (i64::MAX, 0);
    while lines.next()? {
        lines.expect(header.roles.len())?;
        let at = |column: Option<usize>| column.map_or("", |column| lines.get(column));
        let duration = match duration {
            Some(column) => clock::seconds(lines.get(column), lines.line, "a duration")?,
            None => 0,
        };
        let began = if start.is_some() {
            zero.relative(clock::parse(at(start), lines.line)?, lines.line)?
        } else {
            clock::seconds(at(end), lines.line, "end_timestamp")? - duration
        };
        let (app, function) = (at(app), at(function));
        if function.is_empty() {
            return Err(lines.wrong("the function has no name", "Fill it in, or remove the row."));
        }
        let number = numbers.of(app, function, at(trigger));
        first = first.min(began);
        last = last.max(began);
        sorter.push(Invocation { function: number, at: began, duration }, || numbers.ranks())?;
    }
    if numbers.functions.is_empty() {
        return Err(TraceError::new(0, format!("`{name}` has no rows"), "Give a file with at least one row."));
    }
    let shift = -first.min(0);
    let length = super::recorded(last.saturating_add(shift), options)?;
    let mut sorted = sorter.finish(numbers.ranks())?;
    let ahead = sorted.next()?;
    Ok(Merged { sorted, functions: numbers.functions, length, shift, has_durations: duration.is_some(), ahead })
}

impl<S: Read + Seek> Merged<S> {
    pub(super) const fn length(&self) -> Span {
        self.length
    }

    pub(super) fn next(&mut self) -> Result<Option<FunctionTrace>, TraceError> {
        let Some(first) = self.ahead.take() else { return Ok(None) };
        let mut times = Vec::new();
        let mut durations = Vec::new();
        let mut next = Some(first);
        while let Some(invocation) = next.filter(|invocation| invocation.function == first.function) {
            times.push(invocation.at.saturating_add(self.shift));
            if self.has_durations {
                durations.push(Span(invocation.duration));
            }
            next = self.sorted.next()?;
        }
        self.ahead = next;
        let trace = Trace::from_timestamps(times, durations, true, Some(self.length))?;
        let Named { app, function, trigger } = self.functions[first.function as usize].clone();
        // A function's name is unique within its application only.
        let name = if app.is_empty() { function.into() } else { format!("{app}/{function}") };
        Ok(Some(FunctionTrace { name, app: app.into(), trigger: trigger.into(), trace: Some(trace), duration: None }))
    }
}
