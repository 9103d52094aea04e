//! `faascast` forecasts what a function configuration will cost, what it will throttle and how available it will be, before
//! anyone deploys it: it replays traffic, with errors and retries, against timeouts, memory, concurrency and quotas, prices
//! every millisecond by the platform's own rules, and says how sure it is.
//!
//! # From a scenario to a forecast
//!
//! A scenario is text: what runs where, and what arrives. [`scenario::read`] turns it into a [`scenario::Scenario`] with every
//! default filled in, or into all that is wrong with it.
//!
//! ```
//! use faascast::scenario::{self, Files};
//!
//! /// Scenarios may name files, such as traces. This one has none.
//! struct NoFiles;
//! impl Files for NoFiles {
//!     fn read(&self, path: &str) -> Result<Vec<u8>, String> {
//!         Err(format!("there is no {path}"))
//!     }
//! }
//!
//! let text = r#"
//!     platform = "generic"
//!     [simulation]
//!     horizon = "1h"
//!     replications = 10
//!     [functions.thumbnail]
//!     memory = "1 GiB"
//!     timeout = "2s"
//!     work = { io = "100ms" }
//!     faults = { hang = "1%" }
//!     [[traffic]]
//!     to = "thumbnail"
//!     arrivals = { poisson = "10/s" }
//! "#;
//! let resolved = scenario::read(text, "thumbnail.toml", &[], &NoFiles).expect("the scenario is valid");
//! assert_eq!(resolved.scenario.functions[0].memory.to_string(), "1 GiB");
//!
//! // What is wrong with a file is said with its place and a remedy, all of it at once.
//! let wrong = scenario::read(&text.replace("timeout", "timeuot"), "thumbnail.toml", &[], &NoFiles).unwrap_err();
//! assert_eq!((wrong[0].line, wrong[0].hints[0].as_str()), (8, "Did you mean `timeout`?"));
//!
//! // A study runs the replications and estimates. It looks at no clock and no file, and prints nothing.
//! use faascast::study::{self, Context};
//! let context = Context {
//!     platform: &resolved.platform,
//!     assumptions: Vec::new(),
//!     today: "2026-11-24".to_owned(),
//!     stop: &|| false,
//!     progress: &|_done| (),
//! };
//! let result = study::run(&resolved.scenario, &context).expect("the study is done");
//!
//! // Every figure is an estimate with its interval. 99 % of the requests take 0.1 s, and 1 % the 2 s of the timeout:
//! // 0.119 s billed on average, which costs 57.4 USD a month at 10 requests a second.
//! let billed = result.functions["thumbnail"].billed_s.per_invocation;
//! assert!(billed.lo < Some(0.119) && Some(0.119) < billed.hi);
//! let fee = result.fee.month;
//! let exact = 10.0 * 3600.0 * 730.0 * (0.119 * 0.000_016_666_7 + 0.000_000_2);
//! assert!(fee.lo < Some(exact) && Some(exact) < fee.hi);
//!
//! // Reports are strings and bytes.
//! assert!(faascast::report::text::summary(&result, 100, false).contains("Fee a month"));
//! ```
//!
//! # Where to look
//!
//! [`units`], [`random`], [`histogram`] and [`diagnostic`] are used everywhere. [`platform`] has facts about providers and
//! [`workload`] what arrives and how long it takes; a [`scenario`] is made of both. The [`engine`] simulates one replication
//! and meters it, [`billing`] prices what was metered, [`estimate`] turns replications into intervals, and a [`study`] puts the
//! three together. [`import`] makes scenarios of deployment files. [`report`] shows the result, and [`cli`] is the program; the
//! feature `serve` (on by default) adds the page.

pub mod billing;
pub mod calibrate;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod engine;
pub mod estimate;
pub mod histogram;
pub mod import;
pub mod platform;
pub mod random;
pub mod report;
pub mod scenario;
#[cfg(feature = "serve")]
pub mod serve;
pub mod study;
pub mod units;
pub mod workload;
