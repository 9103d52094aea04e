//! Systems: functions that call functions and dependencies, against exact theory and by hand.

mod calls;
mod dependencies;
mod queues;
mod storm_command;
mod storms;

use faascast::scenario::{Callee, Dependency, Function, Invoke, Limit, Outgoing, Scenario};
use faascast::units::{Probability, Span};
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;

use crate::support::{function, rate, scenario, source};

/// A function that waits a constant time.
fn waits(name: &str, io: f64) -> Function {
    function(name, Distribution::Constant(io))
}

/// One call to it, waited for, not tried again.
fn call(to: Callee) -> Outgoing {
    Outgoing {
        name: "call".into(),
        to,
        invoke: Invoke::Sync,
        times: 1,
        probability: Probability::ONE,
        timeout: None,
        retry: source(0, Arrivals::Poisson(rate(1.0))).retry,
        fails: true,
    }
}

/// A dependency that serves `capacity` at once and refuses the rest.
fn dependency(capacity: u64, latency: Distribution) -> Dependency {
    Dependency {
        name: "db".into(),
        capacity: Limit::At(capacity),
        latency,
        error: Probability::ZERO,
        rate: None,
        wait: Span::ZERO,
        cancels_abandoned: false,
    }
}

/// A front function under Poisson traffic; what it calls is in `functions[1..]` and `dependencies`.
fn system(front: Function, others: Vec<Function>, dependencies: Vec<Dependency>, per_second: f64, horizon: f64) -> Scenario {
    let mut s = scenario(front, Arrivals::Poisson(rate(per_second)), horizon);
    s.functions.extend(others);
    s.dependencies = dependencies;
    s
}
