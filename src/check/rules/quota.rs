//! Quotas: what stops the bill of a bad day.

use super::fine;
use crate::check::{Fact, Rule, Subject, Verdict};
use crate::scenario::Limit;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "quota/none",
        responsibility: "quota",
        about: "No quota of the function's own: the ceiling in money an hour and a day.",
        source: "the ceiling: all instances that the quotas allow, busy, at the platform's prices",
        judge: none,
    },
    Rule {
        id: "quota/reserved-against-account",
        responsibility: "quota",
        about: "Reserved and provisioned instances against the account's limit.",
        source: "the scenario's `reserved` and `provisioned` against `[account]`",
        judge: reserved,
    },
];

/// Reservations above this share of the account's limit leave little to all other functions.
const NEAR: f64 = 0.9;

fn none(s: &Subject<'_>) -> Vec<Verdict> {
    let quota = match s.quota {
        Fact::Known(quota) => quota,
        Fact::Unknown => return Verdict::ask("max_instances", "How many instances may it have at most?"),
    };
    if quota != Limit::Unlimited {
        return fine();
    }
    let ceiling = s.figures.as_ref().map_or_else(
        || "What it can burn was not simulated.".to_owned(),
        |f| match &f.ceiling {
            Some((hour, day)) => {
                let currency = &f.currency;
                format!("All functions together can burn {hour} {currency} an hour and {day} {currency} a day: the account's limit is all that stops it.")
            }
            None => "Nothing stops the bill: neither a quota nor a limit of the account.".to_owned(),
        },
    );
    vec![
        Verdict::warning("max_instances", "the function has no quota of its own")
            .effect(format!("{ceiling} A retry loop also takes the instances of all other functions."))
            .remedy("Set `max_instances` (or `max_concurrency`) to the peak of a good day with some room."),
    ]
}

fn reserved(s: &Subject<'_>) -> Vec<Verdict> {
    let Fact::Known((taken, limit)) = s.shared else {
        return Verdict::ask("reserved", "What is the account's limit, and how much of it is reserved or provisioned?");
    };
    let Limit::At(limit) = limit else { return fine() };
    if taken == 0 || (taken as f64) <= NEAR * limit as f64 {
        return fine();
    }
    let verdict = if taken > limit { Verdict::error } else { Verdict::warning };
    let effect = if taken > limit {
        "The platform refuses some of it."
    } else {
        "All other functions share what is left, and are throttled."
    };
    vec![
        verdict("reserved", format!("{taken} instances are reserved or provisioned, and the account's limit is {limit}"))
            .effect(effect)
            .remedy("Reserve less, or have the account's limit raised."),
    ]
}
