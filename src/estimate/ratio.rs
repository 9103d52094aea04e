//! A rate as total over total across replications, such as attempts a request or mean billed time an invocation.

use super::Estimate;
use super::jackknife::jackknife;
use super::moments::sum;

/// Sum of the first over the sum of the second, over replications, with the jackknife interval. `None` where it is 0/0;
/// no interval if leaving out one replication leaves no denominator.
///
/// A replication without a denominator counts as one that saw nothing, so the mean of ratios' bias does not arise.
#[must_use]
pub fn ratio(totals: &[(f64, f64)]) -> Estimate {
    let top = sum(totals.iter().map(|t| t.0));
    let bottom = sum(totals.iter().map(|t| t.1));
    if bottom == 0.0 {
        return Estimate::none(totals.len());
    }
    jackknife(totals.len(), |out| match out {
        None => top / bottom,
        Some(i) => (top - totals[i].0) / (bottom - totals[i].1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_point_is_total_over_total() {
        let e = ratio(&[(1.0, 10.0), (9.0, 30.0), (2.0, 20.0)]);
        assert_eq!(e.mean, Some(0.2));
        assert!(e.lo.unwrap() < 0.2 && e.hi.unwrap() > 0.2);
    }

    #[test]
    fn nothing_over_nothing_is_none() {
        assert_eq!(ratio(&[(0.0, 0.0), (0.0, 0.0)]), Estimate::none(2));
        assert_eq!(ratio(&[]), Estimate::none(0));
        assert_eq!(ratio(&[(3.0, 4.0)]), Estimate::point(0.75, 1));
        // All in one replication: without it there is no ratio.
        assert_eq!(ratio(&[(3.0, 4.0), (0.0, 0.0)]), Estimate::point(0.75, 2));
    }
}
