//! Exact sums: whole halves of millionths, so that no comparison of a sum, a mean or an amount rounds.
//!
//! A number of whole millionths is even; an odd one stands for all that lies between two millionths. So a bound that is finer than a
//! millionth still compares as it should with every quantity that is not, and is equal to none.

use crate::condition::{Comparison, Number};

/// The decimal digits of a millionth.
const DIGITS: usize = 6;

/// Beyond every sum there is, and far enough from the end of the range to be doubled and compared.
const BEYOND: i128 = 10_i128.pow(36);

/// A quantity or a bound in halves of millionths.
pub type Halves = i128;

/// A bound of an amount or of a multiple, exactly: the shortest decimal that reads back as the number is what is meant.
pub fn exact(bound: Number) -> Halves {
    if bound.get().fract() == 0.0
        && let Some(micros) = bound.micros()
    {
        return i128::from(micros) * 2;
    }
    let text = bound.get().abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (kept, finer) = fraction.split_at(fraction.len().min(DIGITS));
    let millionths = format!("{whole}{kept:0<DIGITS$}").parse::<i128>();
    let halves = millionths.unwrap_or(BEYOND).min(BEYOND) * 2 + i128::from(!finer.is_empty());
    if bound.get() < 0.0 { -halves } else { halves }
}

/// A bound of a sum of numbers, rounded to millionths as each of the summands is; so the sum of one number equals that number.
pub fn rounded(bound: Number) -> Halves {
    summand(bound).unwrap_or_else(|| exact(bound) / 2 * 2)
}

/// A number that is added up; none if it is too great for its millionths to be exact.
pub(crate) fn summand(number: Number) -> Option<Halves> {
    number.micros().map(|micros| i128::from(micros) * 2)
}

/// An amount in minor units of a currency with so many decimal digits.
pub(crate) fn amount(minor: i128, exponent: u32) -> Halves {
    let digits = u32::try_from(DIGITS).unwrap_or_default();
    let scale = 10_i128.pow(digits.saturating_sub(exponent));
    minor.saturating_mul(scale).saturating_mul(2)
}

/// The bounds of a comparison, converted.
pub fn bounds(
    comparison: &Comparison<Number>,
    bound: impl Fn(Number) -> Halves,
) -> Comparison<Halves> {
    match comparison {
        Comparison::Equal(one) => Comparison::Equal(bound(*one)),
        Comparison::NotEqual(one) => Comparison::NotEqual(bound(*one)),
        Comparison::Less(one) => Comparison::Less(bound(*one)),
        Comparison::AtMost(one) => Comparison::AtMost(bound(*one)),
        Comparison::More(one) => Comparison::More(bound(*one)),
        Comparison::AtLeast(one) => Comparison::AtLeast(bound(*one)),
        Comparison::Between(low, high) => Comparison::Between(bound(*low), bound(*high)),
    }
}

/// The number nearest to a quantity, for people to read.
pub(crate) fn number(halves: Halves) -> Number {
    let unit = 2 * 10_u128.pow(u32::try_from(DIGITS).unwrap_or_default());
    let magnitude = halves.unsigned_abs();
    let (whole, rest) = (magnitude / unit, magnitude % unit);
    let sign = if halves < 0 { "-" } else { "" };
    // Halves of millionths times five are tens of millionths.
    let places = DIGITS + 1;
    let text = format!("{sign}{whole}.{:0>places$}", rest * 5);
    let parsed = text.parse().ok();
    parsed
        .and_then(|number: f64| Number::try_from(number).ok())
        .unwrap_or(Number::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn of(number: f64) -> Number {
        Number::try_from(number).unwrap()
    }

    #[rstest]
    #[case(12.1, 24_200_000)]
    #[case(-12.1, -24_200_000)]
    #[case(0.000_000_1, 1)]
    #[case(-0.000_000_1, -1)]
    #[case(1.000_000_5, 2_000_001)]
    #[case(5e-324, 1)]
    #[case(1e22, 20_000_000_000_000_000_000_000_000_000)]
    #[case(1e300, 2 * BEYOND)]
    fn a_bound_is_exact(#[case] bound: f64, #[case] halves: Halves) {
        assert_eq!(exact(of(bound)), halves);
    }

    #[rstest]
    #[case(1210, 2, 12.1)]
    #[case(1250, 0, 1250.0)]
    #[case(-5, 3, -0.005)]
    #[case(1, 4, 0.0001)]
    fn an_amount_is_in_major_units(#[case] minor: i128, #[case] exponent: u32, #[case] major: f64) {
        assert_eq!(number(amount(minor, exponent)), of(major));
        assert_eq!(amount(minor, exponent), exact(of(major)));
    }

    proptest! {
        #[test]
        fn one_number_is_its_own_sum(number in -9e9_f64..9e9) {
            prop_assert_eq!(summand(of(number)), Some(rounded(of(number))));
        }

        #[test]
        fn greater_bounds_are_greater(one: f64, other: f64) {
            prop_assume!(one.is_finite() && other.is_finite() && one <= other);
            prop_assert!(exact(of(one)) <= exact(of(other)));
        }
    }
}
