//! Where a profile stands, in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use lazo_domain::id::ProfileId;
use lazo_domain::lifecycle::{Level, LevelCause, Stage, StageCause};

use crate::condition::graphql::{Language, LifecycleStage, PyramidLevel};
use crate::error::ApiError;
use crate::graphql::{ContextExt, DateTime, StandingOf};
use crate::lifecycle::service::Stood;

/// The stage and the level of a profile, as the schema shows them among its fields.
pub struct ProfileLifecycle {
    /// The profile.
    pub profile: ProfileId,
    /// Its stage, as it is stored.
    pub stage: Stage,
    /// Its level, as it is stored.
    pub level: Level,
}

/// Whether a field of a profile is told by all that it bought.
pub fn asks_purchases(field: &str) -> bool {
    let about = field
        .strip_prefix("stage")
        .or_else(|| field.strip_prefix("level"));
    about.is_some_and(|rest| matches!(rest, "Since" | "Until" | "Cause" | "History"))
}

impl ProfileLifecycle {
    async fn stood(&self, ctx: &Context<'_>) -> Result<Arc<Stood>, ApiError> {
        let stood = ctx.loaders().load_one(StandingOf(self.profile)).await?;
        stood.ok_or_else(ApiError::internal)
    }
}

/// Where a profile stands.
#[Object]
impl ProfileLifecycle {
    /// The lifecycle stage: where the customer is between the first visit and the last order.
    async fn stage(&self) -> LifecycleStage {
        self.stage.into()
    }

    /// When the stage began. Null if that is not known.
    async fn stage_since(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, ApiError> {
        Ok(self.stood(ctx).await?.stage.since.map(Into::into))
    }

    /// When time alone ends the stage, if nothing happens. Null if it never does.
    async fn stage_until(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, ApiError> {
        Ok(self.stood(ctx).await?.stage.until.map(Into::into))
    }

    /// Why the profile is in its stage.
    async fn stage_cause(&self, ctx: &Context<'_>) -> Result<LifecycleCause, ApiError> {
        let stood = self.stood(ctx).await?;
        let cause = Cause::Stage(stood.stage.cause);
        Ok(LifecycleCause { cause, stood })
    }

    /// Every change of the stage so far, the first one first, by what is known today: an order that comes late changes the past.
    async fn stage_history(&self, ctx: &Context<'_>) -> Result<Vec<StageChange>, ApiError> {
        let stood = self.stood(ctx).await?;
        let change = |(at, stage): &(_, Stage)| StageChange {
            at: DateTime(*at),
            stage: (*stage).into(),
        };
        Ok(stood.stages.iter().map(change).collect())
    }

    /// The level of the customer pyramid.
    async fn level(&self) -> PyramidLevel {
        self.level.into()
    }

    /// When the level began. Null if that is not known.
    async fn level_since(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, ApiError> {
        Ok(self.stood(ctx).await?.level.since.map(Into::into))
    }

    /// When time alone ends the level, if nothing happens. Null if it never does.
    async fn level_until(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, ApiError> {
        Ok(self.stood(ctx).await?.level.until.map(Into::into))
    }

    /// Why the profile is on its level.
    async fn level_cause(&self, ctx: &Context<'_>) -> Result<LifecycleCause, ApiError> {
        let stood = self.stood(ctx).await?;
        let cause = Cause::Level(stood.level.cause);
        Ok(LifecycleCause { cause, stood })
    }

    /// Every change of the level so far, the first one first, by what is known today and by the boundaries of today.
    async fn level_history(&self, ctx: &Context<'_>) -> Result<Vec<LevelChange>, ApiError> {
        let stood = self.stood(ctx).await?;
        let change = |(at, level): &(_, Level)| LevelChange {
            at: DateTime(*at),
            level: (*level).into(),
        };
        Ok(stood.levels.iter().map(change).collect())
    }
}

/// Since when a profile was in a stage.
#[derive(SimpleObject)]
pub struct StageChange {
    /// When the stage began.
    at: DateTime,
    /// The stage.
    stage: LifecycleStage,
}

/// Since when a profile was on a level.
#[derive(SimpleObject)]
pub struct LevelChange {
    /// When the level began.
    at: DateTime,
    /// The level.
    level: PyramidLevel,
}

/// Why a profile is where it is.
pub struct LifecycleCause {
    cause: Cause,
    stood: Arc<Stood>,
}

enum Cause {
    Stage(StageCause),
    Level(LevelCause),
}

/// Why a profile is in its stage or on its level.
#[Object]
impl LifecycleCause {
    /// The rule that decided, with the numbers it decided on, as a sentence without its subject: “43 days since the last purchase, more
    /// than 1.5 times the usual interval of 20 days”.
    async fn sentence(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the sentence.",
            default_with = "Language::English"
        )]
        language: Language,
    ) -> String {
        match &self.cause {
            Cause::Stage(cause) => cause.describe(language.into(), self.stood.at),
            Cause::Level(cause) => {
                let currency = ctx.app().deployment().currency;
                cause.describe(language.into(), currency, self.stood.at)
            }
        }
    }
}
