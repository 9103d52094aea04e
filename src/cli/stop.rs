//! What ends a run early: Ctrl-C, and the time it may take.

use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::exit::{Exit, Failure};
use super::terminal::Terminal;
use crate::units::Span;

/// A time budget ends a run only after this many replications: fewer give no interval.
const LEAST: usize = 2;

/// Watches the keyboard and the clock.
pub(super) struct Watch {
    interrupted: Arc<AtomicBool>,
    out_of_time: AtomicBool,
    finished: AtomicUsize,
    until: Option<Instant>,
}

impl Watch {
    /// Starts watching. The first Ctrl-C asks the run to end, the second ends the program.
    pub(super) fn start(max_time: Option<Span>, terminal: Terminal) -> Result<Self, Failure> {
        let budget = max_time.filter(|span| !span.is_forever()).map(|span| Duration::from_nanos(span.0.unsigned_abs()));
        Ok(Self {
            interrupted: on_interrupt(terminal)?,
            out_of_time: AtomicBool::new(false),
            finished: AtomicUsize::new(0),
            until: budget.and_then(|budget| Instant::now().checked_add(budget)),
        })
    }

    /// Notes that this many replications are done.
    pub(super) fn finished(&self, replications: usize) {
        self.finished.fetch_max(replications, Ordering::Relaxed);
    }

    /// Whether no further replication is to be started.
    pub(super) fn should_stop(&self) -> bool {
        let late = self.until.is_some_and(|until| Instant::now() >= until);
        if late && self.finished.load(Ordering::Relaxed) >= LEAST {
            self.out_of_time.store(true, Ordering::Relaxed);
        }
        self.out_of_time.load(Ordering::Relaxed) || self.interrupted()
    }

    /// Whether the user asked to end.
    pub(super) fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// A second signal this soon is the same key: some programs send it to the process and again to its group.
const SAME_KEY: Duration = Duration::from_millis(500);

/// The process's one handler; asking twice gives the same flag.
fn on_interrupt(terminal: Terminal) -> Result<Arc<AtomicBool>, Failure> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(flag) = FLAG.get() {
        return Ok(Arc::clone(flag));
    }
    let flag = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&flag);
    let mut first = None;
    let handler = move || {
        let since = first.get_or_insert_with(Instant::now).elapsed();
        match seen.swap(true, Ordering::Relaxed) {
            false => terminal.talk("Stopping when the replications that are running are done; Ctrl-C again ends at once."),
            #[expect(clippy::exit, reason = "the second Ctrl-C does not wait for anything")]
            true if since > SAME_KEY => process::exit(Exit::Interrupted as i32),
            true => {}
        }
    };
    ctrlc::set_handler(handler).map_err(Failure::internal)?;
    Ok(Arc::clone(FLAG.get_or_init(|| flag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_waits_for_two_replications() {
        let terminal = Terminal::quiet();
        let watch = Watch::start(Some(Span::ZERO), terminal).unwrap();
        watch.finished(1);
        assert!(!watch.should_stop());
        watch.finished(2);
        assert!(watch.should_stop() && !watch.interrupted());
        assert!(!Watch::start(None, terminal).unwrap().should_stop());
        assert!(!Watch::start(Some(Span::FOREVER), terminal).unwrap().should_stop());
    }
}
