//! What can be changed of score models.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_entity::score_model;

use super::{ScoreDefinitionInput, ScoreModel};
use crate::condition::graphql::ConditionWarning;
use crate::error::{ApiError, Error};
use crate::graphql::{ContextExt, UserError, check, once, read_id, settled};
use crate::score::{Create, Update, service};

/// A score model to be created.
#[derive(InputObject)]
pub struct ScoreModelCreateInput {
    /// The key by which conditions and storefronts name it, which never changes: 1 to 64 characters of a to z, 0 to 9, `_` and `-`.
    key: String,
    /// Its name for people: 1 to 100 characters.
    name: String,
    /// What it is for: at most 1,000 characters.
    description: Option<String>,
    /// What it counts, and how it is graded.
    definition: ScoreDefinitionInput,
    /// A text of your own: a repeat under the same one gives the same score model, and no second one.
    idempotency_key: Option<String>,
}

/// Changes of a score model; what is left out stays.
#[derive(InputObject)]
pub struct ScoreModelUpdateInput {
    /// The score model.
    id: ID,
    /// Its new name: 1 to 100 characters.
    name: Option<String>,
    /// What it is for: at most 1,000 characters; null clears it.
    description: MaybeUndefined<String>,
    /// What it counts from now on, and how it is graded.
    definition: Option<ScoreDefinitionInput>,
    /// The version that you have seen: the update is refused where it is no longer the present one.
    expected_version: Option<i64>,
}

/// Which score model to archive.
#[derive(InputObject)]
pub struct ScoreModelArchiveInput {
    /// The score model.
    id: ID,
}

/// Which score model to measure.
#[derive(InputObject)]
pub struct ScoreModelMeasureInput {
    /// The score model.
    id: ID,
}

/// A score model that was created or changed.
#[derive(SimpleObject)]
pub struct ScoreModelPayload {
    /// The score model as it is now. Null means that nothing was changed.
    score_model: Option<ScoreModel>,
    /// What may be a mistake in its conditions and filters.
    warnings: Vec<ConditionWarning>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// A changed model, with what may be a mistake in it.
type Changed = Result<(score_model::Model, Vec<ConditionWarning>), Error>;

fn payload(outcome: Changed) -> Result<ScoreModelPayload, ApiError> {
    let (changed, user_errors) = settled(outcome)?;
    let (row, warnings) = changed.unzip();
    Ok(ScoreModelPayload {
        score_model: row.map(|row| ScoreModel(Arc::new(row))),
        warnings: warnings.unwrap_or_default(),
        user_errors,
    })
}

/// What can be changed of score models.
#[derive(Default)]
pub struct ScoreModelMutation;

#[Object]
impl ScoreModelMutation {
    /// Creates a score model. Profiles are scored in the background.
    async fn score_model_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The score model to be created.")] input: ScoreModelCreateInput,
    ) -> Option<Result<ScoreModelPayload, ApiError>> {
        Some(create(ctx, input).await)
    }

    /// Changes a score model. Profiles are scored anew in the background where what it counts has changed. To take a grade away that a
    /// segment or another model asks for is refused.
    async fn score_model_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: ScoreModelUpdateInput,
    ) -> Option<Result<ScoreModelPayload, ApiError>> {
        Some(update(ctx, input).await)
    }

    /// Archives a score model for good: nobody has a score by it any more. One that a segment or another model asks for is refused.
    async fn score_model_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which score model to archive.")] input: ScoreModelArchiveInput,
    ) -> Option<Result<ScoreModelPayload, ApiError>> {
        Some(archive(ctx, &input).await)
    }

    /// Measures anew what a score model compares with: the quintiles of all customers, or the centre of a segment's members. It is done
    /// once a day by itself. Profiles are scored anew in the background where something has changed.
    async fn score_model_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which score model to measure.")] input: ScoreModelMeasureInput,
    ) -> Option<Result<ScoreModelPayload, ApiError>> {
        Some(measure(ctx, &input).await)
    }
}

async fn create(
    ctx: &Context<'_>,
    input: ScoreModelCreateInput,
) -> Result<ScoreModelPayload, ApiError> {
    let (app, caller) = (ctx.app(), check(ctx, Scope::ScoresWrite)?);
    let created = async {
        let once = once(caller, input.idempotency_key.as_deref(), &input)?;
        let (model, warnings) = input.definition.accept(app).await?;
        let create = Create {
            key: input.key,
            name: input.name,
            description: input.description,
            model,
        };
        let row = service::create(app, caller, &create, once.as_ref()).await?;
        Ok((row, warnings))
    };
    payload(created.await)
}

async fn update(
    ctx: &Context<'_>,
    input: ScoreModelUpdateInput,
) -> Result<ScoreModelPayload, ApiError> {
    let (app, caller) = (ctx.app(), check(ctx, Scope::ScoresWrite)?);
    let updated = async {
        let mut update = Update::of(read_id(&input.id, "score model")?);
        let mut warnings = Vec::new();
        if let Some(definition) = input.definition {
            let accepted = definition.accept(app).await?;
            (update.model, warnings) = (Some(accepted.0), accepted.1);
        }
        update.name = input.name;
        let description = input.description.as_opt_ref();
        update.description = description.map(Option::<&String>::cloned);
        update.expected_version = input.expected_version;
        let row = service::update(app, caller, &update).await?;
        Ok((row, warnings))
    };
    payload(updated.await)
}

async fn archive(
    ctx: &Context<'_>,
    input: &ScoreModelArchiveInput,
) -> Result<ScoreModelPayload, ApiError> {
    let caller = check(ctx, Scope::ScoresWrite)?;
    let archived = async {
        let id = read_id(&input.id, "score model")?;
        let row = service::archive(ctx.app(), caller, id).await?;
        Ok((row, Vec::new()))
    };
    payload(archived.await)
}

async fn measure(
    ctx: &Context<'_>,
    input: &ScoreModelMeasureInput,
) -> Result<ScoreModelPayload, ApiError> {
    let caller = check(ctx, Scope::ScoresWrite)?;
    let measured = async {
        let id = read_id(&input.id, "score model")?;
        let row = service::measure(ctx.app(), &caller.actor(), id).await?;
        Ok((row, Vec::new()))
    };
    payload(measured.await)
}
