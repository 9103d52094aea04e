//! Arrivals: rate, profile by the hour and the day, and whether they come as in a Poisson process, evenly or in bursts.

use statrs::function::gamma::checked_gamma_ur;

use super::bursts;
use super::figure::{Figure, Place, Uncertainty, Unit, digits, quantity};
use super::fit;
use crate::estimate::Estimate;
use crate::random::Key;
use crate::units::NANOS;

const HOUR: i64 = 3_600 * NANOS;
const DAY: i64 = 24 * HOUR;
/// Monday 00:00 UTC after clock 0 of 1970, a Thursday.
const MONDAY: i64 = 4 * DAY;

/// A p-value below this refuses a hypothesis.
const LEVEL: f64 = 0.01;
/// Gaps that vary by less than this are even, and so are counts with a smaller index of dispersion.
const EVEN: f64 = 0.1;
/// Fewer arrivals than this tell no profile.
const FEWEST_OF_PROFILE: usize = 240;

/// Arrivals of first attempts: each with its time, or counted by interval.
#[derive(Clone, Debug)]
pub enum Observed {
    /// Times in nanoseconds, in rising order, rounded to `tick` seconds.
    Times {
        /// The times.
        times: Vec<i64>,
        /// Step to which they are rounded.
        tick: f64,
    },
    /// Start of an interval and its count, in order; and the intervals' length.
    Counts {
        /// `(start, count)`.
        counts: Vec<(i64, f64)>,
        /// Length in nanoseconds.
        every: i64,
    },
}

impl Observed {
    fn window(&self) -> (i64, i64) {
        match self {
            Self::Times { times, .. } => (times.first().copied().unwrap_or(0), times.last().copied().unwrap_or(0)),
            Self::Counts { counts, every } => {
                (counts.first().map_or(0, |first| first.0), counts.last().map_or(0, |last| last.0 + every))
            }
        }
    }

    fn total(&self) -> f64 {
        match self {
            // The window begins with the first arrival, which is none of those in it.
            Self::Times { times, .. } => times.len().saturating_sub(1) as f64,
            Self::Counts { counts, .. } => counts.iter().map(|count| count.1).sum(),
        }
    }

    /// Counts in intervals of about `width`, only whole ones.
    pub(super) fn binned(&self, width: i64) -> (Vec<f64>, i64) {
        let (from, to) = self.window();
        match self {
            Self::Times { times, .. } => {
                let mut bins = vec![0.0; ((to - from) / width).max(0) as usize];
                for at in times.iter().skip(1) {
                    // The first moment of a bin belongs to the one before: the first arrival is not counted.
                    if let Some(bin) = bins.get_mut(((at - from - 1).max(0) / width) as usize) {
                        *bin += 1.0;
                    }
                }
                (bins, width)
            }
            Self::Counts { counts, every } => {
                let group = (width / every).max(1);
                let mut bins = vec![0.0; ((to - from) / (every * group)).max(0) as usize];
                for (at, count) in counts {
                    if let Some(bin) = bins.get_mut(((at - from) / (every * group)) as usize) {
                        *bin += count;
                    }
                }
                (bins, every * group)
            }
        }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Arrivals a second over the whole log.
    pub rate: Estimate,
    /// Coefficient of variation of the gaps.
    pub gap_cv: Option<f64>,
    /// Index of dispersion of counts, the length of its intervals in seconds, and the p-value of a Poisson process.
    pub dispersion: Option<(f64, f64, f64)>,
    /// Weights of the hours of the day.
    pub hours: Option<[f64; 24]>,
    /// Weights of the days of the week, from Monday on.
    pub days: Option<[f64; 7]>,
}

/// Figures for `arrivals` and `profile`.
#[must_use]
pub fn figures(observed: &Observed, key: Key) -> Vec<Figure> {
    let (from, to) = observed.window();
    let (seconds, total) = ((to - from) as f64 / NANOS as f64, observed.total());
    if seconds <= 0.0 || total < 1.0 {
        return Vec::new();
    }
    let per_second = total / seconds;
    let (hours, days) = profile(observed);
    let gaps: Option<Vec<f64>> = match observed {
        Observed::Times { times, tick } if hours.is_none() && *tick * per_second < 0.5 => {
            Some(times.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / NANOS as f64).collect())
        }
        _ => None,
    };
    let gap_cv = gaps.as_ref().filter(|gaps| gaps.len() >= 5).map(|gaps| cv(gaps));
    let dispersion = dispersion(observed, per_second, hours.as_ref(), days.as_ref());
    let said = format!("{total} arrivals in {}", quantity(seconds, Unit::Seconds));
    let mut about = vec![said];
    if let Some(cv) = gap_cv {
        about.push(format!("gaps vary by {} of their mean", digits(cv)));
    }
    if let Some((d, width, p)) = dispersion {
        about.push(format!(
            "index of dispersion {} in intervals of {} (1 if Poisson, p = {p:.3})",
            digits(d),
            quantity(width, Unit::Seconds)
        ));
    }
    // A timetable with jitter: the gaps vary, the counts do not.
    let jittered = |cv: f64| cv < 5.0 * EVEN && dispersion.is_some_and(|(d, ..)| d < EVEN);
    let even = gap_cv.is_some_and(|cv| cv < EVEN || jittered(cv));
    let poisson_gaps = || {
        let (Some(gaps), Observed::Times { tick, .. }) = (gaps.as_ref().filter(|gaps| gaps.len() >= 8), observed) else {
            return true;
        };
        exponential_fits(gaps, *tick, key) >= LEVEL
    };
    let poisson = dispersion.is_none_or(|(_, _, p)| p >= LEVEL) && (hours.is_some() || poisson_gaps());
    let mut error = 1.0 / total.sqrt();
    let value = if even {
        // The window is cut in the middle of two gaps at most.
        error = gap_cv.unwrap_or(0.0) / total;
        format!("{{ constant = \"{}/s\" }}", digits(per_second))
    } else if poisson {
        format!("{{ poisson = \"{}/s\" }}", digits(per_second))
    } else {
        let (value, wider, more) = bursts::process(observed, per_second, dispersion, gaps.as_deref(), key);
        about.extend(more);
        error *= wider;
        value
    };
    let process = ["constant", "poisson"].into_iter().find(|name| value.contains(&format!("{name} =")));
    let by = libm::exp(1.96 * error);
    let rate = Estimate::interval(per_second, per_second / by, per_second * by, total as usize);
    let mut figure = Figure::new("arrivals", Place::Traffic, "arrivals", value, rate, Unit::Rate);
    figure.about = about;
    if let (Some(process), true) = (process, error > 0.0) {
        figure.uncertain.push((process.to_owned(), Uncertainty::Relative { error, with: None }));
    }
    let mut figures = vec![figure];
    if let Some(hours) = hours {
        let list = |weights: &[f64]| weights.iter().map(|w| digits((w * 1e3).round() / 1e3)).collect::<Vec<_>>().join(", ");
        let days = days.map_or_else(String::new, |days| format!(", days = [{}]", list(&days)));
        let value = format!("{{ hours = [{}]{days} }}", list(&hours));
        let about = "shares of the hours differ by more than chance; hours are UTC, or of the trace's clock";
        figures.push(
            Figure::new("profile", Place::Traffic, "profile", value, Estimate::none(total as usize), Unit::Count).saying(about),
        );
    }
    figures
}

fn cv(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)).sqrt() / mean
}

/// p-value of exponential gaps.
fn exponential_fits(gaps: &[f64], tick: f64, key: Key) -> f64 {
    let every = gaps.len().div_ceil(fit::choose::TESTED);
    let tested: Vec<f64> = gaps.iter().step_by(every).copied().collect();
    fit::goodness::p_of_family(fit::Family::Exponential, &tested, tick, key.with(1)).unwrap_or(1.0)
}

/// Weights of the hours, and of the days where the log covers a week, if they differ by more than chance.
fn profile(observed: &Observed) -> (Option<[f64; 24]>, Option<[f64; 7]>) {
    let (from, to) = observed.window();
    if to - from < DAY || observed.total() < FEWEST_OF_PROFILE as f64 {
        return (None, None);
    }
    let (bins, width) = observed.binned(HOUR);
    if width > HOUR {
        return (None, None);
    }
    let hour = |bin: usize| ((from + bin as i64 * width + width / 2).rem_euclid(DAY) / HOUR) as usize;
    let day = |bin: usize| ((from + bin as i64 * width + width / 2 - MONDAY).div_euclid(DAY).rem_euclid(7)) as usize;
    let group = |of: &dyn Fn(usize) -> usize, n: usize| {
        let (mut counts, mut time) = (vec![0.0; n], vec![0.0; n]);
        for (bin, count) in bins.iter().enumerate() {
            counts[of(bin)] += count;
            time[of(bin)] += 1.0;
        }
        let rate = counts.iter().sum::<f64>() / time.iter().sum::<f64>();
        let statistic: f64 = counts.iter().zip(&time).map(|(c, t)| (c - rate * t) * (c - rate * t) / (rate * t).max(1e-12)).sum();
        let weights: Vec<f64> = counts.iter().zip(&time).map(|(c, t)| if *t > 0.0 { c / t / rate } else { 1.0 }).collect();
        (above((n - 1) as f64, statistic) < LEVEL && time.iter().all(|t| *t > 0.0), weights)
    };
    let (by_hour, hours) = group(&hour, 24);
    let week = to - from >= 7 * DAY && from > 100_000_000 * NANOS;
    let (by_day, days) = if week { group(&day, 7) } else { (false, Vec::new()) };
    let mean_one = |weights: Vec<f64>| {
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        weights.into_iter().map(|w| w / mean).collect::<Vec<f64>>()
    };
    let hours = (by_hour || by_day).then(|| mean_one(hours)).and_then(|hours| hours.try_into().ok());
    (hours, by_day.then(|| mean_one(days)).and_then(|days| days.try_into().ok()))
}

/// Probability that chi-square with so many degrees of freedom is above a value.
fn above(freedom: f64, value: f64) -> f64 {
    // No deviation at all, and one beyond every table.
    if value <= 0.0 { 1.0 } else { checked_gamma_ur(freedom / 2.0, value / 2.0).unwrap_or(0.0) }
}

/// Index of dispersion of counts against what the profile expects, with the p-value of a Poisson process (both sides).
fn dispersion(
    observed: &Observed,
    per_second: f64,
    hours: Option<&[f64; 24]>,
    days: Option<&[f64; 7]>,
) -> Option<(f64, f64, f64)> {
    let (from, to) = observed.window();
    // Ten arrivals an interval, 20 to 2,000 intervals.
    let width = (10.0 / per_second * NANOS as f64) as i64;
    let width = width.clamp((to - from) / 2_000, ((to - from) / 20).max(1)).max(1);
    let (bins, width) = observed.binned(width);
    if bins.len() < 10 {
        return None;
    }
    let at = |bin: usize| from + bin as i64 * width + width / 2;
    let weight = |bin: usize| {
        let hour = hours.map_or(1.0, |hours| hours[(at(bin).rem_euclid(DAY) / HOUR) as usize]);
        hour * days.map_or(1.0, |days| days[((at(bin) - MONDAY).div_euclid(DAY).rem_euclid(7)) as usize])
    };
    let weights: Vec<f64> = (0..bins.len()).map(weight).collect();
    let scale = bins.iter().sum::<f64>() / weights.iter().sum::<f64>();
    if scale <= 0.0 {
        return None;
    }
    let statistic: f64 = bins.iter().zip(&weights).map(|(c, w)| (c - scale * w) * (c - scale * w) / (scale * w).max(1e-9)).sum();
    let fitted = 1 + hours.map_or(0, |_| 23) + days.map_or(0, |_| 6);
    let freedom = bins.len().checked_sub(fitted).filter(|freedom| *freedom >= 9)? as f64;
    let above = above(freedom, statistic);
    Some((statistic / freedom, width as f64 / NANOS as f64, (2.0 * above.min(1.0 - above)).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::distribution::Distribution;

    fn times(gaps: impl Iterator<Item = f64>) -> Observed {
        let mut at = 0.0;
        let times = gaps.map(|gap| {
            at += gap;
            (at * 1e9) as i64
        });
        Observed::Times { times: times.collect(), tick: 0.0 }
    }

    fn process(observed: &Observed) -> String {
        figures(observed, Key::new(1, 1))[0].value.clone()
    }

    #[test]
    fn even_random_and_bursty_arrivals_are_told_apart() {
        let mut stream = Key::new(2, 0).stream();
        let even = process(&times((0..120).map(|i| 1.0 + 0.001 * f64::from(i % 3))));
        assert!(even.starts_with("{ constant = \"0.99"), "{even}");
        let law = Distribution::exponential(0.1).unwrap();
        let poisson = process(&times((0..3_000).map(|_| law.sample(&mut stream))));
        assert!(poisson.starts_with("{ poisson = \""), "{poisson}");
        // 20 a second for 10 s, then 1 a second for 20 s, on average.
        let mut gaps = Vec::new();
        for _ in 0..60 {
            for (rate, stay) in [(20.0, 10.0), (1.0, 20.0)] {
                let mut left: f64 = Distribution::exponential(stay).unwrap().sample(&mut stream);
                while left > 0.0 {
                    let gap = Distribution::exponential(1.0 / rate).unwrap().sample(&mut stream);
                    gaps.push(gap.min(left));
                    left -= gap;
                }
            }
        }
        let bursty = process(&times(gaps.into_iter()));
        assert!(bursty.starts_with("{ mmpp = [{ rate = \""), "{bursty}");
    }

    #[test]
    fn a_day_has_a_profile() {
        let counts: Vec<(i64, f64)> =
            (0..7 * 24).map(|h| (h * HOUR, if (8..20).contains(&(h % 24)) { 300.0 } else { 100.0 })).collect();
        let found = figures(&Observed::Counts { counts, every: HOUR }, Key::new(1, 1));
        assert_eq!(found.len(), 2);
        assert!(found[1].value.starts_with("{ hours = [0.5, 0.5, "), "{}", found[1].value);
        assert!(!found[1].value.contains("days"));
    }
}
