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
