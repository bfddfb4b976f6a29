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
