//! Long studies, not part of `cargo test`: `cargo test --release --test nightly -- --nocapture`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests; what they find is printed"
)]

mod calibrate;
mod cases;
mod compare;
mod loss;
mod rare;
#[path = "../it/reading.rs"]
mod reading;
mod round_trip;
mod sampling;
mod truth;
mod tune;
mod windows;
