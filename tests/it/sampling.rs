//! Windows of a long horizon in place of the whole: unbiased, repeatable, said aloud, and left alone where the past matters.

use crate::windows::{CASES, Case, figures};
use faascast::estimate::moments::Moments;
use faascast::scenario::{self, Files};
use faascast::study::result::RunResult;
use faascast::study::sampling::Effort;
use faascast::study::{self, Context};

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(path.to_owned())
    }
}

/// About a ninth of the requests of a day.
const EFFORT: Effort = Effort { most: 1e4, requests: 4e4, strata: 6 };

fn case(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.name == name).unwrap()
}

/// Single replications under many seeds, sampled and in full: their means agree within four standard errors.
#[test]
fn totals_are_those_of_full_replay() {
    for name in ["a quota near the peak", "a provisioned schedule"] {
        let values = |effort: Option<&Effort>, seeds: u64| {
            let runs: Vec<RunResult> = (1..=seeds).map(|seed| case(name).study(seed, 1, effort)).collect();
            let of = |figure: usize| Moments::of(&runs.iter().map(|r| figures(r)[figure].mean.unwrap()).collect::<Vec<f64>>());
            let requests = Moments::of(&runs.iter().map(|r| r.functions["f"].requests.mean.unwrap()).collect::<Vec<f64>>());
            let instances =
                Moments::of(&runs.iter().map(|r| r.functions["f"].instances.mean.mean.unwrap()).collect::<Vec<f64>>());
            vec![of(0), of(1), of(2), of(3), of(4), requests, instances]
        };
        let (sampled, full) = (values(Some(&EFFORT), 40), values(None, 12));
        for (i, (a, b)) in sampled.iter().zip(&full).enumerate() {
            let error = (a.variance / a.n as f64 + b.variance / b.n as f64).sqrt();
            assert!(
                (a.mean - b.mean).abs() <= 4.0 * error,
                "{name}, figure {i}: {} is not {} within 4 x {error}",
                a.mean,
                b.mean
            );
        }
        // The load is known beforehand, and costs no precision: requests vary as they do anyway, and by whole windows.
        let spread = |m: &Moments| m.variance.sqrt() / m.mean;
        assert!(spread(&sampled[5]) < 0.02, "{name}: {} {}", spread(&sampled[5]), spread(&full[5]));
    }
}

fn run(settings: &str, simulation: &str, effort: &Effort) -> RunResult {
    let text = format!(
        "platform = \"generic\"\n[simulation]\nhorizon = \"1d\"\nreplications = 2\n{simulation}\n[functions.f]\nmemory = \"512 MiB\"\ntimeout = \"2s\"\n\
         {settings}\n[functions.f.work]\nio = \"300ms\"\n[[traffic]]\nto = \"f\"\narrivals = {{ poisson = \"1/s\" }}\n"
    );
    let resolved = scenario::read(&text, "s.toml", &[], &NoFiles).unwrap();
    let context = Context {
        platform: &resolved.platform,
        assumptions: Vec::new(),
        today: "2026-11-27".to_owned(),
        stop: &|| false,
        progress: &|_| (),
    };
    study::run_with(&resolved.scenario, &context, effort).unwrap()
}

#[test]
fn the_result_says_what_was_sampled_or_why_nothing_was() {
    let short = run("keep_alive = \"30s\"", "", &EFFORT);
    let sampled = short.sampling.as_ref().unwrap();
    assert_eq!((sampled.windows, sampled.window_s, sampled.run_in_s), (1_440, 60.0, 40.0));
    assert_eq!(sampled.simulated, sampled.strata + sampled.certain);
    assert!(sampled.share < 0.5 && short.functions["f"].reused_age_s.mean.is_none(), "{sampled:?}");
    let reason = |r: &RunResult| r.warnings.iter().find(|w| w.code == "not-sampled").map(|w| w.cause.clone());
    assert_eq!(reason(&short), None);
    for (settings, why) in [
        ("keep_alive = \"forever\"", "kept forever"),
        ("keep_alive = \"30s\"\nrouting = \"random\"", "in use"),
        ("keep_alive = \"30s\"\nmax_age = \"2h\"", "age of"),
        ("keep_alive = \"5h\"", "of the requests"),
    ] {
        let long = run(settings, "", &EFFORT);
        assert!(long.sampling.is_none() && reason(&long).is_some_and(|r| r.contains(why)), "{settings}: {:?}", long.warnings);
    }
    // Asked for, or short: then nobody needs a reason.
    for (simulation, effort) in [("sampling = \"full\"", &EFFORT), ("", &Effort::default())] {
        let whole = run("keep_alive = \"30s\"", simulation, effort);
        assert!(whole.sampling.is_none() && reason(&whole).is_none());
    }
}

#[test]
fn windows_do_not_depend_on_threads() {
    let json = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let result = pool.install(|| case("bursts").study(7, 4, Some(&Effort { requests: 1e5, ..EFFORT })));
        serde_json::to_string(&result).unwrap()
    };
    let one = json(1);
    assert!(one.contains("\"sampling\":{\"windows\":1440"));
    assert_eq!(one, json(3));
}
