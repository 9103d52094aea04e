//! The calibration of simulated logs, at length.

use super::round_trip::{pooled, round_trips};

/// Each parameter is in its interval in at least 90 % of 200 logs, and all of them together in 93 to 97 %.
#[test]
fn what_was_simulated_is_found_again() {
    for platform in ["aws-lambda", "alibaba-fc"] {
        let found = round_trips(platform, "2h", 0..200);
        println!("\n{platform}: parameter in its 95 % interval, 200 logs of 3,600 requests\n");
        println!("| parameter | inside | share |\n|---|---|---|");
        for (name, (inside, all)) in &found {
            println!("| {name} | {inside} of {all} | {:.1} % |", 100.0 * *inside as f64 / *all as f64);
        }
        let pooled = pooled(&found);
        println!("| all | | {:.1} % |", 100.0 * pooled);
        for (name, (inside, all)) in &found {
            assert!(*inside * 10 >= *all * 9, "{platform}: {name} in {inside} of {all}");
        }
        assert!((0.93..=0.97).contains(&pooled), "{platform}: {pooled}");
    }
}
