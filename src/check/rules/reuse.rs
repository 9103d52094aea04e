//! Instances that are used again, and those that are not.

use super::{count, fine, seconds, share};
use crate::check::{Fact, Rule, Subject, Verdict};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "reuse/memory-growth",
        responsibility: "instance reuse",
        about: "Memory that grows with each invocation until the instance crashes.",
        source: "the scenario's `memory_growth` against its memory",
        judge: memory_growth,
    },
    Rule {
        id: "reuse/cache-lost",
        responsibility: "instance not reused",
        about: "Share of invocations that find their cache gone.",
        source: "a short simulation of the scenario",
        judge: cache_lost,
    },
    Rule {
        id: "freeze/background-lost",
        responsibility: "frozen after the response",
        about: "Work and log flushing after the response, which a frozen instance delays or loses.",
        source: "providers' guides: an instance is frozen after the response; a short simulation of the scenario",
        judge: background,
    },
    Rule {
        id: "concurrency/single-threaded",
        responsibility: "instance concurrency and runtime",
        about: "More than one invocation at once on a runtime that computes one at a time.",
        source: "event loop of Node.js, global locks of CPython and Ruby; processor sharing",
        judge: single_threaded,
    },
];

/// What share of the invocations sees what others left behind.
fn used(s: &Subject<'_>) -> String {
    let used = s.figures.as_ref().and_then(|f| f.reused);
    used.map_or_else(String::new, |used| format!(" {} of the invocations see a used environment.", share(used)))
}

fn memory_growth(s: &Subject<'_>) -> Vec<Verdict> {
    let growth = match s.demand.growth {
        Fact::Known(growth) if growth.0 == 0 => return fine(),
        Fact::Known(growth) => growth,
        Fact::Unknown => {
            let used = used(s);
            return Verdict::ask(
                "work.memory_growth",
                format!("Does an invocation leave state behind: memory, files in the temporary folder, globals?{used}"),
            );
        }
    };
    let Fact::Known(need) = s.demand.memory else {
        return Verdict::ask("work.memory", "How much memory does an invocation need besides what it leaves behind?");
    };
    let uses = s.memory.0.saturating_sub(need.0) / growth.0;
    vec![
        Verdict::warning("work.memory_growth", format!("each invocation leaves {growth} behind"))
            .effect(format!("An instance crashes for want of memory after about {} invocations.{}", count(uses as f64), used(s)))
            .remedy("Find what is kept in globals and temporary files, or end instances before they are full (`max_age`)."),
    ]
}

fn cache_lost(s: &Subject<'_>) -> Vec<Verdict> {
    let benefit = match s.demand.warm_benefit {
        Fact::Known(benefit) => benefit,
        Fact::Unknown => {
            return Verdict::ask(
                "work.warm_benefit",
                "Does it keep connections or caches between invocations, and what do they save?",
            );
        }
    };
    let Some(lost) = s.figures.as_ref().and_then(|f| f.reused).map(|used| 1.0 - used) else {
        return if benefit > 0.0 { Verdict::ask("", "How many invocations find their cache gone?") } else { fine() };
    };
    // A cache that is missing once in a hundred invocations does its work.
    if benefit <= 0.0 || lost < 0.01 {
        return fine();
    }
    vec![
        Verdict::warning("work.warm_benefit", format!("{} of the invocations find their cache gone", share(lost)))
            .effect(format!("They do all of the work, where the others save up to {}.", share(benefit)))
            .remedy("Keep the cache outside of the instance, or keep instances warm with `provisioned`."),
    ]
}

fn background(s: &Subject<'_>) -> Vec<Verdict> {
    let left = match s.demand.background_s {
        Fact::Known(left) if left <= 0.0 => return fine(),
        Fact::Known(left) => left,
        Fact::Unknown => {
            return Verdict::ask("work.background", "Does anything go on after the response, such as sending logs or metrics?");
        }
    };
    let lost = s
        .figures
        .as_ref()
        .map_or_else(String::new, |f| format!(" {} of it is lost with its instance.", share(f.background_lost)));
    vec![
        Verdict::warning("work.background", format!("{} of work a request goes on after the response", seconds(left)))
            .effect(format!("The instance is frozen meanwhile: it waits for the next request.{lost}"))
            .remedy("Finish it before the response, or hand it to a queue and another function."),
    ]
}

fn single_threaded(s: &Subject<'_>) -> Vec<Verdict> {
    let many = s.instance_concurrency;
    if many <= 1 {
        return fine();
    }
    let Fact::Known(single) = s.single_threaded else {
        return Verdict::ask("runtime", "Does its runtime run one thread at a time? Invocations share an instance.");
    };
    let Fact::Known(cpu) = s.demand.cpu_s else {
        return Verdict::ask("work.cpu", "How much does an invocation compute? Invocations share an instance.");
    };
    if !single || cpu <= s.demand.io_s {
        return fine();
    }
    let now = s
        .figures
        .as_ref()
        .and_then(|f| f.p99_s)
        .map_or_else(String::new, |p99| format!(" The p99 latency is {} now.", seconds(p99)));
    vec![
        Verdict::warning("instance_concurrency", format!("{many} invocations at once compute on one thread"))
            .effect(format!(
                "In a full instance the {} of computing take up to {}.{now}",
                seconds(cpu),
                seconds(cpu * f64::from(many))
            ))
            .remedy("Set `instance_concurrency` to 1, or take a runtime that computes on several threads."),
    ]
}
