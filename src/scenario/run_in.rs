//! The default run-in of a warm start.

use super::simulation::LONGEST_RUN_IN;
use super::{Function, KeepAlive};
use crate::units::Span;

const HOUR: Span = Span::from_secs(3_600);
const SHORTEST: Span = Span::from_secs(600);

/// How the default comes about, for `explain`.
pub(super) const RULE: &str = "the largest of 2 x keep-alive, 3 x timeout up to 1h, and 10min, at most 2h";

/// How that of a steady-state study comes about, for `explain`.
pub(super) const STEADY_RULE: &str = "the transient that pilot runs show (MSER-5), at most 2h";

/// The largest over all functions of 2 x keep-alive (forever counts as 0) and 3 x timeout (at most 1 h); at least 10 min, at
/// most 2 h.
pub(super) fn default(functions: &[Function]) -> Span {
    let of = |function: &Function| {
        let timeout = Span(function.timeout.0.min(HOUR.0) * 3).min(HOUR);
        let keep_alive = keep_alive(&function.keep_alive).min(LONGEST_RUN_IN);
        Span(2 * keep_alive.0).max(timeout)
    };
    functions.iter().map(of).fold(SHORTEST, Span::max).min(LONGEST_RUN_IN)
}

/// The keep-alive that counts: of a drawn one the 99th percentile, or its mean where that is not finite.
fn keep_alive(keep_alive: &KeepAlive) -> Span {
    let span = match keep_alive {
        KeepAlive::Constant(span) => *span,
        KeepAlive::Drawn(drawn) => {
            let p99 = drawn.quantile(0.99);
            Span::from_secs_f64(if p99.is_finite() { p99 } else { drawn.mean() })
        }
    };
    if span.is_forever() { Span::ZERO } else { span }
}
