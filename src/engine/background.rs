//! Work left running after the response: it goes on only while the instance is not frozen, that is while another invocation
//! runs on it.

use super::Engine;
use super::log::Log;
use super::tally::AttemptOutcome;
use crate::random::Purpose;
use crate::units::Span;

const FINISHED: usize = 0;
const LATE: usize = 1;
const LOST: usize = 2;

impl<const PLAIN: bool, L: Log> Engine<'_, PLAIN, L> {
    /// An invocation has answered and leaves work behind.
    pub(crate) fn leave_background(&mut self, id: u32, function: usize, slot: u32) {
        let call = &self.calls[id as usize];
        if matches!(call.outcome, AttemptOutcome::Timeout) {
            return; // cut off: nothing is left running
        }
        let background = &self.models[function].spec.work.background;
        let key = self.key_of(call).purpose(Purpose::Background);
        let length = Span::from_secs_f64(background.is_constant().unwrap_or_else(|| background.sample(&mut key.stream())));
        let measured = call.measured;
        self.resolve_background(slot, function);
        let share = &mut self.slots.rest[slot as usize].share;
        share.background.push((share.unfrozen.saturating_add(length.0), share.freezes, measured));
    }

    /// The instance freezes: what is not done waits for the next invocation.
    pub(crate) fn freeze(&mut self, slot: u32, function: usize) {
        self.resolve_background(slot, function);
        self.slots.rest[slot as usize].share.freezes += 1;
    }

    /// The instance ends: what is not done is lost.
    pub(crate) fn lose_background(&mut self, slot: u32, function: usize) {
        if !self.models[function].has_background() {
            return;
        }
        self.resolve_background(slot, function);
        for (_, _, measured) in self.slots.rest[slot as usize].share.background.drain(..) {
            self.tally[function].background[LOST] += u64::from(measured);
        }
    }

    /// Counts background work that is done by now.
    fn resolve_background(&mut self, slot: u32, function: usize) {
        let share = &mut self.slots.rest[slot as usize].share;
        let counts = &mut self.tally[function].background;
        let (unfrozen, freezes) = (share.unfrozen, share.freezes);
        share.background.retain(|(target, began, measured)| {
            let done = *target <= unfrozen;
            if done {
                counts[if *began == freezes { FINISHED } else { LATE }] += u64::from(*measured);
            }
            !done
        });
    }
}
