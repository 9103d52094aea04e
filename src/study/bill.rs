//! From meters to money: the month's bill, its parts, its waste and its range, each with its interval.
//!
//! Free tier and price tiers apply to the mean month over replications; intervals come from leaving out one replication at a
//! time, never from rating a replication's extrapolated sample.

use std::collections::BTreeMap;

use rust_decimal::prelude::ToPrimitive;

use super::result::{Ceiling, Fee, MonthRange};
use crate::billing::book::{BookError, FunctionRates, FunctionSpec, PriceBook};
use crate::billing::ceiling::{Bounds, ceiling};
use crate::billing::component::{Component, State};
use crate::billing::invoice::{Invoice, rate, rate_f64};
use crate::billing::usage::{MonthUsage, month_factor, month_usage};
use crate::engine::{FunctionTally, Replication};
use crate::estimate::Estimate;
use crate::estimate::jackknife::jackknife;
use crate::estimate::moments::Moments;
use crate::platform::meter::WASTE_CLASSES;
use crate::scenario::{Limit, Provisioned, Scenario};
use crate::units::SimTime;

/// Classes of waste by `Waste as usize`; idle capacity comes from the idle components of the bill.
const WASTE: [&str; WASTE_CLASSES] = ["duplicates", "abandoned", "timeouts", "crashes", "init_failures", "errors"];

/// What is needed to price replications of one scenario.
pub(super) struct Bill<'a> {
    pub(super) book: &'a PriceBook,
    rates: Vec<FunctionRates>,
    pub(super) month_factor: f64,
    scenario: &'a Scenario,
}

impl<'a> Bill<'a> {
    pub(super) fn new(book: &'a PriceBook, scenario: &'a Scenario) -> Result<Self, BookError> {
        let spec = |f: &crate::scenario::Function| FunctionSpec {
            name: f.name.clone(),
            memory: f.memory,
            vcpu: f.vcpu,
            disk: f.disk,
            gpu: f.gpu.clone(),
        };
        let rates = scenario.functions.iter().map(|f| book.function(&spec(f))).collect::<Result<_, _>>()?;
        Ok(Self { book, rates, month_factor: reweighted_month_factor(scenario), scenario })
    }

    fn month(&self, replication: &Replication) -> MonthUsage {
        let functions: Vec<_> = self.rates.iter().zip(&replication.functions).map(|(r, f)| (r, &f.hours[..])).collect();
        month_usage(self.book, &functions, self.scenario.simulation.horizon, self.month_factor)
    }

    /// The fee alone, for stopping rules and objectives.
    pub(super) fn fee(&self, replications: &[Replication]) -> Estimate {
        let months: Vec<MonthUsage> = replications.iter().map(|r| self.month(r)).collect();
        let sum = MonthUsage::sum(&months);
        let n = months.len();
        jackknife(n, |out| match out {
            Some(i) => rate_f64(self.book, &sum.leave_out(&months[i], n)),
            None => rate_f64(self.book, &MonthUsage::mean(&months)),
        })
    }

    /// All months priced, with each replication left out in turn.
    pub(super) fn rated(&self, replications: &[Replication]) -> Money<'_> {
        let months: Vec<MonthUsage> = replications.iter().map(|r| self.month(r)).collect();
        let sum = MonthUsage::sum(&months);
        let n = months.len();
        let invoice = rate(self.book, &MonthUsage::mean(&months));
        // One replication has nothing to leave out.
        let without = if n > 1 { months.iter().map(|m| rate(self.book, &sum.leave_out(m, n))).collect() } else { Vec::new() };
        Money { bill: self, months, invoice, without }
    }

    pub(super) fn ceiling(&self, replications: &[Replication]) -> Ceiling {
        let scenario = self.scenario;
        let bounds = scenario.functions.iter().enumerate().map(|(f, spec)| {
            let billed: u64 = replications.iter().map(|r| r.functions[f].shared_out_ns.max(r.functions[f].billed_ns)).sum();
            let invocations: u64 = replications.iter().map(|r| r.functions[f].invocations).sum();
            let reserved = spec.reserved.map_or(Limit::Unlimited, Limit::At);
            let tighter = |own: Limit, applies: bool| if applies && reserved.get() < own.get() { reserved } else { own };
            let by_instances = scenario.account.max_instances != Limit::Unlimited;
            Bounds {
                rates: &self.rates[f],
                max_instances: tighter(spec.max_instances, by_instances),
                max_concurrency: tighter(spec.max_concurrency, !by_instances),
                instance_concurrency: spec.instance_concurrency,
                provisioned: most_provisioned(&spec.provisioned),
                unit: spec.billing.unit,
                mean_billed_s: billed as f64 / 1e9 / invocations.max(1) as f64,
            }
        });
        let bounds = bounds.collect::<Vec<_>>();
        let most = ceiling(self.book, &bounds, scenario.account.max_instances, scenario.account.max_concurrency);
        let money =
            |m: Option<crate::billing::money::Money>| m.map_or_else(|| "unlimited".to_owned(), |m| m.rounded().to_string());
        Ceiling { hour: money(most.hour), day: money(most.day), limited_by: most.limited_by }
    }
}

fn most_provisioned(provisioned: &Provisioned) -> u64 {
    match provisioned {
        Provisioned::Constant(n) => *n,
        Provisioned::Weekly(windows) => windows.iter().map(|w| w.2).max().unwrap_or(0),
    }
}

/// How many horizons a month has. The horizon may be a busy or a quiet part of the profile's period: each source's month is
/// scaled by what its profile says the horizon's share of the month is, weighted by the sources' mean rates.
fn reweighted_month_factor(scenario: &Scenario) -> f64 {
    let horizon = scenario.simulation.horizon;
    let weighted = |seconds: &dyn Fn(&crate::scenario::Source) -> f64| -> f64 {
        scenario.traffic.iter().map(|s| s.arrivals.mean_rate().max(0.0) * seconds(s)).sum()
    };
    let flat = weighted(&|_| horizon.as_secs_f64());
    let shaped = weighted(&|s| s.profile.integral(SimTime(0), SimTime(horizon.0)));
    if shaped > 0.0 && flat.is_finite() { month_factor(horizon) * flat / shaped } else { month_factor(horizon) }
}

/// A priced set of replications.
pub(super) struct Money<'a> {
    bill: &'a Bill<'a>,
    months: Vec<MonthUsage>,
    invoice: Invoice,
    /// The invoice without replication i.
    without: Vec<Invoice>,
}

impl Money<'_> {
    /// An estimate of something read off an invoice and the counts of the replications it is made of.
    fn estimate(&self, read: impl Fn(&Invoice, Option<usize>) -> f64) -> Estimate {
        if self.without.is_empty() {
            return Estimate::point(read(&self.invoice, None), self.months.len());
        }
        jackknife(self.months.len(), |out| match out {
            None => read(&self.invoice, None),
            Some(i) => read(&self.without[i], Some(i)),
        })
    }

    /// Fee of a function, and fee a million of its `ok` requests.
    pub(super) fn function(&self, f: usize, replications: &[Replication]) -> (Estimate, Estimate) {
        let fee = |invoice: &Invoice| sum(invoice, |line| line == f);
        let ok = |out: Option<usize>| self.per_month(replications, out, |r| r.functions[f].ok as f64) / 1e6;
        (self.estimate(|i, _| fee(i)), self.estimate(|i, out| fee(i) / ok(out)))
    }

    /// Fee of a source: its function's, by its share of the billed time.
    pub(super) fn source(&self, scenario: &Scenario, s: usize, replications: &[Replication]) -> (Estimate, Estimate) {
        let function = scenario.traffic[s].function;
        let others: Vec<usize> = (0..scenario.traffic.len()).filter(|o| scenario.traffic[*o].function == function).collect();
        let billed = |source: usize, out| self.per_month(replications, out, |r| r.sources[source].billed_ns as f64);
        let fee = |invoice: &Invoice, out| {
            let all: f64 = others.iter().map(|o| billed(*o, out)).sum();
            let share = if all > 0.0 { billed(s, out) / all } else { 1.0 / others.len() as f64 };
            share * sum(invoice, |line| line == function)
        };
        let ok = |out| self.per_month(replications, out, |r| r.sources[s].ok as f64) / 1e6;
        (self.estimate(fee), self.estimate(|i, out| fee(i, out) / ok(out)))
    }

    /// Mean over replications (but the one left out), scaled to a month.
    fn per_month(&self, replications: &[Replication], out: Option<usize>, figure: impl Fn(&Replication) -> f64) -> f64 {
        let kept = replications.iter().enumerate().filter(|(i, _)| Some(*i) != out);
        let (sum, n) = kept.fold((0.0, 0), |(sum, n), (_, r)| (sum + figure(r), n + 1));
        sum / f64::from(n.max(1)) * self.bill.month_factor
    }

    /// The month's bill.
    pub(super) fn fee(&self, scenario: &Scenario, replications: &[Replication]) -> Fee {
        let components: Vec<Component> = self.invoice.by_component().into_iter().map(|(c, _)| c).collect();
        let part = |wanted: Component| {
            self.estimate(|invoice, _| {
                invoice.by_component().iter().find(|(c, _)| *c == wanted).map_or(0.0, |(_, m)| m.to_f64().unwrap_or(0.0))
            })
        };
        let month = self.estimate(|invoice, _| invoice.total_f64());
        Fee {
            currency: self.bill.book.currency.to_string(),
            range: self.range(month.mean.unwrap_or(0.0)),
            month,
            by_component: components.into_iter().map(|c| (c.name().to_owned(), part(c))).collect(),
            waste: self.waste(scenario, replications),
            month_factor: self.bill.month_factor,
            prices_as_of: self.bill.book.prices_as_of.clone(),
        }
    }

    /// Where one real month falls: its own variance (a month is `month_factor` independent horizons) and that of the mean.
    fn range(&self, mean: f64) -> Option<MonthRange> {
        const Z95: f64 = 1.644_853_626_951_472_2;
        if self.months.len() < 2 {
            return None;
        }
        let fees: Vec<f64> = self.months.iter().map(|m| rate_f64(self.bill.book, m)).collect();
        let n = fees.len() as f64;
        let of_horizon = Moments::of(&fees).standard_error();
        let variance = of_horizon * of_horizon * n * (1.0 / self.bill.month_factor.max(1.0) + 1.0 / n);
        let spread = Z95 * variance.sqrt();
        Some(MonthRange { p5: (mean - spread).max(0.0), p95: mean + spread })
    }

    /// Waste at the month's average price of billed time.
    fn waste(&self, scenario: &Scenario, replications: &[Replication]) -> BTreeMap<String, Estimate> {
        let functions = 0..scenario.functions.len();
        let class = |class: usize| {
            self.estimate(|invoice, out| {
                let wasted = functions.clone().map(|f| {
                    let share =
                        |figure: fn(&FunctionTally) -> u64| self.per_month(replications, out, |r| figure(&r.functions[f]) as f64);
                    let all = share(|t| t.shared_out_ns);
                    let part = self.per_month(replications, out, |r| r.functions[f].waste_ns[class] as f64);
                    if all > 0.0 { part / all * active(invoice, f) } else { 0.0 }
                });
                wasted.sum()
            })
        };
        let mut waste: BTreeMap<String, Estimate> = (0..WASTE_CLASSES).map(|c| (WASTE[c].to_owned(), class(c))).collect();
        // No platform here bills what it refuses.
        waste.insert("throttles".to_owned(), Estimate { mean: Some(0.0), lo: None, hi: None, n: self.months.len() as u32 });
        waste.insert("idle".to_owned(), self.estimate(|invoice, _| sum_components(invoice, None, Component::is_idle)));
        waste
    }

    /// Money spent in each bin of the horizon: each function's fee by the billed time that ended in the bin.
    pub(super) fn by_bin(&self, scenario: &Scenario, replications: &[Replication], group: usize, bins: usize) -> Vec<f64> {
        let mut spent = vec![0.0; bins];
        for f in 0..scenario.functions.len() {
            let fee = sum(&self.invoice, |line| line == f) / self.bill.month_factor;
            let tallies = || replications.iter().map(|r| &r.functions[f].bins);
            let all: f64 = tallies().flatten().map(|b| b.billed_ns as f64).sum();
            for (bin, money) in spent.iter_mut().enumerate() {
                let here: f64 = tallies().flat_map(|b| b.iter().skip(bin * group).take(group)).map(|b| b.billed_ns as f64).sum();
                *money += if all > 0.0 { fee * here / all } else { fee / bins as f64 };
            }
        }
        spent
    }
}

fn sum(invoice: &Invoice, function: impl Fn(usize) -> bool) -> f64 {
    invoice.lines.iter().filter(|l| function(l.function)).map(|l| l.amount.to_f64().unwrap_or(0.0)).sum()
}

fn sum_components(invoice: &Invoice, function: Option<usize>, wanted: impl Fn(Component) -> bool) -> f64 {
    let lines = invoice.lines.iter().filter(|l| function.is_none_or(|f| l.function == f) && wanted(l.component));
    lines.map(|l| l.amount.to_f64().unwrap_or(0.0)).sum()
}

/// What a function's running time costs, its part of the cycle's round-up left out.
fn active(invoice: &Invoice, function: usize) -> f64 {
    sum_components(invoice, Some(function), |c| matches!(c, Component::Time(State::Active | State::ProvisionedActive, _)))
}
