//! A plan over months, as text, rows, JSON and Markdown.

use serde_json::Value;

use super::format::{self, Unit};
use super::listing::{Listing, names};
use super::view::unit_of;
use crate::study::plan::{Month, Planned};

/// One row a month.
#[must_use]
pub fn listing(p: &Planned) -> Listing {
    let row = |m: &Month| {
        let figure =
            |name: &str| m.figures.iter().find(|(figure, _)| figure == name || figure.starts_with(&format!("{name} of")));
        let shown = |name: &str| {
            figure(name).map_or_else(|| format::NONE.to_owned(), |(_, e)| format::mean(e, unit_of(name, &p.currency)))
        };
        let range = m.fee_range.map_or_else(String::new, |(lo, hi)| {
            format!("{} to {}", format::value(lo, Unit::Money(&p.currency)), format::value(hi, Unit::Money(&p.currency)))
        });
        vec![
            m.month.to_string(),
            format!("{:.2}", m.factor),
            format::estimate(&m.fee, Unit::Money(&p.currency)),
            range,
            shown("availability"),
            shown("p99"),
            percent(m.throttled),
        ]
    };
    let columns = names(&["month", "traffic", "fee", "one month, 90 %", "availability", "p99", "quota reached"]);
    Listing { columns, rows: p.months.iter().map(row).collect() }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// When what is crossed.
fn crossings(p: &Planned) -> String {
    let line = |c: &crate::study::plan::Crossing| {
        let at = |month: u32| c.probability.get(month as usize - 1).copied().unwrap_or(0.0);
        match c.month {
            Some(month) => format!("- {}: from month {month} on, in {} of its replications", c.what, percent(at(month))),
            None => {
                let most = c.probability.iter().copied().fold(0.0, f64::max);
                format!("- {}: in no month in half of the replications (at most in {})", c.what, percent(most))
            }
        }
    };
    p.crossings.iter().map(|c| line(c) + "\n").collect()
}

fn quota(p: &Planned) -> String {
    let now = p.quota.now.map_or_else(|| "there is no limit of the account".to_owned(), |now| format!("the account has {now}"));
    format!("Month {} takes {} instances at once in 95 % of its replications; {now}.", p.quota.month, p.quota.instances)
}

fn request(p: &Planned) -> Listing {
    let row = |r: &crate::study::plan::QuotaRequest| {
        let duration = r.duration_s.map_or_else(|| format::NONE.to_owned(), format::span);
        let rate = |x: f64| format!("{} /s", format::value(x, Unit::Count));
        vec![
            r.function.clone(),
            rate(r.average_rps),
            rate(r.peak_rps),
            duration,
            format!("{} MiB", r.memory_mib),
            r.invocation.clone(),
        ]
    };
    let columns = names(&["function", "average requests", "peak requests", "average duration", "memory", "invocation"]);
    Listing { columns, rows: p.request.iter().map(row).collect() }
}

/// For a terminal.
#[must_use]
pub fn text(p: &Planned, width: usize) -> String {
    format!(
        "{}\nCrossed:\n{}\n{}\nFor a request to raise the quota:\n{}\n{}\n",
        listing(p).text(width),
        crossings(p),
        quota(p),
        request(p).text(width),
        footer(p)
    )
}

/// For a document.
#[must_use]
pub fn markdown(p: &Planned) -> String {
    format!(
        "### faascast plan: {}\n\n{}\n{}\n{}\n\n{}\n{}\n",
        p.scenario,
        listing(p).markdown(),
        crossings(p),
        quota(p),
        request(p).markdown(),
        footer(p)
    )
}

/// For programs.
///
/// # Errors
/// Never for a plan; the writer's error is passed on.
pub fn json(p: &Planned) -> Result<Value, serde_json::Error> {
    serde_json::to_value(p)
}

fn footer(p: &Planned) -> String {
    format!(
        "{} replications a month on the same luck (seed {}); month 1 is today's level. A probability is the share of the replications \
         of one horizon, not of a whole month, in which it is so. Price tiers and free tier are in the fee.",
        p.replications, p.seed
    )
}
