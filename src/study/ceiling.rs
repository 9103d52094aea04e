//! The most that a scenario can be billed: by which limit, how soon that spends the fee objective, and which quota lowers it most.

use super::bill::Bill;
use super::result::{Ceiling, Lever};
use crate::billing::ceiling::{Bounds, ceiling as most};
use crate::billing::money::Money;
use crate::engine::Replication;
use crate::scenario::{Limit, Provisioned};
use rust_decimal::prelude::ToPrimitive;

/// What the quotas, full all the time, cost.
pub(super) fn ceiling(bill: &Bill<'_>, replications: &[Replication]) -> Ceiling {
    let account = [bill.scenario.account.max_instances, bill.scenario.account.max_concurrency];
    let bounds = bounds(bill, replications);
    let found = most(bill.book, &bounds, account[0], account[1]);
    let hour = found.hour.as_ref().and_then(|hour| hour.amount.to_f64());
    let objective = bill.scenario.objectives.iter().find(|objective| objective.figure == "fee");
    let shown = |m: Option<Money>| m.map_or_else(|| "unlimited".to_owned(), |m| m.rounded().to_string());
    Ceiling {
        lever: lever(bill, &bounds, account),
        objective_hours: objective.zip(hour).filter(|(_, hour)| *hour > 0.0).map(|(objective, hour)| objective.target / hour),
        hour: shown(found.hour),
        day: shown(found.day),
        month: shown(found.month),
        limited_by: found.limited_by,
    }
}

/// What bounds each function.
fn bounds<'b>(bill: &'b Bill<'_>, replications: &[Replication]) -> Vec<Bounds<'b>> {
    let by_instances = bill.scenario.account.max_instances != Limit::Unlimited;
    let of = |(f, spec): (usize, &crate::scenario::Function)| {
        let of_one = |r: &Replication| u128::from(r.functions[f].shared_out_ns.max(r.functions[f].billed_ns));
        let billed: u128 = replications.iter().map(of_one).sum();
        let invocations: u64 = replications.iter().map(|r| r.functions[f].invocations).sum();
        let reserved = spec.reserved.map_or(Limit::Unlimited, Limit::At);
        let tighter = |own: Limit, applies: bool| if applies && reserved.get() < own.get() { reserved } else { own };
        Bounds {
            rates: &bill.rates[f],
            max_instances: tighter(spec.max_instances, by_instances),
            max_concurrency: tighter(spec.max_concurrency, !by_instances),
            instance_concurrency: spec.instance_concurrency,
            provisioned: most_provisioned(&spec.provisioned),
            unit: spec.billing.unit,
            mean_billed_s: billed as f64 / 1e9 / invocations.max(1) as f64,
        }
    };
    bill.scenario.functions.iter().enumerate().map(of).collect()
}

/// The quota that lowers the ceiling most when it is halved (where there is none: set to half of what the account gives).
fn lever(bill: &Bill<'_>, bounds: &[Bounds<'_>], account: [Limit; 2]) -> Option<Lever> {
    let all = account[0].get().min(account[1].get());
    let mut best: Option<(rust_decimal::Decimal, Lever)> = None;
    let mut consider = |setting: String, from: Limit, to: u64, bounds: &[Bounds<'_>], account: [Limit; 2]| {
        let Some(hour) = most(bill.book, bounds, account[0], account[1]).hour else { return };
        if best.as_ref().is_none_or(|(least, _)| hour.amount < *least) {
            let lever = Lever { setting, from: from.to_string(), to, hour: hour.rounded().to_string() };
            best = Some((hour.amount, lever));
        }
    };
    for (name, index) in [("max_instances", 0), ("max_concurrency", 1)] {
        if let Limit::At(n) = account[index] {
            let mut halved = account;
            halved[index] = Limit::At(n / 2);
            consider(format!("account.{name}"), account[index], n / 2, bounds, halved);
        }
    }
    for (f, own) in bounds.iter().enumerate() {
        let today = own.max_instances.get().min(all);
        if today == u64::MAX {
            continue;
        }
        let mut halved = bounds.to_vec();
        halved[f].max_instances = Limit::At(today / 2);
        consider(format!("functions.{}.max_instances", own.rates.name), own.max_instances, today / 2, &halved, account);
    }
    best.map(|(_, lever)| lever)
}

fn most_provisioned(provisioned: &Provisioned) -> u64 {
    match provisioned {
        Provisioned::Constant(n) | Provisioned::Tracking { max: n, .. } => *n,
        Provisioned::Weekly(windows) => windows.iter().map(|w| w.2).max().unwrap_or(0),
    }
}
