//! Who may simulate, and when: a few studies at once, a few that wait, one for each page that is open. More are told to come
//! back, so that neither time nor memory is without bound.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;
use super::stop::Stop;
use super::work::aside;

/// Studies at once. Each has threads of its own, so that a long one does not hold up a first look.
const RUNNING: usize = 2;
/// Studies that are running or waiting.
const PLACES: usize = 8;

/// Where studies are handed in.
pub(super) struct Desk {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    /// Threads that no study uses.
    pools: Mutex<Vec<ThreadPool>>,
    threads: usize,
    /// The study of each page, to end it when the page asks for another.
    clients: Mutex<BTreeMap<String, Arc<Stop>>>,
}

/// A place for one study.
pub(super) struct Seat {
    desk: Arc<Desk>,
    client: Option<String>,
    pub(super) stop: Arc<Stop>,
    _place: OwnedSemaphorePermit,
}

/// A lock that a panic elsewhere does not spoil: what is behind it is whole at every step.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    /// `threads` for each study; 0 is one a processor.
    pub(super) fn new(threads: usize) -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(PLACES)),
            turns: Arc::new(Semaphore::new(RUNNING)),
            pools: Mutex::new(Vec::new()),
            threads,
            clients: Mutex::new(BTreeMap::new()),
        })
    }

    /// Studies that are running or waiting.
    pub(super) fn studies(&self) -> usize {
        PLACES - self.places.available_permits()
    }

    /// A place, if there is one. An older study of the same client is asked to end.
    pub(super) fn seat(self: &Arc<Self>, client: Option<String>) -> Result<Seat, Problem> {
        let stop = Arc::new(Stop::default());
        if let Some(older) = client.as_ref().and_then(|client| locked(&self.clients).remove(client)) {
            older.ask();
        }
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            let message = format!("{PLACES} studies are running or waiting already");
            Problem::new(StatusCode::TOO_MANY_REQUESTS, message, "Wait for them, or close other pages.")
        })?;
        if let Some(client) = &client {
            locked(&self.clients).insert(client.clone(), Arc::clone(&stop));
        }
        Ok(Seat { desk: Arc::clone(self), client, stop, _place: place })
    }

    /// Threads for a study, to be brought back.
    fn pool(&self) -> Result<ThreadPool, Problem> {
        let free = locked(&self.pools).pop();
        free.map_or_else(|| ThreadPoolBuilder::new().num_threads(self.threads).build().map_err(|_| Problem::internal()), Ok)
    }
}

impl Seat {
    /// Does the study when it is its turn, on threads of its own; `None` if it was asked to end before.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Option<Result<T, Problem>> {
        let turn = tokio::select! {
            biased;
            () = self.stop.asked() => return None,
            turn = Arc::clone(&self.desk.turns).acquire_owned() => turn.ok()?,
        };
        let desk = Arc::clone(&self.desk);
        let done = aside(move || {
            let pool = desk.pool()?;
            let done = catch_unwind(AssertUnwindSafe(|| pool.install(job)));
            locked(&desk.pools).push(pool);
            // Here, and not where the answer is waited for: that may have been given up long before.
            drop(turn);
            done.unwrap_or_else(|_| Err(Problem::internal()))
        });
        Some(done.await.unwrap_or_else(Err))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Where nobody waits for the answer any more.
        self.stop.ask();
        let Some(client) = &self.client else { return };
        let mut clients = locked(&self.desk.clients);
        if clients.get(client).is_some_and(|stop| Arc::ptr_eq(stop, &self.stop)) {
            clients.remove(client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn a_panic_in_a_simulation_is_answered_and_the_next_study_runs() {
        let desk = Desk::new(2);
        run(async {
            for _ in 0..3 {
                let seat = desk.seat(None).unwrap();
                let panicked = seat.run(|| -> Result<u8, Problem> { panic!("as a test") }).await.unwrap();
                assert_eq!(panicked.unwrap_err().status, StatusCode::INTERNAL_SERVER_ERROR);
            }
            let threads = desk.seat(None).unwrap().run(|| Ok(rayon::current_num_threads())).await.unwrap();
            assert_eq!(threads, Ok(2));
        });
        assert_eq!(desk.studies(), 0);
    }

    #[test]
    fn a_newer_study_of_a_client_ends_the_older_one() {
        let desk = Desk::new(1);
        let older = desk.seat(Some("a".into())).unwrap();
        let other = desk.seat(Some("b".into())).unwrap();
        let newer = desk.seat(Some("a".into())).unwrap();
        assert!(older.stop.is_asked() && !other.stop.is_asked() && !newer.stop.is_asked());
        drop(older);
        drop(desk.seat(Some("a".into())).unwrap());
        assert!(newer.stop.is_asked(), "the older one's end did not hide it");
    }

    #[test]
    fn places_are_bounded_and_come_free() {
        let desk = Desk::new(1);
        let mut seats: Vec<Seat> = (0..PLACES).map(|_| desk.seat(None).unwrap()).collect();
        assert_eq!(desk.seat(None).err().map(|problem| problem.status), Some(StatusCode::TOO_MANY_REQUESTS));
        seats.pop();
        assert!(desk.seat(None).is_ok());
    }

    #[test]
    fn who_waits_can_be_told_to_go() {
        let desk = Desk::new(1);
        run(async {
            let seat = desk.seat(None).unwrap();
            let _turns = Arc::clone(&desk.turns).acquire_many_owned(u32::try_from(RUNNING).unwrap()).await.unwrap();
            let stop = Arc::clone(&seat.stop);
            let waiting = tokio::spawn(async move { seat.run(|| Ok(())).await });
            stop.ask();
            assert_eq!(waiting.await.unwrap(), None);
        });
        assert_eq!(desk.studies(), 0);
    }
}
