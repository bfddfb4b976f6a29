//! What can be changed of computed traits.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_domain::computed::Definition;
use lazo_entity::computed_trait::Model;

use super::{ComputedOfInput, ComputedTrait};
use crate::app::App;
use crate::computed::{Create, Update, service};
use crate::condition::graphql::reading::Reading;
use crate::condition::graphql::{ConditionWarning, Window, violation_of};
use crate::error::{ApiError, Error, Violation};
use crate::graphql::{ContextExt, UserError, check, once, read_id, settled};

/// A computed trait to be created.
#[derive(InputObject)]
pub struct ComputedTraitCreateInput {
    /// The name of the trait, which never changes, and which no trait that people or their systems send may have.
    name: String,
    /// What it is for: at most 1,000 characters.
    description: Option<String>,
    /// What it is computed of.
    of: ComputedOfInput,
    /// When that must have happened to count. Null means whenever.
    window: Option<Window>,
    /// A text of your own: a repeat under the same one gives the same computed trait, and no second one.
    idempotency_key: Option<String>,
}

/// Changes of a computed trait; what is left out stays.
#[derive(InputObject)]
pub struct ComputedTraitUpdateInput {
    /// The computed trait.
    id: ID,
    /// What it is for: at most 1,000 characters; null clears it.
    description: MaybeUndefined<String>,
    /// What it is computed of from now on.
    of: Option<ComputedOfInput>,
    /// When that must have happened to count; null means whenever.
    window: MaybeUndefined<Window>,
    /// The version that you have seen: the update is refused where it is no longer the present one.
    expected_version: Option<i64>,
}

/// Which computed trait to archive.
#[derive(InputObject)]
pub struct ComputedTraitArchiveInput {
    /// The computed trait.
    id: ID,
}

/// A computed trait that was created or changed.
#[derive(SimpleObject)]
pub struct ComputedTraitPayload {
    /// The computed trait as it is now. Null means that nothing was changed.
    computed_trait: Option<ComputedTrait>,
    /// What may be a mistake in its filter.
    warnings: Vec<ConditionWarning>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

fn payload(
    outcome: Result<(Model, Vec<ConditionWarning>), Error>,
) -> Result<ComputedTraitPayload, ApiError> {
    let (changed, user_errors) = settled(outcome)?;
    let (row, warnings) = changed.unzip();
    Ok(ComputedTraitPayload {
        computed_trait: row.map(ComputedTrait),
        warnings: warnings.unwrap_or_default(),
        user_errors,
    })
}

/// What can be changed of computed traits.
#[derive(Default)]
pub struct ComputedTraitMutation;

#[Object]
impl ComputedTraitMutation {
    /// Creates a computed trait. It is computed of all profiles in the background.
    async fn computed_trait_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The computed trait to be created.")] input: ComputedTraitCreateInput,
    ) -> Option<Result<ComputedTraitPayload, ApiError>> {
        Some(create(ctx, input).await)
    }

    /// Changes a computed trait. It is computed anew of all profiles in the background where what it is computed of has changed.
    async fn computed_trait_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: ComputedTraitUpdateInput,
    ) -> Option<Result<ComputedTraitPayload, ApiError>> {
        Some(update(ctx, input).await)
    }

    /// Archives a computed trait for good: nobody has a value of it any more, and conditions that ask for it find none.
    async fn computed_trait_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which computed trait to archive.")] input: ComputedTraitArchiveInput,
    ) -> Option<Result<ComputedTraitPayload, ApiError>> {
        Some(archive(ctx, &input).await)
    }
}

/// Checks a definition against what is known now; what is wrong is an error at its path in the input.
async fn accept(app: &App, definition: &Definition) -> Result<Vec<ConditionWarning>, Error> {
    match service::check(app, definition).await? {
        Ok(checked) => Ok(checked.warnings.into_iter().map(Into::into).collect()),
        Err(problems) => {
            let violations = problems.iter().map(violation_of).map(in_input);
            Err(Error::Invalid(violations.collect()))
        }
    }
}

/// The same at its place in the input, where an aggregate and what it is about are neighbours: what is stored has the one inside the
/// other.
fn in_input(mut violation: Violation) -> Violation {
    let field = &mut violation.field;
    if let Some(place) = field.iter().position(|part| part == "measure")
        && field.len() > place + 1
    {
        field.remove(place + 1);
        if field.len() == place + 1 {
            field.push("property".to_owned());
        }
    }
    violation
}

async fn create(
    ctx: &Context<'_>,
    input: ComputedTraitCreateInput,
) -> Result<ComputedTraitPayload, ApiError> {
    let (app, caller) = (ctx.app(), check(ctx, Scope::ScoresWrite)?);
    let created = async {
        let once = once(caller, input.idempotency_key.as_deref(), &input)?;
        let mut reading = Reading::default();
        let of = reading.part("of", input.of);
        let window = reading.part_or_default("window", input.window);
        let (Some(of), Some(window)) = (of, window) else {
            return Err(Error::Invalid(reading.finish()));
        };
        let name = input.name;
        let definition = Definition { name, of, window };
        let warnings = accept(app, &definition).await?;
        let create = Create {
            definition,
            description: input.description,
        };
        let row = service::create(app, caller, &create, once.as_ref()).await?;
        Ok((row, warnings))
    };
    payload(created.await)
}

async fn update(
    ctx: &Context<'_>,
    input: ComputedTraitUpdateInput,
) -> Result<ComputedTraitPayload, ApiError> {
    let (app, caller) = (ctx.app(), check(ctx, Scope::ScoresWrite)?);
    let updated = async {
        let mut update = Update::of(read_id(&input.id, "computed trait")?);
        let mut warnings = Vec::new();
        if input.of.is_some() || !input.window.is_undefined() {
            let found = service::find(app, update.id).await?;
            let found = found.ok_or_else(service::not_found)?;
            let mut definition = service::definition(&found)?;
            let mut reading = Reading::default();
            let of = reading.part_or_none("of", input.of);
            let window = match input.window {
                MaybeUndefined::Undefined => Some(definition.window),
                MaybeUndefined::Null => reading.part_or_default("window", None::<Window>),
                MaybeUndefined::Value(window) => reading.part("window", window),
            };
            let (Some(of), Some(window)) = (of, window) else {
                return Err(Error::Invalid(reading.finish()));
            };
            definition.of = of.unwrap_or(definition.of);
            definition.window = window;
            warnings = accept(app, &definition).await?;
            update.of = Some((definition.of, definition.window));
        }
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
    input: &ComputedTraitArchiveInput,
) -> Result<ComputedTraitPayload, ApiError> {
    let caller = check(ctx, Scope::ScoresWrite)?;
    let archived = async {
        let id = read_id(&input.id, "computed trait")?;
        let row = service::archive(ctx.app(), caller, id).await?;
        Ok((row, Vec::new()))
    };
    payload(archived.await)
}
