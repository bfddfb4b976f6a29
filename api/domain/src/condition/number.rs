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

    /// The number of so many millionths, the nearest there is.
    pub fn from_micros(micros: i64) -> Self {
        Self(float(micros) / MICROS + 0.0)
    }

    /// The number in millionths, rounded half away from zero; none if its millionths would not be exact.
    pub fn micros(self) -> Option<i64> {
        if self.0.abs() > LARGEST_SUMMAND {
            return None;
        }
        whole((self.0 * MICROS).round())
    }
}

/// A float without a fraction and below 2^53 as an integer: its significand, shifted to where its exponent says.
pub(super) fn whole(number: f64) -> Option<i64> {
    const SIGNIFICAND_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    const IMPLICIT_ONE: u64 = 1 << SIGNIFICAND_BITS;
    // The exponent of a significand that is read as an integer.
    const INTEGER_EXPONENT: u64 = 1_075;
    let bits = number.abs().to_bits();
    if bits == 0 {
        return Some(0);
    }
    let significand = (bits & (IMPLICIT_ONE - 1)) | IMPLICIT_ONE;
    let shift = INTEGER_EXPONENT.checked_sub(bits >> SIGNIFICAND_BITS)?;
    let magnitude = i64::try_from(significand >> shift.min(63)).ok()?;
    Some(if number < 0.0 { -magnitude } else { magnitude })
}

/// An integer as the nearest float; exact up to 2^53.
pub(super) fn float(integer: i64) -> f64 {
    const HIGH: i64 = 1 << 31;
    let part = |part: i64| i32::try_from(part).map_or(f64::from(i32::MAX), f64::from);
    part(integer.div_euclid(HIGH)) * 2_147_483_648.0 + part(integer.rem_euclid(HIGH))
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
    #[case(0.000_000_4, Some(0))]
    #[case(-0.000_001, Some(-1))]
    #[case(4_503_599_627.370_497, Some(4_503_599_627_370_497))]
    fn sums_are_of_whole_millionths(#[case] number: f64, #[case] micros: Option<i64>) {
        assert_eq!(Number::try_from(number).unwrap().micros(), micros);
    }

    #[rstest]
    #[case(0)]
    #[case(100_000)]
    #[case(-1)]
    #[case(-2_147_483_649)]
    #[case(9_007_199_254_000_000)]
    #[case(-4_503_599_627_370_497)]
    fn so_many_millionths_are_a_number(#[case] micros: i64) {
        assert_eq!(Number::from_micros(micros).micros(), Some(micros));
    }

    #[test]
    fn only_finite_numbers_without_a_signed_zero_are_numbers() {
        assert_eq!(Number::try_from(f64::NAN), Err(NumberError));
        assert_eq!(Number::try_from(f64::INFINITY), Err(NumberError));
        assert_eq!(Number::try_from(-0.0), Ok(Number::ZERO));
        assert_eq!(Number::try_from(-0.0).unwrap().to_string(), "0");
    }
}
