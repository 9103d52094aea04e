//! Rating: a month's units become money, through the free tier and the price tiers of all functions together.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::book::PriceBook;
use super::component::{COMPONENTS, Component};
use super::money::{Currency, Money, quantity};
use super::usage::MonthUsage;

/// One line of an invoice.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Position of the function in the month's usage.
    pub function: usize,
    /// What is paid for.
    pub component: Component,
    /// The priced item that it is counted in; empty for the minimum charge, which is money.
    pub item: String,
    /// Units of the item.
    pub units: Decimal,
    /// Its price.
    pub amount: Decimal,
}

/// The bill of a month.
#[derive(Clone, Debug, PartialEq)]
pub struct Invoice {
    /// Currency of every amount.
    pub currency: Currency,
    /// Names of the functions.
    pub functions: Vec<String>,
    /// By function, then component; lines without usage are left out. They add up to the total exactly.
    pub lines: Vec<Line>,
    /// The fee, not rounded.
    pub total: Money,
}

/// Decimal places of a line's amount.
const PLACES: u32 = 12;

/// Prices a month. An item's cost, after free tier and tiers, is shared out to its lines by their units: the month's average
/// price, so that no function has the cheap tier to itself.
#[must_use]
pub fn rate(book: &PriceBook, month: &MonthUsage) -> Invoice {
    let mut lines = Vec::new();
    for (index, function) in month.functions.iter().enumerate() {
        for component in Component::all() {
            let units = quantity(function.units[component.index()]);
            if !units.is_zero() {
                let item = book.items.get(function.items[component.index()]).filter(|_| component != Component::Minimum);
                let item = item.map(|item| item.name.clone()).unwrap_or_default();
                lines.push(Line { function: index, component, item, units, amount: Decimal::ZERO });
            }
        }
    }
    for item in &book.items {
        share_out(&mut lines, &item.name, |units| item.cost(units));
    }
    lines.iter_mut().filter(|line| line.item.is_empty()).for_each(|line| line.amount = line.units);
    let total = lines.iter().fold(Decimal::ZERO, |sum, line| sum.saturating_add(line.amount));
    Invoice {
        currency: book.currency,
        functions: month.functions.iter().map(|function| function.name.clone()).collect(),
        lines,
        total: Money { amount: total, currency: book.currency },
    }
}

/// Shares the cost of all units of an item out to its lines; the last one takes what rounding left, so nothing is lost.
fn share_out(lines: &mut [Line], item: &str, cost: impl Fn(Decimal) -> Decimal) {
    let mut own: Vec<&mut Line> = lines.iter_mut().filter(|line| line.item == item).collect();
    let units = own.iter().fold(Decimal::ZERO, |sum, line| sum.saturating_add(line.units));
    let total = cost(units);
    let mut left = total;
    if let Some((last, others)) = own.split_last_mut() {
        for line in others {
            let share = line.units.checked_div(units).unwrap_or_default();
            line.amount = total.saturating_mul(share).round_dp(PLACES).min(left);
            left -= line.amount;
        }
        last.amount = left;
    }
}

/// The total of `rate` in floats: for intervals, where it is evaluated once for each replication.
#[must_use]
pub fn rate_f64(book: &PriceBook, month: &MonthUsage) -> f64 {
    let minimum = month.functions.iter().map(|function| function.units[Component::Minimum.index()]).sum::<f64>();
    minimum + book.items.iter().zip(units_f64(book, month)).map(|(item, units)| item.cost_f64(units)).sum::<f64>()
}

/// Units of each priced item, in the order of the book.
#[must_use]
pub fn units_f64(book: &PriceBook, month: &MonthUsage) -> Vec<f64> {
    let mut units = vec![0.0; book.items.len()];
    for function in &month.functions {
        for component in 0..COMPONENTS {
            if component == Component::Minimum.index() {
                continue;
            }
            if let Some(item) = units.get_mut(function.items[component]) {
                *item += function.units[component];
            }
        }
    }
    units
}

impl Invoice {
    /// The lines added up by component, in the order of components; those without a line are left out.
    #[must_use]
    pub fn by_component(&self) -> Vec<(Component, Decimal)> {
        let mut sums = BTreeMap::new();
        for line in &self.lines {
            let sum: &mut Decimal = sums.entry(line.component.index()).or_default();
            *sum = sum.saturating_add(line.amount);
        }
        let all = Component::all();
        sums.into_iter().map(|(index, sum)| (all[index], sum)).collect()
    }

    /// The lines added up by function, in the order of the month's usage.
    #[must_use]
    pub fn by_function(&self) -> Vec<Decimal> {
        let mut sums = vec![Decimal::ZERO; self.functions.len()];
        for line in &self.lines {
            if let Some(sum) = sums.get_mut(line.function) {
                *sum = sum.saturating_add(line.amount);
            }
        }
        sums
    }

    /// The fee as a float, for estimates.
    #[must_use]
    pub fn total_f64(&self) -> f64 {
        self.total.amount.to_f64().unwrap_or(f64::MAX)
    }
}
