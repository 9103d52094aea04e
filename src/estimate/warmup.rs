//! How much of a steady-state run to delete because it still remembers its start.

/// Observations averaged into one value before the test; the 5 of MSER-5.
pub const BATCH: usize = 5;

/// The start to delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncation {
    /// Observations to delete from the front.
    pub delete: usize,
    /// Whether the answer can be trusted: the best point lies in the first half. If not, the run is too short.
    pub settled: bool,
}

/// MSER-5 (White 1997, "An effective truncation heuristic for bias reduction in simulation output"; Franklin & White 2008,
/// "Stationarity tests and MSER-5"): delete the d batches that make the marginal standard error of the rest,
/// sum (x - mean)^2 / (m - d)^2, smallest. Deleting more than half of the run is not to be trusted, so those d are tried only
/// to tell that. Deterministic; ties go to the smaller d.
#[must_use]
pub fn mser5(observations: &[f64]) -> Truncation {
    let batches: Vec<f64> = observations.chunks_exact(BATCH).map(|c| c.iter().sum::<f64>() / BATCH as f64).collect();
    let m = batches.len();
    let mut best = (f64::INFINITY, 0);
    // From the back, mean and sum of squares around it (Welford 1962) of the batches d.. in one pass.
    let (mut mean, mut squares) = (0.0, 0.0);
    for d in (0..m).rev() {
        let kept = (m - d) as f64;
        let delta = batches[d] - mean;
        mean += delta / kept;
        squares += delta * (batches[d] - mean);
        // The last few batches are near each other by luck alone; White leaves out the last five.
        if m - d >= BATCH && squares / (kept * kept) <= best.0 {
            best = (squares / (kept * kept), d);
        }
    }
    Truncation { delete: best.1 * BATCH, settled: m >= 2 * BATCH && best.1 <= m / 2 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;

    fn noisy(n: usize, start: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut stream = Key::new(11, 0).stream();
        (0..n).map(|i| start(i) + stream.uniform()).collect()
    }

    #[test]
    fn a_decaying_start_is_deleted() {
        // Bias 20 exp(-i/100) falls below the noise's standard error (about 0.29 / sqrt(5)) near i = 500.
        let t = mser5(&noisy(5_000, |i| 20.0 * libm::exp(-(i as f64) / 100.0)));
        assert!(t.settled && (300..900).contains(&t.delete), "{t:?}");
    }

    #[test]
    fn a_stationary_run_is_kept_and_a_trend_is_not_trusted() {
        let flat = mser5(&noisy(5_000, |_| 0.0));
        assert!(flat.settled && flat.delete < 1_000, "{flat:?}");
        assert!(!mser5(&noisy(5_000, |i| i as f64 * 0.01)).settled);
        assert!(!mser5(&[1.0; 20]).settled);
        assert_eq!(mser5(&[1.0; 100]), Truncation { delete: 0, settled: true });
    }
}
