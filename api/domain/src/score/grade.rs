//! Grades: names for ranges of a score.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::condition::evaluate::{ScoreValue, earliest};
use crate::condition::{Comparison, Number};

/// A grade, which a score has from a value on until that of the next grade. A score below the lowest grade has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grade {
    /// What it is called, such as `HOT`.
    pub name: String,
    /// The least value that has it.
    pub at_least: Number,
}

impl Grade {
    /// `COLD` from 0, `WARM` from 40 and `HOT` from 70.
    pub fn defaults() -> Vec<Self> {
        let grade = |(name, at_least): (&str, u32)| Self {
            name: name.to_owned(),
            at_least: at_least.into(),
        };
        [("COLD", 0), ("WARM", 40), ("HOT", 70)].map(grade).to_vec()
    }
}

/// The grade of a value, of grades from the lowest on.
pub(super) fn of(grades: &[Grade], value: Number) -> Option<&Grade> {
    let reached = grades.partition_point(|grade| grade.at_least <= value);
    grades.get(..reached)?.last()
}

/// The grades that values which pass have, of grades from the lowest on. None if one of them may have no grade, or if they have any.
pub(super) fn of_passing(grades: &[Grade], test: &Comparison<Number>) -> Option<Vec<String>> {
    let (low, high) = match test {
        Comparison::Equal(bound) => (Some(bound), Some(bound)),
        Comparison::NotEqual(_) => (None, None),
        Comparison::Less(bound) | Comparison::AtMost(bound) => (None, Some(bound)),
        Comparison::More(bound) | Comparison::AtLeast(bound) => (Some(bound), None),
        Comparison::Between(low, high) => (Some(low), Some(high)),
    };
    // Below the lowest grade is none.
    let first = of(grades, *low?)?;
    let passed = grades.iter().skip_while(|grade| *grade != first);
    let reached = passed.take_while(|grade| high.is_none_or(|high| grade.at_least <= *high));
    let names: Vec<_> = reached.map(|grade| grade.name.clone()).collect();
    (names.len() < grades.len()).then_some(names)
}

/// The first instant after `now` at which a value has another grade.
pub(super) fn changes(grades: &[Grade], value: ScoreValue, now: Timestamp) -> Option<Timestamp> {
    let reached = grades.partition_point(|grade| grade.at_least <= value.at(now));
    // A value only rises or only falls, so the bounds next to it are the first that it can pass.
    let crosses = |grade: &Grade| value.changes(&Comparison::AtLeast(grade.at_least), now);
    let below = reached.checked_sub(1).and_then(|below| grades.get(below));
    let above = grades.get(reached);
    earliest(below.and_then(crosses), above.and_then(crosses))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::of_the_highest(Comparison::AtLeast(number(70.0)), Some(vec!["HOT"]))]
    #[case::above_a_bound(Comparison::More(number(41.0)), Some(vec!["WARM", "HOT"]))]
    #[case::of_one(Comparison::Equal(number(39.5)), Some(vec!["COLD"]))]
    #[case::of_a_range(Comparison::Between(number(39.0), number(40.0)), Some(vec!["COLD", "WARM"]))]
    #[case::of_no_range(Comparison::Between(number(40.0), number(39.0)), Some(vec![]))]
    #[case::of_all(Comparison::AtLeast(number(0.0)), None)]
    #[case::of_some_without_a_grade(Comparison::AtLeast(number(-1.0)), None)]
    #[case::below_a_bound(Comparison::Less(number(40.0)), None)]
    #[case::of_all_but_one(Comparison::NotEqual(number(0.0)), None)]
    fn values_that_pass_have_the_grades_between_their_bounds(
        #[case] test: Comparison<Number>,
        #[case] names: Option<Vec<&str>>,
    ) {
        let found = of_passing(&Grade::defaults(), &test);
        let found = found
            .as_ref()
            .map(|names| names.iter().map(String::as_str).collect());
        assert_eq!(found, names);
    }

    fn number(number: f64) -> Number {
        Number::try_from(number).unwrap()
    }

    #[rstest]
    #[case(-0.1, None)]
    #[case(0.0, Some("COLD"))]
    #[case(39.999_999, Some("COLD"))]
    #[case(40.0, Some("WARM"))]
    #[case(70.0, Some("HOT"))]
    #[case(1e9, Some("HOT"))]
    fn a_value_has_the_grade_it_reaches(#[case] value: f64, #[case] name: Option<&str>) {
        let grades = Grade::defaults();
        let grade = of(&grades, Number::try_from(value).unwrap());
        assert_eq!(grade.map(|grade| grade.name.as_str()), name);
    }
}
