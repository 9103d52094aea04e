//! Support of the runtime: by its community, and by the platform.

use jiff::civil::Date;

use super::fine;
use crate::check::{Fact, Rule, Subject, Verdict};
use crate::platform::support::{Support, support};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "runtime/community-support",
        responsibility: "runtime support",
        about: "A runtime that its community no longer mends, or soon will not.",
        source: "endoflife.date tables, in data/runtimes.toml with their dates",
        judge: community,
    },
    Rule {
        id: "runtime/platform-support",
        responsibility: "runtime support",
        about: "A runtime that the platform deprecates, and from when functions with it cannot be updated.",
        source: "the platforms' runtime pages, in data/runtimes.toml with their dates",
        judge: platform,
    },
];

/// From here on the end is near: two quarters to plan and test a move.
const NEAR_DAYS: i64 = 180;

/// Days from one date to another; `None` if a text is no date.
fn days(from: &str, to: &str) -> Option<i64> {
    let (from, to): (Date, Date) = (from.parse().ok()?, to.parse().ok()?);
    from.until(to).ok().map(|span| i64::from(span.get_days()))
}

fn known<'s>(s: &'s Subject<'_>) -> Result<(&'s str, Support), Vec<Verdict>> {
    match &s.runtime {
        Fact::Unknown => Err(Verdict::ask("runtime", "Which runtime and version is it, and until when are they supported?")),
        Fact::Known(id) => Ok((id, support(&s.platform.id, id))),
    }
}

fn next(s: &Subject<'_>, found: &Support) -> String {
    if let Some(next) = &found.next {
        return format!("Move to `{next}`.");
    }
    let custom = s.platform.runtime_ids().any(|id| id.starts_with("custom"));
    let own = if custom { " Bring a newer one as a custom runtime or an image." } else { " Bring a newer one as an image." };
    format!("The platform's list has no version of this language that is supported for longer.{own}")
}

fn community(s: &Subject<'_>) -> Vec<Verdict> {
    let (id, found) = match known(s) {
        Ok(known) => known,
        Err(question) => return question,
    };
    let Some(left) = found.community.as_ref().and_then(|end| days(&s.today, end)) else {
        return Verdict::ask("runtime", format!("Until when does the community support the language version that `{id}` runs?"));
    };
    let end = found.community.clone().unwrap_or_default();
    let source = &found.community_source;
    match left {
        left if left < 0 => vec![
            Verdict::warning("runtime", format!("the community's support of `{id}` ended on {end}, {} days ago", -left))
                .effect(format!("Weaknesses found since then stay open ({source})."))
                .remedy(next(s, &found)),
        ],
        left if left <= NEAR_DAYS => vec![
            Verdict::note("runtime", format!("the community's support of `{id}` ends on {end}, in {left} days"))
                .effect(format!("Weaknesses found after that stay open ({source})."))
                .remedy(next(s, &found)),
        ],
        _ => fine(),
    }
}

fn platform(s: &Subject<'_>) -> Vec<Verdict> {
    let (id, found) = match known(s) {
        Ok(known) => known,
        Err(question) => return question,
    };
    let name = &s.platform.name;
    if !found.listed {
        return Verdict::ask(
            "runtime",
            format!("Until when does {name} support `{id}`? It is not in its list of runtimes here."),
        );
    }
    let blocked = found.no_updates.as_ref().and_then(|end| Some((end, days(&s.today, end)?)));
    let updates = blocked.map_or_else(String::new, |(end, left)| {
        if left < 0 {
            format!(" No function with it can be updated since {end}.")
        } else {
            format!(" From {end} on, in {left} days, no function with it can be updated.")
        }
    });
    let source = &found.source;
    match found.platform.as_ref().and_then(|end| Some((end, days(&s.today, end)?))) {
        Some((end, left)) if left < 0 => {
            let verdict = if blocked.is_some_and(|(_, left)| left < 0) { Verdict::error } else { Verdict::warning };
            vec![
                verdict("runtime", format!("{name}'s support of `{id}` ended on {end}, {} days ago", -left))
                    .effect(format!("The platform no longer patches it.{updates} ({source})"))
                    .remedy(next(s, &found)),
            ]
        }
        Some((end, left)) if left <= NEAR_DAYS => vec![
            Verdict::note("runtime", format!("{name}'s support of `{id}` ends on {end}, in {left} days"))
                .effect(format!("The platform stops patching it.{updates} ({source})"))
                .remedy(next(s, &found)),
        ],
        // Listed without an end: in support as of the list's date.
        _ => fine(),
    }
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn days_are_counted_over_months() {
        assert_eq!(days("2026-11-24", "2027-03-03"), Some(99));
        assert_eq!(days("2026-11-24", "2026-11-10"), Some(-14));
        assert_eq!(days("today", "2026-11-10"), None);
    }
}
