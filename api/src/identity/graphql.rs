//! Identifiers and the identity log in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use lazo_domain::access::Scope;
use lazo_domain::identity::{LinkKind, Trust as TrustValue};
use lazo_entity::identity_link;

use super::IdentifierRow;
use crate::error::ApiError;
use crate::graphql::{AtHand, ContextExt, DateTime, SourceById, allowed};
use crate::source::graphql::Source;

/// How far a link can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "TrustValue")]
pub enum Trust {
    /// Claimed by a public source, whose key anybody holds.
    Claimed,
    /// Vouched for by a trusted source, a visitor token, or a person at the company.
    Verified,
}

impl Trust {
    /// The trust of this stored name.
    pub fn stored(name: &str) -> Self {
        TrustValue::from_name(name)
            .unwrap_or(TrustValue::Claimed)
            .into()
    }
}

/// What an entry of the identity log records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "LinkKind")]
pub enum IdentityLinkKind {
    /// An identifier was tied to the profile for the first time.
    Linked,
    /// Two profiles became one.
    Merged,
    /// A link that was only claimed became verified.
    Verified,
    /// A rule refused a link, and the identifier was left out for that touchpoint.
    Refused,
    /// An identifier was left out, since the profile has as many of its namespace as the limit allows.
    Limited,
    /// A device turned out to be shared, and its identifier now points at a profile of its own.
    Shared,
    /// A claimed link gave way to a verified one that contradicts it.
    Released,
    /// A person parted two profiles, and nothing joins them again.
    Unmerged,
}

/// An identifier as the schema shows it: one of a profile's.
pub struct Identifier {
    all: Arc<[IdentifierRow]>,
    place: usize,
}

impl AtHand for Identifier {}

impl Identifier {
    /// All of a profile's, in their order.
    pub fn all(all: &Arc<[IdentifierRow]>) -> Vec<Self> {
        let one = |place| Self {
            all: Arc::clone(all),
            place,
        };
        (0..all.len()).map(one).collect()
    }

    fn row(&self) -> &IdentifierRow {
        &self.all[self.place]
    }
}

/// A value of a namespace, such as an email address, that points at a profile.
#[Object]
impl Identifier {
    /// The kind of identifier, such as `email`, `phone`, `customer_id` or `anonymous_id`.
    async fn namespace(&self) -> &str {
        self.row().namespace.as_str()
    }

    /// The value, in the form under which it is stored and compared.
    async fn value(&self) -> &str {
        &self.row().value
    }

    /// How far it can be relied on that the identifier is this person's.
    async fn trust(&self) -> Trust {
        self.row().trust.into()
    }

    /// Whether several customers use it, as on a shared device.
    async fn shared(&self) -> bool {
        self.row().shared
    }

    /// The time of the earliest touchpoint that named it.
    async fn first_seen(&self) -> DateTime {
        self.row().first_seen.into()
    }

    /// The time of the latest touchpoint that named it, to the hour: the beginning of its hour in UTC, or `firstSeen` if that is
    /// later.
    async fn last_seen(&self) -> DateTime {
        let row = self.row();
        row.last_seen.max(row.first_seen).into()
    }

    /// The source that brought it first. It needs the scope `sources:read`, and is null without it.
    async fn source(&self, ctx: &Context<'_>) -> Option<Result<Source, ApiError>> {
        let source = SourceById(self.row().source);
        allowed(ctx, Scope::SourcesRead, async {
            Ok(ctx.loaders().load_one(source).await?.map(Source))
        })
        .await
    }
}

/// An entry of the identity log as the schema shows it.
pub struct IdentityLink(pub identity_link::Model);

/// What was tied, merged, refused or parted, and what caused it.
#[Object]
impl IdentityLink {
    /// The global id of the entry. It is opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What happened.
    fn kind(&self) -> Result<IdentityLinkKind, ApiError> {
        LinkKind::from_name(&self.0.kind)
            .map(Into::into)
            .ok_or_else(ApiError::internal)
    }

    /// When it happened.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// The id, at that time, of the profile it happened to; of a merge, the profile that went on.
    async fn profile_id(&self) -> ID {
        self.0.profile_id.to_string().into()
    }

    /// The id, at that time, of the other profile; of a merge, the one that was absorbed. Null where only one was concerned.
    async fn other_profile_id(&self) -> Option<ID> {
        self.0.other_profile_id.map(|id| id.to_string().into())
    }

    /// The namespace of the identifier it was about. Null where it was about none, as when a person merged two profiles.
    async fn namespace(&self) -> Option<&str> {
        self.0.namespace.as_deref()
    }

    /// The value of the identifier it was about. Null where it was about none.
    async fn value(&self) -> Option<&str> {
        self.0.value.as_deref()
    }

    /// How far the link can be relied on.
    async fn trust(&self) -> Trust {
        Trust::stored(&self.0.trust)
    }

    /// The id of the touchpoint that caused it. Null if a person did it.
    async fn touchpoint_id(&self) -> Option<ID> {
        self.0.touchpoint_id.map(|id| id.to_string().into())
    }

    /// Who caused it: a source, a token or the command line.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// The words of the person who did it, or the rule that refused. Null if there is neither.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// When it was undone. Null means that it holds.
    async fn undone_at(&self) -> Option<DateTime> {
        self.0.undone_at.map(Into::into)
    }
}
