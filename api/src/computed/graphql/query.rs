//! Computed traits, and what can be read of them.

use async_graphql::{Context, ID, InputType, Object};
use lazo_domain::access::Scope;
use lazo_domain::computed::describe;
use lazo_entity::computed_trait::Model;

use super::ComputedOfInput;
use crate::computed::service;
use crate::condition::graphql::{Language, Window, tidy};
use crate::error::ApiError;
use crate::graphql::{
    Connection, ContextExt, DateTime, Json, Paging, allowed, needs, take, wants_total,
};

/// A computed trait as the schema shows it.
pub struct ComputedTrait(pub Model);

/// A trait that nobody sends, and that touchpoints or purchases come to.
#[Object]
impl ComputedTrait {
    /// The global id of the computed trait. It is opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The name of the trait, by which conditions ask for it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is for. Null means that nobody has said it.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// What it holds, as a sentence.
    fn sentence(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the sentence.",
            default_with = "Language::English"
        )]
        language: Language,
    ) -> Result<String, ApiError> {
        let definition = service::definition(&self.0)?;
        let sentence = describe(
            &definition,
            language.into(),
            ctx.app().deployment().currency,
        );
        take(ctx, sentence.len())?;
        Ok(sentence)
    }

    /// What it is computed of, as a value of `ComputedOfInput`: it can be sent back.
    fn of(&self, ctx: &Context<'_>) -> Result<Json, ApiError> {
        let of = ComputedOfInput::from(&service::definition(&self.0)?.of);
        let json = tidy(of.to_value()).into_json();
        let json = json.map_err(|_| ApiError::internal())?;
        take(ctx, crate::json::bytes_of(&json))?;
        Ok(Json(json))
    }

    /// When that must have happened to count. Null means whenever.
    fn window(&self) -> Result<Option<Window>, ApiError> {
        Ok(Window::of(service::definition(&self.0)?.window))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it changed last.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// Since when nobody has a value of it any more. Null means that it is computed.
    async fn archived_at(&self) -> Option<DateTime> {
        self.0.archived_at.map(Into::into)
    }

    /// Counts its changes; give it as `expectedVersion` to change only what you have seen.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// What can be read of computed traits.
#[derive(Default)]
pub struct ComputedTraitQuery;

#[Object]
impl ComputedTraitQuery {
    /// The computed traits, the newest first.
    #[graphql(guard = "needs(Scope::ScoresRead)")]
    async fn computed_traits(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The most items, from the start; at most 250. 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only items after this cursor. Null means from the start.")] after: Option<
            String,
        >,
        #[graphql(desc = "The most items, from the end; at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor. Null means up to the end.")]
        before: Option<String>,
        #[graphql(desc = "Whether archived ones are listed too.", default)] include_archived: bool,
    ) -> Result<Connection<ComputedTrait>, ApiError> {
        let paging = Paging::read("computed_trait", first, after, last, before)?;
        let total = wants_total(ctx);
        let listed = service::list(ctx.app(), include_archived, &paging.page, total).await?;
        Ok(paging.connection(listed, ComputedTrait))
    }

    /// The computed trait with this id. It needs the scope `scores:read`. Null means that there is none.
    async fn computed_trait(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the computed trait.")] id: ID,
    ) -> Option<Result<ComputedTrait, ApiError>> {
        allowed(ctx, Scope::ScoresRead, async {
            let Ok(id) = id.parse() else { return Ok(None) };
            let found = service::find(ctx.app(), id).await?;
            Ok(found.map(ComputedTrait))
        })
        .await
    }
}
