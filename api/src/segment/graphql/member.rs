//! The members of a segment as a connection.

use async_graphql::{Context, Object};
use lazo_domain::clock::Timestamp;
use lazo_domain::id::SegmentId;

use crate::audit::Read;
use crate::error::ApiError;
use crate::graphql::{ContextExt, DateTime, PageInfo, Paging, note_read, wants_total};
use crate::profile::graphql::Profile;
use crate::segment::read::{self, Member};

/// A part of the members of a segment.
pub struct SegmentMemberConnection {
    edges: Vec<SegmentMemberEdge>,
    page_info: PageInfo,
    total: Option<u64>,
}

impl SegmentMemberConnection {
    /// Reads a part of the members, now or at an instant.
    pub(super) async fn read(
        ctx: &Context<'_>,
        segment: SegmentId,
        paging: Paging,
        as_of: Option<Timestamp>,
    ) -> Result<Self, ApiError> {
        let (app, page) = (ctx.app(), &paging.page);
        let listed = read::page(app, segment, as_of, page, wants_total(ctx)).await?;
        let of = Some(segment.to_string());
        note_read(ctx, Read::SegmentMembers, of, listed.rows.len());
        let total = listed.total;
        let (edges, page_info) = paging.parts(listed);
        let edge = |(cursor, member)| SegmentMemberEdge { cursor, member };
        Ok(Self {
            edges: edges.into_iter().map(edge).collect(),
            page_info,
            total,
        })
    }
}

/// A part of the members of a segment, in the order of their ids.
#[Object]
impl SegmentMemberConnection {
    /// The members with their places and times.
    async fn edges(&self) -> &[SegmentMemberEdge] {
        &self.edges
    }

    /// The members alone. One of them is null if the caller may not see it.
    async fn nodes(&self, ctx: &Context<'_>) -> Result<Vec<Option<Profile>>, ApiError> {
        let profiles = self
            .edges
            .iter()
            .map(|edge| Profile::by_id(ctx, edge.member.profile));
        futures::future::try_join_all(profiles).await
    }

    /// Where this part lies in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// How many members there are, those included that the caller may not see. It is counted only when it is asked for.
    fn total_count(&self) -> Result<u64, ApiError> {
        self.total.ok_or_else(ApiError::internal)
    }
}

/// A member as the schema shows it.
pub struct SegmentMemberEdge {
    cursor: String,
    member: Member,
}

/// A member of a segment with its place in the list.
#[Object]
impl SegmentMemberEdge {
    /// The place of the member, to be given as `after`. It is opaque.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The profile; of one that was merged since, the profile that goes on. Null means that the caller may not see it.
    async fn node(&self, ctx: &Context<'_>) -> Option<Result<Profile, ApiError>> {
        Profile::by_id(ctx, self.member.profile).await.transpose()
    }

    /// Since when it is a member.
    async fn since(&self) -> DateTime {
        self.member.since.into()
    }

    /// The first instant at which time alone may end it. Null means that time alone never does, or that the members of the past are
    /// asked for.
    async fn valid_until(&self) -> Option<DateTime> {
        self.member.valid_until.map(Into::into)
    }
}
