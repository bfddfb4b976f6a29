//! How segments are asked for.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use lazo_domain::access::Scope;
use lazo_domain::id::{ProfileId, SegmentId};

use super::{Segment, SegmentExplanation, SegmentTemplate};
use crate::condition::graphql::Language;
use crate::error::ApiError;
use crate::graphql::{
    Connection, ContextExt, Paging, ProfileById, SegmentById, allowed, check, needs, wants_total,
};
use crate::segment::{read, service};
use crate::standing;

/// What can be read of segments.
#[derive(Default)]
pub struct SegmentQuery;

#[Object]
impl SegmentQuery {
    /// All segments, the newest first. It needs the scope `segments:read`.
    #[graphql(guard = "needs(Scope::SegmentsRead)")]
    async fn segments(
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
        #[graphql(desc = "Whether archived segments are among them.", default)]
        include_archived: bool,
    ) -> Result<Connection<Segment>, ApiError> {
        let paging = Paging::read("segment", first, after, last, before)?;
        let (app, page) = (ctx.app(), &paging.page);
        let listed = service::list(app, include_archived, page, wants_total(ctx)).await?;
        Ok(paging.connection(listed, |row| Segment(Arc::new(row))))
    }

    /// The segment with this id, archived or not. It needs the scope `segments:read`. Null means that there is none.
    async fn segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the segment.")] id: ID,
    ) -> Option<Result<Segment, ApiError>> {
        allowed(ctx, Scope::SegmentsRead, async {
            let Ok(id) = id.parse() else { return Ok(None) };
            let found = ctx.loaders().load_one(SegmentById(id)).await?;
            Ok(found.map(Segment))
        })
        .await
    }

    /// The segment with this key, archived or not. It needs the scope `segments:read`. Null means that there is none.
    async fn segment_by_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the segment.")] key: String,
    ) -> Option<Result<Segment, ApiError>> {
        allowed(ctx, Scope::SegmentsRead, async {
            let found = service::find_by_key(ctx.app(), &key).await?;
            Ok(found.map(|row| Segment(Arc::new(row))))
        })
        .await
    }

    /// Why a profile is a member of a segment now, or is none. It needs the scopes `segments:read` and `profiles:read`. Null means that
    /// there is no such profile or segment, that the segment is archived, or that the caller may not see it.
    async fn segment_explain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the profile; a former id will do.")] profile_id: ID,
        #[graphql(desc = "The global id of the segment.")] segment_id: ID,
    ) -> Option<Result<SegmentExplanation, ApiError>> {
        allowed(ctx, Scope::SegmentsRead, async {
            check(ctx, Scope::ProfilesRead)?;
            let (Ok(profile), Ok(segment)) = (profile_id.parse(), segment_id.parse()) else {
                return Ok(None);
            };
            explain(ctx, profile, segment).await
        })
        .await
    }

    /// Segments that nearly every shop asks for, ready to be made. It needs the scope `segments:read`.
    #[graphql(guard = "needs(Scope::SegmentsRead)")]
    #[expect(clippy::unused_self, reason = "a field of the schema is a method")]
    fn segment_templates(
        &self,
        #[graphql(
            desc = "The language of names and descriptions.",
            default_with = "Language::English"
        )]
        language: Language,
    ) -> Result<Vec<SegmentTemplate>, ApiError> {
        SegmentTemplate::all(language.into())
    }
}

async fn explain(
    ctx: &Context<'_>,
    profile: ProfileId,
    segment: SegmentId,
) -> Result<Option<SegmentExplanation>, ApiError> {
    let loaders = ctx.loaders();
    let Some(profile) = loaders.load_one(ProfileById(profile)).await? else {
        return Ok(None);
    };
    let Some(row) = loaders.load_one(SegmentById(segment)).await? else {
        return Ok(None);
    };
    let Some(explained) = standing::explain(ctx.app(), profile.id, segment).await? else {
        return Ok(None);
    };
    let last = read::last_transition(ctx.app(), profile.id, segment).await?;
    Ok(Some(SegmentExplanation {
        segment: row,
        explained,
        last,
    }))
}
