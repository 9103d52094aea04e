//! The timeout against those who wait for it, what a hang costs, and the work itself.

use super::{fine, money, seconds, share};
use crate::check::{Fact, Rule, Subject, Verdict};
use crate::units::Span;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "timeout/longer-than-caller-waits",
        responsibility: "timeout",
        about: "A timeout that ends after the caller or its gateway has given up.",
        source: "the callers' `client_timeout`; rows `limits.caller.*` of the platform",
        judge: caller,
    },
    Rule {
        id: "timeout/visibility",
        responsibility: "timeout",
        about: "A queue that hands a message out again while it is still being handled.",
        source: "AWS Lambda guide on SQS sources: a visibility timeout of at least six times the function's",
        judge: visibility,
    },
    Rule {
        id: "timeout/hang-cost",
        responsibility: "timeout",
        about: "A timeout so long that invocations that hang are a large part of the bill.",
        source: "a short simulation of the scenario",
        judge: hang,
    },
    Rule {
        id: "timeout/shorter-than-work",
        responsibility: "timeout",
        about: "A timeout that cuts more than one in a hundred of the invocations.",
        source: "the scenario's work against its timeout",
        judge: work,
    },
];

/// The queue's visibility timeout over the function's timeout: a batch may be tried while it is throttled.
const VISIBILITY: i64 = 6;
/// Hangs that cost more than this share of the bill are worth a word.
const HANG_SHARE: f64 = 0.05;

fn timeout(s: &Subject<'_>) -> Result<Span, Vec<Verdict>> {
    match s.timeout {
        Fact::Known(timeout) => Ok(timeout),
        Fact::Unknown => Err(Verdict::ask("timeout", "What is its timeout, and does every caller wait that long?")),
    }
}

fn caller(s: &Subject<'_>) -> Vec<Verdict> {
    let timeout = match timeout(s) {
        Ok(timeout) => timeout,
        Err(question) => return question,
    };
    let gives_up = |key, who: String, after: Span| {
        Verdict::warning(key, format!("the timeout is {timeout}, and {who} waits {after}"))
            .effect("An invocation goes on, and is billed, after nobody waits for it any more.")
            .remedy(format!("Set the timeout below {after}, or answer at once and work asynchronously."))
    };
    let mut found = Vec::new();
    if let (true, Fact::Known(after)) = (s.calls.synchronous, s.calls.client_timeout)
        && after < timeout
    {
        found.push(gives_up("timeout", "a caller".into(), after));
    }
    for trigger in s.deployment.triggers.iter().flatten() {
        let key = format!("limits.caller.{}", trigger.kind);
        let (Some(after), Some(row)) = (s.platform.span(&s.region, &key), s.platform.row(&s.region, &key)) else { continue };
        if after < timeout {
            let who = format!("`{}` ({}, {}, confidence {})", trigger.kind, row.source, row.as_of, row.confidence.as_str());
            found.push(gives_up("timeout", who, after));
        }
    }
    let unknown = s.calls.synchronous && s.calls.client_timeout == Fact::Unknown && s.deployment.triggers.is_none();
    if found.is_empty() && unknown {
        return Verdict::ask("deployment.triggers", format!("Does every caller and gateway wait for {timeout}?"));
    }
    found
}

fn visibility(s: &Subject<'_>) -> Vec<Verdict> {
    let queue = |kind: &str| ["sqs", "mns", "queue", "rocketmq", "rabbitmq"].iter().any(|name| kind.contains(name));
    let Some(triggers) = &s.deployment.triggers else {
        return Verdict::ask("deployment.triggers", "Do queues call it, and is their visibility timeout six times its timeout?");
    };
    let queues: Vec<_> = triggers.iter().filter(|trigger| queue(&trigger.kind)).collect();
    if queues.is_empty() {
        return fine();
    }
    let timeout = match timeout(s) {
        Ok(timeout) => timeout,
        Err(question) => return question,
    };
    let mut found = Vec::new();
    for trigger in queues {
        let Some(visible) = trigger.visibility_timeout else {
            found.extend(Verdict::ask(
                "deployment.triggers",
                format!("What is the visibility timeout of the `{}` source?", trigger.kind),
            ));
            continue;
        };
        let wanted = Span(timeout.0.saturating_mul(VISIBILITY));
        if visible >= wanted {
            continue;
        }
        let verdict = if visible < timeout { Verdict::error } else { Verdict::warning };
        found.push(
            verdict("deployment.triggers", format!("messages are visible again after {visible}, and the timeout is {timeout}"))
                .effect(
                    "A message that is still being handled, or waits for a throttled function, is handed out and billed again.",
                )
                .remedy(format!("Raise the visibility timeout to {wanted}, or shorten the function's timeout.")),
        );
    }
    found
}

fn hang(s: &Subject<'_>) -> Vec<Verdict> {
    let timeout = match timeout(s) {
        Ok(timeout) => timeout,
        Err(question) => return question,
    };
    let Fact::Known(hang) = s.hang else {
        return Verdict::ask("faults.hang", format!("How often does an invocation hang until its timeout of {timeout}?"));
    };
    let Some(f) = s.figures.as_ref().filter(|f| f.bill > 0.0 && hang > 0.0) else { return fine() };
    let part = f.timeout_waste / f.bill;
    if part < HANG_SHARE {
        return fine();
    }
    let p99 = match s.demand.p99_s {
        Fact::Known(p99) => format!(" The work's p99 is {}.", seconds(p99)),
        Fact::Unknown => String::new(),
    };
    vec![
        Verdict::warning(
            "timeout",
            format!("invocations that run into the timeout of {timeout} are {} of the bill", share(part)),
        )
        .effect(format!("{} of {} a month.{p99}", money(f.timeout_waste, &f.currency), money(f.bill, &f.currency)))
        .remedy("Set the timeout closely above the p99 of the work, and a shorter one on each call to others."),
    ]
}

fn work(s: &Subject<'_>) -> Vec<Verdict> {
    let timeout = match timeout(s) {
        Ok(timeout) => timeout,
        Err(question) => return question,
    };
    let Fact::Known(p99) = s.demand.p99_s else {
        return Verdict::ask("work", format!("Is the p99 of its work below the timeout of {timeout}?"));
    };
    if p99 <= timeout.as_secs_f64() {
        return fine();
    }
    vec![
        Verdict::error("timeout", format!("the timeout is {timeout}, and the p99 of the work is {}", seconds(p99)))
            .effect("More than one in a hundred invocations is cut, billed, and failed or tried again.")
            .remedy("Raise the timeout above the p99, or give it more CPU."),
    ]
}
