//! Scenarios built in code, for tests of the engine that need no file: plain by default, each test changes what it is about.

use std::sync::Arc;

use faascast::engine::{self, Replication};
use faascast::platform::{BillingRule, BillingUnit, InstanceRules};
use faascast::scenario::*;
use faascast::units::{Bytes, Probability, Rate, Span, Vcpu};
use faascast::workload::arrivals::Arrivals;
use faascast::workload::distribution::Distribution;
use faascast::workload::profile::Profile;

pub(crate) fn probability(p: f64) -> Probability {
    Probability::new(p).unwrap()
}

pub(crate) fn rate(per_second: f64) -> Rate {
    Rate::per_second(per_second).unwrap()
}

pub(crate) fn secs(seconds: f64) -> Span {
    Span::from_secs_f64(seconds)
}

/// A function that works for `io` and costs as on `generic`: 1 ms granule, each invocation by itself, no limits, no cold start
/// time, keep-alive 10 min.
pub(crate) fn function(name: &str, io: Distribution) -> Function {
    let nothing = || Distribution::Constant(0.0);
    Function {
        name: name.into(),
        runtime: String::new(),
        memory: Bytes::from_mib(1024),
        vcpu: Vcpu::new(1.0).unwrap(),
        single_threaded: false,
        timeout: secs(900.0),
        instance_concurrency: 1,
        disk: Bytes(0),
        gpu: None,
        architecture: Architecture::X86,
        reserved: None,
        max_instances: Limit::Unlimited,
        max_concurrency: Limit::Unlimited,
        provisioned: Provisioned::Constant(0),
        keep_alive: KeepAlive::Constant(secs(600.0)),
        max_age: Span::FOREVER,
        routing: Routing::MostRecentlyUsed,
        cold_start: nothing(),
        init_timeout: secs(60.0),
        pending_queue: None,
        work: Work {
            cpu: nothing(),
            io,
            memory: nothing(),
            base_memory: Bytes(0),
            memory_growth: Bytes(0),
            request_bytes: nothing(),
            response_bytes: nothing(),
            header_bytes: nothing(),
            background: nothing(),
            warm_benefit_cpu: Probability::ZERO,
            warm_benefit_io: Probability::ZERO,
            from_trace: false,
        },
        faults: Faults::default(),
        calls: vec![],
        asynchronous: Asynchronous {
            retries: 0,
            delays: vec![Span::ZERO],
            throttle_backoff: backoff(Jitter::None),
            max_event_age: secs(21_600.0),
            duplicate: Probability::ZERO,
            dead_letter: false,
        },
        rules: InstanceRules {
            timeout_kills: false,
            join_starting: false,
            timeout_includes_init: false,
            max_sync_request: u64::MAX,
            max_async_request: u64::MAX,
            max_response: u64::MAX,
            max_headers: u64::MAX,
            requests_per_second: None,
        },
        billing: BillingRule {
            unit: BillingUnit::Invocation,
            granule: Span::from_millis(1),
            minimum: Span::ZERO,
            init_billed: true,
            init_failure_billed: true,
            error_billed: true,
            timeout_billed: true,
            crash_billed: true,
            idle_release: Span::ZERO,
        },
    }
}

pub(crate) fn backoff(jitter: Jitter) -> Backoff {
    Backoff { base: secs(1.0), factor: 2.0, cap: secs(60.0), jitter }
}

pub(crate) fn source(function: usize, arrivals: Arrivals) -> Source {
    Source {
        name: format!("source-{function}"),
        function,
        invoke: Invoke::Sync,
        arrivals,
        profile: Arc::new(Profile::flat()),
        growth_per_month: 0.0,
        client_timeout: None,
        retry: Retry {
            attempts: Limit::At(1),
            on: [false, true, true, true, true, true, false],
            backoff: backoff(Jitter::None),
            deadline: None,
            budget: None,
        },
        queue: None,
    }
}

/// One function with one source over a horizon in seconds, cold start unless `run_in` is set.
pub(crate) fn scenario(function: Function, arrivals: Arrivals, horizon: f64) -> Scenario {
    Scenario {
        name: "test".into(),
        platform: "generic".into(),
        region: String::new(),
        simulation: Simulation {
            kind: Kind::Finite,
            horizon: secs(horizon),
            start: Start::Cold,
            run_in: Span::ZERO,
            seed: 1,
            stopping: Stopping::Fixed(1),
            sampling: Sampling::Full,
            start_time: None,
            rare: None,
        },
        account: Account {
            max_instances: Limit::Unlimited,
            max_concurrency: Limit::Unlimited,
            scaling: Scaling::Unlimited,
            scaling_per_function: false,
            recursion_limit: Limit::Unlimited,
        },
        billing: BillingOptions::default(),
        functions: vec![function],
        dependencies: vec![],
        traffic: vec![source(0, arrivals)],
        events: vec![],
        objectives: vec![],
    }
}

/// Replications 0..n, one after the other.
pub(crate) fn replicate(scenario: &Scenario, n: u64) -> Vec<Replication> {
    (0..n).map(|i| engine::run(scenario, scenario.simulation.seed, i)).collect()
}
