//! Traits in the schema.

use async_graphql::{Context, Enum, ID, Object};
use lazo_domain::access::Scope;
use lazo_domain::profile::{Projection, Rank as RankValue, TraitState};

use crate::error::ApiError;
use crate::graphql::{AtHand, ContextExt, DateTime, JsonRef, SourceById, allowed};
use crate::source::graphql::Source;

/// How much a value is worth against others of the same trait; the greater wins, whatever the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "RankValue")]
pub enum Rank {
    /// From a public source, whose key anybody holds.
    Inferred,
    /// From a trusted source, such as the company's backend.
    Trusted,
    /// Declared by the person themself.
    Declared,
}

/// A trait as the schema shows it.
pub struct Trait<'a> {
    name: &'a str,
    state: &'a TraitState,
}

impl AtHand for Trait<'_> {}

impl<'a> Trait<'a> {
    /// The trait of this name, if it has a value.
    pub fn of(projection: &'a Projection, name: &str) -> Option<Self> {
        let (name, state) = projection.traits.0.get_key_value(name)?;
        (!state.value.is_null()).then_some(Self { name, state })
    }

    /// The traits that have a value, by name; of them those that are named, if any are.
    pub fn all(projection: &'a Projection, names: Option<&[String]>) -> Vec<Self> {
        let asked = |name: &str| names.is_none_or(|names| names.iter().any(|asked| asked == name));
        projection
            .traits
            .current()
            .filter(|(name, _)| asked(name))
            .map(|(name, state)| Self { name, state })
            .collect()
    }
}

/// An attribute of a profile, with what its value won by.
#[Object]
impl Trait<'_> {
    /// The name of the trait.
    async fn name(&self) -> &str {
        self.name
    }

    /// The value.
    async fn value(&self) -> JsonRef<'_> {
        JsonRef(&self.state.value)
    }

    /// When the touchpoint happened that set the value.
    async fn occurred_at(&self) -> DateTime {
        self.state.stamp.order.occurred_at.into()
    }

    /// How much the value is worth against others.
    async fn rank(&self) -> Rank {
        self.state.stamp.rank.into()
    }

    /// The source that set the value. It needs the scope `sources:read`, and is null without it.
    async fn source(&self, ctx: &Context<'_>) -> Option<Result<Source, ApiError>> {
        let source = SourceById(self.state.source);
        allowed(ctx, Scope::SourcesRead, async {
            Ok(ctx.loaders().load_one(source).await?.map(Source))
        })
        .await
    }

    /// The id of the touchpoint that set the value.
    async fn touchpoint_id(&self) -> ID {
        self.state.stamp.touchpoint.to_string().into()
    }
}
