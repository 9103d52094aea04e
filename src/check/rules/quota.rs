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
        id: "quota/compute-pool",
        responsibility: "quota",
        about: "A quota of instances that the account's pool of vCPU and memory cannot hold.",
        source: "rows `limits.pool.*` of the platform",
        judge: pool,
    },
    Rule {
        id: "quota/reserved-against-account",
        responsibility: "quota",
        about: "Reserved and provisioned instances against the account's limit.",
        source: "the scenario's `reserved` and `provisioned` against `[account]`",
        judge: reserved,
    },
];

/// The pool's vCPU or memory against what the quota allows.
fn pool(s: &Subject<'_>) -> Vec<Verdict> {
    let (Some(vcpu), Some(memory)) =
        (s.platform.number(&s.region, "limits.pool.vcpu"), s.platform.bytes(&s.region, "limits.pool.memory"))
    else {
        return fine();
    };
    let Limit::At(size) = s.quota else {
        return Verdict::ask("max_instances", format!("Does the peak fit into the account's pool of {vcpu} vCPU and {memory}?"));
    };
    let row =
        s.platform.row(&s.region, "limits.pool.vcpu").map_or_else(String::new, |row| format!("{}, {}", row.source, row.as_of));
    let (by_vcpu, by_memory) = (vcpu / s.vcpu, memory.0 as f64 / s.memory.0.max(1) as f64);
    let fit = by_vcpu.min(by_memory).floor();
    if size as f64 <= fit {
        return fine();
    }
    vec![
        Verdict::warning(
            "max_instances",
            format!("the quota is {size} instances, and the account's pool in {} holds {fit}", s.region),
        )
        .effect(format!("The pool has {vcpu} vCPU and {memory} ({row}): beyond it instances are refused before the quota binds."))
        .remedy("Have the pool raised, spread over regions, or make instances smaller."),
    ]
}

/// Reservations above this share of the account's limit leave little to all other functions.
const NEAR: f64 = 0.9;

fn none(s: &Subject<'_>) -> Vec<Verdict> {
    if s.quota != Limit::Unlimited {
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
