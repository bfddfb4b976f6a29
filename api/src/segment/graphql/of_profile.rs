//! The segments of a profile.

use async_graphql::{Context, Object};
use lazo_domain::clock::Timestamp;
use lazo_domain::id::{ProfileId, SegmentId};

use super::Segment;
use crate::error::ApiError;
use crate::graphql::{ContextExt, DateTime, MembershipsOf, SegmentById};
use crate::profile::hot::Present;

/// That a profile is, or was, a member of a segment.
pub struct ProfileSegment {
    segment: SegmentId,
    since: Timestamp,
    valid_until: Option<Timestamp>,
}

impl ProfileSegment {
    /// The segments of a profile that is at hand, now.
    pub fn of_hot(hot: &Present, now: Timestamp) -> Vec<Self> {
        let memberships = hot.segments_at(now).map(|one| Self {
            segment: one.segment,
            since: one.since,
            valid_until: one.valid_until,
        });
        memberships.collect()
    }

    /// The segments of a profile, now or at an instant.
    pub async fn of(
        ctx: &Context<'_>,
        profile: ProfileId,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<Self>, ApiError> {
        let key = MembershipsOf { profile, as_of };
        let found = ctx.loaders().load_one(key).await?.unwrap_or_default();
        let shown = found.iter().map(|one| Self {
            segment: one.segment,
            since: one.since,
            valid_until: one.valid_until,
        });
        Ok(shown.collect())
    }
}

/// That a profile is, or was, a member of a segment.
#[Object]
impl ProfileSegment {
    /// The segment.
    async fn segment(&self, ctx: &Context<'_>) -> Result<Segment, ApiError> {
        let found = ctx.loaders().load_one(SegmentById(self.segment)).await?;
        found.map(Segment).ok_or_else(ApiError::internal)
    }

    /// Since when.
    async fn since(&self) -> DateTime {
        self.since.into()
    }

    /// The first instant at which time alone may end it. Null means that time alone never does, or that the past was asked for.
    async fn valid_until(&self) -> Option<DateTime> {
        self.valid_until.map(Into::into)
    }
}
