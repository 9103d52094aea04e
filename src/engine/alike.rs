//! Which scenarios are one and the same to the engine: those that differ in what only the bill, the estimates or the reports
//! read. One simulation serves them all.

use super::model::FunctionModel;
use crate::scenario::{Function, Scenario, Simulation, Source};

/// All that the engine reads of a scenario but its arrivals, which may be a long trace. Scenarios of the same text that also
/// [`draw_alike`](super::draw_alike) have the same replications: prices, region, discounts, objectives, architecture, disk,
/// GPU and the memory that nothing fills are not in it.
#[must_use]
pub fn read_by_engine(scenario: &Scenario) -> String {
    // Every field is named, so that a new one has to be put on one side or the other.
    let Scenario {
        name: _,
        platform: _,
        region: _,
        simulation,
        account,
        billing: _,
        functions,
        dependencies,
        traffic,
        events,
        objectives: _,
    } = scenario;
    // The kind of study decides on the run-in.
    let Simulation { kind, horizon, start: _, run_in, seed, stopping: _, sampling, start_time: _, rare: _ } = simulation;
    let functions: Vec<String> = functions.iter().enumerate().map(|(i, f)| function(f, i, scenario)).collect();
    let sources: Vec<String> = traffic.iter().map(source).collect();
    format!("{:?}", (kind, horizon, run_in, seed, sampling, account, functions, dependencies, sources, events))
}

fn function(f: &Function, index: usize, scenario: &Scenario) -> String {
    let Function {
        name,
        runtime: _,
        memory,
        vcpu,
        single_threaded,
        timeout,
        instance_concurrency,
        disk: _,
        gpu: _,
        architecture: _,
        reserved,
        max_instances,
        max_concurrency,
        provisioned,
        keep_alive,
        max_age,
        routing,
        cold_start,
        init_timeout,
        pending_queue,
        work,
        faults,
        calls,
        asynchronous,
        rules,
        billing,
    } = f;
    // The size of an instance matters where something fills it.
    let memory = FunctionModel::<false>::new(f, index, scenario).tracks_memory().then_some(memory);
    let limits = (timeout, instance_concurrency, reserved, max_instances, max_concurrency);
    let instances = (provisioned, keep_alive, max_age, routing, cold_start, init_timeout, pending_queue);
    format!("{:?}", (name, memory, vcpu, single_threaded, limits, instances, work, faults, calls, asynchronous, (rules, billing)))
}

fn source(s: &Source) -> String {
    let Source { name, function, invoke, arrivals: _, profile, growth_per_month, client_timeout, retry, queue } = s;
    format!("{:?}", (name, function, invoke, profile, growth_per_month, client_timeout, retry, queue))
}
