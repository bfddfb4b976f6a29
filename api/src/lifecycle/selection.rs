//! Finding the numbers at some places of very many that are sorted, without keeping them: they are shown several times, and each
//! time narrows down where what is looked for can be.

use std::collections::BTreeMap;

/// How many bits of the numbers each pass finds.
const BITS: u32 = 16;

/// The numbers at some places of all that are shown.
pub(super) struct Selection {
    passed: u32,
    total: u64,
    searches: Vec<Option<Search>>,
    /// How many numbers there are, by the bits that were found and, in each list, by those that are found next.
    counts: BTreeMap<u64, Vec<u64>>,
}

/// A place, and what is known of the number at it.
#[derive(Clone, Copy)]
struct Search {
    /// The bits that were found.
    bits: u64,
    /// The place among the numbers that begin with them.
    place: u64,
}

impl Selection {
    /// How often all numbers are to be shown.
    pub(super) const PASSES: u32 = u64::BITS / BITS;

    pub(super) fn new() -> Self {
        Self {
            passed: 0,
            total: 0,
            searches: Vec::new(),
            counts: BTreeMap::from([(0, none())]),
        }
    }

    /// Shows a number.
    pub(super) fn see(&mut self, number: i64) {
        let bits = sortable(number);
        if self.passed == 0 {
            self.total += 1;
        }
        let found = bits
            .checked_shr(u64::BITS - BITS * self.passed)
            .unwrap_or_default();
        let next = bits >> (u64::BITS - BITS * (self.passed + 1));
        let place = usize::from(low(next));
        let counts = self.counts.get_mut(&found);
        if let Some(count) = counts.and_then(|counts| counts.get_mut(place)) {
            *count += 1;
        }
    }

    /// Ends a pass. The first one tells how many numbers there are, and so at which places, from the least, to look.
    pub(super) fn narrow(&mut self, places: impl FnOnce(u64) -> Vec<Option<u64>>) {
        if self.passed == 0 {
            let places = places(self.total).into_iter();
            let search = |place: Option<u64>| place.map(|place| Search { bits: 0, place });
            self.searches = places.map(search).collect();
        }
        for search in &mut self.searches {
            *search = search.and_then(|search| {
                let counts = self.counts.get(&search.bits)?;
                search.within(counts)
            });
        }
        let searches = self.searches.iter().flatten();
        self.counts = searches.map(|search| (search.bits, none())).collect();
        self.passed += 1;
    }

    /// The numbers at the places, after all passes; none where there is no such place.
    pub(super) fn found(&self) -> Vec<Option<i64>> {
        let number = |search: &Option<Search>| search.map(|search| number(search.bits));
        self.searches.iter().map(number).collect()
    }
}

impl Search {
    /// With the next bits, found in how many numbers have each.
    fn within(self, counts: &[u64]) -> Option<Self> {
        let mut place = self.place;
        for (bits, count) in (0_u64..).zip(counts) {
            if place < *count {
                let bits = self.bits << BITS | bits;
                return Some(Self { bits, place });
            }
            place -= count;
        }
        None
    }
}

fn none() -> Vec<u64> {
    vec![0; 1 << BITS]
}

fn low(bits: u64) -> u16 {
    u16::try_from(bits & u64::from(u16::MAX)).unwrap_or_default()
}

/// A number with a sign as bits that sort alike.
fn sortable(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

fn number(bits: u64) -> i64 {
    (bits ^ (1 << 63)).cast_signed()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn select(numbers: &[i64], places: &[u64]) -> Vec<Option<i64>> {
        let mut selection = Selection::new();
        for _ in 0..Selection::PASSES {
            for number in numbers {
                selection.see(*number);
            }
            selection.narrow(|_| places.iter().copied().map(Some).collect());
        }
        selection.found()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_is_found_is_what_sorting_finds(
            mut numbers in prop::collection::vec(prop_oneof![any::<i64>(), -3_i64..3], 0..20),
            places in prop::collection::vec(0_u64..22, 0..4),
        ) {
            let found = select(&numbers, &places);
            numbers.sort_unstable();
            let sorted = |place: &u64| numbers.get(usize::try_from(*place).unwrap()).copied();
            prop_assert_eq!(found, places.iter().map(sorted).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_ends_of_the_numbers_are_found() {
        let ends = [i64::MAX, 0, i64::MIN];
        let found = select(&ends, &[0, 1, 2, 3]);
        assert_eq!(found, [Some(i64::MIN), Some(0), Some(i64::MAX), None]);
    }
}
