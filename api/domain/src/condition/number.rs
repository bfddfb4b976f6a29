//! Numbers that are compared and added up alike on both engines and in memory.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// How many parts of one a sum keeps.
const MICROS: f64 = 1e6;

/// The greatest number whose millionths are exact in a 64-bit float: 2^53 / 10^6, rounded down.
const LARGEST_SUMMAND: f64 = 9_007_199_254.0;

/// A finite 64-bit floating-point number; zero has no sign.
///
/// Compared as a float, which both engines and JSON do. Added up as whole millionths, so that the order of the summands does not
/// matter.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Number(f64);

/// The number is not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number must be finite")]
pub struct NumberError;

impl Number {
    /// Zero.
    pub const ZERO: Self = Self(0.0);

    /// The number as a float.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The number in millionths, rounded half away from zero; none if its millionths would not be exact.
    pub fn micros(self) -> Option<i64> {
        if self.0.abs() > LARGEST_SUMMAND {
            return None;
        }
        // Below 2^53, so that the text of the rounded float is that of an integer.
        format!("{:.0}", (self.0 * MICROS).round()).parse().ok()
    }
}

impl TryFrom<f64> for Number {
    type Error = NumberError;

    fn try_from(value: f64) -> Result<Self, NumberError> {
        if value.is_finite() {
            // Adding zero drops the sign of a negative zero.
            Ok(Self(value + 0.0))
        } else {
            Err(NumberError)
        }
    }
}

impl From<Number> for f64 {
    fn from(value: Number) -> Self {
        value.0
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self(f64::from(value))
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// The shortest decimal that reads back as the same number.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0.1, Some(100_000))]
    #[case(-2.5, Some(-2_500_000))]
    #[case(0.000_000_5, Some(1))]
    #[case(9_007_199_254.0, Some(9_007_199_254_000_000))]
    #[case(9_007_199_255.0, None)]
    fn sums_are_of_whole_millionths(#[case] number: f64, #[case] micros: Option<i64>) {
        assert_eq!(Number::try_from(number).unwrap().micros(), micros);
    }

    #[test]
    fn only_finite_numbers_without_a_signed_zero_are_numbers() {
        assert_eq!(Number::try_from(f64::NAN), Err(NumberError));
        assert_eq!(Number::try_from(f64::INFINITY), Err(NumberError));
        assert_eq!(Number::try_from(-0.0), Ok(Number::ZERO));
        assert_eq!(Number::try_from(-0.0).unwrap().to_string(), "0");
    }
}
