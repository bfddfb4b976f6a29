//! Totals: the sum and the mean of numbers.

use std::collections::VecDeque;

use super::scalar::of_number;
use super::watch::{Aggregation, Counted, Outcome};
use crate::condition::evaluate::exact::{self, Halves};

/// What is added up of one thing.
#[derive(Clone, Copy)]
pub(super) struct Summand {
    pub(super) sum: Halves,
    /// How many numbers it is the sum of; at least one.
    pub(super) numbers: i128,
}

impl Summand {
    /// The sum of some numbers; `None` if there are none.
    pub(super) fn of(numbers: impl IntoIterator<Item = Halves>) -> Option<Self> {
        let one = numbers.into_iter().map(|sum| Self { sum, numbers: 1 });
        one.reduce(|one, other| Self {
            sum: one.sum.saturating_add(other.sum),
            numbers: one.numbers + other.numbers,
        })
    }
}

/// What a total is shown as.
#[derive(Clone, Copy)]
pub(super) enum Total {
    Sum,
    Mean,
}

/// The sum or the mean of numbers.
pub(super) struct Totals<I> {
    total: Total,
    things: VecDeque<I>,
    sum: Halves,
    numbers: i128,
}

impl<I> Totals<I> {
    pub(super) fn new(total: Total) -> Self {
        Self {
            total,
            things: VecDeque::new(),
            sum: 0,
            numbers: 0,
        }
    }

    fn shown(&self) -> Option<Halves> {
        match self.total {
            Total::Sum => Some(self.sum),
            Total::Mean => mean(self.sum, self.numbers),
        }
    }
}

/// The mean, rounded to whole millionths, halves away from zero.
fn mean(sum: Halves, numbers: i128) -> Option<Halves> {
    const MILLIONTH: Halves = 2;
    let magnitude = sum.abs().saturating_add(numbers);
    let millionths = magnitude.checked_div(numbers.saturating_mul(MILLIONTH))?;
    Some(millionths * MILLIONTH * sum.signum())
}

impl<'c, I: Copy> Aggregation<'c, I, Summand> for Totals<I> {
    fn enter(&mut self, one: &'c Counted<I, Summand>) {
        self.things.push_back(one.id);
        self.sum = self.sum.saturating_add(one.value.sum);
        self.numbers += one.value.numbers;
    }

    fn leave(&mut self, one: &'c Counted<I, Summand>) {
        self.things.pop_front();
        self.sum = self.sum.saturating_sub(one.value.sum);
        self.numbers -= one.value.numbers;
    }

    fn outcome(&self) -> Outcome {
        let shown = self.shown();
        shown.map(|halves| of_number(exact::number(halves))).into()
    }

    fn decisive(&self) -> Vec<I> {
        self.things.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_third(2_000_000, 3, Some(666_666))]
    #[case::two_thirds(4_000_000, 3, Some(1_333_334))]
    #[case::half_a_millionth(6, 6, Some(2))]
    #[case::half_a_millionth_below_zero(-6, 6, Some(-2))]
    #[case::of_none(0, 0, None)]
    fn a_mean_is_of_whole_millionths(
        #[case] sum: Halves,
        #[case] numbers: i128,
        #[case] halves: Option<Halves>,
    ) {
        assert_eq!(mean(sum, numbers), halves);
    }
}
