//! Asynchronous events: delivered at least once.

use super::{count, fine};
use crate::check::{Fact, Rule, Subject, Verdict};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "async/at-least-once",
        responsibility: "async at least once",
        about: "Events that are handled twice where that does harm, with the retries and duplicates expected a month.",
        source: "providers' guides: asynchronous events are delivered at least once; a short simulation of the scenario",
        judge: at_least_once,
    },
    Rule {
        id: "async/no-dead-letter",
        responsibility: "async at least once",
        about: "No place for events that are given up.",
        source: "providers' guides on dead-letter targets",
        judge: dead_letter,
    },
    Rule {
        id: "async/event-age",
        responsibility: "async at least once",
        about: "Events that grow too old before their last retry.",
        source: "the scenario's `max_event_age` against its `retries` and `delays`",
        judge: event_age,
    },
];

fn at_least_once(s: &Subject<'_>) -> Vec<Verdict> {
    if !s.calls.asynchronous {
        return fine();
    }
    let expected = s.figures.as_ref().map_or_else(String::new, |f| {
        format!("{} retries and {} duplicates are expected a month.", count(f.retries), count(f.duplicates))
    });
    match s.deployment.idempotent {
        Some(true) => fine(),
        Some(false) => vec![
            Verdict::error("deployment.idempotent", "events are delivered at least once, and handling one twice does harm")
                .effect(expected)
                .remedy("Keep the id of each handled event, and do nothing for one that is known."),
        ],
        None => Verdict::ask("deployment.idempotent", format!("Does it no harm to handle an event twice? {expected}").trim()),
    }
}

fn dead_letter(s: &Subject<'_>) -> Vec<Verdict> {
    if !s.calls.asynchronous {
        return fine();
    }
    match s.dead_letter {
        Fact::Known(true) => fine(),
        Fact::Known(false) => vec![
            Verdict::warning("async.dead_letter", "events that are given up are gone")
                .effect("After the last retry, or when it is too old, nobody learns of an event.")
                .remedy("Set a dead-letter target, and an alarm on it."),
        ],
        Fact::Unknown => Verdict::ask("async.dead_letter", "Where do events go that are given up?"),
    }
}

fn event_age(s: &Subject<'_>) -> Vec<Verdict> {
    if !s.calls.asynchronous {
        return fine();
    }
    let Fact::Known((schedule, age)) = s.event_age else {
        return Verdict::ask("async.max_event_age", "How old may an event become, and how often is it retried?");
    };
    if age >= schedule {
        return fine();
    }
    vec![
        Verdict::warning(
            "async",
            format!("events are dropped at the age of {age}, and their last retry starts after {schedule}"),
        )
        .effect("Retries that are paid for in the settings never happen.")
        .remedy("Raise `max_event_age` above the retry schedule, or retry less."),
    ]
}
