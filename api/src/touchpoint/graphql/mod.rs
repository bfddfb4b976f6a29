//! Touchpoints in the schema.

mod record;

pub use record::{
    TouchpointInput, TouchpointMutation, TouchpointType, TouchpointsRecordInput,
    TouchpointsRecordPayload, item_of,
};

use async_graphql::{Context, ID, Object};
use lazo_domain::access::Scope;
use lazo_domain::id::ProfileId;
use lazo_entity::touchpoint;

use crate::error::ApiError;
use crate::graphql::{Channel, ContextExt, DateTime, Int64, JsonRef, SourceById, allowed};
use crate::profile::graphql::Profile;
use crate::source::graphql::Source;

/// A touchpoint as the schema shows it.
pub struct Touchpoint(pub touchpoint::Model);

/// One interaction of a person, stored once and never changed.
#[Object]
impl Touchpoint {
    /// The global id of the touchpoint. It is opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Its place in the order in which touchpoints were stored, without gaps.
    async fn seq(&self) -> Int64 {
        Int64(self.0.seq)
    }

    /// The source that sent it. It needs the scope `sources:read`, and is null without it.
    async fn source(&self, ctx: &Context<'_>) -> Option<Result<Source, ApiError>> {
        let source = SourceById(self.0.source_id);
        allowed(ctx, Scope::SourcesRead, async {
            Ok(ctx.loaders().load_one(source).await?.map(Source))
        })
        .await
    }

    /// The id under which the source sent it, or the one it was given.
    async fn message_id(&self) -> &str {
        &self.0.message_id
    }

    /// The call it came as: `IDENTIFY`, `TRACK`, `PAGE`, `SCREEN`, `GROUP` or `ALIAS`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Where it happened.
    async fn channel(&self) -> Channel {
        Channel::stored(&self.0.channel)
    }

    /// What happened, such as `Order Completed`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it happened, by our clock as far as that can be known.
    async fn occurred_at(&self) -> DateTime {
        self.0.occurred_at.into()
    }

    /// When it was received.
    async fn received_at(&self) -> DateTime {
        self.0.received_at.into()
    }

    /// When it happened by the sender's clock. Null if the sender did not say.
    async fn original_at(&self) -> Option<DateTime> {
        self.0.original_at.map(Into::into)
    }

    /// When it was sent by the sender's clock. Null if the sender did not say.
    async fn sent_at(&self) -> Option<DateTime> {
        self.0.sent_at.map(Into::into)
    }

    /// What the sender says about what happened.
    async fn properties(&self) -> JsonRef<'_> {
        JsonRef(&self.0.properties)
    }

    /// What the sender says about the circumstances, such as the page or the device.
    async fn context(&self) -> JsonRef<'_> {
        JsonRef(&self.0.context)
    }

    /// The traits that it set; a trait that is null in it was removed.
    async fn traits(&self) -> JsonRef<'_> {
        JsonRef(&self.0.traits)
    }

    /// What else the sender sent.
    async fn extra(&self) -> JsonRef<'_> {
        JsonRef(&self.0.extra)
    }

    /// The profile it belongs to now. It needs the scope `profiles:read`. Null means that the caller may not see the profile.
    async fn profile(&self, ctx: &Context<'_>) -> Option<Result<Profile, ApiError>> {
        // The id of a fragment leads to the profile that it belongs to, as a former id of that profile does.
        let profile = ProfileId(self.0.fragment_id.0);
        allowed(ctx, Scope::ProfilesRead, Profile::by_id(ctx, profile)).await
    }
}
