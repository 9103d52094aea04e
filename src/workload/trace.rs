//! Recorded traffic.

/// A recorded trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace;
