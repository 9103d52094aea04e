//! Random draws by identity: every draw is a function of (seed, replication, name, time cell, index, attempt, purpose) and
//! never of the order of events, so that two configurations see the same traffic, work and luck.
//!
//! Two generators, both with published, fixed algorithms: xoshiro256++ (Blackman & Vigna 2019) runs through a block of first
//! attempts of one time cell and one purpose; SplitMix64 (Steele, Lea & Flood 2014) turns an identity into a key.

use std::convert::Infallible;

/// Length of a time cell: draws restart at each whole minute of the simulated clock, so that an event or a window that
/// changes one cell leaves the draws of all others alone.
pub const CELL_NANOS: i64 = 60 * crate::units::NANOS;

/// What a draw is for. Each purpose has its own stream, so switching one mechanism on leaves the others' draws alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
#[expect(missing_docs, reason = "the names are the purposes")]
pub enum Purpose {
    Arrival = 1,
    Phase,
    Cpu,
    Io,
    Memory,
    Fault,
    CrashPoint,
    Payload,
    ColdStart,
    KeepAlive,
    Backoff,
    Duplicate,
    Background,
    Route,
    Request,
    Response,
    Header,
    MaxAge,
    Call,
    Latency,
    Partition,
}

/// A 64-bit identity, made by mixing its parts in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u64);

/// The SplitMix64 finaliser: a bijection of 64 bits in which every input bit moves about half of the output bits.
#[inline]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Key {
    /// The root of all draws of one replication.
    #[must_use]
    pub const fn new(seed: u64, replication: u64) -> Self {
        Self(mix(mix(seed.wrapping_add(GOLDEN)) ^ replication.wrapping_mul(GOLDEN)))
    }

    /// Adds a part of the identity: a number, an index, a purpose.
    #[inline]
    #[must_use]
    pub const fn with(self, part: u64) -> Self {
        // Two rounds: one alone leaves a linear relation between keys of neighbouring parts.
        Self(mix(mix(self.0.wrapping_add(GOLDEN)) ^ part.wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    /// Adds a purpose.
    #[inline]
    #[must_use]
    pub const fn purpose(self, purpose: Purpose) -> Self {
        self.with(purpose as u64)
    }

    /// Adds a name (FNV-1a, then mixed), so that editing one function leaves the others' draws alone.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        self.with(hash)
    }

    /// Adds another identity.
    #[inline]
    #[must_use]
    pub const fn combine(self, other: Self) -> Self {
        self.with(other.0)
    }

    /// In two halves, for a record that has room for those; `joined` puts them together again.
    #[inline]
    #[must_use]
    pub const fn split(self) -> (i32, u32) {
        ((self.0 >> 32) as i32, self.0 as u32)
    }

    /// The identity of two halves.
    #[inline]
    #[must_use]
    pub const fn joined(high: i32, low: u32) -> Self {
        Self((high as u32 as u64) << 32 | low as u64)
    }

    /// A generator for this identity.
    #[inline]
    #[must_use]
    pub fn stream(self) -> Stream {
        let mut state = [0_u64; 4];
        let mut z = self.0;
        for s in &mut state {
            z = z.wrapping_add(GOLDEN);
            *s = mix(z);
        }
        Stream { state }
    }

    /// One uniform number in [0, 1) for this identity.
    #[inline]
    #[must_use]
    pub fn uniform(self) -> f64 {
        to_unit(mix(self.0.wrapping_add(GOLDEN)))
    }
}

/// 53 random bits to [0, 1).
#[inline]
fn to_unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// xoshiro256++ 1.0.
#[derive(Clone, Debug)]
pub struct Stream {
    state: [u64; 4],
}

impl Stream {
    /// The next 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Uniform in [0, 1), 53 bits.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        to_unit(self.bits())
    }

    /// Uniform in (0, 1]: safe to take the logarithm of.
    #[inline]
    pub fn uniform_positive(&mut self) -> f64 {
        1.0 - self.uniform()
    }
}

/// Lets any sampler written for `rand` draw from a keyed stream.
impl rand::TryRng for Stream {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.bits().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference values of xoshiro256++ for the state 1, 2, 3, 4, from its authors' C code (also rand_xoshiro's test).
    #[test]
    fn xoshiro256plusplus_reference_values() {
        let mut stream = Stream { state: [1, 2, 3, 4] };
        let drawn: Vec<u64> = (0..5).map(|_| stream.bits()).collect();
        assert_eq!(drawn, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386, 9_228_616_714_210_784_205]);
    }

    #[test]
    fn keys_of_neighbours_are_uncorrelated() {
        // Lag correlation of uniforms keyed by consecutive indices: n = 100,000, so |r| < 4/sqrt(n) is a 4 sigma bound.
        let base = Key::new(42, 0).name("f");
        let u: Vec<f64> = (0..100_000).map(|i| base.with(i).purpose(Purpose::Backoff).uniform() - 0.5).collect();
        let r: f64 = u.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / u.iter().map(|x| x * x).sum::<f64>();
        assert!(r.abs() < 4.0 / (u.len() as f64).sqrt(), "correlation {r}");
    }

    #[test]
    fn identity_matters_part_by_part() {
        let k = Key::new(1, 0);
        assert_ne!(k.with(1).with(2), k.with(2).with(1));
        assert_ne!(k.name("a"), k.name("b"));
        assert_ne!(Key::new(1, 0), Key::new(0, 1));
    }
}
