//! Segments in the schema.

mod explain;
mod input;
mod member;
mod mutation;
mod of_profile;
mod preview;
mod query;
mod subscription;
mod template;
#[cfg(test)]
mod tests;
mod transition;

pub use explain::SegmentExplanation;
pub use input::{SegmentArchiveInput, SegmentCreateInput, SegmentMembersInput, SegmentUpdateInput};
pub use member::{SegmentMemberConnection, SegmentMemberEdge};
pub use mutation::{
    SegmentArchivePayload, SegmentCreatePayload, SegmentMembersPayload, SegmentMutation,
    SegmentUpdatePayload,
};
pub use of_profile::ProfileSegment;
pub use preview::{SegmentOverlap, SegmentPreview, SegmentPreviewLeaf, SegmentPreviewQuery};
pub use query::SegmentQuery;
pub use subscription::{SegmentSubscription, SegmentTransitionEvent};
pub use template::SegmentTemplate;
pub use transition::{SegmentTransition, TransitionCause};

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_domain::clock::Timestamp;
use lazo_entity::segment::Model;

use super::{read, service};
use crate::audit::Read;
use crate::condition::graphql::Condition;
use crate::error::{ApiError, Code};
use crate::graphql::{
    Connection, ContextExt, DateTime, MemberCountOf, Paging, SweepProgress, needs, note_read,
    wants_total,
};

/// A segment as the schema shows it.
pub struct Segment(pub Arc<Model>);

/// How far it is decided who is a member. Of profiles for whom the change of the condition can make no difference nothing is to be
/// decided.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct SegmentProgress {
    /// How many profiles are decided.
    done: i64,
    /// How many are to be decided, with those of other changes that came meanwhile. Null means that they are being counted.
    total: Option<i64>,
    /// Whether all are. Until then some may be missing or too many among the members; a profile that changes is decided at once.
    completed: bool,
}

/// Who came and went between two instants.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct SegmentFlow {
    /// How many were members at the first instant.
    before: u64,
    /// How many were members at the second instant and none at the first.
    entered: u64,
    /// How many were members at the first instant and none at the second.
    left: u64,
    /// How many were members at the second instant.
    after: u64,
}

/// A named condition, and the profiles for whom it holds; or a list that people alone put profiles into.
#[Object]
impl Segment {
    /// The global id of the segment. It is opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The key by which conditions and storefronts name it. It never changes.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Its name for people.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is for. Null means that nobody said.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// Who is a member. Null means a list that people alone put members into.
    async fn condition(&self) -> Option<Result<Condition<'static>, ApiError>> {
        let read = service::condition(&self.0).map_err(ApiError::from);
        Some(read.transpose()?.map(Into::into))
    }

    /// Counts its changes; give it as `expectedVersion` to change only what you have seen.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was changed last.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// Since when it has no members any more. Null means that it is in use.
    async fn archived_at(&self) -> Option<DateTime> {
        self.0.archived_at.map(Into::into)
    }

    /// How far all profiles are decided by its present condition.
    async fn progress(&self, ctx: &Context<'_>) -> Result<SegmentProgress, ApiError> {
        let found = ctx.loaders().load_one(SweepProgress).await?;
        let (done, total, by) =
            found.map_or((0, Some(0), 0), |at| (at.done, at.total, at.completed));
        let completed = by >= self.0.defined;
        let done = total.filter(|_| completed).unwrap_or(done);
        Ok(SegmentProgress {
            done,
            total,
            completed,
        })
    }

    /// How many members it has, or had, those included that the caller may not see.
    async fn member_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An instant of the past. Null means now.")] as_of: Option<DateTime>,
    ) -> Result<u64, ApiError> {
        let id = self.0.id;
        let Some(instant) = past(ctx, as_of)? else {
            let found = ctx.loaders().load_one(MemberCountOf(id)).await?;
            return Ok(found.unwrap_or_default());
        };
        Ok(read::count_as_of(ctx.app(), id, instant).await?)
    }

    /// Its members, or who they were, in the order of their ids. It needs the scope `profiles:read`.
    #[graphql(guard = "needs(Scope::ProfilesRead)")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The most items; at most 250. Null means 20.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor. Null means from the start.")] after: Option<
            String,
        >,
        #[graphql(desc = "An instant of the past. Null means now.")] as_of: Option<DateTime>,
    ) -> Result<SegmentMemberConnection, ApiError> {
        let paging = Paging::read("segment.member", first, after, None, None)?;
        SegmentMemberConnection::read(ctx, self.0.id, paging, past(ctx, as_of)?).await
    }

    /// Who became a member and who ceased to be one, in the order in which it was stored. It needs the scope `profiles:read`.
    #[graphql(guard = "needs(Scope::ProfilesRead)")]
    async fn transitions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The most items; at most 250. Null means 20.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor. Null means from the start.")] after: Option<
            String,
        >,
    ) -> Result<Connection<SegmentTransition>, ApiError> {
        let paging = Paging::read(subscription::TRANSITIONS, first, after, None, None)?;
        let (app, page) = (ctx.app(), &paging.page);
        let listed = read::transitions(app, self.0.id, page, wants_total(ctx)).await?;
        let of = Some(self.0.id.to_string());
        note_read(ctx, Read::SegmentTransitions, of, listed.rows.len());
        let wrap = |row| SegmentTransition::of(row, Arc::clone(&self.0));
        Ok(paging.connection(listed, wrap))
    }

    /// Who came and went between two instants of the past, those included that the caller may not see.
    async fn flow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first instant.")] from: DateTime,
        #[graphql(desc = "The second instant. Null means now.")] to: Option<DateTime>,
    ) -> Result<SegmentFlow, ApiError> {
        let now = ctx.app().now();
        let from = past(ctx, Some(from))?.unwrap_or(now);
        let to = past(ctx, to)?.unwrap_or(now);
        if to < from {
            let message = "`to` comes before `from`.";
            return Err(ApiError::new(Code::BadUserInput, message));
        }
        let flow = read::flow(ctx.app(), self.0.id, from, to).await?;
        Ok(SegmentFlow {
            before: flow.before,
            entered: flow.entered,
            left: flow.left,
            after: flow.after,
        })
    }
}

/// An instant that was asked about, which must not be to come.
pub(crate) fn past(
    ctx: &Context<'_>,
    asked: Option<DateTime>,
) -> Result<Option<Timestamp>, ApiError> {
    let now = ctx.app().now();
    if asked.is_some_and(|asked| asked.0 > now) {
        let message = "That instant is still to come: nobody knows yet what will be so then.";
        return Err(ApiError::new(Code::BadUserInput, message));
    }
    Ok(asked.map(|asked| asked.0))
}
