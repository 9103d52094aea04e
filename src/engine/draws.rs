//! Arrivals and what each brings, drawn in blocks, one stream for each purpose and time cell. A function of the traffic and the
//! work alone, so that configurations that differ in anything else can be fed from the same blocks.

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

/// One quantity of a block of arrivals.
#[derive(Default)]
struct Column {
    constant: Option<f64>,
    values: Vec<f64>,
}

impl Column {
    #[inline]
    fn get(&self, i: usize) -> f64 {
        match self.constant {
            Some(value) => value,
            None => self.values[i],
        }
    }
}

impl Column {
    /// The same value for all, or those of this range.
    fn range(&self, from: usize, to: usize) -> Result<f64, &[f64]> {
        self.constant.ok_or(&self.values[..]).map_err(|values| &values[from..to])
    }
}

/// A block of arrivals with their draws.
#[derive(Default)]
pub(crate) struct Drawn {
    pub(crate) block: Block,
    cpu: Column,
    io: Column,
    memory: Column,
    fault: Column,
}

impl Drawn {
    /// Arrivals in the block.
    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.block.times.len()
    }

    /// When arrival i is due; the block's end past the last.
    #[inline]
    pub(crate) fn due(&self, i: usize) -> i64 {
        self.block.times.get(i).map_or(self.block.end.0, |t| t.0)
    }

    /// CPU demands of arrivals `from..to` in seconds at one full vCPU: the same for all, or each one's.
    #[inline]
    pub(crate) fn cpu(&self, from: usize, to: usize) -> Result<f64, &[f64]> {
        self.cpu.range(from, to)
    }

    /// I/O waits of arrivals `from..to` in seconds, likewise.
    #[inline]
    pub(crate) fn io(&self, from: usize, to: usize) -> Result<f64, &[f64]> {
        self.io.range(from, to)
    }

    /// What arrival i brings, `recorded` seconds of its I/O wait from the trace.
    #[inline]
    pub(crate) fn draw(&self, i: usize, recorded: f64) -> Draw {
        Draw { cpu: self.cpu.get(i), io: self.io.get(i) + recorded, memory: self.memory.get(i), fault: self.fault.get(i) }
    }
}

/// A quantity's generator: its stream starts anew with each cell, so value i belongs to arrival i of the cell.
struct Quantity {
    law: Distribution,
    purpose: Purpose,
    stream: Stream,
}

impl Quantity {
    fn new(law: Distribution, purpose: Purpose) -> Self {
        Self { law, purpose, stream: Key::new(0, 0).stream() }
    }

    /// Draws for `n` arrivals. `cell` is the key of a new cell; `skip` is the number of its arrivals that lie before the run's
    /// start.
    fn fill(&mut self, column: &mut Column, cell: Option<Key>, skip: usize, n: usize) {
        column.constant = self.law.is_constant();
        if column.constant.is_some() {
            return;
        }
        if let Some(cell) = cell {
            self.stream = cell.purpose(self.purpose).stream();
            column.values.resize(skip, 0.0);
            self.law.fill(&mut self.stream, &mut column.values);
        }
        column.values.resize(n, 0.0);
        self.law.fill(&mut self.stream, &mut column.values);
    }
}

/// The draws of one source, block by block.
pub(crate) struct Draws {
    key: Key,
    generator: Generator,
    quantities: [Quantity; 4],
    /// Cell of the streams.
    cell: i64,
}

impl Draws {
    /// All arrivals of a source at or after `from`, with the uniform numbers that decide faults if `faults`.
    pub(crate) fn new(scenario: &Scenario, index: usize, root: Key, from: SimTime, faults: bool) -> Self {
        let source = &scenario.traffic[index];
        let work = &scenario.functions[source.function].work;
        let key = root.name(&source.name);
        let fault = if faults { UNIT } else { Distribution::Constant(1.0) };
        let quantity = |law: &Distribution, purpose| Quantity::new(law.clone(), purpose);
        Self {
            key,
            generator: Generator::new(&source.arrivals, intensity(scenario, index), key, from),
            quantities: [
                quantity(&work.cpu, Purpose::Cpu),
                quantity(&work.io, Purpose::Io),
                quantity(&work.memory, Purpose::Memory),
                Quantity::new(fault, Purpose::Fault),
            ],
            cell: i64::MIN,
        }
    }

    /// The next block, into buffers that are there.
    pub(crate) fn next(&mut self, into: &mut Drawn) {
        let block = &mut into.block;
        self.generator.fill(block);
        let n = block.times.len();
        if n == 0 {
            return;
        }
        let skip = block.first as usize;
        let cell = (block.cell != self.cell).then(|| self.key.with(block.cell as u64));
        self.cell = block.cell;
        let columns = [&mut into.cpu, &mut into.io, &mut into.memory, &mut into.fault];
        for (quantity, column) in self.quantities.iter_mut().zip(columns) {
            quantity.fill(column, cell, skip, n);
        }
    }
}

/// Whether a function's attempts can go wrong by what they draw.
pub(crate) fn draws_faults(scenario: &Scenario, function: usize) -> bool {
    let faults = scenario.functions[function].faults;
    let changes = |c: &Change| matches!(c, Change::Function { function: target, .. } if *target == function);
    faults.crash.get() + faults.hang.get() + faults.error.get() > 0.0 || scenario.events.iter().any(|e| changes(&e.change))
}

/// The identity of one attempt, or of a second delivery, of a source.
pub(crate) fn attempt_key(source: Key, cell: i32, index: u32, attempt: u32, duplicate: bool) -> Key {
    source.with(i64::from(cell) as u64).with(u64::from(index)).with(u64::from(attempt) << 1 | u64::from(duplicate))
}

/// Draws the work of one attempt after the first.
pub(crate) fn redraw(function: &Function, faults: bool, key: Key) -> Draw {
    let work = &function.work;
    let draw = |d: &Distribution, purpose| match d.is_constant() {
        Some(value) => value,
        None => d.sample(&mut key.purpose(purpose).stream()),
    };
    Draw {
        cpu: draw(&work.cpu, Purpose::Cpu),
        io: draw(&work.io, Purpose::Io),
        memory: draw(&work.memory, Purpose::Memory),
        fault: if faults { key.purpose(Purpose::Fault).uniform() } else { 1.0 },
    }
}

/// Whether two scenarios draw the same for every first attempt: same sources, of the same traffic and work. What else they
/// differ in (settings, quotas, retries, faults, prices, length of horizon and run-in) is not drawn from these blocks.
#[must_use]
pub fn draw_alike(a: &Scenario, b: &Scenario) -> bool {
    let source = |i: usize| {
        let (x, y) = (&a.traffic[i], &b.traffic[i]);
        let (f, g) = (&a.functions[x.function].work, &b.functions[y.function].work);
        x.name == y.name
            && (&f.cpu, &f.io, &f.memory, f.from_trace) == (&g.cpu, &g.io, &g.memory, g.from_trace)
            && x.arrivals == y.arrivals
            && intensity(a, i) == intensity(b, i)
    };
    a.simulation.seed == b.simulation.seed && a.traffic.len() == b.traffic.len() && (0..a.traffic.len()).all(source)
}

/// Profile, growth and traffic events of a source.
#[must_use]
pub fn intensity(scenario: &Scenario, source: usize) -> Intensity {
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
