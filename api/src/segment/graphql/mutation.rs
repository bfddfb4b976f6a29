//! How segments are changed.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_entity::segment::Model;

use super::{
    Segment, SegmentArchiveInput, SegmentCreateInput, SegmentMembersInput, SegmentUpdateInput,
};
use crate::auth::caller::Caller;
use crate::condition::graphql::ConditionWarning;
use crate::error::{ApiError, Error};
use crate::graphql::{ContextExt, UserError, check, once, read_id, settled};
use crate::segment::service::{self, Pin};

/// A segment that was created.
#[derive(SimpleObject)]
pub struct SegmentCreatePayload {
    /// The segment. Null means that none was created.
    segment: Option<Segment>,
    /// What may be a mistake in its condition.
    warnings: Vec<ConditionWarning>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// A segment that was changed.
#[derive(SimpleObject)]
pub struct SegmentUpdatePayload {
    /// The segment as it is now. Null means that nothing was changed.
    segment: Option<Segment>,
    /// What may be a mistake in its condition.
    warnings: Vec<ConditionWarning>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// A segment that was archived.
#[derive(SimpleObject)]
pub struct SegmentArchivePayload {
    /// The segment as it is now. Null means that nothing was changed.
    segment: Option<Segment>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// A segment of whose members a person decided.
#[derive(SimpleObject)]
pub struct SegmentMembersPayload {
    /// The segment. Null means that nothing was changed.
    segment: Option<Segment>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// What can be changed of segments.
#[derive(Default)]
pub struct SegmentMutation;

#[Object]
impl SegmentMutation {
    /// Creates a segment. It needs the scope `segments:write`, and no other whatever its condition asks about: who may write segments may
    /// learn by them how many profiles pass any condition. Profiles that change are decided at once, all others in the background:
    /// `progress` of the segment tells how far that is.
    async fn segment_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The segment to be created.")] input: SegmentCreateInput,
    ) -> Option<Result<SegmentCreatePayload, ApiError>> {
        Some(create(ctx, &input).await)
    }

    /// Changes a segment. It needs the scope `segments:write`. With a new condition all profiles are decided anew in the background.
    async fn segment_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: SegmentUpdateInput,
    ) -> Option<Result<SegmentUpdatePayload, ApiError>> {
        Some(update(ctx, &input).await)
    }

    /// Archives a segment for good: it has no members from now on, and its past stays. It needs the scope `segments:write`.
    async fn segment_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which segment to archive.")] input: SegmentArchiveInput,
    ) -> Option<Result<SegmentArchivePayload, ApiError>> {
        Some(archive(ctx, &input).await)
    }

    /// Makes profiles members of a segment, whatever its condition says. It needs the scope `segments:write`.
    async fn segment_members_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which profiles.")] input: SegmentMembersInput,
    ) -> Option<Result<SegmentMembersPayload, ApiError>> {
        Some(pin(ctx, &input, Pin::Included).await)
    }

    /// Takes profiles out of a segment, and nothing makes them members again until a person decides otherwise. It needs the scope
    /// `segments:write`.
    async fn segment_members_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which profiles.")] input: SegmentMembersInput,
    ) -> Option<Result<SegmentMembersPayload, ApiError>> {
        Some(pin(ctx, &input, Pin::Excluded).await)
    }

    /// Leaves it to the condition again whether profiles are members of a segment. It needs the scope `segments:write`.
    async fn segment_members_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which profiles.")] input: SegmentMembersInput,
    ) -> Option<Result<SegmentMembersPayload, ApiError>> {
        Some(pin(ctx, &input, Pin::Released).await)
    }
}

async fn create(
    ctx: &Context<'_>,
    input: &SegmentCreateInput,
) -> Result<SegmentCreatePayload, ApiError> {
    let caller = check(ctx, Scope::SegmentsWrite)?;
    let (done, user_errors) = settled(created(ctx, caller, input).await)?;
    let (segment, warnings) = done.unzip();
    Ok(SegmentCreatePayload {
        segment: segment.map(shown),
        warnings: warnings.unwrap_or_default(),
        user_errors,
    })
}

async fn created(
    ctx: &Context<'_>,
    caller: &Caller,
    input: &SegmentCreateInput,
) -> Result<(Model, Vec<ConditionWarning>), Error> {
    let once = once(caller, input.idempotency_key.as_deref(), input)?;
    let (create, warnings) = input.create(ctx.app()).await?;
    let segment = service::create(ctx.app(), caller, &create, once.as_ref()).await?;
    Ok((segment, warnings))
}

async fn update(
    ctx: &Context<'_>,
    input: &SegmentUpdateInput,
) -> Result<SegmentUpdatePayload, ApiError> {
    let caller = check(ctx, Scope::SegmentsWrite)?;
    let (done, user_errors) = settled(updated(ctx, caller, input).await)?;
    let (segment, warnings) = done.unzip();
    Ok(SegmentUpdatePayload {
        segment: segment.map(shown),
        warnings: warnings.unwrap_or_default(),
        user_errors,
    })
}

async fn updated(
    ctx: &Context<'_>,
    caller: &Caller,
    input: &SegmentUpdateInput,
) -> Result<(Model, Vec<ConditionWarning>), Error> {
    let (update, warnings) = input.update(ctx.app()).await?;
    let segment = service::update(ctx.app(), caller, &update).await?;
    Ok((segment, warnings))
}

async fn archive(
    ctx: &Context<'_>,
    input: &SegmentArchiveInput,
) -> Result<SegmentArchivePayload, ApiError> {
    let caller = check(ctx, Scope::SegmentsWrite)?;
    let outcome = match read_id(&input.id, "segment") {
        Ok(id) => service::archive(ctx.app(), caller, id).await,
        Err(error) => Err(error),
    };
    let (segment, user_errors) = settled(outcome)?;
    Ok(SegmentArchivePayload {
        segment: segment.map(shown),
        user_errors,
    })
}

async fn pin(
    ctx: &Context<'_>,
    input: &SegmentMembersInput,
    pin: Pin,
) -> Result<SegmentMembersPayload, ApiError> {
    let caller = check(ctx, Scope::SegmentsWrite)?;
    let (segment, user_errors) = settled(pinned(ctx, caller, input, pin).await)?;
    Ok(SegmentMembersPayload {
        segment: segment.map(shown),
        user_errors,
    })
}

async fn pinned(
    ctx: &Context<'_>,
    caller: &Caller,
    input: &SegmentMembersInput,
    pin: Pin,
) -> Result<Model, Error> {
    let id = read_id(&input.id, "segment")?;
    let profiles = input.profiles(ctx).await?;
    service::pin(ctx.app(), caller, id, &profiles, pin).await
}

fn shown(segment: Model) -> Segment {
    Segment(Arc::new(segment))
}
