//! A set of small numbers with its lowest and highest member in a few steps: 64-way tree of occupancy words.

/// A set of `u32`, growing as needed.
#[derive(Clone, Debug, Default)]
pub(crate) struct BitSet {
    /// `levels[0]` has one bit a member; each level above one bit a word below.
    levels: Vec<Vec<u64>>,
    len: usize,
}

impl BitSet {
    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn insert(&mut self, member: u32) {
        let mut at = member as usize;
        if self.levels.first().is_none_or(|l| at / 64 >= l.len()) {
            self.grow(at);
        }
        if self.levels[0][at / 64] & (1 << (at % 64)) != 0 {
            return;
        }
        self.len += 1;
        for level in &mut self.levels {
            let before = level[at / 64];
            level[at / 64] |= 1 << (at % 64);
            if before != 0 {
                break;
            }
            at /= 64;
        }
    }

    pub(crate) fn remove(&mut self, member: u32) {
        let mut at = member as usize;
        if self.levels.first().is_none_or(|l| at / 64 >= l.len()) || self.levels[0][at / 64] & (1 << (at % 64)) == 0 {
            return;
        }
        self.len -= 1;
        for level in &mut self.levels {
            level[at / 64] &= !(1 << (at % 64));
            if level[at / 64] != 0 {
                break;
            }
            at /= 64;
        }
    }

    pub(crate) fn first(&self) -> Option<u32> {
        self.descend(|word| word.trailing_zeros())
    }

    pub(crate) fn last(&self) -> Option<u32> {
        self.descend(|word| 63 - word.leading_zeros())
    }

    fn descend(&self, pick: impl Fn(u64) -> u32) -> Option<u32> {
        if self.len == 0 {
            return None;
        }
        let mut at = 0;
        for level in self.levels.iter().rev() {
            at = at * 64 + pick(level[at]) as usize;
        }
        Some(at as u32)
    }

    /// Rebuilds with room for `at`: the top level must stay a single word.
    #[cold]
    fn grow(&mut self, at: usize) {
        let old = self.levels.first().cloned().unwrap_or_default();
        let mut words = (at / 64 + 1).next_power_of_two().max(old.len());
        self.levels.clear();
        loop {
            self.levels.push(vec![0; words]);
            if words == 1 {
                break;
            }
            words = words.div_ceil(64);
        }
        self.len = 0;
        for (w, word) in old.iter().enumerate() {
            for bit in (0..64).filter(|b| word & (1 << b) != 0) {
                self.insert((w * 64 + bit) as u32);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lowest_and_highest_match_an_ordered_set() {
        let mut stream = crate::random::Key::new(3, 0).stream();
        let (mut set, mut reference) = (BitSet::default(), std::collections::BTreeSet::new());
        for _ in 0..100_000 {
            let member = (stream.bits() % 10_000) as u32;
            if stream.bits() & 1 == 0 {
                set.insert(member);
                reference.insert(member);
            } else {
                set.remove(member);
                reference.remove(&member);
            }
            assert_eq!((set.first(), set.last()), (reference.first().copied(), reference.last().copied()));
            assert_eq!(set.is_empty(), reference.is_empty());
        }
    }
}
