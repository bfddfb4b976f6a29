//! The generator of the demo's chances: the same numbers on every machine, and integers only, for the last digit of a fraction is
//! not the same everywhere.

/// The `SplitMix64` generator (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; constants of Sebastiano
/// Vigna's public-domain `splitmix64.c`). Good enough for a demo, never for secrets.
#[derive(Clone)]
pub(super) struct Rng(u64);

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

impl Rng {
    /// A generator of its own for each (purpose, number), so that one person's chances never depend on another's.
    pub(super) fn new(purpose: u64, number: u32) -> Self {
        let mut rng = Self(purpose.wrapping_mul(GOLDEN_GAMMA) ^ (u64::from(number) << 20));
        rng.next();
        rng
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from `low` to `high`, both included. The bias of the remainder is far below what a demo shows.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low).unwrap_or(0).saturating_add(1);
        low + i64::try_from(self.next() % width).unwrap_or(0)
    }

    /// True in `percent` of a hundred cases.
    pub(super) fn percent(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }

    /// One of the items; the slice is never empty.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// A position in a list of `length` items.
    pub(super) fn index(&mut self, length: usize) -> usize {
        let last = i64::try_from(length).unwrap_or(1).saturating_sub(1);
        usize::try_from(self.between(0, last.max(0))).unwrap_or(0)
    }

    /// A count with a heavy tail, from 1: most often 1 or 2, and now and then dozens.
    pub(super) fn few(&mut self) -> i64 {
        let halvings = i64::from(self.next().trailing_zeros().min(8)) + 1;
        if self.percent(3) {
            halvings * 6
        } else {
            halvings
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First numbers of `splitmix64.c` from the state 1234567.
    #[test]
    fn the_generator_is_splitmix64() {
        let mut rng = Rng(1_234_567);
        let first = [rng.next(), rng.next(), rng.next()];
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }
}
