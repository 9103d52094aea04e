//! Markov-modulated Poisson arrivals: states visited in order, each for an exponential stay of clock time. The path of states
//! has its own stream from a fixed anchor on; the arrivals inside are Poisson and restart in each cell.

use super::time_change::TimeChange;
use super::{ANCHOR, Cursor, MmppState};
use crate::random::{Key, Purpose, Stream};
use crate::workload::intensity::Segment;
use crate::workload::ziggurat;

/// The path of states, moved forward cell by cell.
#[derive(Clone, Debug)]
pub(super) struct Phases {
    /// Rate a second, and mean stay in nanoseconds.
    states: Vec<(f64, f64)>,
    stream: Stream,
    current: usize,
    /// Clock time at which the current stay ends.
    until: i64,
}

impl Phases {
    /// Starts at the anchor in a state drawn from the stationary law (states visited in turn hold time in proportion to their
    /// mean stay); a stay in progress is exponential again.
    pub(super) fn new(states: &[MmppState], key: Key) -> Self {
        let mut stream = key.purpose(Purpose::Phase).stream();
        let states: Vec<_> = states.iter().map(|state| (state.rate.get(), state.mean_time.0 as f64)).collect();
        let mut u = stream.uniform() * states.iter().map(|(_, stay)| stay).sum::<f64>();
        let mut current = 0;
        while current + 1 < states.len() && u >= states[current].1 {
            u -= states[current].1;
            current += 1;
        }
        let mut phases = Self { states, stream, current, until: ANCHOR };
        phases.until = phases.until.saturating_add(phases.stay());
        phases
    }

    /// At least a nanosecond, so that the path always moves on.
    fn stay(&mut self) -> i64 {
        ((self.states[self.current].1 * ziggurat::exponential(&mut self.stream)) as i64).max(1)
    }

    /// Writes the cell's rate, cut where the state changes.
    pub(super) fn rate(&mut self, cursor: &Cursor, segments: &[Segment], change: &mut TimeChange) {
        for segment in segments {
            let mut start = segment.start;
            while start < segment.end {
                while self.until <= cursor.cell_start() + start {
                    self.current = (self.current + 1) % self.states.len();
                    self.until = self.until.saturating_add(self.stay());
                }
                let end = segment.end.min(self.until - cursor.cell_start());
                change.push(&segment.part(start, end), self.states[self.current].0);
                start = end;
            }
        }
    }
}
