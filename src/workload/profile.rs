//! The shape of traffic over the day and week.

use std::sync::Arc;

use crate::units::{NANOS, SimTime, Span};

const HOUR: i64 = 3_600 * NANOS;
const DAY: i64 = 24 * HOUR;

/// A factor on the mean rate: linear between points, periodic, with mean 1. Clock 0 is Monday 00:00 unless `shifted`.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Time in the period (rising, in 0..period) and factor. Never empty.
    points: Arc<[(i64, f64)]>,
    /// Mean-weighted nanoseconds from the period's start to each point, and to its end.
    areas: Arc<[f64]>,
    period: i64,
    /// Where in the period clock 0 lies.
    offset: i64,
}

/// A profile that cannot be: says what must hold and what was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProfileError(String);

/// Relative traffic at each full hour of a day in an office: quiet nights, peaks before noon and in the afternoon.
const OFFICE_HOURS: [f64; 24] = [
    0.10, 0.08, 0.06, 0.06, 0.08, 0.12, 0.25, 0.60, 1.40, 2.20, 2.60, 2.50, 2.00, 2.20, 2.60, 2.50, 2.20, 1.60, 0.90, 0.55, 0.40,
    0.30, 0.20, 0.14,
];
/// Relative traffic from Monday to Sunday in an office.
const OFFICE_DAYS: [f64; 7] = [1.0, 1.05, 1.05, 1.0, 0.9, 0.2, 0.15];
/// Relative traffic of a consumer service: lowest at 04:00, highest at 20:00, peak to trough 5 to 1.
const DAY_AND_NIGHT: [f64; 24] = [
    0.80, 0.60, 0.45, 0.37, 0.34, 0.37, 0.48, 0.65, 0.85, 1.00, 1.10, 1.15, 1.20, 1.18, 1.15, 1.15, 1.20, 1.30, 1.45, 1.60, 1.70,
    1.60, 1.35, 1.05,
];

impl Profile {
    /// Always 1.
    #[must_use]
    pub fn flat() -> Self {
        Self::scaled(vec![(0, 1.0)], DAY)
    }

    /// A working week (period 7 days): hours `[0.10, 0.08, 0.06, 0.06, 0.08, 0.12, 0.25, 0.60, 1.40, 2.20, 2.60, 2.50, 2.00,
    /// 2.20, 2.60, 2.50, 2.20, 1.60, 0.90, 0.55, 0.40, 0.30, 0.20, 0.14]` times days Monday to Sunday
    /// `[1, 1.05, 1.05, 1, 0.9, 0.2, 0.15]`, before scaling. Illustrative values, not a measurement.
    #[must_use]
    pub fn office_hours() -> Self {
        Self::scaled(week(&OFFICE_HOURS, &OFFICE_DAYS), 7 * DAY)
    }

    /// A consumer service's day (period 24 h): hours `[0.80, 0.60, 0.45, 0.37, 0.34, 0.37, 0.48, 0.65, 0.85, 1.00, 1.10, 1.15,
    /// 1.20, 1.18, 1.15, 1.15, 1.20, 1.30, 1.45, 1.60, 1.70, 1.60, 1.35, 1.05]`, before scaling. Illustrative values, not a
    /// measurement.
    #[must_use]
    pub fn day_and_night() -> Self {
        Self::scaled(day(&DAY_AND_NIGHT), DAY)
    }

    /// Relative traffic at each full hour, linear between them, around the clock; the period is a day.
    pub fn from_hours(hours: &[f64; 24]) -> Result<Self, ProfileError> {
        Self::checked(day(hours), DAY)
    }

    /// The same with a factor for each day, Monday first; the period is a week.
    pub fn from_hours_days(hours: &[f64; 24], days: &[f64; 7]) -> Result<Self, ProfileError> {
        check_values(days)?;
        Self::checked(week(hours, days), 7 * DAY)
    }

    /// Points `(time in the period, relative traffic)`: times rising from 0 on and below the period; linear between the points
    /// and from the last to the first of the next period.
    pub fn from_points(points: &[(Span, f64)], every: Span) -> Result<Self, ProfileError> {
        if every.0 <= 0 || every.is_forever() {
            return Err(ProfileError(format!("the period must be more than 0 and finite, but is {every}")));
        }
        let Some(first) = points.first() else { return Err(ProfileError("a profile must have at least one point".into())) };
        if first.0.0 < 0 {
            return Err(ProfileError("the time of a point must be at least 0".into()));
        }
        if let Some(pair) = points.windows(2).find(|w| w[1].0 <= w[0].0) {
            return Err(ProfileError(format!("times must rise, but {} follows {}", pair[1].0, pair[0].0)));
        }
        if let Some((time, _)) = points.iter().find(|(time, _)| *time >= every) {
            return Err(ProfileError(format!("the time of a point must be below the period {every}, but is {time}")));
        }
        Self::checked(points.iter().map(|(time, value)| (time.0, *value)).collect(), every.0)
    }

    fn checked(points: Vec<(i64, f64)>, period: i64) -> Result<Self, ProfileError> {
        check_values(&points.iter().map(|(_, value)| *value).collect::<Vec<_>>())?;
        let profile = Self::scaled(points, period);
        // A sum that overflows or underflows leaves no usable factor.
        if profile.points.iter().all(|(_, value)| value.is_finite()) && profile.areas.last().is_some_and(|area| *area > 0.0) {
            Ok(profile)
        } else {
            Err(ProfileError("the values must be near enough to 1 that their mean can be taken".into()))
        }
    }

    /// Scales the points so that the mean over the period is 1.
    fn scaled(mut points: Vec<(i64, f64)>, period: i64) -> Self {
        let mean = areas(&points, period).last().copied().unwrap_or(0.0) / period as f64;
        for (_, value) in &mut points {
            *value /= mean;
        }
        let areas = areas(&points, period).into();
        Self { points: points.into(), areas, period, offset: 0 }
    }

    /// The same profile with clock 0 this much after the period's start, such as after Monday 00:00.
    #[must_use]
    pub fn shifted(mut self, offset: Span) -> Self {
        self.offset = (self.offset + offset.0 % self.period).rem_euclid(self.period);
        self
    }

    /// Time after which the profile repeats.
    #[must_use]
    pub const fn period(&self) -> Span {
        Span(self.period)
    }

    /// Whether the factor is always 1.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.points.iter().all(|(_, value)| *value == self.points[0].1)
    }

    /// The factor at a clock time.
    #[must_use]
    pub fn at(&self, time: SimTime) -> f64 {
        self.at_phase(self.phase(time))
    }

    /// Integral of the factor over a stretch of the clock, in seconds; negative if `to` lies before `from`.
    #[must_use]
    pub fn integral(&self, from: SimTime, to: SimTime) -> f64 {
        if self.is_flat() {
            return (to.0 - from.0) as f64 / 1e9;
        }
        let periods = self.turn(to) - self.turn(from);
        let rest = self.area_to(self.phase(to)) - self.area_to(self.phase(from));
        (periods as f64 * self.period as f64 + rest) / 1e9
    }

    /// Clock times strictly inside of `from..to` at which the slope may change, rising.
    pub fn breaks(&self, from: SimTime, to: SimTime) -> impl Iterator<Item = SimTime> + '_ {
        let mut start = from.0 - self.phase(from);
        let mut next = self.points.partition_point(|(time, _)| *time <= self.phase(from));
        std::iter::from_fn(move || {
            if next == self.points.len() {
                (next, start) = (0, start + self.period);
            }
            let time = start + self.points[next].0;
            next += 1;
            (time < to.0).then_some(SimTime(time))
        })
    }

    /// Full periods from the one that holds clock 0 (or its offset) to this time.
    fn turn(&self, time: SimTime) -> i64 {
        (time.0 + self.offset).div_euclid(self.period)
    }

    fn phase(&self, time: SimTime) -> i64 {
        (time.0 + self.offset).rem_euclid(self.period)
    }

    /// The points around a phase: `(time, factor)` before and after, unwrapped so that before <= phase < after.
    fn around(&self, phase: i64) -> ((i64, f64), (i64, f64)) {
        let (n, after) = (self.points.len(), self.points.partition_point(|(time, _)| *time <= phase));
        let wrapped = |i: usize, by: i64| (self.points[i].0 + by, self.points[i].1);
        match after {
            0 => (wrapped(n - 1, -self.period), self.points[0]),
            i if i == n => (self.points[n - 1], wrapped(0, self.period)),
            i => (self.points[i - 1], self.points[i]),
        }
    }

    fn at_phase(&self, phase: i64) -> f64 {
        let ((t0, v0), (t1, v1)) = self.around(phase);
        v0 + (v1 - v0) * ((phase - t0) as f64 / (t1 - t0) as f64)
    }

    /// Weighted nanoseconds from the period's start to a phase.
    fn area_to(&self, phase: i64) -> f64 {
        let before = self.points.partition_point(|(time, _)| *time <= phase);
        let (time, area, value) = match before.checked_sub(1) {
            Some(i) => (self.points[i].0, self.areas[i], self.points[i].1),
            None => (0, 0.0, self.at_phase(0)),
        };
        area + 0.5 * (value + self.at_phase(phase)) * (phase - time) as f64
    }
}

/// Weighted nanoseconds from the period's start to each point and to the period's end.
fn areas(points: &[(i64, f64)], period: i64) -> Vec<f64> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let gap = (first.0 + period - last.0) as f64;
    // The factor at the period's start, on the line from the last point to the first of the next period.
    let at_start = last.1 + (first.1 - last.1) * ((period - last.0) as f64 / gap);
    let mut area = 0.5 * (at_start + first.1) * first.0 as f64;
    let mut areas = vec![area];
    for pair in points.windows(2) {
        area += 0.5 * (pair[0].1 + pair[1].1) * (pair[1].0 - pair[0].0) as f64;
        areas.push(area);
    }
    areas.push(area + 0.5 * (last.1 + at_start) * (period - last.0) as f64);
    areas
}

fn check_values(values: &[f64]) -> Result<(), ProfileError> {
    if let Some(value) = values.iter().find(|value| !(**value >= 0.0 && value.is_finite())) {
        return Err(ProfileError(format!("each value must be finite and at least 0, but one is {value}")));
    }
    if values.iter().all(|value| *value == 0.0) {
        return Err(ProfileError("at least one value must be more than 0".into()));
    }
    Ok(())
}

fn day(hours: &[f64; 24]) -> Vec<(i64, f64)> {
    (0..).zip(hours).map(|(hour, value)| (hour * HOUR, *value)).collect()
}

fn week(hours: &[f64; 24], days: &[f64; 7]) -> Vec<(i64, f64)> {
    let at = |(d, day): (i64, &f64)| {
        (0..).zip(hours).map(move |(h, hour): (i64, &f64)| (d * DAY + h * HOUR, hour * *day)).collect::<Vec<_>>()
    };
    (0..).zip(days).flat_map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Profile> {
        let minutes = |m: i64| Span::from_secs(60 * m);
        vec![
            Profile::flat(),
            Profile::office_hours(),
            Profile::day_and_night(),
            Profile::from_hours(&std::array::from_fn(|h| h as f64)).unwrap(),
            Profile::from_points(&[(minutes(0), 1.0), (minutes(360), 3.0)], minutes(1440)).unwrap(),
            Profile::from_points(&[(minutes(7), 0.0), (minutes(9), 5.0), (minutes(50), 1.0)], minutes(61)).unwrap(),
            Profile::from_points(&[(minutes(3), 2.0)], minutes(10)).unwrap(),
        ]
    }

    #[test]
    fn the_mean_over_a_period_is_one() {
        for profile in all() {
            for start in [0, -17 * HOUR, 31 * DAY + 1] {
                let seconds = profile.integral(SimTime(start), SimTime(start + profile.period().0));
                assert!((seconds / profile.period().as_secs_f64() - 1.0).abs() < 1e-12, "{seconds} s");
            }
        }
    }

    #[test]
    fn the_integral_is_that_of_the_factor() {
        for profile in all() {
            let profile = profile.shifted(Span(5 * HOUR + 12_345));
            let (from, to) = (-3 * HOUR - 7, 29 * HOUR + 11);
            // Trapezia between the breaks are exact where the factor is linear.
            let mut times = vec![SimTime(from)];
            times.extend(profile.breaks(SimTime(from), SimTime(to)));
            times.push(SimTime(to));
            assert!(times.is_sorted_by(|a, b| a < b));
            let area = |w: &[SimTime]| 0.5 * (profile.at(w[0]) + profile.at(w[1])) * (w[1] - w[0]).as_secs_f64();
            let expected: f64 = times.windows(2).map(area).sum();
            let actual = profile.integral(SimTime(from), SimTime(to));
            assert!((actual / expected - 1.0).abs() < 1e-12, "{actual} is not {expected}");
            assert!((profile.integral(SimTime(to), SimTime(from)) + actual).abs() < 1e-6);
        }
    }

    #[test]
    fn hours_and_days_are_where_they_should_be() {
        let mut hours = [1.0; 24];
        hours[9] = 2.0;
        let profile = Profile::from_hours(&hours).unwrap();
        // One triangle of height 1 and width 2 h: the mean before scaling is 1 + 1/24.
        let unit = 1.0 / (1.0 + 1.0 / 24.0);
        for (time, value) in [(0, 1.0), (9 * HOUR, 2.0), (8 * HOUR + HOUR / 2, 1.5), (33 * HOUR, 2.0), (-15 * HOUR, 2.0)] {
            assert!((profile.at(SimTime(time)) - value * unit).abs() < 1e-12, "at {time}");
        }
        let week = Profile::from_hours_days(&[1.0; 24], &[1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]).unwrap();
        assert_eq!(week.at(SimTime(6 * DAY)), 0.0);
        assert_eq!(week.shifted(Span(5 * DAY + HOUR)).at(SimTime(0)), 0.0);
        assert!(
            Profile::flat().is_flat() && Profile::from_hours(&[3.0; 24]).unwrap().is_flat() && !Profile::office_hours().is_flat()
        );
    }

    #[test]
    fn impossible_profiles_are_refused() {
        let at = |seconds: i64| Span::from_secs(seconds);
        let cases = [
            (Profile::from_hours(&[0.0; 24]), "at least one value must be more than 0"),
            (Profile::from_hours(&[f64::NAN; 24]), "each value must be finite and at least 0, but one is NaN"),
            (Profile::from_hours_days(&[1.0; 24], &[-1.0; 7]), "each value must be finite and at least 0, but one is -1"),
            (Profile::from_hours(&[f64::MAX; 24]), "the values must be near enough to 1"),
            (Profile::from_points(&[], at(60)), "a profile must have at least one point"),
            (Profile::from_points(&[(at(0), 1.0)], at(0)), "the period must be more than 0 and finite, but is 0s"),
            (Profile::from_points(&[(at(5), 1.0), (at(5), 2.0)], at(60)), "times must rise, but 5s follows 5s"),
            (Profile::from_points(&[(at(60), 1.0)], at(60)), "the time of a point must be below the period 1min, but is 1min"),
        ];
        for (made, message) in cases {
            let error = made.expect_err(message).to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
