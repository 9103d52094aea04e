//! Synthetic logs of a known scenario, as its platform would write them: what `calibrate` reads. One replication, one file a
//! function.

use std::fmt::Write;

use jiff::Timestamp;

use crate::engine::{self, AttemptOutcome, Logged};
use crate::random::Key;
use crate::scenario::{Function, Invoke, Scenario};
use crate::units::NANOS;

/// Clock 0 in the logs: Monday, 2026-01-05 00:00 UTC, in seconds since 1970.
const CLOCK_ZERO: i64 = 1_767_571_200;

/// A log: the name of its file and its text.
pub type LogFile = (String, String);

/// Simulates a replication and writes its logs.
#[must_use]
pub fn emit(scenario: &Scenario, replication: u64) -> Vec<LogFile> {
    let (_, log) = engine::run_logged(scenario, scenario.simulation.seed, replication);
    let mut files = Vec::new();
    for (index, function) in scenario.functions.iter().enumerate() {
        let mut lines: Vec<(i64, String)> = Vec::new();
        for entry in log.iter().filter(|entry| entry.function == index) {
            if scenario.platform == "alibaba-fc" {
                fc(&mut lines, scenario, function, entry);
            } else {
                report(&mut lines, scenario, function, entry);
            }
        }
        // By time; what an invocation writes at the same time stays in its order.
        lines.sort_by_key(|line| line.0);
        let text = lines.into_iter().fold(String::new(), |mut text, (_, line)| {
            text.push_str(&line);
            text.push('\n');
            text
        });
        files.push((format!("{}.log", function.name), text));
    }
    files
}

/// A time as logs write it, to the millisecond.
fn time(nanos: i64) -> String {
    let at = Timestamp::from_nanosecond(i128::from(CLOCK_ZERO) * i128::from(NANOS) + i128::from(nanos)).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The platform keeps the id of an event over its retries; a caller that tries again gets a new one.
fn request(scenario: &Scenario, entry: &Logged) -> String {
    let asynchronous = scenario.traffic.get(entry.source).is_some_and(|source| source.invoke == Invoke::Async);
    let key = entry.request.name("request id").with(if asynchronous { 0 } else { u64::from(entry.attempt) });
    let mut stream = key.stream();
    let (a, b) = (stream.bits(), stream.bits());
    format!("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", a >> 32, (a >> 16) & 0xffff, a & 0xffff, b >> 48, b & 0xffff_ffff_ffff)
}

fn instance(function: &Function, entry: &Logged) -> String {
    let mut stream = Key::new(0, 0).name(&function.name).with(entry.instance).stream();
    format!("{:016x}{:016x}", stream.bits(), stream.bits())
}

fn ms(nanos: i64) -> f64 {
    nanos as f64 / 1e6
}

/// Most memory in use, in MB: the mean need of an invocation, where needs differ.
fn used(function: &Function) -> u64 {
    let need = function.work.base_memory.0 as f64 + function.work.memory.mean();
    ((need / 1_048_576.0).ceil() as u64).clamp(1, function.memory.as_mib() as u64)
}

fn status(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Timeout => "timeout",
        AttemptOutcome::Error | AttemptOutcome::Crash | AttemptOutcome::InitFailure => "error",
        _ => "",
    }
}

/// START, END and REPORT of AWS Lambda.
fn report(lines: &mut Vec<(i64, String)>, scenario: &Scenario, function: &Function, entry: &Logged) {
    if entry.outcome == AttemptOutcome::InitFailure {
        return;
    }
    let (id, instance) = (request(scenario, entry), instance(function, entry));
    let day = time(entry.ready).get(..10).unwrap_or_default().replace('-', "/");
    let stream = format!("{day}/[$LATEST]{instance}");
    lines.push((entry.ready, format!("{} {stream} START RequestId: {id} Version: $LATEST", time(entry.ready))));
    lines.push((entry.end, format!("{} {stream} END RequestId: {id}", time(entry.end))));
    let mut line = format!(
        "{} {stream} REPORT RequestId: {id}\tDuration: {:.2} ms\tBilled Duration: {:.0} ms\tMemory Size: {:.0} MB\tMax Memory Used: {} MB\t",
        time(entry.end),
        ms(entry.end - entry.ready),
        ms(entry.billed.0),
        function.memory.as_mib(),
        used(function)
    );
    if entry.cold {
        let _ = write!(line, "Init Duration: {:.2} ms\t", ms(entry.ready - entry.start));
    }
    if !status(entry.outcome).is_empty() {
        let _ = write!(line, "Status: {}", status(entry.outcome));
    }
    lines.push((entry.end, line));
}

/// The summary line of Alibaba Cloud Function Compute.
fn fc(lines: &mut Vec<(i64, String)>, scenario: &Scenario, function: &Function, entry: &Logged) {
    let (id, instance) = (request(scenario, entry), instance(function, entry));
    let mut line = format!(
        "{} c-{instance} Function: {} FC Invoke End RequestId: {id}, Duration: {:.2} ms, Billed Duration: {:.0} ms, Memory Size: {:.0} MB, Max Memory Used: {:.2} MB",
        time(entry.end),
        function.name,
        ms(entry.end - entry.ready),
        ms(entry.billed.0),
        function.memory.as_mib(),
        used(function) as f64
    );
    if entry.cold {
        let _ = write!(line, ", Init Duration: {:.2} ms", ms(entry.ready - entry.start));
    }
    if !status(entry.outcome).is_empty() {
        let _ = write!(line, ", Status: {}", status(entry.outcome));
    }
    lines.push((entry.end, line));
}
