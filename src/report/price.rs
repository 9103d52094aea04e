//! An invoice as rows and as JSON.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use super::listing::{Listing, names};
use crate::billing::invoice::Invoice;

/// Decimal places of a single line; the total is rounded to the currency's smallest coin.
const PLACES: u32 = 6;

/// One row a line and one for the total, whose function is empty.
#[must_use]
pub fn listing(invoice: &Invoice) -> Listing {
    let mut rows: Vec<Vec<String>> = invoice
        .lines
        .iter()
        .map(|line| {
            let function = invoice.functions.get(line.function).cloned().unwrap_or_default();
            vec![function, line.component.name().to_owned(), line.units.to_string(), line.item.clone(), amount(line.amount)]
        })
        .collect();
    rows.push(vec![String::new(), "total".into(), String::new(), String::new(), invoice.total.rounded().to_string()]);
    // Currencies are three capital letters; the heading is the same for all, and the row says which.
    rows.iter_mut().for_each(|row| row.push(invoice.currency.to_string()));
    Listing { columns: names(&["function", "component", "units", "item", "amount", "currency"]), rows }
}

/// Amounts are texts, so that no reader turns them into binary fractions.
#[must_use]
pub fn json(invoice: &Invoice) -> Value {
    let lines = invoice.lines.iter().map(|line| {
        json!({
            "function": invoice.functions.get(line.function),
            "component": line.component.name(),
            "units": line.units.to_string(),
            "item": line.item,
            "amount": line.amount.normalize().to_string(),
        })
    });
    json!({
        "format_version": "1.0",
        "currency": invoice.currency.to_string(),
        "total": invoice.total.rounded().to_string(),
        "total_exact": invoice.total.amount.normalize().to_string(),
        "lines": lines.collect::<Vec<_>>(),
    })
}

fn amount(amount: Decimal) -> String {
    amount.round_dp_with_strategy(PLACES, RoundingStrategy::MidpointAwayFromZero).normalize().to_string()
}
