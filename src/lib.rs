//! `faascast` forecasts what a function configuration will cost, what it will throttle and how available it will be.

pub mod billing;
pub mod cli;
pub mod diagnostic;
pub mod engine;
pub mod estimate;
pub mod histogram;
pub mod platform;
pub mod random;
pub mod report;
pub mod scenario;
pub mod study;
pub mod units;
pub mod workload;
