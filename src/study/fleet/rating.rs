//! One bill for the fleet: free tier and price tiers apply to all functions together, and each pays the month's average price.

use rust_decimal::Decimal;

use super::row::Row;
use crate::billing::book::PriceBook;
use crate::billing::money::{Money, quantity};
use crate::estimate::Estimate;
use crate::estimate::jackknife::jackknife;

/// Units of a month, one a priced item and the minimum charge, of each replication.
pub(super) struct Month {
    each: Vec<Vec<f64>>,
    sum: Vec<f64>,
}

impl Month {
    /// Of these functions, in their order. `hours` were recorded.
    pub(super) fn of<'r>(rows: impl Iterator<Item = &'r Row>, replications: usize, columns: usize, hours: f64) -> Self {
        let mut each = vec![vec![0.0; columns]; replications];
        for row in rows {
            for (i, units) in each.iter_mut().enumerate() {
                units.iter_mut().zip(row.units(i)).for_each(|(sum, units)| *sum += units);
            }
        }
        each.iter_mut().flatten().for_each(|units| *units /= hours);
        let mut sum = vec![0.0; columns];
        each.iter().for_each(|units| sum.iter_mut().zip(units).for_each(|(sum, units)| *sum += units));
        Self { each, sum }
    }

    /// The mean month over replications, or over all but one.
    fn mean(&self, out: Option<usize>) -> impl Iterator<Item = f64> {
        let n = self.each.len() - usize::from(out.is_some());
        let without = move |column: usize| out.map_or(0.0, |i| self.each[i][column]);
        self.sum.iter().enumerate().map(move |(column, sum)| ((sum - without(column)) / n.max(1) as f64).max(0.0))
    }

    /// The fee, exact.
    pub(super) fn fee(&self, book: &PriceBook) -> Money {
        let mut items = book.items().iter();
        let cost = |units: f64| items.next().map_or_else(|| quantity(units), |item| item.cost(quantity(units)));
        let amount = self.mean(None).map(cost).fold(Decimal::ZERO, Decimal::saturating_add);
        Money { amount, currency: book.currency }
    }
}

/// The fleet's month, and the average price of each item in it: on all replications, and without each.
pub(super) struct Rating<'a> {
    book: &'a PriceBook,
    pub(super) month: Month,
    /// The first on all replications, then without replication 0, 1, …
    prices: Vec<Vec<f64>>,
}

impl<'a> Rating<'a> {
    pub(super) fn new(book: &'a PriceBook, month: Month) -> Self {
        let n = month.each.len();
        let outs = [None].into_iter().chain((0..n).map(Some));
        let prices = outs.map(|out| average_prices(book, month.mean(out))).collect();
        Self { book, month, prices }
    }

    fn prices(&self, out: Option<usize>) -> &[f64] {
        &self.prices[out.map_or(0, |i| i + 1)]
    }

    /// What a part of the fleet pays.
    pub(super) fn share(&self, part: &Month, out: Option<usize>) -> f64 {
        part.mean(out).zip(self.prices(out)).map(|(units, price)| units * price).sum()
    }

    /// The same with its interval.
    pub(super) fn estimate(&self, part: &Month) -> Estimate {
        jackknife(part.each.len(), |out| self.share(part, out))
    }

    /// What the fleet pays for each item, and for the minimum charge, with its interval; without those that cost nothing.
    pub(super) fn by_item(&self) -> Vec<(String, Estimate)> {
        let names = self.book.items().iter().map(|item| item.name.clone()).chain(["minimum charge".to_owned()]);
        let cost = |column: usize| {
            jackknife(self.month.each.len(), |out| self.month.mean(out).nth(column).unwrap_or(0.0) * self.prices(out)[column])
        };
        let all = names.enumerate().map(|(column, name)| (name, cost(column)));
        all.filter(|(_, fee)| fee.mean.is_some_and(|fee| fee > 0.0)).collect()
    }

    /// A function's fee, as [`Rating::share`] but without anything allocated.
    pub(super) fn fee(&self, row: &Row, hours: f64) -> f64 {
        let n = row.counts.len();
        let column =
            |(column, price): (usize, &f64)| (0..n).map(|i| row.units(i)[column]).sum::<f64>() / n.max(1) as f64 / hours * price;
        self.prices(None).iter().enumerate().map(column).sum()
    }
}

fn average_prices(book: &PriceBook, units: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut items = book.items().iter();
    // What follows the items is money already.
    let price =
        |units: f64| items.next().map_or(1.0, |item| if units > 0.0 { item.cost_f64(units) / units } else { item.first_price() });
    units.map(price).collect()
}
