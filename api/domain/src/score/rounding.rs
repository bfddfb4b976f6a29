//! Rounding of parts that have to add up.

use crate::condition::Number;

/// The most millionths that a number has exactly.
pub(super) const MOST_MICROS: i64 = 9_007_199_254_000_000;

/// Rounds parts to millionths in such a way that they add up to `total` millionths, which their exact sum is about: each to the
/// nearest, and where that is too much or too little, those by which it was missed most to the next.
pub(super) fn apportioned(parts: &[f64], total: i64) -> Vec<Number> {
    let mut rounded: Vec<i64> = parts.iter().map(|part| micros(*part)).collect();
    let missing = total.saturating_sub(rounded.iter().sum());
    let Ok(count) = i64::try_from(parts.len()) else {
        return Vec::new();
    };
    if count == 0 || missing == 0 {
        return rounded.into_iter().map(Number::from_micros).collect();
    }
    let short = |place: usize, rounded: &[i64]| {
        let (part, rounded) = (parts.get(place), rounded.get(place));
        part.zip(rounded).map_or(0.0, |(part, rounded)| {
            part - Number::from_micros(*rounded).get()
        })
    };
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|one, other| short(*other, &rounded).total_cmp(&short(*one, &rounded)));
    let (each, more) = (missing.div_euclid(count), missing.rem_euclid(count));
    for (place, turn) in order.into_iter().zip(0_i64..) {
        if let Some(rounded) = rounded.get_mut(place) {
            *rounded = rounded.saturating_add(each + i64::from(turn < more));
        }
    }
    rounded.into_iter().map(Number::from_micros).collect()
}

/// A number in millionths, as far as they are exact: the greatest that are stand for what is beyond them.
pub(super) fn micros(number: f64) -> i64 {
    let most = Number::from_micros(MOST_MICROS).get();
    let number = Number::try_from(number.clamp(-most, most)).ok();
    number.and_then(Number::micros).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::nothing(&[], 0, &[])]
    #[case::what_fits_is_the_nearest(&[1.000_000_4, 2.0], 3_000_000, &[1.0, 2.0])]
    #[case::one_more(&[0.333_333_3, 0.333_333_4, 0.333_333_3], 1_000_000, &[0.333_333, 0.333_334, 0.333_333])]
    #[case::one_less(&[0.000_000_6, 0.000_000_7], 1, &[0.0, 0.000_001])]
    fn parts_add_up(#[case] parts: &[f64], #[case] total: i64, #[case] rounded: &[f64]) {
        let found: Vec<f64> = apportioned(parts, total)
            .into_iter()
            .map(Number::get)
            .collect();
        assert_eq!(found, rounded);
    }

    proptest! {
        #[test]
        fn each_is_less_than_a_millionth_away(parts in prop::collection::vec(-1e3_f64..1e3, 1..20)) {
            let total = micros(parts.iter().sum());
            let rounded = apportioned(&parts, total);
            prop_assert_eq!(rounded.iter().filter_map(|one| one.micros()).sum::<i64>(), total);
            for (part, rounded) in parts.iter().zip(&rounded) {
                prop_assert!((part - rounded.get()).abs() < 1.000_01e-6);
            }
        }
    }
}
