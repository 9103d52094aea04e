//! Stochastic inputs: arrivals, profiles, service times, traces. Pure: the same keys give the same draws.

pub mod arrivals;
pub mod distribution;
mod exp;
pub mod intensity;
pub mod profile;
pub mod trace;
pub mod ziggurat;
