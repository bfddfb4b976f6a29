//! Comparisons of quantities.

use async_graphql::{InputObject, SimpleObject};
use lazo_domain::condition::{Comparison, Number};

use super::one_of::one_of;
use super::reading::{Readable, Reading};

/// From one number to another, both included.
#[derive(Clone, Copy, InputObject, SimpleObject)]
#[graphql(input_name = "NumberRangeInput")]
pub struct NumberRange {
    /// The smallest number that passes.
    from: f64,
    /// The greatest number that passes.
    to: f64,
}

/// From one count to another, both included.
#[derive(Clone, Copy, InputObject, SimpleObject)]
#[graphql(input_name = "CountRangeInput")]
pub struct CountRange {
    /// The smallest count that passes.
    from: i64,
    /// The greatest count that passes.
    to: i64,
}

one_of! {
    /// How a number compares with a bound. Exactly one of these.
    NumberComparison, "NumberComparisonInput" {
        /// It is this number.
        equal: Equal(f64),
        /// It is another number.
        not_equal: NotEqual(f64),
        /// It is below this number.
        less: Less(f64),
        /// It is this number or below.
        at_most: AtMost(f64),
        /// It is above this number.
        more: More(f64),
        /// It is this number or above.
        at_least: AtLeast(f64),
        /// It is in this range.
        between: Between(NumberRange),
    }
}

one_of! {
    /// How a count compares with a bound. Exactly one of these.
    CountComparison, "CountComparisonInput" {
        /// It is this many.
        equal: Equal(i64),
        /// It is another number.
        not_equal: NotEqual(i64),
        /// It is fewer than this.
        less: Less(i64),
        /// It is this many or fewer.
        at_most: AtMost(i64),
        /// It is more than this.
        more: More(i64),
        /// It is this many or more.
        at_least: AtLeast(i64),
        /// It is in this range.
        between: Between(CountRange),
    }
}

macro_rules! compares {
    ($comparison:ident, $range:ident, $bound:ty, $outward:expr) => {
        impl From<&Comparison<$bound>> for $comparison {
            fn from(comparison: &Comparison<$bound>) -> Self {
                let outward = $outward;
                match *comparison {
                    Comparison::Equal(bound) => Self::Equal(outward(bound)),
                    Comparison::NotEqual(bound) => Self::NotEqual(outward(bound)),
                    Comparison::Less(bound) => Self::Less(outward(bound)),
                    Comparison::AtMost(bound) => Self::AtMost(outward(bound)),
                    Comparison::More(bound) => Self::More(outward(bound)),
                    Comparison::AtLeast(bound) => Self::AtLeast(outward(bound)),
                    Comparison::Between(from, to) => Self::Between($range {
                        from: outward(from),
                        to: outward(to),
                    }),
                }
            }
        }

        impl Readable for $comparison {
            type Value = Comparison<$bound>;

            fn read(self, reading: &mut Reading) -> Option<Self::Value> {
                Some(match self {
                    Self::Equal(bound) => Comparison::Equal(reading.part("equal", bound)?),
                    Self::NotEqual(bound) => Comparison::NotEqual(reading.part("notEqual", bound)?),
                    Self::Less(bound) => Comparison::Less(reading.part("less", bound)?),
                    Self::AtMost(bound) => Comparison::AtMost(reading.part("atMost", bound)?),
                    Self::More(bound) => Comparison::More(reading.part("more", bound)?),
                    Self::AtLeast(bound) => Comparison::AtLeast(reading.part("atLeast", bound)?),
                    Self::Between(range) => {
                        let (from, to) = reading.part("between", range)?;
                        Comparison::Between(from, to)
                    }
                })
            }
        }

        impl Readable for $range {
            type Value = ($bound, $bound);

            fn read(self, reading: &mut Reading) -> Option<Self::Value> {
                let from = reading.part("from", self.from);
                let to = reading.part("to", self.to);
                Some((from?, to?))
            }
        }
    };
}

compares!(NumberComparison, NumberRange, Number, Number::get);
compares!(CountComparison, CountRange, u32, i64::from);
