//! The questions: run (and later sweep, compare, tune, plan).

pub mod result;
