//! Scoring a profile, and what is said of its score.

use serde::{Deserialize, Serialize};

use super::rounding::{MOST_MICROS, apportioned, micros};
use super::{Grade, Kind, Model, grade, points, rfm, similarity};
use crate::clock::Timestamp;
use crate::condition::evaluate::{
    Facts, Found, Named, ScoreFact, ScoreValue, earliest, faded, left,
};
use crate::condition::{Number, Span};
use crate::id::TouchpointId;

/// The score of a profile, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// Its value, which may fade; none if the model says nothing of this profile.
    pub value: Option<ScoreValue>,
    /// Its grade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// The first instant at which time alone may change the grade, or the value in another way than `value` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What the raw value is made of, in the order of the model.
    pub components: Vec<Component>,
    /// The share of the weight of all features whose value is known, from 0 to 1; of a similarity only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Number>,
}

/// A part of a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// The key of the rule or feature; `prior` for what stands in for features that are not known, and `recency`, `frequency` and
    /// `monetary`.
    pub key: String,
    /// The same for people.
    pub title: String,
    /// What it adds to the raw value. [`Scored::points`] rounds all of them so that they add up at every instant.
    pub value: ScoreValue,
    /// What was found: how many touchpoints count, whether the condition holds, the value of the feature.
    pub found: Found,
    /// The touchpoints that it is for.
    pub touchpoints: Named<TouchpointId>,
}

impl Scored {
    /// What each component adds to the raw value at an instant, in order: whole millionths, which add up to [`raw`](Self::raw) exactly.
    pub fn points(&self, at: Timestamp) -> Vec<Number> {
        let sum = Sum::of(self.components.iter().map(|component| component.value));
        let left = sum.left(at);
        let parts = self.components.iter().map(|component| {
            let part = Sum::of([component.value].into_iter());
            Number::from_micros(part.base).get() + part.fading().get() * left
        });
        let parts: Vec<f64> = parts.collect();
        apportioned(&parts, micros(sum.at(left).get()))
    }

    /// The raw value at an instant: what the components add up to, before it is seen through the scale.
    pub fn raw(&self, at: Timestamp) -> Number {
        let sum = Sum::of(self.components.iter().map(|component| component.value));
        sum.at(sum.left(at))
    }

    /// The score as conditions see it; none if there is no value.
    pub fn fact(&self) -> Option<ScoreFact<'_>> {
        Some(ScoreFact {
            value: self.value?,
            grade: self.grade.as_deref(),
            until: self.until,
        })
    }
}

/// Scores a profile at `now`. The model must have passed its [check](super::check()).
pub fn score(model: &Model, facts: &Facts<'_>, now: Timestamp) -> Scored {
    let raw = match &model.kind {
        Kind::Points(points) => points::tally(points, facts, now),
        Kind::Similarity(similarity) => similarity::measure(similarity, facts, now),
        Kind::Rfm(rfm) => rfm::rank(rfm, facts, now),
    };
    raw.graded(model, now)
}

/// What a kind of model says, before it is scaled and graded.
pub(super) struct Raw {
    /// Whether it says anything of the profile: whether the components are a value.
    pub(super) is_known: bool,
    /// The first instant at which it may say something else.
    pub(super) until: Option<Timestamp>,
    pub(super) components: Vec<Component>,
    pub(super) coverage: Option<Number>,
}

impl Raw {
    fn graded(self, model: &Model, now: Timestamp) -> Scored {
        let sum = Sum::of(self.components.iter().map(|component| component.value));
        let value = self.is_known.then(|| sum.value().through(model.scale));
        let grades: &[Grade] = &model.grades;
        let grade = value.and_then(|value| grade::of(grades, value.at(now)));
        let regraded = value.and_then(|value| grade::changes(grades, value, now));
        Scored {
            value,
            grade: grade.map(|grade| grade.name.clone()),
            until: earliest(self.until, regraded),
            components: self.components,
            coverage: self.coverage,
        }
    }
}

/// A sum of values that fade alike, in integers, so that their order does not matter.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    /// What stays, in millionths.
    pub(super) base: i64,
    /// What fades, in billionths.
    pub(super) fading: i128,
    /// From when on, and in what time half of it.
    pub(super) fade: Option<(Timestamp, Span)>,
}

impl Sum {
    fn of(values: impl Iterator<Item = ScoreValue>) -> Self {
        let mut sum = Self::default();
        for value in values {
            sum.add(value);
        }
        sum.saturated()
    }

    /// What both parts come to together must have exact millionths; beyond that each ends at half of the most there are.
    fn saturated(self) -> Self {
        let (base, most) = (i128::from(self.base), i128::from(MOST_MICROS));
        if base.abs() * 1_000 + self.fading.abs() <= most * 1_000 {
            return self;
        }
        let half = most / 2;
        Self {
            base: i64::try_from(base.clamp(-half, half)).unwrap_or_default(),
            fading: self.fading.clamp(-half * 1_000, half * 1_000),
            ..self
        }
    }

    fn add(&mut self, value: ScoreValue) {
        let micros = |number: Number| micros(number.get());
        match value {
            ScoreValue::Constant(value) => self.base = self.base.saturating_add(micros(value)),
            ScoreValue::Fading {
                base,
                fading,
                from,
                half_life,
                ..
            } => {
                self.base = self.base.saturating_add(micros(base));
                self.fading = self.fading.saturating_add(billionths(fading.get()));
                self.fade = Some((from, half_life));
            }
        }
    }

    fn left(&self, at: Timestamp) -> f64 {
        self.fade
            .map_or(1.0, |(from, half_life)| left(from, half_life, at))
    }

    fn at(&self, left: f64) -> Number {
        faded(Number::from_micros(self.base), self.fading(), left)
    }

    fn fading(&self) -> Number {
        let number = |micros: i128| {
            let micros = i64::try_from(micros).unwrap_or(MOST_MICROS);
            Number::from_micros(micros).get()
        };
        let (millionths, rest) = (self.fading / 1_000, self.fading % 1_000);
        Number::try_from(number(millionths) + number(rest) / 1e3).unwrap_or(Number::ZERO)
    }

    /// The sum over time.
    pub(super) fn value(self) -> ScoreValue {
        let base = Number::from_micros(self.base);
        match self.fade.filter(|_| self.fading != 0) {
            None => ScoreValue::Constant(base),
            Some((from, half_life)) => ScoreValue::Fading {
                base,
                fading: self.fading(),
                from,
                half_life,
                scale: None,
            },
        }
    }
}

/// A number in billionths, rounded. Ones and what is left of them are counted apart, so that each is exact.
pub(super) fn billionths(number: f64) -> i128 {
    let ones = number.trunc();
    i128::from(micros(ones)) * 1_000 + i128::from(micros((number - ones) * 1e3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use rstest::rstest;

    fn number(number: f64) -> Number {
        Number::try_from(number).unwrap()
    }

    fn scored(parts: &[(f64, f64)]) -> Scored {
        let component = |(base, fading): &(f64, f64)| Component {
            key: "rule".to_owned(),
            title: "Rule".to_owned(),
            value: ScoreValue::Fading {
                base: number(*base),
                fading: number(*fading),
                from: Timestamp(0),
                half_life: Span::SHORTEST,
                scale: None,
            },
            found: Found::Missing,
            touchpoints: Named::latest(Vec::new()),
        };
        let model = Model {
            kind: Kind::Points(points::Points {
                rules: Vec::new(),
                half_life: None,
            }),
            grades: Vec::new(),
            scale: None,
        };
        let raw = Raw {
            is_known: true,
            until: None,
            components: parts.iter().map(component).collect(),
            coverage: None,
        };
        raw.graded(&model, Timestamp(0))
    }

    #[rstest]
    #[case(9_007_199.0)]
    #[case(9_007_200.5)]
    #[case(100_000_000.25)]
    #[case(-123_456_789.125)]
    fn a_great_score_that_fades_does_not_vanish(#[case] points: f64) {
        let scored = scored(&[(0.0, points)]);
        let value = |at| scored.value.unwrap().at(Timestamp(at)).get();
        assert!((value(0) - points).abs() < 1e-6, "{}", value(0));
        assert!(
            (value(1_000) - points / 2.0).abs() < 1e-6,
            "{}",
            value(1_000)
        );
    }

    #[test]
    fn a_score_beyond_what_can_be_counted_is_the_greatest_there_is() {
        let scored = scored(&[(9e9, 0.0), (0.0, 9e9), (9e9, 9e9)]);
        assert_eq!(scored.raw(Timestamp(0)).micros(), Some(MOST_MICROS));
        let sum: i64 = points_of(&scored, 0);
        assert_eq!(sum, MOST_MICROS);
    }

    fn points_of(scored: &Scored, at: i64) -> i64 {
        let points = scored.points(Timestamp(at)).into_iter();
        points.map(|one| one.micros().unwrap()).sum()
    }

    proptest! {
        #[test]
        fn great_components_add_up_exactly(parts in vec((-1e8_f64..1e8, -1e9_f64..1e9), 1..20), at in 0_i64..20_000) {
            let scored = scored(&parts);
            let raw = scored.raw(Timestamp(at));
            prop_assert_eq!(Some(points_of(&scored, at)), raw.micros());
            prop_assert_eq!(scored.value.unwrap().at(Timestamp(at)), raw);
        }
    }
}
