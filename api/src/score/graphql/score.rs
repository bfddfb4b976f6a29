//! What a profile scores now.

use async_graphql::{Context, Object};
use lazo_domain::clock::Timestamp;

use super::ScoreModel;
use crate::error::ApiError;
use crate::graphql::{ContextExt, DateTime, ScoreModelById};
use crate::score::Held;

/// The score that a profile has, as of an instant.
pub struct Score {
    /// The score.
    pub held: Held,
    /// The instant.
    pub at: Timestamp,
}

/// A number on a profile by a score model, with its grade.
#[Object]
impl Score {
    /// The model.
    async fn model(&self, ctx: &Context<'_>) -> Result<ScoreModel, ApiError> {
        let key = ScoreModelById(self.held.model);
        let found = ctx.loaders().load_one(key).await?;
        Ok(ScoreModel(found.ok_or_else(ApiError::internal)?))
    }

    /// The key of the model.
    async fn key(&self) -> &str {
        &self.held.key
    }

    /// The value at the time of the answer: points that fade have faded so far.
    async fn value(&self) -> f64 {
        self.held.value.at(self.at).get()
    }

    /// The grade. Null means that the value is below the lowest, or that the model grades nothing.
    async fn grade(&self) -> Option<&str> {
        self.held.grade.as_deref()
    }

    /// The first instant at which time alone may change the grade, or the value in another way than by fading. Null means that it
    /// never does.
    async fn valid_until(&self) -> Option<DateTime> {
        self.held.valid_until.map(Into::into)
    }
}
