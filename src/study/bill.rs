//! From meters to money: the month's bill, its parts, its waste and its range, each with its interval.
//!
//! Free tier and price tiers apply to the mean month over replications; intervals come from leaving out one replication at a
//! time, never from rating a replication's extrapolated sample.

use std::collections::BTreeMap;

use rust_decimal::prelude::ToPrimitive;

use super::result::{Charge, Fee, MonthRange};
use crate::billing::book::{BookError, FunctionRates, FunctionSpec, Item, PriceBook};
use crate::billing::component::{Component, State};
use crate::billing::invoice::{Invoice, Line, rate, rate_f64, units_f64};
use crate::billing::usage::{MONTH_HOURS, MonthFactor, MonthUsage, month_usage};
use crate::engine::{FunctionTally, Replication};
use crate::estimate::Estimate;
use crate::estimate::jackknife::jackknife;
use crate::estimate::moments::Moments;
use crate::estimate::paired::LeaveOneOut;
use crate::estimate::student::t_quantile_at;
use crate::platform::meter::WASTE_CLASSES;
use crate::scenario::{Scenario, Source};
use crate::units::{SimTime, Span};

/// From that many requests a second on, rounding an hour up to a unit changes the bill by less than a thousandth.
const MANY_A_SECOND: f64 = 10.0;

/// Classes of waste by `Waste as usize`; idle capacity comes from the idle components of the bill.
const WASTE: [&str; WASTE_CLASSES] = ["duplicates", "abandoned", "timeouts", "crashes", "init_failures", "errors"];

/// What is needed to price replications of one scenario.
pub(super) struct Bill<'a> {
    pub(super) book: &'a PriceBook,
    pub(super) rates: Vec<FunctionRates>,
    pub(super) month_factor: MonthFactor,
    pub(super) scenario: &'a Scenario,
}

impl<'a> Bill<'a> {
    pub(super) fn new(book: &'a PriceBook, scenario: &'a Scenario) -> Result<Self, BookError> {
        let spec = |f: &crate::scenario::Function| FunctionSpec {
            name: f.name.clone(),
            memory: f.memory,
            vcpu: f.vcpu,
            disk: f.disk,
            gpu: f.gpu.clone(),
            architecture: f.architecture,
        };
        let rates = scenario.functions.iter().map(|f| book.function(&spec(f))).collect::<Result<_, _>>()?;
        Ok(Self { book, rates, month_factor: reweighted_month_factor(scenario), scenario })
    }

    /// Whether the bill depends on what was used in each clock hour: where hours are rounded up or have a minimum, and not every
    /// function has so many requests that this is a matter of less than a thousandth.
    pub(super) fn by_the_hour(&self) -> bool {
        let rounded = self.book.by_the_hour();
        let many = |f: usize| {
            let sources = self.scenario.traffic.iter().filter(|s| s.function == f);
            sources.map(|s| s.arrivals.mean_rate()).sum::<f64>() >= MANY_A_SECOND
        };
        rounded && !(0..self.scenario.functions.len()).all(many)
    }

    pub(super) fn month(&self, replication: &Replication) -> MonthUsage {
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

    /// The fee on all replications and without each of them.
    pub(super) fn fee_without(&self, replications: &[Replication]) -> LeaveOneOut {
        let months: Vec<MonthUsage> = replications.iter().map(|r| self.month(r)).collect();
        let sum = MonthUsage::sum(&months);
        let without = months.iter().map(|month| rate_f64(self.book, &sum.leave_out(month, months.len()))).collect();
        LeaveOneOut { all: rate_f64(self.book, &MonthUsage::mean(&months)), without }
    }

    /// Price tiers above the first: the item with the edge, as text, and whether a replication's month is beyond it.
    pub(super) fn tiers(&self, replication: &Replication) -> Vec<(String, bool)> {
        let units = units_f64(self.book, &self.month(replication));
        let edges = |(item, units): (&Item, f64)| {
            let edges: Vec<(String, bool)> = item
                .tiers
                .iter()
                .skip(1)
                .filter_map(|(edge, _)| {
                    let beyond = units > edge.to_f64()?;
                    Some((format!("price tier of {} above {}", item.name, edge.normalize()), beyond))
                })
                .collect();
            edges
        };
        self.book.items().iter().zip(units).flat_map(edges).collect()
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
}

/// How many horizons a month has. The horizon may be a busy or a quiet part of the profile's period: traffic is scaled by what
/// the profiles say of the 730 h from clock 0 against the horizon, weighted by the sources' mean rates.
fn reweighted_month_factor(scenario: &Scenario) -> MonthFactor {
    let horizon = scenario.simulation.horizon;
    let weight = |until: Span| -> f64 {
        let requests = |s: &Source| s.arrivals.mean_rate().max(0.0) * s.profile.integral(SimTime(0), SimTime(until.0));
        scenario.traffic.iter().map(requests).sum()
    };
    let (month, simulated) = (weight(Span::from_secs((MONTH_HOURS * 3600.0) as i64)), weight(horizon));
    let even = MonthFactor::even(horizon);
    if simulated > 0.0 && month > 0.0 && month.is_finite() { MonthFactor { traffic: month / simulated, ..even } } else { even }
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
        let ok = self.count(replications, |r| r.functions[f].ok);
        (self.estimate(|i, _| fee(i)), self.estimate(|i, out| fee(i) / (ok.mean(out) / 1e6)))
    }

    /// Fee of a source: its function's, by its share of the billed time; where functions call others, that of all functions, by
    /// its share of what it caused in each.
    pub(super) fn source(&self, scenario: &Scenario, s: usize, replications: &[Replication]) -> (Estimate, Estimate) {
        if replications.iter().any(|r| !r.caused.is_empty()) {
            return self.caused(scenario, s, replications);
        }
        let function = scenario.traffic[s].function;
        let others: Vec<usize> = (0..scenario.traffic.len()).filter(|o| scenario.traffic[*o].function == function).collect();
        let billed = self.count(replications, |r| r.sources[s].billed_ns);
        let all = self.count(replications, |r| others.iter().map(|o| r.sources[*o].billed_ns).sum());
        let fee = |invoice: &Invoice, out| {
            billed.share_of(&all, out).unwrap_or(1.0 / others.len() as f64) * sum(invoice, |line| line == function)
        };
        let ok = self.count(replications, |r| r.sources[s].ok);
        (self.estimate(fee), self.estimate(|i, out| fee(i, out) / (ok.mean(out) / 1e6)))
    }

    /// A function that nothing invoked costs what it is kept warm for: in equal parts to all sources.
    fn caused(&self, scenario: &Scenario, s: usize, replications: &[Replication]) -> (Estimate, Estimate) {
        let (sources, functions) = (scenario.traffic.len(), scenario.functions.len());
        let parts: Vec<[Counts; 2]> = (0..functions)
            .map(|f| {
                let mine = self.count(replications, |r| r.caused[s * functions + f].billed_ns);
                [mine, self.count(replications, |r| (0..sources).map(|o| r.caused[o * functions + f].billed_ns).sum())]
            })
            .collect();
        let fee = |invoice: &Invoice, out| -> f64 {
            let of = |(f, [mine, all]): (usize, &[Counts; 2])| {
                mine.share_of(all, out).unwrap_or(1.0 / sources as f64) * sum(invoice, |line| line == f)
            };
            parts.iter().enumerate().map(of).sum()
        };
        let ok = self.count(replications, |r| r.sources[s].ok);
        (self.estimate(fee), self.estimate(|i, out| fee(i, out) / (ok.mean(out) / 1e6)))
    }

    fn count(&self, replications: &[Replication], figure: impl Fn(&Replication) -> u64) -> Counts {
        let each: Vec<u64> = replications.iter().map(figure).collect();
        Counts { total: each.iter().map(|x| u128::from(*x)).sum(), each, to_month: self.bill.month_factor.traffic }
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
            month_factor: self.bill.month_factor.traffic,
            prices_as_of: self.bill.book.prices_as_of.clone(),
            charges: self.charges(),
        }
    }

    /// The invoice of the mean month, each line with its interval.
    pub(super) fn charges(&self) -> Vec<Charge> {
        let discount = self.bill.scenario.billing.committed.map_or(0.0, |share| share.get());
        let charge = |line: &Line| {
            let same = |other: &&Line| (other.function, other.component) == (line.function, line.component);
            let amount = |invoice: &Invoice| invoice.lines.iter().find(same).map_or(0.0, |l| l.amount.to_f64().unwrap_or(0.0));
            let amount = self.estimate(|invoice, _| amount(invoice));
            let units = line.units.to_f64().unwrap_or(0.0);
            let of_one = self.bill.rates.get(line.function).and_then(|rates| rates.units_of_one(line.component));
            // All prices are cut by the same share; the minimum charge is no price.
            let paid = if line.component == Component::Minimum { 1.0 } else { 1.0 - discount };
            Charge {
                function: self.invoice.functions.get(line.function).cloned().unwrap_or_default(),
                component: line.component.name().to_owned(),
                item: line.item.clone(),
                units,
                metered: of_one.map(|of_one| units / of_one),
                list: amount.mean.unwrap_or(0.0) / if paid > 0.0 { paid } else { 1.0 },
                amount,
            }
        };
        self.invoice.lines.iter().map(charge).collect()
    }

    /// Where one real month falls, a prediction interval: the month's own variance, as it is `month_factor` independent
    /// horizons, and that of the mean.
    fn range(&self, mean: f64) -> Option<MonthRange> {
        if self.months.len() < 2 {
            return None;
        }
        let fees: Vec<f64> = self.months.iter().map(|m| rate_f64(self.bill.book, m)).collect();
        let n = fees.len() as f64;
        let of_mean = Moments::of(&fees).standard_error();
        let variance = of_mean * of_mean * n * (1.0 / self.bill.month_factor.clock + 1.0 / n);
        let spread = t_quantile_at(n - 1.0, 0.95) * variance.sqrt();
        Some(MonthRange { p5: (mean - spread).max(0.0), p95: mean + spread })
    }

    /// Waste at the month's average prices of billed time and of an invocation.
    fn waste(&self, scenario: &Scenario, replications: &[Replication]) -> BTreeMap<String, Estimate> {
        let count = |f: usize, figure: &dyn Fn(&FunctionTally) -> u64| self.count(replications, |r| figure(&r.functions[f]));
        let all: Vec<[Counts; 2]> = (0..scenario.functions.len())
            .map(|f| [count(f, &|t| t.shared_out_ns), count(f, &|t| t.billed_invocations)])
            .collect();
        let class = |class: usize| {
            let parts: Vec<[Counts; 2]> = (0..scenario.functions.len())
                .map(|f| [count(f, &|t| t.waste_ns[class]), count(f, &|t| t.waste_invocations[class])])
                .collect();
            self.estimate(|invoice, out| {
                let wasted = parts.iter().zip(&all).enumerate().map(|(f, (part, all))| {
                    let [time, invocations] = [0, 1].map(|i| part[i].share_of(&all[i], out).unwrap_or(0.0));
                    time * active(invoice, f) + invocations * sum_components(invoice, Some(f), |c| c == Component::Invocations)
                });
                wasted.sum()
            })
        };
        let mut waste: BTreeMap<String, Estimate> = (0..WASTE_CLASSES).map(|c| (WASTE[c].to_owned(), class(c))).collect();
        // By rule: no platform bills what it refuses.
        waste.insert("throttles".to_owned(), Estimate::interval(0.0, 0.0, 0.0, self.months.len()));
        waste.insert("idle".to_owned(), self.estimate(|invoice, _| sum_components(invoice, None, Component::is_idle)));
        waste
    }

    /// Money spent in each bin of the horizon: each function's fee by the billed time that ended in the bin.
    pub(super) fn by_bin(&self, scenario: &Scenario, replications: &[Replication], group: usize, bins: usize) -> Vec<f64> {
        let mut spent = vec![0.0; bins];
        for f in 0..scenario.functions.len() {
            let fee = sum(&self.invoice, |line| line == f) / self.bill.month_factor.traffic;
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

impl Money<'_> {
    /// What a billed nanosecond of each function costs, at the month's average rates: its whole fee by its billed time.
    pub(super) fn per_billed_ns(&self, replications: &[Replication]) -> Vec<f64> {
        let price = |f: usize| {
            let billed = replications.iter().filter_map(|r| r.functions.get(f)).flat_map(|tally| &tally.bins);
            let billed: f64 = billed.map(|bin| bin.billed_ns as f64).sum();
            let fee = sum(&self.invoice, |line| line == f) / self.bill.month_factor.traffic * replications.len() as f64;
            if billed > 0.0 { fee / billed } else { 0.0 }
        };
        (0..self.bill.rates.len()).map(price).collect()
    }
}

/// A count of each replication, scaled to a month.
struct Counts {
    each: Vec<u64>,
    total: u128,
    to_month: f64,
}

impl Counts {
    /// Over all replications but the one left out.
    fn sum(&self, out: Option<usize>) -> f64 {
        (self.total - out.map_or(0, |i| u128::from(self.each[i]))) as f64
    }

    /// The month's mean over those.
    fn mean(&self, out: Option<usize>) -> f64 {
        let n = self.each.len() - usize::from(out.is_some());
        self.sum(out) / n.max(1) as f64 * self.to_month
    }

    /// As a share of another count, if there is any of it.
    fn share_of(&self, all: &Self, out: Option<usize>) -> Option<f64> {
        let all = all.sum(out);
        (all > 0.0).then(|| self.sum(out) / all)
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
