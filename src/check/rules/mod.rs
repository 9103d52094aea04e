//! The rules, a file a group of responsibilities.

mod access;
mod code;
mod events;
mod identity;
mod limits;
mod network;
mod package;
mod patterns;
mod quota;
mod reuse;
mod runtime;
pub(super) mod sizing;
mod timeout;

use super::{Rule, Verdict};

/// All rules, in the order of the responsibilities.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        identity::RULES,
        package::RULES,
        reuse::RULES,
        events::RULES,
        limits::RULES,
        runtime::RULES,
        timeout::RULES,
        sizing::RULES,
        quota::RULES,
        access::RULES,
        network::RULES,
        code::RULES,
    ]
    .into_iter()
    .flatten()
}

/// Nothing to say.
const fn fine() -> Vec<Verdict> {
    Vec::new()
}

/// A count, an estimate's size with it: three digits.
fn count(x: f64) -> String {
    let x = if x >= 1000.0 { significant(x) } else { x };
    if x > 0.0 && x < 10.0 { format!("{x:.1}") } else { grouped(x) }
}

/// Money, to three digits.
fn money(x: f64, currency: &str) -> String {
    if x < 10.0 { format!("{x:.2} {currency}") } else { format!("{} {currency}", grouped(significant(x))) }
}

fn share(x: f64) -> String {
    let percent = x * 100.0;
    if percent > 0.0 && percent < 1.0 { format!("{percent:.2} %") } else { format!("{percent:.1} %") }
}

fn seconds(x: f64) -> String {
    if x < 1.0 { format!("{:.0} ms", x * 1000.0) } else { format!("{x:.1} s") }
}

fn significant(x: f64) -> f64 {
    let mut unit = 1.0;
    while x / unit >= 1000.0 {
        unit *= 10.0;
    }
    (x / unit).round() * unit
}

fn grouped(x: f64) -> String {
    let digits = format!("{x:.0}");
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_say_their_group() {
        let mut ids: Vec<&str> = all().map(|rule| rule.id).collect();
        assert!(ids.len() >= 35 && ids.iter().all(|id| id.split('/').count() == 2), "{ids:?}");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all().count());
    }

    #[test]
    fn figures_have_three_digits() {
        assert_eq!([count(0.0), count(2.54), count(1_234_567.0)], ["0", "2.5", "1,230,000"]);
        assert_eq!([money(1.5, "USD"), money(12_345.0, "CNY")], ["1.50 USD", "12,300 CNY"]);
        assert_eq!([share(0.0012), share(0.5)], ["0.12 %", "50.0 %"]);
    }
}
