//! Profiles in the schema.

mod connection;
mod merge;
mod preview;
mod query;
mod subscription;
mod summary;
mod traits;
mod update;

pub use connection::ProfileConnection;
pub use merge::{
    ProfileMergeMutation, ProfileUnmergeInput, ProfileUnmergePayload, ProfilesMergeInput,
    ProfilesMergePayload,
};
pub use preview::{ProfilePreviewQuery, ProfilesMergePreview, ProfilesMergePreviewInput};
pub use query::{IdentifierInput, ProfileBy, ProfileQuery, ProfileSortKey};
pub use subscription::{ProfileChange, ProfileSubscription};
pub use summary::{ChannelCount, Summary};
pub use traits::{Rank, Trait};
pub use update::{ProfileUpdateInput, ProfileUpdateMutation, ProfileUpdatePayload};

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use lazo_domain::access::Scope;
use lazo_domain::id::ProfileId;
use lazo_domain::profile::Projection;

use super::hot::Present;
use super::service::{at_hand, is_shown};
use super::store::ProfileRow;
use crate::computed::graphql::ComputedTraitValue;
use crate::consent::graphql::ProfileConsent;
use crate::error::ApiError;
use crate::graphql::{
    AtHand, Channel, ComputedTraitsOf, Connection, ContextExt, DateTime, FormerIdsOf,
    IdentifiersOf, Paging, ProfileById, ScoresOf, Written, WrittenList, needs, wants_total,
};
use crate::identity::graphql::{Identifier, IdentityLink};
use crate::identity::{IdentifierRow, is_known, service as identities};
use crate::lifecycle::graphql::{ProfileLifecycle, asks_purchases};
use crate::purchase::graphql::Purchase;
use crate::purchase::service as purchases;
use crate::score::graphql::Score;
use crate::segment::graphql::{ProfileSegment, past};
use crate::touchpoint::graphql::Touchpoint;
use crate::touchpoint::read::Filter;
use crate::touchpoint::service as touchpoints;

/// A profile as the schema shows it.
pub enum Profile {
    /// As page views see it.
    Hot(Arc<Present>),
    /// As a list has read it; what is not in its row is read for all profiles of the list together.
    Listed(Box<ProfileRow>),
}

impl AtHand for Profile {
    fn asks(field: &str) -> bool {
        matches!(
            field,
            "touchpoints"
                | "purchases"
                | "identityLog"
                | "segments"
                | "scores"
                | "computedTraits"
                | "consents"
                | "consentRecords"
        ) || asks_purchases(field)
    }
}

impl Profile {
    /// The profile that an id leads to, if the caller may see it. One that is at hand waits for no others that are asked for.
    pub async fn by_id(ctx: &Context<'_>, id: ProfileId) -> Result<Option<Self>, ApiError> {
        let found = match at_hand(ctx.app(), id).await {
            Some(found) => Some(found).filter(|found| is_shown(found, ctx.caller())),
            None => ctx.loaders().load_one(ProfileById(id)).await?,
        };
        Ok(found.map(Self::Hot))
    }

    fn key(&self) -> ProfileId {
        match self {
            Self::Hot(hot) => hot.id,
            Self::Listed(row) => row.id,
        }
    }

    fn projection(&self) -> &Projection {
        match self {
            Self::Hot(hot) => &hot.projection,
            Self::Listed(row) => &row.projection,
        }
    }

    async fn identified_by(&self, ctx: &Context<'_>) -> Result<Arc<[IdentifierRow]>, ApiError> {
        match self {
            Self::Hot(hot) => Ok(Arc::clone(&hot.identifiers)),
            Self::Listed(row) => {
                let found = ctx.loaders().load_one(IdentifiersOf(row.id)).await?;
                Ok(found.unwrap_or_default())
            }
        }
    }
}

/// A changed profile for who may read profiles: the right to change one is not the right to read it.
pub(crate) fn readable(ctx: &Context<'_>, changed: Option<Arc<Present>>) -> Option<Profile> {
    let may_read = ctx
        .caller()
        .is_some_and(|caller| caller.has(Scope::ProfilesRead));
    changed.filter(|_| may_read).map(Profile::Hot)
}

/// The one record of a customer, known or anonymous.
#[Object]
impl Profile {
    /// The global id of the profile. It is opaque.
    pub async fn id(&self) -> ID {
        self.key().to_string().into()
    }

    /// When the profile was made.
    async fn created_at(&self) -> DateTime {
        match self {
            Self::Hot(hot) => hot.created_at,
            Self::Listed(row) => row.created_at,
        }
        .into()
    }

    /// Counts the changes of the profile; give it as `expectedVersion` to change only what you have seen.
    async fn version(&self) -> i64 {
        match self {
            Self::Hot(hot) => hot.version,
            Self::Listed(row) => row.version,
        }
    }

    /// Whether it is known who it is: there is an email address, a phone number, a customer id or a handle.
    async fn known(&self, ctx: &Context<'_>) -> Result<bool, ApiError> {
        Ok(is_known(&self.identified_by(ctx).await?))
    }

    /// The identifiers that point at the profile, the strongest namespace first, at most 1,000.
    async fn identifiers(&self, ctx: &Context<'_>) -> Result<WrittenList<Identifier>, ApiError> {
        let identifiers = self.identified_by(ctx).await?;
        Ok(WrittenList(Identifier::all(&identifiers)))
    }

    /// The traits that have a value, by name.
    async fn traits(
        &self,
        #[graphql(
            desc = "Only traits of these names, at most 500. Null means all.",
            validator(max_items = 500)
        )]
        names: Option<Vec<String>>,
    ) -> WrittenList<Trait<'_>> {
        WrittenList(Trait::all(self.projection(), names.as_deref()))
    }

    /// The trait of this name. Null means that it has no value.
    async fn r#trait(
        &self,
        #[graphql(desc = "The name of the trait.")] name: String,
    ) -> Option<Trait<'_>> {
        Trait::of(self.projection(), &name)
    }

    /// What the touchpoints and purchases add up to.
    async fn summary(&self, ctx: &Context<'_>) -> Written<Summary<'_>> {
        let currency = ctx.app().deployment().currency;
        let purchases = match self {
            Self::Hot(hot) => hot.summary,
            Self::Listed(row) => row.summary,
        };
        Written(Summary {
            projection: self.projection(),
            purchases,
            currency,
        })
    }

    /// Where the profile stands.
    #[graphql(flatten)]
    #[expect(clippy::unused_async, reason = "the library awaits what it flattens")]
    async fn lifecycle(&self) -> ProfileLifecycle {
        let (stage, level) = match self {
            Self::Hot(hot) => (hot.stage, hot.level),
            Self::Listed(row) => (row.stage, row.level),
        };
        ProfileLifecycle {
            profile: self.key(),
            stage,
            level,
        }
    }

    /// What the person decided about purposes.
    #[graphql(flatten)]
    #[expect(clippy::unused_async, reason = "the library awaits what it flattens")]
    async fn consent(&self) -> ProfileConsent {
        ProfileConsent(self.key())
    }

    /// What the person did, the newest first.
    #[graphql(guard = "needs(Scope::TouchpointsRead)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the arguments of the field"
    )]
    async fn touchpoints(
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
        #[graphql(desc = "Only touchpoints of this channel. Null means all.")] channel: Option<
            Channel,
        >,
        #[graphql(desc = "Only touchpoints of exactly this name. Null means all.")] name: Option<
            String,
        >,
    ) -> Result<Connection<Touchpoint>, ApiError> {
        let paging = Paging::read("touchpoint", first, after, last, before)?;
        let filter = Filter {
            channel: channel.map(Into::into),
            name,
        };
        let listed = touchpoints::list(
            ctx.app(),
            self.key(),
            &filter,
            &paging.page,
            wants_total(ctx),
        )
        .await?;
        Ok(paging.connection(listed, Touchpoint))
    }

    /// What the person bought, the newest first; those that were not placed yet come last.
    async fn purchases(
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
    ) -> Result<Connection<Purchase>, ApiError> {
        let paging = Paging::read("purchase", first, after, last, before)?;
        let listed = purchases::list(ctx.app(), self.key(), &paging.page, wants_total(ctx)).await?;
        Ok(paging.connection(listed, Purchase))
    }

    /// What was tied to the profile, merged, refused or parted, the newest first.
    #[graphql(guard = "needs(Scope::IdentityRead)")]
    async fn identity_log(
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
    ) -> Result<Connection<IdentityLink>, ApiError> {
        let paging = Paging::read("identity_link", first, after, last, before)?;
        let listed = identities::log(ctx.app(), self.key(), &paging.page, wants_total(ctx)).await?;
        Ok(paging.connection(listed, IdentityLink))
    }

    /// The segments of which it is a member, or was one. It needs the scope `segments:read`.
    #[graphql(guard = "needs(Scope::SegmentsRead)")]
    async fn segments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An instant of the past. Null means now.")] as_of: Option<DateTime>,
    ) -> Result<Vec<ProfileSegment>, ApiError> {
        match (self, past(ctx, as_of)?) {
            (Self::Hot(hot), None) => Ok(ProfileSegment::of_hot(hot, ctx.app().now())),
            (_, as_of) => ProfileSegment::of(ctx, self.key(), as_of).await,
        }
    }

    /// What the profile scores now, by the keys of the models. A score that time may have changed otherwise than by fading is left out
    /// until it is decided anew, for at most a second.
    #[graphql(guard = "needs(Scope::ScoresRead)")]
    async fn scores(&self, ctx: &Context<'_>) -> Result<Vec<Score>, ApiError> {
        let at = ctx.app().now();
        let held = match self {
            Self::Hot(hot) => hot.scores_at(at).cloned().collect(),
            Self::Listed(row) => {
                let found = ctx.loaders().load_one(ScoresOf(row.id)).await?;
                found.unwrap_or_default()
            }
        };
        Ok(held.into_iter().map(|held| Score { held, at }).collect())
    }

    /// The computed traits that have a value, by name, computed now of all that is known of the profile.
    #[graphql(guard = "needs(Scope::ScoresRead)")]
    async fn computed_traits(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<ComputedTraitValue>, ApiError> {
        let found = ctx.loaders().load_one(ComputedTraitsOf(self.key())).await?;
        Ok(ComputedTraitValue::all(found.unwrap_or_default()))
    }

    /// The ids of profiles that were merged into this one; they lead here.
    async fn former_ids(&self, ctx: &Context<'_>) -> Result<Vec<ID>, ApiError> {
        let found = match self {
            Self::Hot(hot) => Cow::Borrowed(&hot.former),
            Self::Listed(row) => {
                let found = ctx.loaders().load_one(FormerIdsOf(row.id)).await?;
                Cow::Owned(found.unwrap_or_default())
            }
        };
        Ok(found.iter().map(|id| id.to_string().into()).collect())
    }
}
