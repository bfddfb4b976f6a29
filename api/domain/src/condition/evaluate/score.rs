//! Tests of scores, whose value may fade with time.

use super::because::Found;
use super::{Decision, Facts, earliest};
use crate::clock::Timestamp;
use crate::condition::{Comparison, Number, ScoreTest, Span};

/// After so many half-lives nothing is left of a 64-bit number.
const HALF_LIVES: i64 = 1_100;

/// A score, as conditions see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreFact<'a> {
    /// Its value.
    pub value: ScoreValue,
    /// Its grade, in a model that grades.
    pub grade: Option<&'a str>,
    /// The first instant at which time alone may change the grade, or the value in another way than `value` says.
    pub until: Option<Timestamp>,
}

/// The value of a score over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScoreValue {
    /// It stays the same.
    Constant(Number),
    /// `base + fading × 0.5^((now − from) / half_life)`, rounded to millionths. Any number of parts that fade with one half-life add
    /// up to one that does.
    Fading {
        /// What stays.
        base: Number,
        /// What fades, as it was at `from`.
        fading: Number,
        /// When nothing of it had faded yet.
        from: Timestamp,
        /// In what time half of it fades.
        half_life: Span,
    },
}

impl ScoreValue {
    /// The value at an instant.
    pub fn at(self, now: Timestamp) -> Number {
        match self {
            Self::Constant(value) => value,
            Self::Fading {
                base,
                fading,
                from,
                half_life,
            } => {
                let left = 0.5_f64.powf(float(age(from, now)) / float(half_life.millis()));
                let value = base.get() + fading.get() * left;
                let rounded = (value * 1e6).round() / 1e6;
                Number::try_from(rounded).unwrap_or(base)
            }
        }
    }

    /// The first instant after `now` at which it changes whether the value passes.
    fn changes(self, test: &Comparison<Number>, now: Timestamp) -> Option<Timestamp> {
        let Self::Fading {
            fading,
            from,
            half_life,
            ..
        } = self
        else {
            return None;
        };
        let end = from
            .max(now)
            .plus_millis(half_life.millis().saturating_mul(HALF_LIVES));
        let falls = fading > Number::ZERO;
        let holds = test.passes(&self.at(now));
        let reaches = |bound: Number| {
            let reached = first(now, end, |at| {
                let value = self.at(at);
                if falls {
                    value <= bound
                } else {
                    value >= bound
                }
            });
            let passed = first(now, end, |at| {
                let value = self.at(at);
                if falls { value < bound } else { value > bound }
            });
            [reached, passed].into_iter().flatten()
        };
        let (low, high) = ends(test);
        let mut changes: Vec<_> = reaches(low)
            .chain(high.into_iter().flat_map(reaches))
            .collect();
        changes.sort_unstable();
        changes
            .into_iter()
            .find(|at| test.passes(&self.at(*at)) != holds)
    }
}

/// The bounds of a comparison.
fn ends(test: &Comparison<Number>) -> (Number, Option<Number>) {
    match test {
        Comparison::Equal(bound)
        | Comparison::NotEqual(bound)
        | Comparison::Less(bound)
        | Comparison::AtMost(bound)
        | Comparison::More(bound)
        | Comparison::AtLeast(bound) => (*bound, None),
        Comparison::Between(low, high) => (*low, Some(*high)),
    }
}

/// The first instant of `(after, end]` at which something comes to be that stays.
fn first(after: Timestamp, end: Timestamp, is: impl Fn(Timestamp) -> bool) -> Option<Timestamp> {
    if is(after) || !is(end) {
        return None;
    }
    let (mut before, mut at) = (after.0, end.0);
    while at - before > 1 {
        let middle = before + (at - before) / 2;
        if is(Timestamp(middle)) {
            at = middle;
        } else {
            before = middle;
        }
    }
    Some(Timestamp(at))
}

/// Milliseconds as a float. Ages are exact for some hundred thousand years, beyond which they do not matter.
fn float(millis: i64) -> f64 {
    const HIGH: i64 = 1 << 31;
    let part = |part: i64| i32::try_from(part).map_or(f64::from(i32::MAX), f64::from);
    part(millis.div_euclid(HIGH)) * 2_147_483_648.0 + part(millis.rem_euclid(HIGH))
}

/// How long it has faded, in milliseconds.
fn age(from: Timestamp, now: Timestamp) -> i64 {
    now.0.saturating_sub(from.0).max(0)
}

pub(super) fn decide(test: &ScoreTest, facts: &Facts<'_>, now: Timestamp) -> Decision {
    let Some(score) = facts.scores.get(test.key.as_str()) else {
        return Decision::always(false);
    };
    let until = score.until.filter(|until| *until > now);
    let has_grade = test.grades.is_empty()
        || score
            .grade
            .is_some_and(|grade| test.grades.iter().any(|one| one == grade));
    let Some(value) = test.value.as_ref().filter(|_| has_grade) else {
        return Decision {
            holds: has_grade,
            until,
        };
    };
    Decision {
        holds: value.passes(&score.value.at(now)),
        until: earliest(until, score.value.changes(value, now)),
    }
}

pub(super) fn found(test: &ScoreTest, facts: &Facts<'_>, now: Timestamp) -> Found {
    let score = facts.scores.get(test.key.as_str());
    score.map_or(Found::Missing, |score| Found::Score {
        value: score.value.at(now),
        grade: score.grade.map(str::to_owned),
    })
}
