//! A fitted figure: where it goes in a scenario, what it is, how sure it is, and why.

use super::fit::{Family, Fitted, Parameter};
use crate::estimate::Estimate;
use crate::workload::distribution::Distribution;

/// The table of the scenario that a figure goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// `[functions.NAME]`.
    Function,
    /// `[functions.NAME.work]`.
    Work,
    /// `[functions.NAME.faults]`.
    Faults,
    /// `[functions.NAME.async]`.
    Async,
    /// `[[traffic]]`.
    Traffic,
}

/// The unit of an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// A share in 0..=1.
    Share,
    /// A second.
    Rate,
    /// A plain number.
    Count,
}

/// How uncertain a value of the scenario is.
#[derive(Clone, Debug, PartialEq)]
pub enum Uncertainty {
    /// Standard error of the logarithm: a share of the value; and the key below the figure's with which it is correlated.
    Relative {
        /// The standard error.
        error: f64,
        /// Another value's key, and the correlation with it.
        with: Option<(String, f64)>,
    },
    /// A share: so many of so many.
    Events {
        /// That happened.
        events: u64,
        /// Among these.
        of: u64,
    },
}

/// A fitted figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is, in words.
    pub name: &'static str,
    /// Its table.
    pub place: Place,
    /// Its key there; empty if it only informs.
    pub key: &'static str,
    /// Its value, as the scenario writes it.
    pub value: String,
    /// The estimate with its 95 % interval and the number of values.
    pub estimate: Estimate,
    /// Unit of the estimate.
    pub unit: Unit,
    /// Law, goodness of fit, and what else a reader should know: sentences.
    pub about: Vec<String>,
    /// Uncertainty of the values at `key`, each with its own key below it (empty for the value itself).
    pub uncertain: Vec<(String, Uncertainty)>,
    /// Parameters of its law.
    pub parameters: Vec<Parameter>,
    /// The values and the law, to be drawn.
    pub curve: Option<Curve>,
}

/// Values and the law that was fitted to them, as shares that are larger than x.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// `(x, share of the values that are larger)`.
    pub observed: Vec<(f64, f64)>,
    /// The same of the law.
    pub fitted: Vec<(f64, f64)>,
}

/// Points of a curve.
const POINTS: usize = 200;

impl Curve {
    /// Of values and a law.
    #[must_use]
    pub fn new(values: &[f64], law: &Distribution) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        let every = n.div_ceil(POINTS).max(1);
        let observed: Vec<(f64, f64)> = (0..n)
            .step_by(every)
            .chain([n.saturating_sub(2)])
            .filter_map(|i| Some((*sorted.get(i)?, 1.0 - (i + 1) as f64 / n as f64)))
            .collect();
        let fitted = observed.iter().map(|(x, _)| (*x, 1.0 - law.cdf(*x))).collect();
        Self { observed, fitted }
    }
}

impl Figure {
    /// A figure without more than its value.
    #[must_use]
    pub fn new(name: &'static str, place: Place, key: &'static str, value: String, estimate: Estimate, unit: Unit) -> Self {
        Self {
            name,
            place,
            key,
            value,
            estimate,
            unit,
            about: Vec::new(),
            uncertain: Vec::new(),
            parameters: Vec::new(),
            curve: None,
        }
    }

    /// A fitted law of times or sizes.
    #[must_use]
    pub fn law(name: &'static str, place: Place, key: &'static str, fitted: &Fitted, values: &[f64], unit: Unit) -> Self {
        let estimated = &fitted.estimated;
        let mut figure = Self::new(name, place, key, law(fitted, unit), fitted.mean, unit);
        figure.about = goodness(fitted, unit);
        figure.parameters.clone_from(&estimated.parameters);
        let base = if estimated.family == Family::Constant { String::new() } else { estimated.family.key().to_owned() };
        let path = |p: &Parameter| if p.key.is_empty() { base.clone() } else { format!("{base}.{}", p.key) };
        for (i, parameter) in estimated.parameters.iter().enumerate() {
            let with = (i == 0 && estimated.parameters.len() == 2 && estimated.correlation != 0.0)
                .then(|| (path(&estimated.parameters[1]), estimated.correlation));
            if parameter.error > 0.0 {
                figure.uncertain.push((path(parameter), Uncertainty::Relative { error: parameter.error, with }));
            }
        }
        figure.curve = (estimated.family != Family::Constant).then(|| Curve::new(values, &estimated.law));
        figure
    }

    /// A share with its exact interval.
    #[must_use]
    pub fn share(name: &'static str, place: Place, key: &'static str, events: u64, of: u64) -> Self {
        let estimate = crate::estimate::share::share_of_independent(events as usize, of as usize);
        let value = format!("\"{}%\"", digits(100.0 * estimate.mean.unwrap_or(0.0)));
        let mut figure = Self::new(name, place, key, value, estimate, Unit::Share);
        figure.about.push(format!("{events} of {of}, exact interval"));
        if !key.is_empty() {
            figure.uncertain.push((String::new(), Uncertainty::Events { events, of }));
        }
        figure
    }

    /// Adds a sentence.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.about.push(text.into());
        self
    }
}

/// Law, distance and p-value, in words.
fn goodness(fitted: &Fitted, unit: Unit) -> Vec<String> {
    let e = &fitted.estimated;
    let parameter = |p: &Parameter| {
        let (lo, hi) = Fitted::interval(p);
        let write = |x: f64| if p.has_unit { quantity(x, unit) } else { digits(x) };
        format!("{} {} ({} to {})", if p.key.is_empty() { "mean" } else { p.key }, write(p.value), write(lo), write(hi))
    };
    let parameters: Vec<String> = e.parameters.iter().map(parameter).collect();
    match (e.family, fitted.p, fitted.refused) {
        (Family::Constant, ..) => vec!["all values are the same within their rounding, or 0.1 %".to_owned()],
        (Family::Quantiles, _, None) => vec!["too few values for a law: their quantiles".to_owned()],
        (Family::Quantiles, _, Some((family, p))) => {
            vec![format!("no law fits (the nearest, {}, has p = {p:.3}): the quantiles of the values", family.key())]
        }
        (family, p, _) => {
            let p = p.map_or_else(String::new, |p| format!(", p = {p:.2} of {} values", fitted.tested));
            vec![
                format!("{} with {}", family.key(), parameters.join(", ")),
                format!(
                    "smallest AIC; distance of the distribution functions {:.4}{p} (Kolmogorov-Smirnov, bootstrap)",
                    fitted.distance
                ),
            ]
        }
    }
}

/// A law as the scenario writes it.
#[must_use]
pub fn law(fitted: &Fitted, unit: Unit) -> String {
    let e = &fitted.estimated;
    let quoted = |x: f64| format!("\"{}\"", quantity(x, unit));
    let written = |p: &Parameter| if p.has_unit { quoted(p.value) } else { digits(p.value) };
    match (e.family, &e.law) {
        (Family::Quantiles, Distribution::Quantiles(points)) => {
            let points: Vec<String> = points.iter().map(|(p, x)| format!("[{p}, {}]", quoted(*x))).collect();
            format!("{{ quantiles = [{}] }}", points.join(", "))
        }
        (Family::Constant, _) => e.parameters.first().map_or_else(String::new, written),
        (Family::Exponential, _) => format!("{{ exponential = {} }}", e.parameters.first().map_or_else(String::new, written)),
        (family, _) => {
            let inner: Vec<String> = e.parameters.iter().map(|p| format!("{} = {}", p.key, written(p))).collect();
            format!("{{ {} = {{ {} }} }}", family.key(), inner.join(", "))
        }
    }
}

/// A quantity with its unit, six digits.
#[must_use]
pub fn quantity(x: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds if x >= 1.0 => format!("{}s", digits(x)),
        Unit::Seconds if x >= 1e-3 || x == 0.0 => format!("{}ms", digits(x * 1e3)),
        Unit::Seconds => format!("{}us", digits(x * 1e6)),
        Unit::Bytes if x >= 1_048_576.0 => format!("{} MiB", digits(x / 1_048_576.0)),
        Unit::Bytes => format!("{} B", x.round()),
        Unit::Share => format!("{} %", digits(100.0 * x)),
        Unit::Rate => format!("{}/s", digits(x)),
        Unit::Count => digits(x),
    }
}

/// A number with six digits and no more zeros than it needs.
#[must_use]
pub fn digits(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return if x == 0.0 { "0".to_owned() } else { x.to_string() };
    }
    let decimals = (5.0 - libm::log10(x.abs()).floor()).clamp(0.0, 15.0) as usize;
    let text = format!("{x:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::fit;
    use crate::random::Key;

    #[test]
    fn numbers_have_six_digits() {
        for (x, text) in
            [(0.155_51, "0.15551"), (123.456_789, "123.457"), (1e7, "10000000"), (0.0, "0"), (1.0, "1"), (2e-7, "0.0000002")]
        {
            assert_eq!(digits(x), text);
        }
        assert_eq!(quantity(0.155_51, Unit::Seconds), "155.51ms");
        assert_eq!(quantity(41.0 * 1_048_576.0, Unit::Bytes), "41 MiB");
    }

    #[test]
    fn a_law_is_written_as_a_scenario_reads_it() {
        let mut stream = Key::new(5, 0).stream();
        let drawn = Distribution::lognormal_mean_cv(0.2, 0.8).unwrap();
        let values: Vec<f64> = (0..500).map(|_| drawn.sample(&mut stream)).collect();
        let fitted = fit::law(&values, 0.0, Key::new(1, 1)).unwrap();
        let figure = Figure::law("duration", Place::Work, "io", &fitted, &values, Unit::Seconds);
        assert!(
            figure.value.starts_with("{ lognormal = { mean = \"") && figure.value.contains("ms\", cv = 0."),
            "{}",
            figure.value
        );
        assert_eq!(figure.uncertain[0].0, "lognormal.mean");
        assert!(matches!(&figure.uncertain[0].1, Uncertainty::Relative { with: Some((key, _)), .. } if key == "lognormal.cv"));
        assert_eq!(figure.curve.unwrap().observed.len(), 168);
    }
}
