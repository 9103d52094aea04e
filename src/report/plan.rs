//! A plan over months, as text, rows, JSON, Markdown and a document.

use serde_json::Value;

use super::charts;
use super::document::{Basis, Block, Card, Cell, Document, Section, Table};
use super::format::{self, Unit};
use super::listing::{Listing, names};
use super::run::card;
use super::view::unit_of;
use crate::study::plan::{Crossing, Month, Planned};

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
            format!("{} to {}", format::value(lo, Unit::Count), format::value(hi, Unit::Count))
        });
        vec![
            m.month.to_string(),
            format!("{:.2}", m.factor),
            format::estimate(&m.fee, Unit::Money(&p.currency)),
            range,
            shown("availability"),
            shown("p99"),
            format::mean(&m.needed.peak, Unit::Count),
            percent(m.throttled),
        ]
    };
    let columns =
        names(&["month", "traffic", "fee", "one month, 90 %", "availability", "p99", "instances at once", "quota reached"]);
    Listing { columns, rows: p.months.iter().map(row).collect() }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// When what is crossed.
fn crossings(p: &Planned) -> Vec<String> {
    let line = |c: &Crossing| {
        let at = |month: u32| c.probability.get(month as usize - 1).copied().unwrap_or(0.0);
        match c.month {
            Some(month) => format!("{}: from month {month} on, in {} of its replications", c.what, percent(at(month))),
            None => {
                let most = c.probability.iter().copied().fold(0.0, f64::max);
                format!("{}: in no month in half of the replications (at most in {})", c.what, percent(most))
            }
        }
    };
    let is_tier = |c: &&Crossing| c.what.starts_with("price tier");
    let entered = |c: &&Crossing| !is_tier(c) || c.probability.iter().any(|p| *p > 0.0);
    let mut lines: Vec<String> = p.crossings.iter().filter(entered).map(line).collect();
    // Tiers that nothing comes near to need no line each.
    let tiers = p.crossings.iter().filter(is_tier).count();
    let untouched = p.crossings.iter().filter(|c| !entered(c)).count();
    if untouched > 0 {
        let which = if untouched == tiers { "price tiers" } else { "the other price tiers" };
        lines.push(format!("{which}: none is entered in any replication"));
    }
    lines
}

/// The same as a list.
fn crossing_lines(p: &Planned) -> String {
    crossings(p).into_iter().map(|line| format!("- {line}\n")).collect()
}

fn quota(p: &Planned) -> String {
    let now = p.quota.now.map_or_else(|| "there is no limit of the account".to_owned(), |now| format!("the account has {now}"));
    format!(
        "Month {} takes {} instances at once in 95 % of its replications; {now}. {}",
        p.quota.month,
        p.quota.instances,
        lasting(p)
    )
}

/// The smallest quota that lasts, and what shows it.
fn lasting(p: &Planned) -> String {
    let l = &p.quota.lasting;
    let limit = format::value(l.limit, Unit::Share);
    let less = l.one_less.as_ref().map_or_else(
        || "there is no smaller one.".to_owned(),
        |e| format!("one less throttles {}.", format::estimate(e, Unit::Share)),
    );
    let sure =
        if l.sure { "" } else { " There is too little traffic, or there are too few replications, to be sure of that share." };
    format!(
        "The smallest quota of the account that lasts: {} {}. It throttles {} of the attempts of month {}, where {limit} may be; {less}{sure}",
        format::grouped(l.quota as f64, 0),
        p.quota.counts,
        format::estimate(&l.throttled, Unit::Share),
        p.quota.month
    )
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

/// The report with its charts.
#[must_use]
pub fn document(p: &Planned, basis: &Basis) -> Document {
    let months = as_table(listing(p));
    Document {
        scenario: p.scenario.clone(),
        kind: "plan",
        setting: format!(
            "{}, {} months, {} replications of each, seed {}",
            basis.place(),
            p.months.len(),
            p.replications,
            p.seed
        ),
        banner: None,
        question: question(p),
        answer: answer(p),
        cards: cards(p),
        sections: vec![
            Section::warnings(&basis.warnings),
            Section::charts(charts::plan::charts(p)),
            Section::new("Months", vec![Block::Table(months), Block::Note(footer(p))]),
            Section::list("When what is crossed", crossings(p)),
            Section::new(
                "Quota",
                vec![
                    Block::Text(quota(p)),
                    Block::Heading("For a request to raise it".to_owned()),
                    Block::Table(as_table(request(p))),
                ],
            ),
            Section::assumptions(&basis.assumptions),
        ],
        reproduce: basis.reproduce(format!("faascast {}, format {}, seed {}.", p.faascast, p.format_version, p.seed)),
    }
}

/// A listing whose first column names the rows.
fn as_table(listing: Listing) -> Table {
    let cell = |(column, text): (usize, String)| if column == 0 { Cell::Head(text) } else { Cell::Figure(text) };
    let rows = listing.rows.into_iter().map(|row| row.into_iter().enumerate().map(cell).collect()).collect();
    Table { head: listing.columns, rows }
}

fn question(p: &Planned) -> String {
    let last = p.months.last().map_or(1.0, |m| m.factor);
    format!(
        "Traffic goes to {last:.2} times today's over {} months: when is each quota, objective and price tier crossed, and what will          the bill be?",
        p.months.len()
    )
}

fn answer(p: &Planned) -> String {
    let money = Unit::Money(&p.currency);
    let fee = |m: Option<&Month>| m.map_or_else(String::new, |m| format::mean(&m.fee, money));
    let bill = format!("The fee goes from {} to {} a month.", fee(p.months.first()), fee(p.months.last()));
    let reached = match p.crossings.iter().find(|c| c.what == "quota") {
        Some(Crossing { month: Some(month), probability, .. }) => {
            let at = probability.get(*month as usize - 1).copied().unwrap_or(0.0);
            format!("A quota throttles from month {month} on, there in {} of the replications", percent(at))
        }
        _ => "No quota throttles in half of any month's replications".to_owned(),
    };
    let l = &p.quota.lasting;
    format!(
        "{bill} {reached}; a quota of {} {} lasts all {} months.",
        format::grouped(l.quota as f64, 0),
        p.quota.counts,
        p.months.len()
    )
}

fn cards(p: &Planned) -> Vec<Card> {
    let money = Unit::Money(&p.currency);
    let range = |m: &Month| {
        m.fee_range.map_or_else(String::new, |(lo, hi)| {
            format!("one real month: {} to {}", format::value(lo, Unit::Count), format::value(hi, Unit::Count))
        })
    };
    let mut cards: Vec<Card> = Vec::new();
    cards.extend(p.months.first().map(|m| card("Fee in month 1", &m.fee, money, range(m))));
    if let Some(m) = p.months.last().filter(|_| p.months.len() > 1) {
        cards.push(card(&format!("Fee in month {}", m.month), &m.fee, money, range(m)));
    }
    let plain = |label: &str, value: String, more: String| Card { label: label.to_owned(), value, more: vec![more] };
    let crossing = |c: &Crossing| {
        let value = c.month.map_or_else(|| "in no month".to_owned(), |month| format!("month {month}"));
        let at = c.month.and_then(|month| c.probability.get(month as usize - 1)).copied();
        let most = c.probability.iter().copied().fold(0.0, f64::max);
        let more = at.map_or_else(
            || format!("in at most {} of the replications", percent(most)),
            |at| format!("in {} of its replications", percent(at)),
        );
        let what = match c.what.as_str() {
            "quota" => "A quota throttles".to_owned(),
            what if p.targets.iter().any(|(figure, _)| figure == what) => format!("Objective {what} missed"),
            what => format!("Crossed: {what}"),
        };
        plain(&what, value, more)
    };
    cards.extend(p.crossings.iter().filter(|c| c.what == "quota").map(crossing));
    cards.extend(p.crossings.iter().filter(|c| !c.what.starts_with("quota") && c.month.is_some()).take(2).map(crossing));
    let l = &p.quota.lasting;
    let now = p.quota.now.map_or_else(String::new, |now| format!("now: {}", format::grouped(now as f64, 0)));
    let mut last = plain("Smallest quota that lasts", format!("{} {}", format::grouped(l.quota as f64, 0), p.quota.counts), now);
    last.more.push(format!("throttles {} of the attempts of month {}", format::mean(&l.throttled, Unit::Share), p.quota.month));
    cards.push(last);
    cards
}

/// For a terminal.
#[must_use]
pub fn text(p: &Planned, width: usize) -> String {
    format!(
        "{}\nCrossed:\n{}\n{}\nFor a request to raise the quota:\n{}\n{}\n",
        listing(p).text(width),
        crossing_lines(p),
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
        crossing_lines(p),
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
