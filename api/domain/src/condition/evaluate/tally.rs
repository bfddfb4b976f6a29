//! What values in a window come to: counts, sums, means, extremes, distinct values and instants.

use std::collections::{BTreeMap, VecDeque};

use super::because::{Explained, Found, Lack};
use super::exact::{self, Halves};
use super::slide::Tally;
use crate::clock::Timestamp;
use crate::condition::{Comparison, Number, TimeTest};

/// How many there are.
pub(super) struct Count<'c> {
    so_far: u32,
    test: &'c Comparison<u32>,
    lack: fn(u32) -> Lack,
}

impl<'c> Count<'c> {
    pub(super) fn new(test: &'c Comparison<u32>, lack: fn(u32) -> Lack) -> Self {
        Self {
            so_far: 0,
            test,
            lack,
        }
    }
}

impl Tally<()> for Count<'_> {
    fn enter(&mut self, (): ()) {
        self.so_far = self.so_far.saturating_add(1);
    }

    fn leave(&mut self, (): ()) {
        self.so_far = self.so_far.saturating_sub(1);
    }

    fn passes(&self, _now: Timestamp) -> bool {
        self.test.passes(&self.so_far)
    }
}

impl Explained for Count<'_> {
    fn found(&self, _now: Timestamp) -> Found {
        Found::Count(self.so_far)
    }

    fn lacks(&self, _now: Timestamp) -> Option<Lack> {
        missing_count(self.test, self.so_far).map(self.lack)
    }
}

/// The sum of numbers or of amounts.
pub(super) struct Sum {
    total: Halves,
    test: Comparison<Halves>,
    lack: fn(Number) -> Lack,
}

impl Sum {
    pub(super) fn new(test: Comparison<Halves>, lack: fn(Number) -> Lack) -> Self {
        Self {
            total: 0,
            test,
            lack,
        }
    }
}

impl Tally<Halves> for Sum {
    fn enter(&mut self, value: Halves) {
        self.total = self.total.saturating_add(value);
    }

    fn leave(&mut self, value: Halves) {
        self.total = self.total.saturating_sub(value);
    }

    fn passes(&self, _now: Timestamp) -> bool {
        self.test.passes(&self.total)
    }
}

impl Explained for Sum {
    fn found(&self, _now: Timestamp) -> Found {
        Found::Number(exact::number(self.total))
    }

    fn lacks(&self, _now: Timestamp) -> Option<Lack> {
        let more = shortfall(&self.test, self.total, WHOLE)?;
        Some((self.lack)(exact::number(more)))
    }
}

/// Sums are whole millionths: even numbers of halves.
const WHOLE: Halves = 2;

/// The mean of numbers or of amounts, compared without division.
pub(super) struct Mean {
    sum: Halves,
    count: i128,
    test: Comparison<Halves>,
}

impl Mean {
    pub(super) fn new(test: Comparison<Halves>) -> Self {
        Self {
            sum: 0,
            count: 0,
            test,
        }
    }
}

impl Tally<Halves> for Mean {
    fn enter(&mut self, value: Halves) {
        self.sum = self.sum.saturating_add(value);
        self.count += 1;
    }

    fn leave(&mut self, value: Halves) {
        self.sum = self.sum.saturating_sub(value);
        self.count -= 1;
    }

    fn passes(&self, _now: Timestamp) -> bool {
        let of_all = |bound: &Halves| Some(bound.saturating_mul(self.count));
        self.count > 0
            && self
                .test
                .try_map(of_all)
                .is_some_and(|test| test.passes(&self.sum))
    }
}

impl Explained for Mean {
    fn found(&self, _now: Timestamp) -> Found {
        self.sum
            .checked_div(self.count)
            .map_or(Found::Missing, |mean| Found::Number(exact::number(mean)))
    }
}

/// The smallest or the greatest value.
pub(super) struct Extreme<T> {
    /// Those that are or will be the extreme when what is before them has left, from the first to enter.
    candidates: VecDeque<T>,
    greatest: bool,
    test: Comparison<T>,
    show: fn(T) -> Number,
}

impl<T> Extreme<T> {
    pub(super) fn new(greatest: bool, test: Comparison<T>, show: fn(T) -> Number) -> Self {
        Self {
            candidates: VecDeque::new(),
            greatest,
            test,
            show,
        }
    }
}

impl<T: Copy + PartialOrd> Tally<T> for Extreme<T> {
    fn enter(&mut self, value: T) {
        let beaten = |one: &T| {
            if self.greatest {
                *one < value
            } else {
                *one > value
            }
        };
        while self.candidates.back().is_some_and(beaten) {
            self.candidates.pop_back();
        }
        self.candidates.push_back(value);
    }

    fn leave(&mut self, value: T) {
        if self.candidates.front() == Some(&value) {
            self.candidates.pop_front();
        }
    }

    fn passes(&self, _now: Timestamp) -> bool {
        self.candidates
            .front()
            .is_some_and(|extreme| self.test.passes(extreme))
    }
}

impl<T: Copy + PartialOrd> Explained for Extreme<T> {
    fn found(&self, _now: Timestamp) -> Found {
        self.candidates.front().map_or(Found::Missing, |extreme| {
            Found::Number((self.show)(*extreme))
        })
    }
}

/// How many different values there are.
pub(super) struct Distinct<'c, K> {
    counts: BTreeMap<K, u32>,
    test: &'c Comparison<u32>,
}

impl<'c, K> Distinct<'c, K> {
    pub(super) fn new(test: &'c Comparison<u32>) -> Self {
        Self {
            counts: BTreeMap::new(),
            test,
        }
    }

    fn count(&self) -> u32 {
        u32::try_from(self.counts.len()).unwrap_or(u32::MAX)
    }
}

impl<K: Ord> Tally<K> for Distinct<'_, K> {
    fn enter(&mut self, value: K) {
        *self.counts.entry(value).or_default() += 1;
    }

    fn leave(&mut self, value: K) {
        if let Some(count) = self.counts.get_mut(&value) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&value);
            }
        }
    }

    fn passes(&self, _now: Timestamp) -> bool {
        self.test.passes(&self.count())
    }
}

impl<K> Explained for Distinct<'_, K> {
    fn found(&self, _now: Timestamp) -> Found {
        Found::Count(self.count())
    }

    fn lacks(&self, _now: Timestamp) -> Option<Lack> {
        missing_count(self.test, self.count()).map(Lack::DifferentValues)
    }
}

/// The first or the last instant.
pub(super) struct End {
    instants: VecDeque<Timestamp>,
    last: bool,
    test: TimeTest,
    lack: fn(u32) -> Lack,
}

impl End {
    pub(super) fn first(test: TimeTest, lack: fn(u32) -> Lack) -> Self {
        Self {
            instants: VecDeque::new(),
            last: false,
            test,
            lack,
        }
    }

    pub(super) fn last(test: TimeTest, lack: fn(u32) -> Lack) -> Self {
        Self {
            last: true,
            ..Self::first(test, lack)
        }
    }

    fn instant(&self) -> Option<Timestamp> {
        let end = if self.last {
            self.instants.back()
        } else {
            self.instants.front()
        };
        end.copied()
    }
}

impl Tally<Timestamp> for End {
    fn enter(&mut self, instant: Timestamp) {
        self.instants.push_back(instant);
    }

    fn leave(&mut self, _instant: Timestamp) {
        self.instants.pop_front();
    }

    fn passes(&self, now: Timestamp) -> bool {
        self.instant()
            .is_some_and(|instant| self.test.passes(instant, now))
    }

    fn changes(&self, now: Timestamp) -> Option<Timestamp> {
        self.test.changes(self.instant()?, now)
    }
}

impl Explained for End {
    fn found(&self, _now: Timestamp) -> Found {
        self.instant().map_or(Found::Missing, Found::Instant)
    }

    fn lacks(&self, now: Timestamp) -> Option<Lack> {
        // What happens next is the last; it is the first only if there is none.
        let would_count = self.last || self.instants.is_empty();
        (would_count && !self.passes(now) && self.test.passes(now, now)).then(|| (self.lack)(1))
    }
}

fn missing_count(test: &Comparison<u32>, count: u32) -> Option<u32> {
    let test = test.try_map(|bound| Some(i128::from(*bound)))?;
    let more = shortfall(&test, i128::from(count), 1)?;
    u32::try_from(more).ok()
}

/// The least that must be added for a quantity to pass, where adding can help. What is added is a multiple of `step`.
fn shortfall(test: &Comparison<i128>, quantity: i128, step: i128) -> Option<i128> {
    let least = match test {
        Comparison::Equal(bound) | Comparison::AtLeast(bound) | Comparison::Between(bound, _) => {
            bound.saturating_sub(quantity)
        }
        Comparison::More(bound) => bound.saturating_sub(quantity).saturating_add(1),
        Comparison::NotEqual(_) => step,
        Comparison::Less(_) | Comparison::AtMost(_) => 0,
    };
    let more = least.saturating_add((-least).rem_euclid(step));
    let helps = more > 0 && !test.passes(&quantity) && test.passes(&quantity.saturating_add(more));
    helps.then_some(more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Comparison::AtLeast(7), 4, Some(4))]
    #[case(Comparison::More(4), 4, Some(2))]
    #[case(Comparison::More(7), 4, Some(4))]
    #[case(Comparison::Equal(8), 4, Some(4))]
    #[case::between_two_millionths(Comparison::Equal(7), 4, None)]
    #[case(Comparison::Between(6, 8), 4, Some(2))]
    #[case::too_much_already(Comparison::Between(0, 2), 4, None)]
    #[case(Comparison::NotEqual(4), 4, Some(2))]
    #[case(Comparison::Less(4), 4, None)]
    #[case::enough_already(Comparison::AtLeast(4), 4, None)]
    fn the_least_that_helps_is_lacking(
        #[case] test: Comparison<i128>,
        #[case] quantity: i128,
        #[case] more: Option<i128>,
    ) {
        assert_eq!(shortfall(&test, quantity, WHOLE), more);
    }
}
