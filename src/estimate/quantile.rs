//! A quantile of all observations pooled over replications.

use super::Estimate;
use super::jackknife::jackknife;
use crate::histogram::{Histogram, quantile_of};

/// The q-quantile in seconds of the pool of all replications, with its interval. `None` if nothing was observed.
#[must_use]
pub fn quantile(replications: &[&Histogram], q: f64) -> Estimate {
    let mut pool = Histogram::new();
    replications.iter().for_each(|h| pool.merge(h));
    jackknife(replications.len(), |out| {
        let left_out: Vec<&Histogram> = out.iter().map(|i| replications[*i]).collect();
        quantile_of(&[&pool], &left_out, q).map_or(f64::NAN, crate::units::Span::as_secs_f64)
    })
}
