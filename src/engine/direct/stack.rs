//! The way of arrivals and completions through the stack of idle instances: a merge of two sorted lists without a branch that
//! depends on the draws. Half of the time of a loop that asks "has an invocation ended before the next arrival?" goes into wrong
//! guesses of the answer.

use super::Direct;
use super::batch::{Batch, DIES};
use super::idle::Entry;
use super::pending::Completion;
use crate::units::SimTime;

impl Direct<'_> {
    /// Serves arrivals from the i-th on up to the first that cannot have the last used instance for the asking: the place where it
    /// stopped, perhaps before a completion. It stops where an instance ends or has to be started, and where a limit may bind.
    pub(super) fn pass_through(&mut self, batch: &mut Batch, times: &[SimTime], i: usize) -> usize {
        if self.alive > self.max_busy || self.rate.is_some() || !self.idle.is_constant() {
            return i;
        }
        // What becomes idle here did so after the arrival before; and no further than to the next instance that does not.
        let until = self.idle.lasts_until(self.last).min(batch.next_death());
        let to = i + times[i..].partition_point(|time| time.0 < until);
        if to == i {
            return i;
        }
        let (mut reached, times_to) = (i, &times[..to]);
        let metered = self.meter.meters_idle();
        self.idle.work(batch.left(), |stack, floor, top| {
            let merge = if metered { merge::<true> } else { merge::<false> };
            let place;
            (reached, place) = merge(stack, (floor, top), batch, times_to, i);
            place
        });
        if metered {
            self.meter.all_idle(&batch.since[i..reached], &times[i..reached]);
        }
        let age = |(time, slot): (&SimTime, &u32)| (time.0 - self.created[*slot as usize]) as u64;
        self.meter.reused_age_ns += times[i..reached].iter().zip(&batch.slots[i..reached]).map(age).sum::<u64>();
        reached
    }
}

/// Merges arrivals and completions, none of which ends its instance: the arrival at which it stopped, and the top of the stack.
/// Keeps since when the instances were idle if `SINCE`.
fn merge<const SINCE: bool>(
    all: &mut [Entry],
    (floor, mut top): (usize, usize),
    batch: &mut Batch,
    times: &[SimTime],
    mut i: usize,
) -> (usize, usize) {
    let Batch { slots, due, next, since, .. } = batch;
    let (due, slots, since) = (&due[..], &mut slots[..], &mut since[..]);
    let mut j = *next;
    while i < times.len() {
        let now = times[i].0;
        let Completion { end, tag } = due[j];
        let ended = end <= now;
        if top == floor && !ended {
            break;
        }
        let last = all[top.saturating_sub(1)];
        // The arrival's instance; written again when its turn has come, if it was a completion's turn.
        slots[i] = last.slot;
        if SINCE {
            since[i] = last.since;
        }
        all[top] = Entry { since: end, slot: slots[(tag & !DIES) as usize] };
        let step = usize::from(ended);
        i += 1 - step;
        j += step;
        top = top + 2 * step - 1;
    }
    *next = j;
    (i, top)
}
