//! Entries into segments and exits from them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use lazo_domain::condition::Because;
use lazo_domain::id::SegmentTransitionId;
use lazo_entity::segment::Model;
use lazo_entity::segment_transition;
use uuid::Uuid;

use super::Segment;
use crate::condition::graphql::Explanation;
use crate::error::ApiError;
use crate::graphql::{DateTime, Int64};
use crate::profile::graphql::Profile;
use crate::segment::service;
use crate::standing::Cause;

/// What brought a transition about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Cause")]
pub enum TransitionCause {
    /// Something that happened.
    Touchpoint,
    /// Time passed.
    Time,
    /// What is defined was changed.
    Definition,
    /// Profiles were merged.
    Merge,
    /// Profiles were parted.
    Unmerge,
    /// A person decided it.
    Person,
    /// The person themself decided about a purpose.
    Consent,
}

/// A transition as the schema shows it.
pub struct SegmentTransition {
    row: segment_transition::Model,
    segment: Arc<Model>,
}

impl SegmentTransition {
    /// A transition of this segment.
    pub fn of(row: segment_transition::Model, segment: Arc<Model>) -> Self {
        Self { row, segment }
    }

    /// Shows a part of it to whoever may see the profile.
    async fn shown<T>(
        &self,
        ctx: &Context<'_>,
        part: impl FnOnce() -> Result<Option<T>, ApiError>,
    ) -> Option<Result<T, ApiError>> {
        match Profile::by_id(ctx, self.row.profile_id).await {
            Ok(Some(_)) => part().transpose(),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }

    fn explained(&self) -> Result<Option<Explanation<'static>>, ApiError> {
        let is_present = self.row.segment_version == self.segment.version;
        let (Some(json), true) = (&self.row.because, is_present) else {
            return Ok(None);
        };
        let because: Because = serde_json::from_str(json).map_err(|_| ApiError::internal())?;
        let condition = service::condition(&self.segment)?;
        Ok(condition.map(|condition| Explanation::new(condition, because)))
    }
}

/// That a profile became a member of a segment, or ceased to be one. It is never changed.
#[Object]
impl SegmentTransition {
    /// The global id of the transition. It is opaque.
    async fn id(&self) -> ID {
        let place = u128::try_from(self.row.seq).unwrap_or_default();
        SegmentTransitionId(Uuid::from_u128(place))
            .to_string()
            .into()
    }

    /// Its place among all transitions, in the order in which they were stored, without gaps.
    async fn seq(&self) -> Int64 {
        Int64(self.row.seq)
    }

    /// The segment.
    async fn segment(&self) -> Segment {
        Segment(Arc::clone(&self.segment))
    }

    /// The id, at that time, of the profile. Null means that the caller may not see the profile.
    async fn profile_id(&self, ctx: &Context<'_>) -> Option<Result<ID, ApiError>> {
        let id = || Ok(Some(self.row.profile_id.to_string().into()));
        self.shown(ctx, id).await
    }

    /// The profile; of one that was merged since, the profile that goes on. Null means that the caller may not see it.
    async fn profile(&self, ctx: &Context<'_>) -> Option<Result<Profile, ApiError>> {
        Profile::by_id(ctx, self.row.profile_id).await.transpose()
    }

    /// Whether it became a member. If not, it was one until then.
    async fn entered(&self) -> bool {
        self.row.entered
    }

    /// Since when that is so.
    async fn at(&self) -> DateTime {
        self.row.at.into()
    }

    /// When it was stored.
    async fn recorded_at(&self) -> DateTime {
        self.row.recorded_at.into()
    }

    /// The version of the segment that decided it.
    async fn segment_version(&self) -> i64 {
        self.row.segment_version
    }

    /// What brought it about.
    fn cause(&self) -> Result<TransitionCause, ApiError> {
        let cause: Cause = self.row.cause.parse().map_err(|_| ApiError::internal())?;
        Ok(cause.into())
    }

    /// The id of the touchpoint that brought it about. Null if none did, or if the caller may not see the profile.
    async fn touchpoint_id(&self, ctx: &Context<'_>) -> Option<Result<ID, ApiError>> {
        let id = || Ok(self.row.touchpoint_id.map(|id| id.to_string().into()));
        self.shown(ctx, id).await
    }

    /// What each part of the condition found then. Null where a person decided it, where the segment was changed since, and where the
    /// caller may not see the profile.
    async fn explanation(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Explanation<'static>, ApiError>> {
        self.shown(ctx, || self.explained()).await
    }
}
