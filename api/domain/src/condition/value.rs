//! Tests of values.

use serde::{Deserialize, Serialize};

use super::{Number, TimeTest};

/// A value that another is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A truth value.
    Truth(bool),
    /// A number.
    Number(Number),
    /// A text; it equals another if both are the same once folded (see [`fold_text`](crate::profile::fold_text)).
    Text(String),
}

/// How a quantity compares with a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison<T> {
    /// The same.
    Equal(T),
    /// Another one.
    NotEqual(T),
    /// Below the bound.
    Less(T),
    /// The bound or below.
    AtMost(T),
    /// Above the bound.
    More(T),
    /// The bound or above.
    AtLeast(T),
    /// From the first bound to the second, both included.
    Between(T, T),
}

impl<T: PartialOrd> Comparison<T> {
    /// Whether a quantity passes.
    pub fn passes(&self, quantity: &T) -> bool {
        match self {
            Self::Equal(bound) => quantity == bound,
            Self::NotEqual(bound) => quantity != bound,
            Self::Less(bound) => quantity < bound,
            Self::AtMost(bound) => quantity <= bound,
            Self::More(bound) => quantity > bound,
            Self::AtLeast(bound) => quantity >= bound,
            Self::Between(low, high) => low <= quantity && quantity <= high,
        }
    }
}

impl<T> Comparison<T> {
    /// The same comparison with other bounds; none if one of them has no counterpart.
    pub fn try_map<U>(&self, bound: impl Fn(&T) -> Option<U>) -> Option<Comparison<U>> {
        Some(match self {
            Self::Equal(one) => Comparison::Equal(bound(one)?),
            Self::NotEqual(one) => Comparison::NotEqual(bound(one)?),
            Self::Less(one) => Comparison::Less(bound(one)?),
            Self::AtMost(one) => Comparison::AtMost(bound(one)?),
            Self::More(one) => Comparison::More(bound(one)?),
            Self::AtLeast(one) => Comparison::AtLeast(bound(one)?),
            Self::Between(low, high) => Comparison::Between(bound(low)?, bound(high)?),
        })
    }
}

/// A test of a text. Both sides are folded first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextTest {
    /// It has this in it.
    Contains(String),
    /// It begins with this.
    StartsWith(String),
    /// It ends with this.
    EndsWith(String),
}

/// A test of the value of a trait or a property.
///
/// A list passes if one of its elements does; [`NotEqual`](Self::NotEqual) and [`NotIn`](Self::NotIn) pass if there is a value and none
/// of its elements is among those named. Texts are compared folded, and a test sees only values of its own type: the text `"5"` is
/// not the number 5.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueTest {
    /// There is a value.
    Exists,
    /// There is none.
    NotExists,
    /// The same.
    Equal(Scalar),
    /// Another one.
    NotEqual(Scalar),
    /// One of these.
    In(Vec<Scalar>),
    /// None of these.
    NotIn(Vec<Scalar>),
    /// A number that compares so.
    Number(Comparison<Number>),
    /// A text that passes.
    Text(TextTest),
    /// A text that names an instant that passes.
    Time(TimeTest),
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Comparison::Equal(2), [false, true, false])]
    #[case(Comparison::NotEqual(2), [true, false, true])]
    #[case(Comparison::Less(2), [true, false, false])]
    #[case(Comparison::AtMost(2), [true, true, false])]
    #[case(Comparison::More(2), [false, false, true])]
    #[case(Comparison::AtLeast(2), [false, true, true])]
    #[case(Comparison::Between(2, 3), [false, true, true])]
    fn quantities_compare(#[case] comparison: Comparison<i64>, #[case] passes: [bool; 3]) {
        assert_eq!(
            [1, 2, 3].map(|quantity| comparison.passes(&quantity)),
            passes
        );
    }
}
