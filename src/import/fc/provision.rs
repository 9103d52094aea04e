//! Instances kept warm: a number, schedules, target tracking; and what is reserved.

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

use super::super::draft::{Draft, Function, Origin};
use super::super::literal::Literal;
use super::super::schedule::{Dialect, time_of_week, times_of_week};
use super::super::table::{Field, Table};
use super::whole;

/// Minutes of a week.
const WEEK: u32 = 7 * 1_440;

/// Reads `provisionConfig`, `scalingConfig` and `concurrencyConfig`. Whether idle instances are billed as active is a switch of
/// the whole bill, which is given back.
pub(in crate::import) fn read(t: &Table<'_>, f: &mut Function) -> Option<(bool, Origin)> {
    let always = t.table("provisionConfig").and_then(|provisioned| config(&provisioned, f));
    if let Some(config) = t.table("scalingConfig") {
        scaled(&config, f);
    }
    if let Some(config) = t.table("concurrencyConfig") {
        whole(&config, f, &["reservedConcurrency"], "reserved");
    }
    always
}

/// Reads what is kept warm.
pub(in crate::import) fn config(t: &Table<'_>, f: &mut Function) -> Option<(bool, Origin)> {
    t.no_effect(&["qualifier", "current", "currentError"]);
    target(t, f, &["target", "defaultTarget"], &["scheduledActions"]);
    tracking(t, "targetTrackingPolicies");
    let field = t.get("alwaysAllocateCPU")?;
    field.flag().map(|flag| (flag, field.origin()))
}

/// The least instances, and policies that change it.
pub(in crate::import) fn scaled(config: &Table<'_>, f: &mut Function) {
    target(config, f, &["minInstances"], &["scheduledPolicies"]);
    tracking(config, "horizontalScalingPolicies");
}

/// Says in the bill how idle provisioned instances are billed. It holds for all functions.
pub(in crate::import) fn idle_rate(draft: &mut Draft, always: Option<(bool, Origin)>) {
    let Some((always, origin)) = always else { return };
    let literal = Literal::flag(!always);
    let known = draft.settings.iter().find(|setting| setting.key == "provisioned_idle");
    if known.is_some_and(|known| known.value != super::super::draft::Written::Value(literal.clone())) {
        let hint = "A scenario has one such switch: make one for each kind of function.";
        draft.notes.warn(origin.place, &origin.path, "differs from the function before", hint);
        return;
    }
    draft.set("billing.provisioned_idle", literal, origin.remark("how idle provisioned instances are billed"));
}

/// The number kept warm, and the times at which schedules change it.
fn target(t: &Table<'_>, f: &mut Function, keys: &[&str], schedules: &[&str]) {
    let base = t.first(keys);
    let number = base.as_ref().and_then(Field::whole);
    if let (Some(number), Some(field)) = (number, &base) {
        f.set("provisioned", Literal::whole(number), field.origin());
    }
    let Some(field) = t.first(schedules) else { return };
    let mut changes: Vec<(u32, u64, Origin)> = Vec::new();
    for action in field.items() {
        let Some(action) = action.table() else { continue };
        action.no_effect(&["name"]);
        changes.extend(times(&action));
    }
    changes.sort_by_key(|(time, _, _)| *time);
    windows(&changes, f, &field);
}

/// The times of the week at which an action sets the number, in UTC.
fn times(action: &Table<'_>) -> Vec<(u32, u64, Origin)> {
    let (begins, ends) = (action.get("startTime"), action.get("endTime"));
    let Some(target) = action.get("target").and_then(|field| field.whole()) else { return Vec::new() };
    let Some(expression) = action.first(&["scheduleExpression"]) else { return Vec::new() };
    let Some(times) = expression.text().and_then(|text| times_of_week(text, Dialect::WithSeconds)) else {
        expression.warn(
            "not a schedule that is the same every week",
            "Write it as windows, such as provisioned = [{ from = \"Mon 08:00\", to = \"Fri 20:00\", instances = 5 }].",
        );
        return Vec::new();
    };
    let text = |field: Option<Field<'_>>| field.and_then(|field| field.text()).unwrap_or_default().to_owned();
    let (begins, ends) = (text(begins), text(ends));
    let shift = match action.get("timeZone").and_then(|field| Some((field.text()?, field))) {
        Some((zone, field)) if !zone.is_empty() => match offset(zone, &begins) {
            Some(minutes) => minutes,
            None => {
                field.warn(format!("`{zone}` is no time zone that is known: taken as UTC"), "Write it as in Asia/Shanghai.");
                0
            }
        },
        _ => 0,
    };
    let valid = if begins.is_empty() && ends.is_empty() { String::new() } else { format!("valid from {begins} to {ends}") };
    let utc = |minute: u32| ((i64::from(minute) - shift).rem_euclid(i64::from(WEEK))) as u32;
    times.into_iter().map(|minute| (utc(minute), target, expression.origin().remark(valid.clone()))).collect()
}

/// What a zone is ahead of UTC, in minutes, on the day that the schedule begins.
fn offset(zone: &str, begins: &str) -> Option<i64> {
    let zone = TimeZoneDatabase::bundled().get(zone).ok()?;
    let day = begins.parse::<Timestamp>().unwrap_or(Timestamp::UNIX_EPOCH);
    Some(i64::from(zone.to_offset(day).seconds()) / 60)
}

/// A number holds until the next change, over the end of the week too.
fn windows(changes: &[(u32, u64, Origin)], f: &mut Function, field: &Field<'_>) {
    let Some((_, first, origin)) = changes.first() else { return };
    if changes.iter().all(|(_, target, _)| target == first) {
        f.set("provisioned", Literal::whole(*first), origin.clone());
        return;
    }
    // The number of each time is that of the last action then, as the platform would leave it.
    let mut steps: Vec<&(u32, u64, Origin)> = Vec::new();
    for change in changes {
        match steps.last_mut() {
            Some(last) if last.0 == change.0 => *last = change,
            Some(last) if last.1 == change.1 => {}
            _ => steps.push(change),
        }
    }
    if f.has("provisioned") {
        field.note("the schedule takes the place of the number", "Both cannot hold.");
    }
    f.settings.retain(|setting| setting.key != "provisioned" || !setting.table.is_empty());
    for (index, (from, target, origin)) in steps.iter().copied().enumerate() {
        let next = steps.get(index + 1).or_else(|| steps.first()).map_or(*from, |next| next.0);
        if *target > 0 && next != *from {
            let table = Literal::table(&[
                ("from", Some(Literal::text(&time_of_week(*from)))),
                ("to", Some(Literal::text(&time_of_week(next)))),
                ("instances", Some(Literal::whole(*target))),
            ]);
            f.push("provisioned", table, origin.clone());
        }
    }
}

/// Target tracking is not carried over: a warning says its range.
fn tracking(t: &Table<'_>, key: &str) {
    let Some(field) = t.get(key) else { return };
    for policy in field.items() {
        let either = |keys: [&str; 3]| {
            let found = keys.iter().find_map(|key| policy.node.get(key)?.text());
            found.unwrap_or("?").to_owned()
        };
        let least = either(["minCapacity", "minInstances", "min_capacity"]);
        let most = either(["maxCapacity", "maxInstances", "max_capacity"]);
        let range = if policy.node.entries().is_some() { format!(": {least} to {most} instances") } else { String::new() };
        let hint = "Write `provisioned = { target = 0.7, min = 1, max = 10 }` with its figures, or what is kept warm on average.";
        policy.warn(format!("tracking of a target is not carried over{range}"), hint);
    }
}
