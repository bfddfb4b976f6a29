//! What became of an item that was sent or replayed.

use async_graphql::{Context, Enum, ID, Object};
use lazo_domain::access::Scope;

use super::check;
use crate::touchpoint::{Answer, Status};

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum TouchpointStatus {
    /// Stored, and counted in its profile.
    Accepted,
    /// It was there already.
    Duplicate,
    /// Kept where it can be seen, mended and replayed, but not used.
    Quarantined,
    /// Not kept.
    Rejected,
}

/// What became of one item.
pub struct TouchpointResult(pub Answer);

/// What became of one item that was sent.
#[Object]
impl TouchpointResult {
    /// The id it was sent under, or got. Null means that it has none that can be read.
    async fn message_id(&self) -> Option<&str> {
        self.0.message_id.as_deref()
    }

    /// What became of it.
    async fn status(&self) -> TouchpointStatus {
        self.0.status.into()
    }

    /// Why, for programs. Of an accepted item it names the first thing that was changed on the way; null means nothing was.
    async fn code(&self) -> Option<&str> {
        self.0.code
    }

    /// The code as a sentence for people. Null where there is no code.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The touchpoint that it became. Null means that it became none.
    async fn touchpoint_id(&self) -> Option<ID> {
        self.0.touchpoint.map(|id| id.to_string().into())
    }

    /// The profile that the touchpoint belongs to. Null means that there is no touchpoint, or that the caller lacks the scope
    /// `profiles:read`.
    async fn profile_id(&self, ctx: &Context<'_>) -> Option<ID> {
        check(ctx, Scope::ProfilesRead).ok()?;
        self.0.profile.map(|id| id.to_string().into())
    }

    /// The version of that profile which counts it: a read that gives it as `minVersion` sees the touchpoint. Null means that
    /// it is not known, or that the caller lacks the scope `profiles:read`.
    async fn profile_version(&self, ctx: &Context<'_>) -> Option<i64> {
        check(ctx, Scope::ProfilesRead).ok()?;
        self.0.version
    }
}
