//! `tune`: small versions of the nightly studies, and what it says in each case.

use faascast::scenario::Scenario;
use faascast::study::result::Verdict;
use faascast::study::sweep::{Configuration, Dimension};
use faascast::study::tune::{Fate, Indifference, Rules, Space, Tuned, tune};
use serde_json::Value;

use crate::cases::CASES;
use crate::questions::{HANGS, Ran, faascast, json};
use crate::reading::NoFiles;
use crate::truth::{Truth, configuration};

/// Shorter, so that many replications are affordable.
fn short() -> String {
    HANGS.replace("horizon = \"20min\"", "horizon = \"3min\"\nrun_in = \"30s\"")
}

fn read(text: &str, settings: &[(String, String)]) -> Configuration {
    let read = faascast::scenario::read(text, "f.toml", settings, &NoFiles);
    let scenario = read.map(|r| (r.scenario, r.platform)).map_err(|findings| findings[0].message.clone());
    Configuration { settings: settings.to_vec(), scenario }
}

fn rules<'a>() -> Rules<'a> {
    let indifference = Indifference::Share(0.01);
    Rules { indifference, tolerance: 0.02, alpha: 0.05, budget: None, stop: &|| false, talk: &|_| () }
}

fn chosen(text: &str, dimensions: Vec<Dimension>, rules: &Rules<'_>) -> Tuned {
    let read = |settings: &[(String, String)]| read(text, settings);
    tune(&read(&[]), Space { dimensions, fixed: Vec::new(), read: &read }, rules).unwrap()
}

fn dimension(key: &str, values: &[&str]) -> Dimension {
    Dimension { key: key.into(), values: values.iter().map(|v| (*v).to_owned()).collect() }
}

fn settings() -> Vec<Dimension> {
    vec![
        dimension("functions.f.memory", &["256 MiB", "512 MiB", "768 MiB", "1 GiB", "1536 MiB", "1769 MiB", "3 GiB"]),
        dimension("functions.f.timeout", &["1s", "2s", "3s", "5s", "10s", "30s"]),
    ]
}

fn value<'t>(settings: &'t [(String, String)], key: &str) -> &'t str {
    settings.iter().find(|(known, _)| known.ends_with(key)).map(|(_, value)| value.as_str()).unwrap()
}

/// Two of the nightly scenarios, a few seeds each.
#[test]
fn the_choice_is_as_good_as_the_full_grid_s() {
    const TOLERANCE: f64 = 0.05;
    let (mut good, mut spent, mut full) = (0, 0, 0);
    for case in [&CASES[0], &CASES[7]] {
        let truth = Truth::of(case, 10, TOLERANCE);
        for seed in 0..3 {
            let read = |settings: &[(String, String)]| configuration(case, 500 + seed, 20, settings);
            let space = Space { dimensions: case.dimensions(), fixed: Vec::new(), read: &read };
            let tuned = tune(&read(&[]), space, &rules()).unwrap();
            let winner = &tuned.winner.unwrap().settings;
            let is_good = truth.fee(winner) <= truth.best() + tuned.indifference && truth.beyond(winner) <= TOLERANCE;
            println!("{}: {winner:?} {is_good}", case.name);
            good += u32::from(is_good);
            spent += tuned.events;
            full += (truth.candidates() as f64 * f64::from(20) * truth.mean_events) as u64;
        }
    }
    assert!(good >= 5, "{good} of 6");
    assert!(spent * 10 < full, "{spent} of {full}");
}

#[test]
fn what_is_reported_is_fresh_and_adds_up() {
    let tuned = chosen(&short(), settings(), &rules());
    let winner = tuned.winner.as_ref().unwrap();
    // A function that computes 150 ms at one vCPU and hangs 1 % of the time: more than the least memory, for p95; a short timeout.
    assert_eq!(value(&winner.settings, "timeout"), "2s");
    assert!(tuned.guaranteed && tuned.shortfalls.is_empty() && tuned.out_of_reach.is_empty());
    // Ten replications are asked for; what is reported has them, whatever the search did.
    assert_eq!((tuned.reported, winner.fee.n, tuned.today.fee.n), (10, 10, 10));
    let searched = tuned.explored.iter().find(|e| e.fate == Fate::Recommended).unwrap();
    assert_eq!(searched.settings, winner.settings);
    let fee = |figures: &[(String, faascast::estimate::Estimate)]| figures.iter().find(|(name, _)| name == "fee").unwrap().1;
    assert!(fee(&searched.figures).mean != winner.fee.mean, "not the replications that chose it");
    // What is saved is the difference of the two, more precise than either.
    let saved = tuned.saved.unwrap();
    let difference = tuned.today.fee.mean.unwrap() - winner.fee.mean.unwrap();
    assert!((saved.mean.unwrap() - difference).abs() < 1e-6 && saved.half_width() < tuned.today.fee.half_width());
    // One step either way, with the fee and what becomes of the objectives; beyond the ends there is none.
    let steps: Vec<(&str, &str)> = tuned.steps.iter().map(|s| (s.from.as_str(), s.to.as_str())).collect();
    assert!(steps.contains(&("2s", "1s")) && steps.contains(&("2s", "3s")), "{steps:?}");
    assert!(tuned.steps.iter().all(|s| s.fee.is_some() && s.verdict.is_some()));
    let longer = tuned.steps.iter().find(|s| s.to == "3s").unwrap();
    assert!(longer.fee.unwrap().lo > Some(0.0), "a longer timeout pays for hangs");
    assert_eq!((tuned.candidates, tuned.refused, tuned.full_grid), (42, 0, 420));
    assert!(tuned.simulated < 42 && tuned.explored.len() == tuned.simulated, "{}", tuned.simulated);
    assert_eq!(tuned.today_values, [("functions.f.memory".into(), "1 GiB".into()), ("functions.f.timeout".into(), "30s".into())]);
    // Cheaper settings are cut by the timeout or too slow.
    assert!(["availability", "p95"].contains(&tuned.binding.as_deref().unwrap()), "{:?}", tuned.binding);
}

#[test]
fn the_same_for_any_number_of_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        serde_json::to_string(&pool.install(|| chosen(&short(), settings(), &rules()))).unwrap()
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn what_cannot_be_met_is_named_with_the_nearest_miss() {
    // 1 % hang and nothing tries again.
    let tuned = chosen(&short().replace("availability = \"98%\"", "availability = \"99.9%\""), settings(), &rules());
    assert_eq!(tuned.out_of_reach, ["availability"]);
    assert!(tuned.winner.is_none() && tuned.saved.is_none() && !tuned.guaranteed);
    let nearest = tuned.nearest_miss.unwrap();
    assert!(nearest.objectives[0].estimate.mean > Some(0.985) && nearest.objectives[0].verdict == Verdict::Missed);
    // Each can be met, but not both: p95 needs CPU that this fee does not pay for.
    let both = short().replace("p95 = \"1500ms\"", "p95 = \"500ms\"\nfee = \"150 USD\"");
    let tuned = chosen(&both, settings(), &rules());
    assert!(tuned.winner.is_none() && tuned.nearest_miss.is_some());
    assert!(tuned.out_of_reach.len() < 2, "{:?}", tuned.out_of_reach);
}

#[test]
fn a_spent_budget_is_no_guarantee() {
    // Exactly as many hang as may fail: it stays open whether the objective holds.
    let edge = short().replace("availability = \"98%\"", "availability = \"99%\"");
    let exact = Rules { tolerance: 0.0, ..rules() };
    let tight = chosen(&edge, settings(), &Rules { budget: Some(40), ..exact });
    let free = chosen(&edge, settings(), &Rules { tolerance: 0.0, ..rules() });
    assert!(tight.replications + 50 < free.replications, "{} {}", tight.replications, free.replications);
    assert!(!tight.guaranteed && tight.shortfalls[0] == "the budget was spent", "{:?}", tight.shortfalls);
    assert!(free.undecided > 0 && !free.guaranteed && free.shortfalls[0].contains("undecided"), "{:?}", free.shortfalls);
    // Fees that cannot be told apart within a zone of a cent.
    let cent = chosen(&short(), settings(), &Rules { indifference: Indifference::Money(1e-6), budget: Some(60), ..rules() });
    assert!(cent.indifference == 1e-6 && (cent.guaranteed || !cent.shortfalls.is_empty()));
}

#[test]
fn today_s_settings_may_be_the_best() {
    let best = short().replace("timeout = \"30s\"", "timeout = \"2s\"");
    let few = vec![
        dimension("functions.f.memory", &["1 GiB", "2 GiB", "3 GiB"]),
        dimension("functions.f.timeout", &["2s", "10s", "30s"]),
    ];
    let tuned = chosen(&best, few, &rules());
    let saved = tuned.saved.unwrap();
    assert_eq!((saved.mean, saved.lo, saved.hi), (Some(0.0), Some(0.0), Some(0.0)), "{:?}", tuned.winner.unwrap().settings);
    // At an end of both: shorter or smaller was not asked for.
    assert_eq!(tuned.at_an_end.len(), 2);
}

/// A quota that is never reached changes nothing: of the same, today's is kept.
#[test]
fn what_changes_nothing_stays() {
    let quota = short().replace("timeout = \"30s\"", "timeout = \"30s\"\nmax_concurrency = 200");
    let dimensions = vec![
        dimension("functions.f.max_concurrency", &["50", "100", "200", "400", "800"]),
        dimension("functions.f.timeout", &["2s", "10s", "30s"]),
    ];
    let tuned = chosen(&quota, dimensions, &rules());
    assert_eq!(value(&tuned.winner.unwrap().settings, "max_concurrency"), "200");
}

#[test]
fn as_many_replications_as_the_scenario_asks_for() {
    let precise = short().replace("replications = 10", "precision = { fee = \"1%\" }\nmax_replications = 60");
    let tuned = chosen(&precise, settings(), &rules());
    let fee = tuned.winner.unwrap().fee;
    let relative = fee.half_width().unwrap() / fee.mean.unwrap();
    assert!(fee.n as usize == tuned.reported && (relative <= 0.01 || fee.n == 60), "{relative} {}", fee.n);
    // The steady state: a run-in as long as the transient.
    let steady = HANGS.replace("horizon = \"20min\"", "horizon = \"10min\"\nkind = \"steady-state\"");
    let tuned = chosen(&steady, settings(), &rules());
    assert_eq!(value(&tuned.winner.unwrap().settings, "timeout"), "2s");
}

fn keys(scenario: &str, change: impl Fn(&str) -> String) -> Tuned {
    let text = change(&std::fs::read_to_string(format!("{}/scenarios/{scenario}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap());
    chosen(&text, Vec::new(), &rules())
}

fn last(tuned: &Tuned) -> Vec<&str> {
    tuned.dimensions.iter().map(|d| d.key.rsplit('.').next().unwrap()).collect()
}

/// Where the user names nothing: all that the platform lets be set.
#[test]
fn the_default_is_every_setting_within_limits() {
    let short = |text: &str| text.replace("horizon = \"1d\"", "horizon = \"10min\"\nrun_in = \"1min\"");
    let fc = keys("memory-too-small", short);
    assert_eq!(last(&fc), ["memory", "vcpu", "timeout", "max_instances", "provisioned", "attempts"]);
    assert!(fc.refused > 100 && fc.refusals.iter().any(|r| r.reason.contains("GiB for each vCPU")), "{}", fc.refused);
    let values = |tuned: &Tuned, key: &str| tuned.dimensions.iter().find(|d| d.key.ends_with(key)).unwrap().values.clone();
    // A built-in runtime of FC runs one invocation at a time, and memory comes in steps of 64 MiB from 128 MiB on.
    assert_eq!(values(&fc, "memory")[0], "128 MiB");
    assert!(fc.winner.is_some() && fc.simulated < 200 && fc.full_grid > 20_000, "{} {}", fc.simulated, fc.full_grid);
    // Lambda: CPU comes with memory, the quota is of invocations, prices of instances kept ready.
    let lambda = chosen(&self::short(), Vec::new(), &rules());
    assert_eq!(last(&lambda), ["memory", "timeout", "max_concurrency", "provisioned", "attempts"]);
    assert_eq!(values(&lambda, "timeout"), ["3s", "7s", "15s", "30s", "1min"]);
    // A need that is not known: less than today's memory is not tried, and that is said.
    let unknown = self::short().replace("memory = \"200 MiB\"\n", "");
    let unknown = chosen(&unknown, Vec::new(), &rules());
    assert_eq!(values(&unknown, "memory"), ["1 GiB", "2 GiB", "4 GiB"]);
    assert!(unknown.notes[0].contains("`work.memory`"), "{:?}", unknown.notes);
}

#[test]
fn every_function_and_asynchronous_retries() {
    let two = CASES[9].text.replace("horizon = \"3min\"", "horizon = \"1min\"");
    let tuned = chosen(&two, Vec::new(), &rules());
    let of = |name: &str| tuned.dimensions.iter().filter(|d| d.key.contains(&format!(".{name}."))).count();
    assert_eq!((of("api"), of("report")), (5, 5), "{:?}", tuned.dimensions);
    // Concurrency where the runtime is the user's own, retries of events, and what the user fixed left out.
    let text = CASES[8].text.replace("nodejs20", "custom.debian12").replace("horizon = \"5min\"", "horizon = \"1min\"");
    let read = |settings: &[(String, String)]| read(&text, settings);
    let space = Space { dimensions: Vec::new(), fixed: vec!["functions.\"f\".timeout".into()], read: &read };
    let tuned = tune(&read(&[]), space, &Rules { budget: Some(60), ..rules() }).unwrap();
    assert_eq!(last(&tuned), ["memory", "vcpu", "instance_concurrency", "max_instances", "provisioned", "retries"]);
    let scenario: &Scenario = &read(&[]).scenario.unwrap().0;
    assert_eq!(scenario.functions[0].asynchronous.retries, 2);
}

fn ran(text: &str, more: &[&str]) -> Ran {
    faascast(&[("f.toml", text)], &[&["tune", "f.toml"], more].concat())
}

#[test]
fn the_command_says_what_it_found_and_what_is_wrong() {
    let text = short();
    let varied = ["--set", "functions.f.memory=512MiB,1GiB", "--set", "functions.f.timeout=2s,30s"];
    let found = ran(&text, &[&varied[..], &["--format", "json", "--indifference", "2 USD"]].concat());
    let value: Value = json(&found);
    assert_eq!((found.code, value["indifference"].as_f64(), value["simulated"].as_u64()), (0, Some(2.0), Some(4)));
    let shown = ran(&text, &varied).out;
    for part in ["Recommended: memory 1GiB, timeout 2s", "saves", "runner-up", "One step from it", "fresh replications"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let refused = |text: &str, more: &[&str], what: &str| {
        let ran = ran(text, more);
        assert!(ran.code == 2 && ran.err.contains(what), "{}", ran.err);
    };
    refused(&text, &["--indifference", "2 CNY"], "no exchange rate for CNY");
    refused(&text, &["--indifference", "much"], "expected a share above 0");
    let fee_only = text.replace("availability = \"98%\"\np95 = \"1500ms\"", "fee = \"100 USD\"");
    refused(&fee_only, &[], "the only objective");
    refused(&text, &["--set", "functions.f.memory=1MiB,2MiB"], "every combination is refused");
    let missed = ran(&text.replace("availability = \"98%\"", "availability = \"99.99%\""), &varied);
    assert!(missed.code == 99 && missed.out.contains("out of reach of every candidate: availability"), "{}", missed.out);
}
