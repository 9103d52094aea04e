use super::*;

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

#[test]
fn the_start_of_the_run_in_moves_no_arrival() {
    for process in [Arrivals::Poisson(per_second(200.0)), Arrivals::Constant(per_second(7.0))] {
        let long = arrivals(&process, &Intensity::flat(), -10 * MINUTE - 17_000_000_000, 3 * MINUTE);
        for from in [0, -MINUTE / 3, -5 * MINUTE] {
            let short = arrivals(&process, &Intensity::flat(), from, 3 * MINUTE);
            let tail: Vec<_> = long.iter().copied().filter(|a| a.2 >= from).collect();
            assert_eq!(short, tail);
        }
    }
}
