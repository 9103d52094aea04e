//! What ends a study before its time: a newer one of the same page, a closed connection, the end of its budget.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// A wish to end, which can be waited for.
#[derive(Debug, Default)]
pub(super) struct Stop {
    asked: AtomicBool,
    told: Notify,
}

impl Stop {
    /// Asks to end.
    pub(super) fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
        self.told.notify_one();
    }

    /// Whether somebody asked.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Waits until somebody asks; one may wait.
    pub(super) async fn asked(&self) {
        while !self.is_asked() {
            self.told.notified().await;
        }
    }
}

/// The time that a study may take.
#[derive(Clone)]
pub(super) struct Budget {
    stop: Arc<Stop>,
    until: Option<Instant>,
}

impl Budget {
    /// From now on.
    pub(super) fn new(stop: Arc<Stop>, time: Duration) -> Self {
        Self { stop, until: Instant::now().checked_add(time) }
    }

    /// More of it, for something else.
    pub(super) fn renewed(&self, time: Duration) -> Self {
        Self::new(Arc::clone(&self.stop), time)
    }

    /// Whether nobody wants to know any more.
    pub(super) fn is_cancelled(&self) -> bool {
        self.stop.is_asked()
    }

    /// Whether it is time to end.
    pub(super) fn is_over(&self) -> bool {
        self.is_cancelled() || self.until.is_none_or(|until| Instant::now() >= until)
    }
}
