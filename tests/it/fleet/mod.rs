//! Traces of many functions, and the fleets made of them.

mod alone;
mod broken;
mod example;
mod readers;

use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

use crate::desk::{Desk, talk, text};

/// A recorded file; a test without it fails.
pub(super) fn recorded(path: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/examples/traces").join(path);
    assert!(path.is_file(), "{} is missing", path.display());
    path
}

pub(super) fn fleet(desk: &Desk, arguments: &[&str]) -> Output {
    desk.call(&[&["fleet"], arguments].concat())
}

/// The fleet as JSON.
pub(super) fn simulated(desk: &Desk, arguments: &[&str]) -> Value {
    let output = fleet(desk, &[arguments, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", talk(&output));
    serde_json::from_str(&text(&output)).unwrap()
}

/// Two applications with three functions, an invocation a row, in no order.
pub(super) fn invocations() -> String {
    let mut rows = String::from("app,func,end_timestamp,duration\n");
    for i in 0..600_u64 {
        let (app, f) = [("a", "f"), ("a", "g"), ("b", "f")][(i % 7 % 3) as usize];
        let duration = (i % 17) as f64 / 8.0 + 0.05;
        rows += &format!("{app},{f},{},{duration}\n", (i * i * 7919 % 3600) as f64 * 0.97 + duration + 1.0);
    }
    rows
}

/// Three functions with counts of two hours.
pub(super) fn counts() -> String {
    let mut rows = String::from("HashOwner,HashApp,HashFunction,Trigger");
    (1..=120).for_each(|minute| rows += &format!(",{minute}"));
    for (name, trigger, every, count) in [("busy", "http", 1, 40), ("cron", "timer", 15, 1), ("burst", "queue", 60, 300)] {
        rows += &format!("\no,app-{name},{name},{trigger}");
        (0..120).for_each(|minute| {
            rows += if minute % every == 0 {
                [",1", ",40", ",300"][match count {
                    1 => 0,
                    40 => 1,
                    _ => 2,
                }]
            } else {
                ",0"
            }
        });
    }
    rows + "\n"
}
