//! One integration binary, a module a subject.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod cli;
mod coverage;
mod support;
mod tidy;
mod theory;
