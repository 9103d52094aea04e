//! A call on its way: what the event loop keeps of each try of a request.

use super::draws::Draw;
use super::instance::NONE;
use super::tally::{AttemptOutcome, ThrottleCause};

/// A try of a request on its way: waiting, running, or given up by its caller and still running. One cache line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// First attempt of the request.
    pub(super) arrival: i64,
    /// Admitted.
    pub(super) start: i64,
    /// The handler starts.
    pub(super) ready: i64,
    pub(super) instance: u32,
    /// Sequence number of its valid event.
    pub(super) seq: u32,
    pub(super) cell: i32,
    pub(super) index: u32,
    /// 0 for the first.
    pub(super) attempt: u32,
    /// Timeline bin of the request's arrival.
    pub(super) bin: u32,
    pub(super) source: u32,
    /// How it will end, once that is known.
    pub(super) outcome: AttemptOutcome,
    pub(super) cause: ThrottleCause,
    pub(super) state: State,
    pub(super) measured: bool,
    pub(super) cold: bool,
    pub(super) reused: bool,
    /// Its caller gave up.
    pub(super) abandoned: bool,
    /// The second delivery of an event.
    pub(super) duplicate: bool,
    /// The request has ended already (by its twin).
    pub(super) concluded: bool,
    /// Whether `More::twin` means something.
    pub(super) twinned: bool,
    /// Whether `More::client_seq` means something.
    pub(super) watched: bool,
}

impl Call {
    /// A request's first try, not yet admitted; `identity` is its cell and its index in the cell.
    #[inline]
    pub(super) const fn arriving(now: i64, bin: usize, route: usize, identity: (i32, u32), measured: bool) -> Self {
        Self {
            arrival: now,
            start: now,
            ready: now,
            instance: NONE,
            seq: NONE,
            cell: identity.0,
            index: identity.1,
            attempt: 0,
            bin: bin as u32,
            source: route as u32,
            outcome: AttemptOutcome::Ok,
            cause: ThrottleCause::Function,
            state: State::Waiting,
            measured,
            cold: false,
            reused: false,
            abandoned: false,
            duplicate: false,
            concluded: false,
            twinned: false,
            watched: false,
        }
    }
}

/// What only some mechanisms of a call need; each field is written before it is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct More {
    /// This attempt was sent (attempts after the first).
    pub(super) sent: i64,
    /// The function's timeout strikes (shared instances).
    pub(super) deadline: i64,
    /// I/O wait, nanoseconds (shared instances).
    pub(super) io: i64,
    /// `Shares::charged` of its instance when it came.
    pub(super) charged: f64,
    /// Duration recorded for the request, seconds: part of every attempt's I/O wait.
    pub(super) recorded: f64,
    /// Work of an attempt that does not start at once, or whose memory is kept count of.
    pub(super) draw: Draw,
    /// The other delivery of the same event.
    pub(super) twin: u32,
    /// Sequence number of its client timeout.
    pub(super) client_seq: u32,
    /// Throttled redeliveries of this attempt so far.
    pub(super) redeliveries: u32,
    /// Waits for the end of its event's age, not for a delivery.
    pub(super) ages_out: bool,
    /// When it ends (shared instances, in the I/O wait).
    pub(super) end: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Free,
    /// On an instance.
    Running,
    /// Until a retry or redelivery.
    Waiting,
    /// In the pending queue.
    Pending,
    /// Has left the pending queue, where its place remains until it comes up.
    Gone,
}
