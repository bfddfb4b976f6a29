//! Scoring a profile, and what is said of its score.

use serde::{Deserialize, Serialize};

use super::rounding::{apportioned, micros};
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
    pub(super) fading: i64,
    /// From when on, and in what time half of it.
    pub(super) fade: Option<(Timestamp, Span)>,
}

impl Sum {
    fn of(values: impl Iterator<Item = ScoreValue>) -> Self {
        let mut sum = Self::default();
        for value in values {
            sum.add(value);
        }
        sum
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
        let thousandfold = Number::from_micros(self.fading).get();
        Number::try_from(thousandfold / 1e3).unwrap_or(Number::ZERO)
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

/// A number in billionths, rounded; the sum of those below a million is exact.
pub(super) fn billionths(number: f64) -> i64 {
    micros(number * 1e3)
}
