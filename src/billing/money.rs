//! Money: an exact decimal and its currency. Rounded to the currency's smallest coin only when it is shown.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

/// A currency by its three-letter ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// `None` unless three capital letters.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        let code: [u8; 3] = code.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_uppercase).then_some(Self(code))
    }

    /// Digits after the point: 2, but none for yen and won.
    #[must_use]
    pub const fn digits(self) -> u32 {
        if matches!(&self.0, b"JPY" | b"KRW") { 0 } else { 2 }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// How much, exact.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// The amount rounded to the currency's smallest coin, halves away from zero as invoices do.
    #[must_use]
    pub fn rounded(self) -> Decimal {
        let mut rounded = self.amount.round_dp_with_strategy(self.currency.digits(), RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(self.currency.digits());
        rounded
    }
}

impl fmt::Display for Money {
    /// Rounded: `7.30 CNY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rounded(), self.currency)
    }
}

/// Significant digits that a metered quantity keeps when it becomes exact: enough to bill a thousand million units to a
/// thousandth of one, few enough to rub off what binary fractions add.
const DIGITS: u32 = 13;

/// A metered quantity, which is a measurement and therefore binary, as a decimal.
#[must_use]
pub(crate) fn quantity(units: f64) -> Decimal {
    let exact = Decimal::from_f64_retain(units.max(0.0)).unwrap_or(Decimal::MAX);
    exact.round_sf(DIGITS).unwrap_or(exact).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_away_from_zero_and_zeros_are_shown() {
        let cny = Currency::new("CNY").unwrap();
        for (amount, shown) in [
            ("7.3", "7.30 CNY"),
            ("0.005", "0.01 CNY"),
            ("0.0049999", "0.00 CNY"),
            ("-0.005", "-0.01 CNY"),
            ("361.977", "361.98 CNY"),
        ] {
            assert_eq!(Money { amount: amount.parse().unwrap(), currency: cny }.to_string(), shown);
        }
        assert_eq!(Money { amount: Decimal::new(15, 1), currency: Currency::new("JPY").unwrap() }.to_string(), "2 JPY");
        assert!(Currency::new("cny").is_none() && Currency::new("EURO").is_none());
    }

    #[test]
    fn quantities_lose_their_binary_tail() {
        assert_eq!(quantity(0.1 + 0.2), Decimal::new(3, 1));
        assert_eq!(quantity(5_272_140.000_000_058), Decimal::from(5_272_140));
        assert!(quantity(f64::INFINITY) > Decimal::from(10_u64.pow(19)));
        assert_eq!(quantity(1e-300), Decimal::ZERO);
        assert_eq!(quantity(-1.0), Decimal::ZERO);
    }
}
