//! Arrivals and what each brings, drawn in blocks ahead of the event loop, one stream for each purpose and time cell.

use crate::random::{Key, Purpose, Stream};
use crate::scenario::{Change, Function, Scenario, Shape};
use crate::units::SimTime;
use crate::workload::arrivals::{Block, Generator};
use crate::workload::distribution::Distribution;
use crate::workload::intensity::{Intensity, RateEvent, RateShape};

const UNIT: Distribution = Distribution::Uniform { min: 0.0, max: 1.0 };

/// What an attempt will do, drawn before it starts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Draw {
    /// CPU demand in seconds at one full vCPU.
    pub(crate) cpu: f64,
    /// I/O wait in seconds.
    pub(crate) io: f64,
    /// Memory need in bytes.
    pub(crate) memory: f64,
    /// Uniform number that decides the fault.
    pub(crate) fault: f64,
}

/// One quantity drawn for a block of arrivals.
struct Column {
    purpose: Purpose,
    constant: Option<f64>,
    values: Vec<f64>,
    stream: Stream,
}

impl Column {
    fn new(distribution: &Distribution, purpose: Purpose) -> Self {
        Self { purpose, constant: distribution.is_constant(), values: Vec::new(), stream: Key::new(0, 0).stream() }
    }

    /// Draws for `n` arrivals. The stream starts anew with each cell, so value i belongs to arrival i of the cell; `skip` is
    /// the number of arrivals of a new cell that lie before the run's start.
    fn fill(&mut self, distribution: &Distribution, cell: Option<Key>, skip: usize, n: usize) {
        if self.constant.is_some() {
            return;
        }
        if let Some(cell) = cell {
            self.stream = cell.purpose(self.purpose).stream();
            self.values.resize(skip, 0.0);
            distribution.fill(&mut self.stream, &mut self.values);
        }
        self.values.resize(n, 0.0);
        distribution.fill(&mut self.stream, &mut self.values);
    }

    #[inline]
    fn get(&self, i: usize) -> f64 {
        match self.constant {
            Some(value) => value,
            None => self.values[i],
        }
    }
}

/// The running state of one traffic source.
pub(crate) struct Intake<'a> {
    function: &'a Function,
    pub(crate) key: Key,
    generator: Generator,
    block: Block,
    cpu: Column,
    io: Column,
    memory: Column,
    fault: Column,
    draws_faults: bool,
    /// Cell of the streams.
    cell: i64,
    next: usize,
    /// When the next arrival, or the next look for one, is due.
    pub(crate) due: i64,
    /// Retry budget.
    pub(crate) tokens: f64,
}

/// An arrival taken from the block.
#[derive(Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) cell: i32,
    pub(crate) index: u32,
    /// Duration from the trace in seconds, part of the draw's I/O wait.
    pub(crate) recorded: f64,
    pub(crate) draw: Draw,
}

impl<'a> Intake<'a> {
    pub(crate) fn new(scenario: &'a Scenario, index: usize, root: Key, from: SimTime) -> Self {
        let source = &scenario.traffic[index];
        let function = &scenario.functions[source.function];
        let work = &function.work;
        let key = root.name(&source.name);
        let faults = function.faults;
        let draws_faults = faults.crash.get() + faults.hang.get() + faults.error.get() > 0.0
            || scenario
                .events
                .iter()
                .any(|e| matches!(e.change, Change::Function { function, .. } if function == source.function));
        let mut intake = Self {
            function,
            key,
            generator: Generator::new(&source.arrivals, intensity(scenario, index), key, from),
            block: Block::default(),
            cpu: Column::new(&work.cpu, Purpose::Cpu),
            io: Column::new(&work.io, Purpose::Io),
            memory: Column::new(&work.memory, Purpose::Memory),
            fault: Column::new(&UNIT, Purpose::Fault),
            draws_faults,
            cell: i64::MIN,
            next: 0,
            due: from.0,
            tokens: source.retry.budget.map_or(0.0, |b| b.burst),
        };
        intake.refill();
        intake
    }

    /// Takes the arrival that is due; `None` if it was only the end of a block, which is then filled anew.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Arrival> {
        let i = self.next;
        if i >= self.block.times.len() {
            self.refill();
            return None;
        }
        self.next += 1;
        self.due = self.block.times.get(self.next).map_or(self.block.end.0, |t| t.0);
        let recorded =
            if self.function.work.from_trace { self.block.durations.get(i).map_or(0.0, |d| d.as_secs_f64()) } else { 0.0 };
        Some(Arrival {
            cell: self.block.cell as i32,
            index: self.block.first + i as u32,
            recorded,
            draw: Draw {
                cpu: self.cpu.get(i),
                io: self.io.get(i) + recorded,
                memory: self.memory.get(i),
                fault: if self.draws_faults { self.fault.get(i) } else { 1.0 },
            },
        })
    }

    #[cold]
    fn refill(&mut self) {
        self.generator.fill(&mut self.block);
        self.next = 0;
        self.due = self.block.times.first().map_or(self.block.end.0, |t| t.0);
        let n = self.block.times.len();
        if n == 0 {
            return;
        }
        let work = &self.function.work;
        let skip = self.block.first as usize;
        let cell = (self.block.cell != self.cell).then(|| self.key.with(self.block.cell as u64));
        self.cell = self.block.cell;
        self.cpu.fill(&work.cpu, cell, skip, n);
        self.io.fill(&work.io, cell, skip, n);
        self.memory.fill(&work.memory, cell, skip, n);
        if self.draws_faults {
            self.fault.fill(&UNIT, cell, skip, n);
        }
    }

    /// The identity of one attempt after the first, or of a second delivery.
    pub(crate) fn attempt_key(&self, cell: i32, index: u32, attempt: u32, duplicate: bool) -> Key {
        self.key.with(i64::from(cell) as u64).with(u64::from(index)).with(u64::from(attempt) << 1 | u64::from(duplicate))
    }

    /// Draws the work of one attempt after the first.
    pub(crate) fn redraw(&self, key: Key) -> Draw {
        let work = &self.function.work;
        let draw = |d: &Distribution, purpose| match d.is_constant() {
            Some(value) => value,
            None => d.sample(&mut key.purpose(purpose).stream()),
        };
        Draw {
            cpu: draw(&work.cpu, Purpose::Cpu),
            io: draw(&work.io, Purpose::Io),
            memory: draw(&work.memory, Purpose::Memory),
            fault: if self.draws_faults { key.purpose(Purpose::Fault).uniform() } else { 1.0 },
        }
    }
}

/// Profile, growth and traffic events of a source.
pub(crate) fn intensity(scenario: &Scenario, source: usize) -> Intensity {
    let events = scenario.events.iter().filter_map(|event| match event.change {
        Change::Traffic { source: target, factor } if target == source => Some(RateEvent {
            at: event.at,
            end: event.at + event.duration,
            shape: match event.shape {
                Shape::Step => RateShape::Step,
                Shape::Ramp => RateShape::Ramp,
                Shape::Spike => RateShape::Spike,
            },
            factor,
        }),
        _ => None,
    });
    let spec = &scenario.traffic[source];
    Intensity::new(spec.profile.clone(), spec.growth_per_month, events.collect::<Vec<_>>())
}
