//! Quantities as newtypes, so that seconds are never added to bytes.
//!
//! Simulated time is an integer count of nanoseconds: sums are exact, and equal on every machine. Clock 0 is the start of
//! the horizon; the run-in lies before it, so times are signed.

pub mod parse;

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// Nanoseconds in a second.
pub const NANOS: i64 = 1_000_000_000;

/// A point on the simulated clock, in nanoseconds from the start of the horizon (negative in the run-in).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(pub i64);

/// A length of time in nanoseconds, never negative in a valid scenario. `Span::FOREVER` stands for "no end".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

impl Span {
    /// Longer than any horizon: about 146 years, so that adding it to any clock time cannot overflow.
    pub const FOREVER: Self = Self(i64::MAX / 2);
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Rounds to the nearest nanosecond; anything not finite, or beyond 146 years, becomes `FOREVER`, negatives become 0.
    ///
    /// ```
    /// # use faascast::units::Span;
    /// assert_eq!(Span::from_secs_f64(0.25), Span::from_millis(250));
    /// ```
    #[inline]
    #[must_use]
    pub fn from_secs_f64(seconds: f64) -> Self {
        // `as` saturates and maps NaN to 0, which the two bounds below make harmless.
        let nanos = (seconds * 1e9 + 0.5) as i64;
        if seconds.is_nan() || nanos > Self::FOREVER.0 { Self::FOREVER } else { Self(nanos.max(0)) }
    }

    /// Whole seconds.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds * NANOS)
    }

    /// Whole milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis * 1_000_000)
    }

    /// Seconds as a float, for estimates and output.
    #[inline]
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// As `Display` shows it where that loses nothing, else with all digits: `86401s` and not `1d`. For messages that
    /// compare two values.
    ///
    /// ```
    /// # use faascast::units::Span;
    /// assert_eq!(Span::from_secs(86_400).exact(), "1d");
    /// assert_eq!(Span::from_secs(86_401).exact(), "86401s");
    /// assert_eq!(Span(1_000_000_001).exact(), "1.000000001s");
    /// ```
    #[must_use]
    pub fn exact(self) -> String {
        let shown = self.to_string();
        if parse::span(&shown) == Ok(self) {
            return shown;
        }
        let (n, digits, unit) = match self.0 {
            NANOS.. => (NANOS, 9, "s"),
            1_000_000.. => (1_000_000, 6, "ms"),
            _ => (1_000, 3, "us"),
        };
        let text = format!("{}.{:0digits$}", self.0 / n, self.0 % n);
        format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
    }

    /// Whether this stands for "no end".
    #[must_use]
    pub fn is_forever(self) -> bool {
        self.0 >= Self::FOREVER.0
    }
}

impl SimTime {
    /// Seconds from the start of the horizon.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Add<Span> for SimTime {
    type Output = Self;
    #[inline]
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub for SimTime {
    type Output = Span;
    #[inline]
    fn sub(self, earlier: Self) -> Span {
        Span(self.0 - earlier.0)
    }
}

impl Add for Span {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl fmt::Display for Span {
    /// The largest unit that gives a readable figure: `90s`, `1.5h`, `250ms`, `forever`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(i64, &str); 7] = [
            (86_400 * NANOS, "d"),
            (3_600 * NANOS, "h"),
            (60 * NANOS, "min"),
            (NANOS, "s"),
            (1_000_000, "ms"),
            (1_000, "us"),
            (1, "ns"),
        ];
        if self.is_forever() {
            return f.write_str("forever");
        }
        if self.0 == 0 {
            return f.write_str("0s");
        }
        // A unit fits if the value is a whole number of it; else the largest unit not above the value, with decimals.
        let whole = UNITS.iter().find(|(n, _)| self.0 % n == 0 && self.0 / n >= 1);
        match (whole, UNITS.iter().find(|(n, _)| self.0 >= *n)) {
            (Some((n, unit)), Some((largest, _))) if largest / n <= 1_000 => write!(f, "{}{unit}", self.0 / n),
            (_, Some((n, unit))) => {
                let text = format!("{:.3}", self.0 as f64 / *n as f64);
                write!(f, "{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
            }
            _ => write!(f, "{}ns", self.0),
        }
    }
}

/// A size in bytes. 1 KiB = 1024 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

impl Bytes {
    /// Whole mebibytes.
    #[must_use]
    pub const fn from_mib(mib: u64) -> Self {
        Self(mib << 20)
    }
    /// Mebibytes as a float.
    #[must_use]
    pub fn as_mib(self) -> f64 {
        self.0 as f64 / f64::from(1 << 20)
    }
    /// As `Display` shows it where that loses nothing, else in bytes. For messages that compare two values.
    ///
    /// ```
    /// # use faascast::units::Bytes;
    /// assert_eq!(Bytes::from_mib(1536).exact(), "1536 MiB");
    /// assert_eq!(Bytes(1_048_577).exact(), "1048577 B");
    /// ```
    #[must_use]
    pub fn exact(self) -> String {
        let shown = self.to_string();
        if parse::bytes(&shown) == Ok(self) { shown } else { format!("{} B", self.0) }
    }
    /// Gibibytes as a float; platforms write "GB" for 1024 MB.
    #[must_use]
    pub fn as_gib(self) -> f64 {
        self.0 as f64 / f64::from(1 << 30)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            b if b >= 1 << 30 && b % (1 << 30) == 0 => (1_u64 << 30, "GiB"),
            b if b >= 1 << 20 => (1 << 20, "MiB"),
            b if b >= 1 << 10 => (1 << 10, "KiB"),
            _ => (1, "B"),
        };
        let text = format!("{:.2}", self.0 as f64 / unit as f64);
        write!(f, "{} {name}", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A probability or share in 0..=1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Probability(f64);

impl Probability {
    /// Never.
    pub const ZERO: Self = Self(0.0);
    /// Always.
    pub const ONE: Self = Self(1.0);

    /// `None` unless `0 <= p <= 1`; not-a-number is refused.
    #[must_use]
    pub fn new(p: f64) -> Option<Self> {
        (0.0..=1.0).contains(&p).then_some(Self(p))
    }
    /// The value in 0..=1.
    #[inline]
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// Events a second, finite and not negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// `None` unless finite and `>= 0`.
    #[must_use]
    pub fn per_second(rate: f64) -> Option<Self> {
        (rate >= 0.0 && rate.is_finite()).then_some(Self(rate))
    }
    /// Events a second.
    #[inline]
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// Share of virtual processors given to one instance; more than 0 and finite.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Vcpu(f64);

impl Vcpu {
    /// One virtual processor.
    pub const ONE: Self = Self(1.0);

    /// `None` unless `> 0` and finite.
    #[must_use]
    pub fn new(vcpu: f64) -> Option<Self> {
        (vcpu > 0.0 && vcpu.is_finite()).then_some(Self(vcpu))
    }
    /// Virtual processors.
    #[inline]
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}
