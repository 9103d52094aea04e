use super::*;
use crate::random::Key;
use crate::units::NANOS;
use crate::workload::intensity::{Intensity, RateEvent, RateShape};
use crate::workload::profile::Profile;

/// All arrivals in `from..to`, with their cells and indices.
fn arrivals(process: &Arrivals, intensity: &Intensity, from: i64, to: i64) -> Vec<(i64, u32, i64)> {
    let mut generator = Generator::new(process, intensity.clone(), Key::new(1, 2).name("source"), SimTime(from));
    let (mut block, mut all, mut end) = (Block::default(), Vec::new(), from);
    while end < to {
        generator.fill(&mut block);
        let cell = block.cell * CELL_NANOS;
        assert!(block.end.0 <= cell + CELL_NANOS && block.times.len() <= BLOCK);
        for (index, time) in (block.first..).zip(&block.times) {
            assert!(
                time.0 >= cell && time.0 < cell + CELL_NANOS && time.0 >= end.min(cell + CELL_NANOS - 1) && *time <= block.end
            );
            all.push((block.cell, index, time.0));
        }
        assert!(block.times.is_sorted());
        end = block.end.0;
    }
    all.retain(|arrival| arrival.2 < to);
    all
}

fn per_second(rate: f64) -> Rate {
    Rate::per_second(rate).unwrap()
}

const MINUTE: i64 = CELL_NANOS;

#[test]
fn constant_arrivals_are_exact() {
    let times = |rate: f64, from: i64, to: i64| -> Vec<i64> {
        arrivals(&Arrivals::Constant(per_second(rate)), &Intensity::flat(), from, to).into_iter().map(|a| a.2).collect()
    };
    assert_eq!(times(4.0, -500_000_000, 500_000_000), [-500_000_000, -250_000_000, 0, 250_000_000]);
    assert_eq!(times(3.0, -400_000_000, 700_000_000), [-333_333_333, 0, 333_333_333, 666_666_667]);
    assert_eq!(times(1.0 / 3600.0, -2 * 60 * MINUTE, 60 * MINUTE + 1).len(), 4);
    assert_eq!(times(1000.0, 0, 3 * MINUTE).len(), 180_000);
}

#[test]
fn poisson_counts_have_equal_mean_and_variance() {
    let all = arrivals(&Arrivals::Poisson(per_second(20.0)), &Intensity::flat(), -10 * MINUTE, 2000 * MINUTE);
    let mut counts = vec![0.0; 2010];
    all.iter().for_each(|a| counts[(a.0 + 10) as usize] += 1.0);
    let n = counts.len() as f64;
    let mean = counts.iter().sum::<f64>() / n;
    let variance = counts.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / (n - 1.0);
    // Standard errors: sqrt(1200 / n) of the mean, sqrt(2 / n) relative of the variance.
    assert!((mean - 1200.0).abs() < 4.0 * (1200.0 / n).sqrt(), "mean {mean}");
    assert!((variance / 1200.0 - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "variance {variance}");
}

/// Chi-square of counts a cell against Poisson with mean 4 (0 to 10, and more).
#[test]
fn poisson_counts_are_poisson() {
    let cells = 20_000;
    let all = arrivals(&Arrivals::Poisson(per_second(4.0 / 60.0)), &Intensity::flat(), 0, cells * MINUTE);
    let mut counts = vec![0_usize; cells as usize];
    all.iter().for_each(|a| counts[a.0 as usize] += 1);
    let mut observed = [0.0; 12];
    counts.iter().for_each(|c| observed[(*c).min(11)] += 1.0);
    let (mut p, mut rest, mut statistic) = (libm::exp(-4.0), 1.0, 0.0);
    for (k, observed) in observed.iter().enumerate() {
        let share = if k == 11 { rest } else { p };
        let expected = share * cells as f64;
        statistic += (observed - expected) * (observed - expected) / expected;
        rest -= p;
        p *= 4.0 / (k as f64 + 1.0);
    }
    // 11 degrees of freedom: above 31.3 with probability 0.001.
    assert!(statistic < 31.3, "{statistic}");
}

fn office() -> Intensity {
    let events = [
        RateEvent { at: SimTime(90 * MINUTE), end: SimTime(100 * MINUTE), shape: RateShape::Spike, factor: 9.0 },
        RateEvent { at: SimTime(-7 * MINUTE), end: SimTime(5 * MINUTE + 7), shape: RateShape::Step, factor: 0.25 },
        RateEvent { at: SimTime(200 * MINUTE), end: SimTime(203 * MINUTE), shape: RateShape::Step, factor: 0.0 },
    ];
    Intensity::new(Arc::new(Profile::day_and_night()), 0.3, events)
}

fn gaps(mean: f64, cv: f64) -> Arrivals {
    Arrivals::Renewal(Distribution::gamma_mean_cv(mean, cv).unwrap())
}

fn bursts() -> Arrivals {
    let state = |rate, seconds| MmppState { rate: per_second(rate), mean_time: Span::from_secs(seconds) };
    Arrivals::Mmpp(vec![state(20.0, 10), state(2.0, 20)])
}

/// Counts every ten minutes against the integral of the moving rate.
#[test]
fn moving_rates_match_their_integral() {
    let (intensity, rate, hours) = (office(), 50.0, 6);
    for (process, variance) in
        [(Arrivals::Poisson(per_second(rate)), 1.0), (gaps(1.0 / rate, 0.5), 0.25), (Arrivals::Constant(per_second(rate)), 0.0)]
    {
        let all = arrivals(&process, &intensity, -60 * MINUTE, hours * 60 * MINUTE);
        let mut scratch = Vec::new();
        for tens in -6..hours * 6 {
            let cells = tens * 10..(tens + 1) * 10;
            let expected: f64 = rate * cells.clone().map(|cell| intensity.cell_area(cell, &mut scratch)).sum::<f64>();
            let count = all.iter().filter(|a| cells.contains(&a.0)).count() as f64;
            assert!(
                (count - expected).abs() < 4.5 * (variance * expected).sqrt() + 1.0,
                "{process:?} at {tens}: {count} for {expected}"
            );
        }
        assert!(!all.iter().any(|a| (200..203).contains(&a.0)), "arrivals while the factor is 0");
    }
}

/// Inside of a cell too: the share of arrivals in the first half of a minute with a ramp from 1 to 3 is 1.5 / 4.
#[test]
fn a_ramp_is_followed_inside_of_a_cell() {
    let ramp = RateEvent { at: SimTime(0), end: SimTime(MINUTE), shape: RateShape::Ramp, factor: 3.0 };
    let intensity = Intensity::new(Arc::new(Profile::flat()), 0.0, [ramp]);
    let all = arrivals(&Arrivals::Poisson(per_second(2000.0)), &intensity, 0, MINUTE);
    let (n, half) = (all.len() as f64, all.iter().filter(|a| a.2 < MINUTE / 2).count() as f64);
    assert!((half / n - 0.375).abs() < 4.0 * (0.375 * 0.625 / n).sqrt(), "{}", half / n);
    // And the constant process exactly: arrival k solves t + t^2/60 = k/2000.
    let exact = arrivals(&Arrivals::Constant(per_second(2000.0)), &intensity, 0, MINUTE);
    for (k, a) in exact.iter().enumerate() {
        let x = k as f64 / 2000.0;
        let t = 30.0 * ((1.0 + x / 15.0).sqrt() - 1.0);
        assert!((a.2 as f64 - t * 1e9).abs() < 100.0, "arrival {k}: {} is not {t} s", a.2);
    }
}

/// Rates 20 and 2 a second for 10 s and 20 s: mean rate 8 a second. The index of dispersion of counts over a time t is
/// 1 + 2 s (r1 - r2)^2 / (mean x r) x (1 - (1 - e^(-r t)) / (r t)), with s = p1 p2 and r = 1/10 + 1/20
/// (Fischer & Meier-Hellstern 1993).
#[test]
fn bursts_have_the_rate_and_dispersion_of_theory() {
    let cells = 20_000;
    let all = arrivals(&bursts(), &Intensity::flat(), 0, cells * MINUTE);
    let mut counts = vec![0.0; cells as usize];
    all.iter().for_each(|a| counts[a.0 as usize] += 1.0);
    let n = cells as f64;
    let mean = counts.iter().sum::<f64>() / n;
    let variance = counts.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / n;
    let (r, t) = (0.15_f64, 60.0_f64);
    let dispersion = 1.0 + 2.0 * (2.0 / 9.0) * 324.0 / (8.0 * r) * (1.0 - (1.0 - libm::exp(-r * t)) / (r * t));
    // Neighbouring minutes are correlated a little (r t = 9), hence 5 standard errors.
    assert!((mean - 480.0).abs() < 5.0 * (dispersion * 480.0 / n).sqrt(), "mean {mean}");
    assert!(
        (variance / mean / dispersion - 1.0).abs() < 5.0 * (2.0 / n).sqrt(),
        "dispersion {} for {dispersion}",
        variance / mean
    );
    assert!((bursts().mean_rate() - 8.0).abs() < 1e-12);
}

#[test]
fn bursts_begin_in_the_stationary_state() {
    let n = 20_000_u64;
    let mut block = Block::default();
    let mut counted = 0;
    for replication in 0..n {
        let key = Key::new(3, replication).name("source");
        let from = SimTime(ANCHOR);
        Generator::new(&bursts(), Intensity::flat(), key, from).fill(&mut block);
        counted += block.times.iter().filter(|time| time.0 < ANCHOR + NANOS).count();
    }
    // Mean 8 in the first second; the variance is at most that of a mixture of 20 (p 1/3) and 2: 8 + 72.
    let mean = counted as f64 / n as f64;
    assert!((mean - 8.0).abs() < 4.0 * (80.0 / n as f64).sqrt(), "{mean}");
}

#[test]
fn renewal_has_its_mean_rate() {
    for cv in [0.3, 1.0, 3.0] {
        let seconds = 3000.0 * 60.0;
        let n = arrivals(&gaps(0.1, cv), &Intensity::flat(), 0, 3000 * MINUTE).len() as f64;
        // The count's variance is cv^2 t / mean for long t.
        assert!((n - seconds * 10.0).abs() < 4.0 * cv * (seconds * 10.0).sqrt() + 1.0, "cv {cv}: {n}");
    }
}

/// Nothing depends on where the run-in begins, for any process and intensity.
#[test]
fn the_start_of_the_run_in_moves_no_arrival() {
    let recorded = |repeat| {
        let times = vec![0, 500_000_000, 500_000_000, 7 * NANOS, 70 * NANOS];
        let durations = (1..=5).map(Span::from_secs).collect();
        Arrivals::Trace(Arc::new(Trace::from_timestamps(times, durations, repeat, None).unwrap()))
    };
    let counted = Arrivals::Trace(Arc::new(Trace::from_counts(Span::from_secs(150), vec![300, 0, 5000, 1], true).unwrap()));
    let processes = [
        Arrivals::Poisson(per_second(200.0)),
        Arrivals::Constant(per_second(7.0)),
        bursts(),
        gaps(0.05, 2.0),
        recorded(true),
        recorded(false),
        counted,
    ];
    for process in processes {
        for intensity in [Intensity::flat(), office()] {
            let long = arrivals(&process, &intensity, -100 * MINUTE - 17_000_000_000, 9 * MINUTE);
            assert!(long.iter().any(|a| a.2 >= 0), "{process:?}");
            for from in [0, -MINUTE / 3, -5 * MINUTE - 1] {
                let short = arrivals(&process, &intensity, from, 9 * MINUTE);
                let tail: Vec<_> = long.iter().copied().filter(|a| a.2 >= from).collect();
                assert_eq!(short, tail, "{process:?} from {from}");
            }
        }
    }
}

#[test]
fn an_event_leaves_the_arrivals_of_other_cells_alone() {
    let storm = RateEvent { at: SimTime(125 * NANOS), end: SimTime(130 * NANOS), shape: RateShape::Step, factor: 30.0 };
    for process in [Arrivals::Poisson(per_second(50.0)), bursts()] {
        let calm = arrivals(&process, &Intensity::flat(), -MINUTE, 5 * MINUTE);
        let stormy = arrivals(&process, &Intensity::new(Arc::new(Profile::flat()), 0.0, [storm]), -MINUTE, 5 * MINUTE);
        let others = |all: &[(i64, u32, i64)]| all.iter().copied().filter(|a| a.0 != 2).collect::<Vec<_>>();
        assert_eq!(others(&calm), others(&stormy));
        assert!(stormy.len() > calm.len());
    }
}

#[test]
fn silence_is_given_cell_by_cell() {
    let silent = [
        Arrivals::Poisson(Rate::default()),
        Arrivals::Constant(Rate::default()),
        Arrivals::Renewal(Distribution::Constant(0.0)),
        Arrivals::Mmpp(vec![]),
    ];
    for process in silent {
        let mut generator = Generator::new(&process, office(), Key::new(1, 1), SimTime(-MINUTE - 5));
        let mut block = Block::default();
        for cell in -2..3 {
            generator.fill(&mut block);
            assert_eq!((block.cell, block.end.0, block.times.len()), (cell, (cell + 1) * MINUTE, 0));
        }
    }
}

#[test]
fn impossible_processes_are_refused() {
    let state = |rate, nanos| MmppState { rate: per_second(rate), mean_time: Span(nanos) };
    let cases = [
        (Arrivals::Poisson(per_second(1e8)), "the rate must be at most 10000000 a second, but is 100000000"),
        (Arrivals::Mmpp(vec![]), "mmpp must have at least one state"),
        (Arrivals::Mmpp(vec![state(1.0, 0)]), "the mean time in a state must be finite and at least 1ms, but is 0s"),
        (Arrivals::Mmpp(vec![state(1e9, NANOS)]), "the rate of a state must be at most 10000000 a second"),
        (Arrivals::Renewal(Distribution::Constant(0.0)), "the mean gap must be at least 0.0000001 s, but is 0 s"),
    ];
    for (process, message) in cases {
        let error = process.check().expect_err(message);
        assert!(error.starts_with(message), "{error}");
    }
    assert!([bursts(), gaps(1.0, 1.0), Arrivals::Poisson(per_second(1e6))].iter().all(|process| process.check().is_ok()));
}

/// Changing any of these changes every published result: say so in the change log.
#[test]
fn values_are_stable() {
    let last = |process: &Arrivals| {
        let all = arrivals(process, &office(), -3 * MINUTE, 100 * MINUTE);
        (all.len(), all[all.len() - 1].2)
    };
    let drawn =
        [Arrivals::Poisson(per_second(50.0)), bursts(), gaps(0.1, 2.0), Arrivals::Constant(per_second(3.0))].map(|p| last(&p));
    assert_eq!(
        drawn,
        [(245_483, 5_999_953_782_401), (40_156, 5_997_896_672_769), (49_090, 5_999_714_775_530), (14_735, 5_999_968_584_452)]
    );
}
