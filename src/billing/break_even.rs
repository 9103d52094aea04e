//! From which use on an instance that is always warm costs less than starting one on demand.

use super::book::{FunctionRates, PriceBook};
use super::component::{Component, RESOURCES, State};

/// Share of its time in 0..=1 that a provisioned instance must be at work to cost no more than the same work on demand; above 1
/// where it never pays (its work costs as much as on demand), 0 where it always does.
///
/// With prices A of a second at work on demand, P of a second at work and I of an idle second provisioned, both cost the same
/// where u A = u P + (1 - u) I, that is u = I / (A - P + I). Prices are of the first tier; what on-demand instances pay for
/// idle time and for cold starts is left out, so that it pays a little earlier than said.
#[must_use]
pub fn break_even(book: &PriceBook, rates: &FunctionRates) -> f64 {
    let second = |state: State| -> f64 {
        let price = |resource| {
            let component = Component::Time(state, resource).index();
            let item = rates.items.get(component).and_then(|item| book.items.get(*item));
            rates.units.get(component).copied().unwrap_or(0.0) * item.map_or(0.0, |item| item.first_price())
        };
        RESOURCES.into_iter().map(price).sum()
    };
    let (demand, work, idle) = (second(State::Active), second(State::ProvisionedActive), second(State::ProvisionedIdle));
    match () {
        () if idle <= 0.0 => 0.0,
        () if demand - work + idle <= 0.0 => f64::INFINITY,
        () => idle / (demand - work + idle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::book::FunctionSpec;
    use crate::platform::Platform;
    use crate::scenario::{Architecture, BillingOptions};
    use crate::units::{Bytes, Vcpu};

    fn of(platform: &str, region: &str) -> f64 {
        let platform = Platform::find(platform).unwrap();
        let book = PriceBook::new(platform, region, &BillingOptions::default()).unwrap();
        let (memory, vcpu) = (Bytes::from_mib(1024), Vcpu::new(0.5).unwrap());
        let architecture = Architecture::X86;
        let spec = FunctionSpec { name: "f".into(), memory, vcpu, disk: Bytes(0), gpu: None, architecture };
        break_even(&book, &book.function(&spec).unwrap())
    }

    /// Lambda in us-east-1: 16.6667, 9.7222 and 4.1667 millionths of a dollar for a GB-second on demand, at work and
    /// kept warm: 4.1667 / (16.6667 - 9.7222) = 0.6.
    #[test]
    fn provisioned_concurrency_of_lambda_pays_from_six_tenths_on() {
        let share = of("aws-lambda", "us-east-1");
        assert!((share - 0.6).abs() < 1e-4, "{share}");
    }

    /// Work costs the same on both kinds of instance: idle time never pays for itself.
    #[test]
    fn where_work_costs_the_same_it_pays_only_when_never_idle() {
        let share = of("alibaba-fc", "cn-hangzhou");
        assert!((share - 1.0).abs() < 1e-12, "{share}");
    }
}
