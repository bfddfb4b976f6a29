//! The personal purchase cycle: how long a customer usually takes from one purchase to the next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::{Offset, TimeZone};
use chrono_tz::Tz;

use super::Rules;
use crate::clock::Timestamp;
use crate::condition::{Number, Span};

/// The intervals between purchases, in milliseconds, from the instants at which they were placed in the order of time.
///
/// Purchases of one day in a time zone are one visit to the shop, so between them there is none: orders that are split would make
/// everybody look lost.
pub fn gaps(placed: impl IntoIterator<Item = Timestamp>, zone: Tz) -> impl Iterator<Item = i64> {
    let mut before: Option<Timestamp> = None;
    placed.into_iter().filter_map(move |at| {
        let before = before.replace(at)?;
        gap(before, at, zone)
    })
}

/// The interval between two purchases in milliseconds; none if they are of one day.
pub(super) fn gap(before: Timestamp, at: Timestamp, zone: Tz) -> Option<i64> {
    (day(before, zone) != day(at, zone)).then(|| at.0.saturating_sub(before.0))
}

/// The day of an instant in a zone: days since 1970.
fn day(at: Timestamp, zone: Tz) -> i64 {
    let offset = zone.offset_from_utc_datetime(&at.to_datetime().naive_utc());
    let seconds = i64::from(offset.fix().local_minus_utc());
    at.plus_millis(seconds.saturating_mul(1_000)).day()
}

/// The median of the intervals of all customers, rounded down to whole seconds; none if nobody bought on two days.
pub fn population_gap(gaps: impl IntoIterator<Item = i64>) -> Option<Span> {
    let mut median = RunningMedian::default();
    for gap in gaps {
        median.add(gap);
    }
    let seconds = median.doubled()?.div_euclid(2_000);
    let millis = i64::try_from(seconds).ok()?.saturating_mul(1_000);
    let within = millis.clamp(Span::SHORTEST.millis(), Span::LONGEST.millis());
    Span::try_from(within).ok()
}

/// The cycle of a customer in milliseconds, rounded down: `(n × median + κ × population) / (n + κ)`, of `n` intervals of their own.
/// Who has none has the cycle of the population.
pub(super) fn cycle(own: &RunningMedian, rules: &Rules) -> i64 {
    let population = rules.population_gap_millis();
    let Some(doubled) = own.doubled() else {
        return population;
    };
    let (count, weight) = (i128::from(own.count()), i128::from(rules.shrinkage));
    let sum = count * doubled + 2 * weight * i128::from(population);
    let cycle = sum.div_euclid(2 * (count + weight));
    i64::try_from(cycle).unwrap_or(i64::MAX)
}

/// So many cycles in milliseconds, rounded down: whole milliseconds are longer than the one if and only if they are longer than the
/// other.
pub(super) fn times(factor: Number, cycle: i64) -> i64 {
    const ONE: i128 = 1_000_000;
    let micros = factor.micros().unwrap_or(i64::MAX);
    let product = i128::from(micros) * i128::from(cycle);
    i64::try_from(product.div_euclid(ONE)).unwrap_or(i64::MAX)
}

/// The median of numbers that come one by one.
#[derive(Default)]
pub(super) struct RunningMedian {
    /// The lesser half; with an odd number of them one more than the greater half.
    lesser: BinaryHeap<i64>,
    greater: BinaryHeap<Reverse<i64>>,
}

impl RunningMedian {
    pub(super) fn add(&mut self, number: i64) {
        self.lesser.push(number);
        // The greatest of the lesser half goes over, and the least of the greater half comes back if the halves are uneven.
        self.greater.extend(self.lesser.pop().map(Reverse));
        if self.lesser.len() < self.greater.len() {
            let back = self.greater.pop();
            self.lesser.extend(back.map(|Reverse(least)| least));
        }
    }

    pub(super) fn count(&self) -> u32 {
        let count = self.lesser.len().saturating_add(self.greater.len());
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Twice the median, which is whole; none of no numbers.
    fn doubled(&self) -> Option<i128> {
        let low = i128::from(*self.lesser.peek()?);
        let even = self.lesser.len() == self.greater.len();
        let high = self.greater.peek().filter(|_| even);
        Some(low + high.map_or(low, |Reverse(high)| i128::from(*high)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const DAY: i64 = 86_400_000;

    fn median(of: &[i64]) -> RunningMedian {
        let mut median = RunningMedian::default();
        for number in of {
            median.add(*number);
        }
        median
    }

    proptest! {
        #[test]
        fn the_median_is_the_middle_of_all(mut numbers in prop::collection::vec(0_i64..50, 1..30)) {
            let doubled = median(&numbers).doubled().unwrap();
            numbers.sort_unstable();
            let middle = numbers[(numbers.len() - 1) / 2] + numbers[numbers.len() / 2];
            prop_assert_eq!(doubled, i128::from(middle));
        }
    }

    #[rstest]
    #[case::without_any_that_of_the_population(&[], 3, 34 * DAY)]
    #[case::of_one(&[10 * DAY], 3, (10 + 3 * 34) * DAY / 4)]
    #[case::of_an_even_number(&[10 * DAY, 30 * DAY], 3, (2 * 20 + 3 * 34) * DAY / 5)]
    #[case::of_an_outlier(&[10 * DAY, 900 * DAY, 12 * DAY], 3, (3 * 12 + 3 * 34) * DAY / 6)]
    #[case::of_their_own_alone(&[10 * DAY, 11 * DAY], 0, 21 * DAY / 2)]
    #[case::rounded_down(&[1, 2], 0, 1)]
    #[case::rounded_down_once(&[1, 2], 1, (3 + 34 * DAY) / 3)]
    fn the_cycle_is_drawn_to_that_of_the_population(
        #[case] own: &[i64],
        #[case] shrinkage: u32,
        #[case] millis: i64,
    ) {
        let rules = Rules {
            shrinkage,
            population_gap: Some(Span::days(34).unwrap()),
            ..Rules::default()
        };
        assert_eq!(cycle(&median(own), &rules), millis);
    }

    #[test]
    fn before_it_is_measured_the_population_buys_every_60_days() {
        assert_eq!(cycle(&median(&[]), &Rules::default()), 60 * DAY);
    }

    #[rstest]
    #[case::nobody(&[], None)]
    #[case::rounded_down_to_seconds(&[1_999, 3_000], Some(2_000))]
    #[case::at_least_a_second(&[1], Some(1_000))]
    #[case::at_most_the_longest(&[i64::MAX], Some(36_525 * DAY))]
    fn the_gap_of_the_population_is_the_median(#[case] gaps: &[i64], #[case] millis: Option<i64>) {
        let gap = population_gap(gaps.iter().copied());
        assert_eq!(gap.map(Span::millis), millis);
    }

    #[rstest]
    #[case::split_orders(chrono_tz::UTC, &["2026-03-01T00:00:00Z", "2026-03-01T23:59:59Z"], &[])]
    #[case::either_side_of_midnight(chrono_tz::UTC, &["2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z"], &[1_000])]
    #[case::in_a_zone(chrono_tz::Europe::Madrid, &["2026-03-01T23:00:00Z", "2026-03-02T22:59:59Z", "2026-03-02T23:00:00Z"], &[1_000])]
    #[case::from_the_last_of_a_day(chrono_tz::UTC, &["2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z"], &[DAY])]
    fn purchases_of_one_day_are_one_visit(
        #[case] zone: Tz,
        #[case] placed: &[&str],
        #[case] millis: &[i64],
    ) {
        let placed = placed.iter().map(|at| at.parse().unwrap());
        assert_eq!(gaps(placed, zone).collect::<Vec<_>>(), millis);
    }

    #[test]
    fn the_ends_of_time_have_days() {
        let ends = [Timestamp(i64::MIN), Timestamp(i64::MAX)];
        for zone in [chrono_tz::Pacific::Kiritimati, chrono_tz::America::Bogota] {
            assert_eq!(gaps(ends, zone).collect::<Vec<_>>(), [i64::MAX]);
        }
    }
}
