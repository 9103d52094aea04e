//! Which of many sources is due first: a tournament whose winners are kept, so that one that moves on is compared with as many
//! others as the tournament has rounds.

/// Times by number, and the number of the earliest of each pair, each four, and so on. Of equal times the lowest number wins.
pub(crate) struct Earliest {
    /// As many as a power of two.
    times: Vec<i64>,
    /// The final at 1, the semi-finals at 2 and 3, and so on.
    winners: Vec<u32>,
}

impl Earliest {
    /// Of these times.
    pub(crate) fn new(times: impl Iterator<Item = i64>) -> Self {
        let mut times: Vec<i64> = times.collect();
        times.resize(times.len().next_power_of_two().max(2), i64::MAX);
        let half = times.len() / 2;
        let mut all = Self { winners: vec![0; times.len()], times };
        for node in (1..2 * half).rev() {
            all.play(node);
        }
        all
    }

    /// The number of the earliest, and its time.
    #[inline]
    pub(crate) fn first(&self) -> (usize, i64) {
        let winner = self.winners[1] as usize;
        (winner, self.times[winner])
    }

    /// One has another time.
    #[inline]
    pub(crate) fn set(&mut self, number: usize, time: i64) {
        self.times[number] = time;
        let mut node = (number + self.times.len()) / 2;
        while node > 0 {
            self.play(node);
            node /= 2;
        }
    }

    #[inline]
    fn play(&mut self, node: usize) {
        let n = self.times.len();
        let of = |child: usize| if child >= n { (child - n) as u32 } else { self.winners[child] };
        let (left, right) = (of(2 * node), of(2 * node + 1));
        self.winners[node] = if self.times[right as usize] < self.times[left as usize] { right } else { left };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_scan_finds_it() {
        let mut stream = crate::random::Key::new(3, 0).stream();
        for n in [1, 2, 3, 8, 9, 100] {
            let mut times: Vec<i64> = (0..n).map(|_| (stream.bits() % 50) as i64).collect();
            let mut earliest = Earliest::new(times.iter().copied());
            for _ in 0..2_000 {
                let first = times.iter().enumerate().min_by_key(|(_, time)| **time).map(|(i, time)| (i, *time));
                assert_eq!(Some(earliest.first()), first);
                let (i, time) = ((stream.bits() % n) as usize, (stream.bits() % 50) as i64);
                times[i] = time;
                earliest.set(i, time);
            }
        }
    }
}
