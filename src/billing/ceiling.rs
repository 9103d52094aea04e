//! The ceiling: the most that a configuration can be billed, whatever the traffic. Every instance that the quotas allow is
//! busy all the time; requests are bounded by the slots and how long one takes.

use super::book::{FunctionRates, PriceBook};
use super::invoice::rate;
use super::money::Money;
use super::usage::{MONTH_HOURS, MonthFactor, month_usage};
use crate::platform::BillingUnit;
use crate::platform::meter::HourMeter;
use crate::scenario::Limit;
use crate::units::{NANOS, Span};

/// What bounds one function.
#[derive(Clone, Copy, Debug)]
pub struct Bounds<'a> {
    /// Its prices.
    pub rates: &'a FunctionRates,
    /// Its own quota of instances, a reservation included.
    pub max_instances: Limit,
    /// Its own quota of invocations in flight.
    pub max_concurrency: Limit,
    /// Invocations at once on one instance.
    pub instance_concurrency: u32,
    /// Most instances kept warm at once; they are part of the quota.
    pub provisioned: u64,
    /// Whether each invocation is billed by itself, or the instance's busy period.
    pub unit: BillingUnit,
    /// Mean billed time of an invocation in this scenario, seconds. Taken as at least 1 ms.
    pub mean_billed_s: f64,
}

/// The most that can be billed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceiling {
    /// In an hour; `None` if nothing limits it.
    pub hour: Option<Money>,
    /// In a day.
    pub day: Option<Money>,
    /// In a month.
    pub month: Option<Money>,
    /// The setting that limits it, such as `account.max_instances`; `nothing` if none does.
    pub limited_by: String,
}

/// The ceiling of all functions of an account with these account-wide quotas.
#[must_use]
pub fn ceiling(book: &PriceBook, functions: &[Bounds<'_>], account_instances: Limit, account_concurrency: Limit) -> Ceiling {
    // No free tier: the hour in question may be any of the month.
    let mut book = book.clone();
    book.items.iter_mut().for_each(|item| item.free = rust_decimal::Decimal::ZERO);
    let mut left = account_instances.get().min(account_concurrency.get());
    let account_total = left;
    let wanted = functions.iter().fold(0_u64, |sum, f| sum.saturating_add(own_limit(f)));
    if wanted.min(left) == u64::MAX {
        return Ceiling { hour: None, day: None, month: None, limited_by: "nothing".to_owned() };
    }
    // The account's instances go to the functions whose instances cost most.
    let cost = |f: &Bounds<'_>| bill(&book, &[(f.rates, full_hour(f, 1, account_concurrency))], 1.0).amount;
    let mut order: Vec<usize> = (0..functions.len()).collect();
    order.sort_by_cached_key(|index| std::cmp::Reverse(cost(&functions[*index])));
    let mut hours: Vec<(&FunctionRates, HourMeter)> = Vec::with_capacity(functions.len());
    for index in order {
        let function = &functions[index];
        let instances = own_limit(function).min(left);
        left -= instances;
        hours.push((function.rates, full_hour(function, instances, account_concurrency)));
    }
    let limited_by = if wanted > account_total {
        let name = if account_instances.get() <= account_concurrency.get() { "max_instances" } else { "max_concurrency" };
        format!("account.{name}")
    } else {
        let own = |f: &Bounds<'_>| {
            let name = if f.max_instances.get() <= f.max_concurrency.get() { "max_instances" } else { "max_concurrency" };
            format!("functions.{}.{name}", f.rates.name)
        };
        functions.iter().map(own).collect::<Vec<_>>().join(", ")
    };
    let [hour, day, month] = [1.0, 24.0, MONTH_HOURS].map(|times| Some(bill(&book, &hours, times)));
    Ceiling { hour, day, month, limited_by }
}

/// Busy instances that a function's own quotas allow: each invocation in flight may have an instance to itself.
fn own_limit(function: &Bounds<'_>) -> u64 {
    function.max_instances.get().min(function.max_concurrency.get())
}

/// An hour in which this many instances are busy throughout, full.
fn full_hour(function: &Bounds<'_>, instances: u64, account_concurrency: Limit) -> HourMeter {
    const HOUR: u64 = 3600 * NANOS as u64;
    let slots = instances.saturating_mul(u64::from(function.instance_concurrency));
    let slots = slots.min(function.max_concurrency.get()).min(account_concurrency.get());
    let provisioned = function.provisioned.min(instances);
    let on_demand = match function.unit {
        BillingUnit::Invocation => slots.saturating_sub(provisioned.saturating_mul(u64::from(function.instance_concurrency))),
        BillingUnit::BusyPeriod => instances - provisioned,
    };
    HourMeter {
        invocations: (slots as f64 * 3600.0 / function.mean_billed_s.max(1e-3)) as u64,
        active_ns: on_demand.saturating_mul(HOUR),
        provisioned_active_ns: provisioned.saturating_mul(HOUR),
        ..HourMeter::default()
    }
}

fn bill(book: &PriceBook, hours: &[(&FunctionRates, HourMeter)], times: f64) -> Money {
    let functions: Vec<(&FunctionRates, &[HourMeter])> =
        hours.iter().map(|(rates, hour)| (*rates, std::slice::from_ref(hour))).collect();
    rate(book, &month_usage(book, &functions, Span::from_secs(3600), MonthFactor { traffic: times, clock: times })).total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::book::FunctionSpec;
    use crate::platform::Platform;
    use crate::scenario::BillingOptions;
    use crate::units::{Bytes, Vcpu};

    fn fc() -> (PriceBook, FunctionRates, FunctionRates) {
        let book = PriceBook::new(Platform::find("alibaba-fc").unwrap(), "cn-hangzhou", &BillingOptions::default()).unwrap();
        let function = |name: &str, mib: u64| {
            let spec = FunctionSpec {
                name: name.to_owned(),
                memory: Bytes::from_mib(mib),
                vcpu: Vcpu::new(0.5).unwrap(),
                disk: Bytes::from_mib(512),
                gpu: None,
                architecture: Default::default(),
            };
            book.function(&spec).unwrap()
        };
        let (small, large) = (function("small", 512), function("large", 2048));
        (book, small, large)
    }

    fn bounds(rates: &FunctionRates, max_instances: Limit) -> Bounds<'_> {
        let unlimited = Limit::Unlimited;
        Bounds {
            rates,
            max_instances,
            max_concurrency: unlimited,
            instance_concurrency: 1,
            provisioned: 0,
            unit: BillingUnit::Invocation,
            mean_billed_s: 0.2,
        }
    }

    #[test]
    fn a_full_quota_is_busy_all_hour() {
        let (book, small, _) = fc();
        let got = ceiling(&book, &[bounds(&small, Limit::At(10))], Limit::At(300), Limit::Unlimited);
        // 10 x 3600 s x (0.5 vCPU + 0.5 GiB x 0.15) = 20,700 CU; 180,000 requests at 0.0075 = 1,350 CU; x 0.00011.
        assert_eq!(got.hour.unwrap().amount, "2.4255".parse().unwrap());
        assert_eq!(got.day.unwrap().amount, "58.212".parse().unwrap());
        assert_eq!(got.month.unwrap().amount, "1770.615".parse().unwrap());
        assert_eq!(got.limited_by, "functions.small.max_instances");
    }

    #[test]
    fn the_account_goes_to_the_dearest_functions_first() {
        let (book, small, large) = fc();
        let functions = [bounds(&small, Limit::Unlimited), bounds(&large, Limit::At(5))];
        let got = ceiling(&book, &functions, Limit::At(8), Limit::Unlimited);
        // 5 large: 5 x 3600 x (0.5 + 2 x 0.15) = 14,400; 3 small: 3 x 3600 x 0.575 = 6,210; 8 x 18,000 requests: 1,080 CU.
        assert_eq!(got.hour.unwrap().amount, "2.3859".parse().unwrap());
        assert_eq!(got.limited_by, "account.max_instances");
    }

    #[test]
    fn without_a_quota_there_is_no_ceiling() {
        let (book, small, _) = fc();
        let got = ceiling(&book, &[bounds(&small, Limit::Unlimited)], Limit::Unlimited, Limit::Unlimited);
        assert_eq!((got.hour, got.limited_by.as_str()), (None, "nothing"));
    }

    #[test]
    fn shared_instances_multiply_the_requests_not_the_time() {
        let (book, small, _) = fc();
        let shared = Bounds { instance_concurrency: 10, unit: BillingUnit::BusyPeriod, ..bounds(&small, Limit::At(1)) };
        let got = ceiling(&book, &[shared], Limit::At(300), Limit::Unlimited);
        // 3600 x 0.575 = 2,070 CU; 10 slots x 18,000 requests = 1,350 CU.
        assert_eq!(got.hour.unwrap().amount, "0.3762".parse().unwrap());
    }

    #[test]
    fn a_quota_of_zero_costs_nothing() {
        let (book, small, _) = fc();
        let got = ceiling(&book, &[bounds(&small, Limit::At(0))], Limit::Unlimited, Limit::Unlimited);
        assert_eq!(got.hour.map(|m| m.amount.is_zero()), Some(true));
    }
}
