//! Why a profile scores what it scores, and how that changed.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_domain::condition::Number;
use lazo_domain::score::Component;
use lazo_entity::score_entry;

use super::ScoreModel;
use crate::condition::graphql::{Found, TouchpointEvidence};
use crate::error::{ApiError, Code};
use crate::graphql::{ContextExt, DateTime, allowed, check};
use crate::score::read::{self, Explained};

/// The most changes that are listed.
const MOST_CHANGES: i32 = 250;

/// Why a profile scores what it scores now, as the schema shows it.
pub struct ScoreExplanation(pub Explained);

/// What a profile scores now, reckoned from all that is known of it, and why.
#[Object]
impl ScoreExplanation {
    /// The model.
    async fn model(&self) -> ScoreModel {
        ScoreModel(Arc::new(self.0.model.clone()))
    }

    /// When it was reckoned.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// The score. Null means that the model says nothing of this profile.
    async fn value(&self) -> Option<f64> {
        self.0.scored.value.map(|value| value.at(self.0.at).get())
    }

    /// The grade. Null means that there is no score, that it is below the lowest grade, or that the model grades nothing.
    async fn grade(&self) -> Option<&str> {
        self.0.scored.grade.as_deref()
    }

    /// The first instant at which time alone may change the grade, or the value in another way than by fading. Null means that it
    /// never does.
    async fn valid_until(&self) -> Option<DateTime> {
        self.0.scored.until.map(Into::into)
    }

    /// What the components add up to, before it is seen through the scale of the model.
    async fn raw(&self) -> f64 {
        self.0.scored.raw(self.0.at).get()
    }

    /// The share of the weight of all features whose value is known, from 0 to 1. Null means that the model compares nothing.
    async fn coverage(&self) -> Option<f64> {
        self.0.scored.coverage.map(Number::get)
    }

    /// What the raw score is made of, in the order of the model.
    async fn components(&self) -> Vec<ScoreComponent<'_>> {
        let scored = &self.0.scored;
        let points = scored.points(self.0.at);
        let components = scored.components.iter().zip(points);
        components
            .map(|(component, points)| ScoreComponent { component, points })
            .collect()
    }

    /// How the score changed by what happened, the latest change first. Fading alone is no change.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The most changes; at most 250.", default = 20)] first: i32,
    ) -> Result<Vec<ScoreChange>, ApiError> {
        let limit = u64::try_from(first).ok().filter(|_| first <= MOST_CHANGES);
        let limit =
            limit.ok_or_else(|| ApiError::new(Code::BadUserInput, "`first` is from 0 to 250."))?;
        let (profile, model) = (self.0.profile, self.0.model.id);
        let changes = read::history(ctx.app(), profile, model, limit).await?;
        let is_named = check(ctx, Scope::ProfilesRead).is_ok();
        let shown = changes.into_iter().map(|mut entry| {
            entry.touchpoint_id = entry.touchpoint_id.filter(|_| is_named);
            entry.into()
        });
        Ok(shown.collect())
    }
}

/// A part of a score as the schema shows it.
pub struct ScoreComponent<'a> {
    component: &'a Component,
    points: Number,
}

/// A part of a score: what a rule gave, or a feature, or what stands in for features that are not known.
#[Object]
impl ScoreComponent<'_> {
    /// The key of the rule or the feature; `prior` for what stands in for features that are not known; `recency`, `frequency` and
    /// `monetary`.
    async fn key(&self) -> &str {
        &self.component.key
    }

    /// The same for people.
    async fn title(&self) -> &str {
        &self.component.title
    }

    /// What it adds to the raw score now, to a millionth. The points of all components add up to it.
    async fn points(&self) -> f64 {
        self.points.get()
    }

    /// What was found: how many touchpoints count, whether the condition holds, the value of the feature. It needs the scope
    /// `profiles:read`, and is null without it.
    async fn found(&self, ctx: &Context<'_>) -> Option<Result<Found<'_>, ApiError>> {
        allowed(ctx, Scope::ProfilesRead, async {
            Ok(Some(Found(&self.component.found)))
        })
        .await
    }

    /// The touchpoints that it is for. It needs the scope `profiles:read`, and is null without it.
    async fn touchpoints(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<TouchpointEvidence<'_>, ApiError>> {
        allowed(ctx, Scope::ProfilesRead, async {
            Ok(Some(TouchpointEvidence(&self.component.touchpoints)))
        })
        .await
    }
}

/// A change of a score.
#[derive(SimpleObject)]
pub struct ScoreChange {
    /// When it changed.
    at: DateTime,
    /// The score from then on, until it fades. Null means that there is none any more.
    value: Option<f64>,
    /// The grade from then on. Null means that there is none.
    grade: Option<String>,
    /// What brought it about: `TOUCHPOINT`, `TIME`, `DEFINITION`, `MERGE`, `UNMERGE` or `PERSON`.
    cause: String,
    /// The global id of the touchpoint that brought it about. It is opaque. Null means that none did, or that the caller lacks the scope
    /// `profiles:read`.
    touchpoint_id: Option<ID>,
}

impl From<score_entry::Model> for ScoreChange {
    fn from(entry: score_entry::Model) -> Self {
        Self {
            at: entry.at.into(),
            value: entry.value,
            grade: entry.grade,
            cause: entry.cause,
            touchpoint_id: entry.touchpoint_id.map(|id| id.to_string().into()),
        }
    }
}
