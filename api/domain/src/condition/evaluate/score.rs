//! Tests of scores, whose value may fade with time.

use serde::{Deserialize, Serialize};

use super::because::Found;
use super::{Decision, Facts, earliest};
use crate::clock::Timestamp;
use crate::condition::number::{float, whole};
use crate::condition::{Comparison, Number, ScoreTest, Span};

/// After so many half-lives nothing is left of a 64-bit number.
const HALF_LIVES: i64 = 1_100;

/// No instant is further than this from another, in milliseconds.
const MOST_MILLIS: f64 = 1e15;

/// How near what is reckoned is to what is rounded, in milliseconds, and by how much wider is looked where it is not.
const NEAR: i64 = 16;
const WIDER: i64 = 8;

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

/// The value of a score over time. What stays is whole millionths; what fades is kept finer, since it is rounded when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreValue {
    /// It stays the same.
    Constant(Number),
    /// `base + fading × 0.5^((now − from) / half_life)`, seen through the scale if there is one, and rounded to millionths. Any number
    /// of parts that fade with one half-life add up to one that does.
    Fading {
        /// What stays.
        base: Number,
        /// What fades, as it was at `from`.
        fading: Number,
        /// When nothing of it had faded yet.
        from: Timestamp,
        /// In what time half of it fades.
        half_life: Span,
        /// The scale that the sum S is seen through: tau of `100 × (1 − e^(−max(S, 0) / tau))`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scale: Option<Number>,
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
                scale,
            } => {
                let left = left(from, half_life, now);
                let sum = || base.get() + fading.get() * left;
                let scaled = scale.map(|tau| normalised(sum(), tau));
                scaled.unwrap_or_else(|| faded(base, fading, left))
            }
        }
    }

    /// The same value seen through a scale, if there is one.
    #[must_use]
    pub(crate) fn through(self, tau: Option<Number>) -> Self {
        match (self, tau) {
            (Self::Constant(value), Some(tau)) => Self::Constant(normalised(value.get(), tau)),
            (
                Self::Fading {
                    base,
                    fading,
                    from,
                    half_life,
                    ..
                },
                scale,
            ) => Self::Fading {
                base,
                fading,
                from,
                half_life,
                scale,
            },
            (constant, None) => constant,
        }
    }

    /// The first instant after `now` at which it changes whether the value passes.
    pub(crate) fn changes(self, test: &Comparison<Number>, now: Timestamp) -> Option<Timestamp> {
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
            let about = self.about(bound);
            let reached = first(now, end, about, |at| {
                let value = self.at(at);
                if falls {
                    value <= bound
                } else {
                    value >= bound
                }
            });
            let passed = first(now, end, reached.or(about), |at| {
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

impl ScoreValue {
    /// About when the value is what a bound says: rounding leaves some milliseconds open. None if it never is.
    fn about(self, bound: Number) -> Option<Timestamp> {
        let Self::Fading {
            base,
            fading,
            from,
            half_life,
            scale,
        } = self
        else {
            return None;
        };
        let sum = scale.map_or(bound.get(), |tau| {
            -tau.get() * (-bound.get() / 100.0).ln_1p()
        });
        let half_lives = (fading.get() / (sum - base.get())).log2();
        let millis = (half_lives * float(half_life.millis())).round();
        let millis = whole(millis).filter(|_| millis.abs() < MOST_MILLIS)?;
        Some(from.plus_millis(millis))
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

/// The first instant of `(after, end]` at which something comes to be that stays. It is looked for around the instant that it may be
/// about.
fn first(
    after: Timestamp,
    end: Timestamp,
    about: Option<Timestamp>,
    is: impl Fn(Timestamp) -> bool,
) -> Option<Timestamp> {
    if is(after) || !is(end) {
        return None;
    }
    let (mut before, mut at) = (after.0, end.0);
    let mut step = NEAR;
    let mut next = about.map(|about| about.0);
    while let Some(probe) = next.filter(|probe| before < *probe && *probe < at) {
        next = if is(Timestamp(probe)) {
            at = probe;
            (before < probe.saturating_sub(step)).then(|| probe - step)
        } else {
            before = probe;
            (probe.saturating_add(step) < at).then(|| probe + step)
        };
        step = step.saturating_mul(WIDER);
    }
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

/// What base and a part that fades come to when so much of that part is left.
pub(crate) fn faded(base: Number, fading: Number, left: f64) -> Number {
    let part = fading.get() * left;
    let micros = Number::try_from(part).ok().and_then(Number::micros);
    match (base.micros(), micros) {
        (Some(base), Some(part)) => Number::from_micros(base.saturating_add(part)),
        _ => Number::try_from(base.get() + part).unwrap_or(base),
    }
}

/// How much is left of one that fades since `from`: all of it before that.
pub(crate) fn left(from: Timestamp, half_life: Span, now: Timestamp) -> f64 {
    0.5_f64.powf(float(age(from, now)) / float(half_life.millis()))
}

/// A sum on the scale from 0 to 100.
fn normalised(sum: f64, tau: Number) -> Number {
    let share = -(-sum.max(0.0) / tau.get()).exp_m1();
    let rounded = Number::try_from(100.0 * share)
        .ok()
        .and_then(Number::micros);
    rounded.map_or(Number::ZERO, Number::from_micros)
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
