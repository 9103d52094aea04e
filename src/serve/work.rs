//! Work that takes longer than an answer may: off the threads that answer.

use super::problem::Problem;

/// Does something on a thread of its own. What panics is answered as a defect, and the server goes on.
pub(super) async fn aside<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(job).await.map_err(|_| Problem::internal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_answer() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let panicked = runtime.block_on(aside(|| -> u8 { panic!("as a test") }));
        assert_eq!(panicked.unwrap_err().status.as_u16(), 500);
        assert_eq!(runtime.block_on(aside(|| 7)), Ok(7));
    }
}
