//! Configurations that differ in nothing that the engine reads are simulated once, and rated each as if by itself.

use std::sync::atomic::{AtomicUsize, Ordering};

use faascast::scenario::{Scenario, read};
use faascast::study::compare::compare;
use faascast::study::sweep::{Configuration, Dimension, Row, Sweep, combinations, sweep};
use faascast::study::{Context, run};

use crate::reading::NoFiles;

const TEXT: &str = "platform = \"aws-lambda\"\nregion = \"us-east-1\"\n[simulation]\nhorizon = \"40min\"\nreplications = 6\n\
    [account]\nmax_instances = 12\n[functions.f]\nruntime = \"python3.13\"\nmemory = \"512 MiB\"\ntimeout = \"2s\"\n\
    [functions.f.work]\nio = { lognormal = { mean = \"300ms\", cv = 1.0 } }\n\
    [[traffic]]\nto = \"f\"\narrivals = { poisson = \"20/s\" }\n[objectives]\nfee = \"150 USD\"\n";

fn configuration(text: &str, settings: &[(String, String)]) -> Configuration {
    let found = read(text, "f.toml", settings, &NoFiles);
    let scenario = found.map(|r| (r.scenario, r.platform)).map_err(|findings| findings[0].message.clone());
    Configuration { settings: settings.to_vec(), scenario }
}

fn grid(text: &str, dimensions: &[(&str, &[&str])]) -> Vec<Configuration> {
    let dimension = |(key, values): &(&str, &[&str])| Dimension {
        key: (*key).to_owned(),
        values: values.iter().map(|v| (*v).to_owned()).collect(),
    };
    let dimensions: Vec<Dimension> = dimensions.iter().map(dimension).collect();
    combinations(&dimensions).iter().map(|settings| configuration(text, settings)).collect()
}

/// The rows, and how often the simulations asked whether to stop: each does so after every block of arrivals, so it measures
/// the work that they did.
fn swept(configurations: &[Configuration]) -> (Vec<Row>, usize) {
    let asked = AtomicUsize::new(0);
    let told = AtomicUsize::new(0);
    let stop = || {
        asked.fetch_add(1, Ordering::Relaxed);
        false
    };
    let progress = |n: u64| {
        told.fetch_add(n as usize, Ordering::Relaxed);
    };
    let indices: Vec<usize> = (0..configurations.len()).collect();
    let rows = sweep(configurations, &indices, &Sweep { stop: &stop, progress: &progress, done: &|_| () });
    assert!(rows.iter().map(|(i, _)| *i).eq(0..configurations.len()));
    let simulated: u32 = configurations.iter().filter_map(|c| c.scenario.as_ref().ok()).map(|(s, _)| most(s)).sum();
    assert_eq!(told.into_inner(), simulated as usize, "every replication of every configuration is told");
    (rows.into_iter().map(|(_, row)| row).collect(), asked.into_inner())
}

fn most(scenario: &Scenario) -> u32 {
    match &scenario.simulation.stopping {
        faascast::scenario::Stopping::Fixed(n) => *n,
        faascast::scenario::Stopping::Precision { max_replications, .. } => *max_replications,
    }
}

/// Work of each by itself.
fn apart(configurations: &[Configuration]) -> (Vec<Row>, usize) {
    let each = configurations.iter().map(|c| swept(std::slice::from_ref(c)));
    each.fold((Vec::new(), 0), |(mut rows, asked), (one, more)| {
        rows.extend(one);
        (rows, asked + more)
    })
}

#[test]
fn prices_alone_are_rated_without_simulating_again() {
    let prices: [(&str, &[&str]); 3] = [
        ("billing.committed", &["0%", "12%", "17%"]),
        ("billing.free_tier", &["true", "false"]),
        ("region", &["us-east-1", "eu-west-1"]),
    ];
    let one = swept(&grid(TEXT, &[("billing.committed", &["0%"])])).1;
    let all = grid(TEXT, &prices);
    let (rows, asked) = swept(&all);
    assert_eq!((rows.len(), asked), (12, one), "as much work as one configuration");
    let (alone, asked_alone) = apart(&all);
    assert_eq!(asked_alone, 12 * one);
    assert_eq!(rows, alone);
    let mut fees: Vec<f64> = rows.iter().filter_map(|row| row.figure("fee")?.mean).collect();
    fees.sort_unstable_by(f64::total_cmp);
    fees.dedup();
    assert!(fees.len() >= 6, "prices differ: {fees:?}");
}

/// More configurations than go side by side, two of whose dimensions change the simulation.
#[test]
fn each_simulation_once_among_many_prices() {
    let text = TEXT.replace("40min", "10min").replace("replications = 6", "replications = 2");
    let some: [(&str, &[&str]); 3] = [
        ("billing.committed", &["0%", "5%", "10%"]),
        ("functions.f.timeout", &["300ms", "500ms", "900ms"]),
        ("functions.f.max_instances", &["5", "6", "7", "8", "9", "10", "11"]),
    ];
    let configurations = grid(&text, &some);
    let (rows, asked) = swept(&configurations);
    let (without, asked_without) = swept(&grid(&text, &some[1..]));
    assert_eq!((rows.len(), without.len(), asked), (63, 21, asked_without));
    assert_eq!(rows, apart(&configurations).0);
}

/// Each stops when its own targets are met, also where the simulation goes on for another.
#[test]
fn each_has_as_many_replications_as_its_own_targets_ask_for() {
    let text = TEXT.replace("replications = 6", "precision = { fee = \"1%\" }\nmax_replications = 200");
    let text = text.replace("40min", "3min").replace("512 MiB", "128 MiB");
    let configurations = grid(&text, &[("billing.free_tier", &["true", "false"]), ("billing.committed", &["0%", "15%"])]);
    let indices: Vec<usize> = (0..configurations.len()).collect();
    let context = Sweep { stop: &|| false, progress: &|_| (), done: &|_| () };
    let rows: Vec<Row> = sweep(&configurations, &indices, &context).into_iter().map(|(_, row)| row).collect();
    assert_eq!(rows, apart(&configurations).0);
    let spent: Vec<Option<u32>> = rows.iter().map(|row| row.figure("fee").map(|fee| fee.n)).collect();
    assert!(spent.iter().any(|n| *n != spent[0]), "the free tier makes the fee less sure: {spent:?}");
}

/// The run-in of a steady-state study is looked for once.
#[test]
fn the_transient_is_removed_once() {
    let text = TEXT.replace("horizon", "kind = \"steady-state\"\nhorizon");
    let one = swept(&grid(&text, &[("billing.committed", &["0%"])])).1;
    let all = grid(&text, &[("billing.committed", &["0%", "10%", "20%"])]);
    let (rows, asked) = swept(&all);
    assert_eq!(asked, one);
    assert_eq!(rows, apart(&all).0);
}

#[test]
fn comparing_prices_simulates_once() {
    let settings = |committed: &str| vec![("billing.committed".to_owned(), committed.to_owned())];
    let (a, b) = (read(TEXT, "a.toml", &settings("0%"), &NoFiles), read(TEXT, "b.toml", &settings("20%"), &NoFiles));
    let (a, b) = (a.unwrap(), b.unwrap());
    let asked = AtomicUsize::new(0);
    let stop = || {
        asked.fetch_add(1, Ordering::Relaxed);
        false
    };
    let context = |platform| Context { platform, assumptions: Vec::new(), today: String::new(), stop: &stop, progress: &|_| () };
    let (in_a, in_b) = (context(&a.platform), context(&b.platform));
    let fee = |r: &faascast::scenario::Resolved, c: &Context<'_>| run(&r.scenario, c).unwrap().fee.month;
    let alone = [fee(&a, &in_a), fee(&b, &in_b)];
    let of_two = asked.swap(0, Ordering::Relaxed);
    let found = compare((&a.scenario, &in_a), (&b.scenario, &in_b), 0.01).unwrap();
    assert_eq!(2 * asked.into_inner(), of_two, "half of the work of two");
    let compared = found.figures.iter().find(|f| f.figure == "fee").unwrap();
    for (found, expected) in [compared.a, compared.b].into_iter().zip(alone) {
        // Summed up in another order.
        assert!((found.mean.unwrap() / expected.mean.unwrap() - 1.0).abs() < 1e-12, "{found:?} {expected:?}");
    }
    assert!(found.figures.iter().filter(|f| f.figure != "fee").all(|f| f.difference.mean.is_none_or(|d| d == 0.0)));
}
