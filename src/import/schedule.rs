//! Schedules of timers: how often they fire, and at which times of the week.

/// How a provider writes `cron`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Minute, hour, day of month, month, day of week (1 = Sunday), year.
    Aws,
    /// Second, minute, hour, day of month, month, day of week (0 or 7 = Sunday).
    WithSeconds,
}

/// The fields of a `cron` expression as sets of numbers; days of the week count from Monday = 0.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cron {
    seconds: Vec<u32>,
    minutes: Vec<u32>,
    hours: Vec<u32>,
    days_of_month: Option<Vec<u32>>,
    months: Option<Vec<u32>>,
    weekdays: Option<Vec<u32>>,
}

const WEEKDAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/// Days of a mean month.
const DAYS_A_MONTH: f64 = 365.25 / 12.0;

/// How often a schedule fires, as a rate of a scenario such as `24/d`: `rate(5 minutes)`, `@every 5m`, `cron(0 4 * * ? *)`, or
/// the fields of a `cron` alone. `None` if it is something else.
#[must_use]
pub fn rate(expression: &str, dialect: Dialect) -> Option<String> {
    let expression = expression.trim();
    if let Some(inside) = inside(expression, "rate") {
        let mut words = inside.split_whitespace();
        let (number, unit) = (words.next()?.parse::<f64>().ok()?, words.next()?);
        let seconds = match unit.trim_end_matches('s') {
            "second" => 1.0,
            "minute" => 60.0,
            "hour" => 3_600.0,
            "day" => 86_400.0,
            _ => return None,
        };
        return per_day(86_400.0 / (number * seconds));
    }
    if let Some(every) = expression.strip_prefix("@every ") {
        return per_day(86_400.0 / duration(every.trim())?);
    }
    let cron = cron(expression, dialect)?;
    let share = |set: &Option<Vec<u32>>, of: f64| set.as_ref().map_or(1.0, |set| set.len() as f64 / of);
    let days = share(&cron.weekdays, 7.0) * share(&cron.days_of_month, DAYS_A_MONTH) * share(&cron.months, 12.0);
    per_day((cron.seconds.len() * cron.minutes.len() * cron.hours.len()) as f64 * days)
}

/// The times of the week at which a schedule fires, in minutes since Monday 00:00; `None` if it is not the same every week.
#[must_use]
pub fn times_of_week(expression: &str, dialect: Dialect) -> Option<Vec<u32>> {
    let cron = cron(expression.trim(), dialect)?;
    if cron.days_of_month.is_some() || cron.months.is_some() {
        return None;
    }
    let days: Vec<u32> = cron.weekdays.unwrap_or_else(|| (0..7).collect());
    let day = |day: u32| {
        let (hours, minutes) = (&cron.hours, &cron.minutes);
        hours.iter().flat_map(move |hour| minutes.iter().map(move |minute| day * 1_440 + hour * 60 + minute)).collect::<Vec<_>>()
    };
    let mut times: Vec<u32> = days.into_iter().flat_map(day).collect();
    times.sort_unstable();
    Some(times)
}

/// A time of the week as a scenario writes it, such as `Mon 08:00`.
#[must_use]
pub fn time_of_week(minute: u32) -> String {
    let name = WEEKDAYS[(minute / 1_440 % 7) as usize];
    let day: String = name.chars().take(1).chain(name.chars().skip(1).map(|c| c.to_ascii_lowercase())).collect();
    format!("{day} {:02}:{:02}", minute / 60 % 24, minute % 60)
}

fn inside<'t>(text: &'t str, function: &str) -> Option<&'t str> {
    text.strip_prefix(function)?.trim_start().strip_prefix('(')?.strip_suffix(')')
}

/// A rate in the largest unit in which it is a whole number, else with six digits a day.
fn per_day(times: f64) -> Option<String> {
    if !(times.is_finite() && times > 0.0) {
        return None;
    }
    let whole = |x: f64| (x - x.round()).abs() < 1e-9 && x >= 1.0;
    let units = [("d", 1.0), ("h", 24.0), ("min", 1_440.0), ("s", 86_400.0)];
    let fits = units.iter().rev().find(|(_, of)| whole(times / of));
    Some(fits.map_or_else(|| format!("{}/d", (times * 1e6).round() / 1e6), |(unit, of)| format!("{:.0}/{unit}", times / of)))
        .filter(|rate| !rate.starts_with("0/"))
}

/// A duration such as `1h30m` in seconds.
fn duration(text: &str) -> Option<f64> {
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        let (factor, length) = match rest.get(digits..)? {
            unit if unit.starts_with("ms") => (0.001, 2),
            unit if unit.starts_with('s') => (1.0, 1),
            unit if unit.starts_with('m') => (60.0, 1),
            unit if unit.starts_with('h') => (3_600.0, 1),
            _ => return None,
        };
        seconds += number * factor;
        rest = rest.get(digits + length..)?;
    }
    Some(seconds).filter(|seconds| *seconds > 0.0)
}

fn cron(expression: &str, dialect: Dialect) -> Option<Cron> {
    // A time zone may stand before the fields.
    let expression = inside(expression, "cron").unwrap_or(expression);
    let expression = expression.strip_prefix("CRON_TZ=").map_or(expression, |rest| rest.split_once(' ').map_or("", |(_, f)| f));
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let (seconds, fields) = match (dialect, fields.as_slice()) {
        (Dialect::WithSeconds, [seconds, fields @ ..]) if fields.len() == 5 || fields.len() == 6 => (*seconds, fields),
        (Dialect::Aws, fields) if fields.len() == 6 => ("0", fields),
        _ => return None,
    };
    let open = |field: &str| matches!(field, "*" | "?");
    let optional = |field: &str, from: u32, to: u32, names: &[&str]| {
        if open(field) { Some(None) } else { set(field, from, to, names).map(Some) }
    };
    // Numbers of weekdays are mapped to Monday = 0 below.
    let weekday = match dialect {
        Dialect::Aws => optional(fields[4], 1, 7, &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])?,
        Dialect::WithSeconds => optional(fields[4], 0, 7, &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])?,
    };
    let first = u32::from(dialect == Dialect::Aws);
    let weekdays = weekday.map(|days| {
        let mut days: Vec<u32> = days.into_iter().map(|day| (day - first + 6) % 7).collect();
        days.sort_unstable();
        days.dedup();
        days
    });
    Some(Cron {
        seconds: set(seconds, 0, 59, &[])?,
        minutes: set(fields[0], 0, 59, &[])?,
        hours: set(fields[1], 0, 23, &[])?,
        days_of_month: optional(fields[2], 1, 31, &[])?,
        months: optional(fields[3], 1, 12, &MONTHS)?,
        weekdays,
    })
}

/// The numbers that a field stands for: `*`, `5`, `1-5`, `*/15`, `0/15`, `1,2`, with names for numbers.
fn set(field: &str, from: u32, to: u32, names: &[&str]) -> Option<Vec<u32>> {
    let mut found = Vec::new();
    for part in field.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step = step.map_or(Some(1), |step| step.parse().ok().filter(|step| *step > 0))?;
        let number = |text: &str| {
            let named = names.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|at| from + at as u32);
            named.or_else(|| text.parse().ok()).filter(|number| (from..=to).contains(number))
        };
        let (first, last) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => (from, to),
            Some((first, last)) => (number(first)?, number(last)?),
            // `5/15` goes on to the end.
            None if part.contains('/') => (number(range)?, to),
            None => (number(range)?, number(range)?),
        };
        found.extend((first..=last).step_by(step));
    }
    found.sort_unstable();
    found.dedup();
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_rates() {
        let aws = |text: &str| rate(text, Dialect::Aws);
        assert_eq!(aws("rate(5 minutes)").as_deref(), Some("12/h"));
        assert_eq!(aws("rate(1 minute)").as_deref(), Some("1/min"));
        assert_eq!(aws("rate(7 days)").as_deref(), Some("0.142857/d"));
        assert_eq!(aws("cron(0 10 * * ? *)").as_deref(), Some("1/d"));
        assert_eq!(aws("cron(0/15 8-17 ? * MON-FRI *)").as_deref(), Some("28.571429/d"));
        assert_eq!(rate("0 0 8 * * *", Dialect::WithSeconds).as_deref(), Some("1/d"));
        assert_eq!(rate("@every 90s", Dialect::WithSeconds).as_deref(), Some("40/h"));
        assert_eq!(rate("CRON_TZ=Asia/Shanghai 0 0 0/2 * * *", Dialect::WithSeconds).as_deref(), Some("12/d"));
        for wrong in
            ["", "cron()", "rate(0 minutes)", "rate(x)", "cron(99 1 * * ? *)", "@every", "cron(* *)", "cron(5/0 1 * * ? *)"]
        {
            assert_eq!(aws(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_of_the_week_begin_on_monday() {
        assert_eq!(times_of_week("cron(0 30 8 ? * MON,SUN)", Dialect::WithSeconds), Some(vec![510, 6 * 1_440 + 510]));
        assert_eq!(times_of_week("cron(0 8 ? * 2-3 *)", Dialect::Aws), Some(vec![480, 1_440 + 480]));
        assert_eq!(times_of_week("cron(0 0 8 1 * *)", Dialect::WithSeconds), None);
        assert_eq!(time_of_week(6 * 1_440 + 510), "Sun 08:30");
    }
}
