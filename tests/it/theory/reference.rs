//! Formulas and small numerical solvers that the tests compare with. Nothing here knows the engine.

use faascast::workload::distribution::Distribution;

/// Exponential with this mean.
pub(crate) fn exponential(mean: f64) -> Distribution {
    Distribution::exponential(mean).unwrap()
}

/// Erlang's loss formula by its recursion B(n) = a B(n-1) / (n + a B(n-1)) (Erlang 1917).
pub(crate) fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |b, n| load * b / (f64::from(n) + load * b))
}

/// Poisson probabilities 0..=n.
pub(super) fn poisson(mean: f64, n: usize) -> Vec<f64> {
    let mut p = vec![libm::exp(-mean)];
    (1..=n).for_each(|k| p.push(p[k - 1] * mean / k as f64));
    p
}

/// Standard normal distribution function.
pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / 2.0_f64.sqrt())
}

/// A finite birth-death chain 0..=top with an absorbing state one above `top` (if `birth(top) > 0`) and one below 0 (if
/// `death(0) > 0`).
pub(super) struct BirthDeath {
    pub(super) birth: Vec<f64>,
    pub(super) death: Vec<f64>,
}

impl BirthDeath {
    /// Probability of each state at each of the `times` (rising), from `start`, by uniformisation: the embedded chain takes a
    /// Poisson number of steps (Jensen 1953; Grassmann 1977). What is missing to 1 has been absorbed.
    pub(super) fn transient(&self, start: &[f64], times: &[f64]) -> Vec<Vec<f64>> {
        let uniform = self.birth.iter().zip(&self.death).map(|(b, d)| b + d).fold(0.0, f64::max);
        let mut now = 0.0;
        let mut state = start.to_vec();
        times
            .iter()
            .map(|&time| {
                // Short stretches, so that exp(-uniform x stretch) stays far from underflow.
                let pieces = ((time - now) * uniform / 50.0).ceil().max(1.0);
                for _ in 0..pieces as usize {
                    state = self.stretch(&state, uniform, (time - now) / pieces);
                }
                now = time;
                state.clone()
            })
            .collect()
    }

    fn stretch(&self, start: &[f64], uniform: f64, length: f64) -> Vec<f64> {
        let mean = uniform * length;
        let mut weight = libm::exp(-mean);
        let mut step = start.to_vec();
        let mut sum: Vec<f64> = step.iter().map(|p| weight * p).collect();
        let enough = (mean + 12.0 * mean.sqrt() + 40.0) as usize;
        for n in 1..enough {
            step = (0..step.len())
                .map(|i| {
                    let below = if i > 0 { step[i - 1] * self.birth[i - 1] } else { 0.0 };
                    let above = step.get(i + 1).map_or(0.0, |p| p * self.death[i + 1]);
                    (below + above) / uniform + step[i] * (1.0 - (self.birth[i] + self.death[i]) / uniform)
                })
                .collect();
            weight *= mean / n as f64;
            sum.iter_mut().zip(&step).for_each(|(s, p)| *s += weight * p);
        }
        sum
    }

    /// P(not absorbed yet) at each of the times.
    pub(super) fn survival(&self, start: usize, times: &[f64]) -> Vec<f64> {
        let mut initial = vec![0.0; self.birth.len()];
        initial[start] = 1.0;
        self.transient(&initial, times).iter().map(|p| p.iter().sum()).collect()
    }
}

/// Stationary law of a Markov chain from its transition rates, by state reduction, which subtracts nothing (Grassmann, Taksar
/// & Heyman 1985, "Regenerative analysis and steady state distributions for Markov chains", Operations Research 33).
pub(super) fn stationary(mut rates: Vec<Vec<f64>>) -> Vec<f64> {
    let n = rates.len();
    for k in (1..n).rev() {
        let out: f64 = rates[k][..k].iter().sum();
        let row = rates[k].clone();
        for from in &mut rates[..k] {
            let share = from[k] / out;
            from[k] = share;
            if share > 0.0 {
                from[..k].iter_mut().zip(&row).for_each(|(rate, on)| *rate += share * on);
            }
        }
    }
    let mut p = vec![1.0];
    for k in 1..n {
        p.push(p.iter().zip(&rates).map(|(p, row)| p * row[k]).sum());
    }
    let total: f64 = p.iter().sum();
    p.iter().map(|x| x / total).collect()
}

/// Simpson's rule over an odd number of equally spaced values.
pub(super) fn simpson(values: &[f64], step: f64) -> f64 {
    assert!(values.len() % 2 == 1);
    let inner: f64 = values.iter().enumerate().map(|(i, v)| v * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
    (inner - values[0] - values[values.len() - 1]) * step / 3.0
}

#[test]
fn the_solvers_know_the_m_m_1_3_queue() {
    // pi_n = rho^n (1 - rho) / (1 - rho^4), by state reduction and as the limit of the transient law.
    let (birth, death) = (vec![2.0, 2.0, 2.0, 0.0], vec![0.0, 3.0, 3.0, 3.0]);
    let mut rates = vec![vec![0.0; 4]; 4];
    for i in 0..3 {
        (rates[i][i + 1], rates[i + 1][i]) = (2.0, 3.0);
    }
    let limit = BirthDeath { birth, death }.transient(&[1.0, 0.0, 0.0, 0.0], &[200.0]).remove(0);
    let rho = 2.0 / 3.0_f64;
    for (n, (a, b)) in stationary(rates).into_iter().zip(limit).enumerate() {
        let exact = libm::pow(rho, n as f64) * (1.0 - rho) / (1.0 - libm::pow(rho, 4.0));
        assert!((a - exact).abs() < 1e-12 && (b - exact).abs() < 1e-9, "{n}: {a} {b} {exact}");
    }
    assert!((erlang_b(3, 2.0) - (8.0 / 6.0) / (1.0 + 2.0 + 2.0 + 8.0 / 6.0)).abs() < 1e-12);
}
