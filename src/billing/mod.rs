//! From metered usage to an invoice. A price book turns a function's configuration into units of priced items (for Function
//! Compute one item, the CU); `usage` adds up a month of them from hourly meters, with the round-up and the minimum charge
//! of each function-hour; `invoice` prices the month through free tier and price tiers. Nothing here knows an event.

pub mod book;
pub mod break_even;
pub mod ceiling;
pub mod component;
pub mod invoice;
pub mod money;
pub mod usage;
pub mod usage_file;

#[cfg(test)]
mod worked_bills;
