use crate::cases::CASES;
use crate::truth::Truth;
use crate::tune::chosen;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
#[test]
fn look() {
    let case = &CASES[number("CASE", 8) as usize];
    let truth = Truth::of(case, number("TRUTH", 40) as u32, 0.02);
    for seed in number("FROM", 0)..number("TO", 20) {
        let t = chosen(case, 20_000 + seed);
        let bad = match &t.winner {
            None => true,
            Some(w) => truth.beyond(&w.settings) > 0.0 || truth.fee(&w.settings) > truth.strictly_best() + t.indifference,
        };
        println!(
            "seed {seed}: {:?} simulated {} survivors {} met {} close {} open {} nearest {:?} out {:?} repl {} short {:?}",
            t.winner.as_ref().map(|w| w.settings.iter().map(|(_, v)| v.clone()).collect::<Vec<_>>()),
            t.simulated,
            t.survivors,
            t.compared,
            t.close,
            t.undecided,
            t.nearest_miss.as_ref().map(|w| w.settings.iter().map(|(_, v)| v.clone()).collect::<Vec<_>>()),
            t.out_of_reach,
            t.replications,
            t.shortfalls
        );
        if bad || number("ALL", 0) > 0 {
            println!("   zone {:.2} strictly best {:.2}", t.indifference, truth.strictly_best());
            let mut e: Vec<_> = t.explored.iter().collect();
            e.sort_by(|a, b| truth.fee(&a.settings).total_cmp(&truth.fee(&b.settings)));
            for x in e.iter().filter(|x| truth.beyond(&x.settings) < 0.3) {
                let o: Vec<String> = x
                    .figures
                    .iter()
                    .filter(|(f, _)| case.text.contains(&format!("\n{} = ", f.split(' ').next().unwrap())))
                    .map(|(f, e)| {
                        format!(
                            "{f} {:.4} ({:.4}..{:.4})",
                            e.mean.unwrap_or(f64::NAN),
                            e.lo.unwrap_or(f64::NAN),
                            e.hi.unwrap_or(f64::NAN)
                        )
                    })
                    .collect();
                println!(
                    "   {:.2} {:+.3} {:?} n {} {:?} {:?} {}",
                    truth.fee(&x.settings),
                    truth.beyond(&x.settings),
                    x.settings.iter().map(|(_, v)| v.as_str()).collect::<Vec<_>>(),
                    x.replications,
                    x.verdict,
                    x.fate,
                    o.join(" | ")
                );
            }
        }
    }
}
