//! What a score model counts, as an input, and the same input of what is stored.

mod paths;
mod points;
mod similarity;

pub use points::{
    ScoreCapInput, ScoreEachInput, ScoreOnceInput, ScorePointsInput, ScoreRuleInput, ScoreWhenInput,
};
pub use similarity::{
    PurchaseFigure, ScoreFeatureInput, ScoreFeatureKindInput, ScoreFeatureValueInput,
    ScoreFrequenciesInput, ScoreFrequencyInput, ScoreNumericInput, ScoreSimilarityInput,
    ScoreTextsInput,
};

use async_graphql::{InputObject, InputType, OneofObject};
use lazo_domain::condition::Number;
use lazo_domain::score as domain;

use crate::app::App;
use crate::condition::graphql::reading::{Readable, Reading};
use crate::condition::graphql::{ConditionWarning, Window, tidy};
use crate::error::{ApiError, Error};
use crate::graphql::Json;
use crate::score::service;

/// A grade, which a score has from a value on until that of the next grade.
#[derive(Clone, InputObject)]
pub struct ScoreGradeInput {
    /// What it is called, such as `HOT`.
    name: String,
    /// The least value that has it.
    at_least: f64,
}

/// Recency, frequency and monetary value of purchases: the sum of three quintiles of all customers, from 3 to 15. Where the quintiles
/// begin is measured once a day.
#[derive(Clone, InputObject)]
pub struct ScoreRfmInput {
    /// When purchases must have been placed to count. Null means whenever.
    window: Option<Window>,
}

/// How a raw score comes about: exactly one of these.
#[derive(Clone, OneofObject)]
pub enum ScoreKindInput {
    /// Points for what a person is and does.
    Points(ScorePointsInput),
    /// How much a person is like the ideal customer.
    Similarity(ScoreSimilarityInput),
    /// Recency, frequency and monetary value of purchases, against those of all customers.
    Rfm(ScoreRfmInput),
}

/// What a score model counts, and how it is graded.
#[derive(Clone, InputObject)]
pub struct ScoreDefinitionInput {
    /// How the raw score comes about.
    kind: ScoreKindInput,
    /// The grades, from the lowest on, at most 20; an empty list grades nothing. Null means `COLD` from 0, `WARM` from 40 and `HOT` from
    /// 70.
    grades: Option<Vec<ScoreGradeInput>>,
    /// What the raw score S is seen through, tau of `100 × (1 − e^(−max(S, 0) / tau))`, so that it is from 0 to 100. Null means that
    /// the score is the raw one.
    scale: Option<f64>,
}

impl ScoreDefinitionInput {
    /// Reads and checks it against what is known now; what is wrong is an error at its path below `definition`.
    pub(super) async fn accept(
        self,
        app: &App,
    ) -> Result<(domain::Model, Vec<ConditionWarning>), Error> {
        let texts = paths::rules_in_text(&self);
        let mut reading = Reading::default();
        let Some(model) = reading.part("definition", self) else {
            return Err(Error::Invalid(reading.finish()));
        };
        match service::check(app, &model).await? {
            Ok(checked) => {
                let place = |warning| paths::warning_of(warning, &model, &texts);
                let warnings = checked.warnings.into_iter().map(place).collect();
                Ok((model, warnings))
            }
            Err(problems) => {
                let problems = problems.iter();
                let wrong = problems.map(|problem| paths::violation_of(problem, &model, &texts));
                Err(Error::Invalid(wrong.collect()))
            }
        }
    }
}

impl Readable for ScoreGradeInput {
    type Value = domain::Grade;

    fn read(self, reading: &mut Reading) -> Option<domain::Grade> {
        Some(domain::Grade {
            at_least: reading.part("atLeast", self.at_least)?,
            name: self.name,
        })
    }
}

impl Readable for ScoreRfmInput {
    type Value = domain::Rfm;

    fn read(self, reading: &mut Reading) -> Option<domain::Rfm> {
        Some(domain::Rfm {
            window: reading.part_or_default("window", self.window)?,
            ..domain::Rfm::default()
        })
    }
}

impl Readable for ScoreKindInput {
    type Value = domain::Kind;

    fn read(self, reading: &mut Reading) -> Option<domain::Kind> {
        use domain::Kind as To;
        match self {
            Self::Points(points) => reading.part("points", points).map(To::Points),
            Self::Similarity(like) => reading.part("similarity", like).map(To::Similarity),
            Self::Rfm(rfm) => reading.part("rfm", rfm).map(To::Rfm),
        }
    }
}

impl Readable for ScoreDefinitionInput {
    type Value = domain::Model;

    fn read(self, reading: &mut Reading) -> Option<domain::Model> {
        let kind = reading.part("kind", self.kind);
        let grades = reading.part_or_none("grades", self.grades);
        let scale = reading.part_or_none("scale", self.scale);
        Some(domain::Model {
            kind: kind?,
            grades: grades?.unwrap_or_else(domain::Grade::defaults),
            scale: scale?,
        })
    }
}

impl From<&domain::Kind> for ScoreKindInput {
    fn from(kind: &domain::Kind) -> Self {
        match kind {
            domain::Kind::Points(points) => Self::Points(points.into()),
            domain::Kind::Similarity(similarity) => Self::Similarity(similarity.into()),
            domain::Kind::Rfm(rfm) => Self::Rfm(ScoreRfmInput {
                window: Window::of(rfm.window),
            }),
        }
    }
}

impl From<&domain::Model> for ScoreDefinitionInput {
    fn from(model: &domain::Model) -> Self {
        let grade = |grade: &domain::Grade| ScoreGradeInput {
            name: grade.name.clone(),
            at_least: grade.at_least.get(),
        };
        Self {
            kind: (&model.kind).into(),
            grades: Some(model.grades.iter().map(grade).collect()),
            scale: model.scale.map(Number::get),
        }
    }
}

/// What a model counts as a value of `ScoreDefinitionInput`, which can be sent back.
pub(super) fn shown(model: &domain::Model) -> Result<Json, ApiError> {
    let value = tidy(ScoreDefinitionInput::from(model).to_value());
    let json = value.into_json().map_err(|_| ApiError::internal())?;
    Ok(Json(json))
}
