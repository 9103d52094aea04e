//! Rare throttling by splitting: how well its intervals cover, and what 1e-8 takes.

use faascast::study::result::Rare;

use crate::loss::Loss;

const LAWS: [(&str, &str); 3] = [
    ("constant", "\"100ms\""),
    ("exponential", "{ exponential = \"100ms\" }"),
    ("log-normal", "{ lognormal = { mean = \"100ms\", cv = 2.0 } }"),
];

/// Over 200 seeds at 1e-5: between 181 and 198 hold the exact value (each side comes by chance once in 500 times).
#[test]
fn coverage_at_1e_5() {
    for (name, law) in LAWS {
        let loss = Loss { servers: 13, load: 3.0, law, horizon: "300s", wanted: "10%" };
        let studies: Vec<Rare> = (0..200).map(|seed| loss.estimate(1_000 + seed)).collect();
        let held = studies.iter().filter(|rare| loss.covers(rare)).count();
        let mean = |of: &dyn Fn(&Rare) -> f64| studies.iter().map(of).sum::<f64>() / 200.0;
        let (bias, width) =
            (mean(&|r| r.throttled["f"].mean.unwrap()) / loss.exact() - 1.0, mean(&|r| r.throttled["f"].half_width().unwrap()));
        println!(
            "{name}: {held} of 200 intervals hold B(13, 3) = {:.3e}; mean {:+.2} % off, half-width {:.1} %, {:.2e} requests",
            loss.exact(),
            100.0 * bias,
            100.0 * width / loss.exact(),
            mean(&|r| r.effort as f64)
        );
        assert!((181..=198).contains(&held), "{name}: {held}");
    }
}

/// An interval of a tenth of 1e-8 within a minute of one processor.
#[test]
fn a_tenth_of_1e_8_in_a_minute() {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for (name, law) in LAWS {
        for (servers, load, horizon) in [(17, 3.0, "20min"), (32, 10.0, "10min"), (93, 50.0, "2min")] {
            let loss = Loss { servers, load, law, horizon, wanted: "10%" };
            let before = std::time::Instant::now();
            let rare = one.install(|| loss.estimate(1));
            let (e, seconds) = (rare.throttled["f"], before.elapsed().as_secs_f64());
            println!(
                "{name}, B({servers}, {load}) = {:.3e}: {:.3e} ({:.3e} to {:.3e}), {} levels, {} replications, {:.2e} requests, {seconds:.1} s",
                loss.exact(),
                e.mean.unwrap(),
                e.lo.unwrap(),
                e.hi.unwrap(),
                rare.levels.len(),
                rare.replications,
                rare.effort as f64
            );
            assert!(e.half_width().unwrap() <= 0.1 * e.mean.unwrap() && seconds < 60.0, "{name} {servers}");
        }
    }
}
