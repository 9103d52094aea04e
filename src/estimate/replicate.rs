//! Runs replications in parallel, with results that do not depend on the number of threads.

use rayon::prelude::*;

/// The first checkpoint: fewer replications say too little about their own spread to stop on.
pub const FIRST_CHECKPOINT: usize = 10;

/// How many replications to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// That many.
    Fixed(usize),
    /// Until the stopping rule is satisfied at a checkpoint, at most that many.
    UpTo(usize),
}

/// What was run.
#[derive(Clone, Debug)]
pub struct Replications<R> {
    /// Results of replications 0, 1, 2, … without a gap.
    pub results: Vec<R>,
    /// Whether the plan was carried out; false after an interrupt.
    pub complete: bool,
}

/// The first checkpoint after n replications: 10, 15, 20, 30, 40, 60, 80, 120, …
#[must_use]
pub fn next_checkpoint(n: usize) -> usize {
    let mut at = FIRST_CHECKPOINT;
    while at <= n {
        if at + at / 2 > n {
            return at + at / 2;
        }
        at *= 2;
    }
    at
}

/// Runs replications `run(0)`, `run(1)`, … on all threads of the current rayon pool.
///
/// `done` sees all results so far, in order, at each checkpoint of `Plan::UpTo`, and says whether they are enough. `stop` is
/// asked before each replication (an interrupt, a time budget): once true no more are started, and the longest unbroken
/// front of finished ones is the result; `run` gives `None` for one that it broke off for the same reason. `progress` is told how many have finished.
pub fn replicate<R: Send>(
    plan: Plan,
    run: impl Fn(u64) -> Option<R> + Sync,
    mut done: impl FnMut(&[R]) -> bool,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize) + Sync),
) -> Replications<R> {
    let finished = std::sync::atomic::AtomicUsize::new(0);
    let mut results: Vec<R> = Vec::new();
    loop {
        let from = results.len();
        let to = match plan {
            Plan::Fixed(n) => n,
            Plan::UpTo(max) => next_checkpoint(from).min(max),
        };
        // Handed out one by one in order, so that an interrupt leaves few finished ones behind a gap.
        let mut batch: Vec<(usize, R)> = (from..to)
            .par_bridge()
            .filter(|_| !stop())
            .filter_map(|i| {
                let result = run(i as u64)?;
                progress(finished.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1);
                Some((i, result))
            })
            .collect();
        batch.sort_unstable_by_key(|(i, _)| *i);
        let unbroken = batch.into_iter().enumerate().take_while(|(k, (i, _))| from + k == *i);
        results.extend(unbroken.map(|(_, (_, result))| result));
        if results.len() < to {
            return Replications { results, complete: false };
        }
        let enough = match plan {
            Plan::Fixed(_) => true,
            Plan::UpTo(max) => done(&results) || to >= max,
        };
        if enough {
            return Replications { results, complete: true };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn on_threads<T: Send>(threads: usize, job: impl FnOnce() -> T + Send) -> T {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(job)
    }

    #[test]
    fn checkpoints_grow_by_half() {
        let mut at = vec![next_checkpoint(0)];
        (0..7).for_each(|_| at.push(next_checkpoint(at[at.len() - 1])));
        assert_eq!(at, [10, 15, 20, 30, 40, 60, 80, 120]);
        assert_eq!(next_checkpoint(17), 20);
    }

    #[test]
    fn the_same_for_any_number_of_threads() {
        let study = |threads| {
            let mut seen = Vec::new();
            let out = on_threads(threads, || {
                replicate(
                    Plan::UpTo(500),
                    |i| Some(i * i),
                    |r| {
                        seen.push(r.len());
                        r.len() >= 37
                    },
                    &|| false,
                    &|_| (),
                )
            });
            assert!(out.complete);
            (out.results, seen)
        };
        let one = study(1);
        assert_eq!(one.1, [10, 15, 20, 30, 40]);
        assert_eq!(one.0, (0..40).map(|i| i * i).collect::<Vec<u64>>());
        assert_eq!(one, study(2));
        assert_eq!(one, study(7));
    }

    #[test]
    fn the_most_is_the_most() {
        let out = replicate(Plan::UpTo(17), Some, |_| false, &|| false, &|_| ());
        assert_eq!((out.results.len(), out.complete), (17, true));
        assert_eq!(replicate(Plan::Fixed(3), Some, |_| false, &|| false, &|_| ()).results, [0, 1, 2]);
    }

    #[test]
    fn an_interrupt_leaves_an_unbroken_front() {
        for threads in [1, 4] {
            let interrupted = AtomicBool::new(false);
            let run = |i: u64| {
                if i == 6 {
                    interrupted.store(true, Ordering::SeqCst);
                }
                (i != 7).then_some(i) // broken off
            };
            let stop = || interrupted.load(Ordering::SeqCst);
            let out = on_threads(threads, || replicate(Plan::Fixed(50_000), run, |_| true, &stop, &|_| ()));
            assert!(!out.complete && out.results.len() < 8);
            assert!(out.results.iter().enumerate().all(|(k, i)| k as u64 == *i));
        }
    }
}
