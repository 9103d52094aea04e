//! Laws fitted to measured values: by maximum likelihood, chosen by AIC, tested for goodness of fit.

pub mod choose;
pub mod families;
pub mod goodness;
mod likelihood;

pub use choose::{Fitted, law};
pub use families::{Family, Parameter};

/// Values that were rounded to a multiple of `step`, spread evenly over what was rounded to the same multiple, in rising
/// order. Likelihoods and distances of the spread values are those of the grouped ones up to the square of the step, and the
/// bootstrap rounds and spreads its own values alike, so that ties are held against no law.
#[must_use]
pub fn spread(values: &[f64], step: f64) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut from = 0;
    while from < sorted.len() {
        let value = sorted[from];
        let alike = sorted[from..].iter().take_while(|other| **other - value <= 0.5 * step).count();
        let (low, high) = ((value - 0.5 * step).max(0.0), value + 0.5 * step);
        for (i, place) in sorted[from..from + alike].iter_mut().enumerate() {
            *place = low + (high - low) * (i as f64 + 0.5) / alike as f64;
        }
        from += alike;
    }
    // What is not rounded at all may still be 0, of which there is no logarithm.
    sorted.iter_mut().for_each(|value| *value = value.max(1e-12));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_spread_over_their_step() {
        assert_eq!(spread(&[2.0, 1.0, 2.0, 0.0], 1.0), [0.25, 1.0, 1.75, 2.25]);
        assert_eq!(spread(&[0.3, 0.1], 0.0), [0.1, 0.3]);
    }
}
