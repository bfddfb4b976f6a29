//! The time since the last purchase, measured in the customer's own intervals.

use std::collections::VecDeque;

use super::PurchaseFact;
use super::because::{Explained, Found};
use super::exact::{self, Halves};
use super::facts::Dated;
use super::slide::Tally;
use crate::clock::Timestamp;
use crate::condition::{Comparison, Number};

/// One in halves of millionths.
const ONE: Halves = 2_000_000;

/// How long ago the last purchase of a window was, as a multiple of the mean interval between all purchases.
///
/// Missing with fewer than two purchases, and if all were placed at one instant: nothing is a multiple of no time.
pub(super) struct Intervals<'f, 'a> {
    instants: VecDeque<Timestamp>,
    all: &'f [PurchaseFact<'a>],
    test: Comparison<Halves>,
}

/// The time that has passed against the mean interval, both times the number of intervals.
struct Ratio {
    last: Timestamp,
    /// From the first of all purchases to the last.
    range: i128,
    intervals: i128,
}

impl Ratio {
    /// What the time since the last purchase is compared with in place of a bound: `bound × range`, where the time is taken times
    /// [`Self::scale`].
    fn bound(&self, bound: Halves) -> i128 {
        bound.saturating_mul(self.range)
    }

    fn scale(&self) -> i128 {
        self.intervals.saturating_mul(ONE)
    }

    fn since(&self, now: Timestamp) -> i128 {
        i128::from(now.0) - i128::from(self.last.0)
    }
}

impl<'f, 'a> Intervals<'f, 'a> {
    pub(super) fn new(bound: &Comparison<Number>, all: &'f [PurchaseFact<'a>]) -> Self {
        Self {
            instants: VecDeque::new(),
            all,
            test: exact::bounds(bound, exact::exact),
        }
    }

    /// How many of all purchases have been placed.
    fn placed(&self, now: Timestamp) -> usize {
        self.all.partition_point(|purchase| purchase.at() <= now)
    }

    fn ratio(&self, now: Timestamp) -> Option<Ratio> {
        let placed = self.all.get(..self.placed(now))?;
        let (first, last) = (placed.first()?.at(), placed.last()?.at());
        let range = i128::from(last.0) - i128::from(first.0);
        let ratio = Ratio {
            last: *self.instants.back()?,
            range,
            intervals: i128::try_from(placed.len()).ok()? - 1,
        };
        (range > 0).then_some(ratio)
    }

    fn passes_in(&self, ratio: &Ratio, now: Timestamp) -> bool {
        let test = self.test.try_map(|bound| Some(ratio.bound(*bound)));
        let since = ratio.since(now).saturating_mul(ratio.scale());
        test.is_some_and(|test| test.passes(&since))
    }

    /// The first instant after `now` at which the time since the last purchase reaches or passes a bound.
    fn reaches(&self, ratio: &Ratio, now: Timestamp) -> Option<Timestamp> {
        let mut bounds = [None, None];
        match &self.test {
            Comparison::Equal(one)
            | Comparison::NotEqual(one)
            | Comparison::Less(one)
            | Comparison::AtMost(one)
            | Comparison::More(one)
            | Comparison::AtLeast(one) => bounds[0] = Some(*one),
            Comparison::Between(low, high) => bounds = [Some(*low), Some(*high)],
        }
        bounds
            .into_iter()
            .flatten()
            .flat_map(|bound| {
                let (bound, scale) = (ratio.bound(bound), ratio.scale());
                let below = bound.div_euclid(scale);
                let reached = below + i128::from(bound.rem_euclid(scale) != 0);
                [reached, below + 1]
            })
            .filter_map(|since| i64::try_from(since + i128::from(ratio.last.0)).ok())
            .map(Timestamp)
            .filter(|at| *at > now)
            .min()
    }
}

impl Tally<Timestamp> for Intervals<'_, '_> {
    fn enter(&mut self, instant: Timestamp) {
        self.instants.push_back(instant);
    }

    fn leave(&mut self, _instant: Timestamp) {
        self.instants.pop_front();
    }

    fn passes(&self, now: Timestamp) -> bool {
        self.ratio(now)
            .is_some_and(|ratio| self.passes_in(&ratio, now))
    }

    fn changes(&self, now: Timestamp) -> Option<Timestamp> {
        // Purchases that do not pass the filter change the intervals too.
        let placed = self.all.get(self.placed(now)).map(Dated::at);
        let reaches = self.ratio(now).and_then(|ratio| self.reaches(&ratio, now));
        super::earliest(placed, reaches)
    }
}

impl Explained for Intervals<'_, '_> {
    fn found(&self, now: Timestamp) -> Found {
        self.ratio(now).map_or(Found::Missing, |ratio| {
            let multiple = ratio.since(now).saturating_mul(ratio.scale()) / ratio.range;
            Found::Number(exact::number(multiple))
        })
    }
}
