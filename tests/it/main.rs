//! One integration binary, a module a subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that panics fails, and says in what state"
)]

mod bad_input;
mod bills;
mod calibrate;
mod calibrated;
#[path = "../nightly/cases.rs"]
mod cases;
mod check;
mod cli;
mod coverage;
mod desk;
mod determinism;
mod examples;
mod fleet;
mod import;
mod import_more;
#[path = "../nightly/loss.rs"]
#[allow(dead_code, reason = "the nightly studies use all of it")]
mod loss;
mod measured;
mod mechanisms;
mod platforms;
mod prices_only;
mod properties;
mod questions;
mod reading;
#[path = "../nightly/round_trip.rs"]
mod round_trip;
mod sampling;
#[cfg(feature = "serve")]
mod serve;
mod support;
mod systems;
pub(crate) mod theory;
mod tidy;
#[path = "../nightly/truth.rs"]
#[allow(dead_code, reason = "the nightly studies use all of it")]
mod truth;
mod tune;
mod vendor_bills;
#[path = "../nightly/windows.rs"]
#[allow(dead_code, reason = "the nightly study uses all of it")]
mod windows;
