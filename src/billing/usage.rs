//! Metering: hours of usage, added up to a month of units of priced items.

use super::book::{FunctionRates, PriceBook};
use super::component::{COMPONENTS, Component, RESOURCES, STATES};
use crate::platform::meter::HourMeter;
use crate::units::{NANOS, Span};

/// A month in hours.
pub const MONTH_HOURS: f64 = 730.0;

/// A month's usage of one function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionUsage {
    /// Name of the function.
    pub name: String,
    /// By component: units of its priced item; for `Minimum` money.
    pub units: [f64; COMPONENTS],
    /// By component: the priced item.
    pub(super) items: [usize; COMPONENTS],
}

/// A month's usage of all functions of an account in a region. A linear quantity: months may be added and averaged, which
/// the free tier and the price tiers, applied afterwards, may not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MonthUsage {
    /// By function, in the order of the scenario.
    pub functions: Vec<FunctionUsage>,
}

/// What the meters of a horizon are multiplied by to give a month of 730 h.
///
/// What requests cause (invocations, time at work, idle time after it, egress) follows the traffic, of which the horizon may
/// be a busy or a quiet part. What the clock causes (provisioned instances, the round-up and minimum of each hour) does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonthFactor {
    /// For what follows the traffic.
    pub traffic: f64,
    /// For what follows the clock: 730 h over the horizon.
    pub clock: f64,
}

impl MonthFactor {
    /// Where the horizon is as busy as the month.
    #[must_use]
    pub fn even(horizon: Span) -> Self {
        let clock = MONTH_HOURS * 3600.0 / horizon.as_secs_f64();
        Self { traffic: clock, clock }
    }

    fn of(self, component: Component) -> f64 {
        match component {
            Component::Rounding | Component::Minimum => self.clock,
            Component::Invocations | Component::Egress | Component::Time(..) => self.traffic,
        }
    }

    /// Provisioned time is there by the clock; the part of it at work follows the traffic, the rest is idle.
    fn provisioned(self, totals: &mut [f64; AMOUNTS]) {
        let [.., active, idle] = totals;
        *idle = (((*active + *idle) * self.clock - *active * self.traffic) / self.traffic).max(0.0);
    }
}

/// A month's usage from the hours of a horizon. `hours[i]` is hour i from clock 0; the last one may be shorter than an hour:
/// the round-up and the minimum charge are then those of a whole hour at its pace, weighted by its length. `factor` says
/// how many such horizons a month has.
#[must_use]
pub fn month_usage(
    book: &PriceBook,
    functions: &[(&FunctionRates, &[HourMeter])],
    horizon: Span,
    factor: MonthFactor,
) -> MonthUsage {
    let month = |rates: &FunctionRates, hours: &[HourMeter]| {
        // Whole numbers, so that what is linear is added without any rounding.
        let mut totals = [0_u128; AMOUNTS];
        let mut extra = Extra::default();
        for (hour, meter) in hours.iter().enumerate().filter(|(_, meter)| **meter != HourMeter::default()) {
            let amounts = amounts(meter);
            totals.iter_mut().zip(amounts).for_each(|(total, amount)| *total += u128::from(amount));
            extra.add_hour(book, rates, amounts, hour_length(horizon, hour));
        }
        let mut totals = totals.map(|total| total as f64);
        if factor.traffic != factor.clock {
            factor.provisioned(&mut totals);
        }
        let mut units = units(rates, totals);
        units[Component::Rounding.index()] = extra.rounding;
        units[Component::Minimum.index()] = extra.minimum;
        units.iter_mut().zip(Component::all()).for_each(|(units, component)| *units *= factor.of(component));
        FunctionUsage { name: rates.name.clone(), units, items: rates.items }
    };
    MonthUsage { functions: functions.iter().map(|(rates, hours)| month(rates, hours)).collect() }
}

/// Length of an hour of the horizon, in hours.
fn hour_length(horizon: Span, hour: usize) -> f64 {
    let left = horizon.0.saturating_sub((hour as i64).saturating_mul(3600 * NANOS));
    let length = left as f64 / (3600 * NANOS) as f64;
    if length > 0.0 && length < 1.0 { length } else { 1.0 }
}

/// What the billing cycles of a function add to its usage.
#[derive(Default)]
struct Extra {
    /// Units of the item that is rounded up each hour.
    rounding: f64,
    /// Money.
    minimum: f64,
}

impl Extra {
    fn add_hour(&mut self, book: &PriceBook, rates: &FunctionRates, amounts: [u64; AMOUNTS], length: f64) {
        let units = units(rates, amounts.map(|amount| amount as f64 / length));
        let first_price = |item: usize| book.items.get(item).map_or(0.0, |item| item.first_price());
        let mut cost: f64 = units.iter().zip(rates.items).map(|(units, item)| units * first_price(item)).sum();
        if let Some(rounded) = book.cycle_rounding {
            let whole: f64 = units.iter().zip(rates.items).filter(|(_, item)| *item == rounded).map(|(units, _)| units).sum();
            let excess = round_up(whole) - whole;
            self.rounding += excess * length;
            cost += excess * first_price(rounded);
        }
        // At the first tier's price: the hour's place in the month's tiers is not known here, and the difference is below
        // the minimum itself.
        self.minimum += (book.minimum_charge - cost).max(0.0) * length;
    }
}

/// Number of amounts in a meter.
const AMOUNTS: usize = 6;

/// The amounts of a meter: invocations, bytes of egress, and nanoseconds in each state.
const fn amounts(meter: &HourMeter) -> [u64; AMOUNTS] {
    let HourMeter { invocations, active_ns, idle_ns, provisioned_active_ns, provisioned_idle_ns, egress_bytes } = *meter;
    [invocations, egress_bytes, active_ns, idle_ns, provisioned_active_ns, provisioned_idle_ns]
}

/// Units of the metered components for amounts in that order.
fn units(rates: &FunctionRates, amounts: [f64; AMOUNTS]) -> [f64; COMPONENTS] {
    let mut units = [0.0; COMPONENTS];
    let mut add = |component: Component, amount: f64| units[component.index()] = amount * rates.units[component.index()];
    add(Component::Invocations, amounts[0]);
    add(Component::Egress, amounts[1] / f64::from(1 << 30));
    for (state, nanos) in STATES.into_iter().zip(&amounts[2..]) {
        RESOURCES.into_iter().for_each(|resource| add(Component::Time(state, resource), nanos / 1e9));
    }
    units
}

/// The next whole number at or above; never below the argument. What floating point added to a whole number (some 1e-15 of
/// it) does not count as a further unit; the least real usage (a millisecond of 0.05 vCPU) is more than the tolerance up to
/// ten million units an hour.
fn round_up(units: f64) -> f64 {
    (units * (1.0 - 1e-12)).ceil().max(units)
}

impl MonthUsage {
    /// The mean of months of the same functions; without functions if there are none.
    #[must_use]
    pub fn mean(months: &[Self]) -> Self {
        let mut sum = Self::sum(months);
        sum.scale(1.0 / months.len().max(1) as f64);
        sum
    }

    /// The sum of months of the same functions, added in order.
    #[must_use]
    pub fn sum(months: &[Self]) -> Self {
        let Some((first, others)) = months.split_first() else { return Self::default() };
        let mut sum = first.clone();
        others.iter().for_each(|month| sum.combine(month, 1.0));
        sum
    }

    /// The mean of the others, where `self` is the sum of `n` months and `one` is one of them (n > 1).
    #[must_use]
    pub fn leave_out(&self, one: &Self, n: usize) -> Self {
        let mut rest = self.clone();
        rest.combine(one, -1.0);
        rest.scale(1.0 / n.saturating_sub(1).max(1) as f64);
        rest
    }

    /// Adds another month, `weight` times.
    pub fn combine(&mut self, other: &Self, weight: f64) {
        for (mine, theirs) in self.functions.iter_mut().zip(&other.functions) {
            mine.units.iter_mut().zip(&theirs.units).for_each(|(mine, theirs)| *mine += weight * theirs);
        }
    }

    /// Multiplies every quantity.
    pub fn scale(&mut self, factor: f64) {
        self.functions.iter_mut().flat_map(|function| &mut function.units).for_each(|units| *units *= factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_up_ignores_what_floating_point_adds() {
        for (units, whole) in
            [(0.0, 0.0), (2.0, 2.0), (0.1 + 0.2 + 2.7, 3.0), (2.000_001, 3.0), (3_f64.next_up(), 3_f64.next_up())]
        {
            assert_eq!(round_up(units), whole, "{units}");
        }
    }

    #[test]
    fn a_partial_hour_has_its_own_length() {
        let horizon = Span::from_secs(5400);
        assert_eq!((hour_length(horizon, 0), hour_length(horizon, 1), hour_length(horizon, 2)), (1.0, 0.5, 1.0));
        assert_eq!(MonthFactor::even(Span::from_secs(3600)), MonthFactor { traffic: 730.0, clock: 730.0 });
    }

    /// 6 h with 3 h at work of 6 h provisioned, of a month with half their traffic: 182.5 h at work of 730 h.
    #[test]
    fn provisioned_time_follows_the_clock_and_its_work_the_traffic() {
        let mut totals = [0.0, 0.0, 0.0, 0.0, 3.0, 3.0];
        let factor = MonthFactor { traffic: 365.0 / 6.0, clock: 730.0 / 6.0 };
        factor.provisioned(&mut totals);
        let month = totals.map(|hours| hours * factor.traffic);
        assert!((month[4] - 182.5).abs() < 1e-9 && (month[4] + month[5] - 730.0).abs() < 1e-9, "{month:?}");
    }
}
