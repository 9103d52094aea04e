//! A fleet: every function of a recorded trace simulated by itself, with the same settings, and billed together.
//!
//! Functions come one after the other and go as soon as they are simulated; a row of counts and billed units stays of each. All
//! sums are taken in the order of names, so that neither the order of the trace nor the number of threads moves a digit.

mod choices;
mod rating;
pub mod result;
mod row;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::bill::Bill;
use super::{Context, StudyError};
use crate::billing::book::PriceBook;
use crate::billing::component::Component;
use crate::billing::invoice::units_f64;
use crate::engine;
use crate::scenario::{Provisioned, Scenario, Stopping};
use crate::units::{Bytes, Span};
use crate::workload::arrivals::Arrivals;
use crate::workload::distribution::Distribution;
use crate::workload::trace::Trace;
use crate::workload::trace::stream::FunctionTrace;
use row::{Counts, Row};

pub use result::FleetResult;

/// Recorded arrivals (or intervals of counts) that are in memory for the next functions, at most, unless one function has more.
const BATCH: usize = 2_000_000;
/// Functions of a batch, at most.
const FUNCTIONS: usize = 2_048;

/// A function of the trace, and what other tables say of it.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its recorded traffic.
    pub recorded: FunctionTrace,
    /// Its memory, if it is known.
    pub memory: Option<Bytes>,
}

impl Member {
    /// About how much of a batch it takes.
    fn size(&self) -> usize {
        use crate::workload::trace::Records;
        self.recorded.trace.as_ref().map_or(1, |trace| match trace.records() {
            Records::Timestamps { times, .. } => 2 * times.len(),
            Records::Counts { counts, .. } => counts.len() / 2,
        })
    }
}

/// Gives the scenario of a function by its memory (`None`: the default), or says why the platform refuses it. It has one
/// function and one source; names, traffic and durations are put in here.
pub type Template<'a> = dyn Fn(Option<Bytes>) -> Result<Scenario, String> + Sync + 'a;

/// What has been simulated so far.
pub struct Fleet<'a> {
    context: &'a Context<'a>,
    book: PriceBook,
    scenario: Scenario,
    replications: usize,
    rows: BTreeMap<String, Row>,
    /// Why functions were left out, and how many.
    refused: BTreeMap<String, u64>,
    recorded: Span,
    simulated: usize,
    incomplete: bool,
}

impl<'a> Fleet<'a> {
    /// An empty fleet on the platform of a scenario. It has a fixed number of replications: the same for every function, so
    /// that replication i of the fleet is that of all its functions.
    ///
    /// # Errors
    /// The price book does not fit the scenario.
    pub fn new(scenario: &Scenario, context: &'a Context<'a>) -> Result<Self, StudyError> {
        let replications = match scenario.simulation.stopping {
            Stopping::Fixed(n) => n,
            Stopping::Precision { max_replications, .. } => max_replications,
        };
        Ok(Self {
            context,
            book: PriceBook::new(context.platform, &scenario.region, &scenario.billing)?,
            scenario: scenario.clone(),
            replications: replications.max(1) as usize,
            rows: BTreeMap::new(),
            refused: BTreeMap::new(),
            recorded: Span::ZERO,
            simulated: 0,
            incomplete: false,
        })
    }

    /// Simulates the functions of one trace that was recorded for `length`. While some are simulated on all threads of the
    /// current pool, the next ones are read.
    ///
    /// # Errors
    /// What `next` gave.
    pub fn replay<E: Send>(
        &mut self,
        length: Span,
        next: &mut (dyn FnMut() -> Result<Option<Member>, E> + Send),
        template: &Template<'_>,
    ) -> Result<(), E> {
        self.recorded = Span(self.recorded.0.saturating_add(length.0));
        let mut scenarios: BTreeMap<Option<Bytes>, Result<Arc<Scenario>, String>> = BTreeMap::new();
        let mut batch = read(next)?;
        while !batch.is_empty() && !self.incomplete {
            for member in &batch {
                scenarios.entry(member.memory).or_insert_with(|| template(member.memory).map(Arc::new));
            }
            let this = &*self;
            let simulate = |member: Member| {
                let scenario = scenarios.get(&member.memory).cloned().unwrap_or_else(|| Err("not read".to_owned()));
                let name = member.recorded.name.clone();
                match scenario {
                    Ok(scenario) => this.simulate(member, &scenario, length).map(|row| (name, Ok(row))),
                    Err(reason) => Some((name, Err(reason))),
                }
            };
            let (done, following): (Vec<_>, _) =
                rayon::join(|| batch.into_par_iter().with_max_len(1).map(simulate).collect(), || read(next));
            for row in done {
                match row {
                    Some((name, Ok(row))) => self.add(name, row),
                    Some((_, Err(reason))) => *self.refused.entry(reason).or_default() += 1,
                    None => self.incomplete = true,
                }
            }
            (self.context.progress)(self.simulated);
            batch = following?;
        }
        Ok(())
    }

    fn add(&mut self, name: String, row: Row) {
        self.simulated += 1;
        match self.rows.get_mut(&name) {
            Some(known) => known.add(&row),
            None => drop(self.rows.insert(name, row)),
        }
    }

    /// All replications of one function; `None` if it was stopped.
    fn simulate(&self, member: Member, template: &Scenario, length: Span) -> Option<Row> {
        let mut scenario = template.clone();
        let Member { recorded, .. } = member;
        let items = self.book.items().len();
        let mut row = Row::new(&recorded, self.replications, items);
        if let ([function], [source]) = (&mut scenario.functions[..], &mut scenario.traffic[..]) {
            row.memory = function.memory;
            if recorded.trace.is_none() && function.provisioned == Provisioned::Constant(0) {
                return Some(row);
            }
            let trace = recorded.trace.or_else(|| Trace::from_counts(length, vec![0], true).ok())?;
            function.work.from_trace = trace.has_durations();
            if let Some(duration) = recorded.duration {
                function.work.io = duration;
            } else if trace.has_durations() {
                function.work.io = Distribution::Constant(0.0);
            }
            function.name.clone_from(&recorded.name);
            source.name = recorded.name;
            source.arrivals = Arrivals::Trace(Arc::new(trace));
        }
        let bill = Bill::new(&self.book, &scenario).ok()?;
        let hours = length.as_secs_f64() / 3_600.0;
        for i in 0..self.replications {
            let replication = engine::run_until(&scenario, scenario.simulation.seed, i as u64, &self.context.stop)?;
            let month = bill.month(&replication);
            let minimum: f64 = month.functions.iter().map(|f| f.units[Component::Minimum.index()]).sum();
            let units = units_f64(&self.book, &month).into_iter().chain([minimum]).map(|units| units * hours);
            row.set(i, Counts::of(&replication), units);
        }
        Some(row)
    }

    /// What the fleet costs, and who causes it: the `top` dearest functions by name.
    #[must_use]
    pub fn result(&self, traces: Vec<String>, top: usize) -> FleetResult {
        result::result(self, traces, top)
    }
}

/// The next functions, as many as a batch holds.
fn read<E>(next: &mut (dyn FnMut() -> Result<Option<Member>, E> + Send)) -> Result<Vec<Member>, E> {
    let (mut batch, mut size) = (Vec::new(), 0);
    while size < BATCH && batch.len() < FUNCTIONS {
        let Some(member) = next()? else { break };
        size += member.size();
        batch.push(member);
    }
    Ok(batch)
}
